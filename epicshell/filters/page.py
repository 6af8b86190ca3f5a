"""Lists and records as results: the view of an entity under the actor's rights, sorted, limited, counted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from peewee import SQL, Expression

from epicshell import policy
from epicshell.context import Context
from epicshell.errors import Invalid, NotUnderstood
from epicshell.filters.statements import MOST_COUNTED, every, first, written
from epicshell.models import Entity, Field, Trashable
from epicshell.params.scalars import Limit
from epicshell.results import Format, Kind, Listing, Record
from epicshell.text import closest, quote
from epicshell.values import grouped


@dataclass(frozen=True)
class Page:
    """How much of a list is shown, and how.

    sort: fields to sort by, -FIELD for the largest first, such as company,-id
    columns: the fields to show, such as id,name,starts_at
    limit: how many rows at most
    all: all rows, however many
    """

    sort: str = ""
    columns: str = ""
    limit: Limit | None = None
    all: bool = False


def listing(
    context: Context,
    model: Any,
    conditions: Iterable[Expression] = (),
    page: Page | None = None,
    *,
    sort: str = "-id",
    trash: bool = False,
) -> Listing:
    """The rows of an entity that the actor may read and that meet every condition.

    sort: the default order. trash: the deleted rows instead of the live ones.
    """
    page = page or Page()
    query = model.select(SQL("1")).where(policy.readable(context.actor, model))
    if trash:
        policy.require(context.actor, policy.DELETE[model])
    if issubclass(model, Trashable):
        query = query.where(model.trashed() if trash else model.live())
    for condition in conditions:
        query = query.where(condition)
    return listed(context, model, query, page, sort)


def listed(context: Context, model: Any, query: Any, page: Page, sort: str) -> Listing:
    """A query over an entity as a listing: its columns, order and limit as the page says."""
    fields = _chosen(context, model, page.columns)
    kept = [field for name in ("id", "revision") if (field := model.field(name)) and field not in fields]
    order = _sorted(model, page.sort or sort)
    if page.all and page.limit:
        raise NotUnderstood("--limit and --all exclude each other.")
    limit = None if page.all else page.limit or context.page_size
    rows: Iterable[Sequence[Any]]
    count = None
    if limit is None or limit > MOST_COUNTED:
        fields = written(context, fields)
        rows = context.database.stream(every(query, model, [*fields, *kept], order, limit))
    else:
        found = list(first(query, model, [*fields, *kept], order, limit + 1).tuples())
        count = found[0][-1] if len(found) > limit else None
        rows = [row[:-1] for row in found[:limit]]
    rows = _alone_kept(context, model, [*fields, *kept], rows)
    sums = [0] * len(fields)
    footer = _Footer(model, fields, sums, count, context.actor.settings["currency"])
    if context.format is Format.TABLE or kept or context.memory.on:
        rows = _watched(context, model, fields, kept, rows, sums)
    return Listing(fields, rows, footer)


def record(context: Context, entity: Entity, **extra: str) -> Record:
    """One record as it now is, with all its fields. extra: further values that only this answer has."""
    model: Any = type(entity)
    fields = model.fields()
    key = model._meta.primary_key
    row = model.view(fields).where(key == getattr(entity, key.name)).tuples().first()
    if row is None:
        row = tuple(getattr(entity, field.name, None) for field in fields)
    if getattr(model, "id", None) is not None:
        values = dict(zip([field.name for field in fields], row, strict=True))
        context.memory.saw(model, entity.id, values.get("revision", 0))
        context.memory.keep(model, values)
    more = [Field(name, Kind.TEXT) for name in extra]
    return Record([*fields, *more], [*row, *extra.values()])


def records(context: Context, entities: Sequence[Entity]) -> list[Record]:
    """Records of one entity that were just made, each with all its fields: one statement for all."""
    model: Any = type(entities[0])
    fields = model.fields()
    numbers = [entity.id for entity in entities]
    rows = {row[0]: row for row in model.view(fields).where(model.id.in_(numbers)).tuples()}
    for entity in entities:
        context.memory.saw(model, entity.id, entity.revision)
    names = [field.name for field in fields]
    context.memory.keep(model, dict(zip(names, rows[numbers[-1]], strict=True)))
    return [Record(fields, rows[number]) for number in numbers]


def _chosen(context: Context, model: Any, columns: str) -> list[Field]:
    """The fields to show: those asked for, else all of them, in a table those that fit a screen."""
    if not columns:
        return (
            list(model.fields())
            if context.format is not Format.TABLE
            else [model.field(name) for name in model.summary]
        )
    names = [name.strip() for name in columns.split(",")]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise Invalid(f"--columns: {quote(twice)} is named twice.", "Accepted: each field once.")
    return [_field(model, name, "--columns") for name in names]


def _sorted(model: Any, sort: str) -> list[tuple[Field, bool]]:
    """(field, descending) for each part of FIELD[,-FIELD]."""
    parts = [part.strip() for part in sort.split(",")]
    return [(_field(model, part.removeprefix("-"), "--sort"), part.startswith("-")) for part in parts]


def _field(model: Any, name: str, flag: str) -> Field:
    found: Field | None = model.field(name)
    if found is None:
        names = [field.name for field in model.fields()]
        near = closest(name, names)
        hint = f"Did you mean {near}?" if near else f"Accepted: {', '.join(names)}."
        raise Invalid(f"{flag}: {model.plural()} have no field {quote(name)}.", hint)
    return found


def _alone_kept(context: Context, model: Any, fields: list[Field], rows: Iterable[Sequence[Any]]) -> Iterable[Any]:
    """The rows; if there is but one, it is kept as what was shown last. (Two are looked at, not each.)"""
    left = iter(rows)
    head = list(islice(left, 2))
    if len(head) == 1:
        context.memory.keep(model, {field.name: value for field, value in zip(fields, head[0], strict=False)})
    return chain(head, left)


def _watched(
    context: Context,
    model: Any,
    fields: list[Field],
    kept: list[Field],
    rows: Iterable[Sequence[Any]],
    sums: list[int],
) -> Iterator[Sequence[Any]]:
    """The rows, while their revisions are remembered and their amounts summed up. kept: fields that aren't shown."""
    places = {field.name: place for place, field in enumerate([*fields, *kept])}
    money = [place for place, field in enumerate(fields) if field.kind is Kind.MONEY]
    number, revision = places.get("id"), places.get("revision")
    for row in rows:
        for place in money:
            sums[place] += row[place]
        if number is not None and revision is not None:
            context.memory.saw(model, row[number], row[revision])
        yield row[: len(fields)]


class _Footer:
    """The totals line: how many, of how many, and the sums of the amounts shown."""

    def __init__(self, model: Any, fields: list[Field], sums: list[int], count: int | None, currency: str) -> None:
        self._model, self._fields, self._sums, self._count, self._currency = model, fields, sums, count, currency

    def __call__(self, shown: int) -> str:
        if shown == 0:
            return f"No {self._model.plural()}."
        parts = [f"{shown} {self._model.plural() if shown > 1 else self._model.noun}"]
        if self._count is not None:
            total = f"more than {MOST_COUNTED}" if self._count > MOST_COUNTED else str(self._count)
            parts = [f"{shown} of {total} {self._model.plural()} (--all shows all)"]
        parts += [
            f"{field.name} {grouped(total)} {self._currency}"
            for field, total in zip(self._fields, self._sums, strict=True)
            if field.kind is Kind.MONEY
        ]
        return " · ".join(parts)
