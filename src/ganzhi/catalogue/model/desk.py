"""Who handles complaints and where they matter most, as it is declared: departments and their interface persons, scenes,
classes of value (S000-093, S000-094, S000-097, S003-004, S003-005)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ganzhi.catalogue.model.handling import TimeLimit
from ganzhi.catalogue.model.parts import Code, Day, Model, Text, UnitCode

DeskRole = Literal["service_centre", "business"]
"""The two roles of the workflow (S003-006): the customer-service centre, and departments that answer for a business."""
AreaKind = Literal["corporate_site", "estate", "new_district", "transport_hub", "entertainment", "other"]
"""Kinds of places that come first: sites of corporate customers, residential estates, new districts, hubs of transport,
large places of entertainment (S000-093)."""
Word = Annotated[str, Field(min_length=1, max_length=40)]


class AnswersFor(Model):
    """What a department answers for: complaints of all that is named here; what is not named does not matter.

    lead: whether it is in charge, or is asked beside the one that is.
    """

    categories: tuple[Code, ...] = ()
    products: tuple[Code, ...] = ()
    lead: bool = True


class InterfacePerson(Model):
    """The person of a department that hard complaints go to (S003-005), within a validity, both days included.

    login: their account, where they have one. deputy: stands in for the others. products: of which; empty for all.
    """

    name: Text
    login: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    deputy: bool = False
    products: tuple[Code, ...] = ()
    valid_from: Day | None = None
    valid_to: Day | None = None


class Department(Model):
    """A department that handles complaints.

    written: how records name it, beside its Chinese name. works: its working time; round the clock where none is
    named. step_limit: how long it may keep an order; as long as the complaint's own limit where none is given.
    escalates_to: the department that hard complaints go to next.
    """

    name: Text
    role: DeskRole
    written: tuple[Word, ...] = ()
    works: Code | None = None
    step_limit: TimeLimit | None = None
    answers_for: tuple[AnswersFor, ...] = ()
    persons: tuple[InterfacePerson, ...] = ()
    escalates_to: Code | None = None
    valid_from: Day | None = None
    valid_to: Day | None = None


class Scene(Model):
    """A place that comes first, within a validity, both days included (S000-093, S000-094).

    level: of which company it is a key scene; None for an area that is none. words: by which of them a text names
    it. units: the units in which it lies; a complaint from elsewhere does not mean it. Empty for anywhere.
    """

    name: Text
    level: Literal["province", "city"] | None = None
    area: AreaKind = "other"
    words: Annotated[tuple[Word, ...], Field(min_length=1)]
    units: tuple[UnitCode, ...] = ()
    valid_from: Day | None = None
    valid_to: Day | None = None
    source: Text | None = None


class ValueClass(Model):
    """A class of customers by what they are worth and could be worth (S000-097).

    customer_classes, arpu_classes: a customer belongs to the first class, in order, of which one of both is met.
    Without either it takes everybody else who is known. order: the most valuable first.
    """

    name: Text
    customer_classes: tuple[Code, ...] = ()
    arpu_classes: tuple[Code, ...] = ()
    order: int = 100
    source: Text | None = None
