"""What belongs to a database but lies outside of it: the server's roles, and who may do what with the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg2.sql import SQL, Composable, Identifier, Literal

from epicshell.errors import Refused

if TYPE_CHECKING:
    from psycopg2.extensions import cursor

_ROLES = """
    SELECT r.rolname, r.rolcanlogin, r.rolinherit, r.rolconnlimit, coalesce(s.setconfig, '{}')::text[],
           ARRAY(SELECT json_build_array(g.rolname, m.admin_option, m.inherit_option, m.set_option)::text
                 FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid ORDER BY g.rolname)
    FROM pg_roles r LEFT JOIN pg_db_role_setting s ON s.setrole = r.oid AND s.setdatabase = 0
    WHERE r.oid >= 16384 AND NOT r.rolsuper ORDER BY r.rolname"""
_RIGHTS = """
    SELECT g.rolname, a.privilege_type, a.is_grantable FROM pg_database d, aclexplode(d.datacl) a
    JOIN pg_roles g ON g.oid = a.grantee WHERE d.datname = current_database() AND a.grantee <> d.datdba
    ORDER BY 1, 2"""
_SETTINGS = """
    SELECT coalesce(r.rolname, ''), s.setconfig FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = s.setrole
    WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1"""
_LANGUAGES = """
    SELECT l.lanname, g.rolname FROM pg_language l, aclexplode(l.lanacl) a JOIN pg_roles g ON g.oid = a.grantee
    WHERE NOT l.lanispl AND l.lanacl IS NOT NULL ORDER BY 1, 2"""
_PRIVILEGES = ("CONNECT", "CREATE", "TEMPORARY")
_LISTS = ("search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries")


def roles_of(cursor: cursor) -> list[dict[str, Any]]:
    """Every role of the server but its superusers and its own. Such a role is never given more power than to log in.

    settings: texts `name=value`. member_of: JSON arrays (role, admin option, inherit option, set option).
    """
    names = ("name", "login", "inherit", "limit", "settings", "member_of")
    cursor.execute(_ROLES)
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def rights_of(cursor: cursor) -> dict[str, Any]:
    """Who may do what with the database that the cursor is of, and the settings that hold in it alone.

    languages: who may use those that are built in, where not everybody may: pg_dump leaves them out.
    """
    rights = {}
    for name, query in (("grants", _RIGHTS), ("settings", _SETTINGS), ("languages", _LANGUAGES)):
        cursor.execute(query)
        rights[name] = [list(row) for row in cursor.fetchall()]
    return rights


def restore_roles(cursor: cursor, roles: list[dict[str, Any]]) -> None:
    """Make the roles that are missing, and all of them what they were. Raises Refused for a superuser among them."""
    import json

    cursor.execute("BEGIN; LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE")
    for role in roles:
        name = Identifier(role["name"])
        cursor.execute("SELECT rolsuper OR oid < 16384 FROM pg_roles WHERE rolname = %s", (role["name"],))
        found = cursor.fetchone()
        if role["name"].startswith("pg_") or (found and found[0]):
            raise Refused("The backup would change a role that belongs to the server; nothing was changed.")
        cursor.execute(SQL("{} ROLE {} {}").format(SQL("ALTER" if found else "CREATE"), name, _powers(role)))
        cursor.execute(SQL("ALTER ROLE {} RESET ALL").format(name))
        for setting in role["settings"]:
            cursor.execute(SQL("ALTER ROLE {} SET {}").format(name, _setting(setting)))
    for role in roles:
        for group, *options in map(json.loads, role["member_of"]):
            cursor.execute(
                SQL("GRANT {} TO {} WITH ADMIN {}, INHERIT {}, SET {}").format(
                    Identifier(group), Identifier(role["name"]), *[SQL("TRUE" if one else "FALSE") for one in options]
                )
            )
    cursor.execute("COMMIT")


def _powers(role: dict[str, Any]) -> Composable:
    login, inherit = ("" if role[name] else "NO" for name in ("login", "inherit"))
    return SQL(
        f"NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS {login}LOGIN {inherit}INHERIT"
        f" PASSWORD NULL CONNECTION LIMIT {int(role['limit'])}"
    )


def _setting(text: str) -> Composable:
    """`name=value` as a clause; a list, which the catalog has with its quotation marks, item by item."""
    name, _, value = text.partition("=")
    values = [item.strip().strip('"') for item in value.split(",")] if name in _LISTS else [value]
    return SQL("{} TO {}").format(Identifier(*name.split(".")), SQL(", ").join(map(Literal, values)))


def restore_rights(cursor: cursor, database: str, rights: dict[str, Any]) -> None:
    """Give a new database its rights and settings; the public gets none, whatever it had."""
    target = Identifier(database)
    cursor.execute(SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(target))
    for role, privilege, grantable in rights["grants"]:
        if privilege not in _PRIVILEGES:
            raise Refused("The backup names a right that there is not; nothing was changed.")
        option = SQL(" WITH GRANT OPTION" if grantable else "")
        cursor.execute(SQL("GRANT {} ON DATABASE {} TO {}{}").format(SQL(privilege), target, Identifier(role), option))
    for role, settings in rights["settings"]:
        whose = SQL("ROLE {} IN DATABASE {}").format(Identifier(role), target) if role else None
        for setting in settings:
            where = whose or SQL("DATABASE {}").format(target)
            cursor.execute(SQL("ALTER {} SET {}").format(where, _setting(setting)))


def restore_languages(cursor: cursor, rights: dict[str, Any]) -> None:
    """Who may use the languages that are built in: the public no longer. The cursor is of the restored database."""
    for language in {language for language, _ in rights["languages"]}:
        cursor.execute(SQL("REVOKE ALL ON LANGUAGE {} FROM PUBLIC").format(Identifier(language)))
    for language, role in rights["languages"]:
        cursor.execute(SQL("GRANT USAGE ON LANGUAGE {} TO {}").format(Identifier(language), Identifier(role)))
