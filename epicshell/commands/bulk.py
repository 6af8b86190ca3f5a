"""Before one command changes many records: they are looked at, what will change is shown, and it is asked.

Nothing is asked while a transaction is open. What is changed then are the records that were looked at, and of these
none that someone else has changed since; what else the expression would find by then is left alone.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from epicshell.commands import arguments
from epicshell.commands.line import Line
from epicshell.commands.many import Many
from epicshell.commands.stale import for_reader
from epicshell.context import Context
from epicshell.errors import NotUnderstood, Refused

if TYPE_CHECKING:
    from epicshell.commands.dispatch import Dispatcher

_SHOWN = 5  #: records of which it is shown what changes
_TITLES = ("name", "full_name", "client")
_EVER = ("revision", "updated_at")  #: fields that change with every change


class _Undone(Exception):
    """Takes back what was only tried; never leaves this module."""


def look(dispatcher: "Dispatcher", line: Line, context: Context) -> Many:
    """Look at the records of a line, and ask whether to go on. Raises EpicError: Refused if the answer is no."""
    asks = "yes" not in line.values and not dispatcher.assume_yes
    if asks and dispatcher.whole:
        raise NotUnderstood(
            f"{line.command.name} --where asks before it runs.", "Add --yes in a script that is all or nothing."
        )
    with dispatcher.bound():
        many, preview = _looked_at(line, context, tries=asks)
    if asks and many.permitted:
        dispatcher.terminal.tell("\n".join(preview))
        if not dispatcher.terminal.confirm(_question(many)):
            raise Refused("Nothing was done.")
        dispatcher.presence.touch()  # the answer may take its time
    return many


def _looked_at(line: Line, context: Context, *, tries: bool) -> tuple[Many, list[str]]:
    """The records, and what would change, if that is to be tried."""
    preview: list[str] = []
    try:
        with context.database.work(changes=False):
            given = arguments.parsed(line, context)
            many = Many(line, context, given)
            if tries:
                preview = list(_tried(many, context, given))
                raise _Undone
    except _Undone:
        pass
    return many, preview


def _question(many: Many) -> str:
    """`Assign 12 events to kate.hastroff?`, or as the command asks for one record."""
    command, permitted = many.line.command, len(many.permitted)
    number = many.counted(permitted) if permitted == many.of else f"{permitted} of {many.counted(many.of)}"
    if command.confirm:
        return command.confirm.format(**{command.subject: number})
    return f"{command.name.split()[1].capitalize()} {number}{many.to}?"


def _tried(many: Many, context: Context, given: dict[str, Any]) -> Iterator[str]:
    """Change the first records, and tell what became of them. Whoever asks takes it back."""
    numbers = list(many.permitted)[:_SHOWN]
    before = many.rows(numbers)
    refused = {entity.id: many.attempt(context, entity, given) for entity in many.entities(context, numbers)}
    after = many.rows(numbers)
    yield f"{many.counted(many.of)} meet{'s' if many.of == 1 else ''} this:"
    for number in numbers:
        error = refused.get(number)
        told = many.refusals.sentence(number, error) if error else _difference(many, context, before, after, number)
        yield f"  {told}"
    if more := len(many.permitted) - len(numbers):
        yield f"  … and {more} more"
    if barred := many.of - len(many.permitted):
        yield f"  {barred} of them not: you lack the right {many.needs} for {'it' if barred == 1 else 'them'}"


def _difference(many: Many, context: Context, before: Any, after: Any, number: int) -> str:
    """`302 (Casey Summer Ball): support – → kate.hastroff`"""
    old, new = before[number], after.get(number, before[number])
    fields = {field.name: (place, field.kind) for place, field in enumerate(many.model.fields())}
    title = next(old[fields[name][0]] for name in _TITLES if name in fields)
    changes = [
        f"{name} {for_reader(context, (kind, old[place]))} → {for_reader(context, (kind, new[place]))}"
        for name, (place, kind) in fields.items()
        if old[place] != new[place] and name not in _EVER
    ]
    said = ", ".join(changes) or ("" if many.line.command.confirm else "stays as it is")
    return f"{number} ({title})" + (f": {said}" if said else "")
