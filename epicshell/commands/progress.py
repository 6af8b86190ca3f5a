"""A bar that tells how far a script, a bulk change or an export is, on a terminal, if it takes more than a moment."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any, TextIO, cast

from epicshell.render.screen import Signs, signs
from epicshell.session.terminal import Terminal
from epicshell.text import cut, thousands

if TYPE_CHECKING:
    from epicshell.commands.dispatch import Dispatcher

FIRST_AFTER = 0.5  #: seconds until the bar shows
_EVERY = 0.1  #: seconds between two drawings
_WIDEST = 30  #: columns of the bar itself
_EIGHTHS = " ▏▎▍▌▋▊▉█"


def draw(done: int, total: int | None, seconds: float, columns: int, *, ascii: bool = False) -> str:
    """`[███▌   ] 1 234/5 000 · 850/s · 4 s left`, or as much of it as fits; one column stays free.

    total: None where nobody knows how many rows are still to come: `1 234 rows · 850/s`.
    """
    rate = done / seconds if seconds > 0 else 0
    parts = [f"{thousands(done)} rows" if total is None else f"{thousands(done)}/{thousands(total)}"]
    if rate:
        parts.append(_rate(rate))
    if rate and total is not None:
        parts.append(f"{_time((total - done) / rate)} left")
    said = (", " if ascii else " · ").join(parts)
    room = min(_WIDEST, columns - len(said) - 4)
    if room < 4 or total is None:
        return cut(said, columns - 1, "" if ascii else "…")
    return f"[{_bar(done / total if total else 1, room, ascii)}] {said}"


def _bar(part: float, room: int, ascii: bool) -> str:
    if ascii:
        return ("#" * int(part * room)).ljust(room)
    full, rest = divmod(int(part * room * 8), 8)
    return ("█" * full + (_EIGHTHS[rest] if rest else "")).ljust(room)


def _rate(rate: float) -> str:
    if rate < 1:
        return f"{rate * 60:.1f}/min"
    return f"{thousands(round(rate))}/s" if rate >= 10 else f"{rate:.1f}/s"


def _time(seconds: float) -> str:
    if seconds < 99.5:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{thousands(round(minutes / 60))} h"


class Bar:
    """Counts, and shows nothing: where there is no terminal. total: None where it is not known."""

    shown = False
    total: int | None = None

    def advance(self, number: int = 1) -> None:
        """One more line, or so many more, are done."""

    def erase(self) -> None:
        """Make room for other output."""


class _Drawn(Bar):
    """On a terminal. It is drawn after a line, and goes before anything else is written."""

    shown = True

    def __init__(self, stream: TextIO, total: int | None, clock: Callable[[], float] = monotonic) -> None:
        self._stream, self.total, self._clock = stream, total, clock
        self._ascii = signs(stream) != Signs()
        self._begun = clock()
        self._next = self._begun + FIRST_AFTER
        self._done = 0
        self._there = False

    def advance(self, number: int = 1) -> None:
        self._done += number
        now = self._clock()
        if now >= self._next and (self.total is None or self._done < self.total):
            self._next = now + _EVERY
            drawn = draw(self._done, self.total, now - self._begun, _columns(self._stream), ascii=self._ascii)
            self._stream.write(f"\r{drawn}\x1b[K")
            self._stream.flush()
            self._there = True

    def erase(self) -> None:
        if self._there:
            self._there = False
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns or 80
    except OSError:
        return 80


@contextmanager
def shown(dispatcher: "Dispatcher", total: int | None) -> Iterator[Bar]:
    """A bar for so many lines or rows; within, it goes before anything else is written on the terminal.

    total: None where it is not known.
    """
    stream = sys.stderr
    if stream is None or not stream.isatty() or os.environ.get("TERM", "dumb") == "dumb":
        yield Bar()
        return
    bar = _Drawn(stream, total)
    output, terminal = dispatcher.output, dispatcher.terminal
    if output.out.isatty():
        dispatcher.output = replace(output, out=cast(TextIO, _Erasing(output.out, bar)))
    dispatcher.terminal = cast(Terminal, _Erasing(terminal, bar))
    try:
        yield bar
    finally:
        bar.erase()
        dispatcher.output, dispatcher.terminal = output, terminal


@contextmanager
def counting(dispatcher: "Dispatcher", total: int | None = None) -> Iterator[Bar]:
    """A bar for the records of one command, or its rows; a script has one of its own, for its lines."""
    with shown(dispatcher, total) if dispatcher.patience is None else nullcontext(Bar()) as bar:
        yield bar


class _Erasing:
    """Stands in for a stream or a terminal: whatever it is used for, the bar goes first."""

    def __init__(self, inner: Any, bar: Bar) -> None:
        self._inner, self._bar = inner, bar

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if callable(found):
            self._bar.erase()
        return found
