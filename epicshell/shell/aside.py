"""Questions to the database that nobody waits for: a thread with a connection of its own."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from epicshell.context import Context, Memory
from epicshell.models import MODELS
from epicshell.session import Session
from epicshell.session.account import Account
from epicshell.session.terminal import Terminal
from epicshell.telemetry import log

IDLE_SECONDS = 60  #: how long the connection stays without a question
PATIENCE = "1s"  #: the longest that the database works on an answer


@dataclass(frozen=True, eq=False)
class _Question:
    """What is asked, as whom, and who gets the answer."""

    account: Account
    session: Session
    work: Callable[[Context], Any]
    then: Callable[[Any], None]


class Aside:
    """Answers questions one after the other, in a daemon thread; never extends the session's idle time.

    Only the newest question of each key counts: one that is not answered yet gives way to the next.
    """

    def __init__(self) -> None:
        self._waiting: dict[object, _Question] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._account: Account | None = None

    def ask(self, key: object, account: Account, work: Callable[[Context], Any], then: Callable[[Any], None]) -> None:
        """Have `work` done as who is logged in to `account` now, and `then` called with its result, in the thread.

        The result is None if anything goes wrong. Without a session nothing is asked.
        """
        session = account.session
        if session is None:
            return
        with self._changed:
            self._waiting.pop(key, None)
            self._waiting[key] = _Question(account, session, work, then)
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="aside", daemon=True)
                self._thread.start()

    def drop(self, key: object) -> None:
        """Forget a question, unless it is being answered."""
        with self._changed:
            self._waiting.pop(key, None)

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting, IDLE_SECONDS)
                question = self._waiting.pop(next(iter(self._waiting))) if self._waiting else None
            if question is None:
                self._hang_up()
            else:
                question.then(self._answer(question))

    def _answer(self, question: _Question) -> Any:
        try:
            return question.work(self._context(question))
        except Exception as error:  # what fails here was only a help; commands tell what is wrong
            log.debug("no answer aside: %s", type(error).__name__)
            if self._account and self._account.database.lost():
                self._hang_up()
            return None

    def _context(self, question: _Question) -> Context:
        """A context on this thread's own connection. Raises what connecting raises."""
        if self._account is None or self._account.session != question.session:
            self._hang_up()
            self._account = question.account.apart()
            self._account.database.bind(MODELS, bind_refs=False, bind_backrefs=False)
        database = self._account.database
        if database.is_closed():
            database.connection()
            database.execute_sql(f"SET statement_timeout = '{PATIENCE}'")
        return Context(self._account, Terminal(), Memory(on=False))

    def _hang_up(self) -> None:
        if self._account is not None:
            self._account.close()
            self._account = None
