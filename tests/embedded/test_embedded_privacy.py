"""Who can reach the private server, and what it leaves alone."""

import os
import pwd
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from epicshell import errors
from epicshell.embedded import account, binaries, folders, sockets


def test_server_and_its_folders_are_for_one_account_alone(server: Any, home: Path) -> None:
    folder = Path(server.ensure_running())
    for place in (home, folder, server.data_directory, server.data_directory.parent):
        assert _mode(place) == 0o700
    assert _mode(folder / ".s.PGSQL.5432") == 0o700
    assert _mode(server.data_directory.parent / "log") == 0o600


def test_server_listens_on_no_network(calm_server: Any) -> None:
    assert calm_server.postmaster.net_connections("inet") == []


def test_server_never_runs_as_root(calm_server: Any) -> None:
    assert calm_server.postmaster.uids().real == calm_server.data_directory.stat().st_uid != 0
    assert set(calm_server.postmaster.uids()) == {calm_server.postmaster.uids().real}
    assert 0 not in calm_server.postmaster.gids()


def test_server_is_out_of_reach_of_the_terminal(calm_server: Any) -> None:
    for process in (calm_server.postmaster, *calm_server.keepers):
        assert os.getsid(process.pid) != os.getsid(0)
        assert process.terminal() is None


def test_server_holds_no_file_of_the_caller(server: Any, tmp_path: Path, home: Path) -> None:
    with (tmp_path / "open").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        server.ensure_running()
        opened = {file.path for file in server.postmaster.open_files()}
    assert not {path for path in opened if path.startswith((str(tmp_path / "open"), str(home / "server.users")))}


def test_start_changes_no_permissions_that_were_there(server: Any, home: Path) -> None:
    os.umask(umask := os.umask(0o022))
    places = [*home.parents, *binaries.installed().rglob("*"), *binaries.installed().parents]
    before = [(place.stat().st_mode, place.stat().st_uid) for place in places]
    server.ensure_running()
    assert [(place.stat().st_mode, place.stat().st_uid) for place in places] == before
    assert os.umask(umask) == umask


def test_socket_folder_is_the_clusters_own_where_it_fits(tmp_path: Path) -> None:
    assert sockets.socket_folder(Path("/short")) == Path("/short")


@pytest.mark.parametrize("folder", [Path("/", "long" * 25), Path("/com,ma")])
def test_socket_that_libpq_could_not_find_lies_in_a_private_temporary_folder(folder: Path, temporary: Path) -> None:
    private = sockets.socket_folder(folder)
    assert private.parent == temporary
    assert _mode(private) == 0o700
    assert sockets.socket_folder(folder) == private != sockets.socket_folder(folder / "other")


def test_temporary_folder_that_others_can_enter_is_refused(temporary: Path) -> None:
    folder = Path("/", "long" * 25)
    sockets.socket_folder(folder).chmod(0o755)
    with pytest.raises(errors.Unavailable, match="mode 0700"):
        sockets.socket_folder(folder)


def test_temporary_folder_that_is_a_link_is_refused(temporary: Path) -> None:
    folder = Path("/", "long" * 25)
    private = sockets.socket_folder(folder)
    private.rename(temporary / "elsewhere")
    private.symlink_to(temporary / "elsewhere")
    with pytest.raises(errors.Unavailable, match="folder of your own"):
        sockets.socket_folder(folder)


def test_temporary_folder_without_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / ("long" * 25)))
    with pytest.raises(errors.Unavailable, match="too long"):
        sockets.socket_folder(Path("/com,ma"))


def test_copy_of_the_server_works_and_every_account_can_read_it(tmp_path: Path) -> None:
    umask = os.umask(0o077)
    copy = binaries.copy_into(tmp_path)
    os.umask(umask)
    assert subprocess.check_output([copy / "bin" / "psql", "--version"]).startswith(b"psql (PostgreSQL) 18")
    assert {_mode(path) for path in tmp_path.rglob("*")} == {0o755, 0o644}
    assert not list(tmp_path.rglob("*.a"))
    assert binaries.copy_into(tmp_path) == copy


def test_half_made_copy_is_made_again(tmp_path: Path) -> None:
    name = binaries.copy_into(tmp_path).relative_to(tmp_path).parts[0]
    (tmp_path / name).rename(tmp_path / f"{name}.new")
    (tmp_path / f"{name}.new" / "garbage").touch()
    assert (binaries.copy_into(tmp_path) / "bin" / "postgres").exists()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert not (tmp_path / name / "garbage").exists()


def test_shared_folder_that_others_can_write_to_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "SHARED", tmp_path)
    tmp_path.chmod(0o777)
    with pytest.raises(errors.Unavailable, match="nobody else can write"), folders.alone_in_shared():
        pass


def test_account_is_nobody_where_none_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "NAME", "no-such-account")
    monkeypatch.setattr(account, "_make", lambda: None)
    assert pwd.getpwnam("nobody").pw_uid == account.system_account().uid


def test_account_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account, "_find", lambda name: None)
    monkeypatch.setattr(account, "_make", lambda: None)
    with pytest.raises(errors.Unavailable, match="can't run as root"):
        account.system_account()


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)
