"""The first prompt, painted before anything slow is imported: the one that this invocation ended with last time."""

import os
import sys
import zlib
from pathlib import Path

from epicshell.config import private_folder, read_private, write_private
from epicshell.errors import EpicError

_ERASE_LINE = "\x1b[K"


class FirstPaint:
    """What is shown until the real prompt is there.

    state: the state folder. key: what tells this invocation from others (its options, its database).
    guess: the prompt to show if none is remembered; empty if one would promise too much.
    """

    def __init__(self, state: Path, key: str, guess: str) -> None:
        self._state = state
        self._path = state / "prompts" / f"{zlib.crc32(key.encode()):08x}"
        self._shown = False
        self.guess = guess
        self._remembered = self._read()
        self.prompt = self._remembered[0] or guess

    @property
    def history(self) -> Path | None:
        """The history file that belongs to the remembered prompt."""
        return Path(self._remembered[1]) if self._remembered[1] else None

    @property
    def possible(self) -> bool:
        """Whether there is something to paint, and a terminal that can take it."""
        return bool(self.prompt) and os.environ.get("TERM", "dumb") != "dumb" and len(self.prompt) < _columns()

    def show(self) -> None:
        """Paint, where that is possible."""
        if self.possible:
            self._write(f"\x1b[1m{self.prompt}\x1b[0m")
            self._shown = True

    def lift(self) -> None:
        """Put the cursor where the real prompt starts, which paints over this one; a second time does nothing."""
        if self._shown:
            self._write("\r")
            self._shown = False

    def erase(self) -> None:
        """Take the painted prompt away, for something else to be said."""
        if self._shown:
            self._write("\r" + _ERASE_LINE)
            self._shown = False

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

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
