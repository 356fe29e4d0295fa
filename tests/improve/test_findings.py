"""The life of a finding, told as timelines: what is heard, what is done, and what the clocks make of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ganzhi.base.errors import InputError
from ganzhi.improve.clocks import tick
from ganzhi.improve.cycle import replay
from ganzhi.improve.daily import daily
from ganzhi.improve.effect import effect
from ganzhi.improve.findings import Findings
from ganzhi.improve.heard import hear, hear_all
from ganzhi.improve.sample import draw, seed_of, shares
from ganzhi.store.findings.records import Evidence, Finding, FindingChangedError, Sample
from tests.improve.town import ANN, HAN, Town, catalogue, evaluated, signal
from tests.store.conftest import START

FORM = {"phenomenon": "投诉量升高", "analysis": "计费差错", "measures": "回退版本"}


def codes(error: InputError) -> list[str]:
    return [issue.code for issue in error.issues]


@pytest.mark.requirement("S003-008")
def test_a_warning_goes_round_the_whole_loop_and_each_step_is_in_its_history(town: Town) -> None:
    found = town.raised(2)
    assert (found.state, found.due, found.told) == ("published", START + timedelta(minutes=60), 2)
    found = town.findings.act(found, "acknowledge", ANN)
    assert found.due == START + timedelta(minutes=480)
    found = town.findings.act(found, "analyse", ANN)
    with pytest.raises(InputError) as lacking:
        town.findings.act(found, "feedback", ANN, feedback={"phenomenon": "x", "measures": " "})
    assert codes(lacking.value) == ["FND005", "FND005"]
    until = START + timedelta(days=3)
    found = town.findings.act(found, "feedback", ANN, feedback=FORM, until=until)
    assert (found.state, found.due) == ("measured", until)
    found = town.findings.act(found, "check", ANN)
    for day in (21, 22, 23):
        town.clock.pass_time(hours=12)
        found = town.raised(0, day=day, value=41)
    found = town.findings.act(found, "close", ANN, reason="三天正常")
    assert (found.state, found.due, found.closed_at) == ("closed", None, town.clock.now())
    history = town.store.findings.history(found.id)
    assert [e.act for e in history] == [
        "raise", "publish", "acknowledge", "analyse", "feedback", "check", "stand_down", "close",
    ]  # fmt: skip
    assert replay(history) == "closed"
    assert history[-1].detail["effect"]["verdict"] == "shown"  # type: ignore[index]
    assert town.store.findings.feedback(found.id)[0].analysis == "计费差错"


@pytest.mark.requirement("S003-010")
def test_what_is_heard_again_updates_the_one_finding_and_records_up_and_down(town: Town) -> None:
    first = town.raised(1)
    assert town.raised(1) == first
    for grade, day in ((3, 21), (2, 22), (0, 23), (1, 24)):
        town.raised(grade, day=day)
    now = town.now(first)
    assert (now.grade, now.highest, now.first_period, now.last_period) == (1, 3, "2026-11-20", "2026-11-24")
    changes = [(e.act, e.detail.get("from"), e.detail.get("to")) for e in town.store.findings.history(first.id)[2:]]
    assert changes == [("upgrade", 1, 3), ("downgrade", 3, 2), ("stand_down", 2, 0), ("upgrade", 0, 1)]
    assert len(town.store.findings.evidence(first.id)) == 5
    assert len(town.store.findings.list()) == 1


def test_an_unknown_or_an_older_evaluation_is_kept_and_changes_no_grade(town: Town) -> None:
    first = town.raised(2, day=20)
    town.raised(0, day=21, verdict="unknown")
    town.raised(0, day=19)
    assert (town.now(first).grade, town.now(first).version) == (2, first.version)
    assert len(town.store.findings.evidence(first.id)) == 3


def test_quiet_evaluations_of_what_was_never_out_leave_nothing(town: Town) -> None:
    assert town.findings.hear([evaluated(0), evaluated(0, verdict="unknown")]) == ()
    assert town.store.audit.entries() == ()


def test_what_was_dismissed_is_not_raised_again_by_the_same_period_unless_graver(town: Town) -> None:
    first = town.findings.act(town.raised(2), "dismiss", ANN, reason="演练")
    assert town.findings.hear([evaluated(2), evaluated(1)])[0].id == first.id
    assert town.store.findings.list() == ()
    again = town.raised(3)
    assert again.id != first.id
    assert town.store.findings.history(again.id)[0].detail["earlier"] == first.id


def test_a_grade_that_needs_approval_waits_for_that_role_and_escalates_meanwhile(town: Town) -> None:
    found = town.raised(4)
    assert (found.state, found.told, found.due) == ("raised", 0, START + timedelta(minutes=15))
    town.clock.pass_time(minutes=16)
    assert tick(town.findings).escalated == 1
    found = town.now(found)
    with pytest.raises(InputError) as caught:
        town.findings.act(found, "publish", ANN)
    assert codes(caught.value) == ["FND006"]
    found = town.findings.act(found, "publish", HAN)
    assert (found.state, found.told) == ("published", 4)


def test_an_upgrade_that_needs_approval_is_made_known_once_approved(town: Town) -> None:
    found = town.findings.act(town.raised(2), "acknowledge", ANN)
    found = town.raised(4, day=21)
    assert (found.state, found.grade, found.told) == ("acknowledged", 4, 2)
    with pytest.raises(InputError):
        town.findings.act(found, "announce", ANN)
    assert town.findings.act(found, "announce", HAN).told == 4


def test_a_city_is_part_of_its_provinces_warning_and_closes_with_it(town: Town) -> None:
    heard = [evaluated(2, unit="11", verdict="withheld", why="in_parent"), evaluated(3, unit="10")]
    province, city = town.findings.hear(heard)
    assert (province.unit, city.state, city.parent, city.due) == ("10", "merged", province.id, None)
    town.findings.hear([evaluated(0, unit="11", day=21)])
    town.findings.act(province, "dismiss", ANN, reason="演练")
    assert town.acts(city) == ["raise", "merge", "stand_down", "follow"]


def test_a_city_that_is_still_out_stands_by_itself_when_its_province_is_closed(town: Town) -> None:
    province, city = town.findings.hear(
        [evaluated(3, unit="10"), evaluated(2, unit="11", verdict="withheld", why="in_parent")]
    )
    town.findings.act(province, "dismiss", ANN, reason="演练")
    tick(town.findings)
    assert (town.now(city).state, town.now(city).parent) == ("published", None)


def test_a_city_that_became_graver_leaves_its_provinces_warning(town: Town) -> None:
    _, city = town.findings.hear(
        [evaluated(2, unit="10"), evaluated(1, unit="11", verdict="withheld", why="in_parent")]
    )
    town.raised(3, unit="11", day=21)
    assert town.acts(city)[-3:] == ["upgrade", "split", "publish"]


def test_under_a_silence_it_is_recorded_and_surfaces_when_that_is_over(town: Town) -> None:
    town.store.silences.add(
        kind="maintenance", owner="ann", reason="割接", starts_at=START, ends_at=START + timedelta(hours=4), unit="10"
    )
    found = town.raised(2, unit="11")
    assert (found.state, town.store.findings.history(found.id)[-1].reason) == ("suppressed", "maintenance")
    assert town.store.outbox.notices() == ()
    town.clock.pass_time(hours=3)
    tick(town.findings)
    assert town.now(found).state == "suppressed"
    town.clock.pass_time(hours=1)
    assert tick(town.findings).published == 1
    assert town.now(found).state == "published"
    assert town.now(found).due == town.clock.now() + timedelta(minutes=60)


def test_what_chance_explains_is_withheld_with_that_reason_and_lapses_or_surfaces(town: Town) -> None:
    kept = town.raised(1, unit="11", verdict="withheld", why="discovery")
    other = town.raised(1, unit="12", verdict="withheld", why="discovery")
    assert (kept.state, town.store.findings.history(kept.id)[-1].reason) == ("withheld", "discovery")
    town.findings.hear([evaluated(0, unit="11", day=21), evaluated(2, unit="12", day=21)])
    assert (town.now(kept).state, town.now(other).state) == ("closed", "published")
    assert town.acts(kept)[-1] == "lapse"


def test_what_a_person_withheld_surfaces_only_when_it_is_graver(town: Town) -> None:
    found = town.raised(4)
    found = town.findings.act(found, "withhold", HAN, reason="核实中")
    assert town.raised(4, day=21).state == "withheld"
    lighter = town.raised(1, unit="12", verdict="withheld", why="discovery")
    lighter = town.findings.act(lighter, "release", ANN, reason="真的")
    assert lighter.state == "published"


def test_deadlines_that_pass_go_to_one_role_after_the_other_until_somebody_acts(town: Town) -> None:
    found = town.raised(2)
    roles = []
    for _ in range(3):
        town.clock.pass_time(minutes=61)
        assert tick(town.findings).escalated == 1
        assert tick(town.findings).escalated == 0
        roles.append(town.store.findings.history(found.id)[-1].detail["role"])
    assert roles == ["manager", "leader", "leader"]
    town.findings.act(town.now(found), "acknowledge", ANN)
    town.clock.pass_time(minutes=61)
    assert tick(town.findings).escalated == 0


def test_it_is_told_again_until_it_is_taken_up(town: Town) -> None:
    found = town.raised(2)
    town.clock.pass_time(minutes=31)
    assert [tick(town.findings).reminded for _ in range(2)] == [1, 0]
    town.findings.act(town.now(found), "acknowledge", ANN)
    town.clock.pass_time(minutes=31)
    assert tick(town.findings).reminded == 0


def test_of_two_people_at_once_the_second_sees_both_states(town: Town) -> None:
    seen = town.raised(2)
    done = town.findings.act(seen, "acknowledge", ANN)
    with pytest.raises(FindingChangedError) as caught:
        town.findings.act(seen, "dismiss", HAN, reason="误报")
    assert (caught.value.seen.state, caught.value.now) == ("published", done)


def test_a_daily_report_repeats_a_finding_until_it_is_closed_and_once_more_then(town: Town) -> None:
    found = town.raised(2)
    hidden = town.raised(1, unit="12", verdict="withheld", why="discovery")
    yesterday = START - timedelta(hours=1)
    for _ in range(3):
        report = daily(town.store, yesterday)
        assert [each.finding.id for each in report.working] == [found.id]
        assert [each.finding.id for each in report.kept_back] == [hidden.id]
        assert report.reasons == {"withhold:discovery": 1}
        yesterday = town.clock.now() + timedelta(seconds=1)
        town.clock.pass_time(days=1)
    assert report.working[0].overdue
    assert not report.working[0].new
    town.findings.act(town.now(found), "dismiss", ANN, reason="已恢复")
    assert [each.finding.id for each in daily(town.store, yesterday).closed] == [found.id]
    assert daily(town.store, town.clock.now() + timedelta(seconds=1)).closed == ()


@pytest.mark.requirement("S003-017")
def test_a_sample_is_drawn_at_once_and_one_that_is_missing_is_drawn_later(town: Town) -> None:
    rows = [f"L:{n}" for n in range(500)]
    failing = [True]

    def drawn(finding: Finding) -> Sample | None:
        if failing[0]:
            return None
        seed = seed_of(finding.id, finding.first_period)
        return Sample(
            f"s-{finding.id}", finding.id, finding.first_period, seed, 500, draw(seed, rows, 30), {}, START, 1
        )

    desk = Findings(town.store, town.findings.rules, draw=drawn)
    (first,) = desk.hear([evaluated(1)])
    assert town.store.samples.of(first.id) == ()
    failing[0] = False
    assert [tick(desk).sampled, tick(desk).sampled] == [1, 0]
    (second,) = desk.hear([evaluated(1, unit="12")])
    (sample,) = town.store.samples.of(second.id)
    assert sample.rows == draw(seed_of(second.id, "2026-11-20"), reversed(rows), 30)
    assert len(set(sample.rows)) == 30


@pytest.mark.requirement("S003-019")
def test_samples_are_reproducible_differ_by_seed_and_are_even() -> None:
    rows = [f"L:{n}" for n in range(200)]
    counts = dict.fromkeys(rows, 0)
    for number in range(2_000):
        for row in draw(f"seed {number}", rows, 20):
            counts[row] += 1
    assert sum(counts.values()) == 40_000
    # 200 each on average; a standard deviation is 13.4, so 5 of them are far beyond the largest of 200 draws.
    assert all(abs(count - 200) < 67 for count in counts.values())


def test_shares_of_causes_have_wilsons_interval() -> None:
    causes = {f"L:{n}": "计费" if n < 8 else "网络" for n in range(10)}
    found = shares(Sample("s", "f", "p", "x", 99, tuple(causes), causes, START, 1))
    first = found[0]
    assert (first.cause, first.count, first.of) == ("计费", 8, 10)
    assert (round(first.low, 4), round(first.high, 4)) == (0.4902, 0.9433)
    assert shares(Sample("s", "f", "p", "x", 99, ("L:1",), {}, START, 1)) == ()


def _evidence(number: int, value: float, grade: int, expected: float = 40.0) -> Evidence:
    content: dict[str, Any] = {"value": value, "expected": expected, "made": {"how": "counts"}, "verdict": "warned"}
    return Evidence("f", number, START, f"2026-11-{number:02}", grade, content)


def test_the_effect_of_measures_is_the_ratio_of_ratios_and_is_not_claimed_too_early() -> None:
    before = [_evidence(n, 80, 2) for n in (1, 2)]
    after = [_evidence(n, 40, 0) for n in (3, 4, 5)]
    found = effect(before, after)
    assert (found.verdict, found.ratio) == ("shown", 0.5)
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0.5 < found.high < 1
    assert effect(before, after[:2]).verdict == "too_early"
    assert effect(before, [*after, _evidence(6, 90, 1)]).verdict == "not_shown"
    assert effect([], after).ratio is None


def test_what_shows_no_effect_is_closed_only_despite_that(town: Town) -> None:
    found = town.checking(2)
    with pytest.raises(InputError) as caught:
        town.findings.act(found, "close", ANN, reason="好了")
    assert codes(caught.value) == ["FND009"]
    assert town.findings.act(found, "resume", ANN, reason="无效").state == "analysing"


def test_a_rule_that_says_nothing_of_publication_still_gives_owner_and_clock(town: Town) -> None:
    found = town.raised(4, rule="plain")
    assert (found.state, found.owner, found.due) == ("published", "数据部", START + timedelta(hours=24))
    assert catalogue().warning_rules["plain"].publication is None


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "loud"},
        {"grade": "pink"},
        {"slice": []},
        {"unit": ""},
        {"rule": 3},
        {"reasons": ["x"]},
        {"reasons": 4},
    ],
)
def test_what_is_no_evaluation_is_refused_and_nothing_of_its_list_is_heard(change: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        hear_all([signal(1), signal(1) | change])
    assert codes(caught.value) == ["FND103"]
    for field in ("rule", "unit", "period", "verdict", "grade", "slice"):
        lacking = {name: value for name, value in signal(1).items() if name != field}
        with pytest.raises(InputError):
            hear(lacking)
