"""Files that mean harm, or do it: refused with a sentence, by a process that can do little, and never for long."""

import io
import os
import random
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from support.sheets import refusal, rows

from epicshell.errors import Refused
from epicshell.sheets import Limits, read, reader

SHEET = "xl/worksheets/sheet1.xml"


def told(path: Path, **limits: Any) -> str:
    """What is said of a file that its process does not read."""
    with pytest.raises(Refused) as error:
        list(read(path, limits=Limits(**limits)))
    assert str(error.value).startswith(f"{path.name}")
    return str(error.value)


def into_sheet(cells: bytes) -> dict[str, Callable[[bytes], bytes]]:
    """An edit that puts a row with these cells at the end of the sheet."""
    return {SHEET: lambda data: data.replace(b"</sheetData>", b"<row>" + cells + b"</row></sheetData>")}


def test_formula_is_refused_with_its_cell(book: Callable[..., Path]) -> None:
    sentence = told(book([["a", "b"], [1, "=1+1"]]))
    assert sentence.startswith("book.xlsx: Sheet1!B2 holds a formula; only values are read.")


@pytest.mark.parametrize("kind", [b'<f t="shared" si="0"/>', b'<f t="array" ref="A9">1</f>', b"<f>WEBSERVICE(1)</f>"])
def test_formula_of_any_kind_is_refused(forged: Callable[..., Path], kind: bytes) -> None:
    assert "A9 holds a formula" in refusal(forged(into_sheet(b'<c r="A9">' + kind + b"<v>5</v></c>")))


def test_yes_and_no_as_libreoffice_writes_them_are_no_formulas(book: Callable[..., Path]) -> None:
    assert [row.values for row in read(book([["=TRUE()", "=FALSE()"]]))] == [(True, False)]
    assert "holds a formula" in told(book([["=TRUE()+1"]]))


def test_error_in_a_cell_is_refused(forged: Callable[..., Path]) -> None:
    assert "A9 holds an error (#REF!)" in refusal(forged(into_sheet(b'<c r="A9" t="e"><v>#REF!</v></c>')))


@pytest.mark.parametrize(
    ("cell", "name"), [(b"XFE1", "XFE1"), (b"A1048577", "A1048577"), (b"ZZZZZZ1", "ZZZZZZ1"), (b"A0", "A0")]
)
def test_cell_where_there_is_none_is_refused(forged: Callable[..., Path], cell: bytes, name: str) -> None:
    assert f"a cell {name}, which is too far away" in refusal(forged(into_sheet(b'<c r="%s"><v>1</v></c>' % cell)))


def test_far_away_cell_is_refused_and_a_far_away_style_is_not(book: Callable[..., Path]) -> None:
    def value(made: Any) -> None:
        made["Sheet1"]["ZZ9"] = 1

    def style(made: Any) -> None:
        made["Sheet1"]["ZZ9"].number_format = "0.00"

    assert "Sheet1!ZZ9 is far away" in refusal(book([["a"]], change=value))
    assert [row.values for row in rows(book([["a"]], change=style))] == [("a",)]


def test_row_that_stands_twice_is_refused(forged: Callable[..., Path]) -> None:
    row = b'<row r="2"><c r="A2"><v>5</v></c></row></sheetData>'
    assert "it holds row 2 twice" in refusal(forged({SHEET: lambda data: data.replace(b"</sheetData>", row)}))


def test_far_away_row_is_refused(book: Callable[..., Path]) -> None:
    def value(made: Any) -> None:
        made["Sheet1"]["A300000"] = 1

    assert "Sheet1!A300000 is far away" in refusal(book([["a"]], change=value))


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "[Content_Types].xml", "docProps/core.xml"])
def test_doctype_is_refused_in_every_part(forged: Callable[..., Path], part: str) -> None:
    def declare(data: bytes) -> bytes:
        declaration = b'<!DOCTYPE a [<!ENTITY lol "lol"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
        head, _, rest = data.rpartition(b"?>")
        return (head + b"?>" if head else b"") + declaration + rest

    assert "a DOCTYPE" in refusal(forged({part: declare}))


