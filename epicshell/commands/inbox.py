"""The inbox: what others did to one's events, clients and contracts."""

from epicshell.command import command
from epicshell.context import Context
from epicshell.errors import NotUnderstood
from epicshell.filters import Page, listing
from epicshell.models import Notification
from epicshell.policy import Permission
from epicshell.results import Listing, Text
from epicshell.text import counted


@command("inbox", needs=Permission.INBOX, model=Notification)
def list_notifications(context: Context, *, read_too: bool = False, page: Page) -> Listing | Text:
    """List what others did to your events, clients and contracts, as far as it is unread; the newest first.

    read_too: also what has been read
    """
    return listing(context, Notification, () if read_too else (Notification.unread(),), page)


@command("inbox read", needs=Permission.INBOX)
def read(context: Context, notification: Notification | None = None, /, *, all: bool = False) -> Notification | str:
    """Mark a notification as read, or all of them.

    What was read is cleared away after 30 days.

    notification: its number, as inbox shows it
    all: every one that is unread
    """
    if (notification is None) is not all:
        raise NotUnderstood("inbox read takes either the number of a notification or --all.", "inbox shows them.")
    if notification is None:
        return f"{counted(Notification.mark_all_read(context.actor.employee_id), 'notification')} marked as read."
    notification.mark_read()
    return notification
