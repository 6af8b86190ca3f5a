"""epicshell migrate: a schema that lags behind catches up."""

import shutil
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest
from support.company import CompanyServer

from epicshell import migrations
from epicshell.errors import Unavailable
from epicshell.setup import owner as owner_module
from epicshell.setup.init import init
from epicshell.setup.migrate import upgrade


def say(_sentence: str) -> None: ...


def first_migrations(count: int, folder: Path) -> Path:
    """A folder with the schema of an older epicshell."""
    for migration in migrations.migrations()[:count]:
        shutil.copy(str(files("epicshell.schema") / migration.source.name), folder)
    return folder


def test_older_schema_catches_up(company: CompanyServer, nothing: str, tmp_path: Path) -> None:
    company.run(f"CREATE DATABASE {nothing} TEMPLATE template0")
    with closing(company.connect(nothing)) as opened:
        migrations.migrate(opened, first_migrations(5, tmp_path))
    said: list[str] = []
    assert upgrade(company.owner(nothing), said.append) == migrations.LATEST - 5
    assert said[0].startswith("Applied 006_")
    assert said[-1] == f"The schema is version {migrations.LATEST}."
    assert company.ask("SELECT api.schema_version()", database=nothing) == migrations.LATEST


def test_audit_of_an_older_schema_keeps_its_entries_and_goes_on_in_batches(
    company: CompanyServer, nothing: str, tmp_path: Path
) -> None:
    company.run(f"CREATE DATABASE {nothing} TEMPLATE template0")
    with closing(company.connect(nothing)) as opened:
        migrations.migrate(opened, first_migrations(11, tmp_path))
    fields = "username, full_name, email, department"
    hire = f"INSERT INTO crm.employees ({fields}) VALUES ('{{0}}', 'N', '{{0}}@x.example', 'sales')"
    company.run(hire.format("old.one"), database=nothing)
    upgrade(company.owner(nothing), say)
    company.run(f"{hire.format('new.one')}; {hire.format('new.two')}", database=nothing)
    entries = "SELECT string_agg(coalesce(batch - first, -1)::text, ',' ORDER BY id)"
    found = f"{entries} FROM sec.audit, (SELECT min(batch) AS first FROM sec.audit) one"
    assert company.ask(found, database=nothing) == "-1,0,0"


def test_schema_of_today_is_left_alone(company: CompanyServer, nothing: str) -> None:
    init(company.owner(nothing), None, say)
    assert upgrade(company.owner(nothing), say) == 0


def test_database_that_was_never_set_up_is_refused(company: CompanyServer, nothing: str) -> None:
    company.run(f"CREATE DATABASE {nothing} TEMPLATE template0")
    with pytest.raises(Unavailable, match="epicshell init"):
        upgrade(company.owner(nothing), say)
    assert not company.ask("SELECT to_regnamespace('sec')", database=nothing)


def test_newer_schema_is_refused(company: CompanyServer, nothing: str) -> None:
    init(company.owner(nothing), None, say)
    company.run("INSERT INTO sec.migrations VALUES (99, 'future', '')", database=nothing)
    with pytest.raises(Unavailable, match="Install a newer epicshell"):
        upgrade(company.owner(nothing), say)


def test_migration_under_way_elsewhere_is_told(
    company: CompanyServer, nothing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    init(company.owner(nothing), None, say)
    monkeypatch.setattr(owner_module, "_LOCK_TIMEOUT", "10ms")
    with closing(company.connect(nothing)) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(20404, 2)")
        with pytest.raises(Unavailable, match="Someone else is changing the schema"):
            upgrade(company.owner(nothing), say)
