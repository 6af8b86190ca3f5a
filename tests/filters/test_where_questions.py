"""What a manager asks first, as `help where` has it: each line finds just the rows that it shows, and that Python finds
in the demo."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from support.oracle import gathered
from support.people import People, Person
from support.server import EMPTY, Server
from support.world import World

from epicshell.filters.where.manual import MADE, OF_EMPLOYEES, QUESTIONS, Question
from epicshell.setup import sample

Row = dict[str, Any]
ZONE = ZoneInfo("Europe/Paris")


class Clock(datetime):
    """The clock of the commands while a demo is asked. stands: at which moment."""

    stands = datetime.max

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        return cls.stands.astimezone(tz)


@dataclass(frozen=True)
class Demo:
    """mia: somebody of management in the demo's sample data. tables: all its rows. now: when it was made."""

    mia: Person
    tables: dict[str, list[Row]]
    now: datetime


@contextmanager
def demo_made(server: Server, home: Path, now: datetime) -> Iterator[Demo]:
    """A demo, in which it stays the moment at which it was made."""
    with server.copy(EMPTY) as target, closing(server.owner(target.name)) as own:
        with own.cursor() as cursor:
            cursor.execute("BEGIN")
            sample.fill(cursor, now)
            cursor.execute("COMMIT")
        world = World(server, target, own)
        with closing(People(world, home)) as people, pytest.MonkeyPatch.context() as patch:
            patch.setattr(Clock, "stands", now)
            patch.setattr("epicshell.context.datetime", Clock)
            yield Demo(people("mia.laurent"), gathered(world), now)
        world.release()


