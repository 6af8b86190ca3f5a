"""What `help where` shows: the language on a screen, and the questions that it is for."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime

from epicshell.params.days import spoken

LANGUAGE = """\
{lists} filter [FLAGS] where EXPRESSION

The expression stands last; quotes around it are optional. It is made of
conditions with and, or, not and parentheses between them:

  FIELD = VALUE      also != < <= > >=
  FIELD ~ TEXT       contains it, whatever its case and accents; !~ does not
  FIELD in (A, B)    one of these; in A..B from A through B; not in
  FIELD is empty     is not empty
  paid, not signed   a field that is yes or no stands alone

Values   100 10k 2.5M · a word · "several words" · yes no · a username, me
Dates    today yesterday tomorrow now · last- this- next- week month quarter
         year · +7d -90d +2w -6mo -1y -2h +30min · 2024 2024-06 2024-06-15
         2024-q2 2024-w24 "2024-06-15 10:30"
         A date is a span of time: = is inside, < before it, <= up to its end.
Empty    Compared with what is empty, = < ~ in are false; != !~ not in are true:
         support != me has the events that nobody supports.

A wrong field is answered with the right ones. --explain shows what a list comes
to, and how the database finds it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a manager asks first, and the line that answers it.

    found: what that line finds in the demo, on the day that this is made: numbers, of employees usernames, in the order
    of the list. dated: it hangs on the calendar, so that this is told of a demo that was made at MADE.
    """

    asked: str
    line: str
    found: str
    dated: bool = False


MADE = datetime(2026, 6, 1, 10)  #: a Monday, in the company's zone
QUESTIONS = (
    Question(
        "unassigned events of next month", "events filter where support is empty and starts_at = next-month", "20, 21",
        dated=True,
    ),
    Question("unassigned events, soon", "events filter where support is empty and starts_at in today..+30d", "12, 14"),
    Question("big events in Paris", "events filter where location ~ paris and attendees >= 100", "17, 27"),
    Question("Kate's, soon", "events filter where support = kate.hastroff and starts_at in today..+30d", "15"),
    Question("what goes on this week", "events filter where starts_at = this-week", "12", dated=True),
    Question("events of 2023", "events filter where starts_at = 2023", "1023, 109"),
    Question(
        "events of the next 60 days that are not paid", "events filter where due > 0 and starts_at in today..+60d",
        "12, 13, 16, 17, 18, 20, 21",
    ),
    Question(
        "coming events, attendees unknown", "events filter where attendees is empty and starts_at > today", "16, 21, 29"
    ),
    Question(
        "large in people or in money", "events filter where (attendees > 150 or total >= 15k) and starts_at > today",
        "18, 19, 20, 26, 30",
    ),
    Question(
        "events of others than Kate, 60 days",
        "events filter where support != kate.hastroff and starts_at in tomorrow..+60d",
        "13, 14, 16, 17, 18, 19, 20, 21",
    ),
    Question("a client's events, by company", 'events filter where company ~ "lou bouzin"', "1023"),
    Question(
        "late payers: large, over 90 days", "contracts filter where not paid and total > 10k and signed_at < -90d",
        "36, 29, 27, 22, 15, 13, 8",
    ),
    Question(
        "signed last quarter", "contracts filter where signed_at = last-quarter", "43, 42, 41, 40, 39, 37, 36, 35, 33",
        dated=True,
    ),
    Question(
        "drawn up a month ago, unsigned", "contracts filter where not signed and created_at < -1mo",
        "38, 34, 24, 20, 6, 1",
    ),
    Question(
        "signed, and no event yet", "contracts filter where signed and events = 0", "43, 42, 39, 26, 25, 17, 9"
    ),
    Question(
        "large contracts of two of sales",
        "contracts filter where sales in (bill.boquet, eve.martin) and total >= 13k", "43, 42, 41, 36, 29, 22, 1",
    ),
    Question("medium sums that are due", "contracts filter where due in 7k..10k", "43, 39, 38, 36, 32, 29, 6"),
    Question("clients without contracts", "clients filter where contracts = 0", "33, 27, 21, 15, 9"),
    Question(
        "Bill's, with no event lately or to come",
        "clients filter where sales = bill.boquet and not last_event_at >= -30d", "10, 7, 4, 2, 1",
    ),
    Question(
        "Eve's, with nothing signed for 180 days",
        "clients filter where sales = eve.martin and not last_signed_at >= -180d", "26, 23, 20, 17, 14, 11, 8, 5, 3",
    ),
    Question("who owes us much", "clients filter where owed > 10k", "37, 29, 25, 13"),
    Question(
        "clients that came this year", "clients filter where first_contact_on = this-year",
        "38, 37, 36, 35, 34, 33, 32", dated=True,
    ),
    Question("a client by part of its company", "clients filter where company ~ cafe", "28"),
    Question(
        "support with little to come", "employees filter where department = support and upcoming < 5",
        "alienor.vichum, kate.hastroff, tom.roux",
    ),
    Question("sales with many clients", "employees filter where clients > 12", "bill.boquet, eve.martin"),
)  # fmt: skip
#: The same for who sees employees alone.
OF_EMPLOYEES = (
    ("who has never logged in", "employees filter where active and last_login_at is empty"),
    ("not seen for three months", "employees filter where last_login_at < -3mo"),
    ("those of sales and support", "employees filter where department in (sales, support)"),
    ("accounts made this month", "employees filter where created_at = this-month"),
)


_ASKED = f"""\
What is asked first: behind each question what its line finds in the demo, on
the day that this is made. * tells of a demo made on {spoken(MADE)}, {MADE:%H:%M}."""


def page(commands: Container[str]) -> str:
    """The whole of it, for who has these commands."""
    lists = [noun for noun in ("events", "clients", "contracts", "employees") if f"{noun} filter" in commands]
    language = LANGUAGE.format(lists="|".join(lists))
    if len(lists) == 1:
        return "\n".join([language, "", *(f"{question}:\n  {line}" for question, line in OF_EMPLOYEES)])
    asked = (f"{one.asked}: {one.found}{' *' if one.dated else ''}\n  {one.line}" for one in QUESTIONS)
    return "\n".join([language, "", _ASKED, "", *asked])
