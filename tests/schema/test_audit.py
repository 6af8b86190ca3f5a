"""The audit: every change is in it, nobody changes it, and each reader sees their part."""

from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from support.matrix import ACTIONS
from support.statements import refusal, rows, undone, value
from support.world import ONE_OF, World

if TYPE_CHECKING:
    from psycopg2.extensions import connection

NEW_CLIENT = (
    "INSERT INTO clients (full_name, email, phone, company) VALUES ('New', 'n@c.example', '+33 1', 'Co') RETURNING id"
)
# By whom, what, and what the audit has of it: action, noun, row, revision, old, new.
CHANGES: list[tuple[str, str, tuple[Any, ...]]] = [
    ("bill.boquet", "UPDATE clients SET full_name = 'K. Casey' WHERE id = 101",
     ("update", "clients", 101, 2, {"full_name": "Kevin Casey"}, {"full_name": "K. Casey"})),
    ("bill.boquet", "UPDATE contracts SET total = 260000 WHERE id = 204",
     ("update", "contracts", 204, 2, {"total": 250000, "due": 250000}, {"total": 260000, "due": 260000})),
    ("kate.hastroff", "UPDATE events SET attendees = 130 WHERE id = 302",
     ("update", "events", 302, 2, {"attendees": 120}, {"attendees": 130})),
    ("mia.manager", "UPDATE events SET support_id = 8 WHERE id = 304",
     ("update", "events", 304, 2, {"support_id": None}, {"support_id": 8})),
    ("mia.manager", "UPDATE employees SET full_name = 'Evelyn Martin' WHERE id = 6",
     ("update", "employees", 6, 2, {"full_name": "Eve Martin"}, {"full_name": "Evelyn Martin"})),
    ("ada.admin", "UPDATE employees SET active = false WHERE id = 6",
     ("update", "employees", 6, 2, {"active": True}, {"active": False})),
    ("ada.admin", "UPDATE settings SET value = 'USD' WHERE name = 'currency'",
     ("update", "settings", None, 2, {"value": "EUR"}, {"name": "currency", "value": "USD"})),
]  # fmt: skip
WITHOUT_TIMES = "SELECT employee_id, session_id, login_role, action, noun, row_id, revision, old, new FROM sec.audit"


def _last(world: World) -> tuple[Any, ...]:
    return world.ask(f"{WITHOUT_TIMES} ORDER BY id DESC LIMIT 1")


@pytest.mark.parametrize(("username", "sql", "recorded"), CHANGES, ids=[change[1] for change in CHANGES])
def test_change_is_recorded_with_who_and_the_fields_that_changed(
    world: World, username: str, sql: str, recorded: tuple[Any, ...]
) -> None:
    session = world.login(username)
    rows(world.connect(username, session), sql)
    assert _last(world) == (session.employee_id, session.id, f"epic_{session.department}_login", *recorded)


def test_creation_is_recorded_whole(world: World) -> None:
    number = value(world.connect("bill.boquet"), NEW_CLIENT)
    _, _, _, action, noun, row_id, revision, old, new = _last(world)
    assert (action, noun, row_id, revision, old) == ("create", "clients", number, 1, None)
    assert new["full_name"] == "New"
    assert new["sales_id"] == world.ids.bill


def test_deletion_and_restoring_are_called_so(world: World) -> None:
    manager = world.connect("mia.manager")
    for change, action in (("now()", "delete"), ("NULL", "restore")):
        rows(manager, f"UPDATE clients SET deleted_at = {change} WHERE id = 104")
        assert _last(world)[3:6] == (action, "clients", 104)


def test_payment_is_recorded_and_so_is_what_it_does_to_the_contract(world: World) -> None:
    opened = world.connect("bill.boquet")
    number = value(opened, "INSERT INTO payments (contract_id, amount) VALUES (201, 100) RETURNING id")
    rows(opened, "SELECT api.void_payment(%s)", number)
    recorded = world.rows(
        "SELECT action, noun, row_id, old->'due', new->'due' FROM sec.audit WHERE session_id IS NOT NULL ORDER BY id"
    )
    assert sorted(recorded, key=str) == sorted(
        [
            ("create", "payments", number, None, None),
            ("update", "contracts", 201, 1200000, 1199900),
            ("void", "payments", number, None, None),
            ("update", "contracts", 201, 1199900, 1200000),
        ],
        key=str,
    )


