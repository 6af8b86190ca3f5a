"""Files to bring in, and what an import tells of them."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
from support.people import Person, Result
from support.world import World

HEADER = ("id", "full_name", "email", "phone", "company")
ANN = (1, "Ann Lee", "ann@lee.example", "+33 1 23 45 67 89", "Lee & Co")
BOB = (2, "Bob Ray", "bob@ray.example", "+33 1 23 45 67 88", "Ray")


class Files:
    """Writes rows into a CSV file of a folder, or into a workbook if it is called so; gives its path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, *rows: Sequence[Any], name: str = "clients.csv", header: Sequence[Any] = HEADER) -> Path:
        path = self._folder / name
        if name.endswith(".xlsx"):
            book = openpyxl.Workbook()
            for row in (header, *rows):
                book.active.append(row)
            book.save(path)
        else:
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows((header, *rows))
        return path


def actions(result: Result) -> list[str]:
    return [record["action"] for record in result.json]


def report(person: Person, line: str) -> list[dict[str, Any]]:
    """The report of an import, whatever came of it."""
    return person(f"{line} --format json").json


def clients(world: World) -> list[tuple[Any, ...]]:
    """The clients that are new to the small company."""
    return world.rows("SELECT full_name, company, sales_id, legacy_ref FROM crm.clients WHERE id >= 110 ORDER BY id")
