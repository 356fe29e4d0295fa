"""One series on its way through the minutes: its values, what is expected of each, and the grade in force after each.

What is expected of a period is made of the same period of earlier days alike, once, and kept: the periods under watch are
not part of it, so that an outbreak does not become what is normal while it lasts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ganzhi.catalogue.model.warning import Grade, WarningRule
from ganzhi.numerics.alarm.drift import Drift
from ganzhi.warn.baseline import Expectation, Slots, Tails, by_limits
from ganzhi.warn.grade import Crossing, Factor, State, crossing
from ganzhi.warn.limits.content import Key
from ganzhi.warn.signal import Made, Reason

WARM = 16
MOST_OF_ONE = 4.0
"""The most one value adds to a drift, in standard deviations."""
SLOT = "here"


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of one period. value: None where it is unknown. whole: all of the period is believed to have come.
    enough: a share rests on enough rows."""

    value: float | None
    whole: bool
    enough: bool


@dataclass
class Step:
    """A period of a lane. earlier: values of the same period of days alike, oldest first."""

    earlier: Sequence[float]
    value: Value | None = None
    found: Expectation | None = None
    state: State = field(default_factory=State)
    said: object = None


class _Slots(Slots):
    """Slots whose earlier values come from elsewhere, so that only their errors are learnt one after the other."""

    def set_earlier(self, earlier: Sequence[float]) -> None:
        self._earlier[SLOT] = list(earlier)


class Lane:
    """A unit and slice under one rule. fixed: limits, where the rule goes by limits alone. out: that it is out was the last
    that was told of it."""

    def __init__(
        self,
        rule: WarningRule,
        tails: Tails,
        fixed: Mapping[Grade, float] | None,
        *,
        counted: bool,
        slice_: Mapping[str, str],
    ) -> None:
        self.rule, self.slice = rule, slice_
        self._tails, self._fixed, self._counted = tails, fixed, counted
        self._slots = _Slots(counted=counted, side=rule.side)
        self.steps: list[Step] = []
        self.before = State()
        self.out = False

    def key(self, unit: str) -> Key:
        """What thresholds call the unit's series."""
        return unit, tuple(sorted(self.slice.items()))

    def learn(self, earlier: Sequence[float], value: float) -> None:
        """Take in the error of a period that is over for good."""
        self._slots.set_earlier(earlier)
        self._slots.add(SLOT, value)
        for step in self.steps:
            step.found = None

    def leave(self, count: int) -> None:
        """Let the first periods go: their errors are learnt, and the state after them is where the rest begins."""
        for step in self.steps[:count]:
            value = step.value
            if value is not None and value.value is not None and value.whole and value.enough:
                self.learn(step.earlier, value.value)
        if count:
            self.before = self.steps[count - 1].state
            del self.steps[:count]

    def put(self, place: int, value: Value) -> bool:
        """Set the value of a period; whether it is another than before."""
        step = self.steps[place]
        if step.value == value:
            return False
        step.value, step.found = value, None
        return True

    def unusable(self, place: int) -> Reason | None:
        """Why the value of a period says nothing."""
        value = self.steps[place].value
        if value is None or value.value is None:
            return Reason("unknown_value")
        if not value.enough:
            return Reason("small_sample")
        if not value.whole and (self.rule.side == "low" or not self._counted):
            return Reason("incomplete")
        return None

    def expect(self, place: int) -> Expectation:
        """What is expected of a period, and how far out its value is."""
        step = self.steps[place]
        if step.found is None:
            value = None if step.value is None else step.value.value
            if self._fixed is not None:
                found = by_limits(self._fixed, value) if self._fixed else _nothing("no_limits")
            else:
                self._slots.set_earlier(step.earlier)
                found = self._slots.expect(SLOT, value, self._tails, None)
            if self.unusable(place) is not None:
                found = Expectation(found.mean, found.limits, None, None, found.made)
            step.found = found
        return step.found

    def drift(self, place: int) -> float | None:
        """Sigmas of the drift up to a period that is whole; None where that is unknown."""
        step = self.steps[place]
        if step.found is None or step.found.deviate is None or step.value is None or not step.value.whole:
            return None
        drift = Drift()
        for each in self.steps[max(0, place - WARM + 1) : place + 1]:
            if each.found is not None and each.found.deviate is not None:
                drift = drift.after(min(each.found.deviate, MOST_OF_ONE))
        return drift.sigmas

    def cross(self, place: int, found: Expectation, rate: float | None, said: Mapping[Factor, str]) -> Crossing:
        """The grade of a period by itself."""
        if (why := self.unusable(place)) is not None:
            return Crossing(None, (why,), known=False)
        value = self.steps[place].value
        assert value is not None
        crossed = crossing(self.rule, value.value, found, drift=self.drift(place), factors=said, adjusted=rate)
        if not crossed.known and found.made.fell_back is not None:
            return Crossing(None, (found.made.fell_back,), known=False)
        return crossed

    def state_before(self, place: int) -> State:
        """Where it stood before a period."""
        return self.steps[place - 1].state if place else self.before


def _nothing(why: str) -> Expectation:
    return Expectation(None, {}, None, None, Made("none", 0, Reason(why)))
