"""Backups: everything comes back, at one moment, and only from a file that this installation made."""

import os
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg2.errors
import pytest
from support.backups import audit, catalog, clients, left_over, looked, make, rows
from support.people import People, Person
from support.server import Server
from support.world import Ids, World

from epicshell import migrations
from epicshell.config import write_private
from epicshell.database import Target
from epicshell.embedded import backup, dump, seal
from epicshell.errors import NotAllowed, Unavailable


@pytest.fixture
def keeper(world: World, server: Server, tmp_path: Path) -> Iterator[World]:
    """The world as a database of the private server."""
    private = Target(world.target.name, {"dbname": world.target.name}, server.embedded)
    yield replace(world, target=private)
    assert left_over(world) == []


@pytest.fixture
def staff(keeper: World, tmp_path: Path) -> Iterator[People]:
    with closing(People(keeper, tmp_path / "homes")) as people:
        yield people


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.epic"


def test_everything_comes_back(keeper: World, staff: People, file: Path) -> None:
    bill, ada = staff("bill.boquet"), staff("ada.admin")
    bill("clients update 101 --company Before")
    keeper.run(f"ALTER DATABASE {keeper.target.name} SET work_mem = '5MB'")
    keeper.run(f"ALTER ROLE epic_sales_login IN DATABASE {keeper.target.name} SET search_path = crm, pg_catalog")
    made = ada(f"backup {file}")
    assert (made.code, made.out) == (0, "")
    assert "the proofs of all passwords" in made.err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    things, records, entries = catalog(keeper), rows(keeper), audit(keeper)
    number = clients(keeper)

    bill("clients update 101 --company After")
    keeper.run("DROP TABLE crm.payments CASCADE")
    keeper.run("DELETE FROM crm.notifications")
    keeper.run("ALTER ROLE epic_sales_login SET statement_timeout = '1h'")
    keeper.run(f"GRANT TEMP ON DATABASE {keeper.target.name} TO PUBLIC")
    done = ada.answers("yes")(f"restore {file}")
    assert (done.code, done.out) == (0, ""), done.err
    assert done.err.startswith(f"{keeper.target.name} is as it was on 2")

    after = looked(keeper, catalog)
    for wanted, found in zip(things, after, strict=True):
        assert found == wanted or sequences_of_the_audit_alone(wanted, found)
    assert looked(keeper, rows) == records
    found = looked(keeper, audit)
    assert found[: len(entries)] == entries
    assert len(found) == len(entries) + 1
    assert "restore-backup" in found[-1]
    assert looked(keeper, clients) == number
    public = "SELECT has_database_privilege('public', current_database(), 'TEMP, CONNECT')"
    assert looked(keeper, lambda world: world.ask(public)) == (False,)


def sequences_of_the_audit_alone(wanted: list[str], found: list[str]) -> bool:
    """Whether only the number of the next audit entry differs."""
    different = set(wanted) ^ set(found)
    return len(different) == 2 and all("audit_id_seq" in one for one in different)


def test_every_session_ends(keeper: World, staff: People, file: Path) -> None:
    bill, ada, old = staff("bill.boquet"), staff("ada.admin"), staff("ada.admin")
    bill("whoami")
    ada(f"backup {file}")
    assert ada(f"restore {file} --yes").code == 0
    for person in (bill, ada, old):
        result = person("clients list")
        assert (result.code, result.out) == (3, "")
    live = "SELECT count(*) FROM sec.live_sessions"
    assert looked(keeper, lambda world: world.ask(live)) == (0,)


def test_code_that_was_used_since_the_backup_does_not_work_again(keeper: World, staff: People, file: Path) -> None:
    issue = "SELECT sec.start_enrolment(%s, sha256('seen by others'::bytea))"
    keeper.run(issue, Ids.kate)
    make(keeper, file)
    keeper.run("DELETE FROM sec.enrolments")
    done = staff("ada.admin")(f"restore {file} --yes")
    assert "One-time codes are void." in done.err
    assert looked(keeper, lambda world: world.ask("SELECT count(*) FROM sec.enrolments")) == (0,)


def test_restore_asks_and_is_on_record(keeper: World, staff: People, file: Path) -> None:
    make(keeper, file)
    ada = staff("ada.admin")
    assert ada(f"restore {file}").code == 2
    refused = ada.answers("no")(f"restore {file}")
    assert (refused.code, refused.err) == (1, "Nothing was done.")
    question = ada.terminal.asked[-1]
    assert question.startswith(f"Replace everything in {keeper.target.name} by {file}, made of {keeper.target.name} on")
    assert [one["action"] for one in ada.json("audit --limit 1")] == ["backup"]


