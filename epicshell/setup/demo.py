"""The demo: a private database with sample data, in which every employee is logged in already."""

from contextlib import closing
from typing import TYPE_CHECKING

from epicshell import migrations
from epicshell.database import OWNER_ROLE, Target
from epicshell.embedded.maintenance import alone, drop
from epicshell.errors import NotFound, NotLoggedIn, Unavailable
from epicshell.session import Session
from epicshell.session.account import Account
from epicshell.telemetry import Secret

if TYPE_CHECKING:
    from psycopg2.extensions import connection, cursor

PASSWORD = "epic events demo"  # noqa: S105 — every employee of the demo has it; the database is private
_KDF = (19456, 2, 1)  # the floor: a dozen passwords are derived at the first start
_FIRST = {"sales": "bill.boquet", "support": "kate.hastroff", "management": "mia.laurent", "admin": "ada.morel"}


def open_demo(account: Account, who: str, *, size: int, reset: bool) -> None:
    """Log in to the demo as a department's first employee or as a username, making the database if need be.

    Each employee's session is saved, so that the next start asks nothing of the owner.
    Raises NotFound for an unknown employee.
    """
    username = _FIRST.get(who, who)
    if not reset and _resumed(account, username):
        return
    with alone(account.target) as server:
        if reset:
            drop(server, account.target.parameters["dbname"])
        _make(server, account.target)
        with closing(account.target.connect(OWNER_ROLE)) as owner:
            if _is_empty(owner):  # it is new, or its first start was interrupted
                _fill(owner, size)
            account.adopt(_session(owner, username))


def ensure_database(target: Target) -> bool:
    """Make the private server's database if it isn't there, and bring its schema up to date; whether it was made."""
    with alone(target) as server:
        return _make(server, target)


def _make(server: "cursor", target: Target) -> bool:
    from psycopg2.sql import SQL, Identifier

    name = target.parameters["dbname"]
    server.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
    made = server.fetchone() is None
    if made:
        server.execute(SQL("CREATE DATABASE {} TEMPLATE template0").format(Identifier(name)))
    with closing(target.connect(OWNER_ROLE)) as owner:
        migrations.migrate(owner)
    return made


def _resumed(account: Account, username: str) -> bool:
    """Whether the saved session of the employee still proves itself."""
    try:
        return account.resume(username) and bool(account.actor)
    except (NotLoggedIn, Unavailable):
        return False


def _is_empty(owner: "connection") -> bool:
    with owner.cursor() as cursor:
        cursor.execute("SELECT 1 FROM crm.employees LIMIT 1")
        return cursor.fetchone() is None


def _fill(owner: "connection", size: int) -> None:
    """Sample data and passwords, in one transaction: a start that is interrupted leaves nothing half filled."""
    from epicshell.setup import generate, sample

    with owner.cursor() as cursor:
        cursor.execute("BEGIN")
        sample.fill(cursor)
        _give_passwords(cursor)
        if size:
            generate.fill(cursor, clients=size)
        cursor.execute("COMMIT")


def _give_passwords(cursor: "cursor") -> None:
    from epicshell.session.keys import Keys

    cursor.execute("UPDATE sec.kdf_policy SET (m, t, p) = (%s, %s, %s)", _KDF)
    cursor.execute("SELECT id, sec.salt(username) FROM crm.employees")
    for employee_id, salt in cursor.fetchall():
        keys = Keys.derive(Secret(PASSWORD), bytes(salt), *_KDF)
        cursor.execute("SELECT sec.store_credential(%s, %s, %s)", (employee_id, keys.stored, keys.server))


def _session(owner: "connection", username: str) -> Session:
    """A session as the login would open it; only the owner of a private server can do this."""
    from epicshell.session.login import origin

    with owner.cursor() as cursor:
        cursor.execute(
            "SELECT o.session_id, o.session_key, e.id, e.username, e.department, i.id::text"
            " FROM crm.employees e, sec.installation i, LATERAL sec.open_session(e, %s) o"
            " WHERE e.username = %s AND e.active",
            (origin(), username),
        )
        row = cursor.fetchone()
        if row:
            cursor.execute("UPDATE crm.employees SET last_login_at = clock_timestamp() WHERE id = %s", (row[2],))
    if row is None:
        raise NotFound(f"The demo has no employee {username}.", f"Accepted: {', '.join(_FIRST)}, or a username.")
    return Session(row[0], bytes(row[1]), *row[2:])
