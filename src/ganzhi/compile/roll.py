"""Day states from fine states: each level is computed from the level below it by merging states.

Counts and sums add, minima and maxima compare, buckets add, sets unite. Never reads rows.
"""

from __future__ import annotations

from ganzhi.compile.dialects import DUCKDB, Dialect, comment, identifier
from ganzhi.compile.measures import DECIMAL_PLACES, Kind, Measure
from ganzhi.compile.plan import FeedPlan
from ganzhi.compile.scan import ScanQueries, dimension_column


def merged(measure: Measure, column: str, dialect: Dialect) -> str:
    """The aggregate that merges states of an additive measure standing in `column`."""
    if measure.kind is Kind.COUNT:
        return f"cast(sum({column}) as bigint)"
    if measure.kind is Kind.SUM:
        assert measure.value is not None
        summed = f"sum({column})"
        if measure.value.arithmetic == "int":
            return dialect.write("whole", value=summed)
        return dialect.write("exact", value=summed, places=str(DECIMAL_PLACES))
    return f"{measure.kind.value}({column})"


def roll_sql(plan: FeedPlan, source: ScanQueries, dialect: Dialect = DUCKDB) -> ScanQueries:
    """The SELECTs of day states; `source` names the fine relation of each kind."""
    keys = ["cuboid", "unit", *(identifier(dimension_column(d)) for d in plan.dimensions), "day"]
    listed = ", ".join(keys)
    by = f"group by {listed}"
    sums = [f"{merged(m, m.name, dialect)} as {m.name}" for m in plan.additive]
    columns = ",\n  ".join([listed, 'cast(sum("rows") as bigint) as "rows"', *sums])
    head = comment(f"{plan.feed}: days from quarter hours, by merging states")
    hist = f"select {listed}, measure, bucket, cast(sum(n) as bigint) as n from {source.hist} {by}, measure, bucket"
    return ScanQueries(
        add=f"{head}\nselect\n  {columns}\nfrom {source.add}\n{by}",
        hist=None if source.hist is None else f"{head}\n{hist}",
        set=None if source.set is None else f"{head}\nselect distinct {listed}, measure, value from {source.set}",
    )
