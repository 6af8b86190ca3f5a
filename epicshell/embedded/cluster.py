"""One PostgreSQL cluster: made, started and stopped by its own programs, under the account it belongs to."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from epicshell.embedded.account import Account, run
from epicshell.embedded.sockets import PORT, SOCKET, socket_folder
from epicshell.errors import Unavailable

INITDB = [
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--no-locale",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
]
KEEPER = Path(__file__).with_name("reaper.py")
# Written to postgresql.conf once, where they may be tuned.
SETTINGS = {
    "cluster_name": "epicshell",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "jit": "off",
}


class Cluster:
    """The cluster in ``folder``, a folder of mode 0700 that holds its data, its log and its socket.

    installation: PostgreSQL's bin, lib and share
    account: who owns ``folder`` and runs the server; None for ourselves
    """

    def __init__(self, folder: Path, installation: Path, account: Account | None) -> None:
        self._folder = folder
        self._data = folder / "data"
        self.log = folder / "log"
        self._programs = installation / "bin"
        self._account = account

    def launch(self, running: int, presence: Path, idle_seconds: float) -> None:
        """Starts the server under a keeper (reaper.py) without waiting for it; makes the cluster if need be.

        running, presence: the claim and the path of lifetime.py; the server's processes inherit the claim.
        Raises Unavailable, or OSError where a file can't be used.
        """
        if not self._data.exists():
            self._make(running)
        sockets = socket_folder(self._folder)
        # Whoever holds the claim knows these to be stale, even where another process has their pid by now.
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        (sockets / f"{SOCKET}.lock").unlink(missing_ok=True)
        uid, gid = self._account or (os.geteuid(), os.getegid())
        keeper: list[str | Path] = [
            sys.executable,
            "-I",
            "-S",
            KEEPER,
            presence,
            str(idle_seconds),
            self.log,
            str(uid),
            str(gid),
        ]
        finished = run([*keeper, *self._server(sockets)], None, [running])
        if finished.returncode > 0:  # a keeper that was killed shows as a server that has ended
            raise Unavailable(f"The embedded server can't be started: {reason_of(finished.stderr)}")

    def stop(self) -> None:
        """Asks the server, if there is one, for a fast shutdown, without waiting for it."""
        run([self._programs / "pg_ctl", "stop", "-D", self._data, "-m", "fast", "-W"], self._account)

    def complaint(self) -> str:
        """Why the server ended, by the log of its last run."""
        return reason_of(self.log.read_text(errors="replace") if self.log.exists() else "")

    def _make(self, running: int) -> None:
        """Runs initdb beside the final place: a killed one leaves nothing that looks like a cluster."""
        unfinished = self._folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        settings = [f"--set={name}={value}" for name, value in SETTINGS.items()]
        initdb: list[str | Path] = [self._programs / "initdb", "-D", unfinished, *INITDB, *settings]
        finished = run(initdb, self._account, [running])
        if finished.returncode:
            reason = reason_of(finished.stderr)
            raise Unavailable(f"The embedded server's data can't be made in {self._folder}: {reason}")
        unfinished.rename(self._data)
        _sync(self._folder)  # before anything is acknowledged under the new name

    def _server(self, sockets: Path) -> list[str | Path]:
        """The server's command, with what holds whatever postgresql.conf says: a private socket, no TCP."""
        quoted = str(sockets).replace('"', '""')
        settings = [
            f"port={PORT}",
            "listen_addresses=",
            f'unix_socket_directories="{quoted}"',
            "unix_socket_permissions=0700",
        ]
        options = [option for setting in settings for option in ("-c", setting)]
        return [self._programs / "postgres", "-D", self._data, *options]


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)


def reason_of(output: str) -> str:
    """What went wrong in one line, by what a program of PostgreSQL wrote."""
    lines = output.split("\n")
    fatal = [line for line in lines if re.search("(PANIC|FATAL|error):", line)]
    return " ".join(fatal[-1:] or lines[-4:]).strip() or "it left no message."
