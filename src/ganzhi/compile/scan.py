"""The scan: one pass over a feed's rows for all its additive measures at once.

Owns the SQL that turns relation `rows_<feed>` into states. Predicates and values are computed once
per row in an inner SELECT, measures in the outer one, every combination of dimensions that is kept
as a grouping set. Histograms and distinct values are rows of their own and stand in queries of
their own (a distinct count beside other aggregates costs a multiple on some engines); distinct
values come as a pool that `compile.distinct` divides into exact sets and registers.

Assumes the relations `rows_<feed>` and `slots` (see `measure.calendar`), time stamps that are
instants, and units without NULL. A slot that the calendar lacks gives a NULL day, which the caller
must refuse. Unknown dimension values become the empty text; NULL in a `d_` column means that the
cuboid does not have the dimension.
"""

from __future__ import annotations

from collections.abc import Sequence

from ganzhi.base.periods import Grain
from ganzhi.compile.dialects import DUCKDB, Dialect, comment, identifier
from ganzhi.compile.measures import DECIMAL_PLACES, SUMMED, Kind, Measure
from ganzhi.compile.plan import FeedPlan


def dimension_column(name: str) -> str:
    """Column of the states that holds a dimension."""
    return f"d_{name}"


def scan_sql(plan: FeedPlan, dialect: Dialect = DUCKDB) -> dict[str, str]:
    """The SELECTs over relation `rows_<feed>`: `add`, and `hist` and `pool` where the feed has such measures."""
    found = {"add": _add_sql(plan, dialect)}
    if plan.histograms:
        found["hist"] = _rows_sql(plan, plan.histograms, dialect)
    if plan.sets:
        found["pool"] = _rows_sql(plan, plan.sets, dialect)
    return found


def base_sql(plan: FeedPlan) -> str:
    """The columns that are used: stored ones as they are, derived ones computed."""
    lines = [identifier(name) for name in plan.stored]
    lines += [f"{each.sql} as {identifier(each.name)}" for each in plan.derived]
    return "select\n      " + ",\n      ".join(lines) + f"\n    from {identifier('rows_' + plan.feed)}"


class _Flags:
    """Names for what is computed once per row: filters `p<i>` and values `v<i>`."""

    def __init__(self) -> None:
        self.filters: dict[str, str] = {}
        self.values: dict[str, str] = {}

    def filter(self, measure: Measure) -> str | None:
        conditions = list(measure.where)
        if measure.kind is not Kind.COUNT or measure.value is not None:
            assert measure.value is not None
            conditions.append(f"{measure.value.sql} is not null")
        if not conditions:
            return None
        text = " and ".join(f"({c})" for c in conditions) if len(conditions) > 1 else conditions[0]
        return self.filters.setdefault(text, f"p{len(self.filters) + 1}")

    def value(self, text: str) -> str:
        return self.values.setdefault(text, f"v{len(self.values) + 1}")

    def lines(self) -> list[str]:
        """Select items, in the order of first use."""
        named = [*self.filters.items(), *self.values.items()]
        return [f"{text} as {name}" for text, name in named]


def _keys(plan: FeedPlan) -> list[str]:
    return [identifier(dimension_column(d)) for d in plan.dimensions]


_COARSER = {Grain.QUARTER_HOUR: None, Grain.HALF_HOUR: "half"}
"""Calendar column of the slot of a feed that is kept coarser than a quarter hour; else `hour`."""


LAST = "_last"
"""Flag of the rows of a unit's last moment within a slot, in feeds that have snapshots."""


def _flags_sql(plan: FeedPlan, items: list[str], dialect: Dialect, where: str | None = None) -> str:
    """Keys, filters and values per row, over `base`."""
    dims = [
        f"coalesce({dialect.write('text', value=identifier(d))}, '') as {identifier(dimension_column(d))}"
        for d in plan.dimensions
    ]
    unit = f"{identifier(plan.unit)} as unit"
    quarter = dialect.write("slot", time=identifier(plan.time))
    coarser = _COARSER.get(plan.finest, "hour")
    lines = [unit, f"{'c._coarse' if coarser else quarter} as slot", *dims, *items]
    text = "select\n      " + ",\n      ".join(lines) + "\n    from base"
    if coarser:  # local hours are not hours of UTC everywhere, so the calendar says which one it is
        # Its columns get names that no feed can have: expressions name the feed's columns alone.
        calendar = f"select slot as _slot, {coarser} as _coarse from slots"
        text += f"\n    left join ({calendar}) c on c._slot = {quarter}"
    return text + (f"\n    where {where}" if where else "")


def _moments_sql() -> str:
    """`flags` with the mark of each unit's last moment in its slot."""
    latest = "max(_at) over (partition by unit, slot)"
    return f"select *, _at = {latest} as {LAST}\n    from flags"


class _Sets:
    """Grouping by some of a plan's cuboids."""

    def __init__(self, plan: FeedPlan, indices: Sequence[int], dialect: Dialect) -> None:
        self._cuboids = {index: plan.cuboids[index] for index in indices}
        self._plan, self._dialect = plan, dialect
        self._used = [d for d in plan.dimensions if any(d in cuboid for cuboid in self._cuboids.values())]

    def keys(self) -> list[str]:
        """Select items: cuboid, unit, slot, dimensions; a dimension that no set has is NULL."""
        dimensions = [
            identifier(dimension_column(d))
            if d in self._used
            else f"cast(null as varchar) as {identifier(dimension_column(d))}"
            for d in self._plan.dimensions
        ]
        return [f"{self._index()} as cuboid", "unit", "slot", *dimensions]

    def clause(self, extra: tuple[str, ...] = ()) -> str:
        """The GROUP BY."""
        sets = []
        for cuboid in self._cuboids.values():
            columns = ["unit", "slot", *(identifier(dimension_column(d)) for d in cuboid), *extra]
            sets.append("(" + ", ".join(columns) + ")")
        return "group by grouping sets (\n      " + ",\n      ".join(sets) + "\n    )"

    def _index(self) -> str:
        """Index of the cuboid a row belongs to, read off which dimensions its grouping leaves out."""
        if len(self._cuboids) == 1:
            return f"cast({next(iter(self._cuboids))} as smallint)"
        columns = ", ".join(identifier(dimension_column(d)) for d in self._used)
        mask = self._dialect.write("grouping", columns=columns)
        whens = []
        for index, cuboid in self._cuboids.items():
            bits = "".join("0" if d in cuboid else "1" for d in self._used)
            whens.append(f"when {int(bits, 2)} then {index}")
        return f"cast(case {mask} {' '.join(whens)} end as smallint)"


