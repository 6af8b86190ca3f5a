"""Checks of the way in: who gets in from here, by what proof, over what line."""

import os
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from epicshell.database import Target
from epicshell.errors import Unavailable
from epicshell.setup.findings import Finding, problem, warning
from epicshell.setup.owner import rows
from epicshell.setup.site import Site

if TYPE_CHECKING:
    from psycopg2.extensions import connection

_LOCAL = {"", "localhost", "127.0.0.1", "::1"}
_ROUNDS = 3
_FEW = 5


def encryption(site: Site) -> Iterator[Finding]:
    """Over a network: TLS, with the server's certificate and name verified."""
    lines = [("EPICSHELL_DATABASE_URL", site.target, site.login)]
    if site.owner_target:
        lines.append(("EPICSHELL_OWNER_URL", site.owner_target, site.owner))
    for variable, target, opened in lines:
        mode = target.parameters.get("sslmode", "")
        if is_remote(target) and not (opened.info.ssl_in_use and mode == "verify-full"):
            state = f"is encrypted, but with sslmode={mode}" if opened.info.ssl_in_use else "is not encrypted"
            yield problem(
                f"The connection of {variable} {state}: others on the network can pose as the server.",
                f"{variable}: add ?sslmode=verify-full&sslrootcert=FILE (its certificate's authority)",
            )


def is_remote(target: Target) -> bool:
    """Whether a connection may leave this machine."""
    hosts = [*target.parameters.get("host", "").split(","), target.parameters.get("hostaddr", "")]
    return not all(host in _LOCAL or host.startswith("/") for host in hosts)


def authentication(site: Site) -> Iterator[Finding]:
    """Every login role gets in from here, and by no password."""
    for role, error in site.refusals.items():
        yield problem(f"{role} can't connect from here. {error.sentence}", _way_in(site, role))
    for role, opened in site.logins.items():
        if opened.info.used_password:
            yield problem(
                f"{role} gets in by a password.",
                f"ALTER ROLE {role} PASSWORD NULL; then {_way_in(site, role)}",
            )


def _way_in(site: Site, role: str) -> str:
    database = site.target.parameters["dbname"]
    proof = "hostssl {} {} all cert" if is_remote(site.target) else "local {} {} peer"
    line = f"{proof.format(database, role)} map=epicshell"
    who = "CERTIFICATE-NAME" if is_remote(site.target) else _account()
    return f"pg_hba.conf: {line}; pg_ident.conf: epicshell {who} {role}; then: SELECT pg_reload_conf();"


def _account() -> str:
    """The name that peer authentication sees."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())


def pooling(site: Site) -> Iterator[Finding]:
    """A connection keeps its backend: a session is bound to one.

    Two connections take turns, the second twice. A pooler that hands backends out per transaction gives the
    same one to both, or, where it goes round, the second one two.
    """
    role, first = next(iter(site.logins.items()))
    try:
        opened = site.target.connect(role)
    except Unavailable as error:
        sentence = f"{role} gets no second connection. {error.sentence}"
        yield problem(sentence, f"ALTER ROLE {role} CONNECTION LIMIT -1;")
        return
    with closing(opened) as second:
        turns = [(_backend(first), _backend(second), _backend(second)) for _ in range(_ROUNDS)]
    ours, theirs = {turn[0] for turn in turns}, {pid for turn in turns for pid in turn[1:]}
    if len(ours) > 1 or len(theirs) > 1 or ours & theirs:
        yield problem(
            "A pooler hands out backends per transaction: sessions would get lost, or meet someone else's.",
            "pgbouncer.ini: pool_mode = session, server_reset_query = DISCARD ALL; or connect directly.",
        )


def _backend(opened: "connection") -> int:
    return int(rows(opened, "SELECT pg_backend_pid()")[0][0])


def other_databases(site: Site) -> Iterator[Finding]:
    """The login roles reach epicshell's database alone: another one doesn't restrict what they do there."""
    if site.target.embedded:
        return
    sql = """
        SELECT datname, quote_ident(datname) FROM pg_database
        WHERE datallowconn AND datname <> current_database() AND has_database_privilege('public', oid, 'CONNECT')
        ORDER BY datname LIMIT %s"""
    role = next(iter(site.logins))
    for name, quoted in site.ask(sql, _FEW):
        if _gets_in(site.target, role, name):
            yield warning(
                f"The login roles can also connect to the database {name}, and make temporary tables there.",
                f"REVOKE CONNECT, TEMPORARY ON DATABASE {quoted} FROM PUBLIC;",
            )


def _gets_in(target: Target, role: str, database: str) -> bool:
    """Whether a login role can connect to another database of the server."""
    with suppress(Unavailable):
        target.connect(role, dbname=database).close()
        return True
    return False
