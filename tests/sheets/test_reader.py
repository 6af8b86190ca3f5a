"""Reading CSV files and workbooks: what people have in them comes as it is, with its place."""

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl.comments import Comment
from support.sheets import refusal, rows

from epicshell.errors import NotFound
from epicshell.sheets import Row, read

FIXTURES = Path(__file__).parent / "fixtures"


def cells(path: Path, **how: Any) -> list[tuple[Any, ...]]:
    return [row.values for row in rows(path, **how)]


@pytest.fixture
def text(tmp_path: Path) -> Callable[..., Path]:
    """Writes a text file; its path."""

    def text(content: str | bytes, name: str = "file.csv", encoding: str = "utf-8") -> Path:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return tmp_path / name

    return text


# Workbooks


def test_values_keep_their_types(book: Callable[..., Path]) -> None:
    moment, day = datetime(2023, 6, 4, 13), date(2023, 6, 5)
    row = ["é_x000D_\n7", 7, 1e5, 4.5, True, moment, day, time(13, 30), " ", None, "=no formula"]

    def as_text(made: Any) -> None:
        made["Sheet1"]["K1"].data_type = "s"

    [found] = rows(book([row], change=as_text))
    assert found.values == ("é\r\n7", 7, 100000, 4.5, True, moment, day, time(13, 30), None, None, "=no formula")
    assert [type(value) for value in found.values[4:7]] == [bool, datetime, date]


def test_nothing_is_lost_on_the_way_from_the_process_that_reads(book: Callable[..., Path]) -> None:
    values = ("é\u2028", 7, -4.5, True, datetime(2023, 6, 4, 13), date(2023, 6, 5), time(13, 30), None, "end")
    assert [row.values for row in read(book([values] * 500))] == [values] * 500


def test_rows_say_where_they_stand(book: Callable[..., Path]) -> None:
    found = list(rows(book(First=[["a"], [], [None, "b"]], Second=[["c"]])))
    assert [(row.sheet, row.number) for row in found] == [("First", 1), ("First", 3), ("Second", 1)]
    assert found[1].place(1) == "First!B3"


def test_hidden_sheets_are_left_out(book: Callable[..., Path]) -> None:
    def hide(made: Any) -> None:
        made["Two"].sheet_state = "hidden"

    assert [row.sheet for row in rows(book(One=[["a"]], Two=[["b"]], change=hide))] == ["One"]


def test_hidden_sheets_that_hold_something_and_comments_are_told(book: Callable[..., Path]) -> None:
    def hide(made: Any) -> None:
        made["Two"].sheet_state = made["Empty"].sheet_state = "hidden"
        made["Empty"]["XFD200000"].number_format = "0.00"
        made["One"]["A1"].comment = Comment("Ask Kate", "Paul")

    remarks: list[str] = []
    path = book(One=[["a"]], Two=[[], ["=b"]], Empty=[], change=hide)
    assert [row.sheet for row in read(path, remark=remarks.append)] == ["One"]
    assert remarks == ['Not read: the hidden sheet "Two". --sheet reads one.', "Not read: the comments on cells."]


def test_long_rows_come_whole(text: Callable[..., Path]) -> None:
    long = ("é" * 39_000,) * 3
    assert [row.values for row in read(text("\n".join([",".join(long)] * 100)))] == [long] * 100
    cell = f'"{"y" * 39_000}\n"'
    assert "line 1 has more than 1000000 characters." in refusal(text(",".join([cell] * 26)))


def test_one_sheet_can_be_chosen_whatever_its_case(book: Callable[..., Path]) -> None:
    path = book(Clients=[["a"]], Other=[["b"]])
    assert cells(path, sheet="other") == [("b",)]
    assert 'no sheet "Client". Did you mean "Clients"?' in refusal(path, sheet="Client")


def test_declared_dimension_does_not_count(forged: Callable[..., Path]) -> None:
    def far(data: bytes) -> bytes:
        return data.replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')

    assert cells(forged({"xl/worksheets/sheet1.xml": far})) == [("a", "b"), (1, 2)]


def test_workbook_of_libreoffice_is_the_csv_it_was_made_of() -> None:
    workbook, csv = cells(FIXTURES / "clients.xlsx"), cells(FIXTURES / "clients.csv")
    assert workbook[0] == csv[0]
    assert [[str(value) for value in row] for row in workbook] == [list(row) for row in csv]


