"""Reading lines that nobody types: run beside the shell, for the same account, on a connection of their own."""

from collections.abc import Callable
from dataclasses import replace
from io import StringIO

from epicshell.commands.dispatch import Dispatcher
from epicshell.commands.output import Output
from epicshell.errors import Refused
from epicshell.preferences import Preferences
from epicshell.session.account import Account
from epicshell.session.terminal import Terminal

MOST = 2_000_000  #: characters of one look


class Beside:
    """Runs lines in the one thread that calls it; they never extend the idle time."""

    def __init__(self, account: Account, output: Output, preferences: Callable[[], Preferences | None]) -> None:
        self._account = account.apart()
        self._output = replace(output, colour=False, pager=None)
        self._dispatcher = Dispatcher(self._account, _Silent(), self._output, preferences=preferences, typed=False)

    def __call__(self, text: str) -> str:
        """What a line prints. Raises EpicError; Refused for more than MOST characters."""
        out = self._output.out = _Bounded()
        self._dispatcher.run(text)
        return out.getvalue()

    def close(self) -> None:
        self._account.close()


class _Silent(Terminal):
    """Nobody to tell: the next look shows how it is."""

    def tell(self, sentence: str) -> None:
        pass


class _Bounded(StringIO):
    def write(self, text: str) -> int:
        if self.tell() > MOST:
            raise Refused("That is more than can be watched.", "Add --limit.")
        return super().write(text)
