"""Where a result is written to: its size, colours, zone, and the signs it can show."""

import os
import sys
from dataclasses import dataclass
from typing import NamedTuple, TextIO
from zoneinfo import ZoneInfo

BOLD, DIM = "1", "2"


@dataclass(frozen=True, slots=True)
class Screen:
    """What rendering needs to know of its reader.

    width: in columns, None where `out` is no terminal; then nothing is fitted or cut.
    zone: of the company, in which times are shown; currency: its code (ISO 4217).
    """

    width: int | None
    colour: bool
    zone: ZoneInfo
    currency: str = "EUR"

    def styled(self, text: str, style: str) -> str:
        """`text` in a style (SGR parameter of ECMA-48) where there is colour."""
        return f"\x1b[{style}m{text}\x1b[0m" if self.colour and text else text


class Signs(NamedTuple):
    """The signs that stand for something."""

    unknown: str = "–"
    cut: str = "…"
    rule: str = "─"
    newline: str = "⏎"


def signs(out: TextIO) -> Signs:
    """The signs that the encoding of `out` can take."""
    try:
        "".join(Signs()).encode(out.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return Signs(unknown="-", cut="~", rule="-", newline=" ")
    return Signs()


def terminal_width() -> int | None:
    """The columns of the terminal that stdout is; None for a pipe or a file."""
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except OSError:
        return 80 if sys.stdout.isatty() else None
