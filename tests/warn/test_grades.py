"""Laws of grades and states."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import GRADES, WarningRule
from ganzhi.numerics.alarm.counts import at_least
from ganzhi.warn.baseline import Expectation, by_limits, count_limits
from ganzhi.warn.grade import Crossing, State, after, crossing, tails_of
from ganzhi.warn.signal import Made, grade_of, rank_of

TEXT = Text(zh="规则", en="Rule")
RANKS = st.lists(st.one_of(st.none(), st.integers(0, 4)), max_size=40)


def rule(**given: Any) -> WarningRule:
    return WarningRule(name=TEXT, level="product", indicator="x.y", owner=TEXT, **given)


def judged(count: int, mean: float, phi: float, of: WarningRule, **more: Any) -> Crossing:
    chance = at_least(count, mean, phi)
    expectation = Expectation(mean, count_limits(mean, phi, tails_of(of), side="high"), chance, 0.0, Made("counts"))
    return crossing(of, float(count), expectation, **more)


def walk(of: WarningRule, ranks: list[int | None]) -> list[int]:
    """Ranks in force after each crossing; None is unknown."""
    state, found = State(), []
    for rank in ranks:
        state, _ = after(of, state, Crossing(grade_of(rank or 0), known=rank is not None))
        found.append(rank_of(state.grade))
    return found


@given(st.floats(0.5, 300), st.floats(1.0, 5.0), st.integers(0, 600), st.integers(0, 50), st.booleans())
@settings(max_examples=80, deadline=None)
def test_a_higher_count_never_lowers_the_grade(mean: float, phi: float, count: int, more: int, raised: bool) -> None:
    factors: Any = {"outside": "2"} if raised else {}
    low, high = (judged(each, mean, phi, rule(), factors=factors) for each in (count, count + more))
    assert rank_of(low.grade) <= rank_of(high.grade)


@given(st.floats(0.5, 300), st.floats(1.0, 5.0), st.integers(0, 600))
@settings(max_examples=80, deadline=None)
def test_the_limits_that_are_shown_are_those_that_grade(mean: float, phi: float, count: int) -> None:
    of = rule(least={"absolute": 0, "relative": 0}, drift_sigmas=None)
    limits = count_limits(mean, phi, tails_of(of), side="high")
    assert judged(count, mean, phi, of).grade == crossing(of, float(count), by_limits(limits, float(count))).grade


@given(RANKS)
def test_without_hysteresis_the_crossing_is_the_state(ranks: list[int | None]) -> None:
    last, expected = 0, []
    for rank in ranks:
        last = last if rank is None else rank
        expected.append(last)
    assert walk(rule(hold=0, persist=1), ranks) == expected


@given(RANKS, st.integers(1, 4), st.integers(0, 4))
def test_a_grade_is_in_force_only_when_it_persisted_and_ends_only_when_it_stayed_away(
    ranks: list[int | None], persist: int, hold: int
) -> None:
    found = walk(rule(hold=hold, persist=persist), ranks)
    known = [(rank, state) for rank, state in zip(ranks, found, strict=True) if rank is not None]
    for place, (_, state) in enumerate(known):
        before = known[place - 1][1] if place else 0
        lately = [rank for rank, _ in known[: place + 1]]
        if state > before:
            assert len(lately) >= persist
            assert min(lately[-persist:]) >= state
        if state < before:
            assert len(lately) > hold
            assert max(lately[-hold - 1 :]) == state


@given(RANKS, RANKS)
def test_what_is_graver_at_every_step_is_never_in_a_lower_state(one: list[int | None], two: list[int | None]) -> None:
    pairs = [(a, a if b is None or a is None else max(a, b)) for a, b in zip(one, two, strict=False)]
    low, high = (walk(rule(hold=2, persist=2), [pair[side] for pair in pairs]) for side in (0, 1))
    assert all(a <= b for a, b in zip(low, high, strict=True))


def test_chance_among_many_withholds_with_its_reason_and_a_small_rate_does_not() -> None:
    of = rule(drift_sigmas=None, discovery=Decimal("0.1"))
    withheld = judged(44, 20.0, 1.8, of, adjusted=0.4)
    assert (withheld.grade, withheld.withheld) == (None, True)
    assert [reason.code for reason in withheld.reasons] == ["beyond_limit", "discovery"]
    assert judged(44, 20.0, 1.8, of, adjusted=0.02).grade == "yellow"


def test_nothing_expected_is_unknown_and_never_quiet() -> None:
    nothing = Expectation(None, {}, None, None, Made("none"))
    assert not crossing(rule(), 1e9, nothing).known
    assert not crossing(rule(), None, by_limits({"red": 5.0}, None)).known


def test_a_drift_grows_graver_step_by_step_and_is_never_red() -> None:
    of = rule(least={"absolute": 0, "relative": 0})
    grades = {sigmas: judged(101, 100.0, 1.0, of, drift=sigmas).grade for sigmas in (2.9, 3.0, 3.74, 3.75, 4.5, 9.0)}
    assert grades == {2.9: None, 3.0: "blue", 3.74: "blue", 3.75: "yellow", 4.5: "orange", 9.0: "orange"}
    assert judged(99, 100.0, 1.0, of, drift=9.0).grade is None  # today it is below what is expected
    assert judged(200, 100.0, 1.0, of, drift=3.0).grade == "red"  # the graver of the two counts
    (said,) = judged(101, 100.0, 1.0, of, drift=4.6).reasons
    assert (said.code, dict(said.params)) == ("drift", {"sigmas": "4.6", "limit": "4.5"})


@given(st.floats(-1e6, 1e6), st.floats(0.1, 100))
def test_fixed_limits_grade_alike_on_both_sides(value: float, step: float) -> None:
    limits = {grade: (place + 1) * step for place, grade in enumerate(GRADES)}
    mirrored = {grade: -limit for grade, limit in limits.items()}
    high = crossing(rule(side="high"), value, by_limits(limits, value))
    low = crossing(rule(side="low"), -value, by_limits(mirrored, -value))
    assert high.grade == low.grade
