"""What an event sheet says: its blocks as values, each with its cell, and what is wrong with them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from epicshell.errors import Invalid
from epicshell.sheets import Row
from epicshell.sheets.legacy.blocks import Block, Blocks, Entry
from epicshell.sheets.legacy.grid import grids
from epicshell.sheets.legacy.labels import Part
from epicshell.sheets.legacy.values import attendees, moment, number, one_line
from epicshell.text import clean, quote

Found = TypeVar("Found")

_NEEDED = (Part.EVENT, Part.NAME, Part.CONTRACT, Part.START, Part.END, Part.LOCATION)
_LONGEST_NOTES = 20_000


@dataclass(frozen=True, slots=True)
class Finding:
    """What is to be said about a cell. wrong: the event can't be taken as it is."""

    place: str
    sentence: str
    wrong: bool


@dataclass
class EventSheet:
    """One event as its sheet tells it; None or empty: not told, or not understood (then there is a finding).

    place: its event-id label. places: the cell of each value. number and contract: the sheet's own ids. contact: the
    lines about the client's contact. starts_at, ends_at: UTC. support: a name. findings: in the order of the sheet.
    """

    sheet: str
    place: str
    number: int | None = None
    name: str = ""
    contract: int | None = None
    client: str = ""
    contact: tuple[str, ...] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    support: str = ""
    location: str = ""
    attendees: int | None = None
    notes: str = ""
    places: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def where(self, part: str) -> str:
        """The cell of a value; that of the event id for what is missing."""
        return self.places.get(part, self.place)


def event_sheets(rows: Iterable[Row], zone: ZoneInfo, now: datetime) -> Iterator[EventSheet | Finding]:
    """The events of sheets in their order, and findings about what belongs to none of them.

    zone: of times without an offset. now: an aware datetime.
    """
    for grid in grids(rows):
        blocks = Blocks(grid)
        events = list(blocks)
        if not events:
            first = next(iter(grid), None)
            if first:
                yield Finding(first.place, f"There is no {Part.EVENT} in this sheet.", False)
            continue
        for block in events:
            yield _Reader(block, zone, now).read(grid.sheet)
        for cell in blocks.stray[:20]:
            yield Finding(cell.place, f"{quote(cell.text)} belongs to no event.", False)


class _Reader:
    """Reads one block; what is wrong becomes a finding, so that all of it is told at once."""

    def __init__(self, block: Block, zone: ZoneInfo, now: datetime) -> None:
        self._block = block
        self._zone = zone
        self._now = now
        self._findings: list[Finding] = []
        self._entries: dict[Part, Entry] = {}
        self._unknown: list[Entry] = []
        for entry in block.entries:
            self._file(entry)

    def _file(self, entry: Entry) -> None:
        """Put an entry to its part. Notes and contacts add up; anything else stands once."""
        part = entry.label.part
        if part is None:
            self._unknown.append(entry)
        elif part not in self._entries:
            self._entries[part] = Entry(entry.label, entry.at, list(entry.cells))
        elif part in (Part.NOTES, Part.CONTACT):
            self._entries[part].cells += entry.cells
        else:
            self._say(entry.at.place, f"{part} stands here a second time; first in {self._entries[part].place}.")

    def _say(self, place: str, sentence: str, *, wrong: bool = True) -> None:
        self._findings.append(Finding(place, sentence, wrong))

    def read(self, sheet: str) -> EventSheet:
        found = EventSheet(sheet, self._block.at.place)
        found.places = {part.name.lower(): entry.place for part, entry in self._entries.items()}
        found.number = self._value(Part.EVENT, lambda entry: number(entry.cells))
        found.name = self._name()
        found.contract = self._value(Part.CONTRACT, lambda entry: number(entry.cells))
        found.client = self._value(Part.CLIENT, lambda entry: one_line(entry.cells, " ", 200)) or ""
        found.contact = self._value(Part.CONTACT, _lines) or ()
        found.starts_at = self._value(Part.START, lambda entry: moment(entry.cells, self._zone, self._now))
        found.ends_at = self._value(Part.END, lambda entry: moment(entry.cells, self._zone, self._now))
        found.support = self._value(Part.SUPPORT, lambda entry: one_line(entry.cells, " ", 200)) or ""
        found.location = self._value(Part.LOCATION, lambda entry: one_line(entry.cells, ", ", 300)) or ""
        found.attendees = self._attendees()
        found.notes = self._notes()
        self._check_order(found)
        found.findings = self._findings
        return found

    def _value(self, part: Part, read: Callable[[Entry], Found]) -> Found | None:
        entry = self._entries.get(part)
        if entry is None or not entry.cells:
            if part in _NEEDED:
                self._say(entry.at.place if entry else self._block.at.place, f"{part} is missing.")
            return None
        try:
            return read(entry)
        except Invalid as error:
            self._say(entry.place, f"{part}: {error}")
            return None

    def _name(self) -> str:
        title = self._block.title
        if title is None and Part.NAME in self._entries:
            return self._value(Part.NAME, lambda entry: one_line(entry.cells, " ", 200)) or ""
        if title is None:
            self._say(self._block.at.place, f"The event has no title: it stands above the {Part.EVENT}.")
            return ""
        try:
            return one_line([(title, title.text)], " ", 200)
        except Invalid as error:
            self._say(title.place, f"Title: {error}")
            return ""

    def _attendees(self) -> int | None:
        answer = self._value(Part.ATTENDEES, lambda entry: attendees(entry.cells[0][1]))
        if answer is None:
            return None
        count, warning = answer
        if warning:
            self._say(self._entries[Part.ATTENDEES].place, f"{Part.ATTENDEES}: {warning}", wrong=False)
        return count

    def _notes(self) -> str:
        """The notes, then what has no place elsewhere: nothing that somebody wrote is lost."""
        entry = self._entries.get(Part.NOTES)
        lines = [text for _, text in entry.cells] if entry else []
        for one in self._unknown:
            if one.cells:
                lines.append(_as_written(one))
                self._say(
                    one.at.place, f"{quote(one.label.name)} is no known label: it goes to the notes.", wrong=False
                )
        for cell in self._block.loose:
            lines.append(cell.text)
            self._say(cell.place, f"{quote(cell.text)} has no label: it goes to the notes.", wrong=False)
        try:
            return clean("\n".join(lines), multiline=True, longest=_LONGEST_NOTES)
        except Invalid as error:
            self._say(entry.place if entry else self._block.at.place, f"{Part.NOTES}: {error}")
            return ""

    def _check_order(self, found: EventSheet) -> None:
        if found.starts_at and found.ends_at and found.ends_at <= found.starts_at:
            self._say(self._entries[Part.END].place, f"{Part.END}: the event must end after it starts.")


def _lines(entry: Entry) -> tuple[str, ...]:
    text = clean("\n".join(text for _, text in entry.cells), multiline=True, longest=1000)
    return tuple(filter(None, (line.strip() for line in text.split("\n"))))


def _as_written(entry: Entry) -> str:
    """`Photographer: Paul`, with what follows in further cells."""
    texts = [text for _, text in entry.cells]
    if entry.label.value:
        texts[0] = entry.at.text
        return "\n".join(texts)
    return f"{entry.label.name.rstrip(' :')}: " + "\n".join(texts)
