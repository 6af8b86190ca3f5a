"""What must hold between records, held by constraints: whatever a statement says, one is named in its refusal."""

from typing import TYPE_CHECKING, Any

import pytest
from support.statements import effect, refusal, rows, touched, value
from support.world import World

if TYPE_CHECKING:
    from psycopg2.extensions import connection

EVENT = (
    "INSERT INTO events (contract_id, name, starts_at, ends_at, location) VALUES ({}, 'N', {}, 'Paris') RETURNING id"
)
SOON = "now() + interval '1 day', now() + interval '2 days'"


@pytest.fixture
def mia(world: World) -> "connection":
    return world.connect("mia.manager")


@pytest.fixture
def bill(world: World) -> "connection":
    return world.connect("bill.boquet")


# Values


@pytest.mark.parametrize(
    ("username", "sql", "constraint"),
    [
        ("bill.boquet", EVENT.format(202, "now(), now()"), "events_end_after_start"),
        ("bill.boquet", EVENT.format(202, "now(), now() - interval '1 day'"), "events_end_after_start"),
        ("kate.hastroff", "UPDATE events SET ends_at = starts_at WHERE id = 302", "events_end_after_start"),
        ("kate.hastroff", "UPDATE events SET attendees = -1 WHERE id = 302", "events_attendees_range"),
        ("kate.hastroff", "UPDATE events SET name = '' WHERE id = 302", "events_name_form"),
        ("kate.hastroff", "UPDATE events SET notes = repeat('x', 20001) WHERE id = 302", "events_notes_form"),
        ("bill.boquet", EVENT.format(202, "'-infinity', 'infinity'"), "events_times_range"),
        ("kate.hastroff", "UPDATE events SET ends_at = '294000-01-01' WHERE id = 302", "events_times_range"),
        ("kate.hastroff", "UPDATE events SET starts_at = '4000-01-01 BC' WHERE id = 302", "events_times_range"),
        ("mia.manager", "UPDATE contracts SET signed_at = 'infinity' WHERE id = 201", "contracts_signed_range"),
        ("bill.boquet", "UPDATE clients SET first_contact_on = 'infinity'", "clients_first_contact_range"),
        ("mia.manager", "UPDATE clients SET deleted_at = '294000-01-01' WHERE id = 105", "clients_deleted_range"),
        ("mia.manager", "UPDATE contracts SET deleted_at = '-infinity' WHERE id = 204", "contracts_deleted_range"),
        ("mia.manager", "UPDATE events SET deleted_at = 'infinity' WHERE id = 302", "events_deleted_range"),
        ("kate.hastroff", "UPDATE notifications SET read_at = 'infinity'", "notifications_read_range"),
        (
            "bill.boquet",
            "INSERT INTO payments (contract_id, amount, paid_on) VALUES (202, 1, '9999-12-31')",
            "payments_paid_range",
        ),
        ("bill.boquet", EVENT.format(204, SOON), "events_contract_fkey"),
        ("bill.boquet", EVENT.format(208, SOON), "events_contract_fkey"),
        ("bill.boquet", EVENT.format(206, SOON), "events_contract_fkey"),
        ("bill.boquet", EVENT.format(999, SOON), "events_contract_fkey"),
        ("bill.boquet", EVENT.format("NULL", SOON), "events_contract_fkey"),
        ("mia.manager", "INSERT INTO contracts (client_id, total) VALUES (105, 1)", "contracts_client_fkey"),
        ("mia.manager", "INSERT INTO contracts (client_id, total) VALUES (999, 1)", "contracts_client_fkey"),
        ("mia.manager", "UPDATE contracts SET total = 1000000000000000 WHERE id = 201", "contracts_total_range"),
        ("mia.manager", "UPDATE contracts SET total = 299999 WHERE id = 202", "contracts_due_range"),
        ("mia.manager", "UPDATE contracts SET signed_at = NULL WHERE id = 202", "events_contract_standing"),
        ("bill.boquet", "UPDATE contracts SET signed_at = NULL WHERE id = 203", "events_contract_standing"),
        ("bill.boquet", "UPDATE contracts SET total = 1300000 WHERE id = 201", "contracts_signed_total"),
        ("bill.boquet", "UPDATE contracts SET total = 1, signed_at = NULL WHERE id = 201", "contracts_signed_total"),
        ("mia.manager", "INSERT INTO payments (contract_id, amount) VALUES (208, 1)", "payments_contract_fkey"),
        ("mia.manager", "INSERT INTO payments (contract_id, amount) VALUES (202, 500001)", "contracts_due_range"),
        ("mia.manager", "INSERT INTO payments (contract_id, amount) VALUES (203, 1)", "contracts_due_range"),
        ("mia.manager", "INSERT INTO payments (contract_id, amount) VALUES (201, 0)", "payments_amount_range"),
        ("mia.manager", "INSERT INTO payments (contract_id, amount) VALUES (201, -5)", "payments_amount_range"),
        ("mia.manager", "UPDATE clients SET deleted_at = now() WHERE id = 101", "contracts_client_live"),
        ("mia.manager", "UPDATE contracts SET deleted_at = now() WHERE id = 206", "events_contract_standing"),
        ("mia.manager", "UPDATE clients SET sales_id = 7 WHERE id = 101", "clients_sales_active"),
        ("mia.manager", "UPDATE clients SET sales_id = 9 WHERE id = 101", "clients_sales_active"),
        ("mia.manager", "UPDATE clients SET sales_id = 999 WHERE id = 101", "clients_sales_active"),
        ("mia.manager", "UPDATE clients SET sales_id = 3 WHERE id = 101", "clients_sales_active"),
        ("mia.manager", "UPDATE events SET support_id = 5 WHERE id = 304", "events_support_active"),
        ("mia.manager", "UPDATE events SET support_id = 999 WHERE id = 304", "events_support_active"),
        ("mia.manager", "SELECT api.hand_over(5, 7)", "clients_sales_active"),
        ("mia.manager", "SELECT api.hand_over(5, 9)", "clients_sales_active"),
        ("mia.manager", "SELECT api.hand_over(7, 5)", "events_support_active"),
        ("mia.manager", "UPDATE employees SET department = 'support' WHERE id = 5", "employees_hand_over_first"),
        ("ada.admin", "UPDATE employees SET department = 'sales' WHERE id = 7", "employees_hand_over_first"),
        ("ada.admin", "UPDATE employees SET email = 'BILL@epic.example' WHERE id = 6", "employees_email_key"),
        ("ada.admin", "INSERT INTO employees (username, full_name, email, department)"
                      " VALUES ('bill.boquet', 'B', 'b@e', 'sales')", "employees_username_key"),
        ("ada.admin", "INSERT INTO employees (username, full_name, email, department)"
                      " VALUES ('Bill', 'B', 'b@e', 'sales')", "employees_username_form"),
        ("ada.admin", "INSERT INTO employees (username, full_name, email, department)"
                      " VALUES ('bill', 'B', 'b@e', 'owner')", "employees_department_known"),
        ("ada.admin", "UPDATE settings SET value = 'open' WHERE name = 'read_mode'", "settings_value_known"),
        ("ada.admin", "UPDATE settings SET value = '0h' WHERE name = 'idle_timeout'", "settings_value_known"),
        ("ada.admin", "UPDATE settings SET value = 'infinity' WHERE name = 'session_lifetime'", "settings_value_known"),
        ("ada.admin", "UPDATE settings SET value = 'Mars/Olympus' WHERE name = 'timezone'", "settings_timezone_known"),
    ],
)  # fmt: skip
def test_refusal_names_its_constraint(shared_world: World, username: str, sql: str, constraint: str) -> None:
    assert refusal(shared_world.connect(username), sql) == constraint


