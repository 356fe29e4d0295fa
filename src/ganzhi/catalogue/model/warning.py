"""Early warning as it is declared: the operator's calendar, rules that grade, rules that publish (S003-007 to S003-014)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal, get_args

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.parts import Code, Day, Model, Name, Number, Text, UnitCode

Grade = Literal["blue", "yellow", "orange", "red"]
GRADES: Final[tuple[Grade, ...]] = get_args(Grade)
"""From low to high (S003-010)."""
UnitLevel = Literal["province", "city", "county", "hall", "counter", "centre", "team", "agent"]
Baseline = Literal["counts", "slots", "running", "fixed", "auto", "capacity"]
OccasionKind = Literal["holiday", "workday", "new_year", "billing", "plan", "campaign", "release", "assurance"]
ChannelKind = Literal["portal", "mail", "sms", "webhook", "wecom", "dingtalk", "feishu"]


class Span(Model):
    """Days in a row, both included; without `last`, one day."""

    first: Day
    last: Day | None = None


class Occasion(Model):
    """Something the calendar holds that moves volumes, or during which they are looked at otherwise.

    kind: days off by the state's arrangement (`holiday`), weekend days worked for them (`workday`), the first
    day of the lunar year (`new_year`), days bills go out (`billing`) and plans take effect (`plan`), a campaign,
    a release, an assurance period. days: its dates. monthly: the day of every month instead (in a month that is
    shorter, its last day). units, products: whom it concerns; empty for all. source: who says so.
    """

    name: Text
    kind: OccasionKind
    days: tuple[Span, ...] = ()
    monthly: Annotated[int, Field(ge=1, le=31)] | None = None
    units: tuple[UnitCode, ...] = ()
    products: tuple[Code, ...] = ()
    source: Text | None = None

    @model_validator(mode="after")
    def _dated_once(self) -> Occasion:
        if bool(self.days) == (self.monthly is not None):
            raise PydanticCustomError("exactly_one", "give exactly one of {names}", {"names": "days, monthly"})
        return self


class Tails(Model):
    """Per grade the chance that a value so far out comes about with nothing wrong, below which the grade is given."""

    blue: Annotated[Number, Field(gt=0, lt=1)] = Decimal("0.01")
    yellow: Annotated[Number, Field(gt=0, lt=1)] = Decimal("0.001")
    orange: Annotated[Number, Field(gt=0, lt=1)] = Decimal("0.0001")
    red: Annotated[Number, Field(gt=0, lt=1)] = Decimal("0.00001")


class GradeLimits(Model):
    """Fixed limits per grade, in the indicator's unit; a grade without one is not given."""

    blue: Number | None = None
    yellow: Number | None = None
    orange: Number | None = None
    red: Number | None = None


class LeastExcess(Model):
    """By how much a value must at least be out to be warned of at all: in its unit, and as a part of what is expected."""

    absolute: Annotated[Number, Field(ge=0)] = Decimal(5)
    relative: Annotated[Number, Field(ge=0)] = Decimal("0.2")


class Raise(Model):
    """An impact factor: what lifts a warning by one grade (S003-010).

    factor: how many units below are out themselves (`places`), or what another indicator of the same unit and
    period says: `class` of customers, `outside` (ministry, media), `batch`; or that it falls into an assurance period
    of the calendar (`assurance`, S000-095). indicator, where: that indicator and the slice of it; not for `places` and
    `assurance`. at_least: from how much on.
    """

    factor: Literal["places", "class", "outside", "batch", "assurance"]
    indicator: Code | None = None
    where: dict[Name, str] = Field(default_factory=dict)
    at_least: Annotated[Number, Field(gt=0)] = Decimal(1)

    @model_validator(mode="after")
    def _indicator_unless_places(self) -> Raise:
        if (self.factor in ("places", "assurance")) == (self.indicator is not None):
            raise PydanticCustomError(
                "exactly_one", "give exactly one of {names}", {"names": f"{self.factor}, indicator"}
            )
        return self


class Desks(Model):
    """Where it stands when desks were open: a feed whose rows are stretches of time. begins, ends: its columns; a stretch
    without an end goes on. paused: column of the seconds of it in which nobody was served, spread over it evenly."""

    feed: Code
    begins: Name
    ends: Name
    paused: Name | None = None


class Capacity(Model):
    """What a unit can take, and from which wait on it is too much (S002-030).

    desks: when they were open. handling: indicators whose means together are the seconds for which a customer takes a
    desk. waited: indicator of the mean wait, by which waits that formulas make too long or too short are corrected:
    handling times that differ less than chance has it, customers who are guided. ahead: periods looked ahead. waits:
    expected mean wait, in seconds, from which each grade is given.
    """

    desks: Desks
    handling: Annotated[tuple[Code, ...], Field(min_length=1)]
    waited: Code | None = None
    ahead: Annotated[int, Field(ge=1, le=12)] = 3
    waits: GradeLimits


