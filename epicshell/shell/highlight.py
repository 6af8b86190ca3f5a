"""The line in colours: what each word of it is, and what is wrong with it."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.formatted_text.utils import split_lines
from prompt_toolkit.lexers import Lexer

from epicshell.command import Command
from epicshell.commands.words import Word, begun
from epicshell.session import Actor
from epicshell.shell.mistakes import Mistake, mistakes
from epicshell.shell.reading import LONGEST, Argument, Reading, inner_command

_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,:-]*[dwkM%]?")

Part = tuple[int, int, str]  #: from, to, and what stands there: a class of the style


def parts(text: str, commands: Mapping[str, Command]) -> Iterator[Part]:
    """What the words of a line are, in their order."""
    if text.lstrip().startswith("#"):
        yield 0, len(text), "comment"
        return
    if len(text) > LONGEST:
        return
    inner = inner_command(text, commands)
    yield from _of_line(text[:inner] if inner else text, commands)
    if inner:
        yield from ((inner + start, inner + end, name) for start, end, name in parts(text[inner:], commands))


def _of_line(text: str, commands: Mapping[str, Command]) -> Iterator[Part]:
    typed = begun(text)
    if typed is None:
        return
    words = [*typed[0], typed[1]] if typed[1].end > typed[1].start else typed[0]
    taken, command = _command(words, commands)
    for word in words[:taken]:
        yield word.start, word.end, "command"
    if command is not None:
        reading = Reading(command.called(words[taken:]))
        for word in words[taken:]:
            yield from _argument(reading.take(word), text)


def _command(words: Sequence[Word], commands: Mapping[str, Command]) -> tuple[int, Command | None]:
    """How many words name a command, or begin one, and which."""
    for taken in (2, 1):
        command = commands.get(" ".join(word.text.lower() for word in words[:taken]))
        if command and len(words) >= taken:
            return taken, command
    nouns = {command.noun for command in commands.values()}
    return (1 if words and words[0].text.lower() in nouns else 0), None


def _argument(argument: Argument, text: str) -> Iterator[Part]:
    word = argument.word
    begins = argument.start if argument.value is not None else word.end
    if argument.flag:
        yield word.start, begins, "flag"
    pieces = argument.parameter.param.parts(argument.value or "") if argument.parameter else ()
    if pieces:
        place = argument.places(text)
        yield from ((place(start), place(end), name) for start, end, name in pieces)
    elif argument.value is not None:
        quotation = text[begins : begins + 1] in ("'", '"')
        number = _NUMBER.fullmatch(argument.value)
        yield begins, word.end, "quoted" if quotation else "number" if number else "value"


def painted(text: str, words: Iterable[Part], wrong: Iterable[Mistake]) -> StyleAndTextTuples:
    """The whole text cut into pieces with the classes of their styles."""
    styles = [""] * len(text)
    for start, end, name in words:
        styles[start:end] = [f"class:{name}"] * (end - start)
    for one in wrong:
        styles[one.start : one.end] = [f"{style} class:mistake" for style in styles[one.start : one.end]]
    pieces: StyleAndTextTuples = []
    place = 0
    for style, run in groupby(styles):
        start, place = place, place + len(list(run))
        pieces.append((style.strip(), text[start:place]))
    return pieces


class Look:
    """The mistakes of the line as it stands, found once for each key however often they are asked for."""

    def __init__(self, commands: Callable[[], Mapping[str, Command]], actor: Callable[[], Actor | None]) -> None:
        self.commands = commands
        self._actor = actor
        self._seen: tuple[str, int, Actor | None] | None = None
        self._found: list[Mistake] = []

    def mistakes(self, document: Document) -> list[Mistake]:
        actor = self._actor()
        seen = (document.text, document.cursor_position, actor)
        if seen != self._seen:
            self._found = mistakes(document.text, document.cursor_position, self.commands(), actor)
            self._seen = seen
        return self._found


class LineLexer(Lexer):
    """Colours a line. place: where the cursor is; on: whether the line is a command just now."""

    def __init__(self, look: Look, place: Callable[[], int], on: Callable[[], bool]) -> None:
        self._look = look
        self._place = place
        self._on = on
        self._drawn: tuple[object, list[StyleAndTextTuples]] = (None, [])

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        """Looked at when it is drawn, since moving the cursor off a word changes what is wrong."""
        return lambda number: self._lines(document.text)[number] if self._on() else [("", document.lines[number])]

    def _lines(self, text: str) -> list[StyleAndTextTuples]:
        here = Document(text, min(self._place(), len(text)))
        wrong, commands = self._look.mistakes(here), self._look.commands()
        key = (text, here.cursor_position, id(commands), len(wrong))
        if self._drawn[0] != key:
            self._drawn = key, list(split_lines(painted(text, parts(text, commands), wrong)))
        return self._drawn[1]
