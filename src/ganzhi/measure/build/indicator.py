"""Builds the indicator page."""

from __future__ import annotations

from datetime import date, timedelta

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, parse_grain, periods_between
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.formulas import SCALES
from ganzhi.measure.build.breakdowns import breakdown, dimensions_of, peers
from ganzhi.measure.build.catalogue.occasions import occasions_between
from ganzhi.measure.build.cells.above import withheld_in
from ganzhi.measure.build.cells.closed import withheld_reported
from ganzhi.measure.build.cells.cut import cut_indicator
from ganzhi.measure.build.contributions import contributions_of
from ganzhi.measure.build.definitions import both, definition_of
from ganzhi.measure.build.hours import hour_heat
from ganzhi.measure.build.overview import ask_around
from ganzhi.measure.build.readings import (
    UNKNOWN,
    Board,
    change_between,
    reading_of,
    subject_of,
    target_change,
)
from ganzhi.measure.build.records import preview
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.reported.shown import reported_otherwise
from ganzhi.measure.views.closed import ReportedOtherwise
from ganzhi.measure.views.indicator import HOUR_WEEKDAY, IndicatorPage, Place, Trend, TrendPoint
from ganzhi.measure.views.parts import Basis, Reading, Scope
from ganzhi.measure.views.query import IndicatorQuery, PageQuery

SPANS = (91, 182, 730)
"""Days a trend may go back: 13 weeks, 26 weeks, 2 years."""

TREND_POINTS_AT_MOST = 800
SMOOTH_DAYS = 7


def indicator_page(reader: Reader, code: str, query: PageQuery, asked: IndicatorQuery) -> IndicatorPage:
    """All of one indicator for a unit and period."""
    catalogue = reader.workplace.catalogue
    indicator = catalogue.indicator(code)
    feeds = (indicator.feed,) if indicator.feed else ()
    scope = scope_of(reader, query, feeds=feeds)
    board, compared = _board(reader, code, scope)
    now, before = board.reading(code, scope.unit, scope.period), board.reading(code, scope.unit, compared)
    year = scope.period.year_before()
    subject = subject_of(catalogue, code, scope.period.grain)
    measured = indicator.measure is not None
    dimensions = dimensions_of(catalogue, indicator)
    if "hour_of_day" in indicator.by and "weekday" in catalogue.dimensions and measured:
        dimensions = (*dimensions, (HOUR_WEEKDAY, both("views.hour_weekday")))
    chosen = _chosen_dimension(asked.by, dimensions)
    listed = preview(reader, code, scope) if measured and reader.viewer.may("list") else None
    page = IndicatorPage(
        scope=scope,
        subject=subject,
        now=now,
        before=before,
        change=change_between(now, before, compared.key, indicator),
        year_change=change_between(now, board.reading(code, scope.unit, year), year.key, indicator),
        target_change=target_change(now, subject.limits, indicator),
        todate=_todate(reader, code, scope) if measured else None,
        score=board.score_now(code, scope.unit, scope.period, compared),
        trend=_trend(reader, code, scope, asked),
        dimension=chosen,
        dimensions=dimensions,
        breakdown=breakdown(reader, code, scope, compared, chosen) if chosen and chosen != HOUR_WEEKDAY else None,
        heat=hour_heat(reader, code, scope) if chosen == HOUR_WEEKDAY else None,
        peers=peers(reader, board, code, scope, compared),
        hierarchy=_hierarchy(catalogue, board, code, scope, compared),
        contributions=contributions_of(catalogue, board, code, scope.unit, scope.period, compared),
        definition=definition_of(catalogue, code),
        records=None if isinstance(listed, Issue) else listed,
        records_gone=listed if isinstance(listed, Issue) else None,
        topic=next(
            ((t, topic.name) for t, topic in catalogue.topics.items() if code in (topic.headline, *topic.indicators)),
            None,
        ),
        reported=_reported(reader, code, scope),
    )
    out = [board.withholds(code, scope.unit, each) for each in (scope.period, compared, year)]
    summed = withheld_in(reader, [code], [scope.unit], [scope.period], "todate") if measured else frozenset()
    return cut_indicator(page, now=out[0], before=out[1], year=out[2], todate=bool(summed))


