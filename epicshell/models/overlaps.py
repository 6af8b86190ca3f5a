"""Events that one person of support would have to run at the same time.

Times are half-open: an event may begin the moment another ends. What is over no longer counts.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar

from peewee import Expression

from epicshell.models.employee import Support
from epicshell.models.event import Event


class Span(Protocol):
    """When someone of support runs something."""

    @property
    def support_id(self) -> int: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...


_Span = TypeVar("_Span", bound=Span)


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
    for one, other in meeting(Run(*row) for row in _around(open_, now, readable).tuples()):
        if other.id in given:
            yield other, one
        elif one.id in given:
            yield one, other


def meeting(spans: Iterable[_Span]) -> Iterator[tuple[_Span, _Span]]:
    """Pairs of one person that overlap, the one that starts first, first. spans: by person, then start."""
    going_on: list[_Span] = []
    for span in spans:
        going_on = [one for one in going_on if one.support_id == span.support_id and one.ends_at > span.starts_at]
        yield from ((one, span) for one in going_on)
        going_on.append(span)


def _around(events: Sequence[Event], now: datetime, readable: Expression) -> Any:
    """What the people who run some events run in the time of these, by start."""
    ends, begins = max(event.ends_at for event in events), min(event.starts_at for event in events)
    query = Event.select(
        Event.support_id, Support.full_name, Event.id, Event.name, Event.starts_at, Event.ends_at
    ).join(Support, on=(Support.id == Event.support_id))
    theirs = Event.support_id.in_(sorted({event.support_id for event in events})) & Event.live()
    meanwhile = (Event.starts_at < ends) & (Event.ends_at > max(begins, now))
    return query.where(theirs & meanwhile & readable).order_by(Event.support_id, Event.starts_at, Event.id)
