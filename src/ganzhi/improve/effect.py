"""Whether measures helped, from the evaluations before and after them (S003-008, S003-024). Pure.

Of counts the ratio of actual to expected is compared before and after: given both sums, the part that falls
after is binomial, so its Wilson interval gives one for the ratio of ratios. Counts that scatter more than that
(most do) have wider intervals in truth; the number of evaluations that were still out is shown beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from ganzhi.numerics.intervals import wilson
from ganzhi.store.findings.records import Evidence

LEAST: Final = 3
"""Evaluations after the measures below which nothing is said."""

EffectVerdict = Literal["shown", "not_shown", "too_early"]


@dataclass(frozen=True, slots=True)
class Effect:
    """after: evaluations since the measures; out: those of them with a grade. ratio: actual to expected after, divided
    by the same before; low, high: its 95 % interval; None where values are no counts or nothing was expected."""

    verdict: EffectVerdict
    before: int
    after: int
    out: int
    ratio: float | None
    low: float | None
    high: float | None

    def as_json(self) -> dict[str, object]:
        """As a finding's history keeps it."""
        return {
            "verdict": self.verdict,
            "before": self.before,
            "after": self.after,
            "out": self.out,
            "ratio": self.ratio,
            "low": self.low,
            "high": self.high,
        }


def effect(before: Iterable[Evidence], after: Iterable[Evidence]) -> Effect:
    """What evaluations say about measures that were carried out between them; of each period the latest counts."""
    earlier, later = _latest(before), _latest(after)
    out = sum(each.grade > 0 for each in later)
    verdict: EffectVerdict = "too_early" if len(later) < LEAST else "shown" if out == 0 else "not_shown"
    ratio, low, high = _ratio(_sums(earlier), _sums(later))
    return Effect(verdict, len(earlier), len(later), out, ratio, low, high)


def _latest(found: Iterable[Evidence]) -> list[Evidence]:
    by_period: dict[str, Evidence] = {}
    for each in sorted(found, key=lambda one: one.number):
        if each.content.get("verdict") != "unknown":
            by_period[each.period] = each
    return list(by_period.values())


def _sums(found: Sequence[Evidence]) -> tuple[int, float] | None:
    """Actual and expected counts; None where they are no counts."""
    actual, expected = 0, 0.0
    for each in found:
        made: Any = each.content.get("made")
        value: Any = each.content.get("value")
        usual: Any = each.content.get("expected")
        if not isinstance(made, Mapping) or made.get("how") != "counts" or value is None or usual is None:
            return None
        actual, expected = actual + round(value), expected + usual
    return (actual, expected) if expected > 0 else None


def _ratio(
    before: tuple[int, float] | None, after: tuple[int, float] | None
) -> tuple[float | None, float | None, float | None]:
    if before is None or after is None or before[0] == 0:
        return None, None, None
    (first, usual), (second, later) = before, after
    interval = wilson(second, first + second)

    def as_ratio(part: float) -> float | None:
        return None if part >= 1 else part / (1 - part) * usual / later

    return second / later / (first / usual), as_ratio(interval.low), as_ratio(interval.high)
