"""Lists by group: one row per value of a field, with how many records have it and the sums of what they hold."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from peewee import SQL, ModelSelect, Ordering
from peewee import fn as sql

from epicshell import policy
from epicshell.context import Context
from epicshell.filters.again import TOO_LONG, taken
from epicshell.filters.keyset import Order
from epicshell.filters.statements import MOST_COUNTED, streamed
from epicshell.filters.where.lexer import written
from epicshell.filters.where.tree import Or, Tree
from epicshell.models import Field
from epicshell.models.base import call
from epicshell.params.fields import COUNT, known, named, order_of, picked
from epicshell.results import Kind, Listing
from epicshell.text import counted
from epicshell.values import decimal
from epicshell.values import grouped as spaced

SUMMED = ("attendees",)  #: what is summed up besides amounts


@dataclass(frozen=True)
class Grouping:
    """How a list is grouped. sort, columns: of the columns that it then has. limit: how many groups at most."""

    field: str
    sort: str
    columns: str
    limit: int | None


@dataclass(frozen=True)
class _Groups:
    """A grouped list. columns: the value, the count, the sums. where: of all that is grouped, behind `flags`.
    totals: of all groups, once a row has passed by."""

    model: Any
    columns: Sequence[Field]
    currency: str
    where: Tree | None
    flags: str = ""
    totals: list[Any] = field(default_factory=list)
    first: list[Any] = field(default_factory=list)

    def passing(self, rows: Iterable[Sequence[Any]], shown: Sequence[Field]) -> Iterator[Sequence[Any]]:
        """The columns that are shown of each row, while the totals are kept."""
        places = [self.columns.index(column) for column in shown]
        for row in rows:
            self.totals[:] = row[len(self.columns) :]
            if not self.first or self.first[0] is None:
                self.first[:] = row[:1]
            yield tuple([row[place] for place in places])

    def footer(self, shown: int) -> str:
        """How many groups and records there are, their sums, and how a group is listed."""
        plural = self.model.plural()
        if not shown:
            return f"No {plural}."
        groups, count, *sums = self.totals
        cut = f"{shown} of {groups} groups (--all shows all)"
        parts = [cut if shown < groups else counted(groups, "group")]
        parts.append(counted(count, self.model.noun))
        for column, total in zip(self.columns[2:], sums, strict=True):
            said = f"{spaced(total)} {self.currency}" if column.kind is Kind.MONEY else str(total)
            parts.append(f"{column.name} {said}")
        if plural in policy.BY_NOUN and self.columns[0].having is None:
            parts.append(f"a group: {self.flags}where {self._asked()}{_condition(self.columns[0], self.first[0])}")
        return " · ".join(parts)

    def _asked(self) -> str:
        if self.where is None:
            return ""
        return f"({self.where}) and " if isinstance(self.where, Or) else f"{self.where} and "


def grouped(
    context: Context, model: Any, query: Any, grouping: Grouping, *, where: Tree | None = None, trash: bool = False
) -> Listing:
    """A query over an entity by the values of a field, the most frequent first. Raises Invalid.

    where: the expression that is in the query. trash: whether it is of deleted rows.
    """
    by = named(known(model, context.actor.department), grouping.field, model.plural(), "--group-by")
    sums = [_sum(one) for one in model.fields() if (one.kind is Kind.MONEY or one.name in SUMMED) and one != by]
    columns = [_valued(by, context), Field(COUNT, Kind.INTEGER, sql.COUNT(SQL("*"))), *sums]
    what = f"{model.plural()} by {by.name}"
    shown = picked(columns, grouping.columns, what, "--columns") if grouping.columns else columns
    order = order_of(columns, grouping.sort or f"-{COUNT}", what, "--sort")
    statement = _statement(model, query, by, columns, order).limit(grouping.limit)
    few = grouping.limit is not None and grouping.limit <= MOST_COUNTED
    groups = _Groups(model, columns, context.actor.settings["currency"], where, "--trash " if trash else "")
    found = statement.tuples() if few else context.database.stream(statement)
    rows = groups.passing(streamed(context, model, [(by, False)], where, found, "group"), shown)
    if not context.memory.on:
        return Listing(shown, rows, groups.footer)
    head, rest = taken(rows)
    return Listing(shown, head if rest is None else chain(head, rest), groups.footer, rest and TOO_LONG)


def _statement(model: Any, query: Any, by: Field, columns: Sequence[Field], order: Order) -> Any:
    """The groups; in further columns, how many there are in all and the totals over all of them."""
    selected = query.select(*[column.expression.alias(column.name) for column in columns])
    groups = model.join_for(selected, [by]).group_by(SQL("1")).alias("g")
    totals = [SQL(f'(sum("g"."{column.name}") OVER ())::bigint') for column in columns[1:]]
    found = [*map(_column, columns), SQL("count(*) OVER ()"), *totals]
    keys = [_ordering(column, descending=down) for column, down in order]
    unknown = [] if columns[0] in [column for column, _ in order] else [SQL(f'"g"."{columns[0].name}" IS NULL')]
    return ModelSelect(model, found).from_(groups).order_by(*unknown, *keys, _ordering(columns[0], descending=False))


def _column(column: Field) -> SQL:
    return SQL(f'"g"."{column.name}"')


def _ordering(column: Field, *, descending: bool) -> Ordering:
    key = _column(column) if column.order is None else call("crm.folded", _column(column))
    return Ordering(key, "DESC" if descending else "ASC", nulls="LAST")


def _valued(by: Field, context: Context) -> Field:
    """The field that is grouped by: times and dates by their month, as the language of filters writes it."""
    if by.kind not in (Kind.TIME, Kind.DATE):
        return by
    zone = context.actor.settings["timezone"]
    local = call("timezone", zone, by.expression) if by.kind is Kind.TIME else by.expression
    return replace(by, kind=Kind.TEXT, expression=call("to_char", local, "YYYY-MM"))


def _sum(one: Field) -> Field:
    """The sum of a field, in whole cents or people; unknown ones count nothing."""
    return replace(one, expression=sql.COALESCE(sql.SUM(one.expression), 0).cast("bigint"), order=None)


def _condition(by: Field, value: Any) -> str:
    """What lists the records of a group."""
    if value is None:
        return f"{by.name} is empty"
    if by.kind is Kind.BOOLEAN:
        return f"{by.name} = {'yes' if value else 'no'}"
    text = decimal(value) if by.kind is Kind.MONEY else str(value)
    return f"{by.name} = {written(text)}"
