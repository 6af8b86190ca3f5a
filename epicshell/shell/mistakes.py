"""What is wrong with a line that is being typed: the sentences that Enter would give, and where they belong."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

from epicshell import policy
from epicshell.command import Command
from epicshell.commands.line import bind, resolve
from epicshell.commands.placeholders import has_mark
from epicshell.commands.words import Malformed, Unfinished, Word, begun, split
from epicshell.context import Context, Memory
from epicshell.errors import EpicError, Invalid, NotUnderstood
from epicshell.session import Actor
from epicshell.session.account import Account
from epicshell.session.terminal import Terminal
from epicshell.shell.reading import LONGEST, Argument, Reading, inner_command, near_commands


@dataclass(frozen=True)
class Mistake:
    """From `start` to `end` of a line something is wrong; the sentence says what."""

    start: int
    end: int
    sentence: str


def mistakes(text: str, cursor: int, commands: Mapping[str, Command], actor: Actor | None) -> list[Mistake]:
    """What can't become right by typing on: the word at the cursor is left alone. Asks no database.

    commands: those that may be named. actor: who types, as far as that is known; without one no value is looked at.
    A line of more than LONGEST characters is not looked at.
    """
    if len(text) > LONGEST or text.lstrip().startswith("#"):
        return []
    if inner := inner_command(text, commands):
        within = mistakes(text[inner:], cursor - inner, commands, actor)
        moved = [replace(one, start=one.start + inner, end=one.end + inner) for one in within]
        return [*_of_line(text[:inner], cursor, commands, actor), *moved]
    return _of_line(text, cursor, commands, actor)


def _of_line(text: str, cursor: int, commands: Mapping[str, Command], actor: Actor | None) -> list[Mistake]:
    words, malformed = _words(text, cursor)
    if not words or (len(words) == 1 and _touched(words[0], cursor)):
        return malformed
    return [*_of_command(text, words, cursor, commands, actor), *malformed]


def quiet_context(actor: Actor, memory: Memory | None = None) -> Context:
    """A context of an actor that never asks a database: for what needs only them, what was shown, and the clock."""
    return Context(cast(Account, _Known(actor)), Terminal(), memory or Memory(on=False))


@dataclass(frozen=True)
class _Known:
    """As much of an account as is known without asking."""

    actor: Actor


def _words(text: str, cursor: int) -> tuple[list[Word], list[Mistake]]:
    """The words before the first that is none, and that one, unless it may still become one."""
    try:
        return split(text), []
    except Malformed as error:
        words = split(text[: error.start])
        bad = Word("", False, error.start, len(text))
        if isinstance(error, Unfinished) and _touched(bad, cursor):
            typed = begun(text)
            return [*words, typed[1]] if typed else words, []
        never = "goes on after its end" in error.sentence
        return words, [Mistake(bad.start, bad.end, str(error))] if never or not _touched(bad, cursor) else []


def _touched(word: Word, cursor: int) -> bool:
    """Whether a word is still being typed."""
    return word.start <= cursor <= word.end


def _of_command(
    text: str, words: Sequence[Word], cursor: int, commands: Mapping[str, Command], actor: Actor | None
) -> Iterator[Mistake]:
    try:
        command, rest = resolve(words, lambda: commands)
    except NotUnderstood as error:
        yield from _unknown(words, cursor, commands, error)
        return
    name = words[: len(words) - len(rest)]
    if command.needs and actor and command.name not in commands:
        refusal = _complaint(partial(policy.require, actor, command.needs))
        if refusal and not _touched(name[-1], cursor):
            yield Mistake(name[0].start, name[-1].end, str(refusal))
            return
    yield from _of_arguments(command, text, rest, cursor, actor)


def _unknown(
    words: Sequence[Word], cursor: int, commands: Mapping[str, Command], error: NotUnderstood
) -> Iterator[Mistake]:
    """A command that is none: its first word, or its second; neither while both are being typed in short (`ev f`)."""
    first, nouns = words[0].text.lower(), {command.noun for command in commands.values()}
    if first in nouns and len(words) == 1:
        return
    wrong = words[1] if first in nouns else words[0]
    in_short = first not in nouns and any(noun.startswith(first) for noun in nouns)
    if _touched(wrong, cursor) or (in_short and (len(words) == 1 or _touched(words[1], cursor))):
        return
    near = near_commands(first, words[1].text if len(words) > 1 else "", commands)
    meant = in_short and near and "mean" not in error.hint
    yield Mistake(wrong.start, wrong.end, f"{error.sentence} Did you mean {near[0].name}?" if meant else str(error))


def _of_arguments(
    command: Command, text: str, words: Sequence[Word], cursor: int, actor: Actor | None
) -> Iterator[Mistake]:
    """The values that are refused, up to the first word that the command doesn't take."""
    command = command.called(words)
    reading = Reading(command)
    context = quiet_context(actor) if actor and command.needs else None
    for place, word in enumerate(words):
        before = dict(reading.given)
        argument = reading.take(word)
        if argument.wrong:
            yield from _refused(command, words, place, argument, cursor)
            return
        if context and argument.parameter and argument.parameter.param.verbatim:
            found = _of_value(argument, text, before, context, command)
            yield from (one for one in found if not one.start <= cursor <= one.end)
        elif context and not _touched(word, cursor):
            yield from _of_value(argument, text, before, context, command)


def _refused(command: Command, words: Sequence[Word], place: int, argument: Argument, cursor: int) -> Iterator[Mistake]:
    if _touched(argument.word, cursor):
        return
    wrong = words[place - 1] if argument.unanswered else argument.word
    answer = [Word("x", True, 0, 0)] if argument.asks else []
    if error := _complaint(partial(bind, command, [*words[: place + 1], *answer])):
        yield Mistake(wrong.start, wrong.end, str(error))


def _of_value(
    argument: Argument, text: str, before: Mapping[str, str], context: Context, command: Command
) -> Iterator[Mistake]:
    """What its parameter refuses. A word with an @ before it stands for another, and isn't looked at; nor is $1."""
    parameter, value = argument.parameter, argument.value
    if value is not None and has_mark(value):
        return
    if parameter and parameter.clause and value is not None:
        value = text[argument.start :]  # a blank at the end tells that the word before it is complete
    if parameter and parameter.only is not None and context.actor.department not in parameter.only:
        yield Mistake(
            argument.word.start, argument.word.end, f"{parameter.label} is for {' and '.join(parameter.only)}."
        )
    elif parameter is None or value is None or parameter.switch or parameter.param.rest or value.startswith("@"):
        return
    elif error := _complaint(partial(parameter.param.given(before).check, value, context, command.needs)):
        start, end = argument.start, argument.word.end
        if isinstance(error, Invalid) and error.span:
            start, end = map(argument.places(text), error.span)
        yield Mistake(start, end, f"{parameter.label}: {error}")


def _complaint(work: Callable[[], object]) -> EpicError | None:
    """What would be told about some work, if anything."""
    try:
        work()
    except EpicError as error:
        return error
    return None
