"""Promises to customers: each promised time, warned of before it passes; how many are kept; and whether customers come
again more often after a broken one (S000-089).

A promise is kept when the ticket was closed by then, broken when it was not, and open while its time has not come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ganzhi.access.rights import SMALLEST_CELL
from ganzhi.complaints.tickets.problem import rules_of
from ganzhi.complaints.tickets.read import COMPLAINTS, Ticket, known_until, read
from ganzhi.complaints.tickets.repeats import chains_of, find
from ganzhi.measure.build.scope import Reader
from ganzhi.numerics.intervals import Interval, difference, wilson

State = Literal["open", "due_soon", "kept", "broken"]


@dataclass(frozen=True, slots=True)
class Promise:
    """A promised time. left: time left until it, below zero after; None once the ticket is closed. repeated: whether the
    customer came again with the problem within the window; None while that time has not passed."""

    ticket: Ticket
    promised_at: datetime
    state: State
    left: timedelta | None
    repeated: bool | None = None


@dataclass(frozen=True, slots=True)
class After:
    """How many customers came again after promises of which enough time has passed. n, repeated: None where too few to be
    shown."""

    n: int | None
    repeated: int | None

    @property
    def interval(self) -> Interval | None:
        """The share with 95 %; None without any."""
        return wilson(self.repeated, self.n) if self.n and self.repeated is not None else None


@dataclass(frozen=True, slots=True)
class Promises:
    """Promises given with tickets received in [since, until). total: all of them. kept, broken: how many; the rest is open.
    rate: kept ÷ (kept + broken) with 95 %. after_kept, after_broken: customers who came again within `days`. difference:
    share after broken minus share after kept, 95 % after Newcombe; None where one of them has none. warned: open ones whose
    time is near or has passed, the most urgent first; found: all, the latest first; both () without list depth."""

    unit: str
    since: datetime
    until: datetime
    now: datetime
    days: int
    tickets: int
    total: int
    kept: int | None
    broken: int | None
    rate: Interval | None
    after_kept: After
    after_broken: After
    difference: tuple[float, float] | None
    warned: tuple[Promise, ...]
    found: tuple[Promise, ...]

    @property
    def kept_rate(self) -> float | None:
        """Share of promises that were kept, of those whose time has come."""
        if self.kept is None or self.broken is None or not self.kept + self.broken:
            return None
        return self.kept / (self.kept + self.broken)


def promises(reader: Reader, unit: str, since: datetime, until: datetime) -> Promises:
    """The promises of tickets received in [since, until).

    Raises: InputError REQ012 for a unit out of reach.
    """
    catalogue, now = reader.workplace.catalogue, known_until(reader)
    rules = rules_of(catalogue)
    window, soon = timedelta(days=rules.repeat_days), timedelta(hours=float(rules.promise_hours))
    own = read(reader, unit, COMPLAINTS, since=since, until=until)
    given = [each.at(now) for each in own if each.promised_at is not None]
    customers = sorted({each.who for each in given if each.who})
    later = read(reader, unit, COMPLAINTS, since=since, until=until + window, customers=customers) if customers else []
    again = {each.earlier.id for each in find(catalogue, later, rules, chains_of(reader, later)) if each.repeated}
    found = [_judged(each, now, soon, window, again) for each in given]
    found.sort(key=lambda each: (each.promised_at, each.ticket.id), reverse=True)
    kept = [each for each in found if each.state == "kept"]
    broken = [each for each in found if each.state == "broken"]
    lists = reader.viewer.may("list")
    small = not lists and any(0 < len(each) < SMALLEST_CELL for each in (kept, broken))
    passed = [each for each in found if each.ticket.who is not None and each.ticket.received_at + window <= now]
    after_kept = _after([each for each in passed if each.state == "kept"], lists=lists)
    after_broken = _after([each for each in passed if each.state == "broken"], lists=lists)
    urgent = [each for each in found if each.left is not None and (each.state in ("due_soon", "broken"))]
    urgent.sort(key=lambda each: (each.promised_at, each.ticket.id))
    return Promises(
        unit=unit, since=since, until=until, now=now, days=rules.repeat_days, tickets=len(own), total=len(found),
        kept=None if small else len(kept), broken=None if small else len(broken),
        rate=wilson(len(kept), len(kept) + len(broken)) if kept + broken and not small else None,
        after_kept=after_kept, after_broken=after_broken, difference=_difference(after_broken, after_kept),
        warned=tuple(urgent) if lists else (), found=tuple(found) if lists else (),
    )  # fmt: skip


def state_of(of: Ticket, now: datetime, soon: timedelta) -> State | None:
    """Where the promise of a ticket stands; None without one."""
    if of.promised_at is None:
        return None
    if of.closed_at is not None and of.closed_at <= now:
        return "kept" if of.closed_at <= of.promised_at else "broken"
    if now > of.promised_at:
        return "broken"
    return "due_soon" if of.promised_at - now <= soon else "open"


def _judged(of: Ticket, now: datetime, soon: timedelta, window: timedelta, again: set[str]) -> Promise:
    state, at = state_of(of, now, soon), of.promised_at
    assert state is not None
    assert at is not None
    came = of.id in again
    passed = of.who is not None and state in ("kept", "broken") and of.received_at + window <= now
    return Promise(of, at, state, None if of.closed_at is not None else at - now, came if came or passed else None)


def _after(judged: Sequence[Promise], *, lists: bool) -> After:
    n, repeated = len(judged), sum(bool(each.repeated) for each in judged)
    if not lists and (0 < n < SMALLEST_CELL or 0 < repeated < SMALLEST_CELL):
        return After(None, None)
    return After(n, repeated)


def _difference(broken: After, kept: After) -> tuple[float, float] | None:
    if not broken.n or not kept.n or broken.repeated is None or kept.repeated is None:
        return None
    return difference(broken.repeated, broken.n, kept.repeated, kept.n)
