"""Where results go."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TextIO

from epicshell.results import Format


class Pager(Protocol):
    """Shows what is longer than the screen, a part at a time."""

    def room(self) -> tuple[int, int]:
        """The columns and lines of what is shown without it."""

    def show(self, lines: Iterator[str], *, pinned: int, hint: str) -> None:
        """Show lines, harmless ones, pulled as they are needed. pinned: so many first ones stay on top."""


@dataclass
class Output:
    """Where results go.

    width: of the terminal, asked for each time; None where there is none. fixed: the format was asked for when the
    program was started, so that no preference counts. pager: for what is longer than the screen, in the shell.
    """

    out: TextIO
    width: Callable[[], int | None]
    colour: bool = False
    format: Format = Format.TABLE
    fixed: bool = False
    pager: Pager | None = None
