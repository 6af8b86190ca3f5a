"""The schema: numbered SQL files, forward only, one transaction each.

A file that has been applied is recorded with its checksum; one that was edited since, a gap or a duplicate is refused.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from epicshell.errors import Unavailable

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from psycopg2.extensions import connection, cursor

LATEST = 20  #: the version that this epicshell needs; a test holds it to the files
_LOCK = (20404, 2)  #: the advisory lock under which schemas are changed


@dataclass(frozen=True)
class Migration:
    """One file `NNN_name.sql`."""

    version: int
    name: str
    source: "Traversable"

    @cached_property
    def sql(self) -> str:
        return self.source.read_text("utf-8")

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def migrations(folder: "Traversable | None" = None) -> list[Migration]:
    """All migrations in order. Raises ValueError for a gap, a duplicate or a name that is not `NNN_name.sql`."""
    from importlib.resources import files

    found = []
    for source in (folder or files("epicshell.schema")).iterdir():
        if source.name.endswith(".sql"):
            match = re.fullmatch(r"(\d{3})_(\w+)\.sql", source.name)
            if not match:
                raise ValueError(f"{source.name}: not NNN_name.sql")
            found.append(Migration(int(match[1]), match[2], source))
    found.sort(key=lambda migration: migration.version)
    if [migration.version for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"gap or duplicate in {[migration.source.name for migration in found]}")
    return found


def migrate(owner: "connection", folder: "Traversable | None" = None) -> list[Migration]:
    """Bring the database up to date and return what was applied.

    owner: a superuser's connection in autocommit.
    Raises Unavailable for a schema that is newer, or whose files are not the ones that were applied.
    """
    known = migrations(folder)
    with owner.cursor() as cursor, _lock(cursor):
        applied = _applied(cursor)
        _refuse_strangers(known, applied)
        pending = [migration for migration in known if migration.version not in applied]
        for migration in pending:
            _apply(cursor, migration)
    return pending


@contextmanager
def _lock(cursor: "cursor") -> Iterator[None]:
    cursor.execute("SELECT pg_advisory_lock(%s, %s)", _LOCK)
    try:
        yield
    finally:
        if not cursor.connection.closed:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", _LOCK)


def _applied(cursor: "cursor") -> dict[int, str]:
    cursor.execute("SET client_min_messages = warning; CREATE SCHEMA IF NOT EXISTS sec")
    cursor.execute(
        "CREATE TABLE IF NOT EXISTS sec.migrations (version integer PRIMARY KEY, name text NOT NULL,"
        " checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"
    )
    cursor.execute("SELECT version, checksum FROM sec.migrations")
    return dict(cursor.fetchall())


def _refuse_strangers(known: list[Migration], applied: dict[int, str]) -> None:
    newest = max(applied, default=0)
    if newest > len(known):
        raise Unavailable(*newer(newest))
    for migration in known:
        if applied.get(migration.version, migration.checksum) != migration.checksum:
            raise Unavailable(
                f"Migration {migration.version} of this database is not the one that epicshell brings.",
                "Install the epicshell that set the database up; a migration that was applied must never change.",
            )


def _apply(cursor: "cursor", migration: Migration) -> None:
    cursor.execute("BEGIN")
    try:
        cursor.execute(migration.sql)
        cursor.execute(
            "INSERT INTO sec.migrations (version, name, checksum) VALUES (%s, %s, %s)",
            (migration.version, migration.name, migration.checksum),
        )
        cursor.execute("COMMIT")
    except BaseException:
        if not cursor.connection.closed:
            cursor.execute("ROLLBACK")
        raise


def newer(version: int) -> tuple[str, str]:
    """The sentence and hint for a schema that this epicshell is too old for."""
    return (
        f"The database's schema is version {version}; this epicshell knows versions up to {LATEST}.",
        "Install a newer epicshell.",
    )


def check(version: int | None) -> None:
    """Refuse to work on another schema. Raises Unavailable, saying which command helps."""
    if version is None:
        raise Unavailable("The database has not been set up for epicshell.", "Run: epicshell init")
    if version < LATEST:
        raise Unavailable(
            f"The database's schema is version {version}; this epicshell needs version {LATEST}.",
            "Run: epicshell migrate",
        )
    if version > LATEST:
        raise Unavailable(*newer(version))
