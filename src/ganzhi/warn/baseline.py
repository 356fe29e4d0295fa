"""What is expected of a value, made the best way its history allows; every step down is said, none is silent.

Counts by day with 24 months of history (a year at least): a model of counts, fitted once a month to the days up to a
week before the month's first. With less: the median of the last 8 equal weekdays or hours, with the errors made before
as the band (split conformal) as far as their number tells; beyond, a normal error that fits them. With less than three
such slots nothing is expected: unknown, never quiet. Fixed limits need no history. methods.md 2.1, 2.4; S003-013.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import erfc, exp, sqrt
from statistics import NormalDist
from typing import Final

import numpy as np

from ganzhi.catalogue.model.warning import GRADES, Grade
from ganzhi.numerics.alarm.countmodel import CountModel, NoFitError, fit_counts
from ganzhi.numerics.alarm.counts import at_least, log_probability, upper_limit
from ganzhi.numerics.alarm.drift import FURTHEST
from ganzhi.numerics.alarm.slots import FEWEST_SLOTS, NORMAL_MAD, SLOTS_BACK, Errors, expected, spread_of
from ganzhi.warn.design import Array, Design, design_for
from ganzhi.warn.occasions import Days
from ganzhi.warn.signal import Made, Reason

HISTORY_DAYS: Final = 730
LEFT_OUT: Final = 7
"""The latest days before a month, whose outbreaks may still be running."""
LEAST_DAYS: Final = 364
ERRORS_KEPT: Final = 400
LEAST_ERRORS: Final = 5
"""Errors without which nothing is expected, however many slots there are."""
FEWEST_ERRORS: Final = 16
"""Errors below which they only widen the band."""
TOLD: Final = 0.01
"""The smallest chance that errors are counted for; what is rarer is told by a normal distribution that fits them."""
UNSURE: Final = 1.5
"""How much wider a band is while the errors are too few."""
LEAST_SPREAD: Final = 0.5
LEAST_CHANCE: Final = 1e-15
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of one value. mean: the middle. limits: from where each grade begins, in the value's unit.
    chance: of a value as far out as this one; deviate: it as a standard normal deviate, for the drift; both None
    where the value is unknown. made: how."""

    mean: float | None
    limits: Mapping[Grade, float]
    chance: float | None
    deviate: float | None
    made: Made


@dataclass(frozen=True, slots=True)
class Fit:
    """A month's model of a series."""

    model: CountModel
    design: Design
    days: int
    month: str


Tails = Mapping[Grade, float]


class Rows:
    """Rows of designs for days of a calendar, each made once however many series share it."""

    def __init__(self, calendar: Days) -> None:
        self._calendar = calendar
        self._designs: dict[tuple[date, ...], tuple[Design, Array]] = {}
        self._rows: dict[tuple[date, Design], Array] = {}

    def history(self, days: tuple[date, ...]) -> tuple[Design, Array]:
        """The design of a history, and its rows."""
        if days not in self._designs:
            self._designs[days] = design_for(days, self._calendar)
        return self._designs[days]

    def of(self, day: date, design: Design) -> Array:
        """The row of a day."""
        key = (day, design)
        if key not in self._rows:
            self._rows[key] = design.rows([day], self._calendar)[0]
        return self._rows[key]


def fit_month(history: Mapping[date, float], month: date, rows: Rows, exposure: Mapping[date, float]) -> Fit | Reason:
    """The model that holds for a month, of the days up to `LEFT_OUT` before its first; or why there is none.

    history: count by day, unknown days absent. exposure: size by day, empty for none.
    """
    last = month - timedelta(days=LEFT_OUT + 1)
    first = last - timedelta(days=HISTORY_DAYS - 1)
    days = tuple(sorted(d for d in history if first <= d <= last and (not exposure or exposure.get(d, 0) > 0)))
    if len(days) < LEAST_DAYS:
        return Reason("too_little_history", {"days": str(len(days)), "needed": str(LEAST_DAYS)})
    counts = np.array([history[day] for day in days], dtype=np.float64)
    if (counts != np.floor(counts)).any() or (counts < 0).any():
        return Reason("not_counts")
    design, columns = rows.history(days)
    sizes = np.array([exposure[day] for day in days], dtype=np.float64) if exposure else None
    try:
        return Fit(fit_counts(counts, columns, sizes), design, len(days), f"{month:%Y-%m}")
    except (NoFitError, np.linalg.LinAlgError):
        return Reason("no_fit", {"days": str(len(days))})


def by_counts(
    fit: Fit, day: date, value: float | None, rows: Rows, size: float, tails: Tails, *, side: str, limits: bool = True
) -> Expectation:
    """What a month's model expects of a day, and how surprising its count is. limits: find those of the grades, too."""
    row = rows.of(day, fit.design)
    mean = fit.model.mean(row, size)
    phi = fit.model.dispersion + mean * fit.model.error(row) ** 2  # days of a kind seen seldom are less sure
    made = Made("counts", fit.days, None, fit.month, round(fit.model.dispersion, 4))
    found = count_limits(mean, phi, tails, side=side) if limits else {}
    if value is None:
        return Expectation(mean, found, None, None, made)
    count = int(value)
    more = at_least(count + 1, mean, phi)
    here = exp(log_probability(count, mean, phi))
    chance = min(1.0, more + here) if side == "high" else 1.0 - more
    middle = 1.0 - more - here / 2
    sign = 1.0 if side == "high" else -1.0
    deviate = -_quantile(more + here / 2) if middle > 0.5 else _quantile(middle)
    return Expectation(mean, found, max(0.0, chance), sign * deviate, made)


