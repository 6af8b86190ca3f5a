"""What reports have in common: rows of figures, what they are drawn as, and the commands behind them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import ModelSelect
from peewee import fn as sql

from epicshell import policy
from epicshell.context import Context
from epicshell.models import Employee, Event, Trashable
from epicshell.params.people import SalesContact, SupportContact
from epicshell.render.bars import filled
from epicshell.results import Column, Kind, Listing

COMMAND = Column("command", Kind.COMMAND)
COUNTS, MONEY, DAY, TIME = Kind.INTEGER, Kind.MONEY, Kind.DATE, Kind.TIME


def allowed(context: Context, model: type[Trashable]) -> Any:
    """The live rows of an entity that the actor may read."""
    return model.live() & policy.readable(context.actor, model)


@dataclass(frozen=True)
class Whose:
    """Whose records a report is about.

    sales: only those of this sales contact
    support: only those of this support person's events
    """

    sales: SalesContact | None = None
    support: SupportContact | None = None

    def narrow(self, query: Any, model: Any) -> Any:
        """The query over theirs alone."""
        if self.sales:
            query = query.where(model.sales_id == self.sales.id)
        if self.support and model is Event:
            query = query.where(Event.support_id == self.support.id)
        elif self.support:
            query = query.where(Event.supported(model, self.support.id))
        return query

    @property
    def condition(self) -> str:
        """The same in the language of filters; empty for everyone's."""
        return " and ".join(filter(None, (of("sales", self.sales), of("support", self.support))))


def readable(context: Context, model: type[Trashable], *fields: Any) -> ModelSelect:
    """SELECT over the live rows of an entity that the actor may read."""
    return model.select(*fields).where(allowed(context, model))


def cents(amount: Any) -> Any:
    """The sum of an amount; sums of bigint are numeric, which Python would get as Decimal."""
    return sql.COALESCE(sql.SUM(amount), 0).cast("bigint")


def local(context: Context, moment: Any) -> Any:
    """A moment in the company's zone, as a timestamp without one."""
    return sql.TIMEZONE(context.actor.settings["timezone"], moment)


def lists(noun: str, *conditions: str, by: str = "") -> str:
    """The command that lists the records which meet all conditions; by: a line for each group of them."""
    grouped = f"--group-by {by} " if by else ""
    return f"{noun} filter {grouped}where " + " and ".join(filter(None, conditions))


def of(field: str, who: Employee | str | None) -> str:
    """The condition that a record is someone's; none without anyone. The name may be a word of the language."""
    if who is None:
        return ""
    name = who if isinstance(who, str) else who.username
    return f"{field} = {name}" if "." in name else f'{field} = "{name}"'


def report(
    columns: Sequence[Column], rows: Sequence[Sequence[Any]], bar: Sequence[Sequence[int]], footer: Callable[[], str]
) -> Listing:
    """A report as a listing.

    columns: with one of kind BAR. rows: the values of all the other columns. bar: the figures that the bar of each row
    is made of. footer: what is said below, also where there are no rows.
    """
    place = next(place for place, column in enumerate(columns) if column.kind is Kind.BAR)
    drawn = filled(bar)
    whole = [(*row[:place], part, *row[place:]) for row, part in zip(rows, drawn, strict=True)]
    return Listing(columns, whole, lambda _shown: footer())


def totals(*parts: str) -> str:
    return " · ".join(parts)
