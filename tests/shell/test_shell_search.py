"""Ctrl-R: a few letters of some words find the lines that were typed before."""

import pytest

from epicshell.shell.search import MOST, Past

LINES = [
    "contracts pay 12 500 --on today",
    "clients filter --company Dupont",
    "events show 109",
    "contracts pay 9 100",
    "events show 109",
    "clients create --full-name Aliénor --company Nova",
]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", [LINES[5], LINES[4], LINES[3], LINES[1], LINES[0]]),
        ("pay con", [LINES[3], LINES[0]]),
        ("12 pay", [LINES[0]]),
        ("DUP", [LINES[1]]),
        ("alienor", [LINES[5]]),
        ("cntr", [LINES[3], LINES[0]]),
        ("shw 109", [LINES[4]]),
        ("nowhere", []),
        ("* (", []),
    ],
)
def test_every_typed_word_is_in_the_line_the_newest_first_each_once(typed: str, found: list[str]) -> None:
    assert Past(LINES).matches(typed) == found


def test_the_words_as_typed_come_before_their_letters() -> None:
    past = Past(["events show 1", "events s-how-o 2"])
    assert past.matches("show") == ["events show 1", "events s-how-o 2"]


def test_letters_that_are_words_apart_find_nothing() -> None:
    assert Past(["pay 1 a y"]).matches("pyay") == []


def test_of_ten_thousand_lines_some_are_found() -> None:
    past = Past([f"events show {number}" for number in range(10_000)])
    assert len(past.matches("ev sh")) == MOST
    assert past.matches("show 77", 1) == ["events show 9977"]
