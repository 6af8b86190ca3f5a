"""Help, and the matrix of rights: told from the declarations, so that neither can be out of date."""

from collections.abc import Callable

from epicshell.command import Command, command, visible
from epicshell.commands import exporting
from epicshell.commands.importing import manual as manual_of_imports
from epicshell.commands.line import resolve
from epicshell.commands.words import split
from epicshell.context import Context
from epicshell.errors import NotUnderstood
from epicshell.filters.where import manual
from epicshell.params.scalars import Words
from epicshell.policy import MATRIX, Permission
from epicshell.results import Column, Listing, Text
from epicshell.text import did_you_mean, quote

#: What there is to explain besides commands.
TOPICS: dict[str, Callable[[dict[str, Command]], str]] = {
    "where": manual.page,
    "export": lambda _commands: exporting.MANUAL,
    "import": lambda _commands: manual_of_imports.MANUAL,
}


@command("help", needs=None)
def help_(context: Context, topic: Words = "", /) -> Text:
    """Explain a command, the commands of a noun, or all.

    topic: a command such as contracts sign, a noun, where: the filter language, or export or import: files
    """
    commands = visible(context.account.look_up())
    wanted = " ".join(topic.lower().split())
    if wanted in TOPICS:
        return Text(TOPICS[wanted](commands), flows=True)
    if wanted in commands:
        return Text(page(commands[wanted]), flows=True)
    listed = {name: command for name, command in commands.items() if not wanted or command.noun == wanted}
    if not listed:
        hint = did_you_mean(wanted, [*commands, *TOPICS], "Try: help")
        raise NotUnderstood(f"There is no help on {quote(wanted)}.", hint)
    return Text(overview(listed), flows=True)


def overview(commands: dict[str, Command]) -> str:
    """One line per command: its name and summary."""
    longest = max(len(name) for name in commands)
    lines = [f"{name:<{longest}}  {command.summary}" for name, command in commands.items()]
    topics = "help COMMAND explains one of them, help where the filter language, help export and help import files."
    return "\n".join([*lines, "", topics])


def page(command: Command) -> str:
    """The help of one command: what it does, its usage, each argument, who may."""
    lines = [command.summary, ""]
    if command.doc[1]:
        lines += [command.doc[1], ""]
    lines += ["Usage: " + command.usage, ""]
    longest = max((len(parameter.usage) for parameter in command.parameters), default=0)
    for parameter in command.parameters:
        accepted = "" if parameter.switch or parameter.param.accepts == parameter.meaning else parameter.param.accepts
        accepts = f" ({accepted})" if accepted else ""
        lines.append(f"  {parameter.usage:<{longest}}  {parameter.meaning}{accepts}")
    if command.needs:
        who = ", ".join(f"{department} ({cell.wide})" for department, cell in MATRIX[command.needs].items())
        lines += ["", f"Needs the right {command.needs}: {who}."]
    return "\n".join(lines)


@command("policy", needs=Permission.OWN_ACCOUNT)
def print_policy(context: Context, of: Words = "", /) -> Listing:
    """Print who may do what, as this installation enforces it, and your own rights.

    of: one command only
    """
    actor = context.actor
    words = split(of)
    rights = [resolve(words, lambda: visible(actor))[0].needs] if words else list(MATRIX)
    departments = ("admin", "management", "sales", "support")
    columns = [Column(name) for name in ("right", "yours", *departments)]
    rows = []
    for right in rights:
        if right is not None:
            cells = {department: MATRIX[right].get(department) for department in departments}
            told = {department: cell.words(actor) if cell else "–" for department, cell in cells.items()}
            rows.append((str(right), told[actor.department], *told.values()))
    mode = actor.settings["read_mode"]
    return Listing(columns, rows, lambda _: f"Read mode: {mode}. The database enforces the same rights again.")
