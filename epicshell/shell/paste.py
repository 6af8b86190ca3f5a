"""Pasted text: one line is inserted, several are shown and run only when that is asked for."""

import re
from dataclasses import dataclass

from epicshell.text import cut, display


@dataclass(frozen=True)
class Paste:
    """Several lines that were pasted, with what had been typed around them."""

    text: str

    @property
    def lines(self) -> list[str]:
        """The lines, without empty ones at the end."""
        return re.split(r"\r\n|\r|\n", self.text.rstrip())


def single_line(data: str) -> str | None:
    """The one line that a paste consists of, or None if there are several. A newline at its end runs nothing."""
    stripped = data.strip("\r\n")
    return None if "\n" in stripped or "\r" in stripped else stripped


def preview(paste: Paste, columns: int) -> str:
    """How many lines there are, the first ones and the last."""
    lines = paste.lines
    numbered = [f"{number:>4}  {cut(display(line), columns - 6)}" for number, line in enumerate(lines, start=1)]
    if len(numbered) > 5:
        numbered = [*numbered[:3], "   …", numbered[-1]]
    return "\n".join([f"{len(lines)} lines were pasted:", *numbered])
