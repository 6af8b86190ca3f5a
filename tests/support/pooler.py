"""A pooler as small as can be: it hands a few backends out per transaction, as PgBouncer does in that mode.

It speaks as much of PostgreSQL's protocol 3 as that takes (the manual's chapter 54), for clients that the server
lets in without a question: each message of a client goes to a backend, and what comes back to the client, until
the backend says that it is idle again.
"""

import contextlib
import queue
import socket
import struct
import threading
from pathlib import Path
from typing import NamedTuple

from support.wire import exactly, message_of

_READY, _IDLE, _TERMINATE = b"Z", b"I", b"X"


class _Pool(NamedTuple):
    """The idle backends of one role, and what a server says first."""

    idle: "queue.Queue[socket.socket]"
    greeting: bytes


class Pooler:
    """Listens in `folder` on the port of the server behind it.

    backends: how many there are for each role. They are handed out in turn, or the last used first if there is one.
    """

    def __init__(self, folder: Path, server: Path, port: int, backends: int) -> None:
        name = f".s.PGSQL.{port}"
        self._server, self._backends = str(server / name), backends
        self._pools: dict[bytes, _Pool] = {}
        self._sockets: list[socket.socket] = []
        self._listener = self._keep(socket.socket(socket.AF_UNIX))
        self._listener.bind(str(folder / name))
        self._listener.listen()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up on everyone."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for one in self._sockets:
            one.close()

    def _keep(self, one: socket.socket) -> socket.socket:
        self._sockets.append(one)
        return one

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = self._keep(self._listener.accept()[0])
                pool = self._pool(_startup(client))
                client.sendall(pool.greeting)
                threading.Thread(target=self._serve, args=(client, pool), daemon=True).start()

    def _pool(self, startup: bytes) -> _Pool:
        """The pool of a role; its backends start as its first client wants."""
        role = startup.split(b"user\0")[1].split(b"\0")[0]
        if role not in self._pools:
            greeting, idle = b"", queue.Queue[socket.socket]()
            for _ in range(self._backends):
                backend = self._keep(socket.socket(socket.AF_UNIX))
                backend.connect(self._server)
                backend.sendall(startup)
                greeting = b"".join(_until_ready(backend))
                idle.put(backend)
            self._pools[role] = _Pool(idle, greeting)
        return self._pools[role]

    def _serve(self, client: socket.socket, pool: _Pool) -> None:
        with contextlib.suppress(OSError):
            message = message_of(client)
            while message[:1] != _TERMINATE:
                backend = pool.idle.get()
                status = b""
                while status != _IDLE:  # a transaction keeps its backend
                    backend.sendall(message)
                    answer = list(_until_ready(backend))
                    client.sendall(b"".join(answer))
                    status = answer[-1][-1:]
                    if status != _IDLE:
                        message = message_of(client)
                pool.idle.put(backend)
                message = message_of(client)


def _startup(client: socket.socket) -> bytes:
    length = exactly(client, 4)
    return length + exactly(client, struct.unpack("!I", length)[0] - 4)


def _until_ready(backend: socket.socket) -> list[bytes]:
    messages = [message_of(backend)]
    while messages[-1][:1] != _READY:
        messages.append(message_of(backend))
    return messages
