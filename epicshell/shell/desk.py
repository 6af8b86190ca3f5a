"""Where a line goes: its command is run, what goes wrong is told, and the shell goes on."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from epicshell import telemetry
from epicshell.command import Command, load, visible
from epicshell.commands.dispatch import Dispatcher
from epicshell.commands.output import Output
from epicshell.commands.script import Mode, statements
from epicshell.commands.script import run as run_script
from epicshell.commands.sentences import INTERRUPTED
from epicshell.config import Config
from epicshell.errors import EpicError, Interrupted, Leave, NotLoggedIn, SessionEnded, Unavailable
from epicshell.session.account import Account
from epicshell.session.terminal import Question
from epicshell.shell import history
from epicshell.shell.entrance import come_back, come_in
from epicshell.shell.paste import Paste, preview
from epicshell.shell.terminal import ShellTerminal
from epicshell.shell.toolbar import hint
from epicshell.shell.values import Values
from epicshell.text import display

if TYPE_CHECKING:
    from psycopg2.extensions import connection


class Desk:
    """The account that a shell works for, and all that its lines need.

    Made in any thread, where it connects; `settle` brings it to the one that it works in.
    """

    def __init__(self, account: Account, output: Output, config: Config, username: str, *, assume_yes: bool) -> None:
        self.account = account
        self.values = Values()
        self._config = config
        self._username = username
        self._output = output
        self._assume_yes = assume_yes
        self.terminal = ShellTerminal(account, self.values, self._columns, colour=output.colour)
        self._dispatcher = Dispatcher(account, self.terminal, output, remember=True, assume_yes=assume_yes)
        self._connection: connection | None = None
        self._ended = False
        load()
        self._connect()

    def settle(self) -> None:
        """Take the connection over into this thread."""
        if self._connection is not None:
            self.account.database.take(self._connection)
            self._connection = None

    @property
    def needs_entrance(self) -> bool:
        """Whether the shell starts with a question: there is no session, or it has ended."""
        return self.account.session is None or self._ended

    @property
    def prompt(self) -> str:
        session = self.account.session
        if session is None:
            return display(f"{self.account.target.name}> ")
        return display(f"{session.username} ({session.department}) {self.account.target.name}> ")

    @property
    def history_path(self) -> Path | None:
        session = self.account.session
        if session is None:
            return None
        return history.path_for(self._config.folders.state, self.account.target.identity, session.username)

    def commands(self) -> Mapping[str, Command]:
        """The commands that the actor can ever run."""
        return visible(self.account.known_actor)

    def hint(self, text: str) -> str:
        return hint(text, self.commands(), self._columns())

    def come_in(self) -> None:
        """Ask who it is. Raises Leave when that is given up, NotLoggedIn after some wrong passwords."""
        session = self.account.session
        try:
            if session is not None:
                self.terminal.tell("Your session has ended.")
                come_back(self.account, self.terminal, session.username)
            else:
                come_in(self.account, self.terminal, self._username)
        except Interrupted:
            raise Leave("Bye.") from None
        except Unavailable as error:
            self.terminal.complain(error)
        self._ended = False

    def run(self, typed: str | Paste) -> None:
        """Run a line, or a paste if that is wanted. Raises Leave; anything else that goes wrong is told."""
        try:
            if isinstance(typed, Paste):
                self._paste(typed)
            else:
                self._logged_in(partial(self._dispatcher.run, typed))
        except Leave:
            raise
        except EpicError as error:
            self.terminal.complain(error)
        except KeyboardInterrupt:
            self.terminal.complain(Interrupted(INTERRUPTED))
        except Exception as error:
            reference = telemetry.fault(error, self._config.sentry_dsn)
            self.terminal.complain(f"An unexpected fault; the log has it as {reference}.")
        finally:
            self.values.forget()

    def _logged_in(self, work: Callable[[], None]) -> None:
        """Do some work; if the session turns out to be over, ask for the password and do it again, once."""
        try:
            work()
        except SessionEnded as error:
            session = self.account.session
            if session is None:
                raise
            self.terminal.tell(error.sentence)
            come_back(self.account, self.terminal, session.username)
            work()

    def _paste(self, paste: Paste) -> None:
        self.terminal.tell(preview(paste, self._columns()))
        answer = self.terminal.ask(Question("[r]un or [d]rop them"))
        if answer.strip().lower() not in ("r", "run", "y", "yes"):
            self.terminal.tell("Dropped; nothing was done.")
            return
        self._logged_in(self._dispatcher.touch)
        self.terminal.interactive = False
        try:
            script = self._dispatcher.apart()
            run_script(script, "paste", statements(paste.lines), Mode())
        finally:
            self.terminal.interactive = True

    def _connect(self) -> None:
        """Prove the saved session. That the database is down is told by the first command."""
        if self.account.session is None:
            return
        try:
            self.account.actor  # noqa: B018
            self._connection = self.account.database.release()
        except NotLoggedIn:
            self._ended = True
        except Unavailable:
            return

    def _columns(self) -> int:
        return self._output.width() or 80