# Money


def test_due_is_the_total_without_the_payments(world: World, mia: "connection") -> None:
    due = "SELECT due FROM contracts WHERE id = 202"
    assert value(mia, due) == 500000
    number = value(mia, "INSERT INTO payments (contract_id, amount) VALUES (202, 500000) RETURNING id")
    assert value(mia, due) == 0
    rows(mia, "UPDATE contracts SET total = 900000 WHERE id = 202")
    assert value(mia, due) == 100000
    rows(mia, "SELECT api.void_payment(%s)", number)
    assert value(mia, due) == 600000
    rows(mia, "UPDATE contracts SET total = 300000 WHERE id = 202")
    assert value(mia, due) == 0


def test_several_payments_in_one_statement_are_counted_each(mia: "connection") -> None:
    rows(mia, "INSERT INTO payments (contract_id, amount) VALUES (201, 1), (201, 2), (201, 3)")
    assert value(mia, "SELECT total - due FROM contracts WHERE id = 201") == 6


# Trash


def test_record_is_restored_only_under_live_parents(mia: "connection", bill: "connection") -> None:
    event = value(bill, EVENT.format(201, SOON))
    for table, number in (("events", event), ("contracts", 201), ("contracts", 205), ("clients", 102)):
        assert touched(mia, f"UPDATE {table} SET deleted_at = now() WHERE id = {number}") == 1
    restore = "UPDATE {} SET deleted_at = NULL WHERE id = {}"
    assert refusal(mia, restore.format("events", event)) == "events_contract_standing"
    assert refusal(mia, restore.format("contracts", 205)) == "contracts_client_live"
    for table, number in (("contracts", 201), ("events", event), ("clients", 102), ("contracts", 205)):
        assert touched(mia, restore.format(table, number)) == 1


