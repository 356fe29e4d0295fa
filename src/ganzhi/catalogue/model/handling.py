"""How complaints are to be handled, as it is declared: working time, screening, time limits (S000-091 to 096, S003-003)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal, get_args

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ganzhi.catalogue.model.parts import Code, Day, Model, Name, Number, Text
from ganzhi.catalogue.model.warning import OccasionKind

Layer = Literal["customer", "area", "event", "problem", "overall"]
LAYERS: Final[tuple[Layer, ...]] = get_args(Layer)
"""The five principles of screening (S000-091); the fifth, by area, is named in the source's own rules (L227)."""
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]


TicketKind = Literal["complaint", "trouble", "need"]
"""What a ticket is: a complaint, a trouble report, a need."""


class Shift(Model):
    """From when to when on one day."""

    begins: TimeOfDay
    ends: TimeOfDay


class WorkingTime(Model):
    """When a department works: its shifts on a working day, in order; days off are those of the calendar.

    every_day: whether it works on days off too.
    """

    name: Text
    shifts: Annotated[tuple[Shift, ...], Field(min_length=1)]
    every_day: bool = False


class TimeLimit(Model):
    """How long something may take: exactly one of hours by the clock, hours of working time, working days.

    Working days count the days after the one it began on; the limit is the end of the last one.
    """

    hours: Annotated[Number, Field(gt=0, le=8784)] | None = None
    working_hours: Annotated[Number, Field(gt=0, le=2200)] | None = None
    working_days: Annotated[int, Field(gt=0, le=260)] | None = None

    @model_validator(mode="after")
    def _one(self) -> TimeLimit:
        if sum(each is not None for each in (self.hours, self.working_hours, self.working_days)) != 1:
            names = "hours, working_hours, working_days"
            raise PydanticCustomError("exactly_one", "give exactly one of {names}", {"names": names})
        return self


class Screening(Model):
    """A rule of screening: a complaint of which all that is named here holds gets this rank and limit.

    layer: the principle it belongs to. values: facts of the complaint, each with the values it may have.
    at_least: counted facts and how many. occasions: kinds of days of the calendar on one of which it arrived.
    rank: 1 is urgent, 5 ordinary; the most urgent rule that holds wins, at equal ranks the shorter limit.
    must: it must be handled, whatever the load (必须处理).
    """

    name: Text
    layer: Layer
    values: dict[Name, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(default_factory=dict)
    at_least: dict[Name, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    occasions: tuple[OccasionKind, ...] = ()
    rank: Annotated[int, Field(ge=1, le=5)]
    limit: TimeLimit
    must: bool = False
    valid_from: Day | None = None
    valid_to: Day | None = None
    source: Text | None = None


class TicketRules(Model):
    """What makes tickets one problem, a batch, a complaint that was not recorded, a promise to be warned of.

    repeat_days: within so many days the same customer has the same problem again (S003-002). likeness: share of character
    pairs from which two texts are the same. batch_level, batch_days, batch_customers: so many customers with one problem
    in one such unit in so many days are a batch (S001-019), where that is more than chance; batch_chance: how little
    chance may explain. alike_days: how far around a ticket others of its class are looked for (S001-018). intake:
    codes of contacts and the kinds of record that have to follow (S001-014), within intake_hours. promise_hours: how
    long before a promised time passes it is warned of (S000-089). solution_limit: from the report of a problem to its
    solution (S003-003); effect_days: days before the report that are compared with days after the solution, at most.
    fault_limit: how long a fault that was reproduced may take to be cleared (S003-023).
    """

    name: Text
    repeat_days: Annotated[int, Field(ge=1, le=366)] = 30
    likeness: Annotated[Number, Field(gt=0, le=1)] = Decimal("0.5")
    batch_level: Literal["city", "county"] = "city"
    batch_days: Annotated[int, Field(ge=1, le=7)] = 1
    batch_customers: Annotated[int, Field(ge=2, le=1000)] = 5
    batch_chance: Annotated[Number, Field(gt=0, lt=1)] = Decimal("0.0001")
    alike_days: Annotated[int, Field(ge=1, le=366)] = 14
    intake: dict[Code, Annotated[tuple[TicketKind, ...], Field(min_length=1)]] = Field(default_factory=dict)
    intake_hours: Annotated[Number, Field(gt=0, le=720)] = Decimal(24)
    promise_hours: Annotated[Number, Field(gt=0, le=240)] = Decimal(2)
    solution_limit: TimeLimit = TimeLimit(working_days=10)
    effect_days: Annotated[int, Field(ge=1, le=366)] = 28
    fault_limit: TimeLimit = TimeLimit(hours=Decimal(24))
    source: Text | None = None


TICKET_RULES: Final = "default"
"""The one set of rules about tickets that is read."""


Purpose = Literal[
    "competitor", "negative", "positive", "escalation", "scene", "product", "cause", "again", "intent", "synonym"
]
"""synonym: forms for one thing, with which the case library is searched, too; nothing is recognised by them."""


class Term(Model):
    """A word that is looked for in texts. value: what it stands for (a competitor, a product's code, the level of a
    scene); itself when none is given.

    forms: other ways it is written. but_not: longer words that hold it and mean something else.
    """

    text: Annotated[str, Field(min_length=1, max_length=40)]
    value: str | None = None
    forms: tuple[Annotated[str, Field(min_length=1, max_length=40)], ...] = ()
    but_not: tuple[Annotated[str, Field(min_length=1, max_length=40)], ...] = ()
    valid_from: Day | None = None
    valid_to: Day | None = None


class Lexicon(Model):
    """Words for one purpose, each within its validity; both days included (S001-016, S000-094)."""

    name: Text
    purpose: Purpose
    terms: Annotated[tuple[Term, ...], Field(min_length=1)]
    source: Text | None = None
