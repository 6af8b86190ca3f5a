"""Pastes reach one key whole, whatever their size and wherever they are torn."""

import asyncio
from unittest.mock import patch

import pytest
from prompt_toolkit.application import Application, create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import DummyOutput

from epicshell.shell import parser
from epicshell.shell.parser import BEGIN, END, PasteParser, take_pastes


def keys(*pieces: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    parsing = PasteParser(lambda press: found.append((str(getattr(press.key, "value", press.key)), press.data)), list)
    for piece in pieces:
        parsing.feed(piece)
    return found


PASTE = Keys.BracketedPaste.value


def test_a_paste_is_one_key_wherever_it_is_torn() -> None:
    sent = f"a{BEGIN}one\ntwo{END}b{BEGIN}{END}{BEGIN}x{END}\r"
    expected = [("a", "a"), (PASTE, "one\ntwo"), ("b", "b"), (PASTE, ""), (PASTE, "x"), (Keys.ControlM.value, "\r")]
    assert keys(sent) == expected
    for place in range(1, len(sent)):
        assert keys(sent[:place], sent[place:]) == expected
    assert keys(*sent) == expected


def test_a_large_paste_in_small_pieces_is_whole() -> None:
    text = "".join(f"clients show {number}\r" for number in range(50_000))
    pieces = [text[place : place + 1024] for place in range(0, len(text), 1024)]
    assert keys(BEGIN, *pieces, END, "x") == [(PASTE, text), ("x", "x")]


def test_a_mark_of_a_beginning_inside_a_paste_is_no_text() -> None:
    assert keys(f"{BEGIN}a{BEGIN}b{END}") == [(PASTE, "ab")]


def test_a_paste_that_never_ends_is_over_after_some_silence() -> None:
    bindings = KeyBindings()

    @bindings.add(Keys.BracketedPaste)
    def _(event: KeyPressEvent) -> None:
        event.app.exit(result=event.data)

    ended: list[bool] = []
    with (
        patch.object(parser, "PATIENCE", 0.01),
        create_pipe_input() as pipe,
        create_app_session(input=pipe, output=DummyOutput()),
    ):
        take_pastes(pipe, lambda: ended.append(True))  # type: ignore[arg-type]
        pipe.send_text(f"{BEGIN}one\ntwo")
        application: Application[str] = Application(key_bindings=bindings)
        application.ttimeoutlen = 0.01
        assert asyncio.run(asyncio.wait_for(application.run_async(), 20)) == "one\ntwo"
    assert ended == [True]


@pytest.mark.parametrize("sent", ["whoami\r", "\x1b[A", "é\x03"])
def test_other_keys_are_those_of_prompt_toolkit(sent: str) -> None:
    from prompt_toolkit.input.vt100_parser import Vt100Parser

    found: list[tuple[str, str]] = []
    Vt100Parser(lambda press: found.append((str(getattr(press.key, "value", press.key)), press.data))).feed(sent)
    assert keys(sent) == found
