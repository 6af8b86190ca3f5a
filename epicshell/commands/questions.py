"""What is asked before a line runs: a value that is missing, and whether to go on. Never inside a transaction."""

from functools import partial
from typing import TYPE_CHECKING

from epicshell.command import Command, Parameter
from epicshell.commands import arguments
from epicshell.commands.exporting import wanted
from epicshell.commands.line import Line
from epicshell.commands.sentences import translating
from epicshell.errors import NotUnderstood, Refused
from epicshell.session.terminal import Question

if TYPE_CHECKING:
    from epicshell.commands.dispatch import Dispatcher


def value(dispatcher: "Dispatcher", parameter: Parameter, command: Command) -> str:
    """The text of an argument that a line lacks, as it is asked for. Raises what the terminal raises to give up."""
    param, context = parameter.param, dispatcher.context(Line(command))

    def check(text: str) -> None:
        if not param.looks_up:
            param.parse(text, context, command.needs)
            return
        with translating(), dispatcher.bound(), dispatcher.account.database.work():
            param.parse(text, context, command.needs)

    return dispatcher.terminal.ask(
        Question(
            parameter.name.strip("_").replace("_", " "),
            parameter.meaning,
            param.accepts,
            check,
            instant=not param.looks_up,
            candidates=partial(param.candidates, needs=command.needs) if param.completes else None,
        )
    )


def agreed(dispatcher: "Dispatcher", line: Line) -> bool:
    """Whether what is asked before a line runs is answered with yes; False if nothing is. Raises Refused."""
    if "yes" in line.values or dispatcher.assume_yes:
        return True
    if line.command.confirm:
        _confirm(dispatcher, line)
        return True
    context = dispatcher.context(line)
    wanted(line, context)  # what is refused is not asked
    question = line.question(context)
    if question and not dispatcher.terminal.confirm(question):
        raise Refused("Nothing was done.")
    return bool(question)


def _confirm(dispatcher: "Dispatcher", line: Line) -> None:
    """Look the records up, then ask."""
    if dispatcher.whole:
        raise NotUnderstood(
            f"{line.command.name} asks before it runs.", "Add --yes in a script that is all or nothing."
        )
    with dispatcher.bound(), dispatcher.account.database.work():
        given = arguments.parsed(line, dispatcher.context(line))
    question = line.command.confirm.format(**{name: str(value) for name, value in given.items()})
    if not dispatcher.terminal.confirm(question):
        raise Refused("Nothing was done.")
