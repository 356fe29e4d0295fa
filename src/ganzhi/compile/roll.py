"""States from states: each level is computed from a smaller one by merging, and never reads rows.

Counts and sums add, minima and maxima compare, buckets add, sets unite. `day` comes from quarter
hours, `total` (units that have others below them) from the days of units, `month` from days. A
snapshot adds over units and takes the last moment of which there is a row over time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ganzhi.compile.dialects import DUCKDB, Dialect, comment, identifier
from ganzhi.compile.distinct import cut_sql, largest_sql, uncut_sql
from ganzhi.compile.measures import DECIMAL_PLACES, SUMMED, Kind, Measure
from ganzhi.compile.plan import FeedPlan
from ganzhi.compile.scan import dimension_column

Step = Literal["day", "total", "month", "fold_fine", "fold_day", "fold_total"]
"""What is merged: quarter hours to days; days of units to totals of the units above; days to months;
or the parts that a day's states consist of to one."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """How a step merges. joined: after FROM source s. renamed: keys that come from the join.
    slot: whether the keys have one. over: the moment snapshots are taken at and what it is the last of."""

    why: str
    joined: str = ""
    renamed: tuple[tuple[str, str], ...] = ()
    slot: bool = False
    over: tuple[str, str] | None = None


_SHAPES: Mapping[Step, _Shape] = {
    "day": _Shape("days from quarter hours", over=("s.slot", "s.unit, s.day")),
    "total": _Shape(
        "units with all units below them, as the organisation was on each day",
        joined="join ancestors u on u.unit = s.unit and s.day between u.first_day and u.last_day",
        renamed=(("unit", "u.ancestor"),),
    ),
    "month": _Shape(
        "months from days",
        joined="join months p on p.day = s.day",
        renamed=(("day", "p.month"),),
        over=("s.day", "s.unit, p.month"),
    ),
    "fold_fine": _Shape("the parts of a day's quarter hours as one", slot=True),
    "fold_day": _Shape("the parts of a day as one"),
    "fold_total": _Shape("the parts of a day's totals as one"),
}


def merged(measure: Measure, column: str, dialect: Dialect) -> str:
    """The aggregate that merges states of an additive measure standing in `column`."""
    if measure.kind is Kind.COUNT:
        return dialect.write("integer64", value=f"sum({column})")
    if measure.kind in SUMMED:
        assert measure.value is not None
        summed = f"sum({column})"
        if measure.value.arithmetic == "int":
            return dialect.write("whole", value=summed)
        return dialect.write("exact", value=summed, places=str(DECIMAL_PLACES))
    return f"{measure.kind.value}({column})"


def roll_sql(plan: FeedPlan, step: Step, source: Mapping[str, str], dialect: Dialect = DUCKDB) -> dict[str, str]:
    """The SELECTs of a step by kind of state; `pool` is what `set` and `hll` are then cut from.

    source: the relation of each kind. total reads `ancestors(unit, ancestor, first_day, last_day)`,
    month `months(day, month)`.
    """
    shape = _SHAPES[step]
    names = ["cuboid", "unit", *(["slot"] if shape.slot else [])]
    names += [*(identifier(dimension_column(d)) for d in plan.dimensions), "day"]
    renamed = dict(shape.renamed)
    keys = [(renamed.get(name, f"s.{name}"), name) for name in names]
    head = comment(f"{plan.feed}: {shape.why}, by merging states")
    items = ", ".join(f"{sql} as {name}" for sql, name in keys)
    by = ", ".join(sql for sql, _ in keys)

    def select(kind: str, columns: str, extra: str = "") -> str:
        return f"{head}\nselect {items},\n  {columns}\nfrom {source[kind]} s {shape.joined}\ngroup by {by}{extra}"

    found = {"add": _additive(plan, shape, items, by, source["add"], head, dialect)}
    if "hist" in source:
        summed = dialect.write("integer64", value="sum(s.n)")
        found["hist"] = select(
            "hist", f"s.measure as measure, s.bucket as bucket, {summed} as n", ", s.measure, s.bucket"
        )
    if "set" in source:
        empty = dialect.write("integer", value="null")
        value, measure = dialect.write("text", value="null"), "s.measure as measure"
        values = select(
            "set", f"{measure}, s.value as value, {empty} as register, {empty} as rank", ", s.measure, s.value"
        )
        rank = dialect.write("integer", value="max(s.rank)")
        parts = select(
            "hll", f"{measure}, {value} as value, s.register as register, {rank} as rank", ", s.measure, s.register"
        )
        found["pool"] = f"{values}\nunion all\n{parts}"
    return found


def _additive(plan: FeedPlan, shape: _Shape, items: str, by: str, source: str, head: str, dialect: Dialect) -> str:
    """Counts, sums and extremes; snapshots of the last moment where the step goes over time."""
    inner, last = f"{source} s {shape.joined}", ""
    if plan.snapshots and shape.over is not None:
        moment, within = shape.over
        renamed = "".join(f", {sql} as _{name}" for name, sql in shape.renamed)
        inner = f"(\n  select s.*{renamed}, max({moment}) over (partition by {within}) as _last from {inner}\n) s"
        last = f"s.{moment.partition('.')[2]} = s._last"
        for name, sql in shape.renamed:
            items, by = items.replace(f"{sql} as", f"s._{name} as"), by.replace(sql, f"s._{name}")
    rows = dialect.write("integer64", value='sum(s."rows")')
    columns = [f'{rows} as "rows"']
    for m in plan.additive:
        if m.kind is Kind.SNAPSHOT and last:
            column = f"coalesce({merged(m, f'case when {last} then s.{m.name} end', dialect)}, 0)"
            column = merged_type(m, column, dialect)
        else:
            column = merged(m, f"s.{m.name}", dialect)
        columns.append(f"{column} as {m.name}")
    return f"{head}\nselect {items},\n  " + ",\n  ".join(columns) + f"\nfrom {inner}\ngroup by {by}"


def merged_type(measure: Measure, sql: str, dialect: Dialect) -> str:
    """An exact sum that was coalesced, as the type its column has."""
    assert measure.value is not None
    if measure.value.arithmetic == "int":
        return dialect.write("whole", value=sql)
    return dialect.write("exact", value=sql, places=str(DECIMAL_PLACES))


def cut(plan: FeedPlan, pool: str, *, slot: bool, dialect: Dialect = DUCKDB) -> dict[str, str]:
    """The SELECTs of `set` and `hll` from a pool that a scan or a step made."""
    return cut_sql(pool, _keys_of_pool(plan, slot=slot), plan.sets, dialect)


def largest(plan: FeedPlan, pool: str, *, slot: bool) -> str:
    """The SELECT that says whether a pool must be cut at all: see `compile.distinct.largest_sql`."""
    return largest_sql(pool, _keys_of_pool(plan, slot=slot))


def uncut(plan: FeedPlan, pool: str, *, slot: bool) -> dict[str, str]:
    """The SELECTs of `set` and `hll` from a pool none of whose cells has more values than it keeps."""
    return uncut_sql(pool, _keys_of_pool(plan, slot=slot))


def _keys_of_pool(plan: FeedPlan, *, slot: bool) -> list[str]:
    dimensions = [identifier(dimension_column(d)) for d in plan.dimensions]
    return ["cuboid", "unit", *(["slot"] if slot else []), *dimensions, "day"]
