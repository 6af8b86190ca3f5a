"""The pager: its keys, what it draws, and what it leaves behind; without a terminal."""

from collections.abc import Iterator
from io import StringIO

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from epicshell.errors import SessionEnded
from epicshell.shell.fullscreen import show
from epicshell.shell.keyboard import Keyboard
from epicshell.shell.pager import KEYS, Browser, ShellPager
from epicshell.shell.view import Fragments, View


def browser(lines: int = 100, columns: int = 40, rows: int = 11) -> Browser:
    made = Browser(View(f"line {number}" for number in range(lines)))
    made.rows(columns, rows)
    return made


def press(browser: Browser, *keys: str) -> None:
    for key in keys:
        assert not browser.key(key, key)
        while browser.step():
            pass


@pytest.mark.parametrize(
    ("keys", "top"),
    [
        (["j", "down", "c-m"], 3),
        (["j", "j", "k", "up"], 0),
        ([" ", "pagedown"], 18),
        ([" ", " ", "b"], 9),
        (["G"], 90),
        (["end", "g"], 0),
        (["end", "pageup", "home"], 0),
        (["d", "u", "d"], 4),
        (["x", "f1", "c-x"], 0),
        (["/", "9", "9", "c-m"], 90),
        (["/", "5", "0", "c-m", "?", "3", "9", "c-m"], 36),
        (["/", "9", "backspace", "7", "7", "c-m"], 74),
        (["/", "7", "escape", "j"], 1),
        (["/", "backspace", "j"], 1),
        (["/", "7", "7", "c-m", "g", "/", "c-m"], 74),
    ],
)
def test_keys_move(keys: list[str], top: int) -> None:
    made = browser()
    press(made, *keys)
    assert made.view.top == top


@pytest.mark.parametrize("key", ["q", "Q", "escape", "c-c"])
def test_it_is_left_with_one_key(key: str) -> None:
    assert browser().key(key, key)


def test_a_key_stops_what_takes_long_and_the_next_one_leaves() -> None:
    made = browser(200_000)
    made.key("G", "G")
    assert not made.key("q", "q")
    assert made.view.top == 0
    assert made.key("q", "q")


def test_a_search_is_shown_as_it_is_typed_and_a_paste_goes_into_it() -> None:
    made = browser()
    press(made, "/", "z", "o")
    assert made.rows(40, 11)[-1] == [("status", "/zo")]
    made.key("<bracketed-paste>", "é\n\x1b[31m")
    assert made.rows(40, 11)[-1] == [("status", "/zoé[31m")]
    press(made, *"wxyz" * 20)
    assert len(made.rows(40, 11)[-1][0][1]) <= 40
    press(made, "c-m")
    assert "is not found below." in made.rows(400, 11)[-1][0][1]


def test_the_status_line_fits_any_screen() -> None:
    made = Browser(View("text" for _ in range(100)), "last --sort FIELD shows it otherwise")
    assert made.rows(200, 11)[-1][0][1].endswith(f"{KEYS} · last --sort FIELD shows it otherwise")
    assert made.rows(20, 5)[-1] == [("status", "lines 1–4 of 100 · …")] or len(made.rows(20, 5)[-1][0][1]) <= 20
    assert len(made.rows(20, 5)) == 5


class Drawn:
    """A terminal of a size, and the bytes that were written to it."""

    def __init__(self, keys: PipeInput) -> None:
        self.keys = keys
        self.out = StringIO()
        self.size = Size(rows=8, columns=30)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[Drawn]:
    monkeypatch.setenv("TERM", "xterm")
    with create_pipe_input() as keys:
        made = Drawn(keys)
        made.out.fileno = lambda: 1  # type: ignore[method-assign]
        with create_app_session(input=keys, output=Vt100_Output(made.out, lambda: made.size, term="xterm")):
            yield made


def test_only_rows_that_changed_are_written_again(drawn: Drawn) -> None:
    class Typed(Browser):
        """Somebody who leaves once the match is marked."""

        def rows(self, columns: int, lines: int) -> list[Fragments]:
            rows = super().rows(columns, lines)
            if ("match", "four") in rows[2]:
                drawn.keys.send_text("q")
            return rows

    drawn.keys.send_text("/four\r")
    show(Typed(View(["one", "two", "three four", "five"])), "auto")
    written = drawn.out.getvalue()
    assert written.count("one") == written.count("two") == written.count("five") == 1
    assert written.count("three ") in (1, 2)  # once more if the match was marked after the first picture
    assert "\x1b[30;43mfour\x1b[0m" in written


def test_the_screen_is_given_back_as_it_was(drawn: Drawn) -> None:
    drawn.keys.send_text("q")
    show(Browser(View(["one"])), "off")
    written = drawn.out.getvalue()
    assert written.index("\x1b[?1049h") < written.index("one") < written.index("\x1b[?1049l")
    assert written.count("\x1b[?25l") <= written.count("\x1b[?25h") + written.count("\x1b[?12l\x1b[?25h")


def test_a_terminal_that_is_gone_ends_it(drawn: Drawn) -> None:
    drawn.keys.close()
    show(Browser(View(["one"])), "auto")


@pytest.mark.parametrize("keys", ["", "     ", "G", "/x\r"])
def test_a_stream_that_breaks_gives_the_screen_back_and_is_told(drawn: Drawn, keys: str) -> None:
    def lines() -> Iterator[str]:
        yield from ("line" for _ in range(20))
        raise SessionEnded("It is over.")

    drawn.keys.send_text(keys)
    with pytest.raises(SessionEnded):
        show(Browser(View(lines())), "auto")
    assert drawn.out.getvalue().endswith("\x1b[?1049l")


def test_what_was_in_view_is_left_behind(drawn: Drawn) -> None:
    drawn.keys.send_text("jq")
    out = StringIO()
    lines = ["id  name", "──  ────", *(f"{number:>2}  {'日本' * 20}" for number in range(30))]
    ShellPager(out, lambda: "off", Keyboard()).show(iter(lines), pinned=2, hint="")
    left = out.getvalue().splitlines()
    assert left[:3] == ["id  name", "──  ────", " 1  日本日本日本日本日本日本日"]
    assert len(left) == 7


def test_it_is_for_what_does_not_fit_above_the_next_prompt(drawn: Drawn) -> None:
    assert ShellPager(StringIO(), lambda: "off", Keyboard()).room() == (30, 6)
