"""Thresholds proposed for a month: per series a daily and a monthly one per grade, beside the old ones (S003-013).

The daily threshold is the limit of a grade on an ordinary working day, another on the days that are always busier; the
monthly one the limit of the month's total, whose mean is the sum of the days' and whose spread grows as counts do, the
model's own uncertainty included. Growth of the business enters through the exposure and the model's trend. A history
too short for the model gives what the latest weeks give, and says so. Nothing here takes effect: thresholds are
proposals until somebody approves them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from math import ceil
from statistics import fmean, median
from typing import Final

import numpy as np

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.periods import Grain, Period, periods_between
from ganzhi.catalogue.model.warning import GRADES, Grade, LeastExcess
from ganzhi.measure.open import States
from ganzhi.numerics.alarm.counts import upper_limit
from ganzhi.numerics.alarm.slots import NORMAL_MAD
from ganzhi.warehouse.workplace import Workplace
from ganzhi.warn.baseline import HISTORY_DAYS, LEFT_OUT, Fit
from ganzhi.warn.engine import Judge, Series
from ganzhi.warn.evaluate import judge_of, rule_of, series_of
from ganzhi.warn.limits.content import Limits, Line
from ganzhi.warn.limits.inforce import Approved, InForce, in_force
from ganzhi.warn.limits.tried import Tried, tried
from ganzhi.warn.limits.truth import Truth, truth_of
from ganzhi.warn.occasions import Days
from ganzhi.warn.signal import Reason, reason_json

RECENT_DAYS: Final = 56
LEAST_RECENT: Final = 28
BUSIER: Final = 1.25
"""From how many times an ordinary working day's mean on a day of the month counts as busy."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a line of a proposal rests on.

    how: `model`, or `recent` weeks. days: of history. growth: of the expected day on the month before's; without a
    model, of the exposure since the days it rests on. before: number of the version whose limits stand beside, 0
    for the month before's own proposal, None for nothing. tried: what both would have given.
    """

    how: str
    days: int
    mean_daily: float
    mean_monthly: float
    growth: float | None
    before: int | None
    old_daily: Mapping[Grade, float]
    old_monthly: Mapping[Grade, float]
    tried: Tried


@dataclass(frozen=True, slots=True)
class Month:
    """What a month's days are expected to bring. means: per day; ordinary: of the middle working day. dispersion: of
    a day; of_total: of the month's total. least: the rule's smallest excess."""

    how: str
    days: int
    means: tuple[float, ...]
    ordinary: float
    dispersion: float
    of_total: float
    least: LeastExcess

    def daily(self, tail: float, times: float = 1.0) -> float:
        """The count of a day from which it is out: neither likely by chance nor less than the rule's least excess."""
        mean = self.ordinary * times
        least = max(mean + float(self.least.absolute), mean * (1.0 + float(self.least.relative)))
        return float(max(upper_limit(tail, mean, self.dispersion) + 1, ceil(least)))

    def monthly(self, tail: float) -> float:
        """The count of the month from which it is out."""
        return float(upper_limit(tail, sum(self.means), self.of_total) + 1)


def propose(workplace: Workplace, reading: States, code: str, month: date, grade: Grade = "yellow") -> Limits:
    """Thresholds of a rule for the month that holds a day. grade: the one that is tried on the past year.

    Raises: InputError WRN001 for an unknown rule, WRN037 for one that does not look for too many counts of a day.
    """
    catalogue = workplace.catalogue
    rule = rule_of(catalogue, code)
    judge = judge_of(catalogue, code, rule)
    if not proposable(judge):
        raise InputError(Issue("WRN037", code))
    first = month.replace(day=1)
    start = month_before(first) - timedelta(days=HISTORY_DAYS + LEFT_OUT)
    periods = list(periods_between(Grain.DAY, start, last_of(first), workplace.zone))
    series = series_of(workplace, reading, rule, periods)
    store = workplace.store
    return proposals(judge, periods, series, first, grade, in_force(store, code), truth_of(store, code))


