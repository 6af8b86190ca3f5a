"""The database that is measured: who works with it, as a dispatcher inside this process, or through psql."""

import os
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any

import jwt

from epicshell.commands.dispatch import Dispatcher
from epicshell.commands.output import Output
from epicshell.config import Folders
from epicshell.database import OWNER_ROLE, Target, department_role
from epicshell.embedded import Embedded
from epicshell.session import Saved, Session
from epicshell.session.account import Account
from epicshell.session.terminal import Terminal
from epicshell.setup.demo import open_demo

HOME = Path(os.environ.get("TMPDIR", "/tmp"), "epicshell-benchmarks")
TABLES = ("employees", "clients", "contracts", "payments", "events", "client_words", "event_words")
WIDTH = 160


class Quiet(Terminal):
    """Nobody to tell."""

    def tell(self, sentence: str) -> None:
        pass


class Reader:
    """Somebody who types lines; what they write is thrown away, the statements behind it are kept."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self.dispatcher = Dispatcher(account, Quiet(), Output(StringIO(), lambda: WIDTH), remember=True)
        self.statements: list[tuple[str, Any]] = []
        account.look_up()
        account.database.query_hooks.append(self._keep)

    def _keep(self, event: Any) -> None:
        if event.sql.split()[0] not in ("BEGIN", "COMMIT"):
            self.statements.append((event.sql, event.params))

    def run(self, line: str) -> None:
        """Run one line at a terminal that is WIDTH columns wide. Raises EpicError."""
        self.statements.clear()
        self.dispatcher.output.out.seek(0)
        self.dispatcher.output.out.truncate()
        self.dispatcher.run(line)

    def page(self) -> str:
        """The statement behind the last list, as psql takes it."""
        sql, parameters = self.statements[-1]
        with self.account.database.cursor() as cursor:
            return cursor.mogrify(sql, parameters).decode()


@dataclass
class Crowd:
    """A generated database on a private server of its own. size: how many clients."""

    home: Path
    size: int
    _readers: dict[str, Reader] = field(default_factory=dict)

    @cached_property
    def target(self) -> Target:
        name = f"epic_demo_{self.size}"
        self._folders.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Target(name, {"dbname": name}, Embedded(self._folders.data))

    @property
    def _folders(self) -> Folders:
        return Folders(self.home / "data", self.home / "state", self.home / "config")

    def open(self, who: str, *, reset: bool = False) -> Account:
        """An account of the first of a department, or of a username; makes the database if need be."""
        account = Account(self.target, Saved(self._folders.state, self.target.identity))
        open_demo(account, who, size=self.size, reset=reset)
        return account

    def reader(self, who: str) -> Reader:
        """The same reader each time; one that is new after a change of the read mode."""
        if who not in self._readers:
            self._readers[who] = Reader(self.open(who))
        return self._readers[who]

    def read_mode(self, mode: str) -> None:
        self.reader("admin").run(f"settings set read_mode {mode}")

    def tidy(self) -> None:
        """What autovacuum would do in its own time."""
        self._own("VACUUM ANALYZE")
        self._own("CHECKPOINT")

    def counts(self) -> dict[str, int]:
        return {table: self._own(f"SELECT count(*) FROM crm.{table}") for table in TABLES}

    def _own(self, sql: str) -> Any:
        with closing(self.target.connect(OWNER_ROLE)) as owner, owner.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute(sql)
            return cursor.fetchone()[0] if cursor.description else None

    def environment(self) -> dict[str, str]:
        """What a program needs to work with this home."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PG", "PYTHON"))}
        return {**kept, "EPICSHELL_HOME": str(self.home)}

    def epicshell(self, *arguments: str, sized: bool = True) -> list[str]:
        """The command line of `epicshell demo` on this database; or on the small one of the demo."""
        size = ["--size", str(self.size)] if sized else []
        return [sys.executable, "-m", "epicshell", "demo", *size, *arguments]

    def psql(self, who: str = "", database: str = "") -> list[str]:
        """The command line of psql; who: as whose department, else the owner."""
        role = department_role(self.open(who).session.department) if who else OWNER_ROLE
        program = self.target.embedded.bin_directory / "psql"
        host = self.target.embedded.ensure_running()
        return [str(program), "-X", "-q", "-h", host, "-U", role, "-d", database or self.target.name]


class Psql:
    """One psql for a while, in which an employee's session is attached: it reads and writes what they may."""

    def __init__(self, crowd: Crowd, who: str) -> None:
        session = crowd.open(who).session
        assert session
        command = [*crowd.psql(who), "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self.send("SET search_path = crm, pg_catalog; SET random_page_cost = 1.1; SET jit = off;")
        nonce = self.send("SELECT nonce FROM api.challenge();")
        assert self.send(f"SELECT api.attach('{_token(session, nonce)}') IS NOT NULL;") == "t"

    def send(self, sql: str) -> str:
        """Send statements; what they write, without the last line break."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{sql}\n\\echo -- done --\n")
        self._process.stdin.flush()
        lines = iter(self._process.stdout.readline, "-- done --\n")
        answer = []
        for line in lines:
            if not line:
                raise RuntimeError("psql has ended")
            answer.append(line)
        return "".join(answer).rstrip("\n")

    def time(self, sql: str) -> float:
        """Seconds that statements take, with all that psql does with their rows."""
        begun = time.perf_counter()
        self.send(sql)
        return time.perf_counter() - begun

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


def _token(session: Session, nonce: str) -> str:
    now = int(time.time())
    claims = {"iss": "epicshell", "aud": session.installation, "sub": str(session.employee_id), "sid": str(session.id)}
    claims |= {"dept": session.department, "nonce": nonce, "iat": now, "exp": now + 60}
    return jwt.encode(claims, session.key, algorithm="HS256")
