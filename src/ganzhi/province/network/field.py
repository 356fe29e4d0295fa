"""Work at the customer's place: broadband orders with their installation, repairs, maintenance and calls on customers.

An installation is accepted, gets an appointment, and ends as installed, cancelled or failed; each appointment is a
visit, delivered when it is booked and again when it has taken place. Who was not at home gets a second visit. Lines
break by chance; most of those customers get a repair. Numbers are ours, near the catalogue's targets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import NEVER, identities, numbers, same, truths, words
from ganzhi.province.feelings import Felt
from ganzhi.province.market.shared import Columns, happened, later, unfold, when
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import Scene
from ganzhi.province.service.drawing import counties, some
from ganzhi.province.streams import Bools, Ints, choose, happens, lognormal

ORDERS_PER_100K: Final = 6.5
CALLS_PER_100K: Final = (3.0, 2.5)
"""Maintenance visits and calls on customers a day of 100,000 customers."""
LINES_BROKEN: Final = 0.0010
"""Share of broadband lines that break in a day."""
REPAIRED_BY_VISIT: Final = 0.6
PRODUCTS: Final = ("home_broadband", "wlan", "private_line", "ict_solution")
PRODUCT_SHARE: Final = np.array([0.90, 0.04, 0.04, 0.02])
ORDERED_THROUGH: Final = {
    "hall": 0.40, "hotline_agent": 0.18, "web_hall": 0.13, "app": 0.06, "field": 0.10, "account_manager": 0.08,
    "partner_shop": 0.05,
}  # fmt: skip
PARTNERS: Final = tuple(f"WP-{n:02d}" for n in range(1, 7))
DAYS_AHEAD: Final = np.array([0.20, 0.66, 0.09, 0.03, 0.02])
"""Days from the order to the first appointment."""
SLOTS_H: Final = np.array([8, 10, 13, 15, 17])
SLOT_S: Final = 2 * 3_600
PROMISED_DAYS: Final = 2
NO_RESOURCE: Final = 0.045
WITHDRAWN: Final = np.array([0.022, 0.008, 0.007, 0.010, 0.004])
CAUSES: Final = ("no_resource", "customer_withdrew", "late", "no_appointment", "property", "wrong_order")
NOT_USED: Final = 0.04
RESULTS: Final = ("installed", "pending", "cancelled", "failed")
INSTALLED, PENDING, CANCELLED, FAILED = range(4)
STAMPS: Final = ("installed_at", "activated_at", "first_used_at", "_closed_at")
INSTALL, REPAIR, MAINTENANCE, CALL = range(4)
VISIT_KINDS: Final = ("install", "repair", "maintenance", "customer_visit")
ON_SITE_S: Final = np.array([3_300.0, 2_900.0, 2_400.0, 1_800.0])
LATE: Final = 0.035
UNKEPT: Final = 0.010
DONE, POSTPONED, UNDONE, NOBODY, CALLED_OFF, BOOKED = range(6)
VISIT_RESULTS: Final = ("done", "postponed", "failed", "no_customer", "cancelled", "booked")
RESULT_SHARE: Final = np.array([0.945, 0.010, 0.012, 0.023, 0.010])
AGAIN: Final = 0.055
"""Share of finished visits after which another is needed."""
RATED: Final = 0.5
RATING_SHARE: Final = np.array([0.015, 0.02, 0.045, 0.24, 0.68])
VISIT_STAMPS: Final = ("arrived_at", "finished_at", "_closed_at")
_CHANNELS: Final = tuple(ORDERED_THROUGH)


@dataclass(frozen=True, slots=True)
class Visits:
    """Appointments to be made. after: number of the visit it repeats, -1 for none."""

    customer: Ints
    booked: Ints
    kind: Ints
    product: Ints
    partner: Ints
    day: Ints
    after: Ints


@dataclass(frozen=True, slots=True)
class Course:
    """How appointments go. first: begin of the two hours agreed. finished: NEVER where nobody came. closed: when the
    result is known."""

    number: Ints
    first: Ints
    arrived: Ints
    finished: Ints
    closed: Ints
    result: Ints


def work_in_the_field(scene: Scene) -> None:
    """The day's broadband orders, broken lines and visits of the block, and earlier ones that moved on."""
    rng = scene.rng("field")
    orders = _orders(scene, rng)
    parts = [orders, _repairs(scene, rng), *_calls(scene, rng)]
    made = _joined(parts)
    n = len(orders.customer)
    short, cause = _causes(rng, n)
    course = _course(scene, rng, made, stopped=np.append(cause >= 0, np.zeros(len(made.customer) - n, dtype=bool)))
    second, follows = _seconds(scene, rng, made, course)
    begun = _installations(scene, rng, orders, course, (short, cause), second, follows) if n else None
    unfold(scene, "installations", begun, "accepted_at", STAMPS, _install_state)
    whole = _joined([made, second])
    both = Course(*(np.concatenate([getattr(c, name) for c in (course, follows)]) for name in Course.__slots__))
    new = _records(scene, rng, whole, both) if len(whole.customer) else None
    unfold(scene, "field_visits", new, "booked_at", VISIT_STAMPS, _visit_state)


