"""Which fields a list shows: `--columns`, what is preferred, or what fits a screen."""

from collections.abc import Sequence
from typing import Any

from epicshell.context import Context
from epicshell.params.fields import known, picked
from epicshell.results import Format


def chosen(context: Context, model: Any, columns: str, fields: Sequence[Any] | None = None) -> list[Any]:
    """The fields to show: those asked for, else all own ones, in a table those that are preferred or fit a screen.

    fields: those to choose from, if not from all that the reader knows. Raises Invalid.
    """
    fields = known(model, context.actor.department) if fields is None else fields
    if columns:
        return picked(fields, columns, model.plural(), "--columns")
    if context.format is not Format.TABLE:
        return list(model.fields())
    preferred = context.preferences.chosen(f"columns.{model.plural()}") if context.preferences else ""
    names = {field.name: field for field in fields}
    wanted = [names[name] for name in preferred.split(",") if name in names]  # who changed department knows others
    return wanted or [names[name] for name in model.summary]
