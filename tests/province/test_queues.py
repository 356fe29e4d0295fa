"""The queue kernel against the laws of queueing theory."""

from __future__ import annotations

import numpy as np
import pytest

from ganzhi.province.columns import NEVER
from ganzhi.province.queues import padded, positions, serve
from ganzhi.province.streams import Ints, stream

DAY = 1_000_000_000


def erlang_c(load: float, servers: int) -> float:
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked / (1 - load / servers * (1 - blocked))


def one_queue(rate: float, mean_s: float, patience_s: float | None, n: int, name: str) -> tuple[Ints, Ints, Ints]:
    rng = stream(41, name)
    arrivals = np.cumsum(rng.exponential(1 / rate, n)).astype(np.int64)[None, :]
    service = rng.exponential(mean_s, n).astype(np.int64)[None, :]
    patience = np.full((1, n), DAY) if patience_s is None else rng.exponential(patience_s, n).astype(np.int64)[None, :]
    return arrivals, service, patience


def always(queues: int, servers: int) -> tuple[Ints, Ints]:
    return np.zeros((queues, servers), dtype=np.int64), np.full((queues, servers), DAY * 10)


def test_waits_are_those_of_erlang_c() -> None:
    # 8 erlangs on 10 servers; times in milliseconds so that rounding to whole units does not matter
    arrivals, service, patience = one_queue(0.0008, 10_000, None, 120_000, "erlang-c")
    result = serve(arrivals, service, patience, *always(1, 10))
    waits = (result.start - arrivals)[0, 5_000:]
    chance = erlang_c(8.0, 10)
    assert np.mean(waits > 0) == pytest.approx(chance, abs=0.02)
    assert waits.mean() == pytest.approx(chance * 10_000 / (10 - 8.0), rel=0.08)


def test_abandonment_is_that_of_the_published_erlang_a_example() -> None:
    # λ = 48/min, μ = 1/min, θ = 0.5/min, n = 50: 3.1 % abandon, mean wait 3.7 s (Gans, Koole, Mandelbaum 2003)
    arrivals, service, patience = one_queue(48 / 60_000, 60_000, 120_000, 200_000, "erlang-a")
    result = serve(arrivals, service, patience, *always(1, 50))
    lost = result.server[0, 2_000:] < 0
    assert lost.mean() == pytest.approx(0.031, abs=0.005)
    waits = np.where(lost, result.abandoned_at[0, 2_000:], result.start[0, 2_000:]) - arrivals[0, 2_000:]
    assert waits.mean() / 1_000 == pytest.approx(3.7, abs=0.6)


def test_mean_number_waiting_is_arrival_rate_times_mean_wait() -> None:
    arrivals, service, patience = one_queue(0.0009, 10_000, None, 60_000, "little")
    result = serve(arrivals, service, patience, *always(1, 10))
    start, came = result.start[0], arrivals[0]
    moments = np.linspace(came[1_000], came[-1_000], 5_000)
    waiting = np.searchsorted(np.sort(came), moments, side="right") - np.searchsorted(
        np.sort(start), moments, side="right"
    )
    rate = len(came) / (came[-1] - came[0])
    assert waiting.mean() == pytest.approx(rate * (start - came).mean(), rel=0.05)


def test_nobody_is_overtaken_and_nobody_serves_two_at_once() -> None:
    rng = stream(41, "order")
    arrivals = np.sort(rng.integers(0, 20_000, (7, 300)), axis=1)
    service = rng.integers(20, 400, (7, 300))
    result = serve(arrivals, service, np.full((7, 300), DAY), *always(7, 4))
    assert (np.diff(result.start, axis=1) >= 0).all()
    for queue in range(7):
        for server in range(4):
            mine = result.server[queue] == server
            assert (result.start[queue, mine][1:] >= (result.start + service)[queue, mine][:-1]).all()
    busy = [np.bincount(result.server[queue], minlength=4) for queue in range(7)]
    assert np.min(busy) > 40, "work is dealt round"


