"""One place that turns a failed constraint, or the class of a database error, into one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from peewee import PeeweeException
from psycopg2 import errors as pg

from epicshell import telemetry
from epicshell.connecting import STATEMENT_SECONDS
from epicshell.errors import Conflict, EpicError, Interrupted, Invalid, NotAllowed, NotFound, Refused, Unavailable
from epicshell.moments import FIRST_YEAR, LAST_YEAR

_KNOWN_REFERENCE: tuple[type[EpicError], str, str] = (
    Conflict,
    "This record of the file was brought in before, and is in the trash, or not yours to see.",
    "Ask management.",
)
_YEARS = f"Accepted: years {FIRST_YEAR} to {LAST_YEAR}."
#: By the constraint's name: the class, what is wrong, what to do.
CONSTRAINTS: dict[str, tuple[type[EpicError], str, str]] = {
    "employees_username_key": (Conflict, "That username is taken.", "employees list shows who has it."),
    "employees_email_key": (Conflict, "Another employee has that e-mail address.", ""),
    "employees_hand_over_first": (
        Conflict,
        "They still have clients, or events that are not over, so they can't change department.",
        "Add --hand-over-to WHO to give these to a colleague.",
    ),
    "employees_last_admin": (Conflict, "That is the last active admin; somebody must remain.", ""),
    "clients_sales_active": (Conflict, "A client's contact must be an active sales employee.", ""),
    "clients_sales_fkey": (Conflict, "There is no such sales employee.", ""),
    "contracts_client_fkey": (NotFound, "There is no such client, or it was handed over just now.", "Try again."),
    "contracts_client_live": (
        Conflict,
        "A contract needs its client: the client is in the trash, or still has live contracts.",
        "Restore the client first, or delete its contracts.",
    ),
    "contracts_due_range": (
        Conflict,
        "The payments would exceed the total: more than is due can't be paid, "
        "and a total can't fall below what is paid.",
        "contracts payments ID shows what is paid.",
    ),
    "contracts_signed_total": (
        NotAllowed,
        "The total of a signed contract is changed by management only.",
        "Ask management.",
    ),
    "contracts_total_range": (Invalid, "The total is out of range.", "Accepted: 0.00 to 9 999 999 999 999.99."),
    "payments_contract_fkey": (NotFound, "There is no such contract.", ""),
    "payments_amount_range": (Invalid, "A payment is 0.01 or more.", ""),
    "events_end_after_start": (Invalid, "An event must end after it starts.", "Check --starts-at and --ends-at."),
    "events_contract_standing": (
        Conflict,
        "An event needs a signed contract: the contract is not signed or in the trash, or still has live events.",
        "Sign or restore the contract first, or delete its events.",
    ),
    "events_contract_fkey": (
        Conflict,
        "The contract is not signed.",
        "An event can be opened once it is: contracts sign ID",
    ),
    "events_support_active": (Conflict, "An event is run by an active support employee.", ""),
    "views_own_name": (Conflict, "You have a view of that name already.", "views list shows it."),
    "views_shared_name": (
        Conflict,
        "Another view of that name is shared already; nothing was done.",
        "views list shows whose it is. Delete one of them, or save yours under another name.",
    ),
    "clients_legacy_ref_key": _KNOWN_REFERENCE,
    "contracts_legacy_ref_key": _KNOWN_REFERENCE,
    "events_legacy_ref_key": _KNOWN_REFERENCE,
    "events_pkey": (Conflict, "An event was opened under that number just now.", "Do it again."),
    "contracts_legacy_ref_once": (Conflict, "The contract has a reference already; it is given once.", ""),
    "clients_first_contact_range": (Invalid, "The day of the first contact is out of range.", _YEARS),
    "contracts_signed_range": (Invalid, "The day of the signature is out of range.", _YEARS),
    "payments_paid_range": (Invalid, "The day of the payment is out of range.", _YEARS),
    "events_times_range": (Invalid, "The times of the event are out of range.", _YEARS),
    "settings_value_known": (Invalid, "That setting does not accept this value.", "settings list shows each meaning."),
    "settings_timezone_known": (Invalid, "There is no such time zone.", "Accepted: names such as Europe/Paris."),
}


INTERRUPTED = "Interrupted."
NOTHING_DONE = "Interrupted; nothing was done."
CONFIRMED = "The connection was lost while this was committed; reconnected, and it is done."
DONE = "Interrupted while the result was shown; what was asked for is done."


@contextmanager
def translating(interrupted: str = INTERRUPTED) -> Iterator[None]:
    """Raise what goes wrong within as an EpicError; what is nobody's fault but ours as it is.

    interrupted: what Ctrl-C is told as.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(interrupted) from None
    except EpicError:
        raise
    except Exception as error:
        translated = translate(error)
        if translated is error:
            raise
        raise translated from error


#: By the driver's class, the first that fits: what it is told as.
_CLASSES: list[Any] = [
    (
        (pg.QueryCanceled,),
        Refused,
        f"The database stopped this after {STATEMENT_SECONDS} seconds.",
        "Ask for less, or use --limit.",
    ),
    (
        (pg.LockNotAvailable, pg.DeadlockDetected),
        Conflict,
        "Someone else is changing the same records; nothing was done.",
        "Try again in a moment.",
    ),
    ((pg.InsufficientPrivilege,), NotAllowed, "The database refuses this to your department; nothing was done."),
    (
        (pg.CheckViolation, pg.DataError),
        Invalid,
        "The database does not accept one of these values; nothing was done.",
    ),
    (
        (psycopg2.IntegrityError,),
        Conflict,
        "Another record stands against this; nothing was done.",
        "Look at it again.",
    ),
    (
        (
            pg.InsufficientResources,
            pg.ProgramLimitExceeded,
            pg.DiskFull,
            pg.OutOfMemory,
            pg.TooManyConnections,
            pg.ReadOnlySqlTransaction,
        ),
        Unavailable,
        "The database can't take changes just now.",
        "Tell the administrator.",
    ),
    (
        (psycopg2.OperationalError, psycopg2.InterfaceError),
        Unavailable,
        "The connection to the database was lost.",
    ),
]
#: What only the database refuses, though the checks before it let it pass: the two have drifted apart.
_DRIFT = (pg.InsufficientPrivilege, pg.CheckViolation, pg.DataError)


def translate(error: Exception) -> Exception:
    """The error as one that people are told; one that is nobody's but ours is given back as it is."""
    cause = error.orig if isinstance(error, PeeweeException) else error
    if isinstance(cause, EpicError) or not isinstance(cause, psycopg2.Error):
        return cause if isinstance(cause, Exception) else error
    return _constraint(cause) or _class(cause) or error


def _constraint(error: psycopg2.Error) -> EpicError | None:
    found = CONSTRAINTS.get(error.diag.constraint_name or "")
    return found[0](found[1], found[2]) if found else None


def _class(error: psycopg2.Error) -> EpicError | None:
    found = next((told[0](*told[1:]) for classes, *told in _CLASSES if isinstance(error, classes)), None)
    if found and isinstance(error, _DRIFT):
        found.hint = f"The log has it as {telemetry.fault(error)}."
    return found
