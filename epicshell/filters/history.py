"""The history of a record: one row per changed field."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from epicshell.context import Context
from epicshell.models import Change, Employee, Entity
from epicshell.render.cells import exactly
from epicshell.results import Column, Kind, Listing

_COLUMNS = (
    Column("at", Kind.TIME),
    Column("employee"),
    Column("action"),
    Column("revision", Kind.INTEGER),
    Column("field"),
    Column("was"),
    Column("became"),
    Column("batch", Kind.INTEGER),
)
_PEOPLE = {"sales_id": "sales", "support_id": "support"}
_CALENDAR: dict[Kind, type[date]] = {Kind.TIME: datetime, Kind.DATE: date}
_UNSAID = ("id", "revision", "created_at")  # the same in every creation


def changes(context: Context, entity: Entity) -> Listing:
    """Every change of a record, oldest first; values as the exact formats write them, people by username."""
    rows = list(_rows(context, entity))
    return Listing(_COLUMNS, rows, lambda shown: f"{shown} changed values" if shown else "No changes.")


def _rows(context: Context, entity: Entity) -> Iterator[tuple[Any, ...]]:
    people = usernames()
    for at, who, action, revision, old, new, batch in Change.of(entity._meta.table_name, entity.id):
        old, new = old or {}, new or {}
        for name in sorted({*old, *new} - ({*_UNSAID} if action == "create" else set())):
            was, became = (_exact(context, typed(type(entity), name, value.get(name), people)) for value in (old, new))
            if was or became:
                yield at, who, action, revision, title(name), was, became, batch


def _exact(context: Context, found: tuple[Kind, Any]) -> str | None:
    kind, value = found
    return None if value is None else exactly(kind, context.zone, str)(value)


def usernames() -> dict[int, str]:
    """Everyone's username by id."""
    return {person.id: person.username for person in Employee.select(Employee.id, Employee.username)}


def title(name: str) -> str:
    """A column of the database as people know it: sales_id is sales."""
    return _PEOPLE.get(name, name)


def typed(model: Any, name: str, value: Any, people: dict[int, str]) -> tuple[Kind, Any]:
    """(kind, value) of a column as the audit has it in JSON: times are texts there, people are ids.

    What no calendar has, such as infinity, was stored past the shell: it stays the text that it is.
    """
    if name in _PEOPLE:
        return Kind.TEXT, people.get(value)
    field = model.field(name)
    kind = field.kind if field else Kind.TIME if name.endswith("_at") else Kind.TEXT
    if value is None or kind not in _CALENDAR:
        return kind, value
    try:
        return kind, _CALENDAR[kind].fromisoformat(value)
    except ValueError:
        return Kind.TEXT, value
