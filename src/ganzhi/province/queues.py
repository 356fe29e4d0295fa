"""Queues served first come, first served, by servers that open and close, with customers who give up.

Exact: every customer of every queue is followed, one position of all queues at a time (G/G/n + G). Halls and
the hotline's skills are queues of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ganzhi.province.columns import NEVER
from ganzhi.province.streams import Ints

_FAR = np.int64(1) << 60


@dataclass(frozen=True, slots=True)
class Served:
    """What became of each customer; arrays [queue, k].

    start: when service begins, `NEVER` for those who gave up (and for padding). server: who serves, -1 for nobody.
    abandoned_at: when the customer gave up, `NEVER` for those who were served.
    """

    start: Ints
    server: Ints
    abandoned_at: Ints


def serve(arrivals: Ints, service_s: Ints, patience_s: Ints, open_from: Ints, open_to: Ints) -> Served:
    """Serve the customers of many queues.

    arrivals: moments [queue, k], ascending in each queue, padded with `NEVER` at the end. service_s: seconds the server
    is taken. patience_s: longest wait the customer bears. open_from, open_to: moments [queue, server] between which
    a service may begin; a server that does not exist has open_to <= open_from. A service begun before closing is
    finished. Of the servers that could begin soonest, the one that has been idle longest takes the customer.
    """
    queues, most = arrivals.shape
    start = np.full((queues, most), NEVER, dtype=np.int64)
    server = np.full((queues, most), -1, dtype=np.int64)
    gave_up = np.full((queues, most), NEVER, dtype=np.int64)
    if not most or not open_from.shape[1]:
        waiting = arrivals != NEVER
        return Served(start, server, np.where(waiting, arrivals + patience_s, NEVER))
    free = np.where(open_to > open_from, open_from, _FAR).astype(np.int64)
    rows = np.arange(queues)
    for k in range(most):
        came = arrivals[:, k]
        here = came != NEVER
        possible = np.maximum(free, came[:, None])
        possible[possible >= open_to] = _FAR
        first = possible.min(axis=1)
        idle_since = np.where(possible == first[:, None], free, _FAR)
        chosen = idle_since.argmin(axis=1)
        served = here & (first < _FAR) & (first - came <= patience_s[:, k])
        start[served, k] = first[served]
        server[served, k] = chosen[served]
        free[rows[served], chosen[served]] = first[served] + service_s[served, k]
        lost = here & ~served
        gave_up[lost, k] = came[lost] + patience_s[lost, k]
    return Served(start, server, gave_up)


def padded(queue: Ints, queues: int, values: Ints, fill: int) -> Ints:
    """Values of customers ordered by queue (and arrival) as an array [queue, k], filled up at the end."""
    counts = np.bincount(queue, minlength=queues)
    table = np.full((queues, int(counts.max(initial=0))), fill, dtype=np.int64)
    table[queue, positions(queue, queues)] = values
    return table


def positions(queue: Ints, queues: int) -> Ints:
    """The position within its queue of each customer of a list ordered by queue."""
    counts = np.bincount(queue, minlength=queues)
    return np.arange(len(queue)) - np.repeat(np.cumsum(counts) - counts, counts)
