"""A command line: split into words, and its words told apart as command, positionals and flags."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise, takewhile
from typing import NamedTuple

from epicshell.command import CLAUSES, REGISTRY, Command, Parameter, load
from epicshell.context import Context
from epicshell.errors import NotUnderstood
from epicshell.text import closest, quote

_QUOTED = r""""[^"\\]*(?:\\.[^"\\]*)*"|'[^']*'"""
_BARE = r"""(?:[^\s"'\\]|\\.)[^\s\\]*(?:\\.[^\s\\]*)*"""
_TOKEN = re.compile(
    rf"""\s*(?:(?P<flag>--[\w-]+=)?(?P<quoted>{_QUOTED})(?=\s|$)|(?!--[\w-]+=["'])(?P<bare>{_BARE})|(?P<odd>\S))""",
    re.DOTALL | re.VERBOSE,
)
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


class _Misnamed(NotUnderstood):
    """A name that there is not. What was meant is looked for when it is told: a script may have thousands of them."""

    def __init__(self, sentence: str, meant: Callable[[], str]) -> None:
        super().__init__(sentence)
        del self.hint
        self._meant = meant

    @cached_property
    def hint(self) -> str:  # type: ignore[override]
        return self._meant()


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
    end, clauses = 0, any(clause in line.lower() for clause in CLAUSES)
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
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


@dataclass
class Line:
    """A resolved line: the command and the raw text of its arguments by parameter name (None for a switch)."""

    command: Command
    values: dict[str, str | None] = field(default_factory=dict)

    def missing(self) -> list[Parameter]:
        return [one for one in self.command.required if one.name not in self.values]

    def question(self, context: Context) -> str:
        """What its arguments raise to be asked before it runs; empty if they raise nothing."""
        asking = (one for one in self.command.parameters if one.param.asks and self.values.get(one.name))
        questions = (one.param.question(self.values[one.name] or "", context) for one in asking)
        return next(filter(None, questions), "")

    def lacks(self, missing: Iterable[Parameter]) -> NotUnderstood:
        """What is said where nobody is asked for what is missing."""
        labels = ", ".join(parameter.label for parameter in missing)
        return NotUnderstood(f"{self.command.name} needs {labels}.", f"Usage: {self.command.usage}")


def resolve(words: Sequence[Word], visible: Callable[[], Iterable[str]] = load) -> tuple[Command, Sequence[Word]]:
    """The command that the line begins with, and the words after it. Raises NotUnderstood with a near name.

    visible: asked for the commands that may be named in a hint (what a role can never run is never mentioned), and for
    what else a line may begin with, in the shell.
    """
    first = words[0].text.lower()
    second = f"{first} {words[1].text.lower()}" if len(words) > 1 else ""
    if first not in REGISTRY and second not in REGISTRY:
        load(first)
    for name, taken in ((second, 2), (first, 1)):
        if name in REGISTRY:
            return REGISTRY[name], words[taken:]
    offered = visible()
    if isinstance(offered, Mapping) and first in offered:
        view: Command = offered[first]
        return view, words[1:]
    known = list(offered)
    if any(name.startswith(first + " ") for name in known):
        what = f"{quote(second)} is not a command." if second else f"{quote(first)} needs a verb."
    else:
        what = f"{quote(words[0].text)} is not a command."
    raise _Misnamed(what, lambda: _meant(first, words[1].text if second else "", known))


def _meant(first: str, verb: str, known: Sequence[str]) -> str:
    """The hint for two words that are no command."""
    verbs = [name.split()[1] for name in known if name.startswith(first + " ")]
    if verbs:
        near = closest(verb, verbs) if verb else None
        return f"Did you mean {first} {near}?" if near else f"Accepted: {', '.join(verbs)}."
    near = closest(first, [name.split()[0] for name in known])
    near_verb = closest(verb, [name.split()[1] for name in known if name.startswith(f"{near} ")]) if verb else None
    return f"Did you mean {near} {near_verb}?" if near_verb else f"Did you mean {near}?" if near else "Try: help"


def bind(command: Command, words: Sequence[Word], text: str = "") -> Line:
    """Tell positionals and flags apart. Raises NotUnderstood for what the command doesn't take.

    text: the line that the words are of, for a positional that takes the rest of it as it is.
    """
    command = meant(command, words)
    line = Line(command)
    positionals = list(command.positionals)
    rest = iter(words)
    flags = True
    for word in rest:
        if positionals and positionals[0].param.raw:
            line.values[positionals[0].name] = text[word.start :]
            break
        if command.clause and not word.literal and word.text.lower() == command.clause.clause:
            line.values[command.clause.name] = getattr(next(rest, None), "text", "")
        elif flags and not word.literal and word.text == "--":
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


def meant(command: Command, words: Iterable[Word]) -> Command:
    """A command as the words behind it call it: for one record, or with --where for many."""
    if not command.bulk:
        return command
    flags = takewhile(lambda word: word.literal or word.text != "--", words)
    many = any(not word.literal and word.text.partition("=")[0] == "--where" for word in flags)
    return command.over_many if many else command


def _positional(line: Line, parameter: Parameter | None, word: Word) -> None:
    if parameter is None:
        many = "It takes either ID or --where. " if line.command.many else ""
        raise NotUnderstood(
            f"{quote(word.text)} is one word too many for {line.command.name}.",
            f"{many}Quote values that contain spaces. Usage: {line.command.usage}",
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
        raise _Misnamed(f"{line.command.name} has no flag {quote(name)}.", lambda: _meant_flag(name, line.command))
    before = line.values.get(parameter.name)
    if parameter.name in line.values and not parameter.param.many:
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
    line.values[parameter.name] = value if before is None else f"{before}\n{value}"


def _meant_flag(name: str, command: Command) -> str:
    flags = [one.flag for one in command.parameters if one.flag]
    near = closest(name, flags)
    accepted = f"It takes {', '.join(flags)}." if flags else "It takes no flags."
    return f"Did you mean {near}?" if near else accepted
