"""What `find` gives: of each entity the records that have all words, the best first, and why each is there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from peewee import Value
from peewee import fn as sql

from epicshell import policy
from epicshell.context import Context
from epicshell.filters.matching import CLIENT_WORDS, EVENT_WORDS, matches
from epicshell.filters.wanted import Wanted
from epicshell.models import Client, Contract, Employee, Event
from epicshell.models.base import call
from epicshell.text import words

CLIENTS_LOOKED_AT = 30  #: clients whose contracts and events are gathered, where not all are asked for
ID, EXACT, ALIKE, OF_CLIENT = "id", "words", "begins so", "client"  #: why a record is there, the best first
_ORDER = (ID, EXACT, ALIKE)
_ABOUT: dict[Any, tuple[str, ...]] = {
    Client: ("full_name", "company", "email", "phone"),
    Contract: ("client", "company"),
    Event: ("name", "client", "location"),
}


@dataclass(frozen=True)
class Group:
    """What was found of one entity. rows: (noun, id, name, about, matched). more: whether there are others."""

    plural: str
    rows: Sequence[tuple[Any, ...]]
    more: bool


class Finder:
    """One search under the reader's rights. most: rows of each entity; None: all."""

    def __init__(self, context: Context, wanted: Wanted, most: int | None) -> None:
        self._context, self._wanted, self._most = context, wanted, most
        self._enough = None if most is None else most + 1

    def groups(self) -> Iterator[Group]:
        """What the reader's department may read at all, entity by entity."""
        actor = self._context.actor
        if policy.cell(actor, policy.Permission.CLIENT_READ):
            clients, all_of_them = self._clients()
            found = self._by_id(Client)
            yield self._group(Client, found | _later(found, clients))
            for model in (Contract, Event):
                found = self._by_id(model)
                if model is Event:
                    found |= _later(
                        found, self._reasons(matches(self._context, EVENT_WORDS, self._wanted.plain, self._enough))
                    )
                found |= _later(found, self._of_clients(model, list(clients)))
                yield self._group(model, found, more=not all_of_them and len(found) == (self._most or 0))
        yield self._employees()

    def _clients(self) -> tuple[dict[int, str], bool]:
        """Why each client is there, and whether these are all."""
        enough = None if self._enough is None else max(self._enough, CLIENTS_LOOKED_AT)
        found: dict[int, str] = {}
        for way in self._wanted.of_clients:
            rows = matches(self._context, CLIENT_WORDS, way, enough)
            found |= _later(found, self._reasons(rows))
        ordered = sorted(found.items(), key=lambda item: (item[1] != EXACT, -item[0]))
        return dict(ordered), enough is None or len(ordered) < enough

    @staticmethod
    def _reasons(rows: Iterable[tuple[int, bool]]) -> dict[int, str]:
        return {number: EXACT if exact else ALIKE for number, exact in rows}

    def _by_id(self, model: Any) -> dict[int, str]:
        number = self._wanted.number
        if number is None or not model.select().where((model.id == number) & self._readable(model)).exists():
            return {}
        return {number: ID}

    def _of_clients(self, model: Any, clients: Sequence[int]) -> dict[int, str]:
        """What belongs to clients that were found: of the best client first, its newest first."""
        if not clients:
            return {}
        place = {number: place for place, number in enumerate(clients)}
        query = model.select(model.id, model.client_id).where(_among(model.client_id, clients) & self._readable(model))
        rows = sorted(query.tuples(), key=lambda row: (place[row[1]], -row[0]))
        return {number: OF_CLIENT for number, _ in rows}

    def _group(self, model: Any, reasons: dict[int, str], *, more: bool = False) -> Group:
        shown = list(reasons)[: self._most]
        known = {row[0]: row[1:] for row in self._read(model, shown, ("id", *_ABOUT[model]))} if shown else {}
        rows = [(_noun(model), number, known[number][0], _joined(known[number][1:]), reasons[number])
                for number in shown if number in known]  # fmt: skip
        return Group(_noun(model), rows, more or len(reasons) > len(shown))

    def _employees(self) -> Group:
        found = []
        one = Employee
        columns = (one.id, one.full_name, one.username, one.department, one.email, one.active)
        people = one.select(*columns).where(policy.readable(self._context.actor, Employee) & self._may_be())
        for number, name, username, department, email, active in people.tuples():
            if reason := self._why(number, words(f"{username} {name} {email}")):
                row = ("employees", number, name, _joined((username, department, email)), reason)
                found.append(((_ORDER.index(reason), not active, -number), row))
        shown = [row for _, row in sorted(found)[: self._most]]
        return Group("employees", shown, len(found) > len(shown))

    def _may_be(self) -> Any:
        """What holds for every employee who is there, and for few others: not all are looked at here."""
        named = call(
            "crm.fold", Employee.username.concat(" ").concat(Employee.full_name).concat(" ").concat(Employee.email)
        )
        all_words = reduce(and_, [call("strpos", named, word) > 0 for word in self._wanted.words])
        return all_words if self._wanted.number is None else all_words | (Employee.id == self._wanted.number)

    def _why(self, number: int, known: Sequence[str]) -> str:
        """Why an employee with these words is there, if so."""
        if number == self._wanted.number:
            return ID
        if not all(term.fits(known) for term in self._wanted.plain):
            return ""
        return EXACT if set(self._wanted.words) <= set(known) else ALIKE

    def _read(self, model: Any, numbers: Sequence[int], names: Sequence[str]) -> list[Any]:
        known = {field.name: field for field in model.known(self._context.actor.department)}
        fields = [known[name] for name in names]
        return list(model.view(fields).where(_among(model.id, numbers) & self._readable(model)).tuples())

    def _readable(self, model: Any) -> Any:
        return policy.readable(self._context.actor, model) & model.live()


def _among(field: Any, numbers: Sequence[int]) -> Any:
    return field == sql.ANY(Value(list(numbers), unpack=False))


def _later(first: dict[int, str], then: dict[int, str]) -> dict[int, str]:
    """What was not found before."""
    return {number: why for number, why in then.items() if number not in first}


def _noun(model: Any) -> str:
    return str(model.plural())


def _joined(values: Iterable[Any]) -> str:
    return " · ".join(str(value) for value in values if value)
