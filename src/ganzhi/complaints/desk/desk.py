"""The desk: what its pages and commands ask for, and every act that people do. One viewer's, within their reach and depth."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any, Protocol, TypeVar

from ganzhi.access.rights import Ground, Viewer
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.ids import new_id
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.complaints.desk.acts import PROBLEM_ACTS, TICKET_ACTS, DeskForm, form_of
from ganzhi.complaints.desk.directory import Directory
from ganzhi.complaints.desk.gather import Gathered, Joined, directory_of, gather, gather_some, join, join_one
from ganzhi.complaints.desk.one import Beside, ticket_page
from ganzhi.complaints.desk.problems import Problem, day_moment, ordered, page_of, read_problem, row_of
from ganzhi.complaints.desk.process.fault_desk import FaultDesk, Source
from ganzhi.complaints.desk.process.forms import content_of, undone
from ganzhi.complaints.desk.process.outgoing import reached
from ganzhi.complaints.desk.process.tested import tested
from ganzhi.complaints.desk.queue import Queue
from ganzhi.complaints.desk.story import Standing
from ganzhi.complaints.desk.views import (
    DeskAsked,
    FaultPage,
    FaultRow,
    FlowPage,
    ProblemPage,
    ProblemRow,
    ProblemsPage,
    QueuePage,
    QueueQuery,
    TicketPage,
    TicketRow,
)
from ganzhi.complaints.recognise.heads import FEED
from ganzhi.complaints.tickets.read import COMPLAINTS, Ticket, known_until, read, ticket
from ganzhi.measure.build.scope import Reader
from ganzhi.store.desk.acts import DeskAct
from ganzhi.store.outbox import NewNotice
from ganzhi.warehouse.workplace import Workplace

View = TypeVar("View")


class Reads(Protocol):
    """Builds answers from one state of the numbers for a viewer."""

    def kept(self, viewer: Viewer, asked: Hashable, build: Callable[[Reader], View]) -> View:
        """The answer; what was asked before in this state may be answered again."""

    def fresh(self, viewer: Viewer, build: Callable[[Reader], View]) -> View:
        """The answer, built now."""


def nothing_beside(_reader: Reader, _ticket: Ticket, _day: date) -> Beside:
    """A ticket that nothing is known to be like."""
    return Beside()


def nobody_told(_act: DeskAct) -> Iterable[NewNotice]:
    """No notices of acts."""
    return ()


@dataclass(frozen=True, slots=True)
class TicketDesk:
    """The desk of a workplace. beside: finds tickets like one, and cases for it. tell: the notices of an act on a ticket."""

    workplace: Workplace
    reads: Reads
    beside: Callable[[Reader, Ticket, date], Beside] = field(default=nothing_beside)
    tell: Callable[[DeskAct], Iterable[NewNotice]] = field(default=nobody_told)

    @property
    def _catalogue(self) -> Catalogue:
        return self.workplace.catalogue

    # -- lists -------------------------------------------------------------------------------------

    def queue(self, viewer: Viewer, query: QueueQuery) -> QueuePage:
        """A page of the queue. Raises: AccessError without list depth; InputError REQ004, REQ012."""
        viewer.require("list")
        return self._queue(viewer).page(query)

    def rows(self, viewer: Viewer, query: QueueQuery) -> list[TicketRow]:
        """Every ticket under the conditions, for files."""
        viewer.require("list")
        return self._queue(viewer).under(query)

    def flow(self, viewer: Viewer, unit: str | None) -> FlowPage:
        """The visual board. Raises: AccessError without dynamic depth; InputError REQ012."""
        viewer.require("dynamic")
        return self._queue(viewer).flow(unit)

    def gathered(self, viewer: Viewer) -> Gathered:
        """All open tickets within reach, read once for each minute of a state of the data, and once where data have ended."""
        minute = int(self._now(viewer).timestamp() // 60)
        return self.reads.kept(viewer, ("desk", minute), gather)

    def joined(self, viewer: Viewer) -> tuple[Gathered, dict[str, Joined], Directory]:
        """All open tickets with their stories and limits."""
        found = self.gathered(viewer)
        directory = self._directory(found.now)
        acts = self.workplace.store.desk.of_many("ticket", [each.id for each in found.tickets])
        return found, join(self._catalogue, found, acts, directory), directory

    def _queue(self, viewer: Viewer) -> Queue:
        found, joined, directory = self.joined(viewer)
        return Queue(self._catalogue, viewer, found, joined, directory)

    def _directory(self, now: datetime) -> Directory:
        return Directory(self._catalogue, now.astimezone(self.workplace.zone).date(), self.workplace.zone)

    # -- one ticket --------------------------------------------------------------------------------

    def page(self, viewer: Viewer, name: str) -> TicketPage:
        """One ticket. Raises: AccessError without list depth; InputError TKT001 for one out of reach."""
        viewer.require("list")

        def build(reader: Reader) -> TicketPage:
            found, each, acts, directory = self._one(reader, name)
            day = found.now.astimezone(self.workplace.zone).date()
            problems = self._problems(viewer, directory, found.now)
            near = self.beside(reader, each.ticket, day)
            linked = tuple(row for row in problems if ("complaint", name) in row.links)
            others = tuple(row for row in problems if row.state != "closed" and row not in linked)
            beside = replace(
                near,
                problems=linked,
                open_problems=others,
                faults=self.fault_desk.of(viewer, ticket=name),
                tested=tested(reader, each.ticket),
                handed=reached(self.workplace.store, name),
            )
            return ticket_page(
                self._catalogue, found, each, acts, directory, beside, may=viewer.may("act") and each.ticket.kind == "complaint"
            )  # fmt: skip

        return self.reads.fresh(viewer, build)

    def _one(self, reader: Reader, name: str) -> tuple[Gathered, Joined, tuple[DeskAct, ...], Directory]:
        found = gather_some(reader, [ticket(reader, name)])
        directory = directory_of(reader, found.now)
        acts = self.workplace.store.desk.of("ticket", name)
        return found, join_one(self._catalogue, found, found.tickets[0], acts, directory), acts, directory

    def act(self, viewer: Viewer, name: str, asked: DeskAsked) -> DeskAct:
        """Do what somebody asks for about the ticket they saw.

        Raises: AccessError without the rights; InputError TKT001 out of reach, DSK002 to DSK008 for what is not possible;
        DeskChangedError when somebody was quicker.
        """
        viewer.require("list")
        viewer.require("act")

        def build(reader: Reader) -> tuple[Gathered, Joined, tuple[DeskAct, ...], Directory]:
            return self._one(reader, name)

        found, each, acts, directory = self.reads.fresh(viewer, build)
        form = form_of(TICKET_ACTS, asked.act, each.stands.state)
        content = content_of(self._catalogue, self.workplace.zone, form, asked.fields, found.now)
        undoes = undone(acts, asked)
        if undoes is None:
            _check_ticket(form.act, content, each, directory)
            if form.act == "close" and _unfinished(each.stands, self.fault_desk.of(viewer, ticket=name)):
                raise InputError(Issue("DSK016", "close"))
        if form.act == "escalate":
            content["department"] = directory.path(each.stands.department)[0]
        return self.workplace.store.desk.add(
            "ticket", name, asked.version, viewer.login, form.act, content, undoes=undoes, tell=self.tell
        )

    # -- problems ----------------------------------------------------------------------------------

    def problems(self, viewer: Viewer) -> ProblemsPage:
        """The service problems within reach. Raises: AccessError without list depth."""
        viewer.require("list")
        now = self._now(viewer)
        listed = self._catalogue.code_lists.get("complaint_categories")
        names = {e.to: e.name for e in listed.entries if e.name} if listed else {}
        rows = self._problems(viewer, self._directory(now), now)
        return ProblemsPage(rows, now, tuple(names.items()), viewer.may("act"))

    def _now(self, viewer: Viewer) -> datetime:
        minute = int(self.workplace.clock.now().timestamp() // 60)
        return self.reads.kept(viewer, ("desk-now", minute), known_until)

    def _problems(self, viewer: Viewer, directory: Directory, now: datetime) -> tuple[ProblemRow, ...]:
        found = [read_problem(acts) for acts in self.workplace.store.desk.all("problem").values()]
        within = [each for each in found if each is not None and self._sees(viewer, each)]
        return ordered(row_of(self._catalogue, each, directory.office, now) for each in within)

    def _sees(self, viewer: Viewer, problem: Problem) -> bool:
        return not viewer.units or Ground(self._catalogue, viewer).within(problem.unit)

    def problem(self, viewer: Viewer, given: str) -> ProblemPage:
        """One problem. Raises: AccessError without list depth; InputError DSK008 for one out of reach."""
        viewer.require("list")
        acts = self._acts_of(viewer, given)
        now = self._now(viewer)

        def counts(problem: Problem, first: date, end: date) -> Sequence[int]:
            return self.reads.kept(viewer, ("desk-effect", problem.id, first, end), lambda reader: daily_counts(reader, problem, first, end))  # fmt: skip

        faults = self.fault_desk.of(viewer, problem=given)
        return page_of(self._catalogue, acts, self._directory(now), now, counts, faults, may=viewer.may("act"))

    def _acts_of(self, viewer: Viewer, given: str) -> tuple[DeskAct, ...]:
        acts = self.workplace.store.desk.of("problem", given)
        problem = read_problem(acts)
        if problem is None or not self._sees(viewer, problem):
            raise InputError(Issue("DSK008", given[:64]))
        return acts

    def open_problem(self, viewer: Viewer, fields: Mapping[str, str]) -> DeskAct:
        """Open a problem. fields: title, mode, category, product, unit, reported_at (a day), ticket.

        Raises: AccessError without the rights; InputError DSK002, DSK004, DSK005, REQ012, TKT001.
        """
        viewer.require("list")
        viewer.require("act")
        form = DeskForm("open", (), ("title", "mode", "category", "product", "unit", "ticket"), ("title", "mode"))
        now = self._now(viewer)
        content = content_of(self._catalogue, self.workplace.zone, form, fields, now)
        ground = Ground(self._catalogue, viewer)
        content["unit"] = str(content.get("unit") or ground.top)
        ground.unit(str(content["unit"]))
        if "ticket" in content:
            self.reads.fresh(viewer, lambda reader: ticket(reader, str(content["ticket"])))
        content["reported_at"] = self._reported(fields.get("reported_at", ""), now)
        return self.workplace.store.desk.add("problem", new_id(), 0, viewer.login, "open", content)

    def _reported(self, text: str, now: datetime) -> str:
        """The report's moment: the beginning of its day, or now where none is given."""
        if not text.strip():
            return now.isoformat()
        try:
            found = day_moment(text.strip(), self._directory(now))
        except ValueError:
            raise InputError(Issue("DSK005", "reported_at", params={"value": text[:40]})) from None
        if found > now:
            raise InputError(Issue("DSK009", "reported_at", params={"value": text[:40]}))
        return found.isoformat()

    # -- faults ------------------------------------------------------------------------------------

    @property
    def fault_desk(self) -> FaultDesk:
        """The faults of the same workplace."""
        return FaultDesk(self.workplace)

    def fault(self, viewer: Viewer, given: str) -> FaultPage:
        """One fault. Raises: as `FaultDesk.fault`."""
        titles = {row.id: row.title for row in self.problems(viewer).rows}
        return self.fault_desk.fault(viewer, given, titles)

    def open_fault(self, viewer: Viewer, fields: Mapping[str, str]) -> DeskAct:
        """Open a fault for what was reproduced. fields: title, element, department, owner, and ticket or problem.

        Raises: AccessError without the rights; InputError DSK002 without either, TKT001, DSK008 for one out of reach, and
        as `FaultDesk.open`.
        """
        viewer.require("list")
        name, given = (fields.get(each, "").strip() for each in ("ticket", "problem"))
        if name:
            _, each, _, _ = self.reads.fresh(viewer, lambda reader: self._one(reader, name))
            source = Source(name, "", each.ticket.unit, each.stands.reproduced, each.stands.closed)
        elif given:
            problem = read_problem(self._acts_of(viewer, given))
            assert problem is not None
            source = Source("", given, problem.unit, problem.reproduced, problem.state == "closed")
        else:
            raise InputError(Issue("DSK002", "ticket"))
        return self.fault_desk.open(viewer, fields, source)

    def act_problem(self, viewer: Viewer, given: str, asked: DeskAsked) -> DeskAct:
        """Do what somebody asks for about the problem they saw. Raises: as `act`; DSK006 for closing or following without
        the check of side effects."""
        viewer.require("list")
        viewer.require("act")
        acts = self._acts_of(viewer, given)
        problem = read_problem(acts)
        assert problem is not None
        form = form_of(PROBLEM_ACTS, asked.act, problem.state)
        content = content_of(self._catalogue, self.workplace.zone, form, asked.fields, self._now(viewer))
        undoes = undone(acts, asked)
        if undoes is None:
            _check_problem(form.act, problem, self.fault_desk.of(viewer, problem=given))
        return self.workplace.store.desk.add(
            "problem", problem.id, asked.version, viewer.login, form.act, content, undoes=undoes
        )


