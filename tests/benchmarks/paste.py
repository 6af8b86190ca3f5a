"""Pasting thousands of lines that need no database: until they are shown, and from the answer to the last one done."""

import os
import pty
import select
import shutil
import statistics
import struct
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from fcntl import ioctl

from crowd import Crowd
from measure import Row, s

LINES = (5_000, 50_000)
TIMES = 3
_WHERE, _HERE = b"\x1b[6n", b"\x1b[1;1R"
_PROMPT = b"epic_demo>"
_PATIENCE = 120  #: seconds


def rows(crowd: Crowd) -> Iterator[Row]:
    """The row of each size."""
    for lines in LINES:
        shown, done = zip(*(_epicshell(crowd, lines) for _ in range(TIMES)), strict=True)
        both = statistics.median(map(sum, zip(shown, done, strict=True)))
        measured = f"{s(both)} ({s(statistics.median(shown))} to the preview, {s(statistics.median(done))} to the end)"
        others = [f"psql {s(statistics.median(_psql(crowd, lines) for _ in range(TIMES)))}"]
        if (pgcli := shutil.which("pgcli")) and lines == LINES[0]:
            others.append(f"pgcli {s(_pgcli(crowd, pgcli, lines))}")
        yield Row(
            f"pasting {lines} lines: to the preview, and from the answer to the last line done",
            measured,
            "≤ 0.15 s" if lines == LINES[0] else "–",
            ", ".join(others),
        )


def _epicshell(crowd: Crowd, lines: int) -> tuple[float, float]:
    text = "".join("help exit\r" for _ in range(lines)).encode()
    with closing(Pty(crowd.epicshell(sized=False), crowd.environment())) as shell:
        shell.until(_PROMPT)
        shell.send(b"whoami\r")
        shell.until(b"management")
        shell.until(_PROMPT)
        shell.rest()
        shown = shell.time(b"\x1b[200~" + text + b"\x1b[201~", b"%d  help exit" % lines)
        shell.until(b"[d]rop")
        shell.rest()
        shell.time(b"r", b"r")
        return shown, shell.time(b"\r", _PROMPT)


def _psql(crowd: Crowd, lines: int) -> float:
    text = "".join(f"\\echo line {number}\n" for number in range(lines)) + "\\echo the e\\nd\n"
    with closing(Pty(crowd.psql(database="epic_demo"), crowd.environment())) as psql:
        psql.until(b"=# ")
        psql.rest()
        return psql.time(text.encode(), b"line %d\r\n" % (lines - 1), times=2)


def _pgcli(crowd: Crowd, pgcli: str, lines: int) -> float:
    host = crowd.target.embedded.ensure_running()
    text = "".join(f"\\echo line {number}\r" for number in range(lines))
    with closing(Pty([pgcli, "-h", host, "-U", "postgres", "-d", "epic_demo"], crowd.environment())) as shell:
        shell.until(_PROMPT)
        shell.rest(1)
        return shell.time(text.encode(), b"line %d\r\n" % (lines - 1), times=1)


class Pty:
    """A program in a terminal, which answers where its cursor is."""

    def __init__(self, command: list[str], environment: Mapping[str, str]) -> None:
        pid, self._terminal = pty.fork()
        if pid == 0:
            os.execvpe(command[0], command, {**environment, "TERM": "xterm-256color", "PAGER": "cat"})
        self._pid = pid
        ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
        os.set_blocking(self._terminal, False)
        self._to_send = b""
        self._seen = b""

    def send(self, keys: bytes) -> None:
        self._to_send += keys

    def time(self, keys: bytes, text: bytes, times: int = 1) -> float:
        """Seconds from the first key to a text, which comes so many times."""
        self._seen = b""
        begun = time.perf_counter()
        self.send(keys)
        for _ in range(times):
            self.until(text)
        return time.perf_counter() - begun

    def until(self, text: bytes) -> None:
        """Send and read until a text comes; what comes behind it waits."""
        deadline = time.monotonic() + _PATIENCE
        while text not in self._seen:
            if time.monotonic() > deadline:
                raise TimeoutError(f"never saw {text!r}, but {self._seen[-2000:]!r}")
            self._seen = self._seen[-len(text) :] + self._turn()
        self._seen = self._seen.partition(text)[2]

    def rest(self, seconds: float = 0.3) -> None:
        """Answer the program until it has nothing left to say, as while a person looks."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._turn(until - time.monotonic())

    def _turn(self, patience: float = 1) -> bytes:
        """Send some, read some."""
        writable = [self._terminal] if self._to_send else []
        can_read, can_write, _ = select.select([self._terminal], writable, [], max(0, patience))
        if can_write:
            self._to_send = self._to_send[os.write(self._terminal, self._to_send[:65536]) :]
        if not can_read:
            return b""
        data = os.read(self._terminal, 1 << 16)
        self._to_send += _HERE * data.count(_WHERE)
        return data

    def close(self) -> None:
        os.kill(self._pid, 9)
        os.waitpid(self._pid, 0)
        os.close(self._terminal)


if __name__ == "__main__":
    from pathlib import Path

    from crowd import HOME

    for row in rows(Crowd(Path(sys.argv[1]) if len(sys.argv) > 1 else HOME, 1)):
        print(row)
