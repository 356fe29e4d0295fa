"""The clocks of a ticket: a pure function from what happened to how much time is left (S000-089, S003-003, S003-004).

A ticket's own clock runs from receipt to closing. It stands still while the customer has to answer, and the
time it stood still is added to its end. Reopened, it runs on: what is left is what was left at the closing, at least
`GRACE`. Each department that holds the ticket has a clock of its own, from being given it to handing it on; departments
that are asked beside it have theirs at the same time, from being asked to having answered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from ganzhi.catalogue.model.handling import TimeLimit
from ganzhi.complaints.worktime import Calendar

What = Literal["received", "assigned", "joined", "done", "waiting", "answered", "promised", "closed", "reopened"]
State = Literal["running", "waiting", "kept", "missed", "running_late"]
Problem = Literal["before_receipt", "closed_twice", "not_closed", "not_waiting", "never_received"]
GRACE: Final = timedelta(hours=2)
"""What a reopened ticket has at least."""
SOON: Final = 0.25
"""The share of its time from which on a clock is about to run out."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a ticket. department: of `assigned`, `joined`, `done`. promise: of `promised`, the moment
    told to the customer."""

    at: datetime
    what: What
    department: str = ""
    promise: datetime | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock as it stands now.

    of: a department, empty for the ticket itself. beside: asked beside the one that holds the ticket. due: when it runs out, None while it waits. spent: time
    that has run, by the clock; worked: the working time in it. left: until it runs out, negative when it has.
    """

    of: str
    state: State
    began: datetime
    due: datetime | None
    ended: datetime | None
    spent: timedelta
    worked: timedelta
    left: timedelta
    soon: bool
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Promise:
    """A time told to the customer, and whether it was kept; None while that is open."""

    told_at: datetime
    until: datetime
    kept: bool | None


@dataclass(frozen=True, slots=True)
class Clocks:
    """All clocks of a ticket. handovers: how often it went from one department to another. problems: what cannot be
    so in what is told of it; such happenings are left out."""

    ticket: Clock | None
    departments: tuple[Clock, ...]
    promises: tuple[Promise, ...]
    handovers: int
    reopened: int
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Running:
    """A clock while the story is walked. pauses: pairs of moments; the last one open while it waits."""

    of: str
    began: datetime
    due: datetime
    calendar: Calendar
    beside: bool = False
    ended: datetime | None = None
    waiting: datetime | None = None
    runs: list[tuple[datetime, datetime]] = field(default_factory=list)
    since: datetime | None = None

    def stop(self, at: datetime) -> None:
        if self.since is not None:
            self.runs.append((self.since, at))
            self.since = None

    def read(self, now: datetime) -> Clock:
        until = self.ended or now
        runs = [*self.runs, *([(self.since, until)] if self.since is not None else [])]
        spent = sum((end - begin for begin, end in runs), timedelta(0))
        worked = sum((self.calendar.worked_between(begin, end) for begin, end in runs), timedelta(0))
        due = None if self.waiting is not None and self.ended is None else self.due
        left = self.due - (self.waiting if due is None and self.waiting is not None else until)
        return Clock(
            of=self.of,
            state=_state(self.ended, due, now, self.due),
            began=self.began,
            due=due,
            ended=self.ended,
            spent=spent,
            worked=worked,
            left=left,
            soon=self.ended is None and due is not None and timedelta(0) < left <= SOON * (self.due - self.began),
            beside=self.beside,
        )


def _state(ended: datetime | None, due: datetime | None, now: datetime, limit: datetime) -> State:
    if ended is not None:
        return "kept" if ended <= limit else "missed"
    if due is None:
        return "waiting"
    return "running" if now <= due else "running_late"


def read_clocks(
    happenings: Sequence[Happening],
    limit: TimeLimit,
    calendar: Calendar,
    now: datetime,
    step_limit: TimeLimit | None = None,
    stays: Mapping[str, tuple[TimeLimit, Calendar]] | None = None,
) -> Clocks:
    """The clocks at a moment; happenings after it have not happened yet, in whatever order they are told.

    limit: of the ticket; step_limit: of each department's stay, the ticket's own limit where none is declared. stays: limit
    and working time of the stays of single departments, before `step_limit`.
    """
    walk = _Walk(limit, step_limit or limit, calendar, stays or {})
    for each in sorted((h for h in happenings if h.at <= now), key=lambda h: (h.at, _ORDER.index(h.what))):
        walk.take(each)
    ticket = None if walk.ticket is None else walk.ticket.read(now)
    promises = tuple(_promise(each, walk.closings, now) for each in walk.promises)
    departments = tuple(each.read(now) for each in walk.stays)
    return Clocks(ticket, departments, promises, walk.handovers, walk.reopened, tuple(walk.problems))


