"""Where each event of a sheet stands, and which cells belong to which of its labels.

A block begins at an event-id label; its title is the cell above. Its other labels stand below, in the same column or
further right; a value stands behind its label in the same cell, in the next cell to the right, or goes on below.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from epicshell.errors import Refused
from epicshell.sheets.legacy.grid import Cell, Grid
from epicshell.sheets.legacy.labels import LONGEST, Label, Part, label, unknown
from epicshell.text import quote

#: How many cells a value may be spread over; a further one has no label of its own.
_MOST = {Part.EVENT: 1, Part.CONTRACT: 1, Part.ATTENDEES: 1, Part.SUPPORT: 1, Part.START: 2, Part.END: 2}
_MOST_EVENTS = 5000  #: of a sheet: each is compared with those beside it


@dataclass
class Entry:
    """A label with its value. cells: the cells of the value with the text that counts, the label's own first."""

    label: Label
    at: Cell
    cells: list[tuple[Cell, str]] = field(default_factory=list)

    @property
    def place(self) -> str:
        """Where the value stands; where its label stands, if there is none."""
        return self.cells[0][0].place if self.cells else self.at.place

    def goes_on_at(self, cell: Cell) -> bool:
        """Whether a cell without a label continues it: in the same row, or right below."""
        last = self.cells[-1][0] if self.cells else self.at
        room = self.label.part is None or len(self.cells) < _MOST.get(self.label.part, 1000)
        return room and last.row <= cell.row <= last.row + 1

    @property
    def columns(self) -> set[int]:
        return {self.at.column, *(cell.column for cell, _ in self.cells)}


@dataclass
class Block:
    """One event: its event-id label, the cell above, the entries in their order, texts without a label.

    reach: the column of the event id's value. right: the last column of a value. parts: the labels that it has.
    beside: the columns of values that stand beside their labels.
    """

    at: Cell
    title: Cell | None
    reach: int
    right: int
    entries: list[Entry] = field(default_factory=list)
    loose: list[Cell] = field(default_factory=list)
    parts: set[Part | None] = field(default_factory=set)
    beside: set[int] = field(default_factory=set)

    def add(self, entry: Entry, value: Cell | None) -> None:
        """Take a label in. value: the cell beside it, if its value stands there."""
        self.entries.append(entry)
        self.parts.add(entry.label.part)
        if value:
            entry.cells.append((value, value.text))
            self.beside.add(value.column)
        elif entry.label.value:
            entry.cells.append((entry.at, entry.label.value))
        self.right = max(self.right, *entry.columns)

    def entry_for(self, cell: Cell) -> Entry | None:
        """The entry that a cell without a label continues: one of its column, else the latest."""
        above = bisect_right(self.entries, cell.row, key=lambda entry: entry.at.row)
        near = [entry for entry in reversed(self.entries[max(0, above - 12) : above]) if entry.goes_on_at(cell)]
        near = [entry for entry in near if entry.label.part is not Part.EVENT or self._has_number_in(cell)]
        return next((entry for entry in near if cell.column in entry.columns), near[0] if near else None)

    def _has_number_in(self, cell: Cell) -> bool:
        """Whether the event's number may stand in a cell below its label.

        If there are labels beside that one, they begin a table, of which each row is an event.
        """
        return cell.column == self.at.column and sum(entry.at.row == self.at.row for entry in self.entries) == 1


