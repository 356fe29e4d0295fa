"""What is published, for pages: values of a few units in a few periods, found without a query.

Owns which periods may be read (published, and resting on what counts now; or nothing is known of
them) and that a value read is the one `measure.observe` gives for the same state. Whatever is not
covered is left to `measure.observe`: slices, to-date, grains below a day, indicators that a grain is
too fine for. Reads the copies of `warehouse.shelf`, which lie unit by unit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ganzhi.base.periods import Grain, Period
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.formulas import Formula
from ganzhi.compile.plan import plan_feed
from ganzhi.measure.observation import UNITS_OF_VALUE, Exact, Observation, Parts, plain
from ganzhi.measure.observe import exact
from ganzhi.measure.publish.facts import measured_codes
from ganzhi.measure.publish.staleness import Ground, holds, published_files
from ganzhi.measure.publish.tables import WHOLE_DAYS, table_name
from ganzhi.measure.score import Cell
from ganzhi.numerics.sums import Floats
from ganzhi.store.manifest import FileRef, Snapshot
from ganzhi.warehouse.files import Files
from ganzhi.warehouse.shelf import Columns, Names, Shelf

VALUES_KEPT = 1_000
"""Periods whose values stay found from one snapshot to the next."""

LEFT_OUT = frozenset({"period"})
"""Columns a copy does not need: all rows of a file have the same."""


def shelf_of(files: Files) -> Shelf:
    """The shelf of published observations."""
    return Shelf(files, group="unit", item="code", without=LEFT_OUT)


@dataclass(frozen=True, slots=True)
class Values:
    """A period's observations. absent: per code what a unit without a row has: 0 for what is counted, NaN else."""

    columns: Columns
    absent: Floats
    gone: dict[str, Parts] = field(default_factory=dict)
    """Per code that was asked for, what a unit without a row has."""


