"""Employees: everyone reads the directory, management and admin keep it."""

from typing import Annotated

from epicshell import policy
from epicshell.command import command
from epicshell.commands.given import given
from epicshell.context import Context
from epicshell.errors import Invalid
from epicshell.filters import Page, listing, record
from epicshell.filters.conditions import asked
from epicshell.filters.where import Tree, Where
from epicshell.filters.where.tree import conditions
from epicshell.models import Client, Employee, Event
from epicshell.params.people import Taker
from epicshell.params.scalars import AnyDepartment, Department, Email, Name, Username
from epicshell.policy import Permission
from epicshell.results import Listing, Record, Text
from epicshell.session.keys import code_hash, new_code
from epicshell.text import counted


@command("employees list", "employees filter", needs=Permission.EMPLOYEE_READ, model=Employee)
def list_employees(
    context: Context,
    *,
    department: AnyDepartment | None = None,
    inactive: bool = False,
    page: Page,
    where: Annotated[Tree, Where(Employee)] | None = None,
) -> Listing | Text:
    """List active employees by username.

    department: only those of this department
    inactive: the deactivated ones instead
    where: only those for which this holds; where it speaks of active itself, also of the inactive
    """
    spoken = where is not None and any(one.field.name == "active" for one in conditions(where))
    tree = asked(
        context,
        Employee,
        where,
        (department, "department", "=", department),
        (inactive or not spoken, "active", "=", not inactive),
    )
    return listing(context, Employee, (), page, sort="username", where=tree)


@command("employees show", needs=Permission.EMPLOYEE_READ)
def show(context: Context, employee: Employee) -> Employee:
    """Show an employee.

    employee: username
    """
    return employee


@command("employees create", needs=Permission.EMPLOYEE_CREATE)
def create(context: Context, *, username: Username, full_name: Name, email: Email, department: Department) -> Record:
    """Create an employee, and print the one-time code to enrol with.

    username: the name to log in with and be known by
    full_name: the person's name
    email: the person's e-mail address
    department: sales, support, management or, by an admin, admin
    """
    employee = Employee.add(username=username, full_name=full_name, email=email, department=department)
    return _with_code(context, employee)


@command("employees update", needs=Permission.EMPLOYEE_UPDATE, changes=True)
def update(
    context: Context,
    employee: Employee,
    *,
    full_name: Name | None = None,
    email: Email | None = None,
    department: Department | None = None,
    hand_over_to: Taker | None = None,
) -> Employee:
    """Change an employee; a new department ends their sessions.

    employee: username
    full_name: the person's name
    email: the person's e-mail address
    department: the new department
    hand_over_to: who takes their clients, or their events that are not over
    """
    changed = given(full_name=full_name, email=email, department=department)
    _hand_over(context, employee, hand_over_to)
    employee.change(**changed)
    return employee


@command(
    "employees deactivate",
    needs=Permission.EMPLOYEE_DEACTIVATE,
    changes=True,
    confirm="Deactivate {employee}? Their sessions end at once.",
)
def deactivate(context: Context, employee: Employee, *, hand_over_to: Taker | None = None) -> Employee:
    """Deactivate an employee: their sessions end at once, and they can't log in.

    employee: username
    hand_over_to: who takes their clients, or their events that are not over
    """
    _hand_over(context, employee, hand_over_to)
    employee.deactivate()
    _remind(context, employee)
    return employee


@command("employees reactivate", needs=Permission.EMPLOYEE_REACTIVATE, changes=True)
def reactivate(context: Context, employee: Employee) -> Employee:
    """Let a deactivated employee log in again.

    employee: username
    """
    employee.reactivate()
    return employee


@command("employees reset-password", needs=Permission.EMPLOYEE_RESET, changes=True)
def reset_password(context: Context, employee: Employee) -> Record:
    """Void an employee's password, and print a one-time code to enrol again with.

    employee: username
    """
    return _with_code(context, employee)


@command("employees unlock", needs=Permission.EMPLOYEE_UNLOCK, changes=True)
def unlock(context: Context, employee: Employee) -> Employee:
    """Open an account that too many wrong passwords have closed.

    employee: username
    """
    employee.unlock()
    return employee


def _hand_over(context: Context, giver: Employee, taker: Employee | None) -> None:
    """Raises Invalid unless the taker is another active person of the same department, which has something to give."""
    if taker is None:
        return
    what = {"sales": "client", "support": "event"}.get(giver.department)
    if what is None:
        raise Invalid(f"--hand-over-to: {giver.username} of {giver.department} has no clients or events.")
    if taker.id == giver.id or not taker.active or taker.department != giver.department:
        state = "the same person" if taker.id == giver.id else taker.department if taker.active else "inactive"
        raise Invalid(
            f"--hand-over-to: {taker.username} is {state}.", f"Accepted: another active {giver.department} employee."
        )
    moved = giver.hand_over(taker)
    context.notes.append(f"{counted(moved, what) if moved else f'No {what}s'} handed over to {taker.username}.")


def _remind(context: Context, employee: Employee) -> None:
    """Tell what somebody who has gone still has, if the actor may know."""
    if policy.cell(context.actor, Permission.CLIENT_READ):
        clients = Client.select().where((Client.sales_id == employee.id) & Client.live()).count()
        coming = (Event.support_id == employee.id) & Event.live() & ~Event.is_past(context.now)
        left = {"client": clients, "event": Event.select().where(coming).count()}
        if has := " and ".join(counted(number, noun) for noun, number in left.items() if number):
            context.notes.append(f"{employee.username} still has {has}; --hand-over-to WHO gives them to a colleague.")


def _with_code(context: Context, employee: Employee) -> Record:
    """The employee's record with a new code, which is shown this once; a dry run shows none, as it would be void."""
    code = new_code()
    employee.issue_code(code_hash(code))
    if context.rehearsal:
        return record(context, employee)
    context.notes.append(
        f"Give {employee.username} the code in person; it is good for 72 hours, once: login {employee.username}"
    )
    return record(context, employee, enrolment_code=code.reveal())
