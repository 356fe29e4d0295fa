"""The roster of a day: how many clerks each hall plans, who comes, and when which desk is open.

Halls staff to what they expect: the mean of past days' work, scaled by the day's factor (the first day is known).
Full clerks keep a desk all day with half an hour's lunch; peak clerks open one in the morning and in the
afternoon peak and work behind the scenes in between. A hall of two clerks or more has a duty leader, who opens one
more desk for half hours in which the queue has grown, and while nobody else is at a desk. In a hall without a full
clerk a duty leader keeps a desk all day. All figures are ours.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from ganzhi.province.columns import NEVER
from ganzhi.province.halls.codes import CLOSE_S, GUIDE, LATE_CLOSE_S, LEADER, MANAGER, OPEN_S, closing
from ganzhi.province.profiles import quarter_weights
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Floats, Ints

SLOT_S: Final = 1_800
SLOTS: Final = (LATE_CLOSE_S - OPEN_S) // SLOT_S
"""Half hours from opening to the latest closing."""
LATE_START_S: Final = 11 * 3600
LUNCH_S: Final = 11 * 3600 + SLOT_S
LATE_LUNCH_S: Final = 14 * 3600
PEAKS_S: Final = ((34_200, 43_200), (48_600, 61_200))
"""Desk times of peak clerks: 9:30 to 12:00 and 13:30 to 17:00."""
SAFETY: Final = 0.2
"""Desks above the offered load, in its square roots."""
REMEMBERED: Final = 0.85
"""Weight of the past in what a hall expects."""
ABSENT: Final = 0.02
"""Chance that a rostered clerk does not come."""
LATE_CHANCE: Final = 0.03
OPENS_AT_BACKLOG_S: Final = 420
"""Work waiting for each open desk at which the duty leader opens another."""
GUIDE_FROM_TICKETS: Final = 100
"""Tickets a day from which a hall has a guide."""
MANAGER_EVERY: Final = 3
"""Managers of small halls come every third day."""
WORK_PER_TICKET_S: Final = 340


@dataclass(slots=True)
class Desks:
    """Desk sessions of the day, one row each. pause_from, pause_to: NEVER for no pause."""

    hall: Ints
    post: Ints
    counter: Ints
    dynamic: Bools
    from_s: Ints
    to_s: Ints
    pause_from: Ints
    pause_to: Ints

    def __len__(self) -> int:
        return len(self.hall)


@dataclass(slots=True)
class Shifts:
    """Shifts of the day. role: position in `codes.ROLES`. came: NEVER for who did not come."""

    hall: Ints
    post: Ints
    role: Ints
    from_s: Ints
    to_s: Ints
    came: Ints
    changed: Bools


@dataclass(frozen=True, slots=True)
class Plan:
    """A day's staff of each hall. full, peak: clerks planned. present: clerks who came. short: a lever holds
    clerks back, by the incident `cause` (-1 for none). expected: tickets expected."""

    full: Ints
    peak: Ints
    present: Ints
    short: Bools
    cause: Ints
    expected: Floats
    desks: Desks
    shifts: Shifts


@dataclass(slots=True)
class Expected:
    """What halls expect on a plain day: tickets each."""

    tickets: Floats


def expected_tickets(scene: Scene, tickets: Ints) -> Floats:
    """Tickets each hall expects today; what came today is remembered for the days to come."""
    plain = tickets / scene.today.factor("hall")
    known = scene.world.recall("halls.expected", lambda: Expected(plain.astype(float)))
    expected = known.tickets * scene.today.factor("hall")
    known.tickets = REMEMBERED * known.tickets + (1 - REMEMBERED) * plain
    return expected


def _needed(load: Floats) -> Ints:
    return np.maximum(1, np.ceil(load + SAFETY * np.sqrt(load))).astype(np.int64)


def _staff(scene: Scene, expected: Floats) -> tuple[Ints, Ints]:
    """Full and peak clerks of each hall."""
    weights = quarter_weights("hall", scene.today.kind)[OPEN_S // 900 : CLOSE_S // 900]
    plain, busy = np.percentile(weights, [50, 95])
    work = expected * WORK_PER_TICKET_S / 900
    clerks = scene.places.clerks
    late = closing(scene.places, scene.today) > scene.today.start + CLOSE_S
    full = np.minimum(np.maximum(_needed(work * plain), np.where(late, 2, 1)), clerks)
    peak = np.clip(_needed(work * busy) - full, 0, clerks - full)
    return full, peak


def _joined(parts: list[Desks]) -> Desks:
    return Desks(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Desks)))


def _counted(desks: Desks, halls: int, start: int) -> Ints:
    """Open desks of each hall in each half hour."""
    edges = np.zeros((halls, SLOTS + 1), dtype=np.int64)
    for first, last, sign in ((desks.from_s, desks.to_s, 1), (desks.pause_from, desks.pause_to, -1)):
        real = first != NEVER
        slot = [np.clip((each[real] - start - OPEN_S) // SLOT_S, 0, SLOTS) for each in (first, last)]
        np.add.at(edges, (desks.hall[real], slot[0]), sign)
        np.add.at(edges, (desks.hall[real], slot[1]), -sign)
    return edges.cumsum(axis=1)[:, :SLOTS]


def _clerks_desks(scene: Scene, rng: np.random.Generator, full: Ints, peak: Ints) -> tuple[Plan, Bools]:
    """Clerks' shifts and desk sessions, and which halls have no full clerk."""
    halls, start = np.arange(len(full)), scene.today.start
    noon = np.full(len(full), start + 43_200)
    size, cause = scene.levers.at("hall.absent", noon, scene.places.hall_codes)
    missing = np.floor(np.clip(size, 0, 1) * (full + peak) + rng.random(len(full))).astype(np.int64)
    missing = np.where(size > 0, np.maximum(missing, 1), 0)
    late_hall = closing(scene.places, scene.today) > start + CLOSE_S
    desks: list[Desks] = []
    shifts: list[list[Ints]] = []
    for k in range(int((full + peak).max())):
        here = halls[k < full + peak]
        is_full, late = k < full[here], late_hall[here] & (k % 2 == 1)
        post = (k + 3 * scene.today.index) % scene.places.clerks[here]
        gone = (k >= (full + peak - missing)[here]) | (rng.random(len(here)) < ABSENT)
        first = start + np.where(is_full, np.where(late, LATE_START_S, OPEN_S), PEAKS_S[0][0])
        last = start + np.where(is_full, np.where(late, LATE_CLOSE_S, CLOSE_S), PEAKS_S[1][1])
        delay = np.where(rng.random(len(here)) < LATE_CHANCE, rng.integers(400, 2_400, len(here)), -240)
        planned = first - 900
        came = np.where(gone, NEVER, planned + delay + rng.integers(0, 500, len(here)))
        changed = rng.random(len(here)) < LATE_CHANCE
        shifts.append([here, post, here * 0, planned, last, came, changed.astype(np.int64)])
        opens, counter = np.maximum(first, came), np.full(len(here), k)
        lunch = start + np.where(late, LATE_LUNCH_S, LUNCH_S) + k % 3 * SLOT_S
        day = Desks(here, post, counter, here < 0, opens, last, lunch, lunch + SLOT_S)
        morning_to, noon_from = np.full(len(here), start + PEAKS_S[0][1]), np.full(len(here), start + PEAKS_S[1][0])
        none = np.full(len(here), NEVER)
        morning = Desks(here, post, counter, here < 0, opens, morning_to, none, none)
        afternoon = Desks(here, post, counter, here < 0, noon_from, last, none, none)
        desks += [_some(day, is_full & ~gone), _some(morning, ~is_full & ~gone), _some(afternoon, ~is_full & ~gone)]
    table = _shifts(shifts)
    came_to = np.bincount(table.hall[table.came != NEVER], minlength=len(full))
    made = _joined(desks)
    lunching = made.hall[made.pause_from != NEVER]
    plan = Plan(full, peak, came_to, size > 0, cause, full.astype(float), made, table)
    return plan, np.bincount(lunching, minlength=len(full)) == 0


