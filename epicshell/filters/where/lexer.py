"""The words of an expression, with their places; nothing is refused here but what can be no word at all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from epicshell.errors import Invalid
from epicshell.text import quote


class Kind(StrEnum):
    """What a token is."""

    WORD = "word"  #: a field, a keyword, a number, a date, a text of one word
    TEXT = "text"  #: in quotes
    OPERATOR = "operator"
    MARK = "mark"  #: ( ) , ..
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token. text: what it says, without its quotes. start, end: where it stands. open: its quotes don't end.
    mark: the quotation mark that it begins with."""

    kind: Kind
    text: str
    start: int
    end: int
    open: bool = False
    mark: str = ""

    @property
    def span(self) -> tuple[int, int]:
        return self.start, self.end

    def says(self, *words: str) -> bool:
        """Whether it is one of these keywords."""
        return self.kind is Kind.WORD and self.text.lower() in words

    def marks(self, mark: str) -> bool:
        return self.kind is Kind.MARK and self.text == mark


_TYPOGRAPHIC = "“”„«»‹›‘"  #: what word processors make of quotation marks; no word begins so
_WORD = rf"""(?![{_TYPOGRAPHIC}])(?:[^\s()",;=<>~!.]|\.(?!\.))+"""
_TOKEN = re.compile(
    rf"""\s*(?:
        (?P<double>"(?:[^"\\]|\\.)*(?P<double_end>"|\\?\Z))
      | (?P<single>'[^']*(?P<single_end>'|\Z))
      | (?P<operator>!=|!~|<=|>=|=|<|>|~)
      | (?P<mark>\.\.|[(),])
      | (?P<word>{_WORD})
      | (?P<odd>\S)
    )""",
    re.DOTALL | re.VERBOSE,
)
_BARE = re.compile(_WORD)
_ODD = {
    "!": "Write not, != or !~.",
    ".": "A range is written 10..20.",
    ";": "Write nothing there, or quote the value that holds it.",
}
KEYWORDS = frozenset(("and", "or", "not", "in", "is", "empty"))
_COMPARED = re.compile(r"""\s*(["'])\w+\1\s*(?:[=!<>~]|(?:is|in|not)\s)""", re.IGNORECASE)
NULL = "null"  #: what other languages call empty; as a text it is quoted


def tokens(text: str) -> list[Token]:
    """The tokens of an expression and an END. Raises Invalid with the span of a character that begins none."""
    found = []
    place = 0
    while match := _TOKEN.match(text, place):
        found.append(_token(match))
        place = match.end()
    return [*found, Token(Kind.END, "", len(text), len(text))]


def _token(match: re.Match[str]) -> Token:
    name = next(name for name in ("double", "single", "operator", "mark", "word", "odd") if match[name] is not None)
    said, start, end = match[name], *match.span(name)
    if name == "odd":
        raise _odd(said, start)
    if name == "double":
        is_open = match["double_end"] != '"'
        inner = said[1:] if is_open else said[1:-1]
        return Token(Kind.TEXT, re.sub(r'\\(["\\])', r"\1", inner), start, end, is_open, '"')
    if name == "single":
        is_open = match["single_end"] != "'"
        return Token(Kind.TEXT, said[1:] if is_open else said[1:-1], start, end, is_open, "'")
    return Token(Kind(name), said, start, end)


def _odd(said: str, start: int) -> Invalid:
    hint = 'Quote values with straight marks: "New York".' if said in _TYPOGRAPHIC else _ODD.get(said, "")
    error = Invalid(f"{quote(said)} can't stand here.", hint)
    error.span = (start, start + 1)
    return error


def written(text: str) -> str:
    """A value as an expression writes it: in quotes where it needs them."""
    if _BARE.fullmatch(text) and text[0] != "'" and text.lower() not in (*KEYWORDS, NULL):
        return text
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def unwrapped(text: str) -> tuple[str, Sequence[int]]:
    """An expression without the quotes around the whole, and where each of its characters (and its end) was typed.

    A field never begins with a quote, so one that stands first is around the whole, unless a single word in quotes
    is compared: a mistake that the grammar tells. Without the closing one the rest is taken as it is: it may still be
    typed.
    """
    start = len(text) - len(text.lstrip())
    mark = text[start : start + 1]
    if mark not in ("'", '"') or not mark or _COMPARED.match(text):
        return text, range(len(text) + 1)
    end = len(text.rstrip())
    closed = end - start > 1 and text[end - 1] == mark and not (mark == '"' and _escaped(text, end - 1))
    inner = range(start + 1, end - 1 if closed else len(text))
    places: list[int] = []
    skip = False
    for place in inner:
        escapes = mark == '"' and not skip and text[place] == "\\" and text[place + 1 : place + 2] in ('"', "\\")
        skip = escapes
        if not escapes:
            places.append(place)
    return "".join(text[place] for place in places), [*places, inner.stop]


def _escaped(text: str, place: int) -> bool:
    """Whether an odd number of backslashes stands before a place."""
    before = text[:place]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1
