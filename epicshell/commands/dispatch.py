"""One line's way: resolve, gate, ask what is missing, run in one transaction, render, tell errors once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from enum import Enum, auto
from typing import Any, TypeGuard

from epicshell import policy
from epicshell.command import MODULES, Command, visible
from epicshell.commands import arguments
from epicshell.commands.bulk import look
from epicshell.commands.drafts import Drafted, Drafts, make
from epicshell.commands.exporting import Export, destination, wanted
from epicshell.commands.line import Line, bind, resolve
from epicshell.commands.many import Many
from epicshell.commands.output import Output
from epicshell.commands.paging import repeated
from epicshell.commands.patience import Patience
from epicshell.commands.presence import Presence
from epicshell.commands.progress import counting
from epicshell.commands.questions import agreed, value
from epicshell.commands.sentences import CONFIRMED, DONE, INTERRUPTED, NOTHING_DONE, translating
from epicshell.commands.showing import screen_of, show
from epicshell.commands.stale import check_revision
from epicshell.commands.track import Track
from epicshell.commands.words import Word, split
from epicshell.context import Context, Look, Memory
from epicshell.errors import EpicError, Invalid, Late, NotUnderstood
from epicshell.filters import record, records
from epicshell.filters.again import TOO_LONG, keep
from epicshell.models import MODELS, Draft, Entity
from epicshell.names import Names
from epicshell.preferences import Preferences
from epicshell.results import Format, Listing, Record, Text
from epicshell.session.account import Account
from epicshell.session.terminal import Terminal
from epicshell.text import quote

PAGE_SIZE = 50  #: rows of a list on a terminal, unless others are preferred


class RunKind(Enum):
    """What a line is part of: nothing more, a run that is all or nothing, or one that is taken back."""

    PLAIN = auto()
    WHOLE = auto()
    REHEARSAL = auto()


class Dispatcher:
    """Runs command lines for an account.

    terminal: who is asked. memory: the revisions shown so far, the names of records, the last result; names: those of a
    shell, for a script that runs in it. preferences: the actor's own, in the shell. typed: by a person, so that each
    line extends the idle time. presence: what its lines have in common towards the database.
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
        preferences: Callable[[], Preferences | None] = lambda: None,
        typed: bool = True,
        names: Names | None = None,
    ) -> None:
        self.account = account
        self.terminal = terminal
        self.presence = Presence(account, terminal, typed=typed)
        self.output = output
        self.memory = Memory(on=remember, names=names)
        self.assume_yes = assume_yes
        self.preferences = preferences
        self.run_kind = RunKind.PLAIN
        self.held: list[str] | None = None
        self.place: int | None = None
        self.track: Track | None = None
        self.patience: Patience | None = None
        self.done = False
        self._drafts = Drafts()

    @property
    def whole(self) -> bool:
        """Whether the line is part of a run that is all or nothing."""
        return self.run_kind is not RunKind.PLAIN

    def run(self, text: str) -> None:
        """Run one line; an empty one or a comment does nothing. Raises EpicError."""
        if text.lstrip().startswith("#"):
            return
        self.done = False
        words = split(text)
        if words:
            self._execute(words, text)

    def _execute(self, words: list[Word], text: str) -> None:
        """Run a line that is split. What it leaves behind is noted."""
        with translating():
            try:
                command, rest = resolve(words, lambda: visible(self.account.look_up()))
            except NotUnderstood:
                if self._ran_view(words[0], text):
                    return
                raise
            with self.presence.noting(command):
                self._run(command, rest, text)

    def _ran_view(self, first: Word, text: str) -> bool:
        """Whether a line that begins with no command began with a view's name, and was run as that."""
        if first.text.lower() in MODULES:
            return False
        from epicshell.commands.viewing import run_unfolded

        return run_unfolded(self, text)

    def _run(self, command: Command, rest: Sequence[Word], text: str) -> None:
        if self.whole and command.alone:
            raise NotUnderstood(f"{command.name} can't stand in a script that is all or nothing, or a dry run.")
        if self._drafts.are_of_another(command):
            self.settle()
        with translating(NOTHING_DONE):
            line = self._understand(command, rest, text)
        if command.alone and self.track is not None:
            self.track.begins(line)
        if command.needs is None:
            self._show(command.call(self.context(line), arguments.plain(line)), line)
        else:
            self._authorised(line)

    def _understand(self, command: Command, rest: Sequence[Word], text: str) -> Line:
        """Pass the gate, before any argument is read; then bind and ask for what is missing."""
        if command.needs is not None:
            self.presence.touch(now=command.reads)
            policy.require(self.account.actor, command.needs)
        line = bind(command, rest, text)
        if missing := line.missing():
            if not self.terminal.interactive:
                raise line.lacks(missing)
            for parameter in missing:
                line.values[parameter.name] = value(self, parameter, command)
            if command.needs is not None:
                self.presence.touch()  # answers may take their time
        return line

    def beside(self) -> Look:
        """Runs reading lines for the same account on a connection of its own."""
        from epicshell.commands.beside import Beside

        return Beside(self.account, self.output, self.preferences)

    def _authorised(self, line: Line) -> None:
        many = look(self, line, self.context(line)) if line.command.many else None
        context = self.context(line, agreed=many is not None or agreed(self, line))
        export = wanted(line, context)
        self._work(line, export.context if export else context, many, export)

    def _work(self, line: Line, context: Context, many: Many | None, export: Export | None) -> None:
        """Run a line that nothing more is asked about, in its transaction; then show what it gave."""
        with (
            self._remembered(line),
            translating(INTERRUPTED if line.command.alone else NOTHING_DONE),
            export or nullcontext(),
            self.bound(),
            self._transaction(line) as work,
        ):
            given, outcome = self._outcome(line, context, many)
            if self._puts_off(outcome, line, context):
                return
            result = self._result(outcome, line, context, given)
            told = self._written(result, export) if export else result
            if streamed := _is_streamed(told):
                self._show(told, line, context)
                _raise(told.failure)
            if self.track is not None and not line.command.alone:
                self.track.write()
        if work is not None and work.confirmed:
            context.notes.append(CONFIRMED)
        if not streamed:  # nothing is told as done before it is committed, nothing held while it is read
            with translating(NOTHING_DONE if isinstance(told, Listing) else DONE):
                self._show(told, line, context)
        _raise(many.failure if many else result.failure if isinstance(result, Listing) else None)

    def _outcome(self, line: Line, context: Context, many: Many | None) -> tuple[dict[str, Any], Any]:
        """Run the command, inside its transaction: the arguments of its handler, and what that gives."""
        if self._drafts.are_named_in(line):
            self.settle()
        given = arguments.parsed(many.rest if many else line, context)
        if many is None:
            check_revision(line, context, given)
            outcome = line.command.call(context, given)
        else:
            with counting(self, len(many.permitted)) as bar:
                outcome = many.change(context, given, bar, whole=self.whole)
        context.conclude()
        return given, outcome

    def _written(self, result: Any, export: Export) -> str:
        with counting(self) as bar:
            return export.write(result, bar)

    def _puts_off(self, outcome: Any, line: Line, context: Context) -> bool:
        """Whether what a line of a script wants to be made waits, to be made together with that of others."""
        if not isinstance(outcome, Draft) or self.place is None or self.memory.names.wanted:
            return False
        if self._drafts.add(Drafted(outcome, line, context, self.place)):
            self.settle()
        return True

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

    def settle(self) -> None:
        """Make what the lines so far want to be made, and show it. Raises EpicError with the place of the line."""
        if not (drafts := self._drafts.taken()):
            return
        with translating(NOTHING_DONE), self.bound():
            for one, made in zip(drafts, records(drafts[0].context, make(drafts)), strict=True):
                self._show(made, one.line, one.context)

    def abandon(self) -> None:
        """Forget what was not settled: its transaction is taken back."""
        self._drafts.taken()
        self.place = None

    def apart(self, output: Output | None = None) -> "Dispatcher":
        """One for a script that runs here: it remembers no revisions, and shares the names. output: its own, if any."""
        other = Dispatcher(
            self.account, self.terminal, output or self.output, assume_yes=self.assume_yes, names=self.memory.names
        )
        other.presence, other.track, other.patience = self.presence, self.track, self.patience
        return other

    def _transaction(self, line: Line) -> Any:
        """One transaction per command, but for those that bring their own, and where an error ends the script's."""
        if line.command.alone or self.place is not None:
            return nullcontext()
        changes = self.track is not None or not line.command.reads or destination(line) is not None
        return self.account.database.work(changes=changes)

    def bound(self) -> Any:
        """The models speak to this account's database until the end of the block."""
        if MODELS[0]._meta.database is self.account.database:
            return nullcontext()  # a script has done it, once for all lines
        return self.account.database.bind_ctx(MODELS, bind_refs=False, bind_backrefs=False)

    def context(self, line: Line, *, agreed: bool = False) -> Context:
        """What a line runs with. agreed: what is asked before it runs is answered with yes."""
        chosen, preferences = self._format(line), self.preferences()
        people = self.output.width() is not None and chosen is Format.TABLE
        return Context(
            self.account,
            self.terminal,
            self.memory,
            format=chosen,
            page_size=(int(preferences["page-size"]) if preferences else PAGE_SIZE) if people else None,
            rehearsal=self.run_kind is RunKind.REHEARSAL,
            runner=self,
            preferences=preferences,
            agreed=agreed,
        )

    def _format(self, line: Line) -> Format:
        text = line.values.get("format")
        if text is None:
            preferences = None if self.output.fixed else self.preferences()
            return Format(preferences["format"]) if preferences else self.output.format
        try:
            return Format(text.lower())
        except ValueError:
            raise Invalid(f"--format: {quote(text)} is not accepted.", f"Accepted: {', '.join(Format)}.") from None

    @staticmethod
    def _result(result: Any, line: Line, context: Context, given: dict[str, Any]) -> Any:
        result = result.make() if isinstance(result, Draft) else result
        result = record(context, result) if isinstance(result, Entity) else result
        if isinstance(result, Record | Listing) and context.memory.on and not line.command.alone:
            return keep(context, result, line.command.name, repeated(line.command, given))
        return result

    def _show(self, result: Any, line: Line, context: Context | None = None) -> None:
        if isinstance(result, Record | Listing | Text):
            preferences = self.preferences()
            paged = self.memory.on and self.terminal.interactive and (preferences is None or preferences.on("pager"))
            screen = screen_of(self.account, self.output, line.command, self.memory)
            show(result, self.output, self._format(line), screen, paged=paged)
        elif isinstance(result, str):
            self._tell(result)
        for note in context.notes if context else ():
            self._tell(note)

    def _tell(self, sentence: str) -> None:
        if self.held is None:
            self.terminal.tell(sentence)
        else:
            self.held.append(sentence)


def _is_streamed(result: Any) -> TypeGuard[Listing]:
    """Whether it is shown while the transaction is open: its rows come from there, or it tells why it is taken back."""
    return isinstance(result, Listing) and bool(
        result.failure or (not result.whole and result.kept in (None, TOO_LONG))
    )


def _raise(failure: EpicError | None) -> None:
    """Raise what a command that ran all the same tells as its error, if it does."""
    if failure:
        raise failure
