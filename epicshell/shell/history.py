"""The lines typed before, kept per employee in a file that only they can read."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit.history import History

from epicshell.config import private_folder
from epicshell.errors import EpicError
from epicshell.shell.paste import NOT_KEPT, Paste, recalled

TAIL = 256 * 1024  #: bytes of the file that are read
_SUSPICIOUS = re.compile(r"passwd|login|--password|(?:\w{5}-){5}\w{5}", re.IGNORECASE)

_ASKING = ("login", "passwd")  #: commands that ask for a password


class LineHistory(History):
    """The history of one employee on one database. Shells that are open at once add to the same file, line by line.

    path: the file, made with mode 0600 with the first line; None keeps everything in memory.
    """

    def __init__(self, path: Path | None) -> None:
        super().__init__()
        self._path = path

    def load_history_strings(self) -> Iterable[str]:
        """The newest first, each once in a row."""
        lines = self._tail().decode("utf-8", "replace").split("\n")[:-1]
        return [
            line for line, next_line in zip(reversed(lines), ["", *reversed(lines)], strict=False) if line != next_line
        ]

    def append_string(self, string: str) -> None:
        if string.strip() and string not in self._loaded_strings[:1] and not _hold_secret(_lines(string)):
            super().append_string(string)

    def store_string(self, string: str) -> None:
        """Write one line at once, so that lines of several shells don't mix; what is no command stays in memory."""
        if self._path is None or "\n" in string or not (string.startswith(NOT_KEPT) or _is_commands(string)):
            return
        try:
            for folder in reversed(self._path.parents[:3]):
                private_folder(folder)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
            descriptor = os.open(self._path, flags, 0o600)
        except (OSError, EpicError):
            return  # a history that can't be written is no reason to stop
        try:
            os.fchmod(descriptor, 0o600)
            os.write(descriptor, f"{string}\n".encode("utf-8", "replace"))
        finally:
            os.close(descriptor)

    def _tail(self) -> bytes:
        if self._path is None:
            return b""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW)
        except OSError:
            return b""
        with os.fdopen(descriptor, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL))
            tail = file.read()
        return tail if size <= TAIL else tail.partition(b"\n")[2]


def path_for(state: Path, identity: str, username: str) -> Path:
    """Where the history of an employee on a database lies."""
    return state / "history" / identity / username.replace("/", "_")


def _lines(string: str) -> list[str]:
    """The lines of a paste that is kept as one, and its commands, which may go over several; or the only one."""
    paste = recalled(string)
    if paste is None:
        return [string]
    return [line for line in [*paste.lines, *_commands(paste)] if line.strip()]


def _hold_secret(lines: list[str]) -> bool:
    """Whether one of them does; thousands are looked through in one go first."""
    return bool(_SUSPICIOUS.search("\n".join(lines))) and any(map(holds_secret, lines))


def _commands(paste: Paste) -> list[str]:
    from epicshell.commands.statements import statements

    return [statement.text for statement in statements(paste.lines)]


def _is_commands(string: str) -> bool:
    """Whether it is a command, or a paste of nothing else."""
    paste = recalled(string)
    return all(map(is_command, _commands(paste))) if paste else is_command(string)


def is_command(line: str) -> bool:
    """Whether a line begins like a command. One that doesn't may be a password typed at the wrong place."""
    from epicshell.command import MODULES

    return line.split(maxsplit=1)[0].lower() in MODULES


def holds_secret(line: str) -> bool:
    """Whether a line looks as if it held a password or an enrolment code."""
    from epicshell.session.keys import is_code
    from epicshell.telemetry import Secret
    from epicshell.values import is_username

    words = line.split()
    if words[0].lower() in ("let", "watch"):  # the command within
        words = words[next((place for place, word in enumerate(words) if word.lower() in _ASKING), 0) :]
    takes = {"passwd": 1, "login": 2}.get(words[0].lower(), len(words))
    named = words[0].lower() != "login" or is_username(words[1].lower()) if len(words) > 1 else True
    return (
        not named
        or len(words) > takes
        or "--password" in line.lower()
        or any(is_code(Secret(word.strip("\"'"))) for word in words)
    )
