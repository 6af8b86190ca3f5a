import csv
import datetime as dt
import io
import re
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from epicshell.render import Screen, render
from epicshell.render.delimited import defuse, restore
from epicshell.results import Column, Format, Kind, Listing, Record

COLUMNS = [
    Column("id", Kind.INTEGER),
    Column("name"),
    Column("due", Kind.MONEY),
    Column("signed", Kind.BOOLEAN),
    Column("signed_at", Kind.TIME),
]
ROWS = [
    (1, 'O"Neil, Bob', -1_200_050, False, dt.datetime(2023, 6, 4, 11, tzinfo=dt.UTC)),
    (2, "a\tb\r\nc\\d", None, None, None),
    (3, "=1+1", None, True, None),
]
TEXTS = st.text(st.one_of(st.characters(codec=None), st.sampled_from("'=@+-\t\r\n\",;\\ 0123N.()")))


def written_to_file(rows, format, columns):
    out = io.StringIO(newline="")
    render(Listing(columns, rows), format=format, out=out, screen=Screen(None, False, ZoneInfo("UTC")))
    out.seek(0)
    return out


def test_csv_has_a_header_and_exact_values(written):
    assert written(Listing(COLUMNS, ROWS, str), Format.CSV) == (
        "id,name,due,signed,signed_at\n"
        '1,"O""Neil, Bob",-12000.50,false,2023-06-04T13:00:00+02:00\n'
        '2,"a\tb\r\nc\\d",,,\n'
        "3,'=1+1,,true,\n"
    )


def test_tsv_has_a_header_and_exact_values(written):
    assert written(Listing(COLUMNS, ROWS, str), Format.TSV) == (
        "id\tname\tdue\tsigned\tsigned_at\n"
        '1\tO"Neil, Bob\t-12000.50\tfalse\t2023-06-04T13:00:00+02:00\n'
        "2\ta\\tb\\r\\nc\\\\d\t\\N\t\\N\t\\N\n"
        "3\t=1+1\t\\N\ttrue\t\\N\n"
    )


@pytest.mark.parametrize("format", [Format.CSV, Format.TSV])
def test_a_record_is_a_header_and_a_row(written, format):
    assert written(Record(COLUMNS, ROWS[0]), format) == written(Listing(COLUMNS, ROWS[:1]), format)


@pytest.mark.parametrize("format", [Format.CSV, Format.TSV])
def test_controls_are_escaped_on_a_terminal_only(written, format):
    listing = Listing([Column("name"), Column("notes")], [("a\x1b[31m\u202e", "b")])
    assert "a\x1b[31m\u202e" in written(listing, format)
    assert "a\\x1b[31m\\u202e" in written(listing, format, width=80).replace("\\\\", "\\")


@pytest.mark.parametrize(
    "formula",
    [
        "=1+1",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "+33 1 23x",
        "-a",
        "+1\n",
        "'=1",
        "''@",
        "\n1",
        "＝1+1",
        "＋1",
        "－1",
        "＠A1",
        " =1",
        '"=1"',
        "\xa0 '+a",
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(formula):
    assert defuse(formula) == f"'{formula}"
    assert restore(f"'{formula}") == formula


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x=1",
        "+33 (0)1.23-45",
        "-5",
        "- ",
        "'quoted'",
        "'",
        "'+33 1",
        "O'Neil",
        " -5",
        "1\t2",
        "a\n\n+33 1 23\nb",
        "x;-5;-6",
        "a; b",
        "a,=b",
    ],
)
def test_other_cells_stay_as_they_are(text):
    assert defuse(text) == restore(text) == text


@pytest.mark.parametrize(
    ("text", "defused"),
    [
        ("x;=cmd|' /C calc'!A0", "x;'=cmd|' /C calc'!A0"),
        ('x; "=1"', 'x;\' "=1"'),
        ("a\t@b\t\tc", "a\t'@b\t\tc"),
        ("by the river\r\n- at 3PM\n\n=1", "by the river\r\n'- at 3PM\n\n'=1"),
        ("=1;-a;'=2", "'=1;'-a;''=2"),
        ("\t=1", "'\t'=1"),
        ("tel;+33 1 23;+33 1 x", "tel;+33 1 23;'+33 1 x"),
    ],
)
def test_where_a_spreadsheet_may_begin_a_cell_nothing_runs_either(text, defused):
    assert defuse(text) == defused
    assert restore(defused) == text


@given(st.lists(TEXTS, max_size=3))
@settings(deadline=None)
def test_no_separator_of_any_spreadsheet_leaves_a_formula(row):
    written = written_to_file([row], Format.CSV, [Column("a")] * len(row)).read() if row else ""
    for cell in re.split("[;\t\r\n]", written):  # as one takes it for which these alone are separators
        assert cell.lstrip(' \xa0"')[:1] not in tuple("=@")


@given(TEXTS)
@settings(deadline=None)
def test_every_cell_is_restored(text):
    assert restore(defuse(text)) == text


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=4))
@settings(deadline=None)
def test_every_csv_reads_back(rows):
    out = written_to_file(rows, Format.CSV, [Column("a"), Column("b")])
    header, *found = csv.reader(out)
    assert header == ["a", "b"]
    assert [tuple(map(restore, row)) for row in found] == rows


def test_csv_tells_unknown_from_empty():
    assert written_to_file([(None, ""), ("", None)], Format.CSV, [Column("a"), Column("b")]).read() == 'a,b\n,""\n"",\n'


def test_csv_has_no_empty_lines():
    assert written_to_file([(None,), ("x",)], Format.CSV, [Column("a")]).read() == 'a\n""\nx\n'


@given(st.lists(st.tuples(st.none() | TEXTS, st.none() | TEXTS), max_size=4))
@settings(deadline=None)
def test_every_tsv_reads_back(rows):
    letters = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}
    lines = written_to_file(rows, Format.TSV, [Column("a"), Column("b")]).read().split("\n")[1:-1]
    cells = [[None if cell == r"\N" else cell for cell in line.split("\t")] for line in lines]
    assert [
        tuple(cell and re.sub(r"\\(.)", lambda escape: letters[escape[1]], cell) for cell in row) for row in cells
    ] == rows
