"""Dates of expressions: each is a half-open period of time in the company's zone, from its start up to its end.

Weeks begin on Monday, `2024-w24` counts them as ISO 8601 does. Days, weeks, months begin at local midnight, so a day
may have 23 or 25 hours. `now` and ±N(min|h) are moments, of one microsecond; "2024-06-15 10:30" is that minute.
"""

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from epicshell import moments
from epicshell.errors import Invalid
from epicshell.text import one_space, quote

FIRST, LAST = dt.date(moments.FIRST_YEAR, 1, 1), dt.date(moments.LAST_YEAR, 12, 31)
ACCEPTED = "Accepted: today, next-week, last-quarter, -90d, +2w, 2024, 2024-06, 2024-q2, 2024-w24, 2024-06-15."
_AROUND = [f"{which}-{unit}" for which in ("this", "next", "last") for unit in ("week", "month", "quarter", "year")]
NAMED = ("now", "today", "tomorrow", "yesterday", *_AROUND)
_DAYS = {"today": 0, "tomorrow": 1, "yesterday": -1}
_WHICH = {"last": -1, "this": 0, "next": 1}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_DISTANCE = re.compile(r"(?i)([+-][0-9]{1,6})(min|h|d|w|mo|y)")
_MINUTES = re.compile(r"(?i)([+-][0-9]{1,6})m")
#: 7d, -90days, 3 days ago
_ALMOST = re.compile(r"([+-]?)([0-9]{1,6}) ?(min|h|d|w|mo|y)[a-z]*( ago)?")
_YEAR = r"(?P<year>[0-9]{4})"
_CALENDAR = re.compile(rf"(?i){_YEAR}(?:-(?:(?P<month>[0-9]{{1,2}})|q(?P<quarter>[0-9])|w(?P<week>[0-9]{{1,2}})))?")
_MINUTE = re.compile(r".*[0-9][:h][0-9]{2}|.*[0-9] ?(?:[ap]\.?m\.?|h)", re.IGNORECASE)
_TICK = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From start up to end. Days: dates, of whole days in the zone. Else aware datetimes."""

    start: dt.date | dt.datetime
    end: dt.date | dt.datetime

    def in_zone(self, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
        """Its moments: days begin at local midnight."""
        return _moment(self.start, zone), _moment(self.end, zone)

    def days(self, zone: ZoneInfo) -> tuple[dt.date, dt.date]:
        """Its days, from the first up to the one behind the last: of a moment, the day that it lies in."""
        if isinstance(self.start, dt.datetime):
            day = self.start.astimezone(zone).date()
            return day, day + dt.timedelta(1)
        return self.start, self.end


def _moment(edge: dt.date | dt.datetime, zone: ZoneInfo) -> dt.datetime:
    return edge if isinstance(edge, dt.datetime) else dt.datetime.combine(edge, dt.time(), zone)


def period(text: str, now: dt.datetime, zone: ZoneInfo) -> Period:
    """The period that a text stands for.

    now: an aware datetime. Raises Invalid, also for +3m (minutes or months?), 04/06/2023 (day or month?), and for
    a time that the zone skips or has twice on that day.
    """
    plain = one_space(text).lower()
    if plain == "now":
        return Period(now, now + _TICK)
    today = now.astimezone(zone).date()
    which, _, unit = plain.partition("-")
    if plain in _DAYS:
        return _day(today + dt.timedelta(_DAYS[plain]))
    if plain in NAMED:
        return _within(text, _around(today, _WHICH[which], unit))
    if found := _DISTANCE.fullmatch(plain):
        return _away(text, now, today, int(found[1]), found[2])
    if found := _CALENDAR.fullmatch(plain):
        return _within(text, _of_calendar(text, found))
    return _single(text, plain, now, zone)


def _single(text: str, plain: str, now: dt.datetime, zone: ZoneInfo) -> Period:
    """A minute, or a day, however it is written."""
    if found := _MINUTES.fullmatch(plain):
        raise Invalid(f"{quote(text)} is not accepted: minutes or months?", f"Write {found[1]}min or {found[1]}mo.")
    if _MINUTE.fullmatch(plain):
        start = moments.timestamp(text, zone, now)
        return Period(start, start + (dt.timedelta(seconds=1) if start.second else dt.timedelta(minutes=1)))
    try:
        return _day(moments.date(text, now.astimezone(zone).date()))
    except Invalid as error:
        if "Accepted: 2024-06-15" in error.hint:
            meant = otherwise(text)
            raise Invalid(error.sentence, f"Write {' or '.join(meant)}." if meant else ACCEPTED) from None
        raise


def otherwise(text: str) -> list[str]:
    """The dates that may be meant by a text which is written as people speak: next week, 7d, 3 days ago."""
    plain = one_space(text).lower()
    if (name := re.sub(r"^(last|this|next) ?", r"\1-", plain)) in NAMED:
        return [name]
    found = _ALMOST.fullmatch(plain)
    if not found:
        return []
    signs = "-" if found[4] else found[1] or "+-"
    return [f"{sign}{found[2]}{found[3]}" for sign in signs]


def is_date(text: str) -> bool:
    """Whether a word looks like a date of expressions: then it is not taken for a number or a yes."""
    plain = text.lower()
    return plain in NAMED or bool(_DISTANCE.fullmatch(plain) or (_CALENDAR.fullmatch(plain) and "-" in plain))


def _day(day: dt.date) -> Period:
    return Period(day, day + dt.timedelta(1))


def _around(today: dt.date, which: int, unit: str) -> Period:
    """The week, month, quarter or year of today, or the one before or after it."""
    if unit == "week":
        monday = today + dt.timedelta(7 * which - today.weekday())
        return Period(monday, monday + dt.timedelta(7))
    months = _MONTHS[unit]
    first = today.replace(day=1)
    start = months_on(first, months * which - (first.month - 1) % months)
    return Period(start, months_on(start, months))


def months_on(day: dt.date, months: int) -> dt.date:
    """The same day some months later or earlier; the last of a month that is shorter.

    Raises ValueError beyond the years of datetime.
    """
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = dt.date(years, month + 1, 1)
    last = (dt.date(years + (month + 1) // 12, (month + 1) % 12 + 1, 1) - first).days
    return first.replace(day=min(day.day, last))


def _away(text: str, now: dt.datetime, today: dt.date, number: int, unit: str) -> Period:
    """So far from now: a moment for minutes and hours, else a day."""
    try:
        if unit in ("min", "h"):
            moment = now + dt.timedelta(**{"minutes" if unit == "min" else "hours": number})
            return Period(moment, moment + _TICK)
        if unit in ("mo", "y"):
            return _within(text, _day(months_on(today, number * (12 if unit == "y" else 1))))
        return _within(text, _day(today + dt.timedelta(number * (7 if unit == "w" else 1))))
    except (ValueError, OverflowError):
        raise moments.out_of_range(text) from None


def _of_calendar(text: str, found: re.Match[str]) -> Period:
    year = int(found["year"])
    if not FIRST.year <= year <= LAST.year:
        raise moments.out_of_range(text)
    if found["week"]:
        return _week(text, year, int(found["week"]))
    if found["month"]:
        return _months(text, year, int(found["month"]), 1, "month")
    if found["quarter"]:
        return _months(text, year, int(found["quarter"]), 3, "quarter")
    return Period(dt.date(year, 1, 1), dt.date(year + 1, 1, 1))


def _months(text: str, year: int, number: int, length: int, unit: str) -> Period:
    if not 1 <= number <= 12 // length:
        raise Invalid(f"{quote(text)} is not a date: there is no {unit} {number}.", ACCEPTED)
    start = dt.date(year, length * (number - 1) + 1, 1)
    return Period(start, months_on(start, length))


def _week(text: str, year: int, week: int) -> Period:
    try:
        monday = dt.date.fromisocalendar(year, week, 1)
    except ValueError:
        raise Invalid(f"{quote(text)} is not a date: {year} has no week {week}.", ACCEPTED) from None
    return Period(monday, monday + dt.timedelta(7))


def _within(text: str, found: Period) -> Period:
    """Raises Invalid for a period beyond the years that are accepted."""
    assert not isinstance(found.start, dt.datetime)
    if not FIRST <= found.start <= LAST:
        raise moments.out_of_range(text)
    return found
