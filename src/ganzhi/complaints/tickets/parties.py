"""Whose responsibility complaints were (S002-007): provider, third party or customer, by department, branch or county, and
what says so.

What was decided at the desk counts before what the record has. Evidence is what was written at the desk, and what rows
tell beside it: the last step that somebody else than intake finished, a trouble report of the customer with its cause,
faults of the network in the city that stood when the complaint was made. Rows beside a decision are shown, not judged.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, get_args

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.tickets.surroundings import FAULTS, faults_sql
from ganzhi.complaints.tickets.read import COMPLAINTS, TROUBLES, Step, Ticket, read, rows_of, steps
from ganzhi.complaints.tickets.repeats import above
from ganzhi.measure.build.scope import Reader
from ganzhi.store.desk.acts import DeskAct, standing

By = Literal["department", "branch", "county"]
BYS: Final[tuple[By, ...]] = get_args(By)
Kind = Literal["desk", "step", "report", "fault"]
NEAR: Final = timedelta(days=14)
"""How far from a complaint a trouble report of the same customer may lie to be about the same."""
BEFORE: Final = timedelta(hours=24)
"""So long before a complaint a fault may have ended and still stand near it."""
WORKING: Final = ("investigate", "handle", "review")
"""Steps in which somebody finds out what happened."""
UNKNOWN: Final = "none"
"""The key of what is not known: no party, no department, a unit above all branches."""
NETWORK: Final = "network"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that speaks for it. ref: what was written at the desk, or the id of a row; of: who wrote it, the department of
    a step, the cause of a report, the kind of a fault."""

    kind: Kind
    ref: str
    of: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Judged:
    """A complaint with its party; None where nobody decided. decided: at the desk, or by the record."""

    ticket: Ticket
    key: str
    party: str | None
    decided: Literal["desk", "record"] | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class PartyRow:
    """Complaints of a department, branch or county. parties: how many of each party, `UNKNOWN` of none. shown: those decided
    for which there is evidence. None where too few to be shown."""

    key: str
    total: int | None
    parties: Mapping[str, int | None]
    shown: int | None


@dataclass(frozen=True, slots=True)
class Parties:
    """The report. found: every complaint, the latest first; () without list depth. hidden: whether small numbers were left
    out, and the sums from which they would follow."""

    by: By
    unit: str
    since: datetime
    until: datetime
    codes: tuple[str, ...]
    rows: tuple[PartyRow, ...]
    all: PartyRow
    found: tuple[Judged, ...]
    hidden: bool


def parties(
    reader: Reader,
    unit: str,
    since: datetime,
    until: datetime,
    by: By,
    written: Mapping[str, str],
    codes: Sequence[str],
) -> Parties:
    """The complaints received in [since, until) by whose responsibility they were.

    written: departments by what records call them. codes: of parties, in their order.
    Raises: InputError REQ012 for a unit out of reach; AccessError without dynamic depth.
    """
    reader.viewer.require("dynamic")
    tickets = read(reader, unit, COMPLAINTS, since=since, until=until, texts=False)
    acts = reader.workplace.store.desk.of_many("ticket", [each.id for each in tickets])
    near = _Near.of(reader, unit, tickets)
    catalogue = reader.workplace.catalogue
    found = [
        _judged(each, key_of(catalogue, each, by, written), standing(acts.get(each.id, ())), near) for each in tickets
    ]
    lists = reader.viewer.may("list")
    rows = [_row(key, [each for each in found if each.key == key], codes) for key in _ordered(found)]
    whole = _row("", found, codes)
    numbers = [n for row in (*rows, whole) for n in (*row.parties.values(), row.total, row.shown)]
    hidden = not lists and any(n is not None and 0 < n < SMALLEST_CELL for n in numbers)
    if hidden:
        rows, whole = [_hidden(row) for row in rows], _hidden(whole)
    shown = tuple(sorted(found, key=lambda each: (each.ticket.received_at, each.ticket.id), reverse=True))
    return Parties(by, unit, since, until, tuple(codes), tuple(rows), whole, shown if lists else (), hidden)


def key_of(catalogue: Catalogue, of: Ticket, by: By, written: Mapping[str, str]) -> str:
    """What a complaint is counted under."""
    if by == "department":
        name = (of.department or "").strip()
        return written.get(name, name) or UNKNOWN
    levels = ("city",) if by == "branch" else ("county",)
    return above(catalogue, of.unit, _of_level(catalogue, levels)) or UNKNOWN


def _of_level(catalogue: Catalogue, levels: Collection[str]) -> frozenset[str]:
    return frozenset(code for code, each in catalogue.units.items() if each.level in levels)


