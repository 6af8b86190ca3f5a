"""A line's arguments as they are typed: which word is a flag, which is whose value, and which can't be right."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from epicshell.command import Command, Parameter
from epicshell.commands.words import Word, begun

LONGEST = 2_000  #: characters of a line that are looked at; a longer one was pasted, and is left alone


@dataclass(frozen=True)
class Argument:
    """One complete word after the command.

    parameter: whose flag or value it is, if the command takes it. value: what it gives; None for a flag alone, and for
    what is no one's. start: where in the line the value begins. wrong: `bind` refuses the line for it, or, if
    unanswered, for the flag before it, whose value it can't be.
    """

    word: Word
    parameter: Parameter | None
    flag: bool = False
    value: str | None = None
    start: int = 0
    wrong: bool = False
    unanswered: bool = False

    def places(self, line: str) -> Callable[[int], int]:
        """Tells where in the line a place of the value is."""
        if self.parameter and self.parameter.clause:
            return lambda offset: self.start + offset
        typed = line[self.start : self.word.end]
        return lambda offset: self.start + origin(typed, offset)

    @property
    def asks(self) -> bool:
        """Whether it is a flag whose value is the next word."""
        return self.flag and self.value is None and self.parameter is not None and not self.parameter.switch


class Reading:
    """The arguments that a line has so far, told apart as `bind` would.

    given: their texts by parameter. pending: the flag whose value comes next. flags: whether `--` has not ended them.
    """

    def __init__(self, command: Command) -> None:
        self._command = command
        self._positionals = list(command.positionals)
        self.given: dict[str, str] = {}
        self.pending: Parameter | None = None
        self.flags = True

    @property
    def next_positional(self) -> Parameter | None:
        return self._positionals[0] if self._positionals else None

    @property
    def closed(self) -> set[str]:
        """The parameters that can't be given any more: those that are, and those that these exclude."""
        excluded = {name for names in self._command.exclusive if set(names) & set(self.given) for name in names}
        subject = self.given.get(self._command.subject) if self._command.bulk else None
        if subject and (subject[0] in "@$" or subject.isdigit()):  # else it may still be what stands behind --where
            excluded.add("where")
        return excluded | {
            one.name for one in self._command.parameters if one.name in self.given and not one.param.many
        }

    def take(self, word: Word) -> Argument:
        """Account for one more complete word."""
        pending, self.pending = self.pending, None
        dashed = not word.literal and word.text.startswith("--")
        if pending and not dashed:
            self.given[pending.name] = word.text
            return Argument(word, pending, value=word.text, start=word.start)
        if pending:
            return Argument(word, None, wrong=True, unanswered=True)
        clause = self._command.clause
        if clause and not word.literal and word.text.lower() == clause.clause:
            self.pending = clause
            return Argument(word, clause, flag=True)
        if self.flags and dashed:
            return self._flag(word)
        return self._positional(word)

    def _flag(self, word: Word) -> Argument:
        if word.text == "--":
            self.flags = False
            return Argument(word, None, flag=True)
        name, equals, value = word.text.partition("=")
        parameter = self._command.flag(name)
        if parameter is None:
            return Argument(word, None, flag=True, wrong=True)
        wrong = parameter.name in self.closed or bool(parameter.switch and equals)
        self.given[parameter.name] = value
        if equals:
            return Argument(word, parameter, True, value, word.start + len(name) + 1, wrong)
        self.pending = None if parameter.switch else parameter
        return Argument(word, parameter, flag=True, wrong=wrong)

    def _positional(self, word: Word) -> Argument:
        parameter = self.next_positional
        if parameter is None:
            return Argument(word, None, wrong=True)
        if not parameter.param.rest:
            self._positionals.pop(0)
        self.given[parameter.name] = word.text
        return Argument(word, parameter, value=word.text, start=word.start)


def origin(typed: str, offset: int) -> int:
    """Where in a value as it was typed, with its quotation marks and backslashes, a place of its text is."""
    mark = opening(typed)
    place = len(mark)
    for _ in range(offset):
        escaped = typed[place : place + 1] == "\\" and mark != "'"
        if mark:
            escaped = escaped and typed[place + 1 : place + 2] in ('"', "\\")
        place += 2 if escaped else 1
    return place


def opening(typed: str) -> str:
    """The quotation mark that a value begins with; empty if it has none."""
    return typed[:1] if typed[:1] in ("'", '"') else ""


def inner_command(text: str, commands: Mapping[str, Command]) -> int:
    """Where the command begins that a line such as `watch 5 …` or `let a = …` holds; 0 if it holds none."""
    typed = begun(text)
    if typed is None:
        return 0
    words = [*typed[0], typed[1]]
    for taken in (2, 1):
        command = commands.get(" ".join(word.text.lower() for word in words[:taken]))
        if command and len(words) > taken:
            return _held(command, words[taken:], text)
    return 0


def _held(command: Command, words: Sequence[Word], text: str) -> int:
    reading = Reading(command)
    for word in words:
        parameter = reading.next_positional
        if parameter is not None and parameter.param.raw and reading.pending is None:
            inner = parameter.param.command_at(text[word.start :])
            return 0 if inner is None else word.start + inner
        reading.take(word)
    return 0


def near_commands(first: str, second: str, commands: Mapping[str, Command]) -> list[Command]:
    """The commands that two words abbreviate: `ev f`. An exact first word stands for itself."""
    from epicshell.fuzzy import best

    nouns = {command.noun: None for command in commands.values()}
    meant = set([first] if first in nouns else best(first, nouns, str))
    verbs = [command for command in commands.values() if command.noun in meant and " " in command.name]
    return best(second, verbs, lambda command: command.name.split()[1])
