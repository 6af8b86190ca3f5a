"""Event sheets as the support team made them: the same event in many layouts, as cells by row and column from 1."""

from collections.abc import Mapping, Sequence
from typing import Any

from epicshell.sheets import Row

Cells = dict[tuple[int, int], Any]
Event = Mapping[str, Any]  #: label: value, in the order of the sheet; "title" is the cell above

ENGLISH = ("Event ID", "Contract ID", "Client name", "Client contact", "Event date start", "Event date end",
           "Support contact", "Location", "Attendees", "Notes")  # fmt: skip
FRENCH = ("N° événement", "ID contrat", "Nom du client", "Contact client", "Date de début", "Date de fin",
          "Contact support", "Lieu", "Nombre de participants", "Remarques")  # fmt: skip

WEDDING = {
    "title": "John Ouick Wedding",
    "Event ID": 109,
    "Contract ID": 652,
    "Client name": "John Ouick",
    "Client contact": "john.ouick@gmail.com\n+1 234 567 8901",
    "Event date start": "4 Jun 2023 @ 1PM",
    "Event date end": "5 Jun 2023 @ 2AM",
    "Support contact": "Kate Hastroff",
    "Location": "53 Rue du Château, 41120 Candé-sur-Beuvron, France",
    "Attendees": 75,
    "Notes": "Wedding starts at 3PM, by the river.\nCatering is organized, reception starts at 5PM.\n"
    "Kate needs to book the DJ for after party.",
}
ASSEMBLY = {
    "title": "Lou Bouzin General Assembly",
    "Event ID": 1023,
    "Contract ID": 412,
    "Client name": "Lou Bouzin",
    "Client contact": "Jacky Blangier\njacky@loubouzin.grd\n+ 666 12345",
    "Event date start": "5 May 2023 @ 3PM",
    "Event date end": "5 May 2023 @ 5PM",
    "Support contact": "Aliénor Vichum",
    "Location": "Salle des fêtes de Mufflins",
    "Attendees": 200,
    "Notes": "Assemblée générale des actionnaires (~200 personnes).",
}


def changed(event: Event, **values: Any) -> dict[str, Any]:
    """An event with other values, by label with `_` for spaces; None takes the label out."""
    other = {**event, **{name.replace("_", " "): value for name, value in values.items()}}
    return {name: value for name, value in other.items() if value is not None}


def french(event: Event) -> dict[str, Any]:
    """The same event under French labels."""
    names = dict(zip(ENGLISH, FRENCH, strict=True))
    return {names.get(name, name): value for name, value in event.items()}


def two_columns(event: Event, row: int = 1, column: int = 1, *, gap: int = 0) -> Cells:
    """Labels in one column, values in the next, or `gap` columns further right."""
    cells: Cells = {(row, column): event["title"]} if "title" in event else {}
    for place, (name, value) in enumerate(labelled(event), row + 1):
        cells[place, column] = name
        cells[place, column + 1 + gap] = value
    return cells


def one_cell(event: Event, row: int = 1, column: int = 1, *, mark: str = ": ") -> Cells:
    """Label and value in the same cell."""
    cells: Cells = {(row, column): event["title"]} if "title" in event else {}
    for place, (name, value) in enumerate(labelled(event), row + 1):
        cells[place, column] = f"{name}{mark}{value}"
    return cells


def spread(event: Event, row: int = 1, column: int = 1) -> Cells:
    """Labels in one column, values in the next, their lines in cells below each other."""
    cells: Cells = {(row, column): event["title"]} if "title" in event else {}
    for name, value in labelled(event):
        row += 1
        cells[row, column] = name
        for number, line in enumerate(str(value).split("\n") if isinstance(value, str) else [value]):
            row += number > 0
            cells[row, column + 1] = line
    return cells


def below(event: Event, row: int = 1, column: int = 1) -> Cells:
    """Each value in the cell below its label."""
    cells: Cells = {(row, column): event["title"]} if "title" in event else {}
    for place, (name, value) in enumerate(labelled(event)):
        cells[row + 1 + 2 * place, column] = name
        cells[row + 2 + 2 * place, column] = value
    return cells


def pairs(event: Event, row: int = 1, column: int = 1) -> Cells:
    """Two labels with their values in each row."""
    cells: Cells = {(row, column): event["title"]} if "title" in event else {}
    for number, (name, value) in enumerate(labelled(event)):
        place = row + 1 + number // 2, column + 2 * (number % 2)
        cells[place] = name
        cells[place[0], place[1] + 1] = value
    return cells


def labelled(event: Event) -> Sequence[tuple[str, Any]]:
    return [(name, value) for name, value in event.items() if name != "title"]


def height(cells: Cells) -> int:
    return max(row for row, _ in cells)


def width(cells: Cells) -> int:
    return max(column for _, column in cells)


def rows(cells: Cells, sheet: str = "Sheet1") -> list[Row]:
    """The cells as a reader gives them."""
    widths: dict[int, int] = {}
    for row, column in cells:
        widths[row] = max(column, widths.get(row, 0))
    return [
        Row(sheet, row, tuple(cells.get((row, column)) for column in range(1, widths[row] + 1)))
        for row in sorted(widths)
    ]
