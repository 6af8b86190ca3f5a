"""Workbooks (.xlsx): values only, row by row."""

import re
import warnings
from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from io import BytesIO
from itertools import islice
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook

from epicshell.errors import Refused
from epicshell.sheets.guard import check
from epicshell.sheets.limits import Limits
from epicshell.sheets.rows import Row, Value, letters
from epicshell.text import closest, quote

_COMMENTS = re.compile(r"(?i)xl/(threaded)?comments?[0-9/]")
_MOST_HIDDEN = 20  #: hidden sheets that are told
_CONSTANTS = {"=TRUE()": True, "=FALSE()": False}  #: how LibreOffice stores yes and no
_VALUES = "Copy the cells, and paste them as values only."


class Book:
    """A workbook that was looked through. count: about how many rows it has."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.count = check(data, limits)
        self._limits = limits
        warnings.simplefilter("ignore")  # openpyxl tells of what it does not keep
        self._book = load_workbook(BytesIO(data), read_only=True, keep_links=False)
        self._has_comments = any(map(_COMMENTS.match, ZipFile(BytesIO(data)).namelist()))

    def rows(self, title: str) -> Iterator[Row]:
        """The rows of the sheets that are not hidden, or of one that may be. Raises Refused with the cell."""
        shown = [sheet for sheet in self._book.worksheets if sheet.sheet_state == "visible"]
        for sheet in [self._named(title)] if title else shown:
            yield from self._rows(sheet)

    def left_out(self, title: str) -> Iterator[str]:
        """Sentences about what people may see in it, or have hidden, and is not read."""
        closed = [] if title else [sheet for sheet in self._book.worksheets if sheet.sheet_state != "visible"]
        hidden = list(islice((quote(sheet.title) for sheet in closed if _is_filled(sheet)), _MOST_HIDDEN))
        if hidden:
            yield f"the hidden {'sheet' if len(hidden) == 1 else 'sheets'} {', '.join(hidden)}. --sheet reads one."
        if self._has_comments:
            yield "the comments on cells."

    def _named(self, title: str) -> Any:
        titles = {sheet.title: sheet for sheet in self._book.worksheets}
        found = titles.get(title) or next((one for name, one in titles.items() if name.lower() == title.lower()), None)
        if found is None:
            near = closest(title, titles)
            meant = f"Did you mean {quote(near)}? " if near else ""
            raise Refused(f"it has no sheet {quote(title)}.", f"{meant}It has {', '.join(map(quote, titles))}.")
        return found

    def _rows(self, sheet: Any) -> Iterator[Row]:
        sheet.reset_dimensions()  # what the sheet declares need not be so
        for cells in sheet.iter_rows():
            known = [cell for cell in cells if cell.value is not None]
            if known:
                yield self._row(sheet.title, known)

    def _row(self, title: str, known: Sequence[Any]) -> Row:
        number, last = known[0].row, known[-1].column
        if number > self._limits.rows or last > self._limits.columns:
            raise Refused(
                f"{title}!{letters(last - 1)}{number} is far away from the others.",
                f"Accepted: {self._limits.rows} rows, columns up to {letters(self._limits.columns - 1)}.",
            )
        values: list[Value] = [None] * last
        for cell in known:
            values[cell.column - 1] = _value(cell, title, self._limits.cell)
        return Row(title, number, tuple(values))


def open_book(data: bytes, limits: Limits) -> Book:
    """A workbook. Raises Refused."""
    return Book(data, limits)


def _is_filled(sheet: Any) -> bool:
    sheet.reset_dimensions()
    return any(cell.value is not None for row in sheet.iter_rows() for cell in row)


def _value(cell: Any, title: str, longest: int) -> Value:
    place = f"{title}!{cell.coordinate}"
    value = cell.value
    if cell.data_type == "f" and str(value).upper() in _CONSTANTS:
        return _CONSTANTS[str(value).upper()]
    if cell.data_type == "f":
        raise Refused(f"{place} holds a formula; only values are read.", _VALUES)
    if cell.data_type == "e":
        raise Refused(f"{place} holds an error ({str(value)[:20]}).", "Put a value there, or nothing.")
    if isinstance(value, str):
        if len(value) > longest:
            raise Refused(f"{place} holds more than {longest} characters.")
        value = value.replace("_x000D_", "\r")  # how Excel stores it (ECMA-376, ST_Xstring)
        return value if value.strip() else None
    if isinstance(value, timedelta):
        raise Refused(f"{place} holds a duration.", "Write a time, a date, a number or a text.")
    if isinstance(value, datetime) and value.time() == time() and not _shows_time(cell.number_format):
        return value.date()
    return value  # type: ignore[no-any-return]


def _shows_time(number_format: str) -> bool:
    return "h" in number_format.lower()
