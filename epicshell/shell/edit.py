"""Editing pasted lines before they run."""

from prompt_toolkit import PromptSession
from prompt_toolkit.history import DummyHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.utils import is_dumb_terminal

from epicshell.shell.harmless import Harmless

HELP = "F2 or Esc Enter: done · Ctrl-C: give the edit up"


def edited(text: str, line: int) -> str | None:
    """What someone makes of a text, beginning in a line (from 1). None if they give it up, or can't see it."""
    if is_dumb_terminal():
        return None
    session: PromptSession[str] = PromptSession(
        lambda: _number(0),
        history=DummyHistory(),
        multiline=True,
        key_bindings=_keys(),
        bottom_toolbar=HELP,
        input_processors=[Harmless()],
    )
    buffer = session.default_buffer

    def begin() -> None:
        buffer.cursor_position = buffer.document.translate_row_col_to_index(line - 1, 0)

    try:
        return session.prompt(
            default=text, pre_run=begin, prompt_continuation=lambda _width, row, _wrapped: _number(row)
        )
    except (KeyboardInterrupt, EOFError):
        return None


def _number(row: int) -> str:
    return f"{row + 1:>4}  "


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("f2")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    return keys
