"""Output of many short commands, handed to the terminal in a few pieces instead of one by one."""

import io
import threading
import time
from typing import TextIO

_PAUSE = 0.02  #: seconds that text may wait
_MOST = 1 << 16  #: characters that may wait


class Gathered(io.TextIOBase):
    """Writes to a stream at once what comes alone, and together what comes quickly one after the other.

    Nothing waits longer than _PAUSE, even if the command after it takes its time. Whoever writes to the terminal
    beside it flushes it first. Within the block only; at its end all is written.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._waiting: list[str] = []
        self._size = 0
        self._written = 0.0
        self._changed = threading.Condition()
        self._done = False
        self._thread = threading.Thread(target=self._work, name="output", daemon=True)

    def __enter__(self) -> "Gathered":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        with self._changed:
            self._done = True
            self._changed.notify()
        self._thread.join()
        self.flush()

    def write(self, text: str) -> int:
        with self._changed:
            self._waiting.append(text)
            self._size += len(text)
            if self._size > _MOST or time.monotonic() - self._written > _PAUSE:
                self._write()
            elif len(self._waiting) == 1:
                self._changed.notify()
        return len(text)

    def flush(self) -> None:
        with self._changed:
            self._write()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._out.isatty()

    def fileno(self) -> int:
        return self._out.fileno()

    def _write(self) -> None:
        text = "".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        if text:
            self._out.write(text)
            self._out.flush()
            self._written = time.monotonic()

    def _work(self) -> None:
        with self._changed:
            while not self._done:
                self._changed.wait_for(lambda: self._done or bool(self._waiting))
                self._changed.wait(_PAUSE)
                if not self._done:
                    self._write()
