"""What was refused of a change of many records, and why: told together."""

import re
from collections.abc import Sequence
from typing import Any

from psycopg2.errors import LockNotAvailable

from epicshell import policy
from epicshell.context import Context
from epicshell.errors import EpicError, NotAllowed, Refused
from epicshell.models.base import listed
from epicshell.policy import Permission
from epicshell.text import counted

MOST_TOLD = 20  #: different refusals that are told


class Refusals:
    """Collects them for the records of one entity; `of` is how many records there are in all."""

    def __init__(self, model: Any, of: int) -> None:
        self._model = model
        self._of = of
        self._barred: list[int] = []
        self._stale: list[int] = []
        self._others: list[EpicError] = []
        self._alike: dict[str, list[int]] = {}  #: which records each sentence is about
        self._right = ""

    def __len__(self) -> int:
        return len(self._barred) + len(self._stale) + len(self._others)

    def bar(self, numbers: Sequence[int], context: Context, needs: Permission) -> None:
        """Records that the actor may read, but not change."""
        if numbers:
            self._barred += numbers
            self._right = f"the right {needs}. Who has it: {policy.holders(context.actor, needs)}."

    def outdate(self, numbers: Sequence[int]) -> None:
        """Records that someone else has changed, or that are gone."""
        self._stale += numbers

    def add(self, number: int, error: EpicError) -> bool:
        """A record that was refused by itself; whether because someone else holds it just now."""
        self._others.append(error)
        told = self._reason(error)
        if told in self._alike or len(self._alike) < MOST_TOLD:
            self._alike.setdefault(told, []).append(number)
        return isinstance(getattr(error.__cause__, "orig", None), LockNotAvailable)

    def sentence(self, number: int, error: EpicError) -> str:
        """A refusal that names its record."""
        return self._about([number], self._reason(error))

    @staticmethod
    def _reason(error: EpicError) -> str:
        return f"{re.sub(r'; nothing was [a-z]+[.]', '.', error.sentence)} {error.hint}".rstrip()

    def _about(self, numbers: Sequence[int], told: str) -> str:
        """A reason with the records that it is about, if it does not name its own already."""
        named = self._named(numbers)
        return told if named.lower() in told.lower() else f"{named}: {told}"

    def error(self, done: int) -> EpicError:
        """All of them as one error, of the class of the gravest. done: how many records were changed all the same."""
        rights = self._barred or any(isinstance(error, NotAllowed) for error in self._others)
        some = f"{len(self)} of {counted(self._of, self._model.noun)}" if len(self) < self._of else self._all()
        rest = f"the other {f'{done} are' if done > 1 else 'one is'} done" if done else "nothing was done"
        kind = NotAllowed if rights else Refused
        return kind("\n".join([f"{some} {'was' if len(self) == 1 else 'were'} refused; {rest}.", *self._told()]))

    def _all(self) -> str:
        return f"The {self._model.noun}" if self._of == 1 else f"All {counted(self._of, self._model.noun)}"

    def _told(self) -> list[str]:
        told = []
        if self._barred:
            told.append(f"{self._named(self._barred)}: you lack {self._right}")
        if self._stale:
            told.append(f"{self._named(self._stale)}: changed by someone else just now.")
        told += [self._about(numbers, reason) for reason, numbers in self._alike.items()]
        if more := len(self._others) - sum(map(len, self._alike.values())):
            told.append(f"… and {more} more.")
        return [f"  {one}" for one in told]

    def _named(self, numbers: Sequence[int]) -> str:
        return listed(self._model.noun, numbers).capitalize()
