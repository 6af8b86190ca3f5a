"""What a check finds, and how that is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from epicshell.results import Column, Listing


class Level(StrEnum):
    """How a finding is to be taken, the worst first."""

    PROBLEM = "problem"  #: something is unsafe, or does not work
    WARNING = "warning"  #: worth a look
    UNKNOWN = "unknown"  #: could not be examined
    OK = "ok"

    @property
    def gravity(self) -> int:
        """0 is the worst."""
        return list(Level).index(self)


@dataclass(frozen=True)
class Finding:
    """One sentence about the deployment.

    remedy: what to run or write, exactly; "" where nothing is to be done.
    """

    level: Level
    check: str
    sentence: str
    remedy: str = ""


def problem(sentence: str, remedy: str) -> Finding:
    """Something is unsafe, or does not work. The check's name comes later, from its declaration."""
    return Finding(Level.PROBLEM, "", sentence, remedy)


def warning(sentence: str, remedy: str) -> Finding:
    """Something is worth a look."""
    return Finding(Level.WARNING, "", sentence, remedy)


def worst(findings: Sequence[Finding]) -> Level:
    """The level of the gravest finding."""
    return min((finding.level for finding in findings), key=lambda level: level.gravity, default=Level.OK)


def report(findings: Sequence[Finding]) -> Listing:
    """The findings, the gravest first."""
    ordered = sorted(findings, key=lambda finding: finding.level.gravity)
    counts = [(level, sum(finding.level == level for finding in findings)) for level in Level]
    totals = ", ".join(f"{count} {level}" for level, count in counts if count)
    return Listing(
        [Column(name) for name in ("level", "check", "finding", "remedy")],
        [(str(one.level), one.check, one.sentence, one.remedy) for one in ordered],
        lambda _shown: f"{totals}.",
    )
