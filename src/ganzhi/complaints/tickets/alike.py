"""Solve one, solve the class: from one ticket all that are about the same problem, and all customers it hit (S001-018).

What makes others like it: they are part of the same batch, here or at the same time in other places; they are about the
same problem in the same place within the declared days; or they say nearly the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.tickets.batches import Batch, batches, belongs, customers, key_of, place_of
from ganzhi.complaints.tickets.hit import Hit, hit
from ganzhi.complaints.tickets.problem import Evidence, Said, compare, rules_of
from ganzhi.complaints.tickets.read import Ticket, known_until, read, ticket
from ganzhi.measure.build.scope import Reader

Why = Literal["batch", "batch_elsewhere", "place", "words"]
WHYS: Final[tuple[Why, ...]] = ("batch", "batch_elsewhere", "place", "words")
"""Of what there is, the first counts."""


@dataclass(frozen=True, slots=True)
class Alike:
    """A ticket that is about the same problem. place: its unit of the level of batches. days: how many days after the one
    that was asked about, below 0 for before."""

    ticket: Ticket
    why: Why
    evidence: Evidence
    place: str
    days: float


@dataclass(frozen=True, slots=True)
class SameProblem:
    """The class of a ticket. found: others like it, the surest and nearest in time first. customers: different ones, with
    that of the ticket itself. places: tickets of each place, most first. batches: those it is part of or that are of the
    same problem at the same time. open: how many of all are still open. hits: steps of traces that explain it."""

    ticket: Ticket
    place: str
    found: tuple[Alike, ...]
    customers: int
    places: tuple[tuple[str, int], ...]
    batches: tuple[Batch, ...]
    open: int
    hits: tuple[Hit, ...]


def alike(reader: Reader, name: str, *, traced: bool = True) -> SameProblem:
    """The class of a ticket, over all that the viewer may see. traced: whether traces are asked whom else it hit.

    Raises: InputError TKT001 as `ticket`; AccessError without list depth.
    """
    of = ticket(reader, name)
    catalogue = reader.workplace.catalogue
    rules = rules_of(catalogue)
    span = timedelta(days=rules.alike_days)
    since, until = of.received_at - span, min(of.received_at + span, known_until(reader))
    until = max(until, of.received_at + timedelta(seconds=1))
    others = read(reader, reader.ground.top, (of.kind,), since=since, until=until, every_top=True)
    runs = (
        []
        if of.kind == "need"
        else batches(reader, reader.ground.top, since, until, of.kind, every_top=True, words=False)
    )
    place = place_of(catalogue, of.unit, rules.batch_level)
    own = same_batches(of, runs, rules.batch_days)
    found = find(catalogue, of, others, own)
    whole = [of, *(each.ticket for each in found)]
    tally: dict[str, int] = {place: 1}
    for each in found:
        tally[each.place] = tally.get(each.place, 0) + 1
    return SameProblem(
        ticket=of,
        place=place,
        found=found,
        customers=customers(whole),
        places=tuple(sorted(tally.items(), key=lambda item: (-item[1], item[0]))),
        batches=tuple(own),
        open=sum(each.open for each in whole),
        hits=hit(reader, _core(of, found, own)) if traced else (),
    )


def _core(of: Ticket, found: Sequence[Alike], own: Sequence[Batch]) -> list[Ticket]:
    """The tickets that are surest to be of the class, oldest first: those in its batches, where there are any."""
    sure = [each.ticket for each in found if not own or each.why in ("batch", "batch_elsewhere")]
    return sorted((of, *sure), key=lambda each: (each.received_at, each.id))


def same_batches(of: Ticket, runs: Sequence[Batch], days: int) -> list[Batch]:
    """The batch a ticket is part of, first, and those of the same problem at the same time in other places."""
    own = next((run for run in runs if any(each.id == of.id for each in run.tickets)), None)
    if own is None:
        return []
    gap = timedelta(days=days)
    key = (own.category, own.process, own.product, own.commercial_process)
    near = [
        run
        for run in runs
        if run is not own
        and belongs((run.category, run.process, run.product, run.commercial_process), key)
        and run.first <= own.last + gap
        and own.first <= run.last + gap
    ]
    return [own, *near]


def find(catalogue: Catalogue, of: Ticket, others: Sequence[Ticket], own: Sequence[Batch]) -> tuple[Alike, ...]:
    """Those of the others that are like a ticket. own: its batches, the one it is part of first."""
    rules = rules_of(catalogue)
    said = Said(catalogue, of.received_at.date())
    place = place_of(catalogue, of.unit, rules.batch_level)
    here = {each.id for run in own[:1] for each in run.tickets}
    elsewhere = {each.id for run in own[1:] for each in run.tickets}
    found = []
    for each in others:
        if each.id == of.id:
            continue
        where = place_of(catalogue, each.unit, rules.batch_level)
        evidence = compare(of, each, said, rules)
        why: Why | None = None
        if each.id in here:
            why = "batch"
        elif each.id in elsewhere:
            why = "batch_elsewhere"
        elif where == place and belongs(key_of(each), key_of(of)):
            why = "place"
        elif evidence.alike:
            why = "words"
        if why is not None:
            days = (each.received_at - of.received_at).total_seconds() / 86_400
            found.append(Alike(each, why, evidence, where, days))
    found.sort(key=lambda each: (WHYS.index(each.why), abs(each.days), each.ticket.id))
    return tuple(found)
