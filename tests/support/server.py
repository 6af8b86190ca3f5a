"""The PostgreSQL server of a test run: one for all workers, its databases copied from templates built once."""

import fcntl
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2

from epicshell.database import Target
from epicshell.embedded import Embedded
from epicshell.embedded.sockets import listening_in
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
# Of the owner's connections: they wait for nothing for ever, and what a test that failed left open keeps no lock.
PATIENCE = "-c lock_timeout=30s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s"
_SEND_AWAY = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'"


_PREFIX = "epicshell-tests-"
_MEMORY, _ENOUGH = Path("/dev/shm"), 1 << 30  #: where files lie in memory, and how many bytes a run may take there


def make_home() -> Path:
    """A folder for a server: in memory, if there is enough of it.

    A copy is 500 files. ext4 looks long for inodes where many were given back a moment ago: the hundredth copy there
    takes 60 ms and the two-hundredth 100, in memory each takes 8. This process locks it as long as it lives, and
    removes what runs that were killed left there.
    """
    fits = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ENOUGH
    if fits:
        for left in filter(_is_left, _MEMORY.glob(f"{_PREFIX}*")):
            shutil.rmtree(left, ignore_errors=True)
    home = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_MEMORY if fits else None))
    _locked(home)
    return home


def _is_left(home: Path) -> bool:
    """Whether it is of a run of ours that is over, and so is its server."""
    try:
        known = home.stat()
        old = known.st_uid == os.geteuid() and time.time() - known.st_mtime > 60
        return old and listening_in(home / "server/data") is None and _locked(home)
    except OSError:
        return False  # others tidy up, too


def _locked(folder: Path) -> bool:
    """Lock it until the end of this process; whether nobody else has."""
    try:
        fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class _Embedded(Embedded):
    """Where a run's folder lies in memory, root's data does so, too; the home is as private as anyone's."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "home", idle_seconds=10)
        if folder.parent == _MEMORY:
            self._folder = folder / "server"
            if os.geteuid() == 0:
                folder.chmod(0o711)  # the account that runs the server has to get there


class Server:
    """The server of one home, an epicshell.embedded one; whoever comes first builds the templates.

    home: a folder of the whole run.

    A copy takes about 8 ms, its removal about 5 ms.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.embedded = _Embedded(home)
        self._numbers = itertools.count()

    def start(self) -> None:
        """Start the server and build the templates, unless another worker has."""
        self.host = self.embedded.ensure_running()
        with (self.home / "templates").open("a") as marker:
            fcntl.flock(marker, fcntl.LOCK_EX)
            if os.fstat(marker.fileno()).st_size == 0:
                self._build()
                marker.write("built")

    def owner(self, database: str = "postgres") -> "connection":
        """A superuser's connection in autocommit."""
        opened = psycopg2.connect(host=self.host, user="postgres", dbname=database, options=PATIENCE)
        opened.autocommit = True
        return opened

    @contextmanager
    def copy(self, template: str) -> Iterator[Target]:
        """A database of one's own, gone at the end of the block whoever is still connected."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        _run(self._postgres, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY", _RIGHTS.format(name))
        try:
            yield Target(name, {"dbname": name, "host": self.host})
        finally:
            # DROP DATABASE alone would sleep 0.1 s where a connection that was just closed is not gone yet.
            while _run(self._postgres, _SEND_AWAY.format(name)):
                time.sleep(0.001)
            _run(self._postgres, f"DROP DATABASE {name} WITH (FORCE)")

    @cached_property
    def _postgres(self) -> "connection":
        return self.owner()

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the owner."""
        with closing(self.owner(database)) as owner:
            _run(owner, *statements)

    def remove(self) -> None:
        """Stop the server and delete all it wrote."""
        self.embedded.stop()
        shutil.rmtree(self.embedded.data_directory.parent, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def _build(self) -> None:
        _run(self._postgres, *(f"ALTER SYSTEM SET {setting}" for setting in _TUNING), "SELECT pg_reload_conf()")
        _run(self._postgres, f"CREATE DATABASE {EMPTY}")
        with closing(self.owner(EMPTY)) as owner:
            migrate(owner)
        _run(self._postgres, f"CREATE DATABASE {WORLD} TEMPLATE {EMPTY} STRATEGY FILE_COPY")
        self.execute(_POPULATION.read_text("utf-8"), "VACUUM ANALYZE", database=WORLD)
        for template in (EMPTY, WORLD):  # the first to connect writes the cache that those after it start with
            self.owner(template).close()


def _run(opened: "connection", *statements: str) -> int:
    """Run statements; how many rows the last one touched or gave."""
    with opened.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        return cursor.rowcount
