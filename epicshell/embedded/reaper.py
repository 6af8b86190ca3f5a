"""The keeper of one server: starts it, stops it some time after its last user has gone, and ends with it.

A script of its own, `python -I -S reaper.py PRESENCE IDLE_SECONDS LOG UID GID COMMAND...`: it stays in memory
as long as the server, so it imports next to nothing. PRESENCE is explained in lifetime.py.
"""

import fcntl
import os
import signal
import sys
import time
from threading import Thread


def main(presence: str, idle_seconds: str, log: str, uid: str, gid: str, *command: str) -> None:
    """Leaves the shell that called (it waits for the first process only), then keeps the server."""
    if os.fork():
        os._exit(0)
    _redirect_output(os.devnull)
    server = os.fork()
    if server == 0:
        _become(command, log, int(uid), int(gid))
    Thread(target=_stop_when_idle, args=(server, presence, float(idle_seconds)), daemon=True).start()
    os.waitpid(server, 0)


def _become(command: tuple[str, ...], log: str, uid: int, gid: int) -> None:
    try:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(gid)
            os.setuid(uid)
        _rotate(log)
        _redirect_output(log)
        os.execv(command[0], command)  # noqa: S606 the server itself, no shell
    except OSError as error:
        os.write(2, f"FATAL:  {error}\n".encode())
    os._exit(1)


def _rotate(log: str) -> None:
    """Leaves two logs, of this run and of the one before."""
    if os.path.exists(log):
        os.replace(log, f"{log}.old")


def _redirect_output(path: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)


def _stop_when_idle(server: int, presence: str, idle_seconds: float) -> None:
    _wait_for_idleness(presence, idle_seconds)
    os.kill(server, signal.SIGINT)  # PostgreSQL's fast shutdown


def _wait_for_idleness(presence: str, seconds: float) -> None:
    """Returns holding the file exclusively, so that newcomers wait until the server has stopped."""
    descriptor = os.open(presence, os.O_RDWR)
    last_entry = None
    while True:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # waits until the last user has gone
        entry = os.fstat(descriptor).st_mtime_ns
        if entry == last_entry:
            return
        last_entry = entry
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        time.sleep(seconds)


if __name__ == "__main__":
    main(*sys.argv[1:])
