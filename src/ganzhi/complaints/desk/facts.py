"""What is known of tickets for screening: customer and value, place and scene, day, network elements, warnings, repeats
(S000-091 to S000-097). What is not known is absent, so that no rule holds by accident."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from ganzhi.catalogue.derive.coverage import processes_of
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.tickets.surroundings import CUSTOMERS, FAULTS, customers_sql, faults_sql
from ganzhi.complaints.desk.directory import holds
from ganzhi.complaints.recognise.read import Recognised, recognise
from ganzhi.complaints.recognise.text import cleaned
from ganzhi.complaints.screening import Facts
from ganzhi.complaints.tickets.problem import rules_of
from ganzhi.complaints.tickets.read import COMPLAINTS, Ticket, read, rows_of, wanted_table
from ganzhi.complaints.tickets.repeats import find
from ganzhi.complaints.tickets.worth import value_class
from ganzhi.measure.build.scope import Reader
from ganzhi.store.findings.records import Finding

AS_RECORDED: Final = (
    "channel", "commercial_process", "process", "product", "brand", "customer_class", "network", "category", "department",
    "team", "escalated_to",
)  # fmt: skip
"""Fields of a ticket that are facts under their own name."""
FAULT_BEFORE: Final = timedelta(hours=24)
"""So long before a complaint a fault may have ended and still be what it is about."""
CUT_BY: Final = (
    "category",
    "product",
    "process",
    "commercial_process",
    "channel",
    "network",
    "brand",
    "customer_class",
)
"""Dimensions of a warning that a ticket has."""
ABOUT: Final = ("complaint_category", "category", "product", "process")
"""Dimensions of which one has to be named by a warning of complaints: of all of them it is not about this one's problem."""
NETWORK: Final = "network"
"""Only complaints of this commercial process are about elements of the network."""


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds tickets. worth: customer class and ARPU class by customer. faults: of the network, in order.
    again: how many earlier tickets of its customer on its problem a ticket repeats, by id. findings: warnings
    that stand, with the part of the indicator that they are about."""

    worth: Mapping[str, tuple[str | None, str | None]]
    faults: Sequence[Mapping[str, Any]]
    again: Mapping[str, int]
    findings: Sequence[tuple[Finding, Mapping[str, str]]]


def around(reader: Reader, tickets: Sequence[Ticket]) -> Around:
    """Read what surrounds tickets, of all of them at once."""
    customers = sorted({each.who for each in tickets if each.who})
    place = reader.workplace
    if not tickets:
        return Around({}, (), {}, ())
    first, last = min(each.received_at for each in tickets), max(each.received_at for each in tickets)
    feeds = [each for each in (CUSTOMERS, FAULTS) if each in place.catalogue.feeds]
    worth: dict[str, tuple[str | None, str | None]] = {}
    faults: list[dict[str, Any]] = []
    with rows_of(reader, feeds) as session:
        if CUSTOMERS in feeds and customers:
            session.register("wanted", wanted_table(customers))
            rows = session.query(customers_sql()).to_pylist()
            worth = {row["customer_id"]: (row["customer_class"], row["arpu_class"]) for row in rows}
        if FAULTS in feeds:
            faults = session.query(faults_sql(first - FAULT_BEFORE, last)).to_pylist()
    rules = rules_of(place.catalogue)
    since = first - timedelta(days=rules.repeat_days)
    until = last + timedelta(seconds=1)
    own = read(
        reader, reader.ground.top, COMPLAINTS, since=since, until=until, customers=customers, again=True, every_top=True
    )
    again = {each.ticket.id: each.times - 1 for each in find(place.catalogue, own, rules) if each.repeated}
    standing = [(each, json.loads(each.slice)) for each in place.store.findings.list(least=1) if each.grade]
    return Around(worth, faults, again, standing)


def facts_of(reader: Reader, tickets: Sequence[Ticket], near: Around) -> dict[str, Facts]:
    """The facts of each ticket by its id. Words are looked for as they hold on the day of receipt."""
    catalogue, zone = reader.workplace.catalogue, reader.workplace.zone
    by_day: dict[date, list[Ticket]] = {}
    for each in tickets:
        by_day.setdefault(each.received_at.astimezone(zone).date(), []).append(each)
    found: dict[str, Facts] = {}
    for day, those in by_day.items():
        said = recognise(catalogue, None, [each.text or "" for each in those], day)
        for ticket, words in zip(those, said, strict=True):
            values = _values(catalogue, ticket, words, day, near)
            counts = _counts(catalogue, ticket, near)
            found[ticket.id] = Facts(ticket.received_at, values, counts)
    return found


def _values(catalogue: Catalogue, ticket: Ticket, words: Recognised, day: date, near: Around) -> dict[str, str]:
    values = {name: str(value) for name in AS_RECORDED if (value := getattr(ticket, name)) is not None}
    if ticket.nature is not None:
        values["kind"] = ticket.nature
    klass, arpu = near.worth.get(ticket.who or "", (None, None))
    if (klass := ticket.customer_class or klass) is not None:
        values["customer_class"] = klass
    if (value := value_class(catalogue, klass, arpu)) is not None:
        values["value_class"] = value
    if ticket.text:
        values["sentiment"] = words.mood
        if words.competitors:
            values["competitor"] = next(iter(words.competitors))
        if words.escalation_words:
            values["escalation_words"] = words.escalation_words[0]
        values |= _place(catalogue, ticket, words, day)
    return values


def _place(catalogue: Catalogue, ticket: Ticket, words: Recognised, day: date) -> dict[str, str]:
    """Level and kind of the places that a text names, the highest first."""
    scenes = scenes_of(catalogue, ticket.text or "", ticket.unit, day)
    levels = {level for code in scenes if (level := catalogue.scenes[code].level)} | set(words.scenes)
    found = {"scene": scenes[0]} if scenes else {}
    if scenes and (kinds := [k for code in scenes if (k := catalogue.scenes[code].area) != "other"]):
        found["area"] = kinds[0]
    if level := next((each for each in ("province", "city") if each in levels), None):
        found["site_level"] = level
    return found


def scenes_of(catalogue: Catalogue, text: str, unit: str, day: date) -> tuple[str, ...]:
    """Scenes that a text names, that hold on the day and lie in the unit or above it; those of the province first."""
    clean = cleaned(text)
    within = set(above(catalogue, unit))
    found = [
        (("province", "city", None).index(scene.level), code)
        for code, scene in catalogue.scenes.items()
        if holds(day, scene.valid_from, scene.valid_to)
        and (not scene.units or within.intersection(scene.units))
        and any(cleaned(word) in clean for word in scene.words)
    ]
    return tuple(code for _, code in sorted(found))


def above(catalogue: Catalogue, unit: str) -> list[str]:
    """A unit and all above it."""
    way: list[str] = []
    at: str | None = unit
    while at is not None and at not in way:
        way.append(at)
        at = None if at not in catalogue.units else catalogue.units[at].parent
    return way


def _counts(catalogue: Catalogue, ticket: Ticket, near: Around) -> dict[str, int]:
    counts: dict[str, int] = {}
    if ticket.who:
        counts["repeats"] = near.again.get(ticket.id, 1 if ticket.repeat_of else 0)
    grade = max((each.grade for each, cut in near.findings if _concerns(catalogue, each, cut, ticket)), default=0)
    if grade:
        counts["warning_grade"] = grade
    if ticket.commercial_process == NETWORK or (ticket.category or "").startswith(NETWORK):
        counts |= _elements(catalogue, ticket, near.faults)
    return counts


def _concerns(catalogue: Catalogue, finding: Finding, cut: Mapping[str, str], ticket: Ticket) -> bool:
    """Whether a warning is about the ticket's problem, in its unit or above: one of complaints is when it is about a part
    that the ticket belongs to, one of a performance when the ticket is about what performs badly (S000-096)."""
    own = {name: getattr(ticket, name) for name in CUT_BY} | {"complaint_category": ticket.category}
    if finding.unit not in above(catalogue, ticket.unit) or any(own.get(name) != value for name, value in cut.items()):
        return False
    indicator = catalogue.indicators.get(finding.indicator)
    if indicator is not None and indicator.type == "system_performance":
        return _performs(catalogue, indicator, ticket)
    return any(name in ABOUT for name in cut)


def _performs(catalogue: Catalogue, indicator: Indicator, ticket: Ticket) -> bool:
    """Whether a ticket is about what an indicator measures: its processes where it names any, else its commercial process or
    its products."""
    if processes := processes_of(catalogue, indicator):
        return ticket.process in processes
    commercial = indicator.commercial_process
    return (commercial is not None and ticket.commercial_process == commercial) or ticket.product in indicator.products


def _elements(catalogue: Catalogue, ticket: Ticket, faults: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Faults that the ticket may be about, of its city and network: elements with the same problem, problems of one element.

    An element is what a fault record is of: one place and network. What is recorded without a place or network
    counts for the place alone.
    """
    city = above(catalogue, ticket.unit)[:-1]
    standing = [
        fault
        for fault in faults
        if fault["occurred_at"] <= ticket.received_at
        and (fault["restored_at"] is None or fault["restored_at"] >= ticket.received_at - FAULT_BEFORE)
        and (ticket.network is None or fault["network"] in (None, ticket.network))
        and set(above(catalogue, fault["unit"])).intersection(city)
    ]
    own = [fault for fault in standing if fault["unit"] in city or ticket.unit in above(catalogue, fault["unit"])]
    problems = {fault["fault_kind"] for fault in own}
    places = {kind: {(f["unit"], f["network"]) for f in standing if f["fault_kind"] == kind} for kind in problems}
    found = {"problems_of_element": len(problems)} if problems else {}
    if places:
        found["elements_with_problem"] = max(len(each) for each in places.values())
    return found


def on_day(moment: datetime, reader: Reader) -> date:
    """The local day of a moment."""
    return moment.astimezone(reader.workplace.zone).date()
