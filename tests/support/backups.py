"""What a database is, down to its rights: the same before a backup as after it was restored."""

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from support.world import World

from epicshell.embedded import backup

_ACL = "array_to_string(ARRAY(SELECT a::text FROM unnest({}) a ORDER BY 1), ' ')"
#: What a database is, but for its rows: in texts, since numbers of objects are others after a restore.
CATALOG = (
    f"SELECT oid::regclass::text, relkind, relowner::regrole, relrowsecurity, relforcerowsecurity, reloptions,"
    f" relpersistence, {_ACL.format('relacl')} FROM pg_class WHERE relnamespace::regnamespace::text !~ '^pg_'",
    f"SELECT attrelid::regclass::text, attname, atttypid::regtype, attnotnull, attidentity, {_ACL.format('attacl')}"
    " FROM pg_attribute WHERE attrelid >= 16384 AND attnum > 0 AND NOT attisdropped"
    " AND attrelid::regclass::text !~ '^pg_toast'",
    f"SELECT oid::regprocedure::text, proowner::regrole, {_ACL.format('proacl')}, CASE WHEN oid >= 16384 THEN"
    " pg_get_functiondef(oid) END FROM pg_proc WHERE prokind = 'f'",
    f"SELECT nspname, nspowner::regrole, {_ACL.format('nspacl')} FROM pg_namespace WHERE nspname !~ '^pg_'",
    f"SELECT lanname, {_ACL.format('lanacl')} FROM pg_language",
    f"SELECT defaclrole::regrole, defaclobjtype, {_ACL.format('defaclacl')} FROM pg_default_acl",
    "SELECT * FROM pg_policies",
    "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid <> 0",
    "SELECT * FROM pg_indexes WHERE schemaname IN ('crm', 'sec', 'api')",
    "SELECT schemaname, sequencename, last_value FROM pg_sequences",
    f"SELECT {_ACL.format('datacl')}, datdba::regrole, datconnlimit, encoding, datcollate, datlocale, datallowconn"
    " FROM pg_database WHERE datname = current_database()",
    "SELECT rolname, rolsuper, rolcanlogin, rolinherit, rolconnlimit, rolbypassrls FROM pg_roles",
    "SELECT roleid::regrole, member::regrole, admin_option, inherit_option, set_option FROM pg_auth_members",
    "SELECT setrole::regrole::text, setdatabase = 0, setconfig FROM pg_db_role_setting"
    " WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))",
)
#: What a restore itself adds to, and what no dump takes along.
NOT_ROWS = ("sec.attachments", "sec.audit", "sec.revocations")


def left_over(world: World) -> list[tuple[str]]:
    """Databases that a restore has not cleared away."""
    with closing(world.server.owner()) as opened, opened.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ %s", (f"^{world.target.name}_",))
        return cursor.fetchall()


def looked(world: World, look: Callable[[World], Any]) -> Any:
    """What is seen over a new connection: a restore cuts the old ones off."""
    with closing(world.server.owner(world.target.name)) as own:
        return look(replace(world, _own=own))


def catalog(world: World) -> list[list[str]]:
    """What the catalogs tell; without brackets, of which an expression that is read again may have others."""
    return [sorted(re.sub("[()]", "", repr(row)) for row in world.rows(query)) for query in CATALOG]


def audit(world: World) -> list[str]:
    return [text for (text,) in world.rows("SELECT a::text FROM sec.audit a ORDER BY id")]


def rows(world: World) -> dict[str, str]:
    return world.state(*NOT_ROWS)


def clients(world: World) -> int:
    return world.ask("SELECT count(*) FROM crm.clients")[0]


def make(keeper: World, file: Path) -> Path:
    backup.back_up(keeper.target, file, replace=False)
    return file
