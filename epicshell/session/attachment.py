"""Who is logged in: a session, and binding it to each new connection."""

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg2.errors

from epicshell import migrations
from epicshell.errors import SessionEnded, Unavailable

if TYPE_CHECKING:
    from psycopg2.extensions import connection

ENDED = "You are not logged in, or your session has ended."
TOKEN_SECONDS = 60  #: how long the proof of a session is good: for the connection that it is made for


@dataclass(frozen=True)
class Session:
    """What proves an employee to the database; saved between runs. key: 256 bits, never sent again after login."""

    id: int
    key: bytes = field(repr=False)
    employee_id: int
    username: str
    department: str
    installation: str


@dataclass(frozen=True)
class Actor:
    """Who is logged in, as the database says it for this connection."""

    employee_id: int
    username: str
    full_name: str
    email: str
    department: str
    session_id: int
    expires_at: datetime
    settings: dict[str, str]

    @property
    def idle_seconds(self) -> int:
        """How long a session goes on without a typed command."""
        number, unit = re.fullmatch("([0-9]+)(s|min|h)", self.settings["idle_timeout"]).groups()  # type: ignore[union-attr]
        return int(number) * {"s": 1, "min": 60, "h": 3600}[unit]

    @property
    def need_to_know(self) -> bool:
        return self.settings["read_mode"] == "need-to-know"


def call(opened: "connection", sql: str, parameters: tuple[Any, ...] = ()) -> tuple[Any, ...]:
    """One row of one statement. psycopg2 adapts bytes as bytea; nothing here is ever logged."""
    with opened.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
    return row or ()


def schema_version(opened: "connection") -> int | None:
    try:
        return int(call(opened, "SELECT api.schema_version()")[0])
    except (psycopg2.errors.InvalidSchemaName, psycopg2.errors.UndefinedFunction):
        return None


def attach(opened: "connection", session: Session) -> Actor:
    """Bind a session to a new connection, by a JWT over the backend's nonce.

    Raises SessionEnded if it is over, Unavailable if the schema is not ours.
    """
    try:
        nonce, server_time, version = call(opened, "SELECT * FROM api.challenge()")
    except (psycopg2.errors.InvalidSchemaName, psycopg2.errors.UndefinedFunction):
        migrations.check(None)
        raise
    except psycopg2.errors.InsufficientPrivilege as error:
        raise Unavailable("This database has no place for your department.", "Run: epicshell doctor") from error
    migrations.check(version)
    answer = call(opened, "SELECT api.attach(%s)", (_token(session, nonce, server_time),))[0]
    if answer is None:
        raise SessionEnded(ENDED)
    answer["expires_at"] = datetime.fromisoformat(answer["expires_at"])
    return Actor(**answer)


def _token(session: Session, nonce: str, server_time: datetime) -> str:
    """The proof of a session for one connection: a JWT (RFC 7519), by the server's clock."""
    import jwt

    now = int(server_time.timestamp())
    claims = {
        "iss": "epicshell",
        "aud": session.installation,
        "sub": str(session.employee_id),
        "sid": str(session.id),
        "dept": session.department,
        "nonce": nonce,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
    }
    return jwt.encode(claims, session.key, algorithm="HS256")
