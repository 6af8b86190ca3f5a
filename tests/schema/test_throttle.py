"""Guessing passwords is slow, counted whatever a guesser does, and tells nothing about who exists."""

from typing import TYPE_CHECKING

import pytest
from support import door
from support.statements import refusal, rows, value
from support.world import PASSWORD, World

if TYPE_CHECKING:
    from psycopg2.extensions import connection

KNOWN, UNKNOWN = "bill.boquet", "nobody.here"
HASH = "sha256(convert_to(%s, 'UTF8'))"
OUT_OF_TURN = "25000"


@pytest.fixture
def auth(world: World) -> "connection":
    world.set_password(KNOWN)
    return world.bare("epic_auth_login")


def _failures(world: World, username: str = KNOWN) -> int:
    found = world.rows(f"SELECT failures FROM sec.login_failures WHERE name_hash = {HASH}", username)
    return found[0][0] if found else 0


def _has_failed(world: World, times: int, username: str = KNOWN) -> None:
    world.run(
        f"INSERT INTO sec.login_failures VALUES ({HASH}, %s, now(), now())"
        " ON CONFLICT (name_hash) DO UPDATE SET failures = excluded.failures, next_try_at = now()",
        *(username, times),
    )


def _wait_over(world: World) -> None:
    world.run("UPDATE sec.login_failures SET next_try_at = now()")


# How long, and when it ends


@pytest.mark.parametrize("username", [KNOWN, UNKNOWN, "gil.gone", "KNOWN.NAME", "x" * 100, "ünïcode", ""])
def test_wait_doubles_from_the_fifth_try_up_to_a_minute_for_every_name(
    world: World, auth: "connection", username: str
) -> None:
    waits = []
    for _ in range(13):
        door.challenge(auth, username)
        following = door.start(auth, username)
        waits.append(following if isinstance(following, int) else 0)
        _wait_over(world)
    # where there is no wait, the second start was a try of its own
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]


def test_try_that_must_wait_is_not_charged(world: World, auth: "connection") -> None:
    _has_failed(world, 20)
    door.challenge(auth, KNOWN)
    for _ in range(3):
        assert door.start(auth, KNOWN) in (59, 60)
    assert _failures(world) == 21


def test_good_password_starts_the_count_again(world: World, auth: "connection") -> None:
    _has_failed(world, 30)
    assert door.login(auth, KNOWN) != door.NOBODY
    assert _failures(world) == 0


@pytest.mark.parametrize(("before", "opens"), [(98, True), (99, True), (100, False), (500, False)])
def test_account_closes_after_100_failures_in_a_row(world: World, auth: "connection", before: int, opens: bool) -> None:
    _has_failed(world, before)
    assert (door.login(auth, KNOWN) != door.NOBODY) is opens


def test_closing_is_recorded_for_a_name_that_exists_and_no_other(world: World, auth: "connection") -> None:
    for username in (KNOWN, UNKNOWN):
        _has_failed(world, 100, username)
        assert door.login(auth, username) == door.NOBODY
    closed = world.rows("SELECT row_id, new FROM sec.audit WHERE action = 'close'")
    assert closed == [(world.ids.bill, {"username": KNOWN})]


def test_unlock_opens_a_closed_account(world: World, auth: "connection") -> None:
    _has_failed(world, 101)
    assert door.login(auth, KNOWN) == door.NOBODY
    assert value(world.connect("ada.admin"), "SELECT api.unlock(%s)", world.ids.bill)
    assert door.login(auth, KNOWN) != door.NOBODY


def test_quiet_month_starts_the_count_again_but_opens_no_closed_account(world: World, auth: "connection") -> None:
    for failures, then in ((40, 1), (101, 102)):
        _has_failed(world, failures)
        world.run("UPDATE sec.login_failures SET last_at = now() - interval '31 days'")
        door.challenge(auth, KNOWN)
        assert _failures(world) == then


# Nothing undoes a charge, and nothing gives a second guess for it.


def test_guess_that_is_rolled_back_is_used_up(world: World, auth: "connection") -> None:
    proofs = door.proofs(door.challenge(auth, KNOWN))
    rows(auth, "BEGIN")
    assert door.finish(auth, door.WRONG) == door.NOBODY
    rows(auth, "ROLLBACK")
    assert _failures(world) == 1
    assert refusal(auth, door.FINISH, proofs) == OUT_OF_TURN


