"""What follows from a catalogue: pairs and their coverage, candidates, completeness of the derivation."""

from __future__ import annotations

import pytest

from ganzhi.base.ids import is_code
from ganzhi.catalogue.derive.candidates import candidates, free_code
from ganzhi.catalogue.derive.completeness import CHECKS, STEPS, Checked, completeness
from ganzhi.catalogue.derive.coverage import (
    StateCounts,
    indicators_without_process,
    measured_by,
    pairs_of,
    visible,
)
from ganzhi.catalogue.model.whole import Catalogue
from tests.catalogue.small import indicator, small_catalogue, text


@pytest.fixture(scope="module")
def small() -> Catalogue:
    return small_catalogue()


def checks(catalogue: Catalogue, process: str | None = None) -> dict[str, Checked]:
    return {check.check: check for step in completeness(catalogue, process) for check in step.checks}


def gaps(catalogue: Catalogue, check: str, process: str | None = None) -> list[str]:
    return [gap.code for gap in checks(catalogue, process)[check].gaps]


@pytest.mark.requirement("S000-041")
def test_every_marked_pair_is_answered_by_indicators_or_open(small: Catalogue) -> None:
    found = {(pair.touchpoint, pair.attribute): pair.indicators for pair in pairs_of(small)}
    assert found == {
        ("pay.counter", "speed"): ("pay.speed",),
        ("pay.counter", "trust"): (),
        ("pay.invoice", "accuracy"): (),
    }
    assert [pair.state for pair in pairs_of(small)] == ["live", None, None]


def test_a_retired_indicator_answers_nothing(small: Catalogue) -> None:
    retired = small.indicators["pay.speed"].model_copy(update={"retired": True})
    assert not any(pair.covered for pair in pairs_of(small_catalogue(indicators={"pay.speed": retired})))


def test_the_state_of_a_pair_is_the_furthest_of_its_indicators() -> None:
    planned = indicator(
        text, "计划", "Planned", "KQI", touchpoints=("pay.invoice",), attribute="accuracy", state="planned"
    )
    designed = planned.model_copy(update={"state": "designed"})
    catalogue = small_catalogue(indicators={"a": planned, "b": designed})
    assert next(pair.state for pair in pairs_of(catalogue) if pair.attribute == "accuracy") == "designed"


@pytest.mark.requirement("S000-031")
def test_processes_and_indicators_are_linked_many_to_many_and_gaps_are_found_both_ways(small: Catalogue) -> None:
    measured = measured_by(small)
    assert measured["pay"] == ("pay.experience", "pay.speed", "pay.posted", "pay.loose", "pay.empty")
    assert [process for process, codes in measured.items() if not codes] == ["bill", "resume", "cards"]
    assert indicators_without_process(small) == ("lost",)
    both = small.indicators["pay.posted"].model_copy(update={"processes": ("pay", "bill")})
    assert "pay.posted" in measured_by(small_catalogue(indicators={"pay.posted": both}))["bill"]


def test_a_process_is_visible_by_front_step_chain_or_activity(small: Catalogue) -> None:
    assert [code for code in small.processes if visible(small, code)] == ["pay", "bill", "resume"]


@pytest.mark.requirement("S000-042")
def test_every_open_pair_gets_a_candidate_with_name_code_layer_and_type(small: Catalogue) -> None:
    found = {each.code: each for each in candidates(small)}
    assert sorted(found) == ["pay.counter.trust", "pay.invoice.accuracy"]
    invoice = found["pay.invoice.accuracy"]
    assert invoice.name == text("发票的准确感知", "Invoice: perceived accuracy")
    assert (
        invoice.definition.en
        == "At “Invoice”: customers who agree with “The amount is right” ÷ customers who answered."
    )
    assert (invoice.layer, invoice.type, invoice.feeds) == ("KQI", "customer_evaluation", ())
    assert all(is_code(code) for code in found)