def _check_ticket(act: str, content: dict[str, Any], each: Joined, directory: Directory) -> None:
    """What a ticket's own state and the directory refuse."""
    department, stands = content.get("department"), each.stands
    if department is not None and department not in directory.departments:
        known = ", ".join(directory.departments)
        raise InputError(Issue("DSK004", "department", params={"value": str(department)[:40], "known": known}))
    if act == "reply":
        if department not in stands.asked:
            known = ", ".join(stands.asked)
            raise InputError(Issue("DSK004", "department", params={"value": str(department)[:40], "known": known}))
    elif department is not None and department in (stands.department, *stands.asked):
        raise InputError(Issue("DSK010", "department", params={"value": str(department)[:40]}))
    if act == "escalate" and not directory.path(stands.department):
        raise InputError(Issue("DSK011", stands.department))
    if act == "close":
        if stands.asked:
            raise InputError(Issue("DSK012", "close", params={"asked": ", ".join(stands.asked)}))
        if not stands.answered:
            raise InputError(Issue("DSK018", "close"))
        layers = {held.rule.layer for held in each.screened.held} if each.screened else set()
        if "problem" in layers and content.get("checked") != "yes":
            raise InputError(Issue("DSK006", "checked"))
    if act == "reopen" and stands.closed_by != "desk":
        raise InputError(Issue("DSK013", "reopen"))


