"""Events: what a signed contract is for, run by one person of support."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from peewee import SQL, CharField, DateTimeField, Expression, IntegerField
from peewee import fn as sql

from epicshell.errors import Conflict
from epicshell.models.base import Field, Join, TextField, Trashable, call
from epicshell.models.client import Client
from epicshell.models.contract import Contract
from epicshell.models.employee import Employee, Sales, Support
from epicshell.results import Kind


class Event(Trashable):
    noun = "event"
    summary = ("id", "name", "client", "contract_id", "support", "starts_at", "ends_at", "attendees", "location")
    name = CharField()
    contract_id = IntegerField()
    client_id = IntegerField()
    sales_id = IntegerField()
    support_id = IntegerField(null=True)
    starts_at = DateTimeField()
    ends_at = DateTimeField()
    location = CharField()
    attendees = IntegerField(null=True)
    notes = CharField()
    legacy_ref = CharField(null=True)

    class Meta:
        table_name = "events"

    @classmethod
    def fields(cls) -> Sequence[Field]:
        return (
            Field("id", Kind.INTEGER, cls.id),
            TextField("name", cls.name),
            Field("contract_id", Kind.INTEGER, cls.contract_id),
            Field("client_id", Kind.INTEGER, cls.client_id),
            TextField("client", Client.full_name, _CLIENT),
            Field("client_email", Kind.TEXT, Client.email, _CLIENT),
            Field("client_phone", Kind.TEXT, Client.phone, _CLIENT),
            Field("sales", Kind.TEXT, Sales.username, _SALES),
            Field("support", Kind.TEXT, Support.username, _SUPPORT),
            Field("starts_at", Kind.TIME, cls.starts_at),
            Field("ends_at", Kind.TIME, cls.ends_at),
            TextField("location", cls.location),
            Field("attendees", Kind.INTEGER, cls.attendees),
            Field("notes", Kind.TEXT, call("nullif", cls.notes, "")),
            Field("created_at", Kind.TIME, cls.created_at),
            Field("updated_at", Kind.TIME, cls.updated_at),
            Field("revision", Kind.INTEGER, cls.revision),
        )

    @classmethod
    def neighbours(cls) -> Sequence[Field]:
        return (
            TextField("company", Client.company, _CLIENT),
            Field("total", Kind.MONEY, Contract.total, _CONTRACT),
            Field("due", Kind.MONEY, Contract.due, _CONTRACT),
            Field("paid", Kind.BOOLEAN, Contract.due == 0, _CONTRACT, zero=Contract.due > 0),
            Field("signed", Kind.BOOLEAN, Contract.signed, _CONTRACT),
            Field("signed_at", Kind.TIME, Contract.signed_at, _CONTRACT),
            Field("legacy_ref", Kind.TEXT, cls.legacy_ref),
        )

    @classmethod
    def is_past(cls, now: datetime) -> Expression:
        """Over. That it has started goes without saying, but tells the index by start where to begin."""
        return (cls.starts_at < now) & (cls.ends_at <= now)

    @classmethod
    def supported(cls, model: Any, employee_id: int) -> Expression:
        """The clients or contracts of the events that someone runs; found newest first, as lists show them."""
        link = cls.client_id if model is Client else cls.contract_id
        mine = cls.select(link).where((cls.support_id == employee_id) & cls.live())
        return model.id.in_(mine.distinct().order_by(link.desc()))

    @classmethod
    def run_by(cls, model: Any, employees: Sequence[int] | None, among: bool) -> Expression:
        """The clients or contracts one of whose events is run by one of some people; not among: none is.

        employees: their ids; None: anybody.
        """
        if employees is not None and len(employees) == 1 and among:
            return cls.supported(model, employees[0])
        link = cls.client_id if model is Client else cls.contract_id
        run = cls.support_id.is_null(False) if employees is None else cls.support_id.in_(employees)
        found = sql.EXISTS(cls.select(SQL("1")).where((link == model.id) & run & cls.live()))
        return found if among else ~found

    @classmethod
    def people_of(cls, model: Any) -> Any:
        """Who runs the events of a client or a contract, by username, as one text."""
        link = cls.client_id if model is Client else cls.contract_id
        names = sql.STRING_AGG(SQL("DISTINCT people.username"), SQL("', ' ORDER BY people.username"))
        run = cls.select(names).join(_PEOPLE, on=(_PEOPLE.id == cls.support_id))
        return run.where((link == model.id) & cls.live())

    def assign(self, support: Employee) -> None:
        self.change(support_id=support.id)

    def unassign(self) -> None:
        self.change(support_id=None)

    def restore(self) -> None:
        """Bring back from the trash. Raises Conflict if its contract is there too, or no longer signed."""
        contract = Contract.get_by_id(self.contract_id)
        contract.hold_up(self)
        if not contract.signed:
            raise Conflict(
                f"Event {self.id} needs a signed contract, and contract {contract.id} is not; nothing was restored.",
                f"First: contracts sign {contract.id}",
            )
        super().restore()


_PEOPLE = Employee.alias("people")
_CLIENT = Join(Client, lambda: Client.id == Event.client_id)
_CONTRACT = Join(Contract, lambda: Contract.id == Event.contract_id)
_SALES = Join(Sales, lambda: Sales.id == Event.sales_id)
_SUPPORT = Join(Support, lambda: Support.id == Event.support_id, optional=True)
