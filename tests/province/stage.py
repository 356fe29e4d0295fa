"""A stage for phases: a small world, a sink that keeps what is delivered, and the catalogue as examiner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.province.calendar import days_of
from ganzhi.province.columns import NEVER
from ganzhi.province.delivery.shape import is_moment
from ganzhi.province.levers import Levers, Pull
from ganzhi.province.organisation import build_organisation
from ganzhi.province.population import build_population
from ganzhi.province.scene import Phase, Scene, World, blocks_of

FIRST = date(2012, 2, 27)


@cache
def pack() -> Catalogue:
    return load_catalogue("telecom", None)


class Kept:
    """A sink that keeps tables in memory."""

    def __init__(self) -> None:
        self._parts: dict[str, list[pa.Table]] = {}
        self._truth: dict[str, list[pa.Table]] = {}

    def deliver(self, feed: str, **columns: Any) -> None:
        self._parts.setdefault(feed, []).append(pa.table(columns))

    def know(self, table: str, **columns: Any) -> None:
        self._truth.setdefault(table, []).append(pa.table(columns))

    @property
    def feeds(self) -> list[str]:
        return sorted(self._parts)

    @property
    def tables(self) -> list[str]:
        """Tables of the truth."""
        return sorted(self._truth)

    def table(self, feed: str) -> pa.Table:
        """What was delivered to a feed; moments that never came are null, the others timestamps."""
        return _whole(self._parts[feed])

    def truth(self, table: str) -> pa.Table:
        return _whole(self._truth[table])


def _whole(parts: list[pa.Table]) -> pa.Table:
    table = pa.concat_tables(parts, promote_options="permissive")
    for position, name in enumerate(table.column_names):
        column = table.column(name)
        if column.type == pa.int64() and is_moment(name):
            column = pc.if_else(pc.equal(column, NEVER), pa.scalar(None, pa.int64()), column)
            table = table.set_column(position, name, column.cast(pa.timestamp("s")))
    return table


def build_world(
    *, scale: float = 0.002, days: int = 3, first: date = FIRST, seed: int = 7, pulls: Sequence[Pull] = ()
) -> World:
    places = build_organisation(scale, seed)
    people = build_population(places, seed)
    return World(seed, scale, first, days, places, people, Levers(tuple(pulls)), blocks_of(len(people)))


def play(world: World, block_phases: Sequence[Phase] = (), province_phases: Sequence[Phase] = ()) -> Kept:
    """Run these phases over the world's days."""
    kept = Kept()
    for today in days_of(world.first, world.days):
        scene = Scene(world, today, kept)
        for block in range(len(world.blocks)):
            for phase in block_phases:
                phase(scene.for_block(block))
        for phase in province_phases:
            phase(scene)
    return kept


def faults(feed: str, table: pa.Table) -> list[str]:
    """What the catalogue's contract holds against delivered records: unknown or missing columns, blanks in required
    ones, codes outside the list, numbers out of bounds, rules that are false. Keys that come again are no
    fault (a later state of the same record)."""
    catalogue = pack()
    declared = catalogue.feeds[feed]
    found = [f"unknown column {name}" for name in table.column_names if name not in declared.columns]
    found += [f"missing column {n}" for n, c in declared.columns.items() if c.required and n not in table.column_names]
    if found:
        return found
    for name, column in declared.columns.items():
        if name not in table.column_names:
            table = table.append_column(name, pa.nulls(len(table), _TYPES[column.type]))
    with duckdb.connect() as base:
        base.register("rows", table)
        for name, column in declared.columns.items():
            if column.required:
                found += _count(base, f'"{name}" is null', f"{name} is blank")
            if column.allowed:
                codes = {entry.to for entry in catalogue.code_lists[column.allowed].entries}
                listed = ", ".join(f"'{code}'" for code in sorted(codes))
                found += _count(base, f'"{name}" not in ({listed})', f"{name} outside {column.allowed}", f'"{name}"')
            if column.min is not None:
                found += _count(base, f'"{name}" < {column.min}', f"{name} below {column.min}")
            if column.max is not None:
                found += _count(base, f'"{name}" > {column.max}', f"{name} above {column.max}")
        for code, rule in declared.rules.items():
            found += _count(base, f"not ({rule.check})", f"rule {code}: {rule.check}")
    return found


_TYPES = {
    "text": pa.string(), "int": pa.int64(), "decimal": pa.decimal128(18, 4), "bool": pa.bool_(),
    "timestamp": pa.timestamp("s"), "date": pa.date32(),
}  # fmt: skip


def _count(base: duckdb.DuckDBPyConnection, where: str, what: str, example: str = "''") -> list[str]:
    n, sample = base.execute(f"select count(*), min({example}) from rows where {where}").fetchall()[0]
    return [f"{what}: {n} rows {sample}".strip()] if n else []


def doubled(feed: str, table: pa.Table) -> int:
    """Rows whose key came before."""
    key = list(pack().feeds[feed].key)
    return len(table) - len(table.group_by(key).aggregate([]))


def near(found: float, stated: float, error: float) -> bool:
    """Whether a figure is within so many standard errors of what was stated."""
    return bool(abs(found - stated) <= 4.5 * error) if np.isfinite(error) else False
