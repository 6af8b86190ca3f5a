"""How long the private server lives: as long as someone uses it, and a while longer."""

import fcntl
import os
import select
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from epicshell.embedded import lifetime, reaper


def test_server_stops_after_its_last_user(server: Any, make_user: Callable[..., Any], eventually: Any) -> None:
    first, second = make_user(idle_seconds=0.2), make_user(idle_seconds=0.2)
    first.socket_folder()
    second.socket_folder()
    postmaster = server.postmaster
    first.leave()
    with pytest.raises(psutil.TimeoutExpired):
        postmaster.wait(0.6)
    second.leave()
    assert eventually(lambda: not server.keepers)
    assert not postmaster.is_running()
    assert not (server.data_directory / "postmaster.pid").exists()


def test_killed_user_is_gone_too(server: Any, make_user: Callable[..., Any], eventually: Any) -> None:
    user = make_user(idle_seconds=0.1)
    user.socket_folder()
    user.process.kill()
    assert eventually(lambda: not server.keepers)


def test_server_stopped_for_idleness_starts_again(server: Any, make_user: Callable[..., Any], eventually: Any) -> None:
    for _ in range(2):
        user = make_user(idle_seconds=0)
        user.socket_folder()
        user.leave()
        assert eventually(lambda: not server.keepers)


def test_newcomer_waits_while_the_server_is_being_stopped(
    server: Any, home: Path, make_user: Callable[..., Any]
) -> None:
    home.mkdir(mode=0o700)
    with (home / "server.users").open("w") as presence:
        fcntl.flock(presence, fcntl.LOCK_EX)  # as the keeper does
        user = make_user()
        assert select.select([user.process.stdout], [], [], 0.5)[0] == []
    assert user.socket_folder() == server.ensure_running()


def test_visit_restarts_the_idle_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    presence = tmp_path / "server.users"
    os.close(lifetime.enter(presence))
    os.utime(presence, (1, 1))
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 1:
            os.close(lifetime.enter(presence))

    monkeypatch.setattr(reaper.time, "sleep", sleep)
    reaper._wait_for_idleness(str(presence), 300)
    assert slept == [300, 300]


def test_killed_keeper_leaves_the_server_to_its_users(server: Any) -> None:
    server.ensure_running()
    (keeper,), postmaster = server.keepers, server.postmaster
    keeper.kill()
    assert server.ask("SELECT 1") == 1
    assert server.postmaster == postmaster
    server.stop()
    server.ensure_running()
    assert len(server.keepers) == 1


def test_keeper_ends_with_a_killed_server(server: Any, eventually: Any) -> None:
    server.ensure_running()
    server.postmaster.kill()
    assert eventually(lambda: not server.keepers)
