"""Names for records: `@last`, `@client` and their like, and those that `let` keeps."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from epicshell.errors import Conflict, Invalid, NotFound
from epicshell.text import closest, cut, display, quote

NOUNS = ("client", "contract", "event", "employee", "payment")  #: what a name can stand for
BUILT_IN = ("last", *NOUNS)  #: kept of themselves, so `let` leaves them alone
MOST = 1000  #: names that are kept at once: a script writes them down with each of its lines
_SHOWN = 8  #: names that a sentence lists


@dataclass(frozen=True, slots=True)
class Named:
    """A record that a name stands for. title: what people call it, if that is known."""

    noun: str
    id: int
    title: str = ""

    def __str__(self) -> str:
        return self.title if self.noun == "employee" and self.title else f"{self.noun} {self.id}"


class Names:
    """The records that a shell knows by name. What is known is replaced, never changed, so that it can be put back."""

    def __init__(self) -> None:
        self.known: Mapping[str, Named] = {}
        self._wanted: str | None = None

    @property
    def wanted(self) -> bool:
        """Whether the next record is to get a name of its own."""
        return self._wanted is not None

    def keep(self, named: Named) -> None:
        """This record was created or shown last."""
        if named.noun in NOUNS:
            added = {"last": named, named.noun: named}
            if self._wanted is not None:
                added[self._wanted] = named
                self._wanted = None
            self.known = {**self.known, **added}

    def find(self, typed: str, noun: str) -> int:
        """The id that `@NAME` stands for. Raises NotFound, and Invalid if it is of another noun."""
        name = typed.strip()[1:].lower()
        named = self.known.get(name)
        if named is None:
            raise NotFound(f"There is no {quote('@' + name)[1:-1]} yet.", self._hint(name))
        if named.noun != noun:
            one = f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
            raise Invalid(f"@{name} is {named}, not {one}.", f"Accepted: a name that stands for {one}.")
        return named.id

    def _hint(self, name: str) -> str:
        near = closest(name, self.known)
        if near:
            return f"Did you mean @{near} ({self.known[near]})?"
        kept = [f"@{one} {named}".replace(f"@{named.noun} {named.noun}", f"@{named.noun}")
                for one, named in list(self.known.items())[:_SHOWN]]  # fmt: skip
        more = ", …" if len(self.known) > _SHOWN else ""
        if not kept:
            return "Accepted: @last, once a record was created or shown."
        return f"Kept so far: {', '.join(kept)}{more}."

    @contextmanager
    def naming(self, name: str) -> Iterator[None]:
        """The one record of what is run in the block gets this name, too. Raises Conflict if there is none."""
        if len(self.known) >= MOST and name not in self.known:
            raise Conflict(f"{MOST} names are kept already.", "Give one of them again.")
        self._wanted = name
        try:
            yield
            if self._wanted is not None:
                raise Conflict(f"That gave no single record, so @{name} was not kept.")
        finally:
            self._wanted = None

    def clear(self) -> None:
        self.known = {}

    def candidates(self) -> list[tuple[str, str]]:
        """(`@name`, what it stands for), those that `let` kept first."""
        kept = sorted(self.known.items(), key=lambda item: item[0] in BUILT_IN)
        return [(f"@{name}", _described(named)) for name, named in kept]

    def numbers(self) -> dict[str, tuple[str, int]]:
        """Noun and id by name: all that is written down."""
        return {name: (named.noun, named.id) for name, named in self.known.items()}

    def restore(self, numbers: Mapping[str, tuple[str, int]]) -> None:
        """Know these names, and no others."""
        self.known = {name: Named(noun, number) for name, (noun, number) in numbers.items()}


def _described(named: Named) -> str:
    return " · ".join(filter(None, (str(named), "" if named.title == str(named) else cut(display(named.title), 60))))


def name_to_keep(typed: str) -> str:
    """The name that `let` is given. Raises Invalid."""
    name = typed.removeprefix("@").lower()
    if not re.fullmatch("[a-z][a-z0-9_-]{0,39}", name):
        raise Invalid(f"{quote(typed)} is no name.", "Accepted: a letter, then letters, digits, - and _, up to 40.")
    if name in BUILT_IN:
        raise Invalid(f"@{name} is kept of itself.", f"Accepted: any name but {', '.join(BUILT_IN)}.")
    return name