def _reported(reader: Reader, code: str, scope: Scope) -> ReportedOtherwise | None:
    """What was reported of the period, as far as the page shows whole periods and it differs; not where it was too small to be shown."""
    if scope.basis != "period":
        return None
    found = reported_otherwise(reader.workplace, reader.states, code, scope.unit, scope.period)
    out = found is not None and withheld_reported(reader, [code], [scope.unit], [scope.period])
    return None if out else found


def _board(reader: Reader, code: str, scope: Scope) -> tuple[Board, Period]:
    """Readings of the indicator and of its whole family, for the period and those it is compared with."""
    catalogue = reader.workplace.catalogue
    family = [code, *(s.parent for s in catalogue.indicator(code).supports)]
    family += [grand.parent for parent in family[1:] for grand in catalogue.indicator(parent).supports]
    board = Board(reader, family, basis=scope.basis)
    compared = scope.compared_with or scope.period.previous()
    ask_around(reader, board, scope, compared)
    return board, compared


def _chosen_dimension(asked: str | None, dimensions: tuple[tuple[str, Text], ...]) -> str | None:
    names = [name for name, _ in dimensions]
    if asked and asked not in names:
        raise InputError(Issue("REQ004", "by", params={"value": asked[:40], "known": ", ".join(names) or "–"}))
    return asked or (names[0] if names else None)


def _todate(reader: Reader, code: str, scope: Scope) -> Reading | None:
    """The value accumulated from the start of the month or year up to the end of the period (S002-119)."""
    request = ObserveRequest(
        codes=(code,),
        unit=scope.unit,
        grain=scope.period.grain,
        first=scope.period.first_day,
        last=scope.period.last_day,
        basis="todate",
        stale="show",
    )
    found = observe(reader.workplace, reader.states, request)
    indicator = reader.workplace.catalogue.indicator(code)
    return reading_of(found[-1], indicator) if found else None


def _trend_grain(
    asked: str | None, indicator: Indicator, catalogue: Catalogue, span: int
) -> tuple[Grain, tuple[Grain, ...]]:
    finest = indicator.finest or catalogue.feed(indicator.feed).finest if indicator.feed is not None else Grain.DAY
    per_day = {Grain.QUARTER_HOUR: 96, Grain.HALF_HOUR: 48, Grain.HOUR: 24}
    offered = tuple(
        g
        for g in Grain
        if (g.value == asked or not g.is_operator_week)
        and g.rank >= finest.rank
        and g is not Grain.YEAR
        and span * per_day.get(g, 1) <= TREND_POINTS_AT_MOST
    )
    grain = parse_grain(asked) if asked else Grain.DAY
    if grain not in offered:
        known = ", ".join(g.value for g in offered)
        raise InputError(Issue("REQ004", "grain", params={"value": grain.value, "known": known}))
    return grain, offered


def _trend(reader: Reader, code: str, scope: Scope, asked: IndicatorQuery) -> Trend:
    """The indicator back from the end of the period, with the same span a year before."""
    catalogue = reader.workplace.catalogue
    indicator = catalogue.indicator(code)
    span = asked.span_days or SPANS[1]
    if span not in SPANS and not 1 <= span <= SPANS[-1]:
        raise InputError(Issue("REQ004", "span", params={"value": str(span), "known": ", ".join(map(str, SPANS))}))
    last = _trend_end(reader, scope)
    first = max(last - timedelta(days=span - 1), _first_day(reader, last))
    days = (last - first).days + 1
    grain, grains = _trend_grain(asked.grain, indicator, catalogue, days)
    points = _points(reader, code, scope.unit, grain, first, last, scope.basis)
    if grain is Grain.DAY:
        points = _smoothed(reader, code, scope.unit, points)
    year_first, year_last = _year_back(first), _year_back(last)
    span_known = reader.span()
    has_year = span_known is not None and span_known[0] <= year_last
    earlier = _points(reader, code, scope.unit, grain, year_first, year_last, scope.basis) if has_year else ()
    return Trend(grain, grains, points, earlier, occasions_between(catalogue, first, last, scope.unit))


