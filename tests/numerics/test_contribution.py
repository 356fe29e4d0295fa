"""Contributions split the change of a weighted mean without a remainder."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from ganzhi.numerics.contribution import Part, contributions

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
