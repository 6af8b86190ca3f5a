"""What left is on record under the name of who took it, and nobody can take that back."""

import psycopg2.errors
import pytest
from support.world import LOGIN_ROLES, ONE_OF, World

RECORD = "SELECT api.record_export('clients list', 'csv', 'c.csv', 12)"
ENTRIES = "SELECT employee_id, action, noun, new FROM sec.audit WHERE action IN ('export', 'backup') ORDER BY id"


@pytest.mark.parametrize("username", ONE_OF.values())
def test_export_is_recorded_for_who_is_logged_in(world: World, username: str) -> None:
    opened = world.connect(username)
    with opened.cursor() as cursor:
        cursor.execute(RECORD)
        cursor.execute("SELECT api.record_export(repeat('x', 9999), 'csv', repeat('y', 9999), -1)")
    first, second = world.rows(ENTRIES)
    (number,) = world.ask("SELECT id FROM crm.employees WHERE username = %s", username)
    assert first == (
        number, "export", "commands", {"command": "clients list", "format": "csv", "file": "c.csv", "rows": 12},
    )  # fmt: skip
    assert (len(second[3]["command"]), len(second[3]["file"])) == (100, 255)


@pytest.mark.parametrize("role", LOGIN_ROLES)
def test_nothing_is_recorded_without_a_session(shared_world: World, role: str) -> None:
    opened = shared_world.bare(role)
    for statement in (RECORD, "SELECT api.record_backup('backup', 'f')"):
        with opened.cursor() as cursor:
            try:
                cursor.execute(statement)
            except psycopg2.errors.InsufficientPrivilege:
                continue
            assert cursor.fetchall() in ([("",)], [(None,)], [])
    assert shared_world.rows(ENTRIES) == []


@pytest.mark.parametrize("username", ONE_OF.values())
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO sec.audit (employee_id, action, noun) VALUES (5, 'export', 'commands')",
        "UPDATE sec.audit SET new = NULL WHERE action = 'export'",
        "DELETE FROM sec.audit WHERE action = 'export'",
        "SELECT sec.record(5, 'export', 'commands', NULL, '{}')",
    ],
)
def test_record_is_neither_made_up_nor_taken_away(shared_world: World, username: str, statement: str) -> None:
    opened = shared_world.connect(username)
    with opened.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(statement)


def test_only_an_admin_records_a_backup_and_only_as_one(world: World) -> None:
    with world.connect("ada.admin").cursor() as cursor:
        cursor.execute("SELECT api.record_backup('backup', 'f'), api.record_backup('delete', 'f')")
        assert cursor.fetchone() == (True, None)
    with world.connect("mia.manager").cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute("SELECT api.record_backup('backup', 'f')")
    assert [row[1] for row in world.rows(ENTRIES)] == ["backup"]
