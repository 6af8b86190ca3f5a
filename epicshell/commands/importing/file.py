"""From a file to a report: its header, then its rows in batches, with a bar while they are many."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from epicshell.commands.importing.cells import text_of
from epicshell.commands.importing.engine import Mode, run
from epicshell.commands.importing.headers import ID, Columns, match
from epicshell.commands.importing.plan import Plan
from epicshell.commands.importing.wishes import Wish
from epicshell.commands.progress import Bar, shown
from epicshell.context import Context
from epicshell.errors import Refused
from epicshell.results import Listing
from epicshell.sheets import Row, read
from epicshell.text import display, quote, words

BATCH = 500  #: rows that are looked up, and made, together
_MOST_ABOVE = 10  #: rows among which the headers are looked for


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which file, and how it is to be read. source: what its numbers are of; empty: the file's name says."""

    file: Path
    sheet: str = ""
    source: str = ""
    mapped: Mapping[str, str] | None = None


def import_file(context: Context, plan: type[Plan], wanted: Wanted, mode: Mode) -> Listing:
    """Bring in a file of one noun. Raises Refused for what is wrong with the file as a whole."""
    expected: list[int] = []
    with closing(read(wanted.file, sheet=wanted.sheet, expect=expected.append, remark=context.notes.append)) as reading:
        rows = _rows(reading)
        columns, above = _header(plan, rows, wanted)
        made = plan(context, columns, wanted.source or source_of(wanted.file), foreign=bool(wanted.source))
        context.notes.extend(_remarks(columns, made, wanted, above))
        with bar_of(context, max(sum(expected) - above - 1, 0)) as bar:  # the header is none of them
            return run(context, _batches(made, rows), mode, tick=bar.advance)


def source_of(file: Path) -> str:
    """What the numbers of a file are of, where nobody says: its name without the ending."""
    return "-".join(words(file.stem))[:60] or "file"


def bar_of(context: Context, total: int) -> AbstractContextManager[Bar]:
    """A bar over that many records, where there is a terminal and someone runs the command."""
    runner: Any = context.runner
    return shown(runner, total) if runner is not None else nullcontext(Bar())


def _header(plan: type[Plan], rows: Iterator[Row], wanted: Wanted) -> tuple[Columns, int]:
    """The columns, and how many rows stand above the headers: titles of the table.

    Raises Refused for what is wrong with the first row that could have been headers.
    """
    problems: list[tuple[bool, Refused]] = []
    for row in islice(rows, _MOST_ABOVE):
        try:
            return _columns(plan, row, wanted), len(problems)
        except Refused as problem:
            problems.append((sum(value is not None for value in row.values) > 1, problem))
    if not problems:
        raise Refused(f"{display(wanted.file.name)} holds no rows.")
    raise next((problem for several, problem in problems if several), problems[0][1])


def _columns(plan: type[Plan], header: Row, wanted: Wanted) -> Columns:
    headers = [text_of(header, column) for column in range(len(header.values))]
    return match(headers, plan.model.noun, list(plan.parameters()), plan.required(), wanted.mapped or {})


def _remarks(columns: Columns, plan: Plan, wanted: Wanted, above: int) -> Iterator[str]:
    """What people should know of a file that is not epicshell's own."""
    if above:
        yield f"Not imported: what stands above the headers ({above} {'row' if above == 1 else 'rows'})."
    if columns.own:
        return
    if columns.spare:
        yield f"Not imported: {', '.join(map(quote, columns.spare))}. --map HEADER=FIELD takes one."
    if plan.numbered and ID in columns.of and not wanted.source:
        yield f"Its numbers are kept as those of {plan.source}; --source {plan.source} says so should it be renamed."


def _rows(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows of one sheet. Raises Refused if there are more sheets that hold some."""
    first = next(rows, None)
    for row in chain([first] if first else [], rows):
        if first and row.sheet != first.sheet:
            raise Refused(f"The sheets {quote(first.sheet)} and {quote(row.sheet)} both hold rows.", "--sheet chooses.")
        yield row


def _batches(plan: Plan, rows: Iterator[Row]) -> Iterator[Sequence[Wish]]:
    made: Callable[[Sequence[Row]], Sequence[Wish]] = plan.wishes
    while some := list(islice(rows, BATCH)):
        yield made(some)
