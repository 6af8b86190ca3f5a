"""Logging in: who knows the password gets a session; everyone else the same answer, for the same work."""

import time
from typing import TYPE_CHECKING, Any

import pytest
from support import door
from support.race import Race
from support.statements import refusal, rows, value
from support.world import PASSWORD, World, derived

from epicshell.errors import NotLoggedIn, Unavailable
from epicshell.session import attach
from epicshell.session.keys import Challenge
from epicshell.session.login import Gate
from epicshell.telemetry import Secret

if TYPE_CHECKING:
    from psycopg2.extensions import connection

BILL = "bill.boquet"
NEWER = (20480, 2, 1)


@pytest.fixture
def auth(world: World) -> "connection":
    world.set_password(BILL)
    world.set_password("gil.gone")
    return world.bare("epic_auth_login")


def test_password_opens_a_session_that_attaches(world: World, auth: "connection") -> None:
    session = Gate(world.target).login(BILL, Secret(PASSWORD), "here")
    assert attach(world.bare("epic_sales_login"), session).username == BILL
    origin, at = world.ask(
        "SELECT s.origin, e.last_login_at FROM sec.sessions s JOIN crm.employees e ON e.id = s.employee_id"
    )
    assert origin == "here"
    assert at is not None


def test_name_is_taken_in_any_case(auth: "connection") -> None:
    assert door.challenge(auth, "Bill.Boquet".lower()).salt == door.challenge(auth, BILL).salt
    row = rows(auth, "SELECT * FROM api.login_start('BILL.BOQUET', '')")[0]
    assert bytes(row[1]) == door.challenge(auth, BILL).salt


def test_sign_ins_are_recorded_and_how_many_failed_before(world: World, auth: "connection") -> None:
    door.login(auth, BILL, "wrong")
    session = door.login(auth, BILL)[0]
    recorded = world.rows(
        "SELECT employee_id, action, noun, row_id, new FROM sec.audit WHERE action ~ 'login' ORDER BY id"
    )
    assert recorded == [
        (5, "login-failed", "employees", 5, {"username": BILL, "origin": "tests"}),
        (5, "login", "sessions", session, {"origin": "tests", "failures_before": 1}),
    ]


def test_unknown_name_is_not_kept_for_it_may_be_a_password(world: World, auth: "connection") -> None:
    door.login(auth, "correct horse battery")
    everything = world.rows("SELECT a::text FROM sec.audit a") + world.rows("SELECT f::text FROM sec.login_failures f")
    assert "correct" not in str(everything)


def test_rolled_back_login_leaves_no_session(world: World, auth: "connection") -> None:
    proofs = door.proofs(door.challenge(auth, BILL))
    rows(auth, "BEGIN")
    door.finish(auth, proofs)
    rows(auth, "ROLLBACK")
    assert world.ask("SELECT count(*) FROM sec.sessions") == (0,)


# The same answer


def _cases(world: World) -> dict[str, str]:
    """Names whose login must fail in the same way, with the password that would be right."""
    world.set_password("eve.martin")
    world.run("INSERT INTO sec.login_failures VALUES (sha256(convert_to('eve.martin', 'UTF8')), 200, now(), now())")
    return {"unknown": "nobody.here", "inactive": "gil.gone", "closed": "eve.martin", "never enrolled": "kate.hastroff"}


def test_every_failed_login_gets_the_same_answer(world: World, auth: "connection") -> None:
    answers = {name: door.login(auth, username) for name, username in _cases(world).items()}
    answers["wrong"] = door.login(auth, BILL, "wrong")
    assert set(answers.values()) == {door.NOBODY}


def test_every_failed_login_is_the_same_work(world: World, auth: "connection") -> None:
    world.run(f"ALTER DATABASE {world.target.name} SET track_functions = 'all'")
    usual = _calls(world, BILL)
    assert usual["sec.hmac"] == 2
    for name, username in _cases(world).items():
        assert _calls(world, username) == usual, name


