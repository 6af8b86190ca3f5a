"""A wire to the server that can be cut, or go dead, at any message."""

import contextlib
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from pathlib import Path

from epicshell.database import Target


class Fate(Enum):
    """What becomes of a message to the server: it never arrives, its answer never does, or all goes silent."""

    LOST = auto()
    UNANSWERED = auto()
    SILENT = auto()


@dataclass
class Wire:
    """The way to a server, message by message (PostgreSQL's protocol 3), for servers that ask for no password.

    folder: where its end lies. at, fate: what happens to which message, counted from 1 with the first statement.
    messages: those that clients have sent so far, but for the ones that open a connection.
    down: whether nobody gets through any more; gone_after: that it is so from then on.
    """

    folder: Path
    server: str
    fate: Fate = Fate.LOST
    at: int = 0
    messages: list[bytes] = field(default_factory=list)
    down: bool = False
    gone_after: bool = False
    _open: list[socket.socket] = field(default_factory=list)

    def serve(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client = listener.accept()[0]
                self._open.append(client)
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def _carry(self, client: socket.socket) -> None:
        if self.down:
            client.close()
            return
        backend = socket.socket(socket.AF_UNIX)
        self._open.append(backend)
        with contextlib.suppress(OSError):
            backend.connect(self.server)
            length = exactly(client, 4)
            backend.sendall(length + exactly(client, struct.unpack("!I", length)[0] - 4))
            client.sendall(_answer(backend))
            while self._pass_on(client, backend):
                pass
        client.close()
        backend.close()

    def _pass_on(self, client: socket.socket, backend: socket.socket) -> bool:
        message = message_of(client)
        self.messages.append(message)
        struck = len(self.messages) == self.at
        if struck and self.fate is Fate.SILENT:
            threading.Event().wait(30)
        self.down = self.down or (struck and self.gone_after)
        if struck and self.fate is Fate.LOST:
            return False
        backend.sendall(message)
        answer = _answer(backend)
        if struck:
            return False
        client.sendall(answer)
        return True

    def close(self) -> None:
        """Hang up on everyone."""
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@contextmanager
def wired(target: Target) -> Iterator[tuple[Target, Wire]]:
    """The same database, by a wire that can be cut."""
    host, port = target.parameters["host"], target.parameters.get("port", "5432")
    name = f".s.PGSQL.{port}"
    with tempfile.TemporaryDirectory(prefix="epicshell-wire-") as folder, socket.socket(socket.AF_UNIX) as listener:
        wire = Wire(Path(folder), str(Path(host) / name))
        listener.bind(str(wire.folder / name))
        listener.listen()
        threading.Thread(target=wire.serve, args=(listener,), daemon=True).start()
        try:
            yield replace(target, parameters={**target.parameters, "host": folder}), wire
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            wire.close()


def _answer(backend: socket.socket) -> bytes:
    """All that the backend says until it is ready for the next message."""
    messages = [message_of(backend)]
    while messages[-1][:1] != b"Z":
        messages.append(message_of(backend))
    return b"".join(messages)


def message_of(end: socket.socket) -> bytes:
    """The next message at one end. Raises ConnectionError if there is none."""
    head = exactly(end, 5)
    return head + exactly(end, struct.unpack("!I", head[1:])[0] - 4)


def exactly(end: socket.socket, count: int) -> bytes:
    """So many bytes. Raises ConnectionError if they end before."""
    received = b""
    while len(received) < count:
        part = end.recv(count - len(received))
        if not part:
            raise ConnectionError
        received += part
    return received
