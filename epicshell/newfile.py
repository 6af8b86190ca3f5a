"""A file that is made whole or not at all, for its owner alone, and never through a link."""

import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from epicshell.errors import Refused
from epicshell.text import display

_BUFFER = 1 << 18
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
#: A file without a name, which Linux can give one later, through /proc; None on other systems.
_NAMELESS: int | None = getattr(os, "O_TMPFILE", None)


class NewFile:
    """A file of mode 0600, written without a name where the file system can do that, else under a hidden one.

    A context manager: left without an error, the file gets its name once it is on the disk; an error leaves nothing
    behind, and neither does a killed process where the file has no name before that. The folder may be reached through
    links, and is looked up once; the file itself never is one.
    replace: whether a file of that name may be replaced; without that, one that appears meanwhile stays as it is.
    Entering, writing and leaving raise Refused, with what the file system says.
    """

    def __init__(self, path: Path, *, replace: bool) -> None:
        self.path = path
        self._replace = replace
        self._draft = f".{path.name[:50]}.{secrets.token_hex(8)}"
        self._named = False
        self._folder: int | None = None
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        try:
            with self._telling():
                if stands(self.path) and not self._replace:
                    raise _appeared(self.path)
                self._folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                descriptor = self._nameless()
                if descriptor is None:
                    descriptor = os.open(self._draft, _NEW, 0o600, dir_fd=self._folder)
                    self._named = True
                self._file = os.fdopen(descriptor, "wb", buffering=_BUFFER)
                os.fchmod(descriptor, 0o600)  # whatever the umask is
        except BaseException:
            self._discard()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._publish()
        finally:
            self._discard()

    def write(self, data: bytes) -> None:
        with self._telling():
            self.file.write(data)

    @contextmanager
    def writing(self) -> Iterator[BinaryIO]:
        """The file itself, for others to write to until the end of the block."""
        with self._telling():
            yield self.file

    @property
    def file(self) -> BinaryIO:
        if self._file is None:
            raise ValueError(f"{self.path} is not open")
        return self._file

    def _nameless(self) -> int | None:
        """The descriptor of a file without a name, where there are such files, and a way to give them one."""
        if _NAMELESS is None:
            return None
        try:
            descriptor = os.open(".", _NAMELESS | os.O_WRONLY | os.O_CLOEXEC, 0o600, dir_fd=self._folder)
        except OSError:  # what else is wrong with the folder, the file with a name will tell
            return None
        with suppress(OSError):
            if os.path.samestat(os.stat(_seen(descriptor)), os.fstat(descriptor)):
                return descriptor
        os.close(descriptor)
        return None

    def _publish(self) -> None:
        name, folder = self.path.name, self._folder
        with self._telling():
            self.file.flush()
            os.fsync(self.file.fileno())
            if self._replace:
                stands(self.path)
                if not self._named:  # only a rename replaces
                    self._link(self._draft)
                    self._named = True
                os.replace(self._draft, name, src_dir_fd=folder, dst_dir_fd=folder)
            else:
                self._take_name()
            if folder is not None:
                os.fsync(folder)

    def _take_name(self) -> None:
        """Give the file its name, unless there is something of that name by now."""
        name, folder = self.path.name, self._folder
        try:
            self._link(name)
        except FileExistsError:
            raise _appeared(self.path) from None
        except OSError:  # a file system without hard links
            if not self._named:
                raise
            try:
                os.close(os.open(name, _NEW, 0o600, dir_fd=folder))
            except FileExistsError:
                raise _appeared(self.path) from None
            os.replace(self._draft, name, src_dir_fd=folder, dst_dir_fd=folder)

    def _link(self, name: str) -> None:
        """One more name in the folder, or the first one, which must not be there yet."""
        folder = self._folder
        if self._named:
            os.link(self._draft, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        else:
            os.link(_seen(self.file.fileno()), name, dst_dir_fd=folder, follow_symlinks=True)

    def _discard(self) -> None:
        """Close everything; the draft goes, if it has not become the file."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            with suppress(FileNotFoundError):
                os.unlink(self._draft, dir_fd=self._folder)
        if self._folder is not None:
            os.close(self._folder)
        self._file = self._folder = None

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise _refusal(self.path, error) from error


def _seen(descriptor: int) -> str:
    """The place at which the system shows an open file, whatever its name."""
    return f"/proc/self/fd/{descriptor}"


def stands(path: Path) -> bool:
    """Whether there is a file at `path`. Raises Refused for a link, a folder, a device: nothing to be replaced."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        raise _refusal(path, error) from error
    if stat.S_ISREG(mode):
        return True
    kinds = {stat.S_IFLNK: "a link", stat.S_IFDIR: "a folder"}
    raise Refused(f"{_shown(path)} is {kinds.get(stat.S_IFMT(mode), 'no file')}; nothing was written.")


def _appeared(path: Path) -> Refused:
    return Refused(f"There is a file {_shown(path)} already; nothing was written.", "Add --yes to replace it.")


def _refusal(path: Path, error: OSError | ValueError) -> Refused:
    reason = getattr(error, "strerror", None) or str(error)
    return Refused(f"{_shown(path)} can't be written: {reason}.", "Nothing was left behind.")


def _shown(path: Path) -> str:
    return display(str(path))
