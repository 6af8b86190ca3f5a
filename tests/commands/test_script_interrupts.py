"""Ctrl-C while a script runs: the line ends, a second one cancels it; what is done is told exactly."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.program import Program, program_of
from support.scripts import create, created, write
from support.world import World

from epicshell.commands.patience import Patience
from epicshell.text import thousands

WAITING = (
    "SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
    " WHERE NOT l.granted AND d.datname = current_database()"
)
LINES = 2_000


class Held:
    """A script that waits in its second line, for a lock that the test holds."""

    def __init__(self, world: World, program: Program, path: Path, *mode: str) -> None:
        self._owner = world.owner()
        with self._owner.cursor() as cursor:
            cursor.execute("BEGIN; LOCK TABLE crm.clients IN ACCESS EXCLUSIVE MODE")
        self._running = subprocess.Popen(
            [sys.executable, "-m", "epicshell", "-f", str(path), *mode],
            env=program.environment_now(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        _until(lambda: bool(world.rows(WAITING)))

    def interrupt(self) -> None:
        self._running.send_signal(signal.SIGINT)

    def let_go(self) -> None:
        with self._owner.cursor() as cursor:
            cursor.execute("COMMIT")

    def ends(self, seconds: float) -> bool:
        try:
            self._running.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def told(self) -> tuple[int, str]:
        """The exit code and stderr, at its end; the lock is gone then."""
        error = self._running.communicate()[1].decode()
        self.let_go()
        return self._running.returncode, error


def _until(there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def program(world: World, tmp_path: Path) -> Program:
    return program_of(world, tmp_path / "home", "bill.boquet")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "script.epic", ["help", *[create(f"C{number}") for number in range(LINES)]])


def test_first_one_lets_the_line_end(world: World, program: Program, path: Path) -> None:
    held = Held(world, program, path)
    held.interrupt()
    assert not held.ends(0.3)
    held.let_go()
    code, error = held.told()
    done = len(created(world))
    assert 0 < done < LINES
    assert code == 130
    assert error.strip() == (
        f"epicshell: Interrupted after line {done + 1}: lines 1 to {done + 1} are done; "
        f"{thousands(LINES - done)} commands after it are not. -f {path} --resume goes on."
    )
    assert world.rows("SELECT line FROM crm.script_runs") == [(done + 1,)]


def test_second_one_cancels_the_line(world: World, program: Program, path: Path) -> None:
    held = Held(world, program, path)
    held.interrupt()
    assert not held.ends(0.3)
    held.interrupt()
    code, error = held.told()
    assert code == 130
    advice = f"Line 1 is done. -f {path} --resume goes on."
    assert error.strip() == f"epicshell: {path}:2: Interrupted; nothing was done. {advice}"
    assert created(world) == []


@pytest.mark.parametrize("mode", ["--atomic", "--dry-run"])
def test_all_or_nothing_ends_at_the_first(world: World, program: Program, path: Path, mode: str) -> None:
    held = Held(world, program, path, mode)
    held.interrupt()
    code, error = held.told()
    assert code == 130
    assert "nothing was done." in error.lower()
    assert created(world) == []


def test_handler_is_put_back() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with Patience() as patience:
            signal.raise_signal(signal.SIGINT)
            assert patience.asked
            with pytest.raises(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        with Patience() as patience, patience.suspended(), pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert not patience.asked
    finally:
        signal.signal(signal.SIGINT, before)


def test_process_that_ignores_ctrl_c_goes_on_ignoring_it() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Patience() as patience:
            signal.raise_signal(signal.SIGINT)
        assert not patience.asked
    finally:
        signal.signal(signal.SIGINT, before)
