"""Trouble at a chosen statement: the connection is lost there, or the process dies."""

import time
from typing import Any

import psycopg2
import pytest
from support.world import World

from epicshell.database import Database


class Killed(BaseException):
    """Stands for kill -9: nothing catches it, and the connection goes with the process."""


class Trouble:
    """Comes when the nth statement that holds a text is executed, before it or after it; once.

    seen: how many statements there were so far.
    """

    Killed = Killed

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self._world = world
        self.seen = 0
        self._plan: tuple[str, int, bool, bool] | None = None
        cursor = Database.cursor
        monkeypatch.setattr(Database, "cursor", lambda database, *rest: _Cursor(cursor(database, *rest), self))

    def lose_connection(self, *, at: str = "", nth: int = 1, after: bool = False) -> None:
        """The server ends the connection. after: it has done the statement, but its answer is lost."""
        self._plan = (at, nth, after, False)

    def die(self, *, at: str = "", nth: int = 1, after: bool = False) -> None:
        self._plan = (at, nth, after, True)

    def execute(self, cursor: Any, sql: Any, parameters: Any) -> Any:
        self.seen += 1
        if self._plan is None or not self._due(f"{sql} {parameters}"):
            return cursor.execute(sql, parameters)
        _, _, after, dies = self._plan
        self._plan = None
        if after:
            cursor.execute(sql, parameters)
        self._end(cursor.connection.info.backend_pid)
        if dies:
            raise Killed
        if after:
            raise psycopg2.OperationalError("server closed the connection unexpectedly")
        return cursor.execute(sql, parameters)

    def _due(self, statement: str) -> bool:
        assert self._plan is not None
        text, nth, *rest = self._plan
        if text not in statement:
            return False
        self._plan = (text, nth - 1, *rest)  # type: ignore[assignment]
        return nth == 1

    def _end(self, pid: int) -> None:
        self._world.run("SELECT pg_terminate_backend(%s)", pid)
        while self._world.rows("SELECT 1 FROM pg_stat_activity WHERE pid = %s", pid):
            time.sleep(0.001)


class _Cursor:
    def __init__(self, inner: Any, trouble: Trouble) -> None:
        self._inner, self._trouble = inner, trouble

    def execute(self, sql: Any, parameters: Any = None) -> Any:
        return self._trouble.execute(self._inner, sql, parameters)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __iter__(self) -> Any:
        return iter(self._inner)
