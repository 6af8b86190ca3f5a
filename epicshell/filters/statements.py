"""The statements behind lists: sorted, a page of rows with the count of all, or all rows for an export."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from peewee import SQL, Case, ModelSelect, OperationalError
from peewee import fn as sql
from psycopg2.errors import QueryCanceled

from epicshell.context import Context
from epicshell.errors import Refused
from epicshell.filters.keyset import Order, Position, behind, keys
from epicshell.filters.where.condition import asks
from epicshell.filters.where.limits import SECONDS, bounded, limited, typed, unlimited
from epicshell.filters.where.tree import Tree
from epicshell.models import Field
from epicshell.results import FileFormat, Format, Kind

MOST_COUNTED = 10_000  #: beyond this many rows a count says "more than"
FEW_COUNTED = 500  #: the same, where each row is looked for in other tables, too
EXACT = (Format.CSV, Format.TSV, Format.JSON, FileFormat.CSV, FileFormat.JSON)


def ordered(query: Any, model: Any, fields: Sequence[Field], order: Order) -> Any:
    """Sort, by its key last so that the order is always the same; unknown values come last."""
    query = model.join_for(query, [*fields, *[field for field, _ in order]])
    return query.order_by(*[key.ordering for key in keys(model, order)])


def first(
    query: Any,
    model: Any,
    fields: Sequence[Field],
    order: Order,
    limit: int,
    after: Position | None = None,
    most: int = MOST_COUNTED,
) -> Any:
    """The first rows, or those behind one; in a last column how many there are in all, up to one more than `most`,
    computed once; if there are fewer than the limit, it may be unknown.

    They are found before they are joined with their neighbours: else a sort would first join every row.
    """
    some = query.limit(most + 1).alias("some")
    count: Any = ModelSelect(model, [sql.COUNT(SQL("*"))]).from_(some)
    if after is not None:
        query = query.where(behind(keys(model, order), after))
    if any(field.join for field in fields):
        key = model._meta.primary_key
        query = model.select().where(key.in_(ordered(query.select(key), model, [], order).limit(limit)))
        count = Case(None, [(sql.COUNT(SQL("*")).over() >= limit, count)])  # rows that end here need no second look
    return ordered(query.select(*_named(fields), count), model, fields, order).limit(limit)


def every(query: Any, model: Any, fields: Sequence[Field], order: Order, limit: int | None) -> Any:
    """All rows, or a great many, to be streamed."""
    return ordered(query.select(*_named(fields)), model, fields, order).limit(limit)


def count_of(context: Context, query: Any, limit: int | None, most: int) -> int:
    """How many rows of a query a list gives, counted up to `most`."""
    some = query.select(SQL("1")).limit(most if limit is None else min(limit, most)).alias("some")
    return int(ModelSelect(query.model, [sql.COUNT(SQL("*"))]).from_(some).scalar(context.database))


def with_times_written(context: Context, fields: Sequence[Field]) -> Sequence[Field]:
    """The fields of an export, with times as `render.cells.exactly` writes them: the database is quicker at that."""
    if context.format not in EXACT:
        return fields
    context.database.execute_sql("SET LOCAL TimeZone = %s", (context.actor.settings["timezone"],))
    return [_written_time(field) if field.kind is Kind.TIME else field for field in fields]


@contextmanager
def advising(context: Context, model: Any, order: Order, where: Tree | None, verb: str = "sort") -> Iterator[None]:
    """Around the statement of a list. Raises Refused, with what made it slow, if the order did and its time is over.

    where: its expression; if it was typed, the time is limited already. verb: what is done by the fields of the order.
    """
    far = next((field.name for field, _ in order if asks(field.expression)), None)
    if far is None:
        yield
        return
    if not typed(where):
        limited(context)
    try:
        yield
    except OperationalError as error:
        if not isinstance(error.orig, QueryCanceled):
            raise
        raise Refused(
            f"The database stopped this after {SECONDS} seconds: to {verb} by {far}, it looks at what belongs to every"
            f" {model.noun}.",
            f"Narrow the list down with where or its flags, or {verb} by a field of its own.",
        ) from error
    unlimited(context)


def streamed(
    context: Context, model: Any, order: Order, where: Tree | None, rows: Iterable[Any], verb: str = "sort"
) -> Iterator[Any]:
    """The rows of a stream, each batch of which may take as long as a page; with the same advice."""
    if typed(where):
        limited(context)
    with bounded(context, model, where), advising(context, model, order, where, verb):
        yield from rows


def _written_time(field: Field) -> Field:
    iso = sql.REPLACE(sql.TO_CHAR(field.expression, 'YYYY-MM-DD"T"HH24:MI:SS.USTZH:TZM'), ".000000", "")
    return replace(field, kind=Kind.TEXT, expression=iso)


def _named(fields: Sequence[Field]) -> list[Any]:
    return [field.expression.alias(field.name) for field in fields]