def test_change_that_cascades_is_recorded_for_each_record(world: World) -> None:
    rows(world.connect("mia.manager"), "UPDATE clients SET sales_id = 6 WHERE id = 102")
    recorded = world.rows("SELECT noun, row_id, new FROM sec.audit WHERE session_id IS NOT NULL ORDER BY noun")
    assert recorded == [("clients", 102, {"sales_id": 6}), ("contracts", 205, {"sales_id": 6})]


def test_change_of_nothing_is_not_recorded(world: World) -> None:
    before = world.ask("SELECT count(*) FROM sec.audit")
    rows(world.connect("bill.boquet"), "UPDATE clients SET full_name = full_name")
    rows(world.connect("mia.manager"), "UPDATE events SET support_id = support_id")
    assert world.ask("SELECT count(*) FROM sec.audit") == before


def test_each_right_that_changes_something_leaves_a_trace(world: World) -> None:
    for department, username in ONE_OF.items():
        opened = world.connect(username)
        for action in ACTIONS:
            changes = not action.sql.startswith("SELECT 1 FROM") or "hand_over" in action.sql
            for whose, target in action.targets.items():
                if changes and target > 0 and action.works("company", department, whose) and "hand" not in action.name:
                    assert _traced(world, opened, action.sql.replace("%(id)s", str(target))), action.name


def _traced(world: World, opened: "connection", sql: str) -> bool:
    """Whether a statement writes to the audit; it is rolled back, which takes no number of the audit's back."""
    last = "SELECT last_value FROM sec.audit_id_seq"
    before = world.ask(last)
    with undone(opened):
        rows(opened, sql)
    return world.ask(last) > before


# Nobody changes it


TAMPERING = (
    "UPDATE sec.audit SET employee_id = 1",
    "DELETE FROM sec.audit",
    "TRUNCATE sec.audit",
    "MERGE INTO sec.audit a USING (VALUES (1)) v (id) ON true WHEN MATCHED THEN DELETE",
)


@pytest.mark.parametrize("role", ["epic_owner", "epic_definer", "epic_auditor", "postgres"])
@pytest.mark.parametrize("sql", TAMPERING)
def test_not_even_the_roles_of_the_schema_change_it(shared_world: World, role: str, sql: str) -> None:
    owner = shared_world.owner()
    rows(owner, f"SET ROLE {role}")
    before = shared_world.state("sec.sessions")["sec.audit"]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        rows(owner, sql)
    assert shared_world.state()["sec.audit"] == before


@pytest.mark.parametrize("role", ["epic_owner", "epic_definer"])
@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE sec.audit DISABLE TRIGGER refuse_change",
        "DROP TRIGGER refuse_change ON sec.audit",
        "ALTER TABLE sec.audit DISABLE ROW LEVEL SECURITY",
        "CREATE RULE mine AS ON INSERT TO sec.audit DO INSTEAD NOTHING",
    ],
)
def test_no_role_that_code_runs_as_gets_around_that(shared_world: World, role: str, sql: str) -> None:
    owner = shared_world.owner()
    rows(owner, f"SET ROLE {role}")
    with undone(owner):
        assert refusal(owner, sql) == "42501"


@pytest.mark.parametrize("sql", ["DROP TABLE sec.audit CASCADE", "DROP SCHEMA sec CASCADE"])
@pytest.mark.parametrize("role", ["epic_owner", "epic_definer"])
def test_no_role_that_code_runs_as_drops_it(shared_world: World, role: str, sql: str) -> None:
    owner = shared_world.owner()
    rows(owner, f"SET ROLE {role}")
    with undone(owner):
        assert refusal(owner, sql) == "42501"


@pytest.mark.parametrize("role", ["epic_owner", "epic_definer"])
def test_no_role_that_code_runs_as_becomes_another(shared_world: World, role: str) -> None:
    others = [name for name in ("epic_owner", "epic_definer", "epic_auditor", "postgres") if name != role]
    for other in others:
        assert shared_world.ask("SELECT pg_has_role(%s, %s, 'MEMBER')", role, other) == (False,)


