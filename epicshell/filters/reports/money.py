"""Revenue by month of signature, and what is still due, by its age."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from peewee import SQL, Case
from peewee import fn as sql

from epicshell.context import Context
from epicshell.filters.reports.period import Period
from epicshell.filters.reports.shape import (
    COMMAND,
    COUNTS,
    MONEY,
    cents,
    count,
    lists,
    local,
    of,
    readable,
    report,
    totals,
)  # fmt: skip
from epicshell.models import Client, Contract, Employee
from epicshell.results import Column, Kind, Listing

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


def revenue(context: Context, period: Period, sales: Employee | None) -> Listing:
    """What was signed by month, and what of that is paid and due by now. Amounts in cents."""
    month = sql.TO_CHAR(local(context, Contract.signed_at), "YYYY-MM")
    figures = (sql.COUNT(SQL("*")), cents(Contract.total), cents(Contract.total - Contract.due), cents(Contract.due))
    query = readable(context, Contract, month, *figures).where(period.holds(context, Contract.signed_at))
    found = {row[0]: row[1:] for row in _sold_by(query, sales).group_by(month).tuples()}
    rows = [
        (f"{one.first:%Y-%m}", *figures, lists("contracts", one.condition("signed_at"), of("sales", sales)))
        for one in period.months()
        for figures in [found.get(f"{one.first:%Y-%m}", (0, 0, 0, 0))]
    ]
    contracts, signed, paid, due = (sum(row[place] for row in rows) for place in (1, 2, 3, 4))
    if not contracts:
        return report(_REVENUE, [], [], lambda: f"No contract was signed in {period}.")
    said = totals(count(contracts, "contract"), f"signed {context.money(signed)}", f"paid {context.money(paid)}",
                  f"due {context.money(due)}")  # fmt: skip
    return report(_REVENUE, rows, [(row[3], row[4]) for row in rows], lambda: said)


def ageing(context: Context, period: Period | None, sales: Employee | None) -> Listing:
    """What is due on signed contracts, per client and days since signature. What is not signed, nobody owes yet."""
    since = [context.midnight(context.today - dt.timedelta(days - 1)) for _, days in AGES[1:]]
    age = Case(None, [(Contract.signed_at >= moment, place) for place, moment in enumerate(since)], len(since))
    query = readable(context, Contract, Contract.client_id, age, sql.COUNT(SQL("*")), cents(Contract.due))
    query = query.where(Contract.signed & (Contract.due > 0))
    if period:
        query = query.where(period.holds(context, Contract.signed_at))
    owed = _sold_by(query, sales).group_by(Contract.client_id, age).cte("owed", columns=("client", "age", "n", "due"))
    found = list(
        Client.select(Client.id, Client.full_name, owed.c.age, owed.c.n, owed.c.due)
        .join(owed, on=(owed.c.client == Client.id))
        .with_cte(owed)
        .order_by(sql.SUM(owed.c.due).over(partition_by=[Client.id]).desc(), Client.id, owed.c.age)
        .tuples()
    )
    rows = [
        (number, name, AGES[place][0], n, due, _owed_command(context, number, place, period, sales))
        for number, name, place, n, due in found
    ]
    if not rows:
        return report(_AGEING, [], [], lambda: "Nothing is due on signed contracts.")
    return report(_AGEING, rows, [(row[4],) for row in rows], lambda: _ages(context, found))


def _sold_by(query: Any, sales: Employee | None) -> Any:
    return query.where(Contract.sales_id == sales.id) if sales else query


def _owed_command(context: Context, client: int, place: int, period: Period | None, sales: Employee | None) -> str:
    conditions = [f"client_id = {client}", "signed and due > 0", *_aged(context, place)]
    if period:
        conditions.append(period.condition("signed_at"))
    return lists("contracts", *conditions, of("sales", sales))


def _aged(context: Context, place: int) -> Iterator[str]:
    """The days of signature that are so long ago."""
    if place + 1 < len(AGES):
        yield f"signed_at >= {context.today - dt.timedelta(AGES[place + 1][1] - 1)}"
    if place:
        yield f"signed_at <= {context.today - dt.timedelta(AGES[place][1])}"


def _ages(context: Context, found: list[Any]) -> str:
    """All that is due, by age and in sum."""
    sums = [sum(row[4] for row in found if row[2] == place) for place in range(len(AGES))]
    said = [f"{name} days {context.money(due)}" for (name, _), due in zip(AGES, sums, strict=True) if due]
    return "\n".join([*said, f"due in all {context.money(sum(sums))}"])
