"""Views at work: what may be kept as one, and a line that names one become the command that it stands for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from epicshell import policy
from epicshell.command import MODULES, Command, Parameter, visible
from epicshell.commands.arguments import labelled
from epicshell.commands.dispatch import Dispatcher
from epicshell.commands.exporting import destination
from epicshell.commands.line import bind, resolve
from epicshell.commands.placeholders import Template, has_mark
from epicshell.commands.words import Word, quoted, split
from epicshell.context import Context
from epicshell.errors import EpicError, NotFound, NotUnderstood, Refused
from epicshell.filters.where.param import Where
from epicshell.filters.where.pieces import Piece
from epicshell.models.view import named
from epicshell.params.views import is_name
from epicshell.policy import Permission
from epicshell.text import counted, quote

_NEVER = ("views save", "views run", "login", "logout", "passwd", "let", "exit", "help")


class Unfolded(NamedTuple):
    """The command that a line with a view stands for. of: the view's name."""

    of: str
    text: str


def check(template: Template, context: Context) -> None:
    """What can be said about a command before it has its values. Raises EpicError."""
    if not template.words:
        raise NotUnderstood("views save needs a command to keep.", "Such as: views save mine -- events filter --mine")
    for mark in range(1, template.wanted):
        if str(mark) not in template.marks:
            raise NotUnderstood(f"There is ${template.wanted}, but no ${mark}.", "Number the values from $1 on.")
    _judge(template.text, context)
    template.filled(["x"] * template.wanted)


def _judge(text: str, context: Context) -> None:
    words = split(text)
    command, rest = resolve(words, lambda: visible(context.actor))
    right = _right_of(command)
    policy.require(context.actor, right)
    values = bind(command, [word for word in rest if word.text != "$*" or word.literal], text).values
    for parameter, typed in _typed(command, values):
        if parameter.param.raw:
            inner = parameter.param.command_at(typed)
            if inner is not None:
                _judge(typed[inner:], context)
        else:
            with labelled(parameter):
                if isinstance(parameter.param, Where):
                    parameter.param.keep(typed, context, has_mark)
                elif not typed.startswith("@") and not has_mark(typed):
                    parameter.param.given(_plain(values)).check(typed, context, right)


def _right_of(command: Command) -> Permission:
    """The right that a kept command needs. Raises NotUnderstood for no view's business: sessions, passwords, views."""
    if command.name in _NEVER or command.needs is None:
        raise NotUnderstood(
            f"{command.name} can't be kept as a view.", "Views keep commands that read or change records."
        )
    return command.needs


def _typed(command: Command, values: Mapping[str, str | None]) -> Iterator[tuple[Parameter, str]]:
    for parameter in command.parameters:
        if (typed := values.get(parameter.name)) is not None:
            yield parameter, typed


