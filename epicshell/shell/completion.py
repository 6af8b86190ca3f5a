"""What can stand at the end of a line that is being typed: a function of its text and of the commands one may run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from epicshell.command import Command, Parameter
from epicshell.commands.line import Word, begun
from epicshell.params import Candidate


@dataclass(frozen=True)
class Suggestion:
    """What is being typed.

    prefix: the word so far, without its quotation marks. start: where in the text it begins.
    choices: the words that fit, as far as the declarations tell. command, parameter: whose value it is, if it is one.
    """

    prefix: str
    start: int
    choices: tuple[Candidate, ...] = ()
    command: Command | None = None
    parameter: Parameter | None = None


def suggest(text: str, commands: Mapping[str, Command]) -> Suggestion | None:
    """What can stand at the end of `text`. commands: those that may be named. None where nothing can be said."""
    typed = begun(text)
    if typed is None or text.lstrip().startswith("#"):
        return None
    words, last = typed
    for taken in (2, 1):
        command = commands.get(" ".join(word.text.lower() for word in words[:taken]))
        if command and len(words) >= taken:
            return _or_verb(_argument(command, words[taken:], last, commands), words, commands)
    return _word_of_command(words, last, commands)


def _or_verb(found: Suggestion, words: Sequence[Word], commands: Mapping[str, Command]) -> Suggestion:
    """After a command that is one word, such as inbox, also the word that makes it another: inbox read."""
    if len(words) != 1 or found.parameter is not None:
        return found
    verbs = _word_of_command(words, Word(found.prefix, False, found.start, found.start), commands).choices
    return replace(found, choices=(*verbs, *found.choices))


def _word_of_command(words: Sequence[Word], last: Word, commands: Mapping[str, Command]) -> Suggestion:
    before, prefix = [word.text.lower() for word in words], last.text.lower()
    following: dict[str, list[Command]] = {}
    for name, command in commands.items():
        parts = name.split()
        if parts[: len(before)] == before and len(parts) > len(before) and parts[len(before)].startswith(prefix):
            following.setdefault(parts[len(before)], []).append(command)
    return Suggestion(last.text, last.start, tuple(_named(word, found) for word, found in following.items()))


def _named(word: str, commands: list[Command]) -> Candidate:
    """A word of command names: with what it does, or the verbs that may follow."""
    if len(commands) == 1:
        return Candidate(word, commands[0].summary)
    return Candidate(word, ", ".join(command.name.split()[-1] for command in commands))


def _argument(command: Command, words: Sequence[Word], last: Word, commands: Mapping[str, Command]) -> Suggestion:
    given = _Given(command)
    for word in words:
        given.take(word)
    if given.pending:
        return _value(command, given.pending, last.text, last.start)
    if last.text.startswith("-") and not last.literal and given.flags:
        return _flag(command, given, last)
    parameter = given.next_positional
    if parameter is None:
        choices = tuple(given.open_flags("")) if not last.text else ()
        return Suggestion(last.text, last.start, choices, command)
    if parameter.param.rest:
        return _word_of_command(words, last, commands)
    return _value(command, parameter, last.text, last.start)


def _flag(command: Command, given: "_Given", last: Word) -> Suggestion:
    name, equals, value = last.text.partition("=")
    parameter = command.flag(name)
    if not equals:
        return Suggestion(last.text, last.start, tuple(given.open_flags(name)), command)
    if parameter is None or parameter.switch:
        return Suggestion(last.text, last.start, (), command)
    return _value(command, parameter, value, last.start + len(name) + 1)


def _value(command: Command, parameter: Parameter, prefix: str, start: int) -> Suggestion:
    return Suggestion(prefix, start, tuple(_fields(command, parameter, prefix)), command, parameter)


def _fields(command: Command, parameter: Parameter, prefix: str) -> Iterator[Candidate]:
    """The field names of a list, for the last of `--columns a,b` and `--sort -a,b`."""
    if command.model is None or parameter.group != "page" or parameter.name not in ("columns", "sort"):
        return
    before, comma, last = prefix.rpartition(",")
    sign = "-" if parameter.name == "sort" and last.startswith("-") else ""
    taken = {name.strip().lstrip("-") for name in before.split(",")}
    for field in command.model.fields():
        if field.name.startswith(last.removeprefix(sign)) and field.name not in taken:
            yield Candidate(before + comma + sign + field.name)


class _Given:
    """The arguments that a line has so far.

    pending: the flag whose value comes next. flags: whether `--` has not ended them.
    """

    def __init__(self, command: Command) -> None:
        self._command = command
        self._names: set[str] = set()
        self._positionals = list(command.positionals)
        self.pending: Parameter | None = None
        self.flags = True

    @property
    def next_positional(self) -> Parameter | None:
        return self._positionals[0] if self._positionals else None

    def take(self, word: Word) -> None:
        """Account for one more complete word, as `bind` would."""
        if self.pending:
            self.pending = None
        elif self.flags and not word.literal and word.text == "--":
            self.flags = False
        elif self.flags and not word.literal and word.text.startswith("--"):
            name, equals, _ = word.text.partition("=")
            parameter = self._command.flag(name)
            if parameter:
                self._names.add(parameter.name)
                self.pending = None if parameter.switch or equals else parameter
        elif self._positionals and not self._positionals[0].param.rest:
            self._positionals.pop(0)

    def open_flags(self, prefix: str) -> Iterator[Candidate]:
        """The flags that can still be given: neither those given already nor those that these exclude."""
        closed = set(self._names)
        for names in self._command.exclusive:
            if closed & set(names):
                closed |= set(names)
        for parameter in self._command.parameters:
            if parameter.flag and parameter.flag.startswith(prefix) and parameter.name not in closed:
                yield Candidate(parameter.flag, parameter.meaning)
