"""The server's own pg_dump and pg_restore, as processes beside us that read or write a pipe."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

from epicshell.embedded.account import start
from epicshell.embedded.cluster import reason_of
from epicshell.errors import Unavailable

if TYPE_CHECKING:
    from subprocess import Popen

    from epicshell.embedded import Embedded

_CHUNK = 1 << 20
_DUMP = ("--format=custom", "--lock-wait-timeout=10s", "--no-unlogged-table-data")
_AFTERWARDS = {"pg_dump": "There is no backup.", "pg_restore": "The database is as it was."}
_RESTORE = ("--exit-on-error", "--single-transaction")


def dumped(server: Embedded, database: str) -> Iterator[bytes]:
    """A database as pg_dump writes it (custom format), in pieces. Raises Unavailable with what pg_dump says."""
    with _running(server, "pg_dump", *_DUMP, database) as process:
        out = _pipe(process.stdout)
        while piece := out.read(_CHUNK):
            yield piece


def restore(server: Embedded, database: str, dump: Iterable[bytes]) -> None:
    """Fill an empty database from a dump, in one transaction. Raises Unavailable with what pg_restore says."""
    options = (*_RESTORE, f"--dbname={database}")
    with (
        _running(server, "pg_restore", *options) as process,
        suppress(BrokenPipeError),  # it has ended early, and says why
        _pipe(process.stdin) as feed,
    ):
        for piece in dump:
            feed.write(piece)


@contextmanager
def _running(server: Embedded, name: str, *options: str) -> Iterator[Popen[bytes]]:
    """A program, connected as the superuser; it has ended well at the end of the block, or an error says why not."""
    sockets = server.ensure_running()
    program, account = server.program(name)
    connection = ("--no-password", f"--host={sockets}", f"--port={server.port}", "--username=postgres")
    with tempfile.TemporaryFile() as complaints:
        process = start([program, *connection, *options], account, complaints)
        try:
            yield process
            failed = process.wait() != 0
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    with suppress(BrokenPipeError):
                        pipe.close()
        if failed:
            complaints.seek(0)
            reason = reason_of(complaints.read().decode(errors="replace"))
            raise Unavailable(f"{name} failed: {reason.rstrip('.')}.", _AFTERWARDS[name])


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("no pipe")
    return pipe