@pytest.mark.parametrize("undo", ["ROLLBACK TO before", "ROLLBACK TO before; RELEASE before"])
def test_guess_within_a_savepoint_is_used_up(auth: "connection", undo: str) -> None:
    proofs = door.proofs(door.challenge(auth, KNOWN))
    rows(auth, "BEGIN; SAVEPOINT before")
    assert door.finish(auth, door.WRONG) == door.NOBODY
    rows(auth, undo)
    assert refusal(auth, door.FINISH, proofs) == OUT_OF_TURN


@pytest.mark.parametrize("sql", [door.FINISH, "SELECT api.change_password(%s::bytea[], NULL, NULL, 1, false)"])
def test_guess_that_fails_with_an_error_is_used_up(auth: "connection", sql: str) -> None:
    challenge = door.challenge(auth, KNOWN)
    rows(auth, "BEGIN")
    rows(auth, f"SELECT {sql.removeprefix('SELECT * FROM ').removeprefix('SELECT ')}", door.WRONG)
    refusal(auth, "SELECT 1/0")
    rows(auth, "ROLLBACK")
    assert refusal(auth, sql, door.proofs(challenge)) == OUT_OF_TURN


@pytest.mark.parametrize("cleaning", ["DISCARD ALL", "DISCARD SEQUENCES", "RESET ALL"])
def test_cleaned_connection_gives_no_second_guess(auth: "connection", cleaning: str) -> None:
    proofs = door.proofs(door.challenge(auth, KNOWN))
    rows(auth, "BEGIN")
    door.finish(auth, door.WRONG)
    rows(auth, "ROLLBACK")
    rows(auth, cleaning)
    assert refusal(auth, door.FINISH, proofs) in (OUT_OF_TURN, "55000")


def test_start_that_is_rolled_back_opens_no_try(auth: "connection") -> None:
    rows(auth, "BEGIN")
    proofs = door.proofs(door.challenge(auth, KNOWN))
    rows(auth, "ROLLBACK")
    assert refusal(auth, door.FINISH, proofs) == OUT_OF_TURN


@pytest.mark.parametrize("between", ["SELECT 1", "SAVEPOINT before"])
def test_login_does_not_start_and_finish_in_one_transaction(world: World, auth: "connection", between: str) -> None:
    rows(auth, "BEGIN")
    proofs = door.proofs(door.challenge(auth, KNOWN))
    rows(auth, between)
    assert refusal(auth, door.FINISH, proofs) == OUT_OF_TURN
    rows(auth, "ROLLBACK")
    assert world.ask("SELECT count(*) FROM sec.sessions") == (0,)


def test_login_finishes_once(auth: "connection") -> None:
    proofs = door.proofs(door.challenge(auth, KNOWN))
    assert door.finish(auth, proofs) != door.NOBODY
    assert refusal(auth, door.FINISH, proofs) == OUT_OF_TURN


def test_login_that_was_not_started_does_not_finish(world: World, auth: "connection") -> None:
    proofs = door.proofs(door.challenge(auth, KNOWN))
    assert refusal(world.bare("epic_auth_login"), door.FINISH, proofs) in (OUT_OF_TURN, "55000")


def test_try_of_a_backend_is_not_its_heirs(world: World, auth: "connection") -> None:
    proofs = door.proofs(door.challenge(auth, KNOWN))
    heir = world.bare("epic_auth_login")
    world.run("UPDATE sec.login_tries SET pid = %s", heir.info.backend_pid)
    assert refusal(heir, door.FINISH, proofs) in (OUT_OF_TURN, "55000")


def test_abandoned_tries_count(world: World, auth: "connection") -> None:
    for expected in (1, 2, 3):
        door.challenge(auth, KNOWN)
        auth = world.bare("epic_auth_login")
        assert _failures(world) == expected


def test_tries_of_two_connections_are_charged_apart(world: World, auth: "connection") -> None:
    other = world.bare("epic_auth_login")
    first, second = door.challenge(auth, KNOWN), door.challenge(other, KNOWN)
    assert _failures(world) == 2
    assert door.finish(other, door.WRONG) == door.NOBODY
    assert refusal(other, door.FINISH, door.proofs(second)) == OUT_OF_TURN
    assert door.finish(auth, door.proofs(first)) != door.NOBODY


def test_new_try_voids_the_one_before(auth: "connection") -> None:
    stale = door.proofs(door.challenge(auth, KNOWN))
    door.challenge(auth, KNOWN)
    assert door.finish(auth, stale) == door.NOBODY


def test_try_for_one_name_opens_no_other(world: World, auth: "connection") -> None:
    world.set_password("eve.martin", "another pass phrase here")
    challenge = door.challenge(auth, "eve.martin")
    assert door.finish(auth, door.proofs(challenge, PASSWORD)) == door.NOBODY
