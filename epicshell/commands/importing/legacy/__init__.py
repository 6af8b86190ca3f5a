"""The support team's old event sheets, brought in by management: matched, rehearsed or applied, and reported."""

from collections.abc import Mapping
from pathlib import Path

from epicshell.commands.importing.engine import Mode, run
from epicshell.commands.importing.legacy.plan import Plan
from epicshell.context import Context
from epicshell.errors import Refused
from epicshell.results import Listing
from epicshell.sheets import Limits, read
from epicshell.sheets.legacy import EventSheet, Finding, event_sheets
from epicshell.text import display

_LIMITS = Limits(text=5_000_000, rows=20_000)
_MOST_TOLD = 20


def import_sheets(context: Context, path: Path, mapped: Mapping[int, int], mode: Mode) -> Listing:
    """Bring in every event of a file. mapped: contract numbers of the sheets to ours. Raises Refused."""
    found = list(event_sheets(read(path, limits=_LIMITS), context.zone, context.now))
    sheets = [one for one in found if isinstance(one, EventSheet)]
    _tell(context, [one for one in found if isinstance(one, Finding)])
    if not sheets:
        raise Refused(f"{display(path.name)} holds no event sheet.", 'Each event begins at a cell "Event ID".')
    plan = Plan(context, mapped)
    wishes = plan.wishes(sheets)
    plan.keep = mode.apply and (mode.skip_errors or not any(wish.error for wish in wishes))
    return run(context, [wishes], mode)


def _tell(context: Context, findings: list[Finding]) -> None:
    context.notes += [f"{one.place}: {one.sentence}" for one in findings[:_MOST_TOLD]]
    if len(findings) > _MOST_TOLD:
        context.notes.append(f"So it is with {len(findings) - _MOST_TOLD} more cells.")
