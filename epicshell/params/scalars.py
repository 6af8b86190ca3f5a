"""Parameter types of plain values: texts, amounts, dates, numbers."""

import datetime as dt
from typing import Annotated, Any

from epicshell import moments, text, values
from epicshell.context import Context
from epicshell.errors import Invalid, NotAllowed
from epicshell.models import DEPARTMENTS, Setting
from epicshell.params.base import Choice, Scalar
from epicshell.policy import Permission, assignable_departments


def _phone(typed: str, context: Context) -> str:
    number, warning = values.phone(typed, context.actor.settings["phone_region"])
    if warning and warning not in context.notes:
        context.notes.append(warning)
    return number


def _text(longest: int, *, multiline: bool = False) -> Any:
    def read(typed: str, _context: Context) -> str:
        cleaned = text.clean(typed, longest=longest, multiline=multiline)
        if not cleaned and not multiline:
            raise Invalid("It must not be empty.", f"Accepted: a text of 1 to {longest} characters.")
        return cleaned

    return read


class _Assignable(Choice):
    """A department to put someone into: only an admin makes an admin."""

    def parse(self, text: str, context: Context, needs: Permission | None) -> str:
        if text.lower() in DEPARTMENTS and text.lower() not in self.words(context):
            raise NotAllowed(
                f"As {context.actor.department} you have the right {needs} for {', '.join(self.words(context))} only.",
                "Who makes an admin: admin.",
            )
        return super().parse(text, context, needs)


def _integer(low: int, high: int) -> Any:
    return lambda typed, _context: values.integer(typed, low, high)


_DAYS = "a date such as 2026-06-15, 15 Jun 2026, today or +3d"
_MOMENTS = "a date and time such as 2026-06-15 14:30 or 15 Jun 2026 2PM"

AMOUNT = Scalar(
    "AMOUNT",
    "an amount such as 12000, 12 000,50 or 5k",
    lambda typed, context: values.amount(typed, context.actor.settings["currency"]),
)
DAY = Scalar("DATE", _DAYS, lambda typed, context: moments.date(typed, context.today))
MOMENT = Scalar("TIME", _MOMENTS, lambda typed, context: moments.timestamp(typed, context.zone, context.now))
NUMBER = Scalar("N", "a whole number", _integer(0, 2_147_483_647))
WORD = Scalar("TEXT", "a text", _text(1000))

Amount = Annotated[int, AMOUNT]
SessionNumber = Annotated[int, Scalar("ID", "the number of a session", _integer(1, 10**18 - 1))]
Name = Annotated[str, Scalar("NAME", "a name of up to 100 characters", _text(100))]
Title = Annotated[str, Scalar("NAME", "a name of up to 200 characters", _text(200))]
Place = Annotated[str, Scalar("PLACE", "an address or a place, up to 300 characters", _text(300))]
Notes = Annotated[str, Scalar("TEXT", "a text of up to 20 000 characters", _text(20_000, multiline=True))]
Email = Annotated[str, Scalar("EMAIL", "an e-mail address", lambda typed, _context: values.email(typed))]
Phone = Annotated[str, Scalar("PHONE", "a phone number, such as +33 1 23 45 67 89", _phone)]
Username = Annotated[str, Scalar("USERNAME", "a username such as bill.boquet", lambda typed, _: values.username(typed))]
LoginName = Annotated[str, Scalar("USERNAME", "a username", lambda typed, _: values.username(typed))]
Attendees = Annotated[int, Scalar("N", "a number of people", _integer(0, 10_000_000))]
Limit = Annotated[int, Scalar("N", "a number of rows, from 1", _integer(1, 100_000_000))]
Department = Annotated[
    str,
    _Assignable("DEPARTMENT", lambda context: assignable_departments(context.actor), "a department that you manage"),
]
AnyDepartment = Annotated[str, Choice("DEPARTMENT", lambda _: DEPARTMENTS, "a department")]
Noun = Annotated[
    str,
    Choice(
        "NOUN", lambda _: ("employees", "clients", "contracts", "events"), "employees, clients, contracts or events"
    ),
]

SettingName = Annotated[
    str,
    Choice(
        "NAME",
        lambda _: tuple(Setting.ACCEPTED),
        "the name of a setting",
    ),
]
Value = Annotated[str, Scalar("VALUE", "its value", _text(64))]
Key = Annotated[str, Scalar("ID", "the number of a record, or a username", _text(64))]

FileName = Annotated[str, Scalar("FILE", "the name of a file; ~ is your home folder", lambda typed, _: typed)]
Words = Annotated[str, Scalar("COMMAND", "a command or a noun", lambda typed, _: typed, rest=True)]

#: What bare annotations stand for.
BY_TYPE: dict[Any, Scalar] = {int: NUMBER, str: WORD, dt.date: DAY, dt.datetime: MOMENT}
