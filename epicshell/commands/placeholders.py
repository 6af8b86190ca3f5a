"""Commands with places for values: $1 to $9, $* for all of them, $$ for a dollar sign.

A value is always one word in quotation marks, and inside an expression one quoted value: never a flag, a second
command, or a piece of an expression's grammar, whatever it holds.
"""

import re
from collections.abc import Callable, Sequence
from functools import cached_property, partial

from epicshell.commands.words import Word, begins_clause, quotation, split
from epicshell.errors import NotUnderstood

_MARK = re.compile(r"\$([1-9*$])")
_EXPRESSION_FLAG = "--where"
_PIECE = re.compile(r"""("(?:[^"\\]|\\.)*"|'[^']*')|\.\.|((?:[^\s()",=<>~!.]|\.(?!\.))+)|.""", re.DOTALL)


class Template:
    """A command line that may have places for values. Raises NotUnderstood if it can't be split."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = split(text)

    @cached_property
    def marks(self) -> set[str]:
        """The places that it has: of 1 to 9 and *."""
        return {mark for mark in _MARK.findall(self.text) if mark != "$"}

    @property
    def wanted(self) -> int:
        """How many values it needs."""
        return max((int(mark) for mark in self.marks - {"*"}), default=0)

    @property
    def takes_more(self) -> bool:
        """Whether it takes any number of values."""
        return "*" in self.marks

    def filled(self, values: Sequence[str]) -> str:
        """The line with these values, at least as many as wanted."""
        return " ".join(self._filled(place, word, values) for place, word in enumerate(self.words)).rstrip()

    def _filled(self, place: int, word: Word, values: Sequence[str]) -> str:
        typed = self.text[word.start : word.end]
        if not has_mark(typed):
            return typed
        if begins_clause(self.words[:place]):
            return _expression(_unwrapped(word.text), values)
        if typed == "$*":
            return " ".join(map(quotation, values))
        if word.literal:
            return self._value(place, word.text, values)
        flag, equals, value = word.text.partition("=") if word.text.startswith("--") else ("", "", word.text)
        return flag + equals + self._value(place, value, values, flag)

    def _value(self, place: int, text: str, values: Sequence[str], flag: str = "") -> str:
        before = self.words[place - 1] if place and not flag else None
        expression = flag == _EXPRESSION_FLAG or (
            before is not None and not before.literal and before.text == _EXPRESSION_FLAG
        )
        return quotation(_expression(text, values) if expression else _put(text, values))


def has_mark(text: str) -> bool:
    """Whether something in a text stands for a value, or for a dollar sign."""
    return _MARK.search(text) is not None


def _put(text: str, values: Sequence[str]) -> str:
    def value(found: re.Match[str]) -> str:
        mark = found[1]
        return "$" if mark == "$" else " ".join(values) if mark == "*" else values[int(mark) - 1]

    return _MARK.sub(value, text)


def _expression(text: str, values: Sequence[str]) -> str:
    """An expression with values: each word or quotation that holds one becomes one quotation."""
    return _PIECE.sub(partial(_piece, lambda inner: quotation(_put(inner, values))), text)


def _piece(put: Callable[[str], str], found: re.Match[str]) -> str:
    quotation, word = found.groups()
    if found[0] == '"' or (word and word[0] == "'"):  # what follows could be read as outside of it
        raise NotUnderstood("A quotation in the expression does not end.", f"Close it with {found[0][0]}")
    if not has_mark(found[0]) or not (quotation or word):
        return found[0]
    if word:
        return put(word)
    return put(re.sub(r'\\(["\\])', r"\1", quotation[1:-1]) if quotation[0] == '"' else quotation[1:-1])


def _unwrapped(text: str) -> str:
    """An expression without the quotation marks that may stand around the whole: a field never begins with one."""
    return split(text)[0].text if text[:1] in ("'", '"') else text
