"""For pages: whether a number that they show was reported otherwise, and why."""

from __future__ import annotations

from dataclasses import replace

from ganzhi.base.periods import Grain, Period
from ganzhi.measure.observation import ObserveRequest, plain
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States
from ganzhi.measure.reported.reported import (
    Difference,
    closings_of,
    difference,
    reported,
    reported_scores,
    score_difference,
)
from ganzhi.measure.score import ScoreRequest, score_all
from ganzhi.measure.views.closed import ReportedOtherwise
from ganzhi.measure.views.parts import Reading
from ganzhi.store.closings import Closing
from ganzhi.warehouse.workplace import Workplace


def reported_otherwise(
    workplace: Workplace, reading: States, code: str, unit: str, period: Period
) -> ReportedOtherwise | None:
    """What was reported of an indicator (of its score, when it has no value of its own) where it differs; None else."""
    if period.grain.rank < Grain.DAY.rank or not closings_of(workplace, reading, [period]):
        return None
    if workplace.catalogue.indicator(code).feed is None:
        return _score(workplace, reading, code, unit, period)
    then = reported(workplace, reading, [code], [unit], [period]).get((code, unit, period.start))
    if then is None:
        return None
    request = ObserveRequest((code,), unit, period.grain, period.first_day, period.last_day, stale="show")
    now = observe(workplace, reading, request)[0]
    apart = difference(workplace, then, now)
    was = then.value
    known = _reading(None if now.value is None else float(now.value), now.completeness)
    shown = replace(known, numerator=plain(now.numerator), denominator=plain(now.denominator), n=now.n)
    before = replace(
        _reading(was.value, was.completeness),
        numerator=plain(was.numerator),
        denominator=plain(was.denominator),
        n=was.n,
    )
    return None if apart is None else _otherwise(then.closing, before, shown, apart)


def _score(workplace: Workplace, reading: States, code: str, unit: str, period: Period) -> ReportedOtherwise | None:
    found = reported_scores(workplace, reading, [code], [unit], [period], "management")
    then = found.get((code, unit, period.start))
    if then is None:
        return None
    request = ScoreRequest((code,), unit, period.grain, period.first_day, period.last_day, stale="show")
    now = score_all(workplace, reading, request)[0]
    apart = score_difference(workplace, then, now)
    points = None if now.score is None else now.score.points
    known, was = _reading(points, now.coverage or 0.0), _reading(then.score.points, then.score.coverage or 0.0)
    return None if apart is None else _otherwise(then.closing, was, known, apart)


def _reading(value: float | None, completeness: float) -> Reading:
    return Reading(value, None, None, None, completeness, None, enough=True)


def _otherwise(closing: Closing, then: Reading, now: Reading, apart: Difference) -> ReportedOtherwise:
    return ReportedOtherwise(
        then=then,
        now=now,
        difference=apart.amount,
        edition=closing.edition,
        closed_at=closing.closed_at,
        closed_by=closing.actor,
        reasons=apart.reasons,
        files=apart.files,
    )
