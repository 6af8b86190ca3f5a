"""Where a script that can be taken up again stands: kept in the database, with each line's own work."""

import secrets
from contextlib import suppress
from dataclasses import dataclass

import psycopg2
from peewee import PeeweeException

from epicshell.commands.line import Line
from epicshell.errors import Conflict, EpicError, NotFound, NotUnderstood
from epicshell.models import script_run
from epicshell.models.script_run import ScriptRun
from epicshell.names import Names
from epicshell.session.account import Account
from epicshell.text import display

DEEPEST = 10  #: scripts that run one another


class TakenOver(Conflict):
    """Another shell has begun the same script, or goes on with it."""


@dataclass
class Frame:
    """A script that is running. source: its file; name: as people call it. line: the last one done; at: the one that
    runs now; last: whether that is its last."""

    source: str
    name: str
    digest: str
    line: int = 0
    at: int = 0
    last: bool = False


class Track:
    """The row of one script, and of those that its lines run.

    advice: how the user goes on after it stopped.
    """

    def __init__(self, account: Account, names: Names, advice: str) -> None:
        self.advice = advice
        self._account = account
        self._names = names
        self._run = secrets.token_hex(16)
        self._frames: list[Frame] = []
        self._resumed: list[tuple[str, str, int]] = []
        self._employee: int | None = None
        self._step = 0
        self._wrote: tuple[int, int] | None = None
        self._noted = False

    @property
    def nested(self) -> bool:
        return len(self._frames) > 1

    # Scripts that begin and end

    def enter(self, source: str, name: str, digest: str) -> None:
        """A script begins. Raises NotUnderstood for one that runs already, Conflict if it has changed since."""
        if any(frame.source == source for frame in self._frames):
            chain = " → ".join(display(frame.name) for frame in self._frames)
            raise NotUnderstood(f"{display(name)} would run itself: {chain} → {display(name)}.")
        if len(self._frames) == DEEPEST:
            raise NotUnderstood(f"More than {DEEPEST} scripts would run one another.")
        frame = Frame(source, name, digest)
        if self._frames and self._resumed:
            known, its_digest, line = self._resumed[0]
            if (known, its_digest) != (source, digest):
                raise _changed(name, line)
            frame.line = line
            self._resumed.pop(0)
        self._frames.append(frame)

    def leave(self) -> None:
        """The innermost script has ended, or stopped."""
        self._frames.pop()

    def resume(self, found: ScriptRun | None, name: str, digest: str, after: int | None) -> None:
        """Go on where a run stopped; its names are known again. Raises NotFound, Conflict."""
        if found is None:
            raise NotFound(f"There is nothing to resume: no run of {display(name)} has stopped.")
        if found.digest != digest:
            raise _changed(name, found.line)
        taken = found.take_over(self._run)
        if taken is None:
            raise TakenOver(f"Another shell of yours runs {display(name)} just now; nothing was done.")
        self._step, self._employee = taken.step, taken.employee_id
        self._resumed = [(source, its_digest, line) for source, its_digest, line in taken.inside]
        self._frames[0].line = taken.line
        self._names.restore(taken.names)
        if taken.begun is not None or after is not None:
            self._choose(taken, name, after)

    def _choose(self, taken: ScriptRun, name: str, after: int | None) -> None:
        """A line that can't be taken back was begun: the user says whether it is done."""
        last, begun = (self._resumed[-1][2] if self._resumed else taken.line), taken.begun
        where = display(self._resumed[-1][0] if self._resumed else name)
        if begun is None:
            if after not in (None, last):
                raise NotUnderstood(f"Line {last} of {where} is the last that was done.", "Leave --after away.")
        elif after is None or after not in (last, begun):
            raise Conflict(
                f"Line {begun} of {where} had begun when the run ended, and may be done or not; look first.",
                f"Then --resume --after {begun} if it is done, --resume --after {last} if it is not.",
            )
        elif self._resumed:
            source, digest, _ = self._resumed[-1]
            self._resumed[-1] = (source, digest, after)
        else:
            self._frames[0].line = after

    def end(self) -> None:
        """The outermost script has come to its end: nothing is left to take up. A row that stays does no harm."""
        if not self._mine():
            return
        database, source = self._account.database, self._frames[0].source
        try:
            script_run.end(database, source, self._run)
        except (PeeweeException, psycopg2.Error):
            database.drop()
            with suppress(EpicError, PeeweeException, psycopg2.Error):
                script_run.end(database, source, self._run)
        self._employee = None

    # Its lines

    def skips(self, line: int) -> bool:
        """Whether a line of the innermost script is done already."""
        return line <= self._frames[-1].line

    def at(self, line: int, *, last: bool) -> None:
        """This line of the innermost script runs next."""
        self._frames[-1].at, self._frames[-1].last = line, last

    def begins(self, line: Line) -> None:
        """A command begins that brings its own transactions: if we are killed, it may be done or not.

        A script that it runs writes its own lines down. After a logout at the end nothing could be.
        Raises NotUnderstood for a login as someone else: they could not go on with what has been written down so far.
        """
        command, session = line.command, self._account.session
        if command.name == "run" or session is None:
            return
        if command.name == "login" and (line.values.get("username") or session.username).lower() != session.username:
            if self._mine():
                raise NotUnderstood("A script that can be taken up again is one employee's.", "Make two scripts of it.")
            return
        if command.name == "logout" and all(frame.last for frame in self._frames):
            self.end()
            return
        if not self._mine():
            self._begin(self._place(done=False))
        else:
            self._update(self._place(done=False), self._frames[-1].at)
        if self._wrote is not None:
            self._employee, self._step = self._wrote
            self._wrote, self._noted = None, True

    def write(self) -> None:
        """Write down that the line is done, in the transaction of its work. Raises TakenOver."""
        place = self._place(done=True)
        if self._mine():
            self._update(place, None)
        elif self._account.session is not None:
            self._begin(place)

    def done(self) -> None:
        """The line is done: its work is committed. Writes that down now if the line had no transaction."""
        if self._wrote is None:
            self.write()
        self._adopt()

    def failed(self, error: BaseException) -> bool | None:
        """The line failed; whether it is done all the same. None if the database can't be asked."""
        wrote, self._wrote = self._wrote, None
        try:
            if wrote is not None and self._account.session is not None:
                return self._was_committed(wrote)
            if self._noted and isinstance(error, EpicError) and error.exit_code in (1, 2, 3, 4) and self._mine():
                self._update(self._place(done=False), None)
                self._employee, self._step = self._wrote or (self._employee, self._step)
                self._wrote, self._noted = None, False
        except (EpicError, PeeweeException, psycopg2.Error):
            return None
        return False

    def _was_committed(self, wrote: tuple[int, int]) -> bool:
        found = ScriptRun.of(self._frames[0].source)
        if found is None or (found.run, found.step) != (self._run, wrote[1]):
            return False
        self._wrote = wrote
        self._adopt()
        return True

    def _adopt(self) -> None:
        if self._wrote is not None:
            self._employee, self._step = self._wrote
        self._wrote, self._noted = None, False
        self._frames[-1].line = self._frames[-1].at

    def _mine(self) -> bool:
        """Whether the row that was written is that of who is logged in now."""
        session = self._account.session
        return session is not None and session.employee_id == self._employee

    def _place(self, *, done: bool) -> script_run.Place:
        *outer, inner = self._frames
        frames = [*((frame.source, frame.digest, frame.line) for frame in outer)]
        frames.append((inner.source, inner.digest, inner.at if done else inner.line))
        return frames[0][2], frames[1:]

    def _begin(self, place: script_run.Place) -> None:
        first, session = self._frames[0], self._account.session
        step = script_run.begin(
            self._account.database, first.source, self._run, first.digest, place, self._names.numbers()
        )
        if session is not None and step is not None:
            self._wrote = session.employee_id, step

    def _update(self, place: script_run.Place, begun: int | None) -> None:
        source = self._frames[0].source
        names = self._names.numbers()
        step = script_run.write(self._account.database, source, self._run, self._step, place, begun, names)
        if step is None:
            raise TakenOver(
                f"Another shell of yours runs {display(self._frames[0].name)} now; this line was not done, and this "
                "run ends here."
            )
        if self._employee is not None:
            self._wrote = self._employee, step


def stopped(account: Account, source: str) -> ScriptRun | None:
    """The run of a file that stopped; None as well if nobody is logged in, or the database can't be asked just now."""
    if account.session is None:
        return None
    try:
        return ScriptRun.of(source)
    except (EpicError, PeeweeException, psycopg2.Error):
        return None


def _changed(name: str, line: int) -> Conflict:
    return Conflict(
        f"{display(name)} has changed since line {line} of it was done; nothing was done now.",
        "Put the old file back, or run what is left as a script of its own; without --resume all of it runs again.",
    )