def _trend_end(reader: Reader, scope: Scope) -> date:
    span = reader.span()
    return min(scope.period.last_day, span[1]) if span and span[1] >= scope.period.first_day else scope.period.last_day


def _first_day(reader: Reader, last: date) -> date:
    """No further back than there are data, but at least a week."""
    span = reader.span()
    return min(span[0], last - timedelta(days=6)) if span else last - timedelta(days=6)


def _year_back(day: date) -> date:
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def _points(
    reader: Reader, code: str, unit: str, grain: Grain, first: date, last: date, basis: Basis
) -> tuple[TrendPoint, ...]:
    board = Board(reader, [code], basis=basis)
    periods = tuple(periods_between(grain, first, last, reader.workplace.zone))
    board.ask(unit, periods)
    return tuple(TrendPoint(period, board.reading(code, unit, period), None) for period in periods)


def _smoothed(reader: Reader, code: str, unit: str, points: tuple[TrendPoint, ...]) -> tuple[TrendPoint, ...]:
    """Each day with the value over the seven days that end with it, formed from summed numerators and
    denominators; no mean of ratios. Measures that do not add up (percentiles, extremes, distinct
    counts) have none; a count's is its daily average."""
    indicator = reader.workplace.catalogue.indicator(code)
    if indicator.measure not in ("count", "sum", "mean", "ratio", "share_within"):
        return points
    found = []
    for i, point in enumerate(points):
        window = [p.reading for p in points[max(0, i - SMOOTH_DAYS + 1) : i + 1]]
        found.append(TrendPoint(point.period, point.reading, _over(window, indicator)))
    return tuple(found)


def _over(window: list[Reading], indicator: Indicator) -> float | None:
    if len(window) < SMOOTH_DAYS or any(r.numerator is None for r in window):
        return None
    numerator = sum(r.numerator for r in window if r.numerator is not None)
    if indicator.measure in ("count", "sum"):
        return numerator / SMOOTH_DAYS
    if indicator.ratio is not None and (indicator.ratio.numerator.distinct or indicator.ratio.denominator.distinct):
        return None
    denominator = sum(r.denominator for r in window if r.denominator is not None)
    scale = SCALES.get(indicator.unit, 1) if indicator.measure != "mean" else 1
    return scale * numerator / denominator if denominator else None


def _hierarchy(catalogue: Catalogue, board: Board, code: str, scope: Scope, compared: Period) -> tuple[Place, ...]:
    """The first line of ancestors, the indicator, its siblings under the first parent, and its children."""
    line = _ancestors(catalogue, code)
    found = [_place(catalogue, board, each, scope, compared, depth, None) for depth, each in enumerate(line)]
    depth = len(line)
    siblings = catalogue.children(line[-1]) if line else {code: 1.0}
    for sibling, weight in siblings.items():
        found.append(
            _place(catalogue, board, sibling, scope, compared, depth, weight if line else None, here=sibling == code)
        )
        if sibling == code:
            for child, share in catalogue.children(code).items():
                found.append(_place(catalogue, board, child, scope, compared, depth + 1, share))
    return tuple(found)


def _ancestors(catalogue: Catalogue, code: str) -> list[str]:
    line: list[str] = []
    current = code
    while supports := catalogue.indicator(current).supports:
        current = supports[0].parent
        line.insert(0, current)
    return line


def _place(
    catalogue: Catalogue,
    board: Board,
    code: str,
    scope: Scope,
    compared: Period,
    depth: int,
    weight: float | None,
    *,
    here: bool = False,
) -> Place:
    measured = catalogue.indicator(code).measure is not None
    reading = board.reading(code, scope.unit, scope.period)
    return Place(
        score=board.score_now(code, scope.unit, scope.period, compared),
        reading=reading if measured and reading is not UNKNOWN else None,
        weight=weight,
        depth=depth,
        here=here,
    )
