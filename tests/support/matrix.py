"""The matrix of rights as data: each right as raw SQL, and on whose records it works.

The actors are those of world.ONE_OF: bill.boquet, kate.hastroff, mia.manager, ada.admin. "own" is bill's and, of
events, kate's too; "other" is neither's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from support.world import Ids

MODES = ("company", "need-to-know")
OWN, OTHER = ("own",), ("other",)
BOTH = ("own", "other")
ANY = ("any",)
OTHERS = ("colleague", "manager", "admin")
OTHERS_BUT_ADMINS = ("colleague", "manager")
EVERYONE = ("self", *OTHERS)
DEPARTMENTS = ("sales", "support", "management", "admin")
SELF = -1  #: a target: the actor

_ids = Ids()


@dataclass(frozen=True)
class Action:
    """What a right allows.

    permission: the right as epicshell.policy names it. sql: takes %(id)s, a target; it works if it touches or gives a
    row. targets: ids by whose they are. allowed: the departments that may, each with the targets on which it works.
    narrow: the same under need-to-know, where that differs.
    """

    name: str
    permission: str
    sql: str
    targets: Mapping[str, int]
    allowed: Mapping[str, tuple[str, ...]]
    narrow: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def works(self, mode: str, department: str, whose: str) -> bool:
        """Whether it must work for the department on that target."""
        cells = self.narrow if self.narrow and mode == "need-to-know" else self.allowed
        return whose in cells.get(department, ())


_ANYWHERE = {"any": 0}
_PEOPLE = {"self": SELF, "colleague": _ids.eve, "manager": _ids.max, "admin": _ids.otto}
_MANAGES = {"admin": OTHERS, "management": OTHERS_BUT_ADMINS}
_READERS = {"management": BOTH, "sales": BOTH, "support": BOTH}
_NARROW_READERS = {"management": BOTH, "sales": OWN, "support": OWN}
_WRITERS = {"management": BOTH, "sales": OWN}
_MANAGEMENT, _MANAGEMENT_ANY = {"management": BOTH}, {"management": ANY}
_ADMIN_ANY = {"admin": ANY}

_CLIENTS = {"own": _ids.bills_client, "other": _ids.eves_prospect}
_CONTRACTS = {"own": _ids.bills_partly_paid, "other": _ids.eves_unsigned}
_UNSIGNED = {"own": _ids.bills_unsigned, "other": _ids.eves_unsigned}
_SIGNED = {"own": _ids.bills_unpaid, "other": _ids.eves_signed}
_EVENTS = {"own": _ids.kates_event, "other": _ids.alienors_event}
_PAYMENTS = {"own": _ids.payment, "other": _ids.eves_full_payment}

_EMPLOYEE = (
    "INSERT INTO employees (username, full_name, email, department) VALUES ('new.one', 'N', 'n@epic.example', '{}')"
)
_HISTORY = "SELECT 1 FROM api.history WHERE noun = '{}' AND row_id = %(id)s"

ACTIONS = (
    Action("read an employee", "employees:read", "SELECT 1 FROM employees WHERE id = %(id)s",
           _PEOPLE, dict.fromkeys(DEPARTMENTS, EVERYONE)),
    Action("create an employee", "employees:create", _EMPLOYEE.format("sales"),
           _ANYWHERE, {"admin": ANY, "management": ANY}),
    Action("create an admin", "employees:create", _EMPLOYEE.format("admin"), _ANYWHERE, _ADMIN_ANY),
    Action("update an employee", "employees:update", "UPDATE employees SET full_name = 'New Name' WHERE id = %(id)s",
           _PEOPLE, _MANAGES),
    Action("make an employee an admin", "employees:update",
           "UPDATE employees SET department = 'admin' WHERE id = %(id)s",
           {"any": _ids.gil}, _ADMIN_ANY),
    Action("deactivate an employee", "employees:deactivate", "UPDATE employees SET active = false WHERE id = %(id)s",
           _PEOPLE, _MANAGES),
    Action("reactivate an employee", "employees:reactivate",
           "UPDATE employees SET active = true WHERE id = %(id)s AND NOT active",
           {"any": _ids.gil}, {"admin": ANY, "management": ANY}),
    Action("hand over an employee's records", "employees:deactivate",
           "SELECT 1 FROM api.hand_over(%(id)s, 5) moved WHERE moved IS NOT NULL", _PEOPLE, _MANAGES),
    Action("reset a password", "employees:reset-password", "SELECT 1 WHERE api.issue_enrolment(%(id)s, sha256('code'))",
           _PEOPLE, _MANAGES),
    Action("unlock an employee", "employees:unlock", "SELECT 1 WHERE api.unlock(%(id)s)", _PEOPLE, {"admin": OTHERS}),

    Action("read a client", "clients:read", "SELECT 1 FROM clients WHERE id = %(id)s",
           _CLIENTS, _READERS, _NARROW_READERS),
    Action("find a client by a word", "clients:read", "SELECT 1 FROM client_words WHERE client_id = %(id)s",
           _CLIENTS, _READERS, _NARROW_READERS),
    Action("find an event by a word", "events:read", "SELECT 1 FROM event_words WHERE event_id = %(id)s",
           _EVENTS, _READERS, _NARROW_READERS),
    Action("create a client", "clients:create",
           "INSERT INTO clients (full_name, email, phone, company) VALUES ('N', 'n@client.example', '1', 'C')",
           _ANYWHERE, {"sales": ANY}),
    Action("update a client", "clients:update", "UPDATE clients SET full_name = 'New Name' WHERE id = %(id)s",
           _CLIENTS, {"sales": OWN}),
    Action("reassign a client", "clients:reassign", "UPDATE clients SET sales_id = 11 - sales_id WHERE id = %(id)s",
           _CLIENTS, _MANAGEMENT),
    Action("delete a client", "clients:delete", "UPDATE clients SET deleted_at = now() WHERE id = %(id)s",
           {"other": _ids.eves_prospect}, {"management": OTHER}),
    Action("see a client in the trash", "clients:delete", "SELECT 1 FROM clients WHERE id = %(id)s",
           {"any": _ids.trashed_client}, _MANAGEMENT_ANY),
    Action("restore a client", "clients:delete", "UPDATE clients SET deleted_at = NULL WHERE id = %(id)s",
           {"any": _ids.trashed_client}, _MANAGEMENT_ANY),

    Action("read a contract", "contracts:read", "SELECT 1 FROM contracts WHERE id = %(id)s",
           _CONTRACTS, _READERS, _NARROW_READERS),
    Action("read a payment", "contracts:read", "SELECT 1 FROM payments WHERE id = %(id)s",
           _PAYMENTS, _READERS, _NARROW_READERS),
    Action("create a contract", "contracts:create", "INSERT INTO contracts (client_id, total) VALUES (%(id)s, 100)",
           _CLIENTS, _MANAGEMENT),
    Action("change the total of an unsigned contract", "contracts:update",
           "UPDATE contracts SET total = total + 1 WHERE id = %(id)s", _UNSIGNED, _WRITERS),
    Action("change the total of a signed contract", "contracts:update",
           "UPDATE contracts SET total = total + 1 WHERE id = %(id)s", _SIGNED, _MANAGEMENT),
    Action("sign a contract", "contracts:sign", "UPDATE contracts SET signed_at = now() WHERE id = %(id)s",
           _UNSIGNED, _WRITERS),
    Action("unsign a contract", "contracts:sign", "UPDATE contracts SET signed_at = NULL WHERE id = %(id)s",
           {"own": _ids.bills_unpaid}, {"management": OWN, "sales": OWN}),
    Action("pay", "contracts:pay", "INSERT INTO payments (contract_id, amount) VALUES (%(id)s, 1)", _SIGNED, _WRITERS),
    Action("void a payment", "contracts:pay", "SELECT 1 WHERE api.void_payment(%(id)s)", _PAYMENTS, _WRITERS),
    Action("delete a contract", "contracts:delete", "UPDATE contracts SET deleted_at = now() WHERE id = %(id)s",
           _UNSIGNED, _MANAGEMENT),
    Action("see a contract in the trash", "contracts:delete", "SELECT 1 FROM contracts WHERE id = %(id)s",
           {"any": _ids.trashed_contract}, _MANAGEMENT_ANY),
    Action("restore a contract", "contracts:delete", "UPDATE contracts SET deleted_at = NULL WHERE id = %(id)s",
           {"any": _ids.trashed_contract}, _MANAGEMENT_ANY),

    Action("read an event", "events:read", "SELECT 1 FROM events WHERE id = %(id)s",
           _EVENTS, _READERS, _NARROW_READERS),
    Action("create an event", "events:create",
           "INSERT INTO events (contract_id, name, starts_at, ends_at, location)"
           " VALUES (%(id)s, 'N', now(), now() + interval '1 day', 'L')", _SIGNED, {"sales": OWN}),
    Action("import an event", "events:import",
           "INSERT INTO events (contract_id, name, starts_at, ends_at, location, legacy_ref)"
           " VALUES (%(id)s, 'N', now(), now() + interval '1 day', 'L', 'sheet:7')",
           _SIGNED, {"management": BOTH, "sales": OWN}),
    Action("update an event", "events:update", "UPDATE events SET notes = 'New.' WHERE id = %(id)s",
           _EVENTS, {"management": BOTH, "support": OWN}),
    Action("assign an event", "events:assign", "UPDATE events SET support_id = 8 WHERE id = %(id)s",
           {"own": _ids.open_event, "other": _ids.eves_open_event}, _MANAGEMENT),
    Action("unassign an event", "events:assign", "UPDATE events SET support_id = NULL WHERE id = %(id)s",
           _EVENTS, _MANAGEMENT),
    Action("delete an event", "events:delete", "UPDATE events SET deleted_at = now() WHERE id = %(id)s",
           _EVENTS, _MANAGEMENT),
    Action("see an event in the trash", "events:delete", "SELECT 1 FROM events WHERE id = %(id)s",
           {"any": _ids.trashed_event}, _MANAGEMENT_ANY),
    Action("restore an event", "events:delete", "UPDATE events SET deleted_at = NULL WHERE id = %(id)s",
           {"any": _ids.trashed_event}, _MANAGEMENT_ANY),

    Action("read the history of an employee", "history:read", _HISTORY.format("employees"),
           _PEOPLE, dict.fromkeys(("management", "sales", "support"), EVERYONE)),
    Action("read the history of a client", "history:read", _HISTORY.format("clients"),
           _CLIENTS, _READERS, _NARROW_READERS),
    Action("read the history of a contract", "history:read", _HISTORY.format("contracts"),
           _CONTRACTS, _READERS, _NARROW_READERS),
    Action("read the history of an event", "history:read", _HISTORY.format("events"),
           _EVENTS, _READERS, _NARROW_READERS),
    Action("read the history of what is in the trash", "history:read", _HISTORY.format("clients"),
           {"any": _ids.trashed_client}, _MANAGEMENT_ANY),

    Action("read the inbox", "inbox:own", "SELECT 1 FROM notifications WHERE read_at IS NULL",
           _ANYWHERE, {"management": ANY, "sales": ANY, "support": ANY}),
    Action("see someone else's notification", "inbox:own", "SELECT 1 FROM notifications WHERE id = %(id)s",
           {"any": _ids.eves_notification}, {}),

    Action("save a view", "views:own", "INSERT INTO views (name, command) VALUES ('new', 'whoami')",
           _ANYWHERE, dict.fromkeys(DEPARTMENTS, ANY)),
    Action("see a shared view", "views:own", "SELECT 1 FROM views WHERE id = %(id)s",
           {"any": _ids.shared_view}, {"management": ANY, "sales": ANY, "support": ANY}),
    Action("see someone else's view", "views:own", "SELECT 1 FROM views WHERE id = %(id)s",
           {"any": _ids.eves_view}, {}),
    Action("share a view", "views:share", "SELECT 1 WHERE api.share_view(%(id)s, true)",
           {"own": _ids.mias_view}, {"management": OWN}),
    Action("share a view no longer", "views:share", "SELECT 1 WHERE api.share_view(%(id)s, false)",
           {"any": _ids.shared_view}, _MANAGEMENT_ANY),

    Action("count what one reads", "reports:read", "SELECT 1 FROM contracts LIMIT 1",
           _ANYWHERE, {"management": ANY, "sales": ANY, "support": ANY}),
    Action("see what departments change", "activity:read",
           "SELECT 1 WHERE api.me() > 0 AND (SELECT count(*) FROM api.activity(current_date, current_date)) >= 0",
           _ANYWHERE, {"management": ANY}),
    Action("see what people change", "activity:read",
           "SELECT username FROM api.audit_log GROUP BY username LIMIT 1", _ANYWHERE, _ADMIN_ANY),
    Action("read the audit log", "audit:read", "SELECT 1 FROM api.audit_log LIMIT 1", _ANYWHERE, _ADMIN_ANY),
    Action("see someone else's session", "sessions:others", "SELECT 1 FROM api.sessions WHERE employee_id <> api.me()",
           _ANYWHERE, _ADMIN_ANY),
    Action("see one's own session", "account:own", "SELECT 1 FROM api.sessions WHERE current",
           _ANYWHERE, dict.fromkeys(DEPARTMENTS, ANY)),
    Action("end one's own session", "account:own", "SELECT 1 WHERE api.logout(false) = 1",
           _ANYWHERE, dict.fromkeys(DEPARTMENTS, ANY)),
    Action("read the settings", "settings:set", "SELECT 1 FROM settings", _ANYWHERE, _ADMIN_ANY),
    Action("back up", "database:backup", "SELECT 1 WHERE api.record_backup('backup', 'f')", _ANYWHERE, _ADMIN_ANY),
    Action("change a setting", "settings:set", "UPDATE settings SET value = 'USD' WHERE name = 'currency'",
           _ANYWHERE, _ADMIN_ANY),
)  # fmt: skip
