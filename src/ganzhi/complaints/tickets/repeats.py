"""Repeats: the same customer with the same problem again within the declared window (S003-002, S002-003).

How often a customer came with a problem counts every ticket of it in the window. A repeat is one that came while the
ticket before it was unsolved, or whose words say that it is not the first: a problem that was solved and comes back
counts as a new one. What staff recorded as a repeat is kept beside it and not used to find any.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.catalogue.model.handling import TicketRules
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.tickets.rows import FEEDS, Kind, chained_sql, counts_sql
from ganzhi.complaints.tickets.problem import CHAINS, Evidence, Said, compare, rules_of, unsolved_at
from ganzhi.complaints.tickets.read import COMPLAINTS, Ticket, members_of, read, rows_of, wanted_table
from ganzhi.measure.build.scope import Reader


@dataclass(frozen=True, slots=True)
class Repeat:
    """A ticket of a customer who had the problem before. earlier: the last one before it. times: tickets of the customer
    on the problem in the window that ends with it, itself among them. repeated: while the earlier one was unsolved, or by
    the customer's words. recorded: what staff recorded it to repeat."""

    ticket: Ticket
    earlier: Ticket
    evidence: Evidence
    times: int
    repeated: bool
    recorded: str | None


@dataclass(frozen=True, slots=True)
class UnitRepeats:
    """Tickets of a unit below, and those that are repeats; repeats None where they are too few to be shown."""

    unit: str
    total: int
    repeats: int | None
    recorded: int | None


@dataclass(frozen=True, slots=True)
class Repeats:
    """Repeats of a unit. total: tickets; unknown: those without a customer, of which nothing can be said.

    found: repeats, newest first; () for viewers without list depth. count: how many there are; None where too few to be
    shown. recorded: tickets that staff recorded as repeats; agreed: those among them that were found. frequency: by how
    many times a customer came with a problem, the problems. units: those directly below.
    """

    unit: str
    since: datetime
    until: datetime
    days: int
    total: int
    unknown: int
    count: int | None
    recorded: int | None
    agreed: int | None
    found: tuple[Repeat, ...]
    frequency: Mapping[int, int]
    units: tuple[UnitRepeats, ...]


def repeats(
    reader: Reader, unit: str, since: datetime, until: datetime, kinds: Collection[Kind] = COMPLAINTS
) -> Repeats:
    """Repeats among tickets received in [since, until).

    Raises: InputError REQ012 for a unit out of reach.
    """
    catalogue = reader.workplace.catalogue
    rules = rules_of(catalogue)
    before = since - timedelta(days=rules.repeat_days)
    tickets = [each for kind in kinds for each in read(reader, unit, (kind,), since=before, until=until, again=True)]
    again = [
        each for each in find(catalogue, tickets, rules, chains_of(reader, tickets)) if each.ticket.received_at >= since
    ]
    marked = Counter[str]()
    for kind in kinds:
        marked.update(
            each.unit for each in read(reader, unit, (kind,), since=since, until=until, texts=False) if each.repeat_of
        )
    counts = _counts(reader, unit, since, until, kinds)
    least = 1 if reader.viewer.may("list") else SMALLEST_CELL
    real = [each for each in again if each.repeated]
    total, known = sum(n for n, _ in counts.values()), sum(k for _, k in counts.values())

    def shown(count: int) -> int | None:
        return count if count >= least or count == 0 else None

    return Repeats(
        unit=unit,
        since=since,
        until=until,
        days=rules.repeat_days,
        total=total,
        unknown=total - known,
        count=shown(len(real)),
        recorded=shown(sum(marked.values())),
        agreed=shown(sum(each.recorded is not None for each in real)),
        found=tuple(reversed(real)) if least == 1 else (),
        frequency=frequency(again, known, since) if least == 1 else {},
        units=_below(reader, unit, counts, Counter(each.ticket.unit for each in real), marked, least),
    )


