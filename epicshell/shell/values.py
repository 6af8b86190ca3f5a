"""Completions that the database knows, without ever waiting for it: a cache, and questions aside that fill it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial

from epicshell.context import Context
from epicshell.params import Candidate
from epicshell.session import Session
from epicshell.session.account import Account
from epicshell.shell.aside import Aside
from epicshell.text import words

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
    """What fits a prefix, from what has come in so far; what has not, is asked aside. The newest question counts."""

    def __init__(self, aside: Aside | None = None) -> None:
        self._aside = aside or Aside()
        self._cache: dict[Wanted, list[Candidate]] = {}
        self._newest: Wanted | None = None

    def known(self, wanted: Wanted) -> list[Candidate]:
        """The candidates as far as they are known; if they aren't, those of a shorter prefix that still fit."""
        found = self._cache.get(wanted)
        if found is not None:
            return found
        self._newest = wanted
        self._aside.ask(self, wanted.account, partial(_fetched, wanted), partial(self._keep, self._cache, wanted))
        return self._narrowed(wanted)

    def forget(self) -> None:
        """A command may have changed everything."""
        self._cache = {}  # a new one: what is being fetched goes into the old
        self._newest = None
        self._aside.drop(self)

    def _narrowed(self, wanted: Wanted) -> list[Candidate]:
        for length in range(len(wanted.prefix) - 1, -1, -1):
            shorter = replace(wanted, prefix=wanted.prefix[:length])
            if (found := self._cache.get(shorter)) is not None:
                return [candidate for candidate in found if _fits(candidate, wanted.prefix)]
        return []

    def _keep(self, cache: dict[Wanted, list[Candidate]], wanted: Wanted, found: list[Candidate] | None) -> None:
        """In the thread: the answer; where there is none, nothing is offered until the next prompt."""
        cache[wanted] = found or []
        if self._newest is wanted:
            wanted.arrived()


def _fetched(wanted: Wanted, context: Context) -> list[Candidate]:
    return list(wanted.source(wanted.prefix, context))


def _fits(candidate: Candidate, prefix: str) -> bool:
    """Whether a candidate of a shorter prefix still fits: its text, or a word of its meaning, begins so."""
    wanted = words(prefix)[-1:]
    shown = [candidate.text.lower(), *words(candidate.meaning)]
    return not wanted or any(word.startswith(wanted[0]) for word in shown)
