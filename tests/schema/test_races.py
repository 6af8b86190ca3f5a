"""Two writers at once: one waits for the other, and then the guards hold as if they had taken turns."""

from typing import TYPE_CHECKING

import pytest
from support.race import Race
from support.statements import rows, touched
from support.world import World

if TYPE_CHECKING:
    pass

EVENT = (
    "INSERT INTO events (contract_id, name, starts_at, ends_at, location)"
    " VALUES ({}, 'N', now() + interval '1 day', now() + interval '2 days', 'Paris') RETURNING contract_id"
)
CONTRACT = "INSERT INTO contracts (client_id, total) VALUES ({}, 100) RETURNING client_id"
TRASH, RESTORE = "UPDATE {} SET deleted_at = now() WHERE id = {}", "UPDATE {} SET deleted_at = NULL WHERE id = {}"
UNSIGN = "UPDATE contracts SET signed_at = NULL WHERE id = {}"
PAY = "INSERT INTO payments (contract_id, amount) VALUES ({}, {}) RETURNING contract_id"
MOVE = "UPDATE employees SET department = 'management' WHERE id = {}"
CLOSE = "UPDATE employees SET active = false WHERE id = {}"
REASSIGN = "UPDATE clients SET sales_id = 6 WHERE id = 101"
SIGN = "UPDATE contracts SET signed_at = now() WHERE id = 205"
SIGNED = "INSERT INTO contracts (client_id, total, signed_at) VALUES (102, 1, now())"
LOWER = "UPDATE contracts SET total = 500000 WHERE id = 202"
ASSIGN = "UPDATE events SET support_id = {} WHERE id = {}"

BILL, EVE, KATE, MIA, MAX, ADA, OTTO = (
    "bill.boquet", "eve.martin", "kate.hastroff", "mia.manager", "max.manager", "ada.admin", "otto.admin",
)  # fmt: skip

# The first holds its change open, the second waits for it, and is refused once it is committed: with which answer.
REFUSED = {
    "event, unsign": (BILL, EVENT.format(201), MIA, UNSIGN.format(201), "events_contract_standing"),
    "unsign, event": (MIA, UNSIGN.format(201), BILL, EVENT.format(201), "events_contract_fkey"),
    "event, no contract": (BILL, EVENT.format(201), MIA, TRASH.format("contracts", 201), "events_contract_standing"),
    "no contract, event": (MIA, TRASH.format("contracts", 201), BILL, EVENT.format(201), "events_contract_fkey"),
    "contract, no client": (MAX, CONTRACT.format(104), MIA, TRASH.format("clients", 104), "contracts_client_live"),
    "no client, contract": (MIA, TRASH.format("clients", 104), MAX, CONTRACT.format(104), "contracts_client_fkey"),
    "payment, payment": (BILL, PAY.format(202, 300000), MIA, PAY.format(202, 300000), "contracts_due_range"),
    "payment, lower total": (BILL, PAY.format(202, 300000), MIA, LOWER, "contracts_due_range"),
    "lower total, payment": (MIA, LOWER, BILL, PAY.format(202, 300000), "contracts_due_range"),
    "no contract, payment": (MIA, TRASH.format("contracts", 201), BILL, PAY.format(201, 1), "payments_contract_fkey"),
    "hand over, event": (MIA, "SELECT api.hand_over(5, 6)", BILL, EVENT.format(202), "events_contract_fkey"),
    "hand over, payment": (MIA, "SELECT api.hand_over(5, 6)", BILL, PAY.format(201, 1), "payments_contract_fkey"),
    "assign, move": (MIA, ASSIGN.format(8, 304), ADA, MOVE.format(8), "employees_hand_over_first"),
    "move, assign": (ADA, MOVE.format(8), MIA, ASSIGN.format(8, 304), "events_support_active"),
    "move, hand over": (ADA, MOVE.format(8), MIA, "SELECT api.hand_over(7, 8)", "events_support_active"),
    "hand over, move": (MIA, "SELECT api.hand_over(7, 8)", ADA, MOVE.format(8), "employees_hand_over_first"),
    "move, reassign": (ADA, MOVE.format(6), MIA, REASSIGN, "clients_sales_active"),
    "reassign, move": (MIA, REASSIGN, ADA, MOVE.format(6), "employees_hand_over_first"),
    "admin, admin": (ADA, CLOSE.format(2), OTTO, CLOSE.format(1), "employees_last_admin"),
    "admin, admin moved": (ADA, MOVE.format(2), OTTO, MOVE.format(1), "employees_last_admin"),
}


