"""Parquet files as a source: types are judged at the footer, values leave as text (F57).

Refuses a column whose type cannot carry the feed's column exactly (floats for whole numbers, finer
scales or time units than the feed keeps), nested columns, and footers no honest writer makes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ganzhi.base.errors import InputError, Issue, Location
from ganzhi.catalogue.model.data import Column, Feed, Mapping
from ganzhi.ingest.reading.delivered import Delivered, refuse, shown_name
from ganzhi.ingest.reading.firstbytes import first_bytes
from ganzhi.ingest.reading.header import MOST_COLUMNS, match_header
from ganzhi.ingest.reading.plain import Shape
from ganzhi.ingest.reading.table import Table, text_sql
from ganzhi.warehouse.staging import Staging

MOST_ROW_GROUPS = 100_000
MOST_FOOTER = 64 << 20


def read_parquet(
    delivered: Delivered, mapping: Mapping, feed: Feed, shape: Shape, staging: Staging
) -> tuple[Table, str]:
    """The table of a Parquet file and its SHA-256; line numbers are record numbers from 1."""
    kind, name = first_bytes(delivered.head())
    if kind != "parquet":
        raise refuse(delivered.path, "ING004" if kind == "empty" else "ING005", found=name)
    hasher = hashlib.sha256()
    copy = staging.file(".parquet")
    with copy.open("wb") as stream:
        for chunk in delivered.chunks():
            hasher.update(chunk)
            stream.write(chunk)
    tail = _last_eight(copy)
    if not tail.endswith(b"PAR1") or int.from_bytes(tail[:4], "little") > MOST_FOOTER:
        raise refuse(delivered.path, "ING020", detail="footer")
    try:
        footer = pq.read_metadata(copy)
        schema = footer.schema.to_arrow_schema()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise refuse(delivered.path, "ING020", detail=type(error).__name__) from None
    if footer.num_row_groups > MOST_ROW_GROUPS:
        raise refuse(delivered.path, "ING019", detail=f"{footer.num_row_groups} > {MOST_ROW_GROUPS}")
    if len(schema.names) > MOST_COLUMNS:
        raise refuse(delivered.path, "ING016", found=str(len(schema.names)), limit=str(MOST_COLUMNS))
    at = Location(shown_name(delivered.path))
    match = match_header(schema.names, shape.wanted, declared=shape.declared, closed=shape.closed, at=at)
    issues = [*match.issues, *_type_issues(mapping, feed, schema, match.position, at)]
    if issues:
        raise InputError(issues)
    columns = [f"{_as_text(schema.field(n).type, name)} AS c{n}" for n, name in enumerate(schema.names)]
    raw = (
        "to_json(["
        + ", ".join(_as_text(schema.field(n).type, name) for n, name in enumerate(schema.names))
        + "])::VARCHAR"
    )
    source = f"read_parquet([{text_sql(str(copy))}], file_row_number = true)"
    table = Table(
        header=tuple(schema.names),
        position=match.position,
        relation=f"(SELECT file_row_number + 1 AS _line, {raw} AS _raw, {', '.join(columns)} FROM {source})",
        rows=footer.num_rows,
        fast=False,
        ascii=False,
        notes=match.notes,
    )
    return table, hasher.hexdigest()


def _last_eight(path: Path) -> bytes:
    with path.open("rb") as stream:
        stream.seek(max(path.stat().st_size - 8, 0))
        return stream.read()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _as_text(kind: pa.DataType, name: str) -> str:
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return f"strftime({_quoted(name)} AT TIME ZONE 'UTC', '%Y-%m-%d %H:%M:%S.%f+00')"
    return f"CAST({_quoted(name)} AS VARCHAR)"


def _type_issues(
    mapping: Mapping, feed: Feed, schema: pa.Schema, position: dict[str, int], at: Location
) -> list[Issue]:
    issues = [
        Issue("ING021", name[:64], at, {"column": name[:64], "found": str(schema.field(n).type)[:80], "wanted": "–"})
        for n, name in enumerate(schema.names)
        if pa.types.is_nested(schema.field(n).type) and n in position.values()
    ]
    for name, mapped in mapping.columns.items():
        column = feed.columns.get(name)
        if mapped.source is None or mapped.source not in position or column is None:
            continue
        kind = schema.field(position[mapped.source]).type
        if not _fits(kind, column, mapped.epoch is not None, mapped.zone == "offset"):
            found = {"column": mapped.source, "found": str(kind)[:80], "wanted": column.type}
            issues.append(Issue("ING021", name, at, found))
    return issues


def _is_any(kind: pa.DataType, tests: Sequence[Callable[[pa.DataType], bool]]) -> bool:
    return any(test(kind) for test in tests)


_TEXT = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)


_CARRIES = {
    "text": (pa.types.is_integer, pa.types.is_boolean, pa.types.is_date, pa.types.is_decimal),
    "int": (pa.types.is_integer,),
    "decimal": (pa.types.is_integer,),
    "bool": (pa.types.is_boolean,),
    "date": (pa.types.is_date,),
}
"""Types that carry a feed column's values exactly, beside texts."""


def _fits(kind: pa.DataType, column: Column, epoch: bool, offset: bool) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if _is_any(kind, _TEXT) or pa.types.is_null(kind):
        return True
    if column.type == "timestamp":
        if pa.types.is_timestamp(kind):
            return kind.unit != "ns" and (kind.tz is not None) == offset
        return bool(epoch and pa.types.is_integer(kind))
    if column.type == "decimal" and pa.types.is_decimal(kind):
        return bool(kind.scale <= column.scale)
    return _is_any(kind, _CARRIES[column.type])