def test_it_is_told_how_many_rows_will_come(book: Callable[..., Path]) -> None:
    told: list[int] = []
    list(read(book([["a"]] * 7), expect=told.append))
    assert told == [7]


# Texts


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_separator_is_found_in_the_first_line(text: Callable[..., Path], separator: str, mark: str) -> None:
    assert cells(text(f'{mark}a{separator}"b,;\t"\n1{separator}2\n')) == [("a", "b,;\t"), ("1", "2")]


def test_separator_is_looked_for_below_a_title(text: Callable[..., Path]) -> None:
    assert cells(text("Clients\n\na;b,c;d\n")) == [("Clients",), ("a", "b,c", "d")]
    assert cells(text("Gala\nEvent ID: 1\nContract ID: 2\nNotes: by, the river\n"))[3] == ("Notes: by, the river",)


def test_excels_own_note_of_the_separator_is_no_row(text: Callable[..., Path]) -> None:
    assert cells(text("sep=;\na,x;b\n")) == [("a,x", "b")]
    assert cells(text("sep=\t\nx,y\tz\n")) == [("x,y", "z")]


def test_quotes_follow_rfc_4180_and_rows_have_the_line_they_begin_in(text: Callable[..., Path]) -> None:
    found = list(rows(text('a,b\r\n"x\r\ny","say ""hi"""\r\n\r\n,\r\nlast,\r\n')))
    assert [(row.number, row.values) for row in found] == [
        (1, ("a", "b")),
        (2, ("x\r\ny", 'say "hi"')),
        (6, ("last", None)),
    ]
    assert Row("", 6, ("last",)).place(0) == "A6"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('a,b\n1,2\n3,"open\nmore\n', "the quotation in line 3 does not end."),
        ('a,b\n"1"2,3\n', "a quotation in line 2 goes on after its end."),
        ("a,b\né,1\n".encode("latin-1"), "line 2 is not in UTF-8, but perhaps in Windows-1252. Save it as CSV UTF-8"),
        ("a,b\n".encode("utf-16"), "it is in UTF-16"),
        ("a,b\n".encode("utf-16-le"), "line 1 holds NUL bytes"),
        ("a,b\n1,2\0\n", "line 2 holds NUL bytes"),
        ("a,b\r1,2\r", "its lines end with CR alone."),
        ("", "it is empty."),
        ("a\n" + "x" * 50_000, "line 2 has more than 40000 characters"),
        ("a" * 1_000_001, "line 1 has more than 1000000 bytes."),
        ("a\n" + "," * 300 + "x\n", "line 2 has 301 columns."),
    ],
)
def test_wrong_text_is_told_with_its_line(text: Callable[..., Path], content: str | bytes, sentence: str) -> None:
    assert sentence in refusal(text(content))


# Names and kinds


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.xlsx", "a,b\n", "it is called .xlsx, but is no workbook. Save it as .xlsx, or as CSV UTF-8."),
        ("a.xlsm", "PK", "it is a workbook with macros. Save it as .xlsx."),
        ("a.xls", "x", ".xls is not read. Save it as .xlsx, or as CSV UTF-8."),
        ("a.ods", "x", ".ods is not read."),
        ("a.numbers", "x", ".numbers is not read."),
        ("a.pdf", "x", ".pdf is not accepted. Accepted: .xlsx"),
        ("a", "x", "a name without an ending is not accepted."),
    ],
)
def test_other_files_are_refused_with_what_helps(
    text: Callable[..., Path], name: str, content: str, sentence: str
) -> None:
    assert sentence in refusal(text(content, name))


def test_workbook_that_calls_itself_a_text_is_told(book: Callable[..., Path]) -> None:
    assert "it is called .csv, but is a workbook" in refusal(book([["a"]], name="a.csv"))


def test_protected_workbook_is_told(text: Callable[..., Path]) -> None:
    assert "or one with a password." in refusal(text(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "a.xlsx"))


def test_sheet_of_a_text_is_refused(text: Callable[..., Path]) -> None:
    assert "a text file has no sheets." in refusal(text("a\n"), sheet="One")


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"There is no file none\.csv\."):
        list(read(tmp_path / "none.csv"))


def test_link_is_followed(text: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(text("a\n"))
    assert list(read(tmp_path / "link.csv")) == [Row("", 1, ("a",))]
