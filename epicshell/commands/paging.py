"""The next page of a list: its command once more, with the same arguments, under the rights of the moment."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from epicshell import policy
from epicshell.command import Command
from epicshell.context import Context
from epicshell.filters.again import Cut, Kept
from epicshell.filters.page import NextPage
from epicshell.filters.where.limits import LIMIT
from epicshell.results import Listing


def repeated(command: Command, given: Mapping[str, Any]) -> Callable[[Context, Cut], Listing] | None:
    """What asks for a page of a list that begins where another was cut; None if the command gives no list.

    given: the handler's arguments. The gate is passed again, and the rows are looked up through the actor again.
    """
    if command.model is None or "page" not in given:
        return None

    def ask(context: Context, cut: Cut) -> Listing:
        if command.needs is not None:
            policy.require(context.actor, command.needs)
        if given.get("where") is not None:
            context.database.execute_sql(LIMIT)  # as when the expression was read
        found: Listing = command.call(context, {**given, "page": NextPage.of(given["page"], cut)})
        if not isinstance(found.kept, Kept):
            return found
        return replace(found, kept=replace(found.kept, repeat=ask, command=command.name))

    return ask
