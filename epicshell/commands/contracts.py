"""Contracts: management draws them up; sales follow those of their clients; payments lower what is due."""

from datetime import date
from typing import Annotated

from epicshell.command import command
from epicshell.commands.given import given
from epicshell.context import Context
from epicshell.errors import Conflict, Invalid
from epicshell.filters import Page, listing
from epicshell.filters.conditions import Mine, asked, mine
from epicshell.filters.where import Tree, Where
from epicshell.models import Client, Contract, Payment
from epicshell.params.people import SalesContact
from epicshell.params.records import ContractTrash, TrashedContract
from epicshell.params.scalars import Amount
from epicshell.policy import Permission
from epicshell.results import Listing, Text


@command(
    "contracts list",
    "contracts filter",
    needs=Permission.CONTRACT_READ,
    model=Contract,
    exclusive=(("signed", "unsigned"), ("paid", "unpaid")),
)
def list_contracts(
    context: Context,
    *,
    unsigned: bool = False,
    signed: bool = False,
    unpaid: bool = False,
    paid: bool = False,
    mine_: Mine = False,
    no_event: bool = False,
    client: Client | None = None,
    sales: SalesContact | None = None,
    trash: ContractTrash = False,
    page: Page,
    where: Annotated[Tree, Where(Contract)] | None = None,
) -> Listing | Text:
    """List contracts, the newest first.

    unsigned: only those not signed yet
    signed: only the signed ones
    unpaid: only those with something due
    paid: only those with nothing due
    mine_: only those of your clients; for support those of your events
    no_event: only those without an event
    client: only those of this client
    sales: only those of this sales contact
    trash: the deleted ones (management)
    where: only those for which this holds
    """
    tree = asked(
        context,
        Contract,
        where,
        (unsigned, "signed", "=", False),
        (signed, "signed", "=", True),
        (unpaid, "paid", "=", False),
        (paid, "paid", "=", True),
        mine(context, mine_),
        (no_event, "events", "=", 0),
        (client, "client_id", "=", client),
        (sales, "sales", "=", sales),
    )
    return listing(context, Contract, (), page, trash=trash, where=tree)


@command("contracts show", needs=Permission.CONTRACT_READ)
def show(context: Context, contract: Contract) -> Contract:
    """Show a contract.

    contract: contract number
    """
    return contract


@command("contracts create", needs=Permission.CONTRACT_CREATE)
def create(
    context: Context, *, client: Client, total: Amount, due: Amount | None = None, signed: bool = False
) -> Contract:
    """Draw up a contract for a client.

    client: client number
    total: what the client pays in all
    due: what is still to be paid (default: the total); the rest is booked as a first payment
    signed: it is signed already
    """
    return Contract.draw_up(client, total, due_of(context, total, due), context.now if signed else None, context.today)


def due_of(context: Context, total: int, due: int | None) -> int:
    """What is still to be paid of a new contract, by default the total. Raises Invalid if it is more."""
    if due is not None and due > total:
        raise Invalid(f"--due: {context.money(due)} is more than the total.", "Accepted: 0 up to the total.")
    return total if due is None else due


@command("contracts update", needs=Permission.CONTRACT_UPDATE, changes=True, bulk=True)
def update(context: Context, contract: Contract, *, total: Amount | None = None) -> Contract:
    """Change the total of a contract; once it is signed, only management may.

    contract: contract number
    total: what the client pays in all
    """
    changed = given(total=total)
    if changed["total"] < contract.paid:
        paid = context.money(contract.paid)
        raise Invalid(
            f"--total: {paid} is paid already.", "A total can't fall below that; contracts payments ID shows it."
        )
    contract.change(**changed)
    return contract


@command("contracts sign", needs=Permission.CONTRACT_SIGN, changes=True, bulk=True)
def sign(context: Context, contract: Contract, *, on: date | None = None) -> Contract:
    """Sign a contract; with --on, also correct the date of a signature.

    contract: contract number
    on: date of signature (default: today)
    """
    if contract.signed and on is None:
        raise Conflict(f"Contract {contract.id} is signed already; nothing was done.", "--on DATE corrects the date.")
    day = _until_today(context, on)
    contract.sign(context.midnight(day) if day < context.today else context.now)
    return contract


def _until_today(context: Context, on: date | None) -> date:
    """The day of --on, by default today. Raises Invalid for one to come."""
    if on and on > context.today:
        raise Invalid(f"--on: {on} is yet to come.", "Accepted: today or earlier.")
    return on or context.today


@command("contracts unsign", needs=Permission.CONTRACT_SIGN, changes=True, bulk=True)
def unsign(context: Context, contract: Contract) -> Contract:
    """Take a signature back; refused while the contract has events.

    contract: contract number
    """
    contract.unsign()
    return contract


@command("contracts pay", needs=Permission.CONTRACT_PAY, changes=True)
def pay(context: Context, contract: Contract, amount: Amount, *, on: date | None = None) -> Contract:
    """Book a payment; what is due gets lower by it.

    contract: contract number
    amount: what was paid
    on: day of the payment (default: today)
    """
    if contract.due == 0:
        raise Conflict(f"Contract {contract.id} is paid; nothing is due.")
    if not 0 < amount <= contract.due:
        due = context.money(contract.due)
        raise Invalid(f"AMOUNT: {due} is due on contract {contract.id}.", "Accepted: more than 0.00, up to that.")
    contract.pay(amount, _until_today(context, on))
    return contract


@command("contracts payments", needs=Permission.CONTRACT_READ, model=Payment)
def payments(context: Context, contract: Contract, *, page: Page) -> Listing | Text:
    """List the payments of a contract, the oldest first.

    contract: contract number
    """
    return listing(context, Payment, [Payment.contract_id == contract.id], page, sort="id")


@command(
    "contracts void-payment",
    needs=Permission.CONTRACT_PAY,
    changes=True,
    confirm="Void {payment}? It becomes due again.",
)
def void_payment(context: Context, payment: Payment) -> Contract:
    """Take a payment back; its amount is due again.

    payment: payment number, as contracts payments shows it
    """
    payment.void()
    return payment.contract()


@command(
    "contracts delete",
    needs=Permission.CONTRACT_DELETE,
    changes=True,
    bulk=True,
    confirm="Move {contract} to the trash?",
)
def delete(context: Context, contract: Contract) -> Contract:
    """Move a contract to the trash; one with events stays.

    contract: contract number
    """
    contract.delete_to_trash()
    return contract


@command("contracts restore", needs=Permission.CONTRACT_DELETE, changes=True)
def restore(context: Context, contract: TrashedContract) -> Contract:
    """Bring a contract back from the trash.

    contract: contract number
    """
    contract.restore()
    return contract
