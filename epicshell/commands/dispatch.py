"""One line's way: resolve, gate, ask what is missing, run in one transaction, render, tell errors once."""

from contextlib import nullcontext
from functools import partial
from typing import Any

from epicshell import policy
from epicshell.command import Command, Parameter, visible
from epicshell.commands.line import Line, Word, bind, resolve, split
from epicshell.commands.output import Output
from epicshell.commands.sentences import translating
from epicshell.commands.stale import refuse_stale
from epicshell.context import Context, Memory
from epicshell.errors import EpicError, Invalid, NotAllowed, NotUnderstood, Refused, SessionEnded
from epicshell.filters import record
from epicshell.models import MODELS, Entity
from epicshell.render import Screen, render
from epicshell.results import Format, Listing, Record, Text
from epicshell.session import ENDED
from epicshell.session.account import Account
from epicshell.session.terminal import Question, Terminal
from epicshell.text import quote

PAGE_SIZE = 50  #: rows of a list on a terminal


class Dispatcher:
    """Runs command lines for an account.

    terminal: who is asked. memory: the revisions shown so far. Errors are EpicError, whatever went wrong; what is
    none of the user's doing is raised as it is.
    """

    def __init__(
        self, account: Account, terminal: Terminal, output: Output, *, remember: bool = False, assume_yes: bool = False
    ) -> None:
        self.account = account
        self.terminal = terminal
        self.output = output
        self.memory = Memory(on=remember)
        self.assume_yes = assume_yes

    def run(self, text: str) -> None:
        """Run one line; an empty one or a comment does nothing. Raises EpicError."""
        if text.lstrip().startswith("#"):
            return
        words = split(text)
        if words:
            self.execute(words)

    def execute(self, words: list[Word]) -> None:
        """Run a line that is already split."""
        with translating():
            line = self._understand(words)
            if line.command.needs is None:
                self._show(line.command.call(self._context(line), self._plain(line)), line)
            else:
                self._authorised(line)

    def _understand(self, words: list[Word]) -> Line:
        """Resolve and pass the gate, before any argument is read; then bind and ask for what is missing."""
        command, rest = resolve(words, lambda: visible(self.account.look_up()))
        if command.needs is not None:
            self.touch()
            self._gate(command)
        line = bind(command, rest)
        if missing := line.missing():
            for parameter in missing:
                line.values[parameter.name] = self._ask(parameter, command)
            if command.needs is not None:
                self.touch()  # answers may take their time
        return line

    def _gate(self, command: Command) -> None:
        assert command.needs is not None
        try:
            policy.require(self.account.actor, command.needs)
        except NotAllowed:
            self._record_refusal(command)
            raise

    def _record_refusal(self, command: Command) -> None:
        if not self.account.database.in_transaction():
            self.account.database.one("SELECT api.record_refusal(%s, %s)", (command.name, command.needs))

    def _ask(self, parameter: Parameter, command: Command) -> str:
        if not self.terminal.interactive:
            raise NotUnderstood(f"{command.name} needs {parameter.label}.", f"Usage: {command.usage}")
        param, context = parameter.param, self._context(Line(command))

        def check(text: str) -> None:
            if not param.looks_up:
                param.parse(text, context, command.needs)
                return
            with translating(), self._bound(), self.account.database.work():
                param.parse(text, context, command.needs)

        return self.terminal.ask(
            Question(
                parameter.name.strip("_").replace("_", " "),
                parameter.meaning,
                param.accepts,
                check,
                instant=not param.looks_up,
                candidates=partial(param.candidates, needs=command.needs) if param.completes else None,
            )
        )

    def touch(self) -> None:
        """Extend the idle time, and notice an ended session. Inside a script's transaction this was done before."""
        database = self.account.database
        if database.in_transaction():
            return
        try:
            settings = database.one("SELECT api.touch()")
        except EpicError:
            raise  # there was no connection, and a new one is refused
        except Exception:
            if not database.lost():
                raise
            database.drop()  # the server was restarted, the machine slept: nothing was under way, so once more
            settings = database.one("SELECT api.touch()")
            self.terminal.tell("The connection was lost; reconnected.")
        if settings is None:
            raise SessionEnded(ENDED)
        self.account.refresh(settings)

    def _authorised(self, line: Line) -> None:
        if line.command.confirm and "yes" not in line.values and not self.assume_yes:
            self._confirm(line)
        context = self._context(line)
        try:
            with translating(), self._bound(), self._transaction(line):
                arguments = self._arguments(line, context)
                self._check_revision(line, context, arguments)
                result = self._result(line.command.call(context, arguments), context)
                if isinstance(result, Listing):  # its rows come from the open transaction
                    self._show(result, line, context)
        except NotAllowed:
            self._record_refusal(line.command)
            raise
        if not isinstance(result, Listing):  # nothing is told as done before it is committed
            self._show(result, line, context)

    def _confirm(self, line: Line) -> None:
        """Look the records up, then ask outside of any transaction."""
        with self._bound(), self.account.database.work():
            arguments = self._arguments(line, self._context(line))
        question = line.command.confirm.format(**{name: str(value) for name, value in arguments.items()})
        if not self.terminal.confirm(question):
            raise Refused("Nothing was done.")

    def _transaction(self, line: Line) -> Any:
        """One transaction per command, but for those that bring their own."""
        return nullcontext() if line.command.alone else self.account.database.work()

    def _bound(self) -> Any:
        return self.account.database.bind_ctx(MODELS, bind_refs=False, bind_backrefs=False)

    def _context(self, line: Line) -> Context:
        chosen = self._format(line)
        people = self.output.width() is not None and chosen is Format.TABLE
        return Context(
            self.account,
            self.terminal,
            self.memory,
            format=chosen,
            page_size=PAGE_SIZE if people else None,
            assume_yes=self.assume_yes or "yes" in line.values,
        )

    def _format(self, line: Line) -> Format:
        text = line.values.get("format")
        if text is None:
            return self.output.format
        try:
            return Format(text.lower())
        except ValueError:
            raise Invalid(f"--format: {quote(text)} is not accepted.", f"Accepted: {', '.join(Format)}.") from None

    def _arguments(self, line: Line, context: Context) -> dict[str, Any]:
        """The handler's arguments: each text parsed by its parameter's type, groups put together."""
        groups: dict[str, dict[str, Any]] = {}
        arguments: dict[str, Any] = {}
        for parameter in line.command.parameters:
            if parameter.name in line.values and parameter.name not in ("yes", "format"):
                value = True if parameter.switch else self._parsed(line, parameter, context)
                place = groups.setdefault(parameter.group, {}) if parameter.group else arguments
                place[parameter.name] = value
        for group, hint in line.command.groups.items():
            arguments[group] = hint(**groups.get(group, {}))
        return arguments

    @staticmethod
    def _parsed(line: Line, parameter: Parameter, context: Context) -> Any:
        try:
            return parameter.param.parse(line.values[parameter.name] or "", context, line.command.needs)
        except Invalid as error:
            raise Invalid(f"{parameter.label}: {error.sentence}", error.hint) from None

    @staticmethod
    def _plain(line: Line) -> dict[str, Any]:
        """The arguments of a command that needs no session: texts and switches."""
        return {
            parameter.name: True if parameter.switch else line.values[parameter.name]
            for parameter in line.command.parameters
            if parameter.name in line.values
        }

    @staticmethod
    def _check_revision(line: Line, context: Context, arguments: dict[str, Any]) -> None:
        """An edit of a record that someone else changed since it was read is refused, with both versions."""
        if not line.command.changes:
            return
        entity = next(value for value in arguments.values() if isinstance(value, Entity))
        typed = arguments.pop("if_revision", None)
        refuse_stale(context, entity, context.memory.revision(entity) if typed is None else typed)

    @staticmethod
    def _result(result: Any, context: Context) -> Any:
        return record(context, result) if isinstance(result, Entity) else result

    def _show(self, result: Any, line: Line, context: Context | None = None) -> None:
        if isinstance(result, Record | Listing):
            render(result, format=self._format(line), out=self.output.out, screen=self._screen())
        elif isinstance(result, Text):
            self.output.out.write(result.body + "\n")
        elif isinstance(result, str):
            self.terminal.tell(result)
        for note in context.notes if context else ():
            self.terminal.tell(note)

    def _screen(self) -> Screen:
        from zoneinfo import ZoneInfo

        actor = self.account.known_actor
        settings = actor.settings if actor else {"timezone": "Europe/Paris", "currency": "EUR"}
        return Screen(self.output.width(), self.output.colour, ZoneInfo(settings["timezone"]), settings["currency"])
