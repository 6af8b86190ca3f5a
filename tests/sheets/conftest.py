"""Files that tests make: workbooks by openpyxl, texts, and what nobody should read."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

Book = Callable[..., Path]


@pytest.fixture
def book(tmp_path: Path) -> Book:
    """Makes a workbook of one sheet; its path. sheets: rows by title instead. change: done to it before it is saved."""

    def book(
        rows: Sequence[Sequence[Any]] = (),
        *,
        name: str = "book.xlsx",
        change: Callable[[Any], None] = lambda _book: None,
        **sheets: Sequence[Sequence[Any]],
    ) -> Path:
        made = openpyxl.Workbook()
        made.remove(made.active)
        for title, cells in (sheets or {"Sheet1": rows}).items():
            sheet = made.create_sheet(title)
            for row in cells:
                sheet.append(row)
        change(made)
        made.save(tmp_path / name)
        return tmp_path / name

    return book


@pytest.fixture
def forged(book: Book, tmp_path: Path) -> Callable[..., Path]:
    """Makes a workbook whose parts are then edited, each by a function of its bytes; parts: new ones."""

    def forged(edits: dict[str, Callable[[bytes], bytes]] | None = None, **parts: bytes) -> Path:
        source, target = book([["a", "b"], [1, 2]]), tmp_path / "forged.xlsx"
        edits = edits or {}
        with ZipFile(source) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
            for part in old.infolist():
                data = old.read(part)
                new.writestr(part.filename, edits.get(part.filename, lambda same: same)(data))
            for part_name, data in parts.items():
                new.writestr(part_name.replace("__", "/"), data)
        return target

    return forged
