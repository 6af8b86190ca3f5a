"""How long, how much memory: medians, and whole processes."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A row of the table: what was done, what it took, what it should take, what others take for it here and now."""

    work: str
    measured: str
    target: str
    reference: str

    def __str__(self) -> str:
        return f"| {self.work} | {self.measured} | {self.target} | {self.reference} |"


HEADER = "| work | measured | target | in the same run |\n|---|---|---|---|"


@dataclass(frozen=True)
class Run:
    """A process: seconds, and its largest resident size in MB."""

    seconds: float
    megabytes: float


def seconds(work: Callable[[], object], times: int = 5) -> list[float]:
    """How long it takes each time, after once for warmth."""
    work()
    return [_once(work) for _ in range(times)]


def _once(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def process(command: Sequence[str], environment: Mapping[str, str] | None = None, times: int = 1, warm: int = 0) -> Run:
    """A whole process, its output thrown away: medians of some runs after some for warmth."""
    runs = [_process(command, environment) for _ in range(warm + times)][warm:]
    return Run(statistics.median(run.seconds for run in runs), statistics.median(run.megabytes for run in runs))


def _process(command: Sequence[str], environment: Mapping[str, str] | None) -> Run:
    begun = time.perf_counter()
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=environment)
    _, status, usage = os.wait4(started.pid, 0)
    taken = time.perf_counter() - begun
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {started.returncode}")
    return Run(taken, usage.ru_maxrss / 1024)


def ms(taken: float) -> str:
    return f"{taken * 1000:.0f} ms" if taken >= 0.0995 else f"{taken * 1000:.1f} ms"


def s(taken: float) -> str:
    return f"{taken:.2f} s"
