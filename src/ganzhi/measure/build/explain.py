"""Builds the explanation page from an explanation: names, readings, the dimension that tells most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import CALENDAR_DIMENSIONS, Catalogue
from ganzhi.measure.build.cells.above import withheld_in
from ganzhi.measure.build.cells.cut import cut_explanation
from ganzhi.measure.build.definitions import both
from ganzhi.measure.build.readings import (
    LEVEL_NAMES,
    UNKNOWN,
    change_between,
    level_name,
    reading_of,
    subject_of,
    use_of,
    withheld,
)
from ganzhi.measure.build.scope import Reader, scope_of
from ganzhi.measure.explain.explain import explain
from ganzhi.measure.explain.explanation import (
    UNIT,
    Amount,
    Cut,
    ExplainRequest,
    Explanation,
    FoundCell,
    Piece,
    Search,
    Split,
    points_of,
)
from ganzhi.measure.influence import InfluenceRequest, influence
from ganzhi.measure.score import Scored, level_of
from ganzhi.measure.views.explain import (
    CellRow,
    CutView,
    ExplainPage,
    ExplainQuery,
    MoveRow,
    PartRow,
    ScoreRow,
    SearchView,
)
from ganzhi.measure.views.parts import Change, Reading, Scope, ScoreNow
from ganzhi.measure.views.query import PageQuery

MOVE_DAYS = 60
"""Days over which it is asked what moves together."""
MOVE_LAG = 3


def explain_page(reader: Reader, code: str, query: PageQuery, asked: ExplainQuery) -> ExplainPage:
    """Why one indicator differs from an earlier period or its target, for a unit and period."""
    indicator = reader.workplace.catalogue.indicator(code)
    scope = scope_of(reader, query, feeds=(indicator.feed,) if indicator.feed else ())
    if asked.by is not None:
        _check_dimension(asked.by, indicator)
    request = _request(code, scope, indicator, asked.by)
    found = None if request is None else explain(reader.workplace, reader.states, request)
    page = page_of(reader.workplace.catalogue, code, scope, found, asked.by)
    if not reader.viewer.may("list"):
        page = _without_withheld(reader, replace(page, feed=None))  # nothing leads to records
    page = cut_explanation(page, reader.viewer)
    return replace(page, moves=_moves(reader, code, scope)) if asked.moves else page


def _without_withheld(reader: Reader, page: ExplainPage) -> ExplainPage:
    """The page without numbers that pages of other units or periods withhold: its own, or those of units below."""
    code, scope = page.subject.code, page.scope
    now, before = scope.period, scope.compared_with
    children = tuple(reader.ground.children(scope.unit))
    moments = (now,) if before is None else (now, before)
    out = withheld_in(reader, (code,), (scope.unit, *children), moments, scope.basis)
    if any((code, scope.unit, each) in out for each in moments):
        plain = page_of(reader.workplace.catalogue, code, scope, None, None)
        return replace(
            plain, why="withheld", now=withheld(page.now), before=withheld(page.before or UNKNOWN), feed=None
        )

    def row_of(row: PartRow) -> PartRow:
        def seen(reading: Reading | None, moment: Period | None) -> Reading | None:
            hidden = reading is not None and moment is not None and (code, row.unit, moment) in out
            return withheld(reading) if hidden and reading is not None else reading

        return replace(row, now=seen(row.now, now), before=seen(row.before, before))

    cuts = (replace(cut, rows=tuple(map(row_of, cut.rows))) if cut.dimension == UNIT else cut for cut in page.cuts)
    return replace(page, cuts=tuple(cuts))


def page_of(catalogue: Catalogue, code: str, scope: Scope, found: Explanation | None, by: str | None) -> ExplainPage:
    """An explanation with names and readings; None stands for a comparison that has no parts."""
    indicator = catalogue.indicator(code)
    makes = _Maker(catalogue, indicator, scope)
    cuts = () if found is None else tuple(makes.cut(cut) for cut in found.cuts)
    now = UNKNOWN if found is None else makes.reading(found)
    before = None if found is None else makes.earlier(found)
    return ExplainPage(
        scope=scope,
        subject=subject_of(catalogue, code, scope.period.grain),
        why="peers" if found is None else found.reason,
        measured=indicator.measure is not None,
        now=now,
        before=before,
        change=_change(found, now, before, indicator),
        target=None if found is None else found.target,
        difference=None if found is None else found.difference,
        score=None if found is None else makes.score(found),
        scores=() if found is None or found.split is None else tuple(makes.scores(found.split, 1)),
        points_lost=scope.compare == "target",
        cuts=cuts,
        shown=by or _telling(cuts),
        search=None if found is None or found.search is None else makes.search(found.search),
        feed=indicator.feed,
    )


def _check_dimension(name: str, indicator: Indicator) -> None:
    if name not in indicator.by:
        known = ", ".join(indicator.by) or "–"
        raise InputError(Issue("REQ004", "by", params={"value": name[:40], "known": known}))


def _request(code: str, scope: Scope, indicator: Indicator, by: str | None) -> ExplainRequest | None:
    """What is asked for a page; None for a comparison with peers, which has no parts that add up."""
    if scope.compare == "peers":
        return None
    declared = tuple(d for d in indicator.by if d not in CALENDAR_DIMENSIONS)
    return ExplainRequest(
        code=code,
        unit=scope.unit,
        period=scope.period,
        versus=scope.compare,
        by=(*declared, by) if by is not None and by not in declared else (),
        basis=scope.basis,
        stale="show",
    )


def _change(found: Explanation | None, now: Reading, before: Reading | None, indicator: Indicator) -> Change:
    if found is None or found.compared is None:
        difference = None if found is None else found.difference
        way = indicator.direction or (None if indicator.measure else "higher")
        better = None if not difference or way is None else (difference > 0) == (way == "higher")
        return Change("target", difference, better)
    change = change_between(now, before, found.compared.key, indicator)
    if indicator.measure is None and change.difference:
        return Change(change.against, change.difference, change.difference > 0)
    return change


def _telling(cuts: tuple[CutView, ...]) -> str | None:
    """The dimension whose largest part adds most, other than those that only say how events ended."""
    dimensions = [cut for cut in cuts if cut.dimension != UNIT]
    if not dimensions:
        return None
    dimensions = [cut for cut in dimensions if not cut.outcome] or dimensions
    return max(dimensions, key=lambda cut: max((abs(row.change or 0.0) for row in cut.rows), default=0.0)).dimension


def _moves(reader: Reader, code: str, scope: Scope) -> tuple[MoveRow, ...]:
    """What moves together with the indicator over the days up to the end of the period (S000-052)."""
    catalogue = reader.workplace.catalogue
    span = reader.span()
    last = min(scope.period.last_day, span[1]) if span else scope.period.last_day
    request = InfluenceRequest(
        target=code,
        unit=scope.unit,
        grain=Grain.DAY,
        first=last - timedelta(days=MOVE_DAYS - 1),
        last=last,
        most_lag=MOVE_LAG,
    )
    rows = []
    for row in influence(reader.workplace, reader.states, request).rows:
        other = catalogue.indicator(row.code)
        link = row.link
        rows.append(
            MoveRow(
                code=row.code,
                name=other.name,
                layer=other.layer,
                r=None if link is None else link.r,
                lag=None if link is None else link.lag,
                n=None if link is None else link.n,
                holds=row.moves,
                expected=row.expected,
            )
        )
    return tuple(rows)


class _Maker:
    """Names and readings of one explanation."""

    def __init__(self, catalogue: Catalogue, indicator: Indicator, scope: Scope) -> None:
        self._catalogue, self._indicator, self._scope = catalogue, indicator, scope

    # -- ends ------------------------------------------------------------------------------------

    def reading(self, found: Explanation) -> Reading:
        if found.now is not None:
            return reading_of(found.now, self._indicator)
        return self._points(found.score_now) or UNKNOWN

    def earlier(self, found: Explanation) -> Reading | None:
        if found.before is not None:
            return reading_of(found.before, self._indicator)
        return self._points(found.score_before)

    def _points(self, scored: Scored | None) -> Reading | None:
        if scored is None:
            return None
        level = level_name(scored.level)
        return Reading(points_of(scored), None, None, None, scored.coverage or 0.0, level, enough=True)

    def score(self, found: Explanation) -> ScoreNow | None:
        scored = found.score_now
        if scored is None:
            return None
        coverage = 0.0 if scored.score is None else 1.0 if scored.coverage is None else scored.coverage
        return ScoreNow(
            scored.code,
            self._indicator.name,
            self._indicator.layer,
            points_of(scored),
            points_of(found.score_before),
            coverage,
            level_name(scored.level),
        )

    # -- scores ----------------------------------------------------------------------------------

    def scores(self, split: Split, depth: int) -> Iterator[ScoreRow]:
        """The split and those inside it, each child followed by what supports it."""
        for part in split.parts:
            other = self._catalogue.indicator(part.code)
            yield ScoreRow(
                part.code,
                other.name,
                other.layer,
                depth,
                part.weight,
                points_of(part.before),
                points_of(part.now),
                part.points,
                part.of_top,
                part.at_risk,
                part.only,
            )
            if part.inner is not None:
                yield from self.scores(part.inner, depth + 1)

    # -- cuts ------------------------------------------------------------------------------------

    def cut(self, cut: Cut) -> CutView:
        rows = tuple(self._row(cut.dimension, piece, cut.inner_dimension) for piece in cut.pieces)
        inner = None if cut.inner_dimension is None else self.dimension_name(cut.inner_dimension)
        name = self.dimension_name(cut.dimension)
        return CutView(cut.dimension, name, cut.way, rows, cut.rate, cut.mix, cut.reversed, inner, cut.outcome)

    def _row(self, dimension: str, piece: Piece, inner: str | None) -> PartRow:
        return PartRow(
            key=piece.key,
            name=self.value_name(dimension, piece.key),
            unit=piece.unit,
            where=piece.where,
            before=self._amount(piece.before),
            now=self._amount(piece.now),
            change=piece.change,
            rate=piece.rate,
            mix=piece.mix,
            share=piece.share,
            points=piece.points,
            only=piece.only,
            below=piece.below,
            inner=() if inner is None else tuple(self._row(inner, each, None) for each in piece.inner),
        )

    def _amount(self, amount: Amount | None) -> Reading | None:
        if amount is None:
            return None
        scored = self._indicator.measure is None
        enough = scored or amount.n >= self._indicator.min_n
        reached = level_of(self._indicator, use_of(self._scope.period.grain), amount.value) if enough else None
        parts = amount.as_json()
        numerator, denominator = parts["numerator"], parts["denominator"]
        return Reading(
            value=amount.value,
            numerator=numerator if isinstance(numerator, (int, float)) else None,
            denominator=denominator if isinstance(denominator, (int, float)) else None,
            n=None if scored else amount.n,
            completeness=1.0,
            level=None if reached is None else LEVEL_NAMES[reached],
            enough=enough,
        )

    def dimension_name(self, name: str) -> Text:
        """What a dimension is called; units are places."""
        if name == UNIT:
            return both("views.units_below")
        declared = self._catalogue.dimensions.get(name)
        return Text(zh=name, en=name) if declared is None else declared.name

    def value_name(self, dimension: str, key: str) -> Text:
        """What a value of a dimension is called."""
        if dimension == UNIT:
            unit = self._catalogue.units.get(key)
            if key == self._scope.unit:
                return both("views.unit_itself")
            return Text(zh=key, en=key) if unit is None else unit.name
        declared = self._catalogue.dimensions.get(dimension)
        named = None if declared is None else declared.values.get(key)
        return named or (Text(zh=key, en=key) if key else both("views.unknown_value"))

    # -- search ----------------------------------------------------------------------------------

    def search(self, search: Search) -> SearchView:
        tried = tuple(tuple(self.dimension_name(name) for name in names) for names, _ in search.tried)
        leaves = max((count for _, count in search.tried), default=0)
        return SearchView(search.verdict, tried, leaves, tuple(self._cell(cell) for cell in search.cells))

    def _cell(self, cell: FoundCell) -> CellRow:
        where: Mapping[str, str] = {name: value for name, value in cell.where.items() if name != UNIT}
        unit = cell.where.get(UNIT)
        itself = unit == self._scope.unit  # rows of the unit below none of its children
        return CellRow(
            names=tuple(
                (self.dimension_name(name), self.value_name(name, value)) for name, value in cell.where.items()
            ),
            unit=None if itself else unit or self._scope.unit,
            where=where,
            before=self._amount(cell.before),
            now=self._amount(cell.now),
            change=cell.change,
            share=cell.share,
            events=cell.events,
            expected=cell.expected,
        )
