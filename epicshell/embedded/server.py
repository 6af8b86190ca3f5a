"""The private server of one home, as the shells of that home see it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from epicshell.embedded import folders, lifetime
from epicshell.embedded.sockets import PORT, listening_in
from epicshell.errors import Unavailable

if TYPE_CHECKING:
    from epicshell.embedded.account import Account
    from epicshell.embedded.cluster import Cluster

# Recovery after a crash may take longer; then it goes on without us.
PATIENCE_SECONDS = 60
POLL_SECONDS = 0.002
# Someone may kill or stop a server that is just starting.
LAUNCHES = 3


class Embedded:
    """A PostgreSQL server shared by all processes of a home: started by the first, stopped after the last.

    Its only door is a unix socket in a folder of mode 0700; whoever can open it is trusted, as superuser
    `postgres` too. Where we are root, the server runs under another account, with its data outside the home.

    home: the folder that epicshell may write in, made with mode 0700 if it's missing
    idle_seconds: how long the server stays after its last user has gone
    """

    port = PORT

    def __init__(self, home: Path, *, idle_seconds: float = 300) -> None:
        self._home = Path(os.path.realpath(home))
        self._idle_seconds = idle_seconds
        self._presence: int | None = None
        self._folder = folders.place_of(self._home)

    @property
    def home(self) -> Path:
        """Where it was told to keep its things; with mode 0700."""
        return self._home

    @property
    def data_directory(self) -> Path:
        """PostgreSQL's data directory; it exists once the server has run."""
        return self._folder / "data"

    @property
    def bin_directory(self) -> Path:
        """The server's own psql, pg_dump and pg_restore. Raises Unavailable if this platform has none."""
        from epicshell.embedded.binaries import installed

        return installed() / "bin"

    def program(self, name: str) -> tuple[Path, Account | None]:
        """A program of the server's own, such as pg_dump, and the account to run it as; None for ourselves.

        Raises Unavailable if this platform has none, or the copy for another account can't be made.
        """
        from epicshell.embedded import binaries

        if os.geteuid() != 0:
            return binaries.installed() / "bin" / name, None
        with _telling(self._home), folders.alone_in_shared():
            return binaries.copy_into(folders.SHARED) / "bin" / name, folders.hand_over(self._folder)

    def ensure_running(self) -> str:
        """Starts the server unless it runs; returns its socket folder, an absolute path: the `host` of libpq.

        From then on this process is a user of the server. Call it again after a connection was lost.
        Raises Unavailable.
        """
        with _telling(self._home):
            if self._presence is None:
                self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._presence = lifetime.enter(self._presence_path)
            return listening_in(self.data_directory) or self._start()

    def stop(self) -> None:
        """Stops the server at once, whoever uses it: open transactions are rolled back. Raises Unavailable.

        This process is no longer a user of the server, until the next ensure_running.
        """
        with _telling(self._home):
            if self._presence is not None:
                os.close(self._presence)
                self._presence = None
            if self._folder.exists():
                self._stop()

    def _start(self) -> str:
        cluster = self._cluster()
        hint = f"Its log is {cluster.log}."
        launches = 0
        for _ in _patience():
            if sockets := listening_in(self.data_directory):
                return sockets
            with lifetime.claim(self._running_path) as claim:
                if claim is None:
                    continue
                if launches == LAUNCHES:
                    raise Unavailable(f"The embedded server does not start: {cluster.complaint()}", hint)
                cluster.launch(claim, self._presence_path, self._idle_seconds)
                launches += 1
        raise Unavailable(f"The embedded server is not ready after {PATIENCE_SECONDS} seconds.", hint)

    def _stop(self) -> None:
        cluster = self._cluster()
        for _ in _patience():
            with lifetime.claim(self._running_path) as claim:
                if claim is not None:
                    return
            cluster.stop()
        raise Unavailable(f"The embedded server is still stopping after {PATIENCE_SECONDS} seconds.")

    def _cluster(self) -> Cluster:
        from epicshell.embedded import binaries
        from epicshell.embedded.cluster import Cluster

        if os.geteuid() != 0:
            folders.make_private(self._folder)
            return Cluster(self._folder, binaries.installed(), None)
        with folders.alone_in_shared():
            account = folders.hand_over(self._folder)
            return Cluster(self._folder, binaries.copy_into(folders.SHARED), account)

    @property
    def _presence_path(self) -> Path:
        return self._home / "server.users"

    @property
    def _running_path(self) -> Path:
        return self._folder / "running"


def _patience() -> Iterator[None]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        yield
        time.sleep(POLL_SECONDS)


@contextmanager
def _telling(home: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        place = error.filename or home
        raise Unavailable(f"The embedded server can't use {place}: {error.strerror}.") from error
