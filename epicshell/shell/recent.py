"""The values that were used or shown last: they come first in the menu, and are there before the database answers."""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from epicshell.commands.line import bind, resolve
from epicshell.commands.words import split
from epicshell.context import Context, Memory
from epicshell.errors import NotUnderstood
from epicshell.params import Candidate, Param
from epicshell.policy import Permission
from epicshell.session import Session
from epicshell.text import words

MOST = 8  #: values that are kept of each kind
LONGEST = 60  #: characters of a value that is kept


class Recent:
    """What lines were about, newest first, by the kind of value. memory: knows which records were shown.

    session: who works here. nothing: the questions that the database has answered with nothing since the last line.
    """

    def __init__(self, memory: Memory, session: Session | None = None) -> None:
        self.nothing: set[tuple[object, str]] = set()
        self.memory = memory
        self._who = session.username if session else ""
        self._used: dict[object, list[str]] = {}

    def used(self, text: str) -> None:
        """A line has been run: keep the values that it names."""
        with suppress(NotUnderstood):
            line = split(text)
            if not line:
                return
            command, rest = resolve(line)
            given = {name: value for name, value in bind(command, rest).values.items() if value}
            for parameter in command.parameters:
                if parameter.name in given:
                    self._keep(parameter.param.given(given), given[parameter.name].strip())

    def go_on(self, session: Session | None) -> None:
        """A line is over, whatever it did: answers are forgotten, and with someone else at work what was used."""
        self.nothing.clear()
        who = session.username if session else ""
        if who != self._who:
            self._who = who
            self._used.clear()

    def of(self, param: Param) -> tuple[str, ...]:
        """The values of a kind: those that were used, then those that were shown."""
        shown = [str(number) for number in self.memory.latest(str(param.kind), MOST)] if param.looks_up else []
        return tuple(dict.fromkeys([*self._used.get(param.kind, ()), *shown]))[:MOST]

    def _keep(self, param: Param, value: str) -> None:
        if param.completes and not param.verbatim and value and len(value) <= LONGEST and not value.startswith("@"):
            kept = self._used.setdefault(param.kind, [])
            kept[:] = [value, *(other for other in kept if other != value)][:MOST]


class Source:
    """Where the completions of a value come from: the recent ones first, each checked, then all that fit."""

    def __init__(
        self, param: Param, needs: Permission | None, recent: Sequence[str], nothing: set[tuple[object, str]]
    ) -> None:
        self._nothing = nothing
        self._param = param
        self._needs = needs
        self._recent = recent

    @property
    def key(self) -> object:
        return self._param, self._needs

    def __call__(self, prefix: str, context: Context) -> list[Candidate]:
        recent = self._param.among(self._recent, context, self._needs) if self._recent else ()
        first = [candidate for candidate in recent if _fits(candidate, prefix)]
        found = merged(first, self._param.candidates(prefix, context, self._needs))
        if not found:
            self._nothing.add((self.key, prefix))
        return found


def merged(first: Iterable[Candidate], then: Iterable[Candidate]) -> list[Candidate]:
    """Candidates, each text once; the later one where it has a meaning and the first has none."""
    found: dict[str, Candidate] = {}
    for candidate in (*first, *then):
        known = found.get(candidate.text)
        if known is None or not known.meaning:
            found[candidate.text] = candidate
    return list(found.values())


def _fits(candidate: Candidate, prefix: str) -> bool:
    """Whether the text begins so, or words of the text or its meaning do."""
    known = words(f"{candidate.text} {candidate.meaning}")
    return candidate.text.lower().startswith(prefix.lower()) or (
        bool(words(prefix)) and all(any(word.startswith(typed) for word in known) for typed in words(prefix))
    )
