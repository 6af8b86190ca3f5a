"""One record for people: a line per value, long texts wrapped."""

from collections.abc import Iterator
from typing import Any

from epicshell.render.cells import for_people, heading
from epicshell.render.screen import BOLD, Screen, Signs
from epicshell.results import Column, Kind, Record
from epicshell.text import pad, width, wrap

NARROWEST = 20


def chunks(record: Record, screen: Screen, marks: Signs) -> Iterator[str]:
    """Names to the left, values to the right of them, wrapped into the width of the screen."""
    indent = max((width(heading(column.name)) for column in record.columns), default=0) + 2
    for column, value in zip(record.columns, record.values, strict=True):
        name = screen.styled(pad(heading(column.name), indent), BOLD)
        first, *rest = _lines(column, value, screen, marks, indent)
        yield "\n".join([name + first, *((" " * indent + line).rstrip() for line in rest)]) + "\n"


def _lines(column: Column, value: Any, screen: Screen, marks: Signs, indent: int) -> list[str]:
    if value is None:
        return [marks.unknown]
    cell = for_people(column.kind, screen.zone)(value).expandtabs(4)
    if column.kind is Kind.MONEY:
        cell = f"{cell} {screen.currency}"
    return cell.split("\n") if screen.width is None else wrap(cell, max(NARROWEST, screen.width - indent))
