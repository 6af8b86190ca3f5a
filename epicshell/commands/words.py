"""The words of a command line: one that is whole, one that is being typed, and a value written as one word."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from epicshell.command import CLAUSES, REGISTRY, load
from epicshell.errors import NotUnderstood

_QUOTED = r""""[^"\\]*(?:\\.[^"\\]*)*"|'[^']*'"""
_BARE = r"""(?:[^\s"'\\]|\\.)[^\s\\]*(?:\\.[^\s\\]*)*"""
_TOKEN = re.compile(
    rf"""\s*(?:(?P<flag>--[\w-]+=)?(?P<quoted>{_QUOTED})(?=\s|$)|(?!--[\w-]+=["'])(?P<bare>{_BARE})|(?P<odd>\S))""",
    re.DOTALL | re.VERBOSE,
)
_CLAUSE = re.compile("|".join(CLAUSES), re.IGNORECASE)
_SPECIAL = re.compile(r"""["'\\]""")
#: What `split` takes without a complaint, told without making words: nothing is tried twice, however long it is.
_COMPLETE = re.compile(
    rf"""(?:\s*+(?>(?:--[\w-]+=)?(?:{_QUOTED})(?=\s|$)|(?!--[\w-]+=["']){_BARE}))*+\s*+""", re.DOTALL | re.VERBOSE
)
_OPEN = re.compile(
    r"""\s*(?P<begin>)(?P<flag>--[\w-]+=)?(?P<mark>["'])(?P<inner>(?<=")(?:[^"\\]|\\.)*\\?|(?<=')[^']*)\Z""", re.DOTALL
)


class Malformed(NotUnderstood):
    """A word that is none; start: where it begins in the line."""

    start = 0


class Unfinished(Malformed):
    """A quotation does not end in this line; in a script it goes on in the next one. mark: what would end it."""

    def __init__(self, sentence: str, mark: str) -> None:
        super().__init__(sentence, f"Close it with {mark}")
        self.mark = mark


class Word(NamedTuple):
    """One word of a line. literal: quoted, so never a flag. start, end: where it stands."""

    text: str
    literal: bool
    start: int
    end: int


def split(line: str) -> list[Word]:
    r"""The words of a line, separated by white space.

    A word that begins with " or ' runs to the closing one (\" and \\ inside "…"); inside a word quotes are plain
    characters, so that L'Oréal needs none; \ takes the next character as it is. What stands behind the word of a
    clause (`where`) is one word, as it was typed.
    Raises Malformed, with the column: Unfinished for a quotation that does not end.
    """
    if not _SPECIAL.search(line):
        return _plain(line)
    words: list[Word] = []
    for match in _TOKEN.finditer(line):
        if match["odd"]:
            error = _odd(line, match.start("odd"))
            error.start = match.start("odd")
            raise error
        words.append(_word(match))
        if begins_clause(words):
            return [*words, *_rest_of(line, words[-1].end)]
    return words


def begins_clause(words: Sequence[Word]) -> bool:
    """Whether the last word is the one that a clause of the command before it stands behind."""
    last = words[-1]
    if last.literal or len(words) < 3 or last.text.lower() not in CLAUSES:
        return False
    for first, second in pairwise(words[:-1]):
        name = f"{first.text} {second.text}".lower()
        if name not in REGISTRY:
            load(first.text.lower())
        command = REGISTRY.get(name)
        if command and command.clause and command.clause.clause == last.text.lower():
            return True
    return False


def _rest_of(line: str, place: int) -> list[Word]:
    """What follows in a line as one word, without white space around it; none if nothing does."""
    rest = line[place:].strip()
    start = line.index(rest, place)
    return [Word(rest, True, start, start + len(rest))] if rest else []


def _plain(line: str) -> list[Word]:
    """The words of a line that has neither quotes nor backslashes: that of most scripts, and three times as fast."""
    words: list[Word] = []
    end, clauses = 0, _CLAUSE.search(line)
    for text in line.split():
        start = line.index(text, end)
        end = start + len(text)
        words.append(Word(text, False, start, end))
        if clauses and begins_clause(words):
            return [*words, *_rest_of(line, end)]
    return words


def open_mark(line: str) -> str:
    """The mark of a quotation that is left open in a line; empty if `split` does not raise Unfinished."""
    if ("'" not in line and '"' not in line) or _COMPLETE.fullmatch(line):
        return ""
    try:
        split(line)
    except Unfinished as unfinished:
        return unfinished.mark
    except NotUnderstood:
        return ""
    return ""


def _odd(line: str, start: int) -> Malformed:
    """What is wrong with the word that begins there."""
    opened = re.compile(r"""(?:--[\w-]+=)?(["'])""").match(line, start)
    if opened is None:
        return Malformed(f"The \\ in column {start + 1} has no character after it.", r"Write \\ for the character \.")
    begins = f"The quotation that begins in column {opened.start(1) + 1}"
    if _OPEN.match(line, start):
        return Unfinished(f"{begins} does not end.", opened[1])
    return Malformed(f"{begins} goes on after its end.", f"Put a space after the closing {opened[1]}")


def _word(match: re.Match[str]) -> Word:
    flag, quoted_text, bare, _ = match.groups()
    if bare is None:
        start = match.start("quoted" if flag is None else "flag")
        return Word((flag or "") + _unquoted(quoted_text[0], quoted_text[1:-1]), flag is None, start, match.end())
    text = re.sub(r"\\(.)", r"\1", bare) if "\\" in bare else bare
    return Word(text, bare[0] == "\\", match.start("bare"), match.end())


def _unquoted(mark: str, inner: str) -> str:
    return re.sub(r'\\(["\\])', r"\1", inner) if mark == '"' and "\\" in inner else inner


def begun(text: str) -> tuple[list[Word], Word] | None:
    """The complete words of a line that is being typed, and the one at its end, perhaps empty or in an open quotation.

    None where a quotation is closed inside a word, so that nothing can be said.
    """
    words: list[Word] = []
    place = 0
    while True:
        if found := _OPEN.match(text, place):
            typed = (found["flag"] or "") + _unquoted(found["mark"], found["inner"])
            return words, Word(typed, found["flag"] is None, found.start("begin"), len(text))
        match = _TOKEN.match(text, place)
        if match is None:
            return words, Word("", False, len(text), len(text))
        if match["odd"]:
            return None
        word = _word(match)
        if word.end == len(text):
            return words, word
        words.append(word)
        place = word.end
        if begins_clause(words):
            start = len(text) - len(text[place:].lstrip())
            return words, Word(text[start:], True, start, len(text))


def quoted(text: str) -> str:
    """`text` as one word of a line."""
    if text and not re.search(r"[\s\\]|^[\"']|^--", text):
        return text
    return quotation(text)


def quotation(text: str) -> str:
    """`text` in quotation marks: one word, and never a flag."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'
