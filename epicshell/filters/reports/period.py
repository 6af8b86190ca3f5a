"""Periods of reports: whole days in the company's zone, and the same as conditions of commands."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any

from peewee import Expression

from epicshell.context import Context
from epicshell.errors import Invalid
from epicshell.filters.where import periods
from epicshell.fuzzy import best
from epicshell.params.base import Candidate, Param
from epicshell.policy import Permission
from epicshell.text import quote

_ACCEPTED = "Accepted: this-month, last-quarter, 2026, 2026-q1, 2026-03, 2026-w24, 2026-03..2026-06, 30d, 12mo."
_OFFERED = (
    "this-month", "last-month", "this-quarter", "last-quarter", "this-year", "last-year", "this-week", "next-week",
    "next-month", "14d", "6w", "12mo",
)  # fmt: skip
_LENGTH = "([1-9][0-9]{0,3})(d|w|mo|y)"
MOST_MONTHS = 600


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days, both ends included."""

    first: dt.date
    last: dt.date

    def holds(self, context: Context, moment: Any) -> Expression:
        """The condition that a moment, an expression, lies in it."""
        return (moment >= self.start(context)) & (moment < self.end(context))

    def start(self, context: Context) -> dt.datetime:
        return context.midnight(self.first)

    def end(self, context: Context) -> dt.datetime:
        """The first moment behind it."""
        return context.midnight(self.last + dt.timedelta(1))

    def condition(self, field: str) -> str:
        """That a date lies in it, in the language of filters: `paid_on = 2026-03`, `paid_on in 2026-03..2026-05`."""
        return f"{field} = {self.name}" if self.name else f"{field} in {self.range}"

    @property
    def name(self) -> str:
        """What one word of the language calls it, such as 2026-03; empty if none does."""
        first, last = self.first, self.last
        names = {
            first: f"{first}",
            _end_of(first, "w"): week_name(first) if first.weekday() == 0 else "",
            _end_of(first, "mo"): f"{first:%Y-%m}" if first.day == 1 else "",
            _end_of(first, "y"): f"{first:%Y}" if (first.day, first.month) == (1, 1) else "",
        }
        return names.get(last, "")

    def __str__(self) -> str:
        """For people, and as it may be typed: `2026-03`, `2026-03-05..2026-04-15`."""
        return self.name or self.range

    @property
    def range(self) -> str:
        """Its two ends, by months if they are whole: `2026-03..2026-05`."""
        if self.first.day == 1 and (self.last + dt.timedelta(1)).day == 1:
            return f"{self.first:%Y-%m}..{self.last:%Y-%m}"
        return f"{self.first}..{self.last}"

    def meets(self, other: "Period") -> "Period":
        """The days that two have in common, of which there is one at least."""
        return Period(max(self.first, other.first), min(self.last, other.last))

    def years(self) -> list["Period"]:
        """Its days by year."""
        return self._cut("y", self.first.replace(month=1, day=1))

    def months(self) -> list["Period"]:
        """Its days by month."""
        return self._cut("mo", self.first.replace(day=1))

    def weeks(self) -> list["Period"]:
        """Its days by week (ISO 8601: from Monday)."""
        return self._cut("w", monday(self.first))

    def days(self) -> list[dt.date]:
        return [self.first + dt.timedelta(number) for number in range((self.last - self.first).days + 1)]

    def _cut(self, unit: str, first: dt.date) -> list["Period"]:
        found = []
        while first <= self.last:
            last = _end_of(first, unit)
            found.append(self.meets(Period(first, last)))
            first = last + dt.timedelta(1)
        return found


def monday(day: dt.date) -> dt.date:
    """The first day of its week."""
    return day - dt.timedelta(day.weekday())


def week_name(day: dt.date) -> str:
    """Its week, such as 2026-w05 (ISO 8601, in which a year's first week may begin in the year before)."""
    year, week, _ = day.isocalendar()
    return f"{year}-w{week:02}"


def _end_of(first: dt.date, unit: str) -> dt.date:
    if unit == "w":
        return first + dt.timedelta(6)
    return periods.months_on(first, 12 if unit == "y" else 1) - dt.timedelta(1)


def lately(today: dt.date, months: int = 12) -> Period:
    """The month of today and those before it."""
    first = periods.months_on(today.replace(day=1), 1 - months)
    return Period(first, _end_of(today.replace(day=1), "mo"))


class PeriodParam(Param):
    """The days that a report is about: a date word of the filter language, two of them, or a length.

    ahead: whether a length counts from today on; else it ends today.
    """

    metavar = "PERIOD"
    accepts = "a period such as this-month, 2026-q1, 2026-03..2026-06 or 30d"
    at_once = True

    def __init__(self, *, ahead: bool) -> None:
        self.ahead = ahead

    def parse(self, text: str, context: Context, needs: Permission | None) -> Period:
        typed = text.strip().lower()
        if found := re.fullmatch(_LENGTH, typed):
            return self._long(int(found[1]), found[2], context.today)
        begin, dots, end = typed.partition("..")
        (first, _), (_, after) = (
            periods.period(word, context.now, context.zone).days(context.zone)
            for word in (begin, end if dots else begin)
        )
        if after <= first:
            raise Invalid(f"{quote(text)} ends before it begins.", _ACCEPTED)
        return Period(first, after - dt.timedelta(1))

    def _long(self, number: int, unit: str, today: dt.date) -> Period:
        months = {"mo": 1, "y": 12}.get(unit, 0) * number
        days = dt.timedelta({"d": 1, "w": 7}.get(unit, 0) * number)
        if months > MOST_MONTHS or days > dt.timedelta(31 * MOST_MONTHS):
            raise Invalid(f"{number}{unit} is too long.", f"Accepted: up to {MOST_MONTHS // 12} years.")
        if self.ahead:
            return Period(today, periods.months_on(today, months) + days - dt.timedelta(1))
        return Period(periods.months_on(today, -months) - days + dt.timedelta(1), today)

    def candidates(self, prefix: str, context: Context, needs: Permission | None) -> Iterable[Candidate]:
        before, dots, typed = prefix.rpartition("..")
        words = best(typed, _OFFERED, str)
        return [Candidate(before + dots + word, str(self.parse(word, context, needs))) for word in words]


PAST, COMING = PeriodParam(ahead=False), PeriodParam(ahead=True)
Past = Annotated[Period, PAST]
Coming = Annotated[Period, COMING]
