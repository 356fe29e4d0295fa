"""Who is in charge: departments as records name them, routing by category and product, interface persons, escalation
(S003-004, S003-005). Everything as of one day, since departments and persons hold within dates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import cached_property
from zoneinfo import ZoneInfo

from ganzhi.catalogue.model.desk import AnswersFor, Department, DeskRole, InterfacePerson
from ganzhi.catalogue.model.handling import TimeLimit
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.worktime import Calendar


@dataclass(frozen=True, slots=True)
class Person:
    """An interface person of a department, as they are asked: those of the product first, deputies last."""

    department: str
    name: Text
    login: str | None
    deputy: bool


def holds(day: date, first: date | None, last: date | None) -> bool:
    """Whether a day lies within a validity, both days included."""
    return (first is None or day >= first) and (last is None or day <= last)


@dataclass(frozen=True)
class Directory:
    """The departments of a catalogue on a day."""

    catalogue: Catalogue
    day: date
    zone: ZoneInfo
    departments: Mapping[str, Department] = field(init=False)

    def __post_init__(self) -> None:
        found = {
            code: each
            for code, each in self.catalogue.departments.items()
            if holds(self.day, each.valid_from, each.valid_to)
        }
        object.__setattr__(self, "departments", found)

    @cached_property
    def _written(self) -> Mapping[str, str]:
        names: dict[str, str] = {}
        for code, each in self.departments.items():
            for name in (code, each.name.zh, each.name.en, *each.written):
                names.setdefault(name, code)
        return names

    def code(self, written: str) -> str:
        """The department that records name so; the name itself where none is declared."""
        return self._written.get(written.strip(), written.strip())

    def name(self, code: str) -> Text:
        """A department in words; its code or its name in the records where none is declared."""
        found = self.departments.get(code) or self.catalogue.departments.get(code)
        return found.name if found is not None else Text(zh=code or "–", en=code or "–")

    def role(self, code: str) -> DeskRole:
        """Which of the two roles a department has; one that is not declared is a business department."""
        found = self.departments.get(code)
        return "business" if found is None else found.role

    @cached_property
    def centre(self) -> str:
        """The customer-service centre that tickets come back to: the first that answers for anything."""
        centres = [code for code, each in self.departments.items() if each.role == "service_centre"]
        return next((code for code in centres if self.departments[code].answers_for), centres[0] if centres else "")

    def lead(self, category: str | None, product: str | None) -> str:
        """The department in charge of a complaint: whoever names most of it, then in the order of the catalogue."""
        best = [(_fits(answer, category, product), code) for code, answer in self._answers(lead=True)]
        fitting = [(score, code) for score, code in best if score is not None]
        return max(fitting, key=lambda each: each[0], default=(0, ""))[1]

    def beside(self, category: str | None, product: str | None) -> tuple[str, ...]:
        """Departments that are asked beside the one in charge."""
        return tuple(code for code, answer in self._answers(lead=False) if _fits(answer, category, product) is not None)

    def _answers(self, *, lead: bool) -> list[tuple[str, AnswersFor]]:
        return [(code, a) for code, each in self.departments.items() for a in each.answers_for if a.lead is lead]

    def persons(self, code: str, product: str | None) -> tuple[Person, ...]:
        """Interface persons of a department for a product, in the order in which they are asked."""
        found = self.departments.get(code)
        if found is None:
            return ()

        def fits(each: InterfacePerson) -> bool:
            return holds(self.day, each.valid_from, each.valid_to) and (not each.products or product in each.products)

        asked = sorted((each for each in found.persons if fits(each)), key=lambda p: (p.deputy, not p.products))
        return tuple(Person(code, each.name, each.login, each.deputy) for each in asked)

    def path(self, code: str) -> tuple[str, ...]:
        """The departments that a ticket is escalated to, one after the other."""
        way: list[str] = []
        at = self.departments.get(code)
        while at is not None and at.escalates_to in self.departments and at.escalates_to not in (code, *way):
            way.append(str(at.escalates_to))
            at = self.departments[way[-1]]
        return tuple(way)

    def calendar(self, code: str) -> Calendar:
        """The working time of a department; round the clock, days off included, where none is declared."""
        found = self.departments.get(code)
        return self._calendars.get((None if found is None else found.works) or "") or _always(self.zone)

    @cached_property
    def _calendars(self) -> Mapping[str, Calendar]:
        working = self.catalogue.working_times.items()
        return {code: Calendar.of(self.catalogue, each, self.zone) for code, each in working}

    @cached_property
    def office(self) -> Calendar:
        """The calendar that working days are counted by: of the first working time with days off, else all days."""
        found = (each for each in self._calendars.values() if not each.every_day)
        return next(found, _always(self.zone))

    @cached_property
    def stays(self) -> Mapping[str, tuple[TimeLimit, Calendar]]:
        """Limit and working time of a stay at each department that has a limit of its own."""
        return {
            code: (each.step_limit, self.calendar(code))
            for code, each in self.departments.items()
            if each.step_limit is not None
        }

    def mine(self, login: str) -> frozenset[str]:
        """Departments of which somebody is an interface person on this day."""
        return frozenset(
            code
            for code, each in self.departments.items()
            if any(p.login == login and holds(self.day, p.valid_from, p.valid_to) for p in each.persons)
        )


def _fits(answer: AnswersFor, category: str | None, product: str | None) -> int | None:
    """How much of what an answer names is met; None when something of it is not."""
    if answer.categories and category not in answer.categories:
        return None
    if answer.products and product not in answer.products:
        return None
    return bool(answer.categories) + bool(answer.products)


def _always(zone: ZoneInfo) -> Calendar:
    return Calendar(zone, ((time(0), None),), frozenset(), frozenset(), every_day=True)
