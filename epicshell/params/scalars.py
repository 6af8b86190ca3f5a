"""Parameter types of plain values: texts, amounts, dates, numbers."""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

from epicshell import moments, text, values
from epicshell.context import Context
from epicshell.errors import Invalid, NotAllowed
from epicshell.models import DEPARTMENTS
from epicshell.params.base import Choice, Scalar
from epicshell.params.days import Day, Moment
from epicshell.policy import Permission, assignable_departments


def _phone(typed: str, context: Context) -> str:
    """A phone number; what is doubtful about it is noted, not refused."""
    number, warning = values.phone(typed, context.actor.settings["phone_region"])
    if warning and warning not in context.notes:
        context.notes.append(warning)
    return number


def text_up_to(longest: int, *, multiline: bool = False) -> Callable[[str, Context], str]:
    """What reads a text of so many characters at most, cleaned; only one of several lines may be empty."""

    def read(typed: str, _context: Context) -> str:
        cleaned = text.clean(typed, longest=longest, multiline=multiline)
        if not cleaned and not multiline:
            raise Invalid("It must not be empty.", f"Accepted: a text of 1 to {longest} characters.")
        return cleaned

    return read


def _source(typed: str, _context: Context) -> str:
    cleaned = text.fold(text.clean(typed, longest=60))
    if not cleaned or ":" in cleaned:
        raise Invalid(f"{text.quote(typed)} is not accepted.", "Accepted: a short name without a colon.")
    return cleaned


def _integer(low: int, high: int) -> Callable[[str, Context], int]:
    return lambda typed, _context: values.integer(typed, low, high)


def _seconds(typed: str, _context: Context) -> float:
    try:
        seconds = float(typed.replace(",", "."))
    except ValueError:
        seconds = 0
    if not 0.5 <= seconds <= 3600:
        raise Invalid(f"{text.quote(typed)} is not accepted.", "Accepted: 0.5 to 3600 seconds.")
    return seconds


class _Assignable(Choice):
    """A department to put someone into: only an admin makes an admin."""

    def parse(self, text: str, context: Context, needs: Permission | None) -> str:
        if text.lower() in DEPARTMENTS and text.lower() not in self.words(context):
            raise NotAllowed(
                f"As {context.actor.department} you have the right {needs} for {', '.join(self.words(context))} only.",
                "Who makes an admin: admin.",
            )
        return super().parse(text, context, needs)


_DAYS = "a date such as 2026-06-15, 15 Jun 2026, today or +3d"
_MOMENTS = "a date and time such as 2026-06-15 14:30 or 15 Jun 2026 2PM"

AMOUNT = Scalar(
    "AMOUNT",
    "an amount such as 12000, 12 000,50 or 5k",
    lambda typed, context: values.amount(typed, context.actor.settings["currency"]),
)
DAY = Day("DATE", _DAYS, lambda typed, context: moments.date(typed, context.today))
MOMENT = Moment("TIME", _MOMENTS, lambda typed, context: moments.timestamp(typed, context.zone, context.now))
NUMBER = Scalar("N", "a whole number", _integer(0, 2_147_483_647))
KEY = Scalar("ID", "the number of a record, or a username", text_up_to(64))
WORD = Scalar("TEXT", "a text", text_up_to(1000))

Amount = Annotated[int, AMOUNT]
SessionNumber = Annotated[int, Scalar("ID", "the number of a session", _integer(1, 10**18 - 1))]
BatchNumber = Annotated[int, Scalar("BATCH", "the number of a batch, as audit shows it", _integer(1, 10**18 - 1))]
Name = Annotated[str, Scalar("NAME", "a name of up to 100 characters", text_up_to(100))]
Title = Annotated[str, Scalar("NAME", "a name of up to 200 characters", text_up_to(200))]
Place = Annotated[str, Scalar("PLACE", "an address or a place, up to 300 characters", text_up_to(300))]
Notes = Annotated[str, Scalar("TEXT", "a text of up to 20 000 characters", text_up_to(20_000, multiline=True))]
Email = Annotated[str, Scalar("EMAIL", "an e-mail address", lambda typed, _context: values.email(typed), heavy=True)]
Phone = Annotated[str, Scalar("PHONE", "a phone number, such as +33 1 23 45 67 89", _phone, heavy=True)]
Username = Annotated[str, Scalar("USERNAME", "a username such as bill.boquet", lambda typed, _: values.username(typed))]
LoginName = Annotated[str, Scalar("USERNAME", "a username", lambda typed, _: values.username(typed))]
Attendees = Annotated[int, Scalar("N", "a number of people", _integer(0, 10_000_000))]
Limit = Annotated[int, Scalar("N", "a number of rows, from 1", _integer(1, 100_000_000))]
Department = Annotated[
    str,
    _Assignable("DEPARTMENT", lambda context: assignable_departments(context.actor), "a department that you manage"),
]
AnyDepartment = Annotated[str, Choice("DEPARTMENT", lambda _: DEPARTMENTS, "a department")]
_NOUNS = ("employees", "clients", "contracts", "events")
Noun = Annotated[str, Choice("NOUN", lambda _: _NOUNS, "employees, clients, contracts or events")]


Sheet = Annotated[str, Scalar("SHEET", "the name of a sheet", text_up_to(100))]
Source = Annotated[str, Scalar("NAME", "a short name, such as oldcrm", _source)]
Words = Annotated[str, Scalar("COMMAND", "a command or a noun", lambda typed, _: typed, rest=True)]


Seconds = Annotated[float, Scalar("SECONDS", "0.5 to 3600", _seconds)]
RawLine = Annotated[
    str, Scalar("COMMAND", "a command with its arguments", lambda typed, _: typed.strip(), rest=True, raw=True)
]

#: What bare annotations stand for.
BY_TYPE: dict[Any, Scalar] = {int: NUMBER, str: WORD, dt.date: DAY, dt.datetime: MOMENT}
