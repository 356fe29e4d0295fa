"""Thresholds proposed for a month: per series a daily and a monthly one, the last month's beside them (S003-013).

The daily threshold is the limit of a grade on an ordinary working day and on the month's busiest; the monthly one the
limit of the month's total, whose mean is the sum of the days' and whose spread grows as counts do, the model's own
uncertainty included. Growth of the business enters through the exposure and the model's trend. Nothing here takes
effect: thresholds are proposals until somebody approves them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ganzhi.base.periods import Grain, Period, periods_between
from ganzhi.catalogue.model.warning import Grade
from ganzhi.measure.open import States
from ganzhi.numerics.alarm.counts import upper_limit
from ganzhi.warehouse.workplace import Workplace
from ganzhi.warn.baseline import HISTORY_DAYS, LEFT_OUT, Fit
from ganzhi.warn.engine import Judge, Series
from ganzhi.warn.evaluate import judge_of, rule_of, series_of
from ganzhi.warn.signal import Reason


@dataclass(frozen=True, slots=True)
class Threshold:
    """Proposed for one series, month and grade. daily: on an ordinary working day; daily_most: on the busiest day.
    monthly: for the total. before_daily, before_monthly: those of the month before, by its own model. mean_daily,
    mean_monthly: what is expected. growth: of the expected total on the month before, days of equal number. reason:
    why there is none; numbers are None then."""

    rule: str
    unit: str
    slice: Mapping[str, str]
    month: str
    grade: Grade
    mean_daily: float | None
    daily: int | None
    daily_most: int | None
    mean_monthly: float | None
    monthly: int | None
    before_daily: int | None
    before_monthly: int | None
    growth: float | None
    reason: Reason | None


def propose(workplace: Workplace, reading: States, code: str, month: date, grade: Grade) -> list[Threshold]:
    """Thresholds of a rule for the month that holds a day."""
    rule = rule_of(workplace.catalogue, code)
    judge = judge_of(workplace.catalogue, code, rule)
    first = month.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    start = before - timedelta(days=HISTORY_DAYS + LEFT_OUT)
    periods = list(periods_between(Grain.DAY, start, _last_of(first), workplace.zone))
    series = series_of(workplace, reading, rule, periods)
    return list(proposals(judge, periods, series, first, grade))


def proposals(
    judge: Judge, periods: Sequence[Period], series: Sequence[Series], month: date, grade: Grade
) -> Iterator[Threshold]:
    """Thresholds of series, from their values. month: its first day."""
    before = (month - timedelta(days=1)).replace(day=1)
    tail = float(getattr(judge.rule.tails, grade))
    for each in series:
        fit, older = judge.fit(each, periods, month), judge.fit(each, periods, before)
        if isinstance(fit, Reason):
            nothing = dict.fromkeys(("mean_daily", "daily", "daily_most", "mean_monthly", "monthly"))
            yield Threshold(
                judge.code, each.unit, each.slice, f"{month:%Y-%m}", grade, **nothing,
                before_daily=None, before_monthly=None, growth=None, reason=fit,
            )  # fmt: skip
            continue
        sizes = _sizes(each, periods)
        now = _of_month(judge, fit, month, sizes, tail)
        then = _of_month(judge, older, before, sizes, tail) if isinstance(older, Fit) else None
        per_day = now.total / _days(month)
        growth = None if then is None else per_day / (then.total / _days(before)) - 1.0
        yield Threshold(
            rule=judge.code,
            unit=each.unit,
            slice=each.slice,
            month=f"{month:%Y-%m}",
            grade=grade,
            mean_daily=now.ordinary,
            daily=now.daily,
            daily_most=now.most,
            mean_monthly=now.total,
            monthly=now.monthly,
            before_daily=None if then is None else then.daily,
            before_monthly=None if then is None else then.monthly,
            growth=growth,
            reason=None,
        )


@dataclass(frozen=True, slots=True)
class _Month:
    ordinary: float
    daily: int
    most: int
    total: float
    monthly: int


def _of_month(judge: Judge, fit: Fit, month: date, sizes: Mapping[date, float], tail: float) -> _Month:
    days = [month + timedelta(days=number) for number in range(_days(month))]
    rows = fit.design.rows(days, judge.calendar)
    latest = sizes[max(sizes)] if sizes else 1.0
    means = [fit.model.mean(row, sizes.get(day, latest)) for day, row in zip(days, rows, strict=True)]
    work = [mean for day, mean in zip(days, means, strict=True) if judge.calendar.class_of(day) == "work"] or means
    ordinary = sorted(work)[len(work) // 2]
    phi = fit.model.dispersion
    total = sum(means)
    weighted = np.array(means) @ rows / total
    unsure = float(weighted @ fit.model.covariance @ weighted) * total
    return _Month(
        ordinary,
        upper_limit(tail, ordinary, phi) + 1,
        upper_limit(tail, max(means), phi) + 1,
        total,
        upper_limit(tail, total, phi + unsure) + 1,
    )


def _sizes(series: Series, periods: Sequence[Period]) -> dict[date, float]:
    if not series.exposure:
        return {}
    return {period.first_day: size for period, size in zip(periods, series.exposure, strict=True)}


def _last_of(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _days(month: date) -> int:
    return _last_of(month).day
