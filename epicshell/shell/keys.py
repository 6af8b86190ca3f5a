"""The keys that differ from a plain line editor."""

from collections.abc import Callable, Iterator
from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, get_common_complete_suffix
from prompt_toolkit.document import Document
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys

from epicshell.shell.paste import Paste, single_line


class NotYet(Completer):
    """Stands in until there is something to complete from, and keeps in mind that Tab was pressed."""

    def __init__(self) -> None:
        self.asked: str | None = None

    def get_completions(self, document: Document, event: CompleteEvent) -> Iterator[Completion]:
        if event.completion_requested:
            self.asked = document.text_before_cursor
        yield from ()


def is_asking(application: Application[Any]) -> bool:
    """Whether a prompt still waits for its answer. What comes later must start nothing in a loop that is ending."""
    return application.future is not None and not application.future.done()


def complete(buffer: Buffer) -> None:
    """What Tab does: the next of an open menu, else the only completion, else what all have in common and a menu.

    At once, since no completer of ours waits: prompt_toolkit's own Tab is lost while the menu of the last key is made.
    """
    state = buffer.complete_state
    if state and len(state.completions) == 1:
        buffer.apply_completion(state.completions[0])
        return
    if state and state.completions:
        buffer.complete_next()
        return
    found = list(buffer.completer.get_completions(buffer.document, CompleteEvent(completion_requested=True)))
    if len(found) == 1:
        buffer.apply_completion(found[0])
        return
    common = get_common_complete_suffix(buffer.document, found)
    if common:
        buffer.insert_text(common)
    elif found:
        buffer.start_completion()


def answer_keys(keep: Callable[[str], None]) -> KeyBindings:
    """The keys of a question. A newline at the end of a paste is no part of the answer; several lines are none.

    keep: takes a paste of several lines, for the next prompt.
    """
    keys = KeyBindings()

    @keys.add(Keys.BracketedPaste, eager=True)
    def _(event: KeyPressEvent) -> None:
        line = single_line(event.data)
        if line is None:
            keep(event.data)
            event.app.output.bell()
        else:
            event.current_buffer.insert_text(line)

    return keys


def line_keys() -> KeyBindings:
    """The keys of the prompt. A paste reaches one key whole: one line goes into the line, several leave as a Paste."""
    keys = KeyBindings()

    @keys.add(Keys.BracketedPaste, eager=True)
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        line = single_line(event.data)
        if line is not None:
            buffer.insert_text(line)
            return
        document = buffer.document
        text = document.text_before_cursor + event.data + document.text_after_cursor
        buffer.reset()
        event.app.exit(result=Paste(text))

    return keys
