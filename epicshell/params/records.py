"""Parameter types of records: a number or a username, looked up through what the actor may do."""

from collections.abc import Iterable
from typing import Annotated, Any

from peewee import Expression

from epicshell import policy, text
from epicshell.context import Context
from epicshell.errors import Invalid, NotAllowed, NotFound
from epicshell.models import Client, ClientWord, Contract, Employee, Entity, Event, Payment, Trashable
from epicshell.params.base import Candidate, Param
from epicshell.policy import Permission

FEW = 20  #: completions per question


class RecordParam(Param):
    """The id of a record of one entity. A hidden one and a missing one give the same answer."""

    looks_up = True

    def __init__(self, model: type[Entity], *, trashed: bool = False) -> None:
        self.model: Any = model
        self.trashed = trashed
        self.metavar = "PAYMENT-ID" if model is Payment else "ID"
        self.accepts = f"the number of {'an' if model.noun[0] in 'aeiou' else 'a'} {model.noun}"

    def parse(self, text: str, context: Context, needs: Permission | None) -> Entity:
        number = text.strip()
        if not (number.isascii() and number.isdigit() and 0 < int(number) < 2**31):
            raise Invalid(f'"{text}" is not the number of a {self.model.noun}.', "Accepted: a number, such as 109.")
        return self._permitted(self.model.id == int(number), f"{self.model.noun} {number}", context, needs)

    def _permitted(self, which: Expression, named: str, context: Context, needs: Permission | None) -> Any:
        model = self.model
        covered = policy.scope(context.actor, needs, model) if needs else policy.readable(context.actor, model)
        visible = which & policy.readable(context.actor, model) & self._standing()
        record = model.select(model, covered.alias("covered")).where(visible).first()
        if record is None:
            place = " in the trash" if self.trashed else ""
            raise NotFound(f"There is no {named}{place}.", self._hint(which, context))
        if not record.covered:
            raise self._refusal(named, context, needs)
        return record

    def _hint(self, _which: Expression, _context: Context) -> str:
        return "It may have been deleted, or be none of yours to see." if not self.trashed else ""

    def _standing(self) -> Expression:
        if issubclass(self.model, Trashable):
            return self.model.trashed() if self.trashed else self.model.live()
        return self.model.id.is_null(False)

    @staticmethod
    def _refusal(named: str, context: Context, needs: Permission | None) -> NotAllowed:
        cell = policy.cell(context.actor, needs) if needs else None
        return NotAllowed(
            f"{named[0].upper()}{named[1:]} is not among those that you have the right {needs} for.",
            f"As {context.actor.department} you have it for: {cell.words(context.actor) if cell else 'none'}.",
        )

    def candidates(self, prefix: str, context: Context, needs: Permission | None) -> Iterable[Candidate]:
        """By number, or by the start of any word of the client's name or company."""
        model = self.model
        if model is Payment:
            return []
        covered = policy.scope(context.actor, needs, model) if needs else policy.readable(context.actor, model)
        query = model.view(_described(model)).where(covered & self._standing())
        if prefix.isdigit():
            query = query.where(_number_begins(model, prefix))
        elif prefix:
            query = query.where(_of_client(model).in_(_clients_named(prefix)))
        rows = query.order_by(model.id.desc()).limit(FEW).tuples()
        return [Candidate(str(row[0]), " · ".join(str(value) for value in row[1:] if value)) for row in rows]


def _described(model: Any) -> list[Any]:
    names = {Client: ("id", "full_name", "company"), Contract: ("id", "client"), Event: ("id", "name", "client")}
    return [model.field(name) for name in names[model]]


def _of_client(model: Any) -> Any:
    return model.id if model is Client else model.client_id


def _clients_named(prefix: str) -> Any:
    """The newest clients that have a word which begins so, for a sub-query; bounded, so that it stays quick."""
    words = text.words(prefix) or ["\U0010fffd"]
    return ClientWord.select(ClientWord.client_id).where(ClientWord.starting(words[-1])).limit(200)


def _number_begins(model: Any, prefix: str) -> Expression:
    """The ids whose decimal digits begin with a prefix, as ranges that an index answers."""
    number, condition = int(prefix), model.id == int(prefix)
    for power in range(1, 10):
        low = number * 10**power
        if low and low < 2**31:
            condition |= model.id.between(low, min(low + 10**power - 1, 2**31 - 1))
    return condition


class EmployeeParam(RecordParam):
    """An employee by username. department: only active people of it."""

    def __init__(self, department: str = "") -> None:
        super().__init__(Employee)
        self.department = department
        self.metavar = "WHO"
        self.accepts = f"the username of an active {department} employee" if department else "a username"

    def parse(self, text: str, context: Context, needs: Permission | None) -> Employee:
        name = text.strip().lower()
        employee: Employee = self._permitted(Employee.username == name, f"employee {name}", context, needs)
        if self.department and not (employee.active and employee.department == self.department):
            state = employee.department if employee.active else "inactive"
            raise Invalid(f"{name} is {state}.", f"Accepted: {self.accepts}.")
        return employee

    def _hint(self, _which: Expression, context: Context) -> str:
        typed = str(_which.rhs)
        names = [row.username for row in Employee.select(Employee.username)]
        near = text.closest(typed, names)
        return f"Did you mean {near}?" if near else "employees list shows everyone."

    def candidates(self, prefix: str, context: Context, needs: Permission | None) -> Iterable[Candidate]:
        people = Employee.select().where(policy.scope(context.actor, needs, Employee) if needs else Employee.active)
        if self.department:
            people = people.where((Employee.department == self.department) & Employee.active)
        wanted = text.fold(prefix)
        return [
            Candidate(person.username, f"{person.full_name} · {person.department}")
            for person in people.order_by(Employee.username)
            if any(word.startswith(wanted) for word in [person.username, *text.words(person.full_name)])
        ]


class SessionOwner(EmployeeParam):
    """Whose sessions: one's own, or with the right to, anyone's."""

    def parse(self, text: str, context: Context, needs: Permission | None) -> Employee:
        if text.strip().lower() != context.actor.username:
            policy.require(context.actor, Permission.SESSIONS)
        return super().parse(text, context, None)


def historic(noun: str, key: str, context: Context) -> Entity:
    """The record whose history is asked for, live or, for who sees the trash, deleted."""
    model = policy.BY_NOUN[noun]
    try:
        found: Entity = BY_ENTITY[model].parse(key, context, None)
    except NotFound:
        if not issubclass(model, Trashable) or not policy.cell(context.actor, Permission.CLIENT_DELETE):
            raise
        found = RecordParam(model, trashed=True).parse(key, context, None)
    return found


Support = Annotated[Employee, EmployeeParam("support")]
Sales = Annotated[Employee, EmployeeParam("sales")]
Owner = Annotated[Employee, SessionOwner()]
TrashedClient = Annotated[Client, RecordParam(Client, trashed=True)]
TrashedContract = Annotated[Contract, RecordParam(Contract, trashed=True)]
TrashedEvent = Annotated[Event, RecordParam(Event, trashed=True)]

BY_ENTITY: dict[Any, Param] = {
    Client: RecordParam(Client),
    Contract: RecordParam(Contract),
    Event: RecordParam(Event),
    Payment: RecordParam(Payment),
    Employee: EmployeeParam(),
}
