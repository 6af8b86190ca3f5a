"""How event sheets become wishes: matched with contracts, people and the events that are there."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from functools import partial
from typing import Any

from epicshell.commands.importing.legacy.contracts import Contracts, reference
from epicshell.commands.importing.legacy.people import Directory, is_support
from epicshell.commands.importing.wishes import Wish
from epicshell.commands.overlaps import warn_of_overlaps
from epicshell.context import Context
from epicshell.errors import Conflict, Refused
from epicshell.models import Change, Contract, Employee, Event
from epicshell.sheets.legacy import EventSheet
from epicshell.text import fold, quote

HIGHEST_KEPT = 999_999_999  #: the highest number that an event keeps: others are still to be drawn behind it


class Plan:
    """What the events of some sheets want to become; what they name is looked up for all of them at once.

    keep: whether what is planned will be kept. A rehearsal gives events drawn numbers in place of their own, for the
    database draws the next ones behind the highest, and that can't be taken back.
    """

    def __init__(self, context: Context, mapped: Mapping[int, int], sheets: Sequence[EventSheet]) -> None:
        self.keep = False
        self._context = context
        self._sheets = sheets
        self._contracts = Contracts(context, mapped, sheets)
        self._events = _events({sheet.number for sheet in sheets if sheet.number})
        self._directory = Directory()
        self._places: dict[int, str] = {}
        self._numbers: dict[int, int | None] = {}

    def wishes(self) -> list[Wish]:
        """A wish for each, in their order, but first the events that keep their numbers: no other may draw these."""
        wishes = [self._wish(sheet, free=sheet.number not in self._events) for sheet in self._sheets]
        return sorted(wishes, key=lambda wish: wish.id is None and wish.work is not None and wish.number is None)

    def _wish(self, sheet: EventSheet, *, free: bool) -> Wish:
        place, name = sheet.where("event"), sheet.name
        problems = [f"{one.place}: {one.sentence}" for one in sheet.findings if one.wrong]
        remarks = [f"{one.place}: {one.sentence}" for one in sheet.findings if not one.wrong]
        values: dict[str, Any] = {}
        contract = None
        if sheet.contract:
            contract = self._tried(sheet.where("contract"), problems, partial(self._contract, sheet, remarks))
        event = self._known(sheet, contract)
        values["support_id"] = self._tried(
            sheet.where("support"), problems, partial(self._support, sheet, event, remarks)
        )
        if self._is_second(sheet):
            problems.append(f"{place}: event {sheet.number} stands in {self._places[sheet.number or 0]} already.")
        if problems or contract is None:
            return Wish(place, name, error=Refused(" ".join(problems)), remarks=tuple(remarks))
        values |= _told(sheet) | {"contract_id": contract.id}
        if event is not None:
            return self._update(sheet, event, values, remarks)
        return self._create(sheet, contract, values, remarks, free=free)

    def _tried(self, place: str, problems: list[str], find: Any) -> Any:
        """What a step finds; what it refuses is one of the problems, with its cell."""
        try:
            return find()
        except Refused as error:
            problems.append(f"{place}: {error}")
            return None

    def _is_second(self, sheet: EventSheet) -> bool:
        return sheet.number is not None and self._places.setdefault(sheet.number, sheet.place) != sheet.place

    def _contract(self, sheet: EventSheet, remarks: list[str]) -> Contract:
        contract, told = self._contracts.find(sheet)
        remarks += [f"{sheet.where('client')}: {sentence}" for sentence in told]
        return contract

    def _support(self, sheet: EventSheet, event: Event | None, remarks: list[str]) -> int | None:
        """Who runs it. Whoever has left is not assigned to an event that is over, but stays in its notes."""
        found: Employee | None = self._directory.find(sheet.support)
        if found is None or is_support(found) or (event and event.support_id == found.id):
            return found.id if found else None
        why = f"{found.username} is not active" if not found.active else f"{found.username} is not in support"
        if sheet.ends_at is None or sheet.ends_at > self._context.now:
            raise Conflict(f"{why}.", "Empty the cell, import, and assign someone: events assign ID WHO")
        sheet.notes = f"{sheet.notes}\nSupport contact: {sheet.support}".lstrip("\n")
        remarks.append(f"{sheet.where('support')}: {why}: the event is over, so the name goes to its notes.")
        return None

    def _known(self, sheet: EventSheet, contract: Contract | None) -> Event | None:
        """The event that a sheet has become before, or that somebody has opened under its number by hand."""
        if not sheet.number:
            return None
        brought: Event | None = self._events.get(reference(sheet.number))
        opened: Event | None = self._events.get(sheet.number)
        if brought is not None and _is_like(sheet, brought):
            return brought
        same = opened is not None and contract is not None and opened.contract_id == contract.id
        return opened if opened is not None and same and _is_like(sheet, opened) else brought

    def _create(
        self, sheet: EventSheet, contract: Contract, values: dict[str, Any], remarks: list[str], *, free: bool
    ) -> Wish:
        number = sheet.number if free and (sheet.number or 0) <= HIGHEST_KEPT else None
        if number is None:
            remarks.append(
                f"{sheet.where('event')}: number {sheet.number} is not free here, so the event gets a new one."
            )

        def work() -> Event:
            kept = {"id": number} if number and self.keep else {}
            event = Event.add(legacy_ref=reference(sheet.number or 0), **values, **kept)
            self._contracts.remember(contract, sheet.contract or 0)
            self._numbers[event.id] = event.id if self.keep else number
            self._context.at_the_end(self._warn, event)
            return event

        return Wish(sheet.where("event"), sheet.name, work=work, number=number, remarks=tuple(remarks))

    def _update(self, sheet: EventSheet, event: Event, values: dict[str, Any], remarks: list[str]) -> Wish:
        wish = partial(Wish, sheet.where("event"), sheet.name, id=event.id)
        if event.deleted_at is not None:
            return wish(remarks=(*remarks, f"It is in the trash, and stays there: events restore {event.id}"))
        if event.contract_id != values["contract_id"]:
            moved = f"event {event.id} is on contract {event.contract_id}, and stays on it."
            return wish(error=Refused(f"{sheet.where('contract')}: {moved}"), remarks=tuple(remarks))
        told = {name: value for name, value in values.items() if value not in (None, "")}
        differing = {name: value for name, value in told.items() if getattr(event, name) != value}
        past = _past(event) if differing else set()
        changed = {name: value for name, value in differing.items() if (name, value) not in past}
        if left := [_shown(name) for name in differing if name not in changed]:
            remarks.append(f"Changed here since, and left so: {', '.join(left)}.")
        if not changed:
            return wish(remarks=tuple(remarks))
        if {"name", "starts_at"} <= changed.keys() and not _is_like(sheet, event):
            return wish(
                error=Refused(f"{sheet.where('event')}: {_other(event, self._context)}"), remarks=tuple(remarks)
            )

        def work() -> Event:
            event.change(**changed)
            if changed.keys() & {"support_id", "starts_at", "ends_at"}:
                self._context.at_the_end(self._warn, event)
            return event

        return wish(work=work, changes=tuple(map(_shown, changed)), remarks=tuple(remarks))

    def _warn(self, context: Context, events: Sequence[Event]) -> None:
        warn_of_overlaps(context, events, self._numbers)


def _events(numbers: Set[int]) -> Mapping[int | str, Event]:
    """The events that have these numbers here, by number; those that had them in the sheets, by reference."""
    if not numbers:
        return {}
    found = list(Event.select().where(Event.legacy_ref.in_(list(map(reference, numbers))) | Event.id.in_(numbers)))
    return {one.id: one for one in found} | {one.legacy_ref: one for one in found if one.legacy_ref}


def _is_like(sheet: EventSheet, event: Event) -> bool:
    """Whether a sheet and an event of its number can be the same: by name or by start."""
    return fold(event.name) == fold(sheet.name) or event.starts_at == sheet.starts_at


def _other(event: Event, context: Context) -> str:
    """Why an event is not overwritten with one of the same number."""
    return (
        f"another sheet of this number became event {event.id}, {quote(event.name)},"
        f" which starts {event.starts_at.astimezone(context.zone):%Y-%m-%d %H:%M}."
        f" Give this one its own number; if it is the same, first bring that up to date: events update {event.id}"
    )


def _told(sheet: EventSheet) -> dict[str, Any]:
    names = ("name", "starts_at", "ends_at", "location", "attendees", "notes")
    return {name: getattr(sheet, name) for name in names}


def _past(event: Event) -> set[tuple[str, Any]]:
    """The values that an event once had: a sheet that still has one of these is older than what stands here now."""
    changes = [values or {} for *_, old, new, _ in Change.of("events", event.id) for values in (old, new)]
    return {(name, _typed(name, value)) for values in changes for name, value in values.items()}


def _typed(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if name.endswith("_at") and value is not None else value


def _shown(name: str) -> str:
    return "support" if name == "support_id" else name
