"""Service halls: who comes, who waits, who serves, what is done at desks and devices.

Two province phases: `serve_halls`, after all block phases, and `plan_visits`, the last of a day, which decides who
comes tomorrow because of what was felt today.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import NEVER, identities, moments, same, words
from ganzhi.province.halls.codes import ROLES, DoneAt, Served, staff_ids, ticket_ids, units
from ganzhi.province.halls.devices import devices_of, outages, register
from ganzhi.province.halls.floor import Present, deliver_footfall, deliver_inspections
from ganzhi.province.halls.kiosks import Uses as _Uses
from ganzhi.province.halls.kiosks import deal_uses, deliver_days, deliver_events, in_turn, own_devices, own_uses, ready
from ganzhi.province.halls.orders import deliver_orders, draw_work
from ganzhi.province.halls.roster import Plan, make_plan
from ganzhi.province.halls.tickets import Queue, deliver_tickets, queue
from ganzhi.province.halls.visits import DESK, DEVICE, DOOR, Visitors, gather, plan_visits
from ganzhi.province.scene import PURPOSES, Scene
from ganzhi.province.streams import Ints

__all__ = ["DoneAt", "Served", "plan_visits", "serve_halls", "ticket_ids"]

DOOR_S: Final = (40, 300)
"""How long the guide helps a visitor without a ticket."""


def serve_halls(scene: Scene) -> None:
    """One day of all halls and their devices."""
    visitors = gather(scene)
    register(scene)
    broken = outages(scene)
    works = ready(scene, broken)
    at_device = np.flatnonzero(visitors.goes == DEVICE)
    device = own_devices(scene, works, visitors.take(at_device))
    goes = visitors.goes.copy()
    goes[at_device[device < 0]] = DESK
    self_served = visitors.take(at_device[device >= 0])
    deals = deal_uses(scene, works)
    own = own_uses(scene, self_served, device[device >= 0])
    uses = in_turn(_both(deals, own))
    desk = visitors.take(goes == DESK)
    desk = desk.take(np.lexsort((desk.customer, desk.at, desk.hall)))
    work = draw_work(scene, desk)
    plan = make_plan(scene, desk.hall, desk.at, work.total_s)
    made = queue(scene, desk, work, plan)
    deliver_tickets(scene, made, plan)
    deliver_orders(scene, desk, work, made.number, made.served, made.counter, made.post)
    deliver_events(scene, works, broken, uses)
    halls = len(scene.places.hall_codes)
    deliver_days(scene, works, uses, np.bincount(desk.hall, minlength=halls))
    _deliver_staff(scene, plan, made)
    _room(scene, made, uses, visitors.take(goes == DOOR), self_served, plan)
    deliver_inspections(scene, plan.full)
    _know_days(scene, plan)


def _both(a: _Uses, b: _Uses) -> _Uses:
    return _Uses(*(np.concatenate([getattr(a, name), getattr(b, name)]) for name in _Uses.__dataclass_fields__))


def _deliver_staff(scene: Scene, plan: Plan, made: Queue) -> None:
    """Shifts as worked, until the last customer has gone, and the labour of the day."""
    rng, places, shifts = scene.rng("halls.shifts"), scene.places, plan.shifts
    n, came = len(shifts.hall), shifts.came != NEVER
    last = np.zeros((len(places.hall_codes), int(places.clerks.max()) + len(ROLES)), dtype=np.int64)
    got = ~made.abandoned
    np.maximum.at(last, (made.desk.hall[got], made.post[got]), made.ended[got])
    to = np.maximum(shifts.to_s + rng.integers(0, 300, n), last[shifts.hall, shifts.post])
    staff, unit = staff_ids(places, shifts.hall, shifts.post), units(places, shifts.hall)
    scene.deliver(
        "shifts",
        shift_id=identities("SH", scene.numbers(n, 9)),
        unit=unit,
        staff=staff,
        role=words(shifts.role, ROLES),
        planned_from=shifts.from_s,
        planned_to=shifts.to_s,
        worked_from=shifts.came,
        worked_to=moments(to, came),
        changed_late=shifts.changed,
    )
    scene.deliver(
        "staff_days",
        unit=unit,
        staff=staff,
        day=same(scene.today.day.isoformat(), n),
        counted_at=np.full(n, scene.today.start + DAY_S - 60),
        role=words(shifts.role, ROLES),
        worked_minutes=np.where(came, (to - np.where(came, shifts.came, to)) // 60, 0),
        manager=shifts.role >= ROLES.index("duty_leader"),
    )


def _room(scene: Scene, made: Queue, uses: _Uses, door: Visitors, self_served: Visitors, plan: Plan) -> None:
    """Footfall of all who entered, and the truth about each: users of kiosks that stand outside do not enter."""
    rng, devices = scene.rng("halls.room"), devices_of(scene)
    inside = (uses.result == 0) & ~devices.all_day[uses.device]
    used = uses.some(inside)
    stayed = rng.integers(*DOOR_S, len(door))
    hall = np.concatenate([made.desk.hall, devices.hall[used.device], door.hall])
    first = np.concatenate([made.desk.at - 20, used.at - 25, door.at])
    last = np.concatenate([made.ended + 25, used.at + used.takes + 25, door.at + stayed])
    deliver_footfall(scene, Present(hall, first, last), plan.expected)
    none = np.full(len(used.device) + len(door), -1, dtype=np.int64)
    purposes = np.concatenate([made.desk.purpose, np.where(used.payment, 0, -1), door.purpose])
    scene.know(
        "visits",
        ticket_id=ticket_ids(np.concatenate([made.number, none])),
        customer_id=scene.people.customer_ids(np.concatenate([made.desk.customer, used.customer, door.customer])),
        hall=units(scene.places, hall),
        entered_at=first,
        purpose=words(purposes, PURPOSES),
        felt=np.concatenate([made.desk.felt, none]),
        cause=np.concatenate([made.desk.cause, none]),
    )


def _know_days(scene: Scene, plan: Plan) -> None:
    """Clerks planned and present in each hall, and the incident that held some back."""
    halls: Ints = np.arange(len(plan.full))
    scene.know(
        "hall_days",
        hall=units(scene.places, halls),
        day=same(scene.today.day.isoformat(), len(halls)),
        planned=plan.full + plan.peak,
        present=plan.present,
        cause=np.where(plan.short, plan.cause, -1),
    )
