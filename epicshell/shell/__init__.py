"""The interactive shell: a prompt, and whoever types at it."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from epicshell.commands.output import Output
from epicshell.config import Config
from epicshell.shell.keyboard import Keyboard
from epicshell.shell.paint import FirstPaint

if TYPE_CHECKING:
    from epicshell.session.account import Account
    from epicshell.shell.desk import Desk


def open_shell(
    account: "Callable[[], Account]",
    output: Output,
    config: Config,
    *,
    key: str = "",
    guess: str = "",
    username: str = "",
    assume_yes: bool = False,
) -> int:
    """Run the shell until the user leaves; the exit code.

    account: opens the account, in a thread behind the first prompt. key: what tells this invocation from others.
    guess: the first prompt where none is remembered; without one, opening comes first. username: whom to ask for the
    password. Raises what `account` raises, and NotLoggedIn after some wrong passwords.
    """
    paint = FirstPaint(config.folders.state, key, guess)
    keyboard = Keyboard(sys.stdin.fileno(), sys.stdout.fileno())
    keyboard.open(signals=not paint.possible)  # Ctrl-C at a painted prompt is for the real one
    paint.show()
    try:
        from epicshell.shell.loop import Shell, plain_if_dumb

        def make() -> "Desk":
            from epicshell.shell.desk import Desk

            return Desk(account(), output, config, username, keyboard, assume_yes=assume_yes)

        with plain_if_dumb():
            return Shell(make, paint, keyboard, sentry_dsn=config.sentry_dsn).run()
    finally:
        paint.erase()
        keyboard.close()
