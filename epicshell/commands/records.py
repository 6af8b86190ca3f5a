"""What the database keeps about its users: history, audit, settings."""

import time
from datetime import date, timedelta

from peewee import OperationalError
from psycopg2.errors import LockNotAvailable

from epicshell.command import command
from epicshell.context import Context
from epicshell.errors import Conflict
from epicshell.filters import Page, listed
from epicshell.filters.conditions import chosen
from epicshell.filters.history import changes
from epicshell.models import AuditEntry, Employee, Setting
from epicshell.params.entities import Key, historic
from epicshell.params.scalars import BatchNumber, Noun
from epicshell.params.settings import SettingName, SettingValue
from epicshell.policy import Permission
from epicshell.results import Listing, Text


@command("history", needs=Permission.HISTORY_READ)
def history(context: Context, noun: Noun, key: Key) -> Listing:
    """Show who changed what of a record, and when.

    noun: employees, clients, contracts or events
    key: its number; for employees the username
    """
    return changes(context, historic(noun, key, context))


@command("audit", needs=Permission.AUDIT_READ, model=AuditEntry)
def audit(
    context: Context,
    *,
    employee: Employee | None = None,
    from_: date | None = None,
    to: date | None = None,
    batch: BatchNumber | None = None,
    noun: str = "",
    changes: bool = False,
    page: Page,
) -> Listing | Text:
    """Show the audit log, the newest first.

    What one command changed has one batch: a bulk change, an import, or a script that is all or nothing.

    employee: only what this person did
    from_: only from this day on
    to: only up to this day
    batch: only what was changed together
    noun: only what concerns these, such as clients or sessions
    changes: only changes of records
    """
    conditions = chosen(
        (employee, lambda: AuditEntry.employee_id == employee.id if employee else None),
        (from_, lambda: AuditEntry.at >= context.midnight(from_) if from_ else None),
        (to, lambda: AuditEntry.at < context.midnight(to + timedelta(days=1)) if to else None),
        (batch, lambda: AuditEntry.batch == batch),
        (noun, lambda: AuditEntry.row_noun == noun),
        (changes, AuditEntry.is_change),
    )
    query = AuditEntry.select()
    for condition in conditions:
        query = query.where(condition)
    return listed(context, AuditEntry, query, page, "-id")


@command("settings list", needs=Permission.SETTINGS, model=Setting)
def list_settings(context: Context, *, page: Page) -> Listing | Text:
    """List the settings of the installation."""
    return listed(context, Setting, Setting.select(), page, "name")


@command("settings set", needs=Permission.SETTINGS)
def set_setting(context: Context, name: SettingName, value: SettingValue) -> Setting:
    """Change a setting, for everyone and at once.

    name: which
    value: its new value
    """
    setting: Setting = Setting.get_by_id(name)
    for pause in (0.05, 0.1, 0.2, 0.4, 0.8, 1.6):
        try:
            with context.database.atomic():
                setting.put(value)
            break
        except OperationalError as error:  # someone's query holds a table whose policies are replaced
            if not isinstance(error.orig, LockNotAvailable):
                raise
            time.sleep(pause)
    else:
        raise Conflict(f"{name} can't be changed while long queries run; nothing was done.", "Try again in a moment.")
    return setting
