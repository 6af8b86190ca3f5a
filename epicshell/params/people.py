"""Parameter types of people: a username, looked up through what the actor may do."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from epicshell import policy, values
from epicshell.context import Context
from epicshell.errors import Invalid, NotFound
from epicshell.models import Employee
from epicshell.params.base import Candidate
from epicshell.params.records import RecordParam
from epicshell.policy import Permission
from epicshell.text import closest, fold, quote, words

_FEW_MEANT = 3  #: people who may be meant by one name


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


Support = Annotated[Employee, EmployeeParam("support")]
Sales = Annotated[Employee, EmployeeParam("sales")]
SalesContact = Annotated[Employee, Contact("sales")]
SupportContact = Annotated[Employee, Contact("support")]
Taker = Annotated[Employee, Colleague()]
Owner = Annotated[Employee, SessionOwner()]
