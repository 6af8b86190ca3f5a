"""What a command runs with: who, when, where, and what this shell remembers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import islice
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from epicshell.database import Database
from epicshell.models import Entity
from epicshell.names import Named, Names
from epicshell.preferences import Preferences
from epicshell.results import FileFormat, Format
from epicshell.session import Actor
from epicshell.session.account import Account
from epicshell.session.terminal import Terminal
from epicshell.values import grouped

NOTHING_YET = "There is no last result yet."
LOOKED_AT = 500  #: records shown last among which those of a kind are looked for
_TITLES = ("username", "full_name", "name", "client")  #: what people call a record by


class Memory:
    """What this shell has shown: the revisions of records, the names of records, and the last result.

    A script remembers names only (`on` is False). names: those of the shell that it runs in, if any.
    last: the last result (`filters.again.Kept`); a sentence why there is none.
    """

    def __init__(self, *, on: bool, names: Names | None = None) -> None:
        self.on = on
        self.names = names or Names()
        self._revisions: dict[tuple[str, int], int] = {}
        self.last: Any = NOTHING_YET

    def saw(self, model: type[Entity], row_id: int, revision: int) -> None:
        if self.on:
            self._revisions.pop((model.noun, row_id), None)
            self._revisions[model.noun, row_id] = revision

    def revision(self, record: Entity) -> int | None:
        """The revision that the user last saw of a record, if any."""
        return self._revisions.get((record.noun, record.id))

    def latest(self, noun: str, most: int) -> list[int]:
        """The ids of the records of a kind that were shown last, the newest first."""
        newest = islice(reversed(self._revisions), LOOKED_AT)
        return list(islice((row_id for kind, row_id in newest if kind == noun), most))

    def keep(self, model: Any, values: Mapping[str, Any]) -> None:
        """A record was created or shown alone: from now on it is `@last`. values: its fields, as far as shown."""
        if values.get("id") is not None:
            title = next((values[name] for name in _TITLES if values.get(name)), "")
            self.names.keep(Named(model.noun, values["id"], title))

    def known_names(self) -> list[tuple[str, str]]:
        """(`@name`, what it stands for) for completion."""
        return self.names.candidates()

    def clear(self) -> None:
        """Forget everything: someone else logs in."""
        self._revisions.clear()
        self.names.clear()
        self.last = NOTHING_YET


class Look(Protocol):
    """Runs reading lines on a connection of its own, in the one thread that calls it; nobody typed them."""

    def __call__(self, text: str) -> str:
        """What a line prints. Raises EpicError."""

    def close(self) -> None:
        """Close the connection."""


class Runner(Protocol):
    """Runs a line on behalf of a command that was given one."""

    def run(self, text: str) -> None:
        """Run one line, as part of whatever that command is part of. Raises EpicError."""

    def beside(self) -> Look:
        """A way to run lines beside it, which never extends the idle time."""


@dataclass
class Context:
    """One command's surroundings.

    format: how the result will be written.
    page_size: the rows of a list without --limit or --all; None: all of them.
    rehearsal: what is done will be taken back (a dry run).
    runner: for commands that take a command; None where none can run, as in a completion.
    preferences: the actor's own, in the shell; None elsewhere, where nobody's taste counts.
    agreed: what was to be asked before was answered with yes, or needn't be asked (--yes).
    notes: sentences for people that the command adds to its result.
    left: what is to be looked at when all of the command's work is done, with the records; see `at_the_end`.
    """

    account: Account
    terminal: Terminal
    memory: Memory
    format: Format | FileFormat = Format.TABLE
    page_size: int | None = None
    rehearsal: bool = False
    runner: Runner | None = None
    preferences: Preferences | None = None
    agreed: bool = False
    notes: list[str] = field(default_factory=list)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    left: dict[Callable[["Context", list[Any]], None], list[Any]] = field(default_factory=dict)

    def at_the_end(self, look: Callable[["Context", list[Any]], None], record: Any) -> None:
        """Have a record looked at, once for all records that the command changes, before its work is committed."""
        self.left.setdefault(look, []).append(record)

    def conclude(self) -> None:
        """Look at what was left for the end."""
        left, self.left = self.left, {}
        for look, records in left.items():
            look(self, records)

    @property
    def actor(self) -> Actor:
        return self.account.actor

    @property
    def database(self) -> Database:
        return self.account.database

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.actor.settings["timezone"])

    @property
    def today(self) -> date:
        """Today in the company's zone."""
        return self.now.astimezone(self.zone).date()

    def money(self, cents: int) -> str:
        """An amount for people: `12 000.00 EUR`."""
        return f"{grouped(cents)} {self.actor.settings['currency']}"

    def midnight(self, day: date) -> datetime:
        """The start of a day in the company's zone."""
        return datetime.combine(day, time(), self.zone)