def test_doctype_is_refused_under_another_name_and_encoding(forged: Callable[..., Path]) -> None:
    text = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a><a/>'.encode("utf-16")
    assert "a DOCTYPE" in refusal(forged(xl__media__image1=text))
    blank = "".join(random.Random(1).choices(" \t\n", k=70_000)).encode()  # which must not be a bomb itself
    assert "a DOCTYPE" in refusal(forged(xl__media__image1=blank + b"<!DOCTYPE a><a/>"))


@pytest.mark.parametrize(
    ("part", "what"),
    [
        ("xl/vbaProject.bin", "macros"),
        ("xl/externalLinks/externalLink1.xml", "links to other workbooks"),
        ("xl/embeddings/oleObject1.bin", "embedded objects"),
        ("xl/connections.xml", "data connections"),
        ("xl/activeX/activeX1.xml", "controls"),
        ("../../etc/passwd", "leads out of it"),
        ("/etc/passwd", "leads out of it"),
        ("xl\\..\\evil", "leads out of it"),
        ("XL/Workbook.xml", "parts twice"),
    ],
)
def test_unwanted_part_is_refused(forged: Callable[..., Path], part: str, what: str) -> None:
    assert what in refusal(forged(**{part: b"<a/>"}))


def test_macros_that_only_the_types_name_are_refused(forged: Callable[..., Path]) -> None:
    def enable(data: bytes) -> bytes:
        return data.replace(b"spreadsheetml.sheet.main", b"sheet.macroEnabled.main")

    assert "macros" in refusal(forged({"[Content_Types].xml": enable}))


def test_link_to_the_outside_is_refused_and_an_address_is_not(book: Callable[..., Path], tmp_path: Path) -> None:
    def link(made: Any) -> None:
        made["Sheet1"]["A1"].hyperlink = "mailto:john@example.com"

    path = book([["john@example.com"]], change=link)
    assert [row.values for row in rows(path)] == [("john@example.com",)]
    target = tmp_path / "linked.xlsx"
    with ZipFile(path) as old, ZipFile(target, "w") as new:
        for part in old.namelist():
            new.writestr(part, old.read(part).replace(b"relationships/hyperlink", b"relationships/attachedTemplate"))
    assert "links to something outside" in refusal(target)


# Bombs, and what is broken


def test_bomb_is_refused(forged: Callable[..., Path]) -> None:
    sentence = told(forged(xl__bomb=b"0" * 20_000_000))
    assert "it unpacks to more than 100 times its size." in sentence


def test_bomb_that_lies_about_its_size_is_refused(forged: Callable[..., Path]) -> None:
    data = bytearray(forged(xl__bomb=b"<a>" + b"0" * 20_000_000).read_bytes())
    entry = data.rindex(b"xl/bomb") - 46  # its entry of the central directory
    assert data[entry : entry + 4] == b"PK\x01\x02"
    data[entry + 24 : entry + 28] = struct.pack("<I", 100)
    lying = forged()
    lying.write_bytes(data)
    assert "its content is damaged, or cut off." in refusal(lying)


def test_large_workbook_is_refused(forged: Callable[..., Path]) -> None:
    assert "it is larger than 5 MB" in refusal(forged(xl__big=os.urandom(5_000_001)))


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_truncated_workbook_is_told(book: Callable[..., Path], part: float) -> None:
    path = book([["a", "b"]] * 50)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    assert "its content is damaged" in refusal(path)


