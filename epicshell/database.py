"""Where the database is, and work on it: one connection per thread, transactions that know how they ended."""

import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import peewee
import psycopg2
from peewee import PostgresqlDatabase

from epicshell import urls
from epicshell.connecting import connected, unreachable
from epicshell.errors import Late, Unavailable
from epicshell.waiting import InterruptedLate

if TYPE_CHECKING:
    from psycopg2.extensions import connection

    from epicshell.embedded import Embedded

AUTH_ROLE = "epic_auth_login"
OWNER_ROLE = "postgres"
VERDICT_SECONDS = 4  #: how long a server that is gone is asked again whether a transaction was committed


def department_role(department: str) -> str:
    """The login role of a department."""
    return f"epic_{department}_login"


@dataclass(frozen=True)
class Target:
    """A database and how to reach it.

    parameters: libpq's, without user and password. embedded: the private server that must run first, if it is one.
    """

    name: str
    parameters: dict[str, str]
    embedded: "Embedded | None" = None

    @classmethod
    def from_url(cls, url: str, *, owner: bool = False) -> "Target":
        """Read `postgresql://HOST[:PORT]/DATABASE[?sslmode=…]`. Raises NotUnderstood.

        owner: the URL may name a user (set-up commands connect as a superuser). A password is never accepted:
        it would be read off the environment or the process list.
        """
        parameters = urls.parameters(url, owner=owner)
        local = urls.is_local(parameters)
        shown = parameters["dbname"] if local else f"{parameters['dbname']}@{parameters.get('host', '')}"
        return cls(shown, parameters)

    @property
    def identity(self) -> str:
        """A short name of this database for state files."""
        if self.embedded:
            return f"private-{self.parameters['dbname']}"
        where = [self.parameters.get(key, "") for key in ("host", "port", "dbname")]
        return hashlib.sha256("|".join(where).encode()).hexdigest()[:16]

    def connect(self, role: str, **extra: str) -> "connection":
        """Open a connection in autocommit as a login role. Raises Unavailable."""
        parameters = {"user": role, **self.parameters, **extra}
        if self.embedded:
            os.environ.pop("PGSERVICE", None)  # libpq has no other way to do without
            parameters |= {
                "host": self.embedded.ensure_running(),
                "hostaddr": "",
                "port": str(self.embedded.port),
            }
        try:
            opened = connected(parameters)
        except psycopg2.Error as error:
            raise unreachable(error, self.name) from error
        opened.autocommit = True
        return opened


_LOST = (psycopg2.OperationalError, psycopg2.InterfaceError, peewee.OperationalError, peewee.InterfaceError)


class InDoubt(Unavailable):
    """The connection was lost while a transaction was committed, and the database can't be asked whether it was done.

    xid: the transaction's number, for `Database.was_committed`.
    """

    def __init__(self, xid: str) -> None:
        super().__init__(
            "The connection to the database was lost, and whether this was done is not known yet.",
            "The next command tells it; don't repeat this one before.",
        )
        self.xid = xid


@dataclass
class Work:
    """A transaction. confirmed: the connection was lost at its commit, and a new one told that it was done."""

    confirmed: bool = False


