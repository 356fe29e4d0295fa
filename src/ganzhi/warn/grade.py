"""Which grade a value gives, and which grade is in force: two pure steps.

`crossing` looks at one value: chances or limits, the least excess, the drift, impact factors. `after` is a state
machine over the crossings of one series: a grade comes into force when it persisted, and steps down when enough
evaluations after it stayed below (hysteresis). An unknown value changes nothing: it is neither quiet nor out.
S003-010; methods.md 2.2.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ganzhi.catalogue.model.warning import GRADES, Grade, WarningRule
from ganzhi.warn.baseline import Expectation
from ganzhi.warn.signal import Reason, grade_of, rank_of

Factor = Literal["places", "class", "outside", "batch", "assurance"]

DRIFT_STEP: Final = 0.75
"""Standard deviations from the limit of a drift to that of the next grade: each an order of magnitude rarer."""
MOST_OF_A_DRIFT: Final[Grade] = "orange"
"""What changes slowly leaves time: it is never red by itself."""


@dataclass(frozen=True, slots=True)
class Crossing:
    """What one value says. grade: None for nothing. known: whether anything can be said. withheld: it was out, and
    the reasons say why that gives no grade."""

    grade: Grade | None
    reasons: tuple[Reason, ...] = ()
    known: bool = True
    withheld: bool = False
    excess_absolute: float | None = None
    excess_relative: float | None = None


@dataclass(frozen=True, slots=True)
class State:
    """The grade in force, and the ranks of the latest crossings, newest last."""

    grade: Grade | None = None
    recent: tuple[int, ...] = ()


def tails_of(rule: WarningRule) -> dict[Grade, float]:
    """The rule's chance per grade."""
    return {grade: float(getattr(rule.tails, grade)) for grade in GRADES}


def crossing(
    rule: WarningRule,
    value: float | None,
    expectation: Expectation,
    *,
    drift: float | None = None,
    factors: Mapping[Factor, str] | None = None,
    adjusted: float | None = None,
) -> Crossing:
    """The grade of a value by itself.

    drift: standard deviations of the weighted mean of the latest values, in the rule's direction. factors: impact
    factors that hold, each with what it says. adjusted: the smallest false discovery rate at which the value stays.
    """
    if value is None or expectation.made.how == "none":
        return Crossing(None, known=False)
    absolute, relative = _excess(rule, value, expectation)
    declared = expectation.made.how in ("fixed", "approved")
    grade = _beyond(rule, value, expectation) if declared else _by_chance(rule, expectation)
    reasons = [_beyond_reason(expectation, grade)] if grade else []
    if expectation.made.how != "fixed":
        if not declared and grade is not None and (held := _withheld(rule, absolute, relative, adjusted)) is not None:
            return Crossing(None, (*reasons, held), withheld=True, excess_absolute=absolute, excess_relative=relative)
        drifted = _by_drift(rule, drift) if absolute > 0 else None
        if rank_of(drifted) > rank_of(grade):
            grade = drifted
            reasons = [Reason("drift", {"sigmas": f"{drift:.1f}", "limit": f"{_drift_limit(rule, rank_of(grade)):g}"})]
    if grade is not None and factors:
        reasons += [Reason(f"raised_{factor}", {"what": what}) for factor, what in factors.items()]
        grade = grade_of(rank_of(grade) + 1)
    return Crossing(grade, tuple(reasons), excess_absolute=absolute, excess_relative=relative)


def _by_chance(rule: WarningRule, expectation: Expectation) -> Grade | None:
    chance = expectation.chance
    if chance is None or chance > max(rule.tails.blue, rule.tails.yellow, rule.tails.orange, rule.tails.red):
        return None
    tails = tails_of(rule)
    return max((g for g in GRADES if chance <= tails[g]), key=rank_of, default=None)


def _by_drift(rule: WarningRule, drift: float | None) -> Grade | None:
    """The grade of a drift by itself: from the rule's limit on blue, `DRIFT_STEP` further yellow, and again orange."""
    if drift is None or rule.drift_sigmas is None:
        return None
    ranks = range(1, rank_of(MOST_OF_A_DRIFT) + 1)
    return grade_of(max((rank for rank in ranks if drift >= _drift_limit(rule, rank)), default=0))


