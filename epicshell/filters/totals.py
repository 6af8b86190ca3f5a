"""The totals line of a list: how many, of how many, and the sums of the amounts shown."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from epicshell.results import Column, Kind
from epicshell.values import grouped


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are, counted up to one more than `most`."""

    rows: int
    most: int

    def said(self, known: int) -> str:
        """`123`, or `more than 500`. known: as many there are at least, and more."""
        return f"more than {max(self.most, known)}" if self.rows > self.most else str(self.rows)


class Summed:
    """Rows whose amounts are summed up as they pass by; each time from the start. sums: by place, in cents."""

    def __init__(self, fields: Sequence[Column], rows: Iterable[Sequence[Any]]) -> None:
        self._rows = rows
        self._places = [place for place, field in enumerate(fields) if field.kind is Kind.MONEY]
        self.sums: dict[int, int] = {}

    def __iter__(self) -> Iterator[Sequence[Any]]:
        sums = self.sums = dict.fromkeys(self._places, 0)
        if not sums:
            yield from self._rows
            return
        for row in self._rows:
            for place in sums:
                sums[place] += row[place]
            yield row


class Footer:
    """The totals line. count: of all rows, None if these are all or the last. summed: the rows that are shown.

    before: how many were shown on pages before. more: whether the next page can be asked for.
    """

    def __init__(
        self,
        model: Any,
        fields: Sequence[Column],
        summed: Summed,
        count: Count | None,
        currency: str,
        *,
        before: int = 0,
        more: bool = False,
    ) -> None:
        self._model, self._fields, self._summed, self._count, self._currency = model, fields, summed, count, currency
        self._before, self._more = before, more

    def __call__(self, shown: int) -> str:
        if shown == 0:
            return f"No {self._model.plural()}."
        sums = [
            f"{self._fields[place].name} {grouped(total)} {self._currency}"
            for place, total in self._summed.sums.items()
        ]
        return " · ".join([self._counted(shown), *sums])

    def _counted(self, shown: int) -> str:
        plural = self._model.plural()
        if self._before:
            first, last = self._before + 1, self._before + shown
            which = f"{plural} {first}-{last}" if last > first else f"{self._model.noun} {first}"
            return f"{which}, the last" if self._count is None else f"{which} of {self._count.said(last)}{self._hint()}"
        if self._count is None:
            return f"{shown} {plural if shown > 1 else self._model.noun}"
        return f"{shown} of {self._count.said(shown)} {plural}{self._hint()}"

    def _hint(self) -> str:
        return " (more shows the next, --all shows all)" if self._more else " (--all shows all)"