def proposable(judge: Judge) -> bool:
    """Whether thresholds can be computed for a rule: it counts what happens in a day, and looks for too much of it."""
    return judge.counted and judge.rule.grain is Grain.DAY and judge.rule.side == "high"


def proposals(
    judge: Judge,
    periods: Sequence[Period],
    series: Sequence[Series],
    month: date,
    grade: Grade = "yellow",
    versions: InForce | None = None,
    truth: Truth | None = None,
) -> Limits:
    """Thresholds of series, from their values. month: its first day."""
    old = (versions or InForce()).at(month - timedelta(days=1))
    known: list[tuple[Series, Month]] = []
    skipped = []
    for each in series:
        found = expected_month(judge, each, periods, month)
        if isinstance(found, Reason):
            skipped.append({"unit": each.unit, "slice": dict(each.slice), **reason_json(found)})
        else:
            known.append((each, found))
    busy = _busy_days([found for _, found in known if found.how == "model"])
    lines = tuple(_line(judge, periods, each, now, month, busy, grade, old, truth) for each, now in known)
    return Limits(month, busy, lines, tuple(skipped))


def _line(
    judge: Judge,
    periods: Sequence[Period],
    series: Series,
    now: Month,
    month: date,
    busy: tuple[int, ...],
    grade: Grade,
    old: Approved | None,
    truth: Truth | None,
) -> Line:
    tails = {each: float(getattr(judge.rule.tails, each)) for each in GRADES}
    then = expected_month(judge, series, periods, month_before(month))
    before, standing = None, old.line(series.key) if old is not None else None
    if old is not None and standing is not None:
        before = old.number
    elif isinstance(then, Month) and then.how == "model":
        before = 0
        standing = Line(series.unit, series.slice, _all(then.daily, tails), {}, _all(then.monthly, tails))
    times = _times(now, busy) if now.how == "model" else 1.0
    more = _all(lambda tail: now.daily(tail, times), tails) if times > 1.0 else {}
    line = Line(series.unit, dict(series.slice), _all(now.daily, tails), more, _all(now.monthly, tails))
    fit = judge.fit(series, periods, month)
    found = tried(
        judge, periods, series, fit if isinstance(fit, Fit) else None, month, grade, Approved(0, Limits(month, busy, (line,))),
        None if standing is None else Approved(0, Limits(month, old.limits.busy_days if before and old else busy, (standing,))),
        truth or Truth(),
    )  # fmt: skip
    basis = Basis(
        now.how,
        now.days,
        round(now.ordinary, 3),
        round(sum(now.means), 3),
        _growth(now, then),
        before,
        {} if standing is None else standing.daily,
        {} if standing is None else standing.monthly,
        found,
    )
    return Line(line.unit, line.slice, line.daily, line.busy, line.monthly, asdict(basis))


def _all(limit: Callable[[float], float], tails: Mapping[Grade, float]) -> dict[Grade, float]:
    """A limit per grade, each further out than the one before it."""
    found: dict[Grade, float] = {}
    last = 0.0
    for grade, tail in tails.items():
        last = found[grade] = max(limit(tail), last + 1)
    return found


def _growth(now: Month, then: Month | Reason) -> float | None:
    if isinstance(then, Reason) or then.how != now.how or not sum(then.means):
        return None
    return round((sum(now.means) / len(now.means)) / (sum(then.means) / len(then.means)) - 1.0, 4)


def _busy_days(months: Sequence[Month]) -> tuple[int, ...]:
    """Days of the month on which all series together are expected to be far above an ordinary working day."""
    if not months:
        return ()
    ordinary = sum(month.ordinary for month in months)
    days = range(len(months[0].means))
    return tuple(day + 1 for day in days if sum(month.means[day] for month in months) >= BUSIER * ordinary)


