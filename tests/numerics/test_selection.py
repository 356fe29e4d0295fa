"""Key-process selection as arithmetic: pressure, importance, cells and ranks."""

from __future__ import annotations

import pytest

from ganzhi.numerics.selection import Count, placed, pressure, shares


@pytest.mark.requirement("S000-023")
def test_many_complaints_do_not_drown_the_faults() -> None:
    complaints = Count(0.5, {"recharge": 4000.0, "bill": 2000.0})
    faults = Count(0.5, {"bill": 3.0})
    found = pressure([complaints, faults], ["recharge", "bill", "invoice"])
    assert found == {"recharge": pytest.approx(2 / 3), "bill": 1.0, "invoice": 0.0}


def test_weights_of_counts_that_did_not_arrive_do_not_matter() -> None:
    only = pressure([Count(0.2, {"a": 10.0, "b": 5.0})], ["a", "b"])
    assert only == {"a": 1.0, "b": 0.5}
    assert pressure([], ["a"]) is None


def test_no_problem_at_all_is_no_pressure() -> None:
    assert pressure([Count(1, {})], ["a", "b"]) == {"a": 0.0, "b": 0.0}
    assert shares({}) == {}


@pytest.mark.requirement("S000-023")
@pytest.mark.parametrize(
    ("pressed", "important", "cell", "rank"),
    [
        (0.3, 0.3, "both", "highest"),
        (0.3, 0.29, "pressure", "higher"),
        (0.29, 0.3, "importance", "higher"),
        (0.29, 0.29, "neither", "lowest"),
    ],
)
def test_cells_begin_at_their_limit(pressed: float, important: float, cell: str, rank: str) -> None:
    assert placed(pressed, important, 0.3) == (cell, rank)
