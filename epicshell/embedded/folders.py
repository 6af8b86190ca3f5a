"""The folders of the private servers, each open to one account alone.

Root's lie outside root's home, where the account that runs the server could not enter.
"""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from epicshell.embedded.account import Account, system_account
from epicshell.errors import Unavailable

SHARED = Path("/var/lib/epicshell")


def place_of(home: Path) -> Path:
    """The folder for the server of ``home``."""
    if os.geteuid() != 0:
        return home / "server"
    import hashlib

    return SHARED / hashlib.sha256(os.fsencode(home)).hexdigest()[:16]


def make_private(folder: Path) -> None:
    """Makes ``folder`` if need be, for us alone. Raises Unavailable if someone else made or can enter it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    status = folder.lstat()
    private = stat.S_ISDIR(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o700
    if not private or status.st_uid != os.geteuid():
        raise Unavailable(f"{folder} must be a folder of your own with mode 0700, and it isn't.")


def hand_over(folder: Path) -> Account:
    """Makes ``folder`` if need be, for the account that is to run its server alone; returns that, its owner.

    For root, within SHARED. Raises Unavailable if there is no such account.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid == 0:
        os.chown(folder, *system_account())
    owner = folder.stat()
    return Account(owner.st_uid, owner.st_gid)


@contextmanager
def alone_in_shared() -> Iterator[None]:
    """Makes SHARED if need be, and keeps other processes of root out until the end of the block.

    Raises Unavailable if someone else can write there, OSError if root can't.
    """
    if not SHARED.exists():
        SHARED.mkdir(parents=True, exist_ok=True)
        SHARED.chmod(0o755)
    status = SHARED.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != 0 or status.st_mode & 0o022:
        raise Unavailable(f"{SHARED} must be a folder of root's that nobody else can write to, and it isn't.")
    with (SHARED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
