"""The view of the pager: moving, sideways, searching; as a model, without a terminal."""

from collections.abc import Iterator
from itertools import count, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicshell.shell.view import View, changes, difference, places, window
from epicshell.text import display, prefix, width


def numbered(lines: int, *, columns: int = 20, height: int = 5, pinned: int = 0) -> View:
    view = View((f"line {number}" for number in range(lines)), pinned=pinned)
    view.size(columns, height)
    return view


def texts(view: View) -> list[str]:
    return ["".join(text for _, text in row) for row in view.rows()]


def work(view: View) -> None:
    while view.step():
        pass


def test_the_first_lines_are_shown_and_no_more_pulled_than_needed() -> None:
    pulled = []
    view = View(f"{number}" for number in count() if not pulled.append(number))  # without an end
    view.size(20, 5)
    assert texts(view) == ["0", "1", "2", "3", "4"]
    assert len(pulled) < 10


def test_moving_stops_at_both_ends() -> None:
    view = numbered(12)
    for by, top in ((1, 1), (-5, 0), (4, 4), (100, 7), (-2, 5)):
        view.move(by)
        assert view.top == top
    view.page(1)
    assert view.top == 7
    view.page(-1)
    assert view.top == 3


def test_the_end_of_a_long_stream_is_reached_in_steps_that_can_be_stopped() -> None:
    view = numbered(25_000)
    view.end()
    view.step()
    view.job = None
    assert view.top == 0
    view.end()
    work(view)
    assert (view.top, view.whole) == (24_995, True)
    assert view.place == "lines 24996–25000 of 25000 · 100%"


def test_where_one_is_is_told() -> None:
    view = numbered(53)
    assert view.place == "lines 1–5 of 6+"
    work(view)  # nobody presses a key meanwhile
    assert view.place == "lines 1–5 of 53 · 9%"
    assert numbered(0).place == "nothing"
    assert numbered(2).place == "lines 1–2 of 2 · 100%"


def test_an_endless_stream_is_pulled_ahead_only_so_far() -> None:
    view = View(map(str, count()))
    view.size(20, 5)
    work(view)
    assert len(view) <= 11_000


def test_the_header_stays_on_top() -> None:
    view = numbered(12, pinned=2)
    view.move(4)
    assert texts(view) == ["line 0", "line 1", "line 6", "line 7", "line 8"]
    assert view.place.startswith("lines 5–7")


def test_sideways_goes_to_the_end_of_the_widest_line_in_view() -> None:
    view = View(["head", "0123456789" * 5, "short"], pinned=1)
    view.size(20, 3)
    view.sideways(1)
    assert texts(view) == ["", "56789012345678901234", ""]
    for _ in range(20):
        view.sideways(1)
    assert texts(view)[1] == "01234567890123456789"
    assert view.left == 30
    view.sideways(-100)
    assert view.left == 0


def test_a_smaller_and_a_larger_screen() -> None:
    view = numbered(12)
    view.move(100)
    view.size(3, 2)
    assert texts(view) == ["lin", "lin"]
    view.size(20, 30)
    assert texts(view)[:12] == [f"line {number}" for number in range(12)]
    assert len(texts(view)) == 30


@pytest.mark.parametrize(
    ("line", "left", "columns", "seen"),
    [
        ("abcdef", 2, 3, "cde"),
        ("abcdef", 9, 3, ""),
        ("日本語", 0, 6, "日本語"),
        ("日本語", 1, 5, " 本語"),
        ("日本語", 1, 4, " 本"),
        ("日本語", 2, 3, "本"),
        ("日本語", 5, 6, " "),
        ("日本語", 1, 1, " "),
        ("ae\u0301b", 1, 2, "e\u0301b"),
        ("a👩‍🚀b", 2, 2, " b"),
    ],
)
def test_half_of_a_wide_character_is_a_space(line: str, left: int, columns: int, seen: str) -> None:
    spaces, start, end = window(line, left, columns)
    assert " " * spaces + line[start:end] == seen


