"""What moves together with what customers perceive, and which internal level goes with which perception.

Owns the series that are compared (values, or scores of what has no measure, per unit and period) and
which indicators are candidates: what supports the target, and what is measured on its processes
(S000-052, S001-010). The statistics are `numerics.association` and `numerics.monotone`. The wording is
"moves together", never "causes".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.observe import ObserveRequest, observe
from ganzhi.measure.open import States
from ganzhi.measure.score import ScoreRequest, limits_for, score_all
from ganzhi.numerics.association import Link, discoveries, link
from ganzhi.numerics.monotone import NoRelationError, Relation, fit, needed_range
from ganzhi.warehouse.workplace import Workplace

Series = Mapping[str, Sequence[float]]
"""Per unit one value per period, NaN where unknown."""

MOST_LAG = 12


@dataclass(frozen=True, slots=True)
class InfluenceRequest:
    """Which indicator is to be explained, by what, over which periods.

    candidates: empty for all that `candidates_of` names. most_lag: periods after which customers may
    still react. children: compare the direct children of `unit` (differences between places count only
    through their own ups and downs).
    """

    target: str
    unit: str
    grain: Grain
    first: date
    last: date
    candidates: tuple[str, ...] = ()
    most_lag: int = 3
    children: bool = False


@dataclass(frozen=True, slots=True)
class Influence:
    """A candidate's strongest link with the target; None where there are too few periods with both known.

    moves: the link holds although many were tested (at most 5 % of those that hold are false).
    expected: whether its sign is the one that the directions of both say; None where one has no direction.
    """

    code: str
    link: Link | None
    moves: bool
    expected: bool | None


@dataclass(frozen=True, slots=True)
class InfluenceReport:
    """rows: strongest first. tested: number of pairs and lags that were tested."""

    target: str
    rows: tuple[Influence, ...]
    tested: int


@dataclass(frozen=True, slots=True)
class SecureRequest:
    """Which internal level secures which level of perception (S001-008); fields as in `InfluenceRequest`."""

    internal: str
    perceived: str
    level: float
    unit: str
    grain: Grain
    first: date
    last: date
    children: bool = False


@dataclass(frozen=True, slots=True)
class Secured:
    """needed: the easiest internal value at which the fitted perception reaches the level; None where it
    does not within the data. low, high: its 5 % and 95 % bounds. target: the internal target of today."""

    request: SecureRequest
    relation: Relation
    needed: float | None
    low: float | None
    high: float | None
    target: float | None


def candidates_of(catalogue: Catalogue, target: str) -> tuple[str, ...]:
    """Measured indicators that support the target, directly or through others, and those of the operation
    dimension on its processes or its commercial process."""
    indicator = catalogue.indicator(target)
    below: list[str] = []
    pending = [*catalogue.children(target), *catalogue.risks(target)]
    while pending:
        code = pending.pop(0)
        if code not in below:
            below.append(code)
            pending += [*catalogue.children(code), *catalogue.risks(code)]
    processes = {p for code in (target, *below) for p in catalogue.indicator(code).processes}
    for code, each in catalogue.indicators.items():
        near = processes & set(each.processes) or (
            each.commercial_process is not None and each.commercial_process == indicator.commercial_process
        )
        if near and each.dimension == "operation" and each.state == "live" and not each.retired:
            below.append(code)
    measured = (c for c in dict.fromkeys(below) if catalogue.indicator(c).measure is not None and c != target)
    return tuple(measured)


def influence(workplace: Workplace, reading: States, request: InfluenceRequest) -> InfluenceReport:
    """The candidates by how strongly they move with the target.

    Raises: InputError as `observe` and `score_all`; MEA010 for a lag below 0 or above 12.
    """
    if not 0 <= request.most_lag <= MOST_LAG:
        raise InputError(Issue("MEA010", params={"limit": str(MOST_LAG)}))
    catalogue = workplace.catalogue
    codes = request.candidates or candidates_of(catalogue, request.target)
    span = _Span(request.unit, request.grain, request.first, request.last, request.children)
    found = series(workplace, reading, (request.target, *codes), span)
    tested: list[tuple[str, Link]] = []
    for code in codes:
        for lag in range(request.most_lag + 1):
            one = link(*_aligned(found[code], found[request.target]), lag)
            if one is not None:
                tested.append((code, one))
    held = discoveries([one.p for _, one in tested])
    rows = [_row(catalogue, request.target, code, tested, held) for code in codes]
    rows.sort(key=lambda r: (r.link is None, -abs(r.link.r) if r.link else 0.0, r.code))
    return InfluenceReport(request.target, tuple(rows), len(tested))


def _row(
    catalogue: Catalogue, target: str, code: str, tested: Sequence[tuple[str, Link]], held: Sequence[bool]
) -> Influence:
    own = [(one, holds) for (of, one), holds in zip(tested, held, strict=True) if of == code]
    if not own:
        return Influence(code, None, False, None)
    best, holds = min(own, key=lambda each: (each[0].p, -abs(each[0].r)))
    ways = [catalogue.indicator(c).direction or _way(catalogue, c) for c in (code, target)]
    expected = None if None in ways else (best.r > 0) == (ways[0] == ways[1])
    return Influence(code, best, holds, expected)


def _way(catalogue: Catalogue, code: str) -> str | None:
    return "higher" if catalogue.indicator(code).measure is None else None


def secure(workplace: Workplace, reading: States, request: SecureRequest) -> Secured:
    """The internal level that goes with a level of perception.

    Raises: InputError MEA011 for an internal indicator without direction or too few periods with both known.
    """
    catalogue = workplace.catalogue
    indicator = catalogue.indicator(request.internal)
    if indicator.direction is None:
        raise InputError(Issue("MEA011", request.internal, params={"reason": "direction"}))
    span = _Span(request.unit, request.grain, request.first, request.last, request.children)
    found = series(workplace, reading, (request.internal, request.perceived), span)
    pairs = _aligned(found[request.internal], found[request.perceived])
    x, y = ([v for row in side for v in row] for side in pairs)
    rising = (indicator.direction == "higher") == (catalogue.indicator(request.perceived).direction != "lower")
    try:
        relation = fit(x, y, rising=rising)
    except NoRelationError as error:
        raise InputError(Issue("MEA011", request.internal, params={"reason": str(error)})) from None
    bounds = needed_range(x, y, request.level, rising=rising)
    limits = limits_for(indicator, "management")
    low, high = bounds or (None, None)
    target = None if limits is None else float(limits.target)
    return Secured(request, relation, relation.needed(request.level), low, high, target)


@dataclass(frozen=True, slots=True)
class _Span:
    unit: str
    grain: Grain
    first: date
    last: date
    children: bool


def series(workplace: Workplace, reading: States, codes: Sequence[str], span: _Span) -> dict[str, Series]:
    """Per indicator and unit its values, or the scores of what has no measure, in the order of the periods.

    Values of periods that have not arrived whole are unknown."""
    catalogue = workplace.catalogue
    measured = tuple(dict.fromkeys(c for c in codes if catalogue.indicator(c).measure is not None))
    scores = tuple(dict.fromkeys(c for c in codes if catalogue.indicator(c).measure is None))
    found: dict[str, dict[str, list[float]]] = {code: {} for code in codes}
    if measured:
        question = ObserveRequest(measured, span.unit, span.grain, span.first, span.last, children=span.children)
        for each in observe(workplace, reading, question):
            whole = each.value is not None and each.completeness == 1
            value = float(each.value) if whole and each.value is not None else math.nan
            found[each.code].setdefault(each.unit, []).append(value)
    if scores:
        asked = ScoreRequest(scores, span.unit, span.grain, span.first, span.last, children=span.children)
        for scored in score_all(workplace, reading, asked):
            value = math.nan if scored.score is None else scored.score.unclipped
            found[scored.code].setdefault(scored.unit, []).append(value)
    return {code: dict(by_unit) for code, by_unit in found.items()}


def _aligned(one: Series, other: Series) -> tuple[list[Sequence[float]], list[Sequence[float]]]:
    """Both series of every unit that has both."""
    units = [unit for unit in one if unit in other and len(one[unit]) == len(other[unit])]
    return [one[u] for u in units], [other[u] for u in units]
