"""Where values begin and end: dates are periods of time, ranges have two ends; both are half-open."""

from typing import Any

from epicshell.context import Context
from epicshell.errors import Invalid
from epicshell.filters.where import periods
from epicshell.filters.where.fields import Type, type_of
from epicshell.filters.where.grammar import wrong
from epicshell.filters.where.people import emptiness
from epicshell.filters.where.tree import PLACE, Condition, Tree, Value, conditions
from epicshell.text import quote

_DATED = (Type.DAY, Type.TIME)


def check(tree: Tree, context: Context) -> None:
    """Raise Invalid, with its span, for a date that can't be, and a range that ends before it begins."""
    for one in conditions(tree):
        known = all(value.value is not PLACE for value in one.values)
        if known and is_spanned(one):
            edges_of(one, context)


def is_spanned(one: Condition) -> bool:
    """Whether each value of a condition, or all of them together, has a start and an end."""
    return type_of(one.field) in _DATED or one.ranged


def edges_of(one: Condition, context: Context) -> list[tuple[Any, Any]]:
    """The start and the end of each value; of a range, of the whole. Raises Invalid."""
    edges = [_edges(one, value, context) for value in one.values]
    if not one.ranged:
        return edges
    (start, _), (_, end) = edges
    if start >= end:
        first, last = (quote(value.text) for value in one.values)
        hint = "A range goes from the lower to the higher."
        raise wrong(f"{one.field.name}: nothing lies from {first} to {last}.", hint, _span(one))
    return [(start, end)]


def _edges(one: Condition, value: Value, context: Context) -> tuple[Any, Any]:
    field = one.field
    if type_of(field) not in _DATED:
        return value.value, value.value + 1
    try:
        found = periods.period(value.text, context.now, context.zone)
    except Invalid as error:
        hint = emptiness(field, one.operator, value.text) or error.hint
        raise wrong(f"{field.name}: {error.sentence}", hint, value.span) from None
    return found.days(context.zone) if type_of(field) is Type.DAY else found.in_zone(context.zone)


def _span(one: Condition) -> tuple[int, int]:
    return one.values[0].span[0], one.values[-1].span[1]