def test_event_is_not_restored_on_a_contract_unsigned_meanwhile(mia: "connection", bill: "connection") -> None:
    event = value(bill, EVENT.format(201, SOON))
    rows(mia, f"UPDATE events SET deleted_at = now() WHERE id = {event}")
    assert touched(bill, "UPDATE contracts SET signed_at = NULL WHERE id = 201") == 1
    restore = f"UPDATE events SET deleted_at = NULL WHERE id = {event}"
    assert refusal(mia, restore) == "events_contract_standing"
    assert touched(bill, "UPDATE contracts SET signed_at = now() WHERE id = 201") == 1
    assert touched(mia, restore) == 1


def test_words_follow_the_client(mia: "connection", bill: "connection") -> None:
    words = "SELECT array_agg(word ORDER BY word), min(sales_id), max(sales_id) FROM client_words WHERE client_id = 102"
    words += " AND word !~ '^[@+-]'"
    assert rows(mia, words) == [(["fils", "muller", "noel", "zoe"], 5, 5)]
    rows(bill, "UPDATE clients SET company = 'Ærø & Straße' WHERE id = 102")
    rows(mia, "UPDATE clients SET sales_id = 6 WHERE id = 102")
    assert rows(mia, words) == [(["aero", "muller", "strasse", "zoe"], 6, 6)]
    rows(mia, "UPDATE contracts SET deleted_at = now() WHERE id = 205")
    rows(mia, "UPDATE clients SET deleted_at = now() WHERE id = 102")
    assert rows(mia, words) == [(None, None, None)]
    rows(mia, "UPDATE clients SET deleted_at = NULL WHERE id = 102")
    assert value(mia, words) == ["aero", "muller", "strasse", "zoe"]


# Whose it is


def test_contracts_and_events_follow_their_client_trash_included(world: World, mia: "connection") -> None:
    rows(mia, "UPDATE clients SET sales_id = 6 WHERE id = 101")
    for table in ("contracts", "events"):
        assert world.rows(f"SELECT DISTINCT sales_id FROM crm.{table} WHERE client_id = 101") == [(6,)]


def test_hand_over_of_sales_moves_every_client_with_all_that_hangs_on_it(world: World, mia: "connection") -> None:
    assert value(mia, "SELECT api.hand_over(5, 6)") == 3
    for table in ("clients", "contracts", "events", "client_words"):
        assert world.rows(f"SELECT DISTINCT sales_id FROM crm.{table}") == [(6,)]
    assert value(mia, "SELECT api.hand_over(5, 6)") == 0


def test_hand_over_of_support_moves_the_events_that_are_not_over(world: World, mia: "connection") -> None:
    assert value(mia, "SELECT api.hand_over(7, 8)") == 3
    assert world.rows("SELECT id FROM crm.events WHERE support_id = 7") == [(world.ids.kates_past_event,)]


@pytest.mark.parametrize("call", ["hand_over(5, 5)", "hand_over(5, NULL)", "hand_over(NULL, 6)", "hand_over(999, 6)",
                                  "hand_over(1, 2)", "hand_over(3, 4)"])  # fmt: skip
def test_hand_over_that_may_not_be_moves_nothing(mia: "connection", call: str) -> None:
    assert value(mia, f"SELECT api.{call}") is None


# Departments


def test_department_changes_once_everything_is_handed_over(world: World, mia: "connection") -> None:
    change = "UPDATE employees SET department = 'management' WHERE id = {}"
    for giver, taker in ((5, 6), (7, 8)):
        assert refusal(mia, change.format(giver)) == "employees_hand_over_first"
        rows(mia, f"SELECT api.hand_over({giver}, {taker})")
        assert touched(mia, change.format(giver)) == 1


@pytest.mark.parametrize(
    ("who", "left"),
    [(5, "UPDATE crm.clients SET sales_id = 6 WHERE deleted_at IS NULL"),
     (7, "UPDATE crm.events SET support_id = NULL WHERE deleted_at IS NULL")],
)  # fmt: skip
def test_what_is_in_the_trash_holds_a_department_too(world: World, mia: "connection", who: int, left: str) -> None:
    world.run(left)
    change = f"UPDATE employees SET department = 'management' WHERE id = {who}"
    assert refusal(mia, change) == "employees_hand_over_first"


def test_past_events_hold_nobody(world: World, mia: "connection") -> None:
    world.run("UPDATE crm.events SET support_id = NULL WHERE ends_at > now()")
    assert touched(mia, "UPDATE employees SET department = 'sales' WHERE id IN (7, 8)") == 2
    assert world.ask("SELECT support_id FROM crm.events WHERE id = 301") == (7,)


