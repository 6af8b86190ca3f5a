"""`where EXPRESSION` as a parameter of a command."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from epicshell.context import Context
from epicshell.errors import Invalid
from epicshell.filters.where import picture
from epicshell.filters.where.edges import check
from epicshell.filters.where.lexer import unwrapped
from epicshell.filters.where.limits import LIMIT
from epicshell.filters.where.people import resolved
from epicshell.filters.where.reader import read
from epicshell.filters.where.tree import Tree
from epicshell.params.base import Param
from epicshell.params.fields import known
from epicshell.policy import Permission

T = TypeVar("T")
_EXAMPLES = {
    "event": "support is empty and starts_at = next-month",
    "client": "contracts = 0 and sales = me",
    "contract": "not paid and signed_at < -90d",
    "employee": "department = support and events > 10",
}


class Where(Param):
    """An expression over the fields of an entity.

    clause: `where` for the rest of the line behind that word, of a list, for which the time of the transaction's
    statements is limited from then on; empty for a flag whose value it is.
    """

    metavar = "EXPRESSION"
    verbatim = True

    def __init__(self, model: Any, clause: str = "where") -> None:
        self.model = model
        self.clause = clause
        self.example = _EXAMPLES[model.noun]
        self.accepts = f"such as {self.example}; help where explains it"

    def parse(self, text: str, context: Context, needs: Permission | None) -> Tree:
        """The checked tree, with the ids of people. Raises Invalid, whose hint shows the expression and the place."""
        try:
            inner, places = unwrapped(text)
            tree = self._placed(places, lambda: self._read(inner, context))
            limit = LIMIT if self.clause else ""
            return self._placed(places, lambda: resolved(tree, context.database, limit))
        except Invalid as error:
            raise picture.drawn(text, error) from None

    def piece(self, typed: str) -> tuple[int, Param]:
        from epicshell.filters.where.pieces import piece  # only who types needs this

        inner, places = unwrapped(typed)
        start, found = piece(inner, self.model, self.accepts)
        return places[min(start, len(places) - 1)], found

    def parts(self, text: str) -> Iterable[tuple[int, int, str]]:
        from epicshell.filters.where import unfinished

        inner, places = unwrapped(text)
        found = unfinished.parts(inner, unfinished.known_names(self.model))
        return [(places[start], places[end - 1] + 1, name) for start, end, name in found]

    def check(self, text: str, context: Context, needs: Permission | None) -> None:
        """Raises Invalid, with its span in the text as typed, for what typing on can't make right. Asks no database."""
        from epicshell.filters.where import unfinished

        inner, places = unwrapped(text)
        fields = known(self.model, context.actor.department)
        try:
            self._placed(places, lambda: unfinished.check(inner, fields, lambda shorter: self._read(shorter, context)))
        except Invalid as error:
            raise picture.column(error) from None

    def keep(self, text: str, context: Context, is_place: Callable[[str], bool]) -> None:
        """Raise Invalid, as `parse`, for what is wrong with a complete expression that is kept. Asks no database.

        is_place: whether a text in it only stands for a value.
        """
        try:
            inner, places = unwrapped(text)
            self._placed(places, lambda: self._read(inner, context, is_place))
        except Invalid as error:
            raise picture.drawn(text, error) from None

    def _read(self, inner: str, context: Context, is_place: Callable[[str], bool] = lambda _: False) -> Tree:
        if not inner.strip():
            raise Invalid("an expression is missing.", f"Such as: {self.clause or '--where'} {self._as_typed()}")
        actor = context.actor
        tree = read(inner, self.model, actor.department, actor.settings["currency"], is_place)
        check(tree, context)
        return tree

    def _as_typed(self) -> str:
        return self.example if self.clause else f"'{self.example}'"

    @staticmethod
    def _placed(places: Sequence[int], work: Callable[[], T]) -> T:
        """What some work gives; its errors with their span in the text as it was typed."""
        try:
            return work()
        except Invalid as error:
            if error.span is not None:
                start, end = (min(place, len(places) - 1) for place in error.span)
                error.span = places[start], max(places[end], places[start] + 1)
            raise
