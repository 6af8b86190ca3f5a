"""What a line gives its command: each text parsed by its parameter's type."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from epicshell.command import Parameter
from epicshell.commands.line import Line
from epicshell.context import Context
from epicshell.errors import Invalid


def parsed(line: Line, context: Context) -> dict[str, Any]:
    """The handler's arguments, groups put together. Raises Invalid, NotFound, NotAllowed."""
    groups: dict[str, dict[str, Any]] = {}
    arguments: dict[str, Any] = {}
    for parameter in line.command.parameters:
        if parameter.name in line.values and parameter.name not in ("yes", "format", "export"):
            value = True if parameter.switch else _parsed(line, parameter, context)
            place = groups.setdefault(parameter.group, {}) if parameter.group else arguments
            place[parameter.name] = value
    for group, hint in line.command.groups.items():
        arguments[group] = hint(**groups.get(group, {}))
    return arguments


def _parsed(line: Line, parameter: Parameter, context: Context) -> Any:
    with labelled(parameter):
        return parameter.param.parse(line.values[parameter.name] or "", context, line.command.needs)


@contextmanager
def labelled(parameter: Parameter) -> Iterator[None]:
    """What is wrong with a value is told with the name of its parameter."""
    try:
        yield
    except Invalid as error:
        told = Invalid(f"{parameter.label}: {error.sentence}", error.hint)
        told.picture = error.picture
        raise told from None


def plain(line: Line) -> dict[str, Any]:
    """The arguments of a command that needs no session: texts and switches."""
    return {
        parameter.name: True if parameter.switch else line.values[parameter.name]
        for parameter in line.command.parameters
        if parameter.name in line.values
    }
