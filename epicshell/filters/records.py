"""Records as results: what `show`, and each command that makes or changes a record, gives."""

from collections.abc import Sequence
from typing import Any

from epicshell.context import Context
from epicshell.models import Entity, Field
from epicshell.results import Kind, Record


def record(context: Context, entity: Entity, **extra: str) -> Record:
    """One record as it now is, with all its fields. extra: secrets that only this answer has."""
    model: Any = type(entity)
    fields = model.fields()
    key = model._meta.primary_key
    row = model.view(fields).where(key == getattr(entity, key.name)).tuples().first()
    if row is None:
        row = tuple(getattr(entity, field.name, None) for field in fields)
    if getattr(model, "id", None) is not None:
        values = dict(zip([field.name for field in fields], row, strict=True))
        context.memory.saw(model, entity.id, values.get("revision", 0))
        context.memory.keep(model, values)
    more = [Field(name, Kind.TEXT) for name in extra]
    return Record([*fields, *more], [*row, *extra.values()], once=bool(extra))


def records(context: Context, entities: Sequence[Entity]) -> list[Record]:
    """Records of one entity that were just made, each with all its fields: one statement for all."""
    model: Any = type(entities[0])
    fields = model.fields()
    numbers = [entity.id for entity in entities]
    rows = {row[0]: row for row in model.view(fields).where(model.id.in_(numbers)).tuples()}
    for entity in entities:
        context.memory.saw(model, entity.id, entity.revision)
    names = [field.name for field in fields]
    context.memory.keep(model, dict(zip(names, rows[numbers[-1]], strict=True)))
    return [Record(fields, rows[number]) for number in numbers]
