"""What has come of a script's lines so far, told exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from epicshell.commands.statements import Statement
from epicshell.errors import EpicError
from epicshell.text import counted

MOST_REPEATED = 50  #: failures that are told a second time


class Failed(EpicError):
    """A script that stopped, or that went on after errors; the code is that of its first error."""

    def __init__(self, sentence: str, hint: str, exit_code: int) -> None:
        super().__init__(sentence, hint)
        self.exit_code = exit_code


class Ended(Failed):
    """A script that came to its end, though lines of it failed: there is nothing to go on with."""


@dataclass
class Tally:
    """Counts the lines of one script that runs line by line.

    of: ` of FILE` where it must be told apart from others. advice: how to go on, if that is possible.
    resumed: whether lines of it were done by an earlier run.
    """

    script: Sequence[Statement]
    of: str = ""
    advice: str = ""
    resumed: bool = False
    tried: int = 0
    failures: list[Failed] = field(default_factory=list)
    failed_lines: list[int] = field(default_factory=list)

    def fails(self, line: int, failure: Failed) -> None:
        self.failures.append(failure)
        self.failed_lines.append(line)

    @property
    def done(self) -> str:
        """`Lines 1 to 11 are done, but for line 3, which failed.`"""
        good = self.tried - len(self.failures)
        if good <= 0:
            return "Nothing was done."
        first, last = self.script[0].line, self.script[self.tried - 1].line
        if not self.failures:
            return f"{_lines(first, last, self.of)} done."
        count = len(self.failures)
        failed = f"line {self.failed_lines[0]}, which" if count == 1 else f"{count} lines that"
        return f"{_lines(first, last, self.of)} done, but for {failed} failed."

    @property
    def left(self) -> int:
        return len(self.script) - self.tried

    def stopped(self) -> str:
        """What to say behind the error that a script stops at."""
        if self.tried == 0 and self.resumed:
            return f"Nothing more was done. {self.advice}".rstrip()
        if self.tried == 0:
            return "" if len(self.script) < 2 else "Nothing was done."
        return f"{self.done} {self.advice}".rstrip()

    def interrupted(self) -> Failed:
        """Stopped by Ctrl-C after a line."""
        if self.tried == 0:
            return Failed("Interrupted; nothing was done.", "", 130)
        done = self.done[0].lower() + self.done[1:-1]
        left = f"{counted(self.left, 'command')} after it {'is' if self.left == 1 else 'are'} not"
        after = self.script[self.tried - 1].line
        return Failed(f"Interrupted after line {after}: {done}; {left}.", self.advice, 130)

    def summary(self) -> Failed:
        """At the end, if lines failed on the way."""
        failed = counted(len(self.failures), "line")
        return Ended(f"{failed} failed. The other lines were done.", "", self.failures[0].exit_code)


def repeated(failures: Sequence[Failed], *, told: bool) -> list[str]:
    """The failures as sentences for the end, in their order. told: each was, already."""
    shown = failures[:MOST_REPEATED] if told else failures
    more = len(failures) - len(shown)
    return [*map(str, shown), *([f"… and {more} more, told above."] if more else [])]


def _lines(first: int, last: int, of: str) -> str:
    return f"Line {first}{of} is" if first == last else f"Lines {first} to {last}{of} are"
