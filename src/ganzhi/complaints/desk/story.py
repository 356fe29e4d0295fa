"""A ticket's story: what its records tell and what people did at the desk, in one order, and how it stands after that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from ganzhi.complaints.clocks import Happening
from ganzhi.complaints.desk.acts import TicketState
from ganzhi.complaints.desk.directory import Directory
from ganzhi.complaints.tickets.read import Step, Ticket
from ganzhi.store.desk.acts import DeskAct, standing

CLOSING: Final = "close"
"""The step of the flow that ends a ticket."""
REPLYING: Final = "reply"
"""The step of the flow in which the customer is answered."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """That a customer was answered. via: the channel, None where the record names none. outcome: what they said to it,
    empty where it is not known. told: the words of it. by: who did it, empty for a record. number: of the act; its moment is
    that of the act, or the end of what is known where that is earlier."""

    at: datetime
    via: str | None
    outcome: str
    told: str
    by: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What was found out about a ticket: `what`, with the evidence, by whom; what was recorded elsewhere has no evidence of
    its own."""

    what: str
    evidence: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How a ticket stands. version: number of the last act. department: who holds it; asked: departments beside that have
    not answered. feedback: answers to the customer, in order. reproduced, responsible: as last found. step: of the flow, None
    where none was recorded. closed: whether record, steps or desk say so."""

    version: int
    state: TicketState
    department: str
    owner: str
    step: str | None
    since: datetime
    asked: tuple[str, ...]
    closed: bool
    closed_by: str
    happenings: tuple[Happening, ...] = field(repr=False)
    feedback: tuple[Feedback, ...] = ()
    reproduced: Held | None = None
    responsible: Held | None = None

    @property
    def answered(self) -> bool:
        """Whether the customer was answered since the ticket was last opened."""
        opened = max((each.at for each in self.happenings if each.what in ("received", "reopened")), default=None)
        return any(opened is None or each.at >= opened for each in self.feedback)


def told(act: DeskAct, name: str) -> str:
    """A text of an act's content; empty where it has none."""
    value = act.content.get(name)
    return value if isinstance(value, str) else ""


def moment(act: DeskAct, name: str) -> datetime | None:
    """A moment of an act's content; None where it has none."""
    text = told(act, name)
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


def read_story(
    ticket: Ticket, steps: Sequence[Step], acts: Sequence[DeskAct], directory: Directory, now: datetime
) -> Standing:
    """How a ticket stands at a moment, with everything that happened to it as its clocks are read from.

    now: the moment up to which records are known. What was done at the desk after it counts as done then, in its order:
    nobody knows what else happened since.
    """
    recorded = _recorded(ticket, steps, directory)
    closed_by = _closed_by(ticket, steps)
    walk = _Walk(directory, closed=bool(closed_by))
    last = steps[-1] if steps else None
    since = last.assigned_at if last is not None else ticket.received_at
    happenings: list[Happening] = []
    both: list[Happening | DeskAct] = [*recorded, *_by(standing(acts), now)]
    for each in sorted(both, key=lambda told: told.at):
        if isinstance(each, Happening):
            walk.take(each)
            happenings.append(each)
            continue
        found = walk.act(each)
        happenings += found
        if any(new.what != "promised" for new in found):
            since = max(since, each.at)
        closed_by = {"close": "desk", "reopen": ""}.get(each.act, closed_by)
    if not walk.department:
        walk.department = directory.centre
    state: TicketState = (
        "closed" if walk.closed else "waiting" if walk.waiting else "centre" if walk.centre() else "business"
    )
    return Standing(
        version=acts[-1].number if acts else 0,
        state=state,
        department=walk.department,
        owner=walk.owner,
        step=None if last is None else last.flow_step,
        since=since,
        asked=tuple(walk.asked),
        closed=walk.closed,
        closed_by=closed_by,
        happenings=tuple(happenings),
        feedback=tuple(sorted([*_answers(ticket, steps), *walk.feedback], key=lambda each: each.at)),
        reproduced=walk.found.get("reproduce"),
        responsible=walk.found.get("responsible"),
    )


