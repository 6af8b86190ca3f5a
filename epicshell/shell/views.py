"""The views that one can run, as commands: so that they are completed, coloured and judged like any other."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from epicshell.command import FORMAT, REGISTRY, Command, Parameter
from epicshell.commands.line import resolve
from epicshell.commands.placeholders import Template
from epicshell.commands.viewing import places, takes_yes
from epicshell.context import Context
from epicshell.errors import EpicError
from epicshell.params.base import Scalar
from epicshell.params.scalars import WORD
from epicshell.params.views import usable
from epicshell.session.account import Account
from epicshell.shell.aside import Aside

FRESH_SECONDS = 60  #: how long the names hold before they are asked for again: others share views, too
_VALUE = Scalar("VALUE", "a value", lambda typed, _: typed)
_MORE = Scalar("[VALUE …]", "more values", lambda typed, _: typed, rest=True)


@dataclass(frozen=True)
class ViewCommand(Command):
    """A view as if it were a command. text: what it stands for; given: the parameters that its values are of."""

    text: str = ""
    given: tuple[Parameter, ...] = ()

    @property
    def doc(self) -> tuple[str, str, dict[str, str]]:
        return self.text, "", {}

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return (*self.given, Parameter("format", "--format", FORMAT, False, False, "how the result is written"))


def as_command(name: str, text: str, *, foreign: bool = False) -> ViewCommand | None:
    """A view as a command; None if epicshell does not know what it stands for. foreign: somebody else keeps it."""
    try:
        template = Template(text)
        command, _ = resolve(template.words)
    except EpicError:
        return None
    given = [
        Parameter(
            f"value{number}", None, one.param if one and not one.param.raw else _VALUE, True, False, _meaning(one)
        )
        for number, one in enumerate(places(template), start=1)
    ]
    if template.takes_more:
        given.append(Parameter("more", None, _MORE, False, False, ""))
    if takes_yes(template, foreign=foreign):
        given.append(Parameter("yes", "--yes", WORD, False, True, "do not ask"))
    return ViewCommand(
        name, _never, command.needs, confirm=command.confirm, alone=command.alone, text=text, given=tuple(given)
    )


def _meaning(parameter: Parameter | None) -> str:
    return parameter.meaning if parameter else ""


def _never(*_: Any) -> None:
    raise TypeError("a view is run by its name")


class KnownViews:
    """The views of who is logged in, as far as the database has told. Asked for aside: no key waits for them."""

    def __init__(self, account: Account, aside: Aside, clock: Callable[[], float] = time.monotonic) -> None:
        self._account, self._aside, self._clock = account, aside, clock
        self._whose: object = None
        self._asked = -float(FRESH_SECONDS)
        self._known: Mapping[str, ViewCommand] = {}
        self._merged: tuple[object, object, Mapping[str, Command]] = (None, None, {})

    def among(self, commands: Mapping[str, Command]) -> Mapping[str, Command]:
        """Commands, and after them the views; the same mapping as long as nothing changes."""
        known = self._known if self._whose is self._account.session else {}
        if not known:
            return commands
        if self._merged[0] is not commands or self._merged[1] is not known:
            nouns = {command.noun for command in commands.values()}
            views = {name: view for name, view in known.items() if name not in nouns}
            self._merged = commands, known, {**commands, **views}
        return self._merged[2]

    def forget(self) -> None:
        """Ask again before the next line is completed: a view was saved, shared or deleted."""
        self._asked = -float(FRESH_SECONDS)

    def wake(self) -> None:
        """Something is typed: ask for the names, unless they are known."""
        session = self._account.session
        if session is None or (self._whose is session and self._clock() - self._asked < FRESH_SECONDS):
            return
        if self._whose is not session:
            self._known = {}
        self._whose, self._asked = session, self._clock()
        self._aside.ask("views", self._account, _read, lambda found: self._keep(session, found))

    def _keep(self, session: object, found: Mapping[str, ViewCommand] | None) -> None:
        """In the thread: the answer; without one, what was known stays."""
        if found is not None and self._whose is session and found != self._known:
            self._known = found


def _read(context: Context) -> dict[str, ViewCommand]:
    me = context.actor.employee_id
    commands = {
        name: as_command(name, view.command, foreign=view.owner_id != me) for name, view in usable(context).items()
    }
    return {name: one for name, one in commands.items() if one is not None and name not in REGISTRY}
