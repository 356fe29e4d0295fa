"""All open tickets with everything that clocks and screening need, read once for a state of the data."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.tickets.rows import STEPS, steps_sql
from ganzhi.complaints.desk.directory import Directory
from ganzhi.complaints.desk.facts import around, facts_of, on_day
from ganzhi.complaints.desk.limits import Limits, limits_of
from ganzhi.complaints.desk.story import Standing, read_story
from ganzhi.complaints.desk.views import TicketRow
from ganzhi.complaints.screening import Facts, Screened, screen
from ganzhi.complaints.tickets.read import COMPLAINTS, Step, Ticket, known_until, read, rows_of, wanted_table
from ganzhi.measure.build.scope import Reader
from ganzhi.store.desk.acts import DeskAct

LATE_AFTER: Final = timedelta(hours=2)
"""Data that ended so long ago are said to lie in the past."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Tickets that are open at a moment, their steps and facts by id. unit: the first of the viewer's units. past: ids of
    those of times past, for which no clock runs."""

    now: datetime
    late: bool
    unit: str
    tickets: tuple[Ticket, ...]
    steps: Mapping[str, Sequence[Step]]
    facts: Mapping[str, Facts]
    past: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Joined:
    """A ticket with how it stands, what it is limited by and the rules that held."""

    ticket: Ticket
    stands: Standing
    limits: Limits
    screened: Screened | None
    facts: Facts


def gather(reader: Reader) -> Gathered:
    """Read the open tickets within a viewer's reach, without those of times past: nobody has to deal with them any more.
    Does not ask for list depth: who shows single tickets does."""
    now, top = known_until(reader), reader.ground.top
    found, past = read(reader, top, COMPLAINTS, until=now, open_at=now, every_top=True), past_loads(reader)
    open_ = (each.at(now) for each in found if each.origin[0] not in past)
    return _with_facts(reader, now, [each for each in open_ if each.open])


def gather_some(reader: Reader, tickets: Sequence[Ticket]) -> Gathered:
    """The same of some tickets, open or not; those of times past are known to be."""
    now, past = known_until(reader), past_loads(reader)
    return _with_facts(reader, now, [each.at(now) for each in tickets], past)


def past_loads(reader: Reader) -> frozenset[str]:
    """The loads by mappings of times past."""
    place = reader.workplace
    mappings = [code for code, each in place.catalogue.mappings.items() if each.past]
    return frozenset(each.id for each in place.store.ledger.of_mappings(mappings))


def _with_facts(
    reader: Reader, now: datetime, tickets: Sequence[Ticket], past: Collection[str] = frozenset()
) -> Gathered:
    unit, facts = reader.ground.top, facts_of(reader, tickets, around(reader, tickets))
    late = reader.workplace.clock.now() - now > LATE_AFTER
    old = frozenset(each.id for each in tickets if each.origin[0] in past)
    return Gathered(now, late, unit, tuple(tickets), _steps(reader, [each.id for each in tickets]), facts, old)


def _steps(reader: Reader, names: Sequence[str]) -> dict[str, list[Step]]:
    found: dict[str, list[Step]] = {}
    if names and STEPS in reader.workplace.catalogue.feeds:
        with rows_of(reader, (STEPS,)) as session:
            session.register("wanted", wanted_table(names))
            for row in session.query(steps_sql()).to_pylist():
                found.setdefault(row["complaint_id"], []).append(Step(**row))
    return found


def directory_of(reader: Reader, now: datetime) -> Directory:
    """The departments as they are on the day of a moment."""
    return Directory(reader.workplace.catalogue, on_day(now, reader), reader.workplace.zone)


def join(
    catalogue: Catalogue, found: Gathered, acts: Mapping[str, Sequence[DeskAct]], directory: Directory
) -> dict[str, Joined]:
    """Each ticket with its story, rules and limits."""
    return {
        ticket.id: join_one(catalogue, found, ticket, acts.get(ticket.id, ()), directory) for ticket in found.tickets
    }


def join_one(
    catalogue: Catalogue, found: Gathered, ticket: Ticket, acts: Sequence[DeskAct], directory: Directory
) -> Joined:
    """One ticket with its story, rules and limits."""
    facts = found.facts[ticket.id]
    screened = screen(catalogue.screenings, facts, directory.office, catalogue.occasions.values())
    stands = read_story(ticket, found.steps.get(ticket.id, ()), acts, directory, found.now)
    limits = limits_of(ticket, stands, screened, directory, found.now)
    if ticket.id in found.past:
        limits = replace(limits, all=tuple(each for each in limits.all if each.ended is not None), first=None)
    return Joined(ticket, stands, limits, screened, facts)


def coded(catalogue: Catalogue, listed: str, code: str | None) -> Text | None:
    """A code in words; the code itself where its list does not name it any more; None for none, or an empty one."""
    if not code:
        return None
    entries = catalogue.code_lists[listed].entries if listed in catalogue.code_lists else ()
    return next((each.name for each in entries if each.to == code and each.name), Text(zh=code, en=code))


def product_name(catalogue: Catalogue, code: str | None) -> Text | None:
    """A product in words."""
    if code is None:
        return None
    return catalogue.products[code].name if code in catalogue.products else Text(zh=code, en=code)


def row_of(catalogue: Catalogue, each: Joined, directory: Directory, now: datetime) -> TicketRow:
    """A ticket as a list shows it."""
    ticket, stands, screened = each.ticket, each.stands, each.screened
    unit = catalogue.units.get(ticket.unit)
    rule = None if screened is None else screened.held[0]
    holding = [stay for stay in each.limits.stays if stay.of == stands.department]
    return TicketRow(
        id=ticket.id,
        received_at=ticket.received_at,
        unit=ticket.unit,
        unit_name=Text(zh=ticket.unit, en=ticket.unit) if unit is None else unit.name,
        category=ticket.category,
        category_name=coded(catalogue, "complaint_categories", ticket.category),
        product_name=product_name(catalogue, ticket.product),
        nature=ticket.nature,
        nature_name=coded(catalogue, "complaint_kinds", ticket.nature),
        content=ticket.content,
        customer=ticket.customer,
        state=stands.state,
        step=stands.step,
        step_name=coded(catalogue, "complaint_flow_steps", stands.step),
        department=stands.department,
        department_name=directory.name(stands.department),
        owner=stands.owner,
        first=each.limits.first,
        urgency=each.limits.urgency,
        stay=holding[-1] if holding else None,
        rank=None if rule is None else rule.rule.rank,
        rule=None if rule is None else rule.code,
        rule_name=None if rule is None else rule.rule.name,
        must=screened is not None and screened.must,
        age=now - ticket.received_at,
        repeats=each.facts.counts.get("repeats", 0),
        closed_by=stands.closed_by,
        version=stands.version,
    )
