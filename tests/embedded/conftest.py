"""Servers of the tests: each in a home of its own, stopped and removed after the test."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest

from epicshell.embedded import Embedded

USER = """
import sys
from pathlib import Path
from epicshell.embedded import Embedded
print(Embedded(Path(sys.argv[1]), idle_seconds=float(sys.argv[2])).ensure_running(), flush=True)
sys.stdin.read()
"""


class Server(Embedded):
    """An embedded server with the questions that tests ask."""

    def ask(self, statement: str) -> object:
        """The first value of the statement's answer, committed; None where it has none."""
        with closing(psycopg2.connect(host=self.ensure_running(), user="postgres")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchone()[0] if cursor.description else None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.data_directory.parent, ignore_errors=True)

    @property
    def postmaster(self) -> psutil.Process:
        lines = (self.data_directory / "postmaster.pid").read_text().splitlines()
        return psutil.Process(int(lines[0]))

    @property
    def keepers(self) -> list[psutil.Process]:
        """The processes that would stop this home's server; one, where all is well."""
        return [
            p
            for p in psutil.process_iter(["cmdline"])
            if str(self.data_directory) in (p.info["cmdline"] or ())
            and any(part.endswith("reaper.py") for part in p.info["cmdline"])
        ]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder with a short path, which the code under test takes for the machine's."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


@pytest.fixture
def make_server(home: Path) -> Iterator[Callable[..., Server]]:
    """Makes servers, of `home` unless told otherwise."""
    servers: list[Server] = []

    def make(place: Path = home, *, idle_seconds: float = 300) -> Server:
        servers.append(Server(place, idle_seconds=idle_seconds))
        return servers[-1]

    yield make
    for server in servers:
        server.remove()


@pytest.fixture
def server(make_server: Callable[..., Server]) -> Server:
    return make_server()


@pytest.fixture(scope="session")
def calm_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server for tests that only look at it."""
    server = Server(tmp_path_factory.mktemp("calm") / "home")
    server.ensure_running()
    yield server
    server.remove()


class User:
    """Another process that uses the server of `home` until `leave`, or the end of the test."""

    def __init__(self, home: Path, idle_seconds: float) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, home, str(idle_seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def socket_folder(self) -> str:
        """Waits for the process's own ensure_running."""
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate()


@pytest.fixture
def make_user(home: Path) -> Iterator[Callable[..., User]]:
    users: list[User] = []

    def make(*, idle_seconds: float = 300) -> User:
        users.append(User(home, idle_seconds))
        return users[-1]

    yield make
    for user in users:
        user.leave()


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], bool]:
    """Tells whether a condition comes true; waits long, so that no slow machine fails a test."""

    def wait(condition: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + 60
        while not condition() and time.monotonic() < deadline:
            time.sleep(0.01)
        return condition()

    return wait
