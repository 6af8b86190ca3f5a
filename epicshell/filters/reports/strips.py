"""A line of signs for an event: when in a period it takes place, by days, weeks, months or years."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from epicshell.filters.reports.period import Period
from epicshell.results import Column, Kind

MOST_SIGNS = 62
Span = tuple[dt.date, dt.date]  #: its first day and its last


@dataclass(frozen=True)
class Scale:
    """What each sign of a strip stands for.

    column: its heading is a letter for each day, or for the first week of each month, for each month or year.
    empty: the letters of a strip with nothing in it (`render.bars.STRIP`). firsts: the first day of each. last: of all.
    """

    column: Column
    empty: str
    firsts: Sequence[dt.date]
    last: dt.date

    def strip(self, taken: Sequence[Span], doubled: Sequence[Span]) -> str:
        """The letters of a strip. taken: when the event takes place; doubled: when another one does, too."""
        letters = list(self.empty)
        for letter, spans in (("#", taken), ("!", doubled)):
            for first, last in spans:
                if first <= self.last:
                    begin, end = max(bisect_right(self.firsts, first) - 1, 0), bisect_right(self.firsts, last)
                    letters[begin:end] = letter * (end - begin)
        return "".join(letters)


def scales(period: Period) -> list[Scale]:
    """The ways to draw a period in at most MOST_SIGNS signs, the finest first; none for one that is too long."""
    if (period.last - period.first).days // 365 > MOST_SIGNS:
        return []
    days = [Period(day, day) for day in period.days()]
    weeks, months, years = period.weeks(), period.months(), period.years()
    found = [
        _scale("".join("MTWTFSS"[day.first.weekday()] for day in days), days, by_day=True),
        _scale("".join(map(_month_begun, [True] + [False] * len(weeks), weeks)) + " weeks", weeks),
        _scale("".join(map(_month, months)) + " months", months),
        _scale("".join(f"{year.first:%Y}"[-1] for year in years) + " years", years),
    ]
    return [scale for scale in found if len(scale.empty) <= MOST_SIGNS]


def _scale(name: str, parts: Sequence[Period], *, by_day: bool = False) -> Scale:
    empty = "".join(":" if by_day and part.first.weekday() >= 5 else "." for part in parts)
    return Scale(Column(name, Kind.STRIP), empty, [part.first for part in parts], parts[-1].last)


def _month(part: Period) -> str:
    return "JFMAMJJASOND"[part.last.month - 1]


def _month_begun(leading: bool, week: Period) -> str:
    """The month of a week in which one begins, and of the first week."""
    begins = week.first.day == 1 or week.first.month != week.last.month
    return _month(week) if leading or begins else " "
