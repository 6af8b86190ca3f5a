"""Orders of rows, and the rows behind a given one: how lists are sorted, and how their next page is found.

A page begins behind the last row of the one before (keyset pagination), wherever that stands by now: records that were
changed, added or deleted meanwhile neither shift the pages nor cost a scan of what was shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

from peewee import Expression, Ordering, Tuple, Value

from epicshell.models import Field
from epicshell.models.base import call
from epicshell.results import Kind

Order = Sequence[tuple[Field, bool]]  #: (field, descending), the first counts most
Position = Mapping[str, Any]  #: the values of a row, by the names of the fields that its list is sorted by, and its key


@dataclass(frozen=True, slots=True)
class Key:
    """What rows are compared by. folds: texts, accents and case ignored. optional: it may be unknown, which is last."""

    name: str
    expression: Any
    descending: bool
    folds: bool = False
    optional: bool = False

    @property
    def ordering(self) -> Any:
        nulls = "LAST" if self.optional else None
        return Ordering(self.expression, "DESC" if self.descending else "ASC", nulls=nulls)

    def value(self, row: Position) -> Any:
        """What a row has there, to be compared with the expression; None if it is unknown."""
        value = row[self.name]
        if value is None:
            return None
        return call("crm.folded", value) if self.folds else Value(value, converter=False)

    def same(self, value: Any) -> Expression:
        return Expression(self.expression, "IS", None) if value is None else Expression(self.expression, "=", value)

    def behind(self, value: Any) -> Expression | None:
        """That it is behind a value; None where nothing is."""
        if value is None:
            return None
        further = Expression(self.expression, "<" if self.descending else ">", value)
        return further | Expression(self.expression, "IS", None) if self.optional else further

    def not_before(self, value: Any) -> Expression | None:
        """A range that an index finds, and in which everything is that is behind a row; None where there is none."""
        if value is None:
            return self.same(None)
        if self.optional:
            return None
        return Expression(self.expression, "<=" if self.descending else ">=", value)


def keys(model: Any, order: Order) -> list[Key]:
    """The keys of an order; by its own key at last, so that no two rows are in the same place."""
    found = []
    primary = model._meta.primary_key
    for field, descending in order:
        found.append(_key(field, descending))
        if field.expression is primary:
            return found
    return [*found, Key(primary.name, primary, order[0][1])]


def _key(field: Field, descending: bool) -> Key:
    folds = field.order is not None
    return Key(field.name, field.order if folds else field.expression, descending, folds, _optional(field))


def _optional(field: Field) -> bool:
    """Whether a field may be unknown: what is computed is known where it counts, or tells yes from no."""
    stored = getattr(field.expression, "null", None)
    if isinstance(stored, bool):
        return stored or bool(field.join and field.join.optional)
    return field.kind in (Kind.TEXT, Kind.DATE, Kind.TIME)


def behind(order: Sequence[Key], row: Position) -> Expression:
    """That a row stands behind another in an order. row: the values of that one."""
    values = [key.value(row) for key in order]
    if len({key.descending for key in order}) == 1 and not any(key.optional for key in order):
        operator = "<" if order[0].descending else ">"
        condition = Expression(Tuple(*[key.expression for key in order]), operator, Tuple(*values))
    else:
        condition = _expanded(order, values)
    start = order[0].not_before(values[0])
    return condition if start is None else start & condition


def _expanded(order: Sequence[Key], values: Sequence[Any]) -> Expression:
    """Behind in the first key; or the same there, and behind in the second; and so on."""
    ways = []
    for place, (key, value) in enumerate(zip(order, values, strict=True)):
        further = key.behind(value)
        if further is not None:
            same = [one.same(other) for one, other in zip(order[:place], values[:place], strict=True)]
            ways.append(reduce(and_, [*same, further]))
    condition: Expression = reduce(or_, ways)
    return condition
