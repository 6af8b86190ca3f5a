"""A command line: split into words, and its words told apart as command, positionals and flags."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from epicshell.command import REGISTRY, Command, Parameter, load
from epicshell.errors import NotUnderstood
from epicshell.text import closest, quote

_QUOTED = r""""(?:[^"\\]|\\.)*"|'[^']*'"""
_TOKEN = re.compile(
    rf"""\s*(?:(?P<flag>--[\w-]+=)?(?P<quoted>{_QUOTED})(?=\s|$)
       |(?!--[\w-]+=["'])(?P<bare>(?:[^\s"'\\]|\\.)(?:[^\s\\]|\\.)*)|(?P<odd>\S))""",
    re.DOTALL | re.VERBOSE,
)

_OPEN = re.compile(
    r"""\s*(?P<begin>)(?P<flag>--[\w-]+=)?(?P<mark>["'])(?P<inner>(?<=")(?:[^"\\]|\\.)*\\?|(?<=')[^']*)\Z""", re.DOTALL
)


class Malformed(NotUnderstood):
    """A word that is none; start: where it begins in the line."""

    start = 0


class Unfinished(Malformed):
    """A quotation does not end in this line; in a script it goes on in the next one."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a line. literal: quoted, so never a flag. start, end: where it stands."""

    text: str
    literal: bool
    start: int
    end: int


def split(line: str) -> list[Word]:
    r"""The words of a line, separated by white space.

    A word that begins with " or ' runs to the closing one (\" and \\ inside "…"); inside a word quotes are plain
    characters, so that L'Oréal needs none; \ takes the next character as it is.
    Raises Malformed, with the column: Unfinished for a quotation that does not end.
    """
    words = []
    for match in _TOKEN.finditer(line):
        start = match.end() - len(match[0].lstrip())
        if match["odd"]:
            error = _odd(line, start)
            error.start = start
            raise error
        words.append(_word(match, start))
    return words


def _odd(line: str, start: int) -> Malformed:
    """What is wrong with the word that begins there."""
    opened = re.compile(r"""(?:--[\w-]+=)?(["'])""").match(line, start)
    if opened is None:
        return Malformed(f"The \\ in column {start + 1} has no character after it.", r"Write \\ for the character \.")
    begins = f"The quotation that begins in column {opened.start(1) + 1}"
    if _OPEN.match(line, start):
        return Unfinished(f"{begins} does not end.", f"Close it with {opened[1]}")
    return Malformed(f"{begins} goes on after its end.", f"Put a space after the closing {opened[1]}")


def _word(match: re.Match[str], start: int) -> Word:
    if match["quoted"]:
        inner = _unquoted(match["quoted"][0], match["quoted"][1:-1])
        return Word((match["flag"] or "") + inner, match["flag"] is None, start, match.end())
    bare = match["bare"]
    text = re.sub(r"\\(.)", r"\1", bare) if "\\" in bare else bare
    return Word(text, bare.startswith("\\"), start, match.end())


def _unquoted(mark: str, inner: str) -> str:
    return re.sub(r'\\(["\\])', r"\1", inner) if mark == '"' else inner


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
        word = _word(match, match.end() - len(match[0].lstrip()))
        if word.end == len(text):
            return words, word
        words.append(word)
        place = word.end


def quoted(text: str) -> str:
    """`text` as one word of a line."""
    if text and not re.search(r"[\s\\]|^[\"']|^--", text):
        return text
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


@dataclass
class Line:
    """A resolved line: the command and the raw text of its arguments by parameter name (None for a switch)."""

    command: Command
    values: dict[str, str | None] = field(default_factory=dict)

    def missing(self) -> list[Parameter]:
        return [one for one in self.command.parameters if one.required and one.name not in self.values]


def resolve(words: Sequence[Word], visible: Callable[[], Iterable[str]] = load) -> tuple[Command, Sequence[Word]]:
    """The command that the line begins with, and the words after it. Raises NotUnderstood with a near name.

    visible: asked for the commands that may be named in a hint (what a role can never run is never mentioned).
    """
    first = words[0].text.lower()
    second = f"{first} {words[1].text.lower()}" if len(words) > 1 else ""
    load(first)
    for name, taken in ((second, 2), (first, 1)):
        if name in REGISTRY:
            return REGISTRY[name], words[taken:]
    known = list(visible())
    verbs = [name.split()[1] for name in known if name.startswith(first + " ")]
    if verbs:
        what = f"{quote(second)} is not a command." if second else f"{quote(first)} needs a verb."
        near = closest(words[1].text, verbs) if second else None
        raise NotUnderstood(what, f"Did you mean {first} {near}?" if near else f"Accepted: {', '.join(verbs)}.")
    near = closest(first, [name.split()[0] for name in known])
    verb = (
        closest(words[1].text, [name.split()[1] for name in known if name.startswith(f"{near} ")]) if second else None
    )
    meant = f"Did you mean {near} {verb}?" if verb else f"Did you mean {near}?" if near else "Try: help"
    raise NotUnderstood(f"{quote(words[0].text)} is not a command.", meant)


def bind(command: Command, words: Sequence[Word], text: str = "") -> Line:
    """Tell positionals and flags apart. Raises NotUnderstood for what the command doesn't take.

    text: the line that the words are of, for a positional that takes the rest of it as it is.
    """
    line = Line(command)
    positionals = command.positionals
    rest = iter(words)
    flags = True
    for word in rest:
        if positionals and positionals[0].param.raw:
            line.values[positionals[0].name] = text[word.start :]
            break
        if flags and not word.literal and word.text == "--":
            flags = False
        elif flags and not word.literal and word.text.startswith("--"):
            _flag(line, word, rest)
        else:
            _positional(line, positionals.pop(0) if positionals else _rest(command), word)
    for names in command.exclusive:
        given = [f"--{name.replace('_', '-')}" for name in names if name in line.values]
        if len(given) > 1:
            raise NotUnderstood(f"{' and '.join(given)} exclude each other.", f"Usage: {command.usage}")
    return line


def _positional(line: Line, parameter: Parameter | None, word: Word) -> None:
    if parameter is None:
        raise NotUnderstood(
            f"{quote(word.text)} is one word too many for {line.command.name}.",
            f"Quote values that contain spaces. Usage: {line.command.usage}",
        )
    before = line.values.get(parameter.name)
    line.values[parameter.name] = word.text if before is None else f"{before} {word.text}"


def _rest(command: Command) -> Parameter | None:
    """The last positional, if it takes all words that are left."""
    return next((parameter for parameter in command.positionals[-1:] if parameter.param.rest), None)


def _flag(line: Line, word: Word, rest: Iterator[Word]) -> None:
    name, equals, value = word.text.partition("=")
    parameter = line.command.flag(name)
    if parameter is None:
        flags = [one.flag for one in line.command.parameters if one.flag]
        near = closest(name, flags)
        accepted = f"It takes {', '.join(flags)}." if flags else "It takes no flags."
        raise NotUnderstood(
            f"{line.command.name} has no flag {quote(name)}.", f"Did you mean {near}?" if near else accepted
        )
    if parameter.name in line.values:
        raise NotUnderstood(f"{name} is given twice.")
    if parameter.switch:
        if equals:
            raise NotUnderstood(f"{name} takes no value.")
        line.values[parameter.name] = None
        return
    if not equals:
        following = next(rest, None)
        if following is None or (not following.literal and following.text.startswith("--")):
            raise NotUnderstood(f"{name} needs a value: {parameter.param.accepts or parameter.param.metavar}.")
        value = following.text
    line.values[parameter.name] = value
