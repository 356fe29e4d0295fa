"""From a feed's columns to the columns of a file: codes, compact moments, cut identities, blanks."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from ganzhi.province.calendar import DAY_S, EPOCH
from ganzhi.province.columns import NEVER, same
from ganzhi.province.delivery.family import Family, Filed
from ganzhi.province.delivery.shape import is_date, is_moment
from ganzhi.province.streams import Ints

_COMPACT_DAY = np.array(
    [int(str(day).replace("-", "")) for day in np.arange(np.datetime64("2000-01-01"), np.datetime64("2050-01-01"))],
    dtype=np.int64,
)
_COMPACT_FIRST = (np.datetime64("2000-01-01") - np.datetime64(EPOCH)).astype(int)


def compact_moments(at: Ints) -> pa.Array:
    """Moments as numbers yyyymmddhhmmss; blank for NEVER. Years 2000 to 2049."""
    gone = at == NEVER
    safe = np.where(gone, _COMPACT_FIRST * DAY_S, at)
    second = safe % DAY_S
    clock = second // 3600 * 10_000 + second % 3600 // 60 * 100 + second % 60
    return pa.array(_COMPACT_DAY[safe // DAY_S - _COMPACT_FIRST] * 1_000_000 + clock, mask=gone)


def compact_dates(days: Ints) -> pa.Array:
    """Days as numbers yyyymmdd; blank for NEVER."""
    gone = days == NEVER
    safe = np.where(gone, _COMPACT_FIRST, days)
    return pa.array(_COMPACT_DAY[safe - _COMPACT_FIRST], mask=gone)


def plain_moments(at: Ints) -> pa.Array:
    """Moments as time stamps to the second; blank for NEVER."""
    return pa.array(at, mask=at == NEVER).cast(pa.timestamp("s"))


def _coded(column: pa.Array, codes: Mapping[str, str]) -> pa.Array:
    position = pc.index_in(column, pa.array(list(codes)))
    return pc.take(pa.array(list(codes.values())), position)


def is_text(column: Any) -> bool:
    """Whether a column holds texts, whatever its name says (a session is `left_at` a step)."""
    return isinstance(column, (pa.Array, pa.ChunkedArray)) and pa.types.is_string(column.type)


def _whole(column: Any) -> Ints:
    """Moments or days as plain numbers, `NEVER` where blank."""
    if isinstance(column, (pa.Array, pa.ChunkedArray)) and column.null_count:
        column = pc.fill_null(column, NEVER)
    return np.asarray(column, dtype=np.int64)


def _moment(column: Any, *, compact: bool) -> pa.Array:
    at = _whole(column)
    return compact_moments(at) if compact else plain_moments(at)


def rendered(family: Family, columns: Mapping[str, Any], rows: int) -> pa.Table:
    """The file's columns of these records, as they will be written."""
    return pa.table({filed.name: _rendered(family, filed, columns, rows) for filed in family.columns})


def _rendered(family: Family, filed: Filed, columns: Mapping[str, Any], rows: int) -> pa.Array:
    if filed.const is not None:
        return same(filed.const, rows)
    source = filed.source
    if source == "invoice_flag":
        return _invoice_flag(columns, rows)
    if source is None or source not in columns:
        return pa.nulls(rows, pa.string())
    column = columns[source]
    if is_moment(source) and not is_text(column):
        return _moment(column, compact=family.compact)
    if is_date(source):
        return compact_dates(_whole(column))
    if not isinstance(column, (pa.Array, pa.ChunkedArray)):
        column = pa.array(column)
    if filed.codes is not None:
        return _coded(column, filed.codes)
    if filed.cut:
        return pc.utf8_slice_codeunits(column, filed.cut)
    return column


def _invoice_flag(columns: Mapping[str, Any], rows: int) -> pa.Array:
    """0: no invoice asked for; 1: asked for; 2: asked for and printed."""
    if "invoice_asked" not in columns:
        return pa.nulls(rows, pa.string())
    asked, printed = pa.array(columns["invoice_asked"]), pa.array(columns["invoice_printed"])
    return pc.if_else(pc.fill_null(printed, False), "2", pc.if_else(pc.fill_null(asked, False), "1", "0"))


def as_bytes(family: Family, table: pa.Table) -> bytes:
    """The rows as text in the delimiter and encoding of the family, without a header line."""
    out = io.BytesIO()
    style = "needed" if family.free_text else "none"
    options = pcsv.WriteOptions(include_header=False, delimiter=family.delimiter, quoting_style=style)
    pcsv.write_csv(table, out, options)
    content = out.getvalue()
    if family.encoding == "gb18030" and not content.isascii():
        return content.decode("utf-8").encode("gb18030")
    return content
