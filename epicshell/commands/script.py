"""Scripts: files, pipes and pasted lines, one command after the other; all or nothing, or a dry run, on request."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from itertools import chain
from typing import IO, Any, TextIO, cast

from epicshell.commands.dispatch import Dispatcher, RunKind
from epicshell.commands.line import open_mark
from epicshell.commands.output import Output
from epicshell.commands.sentences import NOTHING_DONE, translating
from epicshell.errors import EpicError, Leave

_HELD_IN_MEMORY = 8_000_000  #: bytes of output that wait in memory for the commit; more goes to a file


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


_END = Statement(0, "")


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


def run(dispatcher: Dispatcher, source: str, script: Iterable[Statement], mode: Mode) -> None:
    """Run a script. source: its name in messages (`FILE:LINE: message`).

    Raises Failed at the first error; with --keep-going each is told at once, and Failed counts them in the end.
    Raises Leave when all is done and committed, if the script ended with `exit`.
    """
    try:
        with translating(NOTHING_DONE) if mode.whole else nullcontext(), _transaction(dispatcher, mode):
            outcomes = list(_outcomes(dispatcher, source, script, mode))
            if failures := [outcome for outcome in outcomes if isinstance(outcome, Failed)]:
                raise _summary(failures, mode)
            if mode.dry_run:
                raise _DryRun
    except _DryRun:
        dispatcher.terminal.tell("Dry run: every line would be done; nothing was.")
    finally:
        dispatcher.record_refusals()
    if outcomes:
        raise outcomes[-1]


def _outcomes(dispatcher: Dispatcher, source: str, script: Iterable[Statement], mode: Mode) -> Iterator[Failed | Leave]:
    """The failures that --keep-going goes on after, and last the `exit` that ended the script, if one did."""
    for statement in chain(script, [_END]):
        try:
            with _part(dispatcher, mode, statement):
                if statement is _END:
                    dispatcher.settle()
                else:
                    dispatcher.run(statement.text)
        except Leave as leave:
            yield leave
            return
        except EpicError as found:
            error = _first(dispatcher, found)
            failure = Failed(f"{source}:{error.place or statement.line}: {error.sentence}", error.hint, error.exit_code)
            if not mode.keep_going or error.exit_code in (3, 5, 130):
                if mode.whole:
                    failure.hint = f"{failure.hint} Nothing was done.".lstrip()
                raise failure from error
            dispatcher.terminal.tell(str(failure))
            yield failure


@contextmanager
def _transaction(dispatcher: Dispatcher, mode: Mode) -> Iterator[None]:
    """One transaction around a script that is all or nothing; the session is looked at once, before it.

    What it writes is held back until it is committed, or shown as a rehearsal.
    """
    if not mode.whole:
        yield
        return
    from tempfile import SpooledTemporaryFile

    dispatcher.touch()
    dispatcher.run_kind = RunKind.REHEARSAL if mode.dry_run else RunKind.WHOLE
    output, dispatcher.held = dispatcher.output, []
    with SpooledTemporaryFile(_HELD_IN_MEMORY, "w+", encoding="utf-8", newline="") as held:
        dispatcher.output = replace(output, out=cast(TextIO, held))
        try:
            with dispatcher.bound(), dispatcher.account.database.work():
                yield
        except _DryRun:
            _release(dispatcher, held, output)
            raise
        else:
            _release(dispatcher, held, output)
        finally:
            dispatcher.output, dispatcher.held = output, None
            dispatcher.run_kind = RunKind.PLAIN
            dispatcher.abandon()


def _release(dispatcher: Dispatcher, held: IO[str], output: Output) -> None:
    import shutil

    held.seek(0)
    shutil.copyfileobj(held, output.out)
    for note in dispatcher.held or ():
        dispatcher.terminal.tell(note)


def _part(dispatcher: Dispatcher, mode: Mode, statement: Statement) -> Any:
    """With --keep-going inside one transaction, each line can fail alone; without, what lines make is made together."""
    if not mode.whole:
        return nullcontext()
    if mode.keep_going:
        return dispatcher.account.database.work()
    dispatcher.place = statement.line
    return nullcontext()


def _first(dispatcher: Dispatcher, error: EpicError) -> EpicError:
    """The error, unless an earlier line whose row was still to be made fails, too."""
    if error.__cause__ is not None:
        return error  # the database's own: its transaction takes no more
    try:
        dispatcher.settle()
    except EpicError as earlier:
        return earlier
    return error


def _summary(failures: list[Failed], mode: Mode) -> Failed:
    nothing = " Nothing was done." if mode.whole else " The other lines were done."
    count = "1 line" if len(failures) == 1 else f"{len(failures)} lines"
    return Failed(f"{count} failed.{nothing}", "", failures[0].exit_code)
