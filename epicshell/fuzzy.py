"""How well a few letters stand for a name: `evf` for events filter, `--nosup` for --no-support."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from epicshell.text import fold

Named = TypeVar("Named")

BEGINS, STARTS, LETTERS = range(3)
_PART = re.compile(r"[^\W_]+")


def rank(typed: str, name: str) -> int | None:
    """The lower, the better; None: not meant.

    BEGINS: the name begins so. STARTS: with starts of its parts, in their order (`nosup`, `ns`: no-support).
    LETTERS: the letters of one word in their order, the first at the start of a part (`flt`: filter).
    One letter only begins.
    """
    typed, name = fold(typed), fold(name)
    if name.startswith(typed):
        return BEGINS
    letters, parts = "".join(_PART.findall(typed)), _PART.findall(name)
    if len(letters) < 2 or len(letters) > len(name):
        return None
    if _are_starts(letters, parts):
        return STARTS
    if " " in name:
        return None
    return LETTERS if any(_are_among(letters, "".join(parts[n:])) for n in range(len(parts))) else None


def best(typed: str, named: Iterable[Named], name: Callable[[Named], str]) -> list[Named]:
    """Those whose name fits as well as any does, in their order: where one begins so, nothing else is meant."""
    named, begun = list(named), fold(typed)
    if begins := [one for one in named if fold(name(one)).startswith(begun)]:
        return begins
    ranked = [(found, one) for one in named if (found := rank(typed, name(one))) is not None]
    least = min((found for found, _ in ranked), default=None)
    return [one for found, one in ranked if found == least]


def _are_starts(letters: str, parts: Sequence[str]) -> bool:
    """Whether letters can be cut so that each piece begins a part, one after the other."""
    if not letters:
        return True
    for place, part in enumerate(parts):
        for length in range(min(len(part), len(letters)), 0, -1):
            if part.startswith(letters[:length]) and _are_starts(letters[length:], parts[place + 1 :]):
                return True
    return False


def _are_among(letters: str, text: str) -> bool:
    """Whether a text has these letters in their order, the first one first."""
    left = iter(text)
    return text[:1] == letters[0] and all(letter in left for letter in letters)
