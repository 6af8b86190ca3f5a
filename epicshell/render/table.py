"""Many rows for people: a header, a rule, aligned columns that fit the terminal, and a totals line."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

from epicshell.render.bars import DRAWN, LONGEST, SHORTEST, bar, legend, strip
from epicshell.render.cells import BATCH, Formatter, batches, cells_of, for_people, heading
from epicshell.render.layout import GAP, NARROWEST, Slot, fit, total
from epicshell.render.screen import BOLD, DIM, Screen, Signs
from epicshell.results import Column, Kind, Listing
from epicshell.text import counted, cut, display, is_plain, pad, width, wrap

#: Ids may have two digits more in later batches than in the first, which sets the widths.
SPARE_DIGITS = 2
#: The widest cell of a table that is scrolled sideways: all but long notes fit; a record shows them whole.
WIDEST = 300
INDENT = "    "  #: of what stands below a row
_BELOW = (Kind.LINE, Kind.COMMAND)


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
        self.undrawn = False
        self.below: list[tuple[int, str]] = []

    def begin(self, columns: Sequence[Column], batch: Sequence[Sequence[Any]]) -> str:
        """Set the widths from the first batch; the header and the rule."""
        aligned = [(place, column) for place, column in enumerate(columns) if column.kind not in (*DRAWN, *_BELOW)]
        slots = [self._slot(column, place, batch) for place, column in aligned]
        strips = [(place, column) for place, column in enumerate(columns) if column.kind is Kind.STRIP]
        slots += (drawn := self._strip(slots, strips, batch))
        self.undrawn = len(strips) > len(drawn) == 0
        self.slots = slots if self.screen.room is None else fit(slots, self.screen.room)
        kept = {slot.position for slot in self.slots}
        self.left_out = [one.name for place, one in aligned if place not in kept]
        self.slots += self._bars(columns)
        self.below = [
            (place, "" if one.kind is Kind.COMMAND else f"{heading(one.name)}: ")
            for place, one in enumerate(columns)
            if one.kind in _BELOW
        ]
        header = GAP.join(
            pad(cut(self._heading(slot.column), slot.width, self.signs.cut), slot.width, right=slot.right)
            for slot in self.slots
        )
        rule = GAP.join(self.signs.rule * slot.width for slot in self.slots)
        return self._line(header.rstrip(), BOLD) + self._line(rule, DIM)

    def _strip(
        self, figures: Sequence[Slot], strips: Sequence[tuple[int, Column]], batch: Sequence[Sequence[Any]]
    ) -> list[Slot]:
        """The first strip that finds room beside the figures, narrowed as far as they can be."""
        taken = total(slot.at_most(NARROWEST) for slot in figures) + len(GAP)
        slots = (self._slot(column, place, batch) for place, column in strips)
        fitting = (slot for slot in slots if self.screen.room is None or taken + slot.width <= self.screen.room)
        return [slot for slot in [next(fitting, None)] if slot]

    def _bars(self, columns: Sequence[Column]) -> list[Slot]:
        """The bar takes what room the figures leave; too little is none."""
        taken = total(slot.width for slot in self.slots) + len(GAP)
        left = LONGEST if self.screen.room is None else min(LONGEST, self.screen.room - taken)
        return [
            Slot(one, place, partial(bar, columns=left, marks=self.signs), left)
            for place, one in enumerate(columns)
            if one.kind is Kind.BAR and left >= max(SHORTEST, width(self._heading(one)))
        ]

    def _heading(self, column: Column) -> str:
        if column.kind is Kind.BAR:
            return legend(column.name, self.signs)
        return column.name if column.kind is Kind.STRIP else heading(column.name)

    def _slot(self, column: Column, position: int, batch: Sequence[Sequence[Any]]) -> Slot:
        formatter = _for_cells(column.kind, self.screen, self.signs)
        cells = cells_of([row[position] for row in batch], formatter, self.signs.unknown)
        widest = max(map(_measure(cells), cells))
        if column.kind is Kind.INTEGER and column.name.endswith("id") and len(batch) == BATCH:
            widest += SPARE_DIGITS
        widest = max(widest, width(self._heading(column)))
        return Slot(column, position, formatter, widest if self.screen.fitted else min(widest, WIDEST))

    def add(self, batch: Sequence[Sequence[Any]]) -> str:
        """The lines of a batch."""
        columns = list(zip(*batch, strict=True))
        aligned = [self._aligned(slot, columns[slot.position]) for slot in self.slots]
        lines: Iterable[str] = map(GAP.join, zip(*aligned, strict=True))
        if self.slots[-1].column.kind in DRAWN:
            lines = map(str.rstrip, lines)
        if self.below:
            lines = chain.from_iterable((line, *self._below(row)) for line, row in zip(lines, batch, strict=True))
        return "\n".join(lines) + "\n"

    def _below(self, row: Sequence[Any]) -> Iterator[str]:
        """What stands below a row, in full."""
        room = self.screen.room
        said = [label + (row[place] or self.signs.unknown) for place, label in self.below if row[place] is not None]
        for text in map(display, said):
            for line in wrap(text, max(20, room - len(INDENT))) if room else [text]:
                yield self.screen.styled(INDENT + line, DIM)

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
            asked = f": {self.screen.columns} " if self.screen.columns else ": "
            names = ",".join(map(display, self.left_out))
            last = self._line(f"(+{counted(len(self.left_out), 'column')}{asked}{names})", DIM)
        if self.undrawn:
            last += self._line("(no room to draw the days)", DIM)
        if footer:
            last += "".join(self._line(line, DIM) for line in self._sentences(footer(count)))
        return last

    def _sentences(self, text: str) -> list[str]:
        """The lines of a footer; a narrow screen breaks them between words."""
        shown = display(text, multiline=True).replace(Signs().between, self.signs.between)
        return wrap(shown, max(self.screen.room, 20)) if self.screen.room else shown.split("\n")

    def _line(self, text: str, style: str) -> str:
        return self.screen.styled(text, style) + "\n"


def _measure(cells: Sequence[str]) -> Callable[[str], int]:
    """What measures these cells: most columns hold plain text, where the length will do."""
    return len if is_plain("".join(cells)) else width


def _for_cells(kind: Kind, screen: Screen, marks: Signs) -> Formatter:
    if kind is Kind.STRIP:
        return partial(strip, marks=marks)
    formatter = for_people(kind, screen.zone)
    if kind is not Kind.TEXT:
        return formatter
    if marks.encoding:
        return lambda text: marks.shown(formatter(text).replace("\n", marks.newline).replace("\t", " "))
    return lambda text: formatter(text).replace("\n", marks.newline).replace("\t", " ")
