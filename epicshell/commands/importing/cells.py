"""Cells as the texts that a person would have typed, so that the parameters of commands read them."""

from datetime import date, datetime, time

from epicshell.render.delimited import restore
from epicshell.sheets import Row, Value


def text_of(row: Row, column: int) -> str:
    """A cell of a row as text, without white space around it; empty where there is nothing.

    From a text file the apostrophe is taken off that an export put before what a spreadsheet would have run.
    """
    value: Value = row.values[column] if column < len(row.values) else None
    if isinstance(value, str):
        return (value if row.sheet else restore(value)).strip()
    return "" if value is None else _typed(value)


def _typed(value: bool | int | float | date | datetime | time) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"  # as Excel shows it
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return str(value)


def place_of(row: Row, column: int = 0) -> str:
    """Where people find it: `Sheet1!B7`, or `line 7` of a text file."""
    return row.place(column) if row.sheet else f"line {row.number}"