def _ordered(found: Iterable[Judged]) -> list[str]:
    counts: dict[str, int] = {}
    for each in found:
        counts[each.key] = counts.get(each.key, 0) + 1
    return sorted(counts, key=lambda key: (key == UNKNOWN, -counts[key], key))


def _row(key: str, those: Sequence[Judged], codes: Sequence[str]) -> PartyRow:
    counts: dict[str, int | None] = {
        code: sum((each.party or UNKNOWN) == code for each in those) for code in (*codes, UNKNOWN)
    }
    shown = sum(each.party is not None and bool(each.evidence) for each in those)
    return PartyRow(key, len(those), counts, shown)


def _hidden(row: PartyRow) -> PartyRow:
    counts = {code: None if n and n < SMALLEST_CELL else n for code, n in row.parties.items()}
    return PartyRow(row.key, None, counts, None)


def _judged(of: Ticket, key: str, acts: Sequence[DeskAct], near: _Near) -> Judged:
    decided = next((each for each in reversed(acts) if each.act == "responsible"), None)
    evidence = list(near.evidence(of))
    if decided is not None:
        said = Evidence("desk", str(decided.content.get("reason", "")), decided.actor, decided.at)
        return Judged(of, key, str(decided.content["party"]), "desk", (said, *evidence))
    return Judged(of, key, of.responsibility, "record" if of.responsibility else None, tuple(evidence))


@dataclass(frozen=True, slots=True)
class _Near:
    """Rows that stand near complaints."""

    catalogue: Catalogue
    steps: Mapping[str, Sequence[Step]]
    reports: Mapping[str, Sequence[Ticket]]
    faults: Sequence[Mapping[str, Any]]

    @classmethod
    def of(cls, reader: Reader, unit: str, tickets: Sequence[Ticket]) -> _Near:
        """Read for all of them at once."""
        place = reader.workplace
        if not tickets:
            return cls(place.catalogue, {}, {}, ())
        first, last = min(each.received_at for each in tickets), max(each.received_at for each in tickets)
        customers = sorted({each.who for each in tickets if each.who})
        reports: dict[str, list[Ticket]] = {}
        if customers and "trouble_reports" in reader.fed:
            for each in read(
                reader, unit, TROUBLES, since=first - NEAR, until=last + NEAR, customers=customers, texts=False
            ):
                reports.setdefault(each.who or "", []).append(each)
        faults: Sequence[Mapping[str, Any]] = ()
        if FAULTS in reader.fed:
            with rows_of(reader, (FAULTS,)) as session:
                faults = session.query(faults_sql(first - BEFORE, last)).to_pylist()
        done = steps_of(reader, [each.id for each in tickets])
        return cls(place.catalogue, done, reports, faults)

    def evidence(self, of: Ticket) -> Iterable[Evidence]:
        """What rows tell about a complaint."""
        done = [s for s in self.steps.get(of.id, ()) if s.flow_step in WORKING and s.finished_at is not None]
        if done:
            last = max(done, key=lambda step: (step.finished_at or step.assigned_at, step.step_id))
            yield Evidence("step", last.step_id, last.department, last.finished_at or last.assigned_at)
        near = [
            each
            for each in self.reports.get(of.who or "", ())
            if abs(each.received_at - of.received_at) <= NEAR
            and (None in (each.product, of.product) or each.product == of.product)
        ]
        if near:
            one = min(near, key=lambda each: (abs(each.received_at - of.received_at), each.id))
            yield Evidence("report", one.id, one.category or "", one.received_at)
        if of.commercial_process == NETWORK:
            for fault in self._standing(of)[-1:]:
                yield Evidence("fault", str(fault["fault_id"]), str(fault["fault_kind"]), fault["occurred_at"])

    def _standing(self, of: Ticket) -> list[Mapping[str, Any]]:
        """Faults of its city that stood when it was made, the last one last."""
        cities = _of_level(self.catalogue, ("city",))
        city = above(self.catalogue, of.unit, cities)
        return [
            fault
            for fault in self.faults
            if city is not None
            and above(self.catalogue, fault["unit"], cities) == city
            and fault["occurred_at"] <= of.received_at
            and (fault["restored_at"] is None or fault["restored_at"] >= of.received_at - BEFORE)
            and (of.network is None or fault["network"] in (None, of.network))
        ]


def steps_of(reader: Reader, names: Sequence[str]) -> Mapping[str, Sequence[Step]]:
    """Steps by complaint, for whoever may not list tickets either: they are counted, not shown."""
    return steps(reader, names, counted=True) if "complaint_steps" in reader.fed else {}
