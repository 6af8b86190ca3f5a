"""Lists: the view of an entity under the actor's rights, as its conditions, page and expression ask for it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from peewee import SQL, Expression

from epicshell import policy
from epicshell.context import Context
from epicshell.errors import NotUnderstood
from epicshell.filters.again import Cut
from epicshell.filters.columns import chosen
from epicshell.filters.rows import Source, passing, remembered
from epicshell.filters.statements import ordered
from epicshell.filters.where.condition import condition
from epicshell.filters.where.limits import bounded
from epicshell.filters.where.tree import Tree
from epicshell.models import Trashable
from epicshell.params.fields import Columns, GroupBy, Sort, known, order_of
from epicshell.params.scalars import Limit
from epicshell.results import Listing, Text


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
    with bounded(context, model, where):
        return listed(context, model, query, page, sort, where=where, trash=trash)


def listed(
    context: Context,
    model: Any,
    query: Any,
    page: Page,
    sort: str,
    *,
    where: Tree | None = None,
    trash: bool = False,
) -> Listing | Text:
    """A query over an entity as a listing: its columns, order and limit as the page says; or grouped, or explained.

    where: the expression that is in the query. trash: whether it is of deleted rows.
    """
    if page.explain:
        return explanation(context, model, query, page, sort, where=where, trash=trash)
    if page.all and page.limit:
        raise NotUnderstood("--limit and --all exclude each other.")
    limit = None if page.all else page.limit or context.page_size
    if page.group_by:
        from epicshell.filters.groups import Grouping, grouped  # few lists are grouped, or explained

        grouping = Grouping(page.group_by, page.sort, page.columns, limit)
        return grouped(context, model, query, grouping, where=where, trash=trash)
    fields = chosen(context, model, page.columns)
    order = order_of(known(model, context.actor.department), page.sort or sort, model.plural(), "--sort")
    source = Source(model, query, fields, order, limit, page.cut, where)
    return remembered(context, source, page.columns) if context.memory.on else passing(context, source)


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