@pytest.mark.requirement("S000-042")
@pytest.mark.parametrize(("feed", "kind"), [(None, "business_perception"), ("payments", "system_performance")])
def test_a_candidate_is_measured_from_records_where_a_supporting_step_leaves_them(feed: str | None, kind: str) -> None:
    small = small_catalogue()
    pay = small.processes["pay"]
    steps = {**pay.steps, "post": pay.steps["post"].model_copy(update={"feed": feed})}
    catalogue = small_catalogue(
        processes={"pay": pay.model_copy(update={"steps": steps})},
        touchpoints={"pay.invoice": small.touchpoints["pay.invoice"].model_copy(update={"supported_by": ("post",)})},
    )
    assert {each.code: each.type for each in candidates(catalogue)}["pay.invoice.accuracy"] == kind


def test_a_suggested_code_is_free_and_no_longer_than_a_code_may_be() -> None:
    assert free_code("a.b", {"a.b", "a.b_2"}) == "a.b_3"
    long = "a" * 40 + "." + "b" * 40
    assert len(free_code(long, ())) == 64
    taken = free_code(long, {free_code(long, ())})
    assert len(taken) == 64
    assert is_code(taken)


@pytest.mark.requirement("S000-043")
def test_the_derivation_has_four_steps_and_every_check_finds_what_is_missing(small: Catalogue) -> None:
    assert [step.step for step in completeness(small)] == list(STEPS)
    expected = {
        "process_steps": ["bill", "resume", "cards"],
        "process_channels": ["bill", "resume"],
        "process_chain": ["bill"],
        "process_activity": ["resume"],
        "process_touchpoints": ["bill"],
        "touchpoint_attributes": ["resume.service"],
        "touchpoint_support": ["pay.invoice"],
        "pair_covered": ["pay.counter", "pay.invoice"],
        "pair_marked": [],
        "process_measured": ["bill", "resume", "cards"],
        "indicator_placed": ["lost"],
        "kei_supported": [],
        "kqi_computable": ["pay.empty"],
        "kpi_computable": [],
        "pi_placed": ["pay.loose"],
        "judged_supports": ["pay.loose", "lost"],
        "feasible": ["pay.empty"],
    }
    assert {name: gaps(small, name) for _, name, _ in CHECKS} == expected


@pytest.mark.requirement("S000-043")
def test_completeness_of_one_process_looks_at_nothing_else(small: Catalogue) -> None:
    found = checks(small, "pay")
    assert gaps(small, "indicator_placed", "pay") == []
    assert gaps(small, "process_touchpoints", "pay") == []
    assert gaps(small, "judged_supports", "pay") == ["pay.loose"]
    assert (found["pair_covered"].total, found["pair_covered"].passed) == (3, 1)
    assert found["process_measured"].total == 1


@pytest.mark.requirement("S000-029")
def test_a_blocked_indicator_says_which_check_failed_and_what_stands_in_the_way(small: Catalogue) -> None:
    gap = checks(small)["feasible"].gaps[0]
    assert gap.lacks == ("collectable",)
    assert gap.note == text("银行不提供", "the bank does not give it")


def test_an_answer_to_an_attribute_that_is_not_marked_is_found() -> None:
    odd = indicator(text, "准确", "Right", "KQI", touchpoints=("pay.counter",), attribute="accuracy")
    assert gaps(small_catalogue(indicators={"odd": odd}), "pair_marked") == ["pay.counter"]


def test_passed_and_gaps_add_up_to_what_was_looked_at(small: Catalogue) -> None:
    for step in completeness(small):
        assert step.passed + sum(len(check.gaps) for check in step.checks) == step.total


@pytest.mark.requirement("S000-030")
def test_states_are_counted_and_their_total_is_all() -> None:
    counts = StateCounts.of(["planned", "live", "live", "designed"])
    assert (counts.planned, counts.designed, counts.live, counts.total) == (1, 1, 2, 4)
