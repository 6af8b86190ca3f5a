"""Workbooks: values of their kind, texts that stay texts whatever they hold."""

import re
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from epicshell.errors import Refused
from epicshell.render import xlsx
from epicshell.results import Column, Kind, Listing

PARIS = ZoneInfo("Europe/Paris")


def written(listing: Listing, **options: Any) -> BytesIO:
    out = BytesIO()
    xlsx.write(listing, out, PARIS, **options)
    return out


def read(kind: Kind, *values: Any) -> list[Any]:
    """The values of one column as openpyxl reads them."""
    out = written(Listing([Column("x", kind)], [(value,) for value in values]))
    return [row[0] for row in openpyxl.load_workbook(out).active.iter_rows(min_row=2, values_only=True)]


def raw(text: str) -> str:
    """What stands in the sheet for a text."""
    with ZipFile(written(Listing([Column("x")], [(text,)]))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    return re.findall("<t [^>]*>(.*?)</t>", sheet, re.DOTALL)[1]


def test_values_are_of_their_kind() -> None:
    assert read(Kind.INTEGER, 1, -(10**14), None, 0) == [1, -(10**14), None, 0]
    assert read(Kind.MONEY, 1200050, -1, 999_999_999_999_999) == [12000.5, -0.01, 9_999_999_999_999.99]
    assert read(Kind.BOOLEAN, True, False, None, True) == [True, False, None, True]
    assert read(Kind.DATE, date(2024, 2, 29), date(1900, 3, 1)) == [datetime(2024, 2, 29), datetime(1900, 3, 1)]
    assert read(Kind.TIME, datetime(2023, 6, 4, 11, tzinfo=UTC)) == [datetime(2023, 6, 4, 13)]


def test_days_that_a_spreadsheet_does_not_have_are_texts() -> None:
    assert read(Kind.DATE, date(1850, 1, 2)) == ["1850-01-02"]
    assert read(Kind.TIME, datetime(1899, 1, 2, 3, tzinfo=UTC))[0].startswith("1899-01-02 ")


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30))
def test_every_text_comes_back(text: str) -> None:
    assert read(Kind.TEXT, text or "x") == [raw_free(text) or "x"]


def raw_free(text: str) -> str:
    """A text without what openpyxl does not decode."""
    return re.sub("[\ufffe\uffff]", lambda found: f"_x{ord(found[0]):04X}_", text)


def test_what_xml_can_not_hold_is_escaped_as_the_standard_says() -> None:
    assert raw("a\x00\x1b[2J\r\n\t\x0b\uffff") == "a_x0000__x001B_[2J_x000D_\n\t_x000B__xFFFF_"
    assert raw("_x0041_ <&>") == "_x005F_x0041_ &lt;&amp;&gt;"


def test_text_is_cut_to_what_a_cell_holds() -> None:
    assert read(Kind.TEXT, "x" * 40_000, "\U0001f389" * 20_000) == ["x" * 32_767, "\U0001f389" * 16_383]


@pytest.mark.parametrize("text", ["=1+1", "@x", "+1\tx", "-x", "\t=1", "'=1"])
def test_what_looks_like_a_formula_is_marked_as_text(text: str) -> None:
    book = openpyxl.load_workbook(written(Listing([Column("x")], [(text,), ("plain",)])))
    cell, plain = book.active["A2"], book.active["A3"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)
    assert not plain.quotePrefix


def test_too_many_rows_are_refused_counted_or_not() -> None:
    read_rows = []

    def rows() -> Any:
        for number in range(5):
            read_rows.append(number)
            yield (number,)

    columns = [Column("x", Kind.INTEGER)]
    out = BytesIO()
    with pytest.raises(Refused, match="1 048 575"):
        xlsx.write(Listing(columns, rows(), count=lambda most: min(5, most)), out, PARIS, most=4)
    assert (read_rows, out.getvalue()) == ([], b"")
    with pytest.raises(Refused, match="1 048 575"):
        written(Listing(columns, rows()), most=4)
    written(Listing(columns, rows()), most=5)


def test_empty_list_is_a_header() -> None:
    book = openpyxl.load_workbook(written(Listing([Column("id", Kind.INTEGER), Column("name")], [])))
    assert [[cell.value for cell in row] for row in book.active.iter_rows()] == [["id", "name"]]
