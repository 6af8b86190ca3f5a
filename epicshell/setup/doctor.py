"""`epicshell doctor`: everything that a deployment can get wrong, each with its remedy."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg2

from epicshell.config import Config
from epicshell.database import Target
from epicshell.setup import access, files, hba, rights, roles, server
from epicshell.setup.findings import Finding, Level
from epicshell.setup.owner import refuse_powerless
from epicshell.setup.site import Check, Needs, Site, visit

_OWNER_HINT = "Set EPICSHELL_OWNER_URL to a superuser's URL, then: epicshell doctor"
_AGAIN = "Do first what the other findings say, then: epicshell doctor"
_MISSING = {
    Needs.SCHEMA: ("The database has not been set up.", "Run: epicshell init"),
    Needs.LOGIN: ("No login role gets in from here.", "Do first what stands at authentication."),
    Needs.OWNER: ("Only the owner can see this.", _OWNER_HINT),
}

CHECKS = (
    Check("server version", "The server is recent enough.", server.version),
    Check("schema", "The schema is up to date.", server.schema),
    Check("encoding", "The database knows all letters.", server.letters),
    Check("durability", "What was acknowledged survives a crash.", server.durability),
    Check("statement log", "No statement of a login role is logged.", server.statement_log, Needs.LOGIN),
    Check("clock", "The clocks agree.", server.clock),
    Check("connections", "There is room for every employee.", server.connections, Needs.OWNER | Needs.SCHEMA),
    Check("role attributes", "The roles have no powers of their own.", roles.attributes),
    Check("passwords", "No role has a password.", roles.passwords, Needs.OWNER),
    Check("memberships", "Nobody else has the roles' rights.", roles.memberships),
    Check("role settings", "The login roles' settings stand.", roles.settings),
    Check("row security", "Row security is forced on every table.", rights.row_security, Needs.SCHEMA),
    Check("triggers", "Guards and audit run.", rights.triggers, Needs.SCHEMA),
    Check("search paths", "Every definer function is pinned.", rights.search_paths, Needs.SCHEMA),
    Check("ownership", "Everything belongs to its role.", rights.ownership, Needs.SCHEMA),
    Check("public rights", "PUBLIC has no rights.", rights.public_rights, Needs.SCHEMA),
    Check("needed rights", "epicshell's roles have what they need.", rights.needed_rights, Needs.SCHEMA),
    Check("owner URL", "Both URLs name one database.", server.same_database, Needs.OWNER | Needs.LOGIN),
    Check("authentication", "Every login role gets in without a password.", access.authentication),
    Check("encryption", "No line that others could read or change.", access.encryption, Needs.LOGIN),
    Check("pooling", "A connection keeps its backend.", access.pooling, Needs.LOGIN),
    Check("other databases", "The login roles reach no other database.", access.other_databases, Needs.LOGIN),
    Check("access rules", "pg_hba.conf asks everyone for proof.", hba.access_rules, Needs.OWNER),
    Check("private files", "Sessions, history and log are private.", files.private_files),
    Check("settings files", "Nobody else can change the settings.", files.unchangeable_settings),
)


def examine(config: Config, target: Target, owner: Target | None, say: Callable[[str], None]) -> list[Finding]:
    """Run every check; what can't be examined is told as unknown, with what it takes.

    owner: a superuser's URL; the private server needs none. say: told what is going on.
    Raises Unavailable if the database can't be reached, NotAllowed if the owner is no superuser.
    """
    with visit(config, target, owner or (target if target.embedded else None)) as site:
        if site.superuser:
            refuse_powerless(site.superuser, target.name)
        say(f"Examining {target.name}" + ("." if site.superuser else " without the owner's rights."))
        return [finding for check in CHECKS for finding in _run(check, site)]


def _run(check: Check, site: Site) -> Iterator[Finding]:
    missing = check.needs & ~site.has
    if missing:
        yield Finding(Level.UNKNOWN, check.name, *next(_MISSING[need] for need in _MISSING if need in missing))
        return
    try:
        found = [replace(finding, check=check.name) for finding in check.look(site)]
    except psycopg2.Error as error:  # one server is not like another: the other checks go on
        sentence = f"The server refuses the question: {error.diag.message_primary}."
        found = [Finding(Level.UNKNOWN, check.name, sentence, _AGAIN)]
    yield from found or [Finding(Level.OK, check.name, check.good)]
