"""Waiting for a server: Ctrl-C is noticed at once, and so is a server that answers no more."""

import os
import select
import socket
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg2
import psycopg2.extensions
from psycopg2.extensions import POLL_OK, POLL_READ, POLL_WRITE, STATUS_SETUP

if TYPE_CHECKING:
    from psycopg2.extensions import connection

CONNECT_SECONDS = 5  #: how long a server may take to let us in
ANSWER_SECONDS = 1  #: how long a server may take to say a word
CANCEL_SECONDS = 3  #: how long one may take to stop a statement


class InterruptedLate(KeyboardInterrupt):
    """Ctrl-C came, but the statement had finished."""


def wait(opened: "connection") -> None:
    """Wait for libpq, so that Ctrl-C cancels the running statement at once (psycopg2 alone would not notice it).

    While connecting, Ctrl-C gives up, and so does CONNECT_SECONDS (libpq leaves its connect_timeout to us here). A
    server that does not stop a statement within CANCEL_SECONDS is given up: psycopg2 closes the connection.
    """
    connecting = opened.status == STATUS_SETUP
    deadline = time.monotonic() + CONNECT_SECONDS if connecting else None
    interrupted = False
    while True:
        try:
            if _ready(opened, deadline):
                break
        except KeyboardInterrupt:
            if connecting or interrupted:
                raise
            interrupted, deadline = True, time.monotonic() + CANCEL_SECONDS
            _cancel(opened)
        except psycopg2.extensions.QueryCanceledError:
            if interrupted:
                raise KeyboardInterrupt from None
            raise
    if interrupted:
        raise InterruptedLate


def _ready(opened: "connection", deadline: float | None) -> bool:
    """Wait until something happens; whether all is done. Raises OperationalError at the deadline (time.monotonic)."""
    state = opened.poll()
    if state == POLL_OK:
        return True
    descriptor = opened.fileno()
    readable = [descriptor] if state == POLL_READ else []
    writable = [descriptor] if state == POLL_WRITE else []
    patience = None if deadline is None else max(0, deadline - time.monotonic())
    if select.select(readable, writable, [], patience) == ([], [], []):
        raise psycopg2.OperationalError("no answer in time")
    return False


def _cancel(opened: "connection") -> None:
    """Ask the server to stop the statement. Raises OperationalError if it does not even answer."""
    if not _answers(opened):
        raise psycopg2.OperationalError("no answer in time")
    with suppress(psycopg2.Error):
        opened.cancel()


def _answers(opened: "connection") -> bool:
    """Whether the server talks to a newcomer: libpq's cancel would wait for one that does not, and all of us with it.

    An SSLRequest is answered with one byte, whatever comes after (the protocol's message formats).
    """
    with socket.socket(fileno=os.dup(opened.fileno())) as known:
        family, address = known.family, known.getpeername()
    with socket.socket(family) as newcomer, suppress(OSError):
        newcomer.settimeout(ANSWER_SECONDS)
        newcomer.connect(address)
        newcomer.sendall(struct.pack("!ii", 8, 80877103))
        return bool(newcomer.recv(1))
    return False


psycopg2.extensions.set_wait_callback(wait)