@pytest.fixture
def ready(world: World) -> World:
    """Eve and Aliénor have nothing to hand over; client 104 has no contract."""
    world.run("UPDATE crm.clients SET sales_id = 5")
    world.run("UPDATE crm.events SET support_id = 7 WHERE support_id = 8 AND ends_at > now()")
    return world


@pytest.mark.parametrize(("first", "change", "second", "rival", "answer"), REFUSED.values(), ids=REFUSED)
def test_second_waits_and_is_refused(
    ready: World, race: Race, first: str, change: str, second: str, rival: str, answer: str
) -> None:
    holder, waiter = ready.connect(first), ready.connect(second)
    rows(holder, "BEGIN")
    rows(holder, change)
    outcome = race.start_waiting(waiter, rival)
    rows(holder, "COMMIT")
    assert outcome.answer == answer
    _holds_together(ready)


@pytest.mark.parametrize(("first", "change", "second", "rival", "answer"), REFUSED.values(), ids=REFUSED)
def test_second_goes_on_if_the_first_gives_up(
    ready: World, race: Race, first: str, change: str, second: str, rival: str, answer: str
) -> None:
    holder, waiter = ready.connect(first), ready.connect(second)
    rows(holder, "BEGIN")
    rows(holder, change)
    outcome = race.start_waiting(waiter, rival)
    rows(holder, "ROLLBACK")
    assert isinstance(outcome.answer, list)
    _holds_together(ready)


# Both go through, one after the other.
BOTH = {
    "hand over, update": (MIA, "SELECT api.hand_over(5, 6)", MAX, "UPDATE clients SET sales_id = 5 WHERE id = 101"),
    "event, hand over": (BILL, EVENT.format(202), MIA, "SELECT api.hand_over(5, 6)"),
    "update, hand over": (BILL, "UPDATE clients SET phone = '1' WHERE id = 101", MIA, "SELECT api.hand_over(5, 6)"),
    "payment, hand over": (BILL, PAY.format(201, 1), MIA, "SELECT api.hand_over(5, 6)"),
    "update, reassign": (KATE, "UPDATE events SET notes = 'x' WHERE id = 302", MIA, REASSIGN),
    "unassign, hand over": (MIA, ASSIGN.format("NULL", 302), ADA, "SELECT api.hand_over(7, 8)"),
    "payment, payment": (BILL, PAY.format(202, 250000), MIA, PAY.format(202, 250000)),
    "sign, sign another": (BILL, SIGN, MIA, SIGNED),
    "sign, hand over": (BILL, SIGN, MIA, "SELECT api.hand_over(5, 6)"),
    "event, event": (BILL, EVENT.format(201), BILL, EVENT.format(201)),
    "no event, event": (MIA, TRASH.format("events", 301), BILL, EVENT.format(203)),
    "no event, no other": (MIA, TRASH.format("events", 302), MAX, TRASH.format("events", 304)),
    "void, payment": (MIA, "SELECT api.void_payment(402)", BILL, PAY.format(203, 1)),
}  # fmt: skip


@pytest.mark.parametrize(("first", "change", "second", "rival"), BOTH.values(), ids=BOTH)
def test_second_waits_and_goes_through(
    ready: World, race: Race, first: str, change: str, second: str, rival: str
) -> None:
    holder, waiter = ready.connect(first), ready.connect(second)
    rows(holder, "BEGIN")
    rows(holder, change)
    outcome = race.start_waiting(waiter, rival)
    rows(holder, "COMMIT")
    assert isinstance(outcome.answer, list), outcome.answer
    _holds_together(ready)


def test_restore_and_trash_of_the_parent_take_turns(ready: World, race: Race) -> None:
    mia, max_ = ready.connect(MIA), ready.connect(MAX)
    rows(mia, TRASH.format("contracts", 205))
    restore, trash = RESTORE.format("contracts", 205), TRASH.format("clients", 102)
    for change, rival in ((restore, trash), (trash, restore)):
        rows(mia, "BEGIN")
        rows(mia, change)
        outcome = race.start_waiting(max_, rival)
        rows(mia, "COMMIT")
        assert outcome.answer == "contracts_client_live"
        ready.run("UPDATE crm.clients SET deleted_at = NULL WHERE id = 102")
        ready.run("UPDATE crm.contracts SET deleted_at = now() WHERE id = 205")


def test_restore_of_an_event_and_unsigning_take_turns(ready: World, race: Race) -> None:
    mia, max_ = ready.connect(MIA), ready.connect(MAX)
    ready.run("UPDATE crm.events SET deleted_at = now() WHERE contract_id = 203")
    restore, unsign = RESTORE.format("events", 301), UNSIGN.format(203)
    for change, rival in ((restore, unsign), (unsign, restore)):
        rows(mia, "BEGIN")
        rows(mia, change)
        outcome = race.start_waiting(max_, rival)
        rows(mia, "COMMIT")
        assert outcome.answer == "events_contract_standing"
        ready.run("UPDATE crm.contracts SET signed_at = now() WHERE id = 203")
        ready.run("UPDATE crm.events SET deleted_at = now() WHERE id = 301")


