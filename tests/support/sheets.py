"""Files read without the process that epicshell starts for it: for what they hold, not for how they are confined."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from epicshell.errors import Refused
from epicshell.sheets import Limits, Row
from epicshell.sheets.child import frames
from epicshell.sheets.frames import HEAD, rows_of, unpack


def rows(path: Path, *, sheet: str = "", **limits: Any) -> Iterator[Row]:
    """The rows of a file. Raises what reading it raises, damage of any kind as it comes."""
    with path.open("rb") as source:
        for frame in frames(source, path.name, sheet, Limits(**limits)):
            kind, content = unpack(frame[HEAD.size :])
            if kind == "rows":
                yield from rows_of(content, 256)


def refusal(path: Path, **how: Any) -> str:
    """What is said of a file that is refused."""
    try:
        found = list(rows(path, **how))
    except Refused as refused:
        return str(refused)
    raise AssertionError(f"{path.name} is read: {found[:3]}")
