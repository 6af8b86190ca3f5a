"""The last result once more: sorted, with other columns, in another format, without asking the database."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from epicshell.context import Context
from epicshell.errors import Invalid
from epicshell.filters.columns import chosen
from epicshell.filters.keyset import Position
from epicshell.filters.statements import MOST_COUNTED
from epicshell.filters.totals import Count, Footer, Summed
from epicshell.params.fields import known, order_of, picked
from epicshell.results import Column, Kind, Listing, Record
from epicshell.text import fold

MOST_KEPT = MOST_COUNTED  #: rows
TOO_LONG = f"The last result had more than {MOST_KEPT} rows, so it was not kept: use the command itself."


@dataclass(frozen=True)
class Cut:
    """Where a list was cut. after: the last row that was shown. shown: how many were, so far. limit: of each page."""

    after: Position
    shown: int
    limit: int


@dataclass(frozen=True)
class Kept:
    """A result that was shown.

    owner: whose session it was. fields: of each row, all that was read. model: the entity, None for other results.
    columns: the --columns asked for. count: of all rows, None if these are all, or the last. footer: of other results.
    single: it is one record. before: how many rows were shown on pages before. cut: where the next page begins, if
    there is one. repeat: asks for the page that begins there, as the list was asked for; None if it is no list.
    command: the name of what gave it.
    """

    owner: tuple[int, str]
    fields: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    model: Any = None
    columns: str = ""
    count: Count | None = None
    footer: Callable[[int], str] | None = None
    single: bool = False
    before: int = 0
    cut: Cut | None = None
    repeat: Callable[[Context, Cut], Listing] | None = None
    command: str = ""

    def otherwise(self, sort: str, columns: str) -> "Kept":
        """The same rows in another order, and with other columns asked for. Raises Invalid."""
        if self.single and sort:
            raise Invalid("--sort: the last result is one record.", "Lists can be sorted.")
        self._have_read(sort, "--sort")
        self._have_read(columns, "--columns")
        rows = self._sorted(sort) if sort else self.rows
        return replace(self, rows=rows, columns=columns or self.columns)

    def _have_read(self, typed: str, flag: str) -> None:
        """Raise Invalid for a field of the list that was not read with it, as it is a neighbour's."""
        read = {field.name for field in self.fields}
        more = {field.name for field in known(self.model, self.owner[1])} - read if self.model else set()
        if missing := next((name for name in re.split(r"[\s,-]+", typed) if name in more), None):
            hint = f"Ask for it with the list itself: --columns {missing}"
            raise Invalid(f"{flag}: the last result was read without {missing}.", hint)

    def result(self, context: Context) -> Listing | Record:
        """It as the context wants it."""
        fields = self._shown(context)
        if self.single:
            return Record(fields, list(next(iter(self._projected(fields)))))
        rows: Iterable[Sequence[Any]] = self._projected(fields)
        if self.model is None:
            return Listing(fields, rows, self.footer, self)
        summed = Summed(fields, rows)
        currency, more = context.actor.settings["currency"], self.cut is not None
        footer = Footer(self.model, fields, summed, self.count, currency, before=self.before, more=more)
        return Listing(fields, summed, footer, self)

    def _shown(self, context: Context) -> Sequence[Column]:
        if self.model is not None and not self.single:
            return chosen(context, self.model, self.columns, self.fields)
        return picked(self.fields, self.columns, "these results", "--columns") if self.columns else self.fields

    def _projected(self, fields: Sequence[Column]) -> Sequence[Sequence[Any]]:
        if list(fields) == list(self.fields):
            return self.rows
        places = [place_of(self.fields, field) for field in fields]
        return _Projected(self.rows, places)

    def _sorted(self, sort: str) -> Sequence[Sequence[Any]]:
        """As the database sorts (filters.statements.ordered): unknown last, and by id where all else is the same."""
        plural = self.model.plural() if self.model else "these results"
        order = order_of(self.fields, sort, plural, "--sort")
        rows = list(self.rows)
        if all(field.name != "id" for field, _ in order):
            order += [(field, order[0][1]) for field in self.fields if field.name == "id"]
        for field, descending in reversed(order):
            place, folded = place_of(self.fields, field), _folds(field, self.model)
            known = [row for row in rows if row[place] is not None]
            known.sort(key=_key(place, folded=folded), reverse=descending)
            rows = known + [row for row in rows if row[place] is None]
        return rows


def keep(
    context: Context,
    result: Listing | Record,
    command: str,
    repeat: Callable[[Context, Cut], Listing] | None = None,
) -> Listing | Record:
    """Remember a result that is about to be shown; it comes back such that its rows can be read twice.

    command: the name of what gave it. repeat: asks for the next page of it, if it is a list.
    """
    memory, owner = context.memory, owner_of(context)
    if isinstance(result, Record):
        kept = Kept(owner, result.columns, [result.values], single=True, command=command)
        memory.last = kept if not result.once else ONCE
        return result
    if result.kept is None:
        rows = list(result.rows)
        result = replace(result, rows=rows, kept=Kept(owner, result.columns, rows, footer=result.footer))
    memory.last = result.kept
    if isinstance(memory.last, Kept):
        last = memory.last
        memory.last = replace(last, repeat=last.repeat or repeat, command=last.command or command)
    return result


ONCE = "The last result held a secret, which is shown only once."


def owner_of(context: Context) -> tuple[int, str]:
    """Whose results these are: a person, in a department."""
    return context.actor.employee_id, context.actor.department


def taken(rows: Iterable[Sequence[Any]]) -> tuple[list[Sequence[Any]], Iterator[Sequence[Any]] | None]:
    """(the rows, None) if they are few enough to be kept, else (the first of them, the rest of the stream)."""
    stream = iter(rows)
    head = list(islice(stream, MOST_KEPT + 1))
    return (head, stream) if len(head) > MOST_KEPT else (head, None)


def place_of(fields: Sequence[Column], field: Column) -> int:
    """Where in the rows a field stands."""
    return next(place for place, one in enumerate(fields) if one.name == field.name)


class _Projected(Sequence[Sequence[Any]]):
    """Some values of each row."""

    def __init__(self, rows: Sequence[Sequence[Any]], places: list[int]) -> None:
        self._rows, self._places = rows, places

    def __getitem__(self, index: Any) -> Any:
        return tuple(self._rows[index][place] for place in self._places)

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[Sequence[Any]]:
        places = self._places
        return (tuple([row[place] for place in places]) for row in self._rows)


def _folds(field: Column, model: Any) -> bool:
    """Whether accents and case are ignored: in names and the like; all texts of what is no entity."""
    return field.kind is Kind.TEXT and (model is None or getattr(field, "order", None) is not None)


def _key(place: int, *, folded: bool) -> Callable[[Sequence[Any]], Any]:
    return (lambda row: fold(row[place])) if folded else (lambda row: row[place])
