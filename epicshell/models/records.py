"""What the database keeps about its users: settings, sessions, history, audit."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from peewee import BigIntegerField, BooleanField, CharField, DateTimeField, Expression, IntegerField

from epicshell.errors import Invalid
from epicshell.models.base import Entity, Field, Join, call
from epicshell.models.employee import Employee
from epicshell.moments import is_zone
from epicshell.results import Kind
from epicshell.text import quote


class Json(CharField):
    """A jsonb value, as the dict that psycopg2 makes of it."""

    def adapt(self, value: Any) -> Any:
        return value


_DURATION = ("[1-9][0-9]{0,4}(s|min|h)", "a number of s, min or h, such as 90min")


class Setting(Entity):
    """A setting of the installation."""

    #: What each one accepts: a pattern, and the same in words.
    ACCEPTED: ClassVar[dict[str, tuple[str, str]]] = {
        "read_mode": ("company|need-to-know", "company or need-to-know"),
        "timezone": (".+", "a name such as Europe/Paris"),
        "currency": ("[A-Z]{3}", "a code of three capital letters, such as EUR"),
        "phone_region": ("[A-Z]{2}", "a country as two capital letters, such as FR"),
        "idle_timeout": _DURATION,
        "session_lifetime": _DURATION,
    }
    noun = "setting"
    summary = ("name", "value", "description")
    id = None
    name = CharField(primary_key=True)
    value = CharField()
    description = CharField()

    class Meta:
        table_name = "settings"

    @classmethod
    def fields(cls) -> Sequence[Field]:
        return (
            Field("name", Kind.TEXT, cls.name),
            Field("value", Kind.TEXT, cls.value),
            Field("description", Kind.TEXT, cls.description),
            Field("revision", Kind.INTEGER, cls.revision),
        )

    def put(self, value: str) -> None:
        """Change the value. Raises Invalid, saying what this setting accepts."""
        pattern, words = self.ACCEPTED[self.name]
        if not re.fullmatch(pattern, value) or (self.name == "timezone" and not is_zone(value)):
            raise Invalid(f"{self.name} can't be {quote(value)}.", f"Accepted: {words}.")
        self.change(value=value)


class LiveSession(Entity):
    """A session that has not ended: one's own, for an admin everyone's."""

    noun = "session"
    summary = ("id", "username", "origin", "created_at", "last_seen_at", "ends_at", "current")
    id = BigIntegerField(primary_key=True)
    revision = None
    employee_id = IntegerField()
    username = CharField()
    origin = CharField()
    created_at = DateTimeField()
    last_seen_at = DateTimeField()
    ends_at = DateTimeField()
    current = BooleanField()

    class Meta:
        schema = "api"
        table_name = "sessions"

    @classmethod
    def fields(cls) -> Sequence[Field]:
        return (
            Field("id", Kind.INTEGER, cls.id),
            Field("username", Kind.TEXT, cls.username),
            Field("origin", Kind.TEXT, cls.origin),
            Field("created_at", Kind.TIME, cls.created_at),
            Field("last_seen_at", Kind.TIME, cls.last_seen_at),
            Field("ends_at", Kind.TIME, cls.ends_at),
            Field("current", Kind.BOOLEAN, cls.current),
        )

    def revoke(self) -> None:
        """End the session; its owner must log in again."""
        LiveSession.select(call("api.revoke_session", self.id)).where(LiveSession.id == self.id).execute()


CHANGES = ("create", "update", "delete", "restore", "void")  #: the actions that change a record


class Change(Entity):
    """One change of a record, as its readers may see it. old and new hold only the fields that changed.

    batch: what all changes of one transaction have in common; None of those before version 14 of the schema.
    """

    noun = "change"
    id = BigIntegerField(primary_key=True)
    at = DateTimeField()
    employee_id = IntegerField(null=True)
    action = CharField()
    row_noun = CharField(column_name="noun")
    row_id = BigIntegerField()
    revision = IntegerField(null=True)
    old = Json(null=True)
    new = Json(null=True)
    batch = BigIntegerField(null=True)

    class Meta:
        schema = "api"
        table_name = "history"

    @classmethod
    def of(cls, table: str, row_id: int) -> Any:
        """The changes of a record with who made them, oldest first.

        (at, username, action, revision, old, new, batch) of each.
        """
        who = Join(Employee, lambda: Employee.id == cls.employee_id, optional=True)
        fields = (
            Field("at", Kind.TIME, cls.at),
            Field("username", Kind.TEXT, Employee.username, who),
            Field("action", Kind.TEXT, cls.action),
            Field("revision", Kind.INTEGER, cls.revision),
            Field("old", Kind.TEXT, cls.old),
            Field("new", Kind.TEXT, cls.new),
            Field("batch", Kind.INTEGER, cls.batch),
        )
        return cls.view(fields).where((cls.row_noun == table) & (cls.row_id == row_id)).order_by(cls.id).tuples()


class AuditEntry(Change):
    """One line of the admin's audit log. Of business records it tells which fields changed, not their values."""

    noun = "audit entry"
    summary = ("id", "at", "employee", "action", "noun", "row_id", "fields", "batch")
    username = CharField(null=True)
    session_id = BigIntegerField(null=True)
    changed = CharField(column_name="fields", null=True)

    class Meta:
        schema = "api"
        table_name = "audit_log"

    @classmethod
    def is_change(cls) -> Expression:
        """A record was changed; else someone logged in, was refused, or the like."""
        return cls.action.in_(CHANGES)

    @classmethod
    def activity(cls, first: date, last: date) -> list[tuple[Any, ...]]:
        """(day, department, noun, records, changes) of some days, the latest first, for management alone."""
        asked = "SELECT day, department, noun, records, changes FROM api.activity(%s, %s)"
        return list(cls._meta.database.execute_sql(asked, (first, last)).fetchall())

    @classmethod
    def fields(cls) -> Sequence[Field]:
        return (
            Field("id", Kind.INTEGER, cls.id),
            Field("at", Kind.TIME, cls.at),
            Field("employee", Kind.TEXT, cls.username),
            Field("action", Kind.TEXT, cls.action),
            Field("noun", Kind.TEXT, cls.row_noun),
            Field("row_id", Kind.INTEGER, cls.row_id),
            Field("fields", Kind.TEXT, cls.changed),
            Field("old", Kind.TEXT, cls.old.cast("text")),
            Field("new", Kind.TEXT, cls.new.cast("text")),
            Field("session_id", Kind.INTEGER, cls.session_id),
            Field("batch", Kind.INTEGER, cls.batch),
        )
