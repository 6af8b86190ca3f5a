"""Contracts and their payments. Amounts are integers in cents."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from peewee import SQL, BigIntegerField, BooleanField, CharField, DateField, DateTimeField, IntegerField
from peewee import fn as sql

from epicshell.errors import Conflict
from epicshell.models.base import Entity, Field, Join, TextField, Trashable, call, listed, noon
from epicshell.models.client import Client
from epicshell.models.employee import Sales
from epicshell.results import Kind


class Contract(Trashable):
    noun = "contract"
    summary = ("id", "client_id", "client", "sales", "total", "due", "signed", "created_at")
    client_id = IntegerField()
    sales_id = IntegerField()
    total = BigIntegerField()
    due = BigIntegerField()
    signed = BooleanField()
    signed_at = DateTimeField(null=True)
    eventless = BooleanField()
    legacy_ref = CharField(null=True)

    class Meta:
        table_name = "contracts"

    @classmethod
    def fields(cls) -> Sequence[Field]:
        return (
            Field("id", Kind.INTEGER, cls.id),
            Field("client_id", Kind.INTEGER, cls.client_id),
            TextField("client", Client.full_name, _CLIENT),
            Field("sales", Kind.TEXT, Sales.username, _SALES),
            Field("total", Kind.MONEY, cls.total),
            Field("due", Kind.MONEY, cls.due),
            Field("signed", Kind.BOOLEAN, cls.signed),
            Field("signed_at", Kind.TIME, cls.signed_at),
            Field("created_at", Kind.TIME, cls.created_at),
            Field("updated_at", Kind.TIME, cls.updated_at),
            Field("revision", Kind.INTEGER, cls.revision),
        )

    @classmethod
    def neighbours(cls) -> Sequence[Field]:
        from epicshell.models.event import Event

        rows = Event.select(SQL("1")).where((Event.contract_id == cls.id) & Event.live())
        events = rows.select(sql.COUNT(SQL("*")))
        return (
            TextField("company", Client.company, _CLIENT),
            Field("client_email", Kind.TEXT, Client.email, _CLIENT),
            Field("client_phone", Kind.TEXT, Client.phone, _CLIENT),
            Field("support", Kind.TEXT, Event.people_of(cls), having=Event.run_by),
            Field("paid", Kind.BOOLEAN, cls.due == 0, zero=cls.due > 0),
            Field("events", Kind.INTEGER, events, zero=cls.eventless, more=~cls.eventless),
            Field("legacy_ref", Kind.TEXT, cls.legacy_ref),
        )

    @classmethod
    def draw_up(
        cls, client: Client, total: int, due: int, signed_at: datetime | None, today: date, **more: Any
    ) -> "Contract":
        """Create a contract; a due below the total books the difference as its first payment. more: other columns."""
        contract = cls.add(client_id=client.id, total=total, signed_at=signed_at, **more)
        if due != total:
            contract.pay(total - due, today)
        return contract

    def sign(self, at: datetime) -> None:
        self.change(signed_at=at)

    def unsign(self) -> None:
        """Take the signature back. Raises Conflict naming the events that stand on it."""
        if children := self.children():
            raise Conflict(f"Contract {self.id} still has {children}; it stays signed.", "Delete these first.")
        self.change(signed_at=None)

    def restore(self) -> None:
        Client.get_by_id(self.client_id).hold_up(self)
        super().restore()

    @property
    def paid(self) -> int:
        """The sum of its payments, in cents."""
        return int(self.total - self.due)

    def pay(self, amount: int, on: date) -> "Payment":
        """Book a payment; the database lowers the due, and refuses more than it."""
        return Payment.add(contract_id=self.id, amount=amount, paid_on=on)

    def children(self) -> str:
        from epicshell.models.event import Event

        mine = Event.select(Event.id).where((Event.contract_id == self.id) & Event.live())
        return listed("event", [row.id for row in mine.order_by(Event.id).limit(11)])


_CLIENT = Join(Client, lambda: Client.id == Contract.client_id)
_SALES = Join(Sales, lambda: Sales.id == Contract.sales_id)


class Payment(Entity):
    noun = "payment"
    summary = ("id", "contract_id", "amount", "paid_on", "created_at")
    contract_id = IntegerField()
    amount = BigIntegerField()
    paid_on = DateField()
    created_at = DateTimeField()

    class Meta:
        table_name = "payments"

    @classmethod
    def fields(cls) -> Sequence[Field]:
        return (
            Field("id", Kind.INTEGER, cls.id),
            Field("contract_id", Kind.INTEGER, cls.contract_id),
            Field("amount", Kind.MONEY, cls.amount),
            Field("paid_on", Kind.DATE, cls.paid_on),
            Field("created_at", Kind.TIME, cls.created_at),
            Field("revision", Kind.INTEGER, cls.revision),
        )

    @classmethod
    def day(cls) -> Any:
        """Its day as a moment: noon, in UTC."""
        return noon(cls.paid_on)

    def contract(self) -> Contract:
        found: Contract = Contract.get_by_id(self.contract_id)
        return found

    def void(self) -> None:
        """Take the payment back; the contract's due rises again. The audit keeps what it was."""
        self._take(Payment.select().where((Payment.id == self.id) & call("api.void_payment", self.id)))
