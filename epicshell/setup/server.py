"""Checks of the server: its version, its letters, its clock, its room, what it keeps and what it logs."""

import re
import time
from collections.abc import Iterator

from epicshell import migrations
from epicshell.database import AUTH_ROLE, department_role
from epicshell.errors import Unavailable
from epicshell.models.employee import DEPARTMENTS
from epicshell.session.attachment import schema_version
from epicshell.setup.findings import Finding, problem, warning
from epicshell.setup.owner import is_too_old, letters_complaint, rows, too_old
from epicshell.setup.site import LOGIN_ROLES, Site

_FARTHEST_SECONDS = 5
_SPARE_CONNECTIONS = 20  # for the owner, backups and monitoring
_DURABLE = ("fsync", "full_page_writes", "synchronous_commit")
#: What extensions call the setting that writes statements to the log, and its value that doesn't.
STATEMENT_LOGGERS = {"auto_explain.log_min_duration": "-1", "pgaudit.log": "none"}
_RELOAD = "SELECT pg_reload_conf();"


def version(site: Site) -> Iterator[Finding]:
    """The server is one that the schema can be trusted on."""
    if is_too_old(site.best):
        yield problem(too_old(site.best), "pg_upgrade")


def schema(site: Site) -> Iterator[Finding]:
    """The schema is the one that this epicshell brings."""
    try:
        migrations.check(schema_version(site.best))
    except Unavailable as error:
        yield problem(error.sentence, error.hint)
        return
    known = {migration.version: migration.checksum for migration in migrations.migrations()}
    if site.superuser is None:
        return  # only the owner may read the checksums
    for number, checksum in rows(site.owner, "SELECT version, checksum FROM sec.migrations"):
        if known[number] != checksum:
            yield problem(
                f"Migration {number} of this database is not the one that epicshell brings.",
                "Install the epicshell that set the database up.",
            )


def same_database(site: Site) -> Iterator[Finding]:
    """The two URLs name one database."""
    sql = "SELECT oid, pg_postmaster_start_time() FROM pg_database WHERE datname = current_database()"
    if rows(site.owner, sql) != rows(site.login, sql):
        yield problem(
            "EPICSHELL_OWNER_URL and EPICSHELL_DATABASE_URL name two different databases.",
            "Let both name the same host, port and database.",
        )


def letters(site: Site) -> Iterator[Finding]:
    """Names of every script can be stored and found."""
    if complaint := letters_complaint(site.best):
        yield problem(complaint, "Run epicshell init on a new database, then load a pg_dump --data-only there.")


def durability(site: Site) -> Iterator[Finding]:
    """What was acknowledged survives a crash."""
    sql = "SELECT name FROM pg_settings WHERE name = ANY (%s) AND setting = 'off' ORDER BY name"
    for (name,) in site.ask(sql, list(_DURABLE)):
        yield problem(
            f"{name} is off: a crash of the server loses or damages data.",
            f"ALTER SYSTEM SET {name} = on; {_RELOAD}",
        )


def statement_log(site: Site) -> Iterator[Finding]:
    """Nothing gets statements of a login role into the log past the role's own settings."""
    for name, silent in STATEMENT_LOGGERS.items():
        if (value := _setting(site, name)) not in ("", silent):
            remedy = " ".join(f"ALTER ROLE {role} SET {name} = '{silent}';" for role in LOGIN_ROLES)
            yield problem(f"{name} = {value}: the server's log gets statements, with secrets.", remedy)
    if _setting(site, "log_min_messages") in ("debug2", "debug3", "debug4", "debug5"):
        remedy = f"ALTER SYSTEM SET log_min_messages = 'warning'; {_RELOAD}"
        yield problem("log_min_messages is at a level that logs statements.", remedy)
    if re.search("csvlog|jsonlog", _setting(site, "log_destination")):
        yield warning(
            "Logs as CSV or JSON keep the details of errors (values of rows), however terse the log is set.",
            f"ALTER SYSTEM SET log_destination = 'stderr'; {_RELOAD}",
        )


def _setting(site: Site, name: str) -> str:
    """As a login role has it; "" if no extension brings it."""
    return str(rows(site.login, "SELECT coalesce(current_setting(%s, true), '')", name)[0][0])


def clock(site: Site) -> Iterator[Finding]:
    """The two clocks agree, beyond the time that the question takes."""
    before = time.time()
    ((there,),) = site.ask("SELECT extract(epoch FROM clock_timestamp())::float8")
    drift = max(before - there, there - time.time())
    if drift > _FARTHEST_SECONDS:
        yield warning(
            f"The server's clock and this machine's are {drift:.0f} s apart: times look wrong.",
            "timedatectl set-ntp true",
        )


def connections(site: Site) -> Iterator[Finding]:
    """Each active employee can have an open shell, and complete in it: two connections."""
    sql = "SELECT department, count(*) FROM crm.employees WHERE active GROUP BY department"
    active = dict(rows(site.owner, sql))
    everyone = 2 * sum(active.values())
    sql = (
        "SELECT sum(setting::integer) FILTER (WHERE name = 'max_connections'),"
        " sum(setting::integer) FILTER (WHERE name <> 'max_connections') FROM pg_settings"
        " WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections')"
    )
    ((most, reserved),) = site.ask(sql)
    if most - reserved < everyone:
        yield problem(
            f"The server takes {most - reserved} connections; {everyone // 2} employees need {everyone}.",
            f"ALTER SYSTEM SET max_connections = {everyone + reserved + _SPARE_CONNECTIONS}; then restart the server.",
        )
    wanted = {department_role(name): 2 * active.get(name, 0) for name in DEPARTMENTS} | {AUTH_ROLE: everyone // 2}
    yield from _limits(site, wanted, everyone)


def _limits(site: Site, wanted: dict[str, int], everyone: int) -> Iterator[Finding]:
    sql = "SELECT rolname, rolconnlimit FROM pg_roles WHERE rolname = ANY (%s) AND rolconnlimit >= 0 ORDER BY 1"
    for role, limit in site.ask(sql, list(wanted)):
        if limit < wanted[role]:
            sentence = f"{role} may have {limit} connections; its employees need {wanted[role]}."
            yield problem(sentence, f"ALTER ROLE {role} CONNECTION LIMIT -1;")
    sql = (
        "SELECT quote_ident(datname), datconnlimit FROM pg_database"
        " WHERE datname = current_database() AND datconnlimit BETWEEN 0 AND %s"
    )
    for database, limit in site.ask(sql, everyone - 1):
        sentence = f"The database takes {limit} connections; its employees need {everyone}."
        yield problem(sentence, f"ALTER DATABASE {database} CONNECTION LIMIT -1;")