def _plain(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def places(template: Template) -> list[Parameter | None]:
    """For each value, the parameter of the command that it is of; None where that can't be told."""
    try:
        found = dict(_places(template.text))
    except EpicError:
        found = {}
    return [found.get(str(number)) for number in range(1, template.wanted + 1)]


def _places(text: str) -> Iterator[tuple[str, Parameter]]:
    command, rest = resolve(split(text))
    values = bind(command, [word for word in rest if word.text != "$*" or word.literal], text).values
    for parameter, typed in reversed(list(_typed(command, values))):
        inner = parameter.param.command_at(typed) if parameter.param.raw else None
        if inner is not None:
            yield from _places(typed[inner:])
        else:
            yield from (
                (number, _placed(parameter, typed, f"${number}")) for number in "987654321" if f"${number}" in typed
            )


def _placed(parameter: Parameter, typed: str, mark: str) -> Parameter:
    """The parameter that a value is of: inside an expression or a list, of what stands at its mark."""
    if not parameter.param.verbatim:
        return parameter
    _, piece = parameter.param.piece(typed[: typed.index(mark)])
    if isinstance(piece, Piece):
        return replace(parameter, param=piece.alone(), meaning="what it is compared with")
    return replace(parameter, param=piece)


def usage(name: str, template: Template) -> str:
    """`late WHO`: a view with the values that it takes."""
    metavars = [parameter.param.metavar if parameter else "VALUE" for parameter in places(template)]
    return " ".join([name, *metavars, *(["[VALUE …]"] if template.takes_more else [])])


def unfolded(runner: Dispatcher, text: str) -> Unfolded | None:
    """What a line stands for that begins with a view's name, or with `views run`; None if it is any other.

    What somebody else shares and does more than to show something is shown, and asked about. Raises NotFound for
    `views run` without such a view, NotUnderstood for values that don't fit, NotLoggedIn, Refused for a no.
    """
    words = split(text)
    asked = [word.text.lower() for word in words[:2]] == ["views", "run"]
    start = 2 if asked else 0
    name = words[start].text.lower() if len(words) > start else ""
    if not is_name(name) or (not asked and (name in MODULES or runner.account.session is None)):
        return None
    view = _view(runner, name)
    if view is None:
        if asked:
            raise NotFound(f"There is no view {quote(name)}.", "views list shows them.")
        return None
    template, owner = Template(view[1]), view[2]
    given = _given(words[start + 1 :], view[0], takes_yes=takes_yes(template, foreign=owner is not None))
    filled = _filled(view[0], template, given)
    command, rest = resolve(split(filled), lambda: visible(runner.account.known_actor))
    right = _right_of(command)  # whoever kept it, and however: a view never runs a view
    if owner is not None and acts(command, rest, filled):
        runner.terminal.tell(f"{name} of {owner} runs: {filled}")
        if not (given.yes or _asks_itself(command, rest, filled)) and policy.cell(runner.account.actor, right):
            _ask(runner, f"{name} of {owner}")
    return Unfolded(name, filled)


def acts(command: Command, words: Sequence[Word], text: str) -> bool:
    """Whether a line does more than to show something: changes records, or writes a file."""
    try:
        return not command.reads or destination(bind(command, words, text)) is not None
    except NotUnderstood:
        return False  # told when it is run


def _asks_itself(command: Command, words: Sequence[Word], text: str) -> bool:
    """Whether a line asks before it runs, whatever it finds; what somebody else kept with --yes never does."""
    line = bind(command, words, text)
    return bool(line.command.confirm or line.command.many) and "yes" not in line.values


def _ask(runner: Dispatcher, what: str) -> None:
    """Ask whether to run what somebody else kept: a name that is heard of tells nothing. Raises EpicError if not."""
    if runner.assume_yes:
        return
    if runner.whole:
        raise NotUnderstood(f"{what} asks before it runs.", "Add --yes in a script that is all or nothing.")
    if not runner.terminal.confirm(f"Run {what}?"):
        raise Refused("Nothing was done.")


def meant(context: Context, text: str) -> str:
    """A line that a command was given, with a view that it names become what that stands for."""
    found = unfolded(context.runner, text) if isinstance(context.runner, Dispatcher) else None
    return found.text if found else text


def run_unfolded(runner: Dispatcher, text: str) -> bool:
    """Run a line that begins with a view's name, or with `views run`; False if it is any other.

    Errors name the view.
    """
    found = unfolded(runner, text)
    if found is None:
        return False
    try:
        runner.run(found.text)
    except EpicError as error:
        if error.exit_code in (1, 2, 4):
            error.sentence = f"{found.of}: {error.sentence}"
        raise
    return True


def _view(runner: Dispatcher, name: str) -> tuple[str, str, str | None] | None:
    """The view of a name, with one statement; a connection that was lost is made again."""
    database = runner.account.database
    try:
        session, view = named(database, name)
    except EpicError:
        raise
    except Exception:
        if not database.lost():
            raise
        session = False
    if not session:
        runner.presence.touch()
        session, view = named(database, name)
    return view


def _filled(name: str, template: Template, given: "_Given") -> str:
    values = given.values
    if len(values) < template.wanted:
        labels = [one.label if one else "a value" for one in places(template)]
        raise NotUnderstood(
            f"{name} needs {counted(template.wanted, 'value')}: {', '.join(labels)}.", f"Usage: {usage(name, template)}"
        )
    if len(values) > template.wanted and not template.takes_more:
        taken = counted(template.wanted, "value") if template.wanted else "no values"
        raise NotUnderstood(f"{name} takes {taken}, not {len(values)}.", f"Usage: {usage(name, template)}")
    filled = template.filled(values)
    flags = [*given.flags, *(["--yes"] if given.yes and _lacks_yes(template) else [])]
    return _flagged(filled, flags) if flags else filled


def takes_yes(template: Template, *, foreign: bool) -> bool:
    """Whether something is asked before a view runs. foreign: somebody else keeps it."""
    command, rest = resolve(template.words)
    asks = not command.reads and any(parameter.name == "yes" for parameter in command.parameters)
    return asks or (foreign and acts(command, rest, template.text))


def _lacks_yes(template: Template) -> bool:
    """Whether a kept command takes --yes, and does not say it."""
    command, rest = resolve(template.words)
    line = bind(command, rest, template.text)
    return "yes" not in line.values and any(parameter.name == "yes" for parameter in line.command.parameters)


class _Given(NamedTuple):
    """What a line gives its view: values, --yes, and other flags as they are passed on."""

    values: list[str]
    yes: bool
    flags: list[str]


def _given(words: Sequence[Word], name: str, *, takes_yes: bool) -> _Given:
    """The values that a line gives its view, and the flags: --format FORMAT, and --yes for what asks."""
    values: list[str] = []
    flags: list[str] = []
    yes = False
    rest = iter(words)
    for word in rest:
        if word.literal or not word.text.startswith("--"):
            values.append(word.text)
            continue
        flag, equals, form = word.text.partition("=")
        if takes_yes and word.text == "--yes":
            yes = True
            continue
        following = None if equals else next(rest, None)
        form = form if equals else following.text if following else ""
        if flag != "--format" or not form:
            taken = "values, --yes and --format FORMAT" if takes_yes else "values and --format FORMAT"
            raise NotUnderstood(f"{name} takes {taken}, not {quote(flag)}.", "Quote it if it is a value.")
        flags.append(f"--format {quoted(form)}")
    return _Given(values, yes, flags)


def _flagged(text: str, flags: Sequence[str]) -> str:
    """A command with flags, before the clause that may end it."""
    words = split(text)
    _, rest = resolve(words)
    place = rest[0].start if rest else len(text)
    return f"{text[:place].rstrip()} {' '.join(flags)} {text[place:]}".rstrip()
