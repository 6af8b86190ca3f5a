"""The rows that say how far scripts are: one's own, column by column, and gone with the script."""

import pytest
from support.statements import effect, refusal, rows, touched, undone, value
from support.world import ONE_OF, World

BEGIN = "INSERT INTO script_runs (source, run, digest) VALUES ('/f', repeat('a', 32), repeat('b', 64))"
EVES = (
    "INSERT INTO crm.script_runs (employee_id, source, run, digest)"
    " VALUES (6, '/f', repeat('c', 32), repeat('b', 64)) ON CONFLICT DO NOTHING"
)


@pytest.mark.parametrize("username", ONE_OF.values())
def test_everyone_keeps_rows_of_their_own(shared_world: World, username: str) -> None:
    opened = shared_world.connect(username)
    with undone(opened):
        rows(opened, BEGIN)
        assert value(opened, "SELECT employee_id = api.me() FROM script_runs") is True
        assert touched(opened, "UPDATE script_runs SET line = 3, step = step + 1") == 1
        rows(opened, "SELECT api.end_script_run('/f', repeat('a', 32))")
        assert rows(opened, "SELECT source FROM script_runs") == []


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT source FROM script_runs WHERE employee_id = 6",
        "UPDATE script_runs SET line = 99 WHERE source = '/f'",
        "UPDATE script_runs SET names = '{}' RETURNING source",
        "SELECT source FROM script_runs WHERE source = '/f' FOR UPDATE",
    ],
)
@pytest.mark.parametrize("username", ["bill.boquet", "mia.manager", "ada.admin"])
def test_rows_of_others_are_out_of_sight(shared_world: World, username: str, sql: str) -> None:
    opened = shared_world.connect(username)
    shared_world.run(EVES)
    assert not effect(opened, sql)
    rows(opened, "SELECT api.end_script_run('/f', repeat('c', 32))")
    assert shared_world.ask("SELECT count(*) FROM crm.script_runs WHERE employee_id = 6") == (1,)


def test_without_a_session_there_is_nothing(shared_world: World) -> None:
    shared_world.run(EVES)
    opened = shared_world.bare("epic_sales_login")
    assert rows(opened, "SELECT source FROM script_runs") == []
    assert refusal(opened, BEGIN) in ("23502", "42501")  # nobody is behind it
    rows(opened, "SELECT api.end_script_run('/f', repeat('c', 32))")
    assert shared_world.ask("SELECT count(*) FROM crm.script_runs WHERE employee_id = 6") == (1,)


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO script_runs (employee_id, source, run, digest) VALUES (6, '/g', repeat('a', 32), repeat('b', 64))",
        "INSERT INTO script_runs (source, run, digest, step) VALUES ('/g', repeat('a', 32), repeat('b', 64), 7)",
        "UPDATE script_runs SET employee_id = 6",
        "UPDATE script_runs SET source = '/x'",
        "DELETE FROM script_runs",
        "TRUNCATE script_runs",
        "LOCK TABLE script_runs IN ACCESS EXCLUSIVE MODE",
    ],
)
def test_what_no_department_may_do(shared_world: World, sql: str) -> None:
    opened = shared_world.connect("bill.boquet")
    rows(opened, "BEGIN")
    assert refusal(opened, sql) == "42501"
    rows(opened, "ROLLBACK")


@pytest.mark.parametrize(
    ("column", "written", "constraint"),
    [
        ("names", "jsonb_build_object('x', repeat('x', 1000001))", "script_runs_names_range"),
        ("inside", "jsonb_build_array(repeat('x', 100001))", "script_runs_inside_range"),
        ("run", "'x'", "script_runs_run_form"),
        ("digest", "'x'", "script_runs_digest_form"),
    ],
)
def test_rows_stay_small(shared_world: World, column: str, written: str, constraint: str) -> None:
    opened = shared_world.connect("bill.boquet")
    rows(opened, "BEGIN")
    rows(opened, BEGIN)
    assert refusal(opened, f"UPDATE script_runs SET {column} = {written}") == constraint
    rows(opened, "ROLLBACK")


def test_a_run_that_somebody_else_took_over_is_not_ended(shared_world: World) -> None:
    opened = shared_world.connect("bill.boquet")
    with undone(opened):
        rows(opened, BEGIN)
        rows(opened, "SELECT api.end_script_run('/f', repeat('d', 32))")
        assert rows(opened, "SELECT source FROM script_runs") == [("/f",)]
