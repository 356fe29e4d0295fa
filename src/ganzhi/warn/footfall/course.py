"""The day of halls, period by period: expected and real customers, desks, waits, and what of it is beyond capacity.

Pure. At each period that is over, what is said rests on what was known at its end: customers and desks so far, and for the
periods ahead the day's profile at the level so far, and the desks of days alike in the proportion in which they are open
now: who is missing in the morning is missing at noon.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ganzhi.catalogue.model.warning import GRADES, Capacity
from ganzhi.numerics.queues.carried import Waiting, arrivals_for, through
from ganzhi.numerics.queues.demand import in_the_light_of, profile
from ganzhi.warn.footfall.reading import Floor

Array = NDArray[np.float64]
Ranks = NDArray[np.int64]

OPEN: Final = 0.5
"""Desks that are usually open in a period, below which a hall is closed in it and nothing is judged."""
NOW_PERIODS: Final = 2
"""The latest periods whose open desks are compared with the usual ones."""
MOST_OPENED: Final = 1.5
"""The most by which desks of now are taken to exceed the usual ones for the periods ahead."""


@dataclass(frozen=True, slots=True)
class Usual:
    """What is expected of the day before it begins. known: halls of which customers, desks and handling are known well
    enough. customers, desks: a row per hall, a column per period."""

    known: NDArray[np.bool_]
    customers: Array
    desks: Array


@dataclass(frozen=True, slots=True)
class Coming:
    """Periods to come, [period, hall]. limits: customers from which the wait is too long, 0
    where they were not asked for."""

    customers: Array
    desks: Array
    waits: Array
    limits: Array
    ranks: Ranks


@dataclass(frozen=True, slots=True)
class Step:
    """What a period that is over says; one place per hall. expected: customers, as expected at its begin. desks: that were
    open, or usually are. wait: expected seconds. limits: customers from which each grade's wait is reached, None for
    grades that are not given. rank: of the wait. ahead: the periods looked ahead."""

    expected: Array
    desks: Array
    wait: Array
    limits: tuple[Array | None, ...]
    rank: Ranks
    ahead: Coming


def usual(floor: Floor) -> Usual:
    """The day as days alike suggest it."""
    halls, width = floor.came.shape
    customers, desks = np.zeros((halls, width)), np.zeros((halls, width))
    known = ~np.isnan(floor.service)
    for row in range(halls):
        found = profile(floor.alike[:, row], floor.moved)
        known[row] &= found is not None and len(floor.planned) > 0
        if found is not None:
            customers[row] = found
    if len(floor.planned):
        desks = np.median(floor.planned, axis=0)
    return Usual(known, customers, desks)


def ranks_of(capacity: Capacity, wait: Array) -> Ranks:
    """0 for a wait below every grade, 1 blue to 4 red."""
    found = np.zeros(wait.shape, dtype=np.int64)
    for rank, grade in enumerate(GRADES, 1):
        limit = getattr(capacity.waits, grade)
        if limit is not None:
            found[wait >= float(limit)] = rank
    return found


def course(floor: Floor, capacity: Capacity, plan: Usual) -> Iterator[Step]:
    """One step per period that is over."""
    left = Waiting.nobody(len(floor.units))
    service = service_of(floor, plan)
    for place in range(floor.until):
        is_open = plan.desks[:, place] >= OPEN
        desks = plan.desks[:, place] if floor.desks is None else floor.desks[:, place]
        came = np.where(is_open, floor.came[:, place], 0.0)
        before = left.where(is_open)
        length = _seconds(floor, place)
        limits = tuple(
            None
            if (wait := getattr(capacity.waits, grade)) is None
            else arrivals_for(float(wait), desks, service, length, before, floor.share).astype(np.float64)
            for grade in GRADES
        )
        now = through(came, desks, service, length, before)
        left = now.left
        wait = np.where(is_open, now.wait(floor.share), 0.0)
        expected = _expected(floor, plan, place)[:, place]
        places = range(place + 1, min(place + 1 + capacity.ahead, len(floor.periods)))
        ahead = looked_ahead(floor, capacity, plan, places, left)
        yield Step(expected, desks, wait, limits, ranks_of(capacity, wait), ahead)


def service_of(floor: Floor, plan: Usual) -> Array:
    """Seconds a customer takes a desk; any number where that is unknown and nothing is said."""
    return np.where(plan.known, floor.service, 300.0)


def _seconds(floor: Floor, place: int) -> float:
    return (floor.periods[place].end - floor.periods[place].start).total_seconds()


def _expected(floor: Floor, plan: Usual, until: int) -> Array:
    """Customers per hall and period, once the periods before `until` are over."""
    return np.array([in_the_light_of(*each, until) for each in zip(plan.customers, floor.came, strict=True)]).reshape(
        plan.customers.shape
    )


def present_share(floor: Floor, plan: Usual, until: int) -> Array:
    """Per hall its open desks of the latest periods over the usual ones; 1 where that is not known."""
    if floor.desks is None or not until:
        return np.ones(len(floor.units))
    span = slice(max(0, until - NOW_PERIODS), until)
    usually = plan.desks[:, span].sum(axis=1)
    here = floor.desks[:, span].sum(axis=1)
    share = here / np.where(usually >= OPEN, usually, 1.0)
    return np.asarray(np.where(usually >= OPEN, np.minimum(share, MOST_OPENED), 1.0))


def looked_ahead(
    floor: Floor, capacity: Capacity, plan: Usual, places: range, left: Waiting | None = None, *, limited: bool = False
) -> Coming:
    """Periods to come, with what the present leaves to them. left: customers that wait now; found from the day so far
    where it is not given. limited: find their limits, too."""
    service = service_of(floor, plan)
    left = _left(floor, plan, service, places.start) if left is None else left
    coming = _expected(floor, plan, places.start)
    share = present_share(floor, plan, places.start)
    mildest = next((float(wait) for grade in GRADES if (wait := getattr(capacity.waits, grade)) is not None), 0.0)
    shape = (len(places), len(floor.units))
    customers, desks, waits, limits = (np.zeros(shape) for _ in range(4))
    for row, place in enumerate(places):
        is_open = plan.desks[:, place] >= OPEN
        here, before = plan.desks[:, place] * share, left.where(is_open)
        length = _seconds(floor, place)
        now = through(np.where(is_open, coming[:, place], 0.0), here, service, length, before)
        left = now.left
        customers[row], desks[row] = coming[:, place], here
        waits[row] = np.where(is_open, now.wait(floor.share), 0.0)
        if limited:
            limits[row] = arrivals_for(mildest, here, service, length, before, floor.share)
    return Coming(customers, desks, waits, limits, ranks_of(capacity, waits))


def _left(floor: Floor, plan: Usual, service: Array, until: int) -> Waiting:
    """Customers that wait after the periods before `until`."""
    left = Waiting.nobody(len(floor.units))
    for place in range(until):
        is_open = plan.desks[:, place] >= OPEN
        desks = plan.desks[:, place] if floor.desks is None else floor.desks[:, place]
        came = np.where(is_open, floor.came[:, place], 0.0)
        left = through(came, desks, service, _seconds(floor, place), left.where(is_open)).left
    return left
