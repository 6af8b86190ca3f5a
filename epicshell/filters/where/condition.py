"""From tree to SQL: a Peewee expression in which every value is bound.

Two-valued: a comparison with an unknown value is false, and its negation true. Negation is pushed down to the
conditions, so that indexes still serve them. What belongs to a neighbour is asked by EXISTS, people by their ids.
"""

import operator
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from peewee import OP, SQL, Expression, Function, ModelSelect, SelectBase
from peewee import Field as Stored
from peewee import fn as sql

from epicshell.context import Context
from epicshell.filters.where.edges import check, edges_of, is_spanned
from epicshell.filters.where.fields import ME, Type, type_of
from epicshell.filters.where.people import are_others, resolved
from epicshell.filters.where.tree import And, Condition, Not, Tree, Value, conditions
from epicshell.models import Field
from epicshell.models.base import Join, call
from epicshell.text import fold

#: Each operator that is the negation of another.
NEGATED = {"!=": "=", "!~": "~", "not in": "in", "is not empty": "is empty"}
Found = tuple[Join | None, Any]  #: a condition on the neighbour of a join; None: on the row itself
_COMPARED = {"=": OP.EQ, "<": OP.LT, "<=": OP.LTE, ">": OP.GT, ">=": OP.GTE}
_OPPOSITE = {"=": OP.NE, "<": OP.GTE, "<=": OP.GT, ">": OP.LTE, ">=": OP.LT}


def condition(tree: Tree, model: Any, context: Context) -> Expression:
    """What holds for the rows that an expression asks for. Asks who its usernames are.

    Raises Invalid with a span, for a name that nobody has and a date that is out of range.
    """
    check(tree, context)
    return _on_row(*_Compiler(context, model).compiled(resolved(tree, context.database), True))


def looks_far(tree: Tree) -> bool:
    """Whether other tables are asked about each row: about its neighbour there, or how many it has."""
    return any(_looks_far(one) for one in conditions(tree))


def _looks_far(one: Condition) -> bool:
    field = one.field
    if type_of(field) is Type.PERSON:
        return field.having is not None  # else it is an id in the row
    if isinstance(field.zero, Stored) and _marked(one, NEGATED.get(one.operator, one.operator)) is not None:
        return False
    return field.join is not None or asks(field.expression)


def asks(expression: Any) -> bool:
    """Whether an expression has a query in it."""
    if isinstance(expression, Function):
        return any(asks(argument) for argument in expression.arguments)
    return isinstance(expression, SelectBase)


