"""What one shell knows of its employee's notifications, and what it has yet to tell."""

from collections.abc import Sequence
from dataclasses import dataclass

from epicshell.models.notification import MOST_UNREAD

MOST_LINES = 3  #: how many are told one by one


@dataclass(frozen=True)
class News:
    """What a look at the database has found.

    session: whose. numbers: of all that is unread, newest first. lines: about the newest of what is new, oldest first;
    count: how many lines there would be. Lines are as stored, so not yet fit for a terminal.
    """

    session: int
    numbers: Sequence[int]
    lines: Sequence[str] = ()
    count: int = 0


class Tidings:
    """The notifications of one session. Each is told once; a new session starts with how many there are.

    Told apart by their numbers, not by the highest one: of two changes, the later number may be committed first.
    """

    def __init__(self) -> None:
        self.known: frozenset[int] = frozenset()
        self._session: int | None = None
        self._unread = 0
        self._lines: list[str] = []

    @property
    def badge(self) -> str:
        """`2 unread · inbox`; empty if there are none."""
        return f"{self._count} unread · inbox" if self._unread else ""

    def begin(self, session: int, numbers: Sequence[int]) -> bool:
        """A connection of a session is new; whether something of this session's was missed while there was none."""
        self._unread = len(numbers)
        if session == self._session:
            return not self.known.issuperset(numbers)
        self._session, self.known, self._lines = session, frozenset(numbers), []
        if numbers:
            self._lines.append(f"{self._count} unread notification{'s' if self._unread > 1 else ''}: inbox")
        return False

    def add(self, news: News) -> None:
        """Take in what a look has found, unless it is another session's; what is known is not told again."""
        if news.session != self._session:
            return
        self._unread = len(news.numbers)
        if not self.known.issuperset(news.numbers):
            self.known |= frozenset(news.numbers)
            self._lines += news.lines
            if news.count > len(news.lines):
                self._lines.append(f"… and {news.count - len(news.lines)} more: inbox")

    def lines(self) -> list[str]:
        """What is to be told, once."""
        lines, self._lines = self._lines, []
        return lines

    @property
    def _count(self) -> str:
        return f"{self._unread}{'+' if self._unread >= MOST_UNREAD else ''}"