class WarningRule(Model):
    """A rule that gives an indicator's values one of four grades, or none (S003-007, S003-010, S003-013, S000-099).

    level: watched by the service centre as values come, or by the product department day by day. by: a dimension
    whose values are judged one by one. only: of that dimension only these values (key products). at: levels of units
    judged; parents are judged before their children. baseline: a model of counts, the median of equal slots,
    whichever of the last value, a slow mean, the day and the week before has been right lately (`running`), fixed
    limits; `auto` takes fixed limits where there are any, the model for counts by day, the running one for other
    values below a day, else slots, and a step down for want of history is said; `capacity`: forecast and present
    arrivals against what open desks can serve, as `capacity` says. exposure: the indicator of how many could have
    been counted (subscribers). drift_sigmas: from where a slow drift is a blue warning, and from where on, 0.75 and
    1.5 further, a yellow and an orange one; none without. persist: evaluations in a row before a grade is in force.
    hold: quiet evaluations before it steps down. discovery: share of a day's warnings of this rule that may be
    chance.
    """

    name: Text
    level: Literal["centre", "product"]
    indicator: Code
    by: Name | None = None
    only: tuple[str, ...] = ()
    at: Annotated[tuple[UnitLevel, ...], Field(min_length=1)] = ("province",)
    grain: Grain = Grain.DAY
    baseline: Baseline = "auto"
    exposure: Code | None = None
    tails: Tails = Tails()
    least: LeastExcess = LeastExcess()
    limits: GradeLimits | None = None
    side: Literal["high", "low"] = "high"
    drift_sigmas: Annotated[Number, Field(gt=0)] | None = Decimal(3)
    raises: tuple[Raise, ...] = ()
    persist: Annotated[int, Field(ge=1, le=100)] = 1
    hold: Annotated[int, Field(ge=0, le=100)] = 2
    discovery: Annotated[Number, Field(gt=0, le=1)] = Decimal("0.1")
    owner: Text
    publication: Code | None = None
    description: Text | None = None
    capacity: Capacity | None = None


class PublicationStep(Model):
    """Who is told of a grade, how, and by when it must be answered.

    roles: who is told. channels: on which ways. acknowledge_min, feedback_min: minutes until it has to be taken
    up, and until the feedback form is due. repeat_min: told again until taken up; None for once. approval: the
    role that lets it out. escalate: roles that are told one after the other when a deadline passes.
    """

    roles: Annotated[tuple[Name, ...], Field(min_length=1)]
    channels: Annotated[tuple[ChannelKind, ...], Field(min_length=1)] = ("portal",)
    acknowledge_min: Annotated[int, Field(ge=1, le=60 * 24 * 31)]
    feedback_min: Annotated[int, Field(ge=1, le=60 * 24 * 31)]
    repeat_min: Annotated[int, Field(ge=1, le=60 * 24 * 31)] | None = None
    approval: Name | None = None
    escalate: tuple[Name, ...] = ()


ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class QuietHours(Model):
    """Local hours in which these grades wait until the end of the hours; may pass midnight."""

    first: ClockTime
    last: ClockTime
    grades: Annotated[tuple[Grade, ...], Field(min_length=1)] = ("blue",)


class CrisisStep(Model):
    """A step of a crisis plan: what is done, by whom, within how many minutes after the plan came into force."""

    action: Text
    role: Name
    within_min: Annotated[int, Field(ge=1, le=60 * 24 * 31)]


class CrisisPlan(Model):
    """What is done besides from a grade on: who sits together, what is said outside and where, step by step (S000-100)."""

    grade: Grade = "red"
    roles: Annotated[tuple[Name, ...], Field(min_length=1)]
    wording: Text
    channels: Annotated[tuple[ChannelKind, ...], Field(min_length=1)]
    steps: Annotated[tuple[CrisisStep, ...], Field(max_length=20)] = ()


class Publication(Model):
    """How warnings are made known, grade by grade (S003-011). A grade without a step is shown and told to nobody.

    stand_down: whether those who were told are told when it is over.
    """

    name: Text
    blue: PublicationStep | None = None
    yellow: PublicationStep | None = None
    orange: PublicationStep | None = None
    red: PublicationStep | None = None
    quiet: QuietHours | None = None
    stand_down: bool = True
    crisis: CrisisPlan | None = None
