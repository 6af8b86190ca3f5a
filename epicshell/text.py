"""Cleaning, showing, measuring, folding: what happens to text between people and the database."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from epicshell.errors import Invalid

_JOINERS = r"\u200c\u200d"
_SELECTORS = r"\ufe00-\ufe0f\U000e0100-\U000e01ef"
_BEYOND_ASCII = rf"[^\x00-\x7f\s{_JOINERS}]"
_SELECTABLE = rf"[^\x00-\x22\x24-\x29\x2b-\x2f\x3a-\x7f\s{_JOINERS}{_SELECTORS}]"
#: Characters that show nothing, or change how others are shown. Listed rather than asked from unicodedata,
#: so that every Python agrees, and so that an emoji that is newer than this Python is no offence.
_HIDDEN = (
    r"\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # format characters of scripts
    r"\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\uffa0"  # fillers
    r"\ud800-\udfff\ue000-\uf8ff"  # surrogates, private use
    r"\ufdd0-\ufdef\ufffe\uffff\U0001fffe\U0001ffff\U0002fffe\U0002ffff"  # noncharacters
    r"\U0003fffe-\U000e00ff\U000e01f0-\U0010ffff"  # unassigned planes, tags, private use
)
#: Printable ASCII, Latin letters, and the usual dashes and quotes: harmless, and one column each.
_NOT_PLAIN = re.compile(r"[^\x20-\x7e\xa0-\xac\xae-\u02ff\u2010-\u2027\u20ac\u23ce]")
_ONE_LINE = "Accepted: a text of one line."
_SPACES = re.compile("[ \u00a0\u2009\u202f]+")
_WORD = re.compile(r"[^\W_]+")
_ACCENT = re.compile(r"[\u0300-\u036f]")
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d", "ς": "σ"}
)


@cache
def _harmful(multiline: bool) -> re.Pattern[str]:
    """Finds controls, hidden characters, and joiners and variation selectors that have nothing to act on.

    Joiners belong in emoji and in scripts such as Persian and Hindi, never beside ASCII.
    """
    hidden = _HIDDEN + (r"\x00-\x08\x0b-\x1f" if multiline else r"\x00-\x1f")
    return re.compile(
        rf"[{hidden}{_JOINERS}{_SELECTORS}]"  # one set in front, which `re` scans for fast
        rf"(?: (?<=[{hidden}])"
        rf"  | (?<=[{_JOINERS}]) (?: (?<!{_BEYOND_ASCII}[{_JOINERS}]) | (?!{_BEYOND_ASCII}) )"
        rf"  | (?<=[{_SELECTORS}]) (?<!{_SELECTABLE}[{_SELECTORS}]) )",
        re.VERBOSE,
    )


@cache
def _wide() -> re.Pattern[str]:
    """Finds ideographs, kana, Hangul syllables and fullwidth forms.

    These are harmless too, and take two columns each whatever stands beside them. (wcwidth, which knows all others,
    takes 15 ms to load.)
    """
    return re.compile(
        r"[\u3001-\u3003\u3041-\u3096\u30a1-\u30fa\u30fc\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]"
    )


def clean(text: str, *, multiline: bool = False, longest: int) -> str:
    """`text` in Unicode's form NFC without outer white space; with `multiline` it may hold "\\n" and "\\t".

    longest: in characters. Raises Invalid when it is too long, or holds a character that could deceive:
    controls, bidi controls, invisible and private characters.
    """
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n") if multiline else text)
    cleaned = normal.strip()
    if found := _harmful(multiline).search(cleaned):
        position = len(normal) - len(normal.lstrip()) + found.start() + 1
        if found[0] in "\n\t":
            raise Invalid(
                f"There is a {'tab' if found[0] == chr(9) else 'line break'} at position {position}.", _ONE_LINE
            )
        raise Invalid(f"{_name(found[0])} at position {position} is not accepted: it can't be seen, and could deceive.")
    if len(cleaned) > longest:
        raise Invalid(f"{len(cleaned)} characters are too many.", f"Accepted: up to {longest}.")
    return cleaned


def _name(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()


def one_space(text: str) -> str:
    """`text` with each run of spaces, thin and no-break ones too, as one, and none around it."""
    return _SPACES.sub(" ", text).strip(" ")


def is_plain(text: str) -> bool:
    """Whether `text` is harmless on a terminal, and as many columns wide as it has characters."""
    return (text.isascii() and text.isprintable()) or not _NOT_PLAIN.search(text)


def escape(text: str, by: Callable[[str], str], *, multiline: bool = False) -> str:
    """`text` with each harmful character replaced; with `multiline`, "\\n" and "\\t" stay."""
    if is_plain(text) or is_plain(_wide().sub("", text)):
        return text
    return _harmful(multiline).sub(lambda found: by(found[0]), text)


def display(text: str, *, multiline: bool = False) -> str:
    """Any string made harmless on a terminal: ESC becomes the four characters `\\x1b`.

    What `clean` lets through comes out unchanged. With `multiline`, "\\n" and "\\t" stay.
    """
    return escape(text, _escape_sequence, multiline=multiline)


def _escape_sequence(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def quote(text: str) -> str:
    """`text` as a sentence repeats it: in quotes, harmless, at most 60 columns."""
    return f'"{cut(display(text), 60)}"'


def thousands(number: int) -> str:
    """`1 234 567`"""
    return f"{number:,}".replace(",", " ")


def plural(noun: str) -> str:
    """`events`, `entries`"""
    return noun.removesuffix("y") + "ies" if noun.endswith("ry") else noun + "s"


def counted(number: int, noun: str) -> str:
    """`1 event`, `0 events`, `4 990 events`"""
    return f"{thousands(number)} {noun if number == 1 else plural(noun)}"


def width(text: str) -> int:
    """The terminal columns that a displayed text takes, at the start of a line or behind others."""
    if is_plain(text):
        return len(text)
    narrow, wide = _wide().subn("", text)
    if is_plain(narrow):
        return len(text) + wide
    from wcwidth import wcswidth

    # A mark at its start is measured with something before it: alone, wcwidth gives what no other text adds up to.
    return max(0, wcswidth(" " + text) - 1)


def prefix(text: str, columns: int) -> str:
    """The longest start of `text` that fits, in whole grapheme clusters."""
    if is_plain(text):
        return text[: max(0, columns)]
    from wcwidth import iter_graphemes

    end = 0
    for cluster in iter_graphemes(text):
        columns -= width(cluster)
        if columns < 0:
            break
        end += len(cluster)
    return text[:end]


def cut(text: str, columns: int, mark: str = "…") -> str:
    """`text`, shortened to `columns` with `mark` at its end when it is wider."""
    if width(text) <= columns:
        return text
    return prefix(text, columns - len(mark)) + mark[: max(0, columns)]


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """`text` filled up with spaces to `columns`; right: aligned to the right."""
    spaces = " " * (columns - width(text))
    return spaces + text if right else text + spaces


def wrap(text: str, columns: int) -> list[str]:
    """The lines of `text`, those wider than `columns` broken, at a space where there is one."""
    return [piece for line in text.split("\n") for piece in _broken(line, columns)]


def _broken(line: str, columns: int) -> Iterator[str]:
    while width(line) > columns:
        end = len(prefix(line, columns)) or 1
        if line[end : end + 1].strip() and " " in line[:end].lstrip():  # within a word that is not the first
            end = line.rfind(" ", 0, end)
        yield line[:end].rstrip()
        line = line[end:].lstrip()
        if not line:
            return
    yield line


def fold(text: str) -> str:
    """`text` for comparing and searching: "Aliénor Łoś" and "ALIENOR LOS" are both "alienor los".

    The rule, the same in SQL: NFKD, drop U+0300 to U+036F, lower case, then replace the letters that
    have no decomposition (ø o, ł l, đ d, ß ss, æ ae, œ oe, ı i, þ th, ð d, ς σ).
    """
    if text.isascii():
        return text.lower()
    return _ACCENT.sub("", unicodedata.normalize("NFKD", text)).lower().translate(_LETTERS)


def words(text: str) -> list[str]:
    """The folded words of `text`: its runs of letters and digits."""
    return _WORD.findall(fold(text))


def closest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that was probably meant by a mistyped `word`."""
    from difflib import get_close_matches

    folded = {fold(choice): choice for choice in choices}
    return next((folded[match] for match in get_close_matches(fold(word), folded, n=1)), None)


def did_you_mean(word: str, choices: Iterable[str], otherwise: str = "") -> str:
    """A hint for a mistyped word: the choice that was probably meant; if none is near `otherwise`, or all of them."""
    known = list(choices)
    near = closest(word, known)
    return f"Did you mean {near}?" if near else otherwise or f"Accepted: {', '.join(known)}."
