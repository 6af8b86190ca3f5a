"""What a file's records came to, as a listing; kept outside of memory, for there may be a hundred thousand."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any
from weakref import finalize

from epicshell.commands.importing.wishes import Action, Outcome
from epicshell.context import Context
from epicshell.errors import Refused
from epicshell.results import Column, Format, Kind, Listing

_IN_MEMORY = 2_000_000  #: bytes; more goes to a file that nobody else can open
_MOST_SHOWN = 1000  #: rows of a table without a terminal; programs get all
_COLUMNS = (
    Column("place"),
    Column("action"),
    Column("id", Kind.INTEGER),
    Column("name"),
    Column("changes"),
    Column("problem"),
)


class Report:
    """Gathers outcomes. taken_back: nothing of it stayed."""

    def __init__(self) -> None:
        from tempfile import SpooledTemporaryFile
        from weakref import finalize

        self.taken_back = False
        self._counts: Counter[Action] = Counter()
        self._problems = 0
        self._file: IO[str] = SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="utf-8")  # noqa: SIM115 (see below)
        finalize(self, self._file.close)  # the listing that reads it holds on to us

    def add(self, one: Outcome) -> None:
        self._counts[one.action] += 1
        self._problems += bool(one.problem)
        row = [one.place, one.action, one.id, one.name, one.changes or None, one.problem or None]
        self._file.write(json.dumps([one.drawn, row]) + "\n")

    def count(self, action: Action) -> int:
        return self._counts[action]

    def listing(self, context: Context, *, apply: bool, skip_errors: bool) -> Listing:
        """The report for who asked; where nothing was kept because of errors, a failure as well."""
        summary = self.summary(apply=apply, skip_errors=skip_errors)
        failed = bool(self.count(Action.ERROR)) and not skip_errors
        if not failed:
            context.notes.append(summary)
        rows = self._rows() if context.format not in (Format.TABLE, Format.MARKDOWN) else self._page(context)
        return Listing(_COLUMNS, rows, whole=True, failure=Refused(summary) if failed else None)

    def summary(self, *, apply: bool, skip_errors: bool) -> str:
        """`12 to create, 3 unchanged, 1 error; nothing was done: --apply does it.`"""
        done = apply and not self.taken_back
        words = {
            Action.CREATE: "created" if done else "to create",
            Action.UPDATE: "updated" if done else "to update",
            Action.SKIP: "unchanged",
            Action.ERROR: "error" if self.count(Action.ERROR) == 1 else "errors",
        }
        counts = ", ".join(f"{self.count(action)} {word}" for action, word in words.items() if self.count(action))
        if done:
            return f"{counts or 'No records'}."
        errors = bool(self.count(Action.ERROR)) and not skip_errors
        what = "correct them, or add --skip-errors" if errors else "--apply does it"
        return f"{counts or 'No records'}; nothing was done" + (f": {what}." if self._wanted() or errors else ".")

    def _wanted(self) -> int:
        return self.count(Action.CREATE) + self.count(Action.UPDATE)

    def _page(self, context: Context) -> Iterator[list[Any]]:
        """As many rows as people read, in their order: those with something to say, then others."""
        most = context.page_size or _MOST_SHOWN
        others = max(0, most - self._problems)
        left = sum(self._counts.values()) - min(most, sum(self._counts.values()))
        if left:
            context.notes.append(f"{left} more are not shown; --format csv has them all.")
        return islice(self._chosen(others), most)

    def _chosen(self, others: int) -> Iterator[list[Any]]:
        for row in self._rows():
            others -= not row[-1]
            if row[-1] or others >= 0:
                yield row

    def _rows(self) -> Iterator[list[Any]]:
        """The rows; the number that was drawn for a record that is taken back would not last."""
        self._file.seek(0)
        for line in self._file:
            drawn, row = json.loads(line)
            if self.taken_back and drawn:
                row[2] = None
            yield row
