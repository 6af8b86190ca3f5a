"""What can stand at the end of a line that is being typed: a function of its text and of the commands one may run."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from epicshell.command import Command, Parameter
from epicshell.commands.words import Word, begun
from epicshell.fuzzy import best
from epicshell.params import Candidate, Param
from epicshell.shell.reading import LONGEST, Reading, inner_command, near_commands, opening, origin


@dataclass(frozen=True)
class Suggestion:
    """What is being typed.

    prefix: what of it is replaced, without its quotation marks. start: where in the text that begins.
    choices: the words that fit, as far as the declarations tell. command, parameter: whose value it is, if it is one.
    param: the type of that value, in the light of the arguments before it. mark: of the quotation that it stands in;
    a backslash where blanks would end it; empty where all is plain.
    """

    prefix: str
    start: int
    choices: tuple[Candidate, ...] = ()
    command: Command | None = None
    parameter: Parameter | None = None
    param: Param | None = None
    mark: str = ""


def suggest(text: str, commands: Mapping[str, Command]) -> Suggestion | None:
    """What can stand at the end of `text`. commands: those that may be named. None where nothing can be said."""
    if len(text) > LONGEST or text.lstrip().startswith("#"):
        return None
    typed = begun(text)
    if typed is None:
        return None
    if inner := inner_command(text, commands):
        found = suggest(text[inner:], commands)
        return found and replace(found, start=found.start + inner)
    words, last = typed
    for taken in (2, 1):
        command = commands.get(" ".join(word.text.lower() for word in words[:taken]))
        if command and len(words) >= taken:
            return _or_verb(_argument(command, words[taken:], last, commands, text), words, last, commands)
    return _of_command(words, last, commands)


def _or_verb(found: Suggestion, words: Sequence[Word], last: Word, commands: Mapping[str, Command]) -> Suggestion:
    """After a command that is one word, such as inbox, also the word that makes it another: inbox read."""
    if len(words) != 1 or found.parameter is not None:
        return found
    longer = [one for one in near_commands(words[0].text.lower(), last.text, commands) if " " in one.name]
    return replace(found, choices=(*map(_verb, longer), *found.choices))


def _of_command(words: Sequence[Word], last: Word, commands: Mapping[str, Command]) -> Suggestion:
    """The name of a command, or the rest of it: its words may be abbreviated, then all that was typed is replaced."""
    if not words:
        return Suggestion(last.text, last.start, tuple(_first_words(last.text, commands)))
    first = words[0].text.lower()
    if len(words) > 1:
        return Suggestion(last.text, last.start)
    found = near_commands(first, last.text, commands)
    if any(command.noun == first for command in commands.values()):
        return Suggestion(last.text, last.start, tuple(_verb(command) for command in found))
    prefix = f"{words[0].text} {last.text}"
    return Suggestion(prefix, words[0].start, tuple(Candidate(command.name, command.summary) for command in found))


def _verb(command: Command) -> Candidate:
    return Candidate(command.name.split()[1], command.summary)


def _first_words(typed: str, commands: Mapping[str, Command]) -> Iterator[Candidate]:
    """The first words that a text begins; if there are none, what a few letters stand for, of one word or of two."""
    of_noun: dict[str, list[Command]] = {}
    for command in commands.values():
        of_noun.setdefault(command.noun, []).append(command)
    names = dict.fromkeys([*of_noun, *commands])
    found = best(typed, names, str)
    for name in found:
        noun = name.split()[0]
        if name == noun:
            yield _named(name, of_noun[noun])
        elif noun not in found:
            yield Candidate(name, commands[name].summary)


def _named(noun: str, commands: list[Command]) -> Candidate:
    """The first word of commands: with what it does, or the verbs that may follow."""
    if len(commands) == 1:
        return Candidate(noun, commands[0].summary)
    return Candidate(noun, ", ".join(command.name.split()[-1] for command in commands))


def _argument(
    command: Command, words: Sequence[Word], last: Word, commands: Mapping[str, Command], text: str
) -> Suggestion:
    command = command.called(words)
    reading = Reading(command)
    for word in words:
        reading.take(word)
    if reading.pending:
        return _value(command, reading.pending, reading, last.text, last.start, text)
    if last.text.startswith("-") and not last.literal and reading.flags:
        return _flag(command, reading, last, text)
    parameter = reading.next_positional
    if parameter is None:
        return Suggestion(last.text, last.start, tuple(_further(command, reading, last)), command)
    if parameter.param.rest:
        return _of_command(words, last, commands)
    return _value(command, parameter, reading, last.text, last.start, text)


def _further(command: Command, reading: Reading, last: Word) -> Iterator[Candidate]:
    """What may follow when all positionals are there: the word of a clause, and flags."""
    clause = command.clause
    if clause and not last.literal and clause.clause.startswith(last.text.lower()):
        yield Candidate(clause.clause, clause.meaning)
    if not last.text:
        yield from _open_flags(command, reading, "")


def _flag(command: Command, reading: Reading, last: Word, text: str) -> Suggestion:
    name, equals, value = last.text.partition("=")
    parameter = command.flag(name)
    if not equals:
        return Suggestion(last.text, last.start, tuple(_open_flags(command, reading, name)), command)
    if parameter is None or parameter.switch:
        return Suggestion(last.text, last.start, (), command)
    return _value(command, parameter, reading, value, last.start + len(name) + 1, text)


def _open_flags(command: Command, reading: Reading, typed: str) -> Iterator[Candidate]:
    """The flags that can still be given, and that a text begins or a few of its letters stand for."""
    closed = reading.closed
    flags = [one for one in command.parameters if one.flag and one.name not in closed]
    for parameter in best("--" + typed.lstrip("-") if typed else "", flags, lambda one: one.label):
        yield Candidate(parameter.label, parameter.meaning)


def _value(command: Command, parameter: Parameter, reading: Reading, prefix: str, start: int, text: str) -> Suggestion:
    begins, param = parameter.param.given(reading.given).piece(prefix)
    if not param.verbatim:
        return Suggestion(prefix, start, (), command, parameter, param)
    typed = text[start:]
    plain = bool(parameter.clause)
    place = begins if plain else origin(typed, begins)
    mark = "" if plain else opening(typed) or "\\"
    return Suggestion(prefix[begins:], start + place, (), command, parameter, param, mark)
