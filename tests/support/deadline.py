"""No test runs for ever: one that hangs fails, and says where."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS = 120  #: of a test's set-up, of the test itself, of what follows it; the longest of all takes ten
AGAIN = 10  #: seconds until what hangs while it cleans up is ended too


class Overdue(BaseException):
    """Not done in time. No `except Exception` stops it."""


@contextmanager
def deadline(seconds: float = SECONDS, again: float = AGAIN) -> Iterator[None]:
    """Raise Overdue in the block, wherever it waits then, if it takes too long."""

    def end(*_: object) -> None:
        raise Overdue(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, end)
    left = signal.setitimer(signal.ITIMER_REAL, seconds, again)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, *left)