class Database(PostgresqlDatabase):
    """Peewee over one target and role. Each thread that uses it gets a connection of its own.

    prepare: called with each new connection, before anything else runs on it (a session proves itself there).
    """

    def __init__(self, target: Target, role: str, prepare: Callable[["connection"], None] | None = None) -> None:
        super().__init__(target.parameters["dbname"])
        self.target = target
        self.role = role
        self._prepare = prepare

    def _connect(self) -> "connection":
        opened = self.target.connect(self.role)
        if self._prepare:
            self._prepare(opened)
        return opened

    def one(self, sql: str, parameters: tuple[Any, ...] = ()) -> Any:
        """The first value of the first row of a statement."""
        row = self.execute_sql(sql, parameters).fetchone()
        return row[0] if row else None

    def stream(self, query: Any, size: int = 2000) -> Iterator[tuple[Any, ...]]:
        """The rows of a query in batches, in constant memory; inside a transaction only (a cursor of the server)."""
        context = self.get_sql_context()
        statement, parameters = context.sql(query).query()
        # whoever reads may pause, in a pager say; if they go, the transaction ends and the cursor with it
        self.execute_sql("SET LOCAL idle_in_transaction_session_timeout = '15min'")
        self.execute_sql(f"DECLARE epic_rows NO SCROLL CURSOR FOR {statement}", tuple(parameters))
        while batch := self.execute_sql(f"FETCH {size:d} FROM epic_rows").fetchall():
            yield from batch
            if len(batch) < size:
                break
        self.execute_sql("CLOSE epic_rows")

    def lost(self) -> bool:
        """Whether this thread's connection is gone."""
        return bool(self.is_closed() or self.connection().closed)

    def release(self) -> "connection":
        """Give this thread's connection away, for another thread to `take`; outside of any transaction."""
        opened: connection = self.connection()
        self._state.reset()
        return opened

    def take(self, opened: "connection") -> None:
        """Use a connection that another thread has released."""
        self._state.set_connection(opened)

    def drop(self) -> None:
        """Forget this thread's connection, whatever its state; the next statement opens a new one."""
        if not self.is_closed():
            with suppress(psycopg2.Error):
                self.connection().close()
        self.dispose()

    @contextmanager
    def work(self, *, changes: bool = True) -> Iterator[Work]:
        """One transaction; inside another one, a part of it that can fail alone. A lost connection is dropped.

        changes: it may; then a connection that is lost at the commit doesn't leave open whether it was done.
        Raises Late for Ctrl-C that came too late, Unavailable for a connection that was lost before the commit,
        InDoubt if nobody can be asked.
        """
        outermost = not self.in_transaction()
        work = Work()
        block = self.atomic()
        try:
            block.__enter__()
            yield work
            xid = self.one("SELECT pg_current_xact_id_if_assigned()::text") if outermost and changes else None
        except BaseException as error:
            with suppress(Exception):  # the error itself matters, not that rolling back failed with it
                block.__exit__(type(error), error, error.__traceback__)
            if outermost and self.lost():
                self.drop()
                if isinstance(error, _LOST):
                    raise Unavailable("The connection to the database was lost; nothing was done.") from error
            raise
        try:
            block.__exit__(None, None, None)
        except InterruptedLate:
            if outermost:
                raise Late("Interrupted, but too late: it is done.") from None
            raise
        except BaseException as error:
            if not outermost:
                raise
            work.confirmed = self._after_loss(xid, error)

    def _after_loss(self, xid: str | None, error: BaseException) -> bool:
        """After a commit that failed: nothing of it must stay open. True if it was done all the same; else raises."""
        if not self.lost():
            with suppress(psycopg2.Error):
                self.connection().cursor().execute("ROLLBACK")
        if not self.lost():
            if xid and isinstance(error, KeyboardInterrupt) and self.was_committed(xid):
                raise Late("Interrupted, but too late: it is done.") from None
            raise error
        self.drop()
        if xid is None:
            raise error
        try:
            done = self.was_committed(xid)
        except BaseException:  # whatever keeps us from asking, Ctrl-C too
            raise InDoubt(xid) from error
        if not done:
            raise Unavailable("The connection to the database was lost; nothing was done.") from error
        return True

    def was_committed(self, xid: str) -> bool:
        """Whether a transaction of an earlier connection was committed. Raises InDoubt while it is under way.

        The server may be starting again: it is waited for, some seconds. Raises what connecting raises.
        """
        deadline = time.monotonic() + VERDICT_SECONDS
        while True:
            late = time.monotonic() > deadline
            try:
                status = self.one("SELECT pg_xact_status(%s::xid8)", (xid,))
            except Unavailable:
                if late:
                    raise
            else:
                if status in ("committed", "aborted"):
                    return bool(status == "committed")
                if late:
                    raise InDoubt(xid)
            time.sleep(0.2)
