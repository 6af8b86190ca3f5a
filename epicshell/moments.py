"""Dates and times as people write them, in English and French: text in, value out, or Invalid."""

import datetime as dt
import re
import unicodedata
from contextlib import suppress
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from epicshell.errors import Invalid
from epicshell.text import fold, one_space, quote

FIRST_YEAR, LAST_YEAR = 1900, 2200

_DATES = "Accepted: 2024-06-15, 15 Jun 2024, 15 juin 2024, today, tomorrow, +3d, -2w."
_TIMES = "Accepted: 2024-06-15 14:30, 15 Jun 2024 2:30PM, 15 juin 2024 14h30, tomorrow 14:30."
_NAMED_DAYS = {"yesterday": -1, "today": 0, "tomorrow": 1, "hier": -1, "aujourd'hui": 0, "demain": 1}
_DISTANCE = r"(?i)([+-] ?[0-9]{1,6}) ?([dw])"
_NUMBERS = r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})"
_DAY = r"(?P<day>[0-9]{1,2})"
_MONTH = r"(?P<month>[^\W\d_]+)\.?"
_YEAR = r"(?P<year>[0-9]{4})"
_ORDINAL = "(?:st|nd|rd|th|er|e)?"
_FORMS = (
    rf"{_YEAR}-(?P<month>[0-9]{{1,2}})-{_DAY}",
    rf"(?i){_DAY}{_ORDINAL}[ -]?{_MONTH}(?:, ?|[ -])?{_YEAR}",
    rf"(?i){_MONTH}[ -]?{_DAY}{_ORDINAL}(?:, ?|[ -]){_YEAR}",
)
_MOMENT = r"""(?xi)
        (?P<date>.+?) (?: (?<=[0-9])T | [ ]?[@,][ ]? | [ ](?:(?:at|à)[ ])? )
        (?P<hour>[0-9]{1,2})
        (?: :(?P<minute>[0-9]{2}) (?: :(?P<second>[0-9]{2}) (?:[.,](?P<fraction>[0-9]{1,6}))? )?
          | [ ]?h[ ]?(?P<past>[0-9]{2})?
          | (?=[ ]?[ap]\.?m) )
        (?: [ ]?(?P<half>[ap])\.?m\.? )?
        (?: [ ]?(?P<offset>Z | [+-][0-9]{2}(?::?[0-5][0-9](?::?[0-5][0-9])?)?) )?"""
_MONTHS = [
    ("January", "janvier"),
    ("February", "fevrier"),
    ("March", "mars"),
    ("April", "avril"),
    ("May", "mai"),
    ("June", "juin"),
    ("July", "juillet"),
    ("August", "aout"),
    ("September", "septembre"),
    ("October", "octobre"),
    ("November", "novembre"),
    ("December", "decembre"),
]


def date(text: str, today: dt.date) -> dt.date:
    """A day from 1900 to 2200; today: what "today", "+3d" and "-2w" count from.

    Raises Invalid, also for 04/06/2023, which is read differently in different countries.
    """
    plain = _tidy(text)
    if plain.lower() in _NAMED_DAYS:
        return _day_from(text, today, _NAMED_DAYS[plain.lower()])
    if found := re.fullmatch(_DISTANCE, plain):
        number = int(found[1].replace(" ", ""))
        return _day_from(text, today, number * (7 if found[2] in "wW" else 1))
    for form in _FORMS:
        if found := re.fullmatch(form, plain):
            return _day(text, int(found["year"]), _month(text, found["month"]), int(found["day"]))
    raise _not_a_date(text, plain)


def _tidy(text: str) -> str:
    return one_space(unicodedata.normalize("NFC", text)).replace("’", "'")


def _day_from(text: str, today: dt.date, days: int) -> dt.date:
    ordinal = today.toordinal() + days
    if not dt.date(FIRST_YEAR, 1, 1).toordinal() <= ordinal <= dt.date(LAST_YEAR, 12, 31).toordinal():
        raise out_of_range(text)
    return dt.date.fromordinal(ordinal)


def out_of_range(text: str) -> Invalid:
    """What is said of a date that is not of these years."""
    return Invalid(f"{quote(text)} is out of range.", f"Accepted: years {FIRST_YEAR} to {LAST_YEAR}.")


def _month(text: str, name: str) -> int:
    """The number of the month that `name` is or begins, with three letters at least."""
    if name.isdecimal():
        return int(name)
    word = fold(name)
    numbers = [
        number
        for number, (english, french) in enumerate(_MONTHS, 1)
        if english.lower().startswith(word) or french.startswith(word)
    ]
    if len(word) < 3 or len(numbers) != 1:
        raise Invalid(f"{quote(text)} is not a date: {quote(name)} does not name one month.", _DATES)
    return numbers[0]


