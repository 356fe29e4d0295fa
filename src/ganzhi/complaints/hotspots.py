"""Hot spots: where complaints gather or have grown, by reason, product and place, alone and in pairs (C07).

A cell is large when it holds a good share of all; it has grown when its count, alone or with the period before,
is more than chance explains after all cells were looked at (`numerics.growth`). What a hot parent explains is told
with the parent: a pair counts on its own only when it has grown clearly more than either of its sides. Counts are
observations, so each opens to its records, and what a viewer may not see is not counted here either.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.analysis.counts import by_period
from ganzhi.complaints.analysis.cube import hold
from ganzhi.measure.build.overview import periods_back
from ganzhi.measure.build.scope import Reader
from ganzhi.numerics.growth import grown
from ganzhi.numerics.intervals import wilson

Side = Literal["reason", "product", "place"]
ALL: Final = "complaint.count"
QUALITY: Final = "complaint.quality"
"""Without marketing, fees and service (S003-021); what that leaves out is declared with the feed."""
DIMENSIONS: Final[Mapping[Side, str]] = {"reason": "complaint_category", "product": "product"}
CUTS: Final[tuple[tuple[Side, ...], ...]] = (
    ("reason",), ("product",), ("place",), ("reason", "product"), ("reason", "place"), ("product", "place"),
)  # fmt: skip
BACK: Final[Mapping[Grain, int]] = {Grain.DAY: 28, Grain.WEEK: 8, Grain.MONTH: 6}
"""Periods before that a period is compared with."""
LEAST: Final = 5
"""A smaller count is no hot spot (S003-022)."""
TIMES: Final = 1.5
"""A smaller growth is none worth telling."""
DISCOVERY: Final = 0.05
LARGE: Final = 0.1
"""Share of all complaints from which a cell of one side is large: the lower end of its 95 % interval."""
BEYOND: Final = 1.5
"""How much more than its parents a pair has to have grown to stand on its own."""
MOSTLY: Final = 0.7
"""Share of a parent's growth from which a pair says where it is."""


@dataclass(frozen=True, slots=True)
class Cell:
    """Complaints of one value of one side, or of two.

    keys: value of each side, a unit's code for the place; names: as they are shown. count: of the period.
    span: periods that the growth is seen in, 1 or 2; recent, expected: the count in them and what was
    expected; adjusted: the chance of that or more, for all cells looked at. spark: counts of the known periods,
    oldest first, None where they are withheld. mostly: names of the pairs that hold most of its growth.
    spread: names of other sides that have grown because of it, and are not told on their own.
    """

    sides: tuple[Side, ...]
    keys: tuple[str, ...]
    names: tuple[Text, ...]
    count: int
    share: float
    span: int
    recent: int
    expected: float
    adjusted: float
    spark: tuple[int | None, ...]
    large: bool
    grown: bool
    unit: str
    where: Mapping[str, str]
    mostly: tuple[tuple[Text, ...], ...] = ()
    spread: tuple[Text, ...] = ()

    @property
    def times(self) -> float:
        """How many times what was expected."""
        return self.recent / self.expected


@dataclass(frozen=True, slots=True)
class HotSpots:
    """Hot spots of a place and period. total: all complaints. looked_at: cells that were compared. known: earlier
    periods of which anything is known; with fewer than two nothing can have grown."""

    code: str
    unit: str
    period: Period
    total: int
    looked_at: int
    known: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class _Counts:
    """cells: by sides and keys, the count of each known period, oldest first; periods: which those are."""

    periods: tuple[Period, ...]
    cells: Mapping[tuple[tuple[Side, ...], tuple[str, ...]], tuple[int, ...]]
    total: tuple[int, ...]


def hot_spots(reader: Reader, unit: str, period: Period, *, quality: bool = False) -> HotSpots:
    """The hot spots of a unit in a day, week or month: those that have grown first, the most unlikely first.

    Raises: InputError REQ012 for a unit out of reach, HOT001 for another grain, REQ010 where complaints are not counted.
    """
    return _in_turn(reader, unit, period, quality=quality, turns=1)[0]


def hot_spots_twice(reader: Reader, unit: str, period: Period, *, quality: bool = False) -> tuple[HotSpots, HotSpots]:
    """Those of a period and of the one before it, each beside its own past; asked once. Raises: as `hot_spots`."""
    now, before = _in_turn(reader, unit, period, quality=quality, turns=2)
    return now, before


