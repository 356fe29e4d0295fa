"""The arithmetic of analyses: laws, published figures, and agreement with counts by hand."""

from __future__ import annotations

import math
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ganzhi.complaints.analysis.cases import chosen
from ganzhi.complaints.analysis.counts import compared
from ganzhi.complaints.analysis.effects import difference
from ganzhi.complaints.analysis.frequency import frequency
from ganzhi.complaints.analysis.hard import Kinds, hard_topics
from ganzhi.complaints.analysis.partition import partition
from ganzhi.complaints.analysis.profile import Group, band, profile


@pytest.mark.requirement("S000-105")
@given(st.dictionaries(st.sampled_from("uvwxyz"), st.integers(0, 50), min_size=1))
def test_children_that_split_their_parents_add_up_and_others_do_not(children: dict[str, int]) -> None:
    of = {"u": "a", "v": "a", "w": "b", "x": "b", "y": "c", "z": "c"}
    parents: dict[str, int] = {}
    for child, number in children.items():
        parents[of[child]] = parents.get(of[child], 0) + number
    total = sum(parents.values())
    assert partition(total, parents, children, of).adds_up
    gap = partition(total + 1, {**parents, "a": parents.get("a", 0) + 1}, children, of)
    assert not gap.adds_up
    assert sum(node.unassigned for node in gap.parents) == 1
    some = next(iter(children))
    twice = partition(total, parents, {**children, some: children[some] + 2}, of)
    assert (twice.adds_up, sum(node.twice for node in twice.parents)) == (False, 2)
    assert partition(total, parents, {**children, "foreign": 3}, of).strangers == {"foreign": 3}


def test_a_day_is_compared_with_what_is_known_and_nothing_else() -> None:
    first = date(2026, 2, 1)
    days = [first + timedelta(days=n) for n in range(58)]
    counts = {day: n for n, day in enumerate(days) if n % 3}
    known = frozenset(days)
    found = compared(counts, date(2026, 3, 30), known)
    assert found.value == counts.get(date(2026, 3, 30), 0)
    assert found.week == counts.get(date(2026, 3, 23), 0)
    assert found.month == sum(number for day, number in counts.items() if day.month == 3)
    assert found.month_before == sum(number for day, number in counts.items() if day.month == 2)
    gap = compared(counts, date(2026, 3, 30), known - {date(2026, 3, 5)})
    assert gap.month is None
    assert gap.value == found.value


@pytest.mark.requirement("S003-024")
def test_a_measure_that_halves_complaints_is_seen_and_chance_is_not() -> None:
    rng = np.random.default_rng(7)
    alike = [difference(rng.poisson(8, 14).tolist(), rng.poisson(8, 21).tolist()) for _ in range(400)]
    assert sum(each.verdict != "no_difference" for each in alike) <= 0.08 * len(alike)
    halved = [difference(rng.poisson(8, 14).tolist(), rng.poisson(4, 21).tolist()) for _ in range(200)]
    assert sum(each.verdict == "fewer" for each in halved) >= 0.95 * len(halved)
    covered = [
        each for each in halved if each.low is not None and each.high is not None and each.low <= 0.5 <= each.high
    ]
    assert len(covered) >= 0.92 * len(halved)
    assert difference([5, 5], [1, 1, 1]).verdict == "too_early"
    assert difference([0] * 9, [3] * 9).verdict == "too_early"


@pytest.mark.requirement("S003-029")
def test_groups_that_complain_more_are_told_and_others_are_not() -> None:
    groups = [
        Group("brand", "a", 180, 10_000), Group("brand", "b", 20, 10_000), Group("arpu", "0", 70, 7_000),
        Group("arpu", "3000", 130, 13_000), Group("arpu", "", 5, 100), Group("voice", "0", 1, 30), Group("voice", "1", 199, 19_970),
    ]  # fmt: skip
    found = {(each.group.feature, each.group.value): each for each in profile(groups)}
    assert ("arpu", "") not in found
    assert found["brand", "a"].verdict == "more"
    assert found["brand", "b"].verdict == "fewer"
    assert found["brand", "a"].times == pytest.approx(1.8)
    assert found["arpu", "0"].verdict == found["arpu", "3000"].verdict == "alike"
    assert found["voice", "0"].verdict == "not_judged"
    judged = [each for each in found.values() if each.adjusted is not None]
    pooled, here, others = 0.5, 180 / 200, 9_820 / 19_800
    z = (here - others) / math.sqrt(pooled * (1 - pooled) * (1 / 200 + 1 / 19_800))
    assert found["brand", "a"].adjusted == pytest.approx(min(1.0, math.erfc(z / math.sqrt(2)) * len(judged) / 2))
    for each in found.values():
        assert each.low <= each.share <= each.high


def test_no_group_stands_out_when_complainants_are_drawn_at_random() -> None:
    rng = np.random.default_rng(3)
    sizes = (40_000, 25_000, 20_000, 15_000)
    wrong = 0
    for _ in range(300):
        drawn = rng.multivariate_hypergeometric(sizes, 500)
        groups = [Group("arpu", str(n), int(k), size) for n, (k, size) in enumerate(zip(drawn, sizes, strict=True))]
        wrong += any(each.verdict in ("more", "fewer") for each in profile(groups))
    assert wrong <= 0.08 * 300


def test_bands_are_told_by_their_lower_end() -> None:
    assert [band("voice", value) for value in (0, 1, 99, 100, 299, 300, 9_000)] == [
        "0",
        "1",
        "1",
        "100",
        "100",
        "300",
        "300",
    ]


@given(st.lists(st.integers(1, 9), max_size=40))
def test_frequencies_hold_every_pair_once(counts: list[int]) -> None:
    found = frequency(counts)
    assert (found.pairs, found.complaints) == (len(counts), sum(counts))
    assert [each.pairs for each in found.classes[:3]] == [counts.count(n) for n in (1, 2, 3)]
    assert found.classes[3].pairs == sum(n >= 4 for n in counts)


def test_hard_topics_are_those_above_the_others_beyond_chance() -> None:
    found = hard_topics(
        {
            "a": Kinds(40, 10, 6, 4, 18),
            "b": Kinds(200, 8, 2, 0, 10),
            "c": Kinds(4, 4, 0, 0, 4),
            "d": Kinds(50, 2, 1, 0, 3),
        }
    )
    assert [each.key for each in found] == ["a"]
    assert found[0].share == 18 / 40
    assert hard_topics({"only": Kinds(50, 20, 0, 0, 20)}) == ()


@pytest.mark.requirement("S003-020")
@given(st.sets(st.text(max_size=4), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_cases_are_drawn_alike_whatever_the_order(ids: set[str], random: object) -> None:
    order = sorted(ids)
    random.shuffle(order)  # type: ignore[attr-defined]
    drawn = chosen("2026-W08", order)
    assert drawn == chosen("2026-W08", sorted(ids))
    assert set(drawn) <= ids
    assert len(drawn) == min(3, len(ids))
    assert chosen("2026-W08", order, 2) == drawn[:2]
