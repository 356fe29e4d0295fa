"""What the service parts share: records that change later, panels of customers, places, channel choice.

Panels, channel shares and waiting times are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ganzhi.province.calendar import DAY_S, Activity, Today
from ganzhi.province.columns import words
from ganzhi.province.population import Real
from ganzhi.province.profiles import draw_moments, quarter_weights
from ganzhi.province.scene import CHANNELS, DEAL_PROCESSES, PURPOSES, Scene, Visits
from ganzhi.province.streams import Bools, Floats, Ints, choose

ELECTRONIC: Final = frozenset({"web_hall", "app", "sms_hall", "ivr", "kiosk"})
"""Channels a customer inclined to electronic service takes."""
MEAN_INCLINATION: Final = 0.4
"""Mean of `Population.electronic`, a beta distribution of 1.6 and 2.4."""
HALL_QUARTERS: Final = slice(34, 70)
"""Quarter hours in which customers come to halls: 8:30 to 17:30."""
HALL_WAIT_S: Final = (240, 1_500)
"""From coming to a hall until the clerk has entered the business, seconds."""
_HASH: Final = 2_654_435_761
_WORD: Final = 2**32


def day_end(today: Today) -> int:
    """First second after the day."""
    return today.start + DAY_S


def panel(customers: Ints, share: float, salt: int) -> Bools:
    """A fixed sample of customers: the same ones whenever it is asked for."""
    mixed = (np.asarray(customers, dtype=np.uint64) * np.uint64(_HASH) + np.uint64(salt * 97_003)) % np.uint64(_WORD)
    mixed = (mixed ^ (mixed >> np.uint64(13))) * np.uint64(_HASH) % np.uint64(_WORD)
    return mixed < np.uint64(round(share * _WORD))


def counties(scene: Scene, customers: Ints) -> pa.Array:
    """The unit code of each customer's county."""
    return words(scene.people.county[customers].astype(np.int64), scene.places.county_codes)


def some(rng: np.random.Generator, scene: Scene, per_100k: float) -> Ints:
    """Different customers of the block, drawn by chance: `per_100k` of every 100,000 on average, in order."""
    own = scene.own()
    n = int(rng.poisson(len(own) * per_100k / 100_000)) if len(own) else 0
    return own[np.unique(rng.integers(0, len(own), n))] if n else own[:0]


def _of_city(rng: np.random.Generator, city_of: Ints, city: Ints) -> Ints:
    """A position of each city, from positions ordered by city."""
    starts = np.searchsorted(city_of, np.arange(int(city_of.max()) + 2))
    first, last = starts[city], starts[city + 1]
    return first + (rng.random(len(city)) * (last - first)).astype(np.int64)


def hall_for(rng: np.random.Generator, scene: Scene, customers: Ints) -> Ints:
    """A hall in each customer's city."""
    return _of_city(rng, scene.places.hall_city(), scene.people.city[customers].astype(np.int64))


def kiosk_for(rng: np.random.Generator, scene: Scene, customers: Ints) -> Ints:
    """A kiosk in each customer's city."""
    of_kiosk = scene.places.hall_city()[scene.places.kiosk_hall]
    return _of_city(rng, of_kiosk, scene.people.city[customers].astype(np.int64))


def hall_moments(rng: np.random.Generator, today: Today, n: int) -> Ints:
    """`n` moments at which customers come to halls."""
    weights = quarter_weights("hall", today.kind)[HALL_QUARTERS]
    quarter = HALL_QUARTERS.start + choose(rng, weights, n)
    return today.start + quarter * 900 + rng.integers(0, 900, n)


@dataclass(frozen=True, slots=True)
class Times:
    """When and where something was done. came: at the hall, meaningless outside halls. hall, kiosk: -1 for none."""

    at: Ints
    came: Ints
    hall: Ints
    kiosk: Ints


def times(rng: np.random.Generator, scene: Scene, activity: Activity, customers: Ints, channel: Ints) -> Times:
    """Moments and places of things done on these channels: halls in their opening hours, after a wait."""
    n = len(customers)
    in_hall = channel == CHANNELS.index("hall")
    at_kiosk = channel == CHANNELS.index("kiosk")
    came = hall_moments(rng, scene.today, n)
    at = draw_moments(rng, scene.today, activity, n)
    at = np.where(in_hall, came + rng.integers(*HALL_WAIT_S, n), np.where(at_kiosk, came, at))
    kiosk = np.where(at_kiosk, kiosk_for(rng, scene, customers), -1)
    hall = np.where(in_hall, hall_for(rng, scene, customers), np.where(at_kiosk, scene.places.kiosk_hall[kiosk], -1))
    return Times(at, came, hall, kiosk)


