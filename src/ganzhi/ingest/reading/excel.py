"""Excel workbooks: one named sheet, values as they are shown, never formulas (F09, F55).

Refuses from the archive's directory, before anything is unpacked, what no workbook needs: too many
members, too large when unpacked, too well packed. Nothing is ever extracted by name.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from ganzhi.base.errors import InputError, Location
from ganzhi.catalogue.model.data import Mapping
from ganzhi.ingest.reading.delivered import Delivered, refuse, shown_name
from ganzhi.ingest.reading.firstbytes import first_bytes
from ganzhi.ingest.reading.header import MOST_COLUMNS, match_header
from ganzhi.ingest.reading.plain import Shape
from ganzhi.ingest.reading.records import Record
from ganzhi.ingest.reading.table import RecordSink, Table
from ganzhi.warehouse.staging import Staging

MOST_MEMBERS = 2000
MOST_BYTES = 512 << 20
RATIO_LIMIT = 200
RATIO_GRACE = 16 << 20
_MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)


def read_excel(delivered: Delivered, mapping: Mapping, shape: Shape, staging: Staging) -> tuple[Table, str]:
    """The table of a workbook's sheet and the SHA-256 of the file."""
    kind, name = first_bytes(delivered.head())
    if kind != "zip":
        raise refuse(delivered.path, "ING004" if kind == "empty" else "ING005", found=name)
    hasher = hashlib.sha256()
    copy = staging.file(".xlsx")
    with copy.open("wb") as stream:
        for chunk in delivered.chunks():
            hasher.update(chunk)
            stream.write(chunk)
    _check_directory(copy, delivered.path)
    try:
        table = _read(copy, delivered.path, mapping, shape, staging)
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
        SyntaxError,
        ValueError,
        TypeError,
        EOFError,
        OSError,
    ) as error:
        raise refuse(delivered.path, "ING020", detail=type(error).__name__) from None
    return table, hasher.hexdigest()


def _check_directory(copy: Path, shown: Path) -> None:
    try:
        with zipfile.ZipFile(copy) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise refuse(shown, "ING020", detail=type(error).__name__) from None
    if not any(member.filename.startswith("xl/") for member in members):
        raise refuse(shown, "ING005", found="zip")
    unpacked, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
    if len(members) > MOST_MEMBERS:
        raise refuse(shown, "ING019", detail=f"{len(members)} > {MOST_MEMBERS}")
    if unpacked > MOST_BYTES:
        raise refuse(shown, "ING008", limit_mb=str(MOST_BYTES >> 20))
    if unpacked > RATIO_GRACE and unpacked > packed * RATIO_LIMIT:
        raise refuse(shown, "ING009", ratio=str(RATIO_LIMIT))


def _read(copy: Path, shown: Path, mapping: Mapping, shape: Shape, staging: Staging) -> Table:
    book = openpyxl.load_workbook(copy, read_only=True, data_only=True)
    try:
        sheet = book[_sheet_name(book.sheetnames, shape.format.sheet, shown)]
        rows = enumerate(sheet.iter_rows(values_only=True), start=1)
        line, header = next(((n, row) for n, row in rows if any(cell is not None for cell in row)), (0, None))
        if header is None:
            raise refuse(shown, "ING004")
        names = _trimmed([_text(cell, None) or "" for cell in header])
        if len(names) > MOST_COLUMNS:
            raise refuse(shown, "ING016", found=str(len(names)), limit=str(MOST_COLUMNS))
        at = Location(shown_name(shown), line)
        match = match_header(names, shape.wanted, declared=shape.declared, closed=shape.closed, at=at)
        if match.issues:
            raise InputError(match.issues)
        formats = _formats(mapping, match.position, len(names))
        sink = RecordSink(staging, shown, len(names), shape.format.skip_lines)
        try:
            for record, values in _records(rows, formats):
                sink.add(record, values)
            return sink.table(tuple(names), match.position, match.notes)
        finally:
            sink.close()
    finally:
        book.close()


def _sheet_name(names: Sequence[str], wanted: str | None, shown: Path) -> str:
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted in names:
        return str(wanted)
    raise refuse(shown, "ING018", wanted=wanted or "–", found=", ".join(names[:20]))


def _trimmed(names: list[str]) -> list[str]:
    while names and not names[-1]:
        names.pop()
    return names


def _formats(mapping: Mapping, position: dict[str, int], width: int) -> list[str | None]:
    """The declared time format of each column, in which real dates of the sheet are written out."""
    formats: list[str | None] = [None] * width
    for column in mapping.columns.values():
        pairs = [(column.source, column.format)]
        if column.clock is not None:
            pairs += [(column.clock.date, column.clock.date_format), (column.clock.time, column.clock.time_format)]
        for source, declared in pairs:
            if source in position and declared is not None:
                formats[position[source]] = declared
    return formats


def _records(
    rows: Iterator[tuple[int, tuple[object, ...]]], formats: Sequence[str | None]
) -> Iterator[tuple[Record, list[str | None]]]:
    width = len(formats)
    for line, row in rows:
        values = [_text(cell, formats[n] if n < width else None) for n, cell in enumerate(row)]
        while len(values) > width and values[-1] is None:
            values.pop()
        blank = all(value is None for value in values)
        values += [None] * (width - len(values))
        raw = json.dumps(values, ensure_ascii=False)
        longest = any(value is not None and "\x00" in value for value in values)
        yield Record(line, (), raw, "ING103" if longest else "", blank), values


def _text(cell: object, declared: str | None) -> str | None:
    """A cell as the text a file would have carried."""
    match cell:
        case None:
            return None
        case bool():
            return "true" if cell else "false"
        case int() | Decimal():
            return str(cell)
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
        case datetime():
            return cell.strftime(declared) if declared else cell.isoformat(" ")
        case date() | time():
            return cell.strftime(declared) if declared else cell.isoformat()
        case timedelta():
            return _clock(cell, declared)
        case _:
            return str(cell)


def _clock(span: timedelta, declared: str | None) -> str:
    if timedelta(0) <= span < timedelta(days=1):
        return _text((_MIDNIGHT + span).time(), declared) or ""
    return str(span)
