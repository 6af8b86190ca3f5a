"""The door before a session, one statement at a time: a login as it is spoken, and as it is abused."""

import secrets
from typing import TYPE_CHECKING, Any

from support.statements import rows
from support.world import PASSWORD, derived

from epicshell.session.keys import Challenge

if TYPE_CHECKING:
    from psycopg2.extensions import connection

FINISH = "SELECT * FROM api.login_finish(%s::bytea[], 'tests')"
WRONG = [b"\0" * 32]
NOBODY = (None,) * 8  #: the answer to a login that failed


def start(auth: "connection", username: str) -> Challenge | int:
    """Open a try: the challenge, or for how many seconds none is accepted."""
    nonce = secrets.token_bytes(32)
    ((server_nonce, salt, kdf, wait),) = rows(auth, "SELECT * FROM api.login_start(%s, %s)", username, nonce)
    return wait if server_nonce is None else Challenge(username, nonce, bytes(server_nonce), bytes(salt), kdf)


def proofs(challenge: Challenge, password: str = PASSWORD) -> list[bytes]:
    """The proof of a password, at the cheapest parameters."""
    return [derived(password, challenge.salt).proof(challenge.auth)]


def challenge(auth: "connection", username: str) -> Challenge:
    """Open a try that is accepted."""
    opened = start(auth, username)
    assert isinstance(opened, Challenge), f"wait {opened} s"
    return opened


def finish(auth: "connection", proofs: list[bytes]) -> tuple[Any, ...]:
    """The answer to a login."""
    return rows(auth, FINISH, proofs)[0]


def login(auth: "connection", username: str, password: str = PASSWORD) -> tuple[Any, ...]:
    """A whole login."""
    return finish(auth, proofs(challenge(auth, username), password))
