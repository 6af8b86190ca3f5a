"""Events by day, by support person and week, and those that nobody runs yet."""

from collections.abc import Sequence
from typing import Any

from peewee import SQL
from peewee import fn as sql

from epicshell.context import Context
from epicshell.filters.reports.busy import Busy, Free, busy_days, last_day, near, overlaps, sees_all
from epicshell.filters.reports.period import Period, monday, week_name
from epicshell.filters.reports.shape import (
    COMMAND,
    COUNTS,
    DAY,
    TIME,
    Whose,
    allowed,
    lists,
    local,
    of,
    readable,
    report,
    totals,
)  # fmt: skip
from epicshell.filters.reports.strips import MOST_SIGNS, Scale, scales
from epicshell.models import Employee, Event, Field
from epicshell.results import Column, Format, Kind, Listing
from epicshell.text import counted

_CALENDAR = (
    Column("starts_at", TIME), Column("ends_at", TIME), Column("id", COUNTS), Column("name"), Column("client"),
    Column("support"), Column("attendees", COUNTS), Column("weekend", Kind.BOOLEAN), Column("overlaps"),
)  # fmt: skip
_ON_SCREEN = ("starts_at", "id", "name", "support", "overlaps")
_WORKLOAD = (
    Column("support"), Column("week"), Column("from", DAY), Column("events", COUNTS), Column("attendees", COUNTS),
    Column("next_free", DAY), Column("events", Kind.BAR), COMMAND,
)  # fmt: skip
_UNASSIGNED = (
    Column("starts_at", TIME), Column("in_days", COUNTS), Column("id", COUNTS), Column("name"),
    Column("attendees", COUNTS), Column("free", Kind.LINE), COMMAND,
)  # fmt: skip


def calendar(context: Context, period: Period, whose: Whose) -> Listing:
    """A row per event that takes place in the period, with the others of the same person that it overlaps with.

    Where a table is wanted, with strips of its days, weeks, months and years, of which the table takes the first that
    finds room.
    """
    found = _taking_place(context, period, whose)
    doubled = overlaps(near(context, [row[:2] for row in found], {row[7] for row in found} - {None}))
    drawn = scales(period) if context.format is Format.TABLE else []
    rows: list[Sequence[Any]] = [_of_calendar(context, row, doubled.get(row[2], []), drawn) for row in found]
    columns = [*_CALENDAR, *(scale.column for scale in drawn), COMMAND]
    said = totals(counted(len(rows), "event"), f"{counted(sum(row[7] for row in rows), 'event')} on a weekend")
    if twice := sum(row[8] is not None for row in rows):
        said += f"\n! {twice} of them overlap with another one of the same person"
    if context.format is Format.TABLE:
        said += "" if drawn else f"\nMore than {MOST_SIGNS} years are not drawn."
        columns, rows = _narrowed(columns, rows, without=() if twice else ("overlaps",))
    return Listing(columns, rows, lambda shown: said if shown else f"No event takes place in {period}.")


def _taking_place(context: Context, period: Period, whose: Whose) -> list[Any]:
    """The columns of the calendar up to the attendees, then the number of the support person."""
    fields = [field for column in _CALENDAR[:7] if (field := Event.field(column.name))]
    query = Event.view([*fields, Field("support_id", COUNTS, Event.support_id)]).where(allowed(context, Event))
    query = query.where((Event.starts_at < period.end(context)) & (Event.ends_at > period.start(context)))
    return list(whose.narrow(query, Event).order_by(Event.starts_at, Event.id).tuples())


def _of_calendar(context: Context, found: Sequence[Any], others: list[Busy], drawn: Sequence[Scale]) -> list[Any]:
    """One row: with whether it touches a weekend, whom it overlaps with, its strips, and its command."""
    starts_at, ends_at, number = found[:3]
    first, last = starts_at.astimezone(context.zone).date(), last_day(context, ends_at)
    twice = [(max(starts_at, one.starts_at), min(ends_at, one.ends_at)) for one in others]
    doubled = [(begin.astimezone(context.zone).date(), last_day(context, end)) for begin, end in twice]
    weekend = (last - first).days >= 5 or first.weekday() + (last - first).days >= 5
    names = ", ".join(str(one.number) for one in sorted(others, key=lambda one: one.number)) or None
    strips = [scale.strip([(first, last)], doubled) for scale in drawn]
    return [*found[:7], weekend, names, *strips, lists("events", f"id = {number}")]


