"""Parameter types of records: a number, looked up through what the actor may do."""

import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from peewee import SQL, Expression

from epicshell import policy
from epicshell.context import Context
from epicshell.errors import Invalid, NotAllowed, NotFound
from epicshell.models import Client, ClientWord, Contract, Entity, Event, Notification, Payment, Trashable
from epicshell.params.base import Candidate, Only, Param
from epicshell.policy import Permission
from epicshell.text import quote, words

FEW = 20  #: completions per question


class RecordParam(Param):
    """The id of a record of one entity. A hidden one and a missing one give the same answer.

    trashed: one in the trash; None: there, or live.
    """

    looks_up = True

    def __init__(self, model: type[Entity], *, trashed: bool | None = False) -> None:
        self.model: Any = model
        self.trashed = trashed
        self.metavar = "PAYMENT-ID" if model is Payment else "ID"
        self.accepts = f"the number of {'an' if model.noun[0] in 'aeiou' else 'a'} {model.noun}"

    @property
    def kind(self) -> object:
        return self.model.noun

    def check(self, text: str, context: Context, needs: Permission | None) -> None:
        if not text.lstrip().startswith("@") and not re.fullmatch("[0-9]{1,18}", text.strip()):
            raise Invalid(f"{quote(text)} is not {self.accepts}.", "Accepted: a number, such as 109.")

    def parse(self, text: str, context: Context, needs: Permission | None) -> Entity:
        self.check(text, context, needs)
        if text.lstrip().startswith("@"):
            named: Entity = self._named(text, context, needs)
            return named
        number = text.strip()
        found: Entity = self._permitted(self.model.id == int(number), str(int(number)), context, needs)
        return found

    def _named(self, text: str, context: Context, needs: Permission | None) -> Any:
        """The record that a name stands for, such as `@client`."""
        number = context.memory.names.find(text, self.model.noun)
        return self._permitted(self.model.id == number, str(number), context, needs)

    def _permitted(self, which: Expression, key: str, context: Context, needs: Permission | None) -> Any:
        """The record with this key. Raises NotFound, and NotAllowed for one that the actor may read but not `needs`."""
        model = self.model
        covered = policy.scope(context.actor, needs, model) if needs else policy.readable(context.actor, model)
        visible = which & policy.readable(context.actor, model) & self._standing()
        record = model.select(model, covered.alias("covered")).where(visible).first()
        if record is None:
            raise self._missing(key)
        if needs and not record.covered:
            raise NotAllowed(
                f"{model.noun.capitalize()} {key} is not among those that you have the right {needs} for.",
                f"Who has it: {policy.holders(context.actor, needs)}.",
            )
        return record

    def _missing(self, key: str) -> NotFound:
        place = " in the trash" if self.trashed else ""
        hint = "" if self.trashed else "It may have been deleted, or be none of yours to see."
        return NotFound(f"There is no {self.model.noun} {key}{place}.", hint)

    def _standing(self) -> Expression:
        if self.trashed is None or not issubclass(self.model, Trashable):
            return SQL("true")
        return self.model.trashed() if self.trashed else self.model.live()

    def candidates(self, prefix: str, context: Context, needs: Permission | None) -> Iterable[Candidate]:
        """By number, or by the start of any word of the client's name or company."""
        model = self.model
        if model is Payment:
            return []
        query = self._covered(context, needs)
        if re.fullmatch("[0-9]{1,10}", prefix):
            rows = _numbered(query, model, prefix)
        else:
            if prefix:
                query = query.where(_of_client(model).in_(_clients_named(prefix, context, needs)))
            newest = (model.starts_at.desc(), model.id.desc()) if model is Event else (model.id.desc(),)
            rows = list(query.order_by(*newest).limit(FEW).tuples())
        return [_candidate(row) for row in rows]

    def among(self, keys: Sequence[str], context: Context, needs: Permission | None) -> Iterable[Candidate]:
        numbers = [int(key) for key in keys if re.fullmatch("[0-9]{1,18}", key)]
        if self.model is Payment or not numbers:
            return []
        rows = self._covered(context, needs).where(self.model.id.in_(numbers)).tuples()
        return [_candidate(row) for row in sorted(rows, key=lambda row: numbers.index(row[0]))]

    def _covered(self, context: Context, needs: Permission | None) -> Any:
        """Those that may be named, with what describes them."""
        model = self.model
        covered = policy.scope(context.actor, needs, model) if needs else policy.readable(context.actor, model)
        return model.view(_described(model)).where(covered & self._standing())


def _candidate(row: Sequence[Any]) -> Candidate:
    return Candidate(str(row[0]), " · ".join(str(value) for value in row[1:] if value))


def _described(model: Any) -> list[Any]:
    names = {Client: ("id", "full_name", "company"), Contract: ("id", "client"), Event: ("id", "name", "client")}
    return [model.field(name) for name in names[model]]


def _of_client(model: Any) -> Any:
    return model.id if model is Client else model.client_id


def _clients_named(prefix: str, context: Context, needs: Permission | None) -> Any:
    """Clients that have a word which begins so, for a sub-query; bounded, so that it stays quick.

    For sales only those that count: among everyone's, the first few might hold none of theirs.
    """
    typed = words(prefix) or ["\U0010fffd"]
    found = ClientWord.select(ClientWord.client_id).where(ClientWord.starting(typed[-1])).limit(200)
    cell = policy.cell(context.actor, needs or Permission.CLIENT_READ)
    if cell and context.actor.department == "sales":
        found = found.where(cell.rows(context.actor, ClientWord))
    return found


def _numbered(query: Any, model: Any, prefix: str) -> list[Any]:
    """The records whose number begins with a prefix, the lowest first: one range of an index after the other."""
    found: list[Any] = []
    low = high = int(prefix)
    while len(found) < FEW and 0 < low < 2**31:
        some = query.where(model.id.between(low, min(high, 2**31 - 1))).order_by(model.id)
        found.extend(some.limit(FEW - len(found)).tuples())
        low, high = 10 * low, 10 * high + 9
    return found


class NotificationParam(RecordParam):
    """One of one's own notifications; the unread ones are offered."""

    def candidates(self, prefix: str, context: Context, needs: Permission | None) -> Iterable[Candidate]:
        unread = Notification.numbers(context.actor.employee_id)
        some = sorted([number for number in unread if str(number).startswith(prefix)][:FEW])
        offered = [Candidate(str(number), told) for number, told in zip(some, Notification.told(some), strict=True)]
        return offered[::-1]


ClientTrash = Annotated[bool, Only(tuple(policy.MATRIX[policy.DELETE[Client]]))]
ContractTrash = Annotated[bool, Only(tuple(policy.MATRIX[policy.DELETE[Contract]]))]
EventTrash = Annotated[bool, Only(tuple(policy.MATRIX[policy.DELETE[Event]]))]
TrashedClient = Annotated[Client, RecordParam(Client, trashed=True)]
TrashedContract = Annotated[Contract, RecordParam(Contract, trashed=True)]
TrashedEvent = Annotated[Event, RecordParam(Event, trashed=True)]
