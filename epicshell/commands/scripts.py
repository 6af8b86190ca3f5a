"""Commands that run others: scripts, and naming what a command gives."""

import re
import typing
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from epicshell.command import command, visible
from epicshell.commands.dispatch import Dispatcher
from epicshell.commands.line import resolve
from epicshell.commands.scriptfile import read, run_file
from epicshell.commands.statements import Mode
from epicshell.commands.viewing import meant
from epicshell.commands.words import quoted, split
from epicshell.context import Context
from epicshell.errors import Conflict, Leave, NotUnderstood
from epicshell.names import name_to_keep
from epicshell.params.base import Scalar
from epicshell.params.files import FILE
from epicshell.policy import Permission
from epicshell.results import Format, Text

_NAMED = re.compile(r"(\S+?)\s*=\s*")


class _Definition(Scalar):
    """A name and what it is to stand for."""

    def command_at(self, typed: str) -> int | None:
        named = _NAMED.match(typed)
        return named.end() if named else None


Definition = Annotated[str, _Definition("NAME = COMMAND", "a name, = and a command", lambda typed, _: typed, raw=True)]


@command("run", needs=Permission.OWN_ACCOUNT, alone=True)
def run(
    context: Context,
    file: Annotated[Path, FILE],
    *,
    atomic: bool = False,
    dry_run: bool = False,
    keep_going: bool = False,
    resume: bool = False,
    after: int | None = None,
) -> str | None:
    """Run the commands of a file, one after the other; the first error stops it.

    file: a text file in UTF-8, a command per line
    atomic: all of it or nothing
    dry_run: do the work, then take it back
    keep_going: go on after an error, and report every failure at the end
    resume: go on where the last run of this file stopped
    after: with --resume, the last line that is done, where only you can know
    """
    script = read(str(file))
    runner = _dispatcher(context)
    dispatcher = runner.apart(replace(runner.output, format=Format(context.format)))
    asks, context.terminal.interactive = context.terminal.interactive, False
    try:
        mode = Mode(atomic, dry_run, keep_going)
        advice = f"run {quoted(str(file))} --resume goes on."
        run_file(dispatcher, script, mode, resume=resume, after=after, advice=advice)
    except Leave:
        pass  # exit ends the script that it stands in
    finally:
        context.terminal.interactive = asks
    return f"{script.name} is done." if asks and not dry_run else None


@command("let", needs=None)
def let(context: Context, definition: Definition) -> None:
    """Run a command and keep the record that it gives under a name: let kevin = clients show 12, then @kevin.

    definition: a name of your choice, and a command that gives one record
    """
    found = re.fullmatch(r"(\S+?)\s*=\s*(\S.*)", definition, re.DOTALL)
    if found is None:
        raise NotUnderstood("let needs a name, = and a command.", "Such as: let kevin = clients show 12")
    name, text = name_to_keep(found[1]), meant(context, found[2])
    dispatcher = _dispatcher(context)
    inner, _ = resolve(split(text), lambda: visible(context.account.look_up()))
    if typing.get_type_hints(inner.handler).get("return") in (str, str | None, type(None), Text):
        raise Conflict(f"{inner.name} gives no record that @{name} could stand for; nothing was done.")
    with context.memory.names.naming(name):
        dispatcher.run(text)


def _dispatcher(context: Context) -> Dispatcher:
    """What runs this command: it runs those inside it, too."""
    if not isinstance(context.runner, Dispatcher):
        raise TypeError("there is nothing that runs commands")
    return context.runner