def _times(month: Month, busy: tuple[int, ...]) -> float:
    """How many times an ordinary day the busiest of the busy days is; 1 where there is none."""
    most = max((month.means[day - 1] for day in busy), default=0.0)
    return max(1.0, most / month.ordinary) if month.ordinary else 1.0


# -- what a month is expected to bring ---------------------------------------------------------------


def expected_month(judge: Judge, series: Series, periods: Sequence[Period], month: date) -> Month | Reason:
    """What a month's days are expected to bring: by the model, or by the latest weeks; a reason where neither tells."""
    fit = judge.fit(series, periods, month)
    return (
        _by_model(judge, fit, series, periods, month)
        if isinstance(fit, Fit)
        else _recent(judge, series, periods, month)
    )


def _by_model(judge: Judge, fit: Fit, series: Series, periods: Sequence[Period], month: date) -> Month:
    days = days_of_month(month)
    rows = fit.design.rows(days, fit.calendar)
    sizes = _sizes(series, periods)
    latest = sizes[max(sizes)] if sizes else 1.0
    means = tuple(fit.model.mean(row, sizes.get(day, latest)) for day, row in zip(days, rows, strict=True))
    phi, total = fit.model.dispersion, sum(means)
    weighted = np.array(means) @ rows / total
    unsure = float(weighted @ fit.model.covariance @ weighted) * total
    return Month("model", fit.days, means, _ordinary(fit.calendar, days, means), phi, phi + unsure, judge.rule.least)


def _recent(judge: Judge, series: Series, periods: Sequence[Period], month: date) -> Month | Reason:
    """The latest weeks before the month, grown as the exposure has since; spread as the median deviation tells."""
    sizes, calendar = _sizes(series, periods), judge.calendar_of(series)
    known = [
        (period.first_day, value)
        for period, value, whole in zip(periods, series.values, series.whole, strict=True)
        if value is not None and whole and period.first_day < month
    ][-RECENT_DAYS:]
    if len(known) < LEAST_RECENT:
        return Reason("too_little_history", {"days": str(len(known)), "needed": str(LEAST_RECENT)})
    work = [value for day, value in known if calendar.class_of(day) == "work"] or [value for _, value in known]
    middle = median(work) or fmean(work)
    if not middle:
        return Reason("no_counts", {"days": str(len(known))})
    grown = 1.0
    if sizes and (then := fmean(sizes[day] for day, _ in known)):
        grown = sizes[max(sizes)] / then
    spread = NORMAL_MAD * median(abs(value - middle) for value in work)
    phi = max(1.0, spread * spread / middle)
    days = days_of_month(month)
    free = [value for day, value in known if calendar.class_of(day) != "work"]
    rest = fmean(free) if free else middle
    kinds = [calendar.class_of(day) == "work" for day in days]
    means = tuple((middle if working else rest) * grown for working in kinds)
    unsure = phi * sum(means) / (middle * len(known))
    return Month(
        "recent", len(known), means, middle * grown, phi * (1 + 1 / len(known)), phi + unsure, judge.rule.least
    )


def _ordinary(calendar: Days, days: Sequence[date], means: Sequence[float]) -> float:
    work = [mean for day, mean in zip(days, means, strict=True) if calendar.class_of(day) == "work"]
    return sorted(work or means)[len(work or means) // 2]


def _sizes(series: Series, periods: Sequence[Period]) -> dict[date, float]:
    if not series.exposure:
        return {}
    return {period.first_day: size for period, size in zip(periods, series.exposure, strict=True)}


def days_of_month(month: date) -> list[date]:
    """The days of the month that begins on a day."""
    return [month + timedelta(days=number) for number in range(last_of(month).day)]


def last_of(month: date) -> date:
    """The last day of the month that begins on a day."""
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def month_before(month: date) -> date:
    """The first day of the month before."""
    return (month - timedelta(days=1)).replace(day=1)
