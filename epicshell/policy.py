"""Who may do what: the matrix of rights as data.

A cell is for one department and permission; its rows are a Peewee expression over the permission's target. The same
expression filters lists, authorises a row and feeds completion. A missing cell refuses. The database holds the same
matrix a second time (schema/007_rights.sql); a test holds the two together.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from peewee import SQL, Expression
from peewee import fn as sql

from epicshell.errors import NotAllowed
from epicshell.models import Client, Contract, Employee, Entity, Event, Notification, Payment, View
from epicshell.session import Actor


class Permission(StrEnum):
    """A right, named `what:action`."""

    OWN_ACCOUNT = "account:own"
    EMPLOYEE_READ = "employees:read"
    EMPLOYEE_CREATE = "employees:create"
    EMPLOYEE_UPDATE = "employees:update"
    EMPLOYEE_DEACTIVATE = "employees:deactivate"
    EMPLOYEE_REACTIVATE = "employees:reactivate"
    EMPLOYEE_RESET = "employees:reset-password"
    EMPLOYEE_UNLOCK = "employees:unlock"
    CLIENT_READ = "clients:read"
    CLIENT_CREATE = "clients:create"
    CLIENT_UPDATE = "clients:update"
    CLIENT_REASSIGN = "clients:reassign"
    CLIENT_DELETE = "clients:delete"
    CONTRACT_READ = "contracts:read"
    CONTRACT_CREATE = "contracts:create"
    CONTRACT_UPDATE = "contracts:update"
    CONTRACT_SIGN = "contracts:sign"
    CONTRACT_PAY = "contracts:pay"
    CONTRACT_DELETE = "contracts:delete"
    EVENT_READ = "events:read"
    EVENT_CREATE = "events:create"
    EVENT_UPDATE = "events:update"
    EVENT_ASSIGN = "events:assign"
    EVENT_DELETE = "events:delete"
    EVENT_IMPORT = "events:import"
    INBOX = "inbox:own"
    VIEW_OWN = "views:own"
    VIEW_SHARE = "views:share"
    HISTORY_READ = "history:read"
    REPORT_READ = "reports:read"
    ACTIVITY_READ = "activity:read"
    AUDIT_READ = "audit:read"
    SETTINGS = "settings:set"
    SESSIONS = "sessions:others"
    BACKUP = "database:backup"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one department has of one permission.

    rows: which rows of the target it covers. wide: the same in words, for the printed matrix; narrow: under
    need-to-know, if that is less.
    """

    wide: str
    rows: Callable[[Actor, Any], Expression]
    narrow: str = ""

    def words(self, actor: Actor) -> str:
        return self.narrow if self.narrow and actor.need_to_know else self.wide


def _everything(_actor: Actor, _model: Any) -> Expression:
    return SQL("true")


def _own(actor: Actor, model: Any) -> Expression:
    return model.sales_id == actor.employee_id


def _assigned(actor: Actor, model: Any) -> Expression:
    return model.support_id == actor.employee_id


def _read_by_sales(actor: Actor, model: Any) -> Expression:
    return _own(actor, model) if actor.need_to_know else SQL("true")


def _read_by_support(actor: Actor, model: Any) -> Expression:
    """Under need-to-know: the events assigned to them, with their contracts and clients."""
    if not actor.need_to_know:
        return SQL("true")
    return _assigned(actor, Event) if model is Event else Event.supported(model, actor.employee_id)


def _received(actor: Actor, model: Any) -> Expression:
    return model.recipient_id == actor.employee_id


def _saved(actor: Actor, model: Any) -> Expression:
    """One's own; an admin, who reads no business data, sees nothing of what the others share."""
    own: Expression = model.owner_id == actor.employee_id
    return own if actor.department == _ADMIN else own | model.shared


def _others(actor: Actor, model: Any) -> Expression:
    return model.id != actor.employee_id


def _others_but_admins(actor: Actor, model: Any) -> Expression:
    return (model.id != actor.employee_id) & (model.department != "admin")


