"""Binding a session to a backend: only the holder of the key, for this backend, now, once."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from support.statements import refusal, rows, value
from support.world import World

from epicshell.database import department_role
from epicshell.session import Session

if TYPE_CHECKING:
    pass

ME = "SELECT api.me()"


class Door:
    """A bare connection with an open challenge for a session's holder."""

    def __init__(self, world: World, session: Session, role: str = "") -> None:
        self.session = session
        self.connection = world.bare(role or department_role(session.department))
        self.challenge()

    def challenge(self) -> None:
        ((self.nonce, server_time, _),) = rows(self.connection, "SELECT * FROM api.challenge()")
        self.now = int(server_time.timestamp())

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Those of a good token, with changes; None takes a claim away."""
        session = self.session
        claims = {
            "iss": "epicshell",
            "aud": session.installation,
            "sub": str(session.employee_id),
            "sid": str(session.id),
            "dept": session.department,
            "nonce": self.nonce,
            "iat": self.now,
            "exp": self.now + 60,
        }
        return {name: claim for name, claim in {**claims, **changed}.items() if claim is not None}

    def token(self, **changed: Any) -> str:
        return jwt.encode(self.claims(**changed), self.session.key, algorithm="HS256")

    def opens(self, token: str | None) -> bool:
        """Whether the token is taken; an actor is there exactly if it is."""
        taken = value(self.connection, "SELECT api.attach(%s)", token) is not None
        assert (value(self.connection, ME) == self.session.employee_id) is taken
        return taken


@pytest.fixture
def door(shared_world: World) -> Door:
    return Door(shared_world, shared_world.login("bill.boquet"))


def _part(content: Any) -> str:
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def _signed(head: str, body: str, key: bytes) -> str:
    signature = hmac.digest(key, f"{head}.{body}".encode(), hashlib.sha256)
    return f"{head}.{body}.{_part(signature)}"


GOOD_HEAD = _part({"alg": "HS256", "typ": "JWT"})


def test_token_of_the_key_for_this_nonce_opens(door: Door) -> None:
    assert door.opens(door.token())


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "someone"}, {"iss": None},
        {"aud": "another-installation"}, {"aud": None}, {"aud": ["epicshell"]},
        {"sub": "6"}, {"sub": None}, {"sub": "05"},
        {"dept": "management"}, {"dept": None},
        {"nonce": "0" * 64}, {"nonce": None}, {"nonce": ""},
        {"iat": None}, {"exp": None}, {"iat": "now"}, {"exp": True},
        {"sid": None}, {"sid": "999999"}, {"sid": "-1"}, {"sid": "1e1"}, {"sid": "9" * 40}, {"sid": {"a": 1}},
    ],
    ids=str,
)  # fmt: skip
def test_wrong_claim_is_refused(door: Door, changed: dict[str, Any]) -> None:
    assert not door.opens(_signed(GOOD_HEAD, _part(door.claims(**changed)), door.session.key))


@pytest.mark.parametrize(
    ("iat", "exp"), [(-61, 0), (-61, 60), (10, 60), (0, -1), (0, 66), (0, 10**9), (-(10**9), 60), (0, 10**300)]
)
def test_token_of_another_time_is_refused(door: Door, iat: int, exp: int) -> None:
    token = _signed(GOOD_HEAD, _part(door.claims(iat=door.now + iat, exp=door.now + exp)), door.session.key)
    assert not door.opens(token)


@pytest.mark.parametrize(
    "head",
    [
        {"alg": "none", "typ": "JWT"}, {"alg": "HS512", "typ": "JWT"}, {"alg": "hs256", "typ": "JWT"},
        {"alg": ["HS256"], "typ": "JWT"}, {"alg": "HS256"}, {"typ": "JWT"}, {},
        {"alg": "HS256", "typ": "JWT", "crit": ["exp"]}, ["HS256"], "HS256", None,
    ],
    ids=str,
)  # fmt: skip
def test_other_header_is_refused_even_with_a_good_signature(door: Door, head: Any) -> None:
    assert not door.opens(_signed(_part(head), _part(door.claims()), door.session.key))


BODIES: dict[str, Callable[[Door], str | None]] = {
    "no token": lambda door: None,
    "empty": lambda door: "",
    "garbage": lambda door: "a.b.c",
    "not base64": lambda door: f"{GOOD_HEAD}.!!!.???",
    "not json": lambda door: _signed(GOOD_HEAD, _part(b"{"), door.session.key),
    "not UTF-8": lambda door: _signed(GOOD_HEAD, _part(b"\xff\xfe"), door.session.key),
    "an array": lambda door: _signed(GOOD_HEAD, _part([1]), door.session.key),
    "a NUL in a claim": lambda door: _signed(GOOD_HEAD, _part(door.claims(sid="\0")), door.session.key),
    "deeply nested": lambda door: _signed(GOOD_HEAD, _part(b"[" * 1400), door.session.key),
    "two parts": lambda door: door.token().rsplit(".", 1)[0],
    "four parts": lambda door: door.token() + ".x",
    "no signature": lambda door: door.token().rsplit(".", 1)[0] + ".",
    "alg none without signature": lambda door: f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(door.claims())}.",
    "short key": lambda door: _signed(GOOD_HEAD, _part(door.claims()), b""),
    "another's key": lambda door: _signed(GOOD_HEAD, _part(door.claims()), b"\0" * 32),
    "cut signature": lambda door: door.token()[:-2],
    "changed body": lambda door: ".".join(
        [door.token().split(".")[0], _part(door.claims(dept="sales", extra=1)), door.token().split(".")[2]]
    ),
    "huge": lambda door: door.token(padding="x" * 4000),
    "megabytes": lambda door: "x" * 3_000_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_malformed_or_forged_token_is_refused(door: Door, body: Callable[[Door], str | None]) -> None:
    assert not door.opens(body(door))


def test_nonce_is_good_for_one_try(door: Door) -> None:
    assert not door.opens(door.token(iss="someone"))
    assert not door.opens(door.token())


def test_token_is_good_once(door: Door) -> None:
    token = door.token()
    assert door.opens(token)
    assert not door.opens(token)


def test_token_without_a_challenge_is_refused(shared_world: World, door: Door) -> None:
    door.connection = shared_world.bare("epic_sales_login")
    assert not door.opens(door.token())


def test_token_is_refused_on_another_backend(shared_world: World, door: Door) -> None:
    other = Door(shared_world, door.session)
    assert not other.opens(door.token())
    assert door.opens(door.token())


def test_new_challenge_voids_the_one_before_and_the_session(door: Door) -> None:
    stale = door.token()
    assert door.opens(door.token())
    door.challenge()
    assert value(door.connection, ME) is None
    assert not door.opens(stale)


@pytest.mark.parametrize("role", ["epic_support_login", "epic_management_login", "epic_admin_login"])
def test_session_opens_no_other_department(shared_world: World, door: Door, role: str) -> None:
    elsewhere = Door(shared_world, door.session, role)
    assert not elsewhere.opens(elsewhere.token())
    assert not elsewhere.opens(elsewhere.token(dept=role.removeprefix("epic_").removesuffix("_login")))


def test_door_role_has_no_attach(shared_world: World) -> None:
    assert refusal(shared_world.bare("epic_auth_login"), "SELECT * FROM api.challenge()") == "42501"


@pytest.mark.parametrize("leave", ["RESET ALL", "DISCARD ALL", "RESET epic.nonce", "SET epic.nonce = ''"])
def test_reset_connection_has_no_actor(shared_world: World, leave: str) -> None:
    opened = shared_world.connect("bill.boquet")
    rows(opened, leave)
    assert value(opened, ME) is None
    assert rows(opened, "SELECT * FROM crm.clients") == []


@pytest.mark.parametrize("guess", ["", "0", "0" * 64, "null"])
def test_guessed_nonce_is_no_session(shared_world: World, guess: str) -> None:
    bare = shared_world.bare("epic_sales_login")
    rows(bare, "SELECT set_config('epic.nonce', %s, false)", guess)
    assert value(bare, ME) is None
    rows(bare, "SELECT * FROM api.challenge()")
    rows(bare, "SELECT set_config('epic.nonce', %s, false)", guess)
    assert value(bare, ME) is None


def test_challenge_is_not_the_nonce(door: Door) -> None:
    rows(door.connection, "SELECT set_config('epic.nonce', %s, false)", door.nonce)
    assert value(door.connection, ME) is None


def test_nonce_of_another_backend_is_no_session(shared_world: World) -> None:
    nonce = value(shared_world.connect("bill.boquet"), "SELECT current_setting('epic.nonce')")
    for thief in (shared_world.bare("epic_sales_login"), shared_world.connect("eve.martin")):
        rows(thief, "SELECT set_config('epic.nonce', %s, false)", nonce)
        assert value(thief, ME) is None


def test_backend_that_gets_a_dead_ones_pid_has_no_actor(world: World) -> None:
    gone = world.connect("bill.boquet")
    pid = gone.info.backend_pid
    gone.close()
    heir = world.bare("epic_sales_login")
    world.run("UPDATE sec.attachments SET pid = %s WHERE pid = %s", heir.info.backend_pid, pid)
    assert value(heir, ME) is None
    assert rows(heir, "SELECT * FROM crm.clients") == []


def test_backend_with_the_pid_and_nonce_but_another_role_has_no_actor(world: World) -> None:
    opened = world.connect("bill.boquet")
    nonce = value(opened, "SELECT current_setting('epic.nonce')")
    heir = world.bare("epic_management_login")
    world.run("UPDATE sec.attachments SET pid = %s WHERE pid = %s", heir.info.backend_pid, opened.info.backend_pid)
    rows(heir, "SELECT set_config('epic.nonce', %s, false)", nonce)
    assert value(heir, ME) is None


def test_rolled_back_attach_leaves_no_actor(door: Door) -> None:
    rows(door.connection, "BEGIN")
    assert door.opens(door.token())
    rows(door.connection, "ROLLBACK")
    assert value(door.connection, ME) is None


def test_attach_tells_who_and_the_settings_and_no_secret(door: Door) -> None:
    told = value(door.connection, "SELECT api.attach(%s)", door.token())
    assert set(told) == {
        "employee_id", "username", "full_name", "email", "department", "session_id", "expires_at", "settings",
    }  # fmt: skip


@pytest.mark.parametrize(
    "become",
    [
        "SET ROLE epic_management", "SET ROLE epic_sales", "SET ROLE epic_owner", "SET ROLE epic_definer",
        "SET ROLE epic_management_login", "SET ROLE postgres", "SET LOCAL ROLE epic_auditor",
        "SELECT set_config('role', 'epic_definer', false)", "SELECT set_config('role', 'epic_management', true)",
        "SET SESSION AUTHORIZATION epic_management_login", "SET SESSION AUTHORIZATION postgres",
        "SELECT set_config('session_authorization', 'postgres', false)",
    ],
)  # fmt: skip
def test_nobody_becomes_someone_else(shared_world: World, become: str) -> None:
    opened = shared_world.connect("bill.boquet")
    assert refusal(opened, become) == "42501"
    assert rows(opened, "SELECT session_user, current_user") == [("epic_sales_login", "epic_sales_login")]
