"""Notifications: what someone else did to one's events, clients and contracts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from peewee import SQL, BigIntegerField, Case, CharField, DateTimeField, IntegerField
from peewee import fn as sql

from epicshell.models.base import Entity, Field, Join, call
from epicshell.models.client import Client
from epicshell.models.contract import Contract
from epicshell.models.employee import Employee
from epicshell.models.event import Event
from epicshell.results import Kind
from epicshell.text import counted

if TYPE_CHECKING:
    from psycopg2.extensions import connection

MOST_UNREAD = 1000  #: how many unread ones are told apart and counted

_WORDS = {
    "assigned": "assigned to you",
    "unassigned": "no longer assigned to you",
    "paid": "paid in full",
    "payment": "a payment was booked",
    "voided": "a payment was taken back",
    "handed-over": "handed over to you",
}


class Notification(Entity):
    """One thing that happened. What its record is called is read now, under the reader's own rights."""

    noun = "notification"
    summary = ("id", "created_at", "kind", "noun", "row_id", "about", "fields", "actor")
    id = BigIntegerField(primary_key=True)
    revision = None
    recipient_id = IntegerField()
    kind = CharField()
    row_noun = CharField(column_name="noun")
    row_id = IntegerField()
    actor_id = IntegerField()
    changed = CharField(column_name="fields")
    created_at = DateTimeField()
    read_at = DateTimeField(null=True)

    class Meta:
        table_name = "notifications"

    @classmethod
    def fields(cls) -> Sequence[Field]:
        about = _about()
        return (
            Field("id", Kind.INTEGER, cls.id),
            Field("kind", Kind.TEXT, cls.kind),
            Field("noun", Kind.TEXT, cls.row_noun),
            Field("row_id", Kind.INTEGER, cls.row_id),
            Field("about", Kind.TEXT, about),
            Field("fields", Kind.TEXT, Case(None, ((about.is_null(False), call("nullif", cls.changed, "")),))),
            Field("actor", Kind.TEXT, Employee.username, _ACTOR),
            Field("created_at", Kind.TIME, cls.created_at),
            Field("read", Kind.BOOLEAN, cls.read_at.is_null(False)),
        )

    @classmethod
    def unread(cls) -> Any:
        return cls.read_at.is_null()

    @classmethod
    def numbers(cls, employee_id: int) -> list[int]:
        """The ids of someone's unread notifications, the newest first, up to MOST_UNREAD."""
        mine = cls.select(cls.id).where((cls.recipient_id == employee_id) & cls.unread())
        return [row[0] for row in mine.order_by(cls.id.desc()).limit(MOST_UNREAD).tuples()]

    @classmethod
    def told(cls, numbers: Sequence[int]) -> list[str]:
        """Notifications as a line each, oldest first; about a record that can't be read, only its number."""
        rows = cls.view(cls.fields()).where(cls.id.in_(numbers)).order_by(cls.id)
        return [sentence(*row[1:7]) for row in rows.tuples()]

    @classmethod
    def summed(cls, numbers: Sequence[int]) -> list[tuple[str, int]]:
        """Notifications as a line for those that are alike, with how many they are; the most frequent first.

        `500 events: assigned to you, by mia.manager`
        """
        count = sql.COUNT(SQL("*"))
        alike = (cls.kind, cls.row_noun, Employee.username)
        query = cls.select(*alike, count).join(Employee, on=_ACTOR.on()).where(cls.id.in_(numbers)).group_by(*alike)
        return [
            (f"{counted(many, noun.removesuffix('s'))}: {_WORDS.get(kind, kind)}, by {actor}", many)
            for kind, noun, actor, many in query.order_by(count.desc(), *alike).tuples()
        ]

    @classmethod
    def mark_all_read(cls, employee_id: int) -> int:
        """Mark all of someone's notifications as read; how many were not."""
        mine = (cls.recipient_id == employee_id) & cls.unread()
        return int(cls.update(read_at=call("now")).where(mine).execute())

    def mark_read(self) -> None:
        """Note that it has been read, if it has not been before."""
        model = type(self)
        model.update(read_at=call("now")).where((model.id == self.id) & model.unread()).execute()


def sentence(kind: str, noun: str, row_id: int, about: str | None, fields: str | None, actor: str) -> str:
    """`Event 302 (Casey Summer Ball): changed (location), by mia.manager`; as stored, so not yet fit for a terminal."""
    named = f" ({about})" if about else ""
    changed = f" ({fields})" if fields else ""
    return f"{noun.removesuffix('s').capitalize()} {row_id}{named}: {_WORDS.get(kind, kind)}{changed}, by {actor}"


def listen(opened: "connection", employee_id: int) -> list[int]:
    """Be woken on this connection from now on; the ids of what is unread, the newest first, up to MOST_UNREAD."""
    with opened.cursor() as cursor:
        cursor.execute("SELECT api.listen()")
        cursor.execute(
            "SELECT id FROM crm.notifications WHERE recipient_id = %s AND read_at IS NULL ORDER BY id DESC LIMIT %s",
            (employee_id, MOST_UNREAD),
        )
        return [row[0] for row in cursor.fetchall()]


def _about() -> Any:
    """What the record is called: the event's name, or the client's. Row security decides whether it is told."""
    event = Event.select(Event.name).where(Event.id == Notification.row_id)
    client = Client.select(Client.full_name).where(Client.id == Notification.row_id)
    contract = (
        Contract.select(Client.full_name)
        .join(Client, on=(Client.id == Contract.client_id))
        .where(Contract.id == Notification.row_id)
    )
    return Case(Notification.row_noun, (("events", event), ("contracts", contract), ("clients", client)))


_ACTOR = Join(Employee, lambda: Employee.id == Notification.actor_id)
