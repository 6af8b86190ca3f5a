"""Flags as conditions: the expressions that a list's flags stand for."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from peewee import Expression

from epicshell.context import Context
from epicshell.errors import NotAllowed
from epicshell.models import Event
from epicshell.params.base import Only

OWNERS = ("sales", "support")  #: the departments that something is theirs in particular
Mine = Annotated[bool, Only(OWNERS)]


def chosen(*flags: tuple[Any, Callable[[], Expression | None]]) -> Iterator[Expression]:
    """The conditions of the flags that are given."""
    for given, condition in flags:
        if given:
            expression = condition()
            if expression is not None:
                yield expression


def mine(context: Context, model: Any) -> Expression | None:
    """What is the actor's: for sales by their clients, for support by the events assigned to them."""
    actor = context.actor
    if actor.department not in OWNERS:
        raise NotAllowed(f"--mine is for sales and support; as {actor.department} nothing is yours in particular.")
    if actor.need_to_know:
        return None  # they read nothing else
    if actor.department == "sales":
        return model.sales_id == actor.employee_id
    return Event.support_id == actor.employee_id if model is Event else Event.supported(model, actor.employee_id)
