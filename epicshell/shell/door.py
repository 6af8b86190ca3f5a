"""The door of a shell: who is asked for a password, before the first line, between two, and in the midst of one."""

from collections.abc import Callable
from datetime import UTC, datetime

from epicshell.errors import Interrupted, Leave, NotLoggedIn, NotUnderstood, SessionEnded, Unavailable
from epicshell.session import ENDED
from epicshell.session.account import Account
from epicshell.session.entry import enter
from epicshell.session.terminal import Question
from epicshell.shell.lock import Lock
from epicshell.shell.terminal import ShellTerminal

TRIES = 3  #: passwords


class Door:
    """Lets people in to an account.

    username: whom to ask first. clears: whether the screen is cleared when the session ends. ended: the saved session
    turned out to be over.
    """

    def __init__(
        self, account: Account, terminal: ShellTerminal, lock: Lock, username: str, clears: Callable[[], bool]
    ) -> None:
        self._account = account
        self._terminal = terminal
        self._lock = lock
        self._username = username
        self._clears = clears
        self.ended = False

    @property
    def needed(self) -> bool:
        """Whether the shell starts with a question: there is no session, or it has ended."""
        return self._account.session is None or self.ended

    def come_in(self) -> None:
        """Ask who it is. Raises Leave when that is given up, NotLoggedIn after some wrong passwords."""
        session = self._account.session
        try:
            if session is not None:
                self._terminal.tell("Your session has ended.")
                _come_back(self._account, self._terminal, session.username)
            else:
                _come_in(self._account, self._terminal, self._username)
        except Interrupted:
            raise Leave("Bye.") from None
        except Unavailable as error:
            self._terminal.complain(error)
        self.ended = False

    def unlock(self) -> None:
        """The session ended while nothing was typed: ask for the password. Raises Leave when that is given up."""
        actor = self._account.known_actor
        if actor is None:
            return
        self._shut(self._why())
        try:
            _stay(self._account, self._terminal, actor.username)
        except Interrupted:
            raise Leave("Bye.") from None
        self._lock.extend()

    def _why(self) -> str:
        """Why the session is over, as far as the clock tells."""
        actor = self._account.known_actor
        if actor is None:
            return ENDED
        over = actor.expires_at <= datetime.now(UTC)
        limit = actor.settings["session_lifetime" if over else "idle_timeout"]
        why = f"A session ends after {limit}" if over else f"Locked after {limit} without a command"
        return f"{why}; log in again to go on."

    def _shut(self, why: str) -> None:
        if self._clears():
            self._terminal.clear()
        self._terminal.tell(why)

    def let_in(self, ended: SessionEnded) -> None:
        """The session turned out to be over: ask for the password. Raises NotLoggedIn, Interrupted."""
        session = self._account.session
        if session is None:
            raise ended
        self._shut(ended.sentence)
        _come_back(self._account, self._terminal, session.username)
        self._lock.extend()


def _come_in(account: Account, terminal: ShellTerminal, username: str = "") -> None:
    """Ask for a username and the password. Raises NotLoggedIn after TRIES, Interrupted when it is given up."""

    def attempt() -> None:
        nonlocal username
        username = terminal.ask(Question("username", check=_not_empty, default=username)).strip().lower()
        enter(account, terminal, username)

    _try(attempt, terminal)


def _come_back(account: Account, terminal: ShellTerminal, username: str) -> None:
    """Ask for the password of who was here until now. Raises NotLoggedIn after TRIES, Interrupted when given up."""
    _try(lambda: enter(account, terminal, username), terminal)


def _stay(account: Account, terminal: ShellTerminal, username: str) -> None:
    """Ask for the password of who was here until it is right. Raises Interrupted when that is given up."""
    while True:
        try:
            enter(account, terminal, username)
            return
        except (NotLoggedIn, Unavailable) as error:
            terminal.complain(error)


def _try(attempt: Callable[[], object], terminal: ShellTerminal) -> None:
    for left in range(TRIES - 1, -1, -1):
        try:
            attempt()
            return
        except NotLoggedIn as error:
            if not left:
                raise
            terminal.complain(error)


def _not_empty(text: str) -> None:
    if not text.strip():
        raise NotUnderstood("A username is needed.", "Ctrl-C leaves.")
