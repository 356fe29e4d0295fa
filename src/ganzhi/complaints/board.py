"""The page of complaints: hot spots, products by volume and by rate, places against their users, what is suddenly said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.parts import Text
from ganzhi.complaints.hotspots import ALL, BACK, DIMENSIONS, QUALITY, HotSpots, hot_spots, name_of
from ganzhi.complaints.phrases import Phrases, emerging_phrases
from ganzhi.complaints.recognise.heads import FEED
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.observation import Observation, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.views.parts import Scope
from ganzhi.measure.views.query import PageQuery
from ganzhi.numerics.intervals import wilson

RATE = "complaint.per_10k_users"
"""Complaints of a product per 10,000 of its users (S001-020)."""
OF_ALL = "complaint.per_10k"
LISTED = 5
"""Products of each of the two rankings (S003-026)."""
PER = 10_000


@dataclass(frozen=True, slots=True)
class BoardQuery:
    """quality: without marketing, fees and service."""

    quality: bool = False


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product. users, rate: None where unknown. by_volume, by_rate: its rank, from 1, where it is among the first."""

    code: str
    name: Text
    count: int
    users: int | None
    rate: float | None
    by_volume: int | None
    by_rate: int | None


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place's share of complaints against its share of users (S003-028). low, high: 95 % of the share of complaints;
    more: its share of complaints is above its share of users beyond chance."""

    unit: str
    name: Text
    count: int
    share: float
    low: float
    high: float
    user_share: float

    @property
    def more(self) -> bool:
        """Whether even the low end lies above the share of users."""
        return self.low > self.user_share


@dataclass(frozen=True, slots=True)
class Board:
    """judged: whether the period is a day, week or month, of which alone hot spots are looked for. phrases: None for
    viewers without list depth. records: whether the viewer may open lists."""

    scope: Scope
    quality: bool
    judged: bool
    spots: HotSpots
    products: tuple[ProductRow, ...]
    places: tuple[PlaceRow, ...]
    phrases: Phrases | None
    records: bool


def board_page(reader: Reader, query: PageQuery, asked: BoardQuery) -> Board:
    """The page; of quarters and years without hot spots. Raises: InputError as `scope_of`."""
    scope = scope_of(reader, query, feeds=(FEED,), grain=Grain.WEEK)
    lists, judged = reader.viewer.may("list"), scope.period.grain in BACK
    return Board(
        scope=scope,
        quality=asked.quality,
        judged=judged,
        spots=hot_spots(reader, scope.unit, scope.period, quality=asked.quality)
        if judged
        else _unjudged(reader, scope, asked),
        products=_products(reader, scope),
        places=_places(reader, scope),
        phrases=emerging_phrases(reader, scope.unit, scope.period) if lists and judged else None,
        records=lists,
    )


def _unjudged(reader: Reader, scope: Scope, asked: BoardQuery) -> HotSpots:
    """The count alone."""
    code = QUALITY if asked.quality else ALL
    values = [each.value for each in _observed(reader, code, scope)]
    return HotSpots(code, scope.unit, scope.period, sum(int(each) for each in values if each is not None), 0, 0, ())


def _observed(
    reader: Reader, code: str, scope: Scope, *, by: tuple[str, ...] = (), children: bool = False
) -> list[Observation]:
    if code not in reader.workplace.catalogue.indicators:
        return []
    request = ObserveRequest(
        codes=(code,),
        unit=scope.unit,
        grain=scope.period.grain,
        first=scope.period.first_day,
        last=scope.period.last_day,
        by=by,
        children=children,
        stale="show",
    )
    return [each for each in observe(reader.workplace, reader.states, request) if each.period == scope.period]


def _products(reader: Reader, scope: Scope) -> tuple[ProductRow, ...]:
    """Products that are among the first by volume or by rate."""
    least = 1 if reader.viewer.may("list") else SMALLEST_CELL
    side = DIMENSIONS["product"]
    rows = {}
    for each in _observed(reader, RATE, scope, by=(side,)):
        code = each.slice.get(side, "")
        if code and each.numerator is not None and int(each.numerator) >= least:
            users = None if each.denominator is None else round(float(each.denominator) * PER)
            rows[code] = (int(each.numerator), users, None if each.value is None else float(each.value))
    by_volume = sorted(rows, key=lambda code: (-rows[code][0], code))[:LISTED]
    rated = {code: rate for code, (_, _, rate) in rows.items() if rate is not None}
    by_rate = sorted(rated, key=lambda code: (-rated[code], code))[:LISTED]
    return tuple(
        ProductRow(
            code,
            name_of(reader, "product", code),
            *rows[code],
            by_volume.index(code) + 1 if code in by_volume else None,
            by_rate.index(code) + 1 if code in by_rate else None,
        )
        for code in dict.fromkeys((*by_volume, *by_rate))
    )


def _places(reader: Reader, scope: Scope) -> tuple[PlaceRow, ...]:
    """Places below, those whose share of complaints exceeds their share of users most first."""
    below = reader.ground.children(scope.unit)
    least = 1 if reader.viewer.may("list") else SMALLEST_CELL
    users: Mapping[str, float] = {
        each.unit: float(each.denominator)
        for each in _observed(reader, OF_ALL, scope, children=True)
        if each.unit in below and each.denominator
    }
    counts = {
        each.unit: int(each.value)
        for each in _observed(reader, ALL, scope, children=True)
        if each.unit in users and each.value is not None
    }
    if any(0 < number < least for number in counts.values()):
        return ()
    total, everybody = sum(counts.values()), sum(users[unit] for unit in counts)
    if not total or not everybody:
        return ()
    rows = []
    for unit, number in counts.items():
        interval = wilson(number, total)
        shares = number / total, interval.low, interval.high, users[unit] / everybody
        rows.append(PlaceRow(unit, below[unit].name, number, *shares))
    return tuple(sorted(rows, key=lambda row: (-row.share / row.user_share, row.unit)))
