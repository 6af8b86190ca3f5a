"""Which fields a list shows, and in which order it stands: `--columns` and `--sort`."""

from collections.abc import Sequence
from typing import Any

from epicshell.context import Context
from epicshell.errors import Invalid
from epicshell.results import Column, Format
from epicshell.text import closest, quote


def chosen(context: Context, model: Any, columns: str) -> list[Any]:
    """The fields to show: those asked for, else all of them, in a table those that are preferred or fit a screen."""
    if not columns and context.format is Format.TABLE:
        preferred = context.preferences.chosen(f"columns.{model.plural()}") if context.preferences else ""
        columns = preferred or ",".join(model.summary)
    return picked(model.fields(), columns, model.plural()) if columns else list(model.fields())


def picked(fields: Sequence[Any], columns: str, plural: str) -> list[Any]:
    """The fields that `a,b,c` names. Raises Invalid."""
    names = [name.strip() for name in columns.split(",")]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise Invalid(f"--columns: {quote(twice)} is named twice.", "Accepted: each field once.")
    return [named(fields, name, "--columns", plural) for name in names]


def order_of(fields: Sequence[Any], sort: str, plural: str) -> list[tuple[Any, bool]]:
    """(field, descending) for each part of FIELD[,-FIELD]. Raises Invalid."""
    parts = [part.strip() for part in sort.split(",")]
    return [(named(fields, part.removeprefix("-"), "--sort", plural), part.startswith("-")) for part in parts]


def named(fields: Sequence[Column], name: str, flag: str, plural: str) -> Column:
    """The field of a name. Raises Invalid with a near one."""
    found = next((field for field in fields if field.name == name), None)
    if found is None:
        names = [field.name for field in fields]
        near = closest(name, names)
        hint = f"Did you mean {near}?" if near else f"Accepted: {', '.join(names)}."
        raise Invalid(f"{flag}: {plural} have no field {quote(name)}.", hint)
    return found


def check_fields(model: Any, flag: str, names: str) -> None:
    """Raise Invalid for a name that is no field, in a text such as `company,-id`."""
    reading = order_of if flag == "--sort" else picked
    reading(model.fields(), names, model.plural())
