"""Bars and strips: how long they are, in which signs, and that exact formats know nothing of them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicshell.render.bars import bar, filled, legend, strip
from epicshell.render.screen import Signs
from epicshell.results import Column, Format, Kind, Listing

ASCII = Signs(unknown="-", cut="~", rule="-", newline=" ", between=", ", fills="#-=", eighths="", days=".:#")
COLUMNS = [
    Column("month"),
    Column("due", Kind.MONEY),
    Column("paid, due", Kind.BAR),
    Column("SM", Kind.STRIP),
    Column("who", Kind.LINE),
    Column("command", Kind.COMMAND),
]
ROWS = [
    (
        "2026-03",
        1_200_000,
        (0.5, 0.5),
        ":#",
        "bill, eve",
        'contracts filter where signed_at = 2026-03 and sales = "and"',
    ),
    ("2026-04", 0, (0.0, 0.0), ".!", None, None),
]


def report(rows=ROWS, footer="2 months · 1 due\ndue 12 000.00 EUR"):
    return Listing(COLUMNS, rows, lambda _: footer)


def test_one_figure_is_drawn_to_an_eighth_of_a_column():
    assert [bar((part,), 4, Signs()) for part in (0, 0.001, 0.25, 0.5625, 1)] == ["", "▏", "█", "██▎", "████"]
    assert [bar((part,), 4, ASCII) for part in (0, 0.001, 0.25, 0.5625, 1)] == ["", "#", "#", "##", "####"]


def test_several_figures_have_a_fill_each():
    assert bar((0.5, 0.25), 8, Signs()) == "████░░"
    assert bar((0.5, 0.25, 0.25), 8, ASCII) == "####--=="
    assert bar((0.0, 0.001), 8, Signs()) == "░"


@given(st.lists(st.lists(st.integers(0, 10**15), min_size=2, max_size=3), max_size=5), st.integers(6, 40))
def test_no_bar_is_longer_than_its_room_and_the_longest_takes_it(figures, columns):
    widths = [len(bar(parts, columns, Signs())) for parts in filled([row[:2] for row in figures])]
    assert all(width <= columns for width in widths)
    if any(sum(row[:2]) for row in figures):
        assert max(widths) == columns


def test_heading_says_what_the_fills_are():
    assert (legend("paid, due", Signs()), legend("paid, due", ASCII)) == ("█ paid  ░ due", "# paid  - due")
    assert legend("events", Signs()) == "events"


def test_strip_has_a_sign_for_each_letter():
    assert (strip(".:#!", Signs()), strip(".:#!", ASCII)) == ("·░█!", ".:#!")


def test_table_draws_and_has_each_command_below_its_row(written):
    assert written(report(), Format.TABLE, width=60).splitlines() == [
        "month          due  SM  █ paid  ░ due",
        "───────  ─────────  ──  ────────────────────────────────────",
        "2026-03  12 000.00  ░█  ██████████████████░░░░░░░░░░░░░░░░░░",
        "    who: bill, eve",
        "    contracts filter where signed_at = 2026-03 and sales =",
        '    "and"',
        "2026-04       0.00  ·!",
        "2 months · 1 due",
        "due 12 000.00 EUR",
    ]


def test_bar_that_finds_no_room_is_left_out_without_a_word(written):
    text = written(report(), Format.TABLE, width=30)
    assert "█ paid" not in text
    assert "column" not in text
    assert max(map(len, text.splitlines())) <= 30


def test_table_is_pure_ascii_where_the_encoding_needs_it(written):
    text = written(report(), Format.TABLE, encoding="ascii")
    assert text.isascii()
    assert "# paid  - due" in text
    assert "2 months, 1 due" in text


@pytest.mark.parametrize("format", [Format.JSON, Format.CSV, Format.TSV, Format.MARKDOWN])
def test_exact_formats_have_no_bars_but_the_command(written, format):
    text = written(report(), format)
    assert "paid, due" not in text
    assert "SM" not in text
    assert "contracts filter where" in text


def test_json_has_exact_values_and_the_command(written):
    assert json.loads(written(report(), Format.JSON)) == [
        {"month": "2026-03", "due": "12000.00", "who": "bill, eve", "command": ROWS[0][5]},
        {"month": "2026-04", "due": "0.00", "who": None, "command": None},
    ]
