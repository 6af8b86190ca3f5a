"""What fields are in expressions: their types, the operators of each, and how a value is read."""

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from epicshell import values
from epicshell.errors import Invalid
from epicshell.filters.where import periods
from epicshell.models import DEPARTMENTS, Field
from epicshell.results import Kind
from epicshell.text import clean, did_you_mean, quote


class Type(StrEnum):
    """The type of a field, as people are told it."""

    NUMBER = "a number"
    MONEY = "an amount"
    TEXT = "a text"
    PERSON = "a username"
    DEPARTMENT = "a department"
    BOOLEAN = "yes or no"
    DAY = "a date"
    TIME = "a date or time"


_ORDERED = ("=", "!=", "<", "<=", ">", ">=", "in", "not in", "is empty", "is not empty")
_TEXTUAL = ("=", "!=", "~", "!~", "in", "not in", "is empty", "is not empty")
OPERATORS: dict[Type, tuple[str, ...]] = {
    Type.NUMBER: _ORDERED,
    Type.MONEY: _ORDERED,
    Type.TEXT: _TEXTUAL,
    Type.PERSON: _TEXTUAL,
    Type.DEPARTMENT: ("=", "!=", "in", "not in"),
    Type.BOOLEAN: ("=", "!="),
    Type.DAY: _ORDERED,
    Type.TIME: _ORDERED,
}
EXAMPLES = {
    Type.NUMBER: "100",
    Type.MONEY: "10k",
    Type.TEXT: '"New York"',
    Type.PERSON: "me",
    Type.DEPARTMENT: "sales",
    Type.BOOLEAN: "yes",
    Type.DAY: "last-month",
    Type.TIME: "next-week",
}
ME = "me"  #: whoever asks
_PEOPLE = ("sales", "support", "username")
_KINDS = {
    Kind.INTEGER: Type.NUMBER,
    Kind.MONEY: Type.MONEY,
    Kind.TEXT: Type.TEXT,
    Kind.BOOLEAN: Type.BOOLEAN,
    Kind.DATE: Type.DAY,
    Kind.TIME: Type.TIME,
}
_NUMBER = re.compile(r"(?P<whole>[+-]?[0-9]{1,15})(?:[.,](?P<decimals>[0-9]{1,6}))?(?P<scale>[kKmM]?)")
_SCALES = {"": 0, "k": 3, "m": 6}


def type_of(field: Field) -> Type:
    """The type of a field."""
    if field.name in _PEOPLE:
        return Type.PERSON
    return Type.DEPARTMENT if field.name == "department" else _KINDS[field.kind]


def find(fields: Sequence[Field], name: str) -> Field | None:
    """The field of a name, which may be written with hyphens, as flags are, and in capitals."""
    wanted = name.lower().replace("-", "_")
    return next((field for field in fields if field.name == wanted), None)


def read(field: Field, operator: str, text: str, currency: str) -> Any:
    """The value of a text for a field. Raises Invalid. A date is only looked at: its text says it best."""
    kind = type_of(field)
    if kind in (Type.NUMBER, Type.BOOLEAN, Type.MONEY) and periods.is_date(text):
        example = f"{field.name} {operator} {EXAMPLES[kind]}"
        raise Invalid(f"{quote(text)} is a date, and this is {kind}.", f"Such as: {example}")
    if kind is Type.MONEY:
        return values.amount(text, currency)
    if operator in ("~", "!~"):  # of texts, and of usernames, which are texts there
        return _READ[Type.TEXT](text)
    value = _READ[kind](text)
    if value == "":
        raise Invalid(f"{quote(text)} is no text.", "Accepted: a word, or several in quotes.")
    return value


def _department(text: str) -> str:
    if text.lower() in DEPARTMENTS:
        return text.lower()
    raise Invalid(f"{quote(text)} is not a department.", did_you_mean(text, DEPARTMENTS))


def _person(text: str) -> str:
    return ME if text.lower() == ME else values.username(text)


def _number(text: str) -> int:
    """A whole number: 12, -3, 10k, 1.5M. Raises Invalid, also for 1,500: thousands or decimals?"""
    found = _NUMBER.fullmatch(text)
    if not found:
        raise Invalid(f"{quote(text)} is not a number.", "Accepted: 12, 10k, 1M.")
    decimals = (found["decimals"] or "").rstrip("0")
    zeros = _SCALES[found["scale"].lower()] - len(decimals)
    if zeros < 0 or (found["decimals"] and len(found["decimals"]) == 3 and not found["scale"]):
        raise Invalid(f"{quote(text)} is not a whole number.", "Accepted: 12, 10k, 1.5k.")
    return int(found["whole"] + decimals) * int(10**zeros)


_READ: dict[Type, Callable[[str], Any]] = {
    Type.NUMBER: _number,
    Type.TEXT: lambda text: clean(text, longest=1000),
    Type.PERSON: _person,
    Type.DEPARTMENT: _department,
    Type.BOOLEAN: values.yes_no,
    Type.DAY: str,
    Type.TIME: str,
}