@pytest.fixture(scope="module")
def demo(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo_made(server, tmp_path_factory.mktemp("people"), datetime.now(UTC)) as demo:
        yield demo


class Calendar:
    """Days around today in the company's zone, as moments."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.today = self.now.astimezone(ZONE).date()
        self.monday = self.today - timedelta(self.today.weekday())
        self.month = self.today.replace(day=1)
        self.quarter = date(self.today.year, (self.today.month - 1) // 3 * 3 + 1, 1)

    def at(self, day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=ZONE)

    def within(self, moment: datetime | None, start: date, end: date) -> bool:
        return moment is not None and self.at(start) <= moment < self.at(end)

    def days(self, number: int) -> date:
        return self.today + timedelta(number)


def months_on(day: date, months: int) -> date:
    """The first of the month that is so many months after a day's."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, 1)


def same_day(day: date, months: int) -> date:
    first = months_on(day, months)
    last = (months_on(first, 1) - timedelta(1)).day
    return first.replace(day=min(day.day, last))


Answer = Callable[[Row, Calendar], bool]
ANSWERS: dict[str, Answer] = {
    "unassigned events of next month": lambda e, c: (
        e["support"] is None and c.within(e["starts_at"], months_on(c.today, 1), months_on(c.today, 2))
    ),
    "unassigned events, soon": lambda e, c: e["support"] is None and c.within(e["starts_at"], c.today, c.days(31)),
    "big events in Paris": lambda e, _: "paris" in e["location"].lower() and (e["attendees"] or 0) >= 100,
    "Kate's, soon": lambda e, c: e["support"] == "kate.hastroff" and c.within(e["starts_at"], c.today, c.days(31)),
    "what goes on this week": lambda e, c: c.within(e["starts_at"], c.monday, c.monday + timedelta(7)),
    "events of 2023": lambda e, c: c.within(e["starts_at"], date(2023, 1, 1), date(2024, 1, 1)),
    "events of the next 60 days that are not paid": lambda e, c: (
        e["due"] > 0 and c.within(e["starts_at"], c.today, c.days(61))
    ),
    "coming events, attendees unknown": lambda e, c: e["attendees"] is None and e["starts_at"] >= c.at(c.days(1)),
    "large in people or in money": lambda e, c: (
        ((e["attendees"] or 0) > 150 or e["total"] >= 1_500_000) and e["starts_at"] >= c.at(c.days(1))
    ),
    "events of others than Kate, 60 days": lambda e, c: (
        e["support"] != "kate.hastroff" and c.within(e["starts_at"], c.days(1), c.days(61))
    ),
    "a client's events, by company": lambda e, _: "lou bouzin" in e["company"].lower(),
    "late payers: large, over 90 days": lambda k, c: (
        k["due"] > 0 and k["total"] > 1_000_000 and k["signed"] and k["signed_at"] < c.at(c.days(-90))
    ),
    "signed last quarter": lambda k, c: c.within(k["signed_at"], months_on(c.quarter, -3), c.quarter),
    "drawn up a month ago, unsigned": lambda k, c: not k["signed"] and k["created_at"] < c.at(same_day(c.today, -1)),
    "signed, and no event yet": lambda k, _: k["signed"] and k["events"] == 0,
    "large contracts of two of sales": lambda k, _: (
        k["sales"] in ("bill.boquet", "eve.martin") and k["total"] >= 1_300_000
    ),
    "medium sums that are due": lambda k, _: 700_000 <= k["due"] <= 1_000_000,
    "clients without contracts": lambda c, _: c["contracts"] == 0,
    "Bill's, with no event lately or to come": lambda k, c: (
        k["sales"] == "bill.boquet" and not (k["last_event_at"] and k["last_event_at"] >= c.at(c.days(-30)))
    ),
    "Eve's, with nothing signed for 180 days": lambda k, c: (
        k["sales"] == "eve.martin" and not (k["last_signed_at"] and k["last_signed_at"] >= c.at(c.days(-180)))
    ),
    "who owes us much": lambda k, _: k["owed"] > 1_000_000,
    "clients that came this year": lambda k, c: k["first_contact_on"].year == c.today.year,
    "a client by part of its company": lambda k, _: "caf" in k["company"].lower(),
    "support with little to come": lambda p, _: p["active"] and p["department"] == "support" and p["upcoming"] < 5,
    "sales with many clients": lambda p, _: p["active"] and p["clients"] > 12,
}


def found(demo: Demo, one: Question) -> str:
    """What the list of a question finds, as the manual shows it; just the rows that Python finds."""
    plural = one.line.split()[0]
    answered = demo.mia(one.line.replace("filter", "filter --format json"))
    assert answered.code == 0, answered.err
    calendar = Calendar(demo.now)
    assert set(answered.ids) == {row["id"] for row in demo.tables[plural] if ANSWERS[one.asked](row, calendar)}
    return ", ".join(str(row["username" if plural == "employees" else "id"]) for row in answered.json)


@pytest.mark.parametrize("one", QUESTIONS, ids=lambda one: one.asked)
def test_a_question_of_the_manual_is_answered(demo: Demo, one: Question) -> None:
    for employee in demo.tables["employees"]:
        coming = [event for event in demo.tables["events"] if event["ends_at"] > demo.now]
        employee["upcoming"] = sum(event["support_id"] == employee["id"] for event in coming)
    assert found(demo, one) == one.found or one.dated


def test_what_hangs_on_the_calendar_is_shown_as_it_was_on_the_day_that_is_named(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    dated = [one for one in QUESTIONS if one.dated]
    with demo_made(server, tmp_path_factory.mktemp("people"), MADE.replace(tzinfo=ZONE)) as demo:
        for one in dated:
            assert found(demo, one) == one.found
    assert 0 < len(dated) <= 5


def test_the_manual_has_25_questions_with_their_rows_and_fits_a_terminal(demo: Demo) -> None:
    assert {one.asked for one in QUESTIONS} == set(ANSWERS)
    assert len(QUESTIONS) == len(ANSWERS) == 25
    page = demo.mia("help where").out
    assert page.startswith("events|clients|contracts|employees filter [FLAGS] where EXPRESSION\n")
    assert "a demo made on Monday 1 Jun 2026, 10:00." in page
    for one in QUESTIONS:
        assert f"\n{one.asked}: {one.found}{' *' if one.dated else ''}\n  {one.line}\n" in page
    assert max(map(len, page.split("\n"))) <= 80


def test_who_sees_employees_alone_is_shown_questions_about_them(everyone: People) -> None:
    ada = everyone["ada.admin"]
    shown = ada("help where").out
    assert shown.startswith("employees filter [FLAGS] where EXPRESSION\n")
    assert "events filter" not in shown
    for question, line in OF_EMPLOYEES:
        assert f"\n{question}:\n  {line}\n" in shown
        assert ada(line).code == 0