def _answers(ticket: Ticket, steps: Sequence[Step]) -> list[Feedback]:
    """Answers to the customer as the records have them: steps of answering, and the call back after closing."""
    found = [
        Feedback(step.finished_at, None, "", "", step.handler or step.department)
        for step in steps
        if step.flow_step == REPLYING and step.finished_at is not None and step.step_result in (None, "done")
    ]
    if ticket.called_back_at is not None:
        said = "" if ticket.satisfied is None else "accepted" if ticket.satisfied else "not_accepted"
        found.append(Feedback(ticket.called_back_at, None, said, "", ""))
    return found


def _by(acts: Sequence[DeskAct], now: datetime) -> list[DeskAct]:
    """Acts, those after a moment set just before it, one after the other."""
    least = timedelta(microseconds=1)
    return [replace(each, at=min(each.at, now - (len(acts) - at) * least)) for at, each in enumerate(acts)]


def _closed_by(ticket: Ticket, steps: Sequence[Step]) -> str:
    """What says that a ticket is closed: its record, or its last step alone; empty for an open one."""
    if not ticket.open:
        return "record"
    if ticket.reopened_at is None and steps and steps[-1].flow_step == CLOSING and steps[-1].finished_at is not None:
        return "steps"
    return ""


def _recorded(ticket: Ticket, steps: Sequence[Step], directory: Directory) -> tuple[Happening, ...]:
    """What the records tell, as the clocks read it."""
    found = [Happening(ticket.received_at, "received")]
    found += [Happening(step.assigned_at, "assigned", directory.code(step.department)) for step in steps]
    if not steps and ticket.department:
        found.append(Happening(ticket.received_at, "assigned", directory.code(ticket.department)))
    if ticket.promised_at is not None:
        found.append(Happening(ticket.received_at, "promised", promise=ticket.promised_at))
    closed_at = ticket.closed_at
    if closed_at is None and _closed_by(ticket, steps) == "steps":
        closed_at = steps[-1].finished_at
    if closed_at is not None:
        found.append(Happening(closed_at, "closed"))
    if ticket.reopened_at is not None:
        found.append(Happening(ticket.reopened_at, "reopened"))
    return tuple(found)


class _Walk:
    """Walks the story in order. closed: whether what is recorded says so; acts at the desk come after that."""

    def __init__(self, directory: Directory, *, closed: bool) -> None:
        self.directory = directory
        self.department = self.owner = ""
        self.asked: list[str] = []
        self.waiting, self.closed = False, closed
        self.feedback: list[Feedback] = []
        self.found: dict[str, Held] = {}

    def centre(self) -> bool:
        return self.directory.role(self.department) == "service_centre"

    def take(self, each: Happening) -> None:
        if each.what == "assigned":
            self.department = each.department

    def act(self, act: DeskAct) -> list[Happening]:
        """What an act means to the clocks; the walk stands after it."""
        department = told(act, "department")
        match act.act:
            case "take" | "assign":
                self.owner = act.actor if act.act == "take" else told(act, "owner")
            case "hand_over" | "pass_on" | "escalate":
                return self._given(act, department)
            case "solve" | "send_back":
                return self._given(act, self.directory.centre)
            case "involve":
                self.asked.append(department)
                return [Happening(act.at, "joined", department)]
            case "reply":
                self.asked = [each for each in self.asked if each != department]
                return [Happening(act.at, "done", department)]
            case "wait":
                self.waiting = True
                return [Happening(act.at, "waiting")]
            case "answered":
                self.waiting = False
                return [Happening(act.at, "answered")]
            case "promise":
                until = moment(act, "until")
                return [] if until is None else [Happening(act.at, "promised", promise=until)]
            case "feedback" | "reproduce" | "responsible":
                self._told(act)
            case "close":
                self.closed, self.waiting = True, False
                return [Happening(act.at, "closed")]
            case "reopen":
                self.closed = False
                return [Happening(act.at, "reopened")]
        return []

    def _told(self, act: DeskAct) -> None:
        """What was found out, or said to the customer: no clock minds it."""
        reason = told(act, "reason")
        if act.act == "feedback":
            self.feedback.append(
                Feedback(act.at, told(act, "via"), told(act, "outcome"), reason, act.actor, act.number)
            )
        else:
            what = told(act, "found" if act.act == "reproduce" else "party")
            self.found[act.act] = Held(what, reason, act.actor, act.at)

    def _given(self, act: DeskAct, department: str) -> list[Happening]:
        self.department, self.owner = department, ""
        return [Happening(act.at, "assigned", department)]