_ORDER: Final[tuple[What, ...]] = (
    "received",
    "assigned",
    "joined",
    "done",
    "promised",
    "waiting",
    "answered",
    "closed",
    "reopened",
)
"""What comes first of what is told of one moment."""


class _Walk:
    """Walks a ticket's story once, in order."""

    def __init__(
        self, limit: TimeLimit, step_limit: TimeLimit, calendar: Calendar, of: Mapping[str, tuple[TimeLimit, Calendar]]
    ) -> None:
        self._limit, self._step_limit, self._calendar, self._of = limit, step_limit, calendar, of
        self.ticket: _Running | None = None
        self.stays: list[_Running] = []
        self.promises: list[Happening] = []
        self.closings: list[datetime] = []
        self.handovers = self.reopened = 0
        self.problems: list[Problem] = []

    def take(self, each: Happening) -> None:
        ticket = self.ticket
        if each.what == "received":
            if ticket is None:
                self.ticket = _Running(
                    "", each.at, self._calendar.due(each.at, self._limit), self._calendar, since=each.at
                )
            return
        if ticket is None:
            self.problems.append("before_receipt" if not self.problems else "never_received")
            return
        match each.what:
            case "assigned":
                self._assigned(each)
            case "joined":
                self._joined(each)
            case "done":
                self._done(each)
            case "waiting":
                self._waits(each.at)
            case "answered":
                self._answered(ticket, each.at)
            case "promised":
                self.promises.append(each)
            case "closed":
                self._closed(ticket, each.at)
            case "reopened":
                self._reopened(ticket, each.at)

    def _stay(self, department: str, at: datetime, *, beside: bool = False) -> None:
        """A department begins its stay; while the customer has to answer, standing still."""
        limit, calendar = self._of.get(department, (self._step_limit, self._calendar))
        stay = _Running(department, at, calendar.due(at, limit), calendar, beside, since=at)
        if self.ticket is not None and self.ticket.waiting is not None:
            stay.stop(at)
            stay.waiting = at
        self.stays.append(stay)

    def _open(self) -> list[_Running]:
        clocks = [] if self.ticket is None else [self.ticket]
        return [each for each in (*clocks, *self.stays) if each.ended is None]

    def _assigned(self, each: Happening) -> None:
        held = [stay for stay in self.stays if not stay.beside]
        if held and held[-1].of == each.department and (held[-1].ended is None or self._is_closed()):
            return
        if held and held[-1].ended is None:
            _end(held[-1], each.at)
        self.handovers += bool(held) and held[-1].of != each.department
        self._stay(each.department, each.at)
        if self._is_closed():
            _end(self.stays[-1], each.at)

    def _is_closed(self) -> bool:
        return self.ticket is not None and self.ticket.ended is not None

    def _joined(self, each: Happening) -> None:
        if not any(stay.of == each.department and stay.ended is None for stay in self.stays):
            self._stay(each.department, each.at, beside=True)

    def _done(self, each: Happening) -> None:
        for stay in self.stays:
            if stay.of == each.department and stay.beside and stay.ended is None:
                _end(stay, each.at)

    def _waits(self, at: datetime) -> None:
        for clock in self._open():
            if clock.waiting is None:
                clock.stop(at)
                clock.waiting = at

    def _answered(self, ticket: _Running, at: datetime) -> None:
        if ticket.waiting is None:
            self.problems.append("not_waiting")
        self._resume(at)

    def _resume(self, at: datetime) -> None:
        for clock in self._open():
            if clock.waiting is not None:
                clock.due += at - clock.waiting
                clock.waiting, clock.since = None, at

    def _closed(self, ticket: _Running, at: datetime) -> None:
        if ticket.ended is not None:
            self.problems.append("closed_twice")
            return
        self._resume(at)
        for clock in self._open():
            clock.stop(at)
            clock.ended = at
        self.closings.append(at)

    def _reopened(self, ticket: _Running, at: datetime) -> None:
        if ticket.ended is None:
            self.problems.append("not_closed")
            return
        ticket.due = max(ticket.due + (at - ticket.ended), at + GRACE)
        ticket.ended, ticket.since = None, at
        held = [number for number, stay in enumerate(self.stays) if not stay.beside]
        if held:
            last = self.stays[held[-1]]
            last.due = max(last.due + (at - (last.ended or at)), at + GRACE)
            self.stays[held[-1]] = replace(last, ended=None, since=at)
        self.reopened += 1


def _end(stay: _Running, at: datetime) -> None:
    stay.stop(at)
    if stay.waiting is not None:
        stay.due += at - stay.waiting
    stay.ended, stay.waiting = at, None


def _promise(told: Happening, closings: Sequence[datetime], now: datetime) -> Promise:
    """Kept when the first closing after it was told came by then."""
    until = told.promise or told.at
    closed = next((at for at in closings if at >= told.at), None)
    kept = None if closed is None and now <= until else closed is not None and closed <= until
    return Promise(told.at, until, kept)
