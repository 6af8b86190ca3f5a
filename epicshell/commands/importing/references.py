"""Records that a cell names: by their number here, by address, or by the number that they had where they came from."""

from collections.abc import Iterable, Sequence
from typing import Any

from peewee import fn as sql

from epicshell import policy
from epicshell.context import Context
from epicshell.errors import Invalid, Refused
from epicshell.text import quote

_HIGHEST = 9  #: digits of a number of ours
LEGACY = "legacy"  #: the source of the old event sheets' numbers, which management alone brings in

Way = tuple[str, str]  #: a column by which a record is known, and what it has there


class References:
    """The records that the rows of a batch name, looked up for all of them at once.

    source: what plain numbers are of; empty: epicshell's own. `#12` is always epicshell's own, `oldcrm:12` what was
    imported as that; a client also goes by address.
    """

    def __init__(self, context: Context, source: str) -> None:
        self._context = context
        self._source = source
        self._found: dict[str, dict[Way, tuple[int, int]]] = {}  # by noun: the lowest number, and how many there are

    def gather(self, model: Any, texts: Iterable[str]) -> None:
        """Look up what the cells of a batch name; those of the batch before are forgotten."""
        ways = {way for text in texts if (way := self._way(model, text)) is not None}
        found = self._found[model.noun] = {}
        for column in {column for column, _ in ways}:
            found |= self._look_up(model, column, [value for other, value in ways if other == column])

    def number_of(self, model: Any, field: str, text: str) -> str:
        """The number of the record that a cell of the batch names, as text. Raises Refused for none, Invalid."""
        way = self._way(model, text)
        if way is None:
            return _number(model, field, text, text.removeprefix("#").strip())
        number, many = self._found[model.noun].get(way, (0, 0))
        hint = f"Write #NUMBER for epicshell's own {model.noun} number."
        if not many:
            column, value = way
            missing = f"has the address {quote(value)}" if column == "email" else f"{quote(value)} was imported"
            raise Refused(f"{field}: no {model.noun} {missing}.", hint)
        if many > 1:
            raise Refused(f"{field}: several {model.plural()} have that address.", "Write #NUMBER.")
        return str(number)

    def _way(self, model: Any, text: str) -> Way | None:
        """The column by which a cell names a record, and what it has there; None if it is a number of ours."""
        if text.startswith("#"):
            return None
        if "@" in text and hasattr(model, "email"):
            return "email", text
        if ":" in text or self._source:
            return "legacy_ref", text if ":" in text else f"{self._source}:{text}"
        return None

    def _look_up(self, model: Any, name: str, values: Sequence[str]) -> dict[Way, tuple[int, int]]:
        column = getattr(model, name)
        readable = policy.readable(self._context.actor, model) & model.live()
        query = model.select(column, sql.MIN(model.id), sql.COUNT(model.id)).where(column.in_(values) & readable)
        return {(name, value): (number, many) for value, number, many in query.group_by(column).tuples()}


def _number(model: Any, field: str, text: str, digits: str) -> str:
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= _HIGHEST):
        address = ", its e-mail address" if hasattr(model, "email") else ""
        raise Invalid(
            f"{field}: {quote(text)} is no {model.noun} number.",
            f"Accepted: the number of a {model.noun}, #NUMBER{address}, or NAME:NUMBER of an earlier import.",
        )
    return digits
