"""What thresholds would have given on the past year: alarms, false ones, misses.

A day was out of line where people found so (a finding closed after measures), was not where they dismissed it; of all
others the month's model tells, fitted to the whole history, by the chance of the grade on that very day. Without a
model only what people found counts, and without that nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Final

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.warning import Grade
from ganzhi.numerics.alarm.counts import at_least
from ganzhi.warn.baseline import Fit
from ganzhi.warn.engine import Judge, Series
from ganzhi.warn.limits.inforce import Approved
from ganzhi.warn.limits.truth import Truth

TRIED_DAYS: Final = 365


@dataclass(frozen=True, slots=True)
class Alarms:
    """Days at or beyond a threshold. false: those that were not out of line; missed: days out of line without an alarm; both
    None where nothing is known of those days."""

    alarms: int
    false: int | None
    missed: int | None


@dataclass(frozen=True, slots=True)
class Tried:
    """A proposal and the old limits on the past year. days: with a known value; told: those of which people said
    something; modelled: whether the others are told by the model."""

    grade: Grade
    days: int
    told: int
    modelled: bool
    new: Alarms
    old: Alarms | None


def tried(
    judge: Judge,
    periods: Sequence[Period],
    series: Series,
    fit: Fit | None,
    month: date,
    grade: Grade,
    new: Approved,
    old: Approved | None,
    truth: Truth,
) -> Tried:
    """What both thresholds of a grade would have given on the days before a month."""
    days = list(_days(periods, series, month))
    tail = float(getattr(judge.rule.tails, grade))
    said = {day: truth.of(series.key, day) for day, _, _ in days}
    out = {
        day: was if (was := said[day]) is not None else fit is not None and _out(fit, day, value, size, tail)
        for day, value, size in days
    }
    told = sum(each is not None for each in said.values())
    known = fit is not None or told > 0

    def of(version: Approved) -> Alarms:
        line = version.line(series.key)
        alarms = set()
        for day, value, _ in days:
            limit = None if line is None else version.of_day(line, day).get(grade)
            if limit is not None and value >= limit:
                alarms.add(day)
        wrong = {day for day in alarms if not out[day]}
        missed = sum(each for day, each in out.items() if day not in alarms)
        return Alarms(len(alarms), len(wrong) if known else None, missed if known else None)

    return Tried(grade, len(days), told, fit is not None, of(new), None if old is None else of(old))


def _days(periods: Sequence[Period], series: Series, month: date) -> Iterator[tuple[date, float, float]]:
    first = month - timedelta(days=TRIED_DAYS)
    for place, period in enumerate(periods):
        value = series.values[place]
        if first <= period.first_day < month and value is not None and series.whole[place]:
            yield period.first_day, value, series.exposure[place] if series.exposure else 1.0


def _out(fit: Fit, day: date, value: float, size: float, tail: float) -> bool:
    """Whether the model says that a day was out of line."""
    row = fit.design.rows([day], fit.calendar)[0]
    mean = fit.model.mean(row, size)
    if value <= mean + sqrt(fit.model.dispersion * mean):
        return False
    return at_least(int(value), mean, fit.model.dispersion + mean * fit.model.error(row) ** 2) <= tail
