"""Backups of a database of the private server, and putting one back.

A backup is made of SQL that runs with all rights of the server when it is restored. So only one that this installation
has signed is taken without further ado (embedded.seal).
"""

from __future__ import annotations

import json
import secrets
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2.errors

from epicshell import __version__, migrations
from epicshell.database import OWNER_ROLE, Target
from epicshell.embedded import dump, seal
from epicshell.embedded.archive import Archive, Manifest, pack
from epicshell.embedded.maintenance import alone, drop
from epicshell.embedded.roles import restore_languages, restore_rights, restore_roles, rights_of, roles_of
from epicshell.errors import NotAllowed, Refused, Unavailable
from epicshell.newfile import NewFile
from epicshell.text import display

if TYPE_CHECKING:
    from psycopg2.extensions import connection, cursor

    from epicshell.embedded import Embedded

SECRETS = (
    "It holds every record, the proofs of all passwords and the keys of sessions: keep it as safe as the database."
)
BACK_AGAIN = (
    "Passwords are those of that day, and who was deactivated since is active again: look through employees list."
    " One-time codes are void."
)
_END = """INSERT INTO sec.revocations (session_id) SELECT id FROM sec.live_sessions;
          DELETE FROM sec.enrolments; DELETE FROM sec.login_tries"""
_TRIES = 5  #: at taking a database's name, while shells come back


def server_of(target: Target, what: str) -> Embedded:
    """The private server. Raises Refused for a company's, with the command that its administrator needs."""
    if target.embedded is not None:
        return target.embedded
    name = target.parameters["dbname"]
    raise Refused(
        f"{what} is for the server that epicshell runs itself; {target.name} is on a company's.",
        "Its administrator does it as a superuser, or as a role with BYPASSRLS, since row security is forced on every"
        f" table: pg_dump --format=custom --file=FILE {name}, and pg_dumpall --globals-only for the roles.",
    )


def back_up(target: Target, path: Path, *, replace: bool, recorded: bool = False) -> Manifest:
    """Write a backup: a file of mode 0600, whole or not at all.

    recorded: the audit has it already, by who asked for it. Raises Refused (the file), Unavailable (the server).
    """
    server = server_of(target, "backup")
    with NewFile(path, replace=replace) as file, closing(_owner(target)) as opened, opened.cursor() as cursor:
        manifest, secret = _described(cursor, target), _secret(cursor)
        if secret is None:
            raise Unavailable(f"The database {target.name} has not been set up.", "There is nothing to back up.")
        if not recorded:
            _record(cursor, None, "backup", {"file": display(path.name)})
        with file.writing() as out:
            key = seal.key(seal.made(server.home), secret)
            return pack(out, dump.dumped(server, target.parameters["dbname"]), manifest, key)


def restore(target: Target, path: Path, *, trust: bool, actor: int | None = None) -> Manifest:
    """Replace a database by a backup: everything in it, at one moment, or nothing.

    It is built beside the old one, brought up to date, and takes its name when it is complete. All sessions are ended,
    and one-time codes void: one that was used since the backup would work again.
    trust: take a backup that this installation did not sign. actor: the employee who asked for it, for the audit.
    Raises Refused (the file), NotAllowed (not signed by us), Unavailable (newer than we are, the server).
    """
    server_of(target, "restore")
    with Archive(path) as archive:
        archive.check()
        with alone(target) as server:
            _refuse_newer(archive.manifest, server.connection)
            if not trust:
                _refuse_strangers(archive.manifest, target, server)
            _replace(server, target, archive, {"file": display(path.name), "made_at": archive.manifest.made_at}, actor)
        return archive.manifest


def _owner(target: Target) -> connection:
    opened = target.connect(OWNER_ROLE)
    with opened.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    return opened


def _described(cursor: cursor, target: Target) -> Manifest:
    cursor.execute("SELECT to_regclass('sec.migrations') IS NOT NULL")
    schema = 0
    if (cursor.fetchone() or (False,))[0]:
        cursor.execute("SELECT coalesce(max(version), 0) FROM sec.migrations")
        schema = int((cursor.fetchone() or (0,))[0])
    major = cursor.connection.server_version // 10000
    now = datetime.now(UTC).isoformat(timespec="seconds")
    name = target.parameters["dbname"]
    return Manifest(now, __version__, name, schema, major, roles_of(cursor), rights_of(cursor))


def _secret(cursor: cursor) -> bytes | None:
    """The database's half of the key that signs its backups; None where there is no installation."""
    try:
        cursor.execute("SELECT secret FROM sec.installation")
        row = cursor.fetchone()
    except (psycopg2.errors.UndefinedTable, psycopg2.errors.InvalidSchemaName):
        return None
    return bytes(row[0]) if row else None


