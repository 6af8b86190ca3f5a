"""The line editor's looks and keys, added to a prompt: the menu, the search, the colours, the mistakes."""

from typing import TYPE_CHECKING, Any

from prompt_toolkit import PromptSession
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.key_binding import merge_key_bindings
from prompt_toolkit.utils import is_dumb_terminal

from epicshell.shell.menu_keys import menu_keys, space_keys
from epicshell.shell.search import HELP, MESSAGE, Search, search_keys
from epicshell.shell.style import style
from epicshell.text import cut

if TYPE_CHECKING:
    from epicshell.shell.desk import Desk

ESCAPE_SECONDS = 0.1  #: how long the rest of a key that begins with Escape may take to come in


class Editing:
    """What a prompt's line looks like, and what its keys do. Made with the prompt; a desk comes later."""

    def __init__(self, session: "PromptSession[Any]") -> None:
        self._session = session
        self._desk: Desk | None = None
        self._search = Search(session.default_buffer)
        own = [session.key_bindings] if session.key_bindings else []
        session.key_bindings = merge_key_bindings([*own, menu_keys(), space_keys(), search_keys(self._search)])
        session.style = style()
        session.app.ttimeoutlen = ESCAPE_SECONDS

    def begin(self) -> None:
        """A prompt begins."""
        self._search.reset()

    def use(self, desk: "Desk") -> None:
        """From now on the line is read as this desk's."""
        from epicshell.shell.completer import LineCompleter, Menu
        from epicshell.shell.highlight import LineLexer

        session, buffer = self._session, self._session.default_buffer
        menu = Menu(session.app, buffer)
        session.completer = LineCompleter(desk.commands, desk.account, desk.values, menu, desk.recent, desk.references)
        if not is_dumb_terminal():
            session.lexer = LineLexer(desk.look, self._place, lambda: not self._search.on)
        self._desk = desk

    @property
    def line(self) -> str:
        """The line that is being typed."""
        return self._search.line

    def message(self, prompt: str) -> StyleAndTextTuples:
        return [("class:prompt", MESSAGE if self._search.on else prompt)]

    def toolbar(self) -> StyleAndTextTuples:
        """The first mistake if there is one, else what helps with the line."""
        desk = self._desk
        if self._search.on:
            return [("", cut(HELP, self._columns))]
        if desk is None:
            return []
        document = self._session.default_buffer.document
        if wrong := desk.complaint(document):
            return [("class:bottom-toolbar.mistake", wrong)]
        return [("", desk.hint(document.text_before_cursor))]

    @property
    def _columns(self) -> int:
        return int(self._session.app.output.get_size().columns)

    def _place(self) -> int:
        return int(self._session.default_buffer.cursor_position)
