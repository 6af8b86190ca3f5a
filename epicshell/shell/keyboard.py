"""The keyboard while nobody reads it: what is typed or pasted meanwhile is kept, unseen, for the next prompt."""

import os
import select
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from epicshell.shell.arrivals import Arrivals
from epicshell.shell.modes import Modes

if TYPE_CHECKING:
    from prompt_toolkit.input import Input
    from prompt_toolkit.key_binding import KeyPress

_PASTE_END = 1.0  #: seconds of silence after which the end of a paste is not waited for when someone wants to read


class Keyboard:
    """Reads ahead in a thread whenever nobody else reads, so that a big paste neither blocks nor hides a Ctrl-C.

    The prompt reads within `reading`, and gets what came before first. A question reads within `asking`, and getpass,
    input() or another program within `lent`: none of them gets what was typed before it was there, so that nothing is
    confirmed or answered by what was meant for the prompt.

    descriptor, out: the terminal. None, or one that is no terminal or a dumb one: nothing is read ahead.
    """

    def __init__(self, descriptor: int | None = None, out: int = 1) -> None:
        self._descriptor = descriptor
        self._modes: Modes | None = None
        if descriptor is not None and os.isatty(descriptor) and os.environ.get("TERM", "dumb") != "dumb":
            self._modes = Modes(descriptor, out)
        self._arrivals = Arrivals(-1 if descriptor is None else descriptor)
        self._arrived: list[bytes] = []
        self._input: Input | None = None
        self._ahead: list[KeyPress] = []
        self._answered: int | None = None
        self._thread: threading.Thread | None = None
        self._wake = (-1, -1)

    def open(self, *, signals: bool) -> None:
        """Begin. signals: whether Ctrl-C interrupts, or is a key for the first prompt."""
        if self._modes is not None:
            self._wake = os.pipe()
            self._modes.guard()
            self._read_ahead(signals=signals)

    def close(self) -> None:
        """Give the terminal back as it was found; a second time does nothing."""
        if self._modes is not None:
            self._stop()
            self._modes.restore()
            self._modes.unguard()
            self._modes = None
            for end in self._wake:
                os.close(end)

    def attach(self, keys: "Input") -> None:
        """Read for the prompts and questions that have this input."""
        from prompt_toolkit.input.vt100 import Vt100Input

        from epicshell.shell.parser import KeyReader, take_pastes

        if not isinstance(keys, Vt100Input):
            return
        take_pastes(keys, self._paste_is_over)
        if self._descriptor is not None and os.isatty(self._descriptor):
            reader = KeyReader(self._arrivals, self._arrived, self._descriptor, keys.stdin.encoding)
            keys.stdin_reader = reader
            self._input = keys

    @contextmanager
    def reading(self) -> Iterator[None]:
        """The prompt reads: first what was typed ahead."""
        if self._modes is None:
            yield
            return
        self._collect()
        self._give(self._ahead)
        self._ahead, self._answered = [], None
        try:
            yield
        finally:
            self._ahead = self._take()
            self._read_ahead()

    @contextmanager
    def asking(self, *, goes_on: bool = False, drawn: bool = False) -> Iterator[None]:
        """A question of prompt_toolkit reads. goes_on: it gets what was typed since the last one of this command.

        drawn: it takes the whole screen, which is given back even if we are killed.
        """
        if self._modes is None:
            yield
            return
        self._modes.drawn = drawn
        self._collect()
        if goes_on and self._answered is not None:
            since, self._ahead = self._ahead[self._answered :], self._ahead[: self._answered]
            self._give([key for key in since if not _is_paste(key)])
            self._ahead += filter(_is_paste, since)
        try:
            yield
        finally:
            self._modes.drawn = False
            self._answered = len(self._ahead)
            self._ahead += self._take()
            self._read_ahead()

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Someone else reads the terminal, which is as it was found. What they leave unread is thrown away.

        So is what was typed before: whoever types a password a little early must not see it at the next prompt.
        """
        if self._modes is None:
            yield
            return
        self._collect()
        self._ahead = [key for key in self._ahead if _is_paste(key)]
        self._modes.restore()
        try:
            yield
        finally:
            if self._modes is not None:
                self._modes.drop_input()
            self._read_ahead()

    def keep(self, pasted: str) -> None:
        """Several lines that were pasted into a question wait for the next prompt."""
        from prompt_toolkit.key_binding import KeyPress
        from prompt_toolkit.keys import Keys

        self._ahead.append(KeyPress(Keys.BracketedPaste, pasted))

    def interrupted(self) -> None:
        """Ctrl-C was pressed: what was typed ahead is dropped, as terminals do. A paste, which runs nothing, stays."""
        if self._modes is not None:
            self._collect()
            self._ahead = [key for key in self._ahead if _is_paste(key)]
            self._read_ahead()

    def watch(self) -> None:
        """Begin to wait for the end of a paste that came before the prompt. Within the prompt's loop."""
        if self._arrivals.inside and self._input is not None:
            self._input.flush_keys()

    def _read_ahead(self, *, signals: bool = True) -> None:
        if self._modes is not None:
            self._modes.hold(signals=signals)
            self._thread = threading.Thread(target=self._drain, name="keyboard", daemon=True)
            self._thread.start()

    def _drain(self) -> None:
        """Read until someone else wants to; then to the end of what is there, and of a paste that is under way."""
        terminal, wake = self._arrivals.fileno(), self._wake[0]
        while not self._arrivals.closed and wake not in select.select([terminal, wake], [], [])[0]:
            self._arrived.append(self._arrivals.read())
        while not self._arrivals.closed and self._arrivals.ready(_PASTE_END if self._arrivals.inside else 0):
            self._arrived.append(self._arrivals.read())

    def _stop(self) -> None:
        if self._thread is not None:
            os.write(self._wake[1], b".")
            self._thread.join()
            os.read(self._wake[0], 64)  # more than one, if a Ctrl-C came while it was waited for
            self._thread = None

    def _collect(self) -> None:
        """Stop reading ahead, and make keys of what has come."""
        self._stop()
        if self._input is not None and self._arrived:
            self._ahead += self._input.read_keys()

    def _give(self, keys: "list[KeyPress]") -> None:
        from prompt_toolkit.input.typeahead import store_typeahead

        if self._input is not None:
            store_typeahead(self._input, keys)

    def _take(self) -> "list[KeyPress]":
        from prompt_toolkit.input.typeahead import get_typeahead

        return get_typeahead(self._input) if self._input is not None else []

    def _paste_is_over(self) -> None:
        self._arrivals.inside = False


def _is_paste(key: Any) -> bool:
    from prompt_toolkit.keys import Keys

    return bool(key.key == Keys.BracketedPaste)
