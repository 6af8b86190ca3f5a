"""Completions that the database knows, without ever waiting for it: a cache, and a thread that fills it."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from epicshell.context import Context, Memory
from epicshell.models import MODELS
from epicshell.params import Candidate
from epicshell.session import Session
from epicshell.session.account import Account
from epicshell.session.terminal import Terminal
from epicshell.telemetry import log
from epicshell.text import words

IDLE_SECONDS = 60  #: how long the connection of its own stays without a question
PATIENCE = "1s"  #: the longest that the database works on a completion

Source = Callable[[str, Context], Iterable[Candidate]]


@dataclass(frozen=True)
class Wanted:
    """A question to the database.

    key: what tells its source from others. session: who asks. arrived: called from the thread with the answer there.
    """

    key: object
    prefix: str
    session: Session
    source: Source = field(compare=False)
    account: Account = field(compare=False)
    arrived: Callable[[], None] = field(compare=False)


class Values:
    """What fits a prefix, from what has come in so far.

    What has not is fetched by a daemon thread on a connection of its own, which never extends the idle time. Only the
    newest question counts.
    """

    def __init__(self) -> None:
        self._cache: dict[Wanted, list[Candidate]] = {}
        self._wanted: Wanted | None = None
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._account: Account | None = None

    def known(self, wanted: Wanted) -> list[Candidate]:
        """The candidates as far as they are known; if they aren't, those of a shorter prefix that still fit."""
        found = self._cache.get(wanted)
        if found is not None:
            return found
        self._ask(wanted)
        return self._narrowed(wanted)

    def forget(self) -> None:
        """A command may have changed everything."""
        with self._changed:
            self._cache = {}  # a new one: what is being fetched goes into the old
            self._wanted = None

    def _ask(self, wanted: Wanted) -> None:
        with self._changed:
            self._wanted = wanted
            self._changed.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="completion", daemon=True)
            self._thread.start()

    def _narrowed(self, wanted: Wanted) -> list[Candidate]:
        for length in range(len(wanted.prefix) - 1, -1, -1):
            shorter = replace(wanted, prefix=wanted.prefix[:length])
            if (found := self._cache.get(shorter)) is not None:
                return [candidate for candidate in found if _fits(candidate, wanted.prefix)]
        return []

    def _serve(self) -> None:
        while True:
            with self._changed:
                asked = self._changed.wait_for(lambda: self._wanted is not None, IDLE_SECONDS)
                wanted, self._wanted = self._wanted, None
                cache = self._cache
            if not asked or wanted is None:
                self._hang_up()
                continue
            cache[wanted] = self._fetched(wanted)
            if self._wanted is None:
                wanted.arrived()

    def _fetched(self, wanted: Wanted) -> list[Candidate]:
        try:
            return list(wanted.source(wanted.prefix, self._context(wanted)))
        except Exception as error:  # a completion that fails is one that isn't offered until the next prompt
            log.debug("no completion: %s", type(error).__name__)
            if self._account and self._account.database.lost():
                self._hang_up()
            return []

    def _context(self, wanted: Wanted) -> Context:
        """A context on this thread's own connection. Raises what connecting raises."""
        if self._account is None or self._account.session != wanted.session:
            self._hang_up()
            self._account = wanted.account.apart()
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


def _fits(candidate: Candidate, prefix: str) -> bool:
    """Whether a candidate of a shorter prefix still fits: its text, or a word of its meaning, begins so."""
    wanted = words(prefix)[-1:]
    shown = [candidate.text.lower(), *words(candidate.meaning)]
    return not wanted or any(word.startswith(wanted[0]) for word in shown)
