"""Faults at the desk: opened for what was reproduced, worked on, and seen from the ticket or problem they are of (S003-023)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ganzhi.access.rights import Ground, Viewer
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.ids import new_id
from ganzhi.complaints.desk.acts import FAULT_ACTS, DeskForm, form_of
from ganzhi.complaints.desk.directory import Directory
from ganzhi.complaints.desk.process.faults import Fault, fault_page, fault_row, in_order, read_fault
from ganzhi.complaints.desk.process.forms import content_of, undone
from ganzhi.complaints.desk.story import Held
from ganzhi.complaints.desk.views import DeskAsked, FaultPage, FaultRow, FaultsPage
from ganzhi.store.desk.acts import DeskAct
from ganzhi.warehouse.workplace import Workplace

OPENING: Final = DeskForm("open", (), ("title", "element", "department", "owner"), ("title", "department"))


@dataclass(frozen=True, slots=True)
class Source:
    """What a fault is opened for. reproduced: what was found out about whether it could be brought about again."""

    ticket: str
    problem: str
    unit: str
    reproduced: Held | None
    closed: bool


@dataclass(frozen=True, slots=True)
class FaultDesk:
    """The faults of a workplace. Their clocks run by the clock of the machine: everything about them happens here."""

    workplace: Workplace

    def faults(self, viewer: Viewer) -> FaultsPage:
        """The faults within reach. Raises: AccessError without list depth."""
        viewer.require("list")
        directory = self._directory()
        named = tuple((code, each.name) for code, each in directory.departments.items())
        return FaultsPage(in_order(self._rows(viewer)), self._now, named, viewer.may("act"))

    def of(self, viewer: Viewer, *, ticket: str = "", problem: str = "") -> tuple[FaultRow, ...]:
        """The faults that were opened for a ticket or a problem."""
        return in_order(
            row
            for row in self._rows(viewer)
            if (ticket and row.ticket == ticket) or (problem and row.problem == problem)
        )

    def fault(self, viewer: Viewer, given: str, title_of: Mapping[str, str]) -> FaultPage:
        """One fault. title_of: problems by id. Raises: AccessError without list depth; InputError DSK014 for one out of
        reach."""
        viewer.require("list")
        acts, fault = self._acts_of(viewer, given)
        title = title_of.get(fault.problem, "")
        return fault_page(self.workplace.catalogue, acts, self._directory(), self._now, title, may=viewer.may("act"))

    def open(self, viewer: Viewer, fields: Mapping[str, str], source: Source) -> DeskAct:
        """Open a fault for a ticket or a problem of which somebody found that it can be reproduced.

        Raises: AccessError without the rights; InputError DSK002, DSK004, DSK015 for what was not reproduced.
        """
        viewer.require("list")
        viewer.require("act")
        if source.reproduced is None or source.reproduced.what != "reproducible" or source.closed:
            raise InputError(Issue("DSK015", source.ticket or source.problem))
        catalogue, now = self.workplace.catalogue, self._now
        content = content_of(catalogue, self.workplace.zone, OPENING, fields, now)
        _known(self._directory(), content["department"])
        content |= {"unit": source.unit, "evidence": source.reproduced.evidence}
        content |= {name: value for name in ("ticket", "problem") if (value := getattr(source, name))}
        content["owner"] = content.get("owner") or viewer.login
        return self.workplace.store.desk.add("fault", new_id(), 0, viewer.login, "open", content)

    def act(self, viewer: Viewer, given: str, asked: DeskAsked) -> DeskAct:
        """Do what somebody asks for about the fault they saw. Raises: as `TicketDesk.act`; DSK014 for one out of reach."""
        viewer.require("list")
        viewer.require("act")
        acts, fault = self._acts_of(viewer, given)
        form = form_of(FAULT_ACTS, asked.act, fault.state)
        content = content_of(self.workplace.catalogue, self.workplace.zone, form, asked.fields, self._now)
        undoes = undone(acts, asked)
        if "department" in content:
            _known(self._directory(), content["department"])
            if content["department"] == fault.department:
                raise InputError(Issue("DSK010", "department", params={"value": fault.department}))
        return self.workplace.store.desk.add(
            "fault", fault.id, asked.version, viewer.login, form.act, content, undoes=undoes
        )

    @property
    def _now(self) -> datetime:
        return self.workplace.clock.now()

    def _directory(self) -> Directory:
        place = self.workplace
        return Directory(place.catalogue, self._now.astimezone(place.zone).date(), place.zone)

    def _rows(self, viewer: Viewer) -> list[FaultRow]:
        directory, now = self._directory(), self._now
        found = [read_fault(acts) for acts in self.workplace.store.desk.all("fault").values()]
        return [
            fault_row(self.workplace.catalogue, each, directory, now)
            for each in found
            if each is not None and self._sees(viewer, each)
        ]

    def _sees(self, viewer: Viewer, fault: Fault) -> bool:
        return not viewer.units or Ground(self.workplace.catalogue, viewer).within(fault.unit)

    def _acts_of(self, viewer: Viewer, given: str) -> tuple[tuple[DeskAct, ...], Fault]:
        acts = self.workplace.store.desk.of("fault", given)
        fault = read_fault(acts)
        if fault is None or not self._sees(viewer, fault):
            raise InputError(Issue("DSK014", given[:64]))
        return acts, fault


def _known(directory: Directory, department: object) -> None:
    if department not in directory.departments:
        known = ", ".join(directory.departments)
        raise InputError(Issue("DSK004", "department", params={"value": str(department)[:40], "known": known}))
