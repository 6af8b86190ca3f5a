"""Days are offered by name, weekday and distance; what is offered is accepted."""

import datetime as dt

import pytest
from support.reader import actor

from epicshell.params.scalars import DAY, MOMENT
from epicshell.shell.mistakes import quiet_context

CONTEXT = quiet_context(actor("sales"))
CONTEXT.now = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)  # a Friday


def offered(prefix: str, param: object = DAY) -> list[str]:
    return [candidate.text for candidate in param.candidates(prefix, CONTEXT, None)]


def test_the_next_days_come_first_each_with_its_weekday() -> None:
    assert offered("")[:4] == ["today", "tomorrow", "yesterday", "2026-11-22"]
    assert DAY.candidates("tod", CONTEXT, None)[0].meaning == "Friday 20 Nov 2026"


def test_a_weekday_finds_its_days() -> None:
    assert offered("mon") == ["2026-11-23", "2026-11-16"]
    assert offered("Thu") == ["yesterday", "2026-11-26"]


def test_a_distance_is_told_as_the_day_that_it_means() -> None:
    assert offered("+3") == ["+3d", "+3w"]
    assert DAY.candidates("-1", CONTEXT, None)[0].meaning == "Thursday 19 Nov 2026"


def test_after_a_day_the_hours_are_offered() -> None:
    assert offered("tomorrow 1", MOMENT) == ["tomorrow 10:00", "tomorrow 12:00", "tomorrow 14:00", "tomorrow 18:00"]
    assert offered("nonsense 1", MOMENT) == []


@pytest.mark.parametrize("prefix", ["", "t", "2026", "+9999", "-9999", "fri", "+", "99"])
@pytest.mark.parametrize("param", [DAY, MOMENT])
def test_what_is_offered_is_accepted(prefix: str, param: object) -> None:
    for text in offered(prefix, param):
        param.parse(text, CONTEXT, None)
