"""Laws of the score (methods.md 1.1), of levels and of the roll-up."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzhi.numerics.score import (
    Anchors,
    Child,
    Level,
    Risk,
    Score,
    anchors,
    level,
    level_limits,
    roll_up,
    score,
)

numbers = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False)
steps = st.floats(min_value=0.01, max_value=1e4)


@st.composite
def any_anchors(draw: st.DrawFn) -> Anchors:
    start, a, b, c = draw(numbers), draw(steps), draw(steps), draw(steps)
    direction = draw(st.sampled_from(["higher", "lower"]))
    sign = 1.0 if direction == "higher" else -1.0
    knots = [start, start + sign * a, start + sign * (a + b), start + sign * (a + b + c)]
    return Anchors(*knots, direction)  # type: ignore[arg-type]


@given(any_anchors())
def test_anchors_score_exactly_0_60_100_and_120(at: Anchors) -> None:
    assert [score(x, at).points for x in (at.zero, at.floor, at.target, at.challenge)] == [0.0, 60.0, 100.0, 120.0]


@given(any_anchors(), numbers, numbers)
def test_a_better_value_never_scores_less(at: Anchors, x: float, y: float) -> None:
    worse, better = sorted((x, y), reverse=at.direction == "lower")
    assert score(worse, at).points <= score(better, at).points
    assert score(worse, at).unclipped <= score(better, at).unclipped


@given(any_anchors(), st.floats(min_value=-0.5, max_value=1.5))
def test_the_score_has_no_jump(at: Anchors, place: float) -> None:
    knots = [at.zero, at.floor, at.target, at.challenge]
    steepest = max(p / abs(b - a) for p, (a, b) in zip((60, 40, 20), pairwise(knots), strict=True))
    x = at.zero + place * (at.challenge - at.zero)
    step = (at.challenge - at.zero) * 1e-6
    moved = abs(score(x + step, at).unclipped - score(x, at).unclipped)
    assert moved <= steepest * abs((x + step) - x) * (1 + 1e-6) + 1e-9 * (1 + abs(score(x, at).unclipped))


@given(
    st.lists(st.integers(-10_000, 10_000), min_size=4, max_size=4, unique=True),
    st.integers(-20_000, 20_000),
    st.integers(-6, 6),
    st.integers(-10_000, 10_000),
)
def test_the_score_does_not_depend_on_the_unit_of_value(knots: list[int], x: int, power: int, offset: int) -> None:
    """With whole numbers and powers of two nothing is rounded before the division, so equal means equal."""

    def moved(value: int) -> float:
        return value * 2.0**power + offset

    zero, floor, target, challenge = sorted(knots)
    at = Anchors(zero, floor, target, challenge, "higher")
    other = Anchors(moved(zero), moved(floor), moved(target), moved(challenge), "higher")
    assert score(moved(x), other) == score(x, at)


@given(any_anchors(), numbers)
def test_points_are_the_unclipped_score_within_0_and_120(at: Anchors, x: float) -> None:
    found = score(x, at)
    assert found.points == min(max(found.unclipped, 0.0), 120.0)


def test_the_default_zero_point_continues_the_line_from_target_to_floor() -> None:
    assert anchors(floor=80, target=90, challenge=95, direction="higher").zero == 65
    assert anchors(floor=15, target=8, challenge=4, direction="lower").zero == 25.5


@pytest.mark.parametrize(("value", "points"), [(89.72, 98.88), (80, 60), (72.5, 30), (60, 0), (96, 120), (92.5, 110)])
def test_scores_worked_out_by_hand(value: float, points: float) -> None:
    assert score(value, anchors(floor=80, target=90, challenge=95, direction="higher")).points == pytest.approx(points)


@pytest.mark.parametrize("values", [(80, 80, 95), (90, 80, 95), (80, 90, 90)])
def test_anchors_out_of_order_are_refused(values: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="anchors"):
        anchors(floor=values[0], target=values[1], challenge=values[2], direction="higher")


def test_a_value_that_is_not_finite_has_no_score() -> None:
    with pytest.raises(ValueError, match="finite"):
        score(math.nan, anchors(floor=80, target=90, challenge=95, direction="higher"))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (90, None),
        (95, None),
        (89.9, Level.BLUE),
        (87.5, Level.YELLOW),
        (85, Level.ORANGE),
        (80, Level.RED),
        (10, Level.RED),
    ],
)
def test_levels_begin_at_their_limits_with_the_documented_defaults(value: float, expected: Level | None) -> None:
    assert level(value, level_limits(floor=80, target=90, direction="higher")) is expected


@pytest.mark.parametrize(
    ("value", "expected"), [(12.0, None), (10.2, None), (12.1, Level.BLUE), (13.8, Level.YELLOW), (15.7, Level.RED)]
)
def test_levels_of_an_indicator_where_lower_is_better(value: float, expected: Level | None) -> None:
    limits = level_limits(floor=15.6, target=12, direction="lower", yellow=13.2, orange=14.4, red=15.6)
    assert level(value, limits) is expected


def test_a_roll_up_is_the_weighted_mean_of_what_is_present() -> None:
    rolled = roll_up([Child(3, Score(100, 130)), Child(1, Score(60, 60)), Child(1, None)], least_coverage=0.6666)
    assert rolled.score == Score(90, 112.5)
    assert rolled.coverage == pytest.approx(0.8)
    assert rolled.shares == (0.75, 0.25, None)


def test_a_roll_up_below_its_coverage_is_unknown_and_not_zero() -> None:
    rolled = roll_up([Child(1, Score(100, 100)), Child(1, None)], least_coverage=0.6666)
    assert rolled.score is None
    assert rolled.coverage == 0.5


def test_a_coverage_exactly_as_declared_is_enough() -> None:
    children = [Child(0.1, Score(50, 50)), Child(0.1, Score(70, 70)), Child(0.1, None)]
    assert roll_up(children, least_coverage=0.2 / 0.3).score == Score(60, 60)


def test_a_roll_up_of_nothing_is_unknown() -> None:
    assert roll_up([], least_coverage=0.5).score is None
    assert roll_up([Child(1, None)], least_coverage=0.5).coverage == 0


@given(st.lists(st.tuples(st.floats(0.1, 10), st.one_of(st.none(), st.floats(-50, 200))), min_size=1, max_size=8))
def test_contributions_add_up_to_the_score(children: list[tuple[float, float | None]]) -> None:
    given_children = [Child(w, None if s is None else Score(s, s)) for w, s in children]
    rolled = roll_up(given_children, least_coverage=0.0)
    if rolled.score is not None:
        shares = zip(rolled.shares, given_children, strict=True)
        total = sum(share * c.score.unclipped for share, c in shares if share is not None and c.score is not None)
        assert total == pytest.approx(rolled.score.unclipped, abs=1e-9)


@pytest.mark.requirement("S001-009")
def test_a_risk_takes_points_off_in_proportion_and_never_gives_any() -> None:
    children = [Child(1, Score(90, 90)), Child(1, Score(70, 70))]
    for own, taken in ((100.0, 0.0), (120.0, 0.0), (60.0, 4.0), (0.0, 10.0)):
        found = roll_up(children, least_coverage=0.5, risks=[Risk(10, Score(own, own))])
        assert found.score is not None
        assert found.deductions == (pytest.approx(taken),)
        assert found.score.points == pytest.approx(80 - taken)


@pytest.mark.requirement("S001-009")
def test_an_unknown_risk_takes_nothing_and_is_shown_as_unknown() -> None:
    found = roll_up([Child(1, Score(80, 80))], least_coverage=0.5, risks=[Risk(10, None)])
    assert found.score == Score(80, 80)
    assert found.deductions == (None,)


def test_risks_do_not_push_a_score_below_zero() -> None:
    found = roll_up([Child(1, Score(5, 5))], least_coverage=0.5, risks=[Risk(10, Score(0, 0))])
    assert found.score == Score(0, -5)
