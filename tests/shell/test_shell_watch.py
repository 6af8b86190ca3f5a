"""Watching on a screen: what changed is drawn, keys are answered, errors are shown, the last picture stays."""

from collections.abc import Callable, Iterator
from io import StringIO
from threading import Event

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from epicshell.errors import EpicError, NotAllowed, NotFound, SessionEnded, Unavailable
from epicshell.session.terminal import Watched
from epicshell.shell.watch import watch


class Looker:
    """Gives one picture after the other; at the last one, somebody presses q."""

    def __init__(self, keys: PipeInput, *pictures: str | Exception) -> None:
        self.keys = keys
        self.pictures = list(pictures)
        self.closed = Event()
        self.left: list[str] = []

    def look(self) -> str:
        picture = self.pictures.pop(0) if len(self.pictures) > 1 else self.pictures[0]
        if isinstance(picture, Exception):
            raise picture
        return picture

    def run(self, until: Callable[[], bool]) -> None:
        """Watch until something is drawn."""

        def clock() -> str:
            if until():
                self.keys.send_text("q")
            return "12:00"

        watched = Watched("events list", 0.01, self.look, self.closed.set, clock)
        watch(watched, "off", lambda view, heading: self.left.extend([heading, *view.visible]))


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Iterator[PipeInput]:
    monkeypatch.setenv("TERM", "xterm")
    with create_pipe_input() as keys:
        yield keys


@pytest.fixture
def out(keys: PipeInput) -> Iterator[StringIO]:
    out = StringIO()
    out.fileno = lambda: 1  # type: ignore[method-assign]
    with create_app_session(input=keys, output=Vt100_Output(out, lambda: Size(rows=10, columns=60), term="xterm")):
        yield out


def test_only_lines_that_changed_are_written_again(keys: PipeInput, out: StringIO) -> None:
    looker = Looker(keys, *["head\nfirst\nsecond 1\nthird\n"] * 3, "head\nfirst\nsecond 2\nthird\n")
    looker.run(lambda: "\x1b[7m2" in out.getvalue())
    written = out.getvalue()
    assert [written.count(text) for text in ("head", "first", "third", "second ")] == [
        1,
        1,
        1,
        written.count("second "),
    ]
    assert written.count("second ") <= 3  # as it was, as it is and marked, and without the mark
    assert looker.left == ["12:00 · every 0.01 s · events list", "head", "first", "second 2", "third"]
    assert looker.closed.wait(20)


def test_a_lost_connection_is_told_and_tried_again(keys: PipeInput, out: StringIO) -> None:
    looker = Looker(keys, "one\n", *[Unavailable("The database is away.")] * 3, "two\n")
    looker.run(lambda: "two" in out.getvalue())
    assert "The database is away." in out.getvalue()
    assert looker.left[1:] == ["two"]


def test_a_database_that_is_away_from_the_start_is_waited_for(keys: PipeInput, out: StringIO) -> None:
    looker = Looker(keys, Unavailable("The database is away."), "one\n")
    looker.run(lambda: "one" in out.getvalue())
    assert looker.left[1:] == ["one"]


def test_a_record_that_is_gone_leaves_its_last_picture_and_the_reason(keys: PipeInput, out: StringIO) -> None:
    looker = Looker(keys, "one\n", NotFound("There is no event 5."))
    looker.run(lambda: "There is no event 5." in out.getvalue())
    assert looker.left[1:] == ["one"]


@pytest.mark.parametrize(
    "pictures",
    [
        ("one\n", SessionEnded("It is over.")),
        ("one\n", NotAllowed("No longer yours.")),
        ("one\n", ZeroDivisionError()),
        (NotFound("There is no event 5."),),
        (SessionEnded("It is over."),),
    ],
)
def test_what_can_not_go_on_ends_it(keys: PipeInput, out: StringIO, pictures: tuple[str | Exception, ...]) -> None:
    looker = Looker(keys, *pictures)
    with pytest.raises((EpicError, ZeroDivisionError)):
        looker.run(lambda: False)
    over = isinstance(pictures[-1], SessionEnded)  # whose session is over leaves nothing on the screen
    assert looker.left[1:] == [picture.strip() for picture in pictures if isinstance(picture, str) and not over]
    assert looker.closed.wait(20)
    assert out.getvalue().endswith("\x1b[?1049l")


def test_keys_are_answered_while_the_database_takes_its_time(keys: PipeInput, out: StringIO) -> None:
    answered = Event()
    watched = Watched("events list", 1, lambda: "late" if answered.wait(20) else "", lambda: None, lambda: "12:00")
    keys.send_text("q")
    watch(watched, "off", lambda view, heading: None)
    answered.set()
