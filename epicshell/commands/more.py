"""The next page of the last list."""

from epicshell.command import command
from epicshell.commands.last import kept
from epicshell.context import Context
from epicshell.errors import NotFound
from epicshell.policy import Permission
from epicshell.results import Listing

END = "That was all."


@command("more", needs=Permission.OWN_ACCOUNT)
def more(context: Context) -> Listing | str:
    """Show the next rows of the list that was shown last, found as it was asked for.

    What has changed meanwhile is shown as it now is; nothing is shown twice, and nothing is left out.
    """
    shown = kept(context, "more")
    if shown.repeat is None:
        raise NotFound("The last result is no list.", "more goes on with lists, such as: clients list")
    page = shown.repeat(context, shown.cut) if shown.cut else None
    return page if page and page.kept.rows else END
