"""Faults (S003-023): what was reproduced is cleared by somebody, within a declared limit, and tried again. A fault names the
ticket or the problem it was opened for, and these name it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.desk.acts import FAULT_ACTS, FAULT_STATES, FaultState, possible
from ganzhi.complaints.desk.directory import Directory
from ganzhi.complaints.desk.limits import pressing
from ganzhi.complaints.desk.story import told
from ganzhi.complaints.desk.views import FaultPage, FaultRow
from ganzhi.complaints.tickets.problem import rules_of
from ganzhi.store.desk.acts import DeskAct, standing


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault as its acts leave it. element: what it is a fault of, as it was written. evidence: how it was reproduced.
    tries: how often it could still be reproduced after it was said to be cleared."""

    id: str
    title: str
    state: FaultState
    opened_at: datetime
    unit: str
    element: str
    department: str
    owner: str
    ticket: str
    problem: str
    evidence: str
    cause: str
    cleared_at: datetime | None
    tries: int
    version: int


def read_fault(acts: Sequence[DeskAct]) -> Fault | None:
    """A fault from its acts, in order; None where none opens it."""
    found: Fault | None = None
    for act in standing(acts):
        if act.act == "open":
            found = _opened(act)
        elif found is not None:
            found = _after(found, act)
    return None if found is None else replace(found, version=acts[-1].number)


def _opened(act: DeskAct) -> Fault:
    return Fault(
        id=act.subject,
        title=told(act, "title"),
        state="open",
        opened_at=act.at,
        unit=told(act, "unit"),
        element=told(act, "element"),
        department=told(act, "department"),
        owner=told(act, "owner"),
        ticket=told(act, "ticket"),
        problem=told(act, "problem"),
        evidence=told(act, "evidence"),
        cause="",
        cleared_at=None,
        tries=0,
        version=act.number,
    )


def _after(fault: Fault, act: DeskAct) -> Fault:
    match act.act:
        case "take":
            return replace(fault, owner=act.actor)
        case "assign":
            return replace(fault, owner=told(act, "owner"))
        case "pass_on":
            return replace(fault, department=told(act, "department"), owner="")
        case "clear":
            return replace(fault, state="cleared", cause=told(act, "cause"), cleared_at=act.at)
        case "resume":
            return replace(fault, state="open", cleared_at=None, tries=fault.tries + 1)
        case "verify":
            return replace(fault, state="closed")
    return fault


def fault_row(catalogue: Catalogue, fault: Fault, directory: Directory, now: datetime) -> FaultRow:
    """A fault as a list shows it; its clock runs by the working time of the department that holds it."""
    limit = rules_of(catalogue).fault_limit
    calendar = directory.office if limit.working_days is not None else directory.calendar(fault.department)
    due = calendar.due(fault.opened_at, limit)
    left, urgency, kept = pressing(fault.opened_at, due, fault.cleared_at, max(now, fault.opened_at))
    unit = catalogue.units.get(fault.unit)
    return FaultRow(
        id=fault.id,
        title=fault.title,
        state=fault.state,
        opened_at=fault.opened_at,
        due=due,
        left=left,
        urgency=urgency,
        kept=kept,
        unit=fault.unit,
        unit_name=Text(zh=fault.unit or "–", en=fault.unit or "–") if unit is None else unit.name,
        element=fault.element,
        department=fault.department,
        department_name=directory.name(fault.department),
        owner=fault.owner,
        ticket=fault.ticket,
        problem=fault.problem,
        evidence=fault.evidence,
        cause=fault.cause,
        tries=fault.tries,
        version=fault.version,
    )


def fault_page(
    catalogue: Catalogue, acts: Sequence[DeskAct], directory: Directory, now: datetime, problem: str, *, may: bool
) -> FaultPage:
    """One fault. problem: the title of the one it was opened for. may: whether the viewer may act."""
    fault = read_fault(acts)
    assert fault is not None
    kept = standing(acts)
    last = kept[-1] if len(kept) > 1 else None
    forms = tuple(each for each in possible(FAULT_ACTS, fault.state) if each.act != "undo" or last is not None)
    codes = {fault.department, *(told(act, "department") for act in acts)} - {""}
    names: Mapping[str, Text] = {code: directory.name(code) for code in (*directory.departments, *codes)}
    return FaultPage(
        row=fault_row(catalogue, fault, directory, now),
        now=now,
        acts=tuple(acts),
        forms=forms if may else (),
        problem=problem,
        departments=tuple(
            (code, each.name) for code, each in directory.departments.items() if code != fault.department
        ),
        names=names,
        undo=last,
    )


def in_order(rows: Iterable[FaultRow]) -> tuple[FaultRow, ...]:
    """Open faults before cleared and closed ones, those with least time left first."""
    return tuple(sorted(rows, key=lambda row: (FAULT_STATES.index(row.state), row.left, row.id)))
