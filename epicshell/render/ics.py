"""A calendar (RFC 5545) of events, as Thunderbird, Outlook and Google take it in.

METHOD, UID and DTSTAMP are what Outlook refuses a file without; X-WR-CALNAME names the calendar that it, or Google,
makes of the file. No ORGANIZER, although METHOD:PUBLISH should have one (RFC 5546): it makes a meeting of an event,
which calendars refuse whose owner is neither its organizer nor invited; RFC 5545 (3.8.4.3) wants none on an entry of a
person's own calendar. Times are in UTC, so that no VTIMEZONE is needed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from epicshell import __version__
from epicshell.errors import Refused
from epicshell.results import Column, Listing
from epicshell.text import display

FIELDS = ("id", "name", "contract_id", "client", "client_email", "client_phone", "sales", "support", "starts_at",
          "ends_at", "location", "attendees", "notes", "created_at", "updated_at", "revision")  # fmt: skip
_TOLD = {"client": "Client", "client_phone": "Phone", "client_email": "E-mail", "sales": "Sales", "support": "Support",
         "attendees": "Attendees", "contract_id": "Contract"}  # fmt: skip
_LONGEST = 75  #: octets of a line
_ESCAPES = str.maketrans({"\\": r"\\", ";": r"\;", ",": r"\,", "\n": r"\n", "\t": " "})


def fits(columns: Sequence[Column]) -> bool:
    """Whether rows of these columns are events with all that a calendar tells of them."""
    return {column.name for column in columns} >= set(FIELDS)


def chunks(listing: Listing, *, installation: str, now: datetime, cancelled: bool = False) -> Iterator[str]:
    """The calendar, in pieces of whole lines. Raises Refused where there are no events: RFC 5545 wants one.

    installation: the database's own id, so that an event has the same UID in every file; SEQUENCE is its revision.
    cancelled: they are in the trash, and calendars strike them out.
    """
    status = "CANCELLED" if cancelled else "CONFIRMED"
    names = [column.name for column in listing.columns]
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//Epic Events//epicshell {__version__}//EN"]
    begun = False
    for row in listing.rows:
        if not begun:
            yield _lines([*head, "CALSCALE:GREGORIAN", "METHOD:PUBLISH", "X-WR-CALNAME:Epic Events"])
            begun = True
        yield _lines(_event(dict(zip(names, row, strict=True)), installation, now, status))
    if not begun:
        raise Refused("There are no events, and a calendar file has at least one.", "Nothing was written.")
    yield _lines(["END:VCALENDAR"])


def _event(event: Mapping[str, Any], installation: str, now: datetime, status: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:event-{event['id']}@{installation}",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(event['starts_at'])}",
        f"DTEND:{_utc(event['ends_at'])}",
        f"SUMMARY:{_text(event['name'])}",
        f"LOCATION:{_text(event['location'])}",
        f"DESCRIPTION:{_text(_description(event))}",
        f"CREATED:{_utc(event['created_at'])}",
        f"LAST-MODIFIED:{_utc(event['updated_at'])}",
        f"SEQUENCE:{event['revision']}",
        f"STATUS:{status}",
        "END:VEVENT",
    ]


def _description(event: Mapping[str, Any]) -> str:
    told = [f"{title}: {event[name]}" for name, title in _TOLD.items() if event[name] is not None]
    return "\n".join([*told, *(["", event["notes"]] if event["notes"] else [])])


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """A TEXT value; control characters, which it can't hold, as `\\x1b`."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return display(plain, multiline=True).translate(_ESCAPES)


def _lines(lines: Iterable[str]) -> str:
    return "".join(map(_folded, lines))


def _folded(line: str) -> str:
    """A line with its end; one of more than 75 octets goes on in lines that begin with a space."""
    data = line.encode()
    if len(data) <= _LONGEST:
        return line + "\r\n"
    parts, place, room = [], 0, _LONGEST
    while place < len(data):
        end = min(place + room, len(data))
        while end < len(data) and data[end] & 0xC0 == 0x80:  # not within a character
            end -= 1
        parts.append(data[place:end].decode())
        place, room = end, _LONGEST - 1
    return "\r\n ".join(parts) + "\r\n"
