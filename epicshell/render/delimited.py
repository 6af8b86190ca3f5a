"""CSV and TSV: a header, then one line per row, values exact.

CSV follows RFC 4180 but for its line ends, "\\n", as PostgreSQL's COPY and every Unix tool write them.
Unknown is nothing between the commas, empty text is "" (an unknown alone on its line too).
TSV follows the text format of COPY: tab, newline, carriage return and backslash are \\t \\n \\r \\\\, unknown
is \\N.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from epicshell.render.cells import Formatter, batches, cells_of, exactly
from epicshell.render.screen import Screen
from epicshell.results import Format, Kind, Listing
from epicshell.text import display

#: What makes a formula of a cell; and of what follows a sign behind which a spreadsheet may begin another one.
_SIGNED = r"""[ \xa0"']*(?:[=@＝＠＋－]|[+-](?![0-9 ().-]*%s))"""
_FORMULA = re.compile(_SIGNED % r"\Z" + r"|'*[\t\r\n]")
_INNER = _SIGNED % r"(?:[;\t\r\n]|\Z)"
_RUN = re.compile(rf"\A(?={_FORMULA.pattern})|(?<=[;\t\r\n])(?={_INNER})")
_DEFUSED = re.compile(rf"\A'(?={_FORMULA.pattern})|(?<=[;\t\r\n])'(?={_INNER})")
_SPECIAL = re.compile('[",\r\n]')
_STARTS = frozenset(["", *" =@+-'＝＠＋－"])
_TSV_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


def chunks(listing: Listing, screen: Screen, format: Format) -> Iterator[str]:
    """Exact bytes into files and pipes; on a terminal, controls are escaped."""
    exact, separator, unknown = (csv_text, ",", "") if format is Format.CSV else (tsv_text, "\t", r"\N")
    if format is Format.CSV and len(listing.columns) == 1:
        unknown = '""'  # readers skip empty lines
    text = exact if screen.width is None else _harmless(exact)
    formatters = [exactly(column.kind, screen.zone, text) for column in listing.columns]
    yield separator.join(text(column.name) for column in listing.columns) + "\n"
    for batch in batches(listing.rows):
        columns = zip(listing.columns, formatters, zip(*batch, strict=True), strict=True)
        cells = [
            values
            if column.kind is Kind.TEXT and screen.width is None and _is_plain(values)
            else cells_of(values, formatter, unknown)
            for column, formatter, values in columns
        ]
        yield "\n".join(map(separator.join, zip(*cells, strict=True))) + "\n"


def _is_plain(texts: Sequence[Any]) -> bool:
    """Whether the cells of a column are their texts, as most are: told by one look at all of them."""
    if None in texts:
        return False
    joined = "".join(texts)
    signs = '"' in joined or "," in joined or ";" in joined or "\\" in joined
    return not signs and joined.isprintable() and _STARTS.isdisjoint(text[:1] for text in texts)


def _harmless(text: Formatter) -> Formatter:
    return lambda value: text(display(value, multiline=True))


def csv_text(text: str) -> str:
    """A defused cell, in quotes where CSV needs them."""
    cell = defuse(text)
    return '"' + cell.replace('"', '""') + '"' if not cell or _SPECIAL.search(cell) else cell


def tsv_text(text: str) -> str:
    """A cell on one line without tabs."""
    return text.translate(_TSV_ESCAPES)


def defuse(cell: str) -> str:
    """An apostrophe before all in a cell that a spreadsheet would run (OWASP: CSV injection); see `restore`.

    That is what starts with = @ tab CR LF, with one of these signs as Japanese keyboards write them (full-width), or
    with + or - unless only digits and ` ().-` follow, be it behind spaces, quotation marks or apostrophes: at the
    start of the cell, and behind each semicolon, tab and line end in it. Where the comma is no separator, as in a
    French Excel, a cell ends there, whatever quotation marks are around it; a line that says `sep=,` would help
    Excel alone, and be a row to all others.
    """
    if ";" in cell or "\t" in cell or "\n" in cell or "\r" in cell:
        return _RUN.sub("'", cell)
    return f"'{cell}" if is_formula(cell) else cell  # most cells: in a third of the time


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would run a cell that is typed into it; one that has an apostrophe before that, too."""
    return _FORMULA.match(cell) is not None


def restore(cell: str) -> str:
    """Takes the apostrophes of `defuse` off again: restore(defuse(cell)) == cell for every string."""
    return _DEFUSED.sub("", cell)