def _joined(parts: list[Visits]) -> Visits:
    return Visits(*(np.concatenate([getattr(part, name) for part in parts]) for name in Visits.__slots__))


def _visits(
    rng: np.random.Generator,
    customer: Ints,
    booked: Ints,
    kind: int,
    product: Ints,
    ahead: Ints,
    after: Ints | None = None,
) -> Visits:
    n = len(customer)
    day = booked // DAY_S + np.maximum(ahead, np.where(booked % DAY_S > 15 * 3_600, 1, 0))
    none = np.full(n, -1, dtype=np.int64) if after is None else after
    return Visits(customer, booked, np.full(n, kind), product, rng.integers(0, len(PARTNERS), n), day, none)


def _orders(scene: Scene, rng: np.random.Generator) -> Visits:
    customer = some(rng, scene, ORDERS_PER_100K * scene.today.factor("order"))
    at = draw_moments(rng, scene.today, "hall", len(customer))
    product, ahead = choose(rng, PRODUCT_SHARE, len(customer)), choose(rng, DAYS_AHEAD, len(customer))
    return _visits(rng, customer, at, INSTALL, product, ahead)


def _repairs(scene: Scene, rng: np.random.Generator) -> Visits:
    """Lines that break today: the customers feel it, most get a visit the same day or the next."""
    drawn = some(rng, scene, LINES_BROKEN * 100_000)
    customer = drawn[scene.people.uses(drawn, "home_broadband")]
    at = draw_moments(rng, scene.today, "network", len(customer))
    scene.felt(Felt.BROADBAND_DOWN, customer, at)
    visited = happens(rng, REPAIRED_BY_VISIT, len(customer))
    customer, at = customer[visited], np.minimum(at[visited] + 1_800, scene.today.start + DAY_S - 1)
    zero = np.zeros(len(customer), dtype=np.int64)
    return _visits(rng, customer, at, REPAIR, zero, happens(rng, 0.4, len(customer)).astype(np.int64))


def _calls(scene: Scene, rng: np.random.Generator) -> list[Visits]:
    found = []
    for kind, rate in zip((MAINTENANCE, CALL), CALLS_PER_100K, strict=True):
        customer = some(rng, scene, rate if scene.today.works else rate * 0.3)
        at = draw_moments(rng, scene.today, "hall", len(customer))
        product = np.where(kind == MAINTENANCE, 0, np.full(len(customer), -1))
        found.append(_visits(rng, customer, at, kind, product, rng.integers(1, 4, len(customer))))
    return found


def _causes(rng: np.random.Generator, n: int) -> tuple[Bools, Ints]:
    """Which orders lack resources, and why orders are cancelled before the visit (-1: they are not)."""
    poor = happens(rng, NO_RESOURCE, n)
    drawn = np.searchsorted(np.cumsum(WITHDRAWN), rng.random(n), side="right") + 1
    return poor, np.where(poor & happens(rng, 0.6, n), 0, np.where(drawn < len(CAUSES), drawn, -1))


def _course(
    scene: Scene, rng: np.random.Generator, made: Visits, *, stopped: Bools | None = None, series: int = 0
) -> Course:
    """How each appointment goes."""
    n = len(made.customer)
    slot = rng.integers(0, len(SLOTS_H), n)
    first = made.day * DAY_S + SLOTS_H[slot] * 3_600
    first = np.where(first <= made.booked, made.day * DAY_S + SLOTS_H[-1] * 3_600, first)
    late = happens(rng, LATE, n)
    arrived = first + np.where(late, SLOT_S + rng.integers(300, 5_400, n), rng.integers(0, SLOT_S, n))
    result = choose(rng, RESULT_SHARE, n)
    result = np.where((result == DONE) & happens(rng, UNKEPT, n), POSTPONED, result)
    result = result if stopped is None else np.where(stopped, CALLED_OFF, result)
    came = (result == DONE) | (result == UNDONE) | (result == NOBODY) | ((result == POSTPONED) & happens(rng, 0.3, n))
    stay = np.where((result == DONE) | (result == UNDONE), lognormal(rng, ON_SITE_S[made.kind], 0.4, n), 300.0)
    finished = when(came, arrived + stay.astype(np.int64))
    earlier = made.booked + ((first - made.booked) * rng.random(n)).astype(np.int64)
    closed = np.where(came, finished, np.where(result == CALLED_OFF, earlier, first + SLOT_S))
    return Course(scene.numbers(n, series), first, when(came, arrived), finished, closed, result)


