"""The schedule judges what changed, once; approved thresholds are a change."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from ganzhi.base.settings import Settings
from ganzhi.catalogue.model.warning import Grade
from ganzhi.improve.daily import daily, reports_made
from ganzhi.jobs import Judging, _thresholds
from ganzhi.warehouse.workplace import Workplace
from ganzhi.warn.limits.content import Limits, Line, content_of
from ganzhi.wiring import Workspace
from tests.warn.conftest import OUTBREAK


@pytest.fixture
def workspace(outbreak: Workplace) -> Workspace:
    settings = Settings()
    return cast("Workspace", SimpleNamespace(workplace=outbreak, settings=settings))


@pytest.mark.requirement("S003-015")
def test_each_rule_is_judged_when_its_feeds_or_thresholds_change_and_otherwise_rests(workspace: Workspace) -> None:
    store = workspace.workplace.store
    judging = Judging()
    judging(workspace)
    found = {each.unit: each for each in store.findings.list(rule="test.calls")}
    assert found["east"].last_period == OUTBREAK.isoformat()
    seen = {each.id: len(store.findings.evidence(each.id)) for each in found.values()}
    before = dict(judging.done)
    judging(workspace)
    assert judging.done == before
    assert {key: len(store.findings.evidence(key)) for key in seen} == seen

    limits: dict[Grade, float] = {"blue": 1.0, "yellow": 2.0, "orange": 3.0, "red": 4.0}
    lines = tuple(Line("all", {"call_type": kind}, limits) for kind in ("NE", "PS"))
    content = content_of(Limits(OUTBREAK - timedelta(days=1), (), lines))
    made = store.thresholds.propose("test.by_type", content, by="ann", reason="x")
    judging(workspace)
    assert judging.done == before
    store.thresholds.decide(made, "approved", by="bob")
    judging(workspace)
    assert {code for code, done in judging.done.items() if done != before[code]} == {"test.by_type"}
    (red, *_) = store.findings.list(rule="test.by_type")
    said = store.findings.evidence(red.id)[0].content
    assert (said["made"]["version"], said["grade"]) == (made.number, "red")  # type: ignore[index]


@pytest.mark.requirement("S003-015")
def test_a_levels_report_of_a_day_is_made_once_after_every_rule_was_judged(workspace: Workspace) -> None:
    store = workspace.workplace.store
    judging = Judging()
    judging.report(workspace)
    assert reports_made(store) == ()  # nothing was judged in this process
    judging(workspace)
    for _ in range(2):
        judging.report(workspace)
    made = {each.level: each for each in reports_made(store)}
    assert {level: each.day for level, each in made.items()} == {"product": OUTBREAK, "centre": OUTBREAK}
    assert len(reports_made(store)) == 2
    out = daily(store, made["product"].made_at - timedelta(days=400), made["product"].made_at)
    assert "test.calls" in {each.finding.rule for each in out.all}


@pytest.mark.requirement("S003-013")
def test_the_next_months_thresholds_are_proposed_once(workspace: Workspace) -> None:
    store = workspace.workplace.store
    _thresholds(workspace)
    made = {each.rule: each for each in store.thresholds.list() if each.source == "month 1999-02"}
    assert made["test.calls"].state == "proposed"
    assert "test.answered" not in made  # a share has no counts to propose from
    count = len(store.thresholds.list())
    _thresholds(workspace)
    assert len(store.thresholds.list()) == count