def _narrowed(
    columns: list[Column], rows: list[Sequence[Any]], without: Sequence[str]
) -> tuple[list[Column], list[Sequence[Any]]]:
    """What a screen has room for."""
    names = set(_ON_SCREEN) - set(without)
    kinds = (Kind.STRIP, Kind.COMMAND)
    shown = [place for place, one in enumerate(columns) if one.name in names or one.kind in kinds]
    return [columns[place] for place in shown], [[row[place] for place in shown] for row in rows]


def workload(context: Context, period: Period, support: Employee | None) -> Listing:
    """Events that start in each week, per active support person, and the first day without any from today on."""
    week = sql.DATE_TRUNC("week", local(context, Event.starts_at)).cast("date")
    query = readable(
        context, Event, Event.support_id, week, sql.COUNT(SQL("*")), sql.COALESCE(sql.SUM(Event.attendees), 0)
    )
    query = query.where(period.holds(context, Event.starts_at) & Event.support_id.is_null(False))
    found = {(who, first): figures for who, first, *figures in query.group_by(Event.support_id, week).tuples()}
    start = max(period.first, context.today)
    taken = busy_days(context, start)
    rows = []
    for who, username in _people(context, support, {who for who, _ in found}):
        known = sees_all(context) or who == context.actor.employee_id
        for one in period.weeks():
            events, attendees = found.get((who, monday(one.first)), (0, 0))
            command = lists("events", of("support", username), one.condition("starts_at"))
            free = taken.get(who, start) if known else None
            rows.append((username, week_name(one.first), one.first, events, attendees, free, command))
    said = totals(counted(sum(row[3] for row in rows), "event"), counted(sum(row[4] for row in rows), "attendee"))
    return report(
        _WORKLOAD, rows, [(row[3],) for row in rows], lambda: said if rows else "Nobody of support is active."
    )


def _people(context: Context, support: Employee | None, busy: set[int]) -> list[tuple[int, str]]:
    """The active support people by username, and who else is busy; who reads a part only is told of the busy alone."""
    if support:
        return [(support.id, support.username)]
    active = (Employee.department == "support") & Employee.active
    if not sees_all(context):
        active &= Employee.id == context.actor.employee_id
    people = Employee.select(Employee.id, Employee.username).where(active | Employee.id.in_(busy or {0}))
    return list(people.order_by(Employee.username).tuples())


def unassigned(context: Context, period: Period | None, sales: Employee | None, limit: int | None) -> Listing:
    """Events without support, soonest first, each with the support people who have nothing else at that time."""
    fields = (Event.starts_at, Event.ends_at, Event.id, Event.name, Event.attendees)
    query = readable(context, Event, *fields, sql.COUNT(SQL("*")).over()).where(Event.support_id.is_null())
    query = query.where(
        period.holds(context, Event.starts_at) if period else Event.starts_at >= context.midnight(context.today)
    )
    if sales:
        query = query.where(Event.sales_id == sales.id)
    found = list(query.order_by(Event.starts_at, Event.id).limit(limit).tuples())
    people = _people(context, None, set()) if found else []
    free = Free(near(context, [row[:2] for row in found], None)) if sees_all(context) else None
    rows = [
        (
            starts_at, (starts_at.astimezone(context.zone).date() - context.today).days, number, name, attendees,
            free and ", ".join(username for who, username in people if free.at(who, starts_at, ends_at)),
            lists("events", f"id = {number}"),
        )
        for starts_at, ends_at, number, name, attendees, _ in found
    ]  # fmt: skip
    return Listing(_UNASSIGNED, rows, lambda shown: _unassigned_footer(shown, found, period))


def _unassigned_footer(shown: int, found: Sequence[Any], period: Period | None) -> str:
    if not shown:
        return f"No event without support {f'starts in {period}' if period else 'is to come'}."
    in_all = found[0][-1]
    if in_all > shown:
        return f"{shown} of {in_all} events without support (--limit shows more)"
    return f"{counted(shown, 'event')} without support"