def _shifts(parts: list[list[Ints]]) -> Shifts:
    """Shifts from columns in their order; the last tells who was changed at short notice."""
    hall, post, role, first, last, came, changed = (np.concatenate(each) for each in zip(*parts, strict=True))
    return Shifts(hall, post, role, first, last, came, changed > 0)


def _some(desks: Desks, where: Bools) -> Desks:
    return Desks(*(getattr(desks, each.name)[where] for each in fields(Desks)))


def _leaders_desks(scene: Scene, plan: Plan, covering: Bools, work_s: Floats) -> Desks:
    """The duty leader's desk: all day in halls without a full clerk, else in half hours with need.

    work_s: work that comes in each half hour of each hall.
    """
    halls, start = len(covering), scene.today.start
    counters = _counted(plan.desks, halls, start)
    last_slot = (closing(scene.places, scene.today) - start - OPEN_S) // SLOT_S
    opened = np.zeros((halls, SLOTS), dtype=bool)
    opened[:, 1:] = covering[:, None]
    backlog = np.zeros(halls)
    able = plan.full + plan.peak > 1
    for slot in range(SLOTS):
        opened[:, slot] |= able & (counters[:, slot] == 0)
        if slot:
            opened[:, slot] |= able & (backlog > OPENS_AT_BACKLOG_S * np.maximum(counters[:, slot], 1))
        opened[:, slot] &= slot < last_slot
        served = (counters[:, slot] + opened[:, slot]) * SLOT_S
        backlog = np.maximum(0.0, backlog + work_s[:, slot] - served)
    edges = np.diff(opened.astype(np.int8), axis=1, prepend=0, append=0)
    hall, first = np.nonzero(edges == 1)
    last = np.nonzero(edges == -1)[1]
    none = np.full(len(hall), NEVER)
    counter = (plan.full + plan.peak)[hall]
    return Desks(
        hall, scene.places.clerks[hall] + LEADER, counter, ~covering[hall], start + OPEN_S + first * SLOT_S,
        start + OPEN_S + last * SLOT_S, none, none,
    )  # fmt: skip


