"""People of the world who type command lines, inside this process."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from support.world import World

from epicshell.commands.dispatch import Dispatcher, Output
from epicshell.commands.script import run as run_script
from epicshell.commands.statements import Mode, statements
from epicshell.errors import EpicError, Leave
from epicshell.results import Format
from epicshell.session import Saved, Session
from epicshell.session.account import Account
from epicshell.session.terminal import Question, Terminal
from epicshell.telemetry import Secret


@dataclass(frozen=True)
class Result:
    """What came of a line: the exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def ids(self) -> list[int]:
        """The ids of a JSON listing."""
        return [row["id"] for row in self.json]


class Script(Terminal):
    """Nobody to ask, as in a script, unless answers are given; keeps what it asked and told."""

    def __init__(self, *answers: str, interactive: bool = False) -> None:
        self.interactive = interactive
        self.answers = list(answers)
        self.asked: list[str] = []
        self.told: list[str] = []

    def ask(self, question: Question) -> str:
        while self.answers:
            answer = self._next(question.name)
            try:
                question.check(answer)
            except EpicError as error:
                self.tell(str(error))
            else:
                return answer
        return super().ask(question)

    def secret(self, question: str) -> Secret:
        return Secret(self._next(question)) if self.answers else super().secret(question)

    def confirm(self, question: str) -> bool:
        return self._next(question) == "yes" if self.answers else super().confirm(question)

    def tell(self, sentence: str) -> None:
        self.told.append(sentence)

    def _next(self, question: str) -> str:
        self.asked.append(question)
        return self.answers.pop(0)


class _Undone(Exception):
    """Takes a transaction back."""


class Person:
    """Somebody with a session who types command lines; call it with a line.

    home: where sessions are saved. width: of the terminal, None without one. remember: as the shell does, revisions.
    """

    def __init__(
        self,
        world: World,
        session: Session | None,
        home: Path,
        *,
        width: int | None = None,
        remember: bool = False,
        assume_yes: bool = False,
        format: Format = Format.TABLE,
    ) -> None:
        self.account = Account(world.target, Saved(home, world.target.identity))
        if session:
            self.account.adopt(session)
        self.terminal = Script()
        self._out = StringIO()
        output = Output(self._out, lambda: width, format=format)
        self.dispatcher = Dispatcher(self.account, self.terminal, output, remember=remember, assume_yes=assume_yes)

    def __call__(self, line: str) -> Result:
        """Run one line as `-c` does."""
        return self.does(lambda: self.dispatcher.run(line))

    def json(self, line: str) -> Any:
        """What a line that works gives as JSON."""
        result = self(f"{line} --format json")
        assert result.code == 0, result.err
        return result.json

    def attempt(self, line: str) -> Result:
        """Run one line, and take back what it did."""
        with self.undone():
            return self(line)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What lines of this person do in the block is taken back at its end."""
        try:
            with self.account.database.work():
                yield
                raise _Undone
        except _Undone:
            pass

    def script(self, text: str | Iterable[str], *, name: str = "script", **mode: bool) -> Result:
        """Run a script as `-f` does."""
        lines = text.split("\n") if isinstance(text, str) else text
        return self.does(lambda: run_script(self.dispatcher, name, statements(lines), Mode(**mode)))

    def answers(self, *answers: str) -> "Person":
        """Give the terminal answers for what it asks next."""
        self.terminal.answers.extend(answers)
        return self

    def does(self, work: Callable[[], None]) -> Result:
        """What comes of some work. Exceptions that people are never meant to see pass through, and fail the test."""
        code, sentence = 0, ""
        try:
            work()
        except Leave:
            pass
        except EpicError as error:
            code, sentence = error.exit_code, str(error)
        told = [*self.terminal.told, *([sentence] if sentence else [])]
        out = self._out.getvalue()
        self.terminal.told.clear()
        self._out.seek(0)
        self._out.truncate()
        return Result(code, out, "\n".join(told))


class People:
    """Makes persons of one world: call it with a username. Their connections are closed at the end."""

    def __init__(self, world: World, home: Path) -> None:
        self.world = world
        self._home = home
        self._made: list[Person] = []
        self._known: dict[str, Person] = {}

    def __call__(self, username: str, **options: Any) -> Person:
        """A new person: one shell of the employee, with a session and a saved copy of its own."""
        home = self._home / f"home{len(self._made)}"
        person = Person(self.world, self.world.login(username) if username else None, home, **options)
        self._made.append(person)
        return person

    def __getitem__(self, username: str) -> Person:
        """The same person each time."""
        if username not in self._known:
            self._known[username] = self(username)
        return self._known[username]

    def close(self) -> None:
        for person in self._made:
            person.account.close()
