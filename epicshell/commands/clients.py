"""Clients: sales create and keep theirs, management reassigns and deletes."""

from datetime import date
from typing import Annotated

from epicshell.command import command
from epicshell.commands.given import given
from epicshell.context import Context
from epicshell.filters import Page, listing
from epicshell.filters.conditions import Mine, asked, mine
from epicshell.filters.where import Tree, Where
from epicshell.models import Client, Draft
from epicshell.params.people import Sales, SalesContact
from epicshell.params.records import ClientTrash, TrashedClient
from epicshell.params.scalars import Email, Name, Phone
from epicshell.policy import Permission
from epicshell.results import Listing, Text


@command("clients list", "clients filter", needs=Permission.CLIENT_READ, model=Client)
def list_clients(
    context: Context,
    *,
    mine_: Mine = False,
    prospects: bool = False,
    sales: SalesContact | None = None,
    trash: ClientTrash = False,
    page: Page,
    where: Annotated[Tree, Where(Client)] | None = None,
) -> Listing | Text:
    """List clients, the newest first.

    mine_: only those whose sales contact you are; for support those of your events
    prospects: only those without a signed contract
    sales: only those of this sales contact
    trash: the deleted ones (management)
    where: only those for which this holds
    """
    tree = asked(
        context,
        Client,
        where,
        mine(context, mine_),
        (prospects, "prospect", "=", True),
        (sales, "sales", "=", sales),
    )
    return listing(context, Client, (), page, trash=trash, where=tree)


@command("clients show", needs=Permission.CLIENT_READ)
def show(context: Context, client: Client) -> Client:
    """Show a client.

    client: client number
    """
    return client


@command("clients create", needs=Permission.CLIENT_CREATE)
def create(
    context: Context,
    *,
    full_name: Name,
    email: Email,
    phone: Phone,
    company: Name,
    first_contact_on: date | None = None,
) -> Draft:
    """Create a client; it becomes yours.

    full_name: the person's name
    email: where the client is written to
    phone: kept as written
    company: the client's company
    first_contact_on: day of the first contact (default: today)
    """
    since = first_contact_on or context.today
    values = {"full_name": full_name, "email": email, "phone": phone, "company": company, "first_contact_on": since}
    return Draft(Client, values)


@command("clients update", needs=Permission.CLIENT_UPDATE, changes=True, bulk=True)
def update(
    context: Context,
    client: Client,
    *,
    full_name: Name | None = None,
    email: Email | None = None,
    phone: Phone | None = None,
    company: Name | None = None,
    first_contact_on: date | None = None,
) -> Client:
    """Change a client's profile; what isn't named stays.

    client: client number
    full_name: the person's name
    email: where the client is written to
    phone: kept as written
    company: the client's company
    first_contact_on: day of the first contact
    """
    client.change(
        **given(full_name=full_name, email=email, phone=phone, company=company, first_contact_on=first_contact_on)
    )
    return client


@command("clients reassign", needs=Permission.CLIENT_REASSIGN, changes=True, bulk=True)
def reassign(context: Context, client: Client, to: Sales) -> Client:
    """Give a client to another sales contact; its contracts and events follow.

    client: client number
    to: username of the new sales contact
    """
    client.reassign(to)
    return client


@command(
    "clients delete", needs=Permission.CLIENT_DELETE, changes=True, bulk=True, confirm="Move {client} to the trash?"
)
def delete(context: Context, client: Client) -> Client:
    """Move a client to the trash; one with contracts stays.

    client: client number
    """
    client.delete_to_trash()
    return client


@command("clients restore", needs=Permission.CLIENT_DELETE, changes=True)
def restore(context: Context, client: TrashedClient) -> Client:
    """Bring a client back from the trash.

    client: client number
    """
    client.restore()
    return client
