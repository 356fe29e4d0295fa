"""Rules over what is measured: the values that are judged are those of the file, counted by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ganzhi.base.errors import InputError
from ganzhi.measure.open import States, open_states
from ganzhi.warehouse.workplace import Workplace
from ganzhi.warn.backtest import Incident, outcome, read_truth
from ganzhi.warn.evaluate import Judges, evaluate, evaluate_days, fixed_limits, rule_of, rules_in_force
from ganzhi.warn.limits.content import Limits, limits_of
from ganzhi.warn.limits.desk import ThresholdDesk
from ganzhi.warn.limits.exchange import write_table
from ganzhi.warn.thresholds import propose
from tests.measure.bank import calls
from tests.warn.conftest import OUTBREAK, team_of, times


def test_judges_the_counts_of_the_file_and_names_the_team_and_its_province(
    outbreak: Workplace, states: States, sample_calls: Path
) -> None:
    by_hand: Counter[str] = Counter()
    for call in calls(sample_calls):
        if call.arrived_at.date() == OUTBREAK and call.real:
            by_hand[team_of(call)] += times(call)
    found = {signal.unit: signal for signal in evaluate(outbreak, states, "test.calls", OUTBREAK)}
    assert list(found) == ["all", "east", "west"]
    assert {unit: found[unit].value for unit in ("east", "west")} == dict(by_hand)
    assert found["all"].value == sum(by_hand.values())
    assert (found["all"].verdict, found["west"].verdict) == ("warned", "quiet")
    assert found["east"].grade is not None
    assert {signal.made.how for signal in found.values()} == {"slots"}
    assert all(signal.made.fell_back is not None for signal in found.values())


def test_too_little_history_is_unknown_and_never_quiet(outbreak: Workplace, states: States) -> None:
    found = evaluate(outbreak, states, "test.calls", date(1999, 1, 15))
    assert {signal.verdict for signal in found} == {"unknown"}
    assert {signal.reasons[0].code for signal in found} == {"too_little_history"}


def test_a_day_of_which_nothing_arrived_is_unknown(outbreak: Workplace, states: States) -> None:
    found = evaluate(outbreak, states, "test.calls", date(1999, 2, 1))
    assert {(signal.verdict, signal.value, signal.reasons[0].code) for signal in found} == {
        ("unknown", None, "unknown_value")
    }


def test_judges_only_the_slices_that_are_named(outbreak: Workplace, states: States) -> None:
    found = evaluate(outbreak, states, "test.by_type", OUTBREAK)
    assert sorted(signal.slice["call_type"] for signal in found) == ["NE", "PS"]


@pytest.mark.requirement("S000-099")
def test_fixed_limits_are_those_of_the_indicators_levels(outbreak: Workplace, states: States) -> None:
    rule = rule_of(outbreak.catalogue, "test.answered")
    limits = fixed_limits(outbreak.catalogue, rule)
    assert (round(limits["blue"], 9), limits["yellow"], limits["orange"], limits["red"]) == (85.0, 82.5, 80.0, 75.0)
    for signals in evaluate_days(outbreak, states, "test.answered", date(1999, 1, 1), date(1999, 1, 31)):
        for signal in signals:
            if signal.value is None:  # two days of the file are missing
                assert signal.verdict == "unknown"
                continue
            assert (signal.crossed is not None) == (signal.value < 85.0)
            assert (signal.crossed == "red") == (signal.value <= 75.0)


def test_a_rule_whose_indicator_is_retired_rests(outbreak: Workplace) -> None:
    catalogue = outbreak.catalogue
    retired = catalogue.indicators["hotline.calls"].model_copy(update={"retired": True})
    without = replace(catalogue, indicators={**catalogue.indicators, "hotline.calls": retired})
    assert set(rules_in_force(catalogue)) - set(rules_in_force(without)) == {"test.calls", "test.by_type"}


def test_one_set_of_judges_says_the_same_again(outbreak: Workplace, states: States) -> None:
    judges = Judges()
    one, two, fresh = (evaluate(outbreak, states, "test.calls", OUTBREAK, j) for j in (judges, judges, None))
    assert one == two == fresh


def test_a_rule_that_is_not_declared_is_refused_with_those_that_are_like_it(
    outbreak: Workplace, states: States
) -> None:
    with pytest.raises(InputError) as refused:
        evaluate(outbreak, states, "test.call", OUTBREAK)
    assert refused.value.issues[0].code == "WRN001"
    assert "test.calls" in refused.value.issues[0].params["near"]


def test_a_backtest_counts_hits_misses_delay_and_false_alarms(outbreak: Workplace, states: States) -> None:
    days = evaluate_days(outbreak, states, "test.calls", date(1999, 1, 27), OUTBREAK)
    signals = [each for of_day in days for each in of_day]
    truth = [
        Incident(date(1999, 1, 30), OUTBREAK, "all"),
        Incident(date(1999, 1, 27), date(1999, 1, 28), "west"),
    ]
    found = outcome(signals, truth, "yellow")
    assert (found.found, found.missed, found.delay_mean) == (1, 1, 1.0)
    assert (found.series, found.evaluations) == (3, 15)
    nowhere = outcome(signals, [], "yellow")
    assert nowhere.false_starts == nowhere.starts >= 1
    assert outcome(signals, None).false_starts is None


def test_a_file_of_incidents_is_read_or_refused_by_line(tmp_path: Path) -> None:
    file = tmp_path / "truth.csv"
    file.write_text("first,last,unit\n1999-01-31,1999-01-31,east\n", encoding="utf-8")
    assert read_truth(file) == [Incident(OUTBREAK, OUTBREAK, "east")]
    file.write_text("first,last\n1999-01-28,1999-01-28\n28.1.1999,1999-01-28\n", encoding="utf-8")
    with pytest.raises(InputError) as refused:
        read_truth(file)
    assert [(i.code, i.at and i.at.line) for i in refused.value.issues] == [("WRN010", 3)]


def test_weeks_give_thresholds_that_say_so_and_fewer_none(outbreak: Workplace, states: States) -> None:
    found = propose(outbreak, states, "test.by_type", date(1999, 2, 1))
    assert {line.basis["how"] for line in found.lines} == {"recent"}
    assert [line.slice["call_type"] for line in found.lines] == ["NE", "PS"]
    early = propose(outbreak, states, "test.by_type", date(1999, 1, 1))
    assert (early.lines, {each["code"] for each in early.skipped}) == ((), {"too_little_history"})


@pytest.mark.requirement("S003-013")
@pytest.mark.requirement("S003-014")
def test_a_proposal_leaves_as_a_table_comes_back_edited_and_judges_once_it_is_approved(
    outbreak: Workplace, states: States, tmp_path: Path
) -> None:
    desk = ThresholdDesk(outbreak, lambda: open_states(outbreak))
    made = desk.propose("test.by_type", date(1999, 2, 1))
    limits = limits_of(made.content)
    judges, day = Judges(), OUTBREAK

    def versions() -> set[int | None]:
        return {signal.made.version for signal in evaluate(outbreak, states, "test.by_type", day, judges)}

    desk.decide(made.id, "approve", by="ann")
    assert versions() == {None}  # it holds from February on
    for form in ("csv", "xlsx"):
        sent = write_table({"test.by_type": replace(limits, first=day)}, form)  # type: ignore[arg-type]
        (taken,) = desk.take_in(f"edited.{form}", sent, by="ann")
        back = limits_of(taken.content)
        assert back.first == day
        assert [(x.key, x.daily, x.monthly) for x in back.lines] == [(x.key, x.daily, x.monthly) for x in limits.lines]
        assert versions() == ({None} if form == "csv" else {2})
        with pytest.raises(InputError) as own:
            desk.decide(taken.id, "approve", by="ann")
        assert own.value.issues[0].code == "FND016"
        desk.decide(taken.id, "approve", by="bob")
        assert versions() == {taken.number}
    with pytest.raises(InputError) as wrong:
        desk.take_in("edited.csv", sent_csv(limits).replace(b",all,", b",nowhere,"), by="ann")
    assert {issue.code for issue in wrong.value.issues} == {"WRN032"}
    again = desk.decide(made.id, "restore", by="bob")
    assert (again.number, again.state, again.source, limits_of(again.content).lines) == (
        4, "approved", "version 1", limits.lines
    )  # fmt: skip


def sent_csv(limits: Limits) -> bytes:
    return write_table({"test.by_type": limits}, "csv")
