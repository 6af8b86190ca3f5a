"""Ctrl-C while a script runs: the first lets the running line end, the second cancels it."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_NOTICE = b"\r\x1b[KStopping after this line; Ctrl-C again cancels it.\r\n"


class Patience:
    """Within, the first Ctrl-C is only noted. asked: whether it came.

    Only where Ctrl-C would be a KeyboardInterrupt: in the main thread, and not in a process that ignores it.
    """

    def __init__(self) -> None:
        self.asked = False
        self._before: Any = None

    def __enter__(self) -> "Patience":
        if threading.current_thread() is threading.main_thread():
            handler = signal.getsignal(signal.SIGINT)
            if handler is signal.default_int_handler:
                self._before = handler
                signal.signal(signal.SIGINT, self._first)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _first(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        signal.signal(signal.SIGINT, self._before)
        if sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb":
            os.write(sys.stderr.fileno(), _NOTICE)  # a signal may come while the stream itself is being written

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Within, Ctrl-C takes effect at once: what runs is taken back as a whole."""
        if self._before is None or self.asked:
            yield
            return
        signal.signal(signal.SIGINT, self._before)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, self._first)
