"""What each employee likes, kept per database in a file that only they can read; it holds in the shell alone."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from epicshell.config import private_folder, read_private, write_private
from epicshell.errors import EpicError, Invalid, Unavailable
from epicshell.models import Client, Contract, Employee, Event
from epicshell.results import Format
from epicshell.text import did_you_mean, quote

DEFAULT = "default"  #: as a value: back to how it was


@dataclass(frozen=True)
class Preference:
    """One choice.

    read: its value as it is kept, of what was typed; raises Invalid, saying what is accepted. words: if it is one of a
    few.
    """

    name: str
    default: str
    meaning: str
    read: Callable[[str], str]
    words: tuple[str, ...] = ()


def _choice(name: str, meaning: str, *words: str) -> Preference:
    """One of some words, the first if nothing is chosen."""

    def read(text: str) -> str:
        if text.lower() not in words:
            raise Invalid(f"{quote(text)} is not accepted here.", f"Accepted: {', '.join(words)}, {DEFAULT}.")
        return text.lower()

    return Preference(name, words[0], meaning, read, words)


def _rows(text: str) -> str:
    if not text.isascii() or not text.isdigit() or not 10 <= int(text[:6]) <= 10_000:
        raise Invalid(f"{quote(text)} is not accepted here.", f"Accepted: 10 to 10000, {DEFAULT}.")
    return str(int(text))


def _columns(model: Any) -> Preference:
    def read(text: str) -> str:
        known = [field.name for field in (*model.fields(), *model.neighbours())]
        names = [name.strip().lower() for name in text.split(",")]
        for name in names:
            if name not in known:
                hint = did_you_mean(name, known, f"Accepted: {', '.join(known)}, {DEFAULT}.")
                raise Invalid(f"{model.plural().capitalize()} have no field {quote(name)}.", hint)
        if len(set(names)) < len(names):
            raise Invalid(f"{quote(text)} names a field twice.", "Accepted: each field once.")
        return ",".join(names)

    meaning = f"fields of {model.plural()} that a table shows, without --columns"
    return Preference(f"columns.{model.plural()}", ",".join(model.summary), meaning, read)


PREFERENCES = {
    one.name: one
    for one in (
        _choice("format", "how results are shown, without --format", *Format),
        Preference("page-size", "50", "rows of a table, without --limit or --all", _rows),
        *map(_columns, (Client, Contract, Event, Employee)),
        _choice("colours", "for any background, for one in particular, or none", "auto", "light", "dark", "off"),
        _choice("keys", "how lines are edited", "emacs", "vi"),
        _choice("pager", "what is longer than the screen is shown page by page", "on", "off"),
        _choice("notifications", "tell what others do to your records", "on", "off"),
        _choice("lock-clears-screen", "clear the screen when the session ends", "off", "on"),
    )
}


def preference_of(name: str) -> Preference:
    """The preference of a name. Raises Invalid with a near name."""
    found = PREFERENCES.get(name.lower())
    if found is None:
        raise Invalid(f"There is no preference {quote(name)}.", did_you_mean(name, PREFERENCES))
    return found


class Preferences:
    """The choices of one employee on one database; what isn't chosen has its default.

    state: the state folder; identity: the database's. Read once; several shells overwrite each other, the last wins.
    trouble: a sentence, if there is a file and it could not be used.
    """

    def __init__(self, state: Path, identity: str, username: str) -> None:
        self._state = state
        self._path = state / "preferences" / identity / f"{username.replace('/', '_')}.json"
        self.username = username
        self.trouble = ""
        self._chosen = self._read()

    def __getitem__(self, name: str) -> str:
        return self._chosen.get(name, PREFERENCES[name].default)

    def chosen(self, name: str) -> str:
        """The value, if one was chosen; else nothing."""
        return self._chosen.get(name, "")

    def on(self, name: str) -> bool:
        return self[name] == "on"

    def rows(self) -> Iterator[tuple[str, str, str, str]]:
        """(name, value, default, meaning) of each."""
        for one in PREFERENCES.values():
            yield one.name, self[one.name], one.default, one.meaning

    def put(self, name: str, text: str) -> None:
        """Choose a value, or the default again, and keep it. Raises Invalid; Unavailable if it can't be kept."""
        preference = preference_of(name)
        if text.lower() == DEFAULT:
            self._chosen.pop(preference.name, None)
        else:
            self._chosen[preference.name] = preference.read(text)
        try:
            for folder in (self._state, self._path.parent.parent, self._path.parent):
                private_folder(folder)
            write_private(self._path, json.dumps(self._chosen, indent=2))
        except OSError as error:
            raise Unavailable(
                f"{self._path} can't be written: {error.strerror}; the choice holds in this shell only."
            ) from None

    def _read(self) -> dict[str, str]:
        """The choices of the file that are still accepted, each checked like one that is typed."""
        try:
            values = json.loads(read_private(self._path))
            return {name: value for name, text in values.items() if (value := self._accepted(name, text))}
        except FileNotFoundError:
            return {}
        except PermissionError:
            self.trouble = f"Your preferences {self._path} can be read or changed by others; they were not used."
        except (OSError, ValueError, AttributeError, RecursionError):
            self.trouble = f"Your preferences {self._path} are damaged; they were not used."
        return {}

    def _accepted(self, name: str, text: Any) -> str:
        try:
            return preference_of(name).read(str(text))
        except EpicError as error:
            self.trouble = f"A preference in {self._path} was not used: {error.sentence}"
            return ""
