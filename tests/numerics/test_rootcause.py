"""The scan finds the attribute combinations that carry a deviation, and says so when there is none."""

from __future__ import annotations

import time

import numpy as np
import pytest

from ganzhi.numerics.rootcause import Leaves, against_expected, against_forecast, scan, shrunken_rates
from tests.numerics.incidents import SIZES, Tally, count_incident, forecast_incident, inside, quiet


def test_carriers_are_found_exactly_in_at_least_eight_of_ten() -> None:
    forecasts, counts = Tally(), Tally()
    for seed in range(100, 110):  # not the seeds that were looked at while this was written
        one, two = forecast_incident(seed), count_incident(seed)
        forecasts.add(scan(one.leaves), one.carriers)
        counts.add(scan(two.leaves, sign="up"), two.carriers)
    assert forecasts.f1 >= 0.80
    assert counts.f1 >= 0.80


def test_48_000_leaves_are_searched_in_less_than_0_3_s() -> None:
    leaves = forecast_incident(7).leaves
    took = []
    for _ in range(3):
        begin = time.perf_counter()
        scan(leaves)
        took.append(time.perf_counter() - begin)
    assert len(leaves.weight) == 48_000
    assert min(took) < 0.3


def test_chance_alone_is_no_answer() -> None:
    assert [scan(quiet(seed)) for seed in range(5)] == [()] * 5


def _counts(events: np.ndarray, expected: np.ndarray, codes: tuple[np.ndarray, ...], sizes: tuple[int, ...]) -> Leaves:
    return Leaves(codes, sizes, *against_expected(events, expected), counts=True)


def _grid(*sizes: int) -> tuple[np.ndarray, ...]:
    return tuple(place.astype(np.int64) for place in np.unravel_index(np.arange(int(np.prod(sizes))), sizes))


def test_a_rise_of_everything_is_the_whole_and_no_attribute() -> None:
    codes = _grid(6, 5, 4)
    expected = np.full(120, 200.0)
    events = np.random.default_rng(3).poisson(expected * 1.5).astype(float)
    cells = scan(_counts(events, expected, codes, (6, 5, 4)))
    assert cells[0].attributes == ()
    assert cells[0].effect == pytest.approx(0.5, abs=0.02)


def test_a_parent_whose_children_deviate_alike_beats_them_and_a_diluted_parent_loses() -> None:
    codes = _grid(6, 5)
    expected = np.full(30, 400.0)
    noise = np.random.default_rng(4).poisson(expected).astype(float)
    alike, one = noise.copy(), noise.copy()
    alike[codes[0] == 2] *= 2
    one[(codes[0] == 2) & (codes[1] == 3)] *= 2
    assert scan(_counts(alike, expected, codes, (6, 5)))[0].attributes == ((0, 2),)
    assert scan(_counts(one, expected, codes, (6, 5)))[0].attributes == ((0, 2), (1, 3))


def test_the_statistic_is_that_of_the_definition_summed_by_hand() -> None:
    incident = forecast_incident(11)
    cell = scan(incident.leaves)[0]
    mask = inside(incident.leaves.codes, cell.attributes)
    deviation, weight = incident.leaves.deviation[mask].sum(), incident.leaves.weight[mask].sum()
    assert cell.statistic == pytest.approx(deviation**2 / weight)
    assert cell.effect == pytest.approx(deviation / weight)
    counted = count_incident(11)
    first = scan(counted.leaves, sign="up")[0]
    mask = inside(counted.leaves.codes, first.attributes)
    expected = counted.leaves.weight[mask].sum()
    events = counted.leaves.deviation[mask].sum() + expected
    assert first.statistic == pytest.approx(2 * (events * np.log(events / expected) - (events - expected)))


def test_the_other_side_of_a_symmetric_metric_is_the_same_search() -> None:
    leaves = forecast_incident(12).leaves
    mirrored = Leaves(leaves.codes, leaves.sizes, -leaves.deviation, leaves.weight)
    down, up = scan(leaves, sign="down"), scan(mirrored, sign="up")
    assert [c.attributes for c in down] == [c.attributes for c in up]
    assert [c.effect for c in down] == pytest.approx([-c.effect for c in up])


def test_the_order_of_the_leaves_does_not_matter() -> None:
    leaves = count_incident(13).leaves
    order = np.random.default_rng(1).permutation(len(leaves.weight))
    mixed = Leaves(
        tuple(c[order] for c in leaves.codes), SIZES, leaves.deviation[order], leaves.weight[order], counts=True
    )
    assert [c.attributes for c in scan(mixed)] == [c.attributes for c in scan(leaves)]


def test_cells_share_no_leaves_and_combine_no_more_than_the_layers_allow() -> None:
    incident = forecast_incident(14)
    for layers in (1, 2):
        cells = scan(incident.leaves, layers=layers)
        taken = np.concatenate([c.leaves for c in cells])
        assert len(taken) == len(set(taken.tolist()))
        assert all(len(c.attributes) <= layers for c in cells)


def test_nothing_is_found_in_nothing_and_broken_input_is_refused() -> None:
    empty = Leaves((np.array([], dtype=np.int64),), (3,), np.array([]), np.array([]))
    assert scan(empty) == ()
    one = np.array([0], dtype=np.int64)
    with pytest.raises(ValueError, match="finite"):
        scan(Leaves((one,), (1,), np.array([np.nan]), np.array([1.0])))
    with pytest.raises(ValueError, match="finite"):
        scan(Leaves((one,), (1,), np.array([1.0]), np.array([-1.0])))
    with pytest.raises(ValueError, match="code"):
        scan(Leaves((), (3,), np.array([1.0]), np.array([1.0])))


def test_rates_of_small_leaves_are_drawn_to_the_common_rate_and_of_large_ones_hardly() -> None:
    rng = np.random.default_rng(5)
    volumes = np.array([10_000.0] * 20 + [4.0] * 20)
    truth = rng.uniform(0.05, 0.15, 40)
    events = rng.binomial(volumes.astype(int), truth).astype(float)
    rates = shrunken_rates(events, volumes)
    common = events.sum() / volumes.sum()
    raw = events / volumes
    assert np.abs(rates[:20] - raw[:20]).max() < 0.005
    assert np.abs(rates[20:] - common).max() < np.abs(raw[20:] - common).max()
    assert np.abs(rates[20:] - truth[20:]).mean() < np.abs(raw[20:] - truth[20:]).mean()


def test_leaves_without_past_or_present_have_no_weight_in_a_forecast() -> None:
    deviation, weight = against_forecast(np.array([0.0, 5.0, 0.0]), np.array([0.0, 0.0, 5.0]))
    assert weight.tolist() == [0.0, 1.0, 1.0]
    assert deviation.tolist() == [0.0, 2.0, -2.0]
