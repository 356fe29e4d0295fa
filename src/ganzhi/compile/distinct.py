"""Distinct values: exact sets up to a declared size, HyperLogLog registers above it.

Whether a cell is exact depends on how many different values it holds and on nothing else, so it does
not matter in which order states are merged, or whether values came late. A cell's values stand in a
pool (keys, measure, value, register, rank: a value, or a register of a part that is no longer exact);
here the pool is divided into the two kinds that are kept, and a number is read from either.

Registers: the first 12 bits of the 64-bit hash of a value's text (MD5) choose one of 4,096, its rank
is one more than the number of zero bits that follow, at most 40, so that sums of 2^-rank are exact in
floating point in whatever order. Relative standard error 1.04 / sqrt(4096) = 1.6 %.
Source: Flajolet et al., HyperLogLog, 2007; with linear counting below 2.5 registers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ganzhi.compile.dialects import Dialect, comment
from ganzhi.compile.measures import Measure

REGISTERS = 4096
MOST_RANK = 40
ERROR = 1.04 / 64
"""Relative standard error of an estimate."""
_ALPHA = 0.7213 / (1 + 1.079 / REGISTERS)


def cut_sql(pool: str, keys: Sequence[str], measures: Iterable[Measure], dialect: Dialect) -> dict[str, str]:
    """The SELECTs of the kinds `set` and `hll` from the relation `pool`."""
    listed = ", ".join(keys)
    counted = _counted(pool, f"{listed}, measure")
    large = f"parts > 0 or n > {_limit(measures)}"
    entries = registers("counted", f"{listed}, measure", large, dialect)
    return {
        "set": (
            comment("cells with few values keep them")
            + f"\nwith counted as (\n  {counted}\n)\nselect {listed}, measure, value\nfrom counted\nwhere not ({large})"
        ),
        "hll": (
            comment("cells with more keep what a count can be estimated from")
            + f"\nwith counted as (\n  {counted}\n)\n{entries}"
        ),
    }


def largest_sql(pool: str, keys: Sequence[str]) -> str:
    """The SELECT of, per measure of the relation `pool`, how many values its largest cell has and how many registers
    there are in all."""
    listed = ", ".join([*keys, "measure"])
    return (
        comment("whether any cell has more values than it keeps")
        + "\nselect measure, max(n) as n, sum(parts) as parts\nfrom (\n"
        + f"  select {listed}, count(value) as n, count(register) as parts\n  from {pool}\n  group by {listed}\n) cells\n"
        + "group by measure"
    )


def uncut_sql(pool: str, keys: Sequence[str]) -> dict[str, str]:
    """What `cut_sql` comes to where no cell has more values than it keeps."""
    listed = ", ".join([*keys, "measure"])
    return {
        "set": comment("every cell keeps its values") + f"\nselect {listed}, value\nfrom {pool}",
        "hll": comment("no cell has more") + f"\nselect {listed}, register, rank\nfrom {pool}\nwhere false",
    }


def registers(source: str, keys: str, where: str, dialect: Dialect) -> str:
    """The registers of the cells that `where` names, from values and from registers."""
    register = f"coalesce(register, {dialect.write('hll_register', value='value')})"
    rank = f"coalesce(rank, least({dialect.write('hll_rank', value='value')}, {MOST_RANK}))"
    return (
        f"select {keys}, register, max(rank) as rank\nfrom (\n"
        f"  select {keys}, {dialect.write('integer', value=register)} as register,"
        f" {dialect.write('integer', value=rank)} as rank\n  from {source}\n  where {where}\n) entries\n"
        f"group by {keys}, register"
    )


def _counted(pool: str, keys: str) -> str:
    """How many values and registers stand beside each entry of a cell."""
    over = f"over (partition by {keys})"
    return f"select *, count(value) {over} as n, count(register) {over} as parts\n  from {pool}"


def _limit(measures: Iterable[Measure]) -> str:
    """Up to how many values a cell of a measure is exact."""
    limits = {m.name: m.exact_up_to for m in measures}
    if len(set(limits.values())) == 1:
        return str(next(iter(limits.values())))
    whens = " ".join(f"when '{name}' then {limit}" for name, limit in sorted(limits.items()))
    return f"case measure {whens} end"


def numbers_sql(pool: str, keys: Sequence[str], measures: Sequence[Measure], dialect: Dialect) -> str:
    """The SELECT of one row per cell: per measure its number, and how many of its entries were registers.

    pool: a relation of different values and of registers of parts; a register may stand several times.
    """
    listed = ", ".join([*keys, "measure"])
    large = f"parts > 0 or n > {_limit(measures)}"
    one = ", ".join(keys)
    columns = []
    for m in measures:
        columns.append(f"max(case when measure = '{m.name}' then n end) as {m.name}")
        columns.append(f"max(case when measure = '{m.name}' then estimated end) as {m.name}_estimated")
    return (
        f"    with counted as (\n      {_counted(pool, listed)}\n    ),\n"
        f"    entries as (\n      {registers('counted', listed, large, dialect)}\n    ),\n"
        f"    numbers as (\n"
        f"      select {listed}, max(n) as n, 0 as estimated from counted where not ({large}) group by {listed}\n"
        f"      union all\n      select {listed}, {_estimate(dialect)} as n, 1 as estimated from entries group by {listed}\n"
        f"    )\n    select {one}, {', '.join(columns)}\n    from numbers\n    group by {one}"
    )


def _estimate(dialect: Dialect) -> str:
    """The estimate from the registers of a group, as a whole number."""
    empty = f"({REGISTERS} - count(*))"
    raw = f"{_ALPHA * REGISTERS * REGISTERS!r} / (sum({dialect.write('half_to', rank='rank')}) + {empty})"
    linear = f"{REGISTERS} * ln({REGISTERS} / {dialect.write('real', value=f'nullif({empty}, 0)')})"
    small = f"{raw} <= {2.5 * REGISTERS!r} and {empty} > 0"
    return dialect.write("integer64", value=f"round(case when {small} then {linear} else {raw} end)")
