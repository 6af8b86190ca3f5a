"""What `help where` shows: the language on a screen, and the questions that it is for."""

from collections.abc import Container

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

#: What a manager asks first, and the line that answers it.
QUESTIONS = (
    ("unassigned events of next month", "events filter where support is empty and starts_at = next-month"),
    ("unassigned events, soon", "events filter where support is empty and starts_at in today..+30d"),
    ("big events in Paris", "events filter where location ~ paris and attendees >= 100"),
    ("Kate's events next week", "events filter where support = kate.hastroff and starts_at = next-week"),
    ("what goes on this week", "events filter where starts_at = this-week"),
    ("events of 2023", "events filter where starts_at = 2023"),
    ("coming events that are not paid", "events filter where due > 0 and starts_at >= today"),
    ("coming events, attendees unknown", "events filter where attendees is empty and starts_at > today"),
    ("large in people or in money", "events filter where (attendees > 150 or total > 15k) and ends_at > now"),
    ("coming events of others than Kate", "events filter where support != kate.hastroff and ends_at > now"),
    ("a client's events, by company", 'events filter where company ~ "lou bouzin"'),
    ("late payers: large, over 90 days", "contracts filter where not paid and total > 10k and signed_at < -90d"),
    ("signed last quarter", "contracts filter where signed_at = last-quarter"),
    ("drawn up a month ago, unsigned", "contracts filter where not signed and created_at < -1mo"),
    ("signed, and no event yet", "contracts filter where signed and events = 0"),
    ("large contracts of two of sales", "contracts filter where sales in (bill.boquet, eve.martin) and total >= 12k"),
    ("medium sums that are due", "contracts filter where due in 5k..10k"),
    ("clients without contracts", "clients filter where contracts = 0"),
    ("Bill's, with no event this year", "clients filter where sales = bill.boquet and not last_event_at >= this-year"),
    ("nothing signed for six months", "clients filter where not last_signed_at >= -6mo"),
    ("who owes us much", "clients filter where owed > 10k"),
    ("clients that came this year", "clients filter where first_contact_on = this-year"),
    ("a client by part of its company", "clients filter where company ~ cafe"),
    ("support with nothing to come", "employees filter where department = support and upcoming = 0"),
    ("sales with many clients", "employees filter where clients > 10"),
)
#: The same for who sees employees alone.
OF_EMPLOYEES = (
    ("who has never logged in", "employees filter where active and last_login_at is empty"),
    ("not seen for three months", "employees filter where last_login_at < -3mo"),
    ("those of sales and support", "employees filter where department in (sales, support)"),
    ("accounts made this month", "employees filter where created_at = this-month"),
)


def page(commands: Container[str]) -> str:
    """The whole of it, for who has these commands."""
    lists = [noun for noun in ("events", "clients", "contracts", "employees") if f"{noun} filter" in commands]
    questions = QUESTIONS if len(lists) > 1 else OF_EMPLOYEES
    asked = "\n".join(f"{question}:\n  {line}" for question, line in questions)
    return f"{LANGUAGE.format(lists='|'.join(lists))}\n\n{asked}"
