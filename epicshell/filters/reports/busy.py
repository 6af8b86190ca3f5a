"""When support people have events: overlaps, free people, the next free day."""

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import SQL
from peewee import fn as sql

from epicshell.context import Context
from epicshell.filters.reports.shape import local, readable
from epicshell.models import Event
from epicshell.models.overlaps import meeting

_MOMENT = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Busy:
    """A support person's event: whose, from when, until when, and its number."""

    support_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    number: int


def sees_all(context: Context) -> bool:
    """Whether the actor reads every event, so that who has none there is free."""
    return not context.actor.need_to_know or context.actor.department == "management"


def last_day(context: Context, ends_at: dt.datetime) -> dt.date:
    """The last day of what ends at that moment: at midnight, the day before."""
    return (ends_at - _MOMENT).astimezone(context.zone).date()


def near(context: Context, spans: Sequence[Sequence[Any]], who: Iterable[int] | None) -> list[Busy]:
    """The events of support people, or of some, that are at the time of any of the spans (start, end)."""
    if not spans or (who is not None and not who):
        return []
    first, last = min(span[0] for span in spans), max(span[1] for span in spans)
    query = readable(context, Event, Event.support_id, Event.starts_at, Event.ends_at, Event.id)
    query = query.where((Event.starts_at < last) & (Event.ends_at > first))
    query = query.where(Event.support_id.is_null(False) if who is None else Event.support_id.in_(who))
    return [Busy(*row) for row in query.order_by(Event.support_id, Event.starts_at, Event.id).tuples()]


def overlaps(events: Sequence[Busy]) -> dict[int, list[Busy]]:
    """By number, the events of the same person that are going on at the same time. events: by person, then start."""
    found: dict[int, list[Busy]] = defaultdict(list)
    for one, other in meeting(events):
        found[one.number].append(other)
        found[other.number].append(one)
    return found


class Free:
    """Who is free when. events: by person, then start."""

    def __init__(self, events: Sequence[Busy]) -> None:
        self._starts: dict[int, list[dt.datetime]] = defaultdict(list)
        self._ends: dict[int, list[dt.datetime]] = defaultdict(list)
        for event in events:
            ends = self._ends[event.support_id]
            self._starts[event.support_id].append(event.starts_at)
            ends.append(max(event.ends_at, ends[-1]) if ends else event.ends_at)

    def at(self, who: int, starts_at: dt.datetime, ends_at: dt.datetime) -> bool:
        """Whether someone has nothing between two moments."""
        before = bisect_left(self._starts.get(who, []), ends_at)
        return not before or self._ends[who][before - 1] <= starts_at


def busy_days(context: Context, start: dt.date) -> dict[int, dt.date]:
    """For who has an event on a day: the first day after it without any."""
    days = sql.DATERANGE(
        local(context, Event.starts_at).cast("date"), local(context, Event.ends_at - _MOMENT).cast("date"), "[]"
    )
    query = readable(context, Event, Event.support_id, sql.RANGE_AGG(days))
    query = query.where((Event.ends_at > context.midnight(start)) & Event.support_id.is_null(False))
    taken = query.group_by(Event.support_id).cte("taken", columns=("who", "days"))
    after = SQL("(SELECT upper(span) FROM unnest(taken.days) span WHERE span @> %s::date)", (start,))
    rows = taken.select_from(taken.c.who, after.alias("free")).tuples()
    return {who: free for who, free in rows if free}