def find(
    catalogue: Catalogue, tickets: Sequence[Ticket], rules: TicketRules, chains: Mapping[str, str] = CHAINS
) -> list[Repeat]:
    """Tickets of a customer who had the same problem within the window before, oldest first; repeats are those with
    `repeated`. Tickets without a customer are none."""
    by_customer: dict[tuple[Kind, str], list[Ticket]] = {}
    for each in sorted(tickets, key=lambda one: (one.received_at, one.id)):
        if each.who:
            by_customer.setdefault((each.kind, each.who), []).append(each)
    found: list[Repeat] = []
    for own in by_customer.values():
        if len(own) > 1:
            said = Said(catalogue, own[-1].received_at.date())
            found += _of_customer(own, said, rules, chains)
    return sorted(found, key=lambda each: (each.ticket.received_at, each.ticket.id))


def _of_customer(own: Sequence[Ticket], said: Said, rules: TicketRules, chains: Mapping[str, str]) -> Iterable[Repeat]:
    window = timedelta(days=rules.repeat_days)
    problem: dict[str, int] = {}
    for place, later in enumerate(own):
        problem[later.id] = place
        for earlier in reversed(own[:place]):
            if later.received_at - earlier.received_at > window:
                break
            evidence = compare(earlier, later, said, rules, chains)
            if not evidence.same:
                continue
            problem[later.id] = problem[earlier.id]
            times = sum(
                problem[each.id] == problem[later.id] and later.received_at - each.received_at <= window
                for each in own[: place + 1]
            )
            told = later.kind == "trouble" or evidence.told_before
            repeated = told or unsolved_at(earlier, later.received_at)
            yield Repeat(later, earlier, evidence, times, repeated, later.repeat_of)
            break


def frequency(again: Sequence[Repeat], known: int, since: datetime) -> dict[int, int]:
    """How many problems of customers were told how many times from `since` on (S003-002).

    again: tickets that were not the first of their problem. known: all tickets with a customer from `since` on.
    """
    root: dict[str, str] = {}
    times = Counter[str]()
    for each in again:
        first = root.get(each.earlier.id, each.earlier.id)
        if each.earlier.id not in root and each.earlier.received_at >= since:
            times[first] += 1
        root[each.earlier.id] = root[each.ticket.id] = first
        times[first] += 1
    found = Counter(times.values())
    found[1] += known - sum(times.values())
    return {n: problems for n, problems in sorted(found.items()) if problems > 0}


def chains_of(reader: Reader, tickets: Sequence[Ticket]) -> dict[str, str]:
    """The contact that each contact of these tickets repeats, by the agents' records."""
    contacts = [each.contact_id for each in tickets if each.contact_id]
    if not contacts or "wrap_ups" not in reader.workplace.catalogue.feeds:
        return {}
    with rows_of(reader, ("wrap_ups",)) as session:
        session.register("wanted", wanted_table(contacts))
        return {row["contact_id"]: row["repeat_of"] for row in session.query(chained_sql()).to_pylist()}


def _counts(
    reader: Reader, unit: str, since: datetime, until: datetime, kinds: Collection[Kind]
) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    with rows_of(reader, [FEEDS[kind] for kind in kinds]) as session:
        session.register("members", members_of(reader, (unit,)))
        for kind in kinds:
            for row in session.query(counts_sql(kind, since, until)).to_pylist():
                n, known = found.get(row["unit"], (0, 0))
                found[row["unit"]] = (n + row["n"], known + row["known"])
    return found


def _below(
    reader: Reader,
    unit: str,
    counts: Mapping[str, tuple[int, int]],
    real: Counter[str],
    marked: Counter[str],
    least: int,
) -> tuple[UnitRepeats, ...]:
    """The units below; without a small count, and without all of them where one small count would be told by the rest."""
    below = reader.ground.children(unit)
    catalogue = reader.workplace.catalogue
    rows: dict[str, list[int]] = {code: [0, 0, 0] for code in below}
    for place, numbers in enumerate(({each: n for each, (n, _) in counts.items()}, real, marked)):
        for each, number in numbers.items():
            top = above(catalogue, each, below)
            if top is not None:
                rows[top][place] += number
    small = [any(0 < row[place] < least for row in rows.values()) for place in (1, 2)]
    return tuple(
        UnitRepeats(code, row[0], None if small[0] else row[1], None if small[1] else row[2])
        for code, row in rows.items()
        if row[0] >= least
    )


def above(catalogue: Catalogue, unit: str, among: Collection[str]) -> str | None:
    """The unit itself or the nearest above it that is one of those; None where none is."""
    code: str | None = unit
    while code is not None and code not in among:
        found = catalogue.units.get(code)
        code = None if found is None else found.parent
    return code
