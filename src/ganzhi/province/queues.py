"""Queues served first come, first served, by servers that open and close, with customers who give up.

Exact: every customer of every queue is followed, one position of all queues at a time (G/G/n + G). Halls and
the hotline's desks are queues of it. A day may be served in pieces: give a piece the `free` of the one before.
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
    abandoned_at: when the customer gave up, `NEVER` for those who were served. free: [queue, server], from when on
    each server could begin the next service.
    """

    start: Ints
    server: Ints
    abandoned_at: Ints
    free: Ints


def serve(
    arrivals: Ints, service_s: Ints, patience_s: Ints, open_from: Ints, open_to: Ints, *,
    person: Ints | None = None, free: Ints | None = None,
) -> Served:  # fmt: skip
    """Serve the customers of many queues.

    arrivals: moments [queue, k], ascending in each queue, padded with `NEVER` at the end. service_s: seconds the server
    is taken. patience_s: longest wait the customer bears. open_from, open_to: moments [queue, server] between which
    a service may begin; a server that does not exist has open_to <= open_from. A service begun before closing is
    finished. Of the servers that could begin soonest, the one that has been idle longest takes the customer.
    person: [queue, server], whoever works there; servers of a queue with the same number are one person at different
    times (before and after a break), who serves one customer at a time. None: each is another person. free: as it came
    out of the customers before these.
    """
    queues, most = arrivals.shape
    begun = open_from if free is None else np.maximum(open_from, free)
    free = np.where(open_to > open_from, begun, _FAR).astype(np.int64)
    here = arrivals != NEVER
    if not most or not free.shape[1]:
        nobody = np.full((queues, most), -1, dtype=np.int64)
        return Served(np.full_like(nobody, NEVER), nobody, np.where(here, arrivals + patience_s, NEVER), free)
    rows = np.arange(queues)
    person = np.broadcast_to(np.arange(free.shape[1]), free.shape) if person is None else person
    came, taken = np.ascontiguousarray(arrivals.T)[:, :, None], np.ascontiguousarray(service_s.T)
    latest = np.ascontiguousarray(np.where(here, arrivals + patience_s, NEVER).T)
    start, server = np.empty((2, most, queues), dtype=np.int64)
    possible = np.empty_like(free)
    for k in range(most):
        np.maximum(free, came[k], out=possible)
        np.copyto(possible, _FAR, where=possible >= open_to)
        first = np.minimum.reduce(possible, axis=1)
        chosen = np.where(possible == first[:, None], free, _FAR).argmin(axis=1)
        until = np.where(first <= latest[k], first + taken[k], NEVER)
        start[k], server[k] = first, chosen
        own = person == person[rows, chosen][:, None]
        np.maximum(free, until[:, None], out=free, where=own)
    got = start <= latest
    return Served(
        np.where(got, start, NEVER).T,
        np.where(got, server, -1).T,
        np.where(here & ~got.T, arrivals + patience_s, NEVER),
        free,
    )


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
