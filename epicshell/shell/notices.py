"""Notifications as they come in: a line above the prompt, which stays as it is, and the count of unread ones.

The account's own connection listens. At the prompt it is only polled, never asked: what has come is read aside, under
the reader's own rights, and shown by the prompt's loop.
"""

import asyncio
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import psycopg2
from prompt_toolkit.application import Application
from psycopg2.extensions import connection

from epicshell import policy
from epicshell.context import Context
from epicshell.models import Notification
from epicshell.models.notification import listen
from epicshell.policy import Permission
from epicshell.session import Actor
from epicshell.session.account import Account
from epicshell.shell.aside import Aside
from epicshell.shell.tidings import MOST_LINES, News, Tidings
from epicshell.telemetry import log
from epicshell.text import cut, display

PAUSE = 0.25  #: seconds between two looks, however often we are woken
DUMB_PATIENCE = 0.3  #: how long a prompt that can't be changed waits for what has just come in


class Notices:
    """What one shell tells of its employee's notifications.

    enabled: whether there are lines above the prompt; the unread ones are counted in any case.
    """

    def __init__(
        self, account: Account, aside: Aside, columns: Callable[[], int], enabled: Callable[[], bool] = lambda: True
    ) -> None:
        self.enabled = enabled
        self._account = account
        self._aside = aside
        self._columns = columns
        self._tidings = Tidings()
        self._arrived: deque[News] = deque()
        self._listening: connection | None = None
        self._due = False
        self._looked = 0.0
        self._application: Application[Any] | None = None
        self._timer: asyncio.TimerHandle | None = None
        account.connected = self._connected

    @property
    def badge(self) -> str:
        """`2 unread · inbox`, for the toolbar; empty if there are none."""
        return self._tidings.badge if self._account.session else ""

    def start(self) -> None:
        """Listen on this thread's connection, if it was there before us."""
        opened, actor = self._connection(), self._account.known_actor
        if opened is not None and actor is not None and opened is not self._listening:
            self._connected(opened, actor)

    def attend(self, application: "Application[Any]") -> None:
        """Show what has come, and from now on what comes, above the prompt of an application that runs."""
        self._application = application
        opened = self._connection()
        if opened is not None:
            asyncio.get_running_loop().add_reader(opened.fileno(), self._woken, opened)
            self._woken(opened)
        self._show()

    def leave(self) -> None:
        """The prompt is answered, and its loop has ended; what comes now waits for the next one."""
        self._application = self._timer = None

    def tell(self) -> None:
        """Before a prompt that can't be changed: say what has come, on stderr."""
        opened = self._connection()
        if opened is not None:
            with suppress(psycopg2.Error):
                self._poll(opened)
        if self._due:
            self._look()
            deadline = time.monotonic() + DUMB_PATIENCE
            while not self._arrived and time.monotonic() < deadline:
                time.sleep(0.005)
        sys.stderr.writelines(f"{line}\n" for line in self._lines())
        sys.stderr.flush()

    def _connected(self, opened: connection, actor: Actor) -> None:
        """Listen on a new connection, and see what was missed; called before anything else is asked on it."""
        try:
            mine = policy.cell(actor, Permission.INBOX) is not None
            numbers = listen(opened, actor.employee_id) if mine else []
        except psycopg2.Error as error:  # commands tell what is wrong with it
            log.debug("not listening: %s", type(error).__name__)
        else:
            self._listening = opened
            self._due = self._tidings.begin(actor.session_id, numbers) or self._due

    def _connection(self) -> connection | None:
        """This thread's connection, if there is one."""
        if self._account.session is None or self._account.database.is_closed():
            return None
        opened: connection = self._account.database.connection()
        return None if opened.closed else opened

    def _woken(self, opened: connection) -> None:
        """The connection can be read: something has happened, or it is lost, which the next command will tell."""
        loop, descriptor = asyncio.get_running_loop(), opened.fileno()
        try:
            self._poll(opened)
        except psycopg2.Error:
            loop.remove_reader(descriptor)
        if self._due and self._timer is None:
            self._timer = loop.call_later(max(0.0, self._looked + PAUSE - time.monotonic()), self._look)

    def _poll(self, opened: connection) -> None:
        opened.poll()
        self._due = self._due or bool(opened.notifies)
        opened.notifies.clear()

    def _look(self) -> None:
        """Have what is new read aside."""
        self._timer, self._due, self._looked = None, False, time.monotonic()
        self._aside.ask(self, self._account, partial(_read, known=self._tidings.known), self._take_in)

    def _take_in(self, news: News | None) -> None:
        """In the thread: hand over to the prompt's loop, if it is still there."""
        if news is None:  # the next prompt looks again
            self._due = True
            return
        self._arrived.append(news)
        application = self._application
        if application is not None and application.loop is not None:
            with suppress(RuntimeError):  # the prompt has been answered meanwhile
                application.loop.call_soon_threadsafe(self._show)

    def _lines(self) -> list[str]:
        """What is to be told now, fit for the terminal."""
        while self._arrived:
            self._tidings.add(self._arrived.popleft())
        lines = self._tidings.lines()
        if self._account.session is None:  # of someone who has logged out
            return []
        return [cut(display(f"» {line}"), self._columns()) for line in lines if self.enabled()]

    def _show(self) -> None:
        """Put the lines above the prompt, which is drawn again under them."""
        application = self._application
        if application is None or not application.is_running:
            return
        if lines := self._lines():
            application.renderer.erase()
            application.output.write_raw("".join(f"{line}\r\n" for line in lines))
            application.output.flush()
            application.renderer.request_absolute_cursor_position()
        application.invalidate()


def _read(context: Context, known: frozenset[int]) -> News:
    """In the thread: what is unread, and of what is new since `known` the newest, in words.

    Much that is alike comes from one command that changed many records: it is told as one.
    """
    numbers = Notification.numbers(context.actor.employee_id)
    new = [number for number in numbers if number not in known]
    sums = Notification.summed(new)[:MOST_LINES] if len(new) > MOST_LINES else []
    if sums and sums[0][1] > MOST_LINES:
        left = len(new) - sum(count for _, count in sums)
        return News(context.actor.session_id, numbers, [line for line, _ in sums], len(sums) + left)
    return News(context.actor.session_id, numbers, Notification.told(new[:MOST_LINES]), len(new))