def test_backup_under_a_name_that_is_no_text_comes_back(staff: People, tmp_path: Path) -> None:
    ada, name = staff("ada.admin"), tmp_path / os.fsdecode(b"\xff\x1b]0;x")
    assert ada(f'backup "{name}"').code == 0
    assert ada(f'restore "{name}" --yes').code == 0


def test_backup_replaces_no_file_without_yes(keeper: World, staff: People, file: Path) -> None:
    ada = staff("ada.admin")
    file.write_text("mine")
    assert ada(f"backup {file}").code == 2
    assert file.read_text() == "mine"
    assert ada(f"backup {file} --yes").code == 0
    link = file.with_name("link")
    link.symlink_to(file.with_name("nowhere"))
    assert ada(f"backup {link} --yes").code == 1
    assert sorted(path.name for path in file.parent.iterdir()) == ["backup.epic", "homes", "link"]


def test_backup_that_fails_leaves_no_file(
    keeper: World, staff: People, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dump, "_DUMP", ("--format=custom", "--no-such-option"))
    result = staff("ada.admin")(f"backup {file}")
    assert (result.code, "pg_dump failed" in result.err) == (5, True)
    assert result.err.endswith(". There is no backup.")
    assert [path.name for path in file.parent.iterdir()] == ["homes"]


def test_backup_of_another_installation_needs_trust(keeper: World, file: Path) -> None:
    make(keeper, file)
    keeper.run("UPDATE sec.installation SET secret = sec.random32()")
    before = rows(keeper)
    with pytest.raises(NotAllowed, match="add --trust"):
        backup.restore(keeper.target, file, trust=False)
    assert rows(keeper) == before
    backup.restore(keeper.target, file, trust=True)
    assert looked(keeper, rows) != before


def test_key_of_backups_is_its_owner_s_alone_and_stays(keeper: World, file: Path) -> None:
    make(keeper, file)
    assert keeper.target.embedded is not None
    key = keeper.target.embedded.home / seal.FILE
    assert (stat.S_IMODE(key.stat().st_mode), len(key.read_text())) == (0o600, 64)
    assert seal.made(key.parent) == seal.kept(key.parent) == bytes.fromhex(key.read_text())
    assert key.read_bytes() not in file.read_bytes()
    broken = file.parent / "home"
    broken.mkdir(mode=0o700)
    assert seal.kept(broken) is None
    with pytest.raises(Unavailable, match="There is no key to sign a backup with"):
        seal.made(broken / "gone")
    for spoil in (lambda: (broken / seal.FILE).symlink_to(key), lambda: write_private(broken / seal.FILE, "")):
        spoil()
        for use in (seal.kept, seal.made):
            with pytest.raises(Unavailable, match="can't be used"):
                use(broken)


def test_older_backup_is_brought_up_to_date(keeper: World, server: Server, file: Path, tmp_path: Path) -> None:
    folder = tmp_path / "schema"
    folder.mkdir()
    for migration in migrations.migrations()[:11]:
        (folder / migration.source.name).write_text(migration.sql)
    name = f"{keeper.target.name}_older"
    server.execute(f"CREATE DATABASE {name}")
    try:
        with closing(server.owner(name)) as opened:
            migrations.migrate(opened, folder)
        make(replace(keeper, target=Target(name, {"dbname": name}, server.embedded)), file)
    finally:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    backup.restore(keeper.target, file, trust=True)
    assert looked(keeper, lambda world: world.ask("SELECT api.schema_version()")) == (migrations.LATEST,)


def test_restore_is_done_even_if_the_old_database_can_not_be_dropped(
    keeper: World, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(keeper, file)

    def full(*_: object) -> None:
        raise psycopg2.errors.DiskFull("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(backup, "drop", full)
        backup.restore(keeper.target, file, trust=False)
        assert len(left_over(keeper)) == 1
        with pytest.raises(Unavailable, match="does not take the backup: No space left on device"):
            backup.restore(keeper.target, file, trust=False)
    backup.restore(keeper.target, file, trust=False)
    assert left_over(keeper) == []


def test_company_server_is_backed_up_by_its_administrator(everyone: People, file: Path) -> None:
    ada: Person = everyone["ada.admin"]
    result = ada(f"backup {file}")
    assert result.code == 1
    assert "BYPASSRLS" in result.err
    assert "pg_dump --format=custom" in result.err
    assert not file.exists()


def test_nobody_but_an_admin_gets_to_it(staff: People, file: Path) -> None:
    for username in ("bill.boquet", "kate.hastroff", "mia.manager"):
        for line in (f"backup {file}", f"restore {file} --yes"):
            result = staff[username](line)
            assert (result.code, "no right database:backup" in result.err) == (4, True)
    assert not file.exists()
