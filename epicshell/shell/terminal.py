"""Asking in the shell: one line per value, checked as it is typed, with completions; passwords without any echo."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer
from prompt_toolkit.document import Document
from prompt_toolkit.history import DummyHistory
from prompt_toolkit.key_binding import merge_key_bindings
from prompt_toolkit.utils import is_dumb_terminal
from prompt_toolkit.validation import ValidationError, Validator

from epicshell.errors import EpicError, Interrupted, NotLoggedIn, NotUnderstood, SessionEnded
from epicshell.session import ENDED
from epicshell.session.terminal import Console, Question, Watched
from epicshell.shell.colours import sgr
from epicshell.shell.completer import AnswerCompleter, Menu
from epicshell.shell.fullscreen import Guard
from epicshell.shell.harmless import Harmless
from epicshell.shell.keyboard import Keyboard
from epicshell.shell.keys import answer_keys, is_asking
from epicshell.shell.menu_keys import menu_keys
from epicshell.shell.pager import leave
from epicshell.shell.style import style
from epicshell.shell.toolbar import described
from epicshell.shell.values import Values
from epicshell.shell.view import View
from epicshell.telemetry import Secret
from epicshell.text import cut, display

if TYPE_CHECKING:
    from epicshell.session.account import Account

GIVEN_UP = "Given up; nothing was done."


class ShellTerminal(Console):
    """The person at the shell. Answers are never remembered; Ctrl-C gives the command up.

    theme: of colours, asked for each time. interactive: whether missing values are asked for; not while a paste runs.
    keyboard: who else reads the terminal (a pager, another program) borrows it with `keyboard.lent()`.
    """

    def __init__(
        self,
        account: "Account",
        values: Values,
        columns: Callable[[], int],
        theme: Callable[[], str],
        keyboard: Keyboard,
        guard: Guard = lambda _: None,
    ) -> None:
        self._guard = guard
        self.keyboard = keyboard
        self._account = account
        self._values = values
        self._columns = columns
        self._theme = theme
        self.interactive = True
        self._flush: Callable[[], None] = lambda: None

    @contextmanager
    def script(self, flush: Callable[[], None]) -> Iterator[None]:
        """Within, missing values are not asked for. flush: called before anything is told or asked beside results."""
        self.interactive, self._flush = False, flush
        try:
            yield
        finally:
            self.interactive, self._flush = True, lambda: None

    def ask(self, question: Question) -> str:
        return self._ask(question, goes_on=True)

    def choose(self, question: Question) -> str:
        """Like ask, but what was typed before the question was seen is no answer to it."""
        return self._ask(question, goes_on=False)

    def _ask(self, question: Question, *, goes_on: bool) -> str:
        typed = question.default
        while True:
            typed = self._line(f"{question.name}: ", question, typed, goes_on=goes_on)
            try:
                question.check(typed)
            except (NotLoggedIn, Interrupted):
                raise
            except EpicError as error:
                self.complain(error)
                typed = typed if goes_on else question.default  # one letter is quicker typed than mended
            else:
                return typed

    def secret(self, question: str) -> Secret:
        from getpass import getpass

        self._flush()
        try:
            with self.keyboard.lent():
                return Secret(getpass(f"{display(question)}: "))
        except (KeyboardInterrupt, EOFError):
            sys.stderr.write("\n")
            raise Interrupted(GIVEN_UP) from None
        except UnicodeDecodeError:
            raise NotUnderstood("That was not UTF-8.") from None

    def confirm(self, question: str) -> bool:
        return self._line(f"{display(question)} [y/N] ").strip().lower() in ("y", "yes")

    def watch(self, watched: Watched) -> None:
        if not self.interactive or not (sys.stdin.isatty() and sys.stdout.isatty()):
            super().watch(watched)
        from epicshell.shell import watch

        if is_dumb_terminal():
            watch.watch_plainly(watched, self._write)
        else:
            with self.keyboard.asking(drawn=True):
                watch.watch(watched, self._theme(), self._leave)

    def _leave(self, view: View, heading: str) -> None:
        self._write(f"{cut(heading, self._columns())}\n")
        leave(view, sys.stdout, self._theme())

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    def clear(self) -> None:
        """Wipe the screen, and what has scrolled out of it where the terminal can (ECMA-48, xterm)."""
        if not is_dumb_terminal():
            self._write("\x1b[H\x1b[2J\x1b[3J")

    def tell(self, sentence: str) -> None:
        self._flush()
        sys.stderr.write(display(sentence, multiline=True) + "\n")
        sys.stderr.flush()

    def complain(self, error: EpicError | str) -> None:
        """Tell what is wrong: a sentence, and a hint what to do about it."""
        red = sgr(self._theme(), "error") if sys.stderr.isatty() and not is_dumb_terminal() else ""
        plain = "\x1b[0m" if red else ""
        self._flush()
        sys.stderr.write(f"{red}{display(str(error), multiline=True)}{plain}\n")
        sys.stderr.flush()

    def _line(self, message: str, question: Question | None = None, default: str = "", *, goes_on: bool = False) -> str:
        self._flush()
        session = self._questions
        session.completer = self._completer(question)
        session.bottom_toolbar = self._toolbar(question)
        try:
            with self.keyboard.asking(goes_on=goes_on):
                return session.prompt(message, default=default, validator=_Check(question), pre_run=self._watch_over)
        except (KeyboardInterrupt, EOFError):
            raise Interrupted(GIVEN_UP) from None

    def _watch_over(self) -> None:
        """A question ends with the session."""
        application = self._questions.app

        def shut() -> None:
            if is_asking(application):
                application.exit(exception=SessionEnded(ENDED))

        self._guard(shut)

    @cached_property
    def _questions(self) -> "PromptSession[str]":
        return PromptSession(
            history=DummyHistory(),
            key_bindings=merge_key_bindings([answer_keys(self.keyboard.keep), menu_keys()]),
            style=style(),
            input_processors=[Harmless()],
        )

    def _completer(self, question: Question | None) -> Completer | None:
        if question is None or question.candidates is None:
            return None
        menu = Menu(self._questions.app, self._questions.default_buffer)
        return AnswerCompleter(question.candidates, self._account, self._values, menu)

    def _toolbar(self, question: Question | None) -> Callable[[], str] | None:
        if question is None or not (question.meaning or question.accepts):
            return None
        explained = described(question.name, question.meaning, question.accepts)
        return lambda: cut(explained, self._columns())


class _Check(Validator):
    """Shows why an answer isn't accepted yet. A check that asks the database waits for Enter."""

    def __init__(self, question: Question | None) -> None:
        self._question = question

    def validate(self, document: Document) -> None:
        if self._question is None or not self._question.instant or is_dumb_terminal():
            return  # a dumb terminal can't show it; there it is told after Enter
        try:
            self._question.check(document.text)
        except EpicError as error:
            raise ValidationError(len(document.text), display(str(error))) from None
