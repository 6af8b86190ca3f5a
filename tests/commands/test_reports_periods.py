"""The days that a report is about: how they are typed, told and offered."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from support.people import People

from epicshell.context import Context, Memory
from epicshell.filters.reports.period import PAST

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("revenue --period 2001", "No contract was signed in 2001."),
        ("ageing --period 2001", "Nothing is due on signed contracts."),
        ("calendar --period 2001-w05", "No event takes place in 2001-w05."),
        ("unassigned --period 2001", "No event without support starts in 2001."),
        ("sales --period 2001", "No client was met and no contract drawn up in 2001."),
        ("activity --period 2001", "Nobody changed anything in 2001."),
    ],
)
def test_nothing_is_said_in_a_sentence(everyone: People, line: str, sentence: str) -> None:
    assert everyone["mia.manager"](f"report {line}").out == sentence + "\n"
    assert everyone["mia.manager"](f"report {line} --format json").json == []


@pytest.mark.parametrize(
    ("period", "told"),
    [
        ("2026-06..2026-03", "ends before it begins"),
        ("nonsense", "is not a date"),
        ("2026-13", "there is no month 13"),
        ("+3m", "minutes or months?"),
        ("9999y", "too long"),
        ("2026..", "is not a date"),
    ],
)
def test_period_that_is_none_is_refused_with_what_is_accepted(everyone: People, period: str, told: str) -> None:
    result = everyone["mia.manager"](f"report revenue --period {period}")
    assert (result.code, result.out) == (1, "")
    assert told in result.err


def test_lengths_end_today_or_begin_today(everyone: People) -> None:
    today = datetime.now(PARIS).date()
    assert f"in {today - timedelta(1)}..{today}." in everyone["mia.manager"]("report activity --period 2d").out
    weeks = everyone["mia.manager"].json("report workload --period 3w --support kate.hastroff")
    assert len(weeks) == (3 if today.weekday() == 0 else 4)


def test_periods_are_offered_with_the_days_that_they_are(everyone: People) -> None:
    mia = everyone["mia.manager"]
    mia("whoami")
    context = Context(mia.account, mia.terminal, Memory(on=False))
    offered = {one.text: one.meaning for one in PAST.candidates("last-", context, None)}
    year = datetime.now(PARIS).year - 1
    assert offered["last-year"] == str(year)
    assert [one.text for one in PAST.candidates("2026..this-y", context, None)] == ["2026..this-year"]
