"""The file of a backup: a zip archive with PostgreSQL's own dump as it is, and a description of what goes with it.

`unzip` takes it apart, and pg_restore reads its database.dump: for a day on which epicshell can't be had.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, tzinfo
from pathlib import Path
from typing import IO, Any, BinaryIO, Self

from epicshell.embedded.roles import check
from epicshell.errors import Refused
from epicshell.text import display

DUMP, MANIFEST = "database.dump", "manifest.json"
_CHUNK = 1 << 20
_LONGEST = 1 << 20  #: bytes of a manifest


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    made_at: ISO 8601 in UTC. database: its name; schema: its version; server: PostgreSQL's major version.
    roles, rights: as embedded.roles describes them. sha256, size: of the dump, in bytes.
    mac: HMAC-SHA-256 of all else under a key of the installation that made it, in hexadecimal.
    """

    made_at: str
    epicshell: str
    database: str
    schema: int
    server: int
    roles: list[dict[str, Any]] = field(default_factory=list)
    rights: dict[str, Any] = field(default_factory=dict)
    sha256: str = ""
    size: int = 0
    mac: str = ""

    def signed(self, key: bytes) -> Manifest:
        return replace(self, mac=self._mac(key))

    def is_signed_with(self, key: bytes) -> bool:
        return hmac.compare_digest(self.mac.encode(), self._mac(key).encode())

    def _mac(self, key: bytes) -> str:
        text = json.dumps(asdict(replace(self, mac="")), sort_keys=True)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    @classmethod
    def read(cls, text: bytes) -> Manifest:
        """A manifest as `pack` writes it. Raises ValueError, TypeError or KeyError for anything else."""
        values = json.loads(text)
        if not isinstance(values, dict):
            raise TypeError("no manifest")
        found = cls(**values)
        for name, default in asdict(cls("", "", "", 0, 0)).items():
            if type(getattr(found, name)) is not type(default):
                raise TypeError(name)
        if not 2000 < datetime.fromisoformat(found.made_at).year < 9000:  # it can be shown in any zone
            raise ValueError("no date")
        check(found.roles, found.rights)
        return found

    def when(self, zone: tzinfo) -> str:
        """When it was made, for people."""
        return f"{datetime.fromisoformat(self.made_at).astimezone(zone):%Y-%m-%d %H:%M}"


def pack(out: BinaryIO, dump: Iterable[bytes], manifest: Manifest, key: bytes) -> Manifest:
    """Write a backup; the manifest, completed and signed. Raises what reading and writing raise."""
    from zipfile import ZIP_STORED, ZipFile

    digest, size = hashlib.sha256(), 0
    with ZipFile(out, "w", ZIP_STORED) as archive:
        with archive.open(DUMP, "w", force_zip64=True) as file:
            for piece in dump:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
        manifest = replace(manifest, sha256=digest.hexdigest(), size=size).signed(key)
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


class Archive:
    """A backup that is read; a context manager. Entering raises Refused for what is none, or can be changed by others.

    manifest: what it says of itself; whether that is true, `check` and the signature tell.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        from zipfile import ZIP_STORED, ZipFile

        with self._telling(), ExitStack() as stack:
            self._zip = stack.enter_context(ZipFile(stack.enter_context(_opened(self._path))))
            parts = {part.filename: part for part in self._zip.infolist()}
            if set(parts) != {DUMP, MANIFEST} or any(part.compress_type != ZIP_STORED for part in parts.values()):
                raise ValueError("other parts")
            if max(parts[MANIFEST].file_size, parts[MANIFEST].compress_size) > _LONGEST:
                raise ValueError("too long")
            self.manifest = Manifest.read(self._zip.read(MANIFEST))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def check(self) -> None:
        """Read the whole dump. Raises Refused if it isn't, to the byte, what the manifest says."""
        digest, size = hashlib.sha256(), 0
        for piece in self.dump():
            digest.update(piece)
            size += len(piece)
        if (digest.hexdigest(), size) != (self.manifest.sha256, self.manifest.size):
            raise _damaged(self._path)

    def dump(self) -> Iterator[bytes]:
        """PostgreSQL's dump, in pieces. Raises Refused where it can't be read."""
        with self._telling(), self._zip.open(DUMP) as file:
            while piece := file.read(_CHUNK):
                yield piece

    @contextmanager
    def _telling(self) -> Iterator[None]:
        from zipfile import BadZipFile

        try:
            yield
        except (BadZipFile, EOFError, ValueError, TypeError, KeyError, RuntimeError) as error:  # or packed unknown ways
            raise _damaged(self._path) from error
        except OSError as error:
            raise Refused(f"{display(str(self._path))} can't be read: {error.strerror or error}.") from error


def _opened(path: Path) -> IO[bytes]:
    """The file, if nobody but us (or root) can change it: what it holds runs with all rights on the server."""
    file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    facts = os.fstat(file.fileno())
    if not stat.S_ISREG(facts.st_mode):
        file.close()
        raise _damaged(path)
    if facts.st_uid not in (0, os.geteuid()) or facts.st_mode & 0o022:
        file.close()
        raise Refused(f"{display(str(path))} can be changed by others; it was not used.", "Look where it comes from.")
    return file


def _damaged(path: Path) -> Refused:
    return Refused(f"{display(str(path))} is no backup that epicshell made, or it is damaged; nothing was changed.")
