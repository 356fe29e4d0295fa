"""What was reported of closed periods, alone or beside what is known now: the answers of commands and programs.

Owns which of the closed periods are meant and how a reported number is told as an object. The numbers themselves are
read by `reported` (whole units and periods) and `parts` (slices and values to date).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ganzhi.base.periods import Grain, Period, period_of_day, periods_between
from ganzhi.measure.observation import Basis, Observation, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States
from ganzhi.measure.publish.read import PublishedShare
from ganzhi.measure.reported.parts import reported_parts
from ganzhi.measure.reported.reported import (
    Difference,
    Reported,
    ReportedScore,
    difference,
    reported,
    reported_scores,
    reported_shares,
    score_difference,
)
from ganzhi.measure.score import Scored, ScoreRequest, Use, score_all
from ganzhi.measure.units import children_of
from ganzhi.warehouse.workplace import Workplace

Record = dict[str, object]

BESIDE = ("numerator", "denominator", "n", "value", "completeness", "catalogue_version")
"""Parts of the reported observation that stand beside the present one; the closing's own follow them."""
SCORE_BESIDE = ("score", "unclipped", "level", "reason", "coverage", "n", "catalogue_version")
"""The same of the reported score."""
CLOSING = ("edition", "closed_at", "closed_by")
CHANGE = ("difference", "reasons", "files")


def is_part(basis: Basis, by: Collection[str], where: Collection[str]) -> bool:
    """Whether a question is about slices or values to date, and not about whole units and periods."""
    return basis != "period" or bool(by) or bool(where)


def closed_periods(workplace: Workplace, grain: Grain, first: date | None, last: date | None) -> list[Period]:
    """The closed ones among the periods from one day to another, oldest first; all closed ones of the grain on None."""
    days = {each.first_day for each in workplace.store.closings.all(grain.value)}
    periods = [period_of_day(grain, day, workplace.zone) for day in sorted(days)]
    return [p for p in periods if (first is None or p.last_day >= first) and (last is None or p.first_day <= last)]


# --- observations -------------------------------------------------------------------------------


def reported_alone(
    workplace: Workplace, reading: States, question: ObserveRequest, periods: Sequence[Period]
) -> list[Reported]:
    """What was reported in closed periods (the days of the question do not count), in the order of codes, units and
    periods. Indicators and units of whole numbers need not be known any more.

    Raises: of slices and values to date what `reported_parts` does.
    """
    codes = {code: place for place, code in enumerate(question.codes)}
    if is_part(question.basis, question.by, question.where):
        found: list[Reported] = []
        for period in periods:
            asked = replace(question, first=period.first_day, last=period.first_day)
            found += reported_parts(workplace, reading, asked)
        return sorted(found, key=lambda each: (codes[each.code], each.period.start))
    units = children_of(workplace.catalogue, question.unit) if question.children else (question.unit,)
    places = {unit: place for place, unit in enumerate(units)}
    whole = reported(workplace, reading, question.codes, units, periods)
    return sorted(whole.values(), key=lambda each: (codes[each.code], places[each.unit], each.period.start))


@dataclass(frozen=True, slots=True)
class Beside:
    """What was reported of a number, and how what is known now differs from it; None where it does not."""

    then: Reported
    apart: Difference | None

    def as_json(self) -> Record:
        """The object `reported` of `ganzhi observe --as both --format json`."""
        record = self.then.as_json()
        return {**{name: record[name] for name in (*BESIDE, *CLOSING)}, **_changed(self.apart)}


def reported_beside(
    workplace: Workplace, reading: States, question: ObserveRequest
) -> list[tuple[Observation, Beside | None]]:
    """Observations as known now, each with what was reported of it; None where nothing was."""
    observations = observe(workplace, reading, question)
    if is_part(question.basis, question.by, question.where):
        then = reported_parts(workplace, reading, question)
    else:
        units = tuple(dict.fromkeys(each.unit for each in observations))
        then = [*reported(workplace, reading, question.codes, units, _periods(workplace, question)).values()]
    found = {(each.code, each.unit, each.period.start, _cut(each)): each for each in then}
    answer: list[tuple[Observation, Beside | None]] = []
    for each in observations:
        was = found.get((each.code, each.unit, each.period.start, _cut(each)))
        answer.append((each, None if was is None else Beside(was, difference(workplace, was, each))))
    return answer


