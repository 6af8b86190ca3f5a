"""Views: commands that are kept under a name, private or shared."""

from collections.abc import Sequence
from typing import Any

from peewee import BooleanField, Case, CharField, DateTimeField, Expression, IntegerField
from peewee import fn as sql

from epicshell.database import Database
from epicshell.errors import NotAllowed
from epicshell.models.base import Entity, Field, Join, call
from epicshell.models.employee import Employee
from epicshell.results import Kind

# Who asks is told too: a session that has ended sees no views, and that must not look like a name that is none.
_NAMED = """SELECT me, v.name, v.command, CASE WHEN v.owner_id <> me THEN e.username END
            FROM (SELECT api.me() AS me) session
            LEFT JOIN crm.views v ON v.name = %s LEFT JOIN crm.employees e ON e.id = v.owner_id
            ORDER BY v.owner_id = me DESC NULLS LAST LIMIT 1"""


class View(Entity):
    """The database shows one's own, and to those who work with clients what is shared."""

    noun = "view"
    summary = ("name", "command", "owner", "state")
    owner_id = IntegerField()
    name = CharField()
    command = CharField()
    shared = BooleanField()
    created_at = DateTimeField()
    updated_at = DateTimeField()
    state = ""

    class Meta:
        table_name = "views"

    @classmethod
    def fields(cls) -> Sequence[Field]:
        return (
            Field("id", Kind.INTEGER, cls.id),
            Field("name", Kind.TEXT, cls.name),
            Field("command", Kind.TEXT, cls.command),
            Field("owner", Kind.TEXT, Employee.username, _OWNER),
            Field("shared", Kind.BOOLEAN, cls.shared),
            Field("state", Kind.TEXT, _state()),
            Field("created_at", Kind.TIME, cls.created_at),
            Field("updated_at", Kind.TIME, cls.updated_at),
            Field("revision", Kind.INTEGER, cls.revision),
        )

    @classmethod
    def preferred(cls, employee_id: int) -> list[Expression]:
        """The order in which views of one name count: one's own wins."""
        return [(cls.owner_id == employee_id).desc(), cls.id]

    def share(self, wanted: bool) -> None:
        self._allowed(call("api.share_view", self.id, wanted))
        self.shared = wanted
        self.state = "shared" if wanted else "shared no longer"

    def delete_for_good(self) -> None:
        """The audit keeps what it was."""
        self._allowed(call("api.delete_view", self.id))
        self.state = "deleted"

    def _allowed(self, done: Any) -> None:
        if not View.select(done).where(View.id == self.id).scalar():
            raise NotAllowed(f"{self.name} is shared, which is management's to change.", "Save one of your own.")


def _state() -> Any:
    """Whose it is; one's own of the same name wins over a shared one."""
    mine, other = View.owner_id == call("api.me"), View.alias()
    hiding = other.select(1).where((other.owner_id == call("api.me")) & (other.name == View.name))
    states = [
        (mine & View.shared, "yours, shared"),
        (mine, "yours"),
        (sql.EXISTS(hiding), "shared, but yours of that name is run"),
    ]
    return Case(None, states, "shared")


def named(database: Database, name: str) -> tuple[bool, tuple[str, str, str | None] | None]:
    """(whether there is a session, the view that a name stands for: its name, command, and owner if not oneself)."""
    row = database.execute_sql(_NAMED, (name,)).fetchone()
    return row[0] is not None, row[1:] if row[1] is not None else None


_OWNER = Join(Employee, lambda: Employee.id == View.owner_id)
