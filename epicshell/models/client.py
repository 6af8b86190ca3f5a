"""Clients, and finding them by the start of any word of their name and company."""

from collections.abc import Sequence
from typing import Any

from peewee import SQL, BooleanField, CharField, CompositeKey, DateField, Expression, IntegerField, Model
from peewee import fn as sql

from epicshell.models.base import Field, Join, TextField, Trashable, listed, noon
from epicshell.models.employee import Employee, Sales
from epicshell.results import Kind


class Client(Trashable):
    noun = "client"
    summary = ("id", "full_name", "company", "email", "phone", "sales", "updated_at")
    full_name = CharField()
    email = CharField()
    phone = CharField()
    company = CharField()
    first_contact_on = DateField()
    sales_id = IntegerField()
    prospect = BooleanField()
    contractless = BooleanField()
    legacy_ref = CharField(null=True)

    class Meta:
        table_name = "clients"

    @classmethod
    def fields(cls) -> Sequence[Field]:
        return (
            Field("id", Kind.INTEGER, cls.id),
            TextField("full_name", cls.full_name),
            Field("email", Kind.TEXT, cls.email),
            Field("phone", Kind.TEXT, cls.phone),
            TextField("company", cls.company),
            Field("sales", Kind.TEXT, Sales.username, _SALES),
            Field("first_contact_on", Kind.DATE, cls.first_contact_on),
            Field("created_at", Kind.TIME, cls.created_at),
            Field("updated_at", Kind.TIME, cls.updated_at),
            Field("revision", Kind.INTEGER, cls.revision),
        )

    @classmethod
    def neighbours(cls) -> Sequence[Field]:
        from epicshell.models.contract import Contract
        from epicshell.models.event import Event

        contracts = Contract.select(SQL("1")).where((Contract.client_id == cls.id) & Contract.live())
        events = Event.select(SQL("1")).where((Event.client_id == cls.id) & Event.live())
        due = sql.COALESCE(sql.SUM(Contract.due), 0).cast("bigint")
        signed = contracts.where(Contract.signed)
        owing = signed.where(Contract.due > 0)  # a partial index has just these
        return (
            Field("support", Kind.TEXT, Event.people_of(cls), having=Event.run_by),
            Field("prospect", Kind.BOOLEAN, cls.prospect),
            Field("contracts", Kind.INTEGER, _count(contracts), zero=cls.contractless, more=~cls.contractless),
            Field("events", Kind.INTEGER, _count(events), zero=~sql.EXISTS(events), more=sql.EXISTS(events)),
            Field("last_signed_at", Kind.TIME, signed.select(sql.MAX(Contract.signed_at))),
            Field("last_event_at", Kind.TIME, events.select(sql.MAX(Event.starts_at))),
            Field("owed", Kind.MONEY, owing.select(due), zero=~sql.EXISTS(owing), more=sql.EXISTS(owing)),
            Field("last_activity_at", Kind.TIME, cls._last_activity()),
            Field("legacy_ref", Kind.TEXT, cls.legacy_ref),
        )

    @classmethod
    def first_contact(cls) -> Any:
        """The first contact as a moment: noon, in UTC, of its day."""
        return noon(cls.first_contact_on)

    @classmethod
    def _last_activity(cls) -> Any:
        """The last first contact, contract drawn up or signed, payment (at noon) or end of an event."""
        from epicshell.models.contract import Contract, Payment
        from epicshell.models.event import Event

        mine = (Contract.client_id == cls.id) & Contract.live()
        drawn = Contract.select(sql.MAX(sql.GREATEST(Contract.created_at, Contract.signed_at))).where(mine)
        paid = (
            Payment.select(sql.MAX(Payment.day())).join(Contract, on=(Contract.id == Payment.contract_id)).where(mine)
        )
        held = Event.select(sql.MAX(Event.ends_at)).where((Event.client_id == cls.id) & Event.live())
        return sql.GREATEST(cls.first_contact(), drawn, paid, held)

    def children(self) -> str:
        from epicshell.models.contract import Contract

        mine = Contract.select(Contract.id).where((Contract.client_id == self.id) & Contract.live())
        return listed("contract", [row.id for row in mine.order_by(Contract.id).limit(11)])

    def reassign(self, to: Employee) -> None:
        """Make someone else of sales the contact; contracts and events follow."""
        self.change(sales_id=to.id)


def _count(rows: Any) -> Any:
    return rows.select(sql.COUNT(SQL("*")))


_SALES = Join(Sales, lambda: Sales.id == Client.sales_id)


class ClientWord(Model):
    """One folded word of a live client's name or company; behind a mark, of its contacts (schema/013_search.sql)."""

    word = CharField()
    client_id = IntegerField()
    sales_id = IntegerField()

    class Meta:
        schema = "crm"
        table_name = "client_words"
        primary_key = CompositeKey("word", "client_id")

    @classmethod
    def starting(cls, folded: str) -> Expression:
        """The words that begin with a folded text, as a range that an index answers."""
        return (cls.word >= folded) & (cls.word < folded + "\U0010fffd")
