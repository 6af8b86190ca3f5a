"""A script in one transaction: all of it is done, or nothing; a dry run takes it back in the end."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from itertools import chain
from typing import IO, Any, TextIO, cast

from epicshell.commands.dispatch import Dispatcher, RunKind
from epicshell.commands.output import Output
from epicshell.commands.progress import Bar
from epicshell.commands.sentences import CONFIRMED, NOTHING_DONE, translating
from epicshell.commands.statements import Mode, Statement
from epicshell.commands.tally import Failed, repeated
from epicshell.errors import EpicError, Late, Leave
from epicshell.text import counted

_HELD_IN_MEMORY = 8_000_000  #: bytes of output that wait in memory for the commit; more goes to a file
_END = Statement(0, "")


class _DryRun(Exception):
    """Rolls a dry run back; never leaves this module."""


def all_or_nothing(dispatcher: Dispatcher, source: str, script: list[Statement], mode: Mode, bar: Bar) -> Leave | None:
    """One transaction. A script that is tracked runs this one as one line: that is written down with it."""
    names = dispatcher.memory.names
    known, track, dispatcher.track = names.known, dispatcher.track, None
    try:
        with translating(NOTHING_DONE), _transaction(dispatcher, mode):
            outcomes = list(_outcomes(dispatcher, source, script, mode, bar))
            if failures := [outcome for outcome in outcomes if isinstance(outcome, Failed)]:
                for sentence in repeated(failures, told=bar.shown):
                    dispatcher.terminal.tell(sentence)
                raise Failed(f"{counted(len(failures), 'line')} failed. Nothing was done.", "", failures[0].exit_code)
            if mode.dry_run:
                raise _DryRun
            if track is not None:
                track.write()
    except BaseException as error:
        if not isinstance(error, Late):
            names.known = known
        if not isinstance(error, _DryRun):
            raise
        dispatcher.terminal.tell("Dry run: every line would be done; nothing was.")
        return None
    finally:
        dispatcher.track = track
    return cast(Leave, outcomes[-1]) if outcomes else None


def _outcomes(
    dispatcher: Dispatcher, source: str, script: list[Statement], mode: Mode, bar: Bar
) -> Iterator[Failed | Leave]:
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
            failure.picture = error.picture
            if not mode.goes_on_after(error):
                if NOTHING_DONE not in str(failure):
                    failure.hint = f"{failure.hint} Nothing was done.".lstrip()
                raise failure from error
            if bar.shown:
                dispatcher.terminal.tell(str(failure))
            yield failure
        bar.advance()


@contextmanager
def _transaction(dispatcher: Dispatcher, mode: Mode) -> Iterator[None]:
    """One transaction around a script that is all or nothing; the session is looked at once, before it.

    What it writes is held back until it is committed, or shown as a rehearsal.
    """
    from tempfile import SpooledTemporaryFile

    dispatcher.presence.touch()
    dispatcher.run_kind = RunKind.REHEARSAL if mode.dry_run else RunKind.WHOLE
    output, dispatcher.held = dispatcher.output, []
    with SpooledTemporaryFile(_HELD_IN_MEMORY, "w+", encoding="utf-8", newline="") as held:
        dispatcher.output = replace(output, out=cast(TextIO, held))
        try:
            with (
                dispatcher.presence.doubting("the script"),
                dispatcher.bound(),
                dispatcher.account.database.work() as work,
            ):
                yield
            if work.confirmed:
                dispatcher.held.append(CONFIRMED)
        except (_DryRun, Late):
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
    """With --keep-going each line can fail alone; without, what lines make is made together."""
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
