"""A small company to test in: nine employees, and records in every state (population.sql)."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from support.server import WORLD, Server

from epicshell.database import AUTH_ROLE, Database, Target, department_role
from epicshell.session import Saved, Session, attach
from epicshell.session.keys import Keys
from epicshell.telemetry import Secret

if TYPE_CHECKING:
    from psycopg2.extensions import connection

T = TypeVar("T", "connection", Database)

DEPARTMENT = {
    "ada.admin": "admin",
    "otto.admin": "admin",
    "mia.manager": "management",
    "max.manager": "management",
    "bill.boquet": "sales",
    "eve.martin": "sales",
    "kate.hastroff": "support",
    "alienor.vichum": "support",
    "gil.gone": "sales",
}
DEPARTMENTS = ("sales", "support", "management", "admin")
LOGIN_ROLES = (*map(department_role, DEPARTMENTS), AUTH_ROLE)
ONE_OF = {"admin": "ada.admin", "management": "mia.manager", "sales": "bill.boquet", "support": "kate.hastroff"}
PASSWORD = "seven green ladders sing"
CHEAPEST_KDF = (19456, 2, 1)  # the floor that shell and database accept


@cache
def derived(password: str, salt: bytes, m: int = 19456, t: int = 2, p: int = 1) -> Keys:
    """What Argon2id makes of a password; the salt of a name is the same in all worlds of a run."""
    return Keys.derive(Secret(password), salt, m, t, p)


@dataclass(frozen=True)
class Ids:
    """The records of the world, by what is special about them. Unless said otherwise they are live."""

    ada: int = 1
    otto: int = 2
    mia: int = 3
    max: int = 4
    bill: int = 5
    eve: int = 6
    kate: int = 7
    alienor: int = 8
    gil: int = 9  #: sales, inactive

    bills_client: int = 101  #: Kevin Casey of Cool Startup LLC: contracts in every state
    bills_prospect: int = 102  #: Zoé Müller of Noël & Fils: one contract, unsigned
    eves_client: int = 103  #: Jacky Blangier of Lou Bouzin
    eves_prospect: int = 104  #: Sam O'Neil of Prospect Ltd: no contract
    trashed_client: int = 105  #: bill's, in the trash

    bills_unpaid: int = 201  #: signed, 12 000.00 due of 12 000.00, no event
    bills_partly_paid: int = 202  #: signed, 5 000.00 due of 8 000.00, events 302, 304 (306)
    bills_paid: int = 203  #: signed, 0.00 due of 5 000.00, event 301
    bills_unsigned: int = 204  #: 2 500.00 due of 2 500.00
    prospects_contract: int = 205  #: of bill's prospect: unsigned, 2 500.00 due of 3 000.00
    eves_signed: int = 206  #: 9 000.00 due of 9 900.50, events 303, 305, 308
    eves_unsigned: int = 207  #: 1 000.00 due of 1 000.00
    trashed_contract: int = 208  #: of bill's client, unsigned, in the trash
    eves_paid: int = 209  #: signed, 0.00 due of 1 500.00, event 307

    kates_past_event: int = 301  #: bill's
    kates_event: int = 302  #: bill's, upcoming
    alienors_event: int = 303  #: eve's, upcoming
    open_event: int = 304  #: bill's, upcoming, no support
    eves_open_event: int = 305  #: eve's, upcoming, no support
    trashed_event: int = 306  #: bill's, kate's, upcoming, in the trash
    alienors_past_event: int = 307  #: eve's
    kates_running_event: int = 308  #: eve's, started and not over

    payment: int = 401  #: 3 000.00 on bill's partly paid contract
    full_payment: int = 402  #: all of bill's paid contract
    deposit: int = 403  #: 500.00 on the prospect's contract
    eves_payment: int = 404  #: 900.50 on eve's signed contract
    eves_full_payment: int = 405  #: all of eve's paid contract

    kates_notification: int = 501  #: unread: kate's event was assigned to her, by mia
    kates_hidden_notification: int = 502  #: unread: alienor's event was taken from her, by max
    kates_read_notification: int = 503  #: kate's past event was changed, by mia
    bills_notification: int = 504  #: unread: bill's paid contract was signed, by max
    eves_notification: int = 505  #: unread: eve's paid contract was paid, by mia
    mias_notification: int = 506  #: unread: from when she was in sales

    bills_view: int = 601  #: late, with a value, private
    shared_view: int = 602  #: open, shared by max
    mias_view: int = 603  #: mine, private
    eves_view: int = 604  #: eves, private


@dataclass
class World:
    """A database of one's own with that company in it.

    target: how to reach it; ids: its records. Connections that it hands out are closed after the test.
    """

    server: Server
    target: Target
    _own: "connection"
    ids: Ids = field(default_factory=Ids)
    _opened: "list[connection | Database]" = field(default_factory=list)

    @property
    def url(self) -> str:
        """What EPICSHELL_DATABASE_URL must be to reach this database."""
        return f"postgresql:///{self.target.name}?host={quote(self.server.host, safe='')}"

    def owner(self) -> "connection":
        """A superuser's connection in autocommit."""
        return self._keep(self.server.owner(self.target.name))

    def bare(self, role: str) -> "connection":
        """A connection of a login role (`epic_sales_login`, …) without a session."""
        return self._keep(self.target.connect(role))

    def login(self, username: str) -> Session:
        """A new session, minted without a password."""
        sql = (
            "SELECT o.session_id, o.session_key, e.id, e.username, e.department, i.id::text"
            " FROM crm.employees e, sec.installation i, sec.open_session(e, 'tests') o WHERE e.username = %s"
        )
        session_id, key, *rest = self.ask(sql, username)
        return Session(session_id, bytes(key), *rest)

    def connect(self, username: str, session: Session | None = None) -> "connection":
        """A connection of the employee's department with their session attached (a new one unless given)."""
        session = session or self.login(username)
        opened = self.bare(department_role(session.department))
        attach(opened, session)
        return opened

    def database(self, username: str, session: Session | None = None) -> Database:
        """Peewee's way in, as the shell opens it: each connection attaches the employee's session."""
        session = session or self.login(username)
        prepare = partial(attach, session=session)
        return self._keep(Database(self.target, department_role(session.department), prepare))

    def save_session(self, username: str, home: Path) -> Session:
        """Log in and save the session where a shell with EPICSHELL_HOME=home resumes it."""
        session = self.login(username)
        Saved(home / "state", Target.from_url(self.url).identity).save(session)
        return session

    def set_password(self, username: str, password: str = PASSWORD) -> None:
        """Give an employee a password. Derivation is made as cheap as the shell accepts, for all."""
        self.run("UPDATE sec.kdf_policy SET (m, t, p) = ROW (%s, %s, %s)", *CHEAPEST_KDF)
        keys = derived(password, bytes(self.ask("SELECT sec.salt(%s)", username)[0]))
        self.run(
            "SELECT sec.store_credential(id, %s, %s) FROM crm.employees WHERE username = %s",
            *(keys.stored, keys.server, username),
        )

    def fill_clients(self, count: int) -> None:
        """So many more clients of bill's, without what triggers would do for each (audit, words, notifications)."""
        self.run(
            "SET session_replication_role = replica;"
            " INSERT INTO crm.clients (full_name, email, phone, company, sales_id)"
            " SELECT 'N', 'n@c.example', '123', 'C', 5 FROM generate_series(1, %s);"
            " RESET session_replication_role",
            count,
        )

    def read_mode(self, mode: str) -> None:
        """Switch to `company` or `need-to-know`."""
        self.run("UPDATE crm.settings SET value = %s WHERE name = 'read_mode'", mode)

    def run(self, sql: str, *parameters: Any) -> int:
        """Run a statement as the owner; how many rows it touched or gave."""
        with self._own.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.rowcount

    def ask(self, sql: str, *parameters: Any) -> tuple[Any, ...]:
        """The first row of the owner's query. Raises IndexError if there is none."""
        return self.rows(sql, *parameters)[0]

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """All rows of the owner's query."""
        with self._own.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()

    def state(self, *without: str) -> dict[str, str]:
        """A digest of each table of schemas crm and sec, but for those named."""
        tables = self.rows(
            "SELECT c.oid::regclass::text FROM pg_class c"
            " WHERE c.relkind = 'r' AND c.relnamespace IN ('crm'::regnamespace, 'sec'::regnamespace)"
        )
        digest = "SELECT md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM {} t"
        return {table: self.ask(digest.format(table))[0] for (table,) in tables if table not in without}

    def release(self) -> None:
        """Close what was handed out."""
        while self._opened:
            self._opened.pop().close()

    def _keep(self, opened: T) -> T:
        self._opened.append(opened)
        return opened


@contextmanager
def opened(server: Server) -> Iterator[World]:
    """A world of one's own until the end of the block."""
    with server.copy(WORLD) as target, closing(server.owner(target.name)) as own:
        world = World(server, target, own)
        try:
            yield world
        finally:
            world.release()
