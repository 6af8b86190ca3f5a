"""Who the server runs as: PostgreSQL refuses root, so root hands it to an account without rights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from epicshell.errors import Unavailable

if TYPE_CHECKING:
    from subprocess import CompletedProcess, Popen

NAME = "epicshell"
# Nothing of the caller's: a PGDATA, PGOPTIONS or LD_PRELOAD must not reach the server.
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


class Account(NamedTuple):
    """A user and a group by number."""

    uid: int
    gid: int


def run(
    command: Sequence[str | Path], account: Account | None, descriptors: Sequence[int] = ()
) -> CompletedProcess[str]:
    """Runs a command as ``account`` (None: as ourselves), out of reach of the terminal's Ctrl-C.

    descriptors: the only open files that the command inherits. Raises OSError if it can't be run.
    """
    import subprocess

    return subprocess.run(
        command,
        **_apart(account),
        check=False,
        pass_fds=descriptors,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
    )


def start(command: Sequence[str | Path], account: Account | None, complaints: IO[bytes]) -> Popen[bytes]:
    """Starts ``command`` in the same way; its input and output are pipes, its complaints go to a file.

    Raises OSError if it can't be run.
    """
    from subprocess import PIPE, Popen

    return Popen(command, **_apart(account), stdin=PIPE, stdout=PIPE, stderr=complaints)


def _apart(account: Account | None) -> dict[str, Any]:
    """The options of a process of its own, with nothing of the caller's."""
    identity: dict[str, Any] = {}
    if account is not None:
        identity = {"user": account.uid, "group": account.gid, "extra_groups": []}
    return {**identity, "cwd": "/", "env": ENVIRONMENT, "umask": 0o077, "start_new_session": True}


def system_account() -> Account:
    """The account `epicshell`, made if need be, else `nobody`; initdb wants one that has a name.

    Raises Unavailable if this machine has neither.
    """
    account = _find(NAME) or _make() or _find("nobody")
    if account is None or account.uid == 0:
        raise Unavailable(
            "The embedded server can't run as root, and there is no other account for it.",
            f"Add an account named {NAME}, or set EPICSHELL_DATABASE_URL.",
        )
    return account


def _find(name: str) -> Account | None:
    import pwd

    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(entry.pw_uid, entry.pw_gid)


def _make() -> Account | None:
    options = "--system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin"
    try:
        run(["/usr/sbin/useradd", *options.split(), NAME], None)
    except FileNotFoundError:
        return None
    return _find(NAME)
