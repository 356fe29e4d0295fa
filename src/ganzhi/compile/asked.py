"""A free question over the rows of a feed: conditions, columns, groups, as SQL.

Owns which text may become SQL and how: names come from the catalogue and are quoted, values arrive
typed and are written as literals of their type; nothing that a user wrote is ever part of a statement
as it stands. Reads relations `rows_<feed>`, `members(unit, since, until, place)` and, for columns of
the calendar, `slots` and `days`. Unknown values: `ne` keeps them, so that `eq` and `ne` add up to all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, get_args

from ganzhi.base.errors import InternalError
from ganzhi.catalogue.model.data import ColumnType
from ganzhi.compile.dialects import DUCKDB, comment, day_literal, identifier, instant_literal, literal

Op = Literal["eq", "ne", "in", "between", "contains", "empty", "filled"]
OPS: tuple[Op, ...] = get_args(Op)
Span = tuple[datetime, datetime]
"""An instant as somebody wrote it: from, and until before (a minute, a day)."""
Value = str | int | bool | Decimal | date | Span

CALENDAR: Mapping[str, str] = {
    "on.day": "s.day",
    "on.hour": "s.hour_of_day",
    "on.weekday": "d.weekday",
    "on.week": "d.week",
    "on.month": "d.month",
}
"""Columns that come from event time, and where from; their names cannot be those of a feed's column."""
PLACE = "on.place"
"""The unit directly below the asked one that a row counts for, or the asked one itself."""


@dataclass(frozen=True, slots=True)
class AskedColumn:
    """A column that may be asked about. sql: of a derived one, in checked form; empty otherwise."""

    name: str
    type: ColumnType
    scale: int = 0
    sql: str = ""


@dataclass(frozen=True, slots=True)
class Where:
    """A condition. values: one for `eq`, `ne` and `contains`, two for `between`, some for `in`, none otherwise."""

    column: str
    op: Op
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows of a feed: with event time in [start, end), of the members, under all conditions.

    columns: every column that may be named, in order; time, unit: of the feed.
    """

    feed: str
    time: str
    unit: str
    start: datetime
    end: datetime
    columns: Mapping[str, AskedColumn]
    where: tuple[Where, ...] = ()


@dataclass(frozen=True, slots=True)
class RowsWanted:
    """Which rows in which order: by a column, then by event time and origin."""

    columns: tuple[str, ...]
    limit: int
    offset: int = 0
    order: str | None = None
    descending: bool = False


def total_sql(asked: Asked, measures: Sequence[str] = ()) -> str:
    """One row: how many rows there are, and for each measure its n, sum, min and max."""
    return f"{_base(asked, measures)}\nselect {', '.join(_sums(asked, measures))}\nfrom base\n{_conditions(asked)}"


def rows_sql(asked: Asked, wanted: RowsWanted) -> str:
    """The wanted rows, in an order that is total and therefore the same every time."""
    named = (*wanted.columns, *([wanted.order] if wanted.order else ()))
    order = [identifier(asked.time), "_load", "_line"]
    if wanted.order is not None:
        _known(asked, wanted.order)
        order.insert(0, f"{identifier(wanted.order)} {'desc' if wanted.descending else 'asc'} nulls last")
    shown = [identifier(_known(asked, name).name) for name in wanted.columns]
    return (
        f"{_base(asked, named)}\nselect {', '.join([*shown, '_load', '_line'])}\nfrom base\n{_conditions(asked)}"
        f"\norder by {', '.join(order)}\nlimit {int(wanted.limit)} offset {int(wanted.offset)}"
    )


def groups_sql(asked: Asked, groups: Sequence[str], measures: Sequence[str], most: int) -> str:
    """One row per occurring combination of group values (`k0`, `k1` …), at most `most`, with what `total_sql` has."""
    keys = [f"{_key(_known(asked, name))} as k{place}" for place, name in enumerate(groups)]
    places = ", ".join(f"k{place}" for place in range(len(groups)))
    inner = [*keys, *(identifier(name) for name in dict.fromkeys(measures))]
    return (
        f"{_base(asked, (*groups, *measures))},\nkept as (\n  select {', '.join(inner)}\n  from base\n"
        f"{_conditions(asked)}\n)\nselect {places}, {', '.join(_sums(asked, measures))}\nfrom kept\n"
        f"group by {places}\norder by {places}\nlimit {int(most)}"
    )


def _known(asked: Asked, name: str) -> AskedColumn:
    if name not in asked.columns:
        raise InternalError(f"{name!r} is no column of {asked.feed}")
    return asked.columns[name]


def _key(column: AskedColumn) -> str:
    """A group's value; unknown and empty texts are one group."""
    return f"nullif({identifier(column.name)}, '')" if column.type == "text" else identifier(column.name)


