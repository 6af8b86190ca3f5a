"""What a command gives back: records and listings, ready to be rendered in any format."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from epicshell.errors import EpicError


class Kind(StrEnum):
    """How a value is stored and shown. Unknown is always None."""

    INTEGER = "integer"  #: int
    TEXT = "text"  #: str, NFC
    MONEY = "money"  #: int, cents
    BOOLEAN = "boolean"  #: bool
    DATE = "date"  #: datetime.date
    TIME = "time"  #: aware datetime in UTC
    LINE = "line"  #: str; in a table it stands below the row, whole
    COMMAND = "command"  #: str, what lists the records that a row counts; in a table it stands below the row, too
    BAR = "bar"  #: parts of the longest bar, each a float from 0 to 1; drawn in tables, and nowhere else
    STRIP = "strip"  #: str of letters, a sign each (`render.bars.STRIP`); drawn in tables, and nowhere else


@dataclass(frozen=True, slots=True)
class Column:
    """One named value of a record; `name` is its JSON key, flag and table column alike.

    The name of a bar says what its parts are, such as `paid, due`; that of a strip stands above it as it is.
    """

    name: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Record:
    """One row: the result of `show`, `create` and each command that changes one record.

    once: it holds a secret, which is never shown again.
    """

    columns: Sequence[Column]
    values: Sequence[Any]
    once: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Many rows: the result of `list` and `filter`.

    rows: tuples in the order of `columns`; may be a one-way stream.
    footer: gets the number of rows shown, once they have been, and gives the totals line.
    kept: what it takes to show it again in another way (`filters.again`), where that is remembered.
    whole: its rows don't come from the database any more. failure: what is raised once it has been shown.
    count: how many rows there are, counted up to a number at most; where that can be known before they are read.
    """

    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    footer: Callable[[int], str] | None = None
    kept: Any = None
    whole: bool = False
    failure: EpicError | None = None
    count: Callable[[int], int] | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """Running text for people, such as help. flows: it is broken to fit a terminal; else it is written as it is."""

    body: str
    flows: bool = False


class Format(StrEnum):
    """The ways a result is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    TSV = "tsv"
    MARKDOWN = "markdown"


class FileFormat(StrEnum):
    """The ways a result is written to a file, by its extension; CSV and JSON are those of Format."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    ICS = "ics"
