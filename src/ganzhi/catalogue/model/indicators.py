"""What is measured and how it is judged: measures, indicators, targets, topics."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.framework import LifecycleState, StateChange
from ganzhi.catalogue.model.parts import Code, Day, Expression, Model, Name, Number, Text, exactly_one

Layer = Literal["KEI", "KQI", "KPI", "PI"]
LAYERS: tuple[Layer, ...] = ("KEI", "KQI", "KPI", "PI")
ValueUnit = Literal[
    "count", "percent", "ms", "s", "min", "h", "day", "yuan", "mbps", "mb", "per_10k", "rating", "score", "ratio"
]
"""`rating` is a mean on a survey's scale; `mb` megabytes of 10^6; `mbps` megabits a second."""


class CountOf(Model):
    """Number of rows for which `where` is true."""

    where: Expression | None = None


class ValueOf(Model):
    """A value per row, over the rows for which `where` is true and the value is known."""

    of: Expression
    where: Expression | None = None


class DistinctOf(ValueOf):
    """Different known values. exact_up_to: a count above it is an estimate (HyperLogLog of 4,096 registers, relative
    standard error 1.6 %) and said to be one; up to it the values themselves are kept and the count is exact."""

    exact_up_to: Annotated[int, Field(ge=1, le=10_000_000)] = 65_536


class ShareWithin(Model):
    """Share of the known values of `of` that are at most `limit`."""

    of: Expression
    limit: Number
    where: Expression | None = None


class PercentileOf(Model):
    """The p-quantile of `of` from a logarithmic histogram, relative error at most 1 % for values of 1 and above."""

    of: Expression
    p: Annotated[Number, Field(gt=0, lt=1)]
    where: Expression | None = None


class Part(Model):
    """Numerator or denominator of a ratio: an additive measure, or another indicator's numerator."""

    count: CountOf | None = None
    sum: ValueOf | None = None
    distinct: DistinctOf | None = None
    snapshot: ValueOf | None = None
    indicator: Code | None = None
    times: Number = Decimal(1)

    @model_validator(mode="after")
    def _one_measure(self) -> Part:
        exactly_one(self, "count", "sum", "distinct", "snapshot", "indicator")
        return self


class Ratio(Model):
    """Merged numerator over merged denominator; never a mean of ratios."""

    numerator: Part
    denominator: Part


class Rate(Model):
    """Merged numerator over the value of an indicator of another feed, for the same unit and period.

    per: the indicator that is divided by, such as mean subscribers. Of a slice only the dimensions
    that its feed also has are asked of it, and of these not the ones in `whole`: with
    `whole: [channel]` the slice of a channel is its share of all channels, and `per` may be of the same feed.
    """

    numerator: Part
    per: Code
    whole: tuple[Name, ...] = ()


MEASURES = ("count", "sum", "min", "max", "mean", "ratio", "rate", "share_within", "percentile", "distinct", "snapshot")
"""Fields of `Indicator` of which exactly one is given, unless the indicator is a score of its children."""


class Limits(Model):
    """Floor, target and challenge (基本值、目标值、挑战值), and the limits of the four levels.

    All in the indicator's unit of value. zero: value that scores 0; by default
    floor − (target − floor)·60/40. yellow, orange, red: values at which those levels begin (blue
    begins at the target); by default ¼, ½ and 1 of the way from target to floor.
    """

    floor: Number
    target: Number
    challenge: Number
    zero: Number | None = None
    yellow: Number | None = None
    orange: Number | None = None
    red: Number | None = None


class Targets(Model):
    """Separate targets per use (S000-050): assessment by the month, operations by the minute."""

    management: Limits | None = None
    operations: Limits | None = None


class Supports(Model):
    """An upper indicator that this one supports, and how (S000-046); exactly one of `weight` and `points` is given.

    weight: share of the upper score. points: of a risk, the most it can take off the upper score
    (S001-009): nothing at the target or better, all of them at a score of 0. origin: where the weight comes from,
    with the day and the number of answers of a survey (S003-001).
    """

    parent: Code
    weight: Annotated[Number, Field(gt=0)] | None = None
    points: Annotated[Number, Field(gt=0, le=100)] | None = None
    origin: Literal["expert", "ahp", "survey"] = "expert"
    derived: Day | None = None
    sample: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Supports:
        exactly_one(self, "weight", "points")
        return self


