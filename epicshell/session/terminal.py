"""Asking the person at the terminal; elsewhere nobody is asked."""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from epicshell.config import read_private
from epicshell.errors import EpicError, Interrupted, NotUnderstood
from epicshell.telemetry import Secret
from epicshell.text import display


@dataclass(frozen=True)
class Question:
    """A value that is asked for.

    name: what it is called; meaning and accepts: what it is for, and what may be typed.
    check: raises EpicError for what isn't accepted. instant: cheap enough to be checked with each key.
    candidates: completions of a prefix in a context, as a parameter type gives them. default: to start from.
    """

    name: str
    meaning: str = ""
    accepts: str = ""
    check: Callable[[str], object] = str
    instant: bool = True
    candidates: Callable[[str, Any], Iterable[Any]] | None = None
    default: str = ""


@dataclass(frozen=True)
class Watched:
    """What is looked at again and again.

    seconds: between two looks. look: what is to be seen now; close: the end, in the thread that looked; both raise
    EpicError. clock: the time for people.
    """

    title: str
    seconds: float
    look: Callable[[], str]
    close: Callable[[], None]
    clock: Callable[[], str]


class Terminal:
    """Nobody to ask: scripts, pipes. The shell and `-c` on a terminal have their own.

    interactive: whether missing fields are asked for (in the shell only).
    """

    interactive = False

    def ask(self, question: Question) -> str:
        """One line of text that passes the question's check; until then the question comes again."""
        raise NotUnderstood(f"{question.name} is missing.")

    def secret(self, question: str) -> Secret:
        """A password, never echoed and never remembered."""
        raise NotUnderstood(
            f"{question} can't be asked for without a terminal.", "Give it in a 0600 file with --password-file."
        )

    def new_secret(self, question: str) -> Secret:
        """A password that is being chosen."""
        return self.secret(question)

    def confirm(self, question: str) -> bool:
        """A yes or no; no by default."""
        raise NotUnderstood(f"{question} There is nobody to ask.", "Repeat the command with --yes.")

    def watch(self, watched: Watched) -> None:
        """Look again and again, and show what changes, until it is left."""
        raise NotUnderstood("watch needs a terminal: it works at the shell's prompt.")

    def tell(self, sentence: str) -> None:
        """A remark for people; never data."""
        print(display(sentence, multiline=True), file=sys.stderr)  # noqa: T201


class Console(Terminal):
    """A terminal outside the shell: `-c` typed at a command line."""

    def secret(self, question: str) -> Secret:
        from getpass import getpass

        try:
            return Secret(getpass(f"{display(question)}: "))
        except KeyboardInterrupt:
            raise Interrupted("Interrupted; nothing was done.") from None
        except EOFError:
            raise NotUnderstood(f"{question} was not given.") from None

    def confirm(self, question: str) -> bool:
        sys.stderr.write(f"{display(question)} [y/N] ")
        sys.stderr.flush()
        return sys.stdin.readline().strip().lower() in ("y", "yes")


def new_password(terminal: Terminal, check: Callable[[Secret], None]) -> Secret:
    """Ask for a new password until it is good, twice the same. Raises what the terminal raises to give up."""
    from epicshell.session.passwords import normal

    while True:
        first = normal(terminal.new_secret("New password").reveal())
        try:
            check(first)
        except EpicError as error:
            terminal.tell(str(error))
            continue
        if normal(terminal.new_secret("The same again").reveal()).reveal() == first.reveal():
            return first
        terminal.tell("The two were not the same.")


class PasswordFile(Terminal):
    """The password comes from a file that only its owner can read; nothing else is asked."""

    def __init__(self, path: str) -> None:
        self._path = path

    def secret(self, question: str) -> Secret:
        try:
            text = read_private(Path(self._path), anywhere=True)
        except UnicodeDecodeError:
            raise NotUnderstood(f"The password file {self._path} can't be read: it is not UTF-8.") from None
        except PermissionError:
            raise NotUnderstood(
                f"The password file {self._path} can be read by others.", f"Run: chmod 600 {self._path}"
            ) from None
        except OSError as error:
            raise NotUnderstood(f"The password file {self._path} can't be read: {error.strerror}.") from None
        return Secret(text.rstrip("\r\n"))

    def new_secret(self, question: str) -> Secret:
        raise NotUnderstood("A new password is chosen on a terminal, not taken from a file.", "Repeat it there.")
