"""Revenue by month of signature, and what is still due, by its age."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from peewee import SQL, Case
from peewee import fn as sql

from epicshell.context import Context
from epicshell.filters.reports.period import Period
from epicshell.filters.reports.shape import (
    COMMAND,
    COUNTS,
    MONEY,
    Whose,
    cents,
    lists,
    local,
    readable,
    report,
    totals,
)  # fmt: skip
from epicshell.models import Client, Contract
from epicshell.results import Column, Kind, Listing
from epicshell.text import counted

#: The ages of receivables: what they are called, and the days since signature from which on.
AGES = (("0-30", 0), ("31-60", 31), ("61-90", 61), ("over 90", 91))
_REVENUE = (
    Column("month"), Column("contracts", COUNTS), Column("signed", MONEY), Column("paid", MONEY), Column("due", MONEY),
    Column("paid, due", Kind.BAR), COMMAND,
)  # fmt: skip
_AGEING = (
    Column("client_id", COUNTS), Column("client"), Column("days"), Column("contracts", COUNTS), Column("due", MONEY),
    Column("due", Kind.BAR), COMMAND,
)  # fmt: skip


def revenue(context: Context, period: Period, whose: Whose) -> Listing:
    """What was signed by month, and what of that is paid and due by now."""
    month = sql.TO_CHAR(local(context, Contract.signed_at), "YYYY-MM")
    figures = (sql.COUNT(SQL("*")), cents(Contract.total), cents(Contract.total - Contract.due), cents(Contract.due))
    query = readable(context, Contract, month, *figures).where(period.holds(context, Contract.signed_at))
    found = {row[0]: row[1:] for row in whose.narrow(query, Contract).group_by(month).tuples()}
    rows = [
        (f"{one.first:%Y-%m}", *figures, lists("contracts", one.condition("signed_at"), whose.condition))
        for one in period.months()
        for figures in [found.get(f"{one.first:%Y-%m}", (0, 0, 0, 0))]
    ]
    contracts, signed, paid, due = (sum(row[place] for row in rows) for place in (1, 2, 3, 4))
    if not contracts:
        return report(_REVENUE, [], [], lambda: f"No contract was signed in {period}.")
    said = totals(counted(contracts, "contract"), f"signed {context.money(signed)}", f"paid {context.money(paid)}",
                  f"due {context.money(due)}")  # fmt: skip
    return report(_REVENUE, rows, [(row[3], row[4]) for row in rows], lambda: said)


def ageing(context: Context, period: Period | None, whose: Whose, limit: int | None) -> Listing:
    """What is due on signed contracts, per client and days since signature; those who owe most come first.

    What is not signed, nobody owes yet. limit: of clients; the sums below are those of all.
    """
    owing = _owing(context, period, whose)
    sums = list(owing.select_from(owing.c.age, *_sums(owing)).group_by(owing.c.age).order_by(owing.c.age).tuples())
    if not sums:
        return report(_AGEING, [], [], lambda: "Nothing is due on signed contracts.")
    rows = [
        (number, name, AGES[place][0], n, due, _owed_command(context, number, place, period, whose))
        for number, name, place, n, due in _worst(owing, limit)
    ]
    return report(_AGEING, rows, [(row[4],) for row in rows], lambda: _ages(context, sums, rows, limit))


def _owing(context: Context, period: Period | None, whose: Whose) -> Any:
    """(client, age, contracts, due), as a part of a query."""
    since = [context.midnight(context.today - dt.timedelta(days - 1)) for _, days in AGES[1:]]
    age = Case(None, [(Contract.signed_at >= moment, place) for place, moment in enumerate(since)], len(since))
    query = readable(context, Contract, Contract.client_id, age, sql.COUNT(SQL("*")), cents(Contract.due))
    query = whose.narrow(query.where(Contract.signed & (Contract.due > 0)), Contract)
    if period:
        query = query.where(period.holds(context, Contract.signed_at))
    return query.group_by(Contract.client_id, age).cte("owing", columns=("client", "age", "n", "due"))


def _sums(owing: Any) -> list[Any]:
    """Contracts and due, of some rows."""
    return [sql.SUM(owing.c.n).cast("bigint"), cents(owing.c.due)]


def _worst(owing: Any, limit: int | None) -> Any:
    """(client, name, age, contracts, due) of those who owe most."""
    whole = sql.SUM(owing.c.due)
    top = owing.select_from(owing.c.client, whole.alias("whole")).group_by(owing.c.client)
    top = top.order_by(whole.desc(), owing.c.client).limit(limit).alias("top")
    found = Client.select(Client.id, Client.full_name, owing.c.age, owing.c.n, owing.c.due).with_cte(owing)
    found = found.join(owing, on=(owing.c.client == Client.id)).join(top, on=(top.c.client == Client.id))
    return found.order_by(top.c.whole.desc(), Client.id, owing.c.age).tuples()


def _owed_command(context: Context, client: int, place: int, period: Period | None, whose: Whose) -> str:
    within = period.condition("signed_at") if period else ""
    return lists("contracts", f"client_id = {client}", "due > 0", _aged(context, place), within, whose.condition)


def _aged(context: Context, place: int) -> str:
    """Which days of signature are so long ago; what is not signed has none."""
    last = context.today - dt.timedelta(AGES[place][1])
    if place + 1 == len(AGES):
        return f"signed_at <= {last}"
    first = context.today - dt.timedelta(AGES[place + 1][1] - 1)
    return Period(first, last).condition("signed_at") if place else f"signed_at >= {first}"


def _ages(context: Context, sums: Sequence[Any], rows: Sequence[Any], limit: int | None) -> str:
    """All that is due, by age and in sum."""
    said = [f"{AGES[place][0]} days {context.money(due)}" for place, _, due in sums]
    said.append(f"due in all {context.money(sum(due for _, _, due in sums))}")
    if sum(n for _, n, _ in sums) > sum(row[3] for row in rows):
        said.append(f"The {limit} clients who owe most are shown (--limit shows more).")
    return "\n".join(said)
