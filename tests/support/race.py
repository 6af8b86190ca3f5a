"""Two connections at once: one waits for a lock of the other, and is seen waiting before the other goes on."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg2
from support.statements import rows
from support.world import World

if TYPE_CHECKING:
    from psycopg2.extensions import connection

PATIENCE = 30  # seconds, for the slowest of machines


class Race:
    """Statements that run beside the test. Its connections wait for locks as long as the test does."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._threads = ThreadPoolExecutor(4)

    def start(self, opened: "connection", sql: str, *parameters: Any) -> "Outcome":
        """Run a statement in a thread."""
        rows(opened, "SET lock_timeout = 0")
        return Outcome(self._threads.submit(_answer, opened, sql, parameters))

    def start_waiting(self, opened: "connection", sql: str, *parameters: Any) -> "Outcome":
        """Run a statement in a thread and return once it waits for another connection's lock."""
        outcome = self.start(opened, sql, *parameters)
        pid = opened.info.backend_pid
        deadline = time.monotonic() + PATIENCE
        while not self._world.ask("SELECT cardinality(pg_blocking_pids(%s)) > 0", pid)[0]:
            assert not outcome.done, f"{sql} did not wait: {outcome.answer}"
            assert time.monotonic() < deadline, f"{sql} never waited"
            time.sleep(0.002)
        return outcome

    def close(self) -> None:
        self._threads.shutdown()


class Outcome:
    """What came, or will come, of a statement."""

    def __init__(self, future: "Future[list[tuple[Any, ...]] | str]") -> None:
        self._future = future

    @property
    def done(self) -> bool:
        return self._future.done()

    @property
    def answer(self) -> list[tuple[Any, ...]] | str:
        """The rows that it gave, or what it was refused with: the constraint's name, else the SQLSTATE."""
        return self._future.result(PATIENCE)


def _answer(opened: "connection", sql: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]] | str:
    try:
        return rows(opened, sql, *parameters)
    except psycopg2.Error as error:
        return error.diag.constraint_name or error.pgcode or type(error).__name__
