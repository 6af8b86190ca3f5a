"""The end of a session while nothing is typed: noticed by the clock, and confirmed by the database."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from math import inf

from epicshell.context import Context
from epicshell.session.account import Account

TICK = 15.0  #: seconds after which the clock is looked at again: a machine that slept has missed no time of its own

#: Asks the database in a thread: (what is asked in a context, what gets the answer or None).
Ask = Callable[[Callable[[Context], float], Callable[[float | None], None]], None]


class Lock:
    """Watches the clock while someone may sit before a prompt, a question or the pager.

    Other shells of the same session may have extended it, so the database is asked before. While it can't be asked,
    the shell's own clock decides.
    """

    def __init__(self, account: Account, ask: Ask) -> None:
        self._account = account
        self._ask = ask
        self._shut: Callable[[], None] = lambda: None
        self._look_at = 0.0
        self._ends_at = inf

    def extend(self) -> None:
        """A typed command begins: from now on the idle time counts anew."""
        actor = self._account.known_actor
        if actor is not None:
            self._look_at = self._ends_at = min(time.time() + actor.idle_seconds, actor.expires_at.timestamp())

    def watch(self, shut: Callable[[], None]) -> None:
        """Watch as long as the running loop does. shut: called in it when the session is over."""
        self._shut = shut
        self._tick(asyncio.get_running_loop())

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._account.known_actor is None:
            return
        left = self._look_at - time.time()
        if left > 0:
            loop.call_later(min(left + 0.01, TICK), self._tick, loop)
        else:
            self._ask(_seconds_left, partial(_tell, loop, self._told))

    def _told(self, left: float | None) -> None:
        now = time.time()
        if left is None:
            left = TICK if now < self._ends_at else 0
        elif left > 0:
            self._ends_at = now + left
        if left <= 0:
            self._shut()
            return
        self._look_at = now + left
        self._tick(asyncio.get_running_loop())


def _seconds_left(context: Context) -> float:
    """How long the session goes on if nothing is typed; 0 if it is over."""
    left = context.database.one(
        "SELECT extract(epoch FROM ends_at - clock_timestamp()) FROM api.sessions WHERE current"
    )
    return float(left or 0)


def _tell(loop: asyncio.AbstractEventLoop, told: Callable[[float | None], None], left: float | None) -> None:
    """Bring an answer from the thread into the loop; that prompt may have been answered meanwhile."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(told, left)
