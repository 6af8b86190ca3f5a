"""The keys of a menu: Tab opens it, Enter accepts and never runs, Escape leaves what was typed."""

from prompt_toolkit.application import get_app
from prompt_toolkit.filters import Condition, completion_is_selected, emacs_mode, has_completions
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

from epicshell.shell.keys import complete


@Condition
def alone() -> bool:
    """Whether no key came in together with this one: a lone Escape, not the first part of Alt and a letter."""
    return not get_app().key_processor.input_queue


@Condition
def after_space() -> bool:
    """Whether the cursor stands behind a space between words, perhaps one that a completion brought."""
    from epicshell.commands.words import begun
    from epicshell.shell.reading import LONGEST

    before = get_app().current_buffer.document.text_before_cursor
    if not before.strip() or before[-1] != " " or before.endswith("\\ ") or len(before) > LONGEST:
        return False
    typed = begun(before)
    return typed is not None and not typed[1].text


def menu_keys() -> KeyBindings:
    """Tab, Enter and Escape of a line or an answer with a menu."""
    keys = KeyBindings()

    @keys.add("tab")
    def _(event: KeyPressEvent) -> None:
        complete(event.current_buffer)

    @keys.add("enter", filter=completion_is_selected)
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        buffer.complete_state = None  # the selected text is in the line already
        if buffer.document.char_before_cursor == " ":
            buffer.start_completion()

    @keys.add("escape", filter=has_completions & emacs_mode & alone, eager=True)
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.cancel_completion()

    return keys


def space_keys() -> KeyBindings:
    """A space after the one that a completed word brought is not doubled. For lines only: in an answer it is text."""
    keys = KeyBindings()

    @keys.add(" ", filter=after_space)
    def _(event: KeyPressEvent) -> None:
        buffer = event.current_buffer
        buffer.complete_state = None
        buffer.start_completion()

    return keys
