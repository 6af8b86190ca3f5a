"""What one transaction changed has one number in the audit, which nobody can choose."""

import pytest
from support.statements import refusal, rows, value
from support.world import LOGIN_ROLES, World

BATCHES = "SELECT batch, count(*) FROM sec.audit WHERE batch IS NOT NULL GROUP BY batch ORDER BY batch DESC LIMIT %s"


def test_a_transaction_is_one_batch_and_the_next_another(world: World) -> None:
    mia = world.connect("mia.manager")
    mia.autocommit = False
    rows(mia, "UPDATE events SET support_id = 7 WHERE id = 304")
    rows(mia, "UPDATE clients SET sales_id = 6 WHERE id = 102")  # its contract follows
    mia.commit()
    rows(mia, "UPDATE events SET support_id = 7 WHERE id = 305")
    mia.commit()
    (last, one), (batch, three) = world.rows(BATCHES, 2)
    assert (one, three) == (1, 3)
    first = world.ask("SELECT id, noun FROM sec.audit WHERE batch = %s ORDER BY id LIMIT 1", batch)
    assert first == (batch, "events"), "its number is that of its first entry"
    assert last > batch


def test_transactions_at_once_are_told_apart(world: World) -> None:
    mia, kate = world.connect("mia.manager"), world.connect("kate.hastroff")
    mia.autocommit = kate.autocommit = False
    rows(mia, "UPDATE events SET support_id = 7 WHERE id = 304")
    rows(kate, "UPDATE events SET notes = 'x' WHERE id = 302")
    rows(mia, "UPDATE events SET support_id = 7 WHERE id = 305")
    rows(kate, "UPDATE events SET notes = 'x' WHERE id = 308")
    mia.commit()
    kate.commit()
    assert [count for _, count in world.rows(BATCHES, 2)] == [2, 2]


def test_a_number_that_a_transaction_of_another_server_had_joins_nothing(world: World) -> None:
    """A dump is restored on a server whose transactions are counted from the start."""
    owner = world.owner()
    owner.autocommit = False
    rows(owner, "ALTER TABLE sec.audit DISABLE TRIGGER number_batch")
    rows(owner, "INSERT INTO sec.audit (at, action, noun, batch) VALUES (now() - interval '1 day', 'x', 'old', 77)")
    rows(owner, "ALTER TABLE sec.audit ENABLE TRIGGER number_batch")
    rows(owner, "UPDATE crm.events SET notes = 'x' WHERE id = 302")
    owner.commit()
    assert world.ask("SELECT batch = id FROM sec.audit ORDER BY id DESC LIMIT 1") == (True,)


@pytest.mark.parametrize("role", LOGIN_ROLES)
def test_no_login_role_writes_a_batch(world: World, role: str) -> None:
    opened = world.bare(role)
    for sql in (
        "INSERT INTO sec.audit (action, noun, batch) VALUES ('update', 'events', 1)",
        "UPDATE sec.audit SET batch = 1",
        "INSERT INTO api.history (batch) VALUES (1)",
        "UPDATE api.audit_log SET batch = 1",
        "SELECT sec.number_batch()",
        "ALTER TABLE sec.audit DISABLE TRIGGER number_batch",
    ):
        assert refusal(opened, sql) in ("42501", "55000"), sql


def test_a_batch_that_is_claimed_is_overruled(world: World) -> None:
    """Even of who may write to the audit: neither its number nor its transaction is taken as told."""
    rows(world.owner(), "INSERT INTO sec.audit (action, noun, batch, xid) VALUES ('update', 'events', 1, '5')")
    assert world.ask("SELECT batch = id, xid <> '5' FROM sec.audit ORDER BY id DESC LIMIT 1") == (True, True)


def test_no_setting_joins_a_batch(world: World) -> None:
    mia = world.connect("mia.manager")
    before = value(mia, "SELECT max(batch) FROM api.history")
    rows(mia, "SELECT set_config('epic.batch', '1', false), set_config('enable_indexscan', 'off', false)")
    rows(mia, "UPDATE events SET support_id = 7 WHERE id = 304")
    assert value(mia, "SELECT max(batch) FROM api.history") > (before or 0)


def test_a_batch_is_found_by_an_index(world: World) -> None:
    admin = world.connect("ada.admin")
    rows(admin, "SET enable_seqscan = off")
    plan = str(rows(admin, "EXPLAIN SELECT id FROM api.audit_log WHERE batch = 5 ORDER BY id DESC LIMIT 51"))
    assert "audit_of_batch" in plan


def test_the_plan_that_finds_the_batch_is_never_a_scan_of_the_audit(world: World) -> None:
    """It is kept for the whole transaction: a scan would make a bulk change quadratic."""
    source = world.ask("SELECT proconfig FROM pg_proc WHERE oid = 'sec.number_batch()'::regprocedure")[0]
    assert "enable_seqscan=off" in source
