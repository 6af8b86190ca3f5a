"""Completion as prompt_toolkit shows it; the menu is opened again when the database has answered."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from epicshell.command import Command
from epicshell.commands.words import quoted
from epicshell.params import Candidate
from epicshell.session.account import Account
from epicshell.shell.completion import Suggestion, suggest
from epicshell.shell.keys import complete, is_asking
from epicshell.shell.mistakes import quiet_context
from epicshell.shell.recent import Recent, Source
from epicshell.shell.values import Values, Wanted
from epicshell.text import display


class Menu:
    """The completion menu of an application, as the thread that asks the database sees it."""

    def __init__(self, application: "Application[Any]", buffer: Buffer) -> None:
        self._application = application
        self._buffer = buffer
        self._waiting: tuple[str, bool] | None = None

    def wait(self, text: str, *, tab: bool) -> None:
        """The candidates for this text are on their way. tab: they were asked for with Tab."""
        self._waiting = (text, tab or self._waiting == (text, True))

    def arrived(self) -> None:
        """Candidates have come in; called from any thread."""
        loop = self._application.loop
        if loop is not None:
            try:
                loop.call_soon_threadsafe(self._open, context=self._application.context)
            except RuntimeError:
                return  # the prompt has been answered meanwhile

    def _open(self) -> None:
        """Show them if the text is still the same and nothing in the menu has been chosen."""
        waiting, self._waiting = self._waiting, None
        state = self._buffer.complete_state
        if waiting is None or waiting[0] != self._buffer.document.text_before_cursor:
            return
        if not is_asking(self._application):
            return
        if state is not None and state.current_completion is not None:
            return
        self._buffer.cancel_completion()
        if waiting[1]:
            complete(self._buffer)
        else:
            self._buffer.start_completion()


class LineCompleter(Completer):
    """Completes a command line: words and flags from the declarations, values from the database.

    references: what may stand for a value after an @, if anything does.
    """

    def __init__(
        self,
        commands: Callable[[], Mapping[str, Command]],
        account: Account,
        values: Values,
        menu: Menu,
        recent: Recent,
        references: Callable[[str], Iterable[Candidate]] = lambda _: (),
    ) -> None:
        self._commands = commands
        self._account = account
        self._values = values
        self._menu = menu
        self._recent = recent
        self._references = references

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterator[Completion]:
        text = document.text_before_cursor
        suggestion = suggest(text, self._commands())
        if suggestion is None:
            return
        if suggestion.choices:
            space = "" if suggestion.parameter or document.text_after_cursor[:1] == " " else " "
            yield from completions(suggestion.choices, suggestion.start - len(text), literal=True, after=space)
            return
        param = suggestion.param
        found = self._of_value(suggestion, text, event)
        if param is not None and param.verbatim:
            found = [replace(one, text=within(one.text, suggestion.mark)) for one in found]
        yield from completions(found, suggestion.start - len(text), literal=param is not None and param.verbatim)

    def _of_value(self, suggestion: Suggestion, text: str, event: CompleteEvent) -> Iterable[Candidate]:
        """Candidates of a value: recent ones first; those of the database as far as they have come in."""
        command, param, session = suggestion.command, suggestion.param, self._account.session
        if command is None or param is None or session is None:
            return []
        if suggestion.prefix.startswith("@"):
            return self._references(suggestion.prefix)
        if not param.completes:
            return []
        recent, actor = self._recent.of(param), self._account.known_actor
        source = Source(param, command.needs, recent, self._recent.nothing)
        if param.at_once:
            return source(suggestion.prefix, quiet_context(actor, self._recent.memory)) if actor else []
        self._menu.wait(text, tab=event.completion_requested)
        wanted = Wanted(source.key, suggestion.prefix, session, source, self._account, self._menu.arrived)
        known = self._values.known(wanted)
        if known or (source.key, suggestion.prefix) in self._recent.nothing:
            return known
        return [Candidate(value) for value in recent if value.lower().startswith(suggestion.prefix.lower())]


class AnswerCompleter(Completer):
    """Completes the one value that a question asks for."""

    def __init__(
        self, source: Callable[..., Iterable[Candidate]], account: Account, values: Values, menu: Menu
    ) -> None:
        self._source = source
        self._account = account
        self._values = values
        self._menu = menu

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterator[Completion]:
        text, session = document.text_before_cursor, self._account.session
        if session is not None:
            self._menu.wait(text, tab=event.completion_requested)
            wanted = Wanted(self._source, text, session, self._source, self._account, self._menu.arrived)
            yield from completions(self._values.known(wanted), -len(text), literal=True)


def within(text: str, mark: str) -> str:
    """A piece as it is typed in a quotation with this mark; in none but with a backslash before what would end it."""
    ends = {'"': r'(["\\])', "\\": r"""([\s"'\\])"""}.get(mark)
    return re.sub(ends, r"\\\1", text) if ends else text


def completions(
    candidates: Iterable[Candidate], start: int, *, literal: bool = False, after: str = ""
) -> Iterator[Completion]:
    """Candidates for the menu: what is stored is made harmless, and quoted where it is a word of a line.

    after: what is inserted after each. A quotation stays open where more of the same word follows.
    """
    for candidate in candidates:
        text = candidate.text if literal else quoted(candidate.text)
        if candidate.open and text != candidate.text:
            text = text[:-1]
        yield Completion(display(text) + after, start, display(candidate.text), display(candidate.meaning))
