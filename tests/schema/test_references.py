"""References to where records came from, attacked with raw SQL: written once, by who may create, read by who reads."""

import psycopg2
import pytest
from support.statements import rows, value
from support.world import Ids, World

REFUSED = psycopg2.errors.InsufficientPrivilege
CLIENT = "INSERT INTO clients (full_name, email, phone, company, legacy_ref) VALUES ('N', 'n@c.example', '1', 'C', %s)"
EVENT = (
    "INSERT INTO events (contract_id, name, starts_at, ends_at, location{})"
    " VALUES (201, 'N', now(), now() + interval '1 day', 'L'{}) RETURNING id"
)
WITH_NUMBER = EVENT.format(", legacy_ref, id", ", 'sheet:' || %(id)s, %(id)s")
TABLES = {"clients": Ids.bills_client, "contracts": Ids.bills_unsigned, "events": Ids.kates_event}


#: Management gives a contract its reference once (test_legacy_rights).
CHANGING = [(who, table) for who in ("bill.boquet", "kate.hastroff", "mia.manager", "ada.admin") for table in TABLES]
CHANGING.remove(("mia.manager", "contracts"))


@pytest.mark.parametrize(("who", "table"), CHANGING)
def test_nobody_changes_a_reference(shared_world: World, who: str, table: str) -> None:
    with pytest.raises(REFUSED):
        rows(shared_world.connect(who), f"UPDATE {table} SET legacy_ref = 'x:1' WHERE id = {TABLES[table]}")


@pytest.mark.parametrize("who", ["kate.hastroff", "mia.manager", "ada.admin"])
def test_who_may_not_create_a_client_gives_no_reference(shared_world: World, who: str) -> None:
    with pytest.raises(REFUSED):
        rows(shared_world.connect(who), CLIENT, "x:1")


@pytest.mark.parametrize("reference", ["x", ":1", "x:", "a\nb:1", "x:" + "1" * 200])
def test_reference_has_a_source_and_a_number(shared_world: World, reference: str) -> None:
    with pytest.raises(psycopg2.errors.CheckViolation):
        rows(shared_world.connect("bill.boquet"), CLIENT, reference)


def test_reference_stands_once_even_where_it_can_not_be_seen(world: World) -> None:
    world.read_mode("need-to-know")
    rows(world.connect("eve.martin"), CLIENT + " RETURNING id", "old:7")
    bill = world.connect("bill.boquet")
    assert value(bill, "SELECT count(*) FROM clients WHERE legacy_ref = 'old:7'") == 0
    with pytest.raises(psycopg2.errors.UniqueViolation):
        rows(bill, CLIENT, "old:7")


def test_management_opens_no_event_that_was_not_imported(shared_world: World) -> None:
    mia = shared_world.connect("mia.manager")
    for columns, values in (("", ""), (", legacy_ref", ", NULL"), (", id", ", 999")):
        with pytest.raises(REFUSED):
            rows(mia, EVENT.format(columns, values))


@pytest.mark.parametrize("number", [0, -5, 1_000_000_000, 2_147_483_647])
def test_number_of_an_imported_event_leaves_numbers_to_draw(shared_world: World, number: int) -> None:
    with pytest.raises(REFUSED):
        rows(shared_world.connect("mia.manager"), WITH_NUMBER.replace("%(id)s", str(number)))


def test_sales_choose_no_number(shared_world: World) -> None:
    with pytest.raises(REFUSED):
        rows(shared_world.connect("bill.boquet"), EVENT.format(", id", ", 5000"))


def test_numbers_are_drawn_behind_those_that_were_brought_in(world: World) -> None:
    mia, bill = world.connect("mia.manager"), world.connect("bill.boquet")
    drawn = EVENT.format("", "")
    assert value(bill, drawn) == 320
    assert value(mia, WITH_NUMBER.replace("%(id)s", "321")) == 321
    assert value(mia, WITH_NUMBER.replace("%(id)s", "109")) == 109
    assert value(bill, drawn) == 322
    assert value(mia, WITH_NUMBER.replace("%(id)s", "1023")) == 1023
    assert value(bill, drawn) == 1024


def test_reference_of_an_imported_event_is_in_its_history(world: World) -> None:
    rows(world.connect("mia.manager"), WITH_NUMBER.replace("%(id)s", "109"))
    [(actor, new)] = world.rows("SELECT employee_id, new FROM sec.audit WHERE noun = 'events' AND row_id = 109")
    assert (actor, new["legacy_ref"]) == (Ids.mia, "sheet:109")