@given(st.text("ab日e\u0301👩\u200d🚀 ", max_size=12), st.integers(0, 20), st.integers(1, 10))
def test_no_part_of_a_line_is_wider_than_the_screen(line: str, left: int, columns: int) -> None:
    line = display(line)
    spaces, start, end = window(line, left, columns)
    assert width(" " * spaces + line[start:end]) <= columns
    assert window(line, 0, 100)[1:] == (0, len(prefix(line, 100)))


def test_search_ignores_accents_and_case_and_marks_what_it_finds() -> None:
    view = View(["one", "Zoé MÜLLER", "straße", "zoe"])
    view.size(20, 2)
    view.search("zoE m")
    work(view)
    assert (view.found, view.message) == (1, "")
    assert ("match", "Zoé M") in view.rows()[1 - view.top]
    view.search("STRASSE")
    work(view)
    assert view.found == 2


def test_the_next_and_the_one_before() -> None:
    view = numbered(300)
    view.search("7")
    found = []
    for _ in range(4):
        work(view)
        found.append(view.found)
        view.again()
    assert found == [7, 17, 27, 37]
    work(view)
    view.again(backwards=True)
    work(view)
    assert view.found == 37
    view.begin()
    view.again(backwards=True)
    work(view)
    assert view.message == '"7" is not found above.'


def test_what_is_not_there_is_told_and_nothing_moves() -> None:
    view = numbered(5000)
    view.move(10)
    view.search("nowhere")
    work(view)
    assert (view.message, view.top) == ('"nowhere" is not found below.', 10)
    view.search("line 3", backwards=True)
    work(view)
    assert view.found == 3


def test_a_place_far_to_the_right_is_brought_into_view() -> None:
    view = View(["x" * 200 + "needle" + "y" * 50, "needle"])
    view.size(20, 2)
    view.search("needle")
    work(view)
    assert ("match", "needle") in view.rows()[0]
    view.again()
    work(view)
    assert (view.found, view.left) == (1, 0)


@given(st.text("aéÉßøæ日x ", max_size=10), st.text("aeso日x", min_size=1, max_size=3))
def test_places_are_whole_characters_of_the_line(line: str, pattern: str) -> None:
    before = 0
    for start, end in places(line, pattern):
        assert before <= start < end <= len(line)
        before = start


def test_stored_text_never_drives_the_terminal() -> None:
    view = View(["\x1b[31mred\x07", "a\tb", "\u202etxt"])
    view.size(40, 3)
    assert texts(view) == ["\\x1b[31mred\\x07", "a       b", "\\u202etxt"]


def test_other_lines_are_marked_where_they_differ() -> None:
    view = View([])
    view.size(40, 4)
    view.replace(["a", "b 1 c", "d"])
    assert view.marks == {}
    view.replace(["a", "b 22 c", "d", "new"])
    assert view.marks == {1: (2, 4), 3: (0, 3)}
    assert view.rows()[1] == [("", "b "), ("changed", "22"), ("", " c")]
    view.replace(["a", "b 22 c", "d", "new"])
    assert view.marks == {}


def test_a_line_that_was_put_in_between_is_the_only_one_marked() -> None:
    before = [f"{number} row" for number in range(50)]
    assert dict(changes(before, [*before[:10], "new", *before[10:]])) == {10: (0, 3)}
    assert dict(changes(before, before[5:])) == {}


@given(st.text("ab", max_size=6), st.text("ab", max_size=6))
def test_a_difference_is_what_is_left_without_common_ends(old: str, new: str) -> None:
    start, end = difference(old, new)
    assert 0 <= start <= end <= len(new)
    assert old.startswith(new[:start])
    assert old.endswith(new[end:])


def test_ten_thousand_rows_open_at_once_and_each_key_costs_the_same() -> None:
    made = 0

    def lines() -> Iterator[str]:
        nonlocal made
        for number in islice(count(), 10_000):
            made += 1
            yield f"{number}"

    view = View(lines())
    view.size(80, 24)
    assert made < 50
    for _ in range(10):
        view.page(1)
        view.rows()
    assert made < 300
