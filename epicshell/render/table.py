"""Many rows for people: a header, a rule, aligned columns that fit the terminal, and a totals line."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from epicshell.render.cells import BATCH, Formatter, batches, cells_of, for_people, heading
from epicshell.render.layout import GAP, Slot, fit
from epicshell.render.screen import BOLD, DIM, Screen, Signs
from epicshell.results import Column, Kind, Listing
from epicshell.text import cut, display, is_plain, pad, width

#: Ids may have two digits more in later batches than in the first, which sets the widths.
SPARE_DIGITS = 2
#: The widest cell of a table that is scrolled sideways: all but long notes fit; a record shows them whole.
WIDEST = 300


def chunks(listing: Listing, screen: Screen, marks: Signs) -> Iterator[str]:
    """Fitted to the terminal, complete elsewhere; an empty listing is its totals line alone."""
    table = _Table(screen, marks)
    count = 0
    for batch in batches(listing.rows):
        if not count:
            yield table.begin(listing.columns, batch)
        yield table.add(batch)
        count += len(batch)
    yield table.end(listing.footer, count)


class _Table:
    def __init__(self, screen: Screen, marks: Signs) -> None:
        self.screen = screen
        self.signs = marks
        self.slots: list[Slot] = []
        self.left_out: list[str] = []

    def begin(self, columns: Sequence[Column], batch: Sequence[Sequence[Any]]) -> str:
        """Set the widths from the first batch; the header and the rule."""
        slots = [self._slot(column, index, batch) for index, column in enumerate(columns)]
        self.slots = slots if self.screen.room is None else fit(slots, self.screen.room)
        kept = {slot.position for slot in self.slots}
        self.left_out = [column.name for index, column in enumerate(columns) if index not in kept]
        header = GAP.join(
            pad(cut(heading(slot.column.name), slot.width, self.signs.cut), slot.width, right=slot.right)
            for slot in self.slots
        )
        rule = GAP.join(self.signs.rule * slot.width for slot in self.slots)
        return self._line(header.rstrip(), BOLD) + self._line(rule, DIM)

    def _slot(self, column: Column, position: int, batch: Sequence[Sequence[Any]]) -> Slot:
        formatter = _for_cells(column.kind, self.screen, self.signs)
        cells = cells_of([row[position] for row in batch], formatter, self.signs.unknown)
        widest = max(map(_measure(cells), cells))
        if column.kind is Kind.INTEGER and column.name.endswith("id") and len(batch) == BATCH:
            widest += SPARE_DIGITS
        widest = max(widest, width(heading(column.name)))
        return Slot(column, position, formatter, widest if self.screen.fitted else min(widest, WIDEST))

    def add(self, batch: Sequence[Sequence[Any]]) -> str:
        """The lines of a batch."""
        columns = list(zip(*batch, strict=True))
        aligned = [self._aligned(slot, columns[slot.position]) for slot in self.slots]
        return "\n".join(map(GAP.join, zip(*aligned, strict=True))) + "\n"

    def _aligned(self, slot: Slot, values: Sequence[Any]) -> list[str]:
        cells = cells_of(values, slot.formatter, self.signs.unknown)
        measure = _measure(cells)
        if self._cuts(slot) and max(map(measure, cells)) > slot.width:
            cells = [cut(cell, slot.width, self.signs.cut) for cell in cells]
        if slot is self.slots[-1] and not slot.right:
            return cells
        if measure is width:
            return [pad(cell, slot.width, right=slot.right) for cell in cells]
        fill = str.rjust if slot.right else str.ljust
        return [fill(cell, slot.width) for cell in cells]

    def _cuts(self, slot: Slot) -> bool:
        """Whether cells that are wider than their column are cut: to fit the screen, and where all is scrolled."""
        return slot.may_shrink and (self.screen.room is not None or (not self.screen.fitted and slot.width == WIDEST))

    def end(self, footer: Callable[[int], str] | None, count: int) -> str:
        """The columns that found no room, then the totals line."""
        last = ""
        if self.left_out:
            number = len(self.left_out)
            columns = "column" if number == 1 else "columns"
            last = self._line(f"(+{number} {columns}: --columns {','.join(map(display, self.left_out))})", DIM)
        if footer:
            last += self._line(display(footer(count)), DIM)
        return last

    def _line(self, text: str, style: str) -> str:
        return self.screen.styled(text, style) + "\n"


def _measure(cells: Sequence[str]) -> Callable[[str], int]:
    """What measures these cells: most columns hold plain text, where the length will do."""
    return len if is_plain("".join(cells)) else width


def _for_cells(kind: Kind, screen: Screen, marks: Signs) -> Formatter:
    formatter = for_people(kind, screen.zone)
    if kind is not Kind.TEXT:
        return formatter
    return lambda text: formatter(text).replace("\n", marks.newline).replace("\t", " ")
