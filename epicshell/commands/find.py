"""Search everything at once."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from epicshell.command import command
from epicshell.context import Context
from epicshell.filters.found import Finder, Group
from epicshell.filters.wanted import wanted
from epicshell.models import MODELS
from epicshell.params.base import Scalar
from epicshell.params.scalars import Limit
from epicshell.policy import Permission
from epicshell.results import Column, Kind, Listing

FEW = 8  #: records of each entity on a terminal
#: For who reads more than employees.
_ELSEWHERE = " in names, companies, emails, ids, phones; places: events filter where location ~ WORD"
_COLUMNS = (Column("noun"), Column("id", Kind.INTEGER), Column("name"), Column("about"), Column("matched"))
_Sought = Annotated[str, Scalar("WORDS", "words, an id, a phone number", lambda typed, _: typed, rest=True)]


@command("find", needs=Permission.EMPLOYEE_READ, exclusive=(("limit", "all"),))
def find(context: Context, words: _Sought, *, limit: Limit | None = None, all: bool = False) -> Listing:
    """Search clients, contracts, events and employees at once, the best of each first.

    Every word must begin a word of the name, the company or the e-mail address; digits also an id, or either end of a
    phone number. Accents and case don't matter. Contracts and events of clients that were found are found, too.

    words: parts of names and addresses, an id, digits of a phone number
    limit: how many of each at most
    all: all of them
    """
    few = FEW if context.page_size is not None else None
    groups = list(
        Finder(context, wanted(words, partial(_calling_code, context)), None if all else limit or few).groups()
    )
    rows = [row for group in groups for row in group.rows]
    if len(rows) == 1:
        _keep(context, rows[0])
    return Listing(_COLUMNS, rows, partial(_footer, groups))


def _keep(context: Context, row: Sequence[object]) -> None:
    """A single record that was found is `@last`."""
    model = next(model for model in MODELS if hasattr(model, "plural") and model.plural() == row[0])
    context.memory.keep(model, {"id": row[1], "name": row[2]})


def _footer(groups: Sequence[Group], _shown: int) -> str:
    told = [_counted(group) for group in groups if group.rows]
    if not told:
        return f"Nothing found{_ELSEWHERE if len(groups) > 1 else ''}."
    hint = " (--limit N or --all shows them)" if any(group.more for group in groups) else ""
    return " · ".join(told) + hint


def _counted(group: Group) -> str:
    noun = group.plural if len(group.rows) > 1 or group.more else group.plural.removesuffix("s")
    return f"{len(group.rows)} {'of more ' if group.more else ''}{noun}"


def _calling_code(context: Context) -> str:
    """What stands before a national number of the company's country."""
    from phonenumbers import country_code_for_region

    return str(country_code_for_region(context.actor.settings["phone_region"]))
