"""The line at the bottom: the syntax of what is being typed, and what its next part means."""

from collections.abc import Callable, Mapping, Sequence

from epicshell.command import Command, Parameter
from epicshell.params import Param
from epicshell.shell.completion import suggest
from epicshell.shell.mistakes import Mistake
from epicshell.text import cut, display, pad, width

IDLE = "help lists the commands · Tab completes · Ctrl-D leaves"
_SHARED = ("if_revision", "export", "yes", "format")  # what nearly every command takes says little


def complaint(cursor: int, mistakes: Sequence[Mistake], columns: int) -> str:
    """The mistake that is nearest before the cursor, else the first; empty if there is none."""
    before = [one for one in mistakes if one.start <= cursor]
    told = before[-1:] or mistakes[:1]
    return cut(display(told[0].sentence), columns) if told else ""


def hint(text: str, commands: Mapping[str, Command], columns: int) -> str:
    """What helps with a line that is being typed, in at most `columns`."""
    suggestion = suggest(text, commands) if text.strip() else None
    if suggestion is None or suggestion.command is None:
        return cut(IDLE, columns)
    syntax = usage(suggestion.command)
    if suggestion.parameter is None:
        return cut(syntax, columns)
    meaning = explained(suggestion.parameter, suggestion.param)
    left = columns - width(meaning) - 3
    return f"{cut(syntax, left)} · {meaning}" if left >= 20 else cut(meaning, columns)


def beside(line: Callable[[int], str], badge: str, columns: int) -> str:
    """A line in what a badge at the right end leaves of the columns; where that is too little, it stands alone."""
    left = columns - width(badge) - 2
    return f"{pad(line(left), left)}  {badge}" if badge and left >= 30 else line(columns)


def usage(command: Command) -> str:
    """The syntax, without the flags that many commands share."""
    return command.syntax(*_SHARED)


def explained(parameter: Parameter, param: Param | None = None) -> str:
    """`--on: date of signature (a date such as …)`; param: its type, where the arguments before it tell more."""
    return described(parameter.label, parameter.meaning, (param or parameter.param).accepts)


def described(name: str, meaning: str, accepts: str) -> str:
    """A value's name, what it is for, and what may be typed."""
    said = f"{meaning} ({accepts})" if meaning and accepts else meaning or accepts
    return display(f"{name}: {said}" if said else name)
