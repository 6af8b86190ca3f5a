"""The calendar: events as a file for Thunderbird, Outlook and the like."""

from datetime import date
from pathlib import Path
from typing import Annotated

from epicshell.command import command
from epicshell.commands.events import list_events
from epicshell.context import Context
from epicshell.filters import Page
from epicshell.filters.conditions import Mine
from epicshell.params.files import CALENDAR
from epicshell.params.people import SupportContact
from epicshell.policy import Permission
from epicshell.results import Listing


@command("calendar export", needs=Permission.EVENT_READ)
def export(
    context: Context,
    file: Annotated[Path, CALENDAR],
    *,
    mine_: Mine = False,
    support: SupportContact | None = None,
    from_: date | None = None,
    to: date | None = None,
) -> Listing:
    """Write events to a calendar file (.ics), for Thunderbird, Outlook or a phone.

    An event keeps its identity from file to file, but programs differ in what they do about one that they have: when a
    file is imported, Thunderbird leaves it as it was, Outlook adds it again. So give the file a calendar of its own,
    and to bring that up to date, replace it by a new file.

    file: the calendar file to make
    mine_: only those assigned to you; for sales those of your clients
    support: only those assigned to this person
    from_: only those that start on this day or later
    to: only those that start on this day or earlier
    """
    events: Listing = list_events(context, mine_=mine_, support=support, from_=from_, to=to, page=Page(all=True))
    return events
