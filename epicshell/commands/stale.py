"""An edit of a stale copy: what changed since the user read the record, from its history."""

from typing import Any

from epicshell.context import Context
from epicshell.errors import Conflict
from epicshell.models import Change, Employee, Entity
from epicshell.results import Kind
from epicshell.text import display
from epicshell.values import grouped

_IDS = {"sales_id": "sales", "support_id": "support"}


def refuse_stale(context: Context, entity: Entity, read: int | None) -> None:
    """Raise Conflict with both versions if the record is no longer at the revision that the user read."""
    if read is None or read == entity.revision:
        return
    named = f"{entity.noun.capitalize()} {entity.id}"
    context.memory.saw(type(entity), entity.id, entity.revision)
    if read > entity.revision:
        raise Conflict(f"{named} is at revision {entity.revision}, not {read}; nothing was done.")
    since, who = _since(entity, read)
    by = f" by {', '.join(sorted(who))}" if who else ""
    lines = [
        f"  {name}: {_shown(context, entity, name, was)} → {_shown(context, entity, name, now)}"
        for name, (was, now) in since.items()
    ]
    raise Conflict(
        f"{named} was changed{by} since you read it (revision {read} → {entity.revision}); nothing was done.",
        "\n".join(["As you read it → as it is now:", *lines, "Repeat the command to go on all the same."]),
    )


def _since(entity: Entity, read: int) -> tuple[dict[str, tuple[Any, Any]], set[str]]:
    """The fields that differ from the revision that was read: (then, now), and who changed them."""
    fields: dict[str, tuple[Any, Any]] = {}
    who = set()
    for _at, username, _action, revision, old, new in Change.of(entity._meta.table_name, entity.id):
        if revision is not None and revision > read and old:
            who.add(username or "the owner")
            for name, value in old.items():
                fields[name] = (fields[name][0] if name in fields else value, (new or {}).get(name))
    return {name: pair for name, pair in fields.items() if pair[0] != pair[1]}, who


def _shown(context: Context, entity: Entity, name: str, value: Any) -> str:
    if value is None:
        return "–"
    if name in _IDS:
        person = Employee.get_or_none(Employee.id == value)
        return person.username if person else str(value)
    field = type(entity).field(name)
    if field is not None and field.kind is Kind.MONEY:
        return f"{grouped(int(value))} {context.actor.settings['currency']}"
    return display(str(value))
