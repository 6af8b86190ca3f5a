"""Reading a file that nobody vouches for: in a process of its own, with little memory and time, and no way to write.

The file is opened here and handed over as its standard input; what comes back is checked, frame by frame.
"""

import os
import select
import stat
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from epicshell.errors import NotFound, Refused
from epicshell.sheets.frames import HEAD, Garbled, length, rows_of, unpack
from epicshell.sheets.limits import Limits
from epicshell.sheets.rows import Row
from epicshell.text import display

if TYPE_CHECKING:
    from subprocess import Popen

_PIECE = 65536
#: Isolated (-I) it finds epicshell where this process found it, behind everything else.
_CHILD = "import sys; sys.path.append(sys.argv[1]); from epicshell.sheets.child import main; main(sys.argv[2])"
_DAMAGED = "Open it in the program that made it, and save it again as .xlsx or CSV UTF-8."


def read(
    path: Path,
    *,
    sheet: str = "",
    limits: Limits | None = None,
    expect: Callable[[int], None] | None = None,
    remark: Callable[[str], None] | None = None,
) -> Generator[Row, None, None]:
    """The rows of a CSV file or an .xlsx workbook that have something in them, in constant memory.

    sheet: only that of this name; else all that are not hidden, in their order. expect: told once, before the first
    row, about how many will come. remark: told what people should know of the file. Raises Refused for what can't or
    must not be read, with a hint; NotFound.
    """
    limits = limits or Limits()
    name = display(path.name or str(path))
    with _Reading(path, name, sheet, limits) as reading:
        try:
            for kind, content in reading.frames():
                if kind == "rows":
                    yield from rows_of(content, limits.columns)
                elif kind == "count" and expect:
                    expect(int(*content))
                elif kind == "left" and remark:
                    remark(f"Not read: {display(str(*content))}")
                elif kind == "problem":
                    sentence, hint = map(str, content)
                    raise Refused(f"{name}: {display(sentence)}", display(hint))
        except (Garbled, TypeError, ValueError):
            raise Refused(f"{name}: its reader gave nonsense.", _DAMAGED) from None


def open_regular(path: Path, name: str) -> int:
    """A descriptor of a regular file; whatever else has that name is refused at once. Raises Refused, NotFound."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise NotFound(f"There is no file {name}.") from None
    except (OSError, ValueError) as error:
        raise Refused(f"{name} can't be read: {getattr(error, 'strerror', None) or 'that is no name'}.") from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Refused(f"{name} is no file that could be read.", "Give a CSV file or an .xlsx workbook.")
    return descriptor


class _Reading:
    """The process, for as long as its rows are wanted."""

    def __init__(self, path: Path, name: str, sheet: str, limits: Limits) -> None:
        self._path, self._name, self._sheet, self._limits = path, name, sheet, limits
        self._process: Popen[bytes]
        self._buffer = bytearray()

    def __enter__(self) -> "_Reading":
        import json
        from dataclasses import asdict
        from subprocess import DEVNULL, PIPE, Popen

        import epicshell

        home = str(Path(epicshell.__file__).parent.parent)
        order = json.dumps({"name": self._path.name, "sheet": self._sheet, "limits": asdict(self._limits)})
        descriptor = open_regular(self._path, self._name)
        try:
            self._process = Popen(
                [sys.executable, "-I", "-B", "-c", _CHILD, home, order],
                stdin=descriptor,
                stdout=PIPE,
                stderr=DEVNULL,
                env={
                    "LC_ALL": "C.UTF-8",
                    "OPENPYXL_LXML": "False",
                    "LD_LIBRARY_PATH": os.environ.get("LD_LIBRARY_PATH", ""),
                },
                cwd="/",
                start_new_session=True,  # Ctrl-C is ours
            )
        finally:
            os.close(descriptor)
        return self

    def __exit__(self, *_exception: object) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout:
            self._process.stdout.close()

    def frames(self) -> Iterator[tuple[str, list[Any]]]:
        """What it says, up to its end. Raises Refused if it ends otherwise or falls silent; Garbled."""
        while True:
            kind, content = unpack(self._take(length(self._take(HEAD.size))))
            if kind == "end":
                return
            yield kind, content

    def _take(self, size: int) -> bytes:
        """So many bytes, waited for."""
        deadline = monotonic() + self._limits.silence
        while len(self._buffer) < size:
            self._fill(deadline)
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken

    def _fill(self, deadline: float) -> None:
        assert self._process.stdout is not None
        pipe = self._process.stdout.fileno()
        ready, _, _ = select.select([pipe], [], [], max(0, deadline - monotonic()))
        if not ready:
            raise Refused(f"{self._name}: reading it took too long.", "Split it into smaller files.")
        piece = os.read(pipe, _PIECE)
        if not piece:
            raise self._ended()
        self._buffer += piece

    def _ended(self) -> Refused:
        """Why there is nothing more, though nothing said that this was all."""
        from signal import SIGXCPU

        code = self._process.wait()
        if code == -SIGXCPU:
            return Refused(f"{self._name}: reading it took too long.", "Split it into smaller files.")
        why = f"signal {-code}" if code < 0 else f"code {code}"
        return Refused(f"{self._name}: its reader ended before the file did ({why}).", _DAMAGED)