class Published:
    """Published observations as of one snapshot.

    ground: what they must rest on; made when it is first needed. Safe for threads.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        snapshot: Snapshot,
        shelf: Shelf,
        ground: Callable[[], Ground | None],
        kept: dict[str, Values] | None = None,
    ) -> None:
        """kept: by path of their file, values that snapshots of one catalogue share."""
        self._catalogue, self._snapshot, self._shelf, self._ask_ground = catalogue, snapshot, shelf, ground
        self._files: dict[Grain, Mapping[str, tuple[FileRef, ...]]] = {}
        self._codes: dict[Grain, frozenset[str]] = {}
        self._covered: dict[Period, bool] = {}
        self._values: dict[Period, Values | None] = {}
        self._kept = {} if kept is None else kept
        self._placed: dict[tuple[int, int], NDArray[np.int64]] = {}
        self._holding: list[object] = []

    @cached_property
    def _ground(self) -> Ground | None:
        return self._ask_ground()

    @cached_property
    def _known_days(self) -> frozenset[object]:
        return frozenset() if self._ground is None else frozenset(self._ground.days())

    def answers(self, codes: Collection[str], grain: Grain) -> bool:
        """Whether indicators that have values are published at a grain."""
        return grain in WHOLE_DAYS and self._ground is not None and self._published(grain).issuperset(codes)

    def _published(self, grain: Grain) -> frozenset[str]:
        found = self._codes.get(grain)
        if found is None:
            key = ("published.codes", grain.value)
            if key not in self._catalogue.computed:
                self._catalogue.computed[key] = frozenset(measured_codes(self._catalogue, grain))
            found = self._codes[grain] = self._catalogue.computed[key]
        return found

    def covers(self, period: Period) -> bool:
        """Whether what is known of a period is published as it is now, be it nothing."""
        found = self._covered.get(period)
        if found is None:
            found = self._covered[period] = self._holds(period)
        return found

    def _holds(self, period: Period) -> bool:
        ground = self._ground
        if ground is None or period.grain not in WHOLE_DAYS:
            return False
        return self._is_empty(period) or holds(self._of(period), ground.mark(period))

    def _is_empty(self, period: Period) -> bool:
        return self._known_days.isdisjoint(period.days)

    def _of(self, period: Period) -> tuple[FileRef, ...]:
        if period.grain not in self._files:
            self._files[period.grain] = published_files(self._snapshot, period.grain)
        return self._files[period.grain].get(period.first_day.isoformat(), ())

    def _values_of(self, period: Period) -> Values | None:
        """A covered period's observations; None when nothing is known of it."""
        if period not in self._values:
            table = table_name("observed", period.grain)
            file = next((f for f in self._of(period) if f.table == table), None)
            found = None
            if file is not None and not self._is_empty(period):
                found = self._kept.get(file.path)
                if found is None:
                    columns = self._shelf.columns(file)
                    found = Values(columns, _absent(columns, self._catalogue.root_unit))
                    if len(self._kept) >= VALUES_KEPT:
                        self._kept.clear()
                    self._kept[file.path] = found
            self._values[period] = found
        return self._values[period]

    # --- measure.score.Numbers --------------------------------------------------------------------

    def fill(self, columns: Mapping[str, int], cells: Sequence[Cell], values: Floats, n: NDArray[np.int64]) -> None:
        """See `measure.score.Numbers`; the cells' periods are covered."""
        for row, (unit, period) in enumerate(cells):
            found = self._values_of(period)
            if found is None:
                continue
            held = found.columns
            at = self._places(held.items, columns)
            here = at >= 0
            values[row, at[here]] = found.absent[here]
            low, high = held.span(unit)
            to = at[held.item[low:high]]
            kept = to >= 0
            values[row, to[kept]] = held.floats["value"][low:high][kept]
            n[row, to[kept]] = held.wholes["n"][low:high][kept]

    def _places(self, items: Names, columns: Mapping[str, int]) -> NDArray[np.int64]:
        """Per item its column, −1 for none."""
        key = (id(items), id(columns))
        if key not in self._placed:
            self._holding += [items, columns]  # an id is of this object as long as it lives
            self._placed[key] = np.array([columns.get(code, -1) for code in items.texts], dtype=np.int64)
        return self._placed[key]

    def read(self, unit: str, period: Period, *, few: bool = False) -> Callable[[str], Parts | None]:
        """See `measure.score.Numbers`; the period is covered."""
        published, found = self._published(period.grain), self._values_of(period)
        if found is None:
            return lambda code: Parts() if code in published else None
        if few:
            return lambda code: self._one(code, unit, found) if code in published else None
        held = found.columns
        low, high = held.span(unit)
        rows = dict(zip(held.item[low:high].tolist(), _all_parts(held, low, high), strict=True))
        places = held.items.place

        def parts(code: str) -> Parts | None:
            if code not in published:  # a score of children; `answers` has said so for all others
                return None
            row = rows.get(places.get(code, -1))
            return self._gone(code, found) if row is None else row

        return parts

    def _one(self, code: str, unit: str, found: Values) -> Parts:
        """The numbers of one indicator of a unit."""
        row = found.columns.row(unit, code)
        return self._gone(code, found) if row is None else _parts(found.columns, row)

    def observation(self, code: str, unit: str, period: Period) -> Observation | None:
        """See `measure.score.Numbers`; the period is covered."""
        if code not in self._published(period.grain):
            return None
        found = self._values_of(period)
        parts = Parts() if found is None else self._one(code, unit, found)
        indicator = self._catalogue.indicator(code)
        return Observation(
            code=code,
            unit=unit,
            period=period,
            covered=period,
            slice={},
            unit_of_value=UNITS_OF_VALUE[indicator.unit],
            catalogue_version=self._catalogue.version,
            **parts._asdict(),
        )

    def few(self, units: Sequence[str], period: Period, below: int) -> dict[str, list[int]]:
        """Events of each of the units, for the indicators of which one of them has fewer than `below` and some; the
        period is covered."""
        found = self._values_of(period)
        if found is None:
            return {}
        held = found.columns
        counts = np.zeros((len(units), len(held.items.texts)), dtype=np.int64)
        for row, unit in enumerate(units):
            low, high = held.span(unit)
            counts[row, held.item[low:high]] = held.wholes["n"][low:high]
        small = ((counts > 0) & (counts < below)).any(axis=0)
        return {held.items.texts[at]: counts[:, at].tolist() for at in np.flatnonzero(small)}

    def _gone(self, code: str, found: Values) -> Parts:
        """What a unit without a row has, looked up once for each code of a period."""
        parts = found.gone.get(code)
        if parts is None:
            parts = found.gone[code] = self._absent_one(code, found)
        return parts

    def _absent_one(self, code: str, found: Values) -> Parts:
        """What a unit without a row has: nothing known, or nothing counted (`measure.publish.tables`)."""
        root = found.columns.row(self._catalogue.root_unit, code)
        if root is None:
            return Parts()
        formula = self._formula(code)
        completeness = float(found.columns.floats["completeness"][root])
        zero = None if formula.numerator is None else 0
        if formula.per is not None:  # nothing over nothing: `measure.rates` shows a base that counted nothing
            base = self._formula(formula.per)
            counts = base.numerator is not None and base.denominator is None and base.per is None
            under, value = 0 if counts and completeness else None, None
        else:
            under, value = None if formula.denominator is None else 0, zero if formula.denominator is None else None
        return Parts(zero, under, 0, value, completeness)

    def _formula(self, code: str) -> Formula:
        feed = self._catalogue.indicator(code).feed
        assert feed is not None
        return plan_feed(self._catalogue, feed).formula(code)


