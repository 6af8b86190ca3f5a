"""Where a line goes: its command is run, what goes wrong is told, and the shell goes on."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, cast

from prompt_toolkit.document import Document

from epicshell import telemetry
from epicshell.command import Command, load, visible
from epicshell.commands.dispatch import Dispatcher
from epicshell.commands.examine import Examination, examined
from epicshell.commands.output import Output
from epicshell.commands.script import run as run_script
from epicshell.commands.sentences import INTERRUPTED
from epicshell.commands.statements import Mode, statements
from epicshell.config import Config
from epicshell.errors import EpicError, Interrupted, Leave, NotLoggedIn, SessionEnded, Unavailable
from epicshell.params import Candidate
from epicshell.preferences import PREFERENCES, Preferences
from epicshell.session.account import Account
from epicshell.shell import history
from epicshell.shell.aside import Aside
from epicshell.shell.colours import theme
from epicshell.shell.door import Door
from epicshell.shell.gather import Gathered
from epicshell.shell.highlight import Look
from epicshell.shell.keyboard import Keyboard
from epicshell.shell.lock import Lock
from epicshell.shell.notices import Notices
from epicshell.shell.pager import shell_pager
from epicshell.shell.paste import Paste
from epicshell.shell.pasting import Pasting
from epicshell.shell.recent import Recent
from epicshell.shell.terminal import ShellTerminal
from epicshell.shell.toolbar import beside, complaint, hint
from epicshell.shell.values import Values
from epicshell.shell.views import KnownViews
from epicshell.text import display

if TYPE_CHECKING:
    from psycopg2.extensions import connection


class Desk:
    """The account that a shell works for, and all that its lines need.

    Made in any thread, where it connects; `settle` brings it to the one that it works in.
    """

    def __init__(
        self,
        account: Account,
        output: Output,
        config: Config,
        username: str,
        keyboard: Keyboard | None = None,
        *,
        assume_yes: bool,
    ) -> None:
        self.account = account
        self.aside = Aside()
        self.values = Values(self.aside)
        self.views = KnownViews(account, self.aside)
        self.lock = Lock(account, partial(self.aside.ask, "lock", account))
        self.notices = Notices(account, self.aside, self._columns, lambda: self.prefers("notifications") == "on")
        self._config = config
        self._output = output
        self._assume_yes = assume_yes
        self._keyboard = keyboard or Keyboard()
        self._preferences: Preferences | None = None
        self._paged = replace(
            output, pager=shell_pager(output.out, lambda: self.theme, self._keyboard, self.lock.watch)
        )
        self.terminal = ShellTerminal(
            account, self.values, self._columns, lambda: self.theme, self._keyboard, self.lock.watch
        )
        self.door = Door(
            account, self.terminal, self.lock, username, lambda: self.prefers("lock-clears-screen") == "on"
        )
        self.remember: Callable[[Paste], None] = lambda _: None  #: keeps a paste in the history
        self._dispatcher = Dispatcher(
            account,
            self.terminal,
            self._paged,
            remember=True,
            assume_yes=assume_yes,
            preferences=self.preferences,
        )
        self._dispatcher.presence.let_in = self.door.let_in
        self._dispatcher.presence.extended = self.lock.extend
        self.recent = Recent(self._dispatcher.memory, account.session)
        self.look = Look(self.commands, lambda: account.known_actor)
        self._connection: connection | None = None
        load()
        self._connect()

    def settle(self) -> None:
        """Take the connection over into this thread."""
        if self._connection is not None:
            self.account.database.take(self._connection)
            self._connection = None

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

    def preferences(self) -> Preferences | None:
        """What the one who is logged in likes; read with the first look after the login."""
        session = self.account.session
        if session is None:
            return None
        if self._preferences is None or self._preferences.username != session.username:
            identity = self.account.target.identity
            self._preferences = Preferences(self._config.folders.state, identity, session.username)
        return self._preferences

    def prefers(self, name: str) -> str:
        """A preference, by its default where nobody is logged in."""
        preferences = self.preferences()
        return preferences[name] if preferences else PREFERENCES[name].default

    @property
    def theme(self) -> str:
        """The theme of colours in use."""
        return theme(self.prefers("colours"))

    def dress(self) -> None:
        """Take over the preferences in what is the desk's own; tell once if they could not be read."""
        self._paged.colour = self._output.colour and self.theme != "off"
        preferences = self.preferences()
        if preferences and preferences.trouble:
            self.terminal.tell(preferences.trouble)
            preferences.trouble = ""

    def commands(self) -> Mapping[str, Command]:
        """The commands that the actor can ever run, and their views."""
        return self.views.among(visible(self.account.known_actor))

    def hint(self, text: str) -> str:
        if text.strip():
            self.views.wake()
        return beside(partial(hint, text, self.commands()), self.notices.badge, self._columns())

    def references(self, typed: str) -> list[Candidate]:
        """The names of records that `@…` may become."""
        known = self._dispatcher.memory.known_names()
        return [Candidate(name, meaning) for name, meaning in known if name.startswith(typed.lower())]

    def complaint(self, document: Document) -> str:
        """What is wrong with a line so far; empty if nothing is."""
        return complaint(document.cursor_position, self.look.mistakes(document), self._columns())

    def run(self, typed: str | Paste) -> None:
        """Run a line, or a paste if that is wanted. Raises Leave; anything else that goes wrong is told."""
        try:
            if isinstance(typed, Paste):
                self._paste(typed)
            else:
                self._line(typed)
                self.recent.used(typed)
        except Leave:
            raise
        except EpicError as error:
            if error.exit_code == Interrupted.exit_code:
                self._keyboard.interrupted()
            self.terminal.complain(error)
        except KeyboardInterrupt:
            self._keyboard.interrupted()
            self.terminal.complain(Interrupted(INTERRUPTED))
        except Exception as error:
            reference = telemetry.fault(error, self._config.sentry_dsn)
            self.terminal.complain(f"An unexpected fault; the log has it as {reference}.")
        finally:
            self.values.forget()
            if isinstance(typed, Paste) or typed.lstrip().lower().startswith("views"):
                self.views.forget()
                self.views.wake()
            self.recent.go_on(self.account.session)

    def _line(self, typed: str) -> None:
        """Run a line; if the session ends while it runs, which undoes it, again for whom is let in again."""
        try:
            self._dispatcher.run(typed)
        except SessionEnded as ended:
            self.door.let_in(ended)
            self._dispatcher.run(typed)

    def _paste(self, paste: Paste) -> None:
        """Show a paste and ask about it; if the session ends meanwhile, again."""
        pasting = Pasting(self.terminal, self._keyboard, self._columns, self._examine, self._run_paste, self.remember)
        try:
            pasting.handle(paste)
        except SessionEnded as ended:
            self.door.let_in(ended)
            pasting.handle(paste)

    def _examine(self, paste: Paste) -> Examination:
        actor = self.account.look_up()
        return examined(paste.lines, actor, self.views.among(visible(actor)))

    def _run_paste(self, paste: Paste, mode: Mode) -> None:
        if self.account.session is not None:
            self._dispatcher.presence.touch()
        with Gathered(self._output.out) as out, self.terminal.script(out.flush):
            output = replace(self._output, out=cast(TextIO, out))
            run_script(self._dispatcher.apart(output), "paste", statements(paste.lines), mode)

    def _connect(self) -> None:
        """Prove the saved session. That the database is down is told by the first command."""
        if self.account.session is None:
            return
        try:
            self.account.actor  # noqa: B018
            self.notices.start()
            self._connection = self.account.database.release()
        except NotLoggedIn:
            self.door.ended = True
        except Unavailable:
            return

    def _columns(self) -> int:
        return self._output.width() or 80