def _seconds(scene: Scene, rng: np.random.Generator, made: Visits, course: Course) -> tuple[Visits, Course]:
    """Second appointments: where the first did not end well, and after some that did. They are booked, and first
    delivered, with the first appointment's end; so they wait in memory until then."""
    needs = (course.result != DONE) & (course.result != CALLED_OFF) | happens(rng, AGAIN, len(made.customer))
    who = np.flatnonzero(needs & (made.kind <= REPAIR) & (course.result != CALLED_OFF))
    booked = course.closed[who] + rng.integers(600, 5_400, len(who))
    day = booked // DAY_S + 1
    second = Visits(
        made.customer[who], booked, made.kind[who], made.product[who], made.partner[who], day, course.number[who]
    )
    return second, _course(scene, rng, second, series=1)


def _installations(
    scene: Scene,
    rng: np.random.Generator,
    orders: Visits,
    course: Course,
    fate: tuple[Bools, Ints],
    second: Visits,
    follows: Course,
) -> Columns:
    """Orders with their end: the visit that does the work, or what stopped it."""
    n = len(orders.customer)
    closed, result = course.closed[:n].copy(), course.result[:n].copy()
    place = {int(number): k for k, number in enumerate(second.after)}
    again = np.array([place.get(int(number), -1) for number in course.number[:n]], dtype=np.int64)
    use = (result != DONE) & (again >= 0)
    closed[use], result[use] = follows.closed[again[use]], follows.result[again[use]]
    poor, cause = fate
    cancelled = (cause >= 0) | (result == CALLED_OFF)
    cause = np.where(cancelled & (cause < 0), CAUSES.index("customer_withdrew"), cause)
    installed = (result == DONE) & ~cancelled
    activated = later(rng, closed, 900.0, 0.5)
    channel = choose(rng, np.array(list(ORDERED_THROUGH.values())), n)
    return {
        "order_id": identities("IN", course.number[:n]), "accepted_at": orders.booked,
        "unit": counties(scene, orders.customer), "product": words(orders.product, PRODUCTS),
        "process": same("service_order", n), "channel": words(channel, _CHANNELS),
        "customer_id": scene.people.customer_ids(orders.customer), "work_partner": words(orders.partner, PARTNERS),
        "resource_ok": truths(~poor, happens(rng, 0.98, n)),
        "promised_at": (orders.booked // DAY_S + PROMISED_DAYS) * DAY_S + 20 * 3_600,
        "installed_at": when(installed, closed), "activated_at": when(installed, activated),
        "first_used_at": when(installed & ~happens(rng, NOT_USED, n), later(rng, activated, 5_400.0, 1.1)),
        "_closed_at": when(~installed, closed), "_cause": np.where(cancelled, cause, -1),
        "_failed": ~installed & ~cancelled,
    }  # fmt: skip


def _install_state(shown: Columns, _: int) -> Columns:
    closed, active = happened(shown["_closed_at"]), happened(shown["activated_at"])
    failed = np.asarray(shown["_failed"])
    result = np.where(active, INSTALLED, np.where(closed, np.where(failed, FAILED, CANCELLED), PENDING))
    cause = np.where(result == CANCELLED, np.asarray(shown["_cause"]), -1)
    return {"install_result": words(result, RESULTS), "cancel_cause": words(cause, CAUSES)}


def _records(scene: Scene, rng: np.random.Generator, made: Visits, course: Course) -> Columns:
    n = len(made.customer)
    worked = course.result == DONE
    rating = 1 + choose(rng, RATING_SHARE, n)
    staff = made.partner * 100 + rng.integers(1, 20, n)
    return {
        "visit_id": identities("FV", course.number), "booked_at": made.booked, "appointment_from": course.first,
        "appointment_to": course.first + SLOT_S, "unit": counties(scene, made.customer),
        "visit_kind": words(made.kind, VISIT_KINDS), "product": words(made.product, PRODUCTS),
        "work_partner": words(made.partner, PARTNERS), "staff": identities("FW", staff, width=3),
        "customer_id": scene.people.customer_ids(made.customer),
        "customer_class": scene.people.classes(made.customer), "arrived_at": course.arrived,
        "finished_at": np.where(worked | (course.result == UNDONE), course.finished, NEVER),
        "revisit_of": identities("FV", made.after), "_closed_at": course.closed, "_result": course.result,
        "_rating": np.where(worked & happens(rng, RATED, n), rating, -1),
    }  # fmt: skip


def _visit_state(shown: Columns, _: int) -> Columns:
    closed = happened(shown["_closed_at"])
    rating = np.asarray(shown["_rating"])
    result = np.where(closed, np.asarray(shown["_result"]), BOOKED)
    return {"visit_result": words(result, VISIT_RESULTS), "rating": numbers(rating, closed & (rating > 0))}
