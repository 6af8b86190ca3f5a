"""A file's name as an argument, with the names that there are."""

import os
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from epicshell.context import Context
from epicshell.errors import Invalid
from epicshell.params.base import Candidate, Param
from epicshell.policy import Permission
from epicshell.text import display, fold

MOST_READ = 10_000  #: entries of a folder that are looked at
MOST = 200  #: names that are offered


class FilePath(Param):
    """A file of this machine; ~ is one's home. Parsing doesn't open it."""

    metavar = "FILE"
    accepts = "a file's name"
    at_once = True

    def parse(self, text: str, context: Context, needs: Permission | None) -> Path:
        if not text or "\0" in text:
            raise Invalid("That is no file's name.", "Accepted: a name such as import.epic or ~/import.epic.")
        return Path(_real(text))

    def candidates(self, prefix: str, context: Context, needs: Permission | None) -> Iterable[Candidate]:
        """Files, and folders with a / at their end; hidden ones only if the name begins with a dot."""
        if prefix == "~":
            return [Candidate("~/", "your home", open=True)]
        name = os.path.basename(prefix)
        before = prefix.removesuffix(name)
        try:
            found = [entry for entry in _entries(_real(before) or ".") if _fits(entry.name, name)]
            return [_candidate(before, entry) for entry in sorted(found, key=lambda entry: entry.name)[:MOST]]
        except (OSError, ValueError):
            return []


def _entries(folder: str) -> "list[os.DirEntry[str]]":
    with os.scandir(folder) as entries:
        return list(islice(entries, MOST_READ))


def _fits(entry: str, name: str) -> bool:
    """Whether an entry begins so. One whose name could not be typed, or shown as it is, is never offered."""
    hidden = entry.startswith(".") and not name.startswith(".")
    return not hidden and fold(entry).startswith(fold(name)) and display(entry) == entry


def _candidate(before: str, entry: "os.DirEntry[str]") -> Candidate:
    try:
        folder = entry.is_dir()
    except OSError:
        folder = False
    return Candidate(f"{before}{entry.name}{'/' if folder else ''}", "folder" if folder else "", open=folder)


def _real(text: str) -> str:
    return os.path.expanduser(text) if text.startswith("~/") else text


#: For annotations: `script: Annotated[Path, FILE]`.
FILE = FilePath()
