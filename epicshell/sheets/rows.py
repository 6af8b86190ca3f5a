"""What a row of a sheet is, and how people name its cells."""

from dataclasses import dataclass
from datetime import date, datetime, time

Value = str | int | float | bool | date | datetime | time | None  #: None: an empty cell; datetime without a zone


@dataclass(frozen=True, slots=True)
class Row:
    """One row that has something in it. number: from 1; values: from column A on; sheet: empty for a text file."""

    sheet: str
    number: int
    values: tuple[Value, ...]

    def place(self, column: int) -> str:
        """How people name a cell of it, columns from 0: `Sheet1!B7`."""
        return f"{self.sheet}!{letters(column)}{self.number}" if self.sheet else f"{letters(column)}{self.number}"


def letters(column: int) -> str:
    """A column as spreadsheets name it: 0 is A, 26 is AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name