def _day(text: str, year: int, month: int, day: int) -> dt.date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise out_of_range(text)
    if not 1 <= month <= 12:
        raise Invalid(f"{quote(text)} is not a date: there is no month {month}.")
    days = (dt.date(year + month // 12, month % 12 + 1, 1) - dt.date(year, month, 1)).days
    if not 1 <= day <= days:
        raise Invalid(f"{quote(text)} is not a date: {_MONTHS[month - 1][0]} {year} has {days} days.")
    return dt.date(year, month, day)


def _not_a_date(text: str, plain: str) -> Invalid:
    found = re.fullmatch(_NUMBERS, plain)
    readings = _readings(*map(int, found.groups())) if found else []
    if not readings:
        return Invalid(f"{quote(text)} is not a date.", _DATES)
    return Invalid(
        f"{quote(text)} is not accepted: is the day first, or the month?",
        f"Write {' or '.join(readings)}.",
    )


def _readings(first: int, second: int, year: int) -> list[str]:
    """The dates that two numbers and a year could stand for, day first, then month first."""
    readings = {}
    for day, month in ((first, second), (second, first)):
        with suppress(ValueError):
            readings[str(dt.date(year, month, day))] = True
    return list(readings)


def timestamp(text: str, zone: ZoneInfo, now: dt.datetime) -> dt.datetime:
    """A moment in UTC, from a date and a time in `zone`, or with an offset of its own.

    now: an aware datetime, what "today" and "+3d" count from. Raises Invalid, also for a missing time, and
    for a time that `zone` skips or has twice on that day.
    """
    today = now.astimezone(zone).date()
    found = re.fullmatch(_MOMENT, _tidy(text))
    if not found:
        raise _not_a_moment(text, today)
    local = dt.datetime.combine(date(found["date"], today), _time(text, found))
    if found["offset"]:
        return local.replace(tzinfo=_offset(text, found["offset"])).astimezone(dt.UTC)
    return _in_zone(text, local, zone)


def _not_a_moment(text: str, today: dt.date) -> Invalid:
    try:
        day = date(text, today)
    except Invalid as error:
        if re.fullmatch(_NUMBERS, _tidy(text)):
            return error  # it says which two dates that could be
        return Invalid(f"{quote(text)} is not a date and a time.", _TIMES)
    return Invalid(f"{quote(text)} has no time.", f"Write {day} 14:30.")


def _time(text: str, found: re.Match[str]) -> dt.time:
    hour, minute = int(found["hour"]), int(found["minute"] or found["past"] or 0)
    second, fraction = int(found["second"] or 0), (found["fraction"] or "").ljust(6, "0")
    if found["half"]:
        if not 1 <= hour <= 12:
            raise Invalid(f"{quote(text)} is not a time: hours before AM and PM are 1 to 12.", _TIMES)
        hour = hour % 12 + (12 if found["half"] in "pP" else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise Invalid(f"{quote(text)} is not a time: the last of a day is 23:59:59.", _TIMES)
    return dt.time(hour, minute, second, int(fraction))


def _offset(text: str, offset: str) -> dt.tzinfo | None:
    try:
        return dt.time.fromisoformat(f"00:00{offset.upper()}").tzinfo
    except ValueError:
        raise Invalid(f"{quote(text)} has an impossible offset.", "Accepted: Z, +02:00.") from None


def is_zone(name: str) -> bool:
    """Whether this Python knows a time zone of the IANA database by this name."""
    try:
        return bool(ZoneInfo(name))
    except (ValueError, OSError, ZoneInfoNotFoundError):  # a path, a folder, unknown
        return False


def _in_zone(text: str, local: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """`local` in UTC; in a gap of `zone` the offset grows, in a repeated hour it shrinks (PEP 495)."""
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    before, after = first.utcoffset(), second.utcoffset()
    if before == after:
        return first.astimezone(dt.UTC)
    if before is not None and after is not None and before < after:
        raise Invalid(
            f"{quote(text)} does not exist in {zone}: the clocks are put forward over it.",
            f"Write {first.astimezone(dt.UTC).astimezone(zone):%Y-%m-%d %H:%M} or another time.",
        )
    raise Invalid(f"{quote(text)} happens twice in {zone}.", f"Write {first} or {second}.")
