"""The entities, one module each, with their business verbs."""

from epicshell.models.base import Draft, Entity, Field, Trashable
from epicshell.models.client import Client, ClientWord
from epicshell.models.contract import Contract, Payment
from epicshell.models.employee import DEPARTMENTS, Employee, Sales, Support
from epicshell.models.event import Event
from epicshell.models.notification import Notification
from epicshell.models.records import AuditEntry, Change, LiveSession, Setting
from epicshell.models.script_run import ScriptRun
from epicshell.models.view import View

MODELS = (
    Employee, Client, ClientWord, Contract, Payment, Event, Notification, Setting, LiveSession, Change, AuditEntry,
    ScriptRun, View,
)  # fmt: skip

__all__ = [
    "DEPARTMENTS", "MODELS", "AuditEntry", "Change", "Client", "ClientWord", "Contract", "Draft", "Employee",
    "Entity",
    "Event", "Field", "LiveSession", "Notification", "Payment", "Sales", "ScriptRun", "Setting", "Support",
    "Trashable", "View",
]  # fmt: skip
