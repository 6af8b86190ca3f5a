import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicshell.render.bars import DRAWN
from epicshell.render.cells import exactly, for_people
from epicshell.results import Kind
from epicshell.values import amount, decimal, grouped

PARIS = ZoneInfo("Europe/Paris")
MOMENT = dt.datetime(2023, 6, 4, 11, 0, 5, 250, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("kind", "value", "shown", "exact"),
    [
        (Kind.INTEGER, 1023, "1023", "1023"),
        (Kind.TEXT, "a\x1b\n", "a\\x1b\n", "<a\x1b\n>"),
        (Kind.MONEY, 1_200_050, "12 000.50", "12000.50"),
        (Kind.BOOLEAN, True, "yes", "true"),
        (Kind.BOOLEAN, False, "no", "false"),
        (Kind.DATE, dt.date(2023, 6, 4), "2023-06-04", "2023-06-04"),
        (Kind.TIME, MOMENT, "2023-06-04 13:00", "2023-06-04T13:00:05.000250+02:00"),
    ],
)
def test_each_kind_has_a_text_for_people_and_an_exact_one(kind, value, shown, exact):
    assert for_people(kind, PARIS)(value) == shown
    assert exactly(kind, PARIS, text="<{}>".format)(value) == exact


def test_every_kind_can_be_shown():
    for kind in set(Kind) - set(DRAWN):
        assert callable(for_people(kind, PARIS))
        assert callable(exactly(kind, PARIS, str))


def test_money_below_zero_keeps_its_sign():
    assert (decimal(-5), grouped(-123_456_789)) == ("-0.05", "-1 234 567.89")


@given(st.integers(0, 10**15 - 1))
def test_shown_money_reads_back(cents):
    assert amount(decimal(cents)) == amount(grouped(cents)) == cents
