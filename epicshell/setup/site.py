"""What doctor examines: one deployment, seen by its login roles and, where that is allowed, its owner."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from enum import Flag, auto
from functools import cached_property
from typing import TYPE_CHECKING, Any

from epicshell.config import Config
from epicshell.database import AUTH_ROLE, OWNER_ROLE, Target, department_role
from epicshell.errors import NotAllowed, Unavailable
from epicshell.models.employee import DEPARTMENTS
from epicshell.setup.findings import Finding
from epicshell.setup.owner import rows

if TYPE_CHECKING:
    from psycopg2.extensions import connection

LOGIN_ROLES = (AUTH_ROLE, *map(department_role, DEPARTMENTS))
GROUPS = tuple(role.removesuffix("_login") for role in LOGIN_ROLES)
OWNERS = ("epic_owner", "epic_definer", "epic_auditor")


class Needs(Flag):
    """What a check can't do without."""

    NOTHING = 0
    OWNER = auto()  #: the owner's connection
    LOGIN = auto()  #: a login role's
    SCHEMA = auto()  #: a database that was set up


@dataclass(frozen=True)
class Check:
    """One question about a deployment.

    look: yields what is wrong (findings.problem, findings.warning); good: the sentence if that is nothing.
    """

    name: str
    good: str
    look: "Callable[[Site], Iterable[Finding]]"
    needs: Needs = Needs.NOTHING


@dataclass(frozen=True)
class Site:
    """One deployment.

    superuser: the owner's connection, if there is one. logins: a connection of each login role that gets in;
    refusals: why the others don't.
    """

    config: Config
    target: Target
    owner_target: Target | None
    superuser: "connection | None"
    logins: "dict[str, connection]"
    refusals: dict[str, Unavailable]

    @property
    def login(self) -> "connection":
        """Some login role's connection; a check that asks for it needs LOGIN."""
        return next(iter(self.logins.values()))

    @property
    def owner(self) -> "connection":
        """The owner's connection; a check that asks for it needs OWNER."""
        if self.superuser is None:
            raise NotAllowed("Only the owner can see this.")
        return self.superuser

    @property
    def best(self) -> "connection":
        """The connection that sees most."""
        return self.superuser or self.login

    def ask(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of a query over the best connection: of catalogs, which everyone may read."""
        return rows(self.best, sql, *parameters)

    @cached_property
    def has(self) -> Needs:
        """What checks can count on here."""
        sql = "SELECT 1 FROM pg_namespace WHERE nspname = 'api'"
        found = Needs.SCHEMA if self.ask(sql) else Needs.NOTHING
        found |= Needs.OWNER if self.superuser else Needs.NOTHING
        return found | (Needs.LOGIN if self.logins else Needs.NOTHING)


@contextmanager
def visit(config: Config, target: Target, owner: Target | None) -> Iterator[Site]:
    """Open every connection that can be opened, and close them all in the end.

    Raises Unavailable if there is none, or the owner is named and has none.
    """
    with ExitStack() as stack:
        logins: dict[str, connection] = {}
        refusals: dict[str, Unavailable] = {}
        opened = _open(stack, owner, OWNER_ROLE) if owner else None
        for role in LOGIN_ROLES:
            try:
                logins[role] = _open(stack, target, role)
            except Unavailable as error:
                refusals[role] = error
        if not opened and not logins:
            raise refusals[AUTH_ROLE]
        yield Site(config, target, owner, opened, logins, refusals)


def _open(stack: ExitStack, target: Target, role: str) -> "connection":
    """A connection whose catalogs give qualified names, ready for a remedy."""
    opened = target.connect(role)
    stack.callback(opened.close)
    with opened.cursor() as cursor:
        cursor.execute("SET search_path = pg_catalog")
    return opened