def visit(scene: Scene, made: Times, customers: Ints, purpose: Ints, number: Ints) -> None:
    """Leave the hall visits that belong to what was done in halls."""
    here = np.flatnonzero((made.hall >= 0) & (made.kiosk < 0))
    none = np.full(len(here), -1, dtype=np.int64)
    scene.note(
        Visits(
            customers[here], made.hall[here], made.came[here], purpose[here], number[here],
            np.zeros(len(here), dtype=np.int64), none, none,
        )
    )  # fmt: skip


def purpose_of(name: str) -> int:
    """Position of a visit's purpose."""
    return PURPOSES.index(name)


def deal_process(name: str) -> int:
    """Position of a process among the deals' processes, -1 when it is none of them."""
    return DEAL_PROCESSES.index(name) if name in DEAL_PROCESSES else -1


@dataclass(frozen=True)
class ChannelChoice:
    """How customers choose a channel, for several kinds of business: one row of shares for each kind."""

    shares: Sequence[Mapping[str, float]]
    _electronic: Floats = field(init=False, repr=False)
    _edges: tuple[Floats, Floats] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Work out the share of electronic channels and the steps within each group."""
        table = np.array([[row.get(name, 0.0) for name in CHANNELS] for row in self.shares])
        electronic = np.array([name in ELECTRONIC for name in CHANNELS])
        object.__setattr__(self, "_electronic", table[:, electronic].sum(axis=1) / table.sum(axis=1))
        groups = tuple(np.cumsum(np.where(mask, table, 0.0), axis=1) for mask in (~electronic, electronic))
        object.__setattr__(self, "_edges", groups)

    def draw(self, rng: np.random.Generator, kind: Ints, inclination: Real) -> Ints:
        """A channel for each: the odds of an electronic one are in proportion to the customer's inclination."""
        share = np.clip(self._electronic[kind], 1e-9, 1 - 1e-9)
        lean = np.clip(np.asarray(inclination, dtype=float), 0.02, 0.98)
        odds = share / (1 - share) * (lean / (1 - lean)) / (MEAN_INCLINATION / (1 - MEAN_INCLINATION))
        electronic = rng.random(len(kind)) < odds / (1 + odds)
        edges = np.where(electronic[:, None], self._edges[1][kind], self._edges[0][kind])
        hit = rng.random(len(kind))[:, None] * edges[:, -1:]
        return np.minimum((edges <= hit).sum(axis=1), len(CHANNELS) - 1).astype(np.int64)


@dataclass
class Later:
    """Records that change on a later day: their next states, waiting for the moment they come true."""

    waiting: list[tuple[pa.Table, Ints]] = field(default_factory=list)

    def put(self, columns: Mapping[str, Any], at: Ints) -> None:
        """States to be delivered on the days of these moments."""
        if len(at):
            self.waiting.append((pa.table(dict(columns)), np.asarray(at, dtype=np.int64)))

    def due(self, end: int) -> dict[str, Any] | None:
        """The states that have come true before `end`, or None; they wait no longer."""
        ripe: list[pa.Table] = []
        kept: list[tuple[pa.Table, Ints]] = []
        for table, at in self.waiting:
            now = at < end
            if now.any():
                ripe.append(table.filter(pa.array(now)))
            if not now.all():
                kept.append((table.filter(pa.array(~now)), at[~now]) if now.any() else (table, at))
        self.waiting = kept
        return unpacked(pa.concat_tables(ripe, promote_options="permissive")) if ripe else None


def unpacked(table: pa.Table) -> dict[str, Any]:
    """A table's columns as they are delivered: whole numbers and flags without blanks as NumPy arrays."""
    columns: dict[str, Any] = {}
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        plain = not column.null_count and (pa.types.is_integer(column.type) or pa.types.is_boolean(column.type))
        columns[name] = column.to_numpy(zero_copy_only=False) if plain or pa.types.is_floating(column.type) else column
    return columns


def picked(columns: Mapping[str, Any], which: Bools | Ints) -> dict[str, Any]:
    """Some rows of a table of columns."""
    where = np.flatnonzero(which) if np.asarray(which).dtype == bool else np.asarray(which)
    taken = pa.array(where)
    return {
        name: pc.take(column, taken) if isinstance(column, (pa.Array, pa.ChunkedArray)) else column[where]
        for name, column in columns.items()
    }


def waiting(scene: Scene, feed: str) -> Later:
    """The later states of a feed's records, of the scene's block."""
    return scene.world.recall(f"service.later.{feed}.{scene.block}", Later)


def deliver_due(scene: Scene, feed: str) -> None:
    """Deliver again what changes today; of several states of one record (told by its first column), the last."""
    columns = waiting(scene, feed).due(day_end(scene.today))
    if columns is None:
        return
    key = next(iter(columns.values())).dictionary_encode().indices.to_numpy()
    last = np.full(int(key.max()) + 1, -1, dtype=np.int64)
    last[key] = np.arange(len(key))
    scene.deliver(feed, **(columns if len(last) == len(key) else picked(columns, np.sort(last))))
