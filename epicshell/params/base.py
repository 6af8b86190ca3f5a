"""A parameter's type: one object that parses, completes and explains."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from epicshell.errors import Invalid
from epicshell.text import quote

if TYPE_CHECKING:
    from epicshell.context import Context
    from epicshell.policy import Permission


@dataclass(frozen=True, slots=True)
class Candidate:
    """A completion: the text to insert, and what it means."""

    text: str
    meaning: str = ""


class Param:
    """A type of argument.

    metavar: its place in the usage line. accepts: for help and questions, what may be typed.
    looks_up: whether parsing asks the database (then it is not checked while it is typed).
    rest: whether it takes all words that are left. raw: with their quotation marks, flags and all, as they were typed.
    """

    metavar: str
    accepts: str
    looks_up = False
    rest = False
    raw = False

    def parse(self, text: str, context: "Context", needs: "Permission | None") -> Any:
        """The value of a text. Raises Invalid, NotFound or NotAllowed with a sentence that says what is accepted."""
        raise Invalid(f"{self.metavar} can't be typed.")

    @property
    def completes(self) -> bool:
        """Whether there are ever any candidates."""
        return type(self).candidates is not Param.candidates

    def candidates(self, prefix: str, context: "Context", needs: "Permission | None") -> Iterable[Candidate]:
        """Completions of a prefix, best first, under the actor's own rights. May ask the database."""
        return ()


@dataclass(frozen=True)
class Scalar(Param):
    """A type whose value depends on the text and the context alone."""

    metavar: str
    accepts: str
    read: Callable[[str, "Context"], Any]
    rest: bool = False
    raw: bool = False

    def parse(self, text: str, context: "Context", needs: "Permission | None") -> Any:
        return self.read(text, context)


@dataclass(frozen=True)
class Choice(Param):
    """One of a few words, perhaps fewer for some actors."""

    metavar: str
    words: Callable[["Context"], tuple[str, ...]]
    accepts: str = ""

    def parse(self, text: str, context: "Context", needs: "Permission | None") -> str:
        words = self.words(context)
        if text.lower() in words:
            return text.lower()
        raise Invalid(f"{quote(text)} is not accepted here.", f"Accepted: {', '.join(words)}.")

    def candidates(self, prefix: str, context: "Context", needs: "Permission | None") -> Iterable[Candidate]:
        return [Candidate(word) for word in self.words(context) if word.startswith(prefix.lower())]
