"""The parameter type of each entity, and the key of a record whose noun is another argument."""

from collections.abc import Mapping
from typing import Annotated, Any

from epicshell import policy
from epicshell.context import Context
from epicshell.models import Client, Contract, Employee, Entity, Event, Notification, Payment, Trashable
from epicshell.params.base import Param, Scalar
from epicshell.params.people import EmployeeParam
from epicshell.params.records import NotificationParam, RecordParam
from epicshell.params.scalars import KEY

BY_ENTITY: dict[Any, Param] = {
    Client: RecordParam(Client),
    Contract: RecordParam(Contract),
    Event: RecordParam(Event),
    Payment: RecordParam(Payment),
    Notification: NotificationParam(Notification),
    Employee: EmployeeParam(),
}


class OfNoun(Scalar):
    """The key of a record whose noun stands before it, in the parameter `noun`."""

    def given(self, typed: Mapping[str, str]) -> Param:
        model = policy.BY_NOUN.get(typed.get("noun", "").lower())
        return self if model is None else BY_ENTITY[model]


def historic(noun: str, key: str, context: Context) -> Entity:
    """The record whose history is asked for, live or, for who sees the trash, deleted."""
    model = policy.BY_NOUN[noun]
    param = BY_ENTITY[model]
    if issubclass(model, Trashable) and policy.sees_trash(context.actor, model):
        param = RecordParam(model, trashed=None)
    found: Entity = param.parse(key, context, None)
    return found


Key = Annotated[str, OfNoun(KEY.metavar, KEY.accepts, KEY.read)]
