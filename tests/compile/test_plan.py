"""Merging of measures, formulas, and the fingerprint."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ganzhi.base.errors import InputError
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.measures import Kind, Value, count_of, distinct_of, known_count_of, measure_of
from ganzhi.compile.plan import FeedPlan, plan_feed
from tests.measure.place import catalogue_with, indicator


@pytest.fixture(scope="module")
def pack() -> Catalogue:
    return load_catalogue("telecom", None)


def plan_of(pack: Catalogue, **indicators: dict[str, object]) -> FeedPlan:
    made = {code.replace("__", "."): indicator(code, **fields) for code, fields in indicators.items()}
    return plan_feed(catalogue_with(pack, made), "calls")


def test_a_measure_is_named_by_its_meaning() -> None:
    assert count_of(["a", "b"]).name == count_of(["b", "a", "a"]).name
    assert count_of(["a"]).name != count_of([]).name
    assert count_of(["a"]).name != known_count_of(Value("a", "int"), []).name
    value = Value("x", "int")
    others = [kind for kind in Kind if kind not in (Kind.COUNT, Kind.DISTINCT)]
    assert len({measure_of(kind, value, []).name for kind in others}) == 5
    assert len({distinct_of(value, [], limit).name for limit in (1, 2)}) == 2


def test_equal_measures_of_different_indicators_are_merged(pack: Catalogue) -> None:
    plan = plan_of(
        pack,
        answered={"count": {"where": "outcome = 'AGENT'"}},
        rate={
            "unit": "percent",
            "ratio": {"numerator": {"indicator": "answered"}, "denominator": {"count": {"where": "requested"}}},
        },
        again={"count": {"where": "(requested)"}},
    )
    assert plan.summary == (3, 2)


def test_the_order_of_conditions_and_brackets_makes_no_difference(pack: Catalogue) -> None:
    plan = plan_of(
        pack,
        one={"count": {"where": "outcome = 'AGENT' and talk_s > 0 and wait_s <= 20"}},
        two={"count": {"where": "(wait_s <= 20) and (talk_s > 0 and (outcome = 'AGENT'))"}},
        three={"share_within": {"of": "wait_s", "limit": 20, "where": "talk_s > 0 and outcome = 'AGENT'"}},
    )
    assert plan.formula("one").n == plan.formula("two").n == plan.formula("three").numerator.measure  # type: ignore[union-attr]


def test_a_mean_and_a_percentile_of_the_same_values_share_their_count(pack: Catalogue) -> None:
    plan = plan_of(
        pack,
        mean={"unit": "s", "mean": {"of": "wait_s", "where": "requested"}},
        p90={"unit": "s", "percentile": {"of": "wait_s", "p": "0.9", "where": "requested"}},
        p50={"unit": "s", "percentile": {"of": "wait_s", "p": "0.5", "where": "requested"}},
    )
    assert plan.formula("mean").n == plan.formula("p90").n
    assert plan.formula("p90").subject == plan.formula("p50").subject
    assert plan.summary == (3, 3)


def test_the_pack_shares_measures(pack: Catalogue) -> None:
    indicators, measures = plan_feed(pack, "calls").summary
    kinds = {"mean": 2, "ratio": 2, "share_within": 2, "percentile": 2, "max": 2, "distinct": 2, "sum": 2, "count": 1}
    alone = sum(kinds[i.measure] for i in pack.indicators.values() if i.feed == "calls" and i.measure)
    assert indicators >= 20
    assert measures < alone


def test_a_retired_indicator_is_not_computed(pack: Catalogue) -> None:
    plan = plan_of(pack, gone={"count": {}, "retired": True}, here={"count": {}})
    assert set(plan.formulas) == {"here"}
    with pytest.raises(InputError) as raised:
        plan.formula("gone")
    assert raised.value.issues[0].code == "CMP008"


def test_a_ratio_takes_the_numerator_of_another_ratio_with_its_factor(pack: Catalogue) -> None:
    half = {"numerator": {"count": {"where": "requested"}, "times": "0.5"}, "denominator": {"count": {}}}
    plan = plan_of(
        pack,
        inner={"unit": "ratio", "ratio": half},
        outer={
            "unit": "per_10k",
            "ratio": {"numerator": {"indicator": "inner", "times": 4}, "denominator": {"count": {}}},
        },
    )
    formula = plan.formula("outer")
    assert formula.numerator is not None
    assert formula.numerator.times == 2
    assert formula.scale == 10_000


def test_all_faults_of_a_feed_are_reported_together(pack: Catalogue) -> None:
    with pytest.raises(InputError) as raised:
        plan_of(
            pack,
            a={"unit": "ratio", "ratio": {"numerator": {"indicator": "b"}, "denominator": {"count": {}}}},
            b={"unit": "ratio", "ratio": {"numerator": {"indicator": "a"}, "denominator": {"count": {}}}},
            c={"unit": "ratio", "ratio": {"numerator": {"indicator": "nowhere"}, "denominator": {"count": {}}}},
            d={"unit": "ratio", "ratio": {"numerator": {"indicator": "e"}, "denominator": {"count": {}}}},
            e={"unit": "s", "max": {"of": "wait_s"}},
        )
    assert [issue.code for issue in raised.value.issues] == ["CMP005", "CMP005", "CMP006", "CMP007"]


def test_only_the_columns_that_are_needed_are_read(pack: Catalogue) -> None:
    plan = plan_of(pack, answered={"count": {"where": "outcome = 'AGENT'"}})
    assert plan.stored == ("agent", "arrived_at", "call_type", "outcome", "priority", "unit", "wait_s")
    assert [each.name for each in plan.derived] == ["wait_band"]


def test_large_states_are_kept_only_where_they_can_be_asked_for(pack: Catalogue) -> None:
    plan = plan_of(
        pack,
        p90={"unit": "s", "percentile": {"of": "wait_s", "p": "0.9"}, "by": ["agent", "hour_of_day"]},
        who={"distinct": {"of": "customer_id"}, "by": ["priority"]},
    )
    subject, distinct = plan.formula("p90").subject, plan.formula("who").numerator
    assert subject is not None
    assert distinct is not None
    assert plan.kept[subject.name] == (0, 1)
    assert plan.kept[distinct.measure.name] == (0,)
    with pytest.raises(InputError) as raised:
        plan.check_kept("who", 1)
    assert raised.value.issues[0].code == "CMP012"
    assert raised.value.issues[0].params["kept"] == "call_type, priority, hour_of_day, weekday"


def test_a_combination_that_is_not_kept_is_refused_with_those_that_are(pack: Catalogue) -> None:
    plan = plan_of(pack, n={"count": {}})
    assert plan.cuboid_for(()) == 0
    assert plan.cuboid_for({"agent"}) == 1
    with pytest.raises(InputError) as raised:
        plan.cuboid_for({"agent", "priority"})
    assert raised.value.issues[0].params["kept"] == "call_type × priority; agent; wait_band"


def test_the_fingerprint_changes_with_what_is_computed_and_with_nothing_else(pack: Catalogue) -> None:
    base = {"n": {"count": {"where": "requested"}}}
    same = plan_of(pack, **base).fingerprint
    assert plan_of(pack, other_name={"count": {"where": "requested"}}).fingerprint == same
    assert plan_of(pack, **base, m={"count": {}}).fingerprint != same
    feed = pack.feeds["calls"]
    wider = replace(
        pack, feeds={**pack.feeds, "calls": feed.model_copy(update={"cuboids": (("agent",), ("priority",))})}
    )
    assert plan_of(wider, **base).fingerprint != same
    meant = feed.derived["requested"].model_copy(update={"expr": "outcome = 'AGENT'"})
    changed = feed.model_copy(update={"derived": {**feed.derived, "requested": meant}})
    assert plan_of(replace(pack, feeds={**pack.feeds, "calls": changed}), **base).fingerprint != same


def test_the_fingerprint_is_the_same_in_every_process(pack: Catalogue) -> None:
    source = Path(__file__).resolve().parents[2] / "src"
    program = (
        "from ganzhi.catalogue.load import load_catalogue; from ganzhi.compile.plan import plan_feed;"
        "print(plan_feed(load_catalogue('telecom', None), 'calls').fingerprint)"
    )
    other = subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(source)},
    )
    assert other.stdout.strip() == plan_feed(pack, "calls").fingerprint
