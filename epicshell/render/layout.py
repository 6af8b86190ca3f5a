"""How wide the columns of a table are, and which find room."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from epicshell.render.cells import Formatter
from epicshell.results import Column, Kind

GAP = "  "
NARROWEST = 10


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a column in a table: the position in its rows, and the width in terminal columns."""

    column: Column
    position: int
    formatter: Formatter
    width: int

    @property
    def right(self) -> bool:
        return self.column.kind in {Kind.INTEGER, Kind.MONEY}

    @property
    def may_shrink(self) -> bool:
        """Only text is cut: a shortened number or time would be a wrong one."""
        return self.column.kind is Kind.TEXT

    @property
    def is_id(self) -> bool:
        return self.column == Column("id", Kind.INTEGER)

    def at_most(self, width: int) -> int:
        return min(self.width, width) if self.may_shrink else self.width


def fit(slots: Sequence[Slot], width: int) -> list[Slot]:
    """The slots that find room in `width`, the widest texts narrowed.

    Where that is not enough the rightmost are left out, the record's own id never.
    """
    kept = list(slots)
    while len(kept) > 1 and total(slot.at_most(NARROWEST) for slot in kept) > width:
        kept.remove(next(slot for slot in reversed(kept) if not slot.is_id))
    level = max(width, NARROWEST)
    while level > NARROWEST and total(slot.at_most(level) for slot in kept) > width:
        level -= 1
    return [replace(slot, width=slot.at_most(level)) for slot in kept]


def total(widths: Iterable[int]) -> int:
    """The columns of a whole line."""
    return sum(width + len(GAP) for width in widths) - len(GAP)
