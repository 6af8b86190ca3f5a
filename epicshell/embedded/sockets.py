"""The unix socket of a cluster: where it lies, and whether a server listens there."""

from __future__ import annotations

import os
from pathlib import Path

from epicshell.embedded.folders import make_private
from epicshell.errors import Unavailable

PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"
# A socket's address has room for 104 bytes on macOS, 108 on Linux.
PATH_LIMIT = 100


def listening_in(data: Path) -> str | None:
    """The socket folder of the server that runs in ``data``; None unless one is ready for connections.

    Reads postmaster.pid, where line 5 has the socket folder and line 8 the state (PostgreSQL's pidfile.h).
    """
    import socket

    try:
        lines = os.fsdecode((data / "postmaster.pid").read_bytes()).split("\n")
        if lines[7].strip() != "ready":
            return None
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(f"{lines[4]}/{SOCKET}")
    except (OSError, IndexError):
        return None
    return lines[4]


def socket_folder(folder: Path) -> Path:
    """``folder``, or a private one under the temporary folder where libpq can't find a socket in ``folder``.

    Raises Unavailable if that one isn't for us alone.
    """
    if _fits(folder):
        return folder
    import hashlib
    import tempfile

    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    private = Path(tempfile.gettempdir(), f"epicshell-{os.geteuid()}-{digest}")
    if not _fits(private):
        raise Unavailable(
            f"The path {private} is too long for a socket, or has a comma.", "Set TMPDIR to a short path."
        )
    make_private(private)
    return private


def _fits(folder: Path) -> bool:
    # libpq takes a comma in a host for the start of the next host.
    return len(os.fsencode(folder / SOCKET)) <= PATH_LIMIT and "," not in str(folder)
