"""A score is explained down to its leaves; what it misses adds up too."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date

import pytest

from ganzhi.base.periods import Grain, period_of_day
from ganzhi.measure.explain.explanation import ScorePart, Split
from ganzhi.measure.explain.scores import split_change, split_target
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States
from ganzhi.measure.score import Contribution, Scored
from ganzhi.numerics.score import Score
from ganzhi.warehouse.workplace import Workplace
from tests.measure.explain.rows import BEFORE, NOW, ZONE, answered, why

# --- scores -------------------------------------------------------------------------------------


def leaves(split: Split) -> Iterator[ScorePart]:
    """The parts that are not opened further."""
    for part in split.parts:
        if part.inner is None:
            yield part
        else:
            yield from leaves(part.inner)


@pytest.mark.requirement("S001-007")
def test_a_score_is_explained_down_to_the_leaves_and_their_observations(place: Workplace, reading: States) -> None:
    found = why(place, reading, "top")
    assert found.split is not None
    assert found.split.difference == found.difference
    for split in (found.split, *(part.inner for part in found.split.parts if part.inner)):
        assert math.fsum(p.points for p in split.parts if p.points is not None) == pytest.approx(
            split.difference, abs=1e-9
        )
    of_top = math.fsum(part.of_top for part in leaves(found.split) if part.of_top is not None)
    assert of_top == pytest.approx(found.difference, abs=1e-9)
    assert {part.code for part in leaves(found.split)} == {"answered", "wait", "lost"}
    for part in leaves(found.split):
        (seen,) = observe(place, reading, ObserveRequest((part.code,), "all", Grain.DAY, NOW, NOW))
        assert part.now is not None
        assert part.now.observation == seen


@pytest.mark.requirement("S001-009")
def test_a_risk_adds_what_it_takes_off_more_than_before(place: Workplace, reading: States) -> None:
    found = why(place, reading, "top")
    assert found.split is not None
    risk = next(part for part in found.split.parts if part.code == "lost")

    def off(day: date) -> float:
        a, n = answered(day)
        lost = 100 * (n - a) / n
        zero = 40 + (40 - 5) * 60 / 40
        points = 60 + 40 * (40 - lost) / 35 if lost <= 40 else 60 * (zero - lost) / (zero - 40)
        return 30 * (1 - min(max(points, 0), 100) / 100)

    assert risk.at_risk == 30
    assert risk.points == pytest.approx(off(BEFORE) - off(NOW))


def test_points_missed_to_the_target_add_up_over_the_children(place: Workplace, reading: States) -> None:
    found = why(place, reading, "top", versus="target")
    assert found.split is not None
    assert found.target == 100
    assert math.fsum(p.points for p in found.split.parts if p.points is not None) == pytest.approx(
        -(found.difference or 0)
    )
    assert math.fsum(p.of_top for p in leaves(found.split) if p.of_top is not None) == pytest.approx(
        -(found.difference or 0)
    )


def test_units_of_a_score_stand_beside_each_other(place: Workplace, reading: States) -> None:
    (cut,) = why(place, reading, "top").cuts
    assert (cut.way, {piece.key for piece in cut.pieces}) == ("beside", {"east", "west"})


def test_a_score_that_was_kept_from_falling_below_zero_still_adds_up() -> None:
    def scored(code: str, points: float, parts: tuple[Contribution, ...] = ()) -> Scored:
        period = period_of_day(Grain.DAY, NOW, ZONE)
        return Scored(code, "all", period, "management", Score(points, points), None, "scored", contributions=parts)

    def parent(points: float, child: float, off: float) -> Scored:
        parts = (
            Contribution("a", 1.0, 1.0, child, scored("a", child)),
            Contribution("r", 0.0, None, -off, scored("r", 50), 40.0),
        )
        return scored("p", points, parts)

    split = split_change(parent(30, 40, 10), parent(0, 10, 40), 2)
    assert split is not None
    assert split.method == "floor"
    assert [part.points for part in split.parts] == pytest.approx([-15, -15])  # alone each would take all 30
    missed = split_target(parent(0, 10, 40), 100, 2)
    assert missed is not None
    assert math.fsum(part.points or 0 for part in missed.parts) == pytest.approx(100)
