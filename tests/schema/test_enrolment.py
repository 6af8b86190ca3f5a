"""Enrolment codes and changes of password: once, by whoever has the secret of before, and older access ends."""

import hashlib
from typing import TYPE_CHECKING

import pytest
from support import door
from support.race import Race
from support.statements import refusal, rows, value
from support.world import PASSWORD, World, derived

from epicshell.errors import NotLoggedIn
from epicshell.session.keys import code_hash, new_code
from epicshell.session.login import Gate
from epicshell.telemetry import Secret

if TYPE_CHECKING:
    from psycopg2.extensions import connection

BILL, KATE = "bill.boquet", "kate.hastroff"
NEW = "blue cranes over the lake"
ENROL = "SELECT api.enrol(%s, %s, %s)"
CHANGE = "SELECT api.change_password(%s::bytea[], %s, %s, %s, %s)"


def _issue(world: World, employee: int, by: str = "ada.admin") -> Secret:
    code = new_code()
    stored = hashlib.sha256(code_hash(code)).digest()
    assert value(world.connect(by), "SELECT api.issue_enrolment(%s, %s)", employee, stored)
    return code


@pytest.fixture
def gate(world: World) -> Gate:
    world.set_password(BILL)
    return Gate(world.target)


@pytest.fixture
def auth(world: World) -> "connection":
    world.set_password(BILL)
    return world.bare("epic_auth_login")


# Codes


def test_code_makes_a_password_once(world: World, gate: Gate) -> None:
    code = _issue(world, world.ids.kate)
    assert gate.code_is_good(KATE, code)
    gate.enrol(KATE, code, Secret(NEW))
    assert gate.login(KATE, Secret(NEW), "tests").employee_id == world.ids.kate
    assert not gate.code_is_good(KATE, code)
    with pytest.raises(NotLoggedIn):
        gate.enrol(KATE, code, Secret("another"))
    assert gate.login(KATE, Secret(NEW), "tests")


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE sec.enrolments SET expires_at = clock_timestamp()",
        "UPDATE crm.employees SET active = false WHERE id = 7",
        "UPDATE sec.enrolments SET employee_id = 8",
        "UPDATE sec.enrolments SET code_hash = sha256('another')",
        "INSERT INTO sec.login_failures VALUES (sha256('kate.hastroff'), 200, now(), now())",
        "DELETE FROM sec.enrolments",
    ],
)
def test_code_that_is_not_good_any_more_makes_none(world: World, gate: Gate, spoil: str) -> None:
    code = _issue(world, world.ids.kate)
    world.run(spoil)
    assert not gate.code_is_good(KATE, code)
    world.run("UPDATE sec.login_failures SET next_try_at = now()")
    with pytest.raises(NotLoggedIn):
        gate.enrol(KATE, code, Secret(NEW))
    assert world.ask("SELECT count(*) FROM sec.credentials WHERE employee_id = 7") == (0,)


@pytest.mark.parametrize("username", [BILL, "alienor.vichum", "nobody.here"])
def test_code_is_good_for_one_name(world: World, gate: Gate, username: str) -> None:
    code = _issue(world, world.ids.kate)
    assert not gate.code_is_good(username, code)
    with pytest.raises(NotLoggedIn):
        gate.enrol(username, code, Secret(NEW))


def test_code_lasts_72_hours(world: World) -> None:
    _issue(world, world.ids.kate)
    assert world.ask("SELECT extract(epoch FROM expires_at - issued_at)::integer / 3600 FROM sec.enrolments") == (72,)


def test_new_code_replaces_the_one_before(world: World, gate: Gate) -> None:
    first, second = _issue(world, world.ids.kate), _issue(world, world.ids.kate)
    assert not gate.code_is_good(KATE, first)
    assert gate.code_is_good(KATE, second)


def test_code_ends_the_password_and_the_sessions_of_before(world: World, gate: Gate) -> None:
    opened = world.connect(BILL)
    _issue(world, world.ids.bill)
    assert value(opened, "SELECT api.me()") is None
    with pytest.raises(NotLoggedIn):
        gate.login(BILL, Secret(PASSWORD), "tests")


def test_neither_code_nor_what_the_shell_sends_of_it_is_kept(world: World) -> None:
    code = _issue(world, world.ids.kate)
    kept = str(world.rows("SELECT n::text FROM sec.enrolments n") + world.rows("SELECT a::text FROM sec.audit a"))
    assert code.reveal() not in kept
    assert code_hash(code).hex() not in kept


def test_check_of_a_code_uses_a_try_up(world: World, auth: "connection") -> None:
    code = _issue(world, world.ids.kate)
    door.challenge(auth, KATE)
    check = "SELECT api.enrol_check(%s)"
    rows(auth, "BEGIN")
    assert value(auth, check, b"\0" * 32) is False
    rows(auth, "ROLLBACK")
    assert refusal(auth, check, code_hash(code)) == "25000"


