"""From values to text: as people read them, and exactly. What stands for unknown is up to the format."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from epicshell.results import Kind
from epicshell.text import display
from epicshell.values import decimal, grouped

Formatter: TypeAlias = Callable[[Any], str]

BATCH = 1000


def for_people(kind: Kind, zone: ZoneInfo) -> Formatter:
    """Formats known values of `kind`: 12 000.00, yes, 2023-06-04 13:00; text keeps "\\n" and "\\t"."""

    def local_minute(moment: datetime) -> str:
        return str(moment.astimezone(zone))[:16]

    def lines(text: str) -> str:
        return display(text, multiline=True)

    formatters: dict[Kind, Formatter] = {
        Kind.INTEGER: str,
        Kind.TEXT: lines,
        Kind.LINE: lines,
        Kind.COMMAND: lines,
        Kind.MONEY: grouped,
        Kind.BOOLEAN: {True: "yes", False: "no"}.__getitem__,
        Kind.DATE: date.isoformat,
        Kind.TIME: local_minute,
    }
    return formatters[kind]


def exactly(kind: Kind, zone: ZoneInfo, text: Formatter) -> Formatter:
    """Formats known values of `kind`: 12000.00, true, 2023-06-04T13:00:00+02:00; `text` formats text."""

    def local(moment: datetime) -> str:
        return moment.astimezone(zone).isoformat()

    formatters: dict[Kind, Formatter] = {
        Kind.INTEGER: str,
        Kind.TEXT: text,
        Kind.LINE: text,
        Kind.COMMAND: text,
        Kind.MONEY: decimal,
        Kind.BOOLEAN: {True: "true", False: "false"}.__getitem__,
        Kind.DATE: date.isoformat,
        Kind.TIME: local,
    }
    return formatters[kind]


def batches(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    """The rows in lists of a thousand, so that formatting goes column by column in constant memory."""
    stream = iter(rows)
    while batch := list(islice(stream, BATCH)):
        yield batch


def cells_of(values: Iterable[Any], formatter: Formatter, unknown: str) -> list[str]:
    """The cells of one column."""
    return [unknown if value is None else formatter(value) for value in values]


def by_column(batch: Sequence[Sequence[Any]], formatters: Sequence[Formatter], unknown: str) -> list[list[str]]:
    """The cells of a batch that has rows, one list per column."""
    columns = zip(*batch, strict=True)
    return [cells_of(values, f, unknown) for values, f in zip(columns, formatters, strict=True)]


def heading(name: str) -> str:
    """A column's name for people."""
    return display(name.replace("_", " "))
