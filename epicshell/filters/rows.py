"""The rows of a list: a page of them or a stream, with their totals, kept where a shell shows them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import Any, cast

from epicshell.context import Context
from epicshell.errors import SessionEnded
from epicshell.filters.again import TOO_LONG, Cut, Kept, owner_of, place_of, taken
from epicshell.filters.keyset import Order, keys
from epicshell.filters.statements import (
    FEW_COUNTED,
    MOST_COUNTED,
    advising,
    count_of,
    every,
    first,
    streamed,
    with_times_written,
)
from epicshell.filters.totals import Count, Footer, Summed
from epicshell.filters.where.condition import looks_far
from epicshell.filters.where.tree import Tree
from epicshell.models import Field
from epicshell.results import Format, Listing
from epicshell.session import ENDED

LOOK_EVERY = 2000  #: rows of a stream that is read


@dataclass(frozen=True)
class Source:
    """What rows are read from: the fields that are shown or read, the order, how many at most, and behind which.

    where: the expression that is in the query.
    """

    model: Any
    query: Any
    fields: Sequence[Field]
    order: Order
    limit: int | None
    cut: Cut | None = None
    where: Tree | None = None

    @property
    def most(self) -> int:
        """How far its rows are counted."""
        return FEW_COUNTED if self.where and looks_far(self.where) else MOST_COUNTED


def remembered(context: Context, source: Source, columns: str) -> Listing:
    """The rows in a shell: every field of them is kept, and their revisions; of too many only the revisions of those
    seen. columns: as --columns has them.
    """
    model, shown = source.model, source.fields
    fields = _read(model.fields(), [*shown, *[field for field, _ in source.order]])
    source = replace(source, fields=fields)
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
    places = [place_of(fields, field) for field in shown]
    stream = (tuple([row[place] for place in places]) for row in chain(head, _while_logged_in(context, rest)))
    return replace(_summed(context, model, shown, stream, count), kept=TOO_LONG)


def passing(context: Context, source: Source) -> Listing:
    """The rows where nothing is kept of them but the name of a single one; many of them are a one-way stream."""
    model, fields = source.model, source.fields
    if _is_many(source.limit):
        fields = with_times_written(context, fields)
    number = model.field("id")
    read = fields if number is None or number in fields else [*fields, number]
    rows, count = _rows(context, replace(source, fields=read))
    rows = _named_alone(context, model, read, rows)
    if len(read) > len(fields):
        rows = (row[:-1] for row in rows)
    result = _summed(context, model, fields, rows, count)
    return replace(result, count=partial(count_of, context, source.query, source.limit))


def _read(own: Sequence[Field], named: Sequence[Field]) -> list[Field]:
    """All own fields, and those of neighbours that are named."""
    return list({field.name: field for field in (*own, *named)}.values())


def _is_many(limit: int | None) -> bool:
    """Whether there may be so many rows that they come as a stream."""
    return limit is None or limit > MOST_COUNTED


def _rows(context: Context, source: Source) -> tuple[Iterable[Sequence[Any]], Count | None]:
    """The rows, and how many there are in all if these are not all; many of them as a stream."""
    limit, parts = source.limit, (source.query, source.model, source.fields, source.order)
    if limit is None or _is_many(limit):
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


def _watched(
    context: Context, model: Any, rows: Iterable[Sequence[Any]], number: int, revision: int
) -> Iterator[Sequence[Any]]:
    """The rows, while their revisions are remembered. number, revision: where they stand."""
    for row in rows:
        context.memory.saw(model, row[number], row[revision])
        yield row