class _Compiler:
    def __init__(self, context: Context, model: Any) -> None:
        self._context, self._model = context, model

    def compiled(self, tree: Tree, wanted: bool) -> Found:
        """What holds where a tree does; where it doesn't, if that is not wanted."""
        if isinstance(tree, Not):
            return self.compiled(tree.part, not wanted)
        if isinstance(tree, Condition):
            asked = NEGATED.get(tree.operator)
            return self._condition(tree, asked or tree.operator, wanted == (asked is None))
        combine = operator.and_ if isinstance(tree, And) == wanted else operator.or_
        return _combined([self.compiled(part, wanted) for part in tree.parts], combine)

    def _condition(self, one: Condition, asked: str, wanted: bool) -> Found:
        field = one.field
        if type_of(field) is Type.PERSON and are_others(field):
            return None, self._person(one, asked, wanted)
        if (marked := _marked(one, asked)) is not None:
            return field.join, _mark(field, marked == wanted)
        if asked == "is empty":
            return field.join, _known(field, not wanted)
        found = self._compared(one, asked, wanted)
        if not wanted and _nullable(field):
            found = found | Expression(field.expression, OP.IS, None)
        return field.join, found

    def _compared(self, one: Condition, asked: str, wanted: bool) -> Expression:
        if asked == "~":
            found = call("strpos", call("crm.fold", one.field.expression), fold(str(one.values[0].value)))
            return found > 0 if wanted else found == 0
        if is_spanned(one):
            return self._in_periods(one, asked, wanted)
        values = [self._value(value) for value in one.values]
        if asked == "in":
            return Expression(one.field.expression, OP.IN if wanted else OP.NOT_IN, values)
        return Expression(one.field.expression, (_COMPARED if wanted else _OPPOSITE)[asked], values[0])

    def _value(self, value: Value) -> Any:
        return self._context.actor.username if value.value == ME else value.value

    def _in_periods(self, one: Condition, asked: str, wanted: bool) -> Expression:
        """Dates, and ranges of numbers: each value has a start and an end."""
        expression, edges = one.field.expression, edges_of(one, self._context)
        if asked not in ("=", "in"):
            start, end = edges[0]
            edge, op = {"<": (start, OP.LT), "<=": (end, OP.LT), ">": (end, OP.GTE), ">=": (start, OP.GTE)}[asked]
            return Expression(expression, op if wanted else {OP.LT: OP.GTE, OP.GTE: OP.LT}[op], edge)
        if wanted:
            inside = [Expression(expression, OP.GTE, a) & Expression(expression, OP.LT, b) for a, b in edges]
            return reduce(operator.or_, inside)
        outside = [Expression(expression, OP.LT, a) | Expression(expression, OP.GTE, b) for a, b in edges]
        return reduce(operator.and_, outside)

    def _person(self, one: Condition, asked: str, wanted: bool) -> Expression:
        """Somebody of another table: by the ids of those who are meant."""
        having, join = one.field.having, one.field.join
        ids = None if asked == "is empty" else self._ids(one)
        if having is not None:
            if ids is None:
                return having(self._model, None, not wanted)
            return having(self._model, ids, wanted) if ids else SQL("false" if wanted else "true")
        assert join is not None  # else it were a text of its own (`are_others`)
        column = join.on().rhs
        if ids is None:
            return Expression(column, OP.IS if wanted else OP.IS_NOT, None)
        if not ids:
            return SQL("false" if wanted else "true")
        if len(ids) == 1:
            found = Expression(column, OP.EQ if wanted else OP.NE, ids[0])
        else:
            found = Expression(column, OP.IN if wanted else OP.NOT_IN, ids)
        return found | Expression(column, OP.IS, None) if join.optional and not wanted else found

    def _ids(self, one: Condition) -> list[int]:
        """Those whom a condition names, without doubles."""
        found: list[int] = []
        for value in one.values:
            number = self._context.actor.employee_id if value.value == ME else value.value
            found += number if isinstance(number, tuple) else (number,)
        return list(dict.fromkeys(found))


def _marked(one: Condition, asked: str) -> bool | None:
    """Whether a condition says that a field is more than 0 (or yes), or that it is not; None if something else."""
    if one.ranged or len(one.values) != 1:
        return None
    kind, value = type_of(one.field), one.values[0].value
    if kind is Type.BOOLEAN:
        return bool(value)
    if kind is not Type.MONEY and one.field.zero is None:  # what may be negative or unknown
        return None
    return {("=", 0): False, ("<=", 0): False, ("<", 1): False, (">", 0): True, (">=", 1): True}.get((asked, value))


def _mark(field: Field, more: bool) -> Any:
    """What holds where a field is more than 0 (or yes); or is not."""
    marked = field.more if more else field.zero
    if marked is not None:
        return marked
    if type_of(field) is Type.BOOLEAN:
        return field.expression if more else ~field.expression
    return Expression(field.expression, OP.GT if more else OP.EQ, 0)


def _known(field: Field, known: bool) -> Any:
    if not _nullable(field):
        return SQL("true" if known else "false")
    return Expression(field.expression, OP.IS_NOT if known else OP.IS, None)


def _nullable(field: Field) -> bool:
    """Whether a field may be unknown."""
    if isinstance(field.expression, Stored):
        return bool(field.expression.null)
    return field.zero is None and isinstance(field.expression, Function | ModelSelect)


def _combined(parts: Sequence[Found], combine: Callable[[Any, Any], Any]) -> Found:
    """Conditions with and, or between them; what is about the same neighbour is asked of it at once."""
    about: dict[Join | None, Any] = {}
    for join, found in parts:
        about[join] = found if join not in about else combine(about[join], found)
    if len(about) == 1:
        return next(iter(about.items()))
    return None, reduce(combine, [_on_row(join, found) for join, found in about.items()])


def _on_row(join: Join | None, found: Any) -> Any:
    """A condition on a neighbour, of which there is always one, as a condition on the row itself."""
    return found if join is None else sql.EXISTS(join.to.select(SQL("1")).where(join.on() & found))
