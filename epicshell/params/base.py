"""A parameter's type: one object that parses, completes and explains."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from epicshell.errors import Invalid, NotAllowed
from epicshell.fuzzy import best
from epicshell.text import closest, quote

if TYPE_CHECKING:
    from epicshell.context import Context
    from epicshell.policy import Permission


@dataclass(frozen=True, slots=True)
class Candidate:
    """A completion: the text to insert, and what it means. open: more of the same word will follow (a folder)."""

    text: str
    meaning: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True)
class Only:
    """An annotation: departments that a flag is of use to; the others aren't told of it, and it refuses them."""

    departments: tuple[str, ...]


class Param:
    """A type of argument.

    metavar: its place in the usage line. accepts: for help and questions, what may be typed.
    looks_up: whether parsing asks the database (then it is not checked while it is typed).
    rest: whether it takes all words that are left. raw: with their quotation marks, flags and all, as they were typed.
    clause: the word behind which it stands at the end of a line, as it was typed, after all flags; empty for others.
    at_once: whether its candidates need no database, but only the actor and the clock.
    verbatim: it is a piece of a longer text, or made of pieces: candidates are inserted as they are, in open quotations
    too, and what is wrong with it is told while it is typed.
    asks: whether some values raise a question before the command runs; then the command takes --yes.
    many: whether its flag may be given again; its text is all of them, a line each.
    """

    metavar: str
    accepts: str
    looks_up = False
    rest = False
    raw = False
    clause = ""
    at_once = False
    verbatim = False
    asks = False
    many = False

    @property
    def kind(self) -> object:
        """What values of this type have in common with others that were used: equal for the same records."""
        return self

    def command_at(self, typed: str) -> int | None:
        """Where in a raw text the command begins that it holds; None if it holds none, or none yet."""
        return 0 if self.raw else None

    def of(self, model: Any) -> "Param":
        """The type as a list of an entity has it."""
        return self

    def given(self, typed: Mapping[str, str]) -> "Param":
        """The type in the light of the arguments before it: the texts by parameter name."""
        return self

    def piece(self, typed: str) -> tuple[int, "Param"]:
        """Where in a text the piece begins that is being typed at its end, and the type of that piece."""
        return 0, self

    def parts(self, text: str) -> Iterable[tuple[int, int, str]]:
        """What the pieces of a complete text are: from, to, and a class of the style; none where it is one piece."""
        return ()

    def parse(self, text: str, context: "Context", needs: "Permission | None") -> Any:
        """The value of a text. Raises Invalid, NotFound or NotAllowed with a sentence that says what is accepted."""
        raise Invalid(f"{self.metavar} can't be typed.")

    def question(self, text: str, context: "Context") -> str:
        """What is asked before the command runs with this text; empty if nothing is. Raises as `parse`."""
        return ""

    @property
    def completes(self) -> bool:
        """Whether there are ever any candidates."""
        return type(self).candidates is not Param.candidates

    def candidates(self, prefix: str, context: "Context", needs: "Permission | None") -> Iterable[Candidate]:
        """Completions of a prefix, best first, under the actor's own rights. May ask the database."""
        return ()

    def check(self, text: str, context: "Context", needs: "Permission | None") -> None:
        """What can be said about a text while the line is typed: quick, without the database. Raises as `parse`."""
        if not self.looks_up:
            self.parse(text, context, needs)

    def among(self, keys: Sequence[str], context: "Context", needs: "Permission | None") -> Iterable[Candidate]:
        """Those of some texts that are accepted, as completions, in their order. May ask the database."""
        return [Candidate(key) for key in keys if self._accepts(key, context, needs)]

    def _accepts(self, text: str, context: "Context", needs: "Permission | None") -> bool:
        try:
            self.check(text, context, needs)
        except (Invalid, NotAllowed):
            return False
        return True


@dataclass(frozen=True)
class Scalar(Param):
    """A type whose value depends on the text and the context alone. heavy: reading it loads a large library."""

    metavar: str
    accepts: str
    read: Callable[[str, "Context"], Any]
    rest: bool = False
    raw: bool = False
    heavy: bool = False

    def parse(self, text: str, context: "Context", needs: "Permission | None") -> Any:
        return self.read(text, context)

    def check(self, text: str, context: "Context", needs: "Permission | None") -> None:
        if not self.heavy:
            self.read(text, context)


@dataclass(frozen=True)
class Choice(Param):
    """One of a few words, perhaps fewer for some actors."""

    metavar: str
    words: Callable[["Context"], tuple[str, ...]]
    accepts: str = ""
    at_once = True

    def parse(self, text: str, context: "Context", needs: "Permission | None") -> str:
        words = self.words(context)
        if text.lower() in words:
            return text.lower()
        near = closest(text, words)
        meant = f"Did you mean {near}? " if near else ""
        raise Invalid(f"{quote(text)} is not accepted here.", f"{meant}Accepted: {', '.join(words)}.")

    def candidates(self, prefix: str, context: "Context", needs: "Permission | None") -> Iterable[Candidate]:
        return [Candidate(word) for word in best(prefix, self.words(context), str)]
