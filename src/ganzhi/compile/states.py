"""The shape of what is kept: names and Arrow schemas of row and state relations.

Keys of `fine`: cuboid, unit, slot (epoch second of the start of the quarter hour, or of the feed's
coarser slot), one `d_` column per dimension, day; of `day` the same without slot. `total` has the
keys of `day`, of units that have others below them; `month` too, of all units, with the first day
of the month. `add` has rows and one column per additive measure; `hist` measure, bucket, n; `set`
measure, value; `hll` measure, register, rank.
"""

from __future__ import annotations

from typing import Literal

import pyarrow as pa

from ganzhi.base.errors import InternalError
from ganzhi.catalogue.model.data import Column, Feed
from ganzhi.compile.measures import DECIMAL_PLACES, SUMMED, Kind, Measure
from ganzhi.compile.plan import FeedPlan
from ganzhi.compile.scan import dimension_column

Level = Literal["fine", "day", "total", "month"]


LACKS_SCHEMA = pa.schema([("day", pa.date32()), ("measure", pa.string())])
"""Columns of `lacks/<feed>`: measures that the states of a day do not hold."""


def relation_of(table: str) -> str:
    """Name of the relation that shows a manifest table.

    >>> relation_of("day/calls/add"), relation_of("rows/calls")
    ('day_calls_add', 'rows_calls')
    """
    return table.replace("/", "_")


def state_schema(plan: FeedPlan, table: str) -> pa.Schema:
    """Columns of one of the plan's state tables."""
    level, _, kind = table.split("/")
    slot = [("slot", pa.int64())] if level == "fine" else []
    dimensions = [(dimension_column(d), pa.string()) for d in plan.dimensions]
    keys = [("cuboid", pa.int16()), ("unit", pa.string()), *slot, *dimensions, ("day", pa.date32())]
    match kind:
        case "add":
            columns = [("rows", pa.int64()), *((m.name, _additive_type(m)) for m in plan.additive)]
        case "hist":
            columns = [("measure", pa.string()), ("bucket", pa.int32()), ("n", pa.int64())]
        case "set":
            columns = [("measure", pa.string()), ("value", pa.string())]
        case "hll":
            columns = [("measure", pa.string()), ("register", pa.int32()), ("rank", pa.int32())]
        case _:
            raise InternalError(f"no such state table: {table}")
    return pa.schema([*keys, *columns])


def _additive_type(measure: Measure) -> pa.DataType:
    if measure.kind is Kind.COUNT:
        return pa.int64()
    assert measure.value is not None
    if measure.value.arithmetic == "decimal":
        return pa.decimal128(38, DECIMAL_PLACES)
    return pa.decimal128(38, 0) if measure.kind in SUMMED else pa.int64()


def rows_schema(feed: Feed) -> pa.Schema:
    """Columns of a feed's rows: its own, then the load and the line a row came from."""
    own = [(name, _stored_type(column)) for name, column in feed.columns.items()]
    return pa.schema([*own, ("_load", pa.string()), ("_line", pa.int64())])


def _stored_type(column: Column) -> pa.DataType:
    match column.type:
        case "text":
            return pa.string()
        case "int":
            return pa.int64()
        case "decimal":
            return pa.decimal128(18, column.scale)
        case "bool":
            return pa.bool_()
        case "timestamp":
            return pa.timestamp("us", tz="UTC")
        case "date":
            return pa.date32()
