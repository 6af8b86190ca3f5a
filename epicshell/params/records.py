"""Parameter types of records: a number or a username, looked up through what the actor may do."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from peewee import SQL, Expression

from epicshell import policy, values
from epicshell.context import Context
from epicshell.errors import Invalid, NotAllowed, NotFound
from epicshell.models import Client, ClientWord, Contract, Employee, Entity, Event, Notification, Payment, Trashable
from epicshell.params.base import Candidate, Only, Param, Scalar
from epicshell.params.scalars import KEY
from epicshell.policy import Permission
from epicshell.text import closest, fold, quote, words

FEW = 20  #: completions per question
_FEW_MEANT = 3  #: people who may be meant by one name


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


class EmployeeParam(RecordParam):
    """An employee by username. department: only active people of it."""

    def __init__(self, department: str = "") -> None:
        super().__init__(Employee)
        self.department = department
        self.metavar = "WHO"
        self.accepts = f"the username of an active {department} employee" if department else "a username"

    @property
    def kind(self) -> object:
        return self.metavar

    def check(self, text: str, context: Context, needs: Permission | None) -> None:
        """Whether there is someone of that name, only the database knows."""

    def parse(self, text: str, context: Context, needs: Permission | None) -> Employee:
        name = text.strip().lower()
        if name.startswith("@"):
            employee: Employee = self._named(name, context, needs)
            name = employee.username
        elif values.is_username(name):
            employee = self._permitted(Employee.username == name, name, context, needs)
        else:
            raise self._missing(quote(text))
        if self.department and not (employee.active and employee.department == self.department):
            state = employee.department if employee.active else "inactive"
            raise Invalid(f"{name} is {state}.", f"Accepted: {self.accepts}.")
        return employee

    def _missing(self, key: str) -> NotFound:
        return NotFound(f"There is no employee {key}.", who_is_meant(key))

    def candidates(self, prefix: str, context: Context, needs: Permission | None) -> Iterable[Candidate]:
        """By username, or by the start of any word of the name, or of several."""
        return [_person(one) for one in self._people(context, needs) if _is_called(one, prefix)]

    def among(self, keys: Sequence[str], context: Context, needs: Permission | None) -> Iterable[Candidate]:
        people = {one.username: one for one in self._people(context, needs)}
        return [_person(people[key.lower()]) for key in keys if key.lower() in people]

    def _people(self, context: Context, needs: Permission | None) -> Any:
        people = Employee.select().where(policy.scope(context.actor, needs, Employee) if needs else Employee.active)
        if self.department:
            people = people.where((Employee.department == self.department) & Employee.active)
        return people.order_by(Employee.username)


class Contact(EmployeeParam):
    """Whose clients or events: anyone may be named, for people change departments; those of one are offered."""

    def __init__(self, offered: str) -> None:
        super().__init__()
        self._offered = offered

    def _people(self, context: Context, needs: Permission | None) -> Any:
        return super()._people(context, needs).where(Employee.department == self._offered)


def _person(one: Employee) -> Candidate:
    return Candidate(one.username, f"{one.full_name} · {one.department}")


def who_is_meant(typed: str) -> str:
    """A hint for a username that nobody has: who is called so, by any part of the name, or is spelt like it."""
    people = list(Employee.select(Employee.username, Employee.full_name))
    called = [one.username for one in people if _is_called(one, typed)]
    near = called[:_FEW_MEANT] or [name for name in [closest(typed, [one.username for one in people])] if name]
    return f"Did you mean {' or '.join(near)}?" if near else "employees list shows everyone."


def _is_called(one: Employee, prefix: str) -> bool:
    names = words(one.full_name)
    return one.username.startswith(fold(prefix)) or (
        all(any(name.startswith(typed) for name in names) for typed in words(prefix)) and bool(words(prefix))
    )


class Colleague(EmployeeParam):
    """Any employee of the directory, whatever the right that the command needs."""

    def parse(self, text: str, context: Context, needs: Permission | None) -> Employee:
        return super().parse(text, context, None)

    def _people(self, context: Context, needs: Permission | None) -> Any:
        return super()._people(context, None)


class SessionOwner(EmployeeParam):
    """Whose sessions: one's own, or with the right to, anyone's."""

    def parse(self, text: str, context: Context, needs: Permission | None) -> Employee:
        if text.strip().lower() != context.actor.username:
            policy.require(context.actor, Permission.SESSIONS)
        return super().parse(text, context, None)


class OfNoun(Scalar):
    """The key of a record whose noun stands before it, in the parameter `noun`."""

    def given(self, typed: Mapping[str, str]) -> Param:
        model = policy.BY_NOUN.get(typed.get("noun", "").lower())
        return self if model is None else BY_ENTITY[model]


def historic(noun: str, key: str, context: Context) -> Entity:
    """The record whose history is asked for, live or, for who sees the trash, deleted."""
    model = policy.BY_NOUN[noun]
    param = BY_ENTITY[model]
    if issubclass(model, Trashable) and policy.sees_trash(context.actor, model):
        param = RecordParam(model, trashed=None)
    found: Entity = param.parse(key, context, None)
    return found


Support = Annotated[Employee, EmployeeParam("support")]
Sales = Annotated[Employee, EmployeeParam("sales")]
SalesContact = Annotated[Employee, Contact("sales")]
SupportContact = Annotated[Employee, Contact("support")]
Taker = Annotated[Employee, Colleague()]
Key = Annotated[str, OfNoun(KEY.metavar, KEY.accepts, KEY.read)]
Owner = Annotated[Employee, SessionOwner()]
ClientTrash = Annotated[bool, Only(tuple(policy.MATRIX[policy.DELETE[Client]]))]
ContractTrash = Annotated[bool, Only(tuple(policy.MATRIX[policy.DELETE[Contract]]))]
EventTrash = Annotated[bool, Only(tuple(policy.MATRIX[policy.DELETE[Event]]))]
TrashedClient = Annotated[Client, RecordParam(Client, trashed=True)]
TrashedContract = Annotated[Contract, RecordParam(Contract, trashed=True)]
TrashedEvent = Annotated[Event, RecordParam(Event, trashed=True)]

BY_ENTITY: dict[Any, Param] = {
    Client: RecordParam(Client),
    Contract: RecordParam(Contract),
    Event: RecordParam(Event),
    Payment: RecordParam(Payment),
    Notification: NotificationParam(Notification),
    Employee: EmployeeParam(),
}
