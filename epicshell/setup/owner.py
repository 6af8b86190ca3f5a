"""The superuser's connection of the set-up commands, and the servers and databases that they refuse."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import psycopg2
import psycopg2.errors

from epicshell.connecting import unreachable
from epicshell.database import OWNER_ROLE, Target
from epicshell.errors import NotAllowed, Unavailable

if TYPE_CHECKING:
    from psycopg2.extensions import connection

OLDEST = 16  #: PostgreSQL's major version: memberships WITH SET FALSE came with it
_OWNER_HINT = "Name one in EPICSHELL_OWNER_URL: postgresql://postgres@HOST[:PORT]/DATABASE."
_LOCK_TIMEOUT = "10s"  # a change of schema that waits makes all who come after it wait too


def rows(opened: "connection", sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """All rows of one query. Raises Unavailable if the connection is lost."""
    try:
        with opened.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            return cursor.fetchall()
    except psycopg2.Error as error:
        if opened.closed:
            raise unreachable(error, opened.info.dbname) from error
        raise


@contextmanager
def as_owner(owner: Target, **extra: str) -> Iterator["connection"]:
    """A superuser's connection in autocommit, without a limit to how long a statement may run.

    extra: libpq parameters.
    Raises Unavailable (unreachable, too old, a table that stays locked), NotAllowed (no superuser).
    """
    with closing(owner.connect(OWNER_ROLE, **extra)) as opened:
        if is_too_old(opened):
            raise Unavailable(too_old(opened), "Upgrade the server (pg_upgrade).")
        refuse_powerless(opened, owner.name)
        try:
            with opened.cursor() as cursor:
                cursor.execute(f"SET statement_timeout = 0; SET lock_timeout = '{_LOCK_TIMEOUT}'")
            yield opened
        except psycopg2.errors.LockNotAvailable as error:
            raise Unavailable(
                "Someone else is changing the schema, or keeps a table of it locked.",
                "What was begun is undone. Try again in a minute.",
            ) from error
        except (psycopg2.OperationalError, psycopg2.InterfaceError) as error:
            if opened.closed:
                raise unreachable(error, owner.name) from error
            raise


def refuse_powerless(opened: "connection", name: str) -> None:
    """Raises NotAllowed for an owner that isn't a superuser."""
    ((user, superuser),) = rows(opened, "SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user")
    if not superuser:
        raise NotAllowed(f"{user} is not a superuser; only one can set up or examine {name}.", _OWNER_HINT)


def is_too_old(opened: "connection") -> bool:
    """Whether the server lacks what the schema is built on."""
    return opened.server_version // 10000 < OLDEST


def too_old(opened: "connection") -> str:
    """The sentence about such a server."""
    return f"The server runs PostgreSQL {opened.server_version // 10000}; epicshell needs {OLDEST} or later."


def letters_complaint(opened: "connection") -> str:
    """What is wrong with the database's encoding or locale, "" if nothing; neither can be changed later."""
    ((encoding,),) = rows(opened, "SHOW server_encoding")
    if encoding != "UTF8":
        return f"The database's encoding is {encoding}, not UTF8."
    ((lowers,),) = rows(opened, r"SELECT lower(U&'\00C9') = U&'\00E9'")
    return "" if lowers else "The database's locale knows no letters beyond ASCII: searches would miss É under é."
