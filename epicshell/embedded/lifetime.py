"""Two advisory locks, flock(2), which the kernel frees once the last process that holds them has ended.

The *presence* file is held shared by each process that uses the server, for as long as it lives; the
keeper (reaper.py) holds it exclusively while it stops the server, so that newcomers wait.

The *running* file is held exclusively by whoever makes and starts the cluster. The server's processes
inherit that very lock: where it is free, no process of an earlier server is left, whatever pid files say.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def enter(presence: Path) -> int:
    """Joins the users of the server until the descriptor is closed; waits while the server is being stopped.

    The file's mtime tells the keeper that someone came, even if they have left again.
    """
    descriptor = _open(presence)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    os.utime(descriptor)
    return descriptor


@contextmanager
def claim(running: Path) -> Iterator[int | None]:
    """The right to start the server, as a descriptor for it to inherit; None while someone else has it."""
    descriptor = _open(running)
    try:
        yield descriptor if _try(descriptor) else None
    finally:
        os.close(descriptor)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        # Never 0 to 2, even where the caller has closed those: the server's own would take their place.
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    finally:
        os.close(descriptor)
