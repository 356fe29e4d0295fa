"""Flows: how the records of a feed become an event log, and the order its steps should have (C04, S000-114)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from ganzhi.catalogue.model.parts import Code, Expression, Model, Name, Text

Activity = Annotated[str, Field(min_length=1, max_length=120)]
"""A value that names what happened, as the feed has it."""


class FlowStep(Model):
    """A step of the declared order. optional: a case may lack it; repeats: it may come more than once;
    end: a case that ends here is finished."""

    name: Text
    optional: bool = False
    repeats: bool = False
    end: bool = False


class Flow(Model):
    """An event log: which case each record belongs to, what happened, when.

    activity: the column that says what happened; the event time is the feed's. times: instead, for a feed that
    has one record for each case, a time column for each step. where: which records are events. by: columns that cases may be chosen by; a case has
    the value of its first event. window_days: how far from its first event a case may reach. steps: the declared
    order, empty where none is declared and nothing is judged. returns: steps back that are allowed, from and to.
    """

    name: Text
    feed: Code
    case: Name
    activity: Name | None = None
    times: dict[Activity, Name] = Field(default_factory=dict)
    where: Expression | None = None
    by: tuple[Name, ...] = ()
    window_days: Annotated[int, Field(ge=0, le=400)] = 7
    steps: dict[Activity, FlowStep] = Field(default_factory=dict)
    returns: tuple[tuple[Activity, Activity], ...] = ()
    process: Code | None = None
    description: Text | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Flow:
        if (self.activity is None) == (not self.times):
            raise PydanticCustomError("exactly_one", "give exactly one of {names}", {"names": "activity, times"})
        return self
