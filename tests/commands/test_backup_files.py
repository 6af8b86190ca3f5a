"""Files of backups that are not what they should be: they change nothing, and say what is wrong."""

import hmac
import json
import os
import shutil
import tracemalloc
import zipfile
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from support.backups import audit, catalog, left_over, make, rows
from support.server import Server
from support.world import World

from epicshell.database import Target
from epicshell.embedded import backup, dump, seal
from epicshell.embedded.archive import DUMP, MANIFEST, Archive
from epicshell.errors import NotAllowed, Refused, Unavailable


@pytest.fixture(scope="module")
def one_backup(
    world_of_the_module: World, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> tuple[World, Path]:
    name = world_of_the_module.target.name
    keeper = replace(world_of_the_module, target=Target(name, {"dbname": name}, server.embedded))
    return keeper, make(keeper, tmp_path_factory.mktemp("backup") / "file")


@pytest.fixture
def copied(one_backup: tuple[World, Path], tmp_path: Path) -> tuple[World, Path]:
    """The world of the module, and a copy of its backup to tamper with."""
    keeper, file = one_backup
    return keeper, Path(shutil.copy2(file, tmp_path / "copy"))


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
def test_file_that_is_no_backup_changes_nothing(copied: tuple[World, Path], damage: Callable[[Path], Any]) -> None:
    keeper, copy = copied
    damage(copy)
    before = catalog(keeper)[:1], rows(keeper), audit(keeper)
    with pytest.raises(Refused) as refused:
        backup.restore(keeper.target, copy, trust=True)
    assert "\x1b" not in str(refused.value)
    assert (catalog(keeper)[:1], rows(keeper), audit(keeper)) == before
    assert left_over(keeper) == []


def test_manifest_that_lies_about_its_length_takes_no_memory(tmp_path: Path) -> None:
    file = tmp_path / "backup.epic"
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


def test_who_has_a_backup_can_sign_no_other(copied: tuple[World, Path]) -> None:
    """It holds the secret of the database: that alone makes no signature."""
    keeper, copy = copied
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


@pytest.mark.parametrize("change", [with_values(database="other"), with_role])
def test_what_goes_with_a_dump_is_signed_too(copied: tuple[World, Path], change: Callable[[bytes], bytes]) -> None:
    keeper, copy = copied
    damaged(copy, change, MANIFEST)
    with pytest.raises(NotAllowed, match="add --trust"):
        backup.restore(keeper.target, copy, trust=False)


def test_no_backup_touches_the_roles_of_the_server(copied: tuple[World, Path]) -> None:
    keeper, copy = copied
    damaged(copy, with_role, MANIFEST)
    with pytest.raises(Refused, match="belongs to the server"):
        backup.restore(keeper.target, copy, trust=True)
    assert keeper.ask("SELECT rolsuper FROM pg_roles WHERE rolname = 'postgres'") == (True,)


def test_server_that_does_not_take_a_backup_says_why(copied: tuple[World, Path]) -> None:
    keeper, copy = copied
    rights = {"grants": [["nobody.we.know", "CONNECT", False]], "settings": [], "languages": []}
    damaged(copy, with_values(rights=rights), MANIFEST)
    with pytest.raises(Unavailable, match=r"does not take the backup: role .* does not exist"):
        backup.restore(keeper.target, copy, trust=True)
    assert left_over(keeper) == []


@pytest.mark.parametrize("values", [{"schema": 999}, {"server": 99}])
def test_backup_that_is_newer_is_refused(copied: tuple[World, Path], values: dict[str, int]) -> None:
    keeper, copy = copied
    damaged(copy, with_values(**values), MANIFEST)
    with pytest.raises(Unavailable, match="Install a newer epicshell"):
        backup.restore(keeper.target, copy, trust=True)


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
