"""What `find` looks for: the words typed, and what of a record's words each of them stands for."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from epicshell.errors import Invalid
from epicshell.text import clean, quote, words

LONGEST, MOST = 200, 8  #: characters, words
_LONGEST_WORD = 40  #: characters that the database keeps of a word
_PHONE = re.compile(r"[+(]?[0-9][0-9 ()./+-]*")
_FEWEST_DIGITS = 4  #: of a phone number, in one word
_FEWEST_SPREAD = 6  #: in several
_AFTER = "\U0010fffd"  #: above every character that a word has


@dataclass(frozen=True)
class Term:
    """What one word stands for. starts: how words of a record may begin; exact: those that are exactly it."""

    starts: tuple[str, ...]
    exact: tuple[str, ...]

    def ranges(self) -> list[tuple[str, str]]:
        """From, and up to but not including: the words that begin so."""
        return [(start, start + _AFTER) for start in self.starts]

    def fits(self, words: Sequence[str]) -> bool:
        return any(word.startswith(self.starts) for word in words)


@dataclass(frozen=True)
class Wanted:
    """What was typed. region: the calling code of numbers without one, asked for only where it is needed."""

    text: str
    region: Callable[[], str]

    @cached_property
    def words(self) -> list[str]:
        return [word[:_LONGEST_WORD] for word in dict.fromkeys(words(self.text))]

    @property
    def number(self) -> int | None:
        """The id that it may be: `109` or `#109`."""
        found = re.fullmatch("#?([0-9]{1,10})", self.text)
        return int(found[1]) if found and int(found[1]) < 2**31 else None

    @cached_property
    def plain(self) -> list[Term]:
        """Each word, for records that have no contact data."""
        return [Term((word,), (word,)) for word in self.words]

    @cached_property
    def of_clients(self) -> list[list[Term]]:
        """The ways to read it for clients: word by word, or all of it as one phone number."""
        ways = [[self._of_client(word) for word in self.words]]
        if self._phone and len(self.words) > 1:
            number = Term(*self._dialled)
            ways = [[number]] if self.text.startswith(("+", "(")) else [*ways, [number]]
        return ways

    @cached_property
    def _phone(self) -> str:
        """Its digits, if it may be a phone number."""
        digits = re.sub("[^0-9]", "", self.text)
        fewest = _FEWEST_SPREAD if len(self.words) > 1 else _FEWEST_DIGITS
        return digits if _PHONE.fullmatch(self.text) and len(digits) >= fewest else ""

    def _of_client(self, word: str) -> Term:
        starts, exact = (word, f"@{word}"), (word, f"@{word}")
        if self._phone and len(self.words) == 1:
            begins, whole = self._dialled
            return Term((*starts, *begins), (*exact, *whole))
        return Term(starts, exact)

    @cached_property
    def _dialled(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """As the database keeps numbers, from the start and from the end, in the forms that one may be kept in."""
        digits = self._phone
        forms = [digits.removeprefix("00")]
        if digits.startswith("0") and not digits.startswith("00"):
            forms.append(self.region() + digits[1:])
        elif self.text.startswith(("+", "00")) and len(forms[0]) > _FEWEST_SPREAD:
            forms += ["0" + forms[0][code:] for code in (1, 2, 3) if len(forms[0]) - code >= _FEWEST_SPREAD]
        ends = [form[::-1] for form in forms[:1]]
        return (*(f"+{form}" for form in forms), *(f"-{end}" for end in ends)), tuple(f"+{form}" for form in forms)


def wanted(text: str, region: Callable[[], str]) -> Wanted:
    """Read what was typed. Raises Invalid if there is nothing to look for in it, or too much."""
    cleaned = clean(text, longest=LONGEST)
    found = Wanted(" ".join(cleaned.split()), region)
    if not found.words:
        raise Invalid(f"{quote(cleaned)} has no word to look for.", "Accepted: letters and digits.")
    if len(found.words) > MOST:
        raise Invalid(f"{len(found.words)} words are too many.", f"Accepted: up to {MOST}.")
    return found