def _calls(world: World, username: str) -> dict[str, int]:
    """How often each function was called for a failed login."""
    opened = world.target.connect("epic_auth_login")
    world.run("SELECT pg_stat_reset()")
    door.login(opened, username, "wrong")
    pid = opened.info.backend_pid
    opened.close()
    while world.ask("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", pid) != (0,):
        time.sleep(0.002)  # the calls are told, one by one, while the backend ends
    return dict(world.rows("SELECT funcid::regproc::text, calls FROM pg_stat_user_functions ORDER BY 1"))


@pytest.mark.parametrize("proofs", [None, [], [None], [b""], [b"\0" * 31], [b"\0" * 33], [b"\0" * 32] * 9], ids=str)
def test_malformed_proof_opens_nothing(world: World, auth: "connection", proofs: Any) -> None:
    door.challenge(auth, BILL)
    assert rows(auth, door.FINISH, proofs) == [door.NOBODY]


def test_missing_origin_tells_no_more_than_another(auth: "connection") -> None:
    finish = "SELECT * FROM api.login_finish(%s::bytea[], NULL)"
    proofs = door.proofs(door.challenge(auth, BILL), "wrong")
    assert rows(auth, finish, proofs) == [door.NOBODY]
    proofs = door.proofs(door.challenge(auth, BILL))
    assert rows(auth, finish, proofs)[0][2] == 5


def test_proof_of_another_try_opens_nothing(auth: "connection") -> None:
    stale = door.proofs(door.challenge(auth, BILL))
    door.finish(auth, stale)
    door.challenge(auth, BILL)
    assert door.finish(auth, stale) == door.NOBODY


def test_stored_key_is_no_password(world: World, auth: "connection") -> None:
    """Who has read the table of credentials still can't log in (RFC 5802, section 9)."""
    stored = bytes(world.ask("SELECT stored_key FROM sec.credentials WHERE employee_id = 5")[0])
    challenge = door.challenge(auth, BILL)
    mask = derived(PASSWORD, challenge.salt).proof(challenge.auth)
    client = derived(PASSWORD, challenge.salt).client
    signature = bytes(a ^ b for a, b in zip(mask, client, strict=True))
    forged = bytes(a ^ b for a, b in zip(stored, signature, strict=True))
    assert door.finish(auth, [forged]) == door.NOBODY


# What every name is told


def test_every_name_is_offered_the_same_and_always_the_same_salt(world: World, auth: "connection") -> None:
    world.run("UPDATE sec.kdf_policy SET (m, t, p) = ROW (%s, %s, %s)", *NEWER)
    names = (BILL, "nobody.here", "gil.gone", "kate.hastroff", "ada.admin")
    first = {name: door.challenge(auth, name) for name in names}
    second = {name: door.challenge(auth, name) for name in names}
    assert {challenge.kdf for challenge in first.values()} == {"m=20480,t=2,p=1;m=19456,t=2,p=1"}
    assert len({challenge.salt for challenge in first.values()}) == len(names)
    for name in names:
        assert first[name].salt == second[name].salt
        assert first[name].server_nonce != second[name].server_nonce


def test_older_parameters_are_raised_at_the_next_login_and_then_offered_no_more(
    world: World, auth: "connection"
) -> None:
    world.run("UPDATE sec.kdf_policy SET (m, t, p) = ROW (%s, %s, %s)", *NEWER)
    world.run("DELETE FROM sec.credentials WHERE employee_id <> 5")
    gate = Gate(world.target)
    first = gate.login(BILL, Secret(PASSWORD), "tests")
    assert world.ask("SELECT m, t, p FROM sec.credentials") == NEWER
    assert door.challenge(auth, "nobody.here").kdf == "m=20480,t=2,p=1"
    gate.login(BILL, Secret(PASSWORD), "tests")
    assert attach(world.bare("epic_sales_login"), first)


