"""What the words of a command line say: the command, its positionals and its flags."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from epicshell.command import CLAUSES, REGISTRY, Command, Parameter, load
from epicshell.commands.words import Word
from epicshell.errors import NotUnderstood
from epicshell.text import closest, did_you_mean, quote

_MANY = "Many records are found by --where 'EXPRESSION'. "
_OVER_MANY = "It takes either ID or --where 'EXPRESSION', which is one word in quotes. "


class _Misnamed(NotUnderstood):
    """A name that there is not. What was meant is looked for when it is told: a script may have thousands of them."""

    def __init__(self, sentence: str, meant: Callable[[], str]) -> None:
        super().__init__(sentence)
        del self.hint
        self._meant = meant

    @cached_property
    def hint(self) -> str:  # type: ignore[override]
        return self._meant()


@dataclass
class Line:
    """A resolved line: the command and the raw text of its arguments by parameter name (None for a switch)."""

    command: Command
    values: dict[str, str | None] = field(default_factory=dict)

    def missing(self) -> list[Parameter]:
        return [one for one in self.command.required if one.name not in self.values]

    def lacks(self, missing: Iterable[Parameter]) -> NotUnderstood:
        """What is said where nobody is asked for what is missing."""
        labels = ", ".join(parameter.label for parameter in missing)
        return NotUnderstood(f"{self.command.name} needs {labels}.", f"Usage: {self.command.usage}")


def resolve(words: Sequence[Word], visible: Callable[[], Iterable[str]] = load) -> tuple[Command, Sequence[Word]]:
    """The command that the line begins with, and the words after it. Raises NotUnderstood with a near name.

    visible: asked for the commands that may be named in a hint (what a role can never run is never mentioned), and for
    what else a line may begin with, in the shell.
    """
    if not words:
        raise NotUnderstood("That is no command.", "Try: help")
    first = words[0].text.lower()
    second = f"{first} {words[1].text.lower()}" if len(words) > 1 else ""
    if first not in REGISTRY and second not in REGISTRY:
        load(first)
    for name, taken in ((second, 2), (first, 1)):
        if name in REGISTRY:
            return REGISTRY[name], words[taken:]
    offered = visible()
    if isinstance(offered, Mapping) and first in offered:
        view: Command = offered[first]
        return view, words[1:]
    known = list(offered)
    if any(name.startswith(first + " ") for name in known):
        what = f"{quote(second)} is not a command." if second else f"{quote(first)} needs a verb."
    else:
        what = f"{quote(words[0].text)} is not a command."
    raise _Misnamed(what, lambda: _meant(first, words[1].text if second else "", known))


def _meant(first: str, verb: str, known: Sequence[str]) -> str:
    """The hint for two words that are no command."""
    verbs = [name.split()[1] for name in known if name.startswith(first + " ")]
    if verbs:
        if verb in CLAUSES and "filter" in verbs:
            return f"Did you mean {first} filter {verb} …?"
        near = closest(verb, verbs) if verb else None
        return f"Did you mean {first} {near}?" if near else f"Accepted: {', '.join(verbs)}."
    near = closest(first, [name.split()[0] for name in known])
    near_verb = closest(verb, [name.split()[1] for name in known if name.startswith(f"{near} ")]) if verb else None
    return f"Did you mean {near} {near_verb}?" if near_verb else f"Did you mean {near}?" if near else "Try: help"


def bind(command: Command, words: Sequence[Word], text: str = "") -> Line:
    """Tell positionals and flags apart. Raises NotUnderstood for what the command doesn't take.

    text: the line that the words are of, for a positional that takes the rest of it as it is.
    """
    command = command.called(words)
    line = Line(command)
    positionals = list(command.positionals)
    rest = iter(words)
    flags = True
    for word in rest:
        if positionals and positionals[0].param.raw:
            line.values[positionals[0].name] = text[word.start :]
            break
        if command.clause and not word.literal and word.text.lower() == command.clause.clause:
            line.values[command.clause.name] = getattr(next(rest, None), "text", "")
        elif flags and not word.literal and word.text == "--":
            flags = False
        elif flags and not word.literal and word.text.startswith("--"):
            _flag(line, word, rest)
            _refuse_excluded(line)
        else:
            _positional(line, positionals.pop(0) if positionals else _rest(command), word)
    return line


def _refuse_excluded(line: Line) -> None:
    """At once, so that of several mistakes the first in the line is told, as while it is typed."""
    for names in line.command.exclusive:
        given = [f"--{name.replace('_', '-')}" for name in names if name in line.values]
        if len(given) > 1:
            raise NotUnderstood(f"{' and '.join(given)} exclude each other.", f"Usage: {line.command.usage}")


def _positional(line: Line, parameter: Parameter | None, word: Word) -> None:
    if parameter is None:
        command = line.command
        clause = f"Conditions stand behind {command.clause.clause}. " if command.clause else ""
        many = _OVER_MANY if command.many else _MANY if _says_where(line) else ""
        raise NotUnderstood(
            f"{quote(word.text)} is one word too many for {command.name}.",
            f"{clause}{many}Quote values that contain spaces. Usage: {command.usage}",
        )
    before = line.values.get(parameter.name)
    line.values[parameter.name] = word.text if before is None else f"{before} {word.text}"


def _says_where(line: Line) -> bool:
    """Whether `where` stands where a command that takes --where has its ID."""
    return line.command.bulk and (line.values.get(line.command.subject) or "").lower() in CLAUSES


def _rest(command: Command) -> Parameter | None:
    """The last positional, if it takes all words that are left."""
    return next((parameter for parameter in command.positionals[-1:] if parameter.param.rest), None)


def _flag(line: Line, word: Word, rest: Iterator[Word]) -> None:
    name, equals, value = word.text.partition("=")
    parameter = line.command.flag(name)
    if parameter is None:
        raise _Misnamed(f"{line.command.name} has no flag {quote(name)}.", lambda: _meant_flag(name, line.command))
    before = line.values.get(parameter.name)
    if parameter.name in line.values and not parameter.param.many:
        raise NotUnderstood(f"{name} is given twice.")
    if parameter.switch:
        if equals:
            raise NotUnderstood(f"{name} takes no value.")
        line.values[parameter.name] = None
        return
    if not equals:
        following = next(rest, None)
        if following is None or (not following.literal and following.text.startswith("--")):
            raise NotUnderstood(f"{name} needs a value: {parameter.param.accepts or parameter.param.metavar}.")
        value = following.text
    line.values[parameter.name] = value if before is None else f"{before}\n{value}"


def _meant_flag(name: str, command: Command) -> str:
    if name == "--help":
        return f"Try: help {command.name}"
    if command.clause and name == f"--{command.clause.clause}":
        return f"Write {command.clause.clause} {command.clause.param.metavar} at the end of the line."
    flags = [one.flag for one in command.parameters if one.flag]
    return did_you_mean(name, flags, f"It takes {', '.join(flags)}." if flags else "It takes no flags.")
