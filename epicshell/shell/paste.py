"""Pasted text: one line is inserted, several are shown and run only when that is asked for."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from epicshell.text import counted, cut, display, thousands

if TYPE_CHECKING:
    from epicshell.commands.examine import Examination

_MARKS = "⏎↵␤"  #: one of them stands for the line ends of a paste that is kept as one line
_LONGEST = 64 * 1024  #: characters of a paste that is kept whole
NOT_KEPT = "# A paste of "


@dataclass(frozen=True)
class Paste:
    """Several lines that were pasted, with what had been typed around them."""

    text: str

    @cached_property
    def lines(self) -> list[str]:
        """The lines, without empty ones at the end."""
        return re.split(r"\r\n|\r|\n", self.text.rstrip())

    @property
    def one_line(self) -> str:
        """What the history keeps: a comment, so that nothing runs it by itself; `recalled` makes the paste of it."""
        text = "\n".join(self.lines)
        mark = next((mark for mark in _MARKS if mark not in text), None)
        if mark is None or len(text) > _LONGEST:
            return f"{NOT_KEPT}{counted(len(self.lines), 'line')}, too long to be kept."
        return f"#{mark} {text.replace(chr(10), mark)}"


def recalled(line: str) -> Paste | None:
    """The paste that a line of the history stands for, if it is one."""
    found = re.match(rf"#([{_MARKS}]) ", line)
    return Paste(line[found.end() :].replace(found[1], "\n")) if found else None


def single_line(data: str) -> str | None:
    """The one line that a paste consists of, or None if there are several. A newline at its end runs nothing."""
    stripped = data.strip("\r\n")
    return None if "\n" in stripped or "\r" in stripped else stripped


def preview(paste: Paste, found: "Examination", columns: int) -> str:
    """How many lines there are and what they are about, the first ones and the last, and those that can't run."""
    lines = paste.lines
    wide = max(4, len(str(len(lines))))
    shown = [*range(3), len(lines) - 1] if len(lines) > 5 else range(len(lines))
    numbered = [f"{number + 1:>{wide}}  {_shown(lines[number], columns - wide - 2)}" for number in shown]
    if len(lines) > 5:
        numbered.insert(3, "…".rjust(wide))
    flaws = [f"{flaw.line:>{wide}}  {flaw.sentence}" for flaw in found.flaws]
    more = [f"… and {thousands(found.flawed - len(flaws))} more".rjust(wide)] if found.flawed > len(flaws) else []
    graves = [f"{number:>{wide}}  {_shown(lines[number - 1], columns - wide - 2)}" for number in found.grave]
    return "\n".join([_summary(paste, found), *numbered, *_gravely(found), *graves, *_warning(found), *flaws, *more])


def _summary(paste: Paste, found: "Examination") -> str:
    were = f"{counted(len(paste.lines), 'line')} {'was' if len(paste.lines) == 1 else 'were'} pasted"
    if not found.commands:
        return f"{were}; there is nothing to run in them:"
    nouns = [counted(count, noun.removesuffix("s")) for noun, count in found.nouns.most_common()]
    unknown = found.commands - found.nouns.total()
    return f"{were}: {', '.join([*nouns, *([f'{thousands(unknown)} not understood'] if unknown else [])])}."


def _gravely(found: "Examination") -> list[str]:
    if not found.graves:
        return []
    does, first = ("s", "") if found.graves == 1 else ("", ", such as" if found.graves > len(found.grave) else "")
    return [f"{counted(found.graves, 'line')} delete{does}, deactivate{does} or void{does}{first}:"]


def _warning(found: "Examination") -> list[str]:
    if not found.flawed:
        return []
    if found.flawed == 1:
        return [f"Line {found.flaws[0].line} can't run and will stop it:"]
    return [f"{counted(found.flawed, 'line')} can't run; line {found.flaws[0].line} will stop it:"]


def _shown(line: str, columns: int) -> str:
    return cut(display(line[: columns * 4].expandtabs(4)), columns)
