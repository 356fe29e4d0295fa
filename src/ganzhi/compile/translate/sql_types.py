"""Types of SQL values as far as our own SQL has them, and their Arrow counterparts.

Owns which Arrow type a result column has, whatever engine computed it. Assumes that text is UTF-8,
time stamps are instants in microseconds and sums of whole numbers may need more than 64 bits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from ganzhi.base.errors import InternalError

TypeName = Literal["bool", "int", "decimal", "double", "text", "timestamp", "date", "null"]


@dataclass(frozen=True, slots=True)
class SqlType:
    """A type. bits: of an `int` (128 for sums). precision, scale: of a `decimal`."""

    name: TypeName
    bits: int = 64
    precision: int = 38
    scale: int = 0

    @property
    def is_number(self) -> bool:
        """Whether the values are exact numbers."""
        return self.name in ("int", "decimal")


BOOL, INT, TEXT = SqlType("bool"), SqlType("int"), SqlType("text")
WIDE_INT = SqlType("int", bits=128)
DOUBLE, TIMESTAMP, DATE, NULL = SqlType("double"), SqlType("timestamp"), SqlType("date"), SqlType("null")

Columns = Mapping[str, SqlType]
"""Columns of a relation, in order."""


def decimal(scale: int, precision: int = 38) -> SqlType:
    """A decimal type."""
    return SqlType("decimal", precision=precision, scale=scale)


def common(types: Iterable[SqlType]) -> SqlType | None:
    """The type that holds values of all the types exactly, or None when there is none."""
    known = [each for each in types if each.name != "null"]
    if not known:
        return NULL
    names = {each.name for each in known}
    if names == {"int"}:
        return SqlType("int", bits=max(each.bits for each in known))
    if names <= {"int", "decimal"}:
        scale = max(each.scale for each in known)
        whole = max(
            38 if each.bits == 128 else 19 if each.name == "int" else each.precision - each.scale for each in known
        )
        return decimal(scale, min(38, whole + scale))
    if names <= {"int", "decimal", "double"}:
        return DOUBLE
    return known[0] if len(names) == 1 else None


_FROM_ARROW: tuple[tuple[str, SqlType], ...] = (
    ("bool", BOOL),
    ("int8", SqlType("int", bits=8)),
    ("int16", SqlType("int", bits=16)),
    ("int32", SqlType("int", bits=32)),
    ("int64", INT),
    ("double", DOUBLE),
    ("string", TEXT),
    ("large_string", TEXT),
    ("string_view", TEXT),
    ("date32[day]", DATE),
)


def from_arrow(kind: pa.DataType) -> SqlType:
    """The type of an Arrow column of ours."""
    if pa.types.is_decimal128(kind):
        return decimal(kind.scale, kind.precision)
    if pa.types.is_timestamp(kind):
        return TIMESTAMP
    for name, found in _FROM_ARROW:
        if str(kind) == name:
            return found
    raise InternalError(f"no SQL type for Arrow's {kind}")


def to_arrow(kind: SqlType) -> pa.DataType:
    """The Arrow type of a result column. Sums of whole numbers are decimals without places."""
    match kind.name:
        case "int":
            sizes = {8: pa.int8(), 16: pa.int16(), 32: pa.int32(), 64: pa.int64(), 128: pa.decimal128(38, 0)}
            return sizes[kind.bits]
        case "decimal":
            return pa.decimal128(kind.precision, kind.scale)
        case "bool":
            return pa.bool_()
        case "double":
            return pa.float64()
        case "text":
            return pa.string()
        case "timestamp":
            return pa.timestamp("us", tz="UTC")
        case "date":
            return pa.date32()
        case "null":
            return pa.null()


def columns_of(schema: pa.Schema) -> dict[str, SqlType]:
    """Columns of an Arrow schema."""
    return {field.name: from_arrow(field.type) for field in schema}
