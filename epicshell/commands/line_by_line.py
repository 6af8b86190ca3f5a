"""A script whose lines are done each for itself: what fails ends it, or is counted."""

from contextlib import nullcontext
from typing import cast

from epicshell.commands.dispatch import Dispatcher
from epicshell.commands.patience import Patience
from epicshell.commands.progress import Bar
from epicshell.commands.sentences import translating
from epicshell.commands.statements import Mode, Statement
from epicshell.commands.tally import Failed, Tally, repeated
from epicshell.commands.track import TakenOver, Track
from epicshell.errors import EpicError, Interrupted, Leave, Unavailable


def line_by_line(dispatcher: Dispatcher, source: str, script: list[Statement], mode: Mode, bar: Bar) -> Leave | None:
    """Run the lines that an earlier run has not done; the `exit` that ended the script, if one did. Raises Failed."""
    track, patience = dispatcher.track, cast(Patience, dispatcher.patience)
    left = [one for one in script if track is None or not track.skips(one.line)]
    tally = _tally(track, source, left, resumed=len(left) < len(script))
    for _ in script[len(left) :]:
        bar.advance()
    for statement in left:
        if patience.asked:
            raise _stop(dispatcher, tally, tally.interrupted(), bar)
        if track is not None:
            track.at(statement.line, last=statement is left[-1])
        try:
            _run_one(dispatcher, statement)
        except Leave as leave:
            return leave
        except EpicError as error:
            _go_on_after(dispatcher, source, statement, error, mode, tally, bar)
        except BaseException as error:
            raise _fault(dispatcher, tally, statement, error, bar) from None
        tally.tried += 1
        bar.advance()
    if tally.failures:
        raise _stop(dispatcher, tally, tally.summary(), bar)
    return None


def _tally(track: Track | None, source: str, left: list[Statement], *, resumed: bool) -> Tally:
    nested = track is not None and track.nested
    advice = track.advice if track and not nested else ""
    return Tally(left, f" of {source}" if nested else "", advice, resumed=resumed)


def _go_on_after(
    dispatcher: Dispatcher,
    source: str,
    statement: Statement,
    error: EpicError,
    mode: Mode,
    tally: Tally,
    bar: Bar,
) -> None:
    """Count a line that failed. Raises Failed where the script ends with it."""
    done = _is_done(dispatcher, error)
    failure = _failure(dispatcher, source, statement, error, done)
    if not mode.goes_on_after(error) or isinstance(error, TakenOver):
        tally.tried += bool(done)
        if done and error.exit_code == Interrupted.exit_code and tally.left:
            failure = tally.interrupted()
        raise _stop(dispatcher, tally, failure, bar) from error
    if bar.shown:
        dispatcher.terminal.tell(str(failure))
    tally.fails(statement.line, failure)


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
