"""A company's server, as an administrator would run one, and a database on it that is set up."""

import itertools
import os
import pwd
import shutil
import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import psycopg2
from support.server import PATIENCE

from epicshell.config import Config, Folders
from epicshell.database import Target
from epicshell.embedded import account, binaries
from epicshell.setup.doctor import examine
from epicshell.setup.findings import Finding, Level
from epicshell.setup.init import AdminRequest, init

if TYPE_CHECKING:
    from psycopg2.extensions import connection

ADMIN = AdminRequest("ada.morel", "Ada Morel", "ada@epicevents.example")
PEERS = "local all all peer map=epicshell\n"
CONFIGURATION = {
    "max_connections": "40",
    "autovacuum": "off",
    "shared_buffers": "16MB",
    "logging_collector": "off",
}


class CompanyServer:
    """A PostgreSQL under an account that may run one: not root.

    programs: the folder of its programs; without one, those that epicshell brings.
    It listens on a socket, where pg_hba.conf lets us in as anyone by peer authentication, and on `address`, where
    nobody gets in.
    """

    def __init__(self, programs: Path | None = None, address: str = "127.0.0.1") -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="epicshell-company-"))
        self._account = account.system_account() if os.geteuid() == 0 else None
        self._programs = programs or _bundled(self.folder)
        self.data = self.folder / "data"
        self.address, self.port = address, _free_port(address)
        self._numbers = itertools.count()
        if self._account:
            os.chown(self.folder, *self._account)

    def make(self, **settings: str) -> None:
        """Make the cluster; settings go into postgresql.conf."""
        self._run("initdb", "-D", self.data, "--username=postgres", "--auth=reject", "--encoding=UTF8", "--no-locale")
        settings |= {"port": str(self.port), "listen_addresses": self.address} | CONFIGURATION
        settings["unix_socket_directories"] = str(self.folder)
        with (self.data / "postgresql.conf").open("a") as configuration:
            configuration.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
        self.write("pg_hba.conf", PEERS)
        self.write("pg_ident.conf", self.peers)

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.folder / "log", "start")

    def stop(self) -> None:
        """Stop it, and delete all it wrote."""
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    @property
    def peers(self) -> str:
        """pg_ident.conf: we, and the server's own account, may be anyone."""
        uids = {os.geteuid(), self._account.uid if self._account else os.geteuid()}
        accounts = [pwd.getpwuid(uid).pw_name for uid in uids]
        return "".join(f"epicshell {name} {role}\n" for name in accounts for role in ("all", "postgres"))

    def write(self, name: str, text: str) -> None:
        """Write a configuration file, readable for the server."""
        path = self.data / name
        path.write_text(text)
        if self._account:
            os.chown(path, *self._account)
        path.chmod(0o600)

    def program(self, name: str, *arguments: str | Path) -> str:
        """Run one of PostgreSQL's programs against this server as its superuser; what it wrote."""
        return self._run(name, "-h", self.folder, "-p", str(self.port), "-U", "postgres", *arguments)

    def _run(self, name: str, *arguments: str | Path) -> str:
        finished = account.run([self._programs / name, *arguments], self._account)
        assert finished.returncode == 0, finished.stderr
        return finished.stdout

    def new_name(self) -> str:
        """A name that no database of this server has."""
        return f"crm_{next(self._numbers)}"

    def target(self, database: str, *, tcp: bool = False) -> Target:
        """How shells reach a database: over the socket, or over TCP."""
        return Target.from_url(self._url(database, "", tcp))

    def owner(self, database: str, *, user: str = "postgres", tcp: bool = False) -> Target:
        """How the set-up commands reach it."""
        return Target.from_url(self._url(database, f"{user}@", tcp), owner=True)

    def _url(self, database: str, user: str, tcp: bool) -> str:
        if tcp:
            return f"postgresql://{user}{self.address}:{self.port}/{database}"
        return f"postgresql://{user}/{database}?host={quote(str(self.folder), safe='')}&port={self.port}"

    def connect(self, database: str = "postgres", user: str = "postgres") -> "connection":
        """A connection in autocommit over the socket."""
        opened = psycopg2.connect(host=self.folder, port=self.port, user=user, dbname=database, options=PATIENCE)
        opened.autocommit = True
        return opened

    def run(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the owner, each by itself; one that reloads the configuration has taken effect."""
        before = self.ask("SELECT pg_conf_load_time()")
        with closing(self.connect(database)) as opened, opened.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        if any("pg_reload_conf" in statement for statement in statements):
            eventually(lambda: self.ask("SELECT pg_conf_load_time()") != before)

    def ask(self, query: str, *parameters: Any, database: str = "postgres") -> Any:
        """The first value of the owner's query, over a connection of its own."""
        with closing(self.connect(database)) as opened, opened.cursor() as cursor:
            cursor.execute(query, parameters or None)
            row = cursor.fetchone()
            return row and row[0]


@dataclass
class Deployment:
    """A company's database, and a home that epicshell writes in."""

    server: CompanyServer
    name: str
    home: Path
    owner: Target = field(init=False)
    target: Target = field(init=False)

    def __post_init__(self) -> None:
        self.owner, self.target = self.server.owner(self.name), self.server.target(self.name)
        for folder in ("data", "state", "config"):
            (self.home / folder).mkdir(mode=0o700, parents=True, exist_ok=True)

    @property
    def config(self) -> Config:
        return Config(Folders(self.home / "data", self.home / "state", self.home / "config"))

    def run(self, *statements: str) -> None:
        """Run statements as the owner of this database; {database} is its name."""
        self.server.run(*(statement.replace("{database}", self.name) for statement in statements), database=self.name)

    def ask(self, query: str, *parameters: Any) -> Any:
        return self.server.ask(query, *parameters, database=self.name)

    def examine(self, target: Target | None = None) -> list[Finding]:
        """What doctor says that isn't well."""
        findings = examine(self.config, target or self.target, self.owner, lambda _said: None)
        return [finding for finding in findings if finding.level != Level.OK]

    def heal(self, findings: list[Finding]) -> None:
        """Run the remedies that are SQL, as an administrator would paste them."""
        statements = [part for one in findings for part in one.remedy.split("; ")]
        self.run(*(part for part in statements if part.split(" ")[0].isupper()))


def eventually(condition: Callable[[], object]) -> None:
    """Wait for something that another process does; so long that no slow machine fails a test."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def make_deployment(server: CompanyServer, home: Path) -> Deployment:
    """A database that is set up as the manual says, with one admin."""
    deployment = Deployment(server, server.new_name(), home)
    init(deployment.owner, ADMIN, lambda _said: None)
    server.run(*(f"REVOKE CONNECT, TEMPORARY ON DATABASE {name} FROM PUBLIC" for name in ("postgres", "template1")))
    return deployment


def _bundled(folder: Path) -> Path:
    """The programs that epicshell brings; for another account than ours as a copy that it can read."""
    installation = binaries.copy_into(folder) if os.geteuid() == 0 else binaries.installed()
    return installation / "bin"


def _free_port(address: str) -> int:
    with socket.socket() as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])
