"""What sales people bring in, and which clients are new, active, dormant or the best."""

from collections.abc import Iterator
from datetime import datetime
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
    of,
    readable,
    report,
    totals,
)  # fmt: skip
from epicshell.filters.where.periods import months_on
from epicshell.models import Client, Contract, Employee, Event, Payment
from epicshell.results import Column, Kind, Listing

DORMANT_AFTER = 6  #: months
TOP = 10
#: The stages of a contract: what they are called, and the condition that lists those which have come so far.
STAGES = (("contracts", ""), ("signed", "signed"), ("paid", "signed and paid"))
_SALES = (
    Column("sales"), Column("stage"), Column("count", COUNTS), Column("percent", COUNTS), Column("total", MONEY),
    Column("due", MONEY), Column("funnel", Kind.BAR), COMMAND,
)  # fmt: skip
_CLIENTS = (
    Column("group"), Column("client_id", COUNTS), Column("client"), Column("clients", COUNTS),
    Column("contracts", COUNTS), Column("signed", MONEY), Column("signed", Kind.BAR), COMMAND,
)  # fmt: skip


def sales(context: Context, period: Period, who: Employee | None) -> Listing:
    """Per sales person: clients first met in the period, contracts drawn up in it, and how many of these are signed,
    and paid, by now. percent: of these contracts."""
    met = readable(context, Client, Client.sales_id, sql.COUNT(SQL("*")))
    met = met.where(Client.first_contact_on.between(period.first, period.last)).group_by(Client.sales_id)
    stage = Case(None, ((~Contract.signed, 0), (Contract.due > 0, 1)), 2)
    drawn = readable(
        context, Contract, Contract.sales_id, stage, sql.COUNT(SQL("*")), cents(Contract.total), cents(Contract.due)
    )
    drawn = drawn.where(period.holds(context, Contract.created_at)).group_by(Contract.sales_id, stage)
    clients, contracts = dict(met.tuples()), {row[:2]: row[2:] for row in drawn.tuples()}
    names = Employee.select(Employee.id, Employee.username).where(
        Employee.id.in_({*clients, *(number for number, _ in contracts)}) if who is None else Employee.id == who.id
    )
    rows = [
        row
        for number, name in names.order_by(Employee.username).tuples()
        for row in _funnel(
            name, period, clients.get(number, 0), [contracts.get((number, at), (0, 0, 0)) for at in range(3)]
        )
    ]
    if not any(row[2] for row in rows):
        return report(_SALES, [], [], lambda: f"No client was met and no contract drawn up in {period}.")
    said = [f"{name} {sum(row[2] for row in rows if row[1] == name)}" for name in ("clients", *dict(STAGES))]
    signed = sum(row[4] for row in rows if row[1] == "signed")
    return report(_SALES, rows, [(row[2],) for row in rows], lambda: totals(*said, f"signed {context.money(signed)}"))


def _funnel(name: str, period: Period, clients: int, by_stage: list[tuple[int, int, int]]) -> Iterator[tuple[Any, ...]]:
    """The rows of one person. by_stage: count, total and due of the contracts that have come to just that stage."""
    met = lists("clients", of("sales", name), period.condition("first_contact_on"))
    yield name, "clients", clients, None, None, None, met
    drawn = sum(figures[0] for figures in by_stage)
    for place, (stage, condition) in enumerate(STAGES):
        number, total, due = (sum(figures) for figures in zip(*by_stage[place:], strict=True))
        percent = round(100 * number / drawn) if drawn else None
        command = lists("contracts", of("sales", name), period.condition("created_at"), condition)
        yield name, stage, number, percent, total, due, command


def clients(context: Context, period: Period, whose: Whose) -> Listing:
    """How many clients are new and active in the period and dormant today, and who signed for most in the period."""
    since = months_on(context.today, -DORMANT_AFTER)
    new = whose.narrow(readable(context, Client, sql.COUNT(SQL("*"))), Client)
    new = new.where(Client.first_contact_on.between(period.first, period.last))
    dormant = whose.narrow(readable(context, Client, sql.COUNT(SQL("*"))), Client)
    dormant = dormant.where(*_quiet(context.midnight(since)))
    best = list(_best(context, period, whose))
    active, contracts, signed = best[0][4:] if best else (0, 0, 0)
    mine = whose.condition
    signing = lists("contracts", period.condition("signed_at"), mine, by="client_id")  # a line for each client
    rows: list[tuple[Any, ...]] = [
        ("new", None, None, new.scalar(), None, None, lists("clients", period.condition("first_contact_on"), mine)),
        ("active", None, None, active, contracts, signed, signing),
        ("dormant", None, None, dormant.scalar(), None, None, lists("clients", f"last_activity_at < {since}", mine)),
    ]
    if not any(row[3] for row in rows):
        return report(_CLIENTS, [], [], lambda: f"No client is new or active in {period}, and none is dormant.")
    for place, (number, name, n, total, *_) in enumerate(best, 1):
        command = lists("contracts", f"client_id = {number}", period.condition("signed_at"), mine)
        rows.append((f"top {place}", number, name, None, n, total, command))
    bars = [(row[5] if row[1] else 0,) for row in rows]
    said = f"new: first met in {period} · active: signed a contract in it\ndormant: nothing since {since}"
    return report(_CLIENTS, rows, bars, lambda: said)


def _best(context: Context, period: Period, whose: Whose) -> Any:
    """Who signed for most: (number, name, contracts, total), then the clients, contracts and total of all."""
    figures = (sql.COUNT(SQL("*")).alias("n"), cents(Contract.total).alias("total"))
    signed = readable(context, Contract, Contract.client_id.alias("client"), *figures)
    signed = whose.narrow(signed.where(period.holds(context, Contract.signed_at)), Contract)
    per = signed.group_by(Contract.client_id).cte("per", columns=("client", "n", "total"))
    in_all = [
        sql.COUNT(SQL("*")).over().alias("clients"),
        sql.SUM(per.c.n).over().cast("bigint").alias("contracts"),
        sql.SUM(per.c.total).over().cast("bigint").alias("signed"),
    ]
    top = per.select_from(per.c.client, per.c.n, per.c.total, *in_all)
    top = top.order_by(per.c.total.desc(), per.c.client).limit(TOP).alias("top")
    shown = (Client.id, Client.full_name, top.c.n, top.c.total, top.c.clients, top.c.contracts, top.c.signed)
    best = Client.select(*shown).join(top, on=(top.c.client == Client.id))
    return best.order_by(top.c.total.desc(), Client.id).tuples()


def _quiet(moment: datetime) -> list[Any]:
    """Clients with `last_activity_at` before a moment: the same, asked in a way that is quick for all of them."""
    drawn = Contract.select(SQL("1")).where((Contract.client_id == Client.id) & Contract.live())
    paid = Payment.select(SQL("1")).join(Contract, on=(Contract.id == Payment.contract_id))
    paid = paid.where((Contract.client_id == Client.id) & Contract.live() & (Payment.day() >= moment))
    held = Event.select(SQL("1")).where((Event.client_id == Client.id) & Event.live() & (Event.ends_at >= moment))
    return [
        Client.first_contact() < moment,
        ~sql.EXISTS(drawn.where((Contract.created_at >= moment) | (Contract.signed_at >= moment))),
        ~sql.EXISTS(paid),
        ~sql.EXISTS(held),
    ]
