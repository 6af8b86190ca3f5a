"""The warning about events that one person of support would have to run at the same time."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice

from epicshell import policy
from epicshell.context import Context
from epicshell.models import Event
from epicshell.models.overlaps import Run, overlaps
from epicshell.text import quote

MOST_TOLD = 5
_MOST_COUNTED = 1000
Numbers = Mapping[int, int | None]


def warn_of_overlaps(context: Context, events: Sequence[Event], numbers: Numbers | None = None) -> None:
    """Note what else the people who run these events run meanwhile, as far as the actor may read it.

    numbers: for events whose ids won't last, as in a rehearsal: what they will have, None if that is not known yet.
    """
    say = partial(_sentence, context, numbers or {}, alone=len(events) == 1)
    found = overlaps(events, context.now, policy.readable(context.actor, Event))
    pairs = list(islice(found, _MOST_COUNTED + 1))
    context.notes += [say(one, other) for one, other in pairs[:MOST_TOLD]]
    more = len(pairs) - MOST_TOLD
    if more > 0:
        count = f"more than {_MOST_COUNTED}" if len(pairs) > _MOST_COUNTED else str(more)
        context.notes.append(f"… and {count} more overlap{'s' if more > 1 else ''}.")


def _sentence(context: Context, numbers: Numbers, one: Run, other: Run, *, alone: bool) -> str:
    """`Kate Hastroff also runs event 212 (Summer Ball), 2026-11-22 14:00–18:00.`"""
    if alone:
        return f"{other.support} also runs {_named(other, numbers)}, {_between(context, other)}."
    both = f"{_named(one, numbers)}, {_between(context, one)}, and {_named(other, numbers)}, {_between(context, other)}"
    return f"{one.support} would run two events at once: {both}."


def _named(run: Run, numbers: Numbers) -> str:
    number = numbers.get(run.id, run.id)
    return f"event {number} ({run.name})" if number else f"the new event {quote(run.name)}"


def _between(context: Context, run: Run) -> str:
    begins, ends = (str(moment.astimezone(context.zone))[:16] for moment in (run.starts_at, run.ends_at))
    return f"{begins}–{ends[11:]}" if begins[:10] == ends[:10] else f"{begins} – {ends}"
