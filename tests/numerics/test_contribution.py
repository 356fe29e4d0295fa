"""Contributions split the change of a weighted mean without a remainder."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ganzhi.numerics.contribution import (
    Part,
    contributions,
    floored,
    geometric_contributions,
    logarithmic_mean,
    moves,
    shapley,
    through_curve,
)
from ganzhi.numerics.score import anchors, score

SCORES = st.floats(0, 120)


@st.composite
def parts(draw: st.DrawFn) -> list[Part]:
    count = draw(st.integers(1, 8))
    before = [draw(st.floats(0.1, 5)) for _ in range(count)]
    now = [draw(st.floats(0.1, 5)) for _ in range(count)]
    known_before = [draw(st.booleans()) for _ in range(count - 1)] + [True]
    known_now = [draw(st.booleans()) for _ in range(count - 1)] + [True]
    total_before = sum(w for w, known in zip(before, known_before, strict=True) if known)
    total_now = sum(w for w, known in zip(now, known_now, strict=True) if known)
    return [
        Part(
            share_before=before[i] / total_before if known_before[i] else 0.0,
            share_now=now[i] / total_now if known_now[i] else 0.0,
            before=draw(SCORES) if known_before[i] else None,
            now=draw(SCORES) if known_now[i] else None,
        )
        for i in range(count)
    ]


def _mean(found: list[Part], date: str) -> float:
    pairs = [(getattr(p, f"share_{date}"), p.before if date == "before" else p.now) for p in found]
    return math.fsum(share * score for share, score in pairs if score is not None)


@given(parts())
def test_contributions_add_up_to_the_change(found: list[Part]) -> None:
    change = _mean(found, "now") - _mean(found, "before")
    assert math.isclose(math.fsum(contributions(found)), change, abs_tol=1e-9)


@given(parts())
def test_nothing_changed_means_nothing_contributed(found: list[Part]) -> None:
    still = [Part(p.share_before, p.share_before, p.before, p.before) for p in found]
    assert all(abs(points) < 1e-12 for points in contributions(still))


def test_the_worked_example_of_a_weight_that_moves() -> None:
    # 60/40 at 80 and 90, then 40/60 at the same scores: the mean rises from 84 to 86 by mix alone.
    found = contributions([Part(0.6, 0.4, 80.0, 80.0), Part(0.4, 0.6, 90.0, 90.0)])
    assert [round(points, 10) for points in found] == [1.0, 1.0]


@given(parts())
def test_exchanging_the_dates_changes_the_sign(found: list[Part]) -> None:
    back = [Part(p.share_now, p.share_before, p.now, p.before) for p in found]
    for there, again in zip(moves(found), moves(back), strict=True):
        assert there.by_score == pytest.approx(-again.by_score, abs=1e-12)
        assert there.by_share == pytest.approx(-again.by_share, abs=1e-12)


@given(parts(), st.randoms())
def test_the_order_of_the_children_does_not_matter(found: list[Part], random: object) -> None:
    order = list(range(len(found)))
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis hands out random.Random
    points = contributions(found)
    assert contributions([found[i] for i in order]) == pytest.approx([points[i] for i in order], abs=1e-12)


# --- geometric ----------------------------------------------------------------------------------

POSITIVE = st.floats(1, 100)


@st.composite
def positive_parts(draw: st.DrawFn) -> list[Part]:
    return [
        Part(
            p.share_before,
            p.share_now,
            None if p.before is None else draw(POSITIVE),
            None if p.now is None else draw(POSITIVE),
        )
        for p in draw(parts())
    ]


def _geometric(found: list[Part], date: str) -> float:
    pairs = [(getattr(p, f"share_{date}"), p.before if date == "before" else p.now) for p in found]
    return math.prod(score**share for share, score in pairs if score is not None)


@given(positive_parts())
def test_geometric_contributions_add_up_and_change_sign_with_the_dates(found: list[Part]) -> None:
    points = geometric_contributions(found)
    assert math.fsum(points) == pytest.approx(_geometric(found, "now") - _geometric(found, "before"), abs=1e-9)
    back = geometric_contributions([Part(p.share_now, p.share_before, p.now, p.before) for p in found])
    assert back == pytest.approx([-each for each in points], abs=1e-9)


def test_a_geometric_child_that_did_not_change_adds_nothing() -> None:
    points = geometric_contributions([Part(0.3, 0.3, 40.0, 40.0), Part(0.7, 0.7, 50.0, 80.0)])
    assert points[0] == 0.0
    assert points[1] == pytest.approx(40**0.3 * (80**0.7 - 50**0.7))


@given(POSITIVE, POSITIVE)
def test_the_logarithmic_mean_lies_between_the_geometric_and_the_arithmetic(a: float, b: float) -> None:
    # B. C. Carlson, The logarithmic mean, Amer. Math. Monthly 79 (1972).
    assert math.sqrt(a * b) * (1 - 1e-12) <= logarithmic_mean(a, b) <= (a + b) / 2 * (1 + 1e-12)


# --- any other form -----------------------------------------------------------------------------


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=6))
def test_players_of_a_game_that_adds_up_get_what_they_bring(bring: list[float]) -> None:
    def worth(changed: int) -> float:
        return math.fsum(each for i, each in enumerate(bring) if changed >> i & 1)

    assert shapley(len(bring), worth) == pytest.approx(bring, abs=1e-10)


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_any_game_is_shared_out_whole_by_the_definition_over_all_orders(players: int, seed: int) -> None:
    worths = np.random.default_rng(seed).uniform(-100, 100, 1 << players).tolist()
    found = shapley(players, lambda changed: worths[changed])
    assert math.fsum(found) == pytest.approx(worths[-1] - worths[0], abs=1e-9)
    by_orders = np.zeros(players)
    orders = list(itertools.permutations(range(players)))
    for order in orders:
        changed = 0
        for player in order:
            by_orders[player] += worths[changed | 1 << player] - worths[changed]
            changed |= 1 << player
    assert found == pytest.approx(by_orders / len(orders), abs=1e-9)


def test_the_glove_game_is_shared_as_published() -> None:
    # Two left gloves, one right glove; a pair is worth 1: (1/6, 1/6, 2/3). Standard example of Shapley (1953).
    worth = lambda have: float(bool(have & 0b100) and bool(have & 0b011))  # noqa: E731 - one line of a table
    assert shapley(3, worth) == pytest.approx((1 / 6, 1 / 6, 2 / 3))


def test_a_game_of_thirteen_is_refused() -> None:
    with pytest.raises(ValueError, match="12"):
        shapley(13, lambda _: 0.0)


TERMS = st.lists(st.floats(-60, 60), min_size=1, max_size=14)


@given(TERMS, st.floats(-20, 100))
@settings(max_examples=30, deadline=None)
def test_a_floor_takes_nothing_from_the_sum(terms: list[float], before: float) -> None:
    now = math.fsum([before, *terms])
    points = floored(terms, before)
    assert math.fsum(points) == pytest.approx(max(0.0, now) - max(0.0, before), abs=1e-9)
    assert all(each == 0 for each, term in zip(points, terms, strict=True) if term == 0)


@given(TERMS, st.floats(60, 120))
def test_terms_add_up_through_the_score_curve(terms: list[float], before: float) -> None:
    at = anchors(floor=80, target=90, challenge=95, direction="higher")

    def curve(x: float) -> float:
        return score(x, at).points

    after = math.fsum([before, *terms])
    points = through_curve(terms, before, curve, 4.0)
    if after != before:
        assert math.fsum(points) == pytest.approx(curve(after) - curve(before), abs=1e-9)


def test_terms_that_cancel_have_the_slope_of_the_curve_where_they_stand() -> None:
    assert through_curve([1.0, -1.0], 85.0, lambda x: 4 * x, 4.0) == (4.0, -4.0)
