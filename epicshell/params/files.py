"""A file's name as an argument, with the names that there are."""

import os
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from epicshell.context import Context
from epicshell.errors import Invalid
from epicshell.newfile import stands
from epicshell.params.base import Candidate, Param
from epicshell.policy import Permission
from epicshell.results import FileFormat
from epicshell.text import display, fold, quote

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
            candidates = (_candidate(before, entry) for entry in sorted(found, key=lambda entry: entry.name))
            return list(islice((one for one in candidates if one.open or self._takes(one.text)), MOST))
        except (OSError, ValueError):
            return []

    def _takes(self, name: str) -> bool:
        """Whether a file is one of those that are asked for, by its name."""
        return True


class NewFilePath(FilePath):
    """A file that will be made. formats: by its extension, which has to be one of these; none: any name will do."""

    asks = True

    def __init__(self, *formats: FileFormat) -> None:
        self.formats = formats
        endings = [f".{format}" for format in formats]
        self.accepts = f"a name that ends in {_either(endings)}" if formats else "the name of a new file"

    def parse(self, text: str, context: Context, needs: Permission | None) -> Path:
        path = super().parse(text, context, needs)
        if not self._takes(path.name):
            raise Invalid(f"{quote(text)} does not say how it is to be written.", f"Accepted: {self.accepts}.")
        return path

    def question(self, text: str, context: Context) -> str:
        """Whether to replace the file that is there. Raises Refused for what is no file: a link, a folder."""
        path = self.parse(text, context, None)
        return f"Replace the file {display(str(path))}?" if stands(path) else ""

    def _takes(self, name: str) -> bool:
        return not self.formats or format_of(Path(name)) in self.formats


class BackupPath(FilePath):
    """A backup that would replace everything."""

    accepts = "a backup that epicshell made"
    asks = True

    def question(self, text: str, context: Context) -> str:
        """Whether everything is to be replaced by it. Raises Refused for what is no backup."""
        from epicshell.embedded.archive import Archive

        path = self.parse(text, context, None)
        with Archive(path) as archive:
            when, name = archive.manifest.when(context.zone), archive.manifest.database
        return f"Replace everything in {context.account.target.name} by {path}, made of {name} on {when}?"


def format_of(path: Path) -> FileFormat | None:
    """How a file is written, by its extension."""
    return next((format for format in FileFormat if path.suffix.lower() == f".{format}"), None)


def _either(words: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


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
#: A file that a list is written to.
EXPORT = NewFilePath(*FileFormat)
#: For annotations: a calendar, and any new file.
CALENDAR = NewFilePath(FileFormat.ICS)
NEW_FILE = NewFilePath()
BACKUP = BackupPath()
