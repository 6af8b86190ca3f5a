"""What is wrong with an expression, drawn under it."""

import pytest

from epicshell.errors import Invalid
from epicshell.filters.where.picture import COLUMNS, drawn
from epicshell.text import display, width


def wrong(text: str, start: int, end: int) -> str:
    error = Invalid("Wrong.")
    error.span = (start, end)
    return drawn(text, error).picture


def test_carets_stand_under_the_place() -> None:
    assert wrong("locaton ~ paris", 0, 7) == "  locaton ~ paris\n  ^^^^^^^"


@pytest.mark.parametrize("sign", ["x", "東", "é", "e\u0301", "👩\u200d💻", "\x1b", "\ud800", "\u202e"])
@pytest.mark.parametrize("before", range(0, 100, 7))
def test_a_long_expression_is_cut_around_the_place_whatever_its_letters(sign: str, before: int) -> None:
    text = sign * before + "WRONG" + sign * 90
    shown, carets = wrong(text, before * len(sign), before * len(sign) + 5).split("\n")
    place = shown.index("WRONG")
    assert width(shown[:place]) == carets.index("^")
    assert carets.count("^") == 5
    assert width(shown) <= COLUMNS + 2
    assert display(shown) == shown
