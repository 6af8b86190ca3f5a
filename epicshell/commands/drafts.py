"""Rows that lines of a script want to be made: many with one statement, and yet each with an error of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from epicshell.command import Command
from epicshell.commands.line import Line
from epicshell.commands.sentences import NOTHING_DONE, translate, translating
from epicshell.context import Context
from epicshell.errors import EpicError
from epicshell.models import Draft, Entity

MOST = 500  #: rows of one statement


@dataclass(frozen=True, slots=True)
class Drafted:
    """A row to be made, the line that wants it, and where that stands in its script."""

    draft: Draft
    line: Line
    context: Context
    place: int


class Drafts:
    """Rows of one command that wait to be made together."""

    def __init__(self) -> None:
        self._waiting: list[Drafted] = []

    def are_of_another(self, command: Command) -> bool:
        """Whether some wait, and for another command than this."""
        return bool(self._waiting) and self._waiting[0].line.command is not command

    def are_named_in(self, line: Line) -> bool:
        """Whether a line names one of them: only once they are made do the names stand for them."""
        if not self._waiting:
            return False
        names = ("@last", f"@{self._waiting[0].draft.model.noun}")
        return any(value and value.strip().lower() in names for value in line.values.values())

    def add(self, drafted: Drafted) -> bool:
        """Whether there are now as many as one statement makes."""
        self._waiting.append(drafted)
        return len(self._waiting) == MOST

    def taken(self) -> list[Drafted]:
        """Those that wait; from then on none does."""
        taken, self._waiting = self._waiting, []
        return taken


def make(drafted: Sequence[Drafted]) -> list[Entity]:
    """Make the rows, all of one entity, inside a transaction.

    If the database refuses one, they are made one by one: that tells which. Raises its EpicError, with the place.
    """
    first = drafted[0]
    try:
        with first.context.database.work():
            return first.draft.model.add_all([one.draft.values for one in drafted])
    except Exception as error:
        if translate(error) is error:
            raise
        return [_alone(one) for one in drafted]


def _alone(one: Drafted) -> Entity:
    try:
        with translating(NOTHING_DONE):
            return one.draft.make()
    except EpicError as error:
        error.place = one.place
        raise
