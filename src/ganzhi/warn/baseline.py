"""What is expected of a value, made the best way its history allows; every step down is said, none is silent.

Counts by day with 24 months of history (a year at least): a model of counts, fitted once a month to the days up to a
week before the month's first (`ahead`). With less: the median of the last 8 equal weekdays or hours, with the errors made before
as the band (split conformal) as far as their number tells; beyond, a normal error that fits them. With less than three
such slots nothing is expected: unknown, never quiet. Fixed limits need no history. methods.md 2.1, 2.4; S003-013.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import erfc, sqrt
from statistics import NormalDist
from typing import Final

from ganzhi.catalogue.model.warning import GRADES, Grade
from ganzhi.numerics.alarm.countmodel import CountModel
from ganzhi.numerics.alarm.counts import at_least, upper_limit
from ganzhi.numerics.alarm.drift import FURTHEST
from ganzhi.numerics.alarm.running import BestOfFour
from ganzhi.numerics.alarm.slots import FEWEST_SLOTS, NORMAL_MAD, SLOTS_BACK, Errors, expected, spread_of
from ganzhi.warn.design import Design
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
    """A month's model of a series. calendar: the one its design is of."""

    model: CountModel
    design: Design
    days: int
    month: str
    calendar: Days


Tails = Mapping[Grade, float]


def quantile(chance: float) -> float:
    """The normal quantile of a chance, at most `FURTHEST` from 0."""
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


class Surprises:
    """How far out values are, told by the errors of the expectations before: what a grade's chance is in scales, and what
    chance a value has. Errors are in the direction that is looked at, over their scales."""

    def __init__(self) -> None:
        self._errors = Errors(ERRORS_KEPT)
        self._spread: float | None = None

    def __len__(self) -> int:
        return len(self._errors)

    def add(self, far: float) -> None:
        """Note an error."""
        self._errors.add(far, 0.0, 1.0)
        self._spread = None

    def wide(self) -> float:
        """The standard deviation of an error, in scales: of the normal distribution that the median error and the
        furthest hundredth of errors both fit under."""
        if self._spread is None:
            least = max(NORMAL_MAD * (self._errors.typical() or 0.0), LEAST_SPREAD)
            seen = self._errors.beyond(TOLD)
            few = least * UNSURE if len(self._errors) >= FEWEST_ERRORS else max(least, 1.0) * UNSURE
            self._spread = few if seen is None else max(least, seen / _NORMAL.inv_cdf(1.0 - TOLD))
        return self._spread

    def factor(self, tail: float) -> float:
        """How many scales out a chance begins: where so small a share of the errors lies, as far as they tell."""
        normal = _NORMAL.inv_cdf(1.0 - tail) * self.wide()
        seen = self._errors.beyond(tail) if tail >= TOLD else None
        return normal if seen is None else max(normal, seen)

    def chance(self, far: float) -> float:
        """How often an error is at least as far out: as often as those seen, and beyond them as a normal one."""
        normal = max(LEAST_CHANCE, 0.5 * erfc(far / self.wide() / sqrt(2.0)))
        counted = self._errors.chance(far, 0.0, 1.0) if far > 0 else 1.0
        return max(normal, counted) if counted > TOLD and len(self._errors) >= FEWEST_ERRORS else normal

    def expectation(
        self, middle: float, scale: float, value: float | None, tails: Tails, made: Made, sign: float
    ) -> Expectation:
        """The expectation round a middle; sign: 1 where high values are looked for, else -1."""
        limits = {grade: middle + sign * self.factor(tails[grade]) * scale for grade in GRADES}
        if value is None:
            return Expectation(middle, limits, None, None, made)
        far = sign * (value - middle) / scale
        deviate = sign * max(-FURTHEST, min(FURTHEST, far / self.wide()))
        return Expectation(middle, limits, self.chance(far), deviate, made)


def too_little(known: int, needed: int) -> Expectation:
    """Nothing is expected: so few slots or errors are known."""
    why = Reason("too_little_history", {"days": str(known), "needed": str(needed)})
    return Expectation(None, {}, None, None, Made("none", known, why))


class Slots:
    """The expectation of values of equal slots (weekday, or weekday and hour), with the errors made so far.

    counted: values are counts, whose errors grow as the root of the median. side: where values are looked for.
    Values are told in order of time, each after it was judged.
    """

    def __init__(self, *, counted: bool, side: str) -> None:
        self._counted, self._sign = counted, 1.0 if side == "high" else -1.0
        self._earlier: dict[object, list[float]] = {}
        self._surprises = Surprises()

    def add(self, slot: object, value: float) -> None:
        """Note a value."""
        earlier = self._earlier.setdefault(slot, [])
        middle = expected(earlier)
        if middle is not None:
            self._surprises.add(self._sign * (value - middle) / spread_of(earlier, counts=self._counted))
        earlier.append(value)
        del earlier[:-SLOTS_BACK]

    def expect(self, slot: object, value: float | None, tails: Tails, fell: Reason | None) -> Expectation:
        """What is expected of a slot, and how surprising a value is in it."""
        earlier = self._earlier.get(slot, [])
        middle = expected(earlier)
        if middle is None:
            return too_little(len(earlier), FEWEST_SLOTS)
        if len(self._surprises) < LEAST_ERRORS:
            return too_little(len(self._surprises), LEAST_ERRORS)
        scale = spread_of(earlier, counts=self._counted)
        made = Made("slots", len(earlier), fell)
        return self._surprises.expectation(middle, scale, value, tails, made, self._sign)


class Running:
    """The expectation of values as they come: whichever of the last value, a slow mean, the day and the week before has
    been right lately. For values that are no counts, below a day. day, week: how many places they are long.
    """

    def __init__(self, *, side: str, day: int, week: int) -> None:
        self._sign = 1.0 if side == "high" else -1.0
        self._best = BestOfFour(day, week)
        self._surprises = Surprises()

    def add(self, slot: object, value: float) -> None:
        """Note a value. slot: its place in the series, a whole number."""
        place = _place(slot)
        found = self._best.expected(place)
        if found is not None:
            self._surprises.add(self._sign * (value - found[0]) / found[1])
        self._best.add(place, value)

    def expect(self, slot: object, value: float | None, tails: Tails, fell: Reason | None) -> Expectation:
        """What is expected at a place, and how surprising a value is there."""
        found = self._best.expected(_place(slot))
        if found is None or len(self._surprises) < FEWEST_ERRORS:
            return too_little(len(self._surprises), FEWEST_ERRORS)
        made = Made("running", len(self._surprises), fell)
        return self._surprises.expectation(found[0], found[1], value, tails, made, self._sign)


def _place(slot: object) -> int:
    assert isinstance(slot, int)
    return slot


def by_limits(limits: Mapping[Grade, float], value: float | None) -> Expectation:
    """Fixed limits: nothing is surprising, only beyond a limit or not."""
    return Expectation(None, dict(limits), None, None, Made("fixed"))
