"""The account that commands run under: log in, resume, log out; one database connection per thread for it."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import peewee
from psycopg2.extensions import connection

from epicshell.database import Database, Target, department_role
from epicshell.errors import EpicError, NotLoggedIn, SessionEnded, Unavailable
from epicshell.session.attachment import ENDED, Actor, Session, attach
from epicshell.session.saved import Saved
from epicshell.telemetry import Secret

if TYPE_CHECKING:
    from epicshell.session.login import Gate


class Account:
    """Who is logged in to a database, if anyone. Its sessions are saved, so that the next run resumes them.

    connected: called with each new connection of this account, once the session has proved itself on it.
    """

    def __init__(self, target: Target, saved: Saved) -> None:
        self.target = target
        self._saved = saved
        self._session: Session | None = None
        self._database: Database | None = None
        self._actor: Actor | None = None
        self.connected: Callable[[connection, Actor], None] = lambda _opened, _actor: None

    @property
    def gate(self) -> "Gate":
        """The door before a session."""
        from epicshell.session.login import Gate

        return Gate(self.target)

    @property
    def session(self) -> Session | None:
        """The session in use; that it is still good, only the database knows."""
        return self._session

    @property
    def database(self) -> Database:
        """The database as this employee. Raises NotLoggedIn."""
        if self._database is None:
            raise NotLoggedIn(ENDED, "Log in first: login USERNAME")
        return self._database

    @property
    def actor(self) -> Actor:
        """Who the database says is logged in; connects if need be. Raises NotLoggedIn, Unavailable."""
        database = self.database
        if self._actor is None or database.is_closed():
            database.connection()
        if self._actor is None:
            raise SessionEnded(ENDED)
        return self._actor

    @property
    def known_actor(self) -> Actor | None:
        """The actor as last told by the database, without asking it."""
        return self._actor

    def look_up(self) -> Actor | None:
        """The actor, by asking the database if it hasn't told yet; None if it can't be asked."""
        if self._actor is None and self._session is not None:
            with suppress(EpicError):
                return self.actor
        return self._actor

    def resume(self, username: str | None = None) -> bool:
        """Take up a saved session: the employee's, or the last one saved. It is proved with the first connection."""
        session = self._saved.load(username)
        if session is not None:
            self._use(session)
        return session is not None

    def apart(self) -> "Account":
        """The same session on connections of its own, for another thread. Raises NotLoggedIn."""
        if self._session is None:
            raise NotLoggedIn(ENDED)
        other = Account(self.target, self._saved)
        other._use(self._session)
        return other

    def login(self, username: str, password: Secret) -> Actor:
        """Prove the password and use the new session from now on. Raises NotLoggedIn."""
        from epicshell.session.login import origin

        self.adopt(self.gate.login(username, password, origin()))
        return self.actor

    def adopt(self, session: Session) -> None:
        """Save a session and use it."""
        self._saved.save(session)
        self._use(session)

    def logout(self, *, everywhere: bool) -> int:
        """End this session, or all of the employee's; returns how many ended: 0 if it was over already.

        The saved session is gone in any case. Raises NotLoggedIn, or Unavailable if the server could not be told.
        """
        try:
            return self._end(everywhere)
        except SessionEnded:
            return 0
        except (Unavailable, peewee.OperationalError, peewee.InterfaceError) as error:
            raise Unavailable(
                "You are logged out here, but the session on the server could not be ended.",
                "End it with sessions revoke after the next login; left alone, it expires.",
            ) from error
        finally:
            self.forget()

    def _end(self, everywhere: bool) -> int:
        sql = "SELECT api.logout(%s)"
        try:
            return int(self.database.one(sql, (everywhere,)) or 0)
        except (peewee.OperationalError, peewee.InterfaceError):
            self.database.drop()  # the server was restarted meanwhile: once more
            return int(self.database.one(sql, (everywhere,)) or 0)

    def forget(self) -> None:
        """Drop the session here, and its saved copy."""
        if self._session:
            self._saved.forget(self._session)
        self.close()
        self._session = self._database = self._actor = None

    def close(self) -> None:
        """Close this thread's connection; the next command opens one again."""
        if self._database is not None:
            self._database.drop()

    def refresh(self, settings: dict[str, str]) -> None:
        """Take over the settings as the database tells them with each command."""
        if self._actor:
            self._actor.settings.update(settings)

    def _use(self, session: Session) -> None:
        self.close()
        self._session = session
        self._actor = None
        self._database = Database(self.target, department_role(session.department), self._prove)

    def _prove(self, opened: connection) -> None:
        if self._session is None:
            raise SessionEnded(ENDED)
        try:
            self._actor = attach(opened, self._session)
            self.connected(opened, self._actor)
        except BaseException:
            opened.close()
            raise
