"""Switching who reads what: at once, for open sessions too, and never by waiting long for a reader."""

from typing import TYPE_CHECKING

import pytest
from support.race import Race
from support.statements import refusal, rows, value
from support.world import World

if TYPE_CHECKING:
    from psycopg2.extensions import connection

SWITCH = "UPDATE settings SET value = '{}' WHERE name = 'read_mode'"
NARROW, WIDE = SWITCH.format("need-to-know"), SWITCH.format("company")
COUNT = "SELECT count(*) FROM clients"
LOCK_NOT_AVAILABLE = "55P03"


@pytest.fixture
def ada(world: World) -> "connection":
    return world.connect("ada.admin")


def _reads(world: World) -> dict[str, int]:
    """How many clients each of three employees reads, by connections that stay open."""
    readers = ("bill.boquet", "kate.hastroff", "mia.manager")
    return {name: value(world.connect(name), COUNT) for name in readers}


def test_switch_bites_on_the_next_statement_and_back(world: World, ada: "connection") -> None:
    bill, kate, mia = (world.connect(name) for name in ("bill.boquet", "kate.hastroff", "mia.manager"))
    for mode, counts in ((NARROW, (2, 2, 5)), (WIDE, (4, 4, 5)), (NARROW, (2, 2, 5))):
        rows(ada, mode)
        assert tuple(value(reader, COUNT) for reader in (bill, kate, mia)) == counts


def test_switch_bites_inside_an_open_transaction(world: World, ada: "connection") -> None:
    bill = world.connect("bill.boquet")
    rows(bill, "PREPARE kept AS SELECT count(*) FROM clients")
    rows(bill, "BEGIN")
    rows(bill, "SELECT 1")
    rows(ada, NARROW)
    assert rows(bill, "EXECUTE kept") == [(2,)]


def test_open_shells_are_told_the_mode(world: World, ada: "connection") -> None:
    bill = world.connect("bill.boquet")
    rows(ada, NARROW)
    assert value(bill, "SELECT api.touch()->>'read_mode'") == "need-to-know"


@pytest.mark.parametrize(
    "reading", ["SELECT 1 FROM clients", "SELECT 1 FROM events", "LOCK TABLE contracts IN ACCESS SHARE MODE"]
)
def test_reader_in_the_way_makes_the_switch_fail_whole(world: World, ada: "connection", reading: str) -> None:
    bill = world.connect("bill.boquet")
    rows(bill, "BEGIN")
    rows(bill, reading)
    assert value(ada, "SHOW lock_timeout") == "3s"
    assert refusal(ada, NARROW) == LOCK_NOT_AVAILABLE
    assert _reads(world) == {"bill.boquet": 4, "kate.hastroff": 4, "mia.manager": 5}
    assert value(ada, "SELECT value FROM settings WHERE name = 'read_mode'") == "company"
    rows(bill, "COMMIT")
    rows(ada, NARROW)
    assert value(bill, COUNT) == 2


def test_readers_are_kept_waiting_by_a_switch_only_until_it_gives_up(
    world: World, race: Race, ada: "connection"
) -> None:
    holder, late = world.connect("bill.boquet"), world.connect("kate.hastroff")
    rows(holder, "BEGIN")
    rows(holder, "SELECT 1 FROM events")
    switch = race.start_waiting(ada, NARROW)
    reading = race.start(late, COUNT)
    assert switch.answer == LOCK_NOT_AVAILABLE
    assert reading.answer == [(4,)]


def test_two_switches_at_once_take_turns(world: World, race: Race, ada: "connection") -> None:
    otto = world.connect("otto.admin")
    rows(ada, "BEGIN")
    rows(ada, NARROW)
    second = race.start_waiting(otto, WIDE)
    rows(ada, "COMMIT")
    assert second.answer == []
    assert _reads(world) == {"bill.boquet": 4, "kate.hastroff": 4, "mia.manager": 5}


def test_switch_that_is_rolled_back_changes_nothing(world: World, ada: "connection") -> None:
    rows(ada, "BEGIN")
    rows(ada, NARROW)
    rows(ada, "ROLLBACK")
    assert _reads(world)["bill.boquet"] == 4


def test_switch_to_the_same_mode_takes_no_lock(world: World, ada: "connection") -> None:
    bill = world.connect("bill.boquet")
    rows(bill, "BEGIN")
    rows(bill, COUNT)
    assert refusal(ada, WIDE) == ""


def test_policies_of_a_mode_are_the_same_however_it_was_reached(world: World, ada: "connection") -> None:
    policies = "SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2"
    company = world.rows(policies)
    rows(ada, NARROW)
    narrow = world.rows(policies)
    for mode in (WIDE, NARROW, WIDE):
        rows(ada, mode)
    assert world.rows(policies) == company
    rows(ada, NARROW)
    assert world.rows(policies) == narrow
    assert company != narrow


def test_support_loses_a_client_with_the_last_event(world: World, ada: "connection") -> None:
    rows(ada, NARROW)
    kate, mia = world.connect("kate.hastroff"), world.connect("mia.manager")
    assert value(kate, "SELECT array_agg(id ORDER BY id) FROM clients") == [101, 103]
    rows(mia, "UPDATE events SET support_id = 8 WHERE id = 308")
    assert value(kate, "SELECT array_agg(id ORDER BY id) FROM clients") == [101]
    assert value(kate, "SELECT array_agg(id ORDER BY id) FROM contracts") == [202, 203]
    rows(mia, "UPDATE events SET deleted_at = now() WHERE support_id = 7 AND deleted_at IS NULL")
    assert value(kate, COUNT) == 0
