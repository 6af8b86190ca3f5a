"""Events: sales open them on a signed contract, management assigns support, support runs them."""

from datetime import date, datetime
from typing import Annotated

from epicshell.command import command
from epicshell.commands.given import given
from epicshell.commands.overlaps import warn_of_overlaps
from epicshell.context import Context
from epicshell.filters import Page, listing
from epicshell.filters.conditions import Mine, asked, mine
from epicshell.filters.where import Tree, Where
from epicshell.models import Client, Contract, Draft, Event
from epicshell.params.people import Support, SupportContact
from epicshell.params.records import EventTrash, TrashedEvent
from epicshell.params.scalars import Attendees, Notes, Place, Title
from epicshell.policy import Permission
from epicshell.results import Listing, Text


@command(
    "events list",
    "events filter",
    needs=Permission.EVENT_READ,
    model=Event,
    exclusive=(("no_support", "support"), ("upcoming", "past")),
)
def list_events(
    context: Context,
    *,
    no_support: bool = False,
    mine_: Mine = False,
    support: SupportContact | None = None,
    upcoming: bool = False,
    past: bool = False,
    from_: date | None = None,
    to: date | None = None,
    client: Client | None = None,
    contract: Contract | None = None,
    trash: EventTrash = False,
    page: Page,
    where: Annotated[Tree, Where(Event)] | None = None,
) -> Listing | Text:
    """List events by their start; the upcoming by their end, the past with the latest first.

    no_support: only those that nobody of support is assigned to
    mine_: only those assigned to you; for sales those of your clients
    support: only those assigned to this person
    upcoming: only those that are not over
    past: only those that are over
    from_: only those that start on this day or later
    to: only those that start on this day or earlier
    client: only those of this client
    contract: only those of this contract
    trash: the deleted ones (management)
    where: only those for which this holds
    """
    tree = asked(
        context,
        Event,
        where,
        (no_support, "support", "is empty", None),
        mine(context, mine_),
        (support, "support", "=", support),
        (upcoming, "ends_at", ">", "now"),
        (past, "starts_at", "<", "now"),  # goes without saying, but tells the index by start where to begin
        (past, "ends_at", "<=", "now"),
        (from_, "starts_at", ">=", from_),
        (to, "starts_at", "<=", to),
        (client, "client_id", "=", client),
        (contract, "contract_id", "=", contract),
    )
    page = page.by("ends_at" if upcoming else "-starts_at" if past else "")
    return listing(context, Event, (), page, sort="starts_at", trash=trash, where=tree)


@command("events show", needs=Permission.EVENT_READ)
def show(context: Context, event: Event) -> Event:
    """Show an event.

    event: event number
    """
    return event


@command("events create", needs=Permission.EVENT_CREATE)
def create(
    context: Context,
    *,
    contract: Contract,
    name: Title,
    starts_at: datetime,
    ends_at: datetime,
    location: Place,
    attendees: Attendees | None = None,
    notes: Notes = "",
) -> Draft:
    """Open an event on a signed contract of one of your clients.

    contract: contract number
    name: what the event is called
    starts_at: when it starts
    ends_at: when it ends
    location: where it takes place
    attendees: how many people come, if known
    notes: anything that support must know
    """
    values = {
        "contract_id": contract.id, "name": name, "starts_at": starts_at, "ends_at": ends_at, "location": location,
        "attendees": attendees, "notes": notes,
    }  # fmt: skip
    return Draft(Event, values)


@command("events update", needs=Permission.EVENT_UPDATE, changes=True, bulk=True)
def update(
    context: Context,
    event: Event,
    *,
    name: Title | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    location: Place | None = None,
    attendees: Attendees | None = None,
    notes: Notes | None = None,
) -> Event:
    """Change an event; what isn't named stays.

    event: event number
    name: what the event is called
    starts_at: when it starts
    ends_at: when it ends
    location: where it takes place
    attendees: how many people come
    notes: anything that support must know
    """
    event.change(
        **given(name=name, starts_at=starts_at, ends_at=ends_at, location=location, attendees=attendees, notes=notes)
    )
    if starts_at or ends_at:
        context.at_the_end(warn_of_overlaps, event)
    return event


@command("events assign", needs=Permission.EVENT_ASSIGN, changes=True, bulk=True)
def assign(context: Context, event: Event, to: Support) -> Event:
    """Assign an event to someone of support, whoever had it before.

    If they run another one at the same time, that is told; it is not refused.

    event: event number
    to: username of the support employee
    """
    event.assign(to)
    context.at_the_end(warn_of_overlaps, event)
    return event


@command("events unassign", needs=Permission.EVENT_ASSIGN, changes=True, bulk=True)
def unassign(context: Context, event: Event) -> Event:
    """Leave an event without support.

    event: event number
    """
    event.unassign()
    return event


@command("events delete", needs=Permission.EVENT_DELETE, changes=True, bulk=True, confirm="Move {event} to the trash?")
def delete(context: Context, event: Event) -> Event:
    """Move an event to the trash.

    event: event number
    """
    event.delete_to_trash()
    return event


@command("events restore", needs=Permission.EVENT_DELETE, changes=True)
def restore(context: Context, event: TrashedEvent) -> Event:
    """Bring an event back from the trash.

    event: event number
    """
    event.restore()
    return event
