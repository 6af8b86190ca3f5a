"""Lists and records as results: the view of an entity under the actor's rights, sorted, limited, counted."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import Any, ClassVar, cast

from peewee import SQL, Expression

from epicshell import policy
from epicshell.context import Context
from epicshell.errors import NotUnderstood, SessionEnded
from epicshell.filters.again import TOO_LONG, Cut, Kept, owner_of, place_of, taken
from epicshell.filters.columns import chosen
from epicshell.filters.keyset import keys
from epicshell.filters.statements import (
    FEW_COUNTED,
    MOST_COUNTED,
    advising,
    count_of,
    every,
    first,
    ordered,
    streamed,
    with_times_written,
)
from epicshell.filters.totals import Count, Footer, Summed
from epicshell.filters.where.condition import condition, looks_far
from epicshell.filters.where.limits import bounded
from epicshell.filters.where.tree import Tree
from epicshell.models import Entity, Field, Trashable
from epicshell.params.fields import Columns, GroupBy, Sort, known, order_of
from epicshell.params.scalars import Limit
from epicshell.results import Format, Kind, Listing, Record, Text
from epicshell.session import ENDED

LOOK_EVERY = 2000  #: rows of a stream that is read


@dataclass(frozen=True)
class Page:
    """How much of a list is shown, and how.

    sort: fields to sort by, -FIELD for the largest first, such as company,-id
    columns: the fields to show, such as id,name,starts_at
    group_by: one row per value of this field, with how many there are and their sums; times by month
    limit: how many rows at most
    all: all rows, however many
    explain: what the flags and the expression come to, and how the database will find it, without running it
    """

    sort: Sort = ""
    columns: Columns = ""
    group_by: GroupBy = ""
    limit: Limit | None = None
    all: bool = False
    explain: bool = False
    cut: ClassVar[Cut | None] = None

    def by(self, order: str) -> "Page":
        """In this order, where none is asked for: as if it had been."""
        return self if self.sort or self.group_by or not order else replace(self, sort=order)


@dataclass(frozen=True)
class NextPage(Page):
    """The page of a list that begins where the one before was cut."""

    cut: Cut | None = None  # type: ignore[misc]

    @classmethod
    def of(cls, page: Page, cut: Cut) -> "NextPage":
        return cls(page.sort, page.columns, limit=cut.limit, cut=cut)


def listing(
    context: Context,
    model: Any,
    conditions: Iterable[Expression] = (),
    page: Page | None = None,
    *,
    sort: str = "-id",
    trash: bool = False,
    where: Tree | None = None,
) -> Listing | Text:
    """The rows of an entity that the actor may read and that meet every condition.

    sort: the default order. trash: the deleted rows instead of the live ones. where: an expression that must hold.
    """
    page = page or Page()
    query = model.select(SQL("1")).where(policy.readable(context.actor, model))
    if trash:
        policy.require(context.actor, policy.DELETE[model])
    if issubclass(model, Trashable):
        query = query.where(model.trashed() if trash else model.live())
    for one in [*conditions, *([condition(where, model, context)] if where else [])]:
        query = query.where(one)
    if page.explain:
        return explanation(context, model, query, page, sort, where=where, trash=trash)
    with bounded(context, model, where):
        return listed(context, model, query, page, sort, where)


def listed(
    context: Context, model: Any, query: Any, page: Page, sort: str, where: Tree | None = None
) -> Listing | Text:
    """A query over an entity as a listing: its columns, order and limit as the page says; or grouped.

    where: the expression that is in the query.
    """
    if page.explain:
        return explanation(context, model, query, page, sort)
    if page.all and page.limit:
        raise NotUnderstood("--limit and --all exclude each other.")
    limit = None if page.all else page.limit or context.page_size
    if page.group_by:
        from epicshell.filters.groups import Grouping, grouped  # few lists are grouped, or explained

        return grouped(context, model, query, Grouping(page.group_by, page.sort, page.columns, limit), where)
    fields = chosen(context, model, page.columns)
    order = order_of(known(model, context.actor.department), page.sort or sort, model.plural(), "--sort")
    if context.memory.on:
        read = _read(model.fields(), [*fields, *[field for field, _ in order]])
        return _remembered(context, Source(model, query, read, order, limit, page.cut, where), page.columns)
    if _many(limit):
        fields = with_times_written(context, fields)
    number = model.field("id")
    read = fields if number is None or number in fields else [*fields, number]
    rows, count = _rows(context, Source(model, query, read, order, limit, where=where))
    rows = _named_alone(context, model, read, rows)
    if len(read) > len(fields):
        rows = (row[:-1] for row in rows)
    result = _summed(context, model, fields, rows, count)
    return replace(result, count=partial(count_of, context, query, limit))


@dataclass(frozen=True)
class Source:
    """What rows are read from: the fields that are read, the order, how many at most, and behind which.

    where: the expression that is in the query.
    """

    model: Any
    query: Any
    fields: Sequence[Field]
    order: Any
    limit: int | None
    cut: Cut | None = None
    where: Tree | None = None

    @property
    def most(self) -> int:
        """How far its rows are counted."""
        return FEW_COUNTED if self.where and looks_far(self.where) else MOST_COUNTED


def _read(own: Sequence[Field], named: Sequence[Field]) -> list[Field]:
    """All own fields, and those of neighbours that are named."""
    return list({field.name: field for field in (*own, *named)}.values())


def explanation(
    context: Context,
    model: Any,
    query: Any,
    page: Page,
    sort: str,
    *,
    where: Tree | None = None,
    trash: bool = False,
) -> Text:
    """What a list asks for, and how the database will find its first rows."""
    from epicshell.filters.where.explain import Asked, explained

    if page.group_by:
        raise NotUnderstood("--explain and --group-by exclude each other.")
    order = order_of(known(model, context.actor.department), page.sort or sort, model.plural(), "--sort")
    given = {"sort": page.sort, "columns": page.columns, "limit": page.limit or ""}
    flags = [f"--{name}" for name, given in (("trash", trash), ("all", page.all)) if given]
    flags += [f"--{name}={value}" for name, value in given.items() if value]
    limit = None if page.all else (page.limit or context.page_size)
    key = model._meta.primary_key
    wanted = ordered(query.select(key), model, [], order).limit(limit)
    asked = Asked(model.plural(), " ".join(flags), where) if model in policy.BY_NOUN.values() else None
    return explained(context, asked, wanted)


def _many(limit: int | None) -> bool:
    """Whether there may be so many rows that they come as a stream."""
    return limit is None or limit > MOST_COUNTED


def _rows(context: Context, source: Source) -> tuple[Iterable[Sequence[Any]], Count | None]:
    """The rows, and how many there are in all if these are not all; many of them as a stream."""
    limit, parts = source.limit, (source.query, source.model, source.fields, source.order)
    if limit is None or _many(limit):
        rows = context.database.stream(every(*parts, limit))
        return streamed(context, source.model, source.order, source.where, rows), None
    with advising(context, source.model, source.order, source.where):
        after = source.cut.after if source.cut else None
        found = list(first(*parts, limit + 1, after, source.most).tuples())
    count = Count(found[0][-1], source.most) if len(found) > limit else None
    return [row[:-1] for row in found[:limit]], count


def _named_alone(
    context: Context, model: Any, fields: Sequence[Field], rows: Iterable[Sequence[Any]]
) -> Iterable[Sequence[Any]]:
    """The rows; if there is but one, it is kept as what was shown last. (Two are looked at, not each.)"""
    left = iter(rows)
    head = list(islice(left, 2))
    if len(head) == 1:
        context.memory.keep(model, dict(zip([field.name for field in fields], head[0], strict=True)))
    return chain(head, left)


def _summed(
    context: Context, model: Any, fields: Sequence[Field], rows: Iterable[Sequence[Any]], count: Count | None
) -> Listing:
    if context.format is not Format.TABLE:
        return Listing(fields, rows)  # who has no use for the totals need not wait for them
    summed = Summed(fields, rows)
    return Listing(fields, summed, Footer(model, fields, summed, count, context.actor.settings["currency"]))


def _remembered(context: Context, source: Source, columns: str) -> Listing:
    """Every field of the rows is kept, and their revisions; of too many rows, only the revisions of those seen."""
    model, fields = source.model, source.fields
    rows, count = _rows(context, source)
    rows = _named_alone(context, model, fields, rows)
    number, revision = (model.field(name) for name in ("id", "revision"))
    if number and revision:
        rows = _watched(context, model, rows, place_of(fields, number), place_of(fields, revision))
    head, rest = taken(rows)
    if rest is None:
        before = source.cut.shown if source.cut else 0
        cut = _cut(source, head, before) if count is not None else None
        kept = Kept(owner_of(context), fields, head, model, columns, count, before=before, cut=cut)
        return cast(Listing, kept.result(context))
    shown = chosen(context, model, columns)
    places = [place_of(fields, field) for field in shown]
    stream = (tuple([row[place] for place in places]) for row in chain(head, _while_logged_in(context, rest)))
    return replace(_summed(context, model, shown, stream, count), kept=TOO_LONG)


def _cut(source: Source, rows: Sequence[Sequence[Any]], before: int) -> Cut:
    """Behind the last of these rows."""
    last = dict(zip([field.name for field in source.fields], rows[-1], strict=True))
    wanted = {key.name: last[key.name] for key in keys(source.model, source.order)}
    return Cut(wanted, before + len(rows), source.limit or len(rows))


def _while_logged_in(context: Context, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """Rows that someone reads at leisure: an open cursor would go on after the end of the session."""
    for number, row in enumerate(rows):
        if number % LOOK_EVERY == 0 and context.database.one("SELECT api.me()") is None:
            raise SessionEnded(ENDED)
        yield row


def record(context: Context, entity: Entity, **extra: str) -> Record:
    """One record as it now is, with all its fields. extra: secrets that only this answer has."""
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
    return Record([*fields, *more], [*row, *extra.values()], once=bool(extra))


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


def _watched(
    context: Context, model: Any, rows: Iterable[Sequence[Any]], number: int, revision: int
) -> Iterator[Sequence[Any]]:
    """The rows, while their revisions are remembered. number, revision: where they stand."""
    for row in rows:
        context.memory.saw(model, row[number], row[revision])
        yield row
