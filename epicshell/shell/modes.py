"""What a terminal does with keys: as it was found, or as the shell needs it while nobody reads."""

import os
import signal
import termios
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

_PASTES_MARKED, _PASTES_PLAIN = b"\x1b[?2004h", b"\x1b[?2004l"
_SCREEN_BACK = b"\x1b[?1049l\x1b[?25h"  #: leaves the alternate screen, and shows the cursor (xterm)
_ENDING = (signal.SIGTERM, signal.SIGHUP)


class Modes:
    """The modes of a terminal, which it gets back whatever happens: at the end, when stopped with Ctrl-Z, when killed.

    descriptor, out: what is read, and where escape sequences go. drawn: whether the whole screen is in use.
    Raises termios.error if that is no terminal.
    """

    def __init__(self, descriptor: int, out: int) -> None:
        self._descriptor = descriptor
        self._out = out
        self._found = termios.tcgetattr(descriptor)
        self._handlers: dict[signal.Signals, Any] = {}
        self._hold_again: Callable[[], None] = lambda: None
        self.drawn = False

    def hold(self, *, signals: bool = True) -> None:
        """No echo, each key at once, pastes marked. signals: whether Ctrl-C and Ctrl-Z act, rather than being keys.

        What is typed ahead outlives a Ctrl-C: the kernel would throw away half a paste.
        """
        mode: Any = [*self._found]
        mode[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR)
        mode[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
        mode[3] = mode[3] | termios.ISIG | termios.NOFLSH if signals else mode[3] & ~termios.ISIG
        mode[6] = [*mode[6]]
        mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
        self._set(mode, _PASTES_MARKED)
        self._hold_again = lambda: self.hold(signals=signals)

    def restore(self) -> None:
        """As it was found."""
        self._hold_again = lambda: None
        self._set(self._found, _PASTES_PLAIN)

    def drop_input(self) -> None:
        """Throw away what has arrived and nobody has read."""
        with suppress(termios.error):
            termios.tcflush(self._descriptor, termios.TCIFLUSH)

    def guard(self) -> None:
        """Restore before this process is stopped or killed."""
        for number, handler in [(signal.SIGTSTP, self._stopped), *((one, self._killed) for one in _ENDING)]:
            if signal.getsignal(number) is signal.SIG_DFL:
                self._handlers[number] = signal.signal(number, handler)

    def unguard(self) -> None:
        """No longer."""
        while self._handlers:
            number, handler = self._handlers.popitem()
            signal.signal(number, handler)

    def _set(self, mode: Any, sequence: bytes) -> None:
        with suppress(termios.error, OSError):  # the terminal may be gone
            termios.tcsetattr(self._descriptor, termios.TCSANOW, mode)
            os.write(self._out, sequence)

    def _stopped(self, number: int, _frame: FrameType | None) -> None:
        hold_again = self._hold_again
        self._default(number)
        signal.signal(number, self._stopped)
        hold_again()

    def _killed(self, number: int, _frame: FrameType | None) -> None:
        self._default(number)

    def _default(self, number: int) -> None:
        """Do what the signal does where nobody minds it."""
        self.restore()
        if self.drawn:
            with suppress(OSError):
                os.write(self._out, _SCREEN_BACK)
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
