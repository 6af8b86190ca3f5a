"""Ctrl-R: the lines typed before, narrowed by a few letters of some of their words."""

import re
from collections.abc import Callable, Iterator, Sequence

from prompt_toolkit.application import get_app
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition, Filter, completion_is_selected, emacs_mode, vi_insert_mode
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.utils import is_dumb_terminal

from epicshell.text import display, fold

MOST = 100  #: lines that are shown
MESSAGE = "search the history: "
HELP = "Up and Down choose · Enter puts the line into the prompt · Esc leaves it as it was"


class Past:
    """The lines of a history, newest first, each once."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = list(dict.fromkeys(line for line in reversed(lines) if line.strip()))
        self._folded = [fold(line) for line in self._lines]

    def matches(self, typed: str, most: int = MOST) -> list[str]:
        """The lines that hold each typed word, in any order, newest first; then those with its letters in one."""
        wanted = fold(typed).split()
        exact = self._holding(lambda text: all(word in text for word in wanted), most)
        if len(exact) == most or not wanted:
            return [self._lines[place] for place in exact]
        finds = [re.compile(r"\b" + r"\S*?".join(map(re.escape, word))).search for word in wanted]
        loose = self._holding(lambda text: all(find(text) for find in finds), most)
        return [self._lines[place] for place in dict.fromkeys([*exact, *loose])][:most]

    def _holding(self, holds: Callable[[str], bool], most: int) -> list[int]:
        found: list[int] = []
        for place, text in enumerate(self._folded):
            if holds(text):
                found.append(place)
                if len(found) == most:
                    break
        return found


class Search(Completer):
    """Searches the history within the line of a buffer: while it is on, what is typed are letters of a line before.

    before: what was there, which Escape brings back.
    """

    def __init__(self, buffer: Buffer) -> None:
        self._buffer = buffer
        self._usual = buffer.completer
        self._before: Document | None = None
        self._past = Past([])

    @property
    def on(self) -> bool:
        return self._before is not None

    @property
    def line(self) -> str:
        """The line that is being typed, whether or not something is searched for meanwhile."""
        return self._buffer.text if self._before is None else self._before.text

    @property
    def typed(self) -> str:
        """The letters so far, whatever is selected in the menu."""
        state = self._buffer.complete_state
        return state.original_document.text if state else self._buffer.text

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterator[Completion]:
        for line in self._past.matches(document.text):
            yield Completion(line, -len(document.text_before_cursor), display(line))

    def begin(self) -> None:
        """Ctrl-R: an empty line to search with, and the newest lines."""
        self._before = self._buffer.document
        self._past = Past(self._buffer.history.get_strings())
        self._buffer.completer = self
        self._buffer.document = Document()
        self._buffer.start_completion()

    def end(self, line: str | None = None) -> None:
        """The prompt as it was, with a line that was found, or what had been typed before."""
        before, self._before = self._before, None
        self._buffer.completer = self._usual
        self._buffer.complete_state = None
        self._buffer.document = Document(line) if line is not None else before or Document()

    def reset(self) -> None:
        """A new prompt begins: whatever ended the last one, nothing is searched for any more."""
        if self.on:
            self._before, self._buffer.completer = None, self._usual

    def accept(self) -> None:
        """Enter: the selected line, else the newest that was found; with none the search goes on."""
        state = self._buffer.complete_state
        if state is not None and state.current_completion is not None:
            self.end(state.current_completion.text)
        elif found := self._past.matches(self.typed, 1):
            self.end(found[0])

    def older(self) -> None:
        """Ctrl-R again, or Down: the next line of the menu."""
        if self._buffer.complete_state:
            self._buffer.complete_next()
        else:
            self._buffer.start_completion(select_first=True)


def search_keys(search: Search) -> KeyBindings:
    """Ctrl-R, and what the keys do meanwhile. In a terminal without escape sequences prompt_toolkit has its own."""
    keys = KeyBindings()
    on = Condition(lambda: search.on)
    here = Condition(lambda: get_app().current_buffer is search._buffer and not is_dumb_terminal())

    def bind(work: Callable[[KeyPressEvent], None], *names: str, where: Filter = on, eager: bool = False) -> None:
        for name in names:
            keys.add(name, filter=where, eager=eager)(work)

    bind(lambda _: search.begin(), "c-r", where=here & ~on & (emacs_mode | vi_insert_mode))
    bind(lambda _: search.older(), "c-r", "down", "tab")
    bind(lambda event: event.current_buffer.complete_previous(), "up")
    bind(lambda _: search.accept(), "enter")
    bind(lambda _: search.end(), "escape", "c-g", "c-c", "c-d", eager=True)
    bind(_insert, " ")
    bind(_insert, Keys.Any, where=on & completion_is_selected)
    bind(_delete, "backspace")
    return keys


def _insert(event: KeyPressEvent) -> None:
    _to_typed(event.current_buffer)
    event.current_buffer.insert_text(event.data)


def _delete(event: KeyPressEvent) -> None:
    _to_typed(event.current_buffer)
    event.current_buffer.delete_before_cursor()
    event.current_buffer.start_completion()


def _to_typed(buffer: Buffer) -> None:
    """From the line that is selected in the menu back to the letters that were typed."""
    if buffer.complete_state:
        buffer.cancel_completion()
