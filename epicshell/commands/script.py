"""Scripts: files, pipes and pasted lines, one command after the other; all or nothing, or a dry run, on request."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from itertools import chain
from typing import IO, Any, TextIO, cast

from epicshell.commands.dispatch import Dispatcher, RunKind
from epicshell.commands.output import Output
from epicshell.commands.patience import Patience
from epicshell.commands.progress import Bar, shown
from epicshell.commands.sentences import CONFIRMED, NOTHING_DONE, translating
from epicshell.commands.statements import statements
from epicshell.commands.tally import Failed, Statement, Tally, repeated
from epicshell.commands.track import TakenOver
from epicshell.errors import EpicError, Late, Leave, Unavailable
from epicshell.text import counted

__all__ = ["Failed", "Mode", "Statement", "run", "statements"]

TOUCH_EVERY = 1.0  #: seconds: a script's lines aren't typed one by one, and the database guards each of them anyway
_HELD_IN_MEMORY = 8_000_000  #: bytes of output that wait in memory for the commit; more goes to a file


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


def run(dispatcher: Dispatcher, source: str, script: Iterable[Statement], mode: Mode) -> None:
    """Run a script. source: its name in messages (`FILE:LINE: message`).

    Raises Failed at the first error, and says which lines are done; with --keep-going Failed counts them in the end,
    after each has been told. Raises Leave when all is done and committed, if the script ended with `exit`.
    What is created or shown on the way keeps its names (`@last`) if it is not taken back.
    """
    lines = list(script)
    outermost = dispatcher.patience is None
    patience = dispatcher.patience = dispatcher.patience or Patience()
    dispatcher.presence.every = TOUCH_EVERY
    try:
        with patience if outermost else nullcontext(), shown(dispatcher, len(lines)) if outermost else _unseen() as bar:
            if mode.whole:
                with patience.suspended():
                    leave = _whole(dispatcher, source, lines, mode, bar)
            else:
                leave = _line_by_line(dispatcher, source, lines, mode, bar)
    finally:
        if outermost:
            dispatcher.patience, dispatcher.presence.every = None, 0
        dispatcher.presence.record_refusals()
    if leave:
        raise leave


@contextmanager
def _unseen() -> Iterator[Bar]:
    yield Bar()


# Line by line


def _line_by_line(dispatcher: Dispatcher, source: str, script: list[Statement], mode: Mode, bar: Bar) -> Leave | None:
    """Each line is done for itself."""
    track, patience = dispatcher.track, cast(Patience, dispatcher.patience)
    nested = track is not None and track.nested
    every, script = script, [one for one in script if track is None or not track.skips(one.line)]
    for _ in every[len(script) :]:
        bar.advance()
    advice = track.advice if track and not nested else ""
    tally = Tally(script, f" of {source}" if nested else "", advice, resumed=len(script) < len(every))
    for statement in script:
        if patience.asked:
            raise _stop(dispatcher, tally, tally.interrupted(), bar)
        if track is not None:
            track.at(statement.line, last=statement is script[-1])
        try:
            _run_one(dispatcher, statement)
        except Leave as leave:
            return leave
        except EpicError as error:
            done = _is_done(dispatcher, error)
            failure = _failure(dispatcher, source, statement, error, done)
            if not mode.keep_going or error.exit_code in (3, 5, 130) or isinstance(error, TakenOver):
                tally.tried += bool(done)
                if done and error.exit_code == 130 and tally.left:
                    failure = tally.interrupted()
                raise _stop(dispatcher, tally, failure, bar) from error
            if bar.shown:
                dispatcher.terminal.tell(str(failure))
            tally.fails(statement.line, failure)
        except BaseException as error:
            raise _fault(dispatcher, tally, statement, error, bar) from None
        tally.tried += 1
        bar.advance()
    if tally.failures:
        raise _stop(dispatcher, tally, tally.summary(), bar)
    return None


def _run_one(dispatcher: Dispatcher, statement: Statement) -> None:
    dispatcher.run(statement.text)
    if dispatcher.track is not None:
        with translating():
            dispatcher.track.done()


def _is_done(dispatcher: Dispatcher, error: BaseException) -> bool | None:
    """Whether a line that ended in an error is done all the same: the database knows."""
    if dispatcher.track is None:
        return dispatcher.done
    with nullcontext() if dispatcher.account.session is None else dispatcher.bound():
        return dispatcher.track.failed(error)


def _failure(dispatcher: Dispatcher, source: str, statement: Statement, error: EpicError, done: bool | None) -> Failed:
    """The error with its place."""
    sentence, hint = error.sentence, error.hint
    if isinstance(error, Unavailable) and dispatcher.track is not None:
        hint = "" if done is not None else f"Whether line {statement.line} is done, --resume finds out."
    failed = Failed(f"{source}:{error.place or statement.line}: {sentence}", hint, error.exit_code)
    failed.picture = error.picture
    return failed


def _stop(dispatcher: Dispatcher, tally: Tally, failure: Failed, bar: Bar) -> Failed:
    """What a script ends with: the failures that --keep-going went on after are told before it."""
    for sentence in repeated(tally.failures, told=bar.shown):
        dispatcher.terminal.tell(sentence)
    if tally.left and not failure.sentence.startswith("Interrupted"):
        failure.hint = f"{failure.hint} {tally.stopped()}".strip()
    return failure


def _fault(dispatcher: Dispatcher, tally: Tally, statement: Statement, error: BaseException, bar: Bar) -> BaseException:
    """A fault of ours, or of the machine, ends the script as well; Ctrl-C between two statements is told as such."""
    if _is_done(dispatcher, error):
        tally.tried += 1
    if isinstance(error, KeyboardInterrupt):
        return _stop(dispatcher, tally, tally.interrupted(), bar)
    if isinstance(error, Exception):
        dispatcher.terminal.tell(f"Stopped in line {statement.line}. {tally.stopped()}".rstrip())
    return error


# All or nothing


def _whole(dispatcher: Dispatcher, source: str, script: list[Statement], mode: Mode, bar: Bar) -> Leave | None:
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
            if not mode.keep_going or error.exit_code in (3, 5, 130):
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