class Blocks:
    """The blocks of a grid. stray: the cells that belong to none. Raises Refused if they are very many."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self._labels = {(cell.row, cell.column): found for cell in grid if (found := label(cell.text))}
        self._blocks: dict[int, list[Block]] = {}
        self._values: dict[tuple[int, int], Entry] = {}
        self.stray: list[Cell] = []
        self._row, self._open = -1, dict[int, Block]()
        starts = [cell for cell in grid if self._is_start(cell)]
        if len(starts) > _MOST_EVENTS:
            where = f"The sheet {quote(grid.sheet)}" if grid.sheet else "The file"
            raise Refused(f"{where} has more than {_MOST_EVENTS} events.", "Split it into smaller ones.")
        self._titles = {place for cell in starts for place in self._places_of_title(cell)}
        for cell in starts:
            self._blocks.setdefault(cell.column, []).append(self._block(cell))
        self._columns = sorted(self._blocks)
        self._attach_values()
        self._spread()

    def __iter__(self) -> Iterator[Block]:
        """In the order in which they begin."""
        every = [block for blocks in self._blocks.values() for block in blocks]
        return iter(sorted(every, key=lambda block: (block.at.row, block.at.column)))

    def _label(self, cell: Cell) -> Label | None:
        return self._labels.get((cell.row, cell.column))

    def _is_start(self, cell: Cell) -> bool:
        found = self._label(cell)
        return found is not None and found.part is Part.EVENT

    def _block(self, start: Cell) -> Block:
        behind = self._labels[start.row, start.column].value or self._is_number(start.row + 1, start.column)
        value = None if behind else self._grid.right_of(start)
        reach = value.column if value and not self._label(value) else start.column
        return Block(start, self._title(start), reach, reach)

    def _is_number(self, row: int, column: int) -> bool:
        below = self._grid.at(row, column)
        return below is not None and below.text.isdecimal()

    def _title(self, start: Cell) -> Cell | None:
        """The cell above an event-id label; one row may be free between, and a title may be centred."""
        above = self._grid.at(start.row - 1, start.column)
        if above:
            return self._unlabelled(above)
        alone = self._grid.row(start.row - 1)
        if alone:
            return self._unlabelled(alone[0]) if len(alone) == 1 and not self._grid.row(start.row - 2) else None
        higher = self._grid.at(start.row - 2, start.column)
        free = higher and len(self._grid.row(start.row - 2)) == 1 and not self._grid.row(start.row - 3)
        return self._unlabelled(higher) if higher and free else None

    def _unlabelled(self, cell: Cell) -> Cell | None:
        """A title; without its label, if it has one; None if the cell is something else."""
        found = self._label(cell)
        if found is None or found.part is not Part.NAME:
            return None if found else cell
        return replace(cell, text=found.value) if found.value else self._grid.right_of(cell)

    def _places_of_title(self, start: Cell) -> Iterator[tuple[int, int]]:
        """Where a title stands, and its label."""
        title = self._title(start)
        if title:
            yield title.row, title.column
            yield title.row, start.column

    def _attach_values(self) -> None:
        """Find the labels that count, each with the value in its own cell or the next one to the right."""
        for cell in self._grid:
            if (cell.row, cell.column) in self._values or (cell.row, cell.column) in self._titles:
                continue
            found = self._label(cell) or self._unknown(cell)
            block = next(iter(self._before(cell)), None) if found else None
            if found and block and self._counts(cell, found, block):
                self._add(block, Entry(found, cell))

    def _add(self, block: Block, entry: Entry) -> None:
        value = None if entry.label.value else self._value_of(entry.at)
        block.add(entry, value)
        for cell in filter(None, (entry.at, value)):
            self._values[cell.row, cell.column] = entry

    def _value_of(self, cell: Cell) -> Cell | None:
        """The next cell to the right, unless it is a label itself: alone, or where a block beside goes on.

        Neither is it, there, if this block has the event's number below the label or behind it.
        """
        value = self._grid.right_of(cell)
        if value is None or (value.row, value.column) in self._titles:
            return None
        found = self._label(value)
        if found and not found.value:
            return None
        if not self._is_beside(cell, value):
            return value
        own = next(iter(self._before(cell)), None)
        of_other = found or unknown(value.text) or (own and own.reach == own.at.column)
        return None if of_other else value

    def _is_beside(self, cell: Cell, other: Cell) -> bool:
        """Whether another block goes on between a cell and one to its right."""
        return any(cell.column < column <= other.column for column in self._going_on(cell.row))

    def _unknown(self, cell: Cell) -> Label | None:
        """A label that is not known: `Photographer: Paul`, or a short text below others with a value beside it."""
        block = self._above(cell.column, cell.row)
        if block is None:
            return None
        if found := unknown(cell.text):
            return found
        in_one_cell = self._labels[block.at.row, block.at.column].value
        short = len(cell.text) <= LONGEST and "\n" not in cell.text and isinstance(cell.value, str)
        value = self._value_of(cell) if short and not in_one_cell else None
        return Label(None, cell.text, "", False) if value and not self._is_beside(cell, value) else None

    def _counts(self, cell: Cell, found: Label, block: Block) -> bool:
        """Whether a text that reads as a label is one here, and not the next line of a value."""
        given = found.part is not None and found.part in block.parts
        own_column = cell.column == block.at.column
        if not found.value:
            return own_column or not given
        if found.marked:
            return own_column or cell.column not in block.beside
        first = self._labels[block.at.row, block.at.column]
        return own_column and not given and not (first.value and first.marked)

    def _above(self, column: int, row: int) -> Block | None:
        """The block of a column that a row belongs to, if any does."""
        return self._going_on(row).get(column)

    def _going_on(self, row: int) -> dict[int, Block]:
        """The blocks that a row belongs to, by the columns in which they begin.

        Of each column the last one that begins there or above, unless one further left has taken its place since.
        """
        if row != self._row:
            last = [block for column in self._columns if (block := self._last(column, row))]
            self._row, self._open = row, {block.at.column: block for block in self._standing(last)}
        return self._open

    def _last(self, column: int, row: int) -> Block | None:
        blocks = self._blocks[column]
        before = bisect_right(blocks, row, key=_row_of)
        return blocks[before - 1] if before else None

    def _standing(self, blocks: Sequence[Block]) -> Iterator[Block]:
        """Those of some blocks, from left to right, that none further left has replaced.

        One that begins below does so, behind a free row or with its values where the other began.
        """
        lowest = 0
        reaching: list[Block] = []
        for block in blocks:
            row, column = block.at.row, block.at.column
            reaching = [other for other in reaching if other.reach >= column]
            replaced = lowest > row and self._grid.has_free_row(row, lowest)
            if not replaced and not any(other.at.row > row for other in reaching):
                yield block
            lowest = max(lowest, row)
            reaching.append(block)

    def _before(self, cell: Cell) -> list[Block]:
        """The blocks that a cell's row belongs to, up to its column; the nearest first."""
        going_on = self._going_on(cell.row)
        return [going_on[column] for column in sorted(going_on, reverse=True) if column <= cell.column]

    def _owner(self, cell: Cell) -> Block | None:
        """The block that a cell without a label belongs to: one that reaches so far right, the nearest first."""
        before = self._before(cell)
        return next((block for block in before if cell.column <= block.right), before[0] if before else None)

    def _spread(self) -> None:
        """Give each cell that is left to the entry that it continues, or to its block."""
        for cell in self._grid:
            if (cell.row, cell.column) in self._values or (cell.row, cell.column) in self._titles:
                continue
            block = self._owner(cell)
            if block is None:
                self.stray.append(cell)
            elif entry := block.entry_for(cell):
                entry.cells.append((cell, cell.text))
            else:
                block.loose.append(cell)


def _row_of(block: Block) -> int:
    return block.at.row