def _quantile(chance: float) -> float:
    """The normal quantile, at most `FURTHEST` from 0."""
    return (
        max(-FURTHEST, min(FURTHEST, _NORMAL.inv_cdf(chance)))
        if 0 < chance < 1
        else (-FURTHEST if chance <= 0 else FURTHEST)
    )


def count_limits(mean: float, phi: float, tails: Tails, *, side: str) -> dict[Grade, float]:
    """The count from which each grade begins; on the low side a grade that even 0 does not reach has none."""
    if side == "high":
        return {grade: float(upper_limit(tails[grade], mean, phi) + 1) for grade in GRADES}
    lower = {grade: lower_limit(tails[grade], mean, phi) for grade in GRADES}
    return {grade: float(each) for grade, each in lower.items() if each is not None}


def lower_limit(tail: float, mean: float, phi: float) -> int | None:
    """The largest count l with P(Y <= l) <= tail; None when even 0 is likelier than that."""
    low, high = -1, int(mean) + 1
    while high - low > 1:
        middle = (low + high) // 2
        if 1.0 - at_least(middle + 1, mean, phi) <= tail:
            low = middle
        else:
            high = middle
    return low if low >= 0 else None


class Slots:
    """The expectation of values of equal slots (weekday, or weekday and hour), with the errors made so far.

    counted: values are counts, whose errors grow as the root of the median. side: where values are looked for.
    Values are told in order of time, each after it was judged.
    """

    def __init__(self, *, counted: bool, side: str) -> None:
        self._counted, self._sign = counted, 1.0 if side == "high" else -1.0
        self._earlier: dict[object, list[float]] = {}
        self._errors = Errors(ERRORS_KEPT)
        self._spread: float | None = None

    def add(self, slot: object, value: float) -> None:
        """Note a value."""
        earlier = self._earlier.setdefault(slot, [])
        middle = expected(earlier)
        if middle is not None:
            self._errors.add(self._sign * value, self._sign * middle, spread_of(earlier, counts=self._counted))
            self._spread = None
        earlier.append(value)
        del earlier[:-SLOTS_BACK]

    def expect(self, slot: object, value: float | None, tails: Tails, fell: Reason | None) -> Expectation:
        """What is expected of a slot, and how surprising a value is in it."""
        earlier = self._earlier.get(slot, [])
        middle = expected(earlier)
        if middle is None or len(self._errors) < LEAST_ERRORS:
            few, least = (len(earlier), FEWEST_SLOTS) if middle is None else (len(self._errors), LEAST_ERRORS)
            needed = Reason("too_little_history", {"days": str(few), "needed": str(least)})
            return Expectation(None, {}, None, None, Made("none", len(earlier), needed))
        scale = spread_of(earlier, counts=self._counted)
        limits = {grade: middle + self._sign * self._factor(tails[grade]) * scale for grade in GRADES}
        made = Made("slots", len(earlier), fell)
        if value is None:
            return Expectation(middle, limits, None, None, made)
        far = self._sign * (value - middle) / scale
        chance = self._chance(far)
        deviate = self._sign * max(-FURTHEST, min(FURTHEST, far / self._wide()))
        return Expectation(middle, limits, chance, deviate, made)

    def _wide(self) -> float:
        """The standard deviation of an error, in scales: of the normal distribution that the median error and the
        furthest hundredth of errors both fit under."""
        if self._spread is None:
            least = max(NORMAL_MAD * (self._errors.typical() or 0.0), LEAST_SPREAD)
            seen = self._errors.beyond(TOLD)
            few = least * UNSURE if len(self._errors) >= FEWEST_ERRORS else max(least, 1.0) * UNSURE
            self._spread = few if seen is None else max(least, seen / _NORMAL.inv_cdf(1.0 - TOLD))
        return self._spread

    def _factor(self, tail: float) -> float:
        """How many scales out a chance begins: where so small a share of the errors lies, as far as they tell."""
        normal = _NORMAL.inv_cdf(1.0 - tail) * self._wide()
        seen = self._errors.beyond(tail) if tail >= TOLD else None
        return normal if seen is None else max(normal, seen)

    def _chance(self, far: float) -> float:
        """How often an error is at least as far out: as often as those seen, and beyond them as a normal one."""
        normal = max(LEAST_CHANCE, 0.5 * erfc(far / self._wide() / sqrt(2.0)))
        counted = self._errors.chance(far, 0.0, 1.0) if far > 0 else 1.0
        return max(normal, counted) if counted > TOLD and len(self._errors) >= FEWEST_ERRORS else normal


def by_limits(limits: Mapping[Grade, float], value: float | None) -> Expectation:
    """Fixed limits: nothing is surprising, only beyond a limit or not."""
    return Expectation(None, dict(limits), None, None, Made("fixed"))
