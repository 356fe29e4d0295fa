"""Ranks: both directions, ties, unknowns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ganzhi.numerics.ranking import behind, ranks

values = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), max_size=20)


@given(values)
def test_a_rank_says_how_many_are_better(given_values: list[float | None]) -> None:
    for direction in ("higher", "lower"):
        found = ranks(given_values, direction)  # type: ignore[arg-type]
        for value, rank in zip(given_values, found, strict=True):
            if value is None:
                assert rank is None
            else:
                better = [v for v in given_values if v is not None and behind(value, v, direction) > 0]  # type: ignore[arg-type]
                assert rank == 1 + len(better)


def test_equal_values_share_the_better_rank() -> None:
    assert ranks([2.0, 1.0, 1.0, 3.0], "lower") == (3, 1, 1, 4)
