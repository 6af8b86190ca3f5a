"""The door before a session: logging in, enrolling, changing the password."""

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from epicshell import migrations
from epicshell.database import AUTH_ROLE, Target
from epicshell.errors import NotLoggedIn, Unavailable
from epicshell.session.attachment import Session, call, schema_version
from epicshell.session.keys import Challenge, Keys, code_hash
from epicshell.telemetry import Secret

if TYPE_CHECKING:
    from psycopg2.extensions import connection


class Gate:
    """The door before a session: logs in, enrols and changes passwords on a connection of the auth role."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def login(self, username: str, password: Secret, origin: str) -> Session:
        """Prove the password (RFC 5802, with Argon2id). Raises NotLoggedIn: the same for every reason."""
        with self._open() as auth:
            challenge = _start(auth, username)
            derived = [Keys.derive(password, challenge.salt, *offer) for offer in challenge.parameters]
            proofs = [keys.proof(challenge.auth) for keys in derived]
            row = call(auth, "SELECT * FROM api.login_finish(%s::bytea[], %s)", (proofs, origin))
            session_id, key, employee_id, name, department, installation, signature, outdated = row
            if session_id is None:
                raise NotLoggedIn("That username and password don't go together, or the account is closed.")
            expected = [hmac.digest(keys.server, challenge.auth, "sha256") for keys in derived]
            if not any(hmac.compare_digest(bytes(signature), one) for one in expected):
                raise Unavailable("The server could not prove that it knows you.", "The session was dropped.")
            if outdated:
                self._replace(auth, name, password, password, keep=session_id, raised=True)
            return Session(session_id, bytes(key), employee_id, name, department, installation)

    def change_password(self, username: str, old: Secret, new: Secret, keep: int) -> None:
        """Replace the password; every other session of the employee ends. Raises NotLoggedIn for a wrong old one."""
        with self._open() as auth:
            if not self._replace(auth, username, old, new, keep, raised=False):
                raise NotLoggedIn("The current password is not right.", "Your password is unchanged.")

    def code_is_good(self, username: str, code: Secret) -> bool:
        """Whether an enrolment code would be taken for this name now."""
        with self._open() as auth:
            _start(auth, username)
            return bool(call(auth, "SELECT api.enrol_check(%s)", (code_hash(code),))[0])

    def enrol(self, username: str, code: Secret, password: Secret) -> None:
        """Use the code up and set the password. Raises NotLoggedIn if the code isn't (or no longer) good."""
        with self._open() as auth:
            challenge = _start(auth, username)
            keys = Keys.derive(password, challenge.salt, *challenge.parameters[0])
            row = call(auth, "SELECT api.enrol(%s, %s, %s)", (code_hash(code), keys.stored, keys.server))
            if not row[0]:
                raise NotLoggedIn("That username and enrolment code don't go together, or the code is used up.")

    @contextmanager
    def _open(self) -> "Iterator[connection]":
        auth = self._target.connect(AUTH_ROLE)
        try:
            migrations.check(schema_version(auth))
            yield auth
        finally:
            auth.close()

    @staticmethod
    def _replace(auth: "connection", username: str, old: Secret, new: Secret, keep: int, *, raised: bool) -> bool:
        challenge = _start(auth, username)
        proofs = [Keys.derive(old, challenge.salt, *offer).proof(challenge.auth) for offer in challenge.parameters]
        keys = Keys.derive(new, challenge.salt, *challenge.parameters[0])
        sql = "SELECT api.change_password(%s::bytea[], %s, %s, %s, %s)"
        return bool(call(auth, sql, (proofs, keys.stored, keys.server, keep, raised))[0])


def _start(auth: "connection", username: str) -> Challenge:
    nonce = secrets.token_bytes(32)
    server_nonce, salt, kdf, wait = call(auth, "SELECT * FROM api.login_start(%s, %s)", (username, nonce))
    if server_nonce is None:
        raise NotLoggedIn(f"Too many tries for {username}: wait {wait} s, then try again.")
    return Challenge(username.lower()[:64], nonce, bytes(server_nonce), bytes(salt), kdf)


def origin() -> str:
    """Where a session was opened from, for `sessions list`: account@host."""
    import getpass
    import os
    import socket

    try:
        account = getpass.getuser()
    except (KeyError, OSError):
        account = str(os.getuid())
    return f"{account}@{socket.gethostname()}"
