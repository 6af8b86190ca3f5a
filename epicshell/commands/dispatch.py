"""One line's way: resolve, gate, ask what is missing, run in one transaction, render, tell errors once."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from enum import Enum, auto
from functools import partial
from math import inf
from time import monotonic
from typing import Any

from epicshell import policy
from epicshell.command import Command, Parameter, visible
from epicshell.commands import arguments
from epicshell.commands.drafts import MOST, Drafted, make
from epicshell.commands.line import Line, Word, bind, resolve, split
from epicshell.commands.output import Output
from epicshell.commands.patience import Patience
from epicshell.commands.sentences import DONE, INTERRUPTED, NOTHING_DONE, translating
from epicshell.commands.stale import check_revision
from epicshell.commands.track import Track
from epicshell.context import Context, Memory
from epicshell.errors import EpicError, Invalid, Late, NotAllowed, NotUnderstood, Refused, SessionEnded
from epicshell.filters import record, records
from epicshell.models import MODELS, Draft, Entity
from epicshell.names import Names
from epicshell.render import Screen, render
from epicshell.results import Format, Listing, Record, Text
from epicshell.session import ENDED
from epicshell.session.account import Account
from epicshell.session.terminal import Question, Terminal
from epicshell.text import quote

PAGE_SIZE = 50  #: rows of a list on a terminal


class RunKind(Enum):
    """What a line is part of: nothing more, a run that is all or nothing, or one that is taken back."""

    PLAIN = auto()
    WHOLE = auto()
    REHEARSAL = auto()


class Dispatcher:
    """Runs command lines for an account.

    terminal: who is asked. memory: the revisions shown so far, and the names of records; names: those of a shell, for a
    script that runs in it. touch_every: seconds within which the session is looked at once, however many lines run.
    Set by a script around its lines: run_kind; held: remarks that wait until it is committed; place: the line, where
    what lines want to be made may be made together; track: writes its progress down; patience: with Ctrl-C.
    done: whether the last line's work is committed, even if showing it failed.
    What the user can do something about is raised as EpicError; a fault of ours as it is.
    """

    def __init__(
        self,
        account: Account,
        terminal: Terminal,
        output: Output,
        *,
        remember: bool = False,
        assume_yes: bool = False,
        names: Names | None = None,
    ) -> None:
        self.account = account
        self.terminal = terminal
        self.output = output
        self.memory = Memory(on=remember, names=names)
        self.assume_yes = assume_yes
        self.run_kind = RunKind.PLAIN
        self.held: list[str] | None = None
        self.touch_every = 0.0
        self._touched_at = -inf
        self.place: int | None = None
        self.track: Track | None = None
        self.patience: Patience | None = None
        self.done = False
        self._drafts: list[Drafted] = []
        self._refusals: list[tuple[str, str]] = []

    def run(self, text: str) -> None:
        """Run one line; an empty one or a comment does nothing. Raises EpicError."""
        if text.lstrip().startswith("#"):
            return
        self.done = False
        words = split(text)
        if words:
            self._execute(words, text)

    def _execute(self, words: list[Word], text: str) -> None:
        """Run a line that is split. A refusal is recorded, at once or when the script's transaction is over."""
        with translating():
            command, rest = resolve(words, lambda: visible(self.account.look_up()))
            try:
                self._run(command, rest, text)
            except NotAllowed:
                if command.needs is not None:
                    self._refusals.append((command.name, command.needs))
                self.record_refusals()
                raise

    def _run(self, command: Command, rest: Sequence[Word], text: str) -> None:
        if self.run_kind is not RunKind.PLAIN and command.alone:
            raise NotUnderstood(f"{command.name} can't stand in a script that is all or nothing, or a dry run.")
        if self._drafts and command is not self._drafts[0].line.command:
            self.settle()
        with translating(NOTHING_DONE):
            line = self._understand(command, rest, text)
        if command.alone and self.track is not None:
            self.track.begins(command)
        if command.needs is None:
            self._show(command.call(self._context(line), arguments.plain(line)), line)
        else:
            self._authorised(line)

    def _understand(self, command: Command, rest: Sequence[Word], text: str) -> Line:
        """Pass the gate, before any argument is read; then bind and ask for what is missing."""
        if command.needs is not None:
            self.touch()
            policy.require(self.account.actor, command.needs)
        line = bind(command, rest, text)
        if missing := line.missing():
            if not self.terminal.interactive:
                labels = ", ".join(parameter.label for parameter in missing)
                raise NotUnderstood(f"{command.name} needs {labels}.", f"Usage: {command.usage}")
            for parameter in missing:
                line.values[parameter.name] = self._ask(parameter, command)
            if command.needs is not None:
                self.touch()  # answers may take their time
        return line

    def record_refusals(self) -> None:
        """Write the refusals into the audit, in transactions of their own; inside one, nothing yet."""
        while self._refusals and not self.account.database.in_transaction():
            self.account.database.one("SELECT api.record_refusal(%s, %s)", self._refusals.pop(0))

    def _ask(self, parameter: Parameter, command: Command) -> str:
        param, context = parameter.param, self._context(Line(command))

        def check(text: str) -> None:
            if not param.looks_up:
                param.parse(text, context, command.needs)
                return
            with translating(), self.bound(), self.account.database.work():
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
        with translating():
            self._touch()

    def _touch(self) -> None:
        database = self.account.database
        if database.in_transaction() or monotonic() - self._touched_at < self.touch_every:
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
        self._touched_at = monotonic()

    def _authorised(self, line: Line) -> None:
        if line.command.confirm and "yes" not in line.values and not self.assume_yes:
            self._confirm(line)
        context = self._context(line)
        undone = INTERRUPTED if line.command.alone else NOTHING_DONE
        with self._remembered(line), translating(undone), self.bound(), self._transaction(line):
            if self._drafts and self._names_pending(line):
                self.settle()
            given = arguments.parsed(line, context)
            check_revision(line, context, given)
            outcome = line.command.call(context, given)
            if isinstance(outcome, Draft) and self.place is not None and not self.memory.names.wanted:
                self._drafts.append(Drafted(outcome, line, context, self.place))
                if len(self._drafts) == MOST:
                    self.settle()
                return
            result = self._result(outcome, context)
            if isinstance(result, Listing):  # its rows come from the open transaction
                self._show(result, line, context)
            if self.track is not None and not line.command.alone:
                self.track.write()
        if not isinstance(result, Listing):  # nothing is told as done before it is committed
            with translating(DONE):
                self._show(result, line, context)

    @contextmanager
    def _remembered(self, line: Line) -> Iterator[None]:
        """Names that a line gave are forgotten again if its work is taken back."""
        names = self.memory.names
        known = names.known
        try:
            yield
        except BaseException as error:
            self.done = isinstance(error, Late)
            if not (self.done or line.command.alone):
                names.known = known
            raise
        self.done = True

    def _names_pending(self, line: Line) -> bool:
        """Whether a line names what the lines before it want to be made."""
        noun = self._drafts[0].draft.model.noun
        return any(value and value.strip().lower() in ("@last", f"@{noun}") for value in line.values.values())

    def settle(self) -> None:
        """Make what the lines so far want to be made, and show it. Raises EpicError with the place of the line."""
        drafts, self._drafts = self._drafts, []
        if not drafts:
            return
        with translating(NOTHING_DONE), self.bound():
            for one, made in zip(drafts, records(drafts[0].context, make(drafts)), strict=True):
                self._show(made, one.line, one.context)

    def abandon(self) -> None:
        """Forget what was not settled: its transaction is taken back."""
        self._drafts.clear()
        self.place = None

    def apart(self, format: Format | None = None) -> "Dispatcher":
        """One for a script that runs here: it remembers no revisions, and shares the names. format: of its results."""
        output = replace(self.output, format=format or self.output.format)
        other = Dispatcher(self.account, self.terminal, output, assume_yes=self.assume_yes, names=self.memory.names)
        other.track, other.patience = self.track, self.patience
        return other

    def _confirm(self, line: Line) -> None:
        """Look the records up, then ask outside of any transaction."""
        if self.run_kind is not RunKind.PLAIN:
            raise NotUnderstood(
                f"{line.command.name} asks before it runs.", "Add --yes in a script that is all or nothing."
            )
        with self.bound(), self.account.database.work():
            given = arguments.parsed(line, self._context(line))
        question = line.command.confirm.format(**{name: str(value) for name, value in given.items()})
        if not self.terminal.confirm(question):
            raise Refused("Nothing was done.")

    def _transaction(self, line: Line) -> Any:
        """One transaction per command, but for those that bring their own, and where an error ends the script's."""
        return nullcontext() if line.command.alone or self.place is not None else self.account.database.work()

    def bound(self) -> Any:
        """The models speak to this account's database until the end of the block."""
        if MODELS[0]._meta.database is self.account.database:
            return nullcontext()  # a script has done it, once for all lines
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
            rehearsal=self.run_kind is RunKind.REHEARSAL,
            runner=self,
        )

    def _format(self, line: Line) -> Format:
        text = line.values.get("format")
        if text is None:
            return self.output.format
        try:
            return Format(text.lower())
        except ValueError:
            raise Invalid(f"--format: {quote(text)} is not accepted.", f"Accepted: {', '.join(Format)}.") from None

    @staticmethod
    def _result(result: Any, context: Context) -> Any:
        result = result.make() if isinstance(result, Draft) else result
        return record(context, result) if isinstance(result, Entity) else result

    def _show(self, result: Any, line: Line, context: Context | None = None) -> None:
        if isinstance(result, Record | Listing):
            render(result, format=self._format(line), out=self.output.out, screen=self._screen())
        elif isinstance(result, Text):
            self.output.out.write(result.body + "\n")
        elif isinstance(result, str):
            self._tell(result)
        for note in context.notes if context else ():
            self._tell(note)

    def _tell(self, sentence: str) -> None:
        if self.held is None:
            self.terminal.tell(sentence)
        else:
            self.held.append(sentence)

    def _screen(self) -> Screen:
        from zoneinfo import ZoneInfo

        actor = self.account.known_actor
        settings = actor.settings if actor else {"timezone": "Europe/Paris", "currency": "EUR"}
        return Screen(self.output.width(), self.output.colour, ZoneInfo(settings["timezone"]), settings["currency"])
