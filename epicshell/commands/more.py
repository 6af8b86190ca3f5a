"""The next page of the last list."""

from epicshell.command import command
from epicshell.commands.last import kept
from epicshell.context import Context
from epicshell.errors import NotFound
from epicshell.policy import Permission

END = "That was all."


@command("more", needs=Permission.OWN_ACCOUNT)
def more(context: Context) -> object:
    """Show the next rows of the list that was shown last, found as it was asked for.

    Whatever others do meanwhile, no record that stays where it is comes twice or is left out.
    """
    shown = kept(context, "more")  # one page is nothing to export: hence no Listing, which would take --export
    if shown.repeat is None:
        raise NotFound("The last result has no further page.", "more goes on with lists, such as: clients list")
    page = shown.repeat(context, shown.cut) if shown.cut else None
    return page if page and page.kept.rows else END