def _cut(each: Observation | Reported) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(each.slice.items()))


def _periods(workplace: Workplace, question: ObserveRequest | ScoreRequest) -> list[Period]:
    if question.grain.rank < Grain.DAY.rank:
        return []
    return list(periods_between(question.grain, question.first, question.last, workplace.zone))


def _changed(apart: Difference | None) -> Record:
    """The columns CHANGE: 0 and no reasons where nothing differs."""
    return {
        "difference": 0 if apart is None else apart.amount,
        "reasons": [] if apart is None else list(apart.reasons),
        "files": [] if apart is None else list(apart.files),
    }


# --- scores -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ScoreAlone:
    """A score that was reported, with what its children gave."""

    then: ReportedScore
    shares: tuple[PublishedShare, ...]

    def as_json(self) -> Record:
        """The object of `ganzhi score --as reported --format json`."""
        given = [
            {"code": s.child, "weight": s.weight, "share": s.share, "points": s.points, "at_risk": s.at_risk}
            for s in self.shares
        ]
        return {**_score_record(self.then), "contributions": given}


def scores_alone(
    workplace: Workplace,
    reading: States,
    question: ScoreRequest,
    periods: Sequence[Period],
) -> list[ScoreAlone]:
    """Scores that were reported in closed periods (the days of the question do not count), in the order of codes, units
    and periods. Indicators and units need not be known any more."""
    units = children_of(workplace.catalogue, question.unit) if question.children else (question.unit,)
    use: Use = question.use
    found = reported_scores(workplace, reading, question.codes, units, periods, use)
    codes = {code: place for place, code in enumerate(question.codes)}
    places = {unit: place for place, unit in enumerate(units)}
    ordered = sorted(
        found.values(), key=lambda each: (codes[each.score.code], places[each.score.unit], each.period.start)
    )
    return [
        ScoreAlone(each, reported_shares(workplace, reading, each.score.code, each.score.unit, each.period, use))
        for each in ordered
    ]


@dataclass(frozen=True, slots=True)
class ScoreBeside:
    """What was reported of a score, and how the score known now differs from it; None where it does not."""

    then: ReportedScore
    apart: Difference | None

    def as_json(self) -> Record:
        """The object `reported` of `ganzhi score --as both --format json`."""
        record = _score_record(self.then)
        return {**{name: record[name] for name in (*SCORE_BESIDE, *CLOSING)}, **_changed(self.apart)}


def scores_beside(
    workplace: Workplace, reading: States, question: ScoreRequest
) -> list[tuple[Scored, ScoreBeside | None]]:
    """Scores as known now, each with what was reported of it; None where nothing was."""
    scores = score_all(workplace, reading, question)
    units = tuple(dict.fromkeys(each.unit for each in scores))
    found = reported_scores(workplace, reading, question.codes, units, _periods(workplace, question), question.use)
    answer: list[tuple[Scored, ScoreBeside | None]] = []
    for each in scores:
        was = found.get((each.code, each.unit, each.period.start))
        answer.append((each, None if was is None else ScoreBeside(was, score_difference(workplace, was, each))))
    return answer


def _score_record(then: ReportedScore) -> Record:
    score, closing = then.score, then.closing
    return {
        "code": score.code,
        "unit": score.unit,
        "grain": then.period.grain.value,
        "period": then.period.key,
        "use": score.use,
        "score": score.points,
        "unclipped": score.unclipped,
        "level": score.level,
        "reason": score.reason,
        "coverage": score.coverage,
        "n": score.n,
        "catalogue_version": closing.catalogue_version,
        "edition": closing.edition,
        "closed_at": closing.closed_at.isoformat(),
        "closed_by": closing.actor,
    }
