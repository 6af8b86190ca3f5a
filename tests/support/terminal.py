"""A real terminal with a program in it: keys go in, a screen is looked at."""

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pexpect
import pyte

from epicshell.shell.arrivals import BEHIND

PATIENCE = 20  #: seconds until what a test waits for counts as missing


class Screen(pyte.Screen):
    """Answers what the program asks of the terminal, such as where the cursor is."""

    answer: Callable[[str], object] = staticmethod(lambda text: None)

    def write_process_input(self, data: str) -> None:
        self.answer(data)


class TerminalProgram:
    """`python -m epicshell …` in a terminal of its own.

    home: EPICSHELL_HOME. environment: more variables.
    """

    def __init__(
        self,
        home: Path,
        *arguments: str,
        columns: int = 100,
        lines: int = 30,
        environment: dict[str, str] | None = None,
    ) -> None:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("EPICSHELL_", "NO_COLOR"))}
        variables = {"EPICSHELL_HOME": str(home), "TERM": "xterm-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        self.screen = Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""
        self._child = pexpect.spawn(
            sys.executable,
            ["-m", "epicshell", *arguments],
            env={**inherited, **variables, **(environment or {})},
            dimensions=(lines, columns),
            timeout=PATIENCE,
        )
        # pexpect would sleep a tenth of a second before each of its looks at the end of a program.
        self._child.delaybeforesend = self._child.delayafterread = None
        self._child.ptyproc.delayafterclose = 0
        self.screen.answer = self._child.send

    @property
    def lines(self) -> Sequence[str]:
        """The screen, without spaces at the ends of its lines and without empty lines below."""
        return [line.rstrip() for line in self.text.rstrip().split("\n")]

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    @property
    def cursor_line(self) -> str:
        """The line that the cursor is in, up to it."""
        return str(self.screen.display[self.screen.cursor.y][: self.screen.cursor.x])

    @property
    def pid(self) -> int:
        return int(self._child.pid)

    def type(self, keys: str) -> None:
        self._child.send(keys)

    def enter(self, line: str) -> None:
        self.type(line + "\r")

    def paste(self, text: str) -> None:
        """As a terminal with bracketed paste sends it; no hand presses the next key at once."""
        self.type(f"\x1b[200~{text}\x1b[201~")
        time.sleep(1.5 * BEHIND)

    def until(self, there: Callable[[], bool], what: str = "") -> None:
        """Wait until the screen shows something. Fails with the screen after PATIENCE, or when the program ends."""
        deadline = time.monotonic() + PATIENCE
        running = True
        while not there():
            assert running, f"ended before {what}; the screen:\n{self.text}"
            assert time.monotonic() < deadline, f"never saw {what}; the screen:\n{self.text}"
            running = self._look(0.05)

    def shows(self, *texts: str) -> None:
        """Wait until the screen shows each text."""
        self.until(lambda: all(text in self.text for text in texts), " and ".join(texts))

    def prompts(self, prompt: str = "> ") -> None:
        """Wait until the cursor stands behind a prompt, with nothing typed yet."""
        self.until(lambda: self.cursor_line.endswith(prompt), f"the prompt {prompt!r}")

    def run(self, line: str, prompt: str = "> ") -> str:
        """Type a line at an empty prompt, and give what the screen shows of it once this prompt is there again."""
        self.screen.reset()
        self.enter(line)
        self.until(lambda: self.screen.cursor.y > 0 and self.cursor_line.endswith(prompt), f"the end of {line!r}")
        return self.text

    def resize(self, columns: int, lines: int) -> None:
        """As when somebody pulls at the window."""
        self.screen.resize(lines, columns)
        self._child.setwinsize(lines, columns)

    def leave(self) -> int:
        """Wait for the program's end; its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._look(0.05):
            assert time.monotonic() < deadline, f"it never ends; the screen:\n{self.text}"
        self._child.wait()
        self._child.close()
        return int(self._child.exitstatus if self._child.exitstatus is not None else -self._child.signalstatus)

    def kill(self) -> None:
        """End the program if it still runs."""
        if self._child.isalive():
            self._child.kill(signal.SIGKILL)
            self._child.wait()
        self._child.close()

    def _look(self, seconds: float) -> bool:
        """Take in what the program writes; whether it still runs."""
        try:
            data = self._child.read_nonblocking(65536, seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.written += data
        self._stream.feed(data)
        return True
