"""What is typed while nobody reads is kept, unseen, and gets to the prompt only."""

import os
import signal
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from prompt_toolkit.input.typeahead import get_typeahead
from prompt_toolkit.input.vt100 import Vt100Input
from prompt_toolkit.keys import Keys

from epicshell.shell.arrivals import BEGIN, END
from epicshell.shell.keyboard import Keyboard

PATIENCE = 20
PASTE = Keys.BracketedPaste


class Desk:
    """A terminal whose other end the test holds, and a keyboard on it."""

    def __init__(self) -> None:
        self.terminal, self.end = os.openpty()
        self.found = termios.tcgetattr(self.end)
        self.keyboard = Keyboard(self.end, self.end)
        self.input = Vt100Input(open(self.end, encoding="utf-8", closefd=False))  # noqa: SIM115
        self.keyboard.attach(self.input)

    def type(self, *pieces: bytes) -> None:
        """Send pieces, each once the one before was read ahead."""
        for piece in pieces:
            size = self._read_ahead() + len(piece)
            sender = threading.Thread(target=os.write, args=(self.terminal, piece), daemon=True)
            sender.start()
            self._arrived(size)
            sender.join()

    def until(self, there: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not there():
            assert time.monotonic() < deadline
            time.sleep(0.001)

    def _arrived(self, size: int) -> None:
        self.until(lambda: self._read_ahead() >= size)

    def _read_ahead(self) -> int:
        return sum(map(len, self.keyboard._arrived))

    def at_the_prompt(self) -> list[tuple[object, str]]:
        """The keys that the prompt gets."""
        with self.keyboard.reading():
            return [(key.key, key.data) for key in get_typeahead(self.input)]

    def echoed(self) -> bytes:
        """What the terminal shows so far, but for the marks of the mode."""
        os.set_blocking(self.terminal, False)
        try:
            shown = os.read(self.terminal, 1 << 16)
        except BlockingIOError:
            shown = b""
        finally:
            os.set_blocking(self.terminal, True)
        return shown.replace(b"\x1b[?2004h", b"").replace(b"\x1b[?2004l", b"")


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("TERM", "xterm")
    desk = Desk()
    desk.keyboard.open(signals=True)
    yield desk
    desk.keyboard.close()
    os.close(desk.terminal)
    os.close(desk.end)


def text(keys: list[tuple[object, str]]) -> str:
    return "".join(data for _, data in keys)


def test_lines_that_are_typed_ahead_come_as_typed_and_are_not_echoed(desk: Desk) -> None:
    desk.type(*[bytes([key]) for key in b"whoami\rexit\r"])
    assert desk.echoed() == b""
    keys = desk.at_the_prompt()
    assert text(keys) == "whoami\rexit\r"
    assert PASTE not in [key for key, _ in keys]
    assert desk.at_the_prompt() == []


def test_a_paste_that_comes_meanwhile_is_whole_whatever_its_size(desk: Desk) -> None:
    lines = "".join(f"clients show {number}\r" for number in range(50_000))
    desk.type(BEGIN + lines.encode() + END)
    assert desk.at_the_prompt() == [(PASTE, lines)]
    assert desk.echoed() == b""


def test_a_paste_without_marks_is_a_paste_here_too(desk: Desk) -> None:
    desk.type(b"w", b"whoami\rexit\r")
    assert desk.at_the_prompt() == [("w", "w"), (PASTE, "whoami\rexit\r")]


def test_a_question_gets_nothing_of_what_was_typed_before_it(desk: Desk) -> None:
    desk.type(b"y", b"\r")
    with desk.keyboard.asking():
        assert get_typeahead(desk.input) == []
    assert text(desk.at_the_prompt()) == "y\r"


def test_the_next_value_gets_what_was_typed_since_the_last_but_no_paste(desk: Desk) -> None:
    desk.type(b"x")
    with desk.keyboard.asking(goes_on=True):
        assert get_typeahead(desk.input) == []
    desk.type(b"y", BEGIN + b"a\rb" + END)
    with desk.keyboard.asking(goes_on=True):
        assert [key.data for key in get_typeahead(desk.input)] == ["y"]
    assert desk.at_the_prompt() == [("x", "x"), (PASTE, "a\rb")]


def test_getpass_finds_the_terminal_as_it_was_and_no_key_that_was_typed_before(desk: Desk) -> None:
    desk.type(b"y", b"\r", BEGIN + b"a\rb" + END)
    with desk.keyboard.lent():
        assert termios.tcgetattr(desk.end) == desk.found
        os.write(desk.terminal, b"secret\nrest\n")
        assert os.read(desk.end, 100) == b"secret\n"
    assert desk.at_the_prompt() == [(PASTE, "a\rb")]  # a password that was begun too early is shown to nobody


def test_ctrl_c_drops_what_was_typed_ahead_but_no_paste(desk: Desk) -> None:
    desk.type(b"x", BEGIN + b"a\rb" + END, b"y")
    desk.keyboard.interrupted()
    assert desk.at_the_prompt() == [(PASTE, "a\rb")]


def test_the_terminal_is_given_back_as_it_was_found(desk: Desk) -> None:
    assert termios.tcgetattr(desk.end) != desk.found
    assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    desk.keyboard.close()
    desk.keyboard.close()
    assert termios.tcgetattr(desk.end) == desk.found
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("term", ["dumb", ""])
def test_a_dumb_terminal_and_what_is_no_terminal_are_left_alone(monkeypatch: pytest.MonkeyPatch, term: str) -> None:
    monkeypatch.setenv("TERM", term or "xterm")
    terminal, end = os.openpty()
    receiver, sender = os.pipe()
    keyboard = Keyboard(end if term else receiver, sender)
    found = termios.tcgetattr(end)
    keyboard.open(signals=True)
    with keyboard.reading(), keyboard.asking(), keyboard.lent():
        assert termios.tcgetattr(end) == found
    keyboard.interrupted()
    keyboard.close()
    assert "keyboard" not in [thread.name for thread in threading.enumerate()]
    for descriptor in (terminal, end, receiver, sender):
        os.close(descriptor)


def test_the_module_costs_a_start_nothing() -> None:
    """It is imported before the first prompt is painted."""
    import subprocess

    program = "import sys, epicshell.shell.keyboard; print('prompt_toolkit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout == b"False\n"
