"""The activity report: people for an admin, departments for management, nothing for anybody else."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from support.people import People
from support.statements import refusal, rows, value
from support.world import World

PARIS = ZoneInfo("Europe/Paris")
CALL = "SELECT department, noun, records, changes FROM api.activity(current_date - 1, current_date + 1)"


def work(world: World) -> None:
    """Some changes by people of three departments, two sign-ins and a refusal."""
    for username, sql in (
        ("bill.boquet", "UPDATE clients SET phone = '1' WHERE id IN (101, 102)"),
        ("bill.boquet", "UPDATE clients SET phone = '2' WHERE id = 101"),
        ("eve.martin", "UPDATE clients SET phone = '3' WHERE id = 103"),
        ("bill.boquet", "INSERT INTO payments (contract_id, amount) VALUES (201, 100)"),
        ("kate.hastroff", "UPDATE events SET notes = 'N' WHERE id = 302"),
        ("mia.manager", "UPDATE events SET support_id = 8 WHERE id = 304"),
        ("kate.hastroff", "SELECT api.record_refusal('a', 'b')"),
        ("ada.admin", "UPDATE settings SET value = 'GBP' WHERE name = 'currency'"),
        ("ada.admin", "UPDATE settings SET value = 'EUR' WHERE name = 'currency'"),
    ):
        opened = world.connect(username)
        rows(opened, sql)
        opened.close()


#: (who, department, noun): records and changes. A payment also changes what is due on its contract.
DONE = {
    ("bill.boquet", "sales", "clients"): (2, 3),
    ("bill.boquet", "sales", "contracts"): (1, 1),
    ("bill.boquet", "sales", "payments"): (1, 1),
    ("eve.martin", "sales", "clients"): (1, 1),
    ("kate.hastroff", "support", "events"): (1, 1),
    ("mia.manager", "management", "events"): (1, 1),
    ("ada.admin", "admin", "settings"): (1, 2),  # settings have no number
}
OF_DEPARTMENTS = {
    ("sales", "clients"): (3, 4),
    ("sales", "contracts"): (1, 1),
    ("sales", "payments"): (1, 1),
    ("support", "events"): (1, 1),
    ("management", "events"): (1, 1),
    ("admin", "settings"): (1, 2),
}


def test_admin_sees_what_each_person_changed(people: People, world: World) -> None:
    work(world)
    ada = people("ada.admin")
    found = ada.json("report activity")
    assert {(row["employee"], row["noun"]): (row["records"], row["changes"]) for row in found} == {
        (who, noun): figures for (who, _, noun), figures in DONE.items()
    }
    for row in found:
        assert row["day"] == str(datetime.now(PARIS).date())
        entries = ada.json(row["command"])
        assert (len({one["row_id"] for one in entries}), len(entries)) == (row["records"], row["changes"])
    assert {row["employee"] for row in ada.json("report activity --department support")} == {"kate.hastroff"}
    assert {row["employee"] for row in ada.json("report activity --employee eve.martin")} == {"eve.martin"}


def test_management_sees_the_totals_of_departments_and_nobody(people: People, world: World) -> None:
    work(world)
    mia = people("mia.manager", width=80)
    found = mia.json("report activity --period this-year")
    assert {(row["department"], row["noun"]): (row["records"], row["changes"]) for row in found} == OF_DEPARTMENTS
    shown = mia("report activity").out
    assert not any(who in shown for who, _, _ in DONE)
    assert "10 changes · 1 day" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert {row["department"] for row in mia.json("report activity --department sales")} == {"sales"}


def test_management_is_told_who_sees_people(people: People) -> None:
    result = people("mia.manager")("report activity --employee bill.boquet")
    assert (result.code, result.out) == (4, "")
    assert result.err == "As management you see the totals of departments. Who sees people's: admin."


@pytest.mark.parametrize("username", ["bill.boquet", "kate.hastroff"])
def test_nobody_else_sees_any_of_it(everyone: People, username: str) -> None:
    result = everyone[username]("report activity")
    assert (result.code, result.out) == (4, "")
    assert "Who has it: admin, management." in result.err


def test_days_are_those_of_the_company(people: People, world: World) -> None:
    """Half past midnight in Paris is the day before in UTC, in winter and in summer."""
    for moment in ("2031-01-14 23:30+00", "2031-07-14 22:30+00", "2031-07-14 21:30+00"):
        world.run(
            "INSERT INTO sec.audit (at, employee_id, login_role, action, noun, row_id)"
            " VALUES (%s, 5, 'epic_sales_login', 'update', 'clients', 101)",
            moment,
        )
    for username in ("mia.manager", "ada.admin"):
        found = people(username).json("report activity --period 2031")
        assert [row["day"] for row in found] == ["2031-07-15", "2031-07-14", "2031-01-15"]
        assert [row["changes"] for row in people(username).json("report activity --period 2031-07-15")] == [1]


# The database alone


def test_function_tells_departments_only(world: World) -> None:
    work(world)
    manager = world.connect("mia.manager")
    assert {row[:2]: row[2:] for row in rows(manager, CALL)} == OF_DEPARTMENTS
    columns = value(manager, "SELECT jsonb_object_agg(k, v) FROM (SELECT to_jsonb(a) j FROM api.activity(current_date,"
                             " current_date) a LIMIT 1) x, jsonb_each(j) AS one (k, v)")  # fmt: skip
    assert set(columns) == {"day", "department", "noun", "records", "changes"}


ATTACKS = {
    "the table": ("SELECT 1 FROM sec.audit", {"42501"}),
    "the log": ("SELECT username FROM api.audit_log", {"42501"}),
    "its sessions": ("SELECT session_id FROM api.history", {"42703"}),
    "an hour": ("SELECT * FROM api.activity(now() - interval '1 hour', now())", {"42883"}),
    "a row": ("SELECT employee_id FROM api.activity(current_date, current_date)", {"42703"}),
    "an argument that runs": ("SELECT * FROM api.activity((SELECT count(*)::text::date FROM sec.audit), now()::date)",
                              {"42501"}),
    "a function of one's own": ("CREATE FUNCTION pg_temp.clients() RETURNS int LANGUAGE sql AS 'SELECT 1'", {"42501"}),
    "another body": ("CREATE OR REPLACE FUNCTION api.activity(first date, last date) RETURNS int LANGUAGE sql AS"
                     " 'SELECT 1'", {"42501"}),
    "its owner": ("ALTER FUNCTION api.activity(date, date) SECURITY INVOKER", {"42501"}),
}  # fmt: skip


@pytest.mark.parametrize(("sql", "codes"), ATTACKS.values(), ids=ATTACKS)
def test_management_gets_no_further_by_sql(shared_world: World, sql: str, codes: set[str]) -> None:
    assert refusal(shared_world.connect("mia.manager"), sql) in codes


@pytest.mark.parametrize("username", ["bill.boquet", "kate.hastroff", "ada.admin"])
def test_function_is_for_management_alone(shared_world: World, username: str) -> None:
    assert refusal(shared_world.connect(username), CALL) == "42501"


def test_function_tells_nothing_without_a_session(world: World) -> None:
    work(world)
    assert rows(world.bare("epic_management_login"), CALL) == []
    session = world.login("mia.manager")
    opened = world.connect("mia.manager", session)
    assert rows(opened, CALL) != []
    world.run("UPDATE crm.employees SET active = false WHERE username = 'mia.manager'")
    assert rows(opened, CALL) == []


def test_names_in_the_way_change_nothing(world: World) -> None:
    """Its search_path is pinned, whatever the caller's is."""
    work(world)
    manager = world.connect("mia.manager")
    before = rows(manager, CALL)
    rows(manager, "SET search_path = crm, api, pg_catalog")
    assert rows(manager, CALL) == before


def test_function_finds_its_days_by_the_index(shared_world: World) -> None:
    body = shared_world.ask("SELECT prosrc FROM pg_proc WHERE oid = 'api.activity(date, date)'::regprocedure")[0]
    owner = shared_world.owner()
    rows(owner, "SET enable_seqscan = off")
    asked = body.replace("first::", "'2031-01-01'::").replace("(last + 1)", "('2031-01-02'::date)")
    plan = "\n".join(line for (line,) in rows(owner, "EXPLAIN " + asked.replace("session_user = ", "'x' <> ")))
    assert re.search(r"using audit_at on audit.*\n\s+Index Cond: \(\(at >= .*\) AND \(at < ", plan), plan
