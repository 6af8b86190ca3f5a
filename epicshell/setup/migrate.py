"""`epicshell migrate`: the schema of a database that was set up becomes today's."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from epicshell import migrations
from epicshell.database import Target
from epicshell.setup.owner import as_owner, rows

if TYPE_CHECKING:
    from psycopg2.extensions import connection


def upgrade(owner: Target, say: Callable[[str], None]) -> int:
    """Bring the schema up to date; returns how many migrations were applied.

    owner: a superuser's URL; say: told each thing that was done.
    Raises Unavailable (unreachable, never set up, newer than this epicshell), NotAllowed (no superuser).
    """
    with as_owner(owner) as opened:
        if not rows(opened, "SELECT 1 WHERE to_regclass('sec.migrations') IS NOT NULL"):
            migrations.check(None)
        return bring_up_to_date(opened, say)


def bring_up_to_date(opened: "connection", say: Callable[[str], None]) -> int:
    """Apply what is missing on a superuser's connection; returns how many that were."""
    applied = migrations.migrate(opened)
    for migration in applied:
        say(f"Applied {migration.version:03}_{migration.name}.")
    say(f"The schema is version {migrations.LATEST}.")
    return len(applied)
