"""The reference instance "recharge to resume": its counts, its layers, its steps and its touchpoints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest

from ganzhi.catalogue.checks.service.twins import normal_form
from ganzhi.catalogue.model.indicators import LAYERS, Indicator
from ganzhi.catalogue.model.whole import Catalogue

STEPS = {
    "recharge": ("pay", "book", "create_notice", "update_balance", "send_funds_change"),
    "payment_resume": (
        "credit_check",
        "issue_alarm",
        "record_order",
        "split_order",
        "execute_order",
        "return_receipt",
        "set_state",
        "notify",
    ),
}
PAIRS = {
    ("recharge.personal_data", "security"),
    ("recharge.pay", "availability"),
    ("payment_resume.resume", "availability"),
    ("recharge.invoice", "accuracy"),
    ("recharge.pay", "accuracy"),
    ("payment_resume.notice", "transparency"),
    ("recharge.pay", "speed"),
    ("payment_resume.resume", "speed"),
}
"""The five statements of the source: security of personal data; availability of paying and resume;
accuracy of invoice and paying; transparency of the SMS reminder; speed of paying and resume."""
FACTS = ("count", "sum", "max", "distinct")


@pytest.fixture(scope="module")
def instance(pack: Catalogue) -> Mapping[str, Indicator]:
    return {code: each for code, each in pack.indicators.items() if code.startswith("resume.")}


def of_layer(instance: Mapping[str, Indicator], layer: str) -> dict[str, Indicator]:
    return {code: each for code, each in instance.items() if each.layer == layer}


@pytest.mark.requirement("S000-047")
def test_the_instance_has_exactly_4_17_37_and_25_indicators(instance: Mapping[str, Indicator]) -> None:
    assert Counter(each.layer for each in instance.values()) == {"KEI": 4, "KQI": 17, "KPI": 37, "PI": 25}
    assert all(each.state == "live" and not each.retired for each in instance.values())
    assert {each.type for each in instance.values()} == {
        "customer_evaluation",
        "business_perception",
        "system_performance",
    }


@pytest.mark.requirement("S000-046")
def test_every_layer_supports_only_the_one_above_it_with_weights_that_sum_to_one(
    pack: Catalogue, instance: Mapping[str, Indicator]
) -> None:
    for code, each in instance.items():
        above = [pack.indicators[support.parent] for support in each.supports]
        assert bool(above) == (each.layer != "KEI"), code
        for parent in above:
            assert LAYERS.index(parent.layer) + 1 == LAYERS.index(each.layer), code
        assert all(support.parent in instance for support in each.supports), code
    for code, each in instance.items():
        weights = pack.children(code)
        if each.layer in ("KEI", "KQI"):
            assert weights, code
        assert not weights or sum(weights.values()) == pytest.approx(1, abs=1e-9), code


@pytest.mark.requirement("S000-046")
def test_some_indicators_support_several_and_every_experience_reaches_down_to_facts(
    pack: Catalogue, instance: Mapping[str, Indicator]
) -> None:
    assert sum(len(each.supports) > 1 for each in instance.values()) >= 15
    for kei in of_layer(instance, "KEI"):
        todo, reached = [kei], set()
        while todo:
            for child in pack.children(todo.pop()):
                reached.add(instance[child].layer)
                todo.append(child)
        assert reached == {"KQI", "KPI", "PI"}, kei


def test_experiences_are_scores_and_all_below_them_are_measured(instance: Mapping[str, Indicator]) -> None:
    for code, each in instance.items():
        assert (each.measure is None) == (each.layer == "KEI"), code
        if each.layer == "KEI":
            assert (each.type, each.dimension) == ("customer_evaluation", "perception"), code


@pytest.mark.requirement("S000-047")
@pytest.mark.parametrize("layer", ["KPI", "PI"])
def test_each_performance_and_each_fact_belongs_to_one_of_the_thirteen_steps(
    pack: Catalogue, instance: Mapping[str, Indicator], layer: str
) -> None:
    placed = set()
    for code, each in of_layer(instance, layer).items():
        assert len(each.processes) == 1, code
        assert each.step in pack.processes[each.processes[0]].steps, code
        placed.add((each.processes[0], each.step))
    assert placed == {(process, step) for process, steps in STEPS.items() for step in steps}
    assert len(placed) == 13


def test_facts_are_counts_sums_maxima_and_distinct_values(instance: Mapping[str, Indicator]) -> None:
    facts = of_layer(instance, "PI")
    assert {each.measure for each in facts.values()} == set(FACTS)
    assert all(each.feed != "recharge_chains" for each in facts.values())


def test_every_hop_has_a_share_of_chains_that_stopped_before_it(instance: Mapping[str, Indicator]) -> None:
    lost = {str(each.step): each for code, each in instance.items() if code.endswith(".lost_rate")}
    hops = [step for steps in STEPS.values() for step in steps if step not in ("pay", "notify")]
    assert sorted(lost) == sorted(hops)
    for step, each in lost.items():
        assert each.ratio is not None
        assert each.ratio.numerator.count is not None
        assert f"stuck_at = '{step}'" in (each.ratio.numerator.count.where or "")


@pytest.mark.requirement("S000-050")
def test_what_is_judged_has_its_own_limits_per_use(instance: Mapping[str, Indicator]) -> None:
    for code, each in instance.items():
        if each.layer in ("KQI", "KPI"):
            assert each.direction is not None, code
            assert each.targets.management is not None, code
        if each.layer == "KPI":
            assert each.targets.operations is not None, code
            assert each.targets.operations != each.targets.management, code
            assert each.owner is not None, code


@pytest.mark.requirement("S000-040", "S000-042")
def test_the_worked_touchpoints_carry_the_eight_pairs_and_each_pair_has_a_quality_indicator(
    pack: Catalogue, instance: Mapping[str, Indicator]
) -> None:
    worked = {code for code, _ in PAIRS}
    assert {(code, a) for code in worked for a in pack.touchpoints[code].attributes} == PAIRS
    answered = set()
    for code, each in of_layer(instance, "KQI").items():
        assert each.touchpoints, code
        assert each.attribute is not None, code
        answered |= {(touchpoint, each.attribute) for touchpoint in each.touchpoints}
    assert answered >= PAIRS
    touched = [pack.touchpoints[code] for code in worked]
    assert {each.content for each in touched} >= {"personal_data", "invoice", "notice"}
    assert {each.step for each in touched} == {"pay", "reminder", "resume"}
    assert set(pack.touchpoints["recharge.pay"].channels) == set(pack.processes["recharge"].channels)


@pytest.mark.requirement("S000-039")
def test_every_step_behind_the_customers_touchpoints_is_named(pack: Catalogue) -> None:
    worked = {code for code, _ in PAIRS}
    behind = {(pack.touchpoints[code].process, step) for code in worked for step in pack.touchpoints[code].supported_by}
    assert {step for process, step in behind if process == "payment_resume"} == set(STEPS["payment_resume"])
    assert {step for process, step in behind if process == "recharge"} >= {"pay", "book", "update_balance"}


def test_no_two_of_them_measure_the_same(pack: Catalogue, instance: Mapping[str, Indicator]) -> None:
    forms = Counter(normal_form(pack, code) for code, each in instance.items() if each.measure is not None)
    assert len(forms) == 79
    assert None not in forms


def test_a_chain_holds_the_time_of_every_step_and_where_it_stopped(pack: Catalogue) -> None:
    feed = pack.feeds["recharge_chains"]
    assert feed.made_by == "trace"
    times = {name for name, column in feed.columns.items() if column.type == "timestamp"}
    assert len(times - {"resume_told_at", "sms_submitted_at", "waiting_since"}) == 13
    assert times >= {step.column for step in pack.traces["recharge_resume"].steps.values()}
    stops = {entry.code for entry in pack.code_lists[feed.columns["stuck_at"].allowed or ""].entries}
    assert stops == {step for steps in STEPS.values() for step in steps}


@pytest.mark.requirement("S004-003")
def test_the_board_shows_the_whole_instance_under_one_experience(
    pack: Catalogue, instance: Mapping[str, Indicator]
) -> None:
    board = pack.topics["recharge_resume"]
    assert set(board.indicators) == set(instance)
    assert pack.indicators[board.headline].layer == "KEI"
    assert [pack.indicators[code].layer for code in board.indicators] == [
        layer for layer, n in zip(LAYERS, (4, 17, 37, 25), strict=True) for _ in range(n)
    ]
