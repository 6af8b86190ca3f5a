"""Bars and strips: columns that are drawn, in tables only. Exact formats leave them out."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeGuard

from epicshell.render.screen import Signs
from epicshell.results import Kind, Listing, Record

DRAWN = (Kind.BAR, Kind.STRIP)
SHORTEST, LONGEST = 6, 40  #: columns of a bar
STRIP = ".:#!"  #: the letters of a strip: a working day, a weekend's, one that is taken, one that is taken twice


def bar(parts: Sequence[float], columns: int, marks: Signs) -> str:
    """A bar of several fills. parts: of the longest bar, which takes all the columns, each from 0 to 1.

    Ends are rounded to the next column, the last one to an eighth where there are signs for that and one fill alone;
    a part of more than nothing takes a column at least.
    """
    if len(parts) == 1 and marks.eighths:
        return _fine(parts[0], columns, marks)
    drawn, end, reached = "", 0.0, 0
    for fill, part in zip(marks.fills, parts, strict=False):
        end += part
        wanted = max(round(end * columns), reached + 1) if part > 0 else reached
        drawn += fill * (wanted - reached)
        reached = wanted
    return drawn[:columns]


def _fine(part: float, columns: int, marks: Signs) -> str:
    eighths = max(round(part * columns * 8), 1 if part > 0 else 0)
    full, rest = divmod(min(eighths, columns * 8), 8)
    return marks.fills[0] * full + (marks.eighths[rest - 1] if rest else "")


def legend(name: str, marks: Signs) -> str:
    """The heading of a bar: its name, or for several parts what each fill stands for."""
    parts = name.split(", ")
    return "  ".join(f"{fill} {part}" for fill, part in zip(marks.fills, parts, strict=False)) if parts[1:] else name


def strip(letters: str, marks: Signs) -> str:
    """A strip in the signs that can be shown."""
    return letters.translate(str.maketrans(STRIP[:3], marks.days))


def is_drawn(result: object) -> TypeGuard[Listing]:
    """Whether it is a listing with bars or strips."""
    return isinstance(result, Listing) and any(column.kind in DRAWN for column in result.columns)


def undrawn(result: Record | Listing) -> Record | Listing:
    """A listing without what is drawn."""
    if not is_drawn(result):
        return result
    kept = [place for place, column in enumerate(result.columns) if column.kind not in DRAWN]
    rows = ([row[place] for place in kept] for row in result.rows)
    return replace(result, columns=[result.columns[place] for place in kept], rows=rows)


def filled(figures: Sequence[Sequence[int]]) -> list[tuple[float, ...]]:
    """Figures, a few per row and none negative, as the bars of a column: the largest row takes the whole width."""
    most = max(map(sum, figures), default=0) or 1
    return [tuple(figure / most for figure in row) for row in figures]
