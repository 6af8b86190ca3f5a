"""The bar: what it says, when it shows, and that it goes before anything else is written."""

import io

import pytest

from epicshell.commands.progress import _Drawn, _Erasing, draw


@pytest.mark.parametrize(
    ("done", "seconds", "columns", "ascii", "expected"),
    [
        (1234, 1.45, 80, False, "[███████▍                      ] 1 234/5 000 · 851/s · 4 s left"),
        (1234, 1.45, 80, True, "[#######                       ] 1 234/5 000, 851/s, 4 s left"),
        (5000, 10, 60, False, "[██████████████████████████] 5 000/5 000 · 500/s · 1 s left"),
        (2, 1, 60, False, "[                           ] 2/5 000 · 2.0/s · 42 min left"),
        (2, 60, 60, False, "[                           ] 2/5 000 · 2.0/min · 42 h left"),
        (1234, 1.45, 34, False, "1 234/5 000 · 851/s · 4 s left"),
        (1234, 1.45, 12, False, "1 234/5 00…"),
        (0, 0, 30, False, "[                   ] 0/5 000"),
    ],
)
def test_bar_says_how_far_how_fast_and_how_long(
    done: int, seconds: float, columns: int, ascii: bool, expected: str
) -> None:
    drawn = draw(done, 5000, seconds, columns, ascii=ascii)
    assert drawn == expected
    assert len(drawn) < columns


def test_bar_of_rows_that_nobody_counted_says_how_many_and_how_fast() -> None:
    assert draw(12_000, None, 2, 80) == "12 000 rows · 6 000/s"
    assert draw(12_000, None, 2, 80, ascii=True) == "12 000 rows, 6 000/s"
    assert draw(12_000, None, 2, 12) == "12 000 row…"


class Stream(io.StringIO):
    encoding = "utf-8"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_bar_shows_after_a_moment_and_ten_times_a_second_at_most() -> None:
    stream, clock = Stream(), Clock()
    bar = _Drawn(stream, 1000, clock)
    for _ in range(100):
        clock.now += 0.02
        bar.advance()
    assert stream.getvalue().count("/1 000") in (15, 16)
    bar.erase()
    assert stream.getvalue().endswith("\r\x1b[K")
    length = len(stream.getvalue())
    bar.erase()
    assert len(stream.getvalue()) == length


def test_quick_script_shows_none() -> None:
    stream, clock = Stream(), Clock()
    bar = _Drawn(stream, 3, clock)
    for _ in range(3):
        clock.now += 0.1
        bar.advance()
    assert stream.getvalue() == ""


def test_bar_goes_before_other_output() -> None:
    stream, clock = Stream(), Clock()
    bar = _Drawn(stream, 1000, clock)
    clock.now = 1
    bar.advance()
    out = _Erasing(stream, bar)
    out.write("a record\n")
    assert stream.getvalue().endswith("\r\x1b[Ka record\n")


def test_stream_that_can_not_write_blocks_gets_plain_signs() -> None:
    stream, clock = Stream(), Clock()
    stream.encoding = "ascii"  # type: ignore[misc]
    bar = _Drawn(stream, 1000, clock)
    clock.now = 1
    bar.advance()
    assert stream.getvalue().isascii()
