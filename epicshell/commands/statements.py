"""What a script is: the commands that its lines make, and how they are to be run."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from epicshell.commands.words import open_mark
from epicshell.errors import EpicError, Interrupted, NotLoggedIn, Unavailable

_ENDINGS = (NotLoggedIn.exit_code, Unavailable.exit_code, Interrupted.exit_code)

#: No command begins so, and no expression ends so.
_BEGINS_JOINED = re.compile(r"\s*(?:and|or)[\s(]", re.IGNORECASE)
_ENDS_JOINED = re.compile(r"[\s)](?:and|or)\s*\Z", re.IGNORECASE)
_ASKS = re.compile(r"\swhere\s", re.IGNORECASE)
_LOOKED_AT, _LONGEST_ASKED = 20, 2000  #: characters at the end; of a statement that another one is joined to


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
    """The commands of a script: a line each; a quotation may span lines, a \\ at the end continues the line, and so
    does, behind `where`, an `and` or `or` at its end or at the beginning of the next.

    Lines that begin with # and empty lines say nothing.
    """
    asking: Statement | None = None  # the others are known to be whole before the next line is read
    for one in _statements(lines):
        if asking and _goes_on(asking.text, one.text):
            asking = Statement(asking.line, f"{asking.text.rstrip()} {one.text.lstrip()}")
            continue
        if asking:
            yield asking
        asking = one if _ASKS.search(one.text) else None
        if not asking:
            yield one
    if asking:
        yield asking


def _goes_on(text: str, following: str) -> bool:
    """Whether the expression at the end of a statement goes on in what was taken for the next one."""
    joined = _BEGINS_JOINED.match(following) or _ENDS_JOINED.search(text, max(0, len(text) - _LOOKED_AT))
    return joined is not None and len(text) < _LONGEST_ASKED


def _statements(lines: Iterable[str]) -> Iterator[Statement]:
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