def aggregate(measure: Measure, flags: _Flags, dialect: Dialect) -> str:
    """The aggregate of an additive measure over flags, coalesced where no row is zero."""
    condition = flags.filter(measure)
    if measure.kind is Kind.COUNT:
        if condition is None:
            return "count(*)"
        return f"cast({dialect.write('count_if', condition=condition)} as bigint)"
    assert measure.value is not None
    whole = measure.value.arithmetic == "int"
    exact = measure.value.sql if whole else dialect.write("exact", value=measure.value.sql, places=str(DECIMAL_PLACES))
    last = f" and {LAST}" if measure.kind is Kind.SNAPSHOT else ""
    chosen = f"case when {condition}{last} then {flags.value(exact)} end"
    if measure.kind in SUMMED:
        # Whole numbers add up in 128 bits, which Parquet knows as a decimal only.
        return dialect.write("whole", value=f"coalesce(sum({chosen}), 0)") if whole else f"coalesce(sum({chosen}), 0)"
    return f"{measure.kind.value}({chosen})"


def _outer(plan: FeedPlan, columns: list[str], inner: str) -> str:
    """The day of each slot, joined after aggregation."""
    keys = ["k.cuboid", "k.unit", "k.slot", *(f"k.{key}" for key in _keys(plan)), "s.day"]
    return (
        "select\n  "
        + ",\n  ".join([*keys, *columns])
        + f"\nfrom {inner} k\n"
        + comment("days come from the calendar table, never from the engine's date functions")
        + "\nleft join slots s on s.slot = k.slot"
    )


def _add_sql(plan: FeedPlan, dialect: Dialect) -> str:
    flags = _Flags()
    aggregates = []
    for measure in plan.additive:
        sql = aggregate(measure, flags, dialect)
        aggregates.append(f"{sql} as {measure.name}, {comment(f'{measure.text}: {plan.users_of(measure)}')}")
    aggregates.append('count(*) as "rows"')
    sets = _Sets(plan, range(len(plan.cuboids)), dialect)
    indicators, measures = plan.summary
    lines, source = flags.lines(), "flags"
    moments = ""
    if plan.snapshots:
        lines, source = [*lines, f"{identifier(plan.time)} as _at"], "moments"
        moments = (
            f"  moments as ( {comment('snapshots are of the last moment of each slot')}\n    {_moments_sql()}\n  ),\n"
        )
    inner = (
        "    select\n      "
        + ",\n      ".join(sets.keys())
        + ",\n      "
        + "\n      ".join(aggregates)
        + f"\n    from {source}\n    "
        + sets.clause()
    )
    return (
        comment(f"{plan.feed}: {indicators} indicators from {measures} measures; all additive ones in one pass")
        + f"\nwith\n  base as (\n    {base_sql(plan)}\n  ),\n"
        + f"  flags as ( {comment('each filter and value once per row')}\n"
        + f"    {_flags_sql(plan, lines, dialect)}\n  ),\n"
        + moments
        + f"  keyed as ( {comment('one grouping set per combination of dimensions that is kept')}\n{inner}\n  )\n"
        + _outer(plan, ['k."rows"', *(f"k.{m.name}" for m in plan.additive)], "keyed")
    )


def _rows_sql(plan: FeedPlan, measures: tuple[Measure, ...], dialect: Dialect) -> str:
    """States that are rows: per measure one branch over the rows its filter lets through."""
    branches, distinct = [], measures[0].kind is Kind.DISTINCT
    entry = "value" if distinct else "bucket"
    for measure in measures:
        assert measure.value is not None
        sets = _Sets(plan, plan.kept[measure.name], dialect)
        form = dialect.write("text" if distinct else "bucket", value=measure.value.sql)
        known = [*measure.where, f"{measure.value.sql} is not null"]
        rows = _flags_sql(plan, [f"{form} as {entry}"], dialect, " and ".join(f"({c})" for c in known))
        count = "" if distinct else ", count(*) as n"
        branches.append(
            f"    {comment(f'{measure.text}: {plan.users_of(measure)}')}\n    select {', '.join(sets.keys())},"
            f" '{measure.name}' as measure, {entry}{count}\n"
            f"    from (\n    {rows}\n    )\n    {sets.clause((entry,))}"
        )
    nothing = dialect.write("integer", value="null")
    columns = ["k.measure", f"k.{entry}"]
    columns += [f"{nothing} as register", f"{nothing} as rank"] if distinct else ["k.n"]
    return (
        comment(f"{plan.feed}: {'distinct values' if distinct else 'histogram rows'} of {len(measures)} measures")
        + f"\nwith\n  base as (\n    {base_sql(plan)}\n  ),\n  keyed as (\n"
        + "\n    union all\n".join(branches)
        + "\n  )\n"
        + _outer(plan, columns, "keyed")
    )
