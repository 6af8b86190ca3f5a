"""Checks of the rights in the database: what a restore loses, or a helping hand undoes."""

from collections.abc import Iterator
from itertools import groupby

from epicshell.setup.findings import Finding, problem
from epicshell.setup.site import GROUPS, OWNERS, Site

#: As in schema/001_roles.sql: functions that reach other sessions, keep data outside the tables, or lock
#: without a row.
_FAR_REACHING = "^(pg_(try_)?advisory_|lo_|pg_logical_|pg_terminate_backend|pg_cancel_backend|pg_export_snapshot)"
_FAR_REACHING_TOO = ["pg_notify", "lowrite", "loread", "pg_database_size", "pg_log_backend_memory_contexts"]
#: What must be granted by name, because PUBLIC has it no more.
_NEEDED = {
    "LANGUAGE plpgsql": ("USAGE", OWNERS),
    "LANGUAGE sql": ("USAGE", OWNERS),
    "ROUTINE pg_advisory_xact_lock(integer,integer)": ("EXECUTE", ("epic_definer",)),
    "ROUTINE pg_notify(text,text)": ("EXECUTE", ("epic_definer",)),
}
_PINNED = "search_path=pg_catalog, pg_temp"

_GRANTS = """
    WITH objects (kind, object, acl) AS (
      SELECT 'DATABASE', quote_ident(datname), coalesce(datacl, acldefault('d', datdba))
      FROM pg_database WHERE datname = current_database()
      UNION ALL SELECT 'LANGUAGE', quote_ident(lanname), coalesce(lanacl, acldefault('l', lanowner))
      FROM pg_language WHERE lanpltrusted
      UNION ALL SELECT 'SCHEMA', quote_ident(nspname), coalesce(nspacl, acldefault('n', nspowner))
      FROM pg_namespace WHERE nspname IN ('crm', 'sec', 'api', 'public')
      UNION ALL SELECT 'TABLE', c.oid::regclass::text, acl
      FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace, LATERAL (
        SELECT relacl UNION ALL SELECT attacl FROM pg_attribute WHERE attrelid = c.oid) rights (acl)
      WHERE nspname IN ('crm', 'sec', 'api', 'public') AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      UNION ALL SELECT 'ROUTINE', p.oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner))
      FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace
      WHERE nspname IN ('crm', 'sec', 'api', 'public')
         OR nspname = 'pg_catalog' AND (proname ~ %s OR proname = ANY (%s)))
    SELECT DISTINCT kind, object, CASE grantee WHEN 0 THEN '' ELSE grantee::regrole::text END
    FROM objects, aclexplode(acl) ORDER BY kind, object"""


def _grants(site: Site) -> list[tuple[str, str, str]]:
    """Kind, object and grantee of each grant; the grantee "" is PUBLIC."""
    return [(kind, name, who) for kind, name, who in site.ask(_GRANTS, _FAR_REACHING, _FAR_REACHING_TOO)]


def public_rights(site: Site) -> Iterator[Finding]:
    """PUBLIC, so anyone who is let in, has no rights."""
    public = [(kind, name) for kind, name, grantee in _grants(site) if not grantee]
    for kind, group in groupby(public, lambda grant: grant[0]):
        names = [name for _, name in group]
        some = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        yield problem(
            f"PUBLIC has rights on the {kind.lower()} {some}.",
            f"REVOKE ALL ON {kind} {', '.join(names)} FROM PUBLIC;",
        )


def needed_rights(site: Site) -> Iterator[Finding]:
    """What epicshell's own roles need is granted to them by name."""
    granted = set(_grants(site))
    ((database,),) = site.ask("SELECT 'DATABASE ' || quote_ident(current_database())")
    for thing, (right, roles) in {**_NEEDED, database: ("CONNECT", GROUPS)}.items():
        kind, name = thing.split(" ", 1)
        missing = ", ".join(role for role in roles if (kind, name, role) not in granted)
        if missing:
            yield problem(f"{missing} must have {right} on {thing}.", f"GRANT {right} ON {thing} TO {missing};")


def row_security(site: Site) -> Iterator[Finding]:
    """Policies decide for every reader of every table, its owner too."""
    sql = """
        SELECT oid::regclass::text FROM pg_class
        WHERE relnamespace IN ('crm'::regnamespace, 'sec'::regnamespace) AND relkind IN ('r', 'p')
          AND NOT (relrowsecurity AND relforcerowsecurity) ORDER BY 1"""
    for (table,) in site.ask(sql):
        remedy = f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
        yield problem(f"Row security is not enabled and forced on {table}.", remedy)


def triggers(site: Site) -> Iterator[Finding]:
    """Guards and the audit run with every change."""
    sql = """
        SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
        WHERE relnamespace IN ('crm'::regnamespace, 'sec'::regnamespace) AND tgenabled NOT IN ('O', 'A')
        ORDER BY 1"""
    for (table,) in site.ask(sql):
        remedy = f"ALTER TABLE {table} ENABLE TRIGGER ALL;"
        yield problem(f"Triggers of {table} are disabled: guards or the audit don't run.", remedy)
    if site.ask("SELECT 1 WHERE current_setting('session_replication_role') <> 'origin'"):
        remedy = "ALTER SYSTEM RESET session_replication_role; SELECT pg_reload_conf();"
        yield problem("session_replication_role is not origin: guards and the audit don't run.", remedy)


def search_paths(site: Site) -> Iterator[Finding]:
    """A function with its owner's rights finds its own objects, never a caller's."""
    sql = """
        SELECT oid::regprocedure::text FROM pg_proc
        WHERE prosecdef AND pronamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
          AND NOT coalesce(%s = ANY (proconfig), false) ORDER BY 1"""
    for (function,) in site.ask(sql, _PINNED):
        remedy = f"ALTER ROUTINE {function} SET search_path = pg_catalog, pg_temp;"
        yield problem(f"{function} runs with its owner's rights, and its search_path is not pinned.", remedy)


def ownership(site: Site) -> Iterator[Finding]:
    """Views and functions have the rights of their role, not of the superuser who restored them."""
    sql = """
        WITH objects (kind, object, schema, name, owner) AS (
          SELECT 'SCHEMA', quote_ident(nspname), nspname, nspname, nspowner FROM pg_namespace
          UNION ALL SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
            c.oid::regclass::text, nspname, relname, relowner
          FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
          WHERE relkind IN ('r', 'p', 'v') OR relkind = 'S' AND NOT EXISTS (  -- a column's follows its table
            SELECT FROM pg_depend WHERE objid = c.oid AND deptype IN ('a', 'i'))
          UNION ALL SELECT 'ROUTINE', p.oid::regprocedure::text, nspname, proname, proowner
          FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace),
        wanted AS (
          SELECT *, CASE WHEN schema = 'crm' THEN 'epic_owner'
                         WHEN schema = 'sec' AND name IN ('audit', 'refuse_change', 'number_batch') THEN 'epic_auditor'
                         ELSE 'epic_definer' END AS role
          FROM objects WHERE schema IN ('crm', 'sec', 'api')
            AND (schema, name) NOT IN (('sec', 'sec'), ('sec', 'migrations')))
        SELECT kind, object, role FROM wanted WHERE owner <> to_regrole(role) ORDER BY kind, object"""
    for kind, name, role in site.ask(sql):
        yield problem(f"{name} does not belong to {role}.", f"ALTER {kind} {name} OWNER TO {role};")
