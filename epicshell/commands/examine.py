"""What a script would do, told before it runs: by the functions that run it, and without the database."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from epicshell import policy
from epicshell.command import Command
from epicshell.commands.line import bind, resolve
from epicshell.commands.statements import statements
from epicshell.commands.words import split
from epicshell.errors import EpicError
from epicshell.session import Actor

TOLD = 10  #: flaws whose sentences are kept


@dataclass(frozen=True, slots=True)
class Flaw:
    """A line that can't run, and why."""

    line: int
    sentence: str


@dataclass
class Examination:
    """A script as it was found.

    nouns: how many commands begin with each first word. flaws: the first TOLD lines that can't run.
    flawed: how many can't. grave, graves: the same of lines that delete, deactivate or void.
    Arguments are not looked up: a line that names nothing may still fail.
    """

    commands: int = 0
    nouns: Counter[str] = field(default_factory=Counter)
    flaws: list[Flaw] = field(default_factory=list)
    flawed: int = 0
    grave: list[int] = field(default_factory=list)
    graves: int = 0


def examined(lines: Iterable[str], actor: Actor | None, visible: Mapping[str, Command]) -> Examination:
    """Read a script as its lines would be run one after the other by someone who is asked nothing.

    actor: who would run it; None: what needs a session is not judged. visible: the commands that hints may name.
    """
    found = Examination()
    for statement in statements(lines):
        found.commands += 1
        try:
            command = _examine(statement.text, actor, visible, found.nouns)
            if command.confirm:
                found.graves += 1
                found.grave += [statement.line] if found.graves <= TOLD else []
        except EpicError as error:
            found.flawed += 1
            if found.flawed <= TOLD:
                found.flaws.append(Flaw(statement.line, str(error)))
    return found


def _examine(text: str, actor: Actor | None, visible: Mapping[str, Command], nouns: Counter[str]) -> Command:
    """Count a line; the command that does its work. Raises what running it would, before any argument is looked at."""
    command, rest = resolve(split(text), lambda: visible)
    nouns[command.noun] += 1
    if command.needs is not None and actor is not None:
        policy.require(actor, command.needs)
    line = bind(command, rest, text)
    if missing := line.missing():
        raise line.lacks(missing)
    for parameter in line.command.positionals:
        typed = line.values[parameter.name] if parameter.param.raw else None
        inner = parameter.param.command_at(typed) if typed else None
        if typed and inner is not None:
            return _examine(typed[inner:], actor, visible, Counter())
    return command
