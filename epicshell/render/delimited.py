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

_FORMULA = re.compile(r"'*(?:[=@\t\r\n＝＠＋－]|[+-](?![0-9 ().-]*\Z))")
_SPECIAL = re.compile('[",\r\n]')
_STARTS = frozenset(["", *"=@+-'＝＠＋－"])
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
    signs = '"' in joined or "," in joined or "\\" in joined
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
    """An apostrophe before a cell that a spreadsheet would run (OWASP: CSV injection); see `restore`.

    That is one that starts with = @ tab CR LF, with one of these signs as Japanese keyboards write them (full-width),
    or with + or - unless only digits and ` ().-` follow; also one that has apostrophes before that, so that `restore`
    can tell its own from them.
    """
    return f"'{cell}" if is_formula(cell) else cell


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet would run a cell that is typed into it; one that has an apostrophe before that, too."""
    return _FORMULA.match(cell) is not None


def restore(cell: str) -> str:
    """Takes the apostrophe of `defuse` off again: restore(defuse(cell)) == cell for every string."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
