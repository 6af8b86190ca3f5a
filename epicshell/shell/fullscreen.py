"""The whole terminal for a while: what is to be seen is drawn line by line, and only the lines that changed."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from prompt_toolkit.application import get_app_session
from prompt_toolkit.key_binding.key_processor import KeyPress
from prompt_toolkit.keys import Keys

from epicshell.errors import SessionEnded
from epicshell.session import ENDED
from epicshell.shell.colours import sgr
from epicshell.shell.view import Fragments

ESCAPE_SECONDS = 0.2  #: after which an Esc is the key, and no longer the beginning of another


Guard = Callable[[Callable[[], None]], None]


class Pane(Protocol):
    """What is shown, and what keys do to it."""

    def key(self, key: str, text: str) -> bool:
        """A key was pressed (prompt_toolkit's name), or a text pasted; whether that was the last one."""

    def rows(self, columns: int, lines: int) -> list[Fragments]:
        """What is to be seen: one row per line."""

    def step(self) -> bool:
        """Do some of what takes long; whether anything was done."""

    def begin(self, wake: Callable[[], None]) -> None:
        """It is about to be shown. wake: draws it anew; may be called from any thread."""

    @property
    def over(self) -> bool:
        """Whether it has ended by itself."""


def show(pane: Pane, theme: str, guard: Guard = lambda _: None) -> None:
    """Give a pane the terminal until it is left. The one place where the shell takes the whole screen.

    guard: told, in the loop, what to call when the session is over. Raises SessionEnded then.
    """
    asyncio.run(_Shown(pane, theme).run(guard))


class _Shown:
    def __init__(self, pane: Pane, theme: str) -> None:
        self._pane = pane
        self._theme = theme
        self._session = get_app_session()
        self._size = (0, 0)
        self._drawn: list[Fragments] = []
        self._woken = asyncio.Event()
        self._left = False
        self._error: Exception | None = None
        self._flush: asyncio.TimerHandle | None = None

    async def run(self, guard: Guard) -> None:
        loop, output, keys = asyncio.get_running_loop(), self._session.output, self._session.input
        with suppress(NotImplementedError, RuntimeError, ValueError):  # not in the main thread
            loop.add_signal_handler(signal.SIGWINCH, self._woken.set)
        try:
            output.enter_alternate_screen()
            output.hide_cursor()
            output.enable_bracketed_paste()
            self._pane.begin(lambda: _call(loop, self._woken.set))
            guard(self._shut)
            with keys.raw_mode(), keys.attach(self._read):
                while not (self._left or self._error or self._pane.over):
                    self._woken.clear()
                    self._draw()
                    if self._pane.step():
                        await asyncio.sleep(0)  # keys come first
                    else:
                        await self._woken.wait()
            if self._error:
                raise self._error
        finally:
            with suppress(NotImplementedError, RuntimeError, ValueError):  # nor could it be added there
                loop.remove_signal_handler(signal.SIGWINCH)
            output.disable_bracketed_paste()
            output.show_cursor()
            output.quit_alternate_screen()
            output.flush()

    def _shut(self) -> None:
        self._error = SessionEnded(ENDED)
        self._woken.set()

    def _read(self) -> None:
        keys = self._session.input
        if self._flush:
            self._flush.cancel()
        self._take(keys.read_keys())
        self._flush = asyncio.get_running_loop().call_later(ESCAPE_SECONDS, lambda: self._take(keys.flush_keys()))
        if keys.closed:
            self._left = True
            self._woken.set()

    def _take(self, pressed: list[KeyPress]) -> None:
        """Give keys to the pane. What goes wrong is raised by `run`: the loop would swallow it here."""
        try:
            for one in pressed:
                name = one.key.value if isinstance(one.key, Keys) else one.key
                self._left = self._left or self._pane.key(name, one.data)
        except Exception as error:
            self._error = error
        if pressed:
            self._woken.set()

    def _draw(self) -> None:
        output, size = self._session.output, self._session.output.get_size()
        if (size.columns, size.rows) != self._size:
            self._size, self._drawn = (size.columns, size.rows), []
            output.erase_screen()
        rows = self._pane.rows(size.columns, size.rows)
        for number, row in enumerate(rows):
            if self._drawn[number : number + 1] != [row]:
                output.cursor_goto(number + 1, 1)
                output.erase_end_of_line()
                for style, text in row:
                    self._write(sgr(self._theme, style), text)
        self._drawn = rows
        output.flush()

    def _write(self, begin: str, text: str) -> None:
        output = self._session.output
        if begin:
            output.write_raw(begin)
        output.write(text)
        if begin:
            output.write_raw("\x1b[0m")


def _call(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the loop may have ended meanwhile
        loop.call_soon_threadsafe(callback)
