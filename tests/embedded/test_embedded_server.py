"""The private server: what it is, and that nothing short of a broken cluster keeps it from running."""

import os
import subprocess
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest

from epicshell import errors
from epicshell.embedded import Embedded, binaries


def test_first_start_gives_a_working_server(calm_server: Any) -> None:
    assert calm_server.ask("SELECT current_user") == "postgres"
    assert calm_server.ask("SHOW server_version").startswith("18")
    assert calm_server.ask("SHOW server_encoding") == "UTF8"
    assert calm_server.ask("SELECT datlocale FROM pg_database WHERE datname = 'postgres'") == "C.UTF-8"


def test_server_is_durable_private_and_in_utc(calm_server: Any) -> None:
    expected = {
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "autovacuum": "on",
        "listen_addresses": "",
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "TimeZone": "UTC",
        "jit": "off",
    }
    settings = calm_server.ask("SELECT json_object_agg(name, setting) FROM pg_settings")
    assert {name: settings[name] for name in expected} == expected


def test_ensure_running_again_gives_the_same_server(calm_server: Any) -> None:
    started = calm_server.ask("SELECT pg_postmaster_start_time()")
    assert calm_server.ensure_running() == calm_server.ensure_running()
    assert calm_server.ask("SELECT pg_postmaster_start_time()") == started


def test_processes_starting_at_once_share_one_server(server: Any, make_user: Callable[..., Any]) -> None:
    users = [make_user() for _ in range(3)]
    folders = {user.socket_folder() for user in users}
    assert folders == {server.ensure_running()}
    assert len(server.keepers) == 1


def test_killed_server_starts_again_with_every_committed_row(server: Any, eventually: Callable[..., bool]) -> None:
    server.ask("CREATE TABLE kept AS SELECT 1 AS number")
    postmaster, keepers = server.postmaster, server.keepers
    postmaster.kill()
    assert eventually(lambda: not _lives(postmaster))
    assert server.ask("SELECT number FROM kept") == 1
    assert server.postmaster != postmaster
    assert eventually(lambda: server.keepers != keepers and len(server.keepers) == 1)


def test_start_waits_for_what_is_left_of_a_killed_server(server: Any, eventually: Callable[..., bool]) -> None:
    with closing(psycopg2.connect(host=server.ensure_running(), user="postgres")) as connection:
        backend = psutil.Process(connection.info.backend_pid)
        backend.suspend()
        (postmaster := server.postmaster).kill()
        assert eventually(lambda: not _lives(postmaster))
        threading.Timer(0.3, backend.resume).start()
        assert server.ask("SELECT 1") == 1
        assert not _lives(backend)


def test_stopped_server_starts_again(server: Any) -> None:
    server.ask("CREATE TABLE kept AS SELECT 1 AS number")
    server.stop()
    assert server.keepers == []
    assert server.ask("SELECT number FROM kept") == 1


def test_stopping_what_does_not_run_is_no_trouble(server: Any) -> None:
    server.stop()
    server.ensure_running()
    server.stop()
    server.stop()


def test_stale_pid_files_of_a_process_that_lives_are_no_trouble(server: Any) -> None:
    folder = Path(server.ensure_running())
    pid_file, socket_lock = server.data_directory / "postmaster.pid", folder / ".s.PGSQL.5432.lock"
    stale = [(path, path.read_bytes()) for path in (pid_file, socket_lock)]
    old = str(server.postmaster.pid).encode()
    server.stop()
    owner = server.data_directory.stat().st_uid if os.geteuid() == 0 else None
    with subprocess.Popen(["sleep", "60"], user=owner) as other:
        for path, content in stale:
            path.write_bytes(content.replace(old, str(other.pid).encode(), 1))
        assert server.ask("SELECT 1") == 1
        server.stop()
        assert other.poll() is None
        other.kill()


def test_half_made_cluster_is_made_again(server: Any, make_user: Callable[..., Any], eventually: Any) -> None:
    starter = make_user()
    unfinished = server.data_directory.with_name("data.new")
    assert eventually(unfinished.exists)
    starter.process.kill()
    assert server.ask("SELECT 1") == 1
    assert not unfinished.exists()


def test_broken_cluster_is_told_in_one_sentence(server: Any) -> None:
    server.ensure_running()
    server.stop()
    (server.data_directory / "global" / "pg_control").unlink()
    with pytest.raises(errors.Unavailable, match=r"does not start: .*could not find the database system") as failure:
        server.ensure_running()
    assert "\n" not in str(failure.value)


def test_home_that_is_no_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(errors.Unavailable, match=r"can't use .*/file"):
        Embedded(tmp_path / "file").ensure_running()


def test_missing_server_is_told_with_the_way_out(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "PACKAGE", "no_such_package")
    with pytest.raises(errors.Unavailable, match="no embedded server for this platform") as failure:
        server.ensure_running()
    assert "EPICSHELL_DATABASE_URL" in failure.value.hint


def test_home_is_found_behind_a_link(make_server: Callable[..., Any], home: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    home.mkdir(mode=0o700)
    link.symlink_to(home)
    assert make_server(link).ensure_running() == make_server(home).ensure_running()


def test_long_path_of_the_home_is_no_trouble(temporary: Path, make_server: Callable[..., Any], tmp_path: Path) -> None:
    home = tmp_path / ("long" * 30) / "ho,me"
    assert make_server(home).ask("SELECT 1") == 1
    assert make_server(home).ensure_running() == make_server(home).ensure_running()


def test_variables_of_the_caller_do_not_reach_the_server(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGDATA": "/nowhere", "PGPORT": "1", "PGTZ": "Asia/Tokyo", "LC_ALL": "xx"}.items():
        monkeypatch.setenv(name, value)
    folder = server.ensure_running()
    with psycopg2.connect(host=folder, user="postgres", port=server.port) as connection:
        assert not connection.closed
    assert "PGDATA" not in server.postmaster.environ()


def test_program_folder_has_the_programs_that_epicshell_calls(server: Any) -> None:
    for program in ("psql", "pg_dump", "pg_restore"):
        assert os.access(server.bin_directory / program, os.X_OK)


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it went between the two questions
        return False
