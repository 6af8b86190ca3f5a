"""Event sheets in real workbooks: by openpyxl, as people lay them out, and one that LibreOffice has written."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from support.legacy import ASSEMBLY, WEDDING, Cells, changed, french, one_cell, pairs, spread, two_columns
from support.sheets import rows

from epicshell.sheets import read
from epicshell.sheets.legacy import EventSheet, Finding, event_sheets

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
FIXTURES = Path(__file__).parent / "fixtures"
WEDDING_TIMES = (datetime(2023, 6, 4, 11, tzinfo=UTC), datetime(2023, 6, 5, 0, tzinfo=UTC))
ASSEMBLY_TIMES = (datetime(2023, 5, 5, 13, tzinfo=UTC), datetime(2023, 5, 5, 15, tzinfo=UTC))
DATED = changed(WEDDING, Event_date_start=datetime(2023, 6, 4, 13), Event_date_end=datetime(2023, 6, 5, 2))

BOOKS: dict[str, Mapping[str, Cells]] = {
    "two columns, a sheet each": {"109": two_columns(WEDDING), "1023": two_columns(ASSEMBLY)},
    "one cell, stacked": {"Events": one_cell(WEDDING) | one_cell(ASSEMBLY, 14)},
    "side by side, far from A1": {"Events": two_columns(WEDDING, 9, 4) | two_columns(ASSEMBLY, 9, 8)},
    "stacked with an offset": {"Events": two_columns(WEDDING, 1, 3) | spread(ASSEMBLY, 15, 1)},
    "French": {"Événements": two_columns(french(WEDDING)) | one_cell(french(ASSEMBLY), 14, mark=" : ")},
    "real dates": {"Events": two_columns(DATED) | pairs(ASSEMBLY, 14, 2)},
    "a cell per line": {"Events": spread(WEDDING, 2, 2) | spread(ASSEMBLY, 20, 2)},
}


def save(path: Path, sheets: Mapping[str, Cells]) -> Path:
    """A workbook with the looks that people give such sheets, which must not matter."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, cells in sheets.items():
        sheet = book.create_sheet(title)
        for (row, column), value in cells.items():
            cell = sheet.cell(row, column, value)
            cell.alignment = Alignment(wrap_text=True)
            if isinstance(value, datetime):
                cell.number_format = "dd/mm/yyyy hh:mm"
        sheet.cell(*min(cells)).font = Font(bold=True)
    book.save(path)
    return path


def check(wedding: EventSheet, assembly: EventSheet) -> None:
    for event, wanted, times in ((wedding, WEDDING, WEDDING_TIMES), (assembly, ASSEMBLY, ASSEMBLY_TIMES)):
        assert [one for one in event.findings if one.wrong] == []
        assert (event.number, event.name, event.contract) == (
            wanted["Event ID"],
            wanted["title"],
            wanted["Contract ID"],
        )
        assert (event.client, "\n".join(event.contact)) == (wanted["Client name"], wanted["Client contact"])
        assert (event.starts_at, event.ends_at, event.support) == (*times, wanted["Support contact"])
        assert (event.location, event.attendees, event.notes) == (
            wanted["Location"],
            wanted["Attendees"],
            wanted["Notes"],
        )


@pytest.mark.parametrize("sheets", BOOKS.values(), ids=BOOKS)
def test_the_two_real_examples_come_out_of_a_workbook(sheets: Mapping[str, Cells], tmp_path: Path) -> None:
    file = save(tmp_path / "events.xlsx", sheets)
    wedding, assembly = event_sheets(rows(file), PARIS, NOW)
    assert isinstance(wedding, EventSheet)
    assert isinstance(assembly, EventSheet)
    check(wedding, assembly)


def test_merged_cells_count_as_their_first(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for (row, column), value in two_columns(WEDDING, 3, 2, gap=2).items():
        sheet.cell(row, column, value)
    sheet.merge_cells("B3:F3")
    for row in range(4, 14):
        sheet.merge_cells(start_row=row, end_row=row, start_column=2, end_column=4)
        sheet.cell(row, 5).alignment = Alignment(wrap_text=True)
    book.save(tmp_path / "merged.xlsx")
    (event,) = event_sheets(rows(tmp_path / "merged.xlsx"), PARIS, NOW)
    assert isinstance(event, EventSheet)
    assert (event.name, event.location, event.findings) == (WEDDING["title"], WEDDING["Location"], [])


def test_a_date_cell_says_whether_it_has_a_time(tmp_path: Path) -> None:
    cells = two_columns(changed(WEDDING, Event_date_start=date(2023, 6, 4), Event_date_end=datetime(2023, 6, 5)))
    (event,) = event_sheets(rows(save(tmp_path / "dates.xlsx", {"S": cells})), PARIS, NOW)
    assert isinstance(event, EventSheet)
    assert event.findings == [
        Finding("S!B6", 'Event date start: "2023-06-04" has no time. Write 2023-06-04 14:30.', True)
    ]
    assert event.ends_at == datetime(2023, 6, 4, 22, tzinfo=UTC)  # midnight, shown as such


def test_a_date_cell_and_a_time_cell(tmp_path: Path) -> None:
    cells = two_columns(changed(WEDDING, Event_date_start=date(2023, 6, 4)))
    cells[6, 3] = time(13)
    (event,) = event_sheets(rows(save(tmp_path / "dates.xlsx", {"S": cells})), PARIS, NOW)
    assert isinstance(event, EventSheet)
    assert event.starts_at == WEDDING_TIMES[0]


def test_what_libreoffice_writes() -> None:
    """Merged cells and date cells in English; in French a cell per line, beside an event in one column."""
    header, wedding, assembly, dinner = sorted(
        event_sheets(read(FIXTURES / "event-sheets-libreoffice.xlsx"), PARIS, NOW),
        key=lambda one: isinstance(one, EventSheet),
    )
    assert header == Finding("109!B1", '"Epic Events" belongs to no event.', False)
    assert isinstance(wedding, EventSheet)
    assert isinstance(assembly, EventSheet)
    assert isinstance(dinner, EventSheet)
    check(wedding, assembly)
    assert [str(one.sentence) for one in assembly.findings] == ['Attendees: "env. 200 personnes" is taken as 200.']
    assert (dinner.number, dinner.name, dinner.ends_at) == (
        1024,
        "Dîner du conseil",
        datetime(2023, 5, 6, 21, 30, tzinfo=UTC),
    )
    assert (dinner.support, dinner.attendees, dinner.notes) == ("", None, "Photographer : Paul")
    assert [one.place for one in dinner.findings] == ["Mai 2023!E10"]