def test_nothing_is_changed_by_a_department_without_its_audit(world: World) -> None:
    """A change whose actor is gone within the transaction is refused."""
    session = world.login("mia.manager")
    opened = world.connect("mia.manager", session)
    world.run("DROP POLICY update_by_management ON crm.events")
    world.run("CREATE POLICY update_by_management ON crm.events FOR UPDATE TO epic_management USING (true)")
    world.run("CREATE POLICY careless ON crm.events FOR SELECT TO epic_management USING (true)")
    rows(opened, "SELECT api.logout(false)")
    assert refusal(opened, "UPDATE events SET notes = 'careless' WHERE id = 302") == "28000"


# What its readers see


def test_admin_sees_which_fields_changed_and_no_business_value(world: World) -> None:
    rows(world.connect("bill.boquet"), "UPDATE clients SET email = 'secret@client.example' WHERE id = 101")
    value(world.connect("bill.boquet"), NEW_CLIENT)
    admin = world.connect("ada.admin")
    log = rows(
        admin, "SELECT action, noun, row_id, username, fields, old, new FROM api.audit_log ORDER BY id DESC LIMIT 2"
    )
    assert log[1] == ("update", "clients", 101, "bill.boquet", "email", None, None)
    assert "company" in log[0][4]
    everything = str(rows(admin, "SELECT * FROM api.audit_log"))
    for secret in ("secret@client.example", "Kevin Casey", "1200000", "It went well"):
        assert secret not in everything


def test_admin_sees_the_values_of_what_is_the_admins(world: World) -> None:
    admin = world.connect("ada.admin")
    rows(admin, "UPDATE settings SET value = 'USD' WHERE name = 'currency'")
    rows(admin, "UPDATE employees SET email = 'eve.martin@epic.example' WHERE id = 6")
    log = rows(admin, "SELECT new FROM api.audit_log ORDER BY id DESC LIMIT 2")
    assert log == [({"email": "eve.martin@epic.example"},), ({"name": "currency", "value": "USD"},)]


def test_refusal_is_recorded_for_the_admin(world: World) -> None:
    session = world.login("kate.hastroff")
    opened = world.connect("kate.hastroff", session)
    rows(opened, "SELECT api.record_refusal(%s, %s)", "clients create" + "x" * 200, "clients:create")
    employee, of, _, action, noun, _, _, _, new = _last(world)
    assert (employee, of, action, noun) == (7, session.id, "refused", "commands")
    assert (len(new["command"]), new["right"]) == (100, "clients:create")


def test_refusal_without_a_session_is_not_recorded(world: World) -> None:
    before = world.ask("SELECT count(*) FROM sec.audit")
    rows(world.bare("epic_support_login"), "SELECT api.record_refusal('a', 'b')")
    assert world.ask("SELECT count(*) FROM sec.audit") == before


def test_history_is_of_records_only_and_tells_no_session(world: World) -> None:
    manager = world.connect("mia.manager")
    rows(world.connect("kate.hastroff"), "SELECT api.record_refusal('a', 'b')")
    nouns = value(manager, "SELECT array_agg(DISTINCT noun ORDER BY noun) FROM api.history")
    assert nouns == ["clients", "contracts", "employees", "events"]
    actions = value(manager, "SELECT array_agg(DISTINCT action ORDER BY action) FROM api.history")
    assert actions == ["create", "delete", "update"]
    assert refusal(manager, "SELECT session_id FROM api.history") == "42703"


def test_history_goes_with_the_record(world: World) -> None:
    world.read_mode("need-to-know")
    bill, eve = world.connect("bill.boquet"), world.connect("eve.martin")
    history = "SELECT count(*) FROM api.history WHERE noun = 'clients' AND row_id = 102"
    assert (value(bill, history), value(eve, history)) == (1, 0)
    rows(world.connect("mia.manager"), "UPDATE clients SET sales_id = 6 WHERE id = 102")
    assert (value(bill, history), value(eve, history)) == (0, 2)
