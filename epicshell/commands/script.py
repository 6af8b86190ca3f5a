"""Scripts: files, pipes and pasted lines, one command after the other; all or nothing, or a dry run, on request."""

import re
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from epicshell.commands.dispatch import Dispatcher
from epicshell.commands.line import Unfinished, Word, resolve, split
from epicshell.errors import EpicError, Leave, NotUnderstood

_QUOTE = re.compile("[\"']")


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


class _DryRun(Exception):
    """Rolls a dry run back; never leaves this module."""


class Failed(EpicError):
    """A script that stopped, or that went on after errors; the code is that of its first error."""

    def __init__(self, sentence: str, hint: str, exit_code: int) -> None:
        super().__init__(sentence, hint)
        self.exit_code = exit_code


def statements(lines: Iterable[str]) -> Iterator[Statement]:
    """The commands of a script: a line each; a quotation may span lines, a \\ at the end continues the line.

    Lines that begin with # and empty lines say nothing.
    """
    first, text, inside = 0, "", False
    for number, raw in enumerate(lines, start=1):
        line = raw.rstrip("\r\n")
        if not text:
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            first = number
        text += line
        inside = (inside and not _QUOTE.search(line)) or _unfinished(text)  # the whole is read again only if need be
        if (len(text) - len(text.rstrip("\\"))) % 2:
            text = text[:-1]
        elif inside:
            text += "\n"
        else:
            yield Statement(first, text)
            text = ""
    if text:
        yield Statement(first, text)


def _unfinished(text: str) -> bool:
    """Whether a text ends inside a quotation, which then goes on in the next line."""
    try:
        split(text)
    except Unfinished:
        return True
    except NotUnderstood:
        return False
    return False


def run(dispatcher: Dispatcher, source: str, lines: Iterable[str], mode: Mode) -> None:
    """Run a script. source: its name in messages (`FILE:LINE: message`). Raises Failed at the first error, or with
    --keep-going after the last line, when all errors have been told.
    """
    whole = mode.atomic or mode.dry_run
    try:
        with _transaction(dispatcher) if whole else nullcontext():
            failures = list(_failures(dispatcher, source, lines, mode))
            if failures:
                raise _summary(failures, mode)
            if mode.dry_run:
                raise _DryRun
    except _DryRun:
        dispatcher.terminal.tell("Dry run: every line would be done; nothing was.")


def _failures(dispatcher: Dispatcher, source: str, lines: Iterable[str], mode: Mode) -> Iterator[Failed]:
    for statement in statements(lines):
        try:
            words = split(statement.text)
            if mode.atomic or mode.dry_run:
                _refuse_alone(words)
            with _part(dispatcher, mode):
                dispatcher.execute(words)
        except Leave:
            return
        except EpicError as error:
            failure = Failed(f"{source}:{statement.line}: {error.sentence}", error.hint, error.exit_code)
            if not mode.keep_going or error.exit_code in (3, 5, 130):
                raise failure from error
            dispatcher.terminal.tell(str(failure))
            yield failure


def _refuse_alone(words: list[Word]) -> None:
    command, _ = resolve(words)
    if command.alone:
        raise NotUnderstood(f"{command.name} can't stand in a script that is all or nothing, or a dry run.")


def _transaction(dispatcher: Dispatcher) -> Any:
    """One transaction around the whole script; the session is looked at once, before it."""
    dispatcher.touch()
    return dispatcher.account.database.work()


def _part(dispatcher: Dispatcher, mode: Mode) -> Any:
    """With --keep-going inside one transaction, each line can fail alone."""
    alone = mode.keep_going and (mode.atomic or mode.dry_run)
    return dispatcher.account.database.work() if alone else nullcontext()


def _summary(failures: list[Failed], mode: Mode) -> Failed:
    nothing = " Nothing was done." if mode.atomic or mode.dry_run else " The other lines were done."
    count = "1 line" if len(failures) == 1 else f"{len(failures)} lines"
    return Failed(f"{count} failed.{nothing}", "", failures[0].exit_code)
