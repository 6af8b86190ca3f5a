"""What a script is: the commands that its lines make, and how they are to be run."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from epicshell.commands.words import open_mark
from epicshell.errors import EpicError, Interrupted, NotLoggedIn, Unavailable

_ENDINGS = (NotLoggedIn.exit_code, Unavailable.exit_code, Interrupted.exit_code)


@dataclass(frozen=True, slots=True)
class Statement:
    """One command of a script, and the line that it begins in."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Mode:
    """atomic: all or nothing. dry_run: do the work, then take it back. keep_going: go on after an error."""

    atomic: bool = False
    dry_run: bool = False
    keep_going: bool = False

    @property
    def whole(self) -> bool:
        """Whether it is one transaction."""
        return self.atomic or self.dry_run

    def goes_on_after(self, error: EpicError) -> bool:
        """Whether the lines behind one that failed are run. Logged out, without a database or after Ctrl-C none is."""
        return self.keep_going and error.exit_code not in _ENDINGS


def statements(lines: Iterable[str]) -> Iterator[Statement]:
    """The commands of a script: a line each; a quotation may span lines, a \\ at the end continues the line.

    Lines that begin with # and empty lines say nothing.
    """
    first, text, inside = 0, "", ""
    for number, raw in enumerate(lines, start=1):
        line = raw.rstrip("\r\n")
        if not text:
            begins = line.lstrip()[:1]
            if not begins or begins == "#":
                continue
            first = number
        text += line
        if not inside or inside in line:  # what can't have changed is not read again: it may go over thousands of lines
            inside = open_mark(text)
        if text[-1:] == "\\" and (len(text) - len(text.rstrip("\\"))) % 2:
            text = text[:-1]
        elif inside:
            text += "\n"
        else:
            yield Statement(first, text)
            text = ""
    if text:
        yield Statement(first, text)
