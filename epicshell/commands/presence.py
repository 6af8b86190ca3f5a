"""Whoever types is there: the session is kept alive, lost connections are made again, refusals are put on record."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic

from epicshell.command import Command
from epicshell.commands.sentences import translating
from epicshell.database import InDoubt
from epicshell.errors import EpicError, NotAllowed, SessionEnded
from epicshell.session import ENDED
from epicshell.session.account import Account
from epicshell.session.terminal import Terminal


class Presence:
    """What the lines of a shell or a script have in common towards the database.

    typed: whether a person types them, which extends the idle time. every: seconds within which one look at the session
    is enough, for lines that only write. let_in: lets in again whose session has ended, or raises; without it,
    SessionEnded goes to whoever runs the line. extended: called when the idle time has begun anew.
    """

    def __init__(self, account: Account, terminal: Terminal, *, typed: bool = True) -> None:
        self._account = account
        self._terminal = terminal
        self._typed = typed
        self.every = 0.0
        self.let_in: Callable[[SessionEnded], None] | None = None
        self.extended: Callable[[], None] = lambda: None
        self._touched_at = -inf
        self._doubts: list[tuple[str, str]] = []
        self._refusals: list[tuple[str, str]] = []

    def touch(self, *, now: bool = True) -> None:
        """Extend the idle time, and notice an ended session; inside a script's transaction that was done before.

        now: even if it was done just now. Raises EpicError.
        """
        if self._account.database.in_transaction() or not (now or monotonic() - self._touched_at > self.every):
            return
        with translating():
            try:
                self._touch()
            except SessionEnded as ended:
                if self.let_in is None:
                    raise
                self.let_in(ended)
                self._touch()

    def _touch(self) -> None:
        database = self._account.database
        look = "SELECT api.touch()" if self._typed else "SELECT api.me()"
        try:
            found = database.one(look)
        except EpicError:
            raise  # there was no connection, and a new one is refused
        except Exception:
            if not database.lost():
                raise
            database.drop()  # the server was restarted, the machine slept: nothing was under way, so once more
            found = database.one(look)
            self._terminal.tell("The connection was lost; reconnected.")
        if found is None:
            raise SessionEnded(ENDED)
        if self._typed:
            self._account.refresh(found)
            self.extended()
        self._touched_at = monotonic()
        self._clear_doubts()

    def _clear_doubts(self) -> None:
        """Tell of each command whose commit was in doubt whether it was done."""
        while self._doubts:
            name, xid = self._doubts[0]
            told = "was done" if self._account.database.was_committed(xid) else "was not done"
            self._doubts.pop(0)
            self._terminal.tell(f"When the connection was lost, {name} was being committed: it {told}.")

    @contextmanager
    def noting(self, command: Command) -> Iterator[None]:
        """Around a command: note a refusal, for the audit, and a commit that is in doubt."""
        try:
            yield
        except InDoubt as doubt:
            self._doubt(command.name, doubt)
            raise
        except NotAllowed as error:
            if command.needs is not None and not error.recorded:
                self._refusals.append((command.name, command.needs))
                error.recorded = True
            self.record_refusals()
            raise

    @contextmanager
    def doubting(self, name: str) -> Iterator[None]:
        """Around work: note a commit that is in doubt, under the name of what was committed."""
        try:
            yield
        except InDoubt as doubt:
            self._doubt(name, doubt)
            raise

    def _doubt(self, name: str, doubt: InDoubt) -> None:
        if all(xid != doubt.xid for _, xid in self._doubts):  # a command may have run another
            self._doubts.append((name, doubt.xid))

    def record_refusals(self) -> None:
        """Write the refusals into the audit, in transactions of their own; inside one, nothing yet."""
        while self._refusals and not self._account.database.in_transaction():
            self._account.database.one("SELECT api.record_refusal(%s, %s)", self._refusals.pop(0))
