"""The first prompt, painted before anything slow is imported: the one that this invocation ended with last time."""

import os
import sys
import termios
import zlib
from pathlib import Path

from epicshell.config import private_folder, read_private, write_private
from epicshell.errors import EpicError

_ERASE_LINE, _PASTES_BRACKETED, _PASTES_PLAIN = "\x1b[K", "\x1b[?2004h", "\x1b[?2004l"


class FirstPaint:
    """What is shown until the real prompt is there.

    state: the state folder. key: what tells this invocation from others (its options, its database).
    guess: the prompt to show if none is remembered; empty if one would promise too much.
    """

    def __init__(self, state: Path, key: str, guess: str) -> None:
        self._state = state
        self._path = state / "prompts" / f"{zlib.crc32(key.encode()):08x}"
        self._mode: list[int | list[bytes | int]] | None = None
        self.guess = guess
        self._remembered = self._read()
        self.prompt = self._remembered[0] or guess

    @property
    def history(self) -> Path | None:
        """The history file that belongs to the remembered prompt."""
        return Path(self._remembered[1]) if self._remembered[1] else None

    def show(self) -> None:
        """Paint, and keep the keys typed from now on for the prompt to come, Ctrl-C too; a paste as a paste."""
        if not self.prompt or os.environ.get("TERM", "dumb") == "dumb" or len(self.prompt) >= _columns():
            return
        self._mode = termios.tcgetattr(sys.stdin)
        waiting = termios.tcgetattr(sys.stdin)
        waiting[0] &= ~(termios.ICRNL | termios.IXON)
        waiting[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
        termios.tcsetattr(sys.stdin, termios.TCSANOW, waiting)
        sys.stdout.write(f"{_PASTES_BRACKETED}\x1b[1m{self.prompt}\x1b[0m")
        sys.stdout.flush()

    def lift(self) -> None:
        """Put the cursor where the real prompt starts, which paints over this one."""
        if self._mode is not None:
            sys.stdout.write("\r")
            sys.stdout.flush()

    def restore(self) -> None:
        """Give the terminal back as it was found; a second time does nothing."""
        if self._mode is not None:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self._mode)
            self._mode = None

    def erase(self) -> None:
        """Take the painted prompt away, for something else to be said."""
        if self._mode is not None:
            sys.stdout.write("\r" + _ERASE_LINE + _PASTES_PLAIN)
            sys.stdout.flush()
            self.restore()

    def remember(self, prompt: str, history: Path | None) -> None:
        """Keep a prompt and its history file for the next time; an empty prompt forgets."""
        remembered = (prompt, str(history or "") if prompt else "")
        if remembered == self._remembered:
            return
        self._remembered = remembered
        try:
            private_folder(self._state)
            private_folder(self._path.parent)
            write_private(self._path, "\n".join(remembered))
        except (OSError, EpicError):
            return  # it only makes the next start look slower

    def _read(self) -> tuple[str, str]:
        try:
            prompt, _, history = read_private(self._path).partition("\n")
        except (OSError, UnicodeDecodeError):
            return "", ""
        return (prompt, history) if prompt.isprintable() else ("", "")


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except OSError:
        return 80
