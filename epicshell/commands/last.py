"""The last result once more, shown otherwise."""

from epicshell.command import command
from epicshell.context import NOTHING_YET, Context
from epicshell.errors import NotFound, NotUnderstood
from epicshell.filters.again import Kept, owner_of
from epicshell.params.fields import Columns, Sort
from epicshell.policy import Permission
from epicshell.results import Format, Listing, Record


@command("last", needs=Permission.OWN_ACCOUNT, alone=True)
def last(context: Context, *, sort: Sort = "", columns: Columns = "") -> Listing | Record:
    """Show the last result again, sorted or written otherwise; the database is not asked again.

    sort: fields to sort by, -FIELD for the largest first, such as company,-id
    columns: the fields to show, such as id,name,starts_at
    """
    shown = kept(context, "last").otherwise(sort, columns)
    result = shown.result(context)
    context.memory.last = shown
    if shown.count is not None and context.format is not Format.TABLE:
        context.notes.append(f"These are the {len(shown.rows)} rows that were shown; there are more.")
    return result


def kept(context: Context, name: str) -> Kept:
    """The last result, for a command. Raises NotFound, saying why there is none; NotUnderstood outside the shell."""
    if not context.memory.on:
        raise NotUnderstood(f"{name} works at the shell's prompt only; elsewhere nothing is kept.")
    found = context.memory.last
    if isinstance(found, Kept) and found.owner == owner_of(context):
        return found
    raise NotFound(found if isinstance(found, str) else NOTHING_YET)