def _drift_limit(rule: WarningRule, rank: int) -> float:
    return float(rule.drift_sigmas or 0) + DRIFT_STEP * (rank - 1)


def _beyond(rule: WarningRule, value: float, expectation: Expectation) -> Grade | None:
    """The gravest grade whose limit the value has reached."""
    sign = 1 if rule.side == "high" else -1
    out = (grade for grade, limit in expectation.limits.items() if (value - limit) * sign >= 0)
    return max(out, key=rank_of, default=None)


def _beyond_reason(expectation: Expectation, grade: Grade | None) -> Reason:
    limit = expectation.limits.get(grade) if grade else None
    told = {"grade": str(grade), "limit": "–" if limit is None else f"{limit:g}"}
    if expectation.made.version is not None:
        return Reason("beyond_approved", {**told, "version": str(expectation.made.version)})
    return Reason("beyond_limit", told)


def _excess(rule: WarningRule, value: float, expectation: Expectation) -> tuple[float, float | None]:
    """Beyond what is expected, or beyond the mildest limit where limits are fixed."""
    sign = 1.0 if rule.side == "high" else -1.0
    start = expectation.mean
    if start is None:
        start = next((expectation.limits[g] for g in GRADES if g in expectation.limits), value)
    absolute = sign * (value - start)
    return absolute, absolute / abs(start) if start else None


def of_month(found: Crossing, total: float, limits: Mapping[Grade, float], version: int) -> Crossing:
    """A crossing, or what the month's total so far gives where that is graver (counts, where more is worse)."""
    grade = max((each for each, limit in limits.items() if total >= limit), key=rank_of, default=None)
    if grade is None or rank_of(grade) <= rank_of(found.grade):
        return found
    told = {"grade": grade, "limit": f"{limits[grade]:g}", "total": f"{total:g}", "version": str(version)}
    reasons = (*found.reasons, Reason("beyond_month", told))
    return Crossing(grade, reasons, True, False, found.excess_absolute, found.excess_relative)


def _withheld(rule: WarningRule, absolute: float, relative: float | None, adjusted: float | None) -> Reason | None:
    least = rule.least
    if absolute < float(least.absolute) or (relative is not None and relative < float(least.relative)):
        told = {"absolute": f"{absolute:.4g}", "relative": "–" if relative is None else f"{relative:.0%}"}
        return Reason("least_excess", {**told, "least": f"{least.absolute:f}", "least_share": f"{least.relative:.0%}"})
    if adjusted is not None and adjusted > float(rule.discovery):
        return Reason("discovery", {"adjusted": f"{adjusted:.3g}", "most": f"{rule.discovery:f}"})
    return None


def after(rule: WarningRule, state: State, found: Crossing) -> tuple[State, tuple[Reason, ...]]:
    """The state after one more evaluation, and why it differs from the crossing.

    With `persist` 1 and `hold` 0 the grade in force is the crossing's.
    """
    if not found.known:
        held = (Reason("held", {"grade": state.grade}),) if state.grade else ()
        return state, held
    rank, now = rank_of(found.grade), rank_of(state.grade)
    recent = (*state.recent, rank)[-max(rule.persist, rule.hold + 1) :]
    lasting = min(recent[-rule.persist :]) if len(recent) >= rule.persist else 0
    if lasting > now:
        waits = (_persists(rule, found),) if lasting < rank else ()
        return State(grade_of(lasting), recent), waits
    if rank > now:
        return State(state.grade, recent), (_persists(rule, found),)
    since = recent[-(rule.hold + 1) :]
    if len(since) > rule.hold and max(since) < now:
        return State(grade_of(max(since)), recent), (Reason("stepped_down", {"grade": str(state.grade)}),)
    held = (Reason("held", {"grade": str(state.grade)}),) if rank < now else ()
    return State(state.grade, recent), held


def _persists(rule: WarningRule, found: Crossing) -> Reason:
    return Reason("persists", {"grade": str(found.grade), "needed": str(rule.persist)})


def factors_of(rule: WarningRule) -> Collection[Factor]:
    """The impact factors a rule knows."""
    return tuple(dict.fromkeys(each.factor for each in rule.raises))
