"""Backups: everything comes back, at one moment, and only from a file that this installation made."""

import hmac
import json
import os
import re
import shutil
import stat
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import psycopg2.errors
import pytest
from support.people import People, Person
from support.server import Server
from support.world import Ids, World

from epicshell import migrations
from epicshell.database import Target
from epicshell.embedded import backup, dump, seal
from epicshell.embedded.archive import DUMP, MANIFEST, Archive
from epicshell.errors import NotAllowed, Refused, Unavailable

_ACL = "array_to_string(ARRAY(SELECT a::text FROM unnest({}) a ORDER BY 1), ' ')"
#: What a database is, but for its rows: in texts, since numbers of objects are others after a restore.
CATALOG = (
    f"SELECT oid::regclass::text, relkind, relowner::regrole, relrowsecurity, relforcerowsecurity, reloptions,"
    f" relpersistence, {_ACL.format('relacl')} FROM pg_class WHERE relnamespace::regnamespace::text !~ '^pg_'",
    f"SELECT attrelid::regclass::text, attname, atttypid::regtype, attnotnull, attidentity, {_ACL.format('attacl')}"
    " FROM pg_attribute WHERE attrelid >= 16384 AND attnum > 0 AND NOT attisdropped"
    " AND attrelid::regclass::text !~ '^pg_toast'",
    f"SELECT oid::regprocedure::text, proowner::regrole, {_ACL.format('proacl')}, CASE WHEN oid >= 16384 THEN"
    " pg_get_functiondef(oid) END FROM pg_proc WHERE prokind = 'f'",
    f"SELECT nspname, nspowner::regrole, {_ACL.format('nspacl')} FROM pg_namespace WHERE nspname !~ '^pg_'",
    f"SELECT lanname, {_ACL.format('lanacl')} FROM pg_language",
    f"SELECT defaclrole::regrole, defaclobjtype, {_ACL.format('defaclacl')} FROM pg_default_acl",
    "SELECT * FROM pg_policies",
    "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0",
    "SELECT * FROM pg_indexes WHERE schemaname IN ('crm', 'sec', 'api')",
    "SELECT schemaname, sequencename, last_value FROM pg_sequences",
    f"SELECT {_ACL.format('datacl')}, datdba::regrole, datconnlimit, encoding, datcollate, datlocale, datallowconn"
    " FROM pg_database WHERE datname = current_database()",
    "SELECT rolname, rolsuper, rolcanlogin, rolinherit, rolconnlimit, rolbypassrls FROM pg_roles",
    "SELECT roleid::regrole, member::regrole, admin_option, inherit_option, set_option FROM pg_auth_members",
    "SELECT setrole::regrole::text, setdatabase = 0, setconfig FROM pg_db_role_setting"
    " WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))",
)
#: What a restore itself adds to, and what no dump takes along.
NOT_ROWS = ("sec.attachments", "sec.audit", "sec.revocations")


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


def left_over(world: World) -> list[tuple[str]]:
    """Databases that a restore has not cleared away."""
    with closing(world.server.owner()) as opened, opened.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ %s", (f"^{world.target.name}_",))
        return cursor.fetchall()


def looked(world: World, look: Callable[[World], Any]) -> Any:
    """What is seen over a new connection: a restore cuts the old ones off."""
    with closing(world.server.owner(world.target.name)) as own:
        return look(replace(world, _own=own))


def catalog(world: World) -> list[list[str]]:
    """What the catalogs tell; without brackets, of which an expression that is read again may have others."""
    return [sorted(re.sub("[()]", "", repr(row)) for row in world.rows(query)) for query in CATALOG]


def audit(world: World) -> list[str]:
    return [text for (text,) in world.rows("SELECT a::text FROM sec.audit a ORDER BY id")]


def rows(world: World) -> dict[str, str]:
    return world.state(*NOT_ROWS)


def clients(world: World) -> int:
    return world.ask("SELECT count(*) FROM crm.clients")[0]


def make(keeper: World, file: Path) -> Path:
    backup.back_up(keeper.target, file, replace=False)
    return file


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


def test_manifest_that_lies_about_its_length_takes_no_memory(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(MANIFEST, b" " * 100)
        archive.writestr(DUMP, bytes(30_000_000))
        archive.infolist()[0].compress_size = 20_000_000
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match="no backup"), Archive(file):
            pass
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


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


# Files that are not what they should be