def _unfinished(stands: Standing | Problem, faults: Sequence[FaultRow]) -> bool:
    """Whether something was reproduced, and no fault was opened for it."""
    found = stands.reproduced
    return found is not None and found.what == "reproducible" and not faults


def _check_problem(act: str, problem: Problem, faults: Sequence[FaultRow]) -> None:
    if act != "close":
        return
    if not problem.checked:
        raise InputError(Issue("DSK006", "check"))
    if _unfinished(problem, faults):
        raise InputError(Issue("DSK016", "close"))
    if left := [each.title for each in faults if each.state != "closed"]:
        raise InputError(Issue("DSK017", "close", params={"faults": ", ".join(left)[:200]}))


def daily_counts(reader: Reader, problem: Problem, first: date, end: date) -> Sequence[int]:
    """Complaints of a problem's category and product in its unit, on each day of [first, end) that has data."""
    zone = reader.workplace.zone
    known = {day: 0 for day, share in sorted(reader.arrived(FEED).items()) if share and first <= day < end}
    since, until = (datetime.combine(day, time(), zone) for day in (first, end))
    unit = problem.unit if problem.unit in reader.ground.units else reader.ground.top
    found = read(reader, unit, COMPLAINTS, since=since, until=until, texts=False)
    for each in found:
        day = each.received_at.astimezone(zone).date()
        if day in known and problem.category in (None, each.category) and problem.product in (None, each.product):
            known[day] += 1
    return tuple(known.values())
