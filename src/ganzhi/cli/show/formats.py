"""Records as JSON, CSV or Parquet: what programs and spreadsheets read.

A record is a mapping from column to plain value (text, int, float, Decimal, date, datetime, bool,
None); all records have the same columns. Numbers stay numbers; unknown stays empty or null, never 0.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, Literal, get_args

import pyarrow as pa
import pyarrow.parquet as pq

from ganzhi.base.cells import neutral
from ganzhi.base.errors import EngineError, Issue

Format = Literal["table", "json", "csv", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)

Record = Mapping[str, object]


def plain(value: object) -> object:
    """A value as JSON can carry it exactly: whole decimals as integers, dates and times as ISO text."""
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime() | date():
            return value.isoformat()
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case list() | tuple():
            return [plain(inner) for inner in value]
        case _:
            return value


def as_json(records: Sequence[Record]) -> str:
    """A JSON list with one object per line."""
    if not records:
        return "[]\n"
    lines = (json.dumps(plain(record), ensure_ascii=False, allow_nan=False) for record in records)
    return "[\n" + ",\n".join(lines) + "\n]\n"


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case str():
            return neutral(value)
        case bool():
            return "true" if value else "false"
        case Mapping():
            return neutral(json.dumps(plain(value), ensure_ascii=False))
        case _:
            return plain(value)


def as_csv(columns: Sequence[str], records: Sequence[Record]) -> bytes:
    """UTF-8 with byte-order mark, so that spreadsheets read Chinese; CRLF lines (RFC 4180)."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(record.get(column)) for column in columns] for record in records)
    return text.getvalue().encode("utf-8-sig")


def as_parquet(columns: Sequence[str], records: Sequence[Record]) -> bytes:
    """One Parquet file; numbers as doubles or integers, everything unknown as null."""

    def value(record: Record, column: str) -> object:
        found = plain(record.get(column))
        return json.dumps(found, ensure_ascii=False) if isinstance(found, dict | list) else found

    def array(column: str) -> pa.Array:
        values = [value(record, column) for record in records]
        numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
        if numbers and any(isinstance(v, float) for v in numbers):
            return pa.array([None if v is None else float(v) for v in values], pa.float64())  # type: ignore[arg-type]
        return pa.array(values, None if any(v is not None for v in values) else pa.string())

    return parquet_bytes(pa.table({column: array(column) for column in columns}))


def parquet_bytes(table: pa.Table) -> bytes:
    """An Arrow table as one Parquet file."""
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def write_out(data: bytes, out: Path | None, stdout: BinaryIO) -> None:
    """Write to `out` whole or not at all, or to standard output where there is none.

    Raises: EngineError CLI004 when the file cannot be written.
    """
    if out is None:
        stdout.write(data)
        stdout.flush()
        return
    half = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        half.write_bytes(data)
        half.replace(out)
    except OSError as error:
        params = {"detail": error.strerror or str(error)}
        raise EngineError(Issue("CLI004", str(out), params=params), retryable=True) from None
    finally:
        with contextlib.suppress(OSError):
            half.unlink(missing_ok=True)
