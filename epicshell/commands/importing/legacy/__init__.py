"""The support team's old event sheets, brought in by management: matched, rehearsed or applied, and reported."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

from epicshell.commands.importing.engine import Mode, run
from epicshell.commands.importing.file import bar_of
from epicshell.commands.importing.legacy.plan import Plan
from epicshell.context import Context
from epicshell.errors import NotAllowed, NotUnderstood, Refused
from epicshell.results import Listing
from epicshell.sheets import Limits, Row, read
from epicshell.sheets.legacy import EventSheet, Finding, event_sheets
from epicshell.text import display

_LIMITS = Limits(text=5_000_000, rows=20_000)
_MOST_CELLS = 100_000
_MOST_CHARACTERS = 10_000_000  #: a workbook of a few kilobytes may repeat one long text in every cell
_MOST_TOLD = 20


def import_sheets(
    context: Context, path: Path, sheet: str, mapped: Mapping[int, int], mode: Mode, *, headers: bool
) -> Listing:
    """Bring in every event of a file. sheet: only those of this sheet. mapped: contract numbers of the sheets to ours.

    headers: whether something was said of headers, which event sheets don't have. Raises Refused, NotUnderstood,
    NotAllowed.
    """
    if context.actor.department != "management":
        raise NotAllowed(f"--legacy is for management; you are logged in as {context.actor.department}.")
    if headers:
        raise NotUnderstood("--map and --source are for files with headers, not for --legacy.")
    with closing(read(path, sheet=sheet, limits=_LIMITS, remark=context.notes.append)) as rows:
        found = list(event_sheets(_bounded(rows, path), context.zone, context.now))
    sheets = [one for one in found if isinstance(one, EventSheet)]
    _tell(context, [one for one in found if isinstance(one, Finding)])
    if not sheets:
        raise Refused(f"{display(path.name)} holds no event sheet.", 'An event begins at a cell "Event ID".')
    plan = Plan(context, mapped, sheets)
    wishes = plan.wishes()
    plan.keep = mode.apply and (mode.skip_errors or not any(wish.error for wish in wishes))
    with bar_of(context, len(wishes)) as bar:
        return run(context, [wishes], mode, tick=bar.advance)


def _bounded(rows: Iterable[Row], path: Path) -> Iterator[Row]:
    """The rows, as long as they are as few as people lay out by hand: a sheet is looked at as a whole."""
    cells = characters = 0
    for row in rows:
        cells += sum(value is not None for value in row.values)
        characters += sum(len(value) for value in row.values if isinstance(value, str))
        if cells > _MOST_CELLS or characters > _MOST_CHARACTERS:
            most = f"{_MOST_CELLS} cells" if cells > _MOST_CELLS else f"{_MOST_CHARACTERS} characters"
            raise Refused(f"{display(path.name)} has more than {most}.", "Split it into smaller files.")
        yield row


def _tell(context: Context, findings: list[Finding]) -> None:
    context.notes += [f"{one.place}: {one.sentence}" for one in findings[:_MOST_TOLD]]
    if len(findings) > _MOST_TOLD:
        context.notes.append(f"So it is with {len(findings) - _MOST_TOLD} more cells.")
