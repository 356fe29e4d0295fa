"""Erlang's formulas for queues with Poisson arrivals and exponential service: B (lost calls) and C (waiting).

By the stable recursion over servers, for arrays of one shape at once. A number of servers that is not whole (a desk that is
open for part of a time) lies on the straight line between its neighbours: what is carried stays below the servers then,
too. methods.md 4.1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def erlang_b(load: ArrayLike, servers: ArrayLike) -> Array:
    """Share of arrivals that find all servers taken and go away. load: arrivals a service time, in erlangs.

    >>> erlang_b(4.4612, 10).round(5).item(), erlang_b(3.0, 0).item()
    (0.01, 1.0)
    """
    load, servers = np.broadcast_arrays(np.asarray(load, dtype=np.float64), np.asarray(servers, dtype=np.float64))
    if (load < 0).any() or (servers < 0).any():
        raise ValueError("a load or a number of servers is negative")
    whole = np.floor(servers)
    part = servers - whole
    blocked = np.ones(load.shape)
    found = np.where(whole == 0, (1.0 - part) * blocked, 0.0)
    for k in range(1, int(np.ceil(servers.max(initial=0.0))) + 1):
        blocked = load * blocked / (k + load * blocked)
        found = (
            found + np.where(whole == k, (1.0 - part) * blocked, 0.0) + np.where(whole == k - 1, part * blocked, 0.0)
        )
    return np.asarray(found)


def erlang_c(load: ArrayLike, servers: ArrayLike) -> Array:
    """Share of arrivals that wait; 1 where the load is not below the servers.

    >>> erlang_c(48.0, 55).round(4).item()
    0.2387
    """
    load, servers = np.broadcast_arrays(np.asarray(load, dtype=np.float64), np.asarray(servers, dtype=np.float64))
    blocked = erlang_b(load, servers)
    stable = load < servers
    used = np.where(stable, load / np.where(servers > 0, servers, 1.0), 0.0)
    return np.asarray(np.where(stable, blocked / (1.0 - used * (1.0 - blocked)), 1.0))


def mean_wait(load: ArrayLike, servers: ArrayLike, service: ArrayLike) -> Array:
    """Mean wait of all arrivals, in the unit of the service time; infinite where the load is not below the servers.

    >>> mean_wait(48.0, 55, 240.0).round(2).item()
    8.18
    """
    load, servers = np.broadcast_arrays(np.asarray(load, dtype=np.float64), np.asarray(servers, dtype=np.float64))
    left = servers - load
    stable = left > 0
    waits = erlang_c(load, servers) * np.asarray(service, dtype=np.float64) / np.where(stable, left, 1.0)
    return np.asarray(np.where(stable, waits, np.inf))


def served_within(load: ArrayLike, servers: ArrayLike, service: float, target: float) -> Array:
    """Share of arrivals served within a time (service level); 0 where the load is not below the servers.

    >>> served_within(48.0, 55, 240.0, 15.0).round(3).item()
    0.846
    """
    load, servers = np.broadcast_arrays(np.asarray(load, dtype=np.float64), np.asarray(servers, dtype=np.float64))
    left = np.maximum(servers - load, 0.0)
    return np.asarray(1.0 - erlang_c(load, servers) * np.exp(-left * target / service))
