"""Sessions saved between runs: one 0600 file per database and employee, in a 0700 folder."""

import json
import os
from base64 import b64decode, b64encode
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from epicshell.config import private_folder, read_private, write_private
from epicshell.errors import NotLoggedIn
from epicshell.models import DEPARTMENTS
from epicshell.session.attachment import Session


class Saved:
    """The saved sessions of one database.

    state: the state folder; identity: the database's. A file that others can read, that is a link or that isn't ours
    is refused with NotLoggedIn, never used.
    """

    def __init__(self, state: Path, identity: str) -> None:
        self._state = state
        self._folder = state / "sessions" / identity

    def load(self, username: str | None = None) -> Session | None:
        """The session of an employee, or without a name the one saved last; None if there is none."""
        path = self._path(username) if username else self._latest()
        if path is None or not os.path.lexists(path):
            return None
        try:
            return _session(_read_private(path))
        except (ValueError, TypeError, KeyError):
            return None  # not ours, or of another version: log in again

    def save(self, session: Session) -> None:
        """Write the session atomically: a reader sees the old file or the new one, whole."""
        private_folder(self._state)
        private_folder(self._folder.parent)
        private_folder(self._folder)
        path = self._path(session.username)
        text = json.dumps({**asdict(session), "key": b64encode(session.key).decode()})
        write_private(path, text)

    def forget(self, session: Session) -> None:
        """Remove a session, unless a later one of the employee has been saved in its place."""
        with suppress(NotLoggedIn):
            saved = self.load(session.username)
            if saved and saved.id != session.id:
                return
        self._path(session.username).unlink(missing_ok=True)

    def _path(self, username: str) -> Path:
        return self._folder / f"{username.replace('/', '_')}.json"

    def _latest(self) -> Path | None:
        files = (
            sorted(self._folder.glob("*.json"), key=lambda path: path.lstat().st_mtime) if self._folder.is_dir() else []
        )
        return files[-1] if files else None


def _session(text: str) -> Session:
    """A session as `save` writes it. Raises ValueError, TypeError or KeyError for anything else."""
    values = json.loads(text)
    session = Session(**{**values, "key": b64decode(values["key"], validate=True)})
    typed = all(type(getattr(session, name)) is kind for name, kind in Session.__annotations__.items())
    if not typed or len(session.key) != 32 or session.department not in DEPARTMENTS:
        raise ValueError("no session")
    return session


def _read_private(path: Path) -> str:
    """The text of a saved session. Raises NotLoggedIn for one that others could have read or written."""
    try:
        return read_private(path)
    except UnicodeDecodeError:
        raise
    except PermissionError:
        raise NotLoggedIn(
            f"The saved session {path} can be read or changed by others; it was not used.",
            "Delete it, log in again, and revoke the old session (sessions revoke).",
        ) from None
    except OSError:
        raise NotLoggedIn(f"The saved session {path} is a link or can't be read; it was not used.") from None
