"""What is measured and how it is judged: measures, indicators, targets, topics."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.parts import Code, Expression, Model, Name, Number, Text, exactly_one

Layer = Literal["KEI", "KQI", "KPI", "PI"]
LAYERS: tuple[Layer, ...] = ("KEI", "KQI", "KPI", "PI")
ValueUnit = Literal["count", "percent", "s", "min", "h", "yuan", "per_10k", "score", "ratio"]


class CountOf(Model):
    """Number of rows for which `where` is true."""

    where: Expression | None = None


class ValueOf(Model):
    """A value per row, over the rows for which `where` is true and the value is known."""

    of: Expression
    where: Expression | None = None


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
    distinct: ValueOf | None = None
    indicator: Code | None = None
    times: Number = Decimal(1)

    @model_validator(mode="after")
    def _one_measure(self) -> Part:
        exactly_one(self, "count", "sum", "distinct", "indicator")
        return self


class Ratio(Model):
    """Merged numerator over merged denominator; never a mean of ratios."""

    numerator: Part
    denominator: Part


MEASURES = ("count", "sum", "min", "max", "mean", "ratio", "share_within", "percentile", "distinct")
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
    """An upper indicator that this one supports, and with which weight (S000-046)."""

    parent: Code
    weight: Annotated[Number, Field(gt=0)]
    origin: Literal["expert", "ahp", "survey"] = "expert"


class Indicator(Model):
    """A definition. Without a measure it is the weighted score of the indicators that support it.

    layer: KEI, KQI, KPI or PI. type: who speaks (S000-048). dimension: perception, complaint or
    operation. direction: which way is good; None for volumes that are neither. min_n: sample
    below which a value is shown without level or rank.
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
    share_within: ShareWithin | None = None
    percentile: PercentileOf | None = None
    distinct: ValueOf | None = None
    by: tuple[Name, ...] = ()
    finest: Grain | None = None
    targets: Targets = Targets()
    supports: tuple[Supports, ...] = ()
    coverage: Annotated[Number, Field(gt=0, le=1)] = Decimal("0.6666")
    min_n: Annotated[int, Field(ge=0)] = 30
    owner: Text | None = None
    retired: bool = False

    @property
    def measure(self) -> str | None:
        """Which field of `MEASURES` is given; None for a score of children."""
        given = [name for name in MEASURES if getattr(self, name) is not None]
        return given[0] if given else None

    @model_validator(mode="after")
    def _at_most_one_measure(self) -> Indicator:
        given = [name for name in MEASURES if getattr(self, name) is not None]
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
