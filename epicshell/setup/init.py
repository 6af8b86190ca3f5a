"""`epicshell init`: an empty server becomes a company's, and an admin is enrolled, the first or one again."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg2.errors

from epicshell import text, values
from epicshell.database import OWNER_ROLE, Target
from epicshell.errors import Invalid, Refused, Unavailable
from epicshell.session.keys import code_hash, new_code
from epicshell.setup.migrate import bring_up_to_date
from epicshell.setup.owner import as_owner, letters_complaint, rows
from epicshell.telemetry import Secret

if TYPE_CHECKING:
    from psycopg2.extensions import connection, cursor

_MAINTENANCE = ("postgres", "template1")  #: databases that every server has
_STRANGERS = """
    SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
      AND to_regclass('sec.migrations') IS NULL
    ORDER BY c.oid LIMIT 1"""


@dataclass(frozen=True)
class AdminRequest:
    """The admin to enrol, as typed. The full name and the e-mail address are needed for a new one only."""

    username: str
    full_name: str = ""
    email: str = ""

    def checked(self) -> "AdminRequest":
        """The same, validated and normalised. Raises Invalid, naming the field."""
        return AdminRequest(
            _field("username", values.username, self.username),
            _field("full name", lambda typed: text.clean(typed, longest=100), self.full_name),
            _field("e-mail", values.email, self.email) if self.email else "",
        )


def _field(name: str, check: Callable[[str], str], typed: str) -> str:
    try:
        return check(typed)
    except Invalid as error:
        raise Invalid(f"{name}: {error.sentence}", error.hint) from None


def init(owner: Target, admin: AdminRequest | None, say: Callable[[str], None]) -> Secret | None:
    """Set up a company's database, as often as wanted, and enrol an admin if one is named.

    owner: a superuser's URL; say: told each thing that was done.
    Returns the admin's one-time enrolment code, to be shown once. An admin who exists loses their password
    and sessions, is unlocked, and is active again: the recovery of a company that has lost its last admin.
    Raises Unavailable (unreachable, older than PostgreSQL 16, not UTF8), NotAllowed (no superuser),
    Invalid and Refused (the admin).
    """
    admin = admin.checked() if admin else None
    _ensure_database(owner, say)
    with as_owner(owner) as opened:
        _refuse_strange(opened, owner.name)
        bring_up_to_date(opened, say)
        if not admin:
            _tell_of_no_admin(opened, say)
            return None
        code = _enrol(opened, admin)
    say(f"{admin.username} is an admin; the enrolment code is good once, for 72 hours.")
    return code


def _ensure_database(owner: Target, say: Callable[[str], None]) -> None:
    try:
        owner.connect(OWNER_ROLE).close()
    except Unavailable:
        maintenance = _maintenance_database(owner)
        if maintenance is None:
            raise
        with as_owner(owner, dbname=maintenance) as opened:
            if rows(opened, "SELECT 1 FROM pg_database WHERE datname = %s", owner.parameters["dbname"]):
                raise  # it is there, and lets nobody in
            _create_database(opened, owner.parameters["dbname"])
        say(f"Made the database {owner.name}.")


def _maintenance_database(owner: Target) -> str | None:
    for name in _MAINTENANCE:
        with suppress(Unavailable):
            owner.connect(OWNER_ROLE, dbname=name).close()
            return name
    return None


def _create_database(opened: "connection", name: str) -> None:
    ((quoted,),) = rows(opened, "SELECT quote_ident(%s)", name)
    with opened.cursor() as cursor:
        try:
            cursor.execute(f"CREATE DATABASE {quoted} TEMPLATE template0 ENCODING 'UTF8' {_locale(opened)}")
        except (psycopg2.errors.DuplicateDatabase, psycopg2.errors.UniqueViolation):
            pass  # someone else was faster
        except psycopg2.DatabaseError as error:
            reason = error.diag.message_primary
            raise Unavailable(f"The server can't make the database {name}: {reason}.") from error


def _locale(opened: "connection") -> str:
    """One that knows all letters and, if the server has such a one, doesn't change with its machine."""
    if opened.server_version >= 170000:
        return "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LC_COLLATE 'C' LC_CTYPE 'C'"
    ((icu,),) = rows(opened, "SELECT EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i')")
    return "LOCALE_PROVIDER icu ICU_LOCALE 'und' LC_COLLATE 'C' LC_CTYPE 'C'" if icu else "LOCALE 'C.UTF-8'"


def _refuse_strange(opened: "connection", name: str) -> None:
    if complaint := letters_complaint(opened):
        raise Unavailable(complaint, f"Drop {name} if it is empty; init makes it anew, with the right ones.")
    if strangers := rows(opened, _STRANGERS):
        raise Unavailable(
            f"The database {name} holds something else already: {strangers[0][0]}.",
            "epicshell takes rights from everyone on its database; give it one of its own.",
        )


def _tell_of_no_admin(opened: "connection", say: Callable[[str], None]) -> None:
    if not rows(opened, "SELECT 1 FROM crm.employees WHERE department = 'admin' AND active LIMIT 1"):
        say("There is no active admin: name one with --admin.")


def _enrol(opened: "connection", admin: AdminRequest) -> Secret:
    code = new_code()
    with opened, opened.cursor() as cursor:  # one transaction
        employee = _create(cursor, admin) or _recover(cursor, admin.username)
        stored = hashlib.sha256(code_hash(code)).digest()
        cursor.execute("SELECT sec.start_enrolment(%s, %s)", (employee, stored))
    return code


def _create(cursor: "cursor", admin: AdminRequest) -> int | None:
    """The id of the new admin; None if there is an employee of that name."""
    cursor.execute("SELECT 1 FROM crm.employees WHERE username = %s", (admin.username,))
    if cursor.fetchone():
        return None
    if not admin.full_name or not admin.email:
        raise Invalid(f"There is no employee {admin.username} yet.", "A new admin needs a full name and an e-mail.")
    try:
        cursor.execute(
            "INSERT INTO crm.employees (username, full_name, email, department) VALUES (%s, %s, %s, 'admin')"
            " RETURNING id",
            (admin.username, admin.full_name, admin.email),
        )
    except psycopg2.errors.UniqueViolation:
        raise Refused(f"Another employee has the e-mail address {admin.email}.") from None
    return int(cursor.fetchall()[0][0])


def _recover(cursor: "cursor", username: str) -> int:
    cursor.execute("SELECT id, department FROM crm.employees WHERE username = %s FOR UPDATE", (username,))
    employee, department = cursor.fetchall()[0]
    if department != "admin":
        raise Refused(
            f"{username} is an employee of {department}, not an admin.",
            "Name an admin, or choose another username.",
        )
    cursor.execute("UPDATE crm.employees SET active = true WHERE id = %s AND NOT active", (employee,))
    cursor.execute("DELETE FROM sec.login_failures WHERE name_hash = sha256(convert_to(%s, 'UTF8'))", (username,))
    return int(employee)
