"""Values as event sheets have them: numbers with words around them, dates as text or as a spreadsheet's own."""

import datetime as dt
import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from epicshell import moments
from epicshell.errors import Invalid
from epicshell.sheets.legacy.grid import Cell
from epicshell.text import clean, fold, quote

MOST_ATTENDEES = 10_000_000
HIGHEST_ID = 2_147_483_647

_LONGEST = 200  #: characters that are looked at where a number or a date should be; with more it is none

_IDS = f"Accepted: a number from 1 to {HIGHEST_ID}."
_COUNTS = "Accepted: a number such as 75, or ~200."
_TIMES = "Accepted: 4 Jun 2023 @ 1PM, 4 juin 2023 à 13h, 2023-06-04 13:00, a date cell with a time."
_ID = r"(?i)(?:n°|nº|no\.?|#)? ?([0-9]{1,10})(?:[.,]0+)?"
_ABOUT = r"(?:~|≈|±|about|approx(?:imately|imativement|\.)?|around|circa|ca\.?|env(?:iron|\.)?|a peu pres)"
_PEOPLE = r"(?:people|persons?|personnes?|pers\.?|pax|guests?|attendees|participants?|invites?|invitees?)"
_ROUGHLY = r"(?:approx(?:imately|imativement|\.)?|env(?:iron|\.)?|tbc|a confirmer|max(?:imum|\.)?)"
_COUNT = (
    rf"(?P<about>{_ABOUT})? ?(?P<count>[0-9]+|[0-9]{{1,3}}(?: [0-9]{{3}})+)(?P<more> ?\+)?"
    rf" ?{_PEOPLE}?\.?(?P<roughly> ?\(?{_ROUGHLY}\)?)?"
)
_UNKNOWN = {"", "?", "??", "-", "–", "—", "tbd", "tbc", "n/a", "unknown", "inconnu", "a definir", "a confirmer"}
_WEEKDAYS = (
    ("monday", "lundi"), ("tuesday", "mardi"), ("wednesday", "mercredi"), ("thursday", "jeudi"),
    ("friday", "vendredi"), ("saturday", "samedi"), ("sunday", "dimanche"),
)  # fmt: skip
#: What a date goes on with behind the day of the week: "Mar 4 juin", but not "Mar 4 2023".
_REST = r"[0-9]{1,2}\S* +[^\W\d]|[^\W\d]{3,}\S* +[0-9]|[0-9]{4}-"
#: What only people write, and how it is written for anyone.
_PEOPLE_WRITE = [
    (re.compile(r"^([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})(?![0-9/])"), r"\1-\2-\3"),
    (re.compile(r"(?<=[0-9]{4})(?:,| [-–—])(?= )"), ""),  # 4 juin 2023, à 13h; 4 juin 2023 - 13h
    (re.compile(r"(?i)(?<=[0-9]) ?heures?(?: (?=[0-9])|$)"), "h"),
    (re.compile(r"(?i)(?<= )(?:noon|midi)$"), "12:00"),
]
_MIDNIGHT = re.compile(r"(?i)(?:^|[ @])(?:midnight|minuit)$")

Cells = Sequence[tuple[Cell, str]]


def number(cells: Cells) -> int:
    """The id of a record: 109, "N° 109", "#109". Raises Invalid."""
    text = cells[0][1]
    found = re.fullmatch(_ID, text)
    if not found or not 1 <= int(found[1]) <= HIGHEST_ID or isinstance(cells[0][0].value, bool):
        raise Invalid(f"{quote(text)} is no number of a record.", _IDS)
    return int(found[1])


