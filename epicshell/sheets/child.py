"""The process that reads one file: its limits first, then the file, then nothing else."""

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from epicshell.errors import Refused
from epicshell.sheets.frames import pack
from epicshell.sheets.limits import Limits
from epicshell.sheets.rows import Row

_BATCH, _ROOM = 200, 1_000_000  #: rows of a frame, and characters: each may take twelve bytes
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE = "Save it as .xlsx, or as CSV UTF-8."
_ACCEPTED = "Accepted: .xlsx, and text in UTF-8 as .csv, .tsv or .txt."
_DAMAGED = "Open it in the program that made it, and save it again as .xlsx or CSV UTF-8."
#: What a file may never make a process do that only reads.
_FORBIDDEN = (
    "socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.fork", "os.link", "os.symlink",
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.truncate", "shutil.", "ctypes.",
    "os.kill", "os.utime", "os.setxattr", "os.removexattr", "sqlite3.",
)  # fmt: skip
_STRANGERS = ("psycopg2", "sqlite3")  #: modules whose compiled parts connect, or write, without asking Python
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main(order: str) -> None:
    """Read standard input as the order says, and write frames to standard output. order: JSON, see reader."""
    asked = json.loads(order)
    limits = Limits(**asked["limits"])
    for frame in _said(asked["name"], asked["sheet"], limits):
        sys.stdout.buffer.write(frame)
        sys.stdout.buffer.flush()
    os._exit(0)


def _said(name: str, sheet: str, limits: Limits) -> Iterator[bytes]:
    """The frames, whatever happens."""
    too_much = pack(["problem", "reading it takes too much memory.", "Split it into smaller files."])
    damaged = pack(["problem", "its content is damaged.", _DAMAGED])
    try:
        _confine(limits)
        yield from frames(sys.stdin.buffer, name, sheet, limits)
    except Refused as refused:
        yield pack(["problem", refused.sentence, refused.hint])
    except MemoryError:
        yield too_much
    except Exception:  # whatever the file does to those who read it
        yield damaged


def _confine(limits: Limits) -> None:
    """Take away what reading doesn't need. (Not every system limits everything.)"""
    import resource
    from contextlib import suppress

    for kind, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.processor),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most + (kind == resource.RLIMIT_CPU)))  # one more, to be told by SIGXCPU
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: Any) -> None:
    """An audit hook of Python's (PEP 578): no wall against native code, but one more thing to get around."""
    writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING
    spies = event == "open" and "/proc/" in str(arguments[0])  # other processes' environments
    strange = event == "import" and str(arguments[0]).startswith(_STRANGERS)
    if writes or spies or strange or event.startswith(_FORBIDDEN):
        raise RuntimeError(event)


def frames(source: Any, name: str, sheet: str, limits: Limits) -> Iterator[bytes]:
    """What is said of a file, opened for reading bytes. Raises Refused, and whatever a file makes its readers raise."""
    size = os.fstat(source.fileno()).st_size
    kind = _kind(name, source.peek(8)[:8], size)
    if kind == "workbook":
        from epicshell.sheets.workbook import open_book

        if size > limits.workbook:
            raise Refused(f"it is larger than {limits.workbook // 1_000_000} MB.", "Split it, or save it as CSV UTF-8.")
        book = open_book(source.read(limits.workbook + 1), limits)
        count, rows = book.count, book.rows(sheet)
        for left in book.left_out(sheet):
            yield pack(["left", left])
    else:
        from epicshell.sheets.delimited import count_lines, rows_of

        if size > limits.text:
            raise Refused(f"it is larger than {limits.text // 1_000_000} MB.", "Split it.")
        if sheet:
            raise Refused("a text file has no sheets.", "Leave --sheet out.")
        count = count_lines(source)
        rows = rows_of(source, limits)
    yield pack(["count", count])
    yield from _packed(rows)
    yield pack(["end"])


def _packed(rows: Iterator[Row]) -> Iterator[bytes]:
    """Rows of the same sheet together. Raises Refused for a row that no frame holds."""
    waiting: list[Row] = []
    held = 0
    for row in rows:
        size = sum(len(value) for value in row.values if isinstance(value, str))
        if size > _ROOM:
            where = f"{row.sheet}: row" if row.sheet else "line"
            raise Refused(f"{where} {row.number} has more than {_ROOM} characters.")
        if waiting and (row.sheet != waiting[0].sheet or len(waiting) == _BATCH or held + size > _ROOM):
            yield _frame(waiting)
            waiting, held = [], 0
        waiting.append(row)
        held += size
    if waiting:
        yield _frame(waiting)


def _frame(rows: list[Row]) -> bytes:
    return pack(["rows", rows[0].sheet, [[row.number, row.values] for row in rows]])


def _kind(name: str, begins: bytes, size: int) -> str:
    """`workbook` or `text`, where name and content agree. Raises Refused with what would help."""
    extension = os.path.splitext(name)[1].lower()
    if extension in (".xlsm", ".xltm", ".xlam"):
        raise Refused("it is a workbook with macros.", "Save it as .xlsx.")
    if extension in (".xls", ".xlsb", ".ods", ".numbers", ".xlt", ".fods"):
        raise Refused(f"{extension} is not read.", _SAVE)
    if size == 0:
        raise Refused("it is empty.")
    if begins.startswith(_OLE):
        raise Refused("it is an old workbook (.xls), or one with a password.", "Save it as .xlsx, without a password.")
    if extension not in (".xlsx", ".csv", ".tsv", ".txt"):
        raise Refused(f"{extension or 'a name without an ending'} is not accepted.", _ACCEPTED)
    zipped = begins.startswith(_ZIP)
    if zipped and extension != ".xlsx":
        raise Refused(f"it is called {extension}, but is a workbook or an archive.", "Give it the ending .xlsx.")
    if not zipped and extension == ".xlsx":
        raise Refused("it is called .xlsx, but is no workbook.", _SAVE)
    return "workbook" if zipped else "text"
