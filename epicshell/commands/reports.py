"""Reports: figures over what one may read, each with the command that lists what it counts."""

from datetime import timedelta

from epicshell import policy
from epicshell.command import command
from epicshell.context import Context
from epicshell.errors import NotAllowed
from epicshell.filters.reports import activity as changes
from epicshell.filters.reports import agenda, money, people
from epicshell.filters.reports.period import Coming, Past, Period, lately, monday
from epicshell.filters.reports.shape import Whose
from epicshell.models import Employee
from epicshell.params.people import SalesContact, SupportContact
from epicshell.params.scalars import AnyDepartment, Limit
from epicshell.policy import Permission
from epicshell.results import Listing


@command("report revenue", needs=Permission.REPORT_READ)
def revenue(context: Context, *, period: Past | None = None, whose: Whose) -> Listing:
    """Show what was signed per month, and what of that is paid and due.

    period: months of signature (default: the last 12)
    """
    return money.revenue(context, period or lately(context.today), whose)


@command("report ageing", needs=Permission.REPORT_READ)
def ageing(context: Context, *, period: Past | None = None, whose: Whose, limit: Limit | None = None) -> Listing:
    """Show what is due on signed contracts, per client and days since signature.

    A contract that is not signed is not owed yet, so it is not here.

    period: only contracts signed in it (default: all)
    limit: how many clients at most, those who owe most first
    """
    return money.ageing(context, period, whose, limit or context.page_size)


@command("report calendar", needs=Permission.REPORT_READ)
def calendar(context: Context, *, period: Coming | None = None, whose: Whose) -> Listing:
    """Show the events that take place, a line each, with weekends, and overlaps of one support person.

    period: the days to show (default: 14d, from today on)
    """
    return agenda.calendar(context, period or _ahead(context, 14), whose)


@command("report workload", needs=Permission.REPORT_READ)
def workload(context: Context, *, period: Coming | None = None, support: SupportContact | None = None) -> Listing:
    """Show how many events of how many people start per week, for each support person, and their next free day.

    period: the weeks to show (default: this one and five more)
    support: only this person
    """
    first = monday(context.today)
    return agenda.workload(context, period or Period(first, first + timedelta(41)), support)


@command("report unassigned", needs=Permission.REPORT_READ)
def unassigned(
    context: Context, *, period: Coming | None = None, sales: SalesContact | None = None, limit: Limit | None = None
) -> Listing:
    """Show events that nobody runs yet, soonest first, with the support people who are free at that time.

    period: only events that start in it (default: from today on)
    sales: only events of clients of this sales contact
    limit: how many events at most
    """
    return agenda.unassigned(context, period, sales, limit or context.page_size)


@command("report sales", needs=Permission.REPORT_READ)
def sales(context: Context, *, period: Past | None = None, sales: SalesContact | None = None) -> Listing:
    """Show per sales person the clients met, the contracts drawn up, and how many of these are signed, and paid.

    period: of the first contact, and of the drawing up (default: the last 12 months)
    sales: only this person
    """
    return people.sales(context, period or lately(context.today), sales)


@command("report clients", needs=Permission.REPORT_READ)
def clients(context: Context, *, period: Past | None = None, whose: Whose) -> Listing:
    """Show how many clients are new, active and dormant, and the ten that signed for most.

    A client is new who was first met in the period, active who signed a contract in it, dormant who for six months had
    no first contact, contract, signature, payment or event.

    period: the days that count (default: the last 12 months)
    """
    return people.clients(context, period or lately(context.today), whose)


@command("report activity", needs=Permission.ACTIVITY_READ)
def activity(
    context: Context,
    *,
    period: Past | None = None,
    department: AnyDepartment | None = None,
    employee: Employee | None = None,
) -> Listing:
    """Show how many records of what were changed per day: management sees departments, an admin people.

    Of a department with one employee, the totals are that employee's.

    period: the days to show (default: the last seven)
    department: only this department
    employee: only this person (admin)
    """
    period = period or Period(context.today - timedelta(6), context.today)
    if policy.granted(context.actor.department, Permission.AUDIT_READ):
        return changes.of_people(context, period, department, employee)
    if employee:
        raise NotAllowed(
            f"As {context.actor.department} you see the totals of departments.", "Who sees people's: admin."
        )
    return changes.of_departments(period, department)


def _ahead(context: Context, days: int) -> Period:
    return Period(context.today, context.today + timedelta(days - 1))
