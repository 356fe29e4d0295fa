"""Waiting through a day whose demand and servers change from period to period: what was not served is carried over.

Stationary backlog-carryover (Stolletz 2008, "Approximation of the non-stationary M(t)/M(t)/c(t)-queue using stationary
queueing models: The stationary backlog-carryover approach", European Journal of Operational Research 190): in steps of
about a service time, arrivals that Erlang B finds blocked are tried again in the next step, and waits are those of Erlang C
for what is carried, which is always less than the servers. So a queue that has grown is still there after the peak, which
formulas for each period alone do not know.

Beside it goes what plain arithmetic says: customers beyond what the servers can take wait, whatever chance does. The
formulas' wait has that in it and the work of chance on top, which they make too large where services differ less than
exponentially and the customers of a period are known: `share` says how much of it is true. Nobody gives up: where many
leave, waits come out too long.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ganzhi.numerics.queues.erlang import erlang_b

Array = NDArray[np.float64]

MOST_STEPS = 12
"""Steps of a period: services shorter than a twelfth of it settle within a step."""
LONGEST = 1e9


@dataclass(frozen=True, slots=True)
class Waiting:
    """Customers that a period leaves to the next: as the formulas have it, and by plain arithmetic."""

    formulas: Array
    plain: Array

    @staticmethod
    def nobody(queues: int) -> Waiting:
        """The queues of a morning."""
        return Waiting(np.zeros(queues), np.zeros(queues))

    def where(self, kept: NDArray[np.bool_]) -> Waiting:
        """Those of some queues; nobody in the others."""
        return Waiting(np.where(kept, self.formulas, 0.0), np.where(kept, self.plain, 0.0))


@dataclass(frozen=True, slots=True)
class Carried:
    """Mean waits of those who come in a period, in the unit of the service time, as the formulas have it and by plain
    arithmetic (`LONGEST` with no server and somebody to serve); and who is left."""

    formulas: Array
    plain: Array
    left: Waiting

    def wait(self, share: ArrayLike = 1.0) -> Array:
        """The mean wait, with that share of what chance adds."""
        mixed = self.plain + np.asarray(share, dtype=np.float64) * np.maximum(self.formulas - self.plain, 0.0)
        return np.asarray(np.where(self.plain >= LONGEST, LONGEST, np.minimum(mixed, LONGEST)))


def through(arrivals: ArrayLike, servers: ArrayLike, service: ArrayLike, period: float, before: Waiting) -> Carried:
    """One period of many queues: arrays of one shape. before: customers left by the period before.

    service, period: in one unit.

    >>> calm = through(10.0, 3.0, 300.0, 1800.0, Waiting.nobody(1))
    >>> full = through(30.0, 3.0, 300.0, 1800.0, Waiting.nobody(1))
    >>> after = through(10.0, 3.0, 300.0, 1800.0, full.left)
    >>> [each.wait().round().tolist() for each in (calm, full, after)], full.wait(0.0).tolist(), full.left.plain.tolist()
    ([[57.0], [865.0], [1039.0]], [600.0], [12.0])
    """
    given = (np.asarray(each, dtype=np.float64) for each in (arrivals, servers, service, before.formulas, before.plain))
    came, desks, taken, left, plain = np.broadcast_arrays(*given)
    steps = np.clip(np.rint(period / taken), 1, MOST_STEPS)
    length = period / steps
    wait = np.zeros(came.shape)
    for step in range(int(steps.max(initial=1.0))):
        here = step < steps
        wanted = came / steps + left
        load = wanted * taken / length
        blocked = erlang_b(load, desks)
        served = load * (1.0 - blocked)
        wait = wait + np.where(here, _wait(served, desks, taken, wanted > 0), 0.0)
        left = np.where(here, wanted * blocked, left)
    room = desks * period / taken
    rest = np.maximum(plain + came - room, 0.0)
    queued = (plain + rest) / 2.0 * period / np.where(room > 0, room, 1.0)
    surely = np.where(room > 0, queued, np.where(plain + came > 0, LONGEST, 0.0))
    return Carried(np.minimum(wait / steps, LONGEST), np.minimum(surely, LONGEST), Waiting(left, rest))


def _wait(load: Array, servers: Array, service: Array, wanted: NDArray[np.bool_]) -> Array:
    """Erlang C's mean wait for what is carried."""
    room = servers - load
    blocked = erlang_b(load, servers)
    used = load / np.where(servers > 0, servers, 1.0)
    waiting = blocked / np.maximum(1.0 - used * (1.0 - blocked), 1e-12)
    found = waiting * service / np.maximum(room, 1e-12)
    return np.where(servers > 0, found, np.where(wanted, LONGEST, 0.0))


def through_day(arrivals: Array, servers: Array, service: Array, period: float) -> tuple[Array, Array]:
    """Mean waits in each period of a day that begins without anybody, as the formulas have it and by plain arithmetic:
    [queue, period]. What a period without servers leaves is gone.

    >>> formulas, plain = through_day(np.array([[30.0, 10.0, 0.0]]), np.array([[3.0, 3.0, 0.0]]), np.array([300.0]), 1800.0)
    >>> formulas.round().tolist(), plain.round().tolist()
    ([[865.0, 1039.0, 0.0]], [[600.0, 800.0, 0.0]])
    """
    formulas, plain = np.zeros(arrivals.shape), np.zeros(arrivals.shape)
    left = Waiting.nobody(arrivals.shape[0])
    for place in range(arrivals.shape[1]):
        some = servers[:, place] > 0
        now = through(np.where(some, arrivals[:, place], 0.0), servers[:, place], service, period, left.where(some))
        formulas[:, place], plain[:, place], left = now.formulas, now.plain, now.left
    return formulas, plain


def arrivals_for(
    wait: ArrayLike, servers: ArrayLike, service: ArrayLike, period: float, before: Waiting, share: ArrayLike = 1.0
) -> NDArray[np.int64]:
    """The fewest arrivals of a period with which the mean wait reaches `wait`; 0 where it does with nobody coming.

    >>> n = arrivals_for(600.0, 3.0, 300.0, 1800.0, Waiting.nobody(1)).item()
    >>> [bool(through(each, 3.0, 300.0, 1800.0, Waiting.nobody(1)).wait() >= 600.0) for each in (n - 1, n)]
    [False, True]
    """
    given = (np.asarray(each, dtype=np.float64) for each in (wait, servers, service, before.formulas, before.plain))
    limit, desks, taken, left, plain = np.broadcast_arrays(*given)
    waiting = Waiting(left, plain)

    def reached(count: NDArray[np.int64]) -> NDArray[np.bool_]:
        return np.asarray(through(np.maximum(count, 0), desks, taken, period, waiting).wait(share) >= limit)

    low = np.full(limit.shape, -1, dtype=np.int64)
    room = desks * period / taken
    high = np.ceil(room * (2.0 + 2.0 * limit / period) + 4.0).astype(np.int64)
    while not (enough := reached(high)).all():
        high = np.where(enough, high, 2 * high)
    while (apart := high - low > 1).any():
        middle = (low + high) // 2
        there = reached(middle)
        high, low = np.where(apart & there, middle, high), np.where(apart & ~there, middle, low)
    return np.asarray(high, dtype=np.int64)
