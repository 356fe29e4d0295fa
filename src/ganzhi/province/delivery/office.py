"""The operator's file office: writes every feed's files day by day and sends them off, in time or not.

A file grows while its day (or month) lasts and is placed, when that is over, into the folder of the day it
arrives: `delivered/<yyyymmdd>/`. What would arrive after the simulation's last day lies in `later/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ganzhi.province.calendar import Today
from ganzhi.province.columns import pieces
from ganzhi.province.delivery.dirt import Dirt, Tally, soiled
from ganzhi.province.delivery.exports import EXPORTS
from ganzhi.province.delivery.family import Family
from ganzhi.province.delivery.render import as_bytes, rendered
from ganzhi.province.delivery.tables import TABLES
from ganzhi.province.delivery.truth import TruthBook
from ganzhi.province.levers import Levers
from ganzhi.province.streams import stream

FAMILIES: tuple[Family, ...] = (*TABLES, *EXPORTS)
"""Every family of files; a feed may have several."""
WHOLE_AFTER_DAYS = 2
"""A file that was sent short comes whole so much later."""
SHORT_SHARE = 0.93
"""What the short version holds of it."""


@dataclass(slots=True)
class _Open:
    """A file being written. fate: drawn when it is opened."""

    path: Path
    handle: BinaryIO
    family: Family
    day: date
    rng: np.random.Generator
    tallies: dict[str, Tally] = field(default_factory=dict)
    late_days: int = 0
    resent: bool = False
    missing_share: float = 0.0
    incident: int = -1


def _by_feed() -> dict[str, tuple[Family, ...]]:
    found: dict[str, tuple[Family, ...]] = {}
    for family in FAMILIES:
        found[family.feed] = (*found.get(family.feed, ()), family)
    return found


class FileOffice:
    """The sink of a simulation that goes to disk."""

    def __init__(self, root: Path, seed: int, last: date, levers: Levers, dirt: Dirt) -> None:
        self._root, self._seed, self._last, self._levers, self._dirt = root, seed, last, levers, dirt
        self._work = root / ".work"
        self._work.mkdir(parents=True)
        self._families = _by_feed()
        self._open: dict[str, _Open] = {}
        self._today: Today | None = None
        self._told: list[tuple[Any, ...]] = []
        self._truth = TruthBook(root / "truth")
        self.rows: dict[str, int] = {}
        """Rows written of each feed."""
        self.files = 0

    def begin(self, today: Today) -> None:
        """Start a day; tables of accounting systems are delivered even when nothing happened."""
        self._today = today
        for family in TABLES:
            for shard in range(1, family.shards + 1) or (0,):
                self._file(family, shard)

    def deliver(self, feed: str, **columns: Any) -> None:
        """Records of a feed, into the files of today: a piece at a time, so that text is never held of all of them."""
        for span in pieces(len(next(iter(columns.values())))):
            self._deliver(feed, {name: column[span] for name, column in columns.items()})

    def _deliver(self, feed: str, columns: Mapping[str, Any]) -> None:
        for family in self._families[feed]:
            picked = _picked(family, columns)
            rows = len(next(iter(picked.values())))
            if not rows:
                continue
            table = rendered(family, picked, rows)
            if not family.shards:
                self._append(family, 0, table)
                continue
            shards = _shards(picked[str(family.shard_by)], family.shards)
            for shard in range(family.shards):
                part = table.filter(pa.array(shards == shard))
                if len(part):
                    self._append(family, shard + 1, part)

    def know(self, table: str, **columns: Any) -> None:
        """Rows of the truth."""
        self._truth.add(table, columns)

    def end(self) -> None:
        """Close and send what is due at the end of the day."""
        today = self._now()
        tomorrow = today.day + timedelta(days=1)
        month_ends = tomorrow.month != today.day.month or today.day == self._last
        for name, opened in list(self._open.items()):
            if opened.family.per == "day" or month_ends:
                del self._open[name]
                self._send(name, opened)
        self._know_deliveries()

    def finish(self) -> None:
        """Nothing more comes: complete the truth and tidy up."""
        self._know_deliveries()
        self._truth.close()
        self._work.rmdir()

    def _know_deliveries(self) -> None:
        columns = zip(*self._told, strict=True) if self._told else ([] for _ in DELIVERIES)
        told = {field.name: pa.array(column, field.type) for field, column in zip(DELIVERIES, columns, strict=True)}
        self._truth.add("deliveries", told)
        self._told = []

    def _now(self) -> Today:
        assert self._today is not None, "no day has begun"
        return self._today

    def _file(self, family: Family, shard: int) -> _Open:
        today = self._now()
        name = family.file_name(today.day, shard)
        if name not in self._open:
            path = self._work / name
            opened = _Open(path, path.open("wb"), family, today.day, stream(self._seed, "file", name))
            self._draw_fate(opened)
            header = family.delimiter.join(filed.name for filed in family.columns) + "\n"
            opened.handle.write(header.encode())
            self._open[name] = opened
        self._open[name].tallies.setdefault(family.feed, Tally())
        return self._open[name]

    def _draw_fate(self, opened: _Open) -> None:
        late, resent = opened.rng.random(2)
        opened.late_days = 1 + int(opened.rng.integers(0, 3)) if late < self._dirt.late else 0
        opened.resent = bool(resent < self._dirt.resent)
        noon = np.array([self._now().start + 43_200])
        days, cause = self._levers.at("delivery.late_days", noon, opened.family.feed)
        short, short_cause = self._levers.at("delivery.short", noon, opened.family.feed)
        if days[0] > 0:
            opened.late_days, opened.incident = int(days[0]), int(cause[0])
        if short[0] > 0:
            opened.missing_share, opened.incident = float(short[0]), int(short_cause[0])

    def _append(self, family: Family, shard: int, table: pa.Table) -> None:
        opened = self._file(family, shard)
        table, tally = soiled(opened.rng, self._dirt, family, table, opened.missing_share)
        opened.tallies[family.feed].add(tally)
        opened.handle.write(as_bytes(family, table))
        self.rows[family.feed] = self.rows.get(family.feed, 0) + tally.rows

    def _send(self, name: str, opened: _Open) -> None:
        opened.handle.close()
        today = self._now().day
        arrives = today + timedelta(days=opened.late_days)
        rows = sum(tally.rows for tally in opened.tallies.values())
        if opened.resent and rows > 1:
            whole = today + timedelta(days=WHOLE_AFTER_DAYS + opened.late_days)
            kept = _cut_short(opened.path, opened.path.with_suffix(".short"))
            self._place(opened.path, name, whole)
            self._place(opened.path.with_suffix(".short"), name, arrives)
            self._tell(name, opened, arrives, 1, kept / rows)
            self._tell(name, opened, whole, 2)
        else:
            self._place(opened.path, name, arrives)
            self._tell(name, opened, arrives, 1)

    def _place(self, path: Path, name: str, arrives: date) -> None:
        folder = self._root / ("delivered" if arrives <= self._last else "later") / f"{arrives:%Y%m%d}"
        folder.mkdir(parents=True, exist_ok=True)
        path.replace(folder / name)
        self.files += 1

    def _tell(self, name: str, opened: _Open, arrives: date, version: int, share: float = 1.0) -> None:
        for feed, tally in opened.tallies.items():
            kept = (name, feed, opened.day, arrives, version, tally.rows, share, tally.doubled, tally.spoiled)
            self._told.append((*kept, tally.garbled, tally.missing, opened.incident))


DELIVERIES = pa.schema(
    [
        ("file", pa.string()), ("feed", pa.string()), ("day", pa.date32()), ("arrives", pa.date32()),
        ("version", pa.int64()), ("rows", pa.int64()), ("held_share", pa.float64()), ("doubled", pa.int64()),
        ("spoiled", pa.int64()), ("garbled", pa.int64()), ("missing", pa.int64()), ("incident", pa.int64()),
    ]
)  # fmt: skip
"""The truth about files: one row for each file, feed and version. held_share: of the rows, what this version holds."""


def _picked(family: Family, columns: Mapping[str, Any]) -> Mapping[str, Any]:
    """The records this family holds."""
    if family.only is None:
        return columns
    column, letters = family.only
    mask = pc.is_in(pc.utf8_slice_codeunits(columns[column], 0, 1), pa.array(list(letters)))
    if pc.all(mask).as_py():
        return columns
    chosen = np.flatnonzero(mask.to_numpy(zero_copy_only=False))
    return {
        name: each.take(pa.array(chosen)) if isinstance(each, pa.Array) else np.asarray(each)[chosen]
        for name, each in columns.items()
    }


def _shards(accounts: pa.Array, shards: int) -> np.ndarray:
    """The shard (from 0) of each account, by its last digits."""
    digits = pc.fill_null(pc.utf8_slice_codeunits(accounts, -2), "0")
    return pc.cast(digits, pa.int64()).to_numpy(zero_copy_only=False) % shards


def _cut_short(whole: Path, short: Path) -> int:
    """Write the first part of a file, in whole lines; returns the rows it holds."""
    with whole.open("rb") as source, short.open("wb") as target:
        rows = sum(1 for _ in source) - 1
        kept = int(rows * SHORT_SHARE)
        source.seek(0)
        target.writelines(islice(source, 1 + kept))
    return kept