def _record(cursor: cursor, actor: int | None, command: str, details: dict[str, str]) -> None:
    said = json.dumps({"command": command, **details})
    cursor.execute("SELECT sec.record(%s, %s, 'commands', NULL, %s::jsonb)", (actor, command, said))


def _refuse_newer(manifest: Manifest, opened: connection) -> None:
    if manifest.schema > migrations.LATEST:
        raise Unavailable(*migrations.newer(manifest.schema))
    if manifest.server > opened.server_version // 10000:
        raise Unavailable(
            f"The backup was made with PostgreSQL {manifest.server}; this is {opened.server_version // 10000}.",
            "Install a newer epicshell.",
        )


def _refuse_strangers(manifest: Manifest, target: Target, server: cursor) -> None:
    """Raise NotAllowed for a backup that the installation in the database did not sign here."""
    ours = seal.kept(server_of(target, "restore").home)
    server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (target.parameters["dbname"],))
    if ours is not None and server.fetchone() is not None:
        with closing(_owner(target)) as opened, opened.cursor() as cursor:
            secret = _secret(cursor)
        if secret is not None and manifest.is_signed_with(seal.key(ours, secret)):
            return
    raise NotAllowed(
        f"This backup was not made by the installation in {target.name}; nothing was changed.",
        "What it holds runs with all rights of the server. If you know where it comes from, add --trust.",
    )


def _replace(server: cursor, target: Target, archive: Archive, details: dict[str, str], actor: int | None) -> None:
    name = target.parameters["dbname"]
    fresh = f"{name}_restored_{secrets.token_hex(8)}"
    try:
        _clear_away(server, name)
        _fill(server, Target(fresh, {**target.parameters, "dbname": fresh}, target.embedded), archive)
        with closing(_owner(Target(fresh, {"dbname": fresh}, target.embedded))) as opened, opened.cursor() as cursor:
            migrations.migrate(opened)
            cursor.execute(_END)
            _record(cursor, actor, "restore-backup", details)
            cursor.execute("ANALYZE")
        _take_name(server, name, fresh)
    except psycopg2.Error as error:
        told = (error.diag.message_primary or str(error)).strip()
        raise Unavailable(f"The server does not take the backup: {told}.", "The database is as it was.") from error
    finally:
        with suppress(psycopg2.Error):  # a disk that is full refuses even that; the next restore clears it away
            _clear_away(server, name)


def _fill(server: cursor, fresh: Target, archive: Archive) -> None:
    from psycopg2.sql import SQL, Identifier

    manifest, name = archive.manifest, fresh.parameters["dbname"]
    restore_roles(server, manifest.roles)
    server.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
    restore_rights(server, name, manifest.rights)
    dump.restore(server_of(fresh, "restore"), name, archive.dump())
    with closing(_owner(fresh)) as opened, opened.cursor() as cursor:
        if _described(cursor, fresh).schema != manifest.schema or _secret(cursor) is None:
            raise Refused("What the backup holds is not the database that it names; nothing was changed.")
        restore_languages(cursor, manifest.rights)


def _take_name(server: cursor, name: str, fresh: str) -> None:
    """The new database takes the old one's name, in one transaction. Raises Unavailable if shells don't let go."""
    from psycopg2.sql import SQL, Identifier

    rename, old = SQL("ALTER DATABASE {} RENAME TO {}"), f"{name}_replaced_{secrets.token_hex(8)}"
    for _ in range(_TRIES):
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN (%s, %s)", (name, fresh)
        )
        server.execute("BEGIN")
        try:
            server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            if server.fetchone() is not None:
                server.execute(rename.format(Identifier(name), Identifier(old)))
            server.execute(rename.format(Identifier(fresh), Identifier(name)))
            server.execute("COMMIT")
        except psycopg2.errors.ObjectInUse:
            server.execute("ROLLBACK")
        else:
            return
    raise Unavailable(f"Somebody keeps coming back to {name} while it is replaced; nothing was changed.", "Try again.")


def _clear_away(server: cursor, name: str) -> None:
    """Drop what restores have left: the replaced database, and what one that was killed had begun."""
    if server.connection.closed:
        return
    server.execute("ROLLBACK")
    pattern = "_(restored|replaced)_[0-9a-f]{16}$"
    server.execute(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s) AND substr(datname, length(%s) + 1) ~ %s",
        (name, name, f"^{pattern}"),
    )
    for (left,) in server.fetchall():
        drop(server, left)
