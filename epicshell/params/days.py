"""Days and times as completions: today, tomorrow, the days around by their weekday, and the hours of a day."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator

from epicshell import moments
from epicshell.context import Context
from epicshell.errors import Invalid
from epicshell.params.base import Candidate, Scalar
from epicshell.policy import Permission
from epicshell.text import fold, words

DAY_NAMES = {"today": 0, "tomorrow": 1, "yesterday": -1}
_AROUND = [*range(2, 8), *range(-2, -8, -1)]  #: days from today, the coming ones first
_UNITS = {"d": 1, "w": 7}
HOURS = ("09:00", "10:00", "12:00", "14:00", "18:00", "20:00")
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Day(Scalar):
    """A date; `fri` finds the Fridays around, `+3` the day in three days."""

    at_once = True

    def candidates(self, prefix: str, context: Context, needs: Permission | None) -> Iterable[Candidate]:
        return list(days(prefix, context.today))


class Moment(Scalar):
    """A date and a time: a day and an hour that is usual."""

    at_once = True

    def candidates(self, prefix: str, context: Context, needs: Permission | None) -> Iterable[Candidate]:
        day, space, time = prefix.partition(" ")
        if space:
            return [Candidate(f"{day} {hour}", named) for named in _named(day, context) for hour in _hours(time)]
        return [Candidate(f"{one.text} 09:00", one.meaning) for one in days(day, context.today)]


def spoken(day: dt.date) -> str:
    """`Friday 20 Nov 2026`, in the words that everybody's company speaks, whatever the locale."""
    return f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def days(prefix: str, today: dt.date) -> Iterator[Candidate]:
    """The days that a text begins to name, by their date, weekday or distance."""
    if distance := re.fullmatch("([+-])([0-9]{1,3})", prefix):
        for unit, days in _UNITS.items():
            day = today + dt.timedelta(int(distance[0]) * days)
            yield Candidate(prefix + unit, spoken(day))
        return
    near = {name: today + dt.timedelta(days) for name, days in DAY_NAMES.items()}
    near |= {str(day): day for day in (today + dt.timedelta(days) for days in _AROUND)}
    for text, day in near.items():
        if any(word.startswith(fold(prefix)) for word in (text, *words(spoken(day))[:1])):
            yield Candidate(text, spoken(day))


def _named(text: str, context: Context) -> list[str]:
    try:
        return [spoken(moments.date(text, context.today))]
    except Invalid:
        return []


def _hours(prefix: str) -> list[str]:
    return [hour for hour in HOURS if hour.startswith(prefix)]