def _in_turn(reader: Reader, unit: str, period: Period, *, quality: bool, turns: int) -> list[HotSpots]:
    reader.ground.unit(unit)
    if period.grain not in BACK:
        raise InputError(Issue("HOT001", period.key, params={"known": ", ".join(g.value for g in BACK)}))
    code = QUALITY if quality else ALL
    reader.workplace.catalogue.indicator(code)
    back = periods_back(period, BACK[period.grain] + turns)
    seen = _seen(reader, code, unit, back)
    found = []
    for turn in range(turns):
        end = len(back) - turn
        found.append(
            _judged(reader, code, unit, back[end - 1], _counts(seen, back[end - 1 - BACK[period.grain] : end]))
        )
    return found


def _judged(reader: Reader, code: str, unit: str, period: Period, counts: _Counts) -> HotSpots:
    if not counts.periods or counts.periods[-1] != period:
        return HotSpots(code, unit, period, 0, 0, max(len(counts.periods) - 1, 0), ())
    cells = _cells(reader, unit, counts)
    hot = [each for each in cells if each.grown or each.large]
    kept = _explained(hot)
    kept.sort(key=lambda each: (not each.grown, each.adjusted if each.grown else 1.0, -each.count, each.keys))
    return HotSpots(code, unit, period, counts.total[-1], len(cells), len(counts.periods) - 1, tuple(kept))


Whole = Mapping[Period, int]
Seen = Mapping[tuple[tuple[Side, ...], tuple[str, ...]], Mapping[Period, int]]


def _counts(seen: tuple[Whole, Seen], back: Sequence[Period]) -> _Counts:
    """Of what was asked once, the counts of every cut in the last of the periods and those before of which the whole
    is known."""
    whole, cells = seen
    known = tuple(each for each in back if each in whole)
    lined = {cell: tuple(found.get(each, 0) for each in known) for cell, found in cells.items()}
    return _Counts(
        known, {cell: line for cell, line in lined.items() if any(line)}, tuple(whole[each] for each in known)
    )


def _seen(reader: Reader, code: str, unit: str, back: Sequence[Period]) -> tuple[Whole, Seen]:
    """The whole by period, and the counts of every cut. One question where reason and product are counted together:
    counts add, so all cuts are sums of those."""
    below = bool(reader.ground.children(unit))
    indicator = reader.workplace.catalogue.indicator(code)
    cuts = [
        cut
        for cut in CUTS
        if all(side == "place" or DIMENSIONS[side] in indicator.by for side in cut) and (below or "place" not in cut)
    ]
    both = tuple(DIMENSIONS.values())
    if indicator.feed is not None and any(
        set(both) <= set(each) for each in reader.workplace.catalogue.feed(indicator.feed).cuboids
    ):
        hold(reader, (code,), unit, back, both, children=below)
    whole = {each: number for (_, each), number in by_period(reader, code, unit, back[0], back[-1]).items()}
    cells: dict[tuple[tuple[Side, ...], tuple[str, ...]], dict[Period, int]] = {}
    for cut in cuts:
        for own, line in _lines(reader, code, unit, back, cut).items():
            if all(own):
                cells[cut, own] = line
    return whole, cells


def _lines(
    reader: Reader, code: str, unit: str, back: Sequence[Period], cut: tuple[Side, ...]
) -> dict[tuple[str, ...], dict[Period, int]]:
    """Counts of a cut by its values, in the order of its sides, and period."""
    by = tuple(DIMENSIONS[side] for side in cut if side != "place")
    below = reader.ground.children(unit)
    found: dict[tuple[str, ...], dict[Period, int]] = {}
    for (keys, each), number in by_period(reader, code, unit, back[0], back[-1], by, children="place" in cut).items():
        named = dict(zip(("place", *by) if "place" in cut else by, keys, strict=True))
        if "place" not in cut or named["place"] in below:
            own = tuple(named["place" if side == "place" else DIMENSIONS[side]] for side in cut)
            found.setdefault(own, {})[each] = number
    return found