@pytest.mark.parametrize("who", [4, 5, 6, 7, 8])
def test_deactivation_is_held_up_by_nothing(mia: "connection", who: int) -> None:
    assert touched(mia, f"UPDATE employees SET active = false WHERE id = {who}") == 1


def test_inactive_employee_keeps_records_and_gets_no_new_ones(mia: "connection") -> None:
    rows(mia, "UPDATE employees SET active = false WHERE id IN (6, 8)")
    assert value(mia, "SELECT count(*) FROM clients WHERE sales_id = 6") == 2
    assert refusal(mia, "UPDATE clients SET sales_id = 6 WHERE id = 101") == "clients_sales_active"
    assert refusal(mia, "UPDATE events SET support_id = 8 WHERE id = 304") == "events_support_active"
    assert value(mia, "SELECT api.hand_over(6, 5)") == 2


@pytest.mark.parametrize("change", ["active = false", "department = 'management'"])
def test_last_active_admin_stays_one_even_for_the_owner(world: World, change: str) -> None:
    rows(world.connect("ada.admin"), "UPDATE employees SET active = false WHERE id = 2")
    assert refusal(world.owner(), f"UPDATE crm.employees SET {change} WHERE id = 1") == "employees_last_admin"


# Revisions


CHANGED_ONCE: list[tuple[str, str, dict[str, list[int]]]] = [
    ("bill.boquet", "UPDATE clients SET phone = '1' WHERE id = 101", {"clients": [101]}),
    ("bill.boquet", "UPDATE contracts SET signed_at = now() WHERE id = 204", {"contracts": [204]}),
    ("mia.manager", "UPDATE contracts SET total = 900000 WHERE id = 202", {"contracts": [202]}),
    ("mia.manager", "INSERT INTO payments (contract_id, amount) VALUES (202, 1)", {"contracts": [202]}),
    ("mia.manager", "SELECT api.void_payment(401)", {"contracts": [202]}),
    ("kate.hastroff", "UPDATE events SET notes = 'x' WHERE id = 302", {"events": [302]}),
    ("mia.manager", "UPDATE events SET support_id = 8 WHERE id = 304", {"events": [304]}),
    ("mia.manager", "UPDATE events SET deleted_at = now() WHERE id = 304", {"events": [304]}),
    ("mia.manager", "UPDATE clients SET sales_id = 5 WHERE id = 103",
     {"clients": [103], "contracts": [206, 207, 209], "events": [303, 305, 307, 308]}),
    ("mia.manager", "UPDATE employees SET full_name = 'N' WHERE id = 5", {"employees": [5]}),
    ("ada.admin", "UPDATE employees SET active = false, email = 'n@e' WHERE id = 5", {"employees": [5]}),
    ("bill.boquet", EVENT.format(202, SOON), {}),
]  # fmt: skip


@pytest.mark.parametrize(("username", "sql", "changed"), CHANGED_ONCE, ids=[case[1] for case in CHANGED_ONCE])
def test_change_raises_the_revision_of_what_it_changes_by_one(
    world: World, username: str, sql: str, changed: dict[str, list[int]]
) -> None:
    before = _revisions(world)
    rows(world.connect(username), sql)
    raised = {
        key: revision - before[key] for key, revision in _revisions(world).items() if revision != before.get(key, 1)
    }
    assert raised == {(table, number): 1 for table, numbers in changed.items() for number in numbers}


def _revisions(world: World) -> dict[tuple[str, int], int]:
    tables = ("employees", "clients", "contracts", "payments", "events")
    return {
        (table, number): revision
        for table in tables
        for number, revision in world.rows(f"SELECT id, revision FROM crm.{table}")
    }


def test_login_raises_no_revision(world: World) -> None:
    world.run("UPDATE crm.employees SET last_login_at = now()")
    assert world.ask("SELECT max(revision) FROM crm.employees") == (1,)


@pytest.mark.parametrize("table", ["clients", "contracts", "events"])
def test_change_sets_the_time_of_the_last_change(world: World, table: str) -> None:
    world.run(f"ALTER TABLE crm.{table} DISABLE TRIGGER stamp")
    world.run(f"UPDATE crm.{table} SET updated_at = now() - interval '1 day'")
    world.run(f"ALTER TABLE crm.{table} ENABLE TRIGGER stamp")
    columns: dict[str, Any] = {"clients": "sales_id = sales_id", "contracts": "total = total", "events": "notes = 'x'"}
    rows(world.connect("mia.manager"), f"UPDATE {table} SET {columns[table]}")
    assert world.ask(f"SELECT min(updated_at) > now() - interval '1 hour' FROM crm.{table} WHERE revision > 1") == (
        True,
    )


def test_unsigned_contract_may_change_its_total_by_its_sales(bill: "connection") -> None:
    assert effect(bill, "UPDATE contracts SET total = 1 WHERE id = 204")
