"""Running text that fits its reader's screen: paragraphs flow, and what stands in columns stays in them."""

import re
from collections.abc import Iterator
from itertools import groupby

from epicshell.text import width

#: What stands before the text of a line, below which it goes on: spaces, and a first column, if there is one.
_BEFORE = re.compile(r"Usage: | *(?:\S.*? {2,})?")
_WORD = re.compile(r"\[[^]]*\]\S*|\S+")
_DEEPER = 4  #: where a line goes on whose first column leaves no room beside it


def fit(text: str, columns: int | None) -> Iterator[str]:
    """The lines of `text`, those wider than `columns` broken between words, never within an [argument].

    None is no limit. A word that is wider than that stays whole.
    """
    for is_prose, lines in groupby(text.split("\n"), lambda line: _BEFORE.match(line)[0] == "" != line):  # type: ignore[index]
        given = list(lines)
        if columns is None or all(width(line) <= columns for line in given):
            yield from given
        else:
            for line in [" ".join(given)] if is_prose else given:
                yield from _broken(line, columns) if width(line) > columns else [line]


def _broken(line: str, columns: int) -> Iterator[str]:
    before = line[: _BEFORE.match(line).end()]  # type: ignore[union-attr]
    words = _WORD.findall(line[len(before) :])
    indent = width(before)
    if indent > columns // 2:
        yield before.rstrip()
        indent = len(before) - len(before.lstrip()) + _DEEPER
        before = " " * indent
    taken = before + words[0]
    for word in words[1:]:
        if width(taken) + 1 + width(word) > columns:
            yield taken
            taken = " " * indent + word
        else:
            taken += " " + word
    yield taken
