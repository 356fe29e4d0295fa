"""What one evaluation of a warning rule says about one unit, slice and period: a value with everything behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from ganzhi.base.periods import Period
from ganzhi.catalogue.model.warning import GRADES, Grade

How = Literal["counts", "slots", "running", "fixed", "approved", "capacity", "none"]
"""`approved`: limits that a person approved, whatever a model expects."""
Verdict = Literal["quiet", "warned", "withheld", "unknown"]
"""`unknown`: nothing can be said, which is not the same as quiet. `withheld`: out, and yet not warned of, with a
reason."""

REASONS: Final = (
    "unknown_value", "incomplete", "small_sample", "too_little_history", "no_fit", "no_exposure", "not_counts", "no_limits", "no_counts",
    "beyond_limit", "beyond_approved", "beyond_month", "drift", "raised_places", "raised_class", "raised_outside", "raised_batch", "raised_assurance",
    "least_excess", "discovery", "in_parent", "persists", "held", "stepped_down", "occasion",
    "beyond_capacity", "capacity_ahead", "desks_planned", "no_capacity",
)  # fmt: skip
"""All codes of reasons; each has its words in the messages (`warn.reason.<code>`)."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a grade is what it is: a code of `REASONS` and what its sentence needs."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """How the expectation was made. history: days or slots it rests on. fell_back: why it was not made the better
    way; None when it was. month: of the fit, `YYYY-MM`, where a model was fitted. dispersion: of counts. version: of the
    approved thresholds that hold; None where none do."""

    how: How
    history: int = 0
    fell_back: Reason | None = None
    month: str | None = None
    dispersion: float | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """One evaluation.

    slice: dimension to value, empty for all. limits: the value from which each grade begins. chance: that such a
    value comes about with nothing wrong; adjusted: the same among all of the rule and day (false discovery rate).
    excess_absolute, excess_relative: beyond what is expected, in the direction the rule looks. drift_sigmas: of
    the weighted mean of the last days, in that direction. crossed: the grade of this value alone; grade: the one in force
    after impact factors, persistence and hysteresis. reasons: of the grade or its absence, in the order they acted.
    Numbers are None where they are unknown.
    """

    rule: str
    indicator: str
    unit: str
    slice: Mapping[str, str]
    period: Period
    value: float | None
    expected: float | None
    limits: Mapping[Grade, float]
    chance: float | None
    adjusted: float | None
    excess_absolute: float | None
    excess_relative: float | None
    drift_sigmas: float | None
    made: Made
    crossed: Grade | None
    grade: Grade | None
    verdict: Verdict
    reasons: tuple[Reason, ...]
    catalogue_version: str

    @property
    def series(self) -> tuple[str, str, tuple[tuple[str, str], ...]]:
        """What stays the same from one evaluation to the next: rule, unit, slice."""
        return self.rule, self.unit, tuple(sorted(self.slice.items()))

    def as_json(self) -> dict[str, object]:
        """The object of `ganzhi warn run --format json`, and the evidence that a finding keeps."""
        return {
            "rule": self.rule,
            "indicator": self.indicator,
            "unit": self.unit,
            "slice": dict(self.slice),
            "period": self.period.key,
            "value": self.value,
            "expected": self.expected,
            "limits": dict(self.limits),
            "chance": self.chance,
            "adjusted": self.adjusted,
            "excess_absolute": self.excess_absolute,
            "excess_relative": self.excess_relative,
            "drift_sigmas": self.drift_sigmas,
            "made": made_json(self.made),
            "crossed": self.crossed,
            "grade": self.grade,
            "verdict": self.verdict,
            "reasons": [reason_json(each) for each in self.reasons],
            "catalogue_version": self.catalogue_version,
        }


def reason_json(reason: Reason) -> dict[str, object]:
    """A reason as data."""
    return {"code": reason.code, "params": dict(reason.params)}


def made_json(made: Made) -> dict[str, object]:
    """How an expectation was made, as data."""
    return {
        "how": made.how,
        "history": made.history,
        "fell_back": None if made.fell_back is None else reason_json(made.fell_back),
        "month": made.month,
        "dispersion": made.dispersion,
        "version": made.version,
    }


def rank_of(grade: Grade | None) -> int:
    """0 for none, 1 blue to 4 red.

    >>> rank_of(None), rank_of("red")
    (0, 4)
    """
    return 0 if grade is None else GRADES.index(grade) + 1


def grade_of(rank: int) -> Grade | None:
    """The grade of a rank, at most red; None from 0 down."""
    return None if rank <= 0 else GRADES[min(rank, len(GRADES)) - 1]
