"""Events that one person of support would have to run at the same time.

Times are half-open: an event may begin the moment another ends. What is over no longer counts.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from peewee import Expression

from epicshell.models.employee import Support
from epicshell.models.event import Event


class Run(NamedTuple):
    """An event, and who runs it. Times in UTC."""

    support_id: int
    support: str
    id: int
    name: str
    starts_at: datetime
    ends_at: datetime


def overlaps(events: Sequence[Event], now: datetime, readable: Expression) -> Iterator[tuple[Run, Run]]:
    """Pairs of overlapping events of one person: one of `events` first, then the other one; each pair once.

    readable: the events that whoever asks may read. One statement, whatever the number of events.
    """
    open_ = [event for event in events if event.support_id is not None and event.ends_at > now]
    if not open_:
        return
    given = {event.id for event in open_}
    found = (Run(*row) for row in _around(open_, now, readable).tuples())
    for _, of_one in groupby(found, key=lambda run: run.support_id):
        yield from _pairs(of_one, given)


def _around(events: Sequence[Event], now: datetime, readable: Expression) -> Any:
    """What the people who run some events run in the time of these, by start."""
    ends, begins = max(event.ends_at for event in events), min(event.starts_at for event in events)
    query = Event.select(
        Event.support_id, Support.full_name, Event.id, Event.name, Event.starts_at, Event.ends_at
    ).join(Support, on=(Support.id == Event.support_id))
    theirs = Event.support_id.in_(sorted({event.support_id for event in events})) & Event.live()
    meanwhile = (Event.starts_at < ends) & (Event.ends_at > max(begins, now))
    return query.where(theirs & meanwhile & readable).order_by(Event.support_id, Event.starts_at, Event.id)


def _pairs(of_one: Iterator[Run], given: set[int]) -> Iterator[tuple[Run, Run]]:
    """The overlapping pairs among the events of one person, which come by their start."""
    going_on: list[Run] = []
    for run in of_one:
        going_on = [one for one in going_on if one.ends_at > run.starts_at]
        for one in going_on:
            if run.id in given:
                yield run, one
            elif one.id in given:
                yield one, run
        going_on.append(run)
