"""Several lines that arrive at once were pasted, whatever the terminal says; keys one after the other were typed."""

import os
import time
from collections.abc import Callable, Iterator
from threading import Thread

import pytest

from epicshell.shell.arrivals import BEGIN, END, Arrivals

Feed = Callable[..., bytes]


@pytest.fixture
def feed() -> Iterator[Feed]:
    """What is read of pieces that are sent, each as soon as the one before it was taken."""
    receiver, sender = os.pipe()
    arrivals = Arrivals(receiver)

    def feed(*pieces: bytes) -> bytes:
        found = []
        for piece in pieces:
            os.write(sender, piece)
            found.append(arrivals.read())
        return b"".join(found)

    yield feed
    os.close(sender)
    os.close(receiver)


@pytest.mark.parametrize(
    "typed", [b"w", b"\r", b"\x1b", b"\x1b[A", b"\x1b[A\r", b"\x03", b"whoami\r", b"whoami\r\n", b"\r\r", "é".encode()]
)
def test_what_can_have_been_typed_stays_as_it_is(feed: Feed, typed: bytes) -> None:
    assert feed(typed) == typed


def test_keys_that_arrive_one_by_one_are_never_a_paste(feed: Feed) -> None:
    keys = [bytes([key]) for key in b"whoami\rexit\r"]
    assert feed(*keys) == b"whoami\rexit\r"


@pytest.mark.parametrize("pasted", [b"whoami\rexit\r", b"whoami\nexit", b"a\r\nb\r\n", b"\rwhoami"])
def test_lines_that_arrive_at_once_are_a_paste(feed: Feed, pasted: bytes) -> None:
    assert feed(pasted) == BEGIN + pasted + END


def test_what_the_terminal_answers_is_no_part_of_a_paste_that_comes_with_it(feed: Feed) -> None:
    assert feed(b"\x1b[7;1Ra\rb\r") == b"\x1b[7;1R" + BEGIN + b"a\rb\r" + END


def test_a_paste_without_marks_goes_on_until_nothing_comes() -> None:
    receiver, sender = os.pipe()
    pieces = [b"whoami\r", b"whoami\r", b"exit\r"]

    def send() -> None:
        for piece in pieces:
            os.write(sender, piece)
            time.sleep(0.002)

    thread = Thread(target=send)
    os.write(sender, b"a\rb\r")
    thread.start()
    read = Arrivals(receiver).read()
    thread.join()
    assert read.startswith(BEGIN + b"a\rb\r")
    assert read.endswith(END)
    assert read.count(END) == 1
    os.close(sender)
    os.close(receiver)


def test_a_marked_paste_stays_as_it_is_even_if_its_marks_are_torn(feed: Feed) -> None:
    pasted = BEGIN + b"a\rb\r" + END + b"x" + BEGIN + b"c" + END
    assert feed(pasted) == pasted
    for place in range(1, len(pasted)):
        assert feed(pasted[:place], pasted[place:]) == pasted
    assert feed(*[bytes([one]) for one in BEGIN + b"a" + END + b"x"]) == BEGIN + b"a" + END + b"x"
    assert feed(b"a\rb") == BEGIN + b"a\rb" + END  # it knows that it is outside


def test_text_behind_a_paste_can_not_press_enter(feed: Feed) -> None:
    """A paste that holds the end mark would otherwise type what follows it."""
    assert feed(BEGIN + b"a" + END + b"exit\r") == BEGIN + b"a" + END + BEGIN + b"exit\r" + END
    assert feed(b"x\ry\r" + END + b"exit\r") == BEGIN + b"x\ry\rexit\r" + END


@pytest.mark.parametrize("forged", [b"\x15whoami\r", b"\r", b"y\r", b"\x04", b"\x0f", b"\x1b\r"])
def test_keys_in_a_paste_that_holds_the_end_mark_are_pressed_by_nobody(
    feed: Feed, forged: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However the terminal cuts it into pieces; the paste's own end mark, by then alone, says nothing either."""
    monkeypatch.setattr("epicshell.shell.arrivals.SILENCE", 0.001)
    pasted = BEGIN + b"x" + END + forged + END
    for place in range(1, len(pasted)):
        fed = feed(pasted[:place], pasted[place:])
        outside = b"".join(part.partition(END)[2] for part in fed.split(BEGIN)[1:])
        assert not set(outside) & set(b"\r\x04\x0f\x15"), (place, fed)
        assert END not in outside


def test_ctrl_c_ends_a_paste_whose_end_got_lost(feed: Feed) -> None:
    assert feed(BEGIN + b"a\rb\r", b"\x03", b"whoami\r") == BEGIN + b"a\rb\r" + END + b"whoami\r"


def test_a_terminal_that_is_gone_is_closed(feed: Feed) -> None:
    receiver, sender = os.pipe()
    arrivals = Arrivals(receiver)
    os.close(sender)
    assert arrivals.read() == b""
    assert arrivals.closed
    os.close(receiver)
