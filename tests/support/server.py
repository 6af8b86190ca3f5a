"""The PostgreSQL server of a test run: one for all workers, its databases copied from templates built once."""

import fcntl
import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2

from epicshell.database import Target
from epicshell.embedded import Embedded
from epicshell.migrations import migrate

if TYPE_CHECKING:
    from psycopg2.extensions import connection

EMPTY, WORLD = "epic_template", "epic_world"  #: the schema alone; the schema and population.sql
_POPULATION = Path(__file__).with_name("population.sql")
# No test needs its rows after a power cut.
_TUNING = ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "autovacuum = off")
# What a copy does not take over from its template: the rights on the database itself (as in schema/001_roles.sql).
_RIGHTS = """
    REVOKE ALL ON DATABASE {0} FROM PUBLIC;
    GRANT CONNECT ON DATABASE {0} TO epic_sales, epic_support, epic_management, epic_admin, epic_auth
"""


class Server:
    """The server of one home, an epicshell.embedded one; whoever comes first builds the templates.

    A copy takes about 10 ms, its removal about 4 ms.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._embedded = Embedded(home, idle_seconds=10)
        self._numbers = itertools.count()

    def start(self) -> None:
        """Start the server and build the templates, unless another worker has."""
        self.host = self._embedded.ensure_running()
        with (self._home / "templates").open("a") as marker:
            fcntl.flock(marker, fcntl.LOCK_EX)
            if os.fstat(marker.fileno()).st_size == 0:
                self._build()
                marker.write("built")

    def owner(self, database: str = "postgres") -> "connection":
        """A superuser's connection in autocommit."""
        opened = psycopg2.connect(host=self.host, user="postgres", dbname=database)
        opened.autocommit = True
        return opened

    @contextmanager
    def copy(self, template: str) -> Iterator[Target]:
        """A database of one's own, gone at the end of the block whoever is still connected."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY", _RIGHTS.format(name))
        try:
            yield Target(name, {"dbname": name, "host": self.host})
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the owner."""
        opened = self.owner(database)
        try:
            with opened.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            opened.close()

    def remove(self) -> None:
        """Stop the server and delete all it wrote."""
        self._embedded.stop()
        shutil.rmtree(self._embedded.data_directory.parent, ignore_errors=True)
        shutil.rmtree(self._home, ignore_errors=True)

    def _build(self) -> None:
        self.execute(*(f"ALTER SYSTEM SET {setting}" for setting in _TUNING), "SELECT pg_reload_conf()")
        self.execute(f"CREATE DATABASE {EMPTY}")
        owner = self.owner(EMPTY)
        migrate(owner)
        owner.close()
        self.execute(f"CREATE DATABASE {WORLD} TEMPLATE {EMPTY} STRATEGY FILE_COPY")
        self.execute(_POPULATION.read_text("utf-8"), "VACUUM ANALYZE", database=WORLD)
