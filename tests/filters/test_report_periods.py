"""Periods of reports, and the words and conditions that they are in the language of filters."""

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from epicshell.filters.reports.period import Period, lately, monday
from epicshell.filters.where import periods
from epicshell.filters.where.periods import months_on

PARIS = ZoneInfo("Europe/Paris")
NOW = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
days = st.dates(dt.date(1990, 1, 1), dt.date(2090, 12, 31))
whole = st.builds(
    lambda day, months: Period(day.replace(day=1), months_on(day.replace(day=1), months) - dt.timedelta(1)),
    days,
    st.integers(1, 30),
)
weeks = st.builds(lambda day, n: Period(monday(day), monday(day) + dt.timedelta(7 * n - 1)), days, st.integers(1, 9))
spans = st.builds(lambda day, n: Period(day, day + dt.timedelta(n)), days, st.integers(0, 800)) | whole | weeks


def read(word: str) -> tuple[dt.date, dt.date]:
    return periods.period(word, NOW, PARIS).days(PARIS)


@given(spans)
def test_name_of_a_period_is_read_as_that_period(period: Period) -> None:
    first, _, last = str(period).partition("..")
    assert (read(first)[0], read(last or first)[1]) == (period.first, period.last + dt.timedelta(1))
    assert str(period) in period.condition("signed_at")


@given(spans)
def test_months_and_weeks_are_its_days_once_each(period: Period) -> None:
    for parts in (period.months(), period.weeks()):
        assert [day for part in parts for day in part.days()] == period.days()
    assert len({f"{part.first:%Y-%m}" for part in period.months()}) == len(period.months())
    assert all(monday(part.first) == monday(part.last) for part in period.weeks())


def test_names_are_the_shortest_words() -> None:
    def name(first: tuple[int, int, int], last: tuple[int, int, int]) -> str:
        return str(Period(dt.date(*first), dt.date(*last)))

    assert name((2026, 1, 1), (2026, 12, 31)) == "2026"
    assert name((2026, 2, 1), (2026, 2, 28)) == "2026-02"
    assert name((2024, 12, 30), (2025, 1, 5)) == "2025-w01"
    assert name((2026, 3, 5), (2026, 3, 5)) == "2026-03-05"
    assert name((2025, 12, 1), (2026, 11, 30)) == "2025-12..2026-11"
    assert name((2025, 12, 1), (2026, 11, 29)) == "2025-12-01..2026-11-29"


def test_lately_is_twelve_months_with_this_one() -> None:
    assert str(lately(dt.date(2026, 11, 21))) == "2025-12..2026-11"


def test_month_that_is_shorter_has_its_last_day() -> None:
    assert [months_on(dt.date(2026, 8, 31), months) for months in (-6, 1, 6)] == [
        dt.date(2026, 2, 28), dt.date(2026, 9, 30), dt.date(2027, 2, 28),
    ]  # fmt: skip
