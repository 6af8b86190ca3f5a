"""A few letters stand for a name, and a letter somewhere in it does not."""

import pytest

from epicshell.fuzzy import BEGINS, LETTERS, STARTS, best, rank

FLAGS = ["--no-support", "--support", "--upcoming", "--sort", "--no-event", "--notes"]


@pytest.mark.parametrize(
    ("typed", "name", "how"),
    [
        ("", "events", BEGINS),
        ("ev", "events filter", BEGINS),
        ("EV", "events", BEGINS),
        ("alienor", "Aliénor", BEGINS),
        ("evf", "events filter", STARTS),
        ("--nosup", "--no-support", STARTS),
        ("--ns", "--no-support", STARTS),
        ("sup", "no-support", STARTS),
        ("flt", "filter", LETTERS),
        ("vent", "contracts void-payment", None),
        ("clnt", "clients", LETTERS),
        ("e", "clients", None),
        ("vents", "events", None),
        ("evx", "events", None),
        ("tl", "filter", None),
    ],
)
def test_letters_stand_for_a_name_in_their_order_from_the_start_of_a_part(
    typed: str, name: str, how: int | None
) -> None:
    assert rank(typed, name) == how


def test_where_a_name_begins_so_nothing_else_is_meant() -> None:
    assert best("--no", FLAGS, str) == ["--no-support", "--no-event", "--notes"]
    assert best("--s", FLAGS, str) == ["--support", "--sort"]


def test_starts_of_parts_are_better_than_letters_in_between() -> None:
    assert best("ns", FLAGS, str) == ["--no-support"]
    assert best("upc", FLAGS, str) == ["--upcoming"]
    assert best("zz", FLAGS, str) == []
