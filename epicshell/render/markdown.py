"""A pipe table of GitHub Flavored Markdown, complete; all rows are held in memory."""

import re
from collections.abc import Iterator

from epicshell.render.cells import by_column, for_people, heading
from epicshell.render.screen import Screen, Signs
from epicshell.results import Kind, Listing

_MARKUP = re.compile(r"[\\`*_\[\]<>&|~$]")


def chunks(listing: Listing, screen: Screen, marks: Signs) -> Iterator[str]:
    """Numbers are aligned to the right; text shows as it is, nothing in it acts as markup."""
    from tabulate import tabulate

    formatters = [for_people(column.kind, screen.zone) for column in listing.columns]
    rows = list(listing.rows)
    cells = by_column(rows, formatters, marks.unknown) if rows else []
    escaped = [list(map(plain, column)) for column in cells]
    table = tabulate(
        list(zip(*escaped, strict=True)),
        headers=[plain(heading(column.name)) for column in listing.columns],
        tablefmt="pipe",
        disable_numparse=True,
        colalign=["right" if column.kind in {Kind.INTEGER, Kind.MONEY} else "left" for column in listing.columns],
    )
    yield table + "\n"


def plain(text: str) -> str:
    """`text` so that Markdown shows it as it is."""
    return _MARKUP.sub(r"\\\g<0>", text).replace("\n", "<br>").replace("\t", " ")
