"""What a manager asks first, as `help where` has it: each line finds just the rows that Python finds in the demo."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from support.oracle import gathered
from support.people import People, Person
from support.server import EMPTY, Server
from support.world import World

from epicshell.filters.where.manual import OF_EMPLOYEES, QUESTIONS
from epicshell.setup import sample

Row = dict[str, Any]
ZONE = ZoneInfo("Europe/Paris")


@pytest.fixture(scope="module")
def demo(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Person, dict[str, list[Row]]]]:
    """Somebody of management in the demo's sample data, and all its rows."""
    with server.copy(EMPTY) as target, closing(server.owner(target.name)) as own:
        with own.cursor() as cursor:
            cursor.execute("BEGIN")
            sample.fill(cursor)
            cursor.execute("COMMIT")
        world = World(server, target, own)
        with closing(People(world, tmp_path_factory.mktemp("people"))) as people:
            yield people("mia.laurent"), gathered(world)
        world.release()


class Calendar:
    """Days around today in the company's zone, as moments."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)
        self.today = self.now.astimezone(ZONE).date()
        self.monday = self.today - timedelta(self.today.weekday())
        self.month = self.today.replace(day=1)
        self.quarter = date(self.today.year, (self.today.month - 1) // 3 * 3 + 1, 1)
        self.year = date(self.today.year, 1, 1)

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
    "Kate's events next week": lambda e, c: (
        e["support"] == "kate.hastroff" and c.within(e["starts_at"], c.monday + timedelta(7), c.monday + timedelta(14))
    ),
    "what goes on this week": lambda e, c: c.within(e["starts_at"], c.monday, c.monday + timedelta(7)),
    "events of 2023": lambda e, c: c.within(e["starts_at"], date(2023, 1, 1), date(2024, 1, 1)),
    "coming events that are not paid": lambda e, c: e["due"] > 0 and e["starts_at"] >= c.at(c.today),
    "coming events, attendees unknown": lambda e, c: e["attendees"] is None and e["starts_at"] >= c.at(c.days(1)),
    "large in people or in money": lambda e, c: (
        ((e["attendees"] or 0) > 150 or e["total"] > 1_500_000) and e["ends_at"] > c.now
    ),
    "coming events of others than Kate": lambda e, c: e["support"] != "kate.hastroff" and e["ends_at"] > c.now,
    "a client's events, by company": lambda e, _: "lou bouzin" in e["company"].lower(),
    "late payers: large, over 90 days": lambda k, c: (
        k["due"] > 0 and k["total"] > 1_000_000 and k["signed"] and k["signed_at"] < c.at(c.days(-90))
    ),
    "signed last quarter": lambda k, c: c.within(k["signed_at"], months_on(c.quarter, -3), c.quarter),
    "drawn up a month ago, unsigned": lambda k, c: not k["signed"] and k["created_at"] < c.at(same_day(c.today, -1)),
    "signed, and no event yet": lambda k, _: k["signed"] and k["events"] == 0,
    "large contracts of two of sales": lambda k, _: (
        k["sales"] in ("bill.boquet", "eve.martin") and k["total"] >= 1_200_000
    ),
    "medium sums that are due": lambda k, _: 500_000 <= k["due"] <= 1_000_000,
    "clients without contracts": lambda c, _: c["contracts"] == 0,
    "Bill's, with no event this year": lambda k, c: (
        k["sales"] == "bill.boquet" and not (k["last_event_at"] and k["last_event_at"] >= c.at(c.year))
    ),
    "nothing signed for six months": lambda k, c: (
        not (k["last_signed_at"] and k["last_signed_at"] >= c.at(same_day(c.today, -6)))
    ),
    "who owes us much": lambda k, _: k["owed"] > 1_000_000,
    "clients that came this year": lambda k, c: k["first_contact_on"].year == c.today.year,
    "a client by part of its company": lambda k, _: "caf" in k["company"].lower(),
    "support with nothing to come": lambda p, _: p["active"] and p["department"] == "support" and p["upcoming"] == 0,
    "sales with many clients": lambda p, _: p["active"] and p["clients"] > 10,
}


@pytest.mark.parametrize("question", list(ANSWERS))
def test_a_question_of_the_manual_is_answered(demo: tuple[Person, dict[str, list[Row]]], question: str) -> None:
    mia, tables = demo
    line = dict(QUESTIONS)[question]
    calendar = Calendar()
    for one in tables["employees"]:
        coming = [event for event in tables["events"] if event["ends_at"] > calendar.now]
        one["upcoming"] = sum(event["support_id"] == one["id"] for event in coming)
    expected = {row["id"] for row in tables[line.split()[0]] if ANSWERS[question](row, calendar)}
    answered = mia(line.replace("filter", "filter --format json"))
    assert answered.code == 0, answered.err
    assert set(answered.ids) == expected


def test_rows_of_the_companys_brief_are_found_by_their_numbers(demo: tuple[Person, dict[str, list[Row]]]) -> None:
    mia, _ = demo
    questions = dict(QUESTIONS)
    for question, ids in (("events of 2023", {109, 1023}), ("a client's events, by company", {1023})):
        assert set(mia(questions[question].replace("filter", "filter --format json")).ids) == ids


def test_the_manual_has_25_questions_and_fits_a_terminal(demo: tuple[Person, dict[str, list[Row]]]) -> None:
    mia, _ = demo
    assert len(QUESTIONS) == len(ANSWERS) == 25
    shown = mia("help where").out
    assert shown.startswith("events|clients|contracts|employees filter [FLAGS] where EXPRESSION\n")
    assert all(f"\n{question}:\n  {line}\n" in shown for question, line in QUESTIONS)
    assert max(map(len, shown.split("\n"))) <= 80


def test_who_sees_employees_alone_is_shown_questions_about_them(everyone: People) -> None:
    ada = everyone["ada.admin"]
    shown = ada("help where").out
    assert shown.startswith("employees filter [FLAGS] where EXPRESSION\n")
    assert "events filter" not in shown
    for question, line in OF_EMPLOYEES:
        assert f"\n{question}:\n  {line}\n" in shown
        assert ada(line).code == 0