def test_both_changes_raise_the_revision(ready: World, race: Race) -> None:
    mia, bill = ready.connect(MIA), ready.connect(BILL)
    revision = "SELECT revision FROM crm.contracts WHERE id = 201"
    before = ready.ask(revision)[0]
    rows(mia, "BEGIN")
    rows(mia, "UPDATE contracts SET signed_at = now() WHERE id = 201")
    outcome = race.start_waiting(bill, PAY.format(201, 1))
    rows(mia, "COMMIT")
    assert outcome.answer == [(201,)]
    assert ready.ask(revision)[0] == before + 2


def test_change_of_a_stale_copy_touches_nothing(ready: World, race: Race) -> None:
    mia, bill = ready.connect(MIA), ready.connect(BILL)
    revision = ready.ask("SELECT revision FROM crm.contracts WHERE id = 204")[0]
    change = f"UPDATE contracts SET total = total + 1 WHERE id = 204 AND revision = {revision} RETURNING total"
    rows(mia, "BEGIN")
    assert rows(mia, change)
    outcome = race.start_waiting(bill, change)
    rows(mia, "COMMIT")
    assert outcome.answer == []


def test_deactivation_does_not_wait_for_an_assignment(ready: World) -> None:
    mia, admin = ready.connect(MIA), ready.connect(ADA)
    rows(admin, "SET lock_timeout = '100ms'")
    rows(mia, "BEGIN")
    rows(mia, ASSIGN.format(8, 304))
    assert touched(admin, "UPDATE employees SET active = false WHERE id = 8") == 1
    rows(mia, "COMMIT")
    _holds_together(ready)


# What must hold whatever happened.
_CONTRACTS = "SELECT 1 FROM crm.contracts k JOIN crm.clients c ON c.id = k.client_id WHERE "
_EVENTS = "SELECT 1 FROM crm.events v JOIN crm.contracts k ON k.id = v.contract_id WHERE "
_SUPPORT = "SELECT 1 FROM crm.events v JOIN crm.employees e ON e.id = v.support_id WHERE "
_SALES = "SELECT 1 FROM crm.clients c JOIN crm.employees e ON e.id = c.sales_id WHERE "
_WORDS = "SELECT 1 FROM crm.client_words w JOIN crm.clients c ON c.id = w.client_id WHERE "
_PAYMENTS = "SELECT k.paid, sum(p.amount) FROM crm.contracts k LEFT JOIN crm.payments p ON p.contract_id = k.id "
BROKEN = {
    "whose a contract is": _CONTRACTS + "k.sales_id <> c.sales_id",
    "whose an event is": _EVENTS + "(v.sales_id, v.client_id) <> (k.sales_id, k.client_id)",
    "live contracts": _CONTRACTS + "k.deleted_at IS NULL AND c.deleted_at IS NOT NULL",
    "live events": _EVENTS + "v.deleted_at IS NULL AND (k.deleted_at IS NOT NULL OR NOT k.signed)",
    "paid": _PAYMENTS + "GROUP BY k.id HAVING k.paid <> coalesce(sum(p.amount), 0)",
    "due": "SELECT 1 FROM crm.contracts WHERE due <> total - paid OR due < 0",
    "prospects": "SELECT 1 FROM crm.clients c WHERE prospect = EXISTS"
    " (SELECT 1 FROM crm.contracts k WHERE k.client_id = c.id AND k.standing)",
    "contractless": "SELECT 1 FROM crm.clients c WHERE contractless = EXISTS"
    " (SELECT 1 FROM crm.contracts k WHERE k.client_id = c.id AND k.deleted_at IS NULL)",
    "eventless": "SELECT 1 FROM crm.contracts k WHERE eventless = EXISTS"
    " (SELECT 1 FROM crm.events v WHERE v.contract_id = k.id AND v.deleted_at IS NULL)",
    "contacts": _SALES + "e.department <> 'sales'",
    "support": _SUPPORT + "e.department <> 'support' AND v.ends_at > now()",
    "words": _WORDS + "w.sales_id <> c.sales_id OR c.deleted_at IS NOT NULL",
    "an admin": "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM crm.employees WHERE department = 'admin' AND active)",
}


def _holds_together(world: World) -> None:
    for name, sql in BROKEN.items():
        assert world.rows(sql) == [], name
