"""The statements behind lists: sorted, a page of rows with the count of all, or all rows for an export."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from peewee import SQL, ModelSelect
from peewee import fn as sql

from epicshell.context import Context
from epicshell.filters.keyset import Order, Position, behind, keys
from epicshell.models import Field
from epicshell.results import FileFormat, Format, Kind

MOST_COUNTED = 10_000  #: beyond this many rows a count says "more than"
EXACT = (Format.CSV, Format.TSV, Format.JSON, FileFormat.CSV, FileFormat.JSON)


def ordered(query: Any, model: Any, fields: Sequence[Field], order: Order) -> Any:
    """Sort, by its key last so that the order is always the same; unknown values come last."""
    query = model.join_for(query, [*fields, *[field for field, _ in order]])
    return query.order_by(*[key.ordering for key in keys(model, order)])


def first(
    query: Any, model: Any, fields: Sequence[Field], order: Order, limit: int, after: Position | None = None
) -> Any:
    """The first rows, or those behind one; in a last column how many there are in all, up to one more than
    MOST_COUNTED, computed once.

    They are found before they are joined with their neighbours: else a sort would first join every row.
    """
    some = query.limit(MOST_COUNTED + 1).alias("some")
    count = ModelSelect(model, [sql.COUNT(SQL("*"))]).from_(some)
    if after is not None:
        query = query.where(behind(keys(model, order), after))
    if any(field.join for field in fields):
        key = model._meta.primary_key
        query = model.select().where(key.in_(ordered(query.select(key), model, [], order).limit(limit)))
    return ordered(query.select(*_named(fields), count), model, fields, order).limit(limit)


def every(query: Any, model: Any, fields: Sequence[Field], order: Order, limit: int | None) -> Any:
    """All rows, or a great many, to be streamed."""
    return ordered(query.select(*_named(fields)), model, fields, order).limit(limit)


def counted(context: Context, query: Any, limit: int | None, most: int) -> int:
    """How many rows of a query a list gives, counted up to `most`."""
    some = query.select(SQL("1")).limit(most if limit is None else min(limit, most)).alias("some")
    return int(ModelSelect(query.model, [sql.COUNT(SQL("*"))]).from_(some).scalar(context.database))


def written(context: Context, fields: list[Field]) -> list[Field]:
    """The fields of an export, with times as `render.cells.exactly` writes them: the database is quicker at that."""
    if context.format not in EXACT:
        return fields
    context.database.execute_sql("SET LOCAL TimeZone = %s", (context.actor.settings["timezone"],))
    return [_written_time(field) if field.kind is Kind.TIME else field for field in fields]


def _written_time(field: Field) -> Field:
    iso = sql.REPLACE(sql.TO_CHAR(field.expression, 'YYYY-MM-DD"T"HH24:MI:SS.USTZH:TZM'), ".000000", "")
    return replace(field, kind=Kind.TEXT, expression=iso)


def _named(fields: Sequence[Field]) -> list[Any]:
    return [field.expression.alias(field.name) for field in fields]