def _others(scene: Scene, rng: np.random.Generator, plan: Plan) -> Shifts:
    """Shifts of guides, duty leaders and managers."""
    halls, clerks, start = np.arange(len(plan.full)), scene.places.clerks, scene.today.start
    large = plan.full + plan.peak > 1
    small = plan.full + plan.peak < MANAGER_EVERY + 1
    who = (
        (GUIDE, plan.expected > GUIDE_FROM_TICKETS),
        (LEADER, np.isin(halls, plan.desks.hall[plan.desks.post == clerks[plan.desks.hall] + LEADER]) | large),
        (MANAGER, ~small | ((halls + scene.today.index) % MANAGER_EVERY == 0)),
    )
    parts: list[list[Ints]] = []
    for role, where in who:
        hall = halls[where]
        planned = np.full(len(hall), start + OPEN_S - 900)
        ends = closing(scene.places, scene.today)[hall]
        ends = np.where(role == LEADER, ends, np.minimum(ends, start + CLOSE_S))
        came = planned + np.where(rng.random(len(hall)) < LATE_CHANCE, rng.integers(310, 900, len(hall)), -120)
        changed = rng.random(len(hall)) < LATE_CHANCE
        parts.append([hall, clerks[hall] + role, hall * 0 + role + 1, planned, ends, came, changed.astype(np.int64)])
    return _shifts(parts)


def make_plan(scene: Scene, hall: Ints, at: Ints, work: Ints) -> Plan:
    """The day's roster. hall, at, work: of the tickets of the day, work in seconds."""
    rng = scene.rng("halls.roster")
    halls = len(scene.places.hall_codes)
    expected = expected_tickets(scene, np.bincount(hall, minlength=halls))
    full, peak = _staff(scene, expected)
    plan, covering = _clerks_desks(scene, rng, full, peak)
    slot = np.clip((at - scene.today.start - OPEN_S) // SLOT_S, 0, SLOTS - 1)
    coming = np.bincount(hall * SLOTS + slot, weights=work, minlength=halls * SLOTS).reshape(halls, SLOTS)
    desks = _joined([plan.desks, _leaders_desks(scene, plan, covering, coming.astype(float))])
    plan = replace(plan, expected=expected, desks=desks)
    others = _others(scene, rng, plan)
    shifts = Shifts(
        *(np.concatenate([getattr(each, f.name) for each in (plan.shifts, others)]) for f in fields(Shifts))
    )
    return replace(plan, shifts=shifts)
