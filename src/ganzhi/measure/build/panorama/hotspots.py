"""Builds the list of complaint hot spots (S002-012): reasons and places against the periods before.

It counts and compares; it tests nothing. A row is marked where it is the highest of the periods and large.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.base.periods import Period
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.build.definitions import both
from ganzhi.measure.build.overview import periods_back
from ganzhi.measure.build.readings import subject_of
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.views.panorama.brief import HotSpot, HotSpots
from ganzhi.measure.views.parts import Scope

COUNTED = "complaint.count"
"""The indicator whose cases are counted."""
REASONS = ("complaint_category", "complaint_domain", "process")
"""What says why somebody complains; the first by which the indicator can be cut."""
EARLIER = 4
SPARK = 12
LARGE = 0.05
"""Share of all complaints from which a spot is large."""
LISTED = 5

Counts = Mapping[str, Mapping[Period, int]]


def hot_spots(reader: Reader, scope: Scope) -> HotSpots | None:
    """Where complaints gather and grow; None where they are not counted or nothing is known of the period."""
    catalogue = reader.workplace.catalogue
    indicator = catalogue.indicators.get(COUNTED)
    if indicator is None or indicator.count is None or indicator.feed is None:
        return None
    periods = periods_back(scope.period, SPARK)
    whole = _counts(reader, scope, periods, None).get("", {})
    if scope.period not in whole:
        return None
    dimension = next((each for each in REASONS if each in indicator.by), None)
    names: dict[str, Text] = {unit: each.name for unit, each in reader.ground.children(scope.unit).items()}
    reasons: tuple[HotSpot, ...] = ()
    if dimension is not None:
        values = catalogue.dimensions[dimension].values
        found = _counts(reader, scope, periods, dimension)
        reasons = _spots(reader, scope, dimension, found, whole, {key: values.get(key) for key in found})
    places = _spots(reader, scope, "unit", _counts(reader, scope, periods, "unit"), whole, names) if names else ()
    return HotSpots(
        subject=subject_of(catalogue, COUNTED, scope.period.grain),
        feed=indicator.feed,
        period=scope.period,
        earlier=EARLIER,
        smallest=SMALLEST_CELL,
        total=whole[scope.period],
        before=mean_before(whole, whole, scope.period),
        reasons=reasons,
        places=places,
    )


def _counts(reader: Reader, scope: Scope, periods: Sequence[Period], cut: str | None) -> Counts:
    """Cases of each period that anything arrived for, by a dimension, by the units below, or altogether."""
    request = ObserveRequest(
        codes=(COUNTED,),
        unit=scope.unit,
        grain=scope.period.grain,
        first=periods[0].first_day,
        last=periods[-1].last_day,
        by=(cut,) if cut not in (None, "unit") else (),
        children=cut == "unit",
        stale="show",
    )
    found: dict[str, dict[Period, int]] = {}
    for each in observe(reader.workplace, reader.states, request):
        if each.value is not None:
            key = each.unit if cut == "unit" else each.slice.get(cut, "") if cut else ""
            found.setdefault(key, {})[each.period] = int(each.value)
    return found


def mean_before(counts: Mapping[Period, int], whole: Mapping[Period, int], period: Period) -> float | None:
    """Mean of the periods before of which anything is known; a count that is missing in one of them is none."""
    known = [each for each in periods_back(period, EARLIER + 1)[:-1] if each in whole]
    return sum(counts.get(each, 0) for each in known) / len(known) if known else None


def _spots(
    reader: Reader,
    scope: Scope,
    kind: str,
    found: Counts,
    whole: Mapping[Period, int],
    names: Mapping[str, Text | None],
) -> tuple[HotSpot, ...]:
    """The spots that are no small cell, those that grew most first."""
    spots = []
    for key, counts in found.items():
        count = counts.get(scope.period, 0)
        if count < SMALLEST_CELL or (kind == "unit" and key not in names):
            continue
        name = names.get(key) or (Text(zh=key, en=key) if key else both("views.unknown_value"))
        spots.append(_spot(reader, scope, kind, key, name, counts, whole))
    spots.sort(key=lambda spot: (not spot.grown, -(spot.growth or 0.0), -spot.count))
    return tuple(spots[:LISTED])


def _spot(
    reader: Reader,
    scope: Scope,
    kind: str,
    key: str,
    name: Text,
    counts: Mapping[Period, int],
    whole: Mapping[Period, int],
) -> HotSpot:
    count = counts[scope.period]
    earlier = [each for each in periods_back(scope.period, EARLIER + 1)[:-1] if each in whole]
    open_to = reader.viewer.may("list")
    small = not open_to and 0 < sum(counts.get(each, 0) for each in earlier) < SMALLEST_CELL
    share = count / whole[scope.period]

    def seen(period: Period) -> float | None:
        if period not in whole:
            return None
        value = counts.get(period, 0)
        return None if not open_to and 0 < value < SMALLEST_CELL else float(value)

    return HotSpot(
        kind=kind,
        key=key,
        name=name,
        count=count,
        before=None if small else mean_before(counts, whole, scope.period),
        share=share,
        grown=bool(earlier) and share >= LARGE and all(count > counts.get(each, 0) for each in earlier),
        spark=tuple(seen(each) for each in periods_back(scope.period, SPARK)),
        unit=key if kind == "unit" else scope.unit,
        where={} if kind == "unit" else {kind: key},
    )
