"""Ports of the handler's desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ganzhi.access.rights import Viewer
from ganzhi.complaints.desk.desk import TicketDesk
from ganzhi.complaints.desk.views import (
    DeskAsked,
    FaultPage,
    FaultsPage,
    FlowPage,
    ProblemPage,
    ProblemsPage,
    QueuePage,
    QueueQuery,
    TicketPage,
    TicketRow,
)
from ganzhi.store.desk.acts import DeskAct


@dataclass(frozen=True, slots=True)
class DeskPorts:
    """Ports for one viewer. queue: a page under conditions; rows: all of them. ticket: id. act: id, what is asked. flow: a
    unit, or None for all in reach. problem: id. open_problem: fields. act_problem: id, what is asked.
    faults, fault, open_fault, act_fault: the same of faults."""

    queue: Callable[[QueueQuery], QueuePage]
    rows: Callable[[QueueQuery], Iterable[TicketRow]]
    ticket: Callable[[str], TicketPage]
    act: Callable[[str, DeskAsked], DeskAct]
    flow: Callable[[str | None], FlowPage]
    problems: Callable[[], ProblemsPage]
    problem: Callable[[str], ProblemPage]
    open_problem: Callable[[Mapping[str, str]], DeskAct]
    act_problem: Callable[[str, DeskAsked], DeskAct]
    faults: Callable[[], FaultsPage]
    fault: Callable[[str], FaultPage]
    open_fault: Callable[[Mapping[str, str]], DeskAct]
    act_fault: Callable[[str, DeskAsked], DeskAct]


def desk_ports(desk: TicketDesk, viewer: Viewer) -> DeskPorts:
    """The ports on a desk."""
    return DeskPorts(
        queue=lambda query: desk.queue(viewer, query),
        rows=lambda query: desk.rows(viewer, query),
        ticket=lambda name: desk.page(viewer, name),
        act=lambda name, asked: desk.act(viewer, name, asked),
        flow=lambda unit: desk.flow(viewer, unit),
        problems=lambda: desk.problems(viewer),
        problem=lambda given: desk.problem(viewer, given),
        open_problem=lambda fields: desk.open_problem(viewer, fields),
        act_problem=lambda given, asked: desk.act_problem(viewer, given, asked),
        faults=lambda: desk.fault_desk.faults(viewer),
        fault=lambda given: desk.fault(viewer, given),
        open_fault=lambda fields: desk.open_fault(viewer, fields),
        act_fault=lambda given, asked: desk.fault_desk.act(viewer, given, asked),
    )
