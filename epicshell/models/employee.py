"""Employees: the directory, and managing access."""

import hashlib
from collections.abc import Sequence
from typing import Any

from peewee import SQL, BooleanField, CharField, DateTimeField
from peewee import fn as sql

from epicshell.errors import NotAllowed
from epicshell.models.base import Entity, Field, TextField, call
from epicshell.results import Kind

DEPARTMENTS = ("sales", "support", "management", "admin")


class Employee(Entity):
    noun = "employee"
    summary = ("id", "username", "full_name", "email", "department", "active", "last_login_at")
    username = CharField()
    full_name = CharField()
    email = CharField()
    department = CharField()
    active = BooleanField()
    created_at = DateTimeField()
    last_login_at = DateTimeField(null=True)

    class Meta:
        table_name = "employees"

    @classmethod
    def fields(cls) -> Sequence[Field]:
        return (
            Field("id", Kind.INTEGER, cls.id),
            Field("username", Kind.TEXT, cls.username),
            TextField("full_name", cls.full_name),
            Field("email", Kind.TEXT, cls.email),
            Field("department", Kind.TEXT, cls.department),
            Field("active", Kind.BOOLEAN, cls.active),
            Field("created_at", Kind.TIME, cls.created_at),
            Field("last_login_at", Kind.TIME, cls.last_login_at),
            Field("revision", Kind.INTEGER, cls.revision),
        )

    @classmethod
    def neighbours(cls) -> Sequence[Field]:
        from epicshell.models.client import Client
        from epicshell.models.event import Event

        business = ("management", "sales", "support")
        clients = Client.select(SQL("1")).where((Client.sales_id == cls.id) & Client.live())
        events = Event.select(SQL("1")).where((Event.support_id == cls.id) & Event.live())
        counted = {"clients": clients, "events": events, "upcoming": events.where(Event.ends_at > call("now"))}
        return [
            Field(
                name,
                Kind.INTEGER,
                rows.select(sql.COUNT(SQL("*"))),
                only=business,
                zero=~sql.EXISTS(rows),
                more=sql.EXISTS(rows),
            )
            for name, rows in counted.items()
        ]

    def deactivate(self) -> None:
        """End every session and refuse every login from now on."""
        self.change(active=False)

    def reactivate(self) -> None:
        self.change(active=True)

    def hand_over(self, taker: "Employee") -> int:
        """Move all clients (contracts and events follow), or the events that are not over; returns how many."""
        return int(self._allowed(call("api.hand_over", self.id, taker.id)))

    def issue_code(self, shown: bytes) -> None:
        """Let the employee enrol with a code. shown: the SHA-256 of the code; its own SHA-256 is stored."""
        self._allowed(call("api.issue_enrolment", self.id, hashlib.sha256(shown).digest()))

    def unlock(self) -> None:
        """Open the account again after too many wrong passwords."""
        self._allowed(call("api.unlock", self.id))

    def _allowed(self, call: Any) -> Any:
        answer = Employee.select(call.alias("answer")).where(Employee.id == self.id).scalar()
        if answer is None or answer is False:
            raise NotAllowed(f"The database refuses: you may not manage {self.username}.")
        return answer


Sales = Employee.alias("sales")
Support = Employee.alias("support")
