"""Which contract of ours a sheet is about: its number decides, its client only confirms."""

from collections.abc import Iterable, Mapping
from functools import cached_property

from peewee import Expression

from epicshell import policy
from epicshell.commands.importing.legacy.agreement import Agreement, addresses, agreement, has_address_of
from epicshell.commands.importing.references import LEGACY
from epicshell.context import Context
from epicshell.errors import Conflict, NotFound, Refused
from epicshell.models import Client, Contract
from epicshell.models.base import call, listed
from epicshell.policy import Permission
from epicshell.sheets.legacy import EventSheet
from epicshell.text import display, fold, quote


def reference(number: int) -> str:
    """What the database keeps of a number of the sheets."""
    return f"{LEGACY}:{number}"


class Contracts:
    """The contracts that some sheets name, looked up for all of them at once.

    mapped: numbers of the sheets to ours, as somebody said.
    """

    def __init__(self, context: Context, mapped: Mapping[int, int], sheets: Iterable[EventSheet]) -> None:
        self._context = context
        self._mapped = mapped
        told = {sheet.contract for sheet in sheets if sheet.contract}
        numbers = told | {mapped[number] for number in told & mapped.keys()}
        named = Contract.legacy_ref.in_([reference(number) for number in told]) | Contract.id.in_(numbers)
        found = list(Contract.select().where(named & self._allowed)) if told else []
        self._by_id: dict[int, Contract] = {one.id: one for one in found}
        self._by_reference: dict[str | None, Contract] = {one.legacy_ref: one for one in found}
        clients = {one.client_id for one in found}
        self._clients: dict[int, Client] = (
            {one.id: one for one in Client.select().where(Client.id.in_(clients))} if clients else {}
        )

    @cached_property
    def _allowed(self) -> Expression:
        return policy.scope(self._context.actor, Permission.EVENT_IMPORT, Contract)

    def find(self, sheet: EventSheet) -> tuple[Contract, list[str]]:
        """The signed contract of a sheet, and what people should know of it. Raises Refused, saying what to do."""
        contract = self._named(sheet)
        client = self._clients[contract.client_id]
        answer = agreement(sheet, client)
        whose = f"Contract {contract.id} is of {_known_as(client)}"
        told = quote(sheet.client or " ".join(sheet.contact)) if sheet.client or sheet.contact else "no client"
        if answer is Agreement.NONE:
            advice = f"If it is this one, correct the client in the sheet; else {self._advice(sheet)}"
            raise Refused(f"{whose}; the sheet names {told}.", advice)
        _check_standing(contract)
        remarks = [f"{whose}; the sheet names {told}: taken as the same."] if answer is Agreement.NEAR else []
        if addresses(sheet) and not has_address_of(sheet, client):
            remarks.append(f"The client's address stays {client.email}; the sheet has {addresses(sheet)[0]}.")
        return contract, [display(remark) for remark in remarks]

    def remember(self, contract: Contract, number: int) -> None:
        """Keep the number that the sheets have for a contract, where that is another, so that it need be said once."""
        named = reference(number)
        if contract.id == number or contract.legacy_ref == named or self._is_taken(named):
            return
        current = Contract.get_by_id(contract.id)
        if current.legacy_ref is None:
            current.change(legacy_ref=named)

    def _named(self, sheet: EventSheet) -> Contract:
        number = sheet.contract or 0
        if number in self._mapped:
            found = self._by_id.get(self._mapped[number])
            if found is None:
                raise NotFound(f"--map-contract {number}={self._mapped[number]}: there is no such contract.")
            return found
        found = self._by_reference.get(reference(number)) or self._by_id.get(number)
        if found is None:
            raise NotFound(f"There is no contract {number} here.", self._advice(sheet))
        return found

    def _is_taken(self, named: str) -> bool:
        """Whether a contract has that reference by now."""
        found: bool = Contract.select().where((Contract.legacy_ref == named) & self._allowed).exists()
        return found

    def _advice(self, sheet: EventSheet) -> str:
        """How to say which contract is meant, with those that it might be."""
        names = [fold(name) for name in (sheet.client, *sheet.contact) if name]
        same = call("crm.folded", Client.full_name).in_(names) | call("crm.folded", Client.company).in_(names)
        clients = Client.select(Client.id).where((same | Client.email.in_(addresses(sheet))) & Client.live())
        of_them = Contract.client_id.in_(clients) & Contract.signed & Contract.live() & self._allowed
        ids = [row.id for row in Contract.select(Contract.id).where(of_them).order_by(Contract.id).limit(11)]
        its = f" The client of that name has {listed('contract', ids)}." if ids else ""
        return f"--map-contract {sheet.contract}=ID says which contract it is.{its}"


def _known_as(client: Client) -> str:
    return client.full_name if client.full_name == client.company else f"{client.full_name} ({client.company})"


def _check_standing(contract: Contract) -> None:
    if contract.deleted_at is not None:
        raise Conflict(f"Contract {contract.id} is in the trash.", f"First: contracts restore {contract.id}")
    if not contract.signed:
        raise Conflict(f"Contract {contract.id} is not signed.", f"First: contracts sign {contract.id}")
