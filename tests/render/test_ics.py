"""Calendars: RFC 5545 to the letter, whatever the texts hold; read by an independent parser."""

from datetime import UTC, datetime, timedelta
from typing import Any

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicshell.errors import Refused
from epicshell.render import ics
from epicshell.results import Column, Listing
from epicshell.text import display

NOW = datetime(2026, 11, 21, 8, 30, 1, 500, tzinfo=UTC)
INSTALLATION = "12b0b685-ae4b-408f-bd9d-b2fc8c5e74d3"
EVENT = {
    "id": 109, "name": "John Ouick Wedding", "contract_id": 652, "client": "John Ouick",
    "client_email": "john.ouick@gmail.com", "client_phone": "+1 234 567 8901", "sales": "bill.boquet",
    "support": "kate.hastroff", "starts_at": datetime(2023, 6, 4, 11, tzinfo=UTC),
    "ends_at": datetime(2023, 6, 5, 0, tzinfo=UTC), "location": "53 Rue du Château, 41120 Candé-sur-Beuvron; France",
    "attendees": 75, "notes": "By the river.\nCatering; \\o/ is organized,\nreally.", "created_at": NOW - timedelta(9),
    "updated_at": NOW - timedelta(1), "revision": 3,
}  # fmt: skip


def text_of(*events: dict[str, Any], **options: Any) -> str:
    columns = [Column(name) for name in EVENT]
    rows = [tuple((EVENT | event).values()) for event in events]
    return "".join(ics.chunks(Listing(columns, rows), installation=INSTALLATION, now=NOW, **options))


def parsed(**changed: Any) -> Any:
    calendar = icalendar.Calendar.from_ical(text_of(changed).encode())
    return calendar.walk("VEVENT")[0]


def test_calendar_says_what_an_event_is() -> None:
    calendar = icalendar.Calendar.from_ical(text_of({}, {"id": 110}).encode())
    assert (calendar["version"], calendar["method"], calendar["calscale"]) == ("2.0", "PUBLISH", "GREGORIAN")
    assert calendar["x-wr-calname"] == "Epic Events"
    event, other = calendar.walk("VEVENT")
    assert (event["uid"], other["uid"]) == (f"event-109@{INSTALLATION}", f"event-110@{INSTALLATION}")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (EVENT["starts_at"], EVENT["ends_at"])
    assert (event.decoded("dtstamp"), event["sequence"]) == (NOW.replace(microsecond=0), 3)
    assert event.decoded("last-modified") == EVENT["updated_at"].replace(microsecond=0)
    assert (event["summary"], event["location"], event["status"]) == (EVENT["name"], EVENT["location"], "CONFIRMED")
    assert event["description"].endswith(EVENT["notes"])
    assert "Phone: +1 234 567 8901" in event["description"]
    assert not calendar.errors
    assert not event.errors


def test_unknown_values_are_left_out() -> None:
    event = parsed(support=None, attendees=None, notes=None)
    assert "Support" not in event["description"]
    assert "None" not in event["description"]


def test_deleted_events_are_cancelled() -> None:
    assert "STATUS:CANCELLED\r\n" in text_of({}, cancelled=True)


def test_no_events_are_no_calendar() -> None:
    with pytest.raises(Refused, match="at least one"):
        text_of()


HOSTILE = [
    "x\r\nEND:VEVENT\r\nBEGIN:VALARM\r\nACTION:PROCEDURE",
    "x\nATTACH:file:///etc/passwd",
    "x\rATTENDEE:mailto:evil@example.com",
    "a\u2028ATTACH:b\u2029c\x85d\x0be\x0cf\x1cg",
    "\x1b]0;x\x07 \x00 \x7f \u202e",
    "\\n\\,;:\"'",
    "é" * 5000,
    "🎉" * 100,
    "",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_is_never_more_than_text(text: str) -> None:
    calendar = text_of({"name": text, "location": text, "notes": text, "client": text})
    assert_form(calendar)
    event = icalendar.Calendar.from_ical(calendar.encode()).walk("VEVENT")[0]
    plain = display(text.replace("\r\n", "\n").replace("\r", "\n"), multiline=True)
    assert event["summary"] == event["location"] == plain
    assert calendar.count("\r\nEND:VEVENT") == 1
    assert len(event.keys()) == 11


@given(st.text(max_size=200))
def test_any_text_keeps_the_form(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    calendar = text_of({"name": text, "notes": text})
    assert_form(calendar)
    assert icalendar.Calendar.from_ical(calendar.encode()).walk("VEVENT")[0]["uid"] == f"event-109@{INSTALLATION}"


def assert_form(calendar: str) -> None:
    """Lines of at most 75 octets that end in CRLF, and no control characters within."""
    lines = calendar.encode().split(b"\r\n")
    assert lines.pop() == b""
    assert max(map(len, lines)) <= 75
    assert not any(byte < 32 or byte == 127 for line in lines for byte in line)
    assert len(calendar.splitlines()) == len(lines)
    for line in lines:
        line.decode()
