"""What goes wrong with files on the way, by chance or by an incident, and the truth about it.

Kinds: rows written twice; a code nobody announced; a moment that is none; a file that comes days late; a file
that was sent short first and whole two days later; rows missing altogether. Shares are ours, of the size
operators report of their worse interfaces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ganzhi.province.delivery.family import Family
from ganzhi.province.delivery.shape import is_moment
from ganzhi.province.streams import Ints

NO_MOMENT: Final = {True: "20120230256100", False: "2012-02-30 25:61:00"}
"""A moment that no calendar has, compact and plain."""


@dataclass(frozen=True, slots=True)
class Dirt:
    """How often things go wrong. doubled, spoiled, garbled: shares of rows. late, resent: shares of files."""

    doubled: float = 0.0008
    spoiled: float = 0.0003
    garbled: float = 0.0001
    late: float = 0.010
    resent: float = 0.004

    @classmethod
    def none(cls) -> Dirt:
        """Nothing goes wrong."""
        return cls(0, 0, 0, 0, 0)


@dataclass(slots=True)
class Tally:
    """What a file holds. rows: lines without the header. doubled: lines that repeat an earlier line. spoiled: lines
    with a code nobody announced. garbled: lines with a moment that is none. missing: records left out."""

    rows: int = 0
    doubled: int = 0
    spoiled: int = 0
    garbled: int = 0
    missing: int = 0

    def add(self, other: Tally) -> None:
        """Count another piece of the same file."""
        self.rows += other.rows
        self.doubled += other.doubled
        self.spoiled += other.spoiled
        self.garbled += other.garbled
        self.missing += other.missing


def soiled(
    rng: np.random.Generator, dirt: Dirt, family: Family, table: pa.Table, missing_share: float = 0.0
) -> tuple[pa.Table, Tally]:
    """The table with its share of dirt, and what was done to it.

    missing_share: of records left out altogether, by an incident.
    """
    tally = Tally()
    if missing_share > 0:
        kept = np.flatnonzero(rng.random(len(table)) >= missing_share)
        tally.missing = len(table) - len(kept)
        table = table.take(pa.array(kept))
    n = len(table)
    hit = rng.random(n) if n else np.empty(0)
    spoiled = np.flatnonzero(hit < dirt.spoiled) if family.spoiled else np.empty(0, dtype=np.int64)
    garbled = np.flatnonzero((hit >= dirt.spoiled) & (hit < dirt.spoiled + dirt.garbled))
    if len(spoiled):
        column, code = next(iter(family.spoiled.items()))
        table = _replaced(table, column, spoiled, code)
    if len(garbled):
        moment = _first_moment(family)
        if moment is None:
            garbled = garbled[:0]
        else:
            table = _replaced(table, moment, garbled, NO_MOMENT[family.compact])
    doubled = np.flatnonzero(rng.random(n) < dirt.doubled) if n else garbled[:0]
    doubled = np.setdiff1d(doubled, np.concatenate([spoiled, garbled]))
    if len(doubled):
        table = pa.concat_tables([table, table.take(pa.array(doubled))])
    tally.rows, tally.doubled, tally.spoiled, tally.garbled = len(table), len(doubled), len(spoiled), len(garbled)
    return table, tally


def _first_moment(family: Family) -> str | None:
    return next((f.name for f in family.columns if f.source is not None and is_moment(f.source)), None)


def _replaced(table: pa.Table, column: str, rows: Ints, text: str) -> pa.Table:
    """The table with `text` in some rows of a column."""
    position = table.column_names.index(column)
    mask = np.zeros(len(table), dtype=bool)
    mask[rows] = True
    old = table.column(column)
    return table.set_column(
        position, column, pc.if_else(pa.array(mask), pa.scalar(text, pa.string()), old.cast(pa.string()))
    )
