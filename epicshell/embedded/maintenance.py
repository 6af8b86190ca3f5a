"""The private server's databases as a whole: made, filled and replaced by one process at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from epicshell.database import OWNER_ROLE, Target

if TYPE_CHECKING:
    from psycopg2.extensions import cursor

_LOCK = (20404, 3)  #: the advisory lock under which the private server's databases are made and filled


@contextmanager
def alone(target: Target) -> Iterator[cursor]:
    """The server's maintenance database; other starts wait there until the end of the block, however long it takes."""
    maintenance = Target("postgres", {"dbname": "postgres"}, target.embedded)
    with closing(maintenance.connect(OWNER_ROLE)) as opened, opened.cursor() as server:
        server.execute("SET statement_timeout = 0; SET lock_timeout = 0")
        server.execute("SELECT pg_advisory_lock(%s, %s)", _LOCK)
        yield server


def drop(server: cursor, name: str) -> None:
    """Drop a database of the server, if there is one of that name, whoever is connected to it."""
    from psycopg2.sql import SQL, Identifier

    server.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
