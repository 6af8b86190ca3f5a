"""An edit of a stale copy: what changed since the user read the record, from its history."""

from typing import Any

from epicshell.commands.line import Line
from epicshell.context import Context
from epicshell.errors import Conflict
from epicshell.filters.history import title, typed, usernames
from epicshell.models import AuditEntry, Change, Entity
from epicshell.render.cells import for_people
from epicshell.results import Kind
from epicshell.text import cut


def check_revision(line: Line, context: Context, arguments: dict[str, Any]) -> None:
    """An edit of a record that someone else changed since it was read is refused, with both versions."""
    if not line.command.changes:
        return
    entity = next(value for value in arguments.values() if isinstance(value, Entity))
    given = arguments.pop("if_revision", None)
    refuse_stale(context, entity, context.memory.revision(entity) if given is None else given)


def refuse_stale(context: Context, entity: Entity, read: int | None) -> None:
    """Raise Conflict with both versions if the record is no longer at the revision that the user read."""
    if read is None or read == entity.revision:
        return
    named = f"{entity.noun.capitalize()} {entity.id}"
    context.memory.saw(type(entity), entity.id, entity.revision)
    if read > entity.revision:
        raise Conflict(f"{named} is at revision {entity.revision}, not {read}; nothing was done.")
    since, who = _since(context, entity, read)
    by = f" by {', '.join(sorted(who))}" if who else ""
    people = usernames()
    lines = []
    for name, pair in since.items():
        was, now = (for_reader(context, typed(type(entity), name, value, people)) for value in pair)
        lines.append(f"  {title(name)}: {was} → {now}")
    raise Conflict(
        f"{named} was changed{by} since you read it (revision {read} → {entity.revision}); nothing was done.",
        "\n".join(["As you read it → as it is now:", *lines, "Repeat the command to go on all the same."]),
    )


def _since(context: Context, entity: Entity, read: int) -> tuple[dict[str, tuple[Any, Any]], set[str]]:
    """The fields that differ from the revision that was read: (then, now), and who changed them."""
    fields: dict[str, tuple[Any, Any]] = {}
    who = set()
    log = AuditEntry if context.actor.department == "admin" else Change  # who has no history has the audit
    for _at, username, _action, revision, old, new, _batch in log.of(entity._meta.table_name, entity.id):
        if revision is not None and revision > read and old:
            who.add(username or "the owner")
            for name, value in old.items():
                fields[name] = (fields[name][0] if name in fields else value, (new or {}).get(name))
    return {name: pair for name, pair in fields.items() if pair[0] != pair[1]}, who


def for_reader(context: Context, found: tuple[Kind, Any]) -> str:
    """A value as people are told it in a sentence, in at most 200 columns."""
    kind, value = found
    if value is None:
        return "–"
    if kind is Kind.MONEY:
        return context.money(value)
    return cut(for_people(kind, context.zone)(value).replace("\n", " "), 200)