def test_raised_parameters_are_recorded_as_such(world: World, auth: "connection") -> None:
    world.run("UPDATE sec.kdf_policy SET (m, t, p) = ROW (%s, %s, %s)", *NEWER)
    Gate(world.target).login(BILL, Secret(PASSWORD), "tests")
    actions = world.ask(
        "SELECT array_agg(action ORDER BY id) FROM sec.audit WHERE xid::text::int > 0 AND employee_id = 5"
    )
    assert actions == (["login", "password-raise"],)


# A hostile server, as the shell meets it


@pytest.mark.parametrize(
    "kdf",
    ["", "m=8,t=1,p=1", "m=19455,t=2,p=1", "m=19456,t=1,p=1", "m=19456,t=2,p=0", "m=19456,t=2,p=1;m=64,t=1,p=1",
     "m=9999999,t=2,p=1", "m=19456,t=99,p=1", "m=19456,t=2,p=99", ";".join(["m=19456,t=2,p=1"] * 4), "argon2",
     "m=-1,t=2,p=1"],
)  # fmt: skip
def test_shell_refuses_weak_and_absurd_parameters(kdf: str) -> None:
    with pytest.raises(Unavailable):
        _ = Challenge(BILL, b"c", b"s", b"salt", kdf).parameters


def test_shell_drops_a_server_that_does_not_know_the_password(world: World, auth: "connection") -> None:
    world.run("UPDATE sec.credentials SET server_key = sha256('another')")
    with pytest.raises(Unavailable, match="could not prove"):
        Gate(world.target).login(BILL, Secret(PASSWORD), "tests")


def test_shell_tells_a_wait_and_a_failure_apart_only_by_the_wait(world: World, auth: "connection") -> None:
    gate = Gate(world.target)
    told = set()
    for username in (BILL, "nobody.here"):
        for _ in range(5):
            with pytest.raises(NotLoggedIn) as error:
                gate.login(username, Secret("wrong"), "tests")
            told.add(error.value.sentence)
        with pytest.raises(NotLoggedIn, match=f"Too many tries for {username}: wait 1 s"):
            gate.login(username, Secret("wrong"), "tests")
    assert len(told) == 1


# A login that races with the end of its account


ENDING = {
    "a deactivation": "UPDATE employees SET active = false WHERE id = 5",
    "a reset": "SELECT api.issue_enrolment(5, sha256('code'))",
}


@pytest.mark.parametrize("ending", ENDING.values(), ids=ENDING)
def test_login_waits_for_an_end_under_way_and_is_refused(
    world: World, auth: "connection", ending: str, race: Race
) -> None:
    proofs = door.proofs(door.challenge(auth, BILL))
    admin = world.connect("ada.admin")
    rows(admin, "BEGIN")
    rows(admin, ending)
    login = race.start_waiting(auth, door.FINISH, proofs)
    rows(admin, "COMMIT")
    assert login.answer == [door.NOBODY]
    assert world.ask("SELECT count(*) FROM sec.live_sessions WHERE employee_id = 5") == (0,)


def test_login_held_open_holds_a_deactivation_up_but_opens_no_other_session(world: World, auth: "connection") -> None:
    """The one lock that an employee can hold against it, by raw SQL at the door; it ends with their connection."""
    other = world.bare("epic_auth_login")
    held, second = (door.proofs(door.challenge(opened, BILL)) for opened in (auth, other))
    rows(auth, "BEGIN")
    door.finish(auth, held)
    admin = world.connect("ada.admin")
    rows(admin, "SET lock_timeout = '50ms'")
    rows(other, "SET lock_timeout = '50ms'")
    assert refusal(admin, ENDING["a deactivation"]) == "55P03"
    assert refusal(other, door.FINISH, second) == "55P03"
    assert refusal(other, "SELECT * FROM api.login_start(%s, '')", BILL) == "55P03"
    auth.close()
    rows(admin, "SET lock_timeout = '10s'")
    rows(admin, ENDING["a deactivation"])
    assert value(admin, "SELECT active FROM employees WHERE id = 5") is False
