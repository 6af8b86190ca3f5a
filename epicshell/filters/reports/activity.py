"""Who changed how many records of what, per day, from the audit."""

from datetime import date
from typing import Any

from peewee import SQL
from peewee import fn as sql

from epicshell.context import Context
from epicshell.filters.reports.period import Period
from epicshell.filters.reports.shape import COMMAND, COUNTS, DAY, local, report, totals
from epicshell.models import AuditEntry, Employee
from epicshell.results import Column, Kind, Listing
from epicshell.text import counted

_FIGURES = (Column("noun"), Column("records", COUNTS), Column("changes", COUNTS), Column("changes", Kind.BAR))


def of_departments(period: Period, department: str | None) -> Listing:
    """Totals per day, department and kind of record, as management sees them; no one's own."""
    found = AuditEntry.activity(period.first, period.last)
    rows = [row for row in found if department in (None, row[1])]
    return _listing(period, (Column("day", DAY), Column("department"), *_FIGURES), rows)


def of_people(context: Context, period: Period, department: str | None, employee: Employee | None) -> Listing:
    """The same per person, as an admin sees it, with the part of the audit log that each row counts."""
    day = local(context, AuditEntry.at).cast("date")
    kinds = (day, AuditEntry.username, AuditEntry.row_noun)
    query = AuditEntry.select(*kinds, AuditEntry.row_id, sql.COUNT(SQL("*")))
    query = query.where(
        AuditEntry.is_change() & AuditEntry.username.is_null(False) & period.holds(context, AuditEntry.at)
    )
    if employee:
        query = query.where(AuditEntry.employee_id == employee.id)
    if department:
        theirs = Employee.select(Employee.id).where(Employee.department == department)
        query = query.where(AuditEntry.employee_id.in_(theirs))
    done = query.group_by(*kinds, AuditEntry.row_id).cte("done", columns=("day", "who", "noun", "row_id", "changes"))
    keys = (done.c.day, done.c.who, done.c.noun)
    found = done.select_from(*keys, sql.COUNT(SQL("*")), sql.SUM(done.c.changes).cast("bigint")).group_by(*keys)
    rows = [(*row, _entries(*row[:3])) for row in found.order_by(done.c.day.desc(), done.c.who, done.c.noun).tuples()]
    return _listing(period, (Column("day", DAY), Column("employee"), *_FIGURES, COMMAND), rows)


def _entries(day: date, username: str, noun: str) -> str:
    return f"audit --changes --employee {username} --noun {noun} --from {day} --to {day}"


def _listing(period: Period, columns: tuple[Column, ...], rows: list[tuple[Any, ...]]) -> Listing:
    if not rows:
        return report(columns, [], [], lambda: f"Nobody changed anything in {period}.")
    said = totals(counted(sum(row[4] for row in rows), "change"), counted(len({row[0] for row in rows}), "day"))
    return report(columns, rows, [(row[4],) for row in rows], lambda: said)