def test_service_begins_only_between_opening_and_closing() -> None:
    rng = stream(41, "hours")
    arrivals = np.sort(rng.integers(0, 40_000, (3, 200)), axis=1)
    opens, closes = np.array([[5_000, 10_000, 0]] * 3), np.array([[20_000, 30_000, 0]] * 3)
    result = serve(arrivals, np.full((3, 200), 300), np.full((3, 200), 3_600), opens, closes)
    served = result.server >= 0
    assert served.any()
    queue, _ = np.nonzero(served)
    chosen = result.server[served]
    assert (chosen < 2).all(), "a server that does not exist serves nobody"
    assert (result.start[served] >= opens[queue, chosen]).all()
    assert (result.start[served] < closes[queue, chosen]).all()
    assert ((result.start == NEVER) == ~served).all()
    assert ((result.abandoned_at == NEVER) == served).all()
    assert (result.start - arrivals)[served].max() <= 3_600


def test_customers_are_laid_out_by_queue_in_order() -> None:
    queue = np.array([0, 0, 2, 2, 2])
    assert padded(queue, 3, np.array([5, 6, 7, 8, 9]), -1).tolist() == [[5, 6, -1], [-1, -1, -1], [7, 8, 9]]
    assert positions(queue, 3).tolist() == [0, 1, 0, 1, 2]


def test_one_person_at_two_times_serves_one_customer_at_a_time() -> None:
    rng = stream(41, "person")
    arrivals = np.sort(rng.integers(0, 40_000, (3, 260)), axis=1)
    service = rng.integers(200, 2_500, (3, 260))
    opens = np.array([[0, 21_000, 4_000, 25_000, 0]] * 3)
    closes = np.array([[20_000, 40_000, 24_000, 40_000, 0]] * 3)
    person = np.array([[5, 5, 2, 2, -1]] * 3)
    result = serve(arrivals, service, np.full((3, 260), 3_600), opens, closes, person=person)
    alone = serve(arrivals, service, np.full((3, 260), 3_600), opens, closes)
    overlaps = {"one": 0, "each": 0}
    for found, name in ((result, "one"), (alone, "each")):
        for queue in range(3):
            served = found.server[queue] >= 0
            who = person[queue, found.server[queue, served]]
            for agent in (5, 2):
                own = who == agent
                start = found.start[queue, served][own]
                end = start + service[queue, served][own]
                order = np.argsort(start)
                overlaps[name] += int((start[order][1:] < end[order][:-1]).sum())
    assert overlaps["one"] == 0
    assert overlaps["each"] > 0, "services do run into the second window"
    row, k = np.nonzero(result.server >= 0)
    begun = result.start[row, k]
    assert (begun >= opens[row, result.server[row, k]]).all()
    assert (begun < closes[row, result.server[row, k]]).all()


def test_a_day_served_in_pieces_is_the_day_served_whole() -> None:
    rng = stream(41, "pieces")
    arrivals = np.sort(rng.integers(0, 40_000, (2, 300)), axis=1)
    service, patience = rng.integers(50, 900, (2, 300)), rng.integers(1, 900, (2, 300))
    opens, closes = np.array([[0, 21_000, 3_000]] * 2), np.array([[20_000, 40_000, 38_000]] * 2)
    person = np.array([[1, 1, 0]] * 2)
    whole = serve(arrivals, service, patience, opens, closes, person=person)
    free: Ints | None = None
    starts, servers = [], []
    for piece in (slice(0, 90), slice(90, 91), slice(91, 91), slice(91, 300)):
        part = serve(arrivals[:, piece], service[:, piece], patience[:, piece], opens, closes, person=person, free=free)
        free = part.free
        starts.append(part.start)
        servers.append(part.server)
    assert (np.concatenate(starts, axis=1) == whole.start).all()
    assert (np.concatenate(servers, axis=1) == whole.server).all()
    assert free is not None
    assert (free == whole.free).all()
