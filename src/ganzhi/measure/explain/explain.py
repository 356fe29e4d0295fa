"""Explanations: one difference, split over children, units, slices, and searched for what carries it.

Owns the order of the questions and what may be said when something is unknown: nothing is split unless both
ends of the difference are known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.indicators import Limits
from ganzhi.measure.explain.cuts import Whole, beside, dimension_cut, unit_cut
from ganzhi.measure.explain.explanation import (
    UNIT,
    Amount,
    Cut,
    ExplainRequest,
    Explanation,
    Piece,
    Reason,
    Search,
    Split,
    points_of,
)
from ganzhi.measure.explain.leaves import Asker, Leaves, adds_up, amount_of, asked_together, dimension_sets, scale_of
from ganzhi.measure.explain.scores import split_change, split_target
from ganzhi.measure.explain.search import search
from ganzhi.measure.observation import Observation
from ganzhi.measure.open import States
from ganzhi.measure.score import SCORE_LIMITS, Scored, ScoreRequest, Use, limits_for, score_all
from ganzhi.numerics.contribution import through_curve
from ganzhi.numerics.score import anchors, score
from ganzhi.warehouse.workplace import Workplace

__all__ = ["ExplainRequest", "Explanation", "explain"]


def explain(workplace: Workplace, reading: States, request: ExplainRequest) -> Explanation:
    """Why an indicator's value or score differs from an earlier one, or from its target.

    Raises: InputError as `observe` and `score_all`.
    """
    compared = {"prev": request.period.previous, "year": request.period.year_before}.get(request.versus)
    return _Explainer(workplace, reading, request, compared() if compared else None).explanation()


class _Explainer:
    def __init__(self, workplace: Workplace, reading: States, request: ExplainRequest, compared: Period | None) -> None:
        self._workplace, self._reading = workplace, reading
        self._request, self._compared = request, compared
        self._asker = Asker(workplace, reading, request, compared)
        self._indicator = workplace.catalogue.indicator(request.code)
        self._measured = self._indicator.measure is not None
        self._scores: dict[tuple[tuple[Period, ...], bool], list[Scored]] = {}
        self._use: Use = "operations" if request.period.grain.minutes else "management"

    def explanation(self) -> Explanation:
        now, before = self._scored(self._request.period), self._scored(self._compared)
        limits = self._limits()
        seen = [self._asker.whole(p) if self._measured else None for p in (self._request.period, self._compared)]
        ends = self._ends(seen[0], seen[1], now, before, limits)
        reason = self._reason(ends)
        difference = None if ends[0] is None or ends[1] is None else ends[0] - ends[1]
        explained = reason == "explained"
        cuts, found = self._parts(seen[0], seen[1], limits) if explained else ((), None)
        target = self._request.versus == "target"
        return Explanation(
            request=self._request,
            reason=reason,
            measured=self._measured,
            compared=self._compared,
            target=float(limits.target) if target and limits is not None else None,
            now=seen[0],
            before=seen[1],
            score_now=now,
            score_before=before,
            difference=difference,
            split=self._split(now, before, limits),
            cuts=cuts,
            search=found,
            catalogue_version=self._workplace.catalogue.version,
        )

    def _limits(self) -> Limits | None:
        own = limits_for(self._indicator, self._use)
        return own if self._measured else own or SCORE_LIMITS

    def _scored(self, period: Period | None) -> Scored | None:
        if period is None:
            return None
        return self._score_all(period)[0]

    def _score_all(self, period: Period, *, children: bool = False) -> list[Scored]:
        """Scores of the unit, or of the units below, in one of the periods."""
        asked = self._request
        together = asked_together(self._compared, asked.period, period)
        if (together, children) not in self._scores:
            self._scores[together, children] = score_all(
                self._workplace, self._reading, self._score_question(together, children=children)
            )
        return [each for each in self._scores[together, children] if each.period.key == period.key]

    def _score_question(self, periods: Sequence[Period], *, children: bool) -> ScoreRequest:
        asked = self._request
        return ScoreRequest(
            codes=(asked.code,),
            unit=asked.unit,
            grain=periods[0].grain,
            first=periods[0].first_day,
            last=periods[-1].last_day,
            use=self._use,
            basis=asked.basis,
            children=children,
            stale=asked.stale,
        )

    def _ends(
        self,
        seen: Observation | None,
        earlier: Observation | None,
        now: Scored | None,
        before: Scored | None,
        limits: Limits | None,
    ) -> tuple[float | None, float | None]:
        """Both ends of the difference: values where there is a measure, else points."""
        if self._measured:
            value = None if seen is None or seen.value is None else float(seen.value)
            was = None if earlier is None or earlier.value is None else float(earlier.value)
        else:
            value, was = points_of(now), points_of(before)
        if self._request.versus == "target":
            was = None if limits is None else float(limits.target)
        return value, was

    def _reason(self, ends: tuple[float | None, float | None]) -> Reason:
        if self._request.versus == "target" and ends[1] is None:
            return "no_target"
        if ends[0] is None:
            return "no_data_now"
        return "no_data_before" if ends[1] is None else "explained"

    def _split(self, now: Scored | None, before: Scored | None, limits: Limits | None) -> Split | None:
        if now is None:
            return None
        if self._request.versus == "target":
            aim = float((SCORE_LIMITS if self._measured or limits is None else limits).target)
            return split_target(now, aim, self._request.depth)
        return None if before is None else split_change(before, now, self._request.depth)

    # -- parts -----------------------------------------------------------------------------------

    def _parts(
        self, seen: Observation | None, earlier: Observation | None, limits: Limits | None
    ) -> tuple[tuple[Cut, ...], Search | None]:
        """Cuts and search of a measured indicator; of a score the units beside each other."""
        if self._measured:
            return self._cuts(seen, earlier, limits)
        return ((self._scores_of_units(),) if self._asker.units else ()), None

    def _scores_of_units(self) -> Cut:
        sides = [self._points_of_units(period) for period in (self._compared, self._request.period)]
        pieces = [Piece(unit, unit, {}, sides[0].get(unit), sides[1].get(unit)) for unit in self._asker.units]
        return Cut(UNIT, "beside", tuple(piece for piece in pieces if piece.before or piece.now))

    def _points_of_units(self, period: Period | None) -> dict[str, Amount]:
        if period is None:
            return {}
        found = self._score_all(period, children=True)
        return {each.unit: Amount(None, None, 0, each.score.points) for each in found if each.score is not None}

    def _cuts(
        self, seen: Observation | None, earlier: Observation | None, limits: Limits | None
    ) -> tuple[tuple[Cut, ...], Search | None]:
        assert seen is not None
        sets = dimension_sets(self._asker)
        wanted = list(dict.fromkeys([*self._request.by, *(d for each in sets for d in each)]))
        units = [UNIT] if self._asker.units else []
        if not adds_up(self._workplace.catalogue, self._indicator):
            found = tuple(beside(self._asker, dimension) for dimension in (*units, *wanted))
            return found, Search("not_additive") if self._request.search else None
        now = amount_of(seen)
        assert now is not None
        whole = self._whole(now, None if earlier is None else amount_of(earlier), limits)
        leaves = [self._asker.leaves(each) for each in sets]
        cuts = [unit_cut(self._asker, whole, self._inner(leaves, wanted))] if units else []
        cuts += [dimension_cut(self._asker, whole, self._of(leaves, name), name) for name in wanted]
        if not self._request.search:
            return tuple(cuts), None
        return tuple(cuts), search(self._asker, whole, self._circumstances(leaves, cuts))

    def _circumstances(self, leaves: list[Leaves], cuts: list[Cut]) -> list[Leaves]:
        """What is searched: without the dimensions that only say how each event ended."""
        ends = {cut.dimension for cut in cuts if cut.outcome}
        found: list[Leaves] = []
        for each in leaves:
            left = each if ends.isdisjoint(each.dimensions) else each.without(ends, self._indicator)
            if left.dimensions and not any(set(left.dimensions) <= set(other.dimensions) for other in found):
                found.append(left)
        return found or [self._asker.leaves(())]

    def _inner(self, leaves: list[Leaves], wanted: list[str]) -> Leaves | None:
        """By what units are cut once more: the first dimension, on its own."""
        if not wanted or self._indicator.rate is not None:
            return None
        of = self._of(leaves, wanted[0])
        return of if of.dimensions[0] == wanted[0] else self._asker.leaves((wanted[0],))

    def _of(self, leaves: list[Leaves], dimension: str) -> Leaves:
        """The leaves that a dimension is cut from; of a rate its own, with the base of each value."""
        of = next(each for each in leaves if dimension in each.dimensions)
        if self._indicator.rate is not None:
            return self._asker.over_base(dimension, of)
        return of

    def _whole(self, now: Amount, before: Amount | None, limits: Limits | None) -> Whole:
        target = None
        if self._request.versus == "target" and limits is not None:
            target = Fraction(limits.target)
        start = target if target is not None else self._exact(before)
        end = self._exact(now)
        assert start is not None
        assert end is not None
        direction = self._indicator.direction
        return Whole(
            before=before,
            now=now,
            difference=end - start,
            target=target,
            lower_is_better=None if direction is None else direction == "lower",
            points=self._worth(float(start), float(end), limits),
        )

    def _exact(self, amount: Amount | None) -> Fraction | None:
        """The value without rounding, from its exact parts."""
        if amount is None or amount.value is None:
            return None
        if amount.numerator is None:
            return Fraction(amount.value)
        top = Fraction(amount.numerator)
        return top if amount.denominator is None else scale_of(self._indicator) * top / Fraction(amount.denominator)

    def _worth(self, start: float, end: float, limits: Limits | None) -> Callable[[float], float] | None:
        """Points of the score per share of the difference: the mean slope of the score between both ends."""
        if limits is None or self._indicator.direction is None or start == end:
            return None
        try:
            at = anchors(
                floor=float(limits.floor),
                target=float(limits.target),
                challenge=float(limits.challenge),
                zero=None if limits.zero is None else float(limits.zero),
                direction=self._indicator.direction,
            )
        except ValueError:
            return None
        (moved,) = through_curve([end - start], start, lambda x: score(x, at).points, 0.0)
        return lambda change: moved * change / (end - start)