ALL = Cell("all", _everything)
YES = Cell("yes", _everything)
OWN = Cell("own", _own)
OWN_CLIENTS = Cell("own clients'", _own)
ASSIGNED = Cell("assigned to them", _assigned)
READ_SALES = Cell("all", _read_by_sales, "own")
READ_SUPPORT = Cell("all", _read_by_support, "of events assigned to them")
RECEIVED = Cell("own", _received)
SAVED = Cell("own, and what is shared", _saved)
SAVED_BY_ADMIN = Cell("own", _saved)
OTHERS = Cell("all but self", _others)
OTHERS_BUT_ADMINS = Cell("all but admins and self", _others_but_admins)
NO_ADMINS = Cell("yes, but no admins", _everything)
LEGACY = Cell("the legacy sheets", _everything)
IF_READ = Cell("who may read it", _everything)
OF_READ = Cell("over what they may read", _everything)
PEOPLE = Cell("people", _everything)
TOTALS = Cell("totals of departments", _everything)

_ADMIN, _MANAGEMENT, _SALES, _SUPPORT = "admin", "management", "sales", "support"
_EVERYONE = (_ADMIN, _MANAGEMENT, _SALES, _SUPPORT)
_MANAGES = {_ADMIN: OTHERS, _MANAGEMENT: OTHERS_BUT_ADMINS}
_READS = {_MANAGEMENT: ALL, _SALES: READ_SALES, _SUPPORT: READ_SUPPORT}
_CONTRACT_WRITERS = {_MANAGEMENT: ALL, _SALES: OWN_CLIENTS}

MATRIX: dict[Permission, dict[str, Cell]] = {
    Permission.EMPLOYEE_READ: dict.fromkeys(_EVERYONE, ALL),
    Permission.EMPLOYEE_CREATE: {_ADMIN: YES, _MANAGEMENT: NO_ADMINS},
    Permission.EMPLOYEE_UPDATE: _MANAGES,
    Permission.EMPLOYEE_DEACTIVATE: _MANAGES,
    Permission.EMPLOYEE_REACTIVATE: _MANAGES,
    Permission.EMPLOYEE_RESET: _MANAGES,
    Permission.EMPLOYEE_UNLOCK: {_ADMIN: OTHERS},
    Permission.CLIENT_READ: _READS,
    Permission.CLIENT_CREATE: {_SALES: YES},
    Permission.CLIENT_UPDATE: {_SALES: OWN},
    Permission.CLIENT_REASSIGN: {_MANAGEMENT: ALL},
    Permission.CLIENT_DELETE: {_MANAGEMENT: ALL},
    Permission.CONTRACT_READ: _READS,
    Permission.CONTRACT_CREATE: {_MANAGEMENT: ALL},
    Permission.CONTRACT_UPDATE: _CONTRACT_WRITERS,
    Permission.CONTRACT_SIGN: _CONTRACT_WRITERS,
    Permission.CONTRACT_PAY: _CONTRACT_WRITERS,
    Permission.CONTRACT_DELETE: {_MANAGEMENT: ALL},
    Permission.EVENT_READ: _READS,
    Permission.EVENT_CREATE: {_SALES: OWN_CLIENTS},
    Permission.EVENT_UPDATE: {_MANAGEMENT: ALL, _SUPPORT: ASSIGNED},
    Permission.EVENT_ASSIGN: {_MANAGEMENT: ALL},
    Permission.EVENT_DELETE: {_MANAGEMENT: ALL},
    Permission.EVENT_IMPORT: {_MANAGEMENT: LEGACY, _SALES: OWN_CLIENTS},
    Permission.INBOX: dict.fromkeys((_MANAGEMENT, _SALES, _SUPPORT), RECEIVED),
    Permission.VIEW_OWN: {
        _ADMIN: SAVED_BY_ADMIN,
        **dict.fromkeys((_MANAGEMENT, _SALES, _SUPPORT), SAVED),
    },
    Permission.VIEW_SHARE: {_MANAGEMENT: SAVED},
    Permission.HISTORY_READ: dict.fromkeys((_MANAGEMENT, _SALES, _SUPPORT), IF_READ),
    Permission.REPORT_READ: dict.fromkeys((_MANAGEMENT, _SALES, _SUPPORT), OF_READ),
    Permission.ACTIVITY_READ: {_ADMIN: PEOPLE, _MANAGEMENT: TOTALS},
    Permission.AUDIT_READ: {_ADMIN: YES},
    Permission.SETTINGS: {_ADMIN: YES},
    Permission.SESSIONS: {_ADMIN: YES},
    Permission.BACKUP: {_ADMIN: YES},
    Permission.OWN_ACCOUNT: dict.fromkeys(_EVERYONE, YES),
}

