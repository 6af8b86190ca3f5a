"""The cells of a sheet by their position, each of which knows its place."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from epicshell.sheets import Row, Value
from epicshell.sheets.legacy.labels import LONGEST, Part, label

_MOST_LINES = 200  #: of a cell that holds event sheets
_BLANKS = re.compile(r"[^\S\n]+")
_BREAKS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell that has something in it, or one line of it. place: how people name it. text: what it reads as."""

    place: str
    row: int
    column: int
    value: Value
    text: str


def _column(cell: Cell) -> int:
    return cell.column


class Grid:
    """The cells of one sheet. rows: by row, each from left to right."""

    def __init__(self, sheet: str, rows: Iterable[Row]) -> None:
        self.sheet = sheet
        self.rows: dict[int, list[Cell]] = {}
        self._at: dict[tuple[int, int], Cell] = {}
        more = 0
        for row in rows:
            more += self._take(row, more)
        for cells in self.rows.values():
            cells.sort(key=_column)
        self._filled = sorted(self.rows)

    def _take(self, row: Row, more: int) -> int:
        """Put a row in, `more` rows further down than it stands; returns how many rows more it took than one."""
        tallest = 1
        for column, value in enumerate(row.values):
            lines = [written(value)] if column and _is_alone(row.values[column - 1]) else _records(value)
            for number, line in enumerate(lines):
                if line:
                    self._put(Cell(row.place(column), row.number + more + number, column, value, line))
            tallest = max(tallest, len(lines))
        return tallest - 1

    def _put(self, cell: Cell) -> None:
        self._at[cell.row, cell.column] = cell
        self.rows.setdefault(cell.row, []).append(cell)

    def at(self, row: int, column: int) -> Cell | None:
        return self._at.get((row, column))

    def row(self, row: int) -> list[Cell]:
        return self.rows.get(row, [])

    def right_of(self, cell: Cell) -> Cell | None:
        """The next cell in the same row."""
        cells = self.row(cell.row)
        after = bisect_right(cells, cell.column, key=_column)
        return cells[after] if after < len(cells) else None

    def has_free_row(self, first: int, last: int) -> bool:
        """Whether there is nothing at all in one of the rows between two that have something."""
        return bisect_right(self._filled, last) - bisect_right(self._filled, first) < last - first

    def __iter__(self) -> Iterator[Cell]:
        """All cells as they are read: from the top, each row from the left."""
        for row in self._filled:
            yield from self.rows[row]


def grids(rows: Iterable[Row]) -> Iterator[Grid]:
    for sheet, those in groupby(rows, key=lambda row: row.sheet):
        yield Grid(sheet, those)


def written(value: Value) -> str:
    """A value as the text that a person would have typed: NFC, plain line breaks, single spaces."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = _BREAKS.sub("\n", unicodedata.normalize("NFC", str(value)))
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in text.split("\n")).strip("\n")


def _is_alone(value: Value) -> bool:
    """Whether it is a label whose value stands beside it."""
    found = label(written(value)) if isinstance(value, str) and len(value) <= LONGEST else None
    return found is not None and not found.value


def _records(value: Value) -> list[str]:
    """The lines of a cell that holds a whole event sheet; of any other the text alone."""
    text = written(value)
    lines = text.split("\n")
    if not 1 < len(lines) <= _MOST_LINES:
        return [text]
    parts = {found.part for line in lines if (found := label(line)) and found.value}
    return lines if Part.EVENT in parts and len(parts) > 1 else [text]
