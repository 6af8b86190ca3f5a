"""Checks of the roles: what they may do by themselves, whose members they are, what is set for them."""

from collections.abc import Iterator
from typing import NamedTuple

from epicshell.setup.findings import Finding, problem, warning
from epicshell.setup.owner import rows
from epicshell.setup.server import STATEMENT_LOGGERS
from epicshell.setup.site import GROUPS, LOGIN_ROLES, OWNERS, Site

ROLES = (*LOGIN_ROLES, *GROUPS, *OWNERS)
_POWERS = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"

#: What schema/001_roles.sql sets for each login role. Only a superuser can set these: they keep secrets in.
ENFORCED = {
    "track_activities": "off",
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_duration": "off",
    "log_error_verbosity": "terse",
    "temp_file_limit": "1GB",
}
#: Any session of the role could change these; the shell sends its own, which win.
DEFAULTS = {
    "statement_timeout": "15s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "60s",
    "search_path": "crm, pg_catalog",
}


class _Setting(NamedTuple):
    role: str  #: "" for every role
    database: str  #: quoted; "" for every database
    name: str
    value: str

    @property
    def whose(self) -> str:
        """As ALTER names it."""
        if self.database and not self.role:
            return f"DATABASE {self.database}"
        return f"ROLE {self.role or 'ALL'}" + (f" IN DATABASE {self.database}" if self.database else "")


def attributes(site: Site) -> Iterator[Finding]:
    """Login roles can only log in, the other roles nothing."""
    sql = """
        SELECT rolname, rolcanlogin, rolinherit,
               rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls
        FROM pg_roles WHERE rolname = ANY (%s)"""
    found = {role: tuple(flags) for role, *flags in site.ask(sql, list(ROLES))}
    for role in ROLES:
        login = role in LOGIN_ROLES
        if role not in found:
            yield problem(f"The role {role} is missing.", f"CREATE ROLE {role} {_wanted(login)};")
        elif found[role] != (login, login, False):
            yield problem(f"{role} has attributes that it must not have.", f"ALTER ROLE {role} {_wanted(login)};")


def _wanted(login: bool) -> str:
    return f"LOGIN INHERIT {_POWERS}" if login else f"NOLOGIN NOINHERIT {_POWERS}"


def passwords(site: Site) -> Iterator[Finding]:
    """No role has a password that could be shared, guessed or stolen."""
    sql = "SELECT rolname FROM pg_authid WHERE rolname = ANY (%s) AND rolpassword IS NOT NULL ORDER BY 1"
    for (role,) in rows(site.owner, sql, list(ROLES)):
        yield problem(f"{role} has a password.", f"ALTER ROLE {role} PASSWORD NULL;")


def memberships(site: Site) -> Iterator[Finding]:
    """Each login role has its group's rights and no others; nobody else has them."""
    missing = wanted = set(zip(GROUPS, LOGIN_ROLES, strict=True))
    sql = """
        SELECT g.rolname, m.rolname, format('%%I FROM %%I GRANTED BY %%I', g.rolname, m.rolname, by.rolname),
               inherit_option AND NOT set_option AND NOT admin_option
        FROM pg_auth_members a JOIN pg_roles g ON g.oid = roleid JOIN pg_roles m ON m.oid = member
        JOIN pg_roles by ON by.oid = grantor
        WHERE g.rolname = ANY (%s) OR m.rolname = ANY (%s) ORDER BY 1, 2"""
    for group, member, grant, right in site.ask(sql, list(ROLES), list(ROLES)):
        if (group, member) not in wanted:
            yield problem(f"{member} is a member of {group}, and has its rights.", f"REVOKE {grant} CASCADE;")
        elif not right:
            remedy = f"REVOKE {grant} CASCADE; {_grant(group, member)};"
            yield problem(f"{member} is a member of {group} in another way than it must be.", remedy)
        missing = missing - {(group, member)}
    for group, member in sorted(missing):
        yield problem(f"{member} is not a member of {group}.", f"{_grant(group, member)};")


def _grant(group: str, member: str) -> str:
    return f"GRANT {group} TO {member} WITH INHERIT TRUE, SET FALSE, ADMIN FALSE"


def settings(site: Site) -> Iterator[Finding]:
    """What epicshell has set for the login roles stands, and nothing besides."""
    sql = """
        SELECT coalesce(r.rolname, ''), coalesce(quote_ident(d.datname), ''),
               split_part(pair, '=', 1), substr(pair, strpos(pair, '=') + 1)
        FROM pg_db_role_setting s LEFT JOIN pg_roles r ON r.oid = setrole
        LEFT JOIN pg_database d ON d.oid = setdatabase, unnest(setconfig) pair
        WHERE (setrole = 0 OR r.rolname = ANY (%s)) AND (setdatabase = 0 OR d.datname = current_database())
        ORDER BY 1, 2, 3"""
    found = [_Setting(*row) for row in site.ask(sql, list(LOGIN_ROLES))]
    standing = {(one.role, one.name): one.value for one in found if not one.database}
    for role in LOGIN_ROLES:
        for name, value in ENFORCED.items():
            if standing.get((role, name)) != value:
                yield problem(
                    f"{role} lacks the setting {name} = {value}.",
                    f"ALTER ROLE {role} SET {name} = '{value}';",
                )
    for one in found:
        yield from _stranger(one)


def _stranger(one: _Setting) -> Iterator[Finding]:
    """A setting that epicshell has not made; one of a role wins over one of a database, of both over both."""
    ours = {**ENFORCED, **DEFAULTS, **STATEMENT_LOGGERS}
    own = bool(one.role) and not one.database
    if ours.get(one.name) == one.value or (not one.role and one.name in ours) or (own and one.name in ENFORCED):
        return
    said, reset = f"{one.whose} has {one.name} = {one.value}", f"ALTER {one.whose} RESET {one.name};"
    if one.name in ENFORCED:
        yield problem(f"{said}, which wins over what epicshell set.", reset)
    elif own and one.name in DEFAULTS:
        remedy = f"ALTER {one.whose} SET {one.name} = {_list(DEFAULTS[one.name])};"
        yield warning(f"{said}: someone who is let in as that role changed it.", remedy)
    else:
        yield warning(f"{said}, which epicshell has not set.", reset)


def _list(value: str) -> str:
    return ", ".join(f"'{part}'" for part in value.split(", "))
