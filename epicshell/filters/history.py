"""The history of a record: one row per changed field."""

from collections.abc import Iterator
from typing import Any

from epicshell.context import Context
from epicshell.models import Change, Employee, Entity
from epicshell.results import Column, Kind, Listing
from epicshell.values import decimal

_COLUMNS = (
    Column("at", Kind.TIME),
    Column("employee"),
    Column("action"),
    Column("revision", Kind.INTEGER),
    Column("field"),
    Column("was"),
    Column("became"),
)
_PEOPLE = {"sales_id": "sales", "support_id": "support"}
_UNSAID = ("id", "revision", "created_at")  # the same in every creation


def changes(context: Context, entity: Entity) -> Listing:
    """Every change of a record, oldest first; values as the exact formats write them, people by username."""
    return Listing(_COLUMNS, list(_rows(entity)), lambda shown: f"{shown} changed values" if shown else "No changes.")


def _rows(entity: Entity) -> Iterator[tuple[Any, ...]]:
    names = {person.id: person.username for person in Employee.select(Employee.id, Employee.username)}
    for at, who, action, revision, old, new in Change.of(entity._meta.table_name, entity.id):
        old, new = old or {}, new or {}
        for field in sorted({*old, *new} - {*_UNSAID} if action == "create" else {*old, *new}):
            was, became = (said(type(entity), field, value.get(field), names) for value in (old, new))
            if was or became:
                yield at, who, action, revision, _PEOPLE.get(field, field), was, became


def said(model: Any, field: str, value: Any, names: dict[int, str]) -> str | None:
    """A value of the audit as text: cents as decimals, people by username."""
    if value is None:
        return None
    if field in _PEOPLE:
        return names.get(value, str(value))
    shown = model.field(field)
    if shown is not None and shown.kind is Kind.MONEY:
        return decimal(int(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
