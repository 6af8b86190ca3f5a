"""Who the usernames of an expression are: asked once, before the rows are, so that these are found by ids."""

from collections.abc import Mapping
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Any

from epicshell.database import Database
from epicshell.errors import Invalid
from epicshell.filters.where.fields import ME, OPERATORS, Type, type_of
from epicshell.filters.where.grammar import wrong
from epicshell.filters.where.tree import And, Condition, Not, Or, Tree, Value, conditions
from epicshell.models import Employee, Field
from epicshell.models.base import call
from epicshell.params.people import who_is_meant
from epicshell.text import fold

_NOTHING = ("", "null", "none", "nil", "nobody", "unassigned")


def are_others(field: Field) -> bool:
    """Whether the people of a field stand in another table than the field."""
    return field.join is not None or field.having is not None


def resolved(tree: Tree, database: Database, first: str = "") -> Tree:
    """The tree with the ids of those whom it names: of a contained text a tuple of them; `me` stays.

    first: a statement that is run before, on the same way. Raises Invalid for a name that nobody has.
    """
    asked = [(one, value) for one in conditions(tree) if _names(one) for value in one.values]
    unknown = [(one, value) for one, value in asked if isinstance(value.value, str) and value.value != ME]
    found: Mapping[str, int] = {}
    if unknown:
        found = _ask(unknown, database, f"{first};" if first else "")
    elif first:
        database.execute_sql(first)
    for one, value in unknown:
        if not _is_part(one) and value.value not in found:
            raise _nobody(one, value)
    return _with_ids(tree, found) if unknown else tree


def _names(one: Condition) -> bool:
    return type_of(one.field) is Type.PERSON and are_others(one.field)


def _is_part(one: Condition) -> bool:
    return one.operator in ("~", "!~")


def _ask(unknown: list[tuple[Condition, Value]], database: Database, first: str) -> Mapping[str, int]:
    names = [value.value for one, value in unknown if not _is_part(one)]
    parts = {fold(value.value) for one, value in unknown if _is_part(one)}
    wanted = [call("strpos", Employee.username, part) > 0 for part in parts]
    if names:
        wanted.append(Employee.username.in_(names))
    query = Employee.select(Employee.username, Employee.id).where(reduce(or_, wanted))
    statement, parameters = database.get_sql_context().sql(query).query()
    return dict(database.execute_sql(first + statement, tuple(parameters)).fetchall())


def _with_ids(tree: Tree, found: Mapping[str, int]) -> Tree:
    if isinstance(tree, Not):
        return Not(_with_ids(tree.part, found))
    if isinstance(tree, And | Or):
        return type(tree)(tuple(_with_ids(part, found) for part in tree.parts))
    if not _names(tree):
        return tree
    return replace(tree, values=tuple(replace(value, value=_id(tree, value, found)) for value in tree.values))


def _id(one: Condition, value: Value, found: Mapping[str, int]) -> Any:
    if not isinstance(value.value, str):
        return value.value
    if _is_part(one):
        return tuple(number for name, number in found.items() if fold(value.value) in name)
    return found.get(value.value, value.value)


def emptiness(field: Field, operator: str, text: str) -> str:
    """A hint for a value that says, as other languages do, that there is none."""
    if text.strip().lower() not in _NOTHING or "is empty" not in OPERATORS[type_of(field)]:
        return ""
    return f"Write {field.name} is {'not ' if operator.startswith(('!', 'not')) else ''}empty."


def _nobody(one: Condition, value: Value) -> Invalid:
    hint = emptiness(one.field, one.operator, value.value) or who_is_meant(value.text)
    return wrong(f"{one.field.name}: there is no employee {value.value}.", hint, value.span)
