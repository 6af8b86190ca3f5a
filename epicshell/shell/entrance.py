"""Coming in: who is nobody yet gives a name and a password; whose session has ended, the password again."""

from collections.abc import Callable

from epicshell.errors import NotLoggedIn, NotUnderstood, Unavailable
from epicshell.session.account import Account
from epicshell.session.entry import enter
from epicshell.session.terminal import Question
from epicshell.shell.terminal import ShellTerminal

TRIES = 3


def come_in(account: Account, terminal: ShellTerminal, username: str = "") -> None:
    """Ask for a username and the password. Raises NotLoggedIn after TRIES, Interrupted when it is given up."""

    def attempt() -> None:
        nonlocal username
        username = terminal.ask(Question("username", check=_not_empty, default=username)).strip().lower()
        enter(account, terminal, username)

    _try(attempt, terminal)


def come_back(account: Account, terminal: ShellTerminal, username: str) -> None:
    """Ask for the password of who was here until now. Raises NotLoggedIn after TRIES, Interrupted when given up."""
    _try(lambda: enter(account, terminal, username), terminal)


def stay(account: Account, terminal: ShellTerminal, username: str) -> None:
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
