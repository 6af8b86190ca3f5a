"""Views: commands that are kept under a name."""

from typing import Annotated

from epicshell.command import MODULES, command
from epicshell.commands.dispatch import Dispatcher
from epicshell.commands.placeholders import Template
from epicshell.commands.viewing import check, run_unfolded, usage
from epicshell.context import Context
from epicshell.errors import Conflict, Invalid
from epicshell.filters import Page, listing
from epicshell.models import View
from epicshell.params.views import Kept, Values, ViewName, ViewOf, ViewParam
from epicshell.policy import Permission
from epicshell.results import Listing, Text
from epicshell.text import clean, quote

#: Beside the first words of commands: what people type expecting something else.
_RESERVED = ("view", "client", "contract", "event", "employee", "payment", "payments", "quit", "bye", "me", "all")


@command("views list", needs=Permission.VIEW_OWN, model=View)
def list_views(context: Context, *, page: Page) -> Listing | Text:
    """List your views and the shared ones; NAME [VALUE …] runs one.

    Of two views of one name, yours is run.
    """
    return listing(context, View, (), page, sort="name")


@command("views save", needs=Permission.VIEW_OWN)
def save(context: Context, name: ViewName, kept: Kept) -> View:
    """Keep a command under a name: views save late -- contracts filter --unpaid --sales $1, then late bill.boquet.

    $1 to $9 stand for values, $* for all of them, $$ for a dollar sign. A view of yours of that name is replaced.

    name: a word of your choice
    kept: which command
    """
    if name in MODULES or name in _RESERVED:
        raise Invalid(f"name: {quote(name)} is taken by epicshell.", "Accepted: a word that begins no command.")
    text = clean(kept, longest=2000)
    template = Template(text)
    check(template, context)
    before: View | None = (
        View.select().where((View.owner_id == context.actor.employee_id) & (View.name == name)).first()
    )
    if before is None:
        context.notes.append(f"Run it with: {usage(name, template)}")
        return View.add(name=name, command=text)
    if before.shared:
        context.notes.append("It is shared: the others run it as it is now.")
    if before.command != text:
        context.notes.append(f"Replaced; {name} was: {before.command}")
        before.change(command=text)
    return before


@command("views run", needs=None)
def run(context: Context, name: Annotated[str, ViewParam()], values: Values = "", /) -> None:
    """Run a view, with your own rights; its name alone does it, too: late bill.boquet.

    name: which
    values: what stands for $1, $2 … in it
    """
    if not isinstance(context.runner, Dispatcher):
        raise TypeError("there is nothing that runs commands")
    run_unfolded(context.runner, f"views run {name} {values}")


@command("views share", needs=Permission.VIEW_SHARE)
def share(context: Context, view: ViewOf, *, off: bool = False) -> View:
    """Share a view with sales, support and management; each runs it with their own rights.

    view: which
    off: share it no longer
    """
    if view.shared is not off:
        raise Conflict(f"{view.name} is {'not' if off else 'already'} shared; nothing was done.")
    view.share(not off)
    return view


@command("views delete", needs=Permission.VIEW_OWN, confirm="Delete {view}?")
def delete(context: Context, view: ViewOf) -> View:
    """Delete a view of yours, or, for management, a shared one.

    view: which
    """
    view.delete_for_good()
    context.notes.append(f"{view.name} is deleted.")
    return view
