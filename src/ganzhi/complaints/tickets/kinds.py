"""Ordinary, batch and escalated complaints and trouble reports, counted; and the escalated ones of a day with how they
were handled before (S001-019, S001-017).

A complaint is escalated when it was taken to a higher place, else part of a batch when one was found or recorded, else
ordinary; so every complaint is counted once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from ganzhi.base.periods import midnight
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.tickets.batches import batches
from ganzhi.complaints.tickets.problem import rules_of
from ganzhi.complaints.tickets.read import BAD_RESULTS, COMPLAINTS, TROUBLES, Step, Ticket, read, steps
from ganzhi.complaints.tickets.repeats import chains_of, find
from ganzhi.measure.build.scope import Reader
from ganzhi.numerics.intervals import Interval, wilson

Nature = Literal["ordinary", "batch", "escalated", "trouble"]
Fault = Literal["late", "promise_broken", "returned", "handed_over", "step_late", "unsolved", "reopened", "told_before"]
"""Poor handling before an escalation: closed or still open after its limit; not done by the promised time; a step sent
back; handed over twice or more; a step over its limit by as long again; closed without a solution; opened again; the
customer had told of it before and was not helped."""
Basis = Literal["step", "reopened", "received"]
"""What tells when a complaint was escalated: a step at a department that others escalate to; that it was opened again; its
receipt."""
POOR: Final[tuple[Fault, ...]] = (
    "late",
    "promise_broken",
    "returned",
    "handed_over",
    "step_late",
    "unsolved",
    "reopened",
    "told_before",
)
HANDED_OVER: Final = 2
STEP_TIMES: Final = 2.0
"""A step that took so many times its limit is poor handling; a little over it is not."""
BACK_DAYS: Final = 366
"""How far back earlier complaints of the customer are looked at."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """How many tickets of each kind a unit received. recorded: complaints by what staff recorded. moved: those that are part
    of a batch that was found and were recorded as ordinary."""

    unit: str
    since: datetime
    until: datetime
    counts: Mapping[Nature, int]
    recorded: Mapping[str, int]
    moved: int


def kinds(reader: Reader, unit: str, since: datetime, until: datetime) -> Kinds:
    """The four counters of tickets received in [since, until) (S001-019).

    Raises: InputError REQ012 for a unit out of reach, TXT001 without `ganzhi[text]`; AccessError without list depth.
    """
    found = read(reader, unit, COMPLAINTS, since=since, until=until)
    in_batch = {each.id for batch in batches(reader, unit, since, until) for each in batch.tickets}
    natures = Counter[Nature](nature_of(each, in_batch) for each in found)
    troubles = len(read(reader, unit, TROUBLES, since=since, until=until))
    return Kinds(
        unit=unit,
        since=since,
        until=until,
        counts={
            "ordinary": natures["ordinary"],
            "batch": natures["batch"],
            "escalated": natures["escalated"],
            "trouble": troubles,
        },
        recorded=Counter(each.nature for each in found if each.nature),
        moved=sum(each.id in in_batch and each.nature == "ordinary" for each in found),
    )


def nature_of(of: Ticket, in_batch: Collection[str]) -> Nature:
    """What a ticket counts as. in_batch: ids of tickets in batches that were found."""
    if of.kind == "trouble":
        return "trouble"
    if of.escalated_to is not None:
        return "escalated"
    return "batch" if of.id in in_batch or of.batch_id is not None else "ordinary"


@dataclass(frozen=True, slots=True)
class Escalated:
    """An escalated complaint. at, basis: when it was taken higher, and by what that is known. earlier: tickets of the
    customer on the same problem before, oldest first. steps: of this ticket. faults: what was poor about the handling
    before, with how often."""

    ticket: Ticket
    at: datetime
    basis: Basis
    earlier: tuple[Ticket, ...]
    steps: tuple[Step, ...]
    faults: Mapping[Fault, int]

    @property
    def mishandled(self) -> bool:
        """Whether poor handling came before it."""
        return bool(self.faults)


@dataclass(frozen=True, slots=True)
class EscalatedDay:
    """Escalated complaints of a day or of several. share: of those that poor handling came before, with 95 %; None without
    any. by_fault: complaints with each fault; one may have several."""

    unit: str
    first: date
    last: date
    found: tuple[Escalated, ...]
    share: Interval | None
    by_fault: Mapping[Fault, int]

    @property
    def mishandled(self) -> int:
        """How many poor handling came before."""
        return sum(each.mishandled for each in self.found)


def escalated(reader: Reader, unit: str, first: date, last: date) -> EscalatedDay:
    """Complaints escalated on the days from first to last, with their history (S001-017), the latest first.

    Raises: InputError REQ012 for a unit out of reach; AccessError without list depth.
    """
    reader.viewer.require("list")
    zone, rules = reader.workplace.zone, rules_of(reader.workplace.catalogue)
    begin, end = midnight(first, zone), midnight(last + timedelta(days=1), zone)
    every = read(
        reader, unit, COMPLAINTS, since=begin - timedelta(days=BACK_DAYS), until=end, texts=False, escalated=True
    )
    higher = higher_departments(reader.workplace.catalogue)
    taken = steps(reader, [each.id for each in every])
    moments = {each.id: escalated_at(each, taken.get(each.id, ()), higher) for each in every}
    chosen = [each for each in every if begin <= moments[each.id][0] < end]
    customers = sorted({each.who for each in chosen if each.who})
    own = read(reader, unit, COMPLAINTS, until=end, customers=customers, every_top=True) if customers else []
    again = find(reader.workplace.catalogue, own, rules, chains_of(reader, own))
    chain = {each.ticket.id: each.earlier.id for each in again if each.repeated}
    known = {each.id: each for each in own}
    done = steps(reader, [each.id for each in chosen] + [each.id for each in own])
    found = []
    for each in chosen:
        full, (at, basis) = known.get(each.id, each), moments[each.id]
        earlier = _before(full, chain, known)
        faults = faults_before(full, at, earlier, done)
        found.append(Escalated(full, at, basis, earlier, tuple(done.get(each.id, ())), faults))
    found.sort(key=lambda each: (each.at, each.ticket.id), reverse=True)
    bad = sum(each.mishandled for each in found)
    by_fault = Counter[Fault](fault for each in found for fault in each.faults)
    return EscalatedDay(unit, first, last, tuple(found), wilson(bad, len(found)) if found else None, by_fault)


def higher_departments(catalogue: Catalogue) -> frozenset[str]:
    """What records call the departments that others escalate to."""
    codes = {each.escalates_to for each in catalogue.departments.values()} & set(catalogue.departments)
    named = ((code, catalogue.departments[code]) for code in codes if code is not None)
    return frozenset(name for code, each in named for name in (code, each.name.zh, each.name.en, *each.written))


def escalated_at(of: Ticket, done: Sequence[Step], higher: Collection[str]) -> tuple[datetime, Basis]:
    """When a complaint was escalated, and by what that is known: when it was first dispatched to a department that others
    escalate to, else when it was opened again, else when it was received."""
    steps_up = [s.assigned_at for s in done if s.department.strip() in higher and s.assigned_at >= of.received_at]
    if steps_up:
        return min(steps_up), "step"
    return (of.received_at, "received") if of.reopened_at is None else (of.reopened_at, "reopened")


def _before(of: Ticket, chain: Mapping[str, str], known: Mapping[str, Ticket]) -> tuple[Ticket, ...]:
    found: list[Ticket] = []
    name = chain.get(of.id)
    while name is not None and name in known:
        found.append(known[name])
        name = chain.get(name)
    return tuple(reversed(found))


def faults_before(
    of: Ticket, at: datetime, earlier: Sequence[Ticket], done: Mapping[str, Sequence[Step]]
) -> dict[Fault, int]:
    """What was poor about the handling of a ticket and of the earlier ones on its problem up to a moment."""
    faults = Counter[Fault]()
    for each in (*earlier, of):
        until = of.received_at if each is not of else at
        if each is of and at == of.received_at:
            continue
        _of_ticket(each, until, faults)
        for step in done.get(each.id, ()):
            _of_step(step, until, faults)
    if of.reopened_at is not None and at >= of.reopened_at:
        faults["reopened"] += 1
    if earlier:
        faults["told_before"] += len(earlier)
    return {name: faults[name] for name in POOR if faults[name]}


def _of_ticket(each: Ticket, until: datetime, faults: Counter[Fault]) -> None:
    ended = each.closed_at if each.closed_at is not None and each.closed_at <= until else until
    faults["late"] += each.due_at is not None and ended > each.due_at
    faults["promise_broken"] += each.promised_at is not None and ended > each.promised_at
    faults["unsolved"] += each.closed_at is not None and each.closed_at <= until and each.result in BAD_RESULTS


def _of_step(step: Step, until: datetime, faults: Counter[Fault]) -> None:
    if step.assigned_at >= until:
        return
    ended = step.finished_at if step.finished_at is not None and step.finished_at <= until else until
    if step.finished_at is not None and step.finished_at <= until:
        faults["returned"] += step.step_result == "returned"
        faults["handed_over"] += (step.transfers or 0) >= HANDED_OVER
    if step.due_at is not None and step.due_at > step.assigned_at:
        faults["step_late"] += (ended - step.assigned_at) >= STEP_TIMES * (step.due_at - step.assigned_at)
