"""What market and network work share: records that unfold over days, moments a lever causes, residents of a county.

A record is made whole at once, with all moments it will ever have. Each day it is delivered as far as it has come by
the end of that day, and again on each day one of its moments comes true.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import NEVER
from ganzhi.province.scene import Scene
from ganzhi.province.service.drawing import day_end, unpacked
from ganzhi.province.streams import Bools, Floats, Ints, lognormal

Columns = dict[str, Any]
State = Callable[[Columns, int], Columns]
"""Given a record's columns as far as they have come and the end of the day, the columns that follow from them."""
_QUARTER_S: Final = 900
_TRIES: Final = 4
TABLES_MOST: Final = 8
"""Waiting tables are put together when there are more."""


@dataclass
class Unfolding:
    """Records of one feed (of one block) that have moments ahead of them."""

    waiting: list[pa.Table] = field(default_factory=list)


def unfold(
    scene: Scene, feed: str, new: Mapping[str, Any] | None, base: str, stamps: Sequence[str], state: State | None = None
) -> None:
    """Deliver today's new records and those that change today, as they stand at the end of the day.

    base: column of the moment a record begins; one that begins later waits. stamps: columns of moments that come
    true later; one that begins with an underscore is kept back and only moves `updated_at`. All other columns of such
    a name are kept back too. state: what else follows from how far a record has come.
    """
    book = scene.world.recall(f"unfolding.{feed}.{scene.block}", Unfolding)
    start, end = scene.today.start, day_end(scene.today)
    kept: list[pa.Table] = []
    told: list[pa.Table] = []
    for table in book.waiting:
        ahead, changed = _moving(table, (base, *stamps), start, end)
        if changed.any():
            told.append(table.filter(pa.array(changed)))
        if ahead.any():
            kept.append(table if ahead.all() else table.filter(pa.array(ahead)))
    if new is not None and len(new[base]):
        table = pa.table(dict(new))
        ahead, _ = _moving(table, (base, *stamps), start, end)
        told.append(table.filter(pa.array(np.asarray(new[base]) < end)))
        if ahead.any():
            kept.append(table.filter(pa.array(ahead)))
    book.waiting = [pa.concat_tables(kept).combine_chunks()] if len(kept) > TABLES_MOST else kept
    if told:
        whole = unpacked(pa.concat_tables(told, promote_options="permissive"))
        scene.deliver(feed, **_as_of(whole, base, stamps, end, state))


def _moving(table: pa.Table, stamps: Sequence[str], start: int, end: int) -> tuple[Bools, Bools]:
    """Which records have a moment after today, and which have one today."""
    ahead = np.zeros(len(table), dtype=bool)
    changed = np.zeros(len(table), dtype=bool)
    for name in stamps:
        at = table.column(name).to_numpy()
        ahead |= at >= end
        changed |= (at >= start) & (at < end)
    return ahead, changed


def _as_of(columns: Columns, base: str, stamps: Sequence[str], end: int, state: State | None) -> Columns:
    updated = np.asarray(columns[base]).copy()
    shown = dict(columns)
    for name in stamps:
        at = np.asarray(columns[name])
        shown[name] = np.where(at < end, at, NEVER)
        updated = np.maximum(updated, shown[name])
    shown["updated_at"] = updated
    if state is not None:
        shown.update(state(shown, end))
    return {name: column for name, column in shown.items() if not name.startswith("_")}


def happened(at: Any) -> Bools:
    """Which of these moments have come."""
    return np.asarray(np.asarray(at) != NEVER)


def later(rng: np.random.Generator, at: Ints, median_s: Floats | float, spread: float) -> Ints:
    """A moment after each: a wait with this median and spread of its logarithm, at least a second."""
    return at + np.maximum(1, lognormal(rng, median_s, spread, len(at))).astype(np.int64)


def when(present: Bools, at: Ints) -> Ints:
    """These moments where present, else `NEVER`."""
    return np.where(present, at, NEVER)


def pulled_moments(
    rng: np.random.Generator, scene: Scene, lever: str, place: str | None, each: float
) -> tuple[Ints, Ints]:
    """Moments of what a lever causes today, and the incidents: `each` a day for a size of 1, by chance."""
    start = scene.today.start
    if not scene.levers.pulled(lever, start, start + DAY_S):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    middle = start + np.arange(0, DAY_S, _QUARTER_S) + _QUARTER_S // 2
    size, _ = scene.levers.at(lever, middle, place)
    n = rng.poisson(np.maximum(size, 0.0) * each / len(middle))
    at = np.sort(np.repeat(middle - _QUARTER_S // 2, n) + rng.integers(0, _QUARTER_S, int(n.sum())))
    held, cause = scene.levers.at(lever, at, place)
    return at[held > 0], cause[held > 0]


def county_starts(scene: Scene) -> Ints:
    """First customer of each county, and the end of the last: customers are ordered by county."""
    return scene.world.recall(
        "market.county_starts",
        lambda: np.searchsorted(scene.people.county, np.arange(scene.places.size.counties + 1)).astype(np.int64),
    )


def residents(rng: np.random.Generator, scene: Scene, county: Ints) -> Ints:
    """A customer of each county by chance, -1 where only people who have left were found."""
    starts = county_starts(scene)
    first, size = starts[county], starts[county + 1] - starts[county]
    found = np.full(len(county), -1, dtype=np.int64)
    for _ in range(_TRIES):
        drawn = first + (rng.random(len(county)) * size).astype(np.int64)
        usable = (size > 0) & ~scene.people.left[np.minimum(drawn, len(scene.people) - 1)]
        found = np.where((found < 0) & usable, drawn, found)
    return found


def clamp(scene: Scene, at: Ints) -> Ints:
    """These moments, none later than the last second of today."""
    return np.minimum(at, day_end(scene.today) - 1)
