"""A page's tables as csv, xlsx or json: raw numbers with a number format, text made harmless.

Every file says who took it, when, and what was asked. Rows are written as they come, so a long
list does not stand in memory.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal

import xlsxwriter

from ganzhi.base.cells import LONGEST_CELL, neutral
from ganzhi.base.errors import InputError, Issue

Cell = str | int | float | Decimal | date | datetime | None
Kind = Literal["text", "number", "percent", "day", "instant"]
ENCODINGS = ("utf-8", "gb18030")
XLSX_ROWS = 1_000_000
TEXT_ROWS = 5_000_000
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """key: name in json; title: heading; decimals: places of the number format."""

    key: str
    title: str
    kind: Kind = "text"
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. rows may be an iterator, read once."""

    id: str
    title: str
    columns: tuple[SheetColumn, ...]
    rows: Iterable[tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class Book:
    """The tables of a page. stem: file name without ending, ASCII. facts: what was asked, by whom
    and when, as label and text. cut: appended to a text that a cell cannot hold."""

    stem: str
    title: str
    facts: tuple[tuple[str, str], ...]
    sheets: tuple[Sheet, ...]
    cut: str = "…"


def refuse_too_long(rows: int, form: str) -> None:
    """Raise POR004 before any work when a form cannot hold that many rows."""
    most = XLSX_ROWS if form == "xlsx" else TEXT_ROWS
    if rows > most:
        raise InputError(Issue("POR004", "format", params={"rows": f"{rows:,}", "most": f"{most:,}", "form": form}))


def _plain(cell: Cell) -> str | int | float | None:
    match cell:
        case Decimal():
            return int(cell) if cell == cell.to_integral_value() else float(cell)
        case datetime():
            return cell.isoformat(sep=" ")
        case date():
            return cell.isoformat()
        case _:
            return cell


def _csv_cell(cell: Cell) -> str | int | float:
    if isinstance(cell, str):
        return neutral(cell)
    plain = _plain(cell)
    return "" if plain is None else plain


def csv_chunks(book: Book, sheet: Sheet, encoding: str = "utf-8") -> Iterator[bytes]:
    """The sheet, then an empty line and the facts. UTF-8 begins with a byte-order mark."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")

    def taken() -> bytes:
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text.encode("gb18030" if encoding == "gb18030" else "utf-8", errors="replace")

    if encoding != "gb18030":
        yield b"\xef\xbb\xbf"
    writer.writerow([neutral(column.title) for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_csv_cell(cell) for cell in row])
        if buffer.tell() > _CHUNK:
            yield taken()
    writer.writerow([])
    writer.writerows([neutral(label), neutral(text)] for label, text in book.facts)
    yield taken()


def json_chunks(book: Book) -> Iterator[bytes]:
    """All tables as objects keyed by column; numbers raw, unknown null."""
    head = {"title": book.title, "facts": dict(book.facts)}
    yield json.dumps(head, ensure_ascii=False)[:-1].encode() + b', "tables": ['
    for place, sheet in enumerate(book.sheets):
        columns = [{"key": column.key, "title": column.title, "kind": column.kind} for column in sheet.columns]
        opening = {"id": sheet.id, "title": sheet.title, "columns": columns}
        yield (b", " if place else b"") + json.dumps(opening, ensure_ascii=False)[:-1].encode() + b', "rows": ['
        keys = [column.key for column in sheet.columns]
        for number, row in enumerate(sheet.rows):
            record = {key: _plain(cell) for key, cell in zip(keys, row, strict=True)}
            yield (b",\n" if number else b"\n") + json.dumps(record, ensure_ascii=False, allow_nan=False).encode()
        yield b"]}"
    yield b"]}\n"


def _number_format(column: SheetColumn) -> str:
    digits = "#,##0" + ("." + "0" * column.decimals if column.decimals else "")
    return digits + '"%"' if column.kind == "percent" else digits


def _write_sheet(book: xlsxwriter.Workbook, sheet: Sheet, name: str, cut: str) -> None:
    page = book.add_worksheet(name)
    heading = book.add_format({"bold": True, "bottom": 1})
    formats = {"day": "yyyy-mm-dd", "instant": "yyyy-mm-dd hh:mm:ss"}
    looks = [
        book.add_format({"num_format": formats.get(column.kind) or _number_format(column)})
        if column.kind != "text"
        else None
        for column in sheet.columns
    ]
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, 24 if column.kind == "text" else 16)
        page.write_string(0, place, neutral(column.title), heading)
    page.freeze_panes(1, 1)
    for number, row in enumerate(sheet.rows, start=1):
        for place, cell in enumerate(row):
            match cell:
                case None:
                    pass
                case str():
                    text = neutral(cell)
                    held = text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(cut)] + cut
                    page.write_string(number, place, held)
                case datetime():
                    page.write_datetime(number, place, cell.replace(tzinfo=None), looks[place])
                case date():
                    page.write_datetime(number, place, datetime.combine(cell, time()), looks[place])
                case _:
                    page.write_number(number, place, cell, looks[place])


def _sheet_name(title: str, taken: set[str]) -> str:
    kept = "".join(char for char in neutral(title) if char not in "[]:*?/\\'\n\t").strip()[:28] or "1"
    name, number = kept, 2
    while name.lower() in taken:
        name, number = f"{kept[:26]}{number}", number + 1
    taken.add(name.lower())
    return name


def xlsx_chunks(book: Book, about: str) -> Iterator[bytes]:
    """One worksheet per table and, last, the facts under the name `about`; no cell is a formula or a link."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with tempfile.TemporaryFile() as file:
        taken: set[str] = set()
        with xlsxwriter.Workbook(file, options) as workbook:
            for sheet in book.sheets:
                _write_sheet(workbook, sheet, _sheet_name(sheet.title, taken), book.cut)
            facts = workbook.add_worksheet(_sheet_name(about, taken))
            facts.set_column(0, 1, 40)
            for number, (label, text) in enumerate(book.facts):
                facts.write_string(number, 0, neutral(label))
                facts.write_string(number, 1, neutral(text)[:LONGEST_CELL])
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk
