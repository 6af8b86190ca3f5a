"""The warning about events that one person of support would have to run at the same time."""

from collections.abc import Sequence
from itertools import islice

from epicshell import policy
from epicshell.context import Context
from epicshell.models import Event
from epicshell.models.overlaps import Run, overlaps

MOST_TOLD = 5
_MOST_COUNTED = 1000


def warn_of_overlaps(context: Context, events: Sequence[Event]) -> None:
    """Note what else the people who run these events run meanwhile, as far as the actor may read it."""
    found = overlaps(events, context.now, policy.readable(context.actor, Event))
    pairs = list(islice(found, _MOST_COUNTED + 1))
    context.notes += [_sentence(context, one, other, alone=len(events) == 1) for one, other in pairs[:MOST_TOLD]]
    more = len(pairs) - MOST_TOLD
    if more > 0:
        count = f"more than {_MOST_COUNTED}" if len(pairs) > _MOST_COUNTED else str(more)
        context.notes.append(f"… and {count} more overlap{'s' if more > 1 else ''}.")


def _sentence(context: Context, one: Run, other: Run, *, alone: bool) -> str:
    """`Kate Hastroff also runs event 212 (Summer Ball), 2026-11-22 14:00–18:00.`"""
    if alone:
        return f"{other.support} also runs {_named(other)}, {_between(context, other)}."
    both = f"{_named(one)}, {_between(context, one)}, and {_named(other)}, {_between(context, other)}"
    return f"{one.support} would run two events at once: {both}."


def _named(run: Run) -> str:
    return f"event {run.id} ({run.name})"


def _between(context: Context, run: Run) -> str:
    begins, ends = (str(moment.astimezone(context.zone))[:16] for moment in (run.starts_at, run.ends_at))
    return f"{begins}–{ends[11:]}" if begins[:10] == ends[:10] else f"{begins} – {ends}"