def _parts(held: Columns, row: int) -> Parts:
    """A row's numbers."""
    numerator, denominator = (exact(held.arrays[name][row].as_py()) for name in ("numerator", "denominator"))
    value = float(held.floats["value"][row])
    number: float | int | None = None if math.isnan(value) else value
    if denominator is None and numerator is not None and number == numerator:
        number = plain(numerator)
    return Parts(
        numerator,
        denominator,
        int(held.wholes["n"][row]),
        number,
        float(held.floats["completeness"][row]),
        bool(held.arrays["estimated"][row].as_py()),
    )


def _all_parts(held: Columns, low: int, high: int) -> list[Parts]:
    """The numbers of rows that follow each other, as `_parts` gives them, a column at a time."""
    above, below = (exact_numbers(held.arrays[name], low, high) for name in ("numerator", "denominator"))
    values, completeness = (held.floats[name][low:high].tolist() for name in ("value", "completeness"))
    n, estimated = held.wholes["n"][low:high].tolist(), held.arrays["estimated"].slice(low, high - low).to_pylist()
    found = []
    for numerator, denominator, rows, value, share, about in zip(
        above, below, n, values, completeness, estimated, strict=True
    ):
        number: float | int | None = None if math.isnan(value) else value
        if denominator is None and numerator is not None and number == numerator:
            number = plain(numerator)
        found.append(Parts(numerator, denominator, rows, number, share, bool(about)))
    return found


def exact_numbers(column: pa.Array, low: int, high: int) -> list[Exact | None]:
    """Decimals as `measure.observe.exact` gives them. Whole ones of up to nine digits before the point fill half of
    their sixteen bytes and are taken from there all at once."""
    rows, scale = column.slice(low, high - low), 10**column.type.scale
    if not len(rows):
        return []
    halves = np.frombuffer(rows.buffers()[1], dtype="<i8")[2 * rows.offset : 2 * (rows.offset + len(rows))]
    small, rest = halves[0::2], halves[1::2]
    whole = (rest == small >> 63) & (small % scale == 0)
    found: list[Exact | None] = (small // scale).tolist()
    for at in np.flatnonzero(~whole).tolist():
        found[at] = exact(rows[at].as_py())
    if rows.null_count:
        for at in np.flatnonzero(~rows.is_valid().to_numpy(zero_copy_only=False)).tolist():
            found[at] = None
    return found


def _absent(columns: Columns, root: str) -> Floats:
    """Per code what a unit without a row has, as the root's row says."""
    found = np.full(len(columns.items.texts), np.nan)
    low, high = columns.span(root)
    rows = columns.rows.slice(low, high - low)
    counts = np.logical_and(_there(rows, "numerator"), ~_there(rows, "denominator"))
    counts &= ~np.isnan(columns.floats["value"][low:high])
    found[columns.item[low:high][counts]] = 0.0
    return found


def _there(rows: pa.Table, column: str) -> NDArray[np.bool_]:
    """Per row whether a column has something."""
    found: NDArray[np.bool_] = rows[column].is_valid().to_numpy()
    return found
