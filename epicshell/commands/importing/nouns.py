"""What is particular to the rows of each noun."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from epicshell import moments, policy
from epicshell.command import Parameter
from epicshell.commands.contracts import due_of
from epicshell.commands.importing.entries import Entry
from epicshell.commands.importing.headers import ID
from epicshell.commands.importing.plan import Plan
from epicshell.commands.importing.references import LEGACY
from epicshell.context import Context
from epicshell.errors import Conflict, Invalid
from epicshell.models import Client, Contract, Draft, Employee, Entity, Event
from epicshell.params.base import Scalar
from epicshell.policy import Permission
from epicshell.text import quote


class Clients(Plan):
    """Clients. Whatever its number in the file, none is made with the address of another."""

    noun, model, update = "clients", Client, Permission.CLIENT_UPDATE
    twins_decide = True

    def twins(self, entries: Sequence[Entry]) -> Mapping[int, tuple[int | None, str]]:
        wanted = [entry.values["email"] for entry in entries if "email" in entry.values]
        readable = policy.readable(self.context.actor, Client) & Client.live()
        found = Client.select(Client.id, Client.email).where(Client.email.in_(wanted) & readable).order_by(-Client.id)
        there = {row.email: row.id for row in found} if wanted else {}
        twins: dict[int, tuple[int | None, str]] = {}
        for entry in entries:
            address: str | None = entry.values.get("email")
            if address is None:
                continue
            if number := there.get(address):
                twins[id(entry)] = (number, f"Client {number} has the address {quote(address)} already.")
            elif hash(address) in self._seen:
                twins[id(entry)] = (None, f"An earlier row has the address {quote(address)} already.")
            self._seen.add(hash(address))
        return twins


def _signature(typed: str, context: Context) -> date | datetime:
    """A day, or a moment."""
    try:
        return moments.date(typed, context.today)
    except Invalid:
        return moments.timestamp(typed, context.zone, context.now)


_SIGNED_AT = Scalar("DATE", "a date, or a date and time", _signature)


class Contracts(Plan):
    """Contracts. Without a number in the file, one of the same client and total is taken for the same."""

    noun, model, update = "contracts", Contract, Permission.CONTRACT_UPDATE
    related = {"client": Client}
    title = "client"

    @classmethod
    def parameters(cls) -> Mapping[str, Parameter]:
        signed_at = Parameter("signed_at", "--signed-at", _SIGNED_AT, False, False, "when it was signed")
        return {**super().parameters(), "signed_at": signed_at}

    def made(self, values: Mapping[str, Any], reference: str | None) -> Draft | Callable[[], Entity]:
        client, total = values["client"], values["total"]
        due = due_of(self.context, total, values.get("due"))
        signed_at = self._signed_at(values)
        if due == total:
            columns = {"client_id": client.id, "total": total, "signed_at": signed_at, "legacy_ref": reference}
            return Draft(Contract, columns)
        return lambda: Contract.draw_up(client, total, due, signed_at, self.context.today, legacy_ref=reference)

    def _signed_at(self, values: Mapping[str, Any]) -> datetime | None:
        """The moment of the signature, None without one. Raises Invalid."""
        at, signed = values.get("signed_at"), values.get("signed")
        if at is None:
            return self.context.now if signed else None
        if signed is False:
            raise Invalid(f"signed_at: there is a date, {at}, but signed says no.")
        moment = at if isinstance(at, datetime) else self._on(at)
        if moment > self.context.now:
            raise Invalid(f"signed_at: {at} is yet to come.", "Accepted: today or earlier.")
        return moment

    def _on(self, day: date) -> datetime:
        return self.context.now if day == self.context.today else self.context.midnight(day)

    def differing(self, entry: Entry, known: Contract) -> dict[str, Any]:
        changed = super().differing(replace(entry, values=_without(entry.values, "signed_at")), known)
        if "due" in changed and "total" not in changed:
            raise Conflict(
                f"due: {self.context.money(known.due)} is due on contract {known.id}.", "contracts pay books a payment."
            )
        changed.pop("due", None)
        if changed.get("signed") is False:
            raise Conflict(f"signed: contract {known.id} is signed.", "contracts unsign takes that back.")
        at = entry.values.get("signed_at")
        if at is not None and not self._is_at(known.signed_at, at):
            changed["signed_at"] = at
        return changed

    def _is_at(self, known: datetime | None, at: date | datetime) -> bool:
        if known is None or isinstance(at, datetime):
            return known == at
        return known.astimezone(self.context.zone).date() == at

    def change(self, record: Contract, changed: Mapping[str, Any]) -> None:
        if "total" in changed:
            super().change(record, {"total": changed["total"]})
        if signed_at := self._signed_at(changed):
            record.sign(signed_at)

    def twins(self, entries: Sequence[Entry]) -> Mapping[int, tuple[int | None, str]]:
        return self.like(entries, (Contract.client_id, Contract.total), self._alike)

    def _alike(self, entry: Entry) -> tuple[tuple[Any, ...], str]:
        client = int(self.references.number_of(Client, "client", entry.texts["client"]))
        total = entry.values["total"]
        return (client, total), f"a contract over {self.context.money(total)} with client {client}"


class Events(Plan):
    """Events, on contracts that are signed. Without a number in the file: known by contract, name and start."""

    noun, model, update = "events", Event, Permission.EVENT_UPDATE
    related = {"contract": Contract}
    title = "name"

    def key(self, texts: Mapping[str, str]) -> Any:
        if self.source == LEGACY and not self.columns.own and ID in texts:
            raise Invalid(f"id: {LEGACY} is the source of the old event sheets' numbers.", "--source names another.")
        return super().key(texts)

    def twins(self, entries: Sequence[Entry]) -> Mapping[int, tuple[int | None, str]]:
        return self.like(entries, (Event.contract_id, Event.name, Event.starts_at), self._alike)

    def _alike(self, entry: Entry) -> tuple[tuple[Any, ...], str]:
        contract = int(self.references.number_of(Contract, "contract", entry.texts["contract"]))
        return (contract, entry.values["name"], entry.values["starts_at"]), f"this event on contract {contract}"


class Employees(Plan):
    """Employees, known by their usernames. They get no code to enrol with: employees reset-password gives one."""

    noun, model, update = "employees", Employee, Permission.EMPLOYEE_UPDATE
    numbered = False

    def key(self, texts: Mapping[str, str]) -> Any:
        return self.once(texts["username"].lower()) if "username" in texts else None

    def by(self) -> Any:
        return Employee.username

    def named(self, record: Employee) -> str:
        return str(record.username)

    def made(self, values: Mapping[str, Any], reference: str | None) -> Draft | Callable[[], Entity]:
        return Draft(Employee, dict(values))


def _without(values: Mapping[str, Any], field: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != field}
