"""CSV as it comes (RFC 4180): separated by commas, semicolons or tabs, in UTF-8 with or without a byte order mark."""

import csv
import re
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from epicshell.errors import Refused
from epicshell.sheets.limits import Limits
from epicshell.sheets.rows import Row

_SEPARATORS = ",;\t"
_NOTED = re.compile(r'(?i)sep=([^\s"]|\t)\s*')
_HEADS = 3  #: lines in which a separator is looked for
_LONGEST_LINE = 1_000_000  #: bytes
_SAVE = "Save it as CSV UTF-8 (in Excel: Save As, CSV UTF-8; in LibreOffice: character set UTF-8)."
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def count_lines(source: BinaryIO) -> int:
    """How many lines a file has; it is at its start again after that."""
    count = sum(piece.count(b"\n") for piece in iter(lambda: source.read(1 << 20), b""))
    source.seek(0)
    return count


def rows_of(source: BinaryIO, limits: Limits) -> Iterator[Row]:
    """The rows that are not empty. Raises Refused with the line that is wrong."""
    lines = _Lines(source)
    separator = _separator(lines)
    csv.field_size_limit(limits.cell)
    records = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        begins = lines.number + 1
        try:
            record = next(records, None)
        except csv.Error as error:
            raise _wrong(error, begins, limits) from None
        if record is None:
            return
        yield from _row(record, begins, limits)


def _row(record: list[str], number: int, limits: Limits) -> Iterator[Row]:
    values = tuple(cell if cell.strip() else None for cell in record)
    if any(value is not None for value in values[limits.columns :]):
        raise Refused(f"line {number} has {len(values)} columns.", f"Accepted: up to {limits.columns}.")
    if any(values):
        yield Row("", number, values[: limits.columns])


def _separator(lines: "_Lines") -> str:
    """What stands most often in the first line that has any, outside of quotes; or what Excel notes there.

    Titles have none, so some lines are looked at; in a text without any, commas are only commas.
    """
    heads = list(islice((line for line in lines if line.strip()), _HEADS))
    noted = _NOTED.fullmatch(heads[0]) if heads else None
    if noted:
        lines.rewind()
        next(line for line in lines if line.strip())
        return noted[1]
    lines.rewind()
    plain = "".join("".join(heads).split('"')[::2])
    found = next((head for head in plain.split("\n") if any(map(head.count, _SEPARATORS))), "\t")
    return max(_SEPARATORS, key=found.count)


def _wrong(error: csv.Error, line: int, limits: Limits) -> Refused:
    reason = str(error)
    if "unexpected end" in reason:
        return Refused(f"the quotation in line {line} does not end.", 'A " inside quotes is written twice.')
    if "field larger" in reason:
        return Refused(
            f"line {line} has more than {limits.cell} characters in one cell, or a quotation that does not end.",
            'A " inside quotes is written twice.',
        )
    if "new-line" in reason:
        return Refused("its lines end with CR alone.", _SAVE)
    return Refused(f"a quotation in line {line} goes on after its end.", 'A " inside quotes is written twice.')


class _Lines:
    """The lines of a text; those that can't be one are told. number: of the last one."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        if source.peek(2)[:2] in _UTF16:  # type: ignore[attr-defined]
            raise Refused("it is in UTF-16, not in UTF-8.", _SAVE)
        self.number = 0

    def rewind(self) -> None:
        self._source.seek(0)
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._source.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == _LONGEST_LINE:
            raise Refused(f"line {self.number} has more than {_LONGEST_LINE} bytes.")
        if b"\0" in line:
            raise Refused(f"line {self.number} holds NUL bytes: it is no text, or one in UTF-16.", _SAVE)
        try:
            return line.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise Refused(f"line {self.number} is not in UTF-8, but perhaps in Windows-1252.", _SAVE) from None
