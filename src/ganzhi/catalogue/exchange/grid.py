"""A list that people keep, as rows of text under a heading: Excel's first filled sheet, or delimited text.

Text is UTF-8, UTF-16 or GB18030, with commas, semicolons or tabs. Nothing is converted: numbers come as they
are written. Refuses what is neither (CAT137), formulas and error values.
"""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
from openpyxl.utils import get_column_letter

from ganzhi.base.cells import guarded_text
from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.catalogue.exchange.read import BROKEN, check_archive
from ganzhi.catalogue.exchange.yaml_text import number_text

MOST_TEXT = 32 << 20
MOST_ROWS = 50_000
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True, slots=True)
class GridRow:
    """Cells of a row that is not blank. at: the row in its file."""

    at: Location
    number: int
    cells: tuple[str, ...]


def read_grid(path: Path) -> list[GridRow]:
    """The rows of a file that are not blank, headings among them.

    Raises: InputError CAT137 for a file that is no list, CAT133 for cells that hold formulas.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(4)
    except OSError as error:
        raise InputError(Issue("CAT137", path.name, params={"problem": error.strerror or str(error)})) from None
    rows = _excel(path) if head.startswith(b"PK") else _text(path)
    if len(rows) < 2:
        raise InputError(Issue("CAT137", path.name, params={"problem": f"{len(rows)} / 2"}))
    return rows


def _excel(path: Path) -> list[GridRow]:
    check_archive(path)
    issues: list[Issue] = []
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False)
        try:
            for name in book.sheetnames:
                rows: list[GridRow] = []
                for number, row in enumerate(book[name].iter_rows(max_row=MOST_ROWS), start=1):
                    for place, cell in enumerate(row):
                        if getattr(cell, "data_type", "n") in ("f", "e"):
                            at = Location(f"{path.name} {name}!{get_column_letter(place + 1)}{number}")
                            issues.append(Issue("CAT133", name, at, {"fault": str(cell.value)[:40]}))
                    cells = tuple(_shown(cell.value) for cell in row)
                    if any(cells):
                        rows.append(GridRow(Location(f"{path.name} {name}", number), number, cells))
                if rows:
                    break
            else:
                rows = []
        finally:
            book.close()
    except BROKEN as error:
        raise InputError(Issue("CAT137", path.name, params={"problem": type(error).__name__})) from None
    if issues:
        raise InputError(issues)
    return rows


def _shown(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return number_text(Decimal(repr(value)))
        case datetime() | date():
            return value.strftime("%Y-%m-%d")
        case _:
            return guarded_text(str(value)).strip()


def _text(path: Path) -> list[GridRow]:
    if path.stat().st_size > MOST_TEXT:
        raise InputError(Issue("CAT137", path.name, params={"problem": f"> {MOST_TEXT >> 20} MiB"}))
    data = path.read_bytes()
    text = _decoded(path, data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max("\t,;，", key=first.count)
    rows = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for row in reader:
            cells = tuple(guarded_text(cell.strip()) for cell in row)
            if any(cells):
                rows.append(GridRow(Location(path.name, reader.line_num), reader.line_num, cells))
    except csv.Error as error:
        raise InputError(Issue("CAT137", path.name, params={"problem": str(error)[:80]})) from None
    return rows


def _decoded(path: Path, data: bytes) -> str:
    encodings = [name for mark, name in _BOMS if data.startswith(mark)] or ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise InputError(Issue("CAT137", path.name, params={"problem": "UTF-8, GB18030"}))