def test_workbook_with_any_byte_changed_is_read_or_told(book: Callable[..., Path]) -> None:
    path = book([["a", "b"], [1, 2]])
    data = path.read_bytes()
    for place in range(7, len(data), len(data) // 4):
        path.write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        with suppress(Refused):
            list(read(path))


def test_archive_that_is_no_workbook_is_told(tmp_path: Path) -> None:
    for name, part, sentence in [
        ("zip.xlsx", "a.txt", "it is an archive, but no workbook."),
        ("ods.xlsx", "mimetype", "it is an OpenDocument sheet."),
        ("numbers.xlsx", "Index/Document.iwa", "it is a Numbers document."),
        ("b.xlsx", "xl/workbook.bin", "it is a binary workbook"),
    ]:
        with ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(part, "x")
        assert sentence in refusal(tmp_path / name)


def test_workbook_without_what_it_needs_is_told(tmp_path: Path) -> None:
    data = io.BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    (tmp_path / "a.xlsx").write_bytes(data.getvalue())
    assert "its content is damaged." in told(tmp_path / "a.xlsx")


# What is no file


def test_pipe_folder_and_device_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    for name in ("pipe.csv", "folder.csv", "zero.csv"):
        assert "is no file that could be read" in told(tmp_path / name)


# The reading process itself


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., str]:
    """Lets the process run other code once it is confined; what is told of it."""

    def child(code: str, **limits: Any) -> str:
        (tmp_path / "a.csv").write_text("a\n")
        confined = (
            "import sys, os, time, struct; sys.path.append(sys.argv[1])\n"
            "from epicshell.sheets import child\n"
            f"def misbehave(*_):\n {code}\n yield b''\n"
            "child.frames = misbehave\n"
            "child.main(sys.argv[2])"
        )
        monkeypatch.setattr(reader, "_CHILD", confined)
        return told(tmp_path / "a.csv", **limits)

    return child


def test_process_that_eats_memory_is_told(child: Callable[..., str]) -> None:
    assert "takes too much memory" in child("x = [bytearray(10_000_000) for _ in range(1000)]")


def test_process_that_never_ends_is_stopped(child: Callable[..., str]) -> None:
    assert "took too long" in child("while True: pass", processor=1)


def test_process_that_falls_silent_is_stopped(child: Callable[..., str]) -> None:
    begun = time.monotonic()
    assert "took too long" in child("time.sleep(600)", silence=0.3)
    assert time.monotonic() - begun < 60


def test_process_that_crashes_is_told(child: Callable[..., str]) -> None:
    assert "its reader ended before the file did (signal 11)" in child("__import__('signal').raise_signal(11)")
    assert "its reader ended before the file did (code 3)" in child("os._exit(3)")
    assert "its content is damaged." in child("raise ValueError")


@pytest.mark.parametrize(
    "code",
    ["os.write(1, b'x' * 99)", "os.write(1, struct.pack('!I', 2**31))", "os.write(1, struct.pack('!I', 2) + b'{}')",
     "os.write(1, struct.pack('!I', 22) + b'[\"rows\",\"\",[[1,[{}]]]]')"],
)  # fmt: skip
def test_nonsense_is_told(child: Callable[..., str], code: str) -> None:
    assert "its reader gave nonsense" in child(f"{code}; os._exit(0)")


@pytest.mark.parametrize(
    "code",
    [
        "open('/dev/shm/epicshell-never', 'w')",
        "__import__('socket').create_connection(('127.0.0.1', 1))",
        "__import__('subprocess').run(['true'])",
        "os.fork()",
        "[os.dup(0) for _ in range(100)]",
        "open(f'/proc/{os.getppid()}/environ', 'rb')",
        "os.open(f'/proc/{os.getppid()}/environ'.encode(), os.O_RDONLY)",
        "os.kill(os.getppid(), 0)",
        "__import__('psycopg2')",
        "__import__('sqlite3')",
    ],
)
def test_process_can_neither_write_nor_call_nor_start_anything(child: Callable[..., str], code: str) -> None:
    assert "its content is damaged." in child(f"{code}; os._exit(7)")


def test_process_has_nothing_of_our_environment(child: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EPICSHELL_SECRET", "x")
    sentence = child("from epicshell.errors import Refused; raise Refused(' '.join(sorted(os.environ)))")
    assert "SECRET" not in sentence
    assert " PATH" not in sentence


def test_process_ends_with_whoever_reads(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n" + "1,2\n" * 100_000)
    reading = read(tmp_path / "a.csv")
    next(reading)
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    reading.close()
    assert not set(children) & set(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())