def _cells(reader: Reader, unit: str, counts: _Counts) -> list[Cell]:
    """Every cell with at least LEAST in the last two periods, compared with its past."""
    looked = {cell: line for cell, line in counts.cells.items() if sum(line[-2:]) >= LEAST}
    if not looked:
        return []
    table = np.array(list(looked.values()), dtype=np.float64)
    total = counts.total[-1]
    if table.shape[1] >= 3:
        found = grown(table, _exposure(counts))
        spans, recent = found.span.tolist(), found.count.tolist()
        expected, chances = found.expected.tolist(), found.adjusted.tolist()
    else:
        spans, recent = [1] * len(table), table[:, -1].tolist()
        expected, chances = [float("nan")] * len(table), [1.0] * len(table)
    cells = []
    for at, ((sides, keys), line) in enumerate(looked.items()):
        count = line[-1]
        large = len(sides) == 1 and bool(total) and count >= LEAST and wilson(count, total).low >= LARGE
        grew = chances[at] <= DISCOVERY and recent[at] >= LEAST and count > 0 and recent[at] >= TIMES * expected[at]
        grew = grew and count * spans[at] >= TIMES * expected[at]  # still there, not only a period ago
        where = {DIMENSIONS[side]: key for side, key in zip(sides, keys, strict=True) if side != "place"}
        cells.append(
            Cell(
                sides=sides,
                keys=keys,
                names=tuple(name_of(reader, side, key) for side, key in zip(sides, keys, strict=True)),
                count=count,
                share=count / total if total else 0.0,
                span=spans[at],
                recent=int(recent[at]),
                expected=expected[at],
                adjusted=chances[at],
                spark=tuple(_shown(reader, number) for number in line),
                large=large,
                grown=grew,
                unit=keys[sides.index("place")] if "place" in sides else unit,
                where=where,
            )
        )
    return [each for each in cells if reader.viewer.may("list") or each.count >= SMALLEST_CELL]


def _shown(reader: Reader, number: int) -> int | None:
    """A count as this viewer may see it: small ones only with list depth."""
    return number if reader.viewer.may("list") or not 0 < number < SMALLEST_CELL else None


def _exposure(counts: _Counts) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """How much of a usual period each one is: days by their weekday, as all complaints went; months by their length."""
    periods = counts.periods
    if periods[0].grain is Grain.MONTH:
        return np.array([monthrange(p.first_day.year, p.first_day.month)[1] / 30 for p in periods])
    if periods[0].grain is Grain.WEEK or len(periods) < 15:
        return np.ones(len(periods))
    earlier = np.array(counts.total[:-1], dtype=np.float64)
    weekdays = np.array([p.first_day.weekday() for p in periods])
    mean = earlier.mean()
    usual = np.ones(7)
    for day in range(7):
        own = earlier[weekdays[:-1] == day]
        if len(own) >= 2 and own.mean() > 0:
            usual[day] = own.mean() / mean
    return np.asarray(usual[weekdays])


def name_of(reader: Reader, side: Side, key: str) -> Text:
    """How a value of a side is shown."""
    catalogue = reader.workplace.catalogue
    if side == "place":
        return catalogue.units[key].name
    dimension = catalogue.dimensions.get(DIMENSIONS[side])
    named = None if dimension is None else dimension.values.get(key)
    if named is None and side == "product" and key in catalogue.products:
        return catalogue.products[key].name
    return named or Text(zh=key, en=key)


def _explained(hot: Sequence[Cell]) -> list[Cell]:
    """Sides with the pairs that hold most of their growth; without pairs that a hot side explains, and without sides
    whose growth is mostly another side's that has grown more (every town, when one reason has grown everywhere)."""
    sides = {(each.sides[0], each.keys[0]): each for each in hot if len(each.sides) == 1}
    mostly: dict[tuple[Side, str], list[tuple[Text, ...]]] = {}
    because: dict[tuple[Side, str], tuple[Side, str]] = {}
    kept: list[Cell] = []
    for each in hot:
        if len(each.sides) == 1:
            continue
        own = {at: sides[at] for at in zip(each.sides, each.keys, strict=True) if at in sides and sides[at].grown}
        for at, side in own.items():
            if _more(each) >= MOSTLY * _more(side):
                mostly.setdefault(at, []).append(each.names)
                bigger = next((other for other, found in own.items() if _more(found) > _more(side)), None)
                if bigger is not None:
                    because[at] = bigger
        if not own or each.times >= BEYOND * max(side.times for side in own.values()):
            kept.append(each)
    spread: dict[tuple[Side, str], list[Text]] = {}
    for at, cause in because.items():
        spread.setdefault(cause, []).append(sides[at].names[0])
    told = [
        replace(each, mostly=tuple(mostly.get(at, ())), spread=tuple(spread.get(at, ())))
        if at not in because
        else replace(each, grown=False)
        for at, each in sides.items()
    ]
    return [*(each for each in told if each.grown or each.large), *kept]


def _more(cell: Cell) -> float:
    return cell.recent - cell.expected