def _sums(asked: Asked, measures: Sequence[str]) -> list[str]:
    found = ["count(*) as n_rows"]
    for place, name in enumerate(measures):
        column = _known(asked, name)
        if column.type not in ("int", "decimal"):
            raise InternalError(f"{name!r} is no number")
        value = identifier(name)
        exact = (
            DUCKDB.write("whole", value=value)
            if column.type == "int"
            else DUCKDB.write("exact", value=value, places=str(column.scale))
        )
        found += [
            f"count({value}) as n{place}",
            f"sum({exact}) as sum{place}",
            f"min({value}) as min{place}",
            f"max({value}) as max{place}",
        ]
    return found


def _base(asked: Asked, named: Sequence[str]) -> str:
    """The rows with the derived columns, and those of the calendar, that are named."""
    used = {*named, *(each.column for each in asked.where)}
    time, rows = identifier(asked.time), identifier(f"rows_{asked.feed}")
    extra = [
        f", {column.sql} as {identifier(name)}" for name, column in asked.columns.items() if column.sql and name in used
    ]
    extra += [f", {source} as {identifier(name)}" for name, source in CALENDAR.items() if name in used]
    extra += [f", m._place as {identifier(PLACE)}"] if PLACE in used else []
    joins = (
        "\n  join (select unit as _unit, since as _since, until as _until, place as _place from members) m"
        f"\n    on m._unit = r.{identifier(asked.unit)} and r.{time} >= m._since and r.{time} < m._until"
    )
    if used & CALENDAR.keys():
        slot = DUCKDB.write("slot", time=f"r.{time}")
        joins += f"\n  join slots s on s.slot = {slot}\n  join days d on d.day = s.day"
    return f"{comment(f'{asked.feed}: asked freely')}\nwith base as (\n  select r.*{''.join(extra)} from {rows} r{joins}\n)"


def _conditions(asked: Asked) -> str:
    time = identifier(asked.time)
    found = [f"{time} >= {instant_literal(asked.start)}", f"{time} < {instant_literal(asked.end)}"]
    found += [f"({_condition(_known(asked, each.column), each)})" for each in asked.where]
    return "where " + "\n  and ".join(found)


def _condition(column: AskedColumn, asked: Where) -> str:
    name = identifier(column.name)
    unknown = f"coalesce({name}, '') = ''" if column.type == "text" else f"{name} is null"
    match asked.op:
        case "eq":
            return _equal(name, asked.values[0])
        case "ne":
            return f"{name} is null or not ({_equal(name, asked.values[0])})"
        case "in":
            return " or ".join(f"({_equal(name, value)})" for value in asked.values) or "1 = 0"
        case "between":
            low, high = asked.values
            if isinstance(low, tuple) and isinstance(high, tuple):
                return f"{name} >= {instant_literal(low[0])} and {name} < {instant_literal(high[1])}"
            return f"{name} >= {_literal(low)} and {name} <= {_literal(high)}"
        case "contains":
            return f"position(lower({_literal(asked.values[0])}) in lower({name})) > 0"
        case "empty":
            return unknown
        case "filled":
            return f"not ({unknown})"


def _equal(name: str, value: Value) -> str:
    if isinstance(value, tuple):
        return f"{name} >= {instant_literal(value[0])} and {name} < {instant_literal(value[1])}"
    return f"{name} = {_literal(value)}"


def _literal(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime) or not isinstance(value, date):
        raise InternalError("a bare instant is no value of a condition")
    return day_literal(value)