def damaged(file: Path, change: Callable[[bytes], bytes], part: str) -> None:
    """Write the backup anew with one part changed; all its checksums are right."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


def with_values(**values: Any) -> Callable[[bytes], bytes]:
    return lambda text: json.dumps(json.loads(text) | values).encode()


def with_role(text: bytes) -> bytes:
    manifest = json.loads(text)
    manifest["roles"].append(manifest["roles"][0] | {"name": "postgres"})
    return json.dumps(manifest).encode()


DAMAGES: dict[str, Callable[[Path], Any]] = {
    "cut": lambda file: os.truncate(file, file.stat().st_size - 100),
    "empty": lambda file: os.truncate(file, 0),
    "text": lambda file: file.write_text("SELECT 1;"),
    "dump": lambda file: damaged(file, lambda data: data.replace(b"crm", b"cr_", 1), DUMP),
    "manifest": lambda file: damaged(file, lambda data: b"[]", MANIFEST),
    "no such value": lambda file: damaged(file, with_values(more=1), MANIFEST),
    "kind of a value": lambda file: damaged(file, with_values(schema="1"), MANIFEST),
    "roles": lambda file: damaged(file, with_values(roles=[{"name": 1}]), MANIFEST),
    "rights": lambda file: damaged(file, with_values(rights={"grants": []}), MANIFEST),
    "date": lambda file: damaged(file, with_values(made_at="\x1b[2J"), MANIFEST),
    "date that no zone can show": lambda file: damaged(
        file, with_values(made_at="9999-12-31T23:59:59+00:00"), MANIFEST
    ),
    "missing": lambda file: file.unlink(),
    "fifo": lambda file: (file.unlink(), os.mkfifo(file)),
    "folder": lambda file: (file.unlink(), file.mkdir()),
    "open to others": lambda file: file.chmod(0o666),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_file_that_is_no_backup_changes_nothing(
    one_backup: tuple[World, Path], tmp_path: Path, damage: Callable[[Path], Any]
) -> None:
    keeper, file = one_backup
    copy = Path(shutil.copy2(file, tmp_path / "copy"))
    damage(copy)
    before = catalog(keeper)[:1], rows(keeper), audit(keeper)
    with pytest.raises(Refused) as refused:
        backup.restore(keeper.target, copy, trust=True)
    assert "\x1b" not in str(refused.value)
    assert (catalog(keeper)[:1], rows(keeper), audit(keeper)) == before
    assert left_over(keeper) == []


@pytest.fixture(scope="module")
def one_backup(
    world_of_the_module: World, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> tuple[World, Path]:
    name = world_of_the_module.target.name
    keeper = replace(world_of_the_module, target=Target(name, {"dbname": name}, server.embedded))
    return keeper, make(keeper, tmp_path_factory.mktemp("backup") / "file")


def test_backup_of_another_installation_needs_trust(keeper: World, file: Path) -> None:
    make(keeper, file)
    keeper.run("UPDATE sec.installation SET secret = sec.random32()")
    before = rows(keeper)
    with pytest.raises(NotAllowed, match="add --trust"):
        backup.restore(keeper.target, file, trust=False)
    assert rows(keeper) == before
    backup.restore(keeper.target, file, trust=True)
    assert looked(keeper, rows) != before


def test_who_has_a_backup_can_sign_no_other(one_backup: tuple[World, Path], tmp_path: Path) -> None:
    """It holds the secret of the database: that alone makes no signature."""
    keeper, file = one_backup
    copy = Path(shutil.copy2(file, tmp_path / "copy"))
    secret = bytes(keeper.ask("SELECT secret FROM sec.installation")[0])
    with Archive(copy) as archive:
        manifest = archive.manifest
    for key in (
        hmac.new(secret, b"epicshell backup", "sha256").digest(),
        seal.key(b"", secret),
        seal.key(secret, secret),
    ):
        forged = replace(manifest, database="forged").signed(key)
        damaged(copy, with_values(**asdict(forged)), MANIFEST)
        with pytest.raises(NotAllowed, match="add --trust"):
            backup.restore(keeper.target, copy, trust=False)


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
    (broken / seal.FILE).symlink_to(key)
    for use in (seal.kept, seal.made):
        with pytest.raises(Unavailable, match="can't be used"):
            use(broken)


@pytest.mark.parametrize("change", [with_values(database="other"), with_role])
def test_what_goes_with_a_dump_is_signed_too(
    one_backup: tuple[World, Path], tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    keeper, file = one_backup
    copy = Path(shutil.copy2(file, tmp_path / "copy"))
    damaged(copy, change, MANIFEST)
    with pytest.raises(NotAllowed, match="add --trust"):
        backup.restore(keeper.target, copy, trust=False)


def test_no_backup_touches_the_roles_of_the_server(one_backup: tuple[World, Path], tmp_path: Path) -> None:
    keeper, file = one_backup
    copy = Path(shutil.copy2(file, tmp_path / "copy"))
    damaged(copy, with_role, MANIFEST)
    with pytest.raises(Refused, match="belongs to the server"):
        backup.restore(keeper.target, copy, trust=True)
    assert keeper.ask("SELECT rolsuper FROM pg_roles WHERE rolname = 'postgres'") == (True,)


def test_server_that_does_not_take_a_backup_says_why(one_backup: tuple[World, Path], tmp_path: Path) -> None:
    keeper, file = one_backup
    copy = Path(shutil.copy2(file, tmp_path / "copy"))
    rights = {"grants": [["nobody.we.know", "CONNECT", False]], "settings": [], "languages": []}
    damaged(copy, with_values(rights=rights), MANIFEST)
    with pytest.raises(Unavailable, match=r"does not take the backup: role .* does not exist"):
        backup.restore(keeper.target, copy, trust=True)
    assert left_over(keeper) == []


@pytest.mark.parametrize("values", [{"schema": 999}, {"server": 99}])
def test_backup_that_is_newer_is_refused(
    one_backup: tuple[World, Path], tmp_path: Path, values: dict[str, int]
) -> None:
    keeper, file = one_backup
    copy = Path(shutil.copy2(file, tmp_path / "copy"))
    damaged(copy, with_values(**values), MANIFEST)
    with pytest.raises(Unavailable, match="Install a newer epicshell"):
        backup.restore(keeper.target, copy, trust=True)


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


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Unavailable("pg_restore failed")])
def test_restore_that_stops_changes_nothing(
    one_backup: tuple[World, Path], monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    keeper, file = one_backup
    before = rows(keeper)

    def stop(*_: object) -> None:
        raise error

    monkeypatch.setattr(dump, "restore", stop)
    with pytest.raises(type(error)):
        backup.restore(keeper.target, file, trust=False)
    assert (rows(keeper), left_over(keeper)) == (before, [])


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
