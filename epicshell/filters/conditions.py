"""Flags as conditions: each flag of a list stands for a condition of the filter language."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from peewee import Expression

from epicshell.context import Context
from epicshell.errors import NotAllowed
from epicshell.filters.where.fields import ME
from epicshell.filters.where.reader import leaf
from epicshell.filters.where.tree import Condition, Tree, Value, together
from epicshell.models import Employee, Entity
from epicshell.params.base import Only

OWNERS = ("sales", "support")  #: the departments that something is theirs in particular
Mine = Annotated[bool, Only(OWNERS)]

Flag = tuple[Any, str, str, Any]  #: what is given; if anything is: field, operator, value


def chosen(*flags: tuple[Any, Callable[[], Expression]]) -> Iterator[Expression]:
    """The conditions of the flags that are given, of a list that has no expressions."""
    return (condition() for given, condition in flags if given)


def asked(context: Context, model: Any, where: Tree | None, *flags: Flag) -> Tree | None:
    """One expression of the flags that are given, and of what stands behind `where`; None if that is nothing."""
    given = [_leaf(context, model, *flag) for value, *flag in flags if value is not None and value is not False]
    return together(*given, where)


def _leaf(context: Context, model: Any, name: str, operator: str, value: Any) -> Condition:
    """value: as a parameter gives it: a record stands for its number or username, a day for itself."""
    values = () if value is None else (_value(value),)
    return leaf(model, context.actor.department, name, operator, *values)


def _value(value: Any) -> Value:
    if isinstance(value, bool):
        return Value("yes" if value else "no", value)
    if isinstance(value, Employee):
        return Value(value.username, value.id)
    if isinstance(value, Entity):
        return Value(str(value.id), value.id)
    return Value(str(value), value)


def mine(context: Context, given: bool) -> Flag:
    """What is the actor's: for sales by their clients, for support by the events assigned to them."""
    actor = context.actor
    if given and actor.department not in OWNERS:
        raise NotAllowed(f"--mine is for sales and support; as {actor.department} nothing is yours in particular.")
    needed = given and not actor.need_to_know  # else they read nothing but theirs
    return needed, "sales" if actor.department == "sales" else "support", "=", ME