#: The entity whose rows a permission speaks of, where it is not the one that its name begins with.
_TARGETS: dict[Permission, type[Entity]] = {
    Permission.CONTRACT_CREATE: Client,
    Permission.EVENT_CREATE: Contract,
    Permission.EVENT_IMPORT: Contract,
    Permission.INBOX: Notification,
    Permission.VIEW_OWN: View,
    Permission.VIEW_SHARE: View,
}
BY_NOUN: dict[str, type[Entity]] = {"employees": Employee, "clients": Client, "contracts": Contract, "events": Event}
_READ: dict[Any, Permission] = {
    Employee: Permission.EMPLOYEE_READ,
    Client: Permission.CLIENT_READ,
    Contract: Permission.CONTRACT_READ,
    Payment: Permission.CONTRACT_READ,
    Event: Permission.EVENT_READ,
    Notification: Permission.INBOX,
    View: Permission.VIEW_OWN,
}
#: Who deletes rows of an entity, also sees its trash.
DELETE: dict[Any, Permission] = {
    Client: Permission.CLIENT_DELETE,
    Contract: Permission.CONTRACT_DELETE,
    Event: Permission.EVENT_DELETE,
}


def target(permission: Permission) -> type[Entity] | None:
    """The entity whose rows the permission's cells cover, if any."""
    return _TARGETS.get(permission) or BY_NOUN.get(permission.split(":")[0])


def granted(department: str, permission: Permission) -> bool:
    """Whether a department has anything of a permission."""
    return department in MATRIX[permission]


def cell(actor: Actor, permission: Permission) -> Cell | None:
    """What the actor's department has of a permission; None if nothing."""
    return MATRIX[permission].get(actor.department)


def holders(actor: Actor, permission: Permission) -> str:
    """Who has a permission, and for what, as words: `management (all), sales (own)`."""
    return ", ".join(f"{department} ({cell.words(actor)})" for department, cell in MATRIX[permission].items())


def require(actor: Actor, permission: Permission) -> Cell:
    """The actor's cell. Raises NotAllowed, saying which right is missing and who has it."""
    found = cell(actor, permission)
    if found is None:
        raise NotAllowed(
            f"You are logged in as {actor.department}, which has no right {permission}.",
            f"Who has it: {', '.join(MATRIX[permission])}.",
        )
    return found


def scope(actor: Actor, permission: Permission, model: Any) -> Expression:
    """The rows of `model` that the permission covers: those of its target, else those that the actor may read."""
    if model is Payment:
        return _of_contracts(scope(actor, permission, Contract))
    if model is target(permission):
        return require(actor, permission).rows(actor, model)
    return readable(actor, model)


def readable(actor: Actor, model: Any) -> Expression:
    """The rows of a model that the actor may read."""
    return scope(actor, _READ[model], model)


def sees_trash(actor: Actor, model: Any) -> bool:
    """Whether the actor sees the deleted rows of a model: who deletes them does."""
    return cell(actor, DELETE[model]) is not None


def _of_contracts(covered: Expression) -> Expression:
    """The payments of contracts."""
    paid = (Contract.id == Payment.contract_id) & Contract.live() & covered
    return sql.EXISTS(Contract.select(1).where(paid))


def assignable_departments(actor: Actor) -> tuple[str, ...]:
    """The departments that the actor may put people into: only an admin makes an admin."""
    return _EVERYONE if actor.department == _ADMIN else (_MANAGEMENT, _SALES, _SUPPORT)
