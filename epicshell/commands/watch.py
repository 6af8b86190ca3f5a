"""A command that is run again and again, while what changes is shown."""

from datetime import datetime

from epicshell.command import command, visible
from epicshell.commands.exporting import destination
from epicshell.commands.line import bind, resolve
from epicshell.commands.viewing import meant
from epicshell.commands.words import split
from epicshell.context import Context
from epicshell.errors import NotUnderstood
from epicshell.params.scalars import RawLine, Seconds
from epicshell.policy import Permission
from epicshell.session.terminal import Watched


@command("watch", needs=Permission.OWN_ACCOUNT, alone=True)
def watch(context: Context, seconds: Seconds, line: RawLine) -> None:
    """Run a command that reads again and again, and show what changes; q leaves.

    It does not keep your session alive: it ends with it.

    seconds: how long to wait between two looks
    line: which command
    """
    line = meant(context, line)
    found, rest = resolve(split(line), lambda: visible(context.actor))
    if not found.reads or destination(bind(found, rest, line)):
        example = "Such as: watch 5 events filter --no-support"
        raise NotUnderstood(f"watch runs commands that read records, and write no file; {found.name} is none.", example)
    if context.runner is not None:
        look = context.runner.beside()
        zone = context.zone
        clock = lambda: datetime.now(zone).strftime("%H:%M:%S")  # noqa: E731
        context.terminal.watch(Watched(line, seconds, lambda: look(line), look.close, clock))
