"""Keys: from the key to the screen, and Enter, while the database is large, and while it hangs."""

import os
import select
import shutil
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import pexpect
from crowd import Crowd
from measure import Row, ms

from epicshell.database import OWNER_ROLE

LINES = (
    "clients show mart",
    "events filter --no-support --client du",
    "events assign 10",
    "contracts show lef",
    'contracts filter where (company ~ "du" or total >= 10k) and sales = b',
)
SQL = ("SELECT full_name, email FROM crm.clie", "SELECT * FROM crm.events WHERE supp")
ROUNDS = 8
QUIET = 0.05  #: seconds without output after which a key counts as shown
PAUSE = 0.03  #: between two keys, quicker than people type
PGCLI = shutil.which("pgcli")
_WHERE = b"\x1b[6n"


@dataclass
class Keys:
    """A program in a terminal that is typed at key by key. shown: seconds to the first output after each key."""

    spawned: "pexpect.spawn[bytes]"
    shown: list[float] = field(default_factory=list)

    def key(self, key: str) -> float:
        """Press a key; the seconds until the screen begins to change."""
        begun = time.perf_counter()
        self.spawned.send(key)
        taken = self._read(2) - begun
        while self._read(PAUSE):
            pass
        return taken

    def line(self, text: str) -> None:
        """Type a line, and take it away again."""
        self.shown += [self.key(letter) for letter in text]
        self.spawned.send("\x15")
        self.settle()

    def settle(self, quiet: float = QUIET) -> None:
        while self._read(quiet):
            pass

    def _read(self, seconds: float) -> float:
        """When the next output came; 0 if none did."""
        ready, _, _ = select.select([self.spawned.fileno()], [], [], seconds)
        if not ready:
            return 0
        try:
            data = os.read(self.spawned.fileno(), 65536)
        except OSError:
            return 0  # it has ended
        came = time.perf_counter()
        if _WHERE in data:
            self.spawned.send("\x1b[1;1R")
        return came

    def close(self) -> None:
        self.spawned.close(force=True)


def rows(crowd: Crowd) -> Iterator[Row]:
    """The rows of keys."""
    with closing(_shell(crowd)) as shell:
        yield _typing(crowd, shell)
        yield _enter(shell, "Enter to the answer of `help exit`, completion on", "≤ 5 ms")
        with _hanging(crowd):
            for text in LINES:
                shell.line(text)
            shell.shown.clear()
            for text in LINES:
                shell.line(text)
            yield Row("the same keys while the tables are locked", _told(shell.shown), "never blocked", "–")
            yield _enter(shell, "Enter while the completion's question hangs", "≤ 5 ms", before="clients show mart")


def _typing(crowd: Crowd, shell: Keys) -> Row:
    for text in LINES:
        shell.line(text)  # for warmth
    shell.shown.clear()
    for _ in range(ROUNDS):
        for text in LINES:
            shell.line(text)
    work = f"key to screen, {crowd.size} clients, completion on (median; 95th percentile)"
    return Row(work, _told(shell.shown), "≤ 5 ms median", _pgcli(crowd))


def _enter(shell: Keys, work: str, target: str, before: str = "") -> Row:
    taken = []
    for _ in range(ROUNDS):
        for letter in before:
            shell.key(letter)
        shell.spawned.send("\x15")
        shell.settle()
        for letter in "help exit":
            shell.key(letter)
        taken.append(shell.key("\r"))
        shell.settle()
    return Row(work, _told(taken), target, "–")


def _told(taken: Sequence[float]) -> str:
    return f"{ms(statistics.median(taken))}; {ms(statistics.quantiles(taken, n=20)[18])}"


def _shell(crowd: Crowd) -> Keys:
    command = crowd.epicshell("--as", "management")
    return _opened(command, {**crowd.environment(), "TERM": "xterm-256color"})


def _opened(command: list[str], environment: dict[str, str]) -> Keys:
    spawned = pexpect.spawn(command[0], command[1:], env=environment, dimensions=(40, 140))
    spawned.delaybeforesend = None
    keys = Keys(spawned)
    keys.settle(3)
    return keys


def _pgcli(crowd: Crowd) -> str:
    if not PGCLI:
        return "pgcli is not installed"
    host = crowd.target.embedded.ensure_running()
    command = [PGCLI, "--less-chatty", "-h", host, "-U", OWNER_ROLE, "-d", crowd.target.name]
    with closing(_opened(command, {**os.environ, "TERM": "xterm-256color", "HOME": str(crowd.home)})) as other:
        for _ in range(ROUNDS):
            for text in SQL:
                other.line(text)
    return f"pgcli, keys of a query: {_told(other.shown)}"


@contextmanager
def _hanging(crowd: Crowd) -> Iterator[None]:
    """What completion asks waits for a lock, until its own deadline."""
    with closing(crowd.target.connect(OWNER_ROLE)) as owner, owner.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE crm.clients, crm.contracts, crm.events, crm.client_words IN ACCESS EXCLUSIVE MODE")
        yield
        cursor.execute("ROLLBACK")
