"""The limits of a ticket and how much of them is left: by the rule that won, as recorded, as promised, of each stay.

Of the limits that the customer sees (all but the stays) the one that runs out first is the ticket's; stays have theirs
beside it. While the customer has to answer the rule's limit stands still; what was promised to them does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, Literal, get_args

from ganzhi.catalogue.model.handling import TimeLimit
from ganzhi.complaints.clocks import SOON, Clock, Clocks, read_clocks
from ganzhi.complaints.desk.directory import Directory
from ganzhi.complaints.desk.story import Standing
from ganzhi.complaints.screening import Screened
from ganzhi.complaints.tickets.read import Ticket

Urgency = Literal["over", "soon", "fine", "waiting", "unknown"]
URGENCIES: Final[tuple[Urgency, ...]] = get_args(Urgency)
_UNKNOWN: Final = TimeLimit(hours=Decimal(48))
"""What the clocks of a ticket without any rule are read with; its own limit is not shown."""
Why = Literal["rule", "recorded", "promise", "stay"]


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit. why: where it comes from; of: the department of a stay. due: None while it stands still. left: until then,
    negative when it is over; when it was over in time, or too late, is `ended` with `kept`."""

    why: Why
    of: str
    began: datetime
    due: datetime | None
    left: timedelta | None
    urgency: Urgency
    ended: datetime | None = None
    kept: bool | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """All limits of a ticket. first: of those the customer sees, the one that runs out first. clocks: as they were read."""

    all: tuple[Limit, ...]
    first: Limit | None
    clocks: Clocks

    @property
    def urgency(self) -> Urgency:
        """How urgent the ticket is."""
        return "unknown" if self.first is None else self.first.urgency

    @property
    def stays(self) -> tuple[Limit, ...]:
        """Those of departments that have not ended."""
        return tuple(each for each in self.all if each.why == "stay" and each.ended is None)


def limits_of(
    ticket: Ticket, stands: Standing, screened: Screened | None, directory: Directory, now: datetime
) -> Limits:
    """The limits of a ticket at a moment."""
    limit = _UNKNOWN if screened is None else screened.limit
    calendar = directory.office if limit.working_days is not None else directory.calendar(directory.centre)
    clocks = read_clocks(stands.happenings, limit, calendar, now, stays=directory.stays)
    found: list[Limit] = []
    if clocks.ticket is not None and screened is not None:
        found.append(_of_clock(clocks.ticket, "rule"))
    over = clocks.ticket.ended if clocks.ticket is not None else None
    if ticket.due_at is not None:
        found.append(_of_moment("recorded", ticket.received_at, ticket.due_at, over, now))
    found += [
        _of_moment("promise", each.told_at, each.until, _when(stands, each.told_at, now), now)
        for each in clocks.promises
    ]
    found += [_of_clock(each, "stay") for each in clocks.departments]
    running = [each for each in found if each.why != "stay" and each.ended is None]
    first = min(running, key=lambda each: (each.left is None, each.left or timedelta(0)), default=None)
    return Limits(tuple(found), first, clocks)


def _when(stands: Standing, told_at: datetime, now: datetime) -> datetime | None:
    """The first closing after a promise."""
    closings = [each.at for each in stands.happenings if each.what == "closed" and told_at <= each.at <= now]
    return min(closings, default=None)


def _of_clock(clock: Clock, why: Why) -> Limit:
    urgency: Urgency = "fine"
    if clock.ended is None:
        urgency = (
            "waiting" if clock.due is None else "over" if clock.state == "running_late" else "soon" if clock.soon else "fine"
        )  # fmt: skip
    kept = None if clock.ended is None else clock.state == "kept"
    left = None if clock.due is None else clock.left
    return Limit(why, clock.of, clock.began, clock.due, left, urgency, clock.ended, kept)


def _of_moment(why: Why, began: datetime, due: datetime, ended: datetime | None, now: datetime) -> Limit:
    left, urgency, kept = pressing(began, due, ended, now)
    return Limit(why, "", began, due, left, urgency, ended, kept)


def pressing(
    began: datetime, due: datetime, ended: datetime | None, now: datetime
) -> tuple[timedelta, Urgency, bool | None]:
    """The time left, how pressing that is, and, of what has ended, whether it was in time."""
    left = due - (ended or now)
    if ended is not None:
        return left, "fine", left >= timedelta(0)
    return left, "over" if left < timedelta(0) else "soon" if left <= SOON * (due - began) else "fine", None


def least_left_first(rows: Sequence[tuple[str, Limits, int]]) -> list[str]:
    """Ids of tickets (id, limits, rank) in the order to take them: least time left, then rank; what stands still comes after
    what runs, what has no limit last.
    """

    def key(row: tuple[str, Limits, int]) -> tuple[int, float, int, str]:
        name, limits, rank = row
        first = limits.first
        if first is None:
            return 2, 0.0, rank, name
        return (1, 0.0, rank, name) if first.left is None else (0, first.left.total_seconds(), rank, name)

    return [name for name, _, _ in sorted(rows, key=key)]
