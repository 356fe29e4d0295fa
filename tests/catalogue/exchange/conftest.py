"""A small pack of our own, so that what is tested does not depend on the one that ships; edited workbooks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ganzhi.catalogue import files
from ganzhi.catalogue.exchange.read import Reading, read_book, read_change
from ganzhi.catalogue.exchange.write import workbook
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.whole import Catalogue

PACKS = Path(__file__).parent / "packs"
AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)

Edited = Callable[..., Path]


@pytest.fixture
def packs(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the small pack takes the place of those that ship."""
    monkeypatch.setattr(files, "_packs_folder", lambda: PACKS)
    return PACKS


@pytest.fixture
def small(packs: Path) -> Catalogue:
    return load_catalogue("small", None)


def sheet_of(book: Any, name: str) -> Any:
    """The sheet with this technical name."""
    return next(book[title] for title in book.sheetnames if title.split()[-1] == name)


def cell_of(book: Any, sheet: str, code: str, field: str) -> Any:
    """The cell of a field in the row whose first cell is `code`."""
    page = sheet_of(book, sheet)
    heads = [cell.value for cell in page[2]]
    row = next(number for number in range(3, page.max_row + 1) if page.cell(number, 1).value == code)
    return page.cell(row, heads.index(field) + 1)


@pytest.fixture
def edited(small: Catalogue, tmp_path: Path) -> Edited:
    """Exports the small catalogue, lets somebody edit the workbook, and saves it."""

    def edit(change: Callable[[Any], None] | None = None, name: str = "edited.xlsx") -> Path:
        path = tmp_path / name
        path.write_bytes(workbook(small, AT))
        if change is not None:
            book = openpyxl.load_workbook(path)
            change(book)
            book.save(path)
        return path

    return edit


def take(path: Path, base: Catalogue) -> Reading:
    return read_change(read_book(path), base)