def attendees(text: str) -> tuple[int | None, str]:
    """How many people come, and a warning, "" unless the text is not exact. Raises Invalid."""
    plain = fold(" ".join(text[:_LONGEST].split()))
    if plain in _UNKNOWN:
        return None, f"{quote(text)} is taken as unknown."
    found = re.fullmatch(_COUNT, plain)
    count = int(found["count"].replace(" ", "")) if found and len(found["count"]) < 12 else -1
    if found is None or not 0 <= count <= MOST_ATTENDEES:
        raise Invalid(f"{quote(text)} is no number of people.", _COUNTS)
    exact = not (found["about"] or found["more"] or found["roughly"])
    return count, "" if exact else f"{quote(text)} is taken as {count}."


def one_line(cells: Cells, between: str, longest: int) -> str:
    """The lines of a value as one. between: what joins them, unless they do so themselves. Raises Invalid."""
    lines = [line.strip() for _, text in cells for line in text.split("\n") if line.strip()]
    joined = lines[0] if lines else ""
    for line in lines[1:]:
        joined += (" " if joined.endswith((",", ";")) else between) + line
    if not clean(joined, longest=longest):
        raise Invalid("It is empty.", f"Accepted: a text of 1 to {longest} characters.")
    return clean(joined, longest=longest)


def moment(cells: Cells, zone: ZoneInfo, now: dt.datetime) -> dt.datetime:
    """A moment in UTC from a text, a date cell with a time, or two cells, of which one has the time.

    Raises Invalid for what is impossible, ambiguous, without a time, or without a year.
    """
    values = [cell.value for cell, _ in cells]
    if len(values) == 2:
        return _moment(_joined(*values), zone, now)
    if isinstance(values[0], dt.datetime):
        return _moment(_of_cell(values[0]), zone, now)
    if isinstance(values[0], dt.date):
        raise Invalid(f'"{values[0]}" has no time.', f"Write {values[0]} 14:30.")
    return _moment(cells[0][1], zone, now)


def _of_cell(value: dt.datetime) -> str:
    """A spreadsheet counts in fractions of a day, so seconds are rounded."""
    rounded = (value + dt.timedelta(microseconds=500_000)).replace(microsecond=0)
    return f"{rounded:%Y-%m-%d %H:%M:%S}"


def _joined(day: object, hour: object) -> str:
    """A date and a time that stand in two cells."""
    if isinstance(day, dt.datetime) and day.time() != dt.time():
        raise Invalid(f"{quote(str(day))} and {quote(str(hour))} are two times.", _TIMES)
    day = day.date() if isinstance(day, dt.datetime) else day
    hour = hour.time() if isinstance(hour, dt.datetime) else hour
    return f"{day} {hour:%H:%M:%S}" if isinstance(hour, dt.time) else f"{day} {hour}"


def _moment(text: str, zone: ZoneInfo, now: dt.datetime) -> dt.datetime:
    plain = re.sub(r"(?i)^le ", "", " ".join(text[:_LONGEST].split()))
    named, plain = _weekday(plain)
    if not re.search(r"(?<![0-9])[0-9]{4}(?![0-9])", plain):
        raise Invalid(f"{quote(text)} is not a date and a time with its year.", _TIMES)
    if _MIDNIGHT.search(plain):
        raise Invalid(
            f"{quote(text)}: at the beginning of that day, or at its end?", "Write 00:00, and the day that begins then."
        )
    for pattern, plainly in _PEOPLE_WRITE:
        plain = pattern.sub(plainly, plain)
    found = moments.timestamp(plain, zone, now)
    if named is not None and found.astimezone(zone).weekday() != named:
        day = found.astimezone(zone)
        raise Invalid(f"{quote(text)} is impossible: {day:%Y-%m-%d} is a {_WEEKDAYS[day.weekday()][0].capitalize()}.")
    return found


def _weekday(text: str) -> tuple[int | None, str]:
    """The day of the week that a text begins with, if it does, and the rest."""
    found = re.match(rf"([^\W\d_]{{3,}})\.?,? +(?={_REST})", text)
    word = fold(found[1]) if found else ""
    days = [day for day, names in enumerate(_WEEKDAYS) if any(name.startswith(word) for name in names)]
    return (days[0], text[found.end() :]) if found and len(days) == 1 else (None, text)
