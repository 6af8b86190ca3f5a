"""Script files: read once and whole, and run so that a run which stopped can be taken up again."""

import hashlib
import os
import stat
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from epicshell.commands import script
from epicshell.commands.dispatch import Dispatcher
from epicshell.commands.sentences import translating
from epicshell.commands.statements import Mode, Statement, statements
from epicshell.commands.tally import Ended
from epicshell.commands.track import Track, stopped
from epicshell.errors import Leave, NotLoggedIn, NotUnderstood, Refused, Unavailable
from epicshell.models.script_run import ScriptRun
from epicshell.session.terminal import Console
from epicshell.text import display

TOO_LONG = 100_000_000  #: bytes


@dataclass(frozen=True)
class ScriptFile:
    """A script as it was read. name: as it was typed. source: its full path; "" for what is no file, such as a pipe.

    digest: SHA-256 of its bytes.
    """

    name: str
    source: str
    digest: str
    statements: Sequence[Statement]


def read(name: str) -> ScriptFile:
    """Read a script: UTF-8, perhaps with a byte order mark; lines end with LF or CRLF. Raises NotUnderstood."""
    shown = display(name)
    try:
        path = os.path.expanduser(name)
        with open(path, "rb") as file:
            regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            data = file.read(TOO_LONG + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "that is no name of a file"
        raise NotUnderstood(f"{shown} can't be read: {reason}.") from None
    source = os.fsencode(os.path.realpath(path)).decode("utf-8", "backslashreplace") if regular else ""
    return ScriptFile(shown, source, hashlib.sha256(data).hexdigest(), list(statements(lines_of(data, shown))))


def lines_of(data: bytes, name: str) -> list[str]:
    """The lines of a script's bytes. Raises NotUnderstood with the line that is not UTF-8."""
    if len(data) > TOO_LONG:
        raise NotUnderstood(f"{name} is longer than {TOO_LONG // 1_000_000} MB.", "Split it.")
    try:
        return data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise NotUnderstood(f"{name}:{line}: not UTF-8.", "Save the script as UTF-8.") from None


def run_file(
    dispatcher: Dispatcher, file: ScriptFile, mode: Mode, *, resume: bool = False, after: int | None = None, advice: str
) -> None:
    """Run a script file. Raises what script.run does.

    resume: go on where an earlier run stopped. after: the last line that is done, where the database can't know.
    advice: how the user goes on if this run stops.
    """
    if after is not None and not resume:
        raise NotUnderstood("--after goes with --resume.")
    if resume and (mode.whole or dispatcher.track is not None or not file.source):
        why = "is no file" if not file.source else "stands in a script" if dispatcher.track else "is all or nothing"
        raise NotUnderstood(f"{file.name} can't be resumed: it {why}.")
    if mode.whole or (dispatcher.track is None and not file.source):
        script.run(dispatcher, file.name, file.statements, mode)
    elif dispatcher.track is not None:
        _nested(dispatcher, dispatcher.track, file, mode)
    else:
        _tracked(dispatcher, Track(dispatcher.account, dispatcher.memory.names, advice), file, mode, resume, after)


def _nested(dispatcher: Dispatcher, track: Track, file: ScriptFile, mode: Mode) -> None:
    """Part of a script that is tracked: its lines are written down in that one's row."""
    track.enter(file.source or file.name, file.name, file.digest)
    try:
        script.run(dispatcher, file.name, file.statements, mode)
    finally:
        track.leave()


def _tracked(
    dispatcher: Dispatcher, track: Track, file: ScriptFile, mode: Mode, resume: bool, after: int | None
) -> None:
    track.enter(file.source, file.name, file.digest)
    if resume:
        _take_up(dispatcher, track, file, after)
    else:
        _start_again(dispatcher, file)
    dispatcher.track = track
    try:
        script.run(dispatcher, file.name, file.statements, mode)
    except (Leave, Ended):
        track.end()
        raise
    finally:
        dispatcher.track = None
    track.end()


def _take_up(dispatcher: Dispatcher, track: Track, file: ScriptFile, after: int | None) -> None:
    dispatcher.presence.touch()
    with translating(), dispatcher.bound():
        track.resume(ScriptRun.of(file.source), file.name, file.digest, after)


def _start_again(dispatcher: Dispatcher, file: ScriptFile) -> None:
    """Ask, or just tell where nobody can be asked, if an earlier run of this file stopped on its way."""
    try:
        if dispatcher.account.session is not None:
            dispatcher.presence.touch()
        with nullcontext() if dispatcher.account.session is None else dispatcher.bound():
            earlier = stopped(dispatcher.account, file.source)
    except (NotLoggedIn, Unavailable):
        return  # the first line that needs the database tells it
    if earlier is None:
        return
    terminal = dispatcher.terminal
    told = f"A run of {file.name} stopped after line {earlier.line}."
    if dispatcher.assume_yes or not isinstance(terminal, Console) or dispatcher.patience is not None:
        terminal.tell(f"{told} This one starts again from the first line; --resume would have gone on.")
    elif not terminal.confirm(f"{told} Start again from its first line?"):
        raise Refused("Nothing was done.", "--resume goes on after that line.")