def test_of_two_uses_at_once_one_wins(world: World, race: Race) -> None:
    code = _issue(world, world.ids.kate)
    first, second = world.bare("epic_auth_login"), world.bare("epic_auth_login")
    keys = [derived(password, door.challenge(auth, KATE).salt) for auth, password in ((first, NEW), (second, "other"))]
    rows(first, "BEGIN")
    assert value(first, ENROL, code_hash(code), keys[0].stored, keys[0].server)
    late = race.start_waiting(second, ENROL, code_hash(code), keys[1].stored, keys[1].server)
    rows(first, "COMMIT")
    assert late.answer == [(False,)]
    assert bytes(world.ask("SELECT stored_key FROM sec.credentials WHERE employee_id = 7")[0]) == keys[0].stored


def test_code_issued_during_a_use_of_the_old_one_wins(world: World, gate: Gate, race: Race) -> None:
    old, new = _issue(world, world.ids.kate), new_code()
    admin, auth = world.connect("ada.admin"), world.bare("epic_auth_login")
    keys = derived(NEW, door.challenge(auth, KATE).salt)
    rows(admin, "BEGIN")
    rows(admin, "SELECT api.issue_enrolment(7, %s)", hashlib.sha256(code_hash(new)).digest())
    use = race.start_waiting(auth, ENROL, code_hash(old), keys.stored, keys.server)
    rows(admin, "COMMIT")
    assert use.answer == [(False,)]
    assert gate.code_is_good(KATE, new)


# Changes of password


def _change(auth: "connection", *, old: str, new: str = NEW, keep: int = 0, raised: bool = False) -> bool:
    challenge = door.challenge(auth, BILL)
    keys = derived(new, challenge.salt)
    return bool(value(auth, CHANGE, door.proofs(challenge, old), keys.stored, keys.server, keep, raised))


def test_change_of_password_needs_the_old_one(world: World, auth: "connection") -> None:
    assert not _change(auth, old="wrong")
    assert door.login(auth, BILL) != door.NOBODY
    assert _change(auth, old=PASSWORD)
    assert door.login(auth, BILL) == door.NOBODY
    assert door.login(auth, BILL, NEW) != door.NOBODY


def test_change_of_password_ends_every_other_session(world: World, auth: "connection") -> None:
    mine, other = world.login(BILL), world.login(BILL)
    kept, ended = world.connect(BILL, mine), world.connect(BILL, other)
    theirs = world.connect("eve.martin")
    assert _change(auth, old=PASSWORD, keep=mine.id)
    assert value(kept, "SELECT api.me()") == world.ids.bill
    assert value(ended, "SELECT api.me()") is None
    assert value(theirs, "SELECT api.me()") == world.ids.eve


def test_change_keeps_no_session_of_someone_else(world: World, auth: "connection") -> None:
    other = world.connect(BILL)
    assert _change(auth, old=PASSWORD, keep=world.login("eve.martin").id)
    assert value(other, "SELECT api.me()") is None


def test_change_that_calls_itself_a_raise_is_a_change_where_nothing_is_outdated(
    world: World, auth: "connection"
) -> None:
    other = world.connect(BILL)
    assert _change(auth, old=PASSWORD, raised=True)
    assert value(other, "SELECT api.me()") is None
    assert world.ask("SELECT action FROM sec.audit ORDER BY id DESC LIMIT 1") == ("password-change",)


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE crm.employees SET active = false WHERE id = 5",
        "INSERT INTO sec.login_failures VALUES (sha256('bill.boquet'), 200, now(), now())",
        "DELETE FROM sec.credentials",
    ],
)
def test_closed_account_changes_no_password(world: World, auth: "connection", spoil: str) -> None:
    world.run(spoil)
    before = world.state("sec.login_tries", "sec.login_failures")
    assert not _change(auth, old=PASSWORD)
    assert world.state("sec.login_tries", "sec.login_failures") == before


def test_failed_changes_are_throttled_like_logins(world: World, auth: "connection") -> None:
    for _ in range(5):
        assert not _change(auth, old="wrong")
    assert door.start(auth, BILL) == 1


def test_login_with_the_old_password_waits_for_a_change_and_is_refused(
    world: World, auth: "connection", race: Race
) -> None:
    other = world.bare("epic_auth_login")
    proofs = door.proofs(door.challenge(other, BILL))
    challenge = door.challenge(auth, BILL)
    keys = derived(NEW, challenge.salt)
    rows(auth, "BEGIN")
    assert value(auth, CHANGE, door.proofs(challenge), keys.stored, keys.server, 0, False)
    late = race.start_waiting(other, door.FINISH, proofs)
    rows(auth, "COMMIT")
    assert late.answer == [door.NOBODY]


def test_of_two_changes_at_once_one_wins(world: World, auth: "connection", race: Race) -> None:
    other = world.bare("epic_auth_login")
    first, second = door.challenge(auth, BILL), door.challenge(other, BILL)
    keys = [derived(password, first.salt) for password in (NEW, "a third one")]
    rows(auth, "BEGIN")
    assert value(auth, CHANGE, door.proofs(first), keys[0].stored, keys[0].server, 0, False)
    late = race.start_waiting(other, CHANGE, door.proofs(second), keys[1].stored, keys[1].server, 0, False)
    rows(auth, "COMMIT")
    assert late.answer == [(False,)]
    assert door.login(auth, BILL, NEW) != door.NOBODY
