"""What the minutes of the past weeks were like: counts per period of a day, for each unit and slice of a feed.

Counted from the rows, day by day; a day that was counted is kept in the cache under a name made from its rows' content
and from how it was counted, so that a restart reads it back and a corrected day is counted again. Days of which nothing
arrived, and days that have not 24 hours, are unknown.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ganzhi.base.ids import digest
from ganzhi.base.periods import midnight
from ganzhi.compile.minutes import MinutePlan
from ganzhi.ingest.stream.counting import count_days, minute_of
from ganzhi.measure.known import arrived_days
from ganzhi.store.manifest import Snapshot
from ganzhi.store.streams.minutes import Count
from ganzhi.warehouse.workplace import Workplace

DAYS_BACK: Final = 63
MINUTES_A_DAY: Final = 1440
CACHE: Final = "cache"

Cut = tuple[str, str]
"""A unit and a slice (JSON text, `{}` for all)."""
Table = NDArray[np.float64]


@dataclass
class Past:
    """days: known ones, oldest first. width: periods of a day. counts: per cut and measure a row for each day and a column
    for each period; what is not there is 0 on a known day."""

    days: tuple[date, ...]
    width: int
    counts: dict[Cut, dict[str, Table]] = field(default_factory=dict)

    def add(self, counts: Iterable[Count], first_minutes: Mapping[int, int]) -> None:
        """Put counts in place. first_minutes: first minute of each known day, with its place."""
        step = MINUTES_A_DAY // self.width
        starts = sorted(first_minutes)
        for each in counts:
            start = starts[int(np.searchsorted(starts, each.minute, "right")) - 1]
            column = (each.minute - start) // step
            if 0 <= column < self.width:
                self._table(each)[first_minutes[start], column] += each.value

    def _table(self, count: Count) -> Table:
        measures = self.counts.setdefault((count.unit, count.slice), {})
        if count.measure not in measures:
            measures[count.measure] = np.zeros((len(self.days), self.width))
        return measures[count.measure]

    def table(self, cut: Cut, measure: str) -> Table | None:
        """Counts of a measure; None where there never was one."""
        return self.counts.get(cut, {}).get(measure)


def read_past(workplace: Workplace, plan: MinutePlan, before: date, minutes: int, back: int = DAYS_BACK) -> Past:
    """The days before one. minutes: length of a period."""
    feed = plan.feed.feed
    arrived = {day for day, (share, _) in arrived_days(workplace, feed).items() if share >= 1.0}
    days = [before - timedelta(days=n) for n in range(back, 0, -1)]
    first = {day: minute_of(midnight(day, workplace.zone)) for day in days}
    whole = {day for day in days if minute_of(midnight(day + timedelta(days=1), workplace.zone)) - first[day] == 1440}
    known = tuple(day for day in days if day in arrived and day in whole)
    past = Past(known, MINUTES_A_DAY // minutes)
    snapshot = workplace.store.manifest.snapshot()
    for place, day in enumerate(known):
        past.add(_day(workplace, plan, snapshot, day), {first[day]: place})
    return past


def _day(workplace: Workplace, plan: MinutePlan, snapshot: Snapshot, day: date) -> Sequence[Count]:
    refs = snapshot.table(f"rows/{plan.feed.feed}", [day.isoformat()])
    if not refs:
        return ()
    folder = workplace.root / CACHE / "minutes" / plan.feed.feed
    name = digest(plan.mark, workplace.zone.key, *sorted(ref.sha256 for ref in refs))[:32]
    path = folder / f"{day.isoformat()}-{name}.parquet"
    kept = _read(path)
    if kept is None:
        with workplace.engine.loading_session() as session:
            since = midnight(day, workplace.zone)
            kept = tuple(count_days(workplace, session, plan, snapshot, [day.isoformat()], since))
        _keep(folder, path, day, kept)
    return kept


_NAMES: Final = ("minute", "measure", "unit", "slice", "value")


def _read(path: Path) -> Sequence[Count] | None:
    try:
        found = pq.read_table(path)
    except (OSError, pa.ArrowException):
        return None
    columns = [found.column(name).to_pylist() for name in _NAMES]
    return [Count(*row) for row in zip(*columns, strict=True)]


def _keep(folder: Path, path: Path, day: date, counts: Sequence[Count]) -> None:
    """Keep a day's counts in place of those of its earlier rows; a full disk keeps nothing and stops nothing."""
    types = (pa.int64(), pa.string(), pa.string(), pa.string(), pa.int64())
    columns = {
        name: pa.array([getattr(each, name) for each in counts], kind) for name, kind in zip(_NAMES, types, strict=True)
    }
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".part")
        pq.write_table(pa.table(columns), half)
        for old in folder.glob(f"{day.isoformat()}-*.parquet"):
            old.unlink(missing_ok=True)
        half.replace(path)
