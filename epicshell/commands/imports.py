"""Bringing records in from CSV files and workbooks: rehearsed first, then done with --apply."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from epicshell import policy
from epicshell.command import command
from epicshell.context import Context
from epicshell.errors import NotAllowed
from epicshell.params.base import Only
from epicshell.params.files import FILE
from epicshell.params.mappings import ContractMap, HeaderMap
from epicshell.params.scalars import Source
from epicshell.policy import Permission
from epicshell.results import Listing

if TYPE_CHECKING:
    from epicshell.commands.importing.plan import Plan

_SHEETS = "For the old event sheets, add --legacy."
File = Annotated[Path, FILE]


@dataclass(frozen=True)
class Import:
    """How a file is brought in.

    map_: which field a column is, where its header doesn't say, such as "Société=company"; may be given again
    sheet: the sheet of a workbook that has several
    source: whose numbers the file has, such as oldcrm (default: the file's name); the same again next time
    apply: do it; without it, what would be done is shown and taken back
    skip_errors: bring in the others if some records fail
    """

    map_: HeaderMap | None = None
    sheet: str = ""
    source: Source = ""
    apply: bool = False
    skip_errors: bool = False


@dataclass(frozen=True)
class Legacy:
    """What is asked of the support team's old event sheets besides.

    legacy: the file holds old event sheets, in any layout (management)
    map_contract: which contract a number of the sheets is here, such as 652=17; may be given again
    """

    legacy: Annotated[bool, Only(("management",))] = False
    map_contract: ContractMap | None = None


@command("clients import", needs=Permission.CLIENT_CREATE)
def import_clients(context: Context, file: File, *, options: Import) -> Listing:
    """Bring in clients from a CSV file or a workbook; they become yours.

    file: a CSV file in UTF-8, or an .xlsx workbook, with headers
    """
    from epicshell.commands.importing.nouns import Clients

    return _imported(context, Clients, file, options)


@command("contracts import", needs=Permission.CONTRACT_CREATE)
def import_contracts(context: Context, file: File, *, options: Import) -> Listing:
    """Bring in contracts; their clients by number, e-mail address, or the file's own number of them.

    file: a CSV file in UTF-8, or an .xlsx workbook, with headers
    """
    from epicshell.commands.importing.nouns import Contracts

    return _imported(context, Contracts, file, options)


@command("events import", needs=Permission.EVENT_IMPORT)
def import_events(context: Context, file: File, *, options: Import, sheets: Legacy) -> Listing:
    """Bring in events on signed contracts of your clients; or, for management, the old event sheets.

    file: a CSV file in UTF-8, or an .xlsx workbook, with headers
    """
    from epicshell.commands.importing.engine import Mode
    from epicshell.commands.importing.nouns import Events

    if sheets.legacy or sheets.map_contract:
        from epicshell.commands.importing.legacy import import_sheets

        mode = Mode(options.apply, options.skip_errors)
        headers = bool(options.map_ or options.source)
        return import_sheets(context, file, options.sheet, sheets.map_contract or {}, mode, headers=headers)
    if policy.cell(context.actor, Permission.EVENT_CREATE) is None:
        raise NotAllowed("Files with headers are brought in by who has the right events:create: sales.", _SHEETS)
    return _imported(context, Events, file, options)


@command("employees import", needs=Permission.EMPLOYEE_CREATE)
def import_employees(context: Context, file: File, *, options: Import) -> Listing:
    """Bring in employees; employees reset-password then gives each a code to enrol with.

    file: a CSV file in UTF-8, or an .xlsx workbook, with headers
    """
    from epicshell.commands.importing.nouns import Employees

    return _imported(context, Employees, file, options)


def _imported(context: Context, plan: "type[Plan]", file: Path, options: Import) -> Listing:
    from epicshell.commands.importing.engine import Mode
    from epicshell.commands.importing.file import Wanted, import_file

    wanted = Wanted(file, options.sheet, options.source, options.map_)
    return import_file(context, plan, wanted, Mode(options.apply, options.skip_errors))