class Feasibility(Model):
    """Whether an indicator can be had, in three checks (S000-029); None where a check was not made.

    source_known: the data that it needs is located. collectable: it can be collected. correlated: it
    moves together with what customers perceive. blocked_by: what stands in the way, and who has to act.
    """

    source_known: bool | None = None
    collectable: bool | None = None
    correlated: bool | None = None
    blocked_by: Text | None = None


class Origin(Model):
    """Where a definition comes from: `ours`, general practice, a standard, a requirement id, or a list that was imported."""

    kind: Literal["ours", "practice", "standard", "source", "imported"] = "ours"
    reference: str | None = None
    item: str | None = None


class Secures(Model):
    """The level of perception an internal target is meant to secure (S001-008)."""

    indicator: Code
    level: Number
    note: Text | None = None


class Indicator(Model):
    """A definition. Without a measure it is the weighted score of the indicators that support it.

    layer: KEI, KQI, KPI or PI. type: who speaks (S000-048). dimension: perception, complaint or
    operation. direction: which way is good; None for volumes that are neither. min_n: sample
    below which a value is shown without level or rank. commercial_process: its row of the matrix
    (S001-004). processes, step: processes it measures and, where it belongs to one, their system
    step. touchpoints, attribute: what the customer meets and judges. phase: of product-quality
    monitoring (S001-061). same_as: an indicator of another list that it repeats, kept for its origin.
    """

    name: Text
    definition: Text
    layer: Layer
    type: Literal["customer_evaluation", "business_perception", "system_performance"]
    dimension: Literal["perception", "complaint", "operation"] = "operation"
    direction: Literal["higher", "lower"] | None = None
    unit: ValueUnit
    decimals: Annotated[int, Field(ge=0, le=4)] = 1
    feed: Code | None = None
    count: CountOf | None = None
    sum: ValueOf | None = None
    min: ValueOf | None = None
    max: ValueOf | None = None
    mean: ValueOf | None = None
    ratio: Ratio | None = None
    rate: Rate | None = None
    share_within: ShareWithin | None = None
    percentile: PercentileOf | None = None
    distinct: DistinctOf | None = None
    snapshot: ValueOf | None = None
    by: tuple[Name, ...] = ()
    finest: Grain | None = None
    targets: Targets = Targets()
    supports: tuple[Supports, ...] = ()
    coverage: Annotated[Number, Field(gt=0, le=1)] = Decimal("0.6666")
    min_n: Annotated[int, Field(ge=0)] = 30
    owner: Text | None = None
    commercial_process: Code | None = None
    processes: tuple[Code, ...] = ()
    step: Name | None = None
    touchpoints: tuple[Code, ...] = ()
    attribute: Code | None = None
    products: tuple[Code, ...] = ()
    phase: Literal["before", "during", "after"] | None = None
    state: LifecycleState = "live"
    history: tuple[StateChange, ...] = ()
    feasibility: Feasibility = Feasibility()
    origin: Origin = Origin()
    codes: dict[Code, str] = Field(default_factory=dict)
    same_as: Code | None = None
    secures: Secures | None = None
    retired: bool = False

    @property
    def measure(self) -> str | None:
        """Which field of `MEASURES` is given; None for a score of children."""
        fields = self.__dict__  # asked for some ten thousand times while a catalogue is checked
        return next((name for name in MEASURES if fields[name] is not None), None)

    @model_validator(mode="after")
    def _at_most_one_measure(self) -> Indicator:
        given = [name for name in MEASURES if name in self.model_fields_set and getattr(self, name) is not None]
        if len(given) > 1:
            raise PydanticCustomError("one_measure", "give one measure, not {names}", {"names": ", ".join(given)})
        if bool(given) != (self.feed is not None):
            raise PydanticCustomError("measure_and_feed", "a measure and a feed go together")
        return self


class Topic(Model):
    """A board of indicators for an audience: goal, function, definitions, presentation (S004-003).

    headline: the indicator whose score speaks for the topic. intervals: what its page shows by hour
    of the day (S004-004).
    """

    name: Text
    goal: Text
    function: Text
    audience: Text
    headline: Code
    indicators: Annotated[tuple[Code, ...], Field(min_length=1)]
    intervals: Annotated[tuple[Code, ...], Field(max_length=10)] = ()
    presentation: Literal["scorecard"] = "scorecard"
    order: int = 100
