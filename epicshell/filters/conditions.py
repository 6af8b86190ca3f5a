"""Flags as conditions: the expressions that a list's flags stand for."""

from collections.abc import Callable, Iterator
from typing import Any

from peewee import Expression
from peewee import fn as sql

from epicshell.context import Context
from epicshell.errors import NotAllowed
from epicshell.models import Client, Event


def chosen(*flags: tuple[Any, Callable[[], Expression | None]]) -> Iterator[Expression]:
    """The conditions of the flags that are given."""
    for given, condition in flags:
        if given:
            expression = condition()
            if expression is not None:
                yield expression


def mine(context: Context, model: Any) -> Expression:
    """What is the actor's: for sales by their clients, for support by the events assigned to them."""
    actor = context.actor
    if actor.department == "sales":
        return model.sales_id == actor.employee_id
    if actor.department != "support":
        raise NotAllowed(f"--mine is for sales and support; as {actor.department} nothing is yours in particular.")
    if model is Event:
        return Event.support_id == actor.employee_id
    link = Event.client_id if model is Client else Event.contract_id
    return sql.EXISTS(
        Event.select(1).where((link == model.id) & (Event.support_id == actor.employee_id) & Event.live())
    )
