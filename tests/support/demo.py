"""A home with the demo in it, and the program in terminals on it."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
from support.server import PATIENCE
from support.terminal import TerminalProgram

from epicshell.embedded import Embedded

if TYPE_CHECKING:
    from psycopg2.extensions import connection


class Demo:
    """The demo of one home. Programs that it opens are ended with the test."""

    @classmethod
    def copied(cls, shelf: Path, home: Path) -> "Demo":
        """The demo in a new home: a copy of one that is made once in a run.

        shelf: the folder that keeps it, for all workers. home: isn't there yet.
        """
        shelf.mkdir(exist_ok=True)
        with (shelf / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (shelf / "home").exists():
                cls(shelf / "new")._make(shelf)
        demo = cls(home)
        _copy(shelf / "home", home)
        if (shelf / "server").exists():
            _copy(shelf / "server", demo.server.data_directory.parent)
        return demo

    def _make(self, shelf: Path) -> None:
        self.command("whoami")
        self.sql("ALTER SYSTEM SET fsync = off")
        self.server.stop()
        folder = self.server.data_directory.parent
        if not folder.is_relative_to(self.home):  # as root's are
            _copy(folder, shelf / "server")
            shutil.rmtree(folder)
        self.home.rename(shelf / "home")

    def __init__(self, home: Path) -> None:
        self.home = home
        self.server = Embedded(home / "data", idle_seconds=10)
        self._running: list[TerminalProgram] = []

    def open(self, *arguments: str, **options: Any) -> TerminalProgram:
        """Start `epicshell …` in a terminal."""
        program = TerminalProgram(self.home, *arguments, **options)
        self._running.append(program)
        return program

    def command(self, line: str, who: str = "sales") -> str:
        """What a command run beside the shell prints."""
        arguments = [sys.executable, "-m", "epicshell", "demo", "--as", who, "-c", line]
        environment = {"EPICSHELL_HOME": str(self.home), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        return subprocess.run(arguments, env=environment, check=True, capture_output=True, text=True).stdout

    def owner(self) -> "connection":
        """A superuser's connection in autocommit."""
        host = self.server.ensure_running()
        opened = psycopg2.connect(host=host, user="postgres", dbname="epic_demo", options=PATIENCE)
        opened.autocommit = True
        return opened

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run a statement as the owner; its rows, if it gives any."""
        with closing(self.owner()) as opened, opened.cursor() as cursor:
            cursor.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else []

    @contextmanager
    def holding(self, statement: str) -> Iterator[None]:
        """What the statement locks is locked until the end of the block."""
        with closing(self.owner()) as opened, opened.cursor() as cursor:
            cursor.execute(f"BEGIN; {statement}")
            yield

    def crash(self) -> None:
        """Kill the server as a power cut would, and wait until all of it is gone."""
        pid = int((self.server.data_directory / "postmaster.pid").read_text().splitlines()[0])
        family = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
        os.kill(pid, signal.SIGKILL)
        while any(_runs(one) for one in family):
            time.sleep(0.01)

    def end_session(self, username: str) -> None:
        """Revoke every session of an employee."""
        self.sql(
            "INSERT INTO sec.revocations (session_id) SELECT s.id FROM sec.sessions s"
            " JOIN crm.employees e ON e.id = s.employee_id WHERE e.username = %s",
            username,
        )

    def close_programs(self) -> None:
        while self._running:
            self._running.pop().kill()

    def remove(self) -> None:
        """Stop the server and delete all it wrote."""
        self.server.stop()
        shutil.rmtree(self.server.data_directory.parent, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)


def _copy(folder: Path, to: Path) -> None:
    """With owners and modes; `to` isn't there yet."""
    subprocess.run(["cp", "-a", folder, to], check=True)


def _runs(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
