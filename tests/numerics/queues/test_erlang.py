"""Erlang's formulas against published tables, and the carried-over queue against an exact simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganzhi.numerics.queues.carried import Waiting, arrivals_for, through, through_day
from ganzhi.numerics.queues.demand import in_the_light_of, profile
from ganzhi.numerics.queues.erlang import erlang_b, erlang_c, mean_wait, served_within
from ganzhi.province.columns import NEVER
from ganzhi.province.queues import serve

PUBLISHED = [
    (0.01, {10: 4.4612, 20: 12.031, 50: 37.901, 100: 84.064}),
    (0.02, {10: 5.084, 20: 13.182, 30: 21.932}),
]
"""Traffic in erlangs that so many lines carry with one or two lost calls in a hundred (any table of Erlang B)."""


@pytest.mark.parametrize(("lost", "table"), PUBLISHED)
def test_erlang_b_is_the_published_table(lost: float, table: dict[int, float]) -> None:
    for servers, load in table.items():
        assert erlang_b(load, servers).item() == pytest.approx(lost, abs=5e-5 * lost * 10)


def test_the_call_centre_that_is_everywhere_an_example() -> None:
    """360 calls in half an hour, 240 s each, 55 agents: 23.9 % wait, 8.2 s on average, 84.5 % within 15 s as published."""
    load = 360 * 240 / 1800
    assert erlang_c(load, 55).item() == pytest.approx(0.239, abs=5e-4)
    assert mean_wait(load, 55, 240.0).item() == pytest.approx(8.2, abs=0.05)
    assert served_within(load, 55, 240.0, 15.0).item() == pytest.approx(0.845, abs=2e-3)


@given(st.floats(0.01, 60), st.integers(1, 60), st.floats(0, 1))
def test_more_servers_never_lose_more_and_parts_lie_between(load: float, servers: int, part: float) -> None:
    at = erlang_b(np.full(3, load), np.array([servers, servers + part, servers + 1.0]))
    assert 0 <= at[2] <= at[1] + 1e-12 <= at[0] + 2e-12 <= 1 + 2e-12
    served = load * (1 - at)
    assert (served <= np.array([servers, servers + part, servers + 1.0]) + 1e-9).all()


def simulated(demand: list[float], desks: int, service_s: float, days: int) -> np.ndarray:
    """Mean waits per half hour of Poisson arrivals and exponential services, first come, first served."""
    rng = np.random.default_rng(7)
    rows = []
    for _ in range(days):
        at = np.concatenate([1800 * k + np.sort(rng.random(rng.poisson(n))) * 1800 for k, n in enumerate(demand)])
        rows.append(at.astype(np.int64))
    most = max(len(row) for row in rows)
    arrivals = np.full((days, most), NEVER, dtype=np.int64)
    for row, at in zip(arrivals, rows, strict=True):
        row[: len(at)] = at
    service = np.maximum(1, rng.exponential(service_s, arrivals.shape)).astype(np.int64)
    patient = np.full(arrivals.shape, 10**7, dtype=np.int64)
    opened = np.zeros((days, desks), dtype=np.int64)
    got = serve(arrivals, service, patient, opened, opened + 10**7)
    here = arrivals != NEVER
    slot, wait = arrivals[here] // 1800, (got.start - arrivals)[here]
    return np.array([wait[slot == k].mean() for k in range(len(demand))])


def test_a_queue_that_has_grown_is_still_there_after_the_peak() -> None:
    """Against the simulation: within a fifth where it matters, where formulas for each half hour alone are blind: below
    the servers they know nothing of the peak before, above them nothing at all."""
    demand = [12.0, 14.0, 24.0, 24.0, 14.0, 10.0, 8.0]
    exact = simulated(demand, 3, 300.0, days=600)
    found = through_day(np.array([demand]), np.full((1, 7), 3.0), np.array([300.0]), 1800.0)[0][0]
    alone = mean_wait(np.array(demand) * 300 / 1800, 3, 300.0)
    for k in (2, 3, 4, 5):
        assert found[k] == pytest.approx(exact[k], rel=0.3), (k, found, exact)
    assert np.isinf(alone[2])
    assert alone[4] < exact[4] / 3 < exact[4] / 2 < found[4]
    assert np.corrcoef(found, exact)[0, 1] > 0.97


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 60), st.floats(0.3, 12), st.floats(60, 900), st.floats(0, 30), st.floats(30, 3000))
def test_the_limit_is_the_first_count_that_waits_so_long(
    came: int, desks: float, service: float, left: float, wait: float
) -> None:
    before, share = Waiting(np.array([left]), np.array([left / 2])), 0.4
    limit = arrivals_for(wait, desks, service, 1800.0, before, share).item()
    reached = through(float(came), desks, service, 1800.0, before)
    assert (reached.wait(share).item() >= wait) == (came >= limit)
    more = through(came + 1.0, desks, service, 1800.0, before)
    assert more.wait(share) >= reached.wait(share) - 1e-9
    assert 0 <= reached.left.formulas <= came + left + 1e-9
    assert reached.left.plain == pytest.approx(max(0.0, left / 2 + came - desks * 1800 / service))


def test_without_a_desk_whoever_comes_waits_and_nobody_else_does() -> None:
    none = through(np.array([0.0, 2.0]), 0.0, 300.0, 1800.0, Waiting.nobody(2))
    assert none.left.formulas == pytest.approx([0.0, 2.0])
    assert none.left.plain.tolist() == [0.0, 2.0]
    assert none.wait(0.2).tolist() == [0.0, 1e9]


@given(st.integers(3, 8), st.floats(0.5, 2.0))
def test_a_day_has_the_shape_of_days_alike_and_its_own_level(days: int, level: float) -> None:
    shape = np.array([1.0, 3.0, 6.0, 2.0])
    alike = np.outer(np.arange(1.0, days + 1), shape)
    found = profile(alike, np.full(days, level))
    assert found is not None
    assert found / found.sum() == pytest.approx(shape / shape.sum())
    assert found.sum() == pytest.approx(np.median(alike.sum(axis=1)) * level)
    assert profile(alike[:2], np.ones(2)) is None
    kept = in_the_light_of(found, found, 2)
    assert kept == pytest.approx(found)  # as expected so far: nothing changes
    more = in_the_light_of(found, found * 1.5, 2)
    assert (more[:2] == found[:2]).all()
    assert (found[2:] < more[2:]).all()
    assert (more[2:] < found[2:] * 1.5).all()
