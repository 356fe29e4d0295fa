"""Footfall against capacity, from tickets to a finding that the hall's manager is told of (S002-030)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from ganzhi.access.rights import ROLES, Viewer
from ganzhi.base.clock import FixedClock
from ganzhi.base.errors import GanzhiError
from ganzhi.improve.findings import Findings
from ganzhi.improve.heard import hear_all
from ganzhi.improve.rules import Rules
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import States
from ganzhi.measure.records import RecordsRequest, records
from ganzhi.warn.evaluate import Judges, evaluate
from ganzhi.warn.footfall.course import usual
from ganzhi.warn.footfall.judge import of_day
from ganzhi.warn.footfall.reading import floor_of
from ganzhi.warn.footfall.today import hall_today
from ganzhi.warn.signal import Signal, rank_of
from tests.warn.footfall.conftest import DESKS, OPENS, RULE, SHORT, TODAY, ZONE, Town

FIRST_SLOT = 2 * OPENS
TOO_LONG_S = 600


@pytest.fixture(scope="module")
def said(town: Town, states: States) -> list[Signal]:
    """What the rule says of the last day, in the evening."""
    return evaluate(town.place, states, RULE, TODAY, Judges())


def _of(signals: list[Signal], hall: str) -> list[Signal]:
    return [each for each in signals if each.unit == hall]


@pytest.mark.requirement("S002-030")
def test_the_manager_is_warned_before_the_wait_is_too_long_and_while_it_is(
    town: Town, states: States, said: list[Signal]
) -> None:
    signals = said
    short = _of(signals, SHORT)
    real = town.waits[SHORT, TODAY]
    too_long = next(k for k, wait in enumerate(real) if wait >= TOO_LONG_S)
    first = next(n for n, each in enumerate(short) if each.grade) - FIRST_SLOT
    assert first < too_long, "warned while there is still time"
    ahead = short[first + FIRST_SLOT]
    assert ahead.reasons[0].code == "capacity_ahead"
    there = [each for n, each in enumerate(short[FIRST_SLOT : FIRST_SLOT + len(real)]) if real[n] >= 2 * TOO_LONG_S]
    assert len(there) > 4
    assert all(each.grade == "red" for each in there[2:])
    assert any(reason.code == "beyond_capacity" for each in there for reason in each.reasons)

    # Values are tickets that can be counted, and open to them.
    assert [each.value for each in short[FIRST_SLOT : FIRST_SLOT + len(real)]] == town.came[SHORT, TODAY].tolist()
    page = records(town.place, states, RecordsRequest(ahead.indicator, SHORT, ahead.period))
    assert page.total == ahead.value

    # The life cycle is that of any warning: a finding with owner, grade and clock, let out to the managers.
    rules = Rules(town.place.catalogue)
    findings = Findings(town.place.store, rules)
    (finding,) = [each for each in findings.hear(hear_all([each.as_json() for each in short])) if each.unit == SHORT]
    assert finding.rule == RULE
    assert finding.highest == rank_of("red")
    step = rules.step(RULE, finding.highest)
    assert step is not None
    assert "manager" in step.roles


def test_halls_with_their_usual_desks_are_left_in_peace(town: Town, said: list[Signal]) -> None:
    for hall in DESKS:
        if hall == SHORT:
            continue
        out = [each for each in _of(said, hall) if rank_of(each.grade) > 1]
        real = town.waits[hall, TODAY].max()
        assert real < TOO_LONG_S
        assert not out, (hall, real, [(each.period.key, each.grade, each.reasons) for each in out])


def test_what_is_expected_beats_the_same_slot_of_last_week(town: Town, states: States) -> None:
    """Weighted absolute error over days of all halls, each forecast made before its day begins."""
    rule = town.place.catalogue.warning_rules[RULE]
    ours = rival = total = 0.0
    for back in (0, 4, 6, 9):
        day = TODAY - timedelta(days=back)
        floor = floor_of(town.place, states, rule, tuple(DESKS), day)
        plan = usual(floor)
        ours += float(np.abs(plan.customers - floor.came).sum())
        rival += float(np.abs(floor.alike[-1] - floor.came).sum())
        total += float(floor.came.sum())
    assert ours / total < 0.95 * rival / total


def test_what_happens_later_changes_nothing_of_what_was_said(town: Town, states: States, said: list[Signal]) -> None:
    """At noon the morning's signals are those that the evening has of it; periods to come have none."""
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=ZONE)
    early = replace(town.place, clock=FixedClock(noon))
    at_noon = evaluate(early, states, RULE, TODAY, Judges())
    assert max(each.period.end for each in at_noon) == noon
    assert at_noon == [each for each in said if each.period.end <= noon]


def test_the_page_of_the_day_says_what_the_rule_says(town: Town, states: States, said: list[Signal]) -> None:
    noon = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=ZONE)
    place = replace(town.place, clock=FixedClock(noon))
    viewer = Viewer("ann", "ann", "manager", (SHORT,), ROLES["manager"].rights)
    page = hall_today(Reader(place, states, viewer), SHORT)
    assert page is not None
    assert (page.until, page.known, page.planned) == (6, True, False)
    assert [row.came for row in page.rows[:6]] == town.came[SHORT, TODAY][:6].tolist()
    assert page.came == town.came[SHORT, TODAY].sum(), "as many as the records of the day that it opens"
    assert all(row.came is None and row.expected > 0 for row in page.rows[6:16])
    assert page.total == pytest.approx(town.came[SHORT, TODAY].sum(), rel=0.25)
    assert page.worst is not None
    assert rank_of(page.worst.grade) >= 3
    limits = [each.limits["blue"] for each in _of(said, SHORT)[FIRST_SLOT : FIRST_SLOT + 6]]
    assert [row.capacity for row in page.rows[:6]] == limits
    with pytest.raises(GanzhiError):
        hall_today(Reader(place, states, viewer), "h2")


def test_without_records_of_desks_the_usual_ones_stand_for_them(town: Town, states: States) -> None:
    rule = town.place.catalogue.warning_rules[RULE]
    floor = replace(floor_of(town.place, states, rule, tuple(DESKS), TODAY), desks=None)
    floor = replace(floor, came=2 * floor.came)
    told = [each for slot in of_day(floor, RULE, rule, "x") for each in slot if each.crossed]
    assert told
    assert all(each.reasons[1].code == "desks_planned" for each in told)
    unknown = replace(floor, alike=floor.alike[:2], moved=floor.moved[:2])
    verdicts = {each.verdict for slot in of_day(unknown, RULE, rule, "x") for each in slot}
    assert verdicts == {"unknown"}
