"""Acts over HTTP on a real store: each moves the finding on or is refused, a stale one is 409 with both states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from starlette.testclient import TestClient

from ganzhi.access.rights import LOCAL, ROLES, RoleName, Viewer
from ganzhi.improve.findings import PARTS
from ganzhi.improve.pages.desk import AlertDesk
from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door, Visitor
from ganzhi.portal.ports.alerts import alert_ports
from ganzhi.store.findings.records import Finding, Sample
from ganzhi.store.open import open_store
from ganzhi.warehouse.workplace import Workplace
from tests.improve.town import ANN, Town, catalogue
from tests.portal import numbers as n
from tests.portal.fakes import FakeHouse
from tests.store.conftest import HandClock

OWN = {"Sec-Fetch-Site": "same-origin"}
TOKEN = "0123456789abcdef"
LOAD = "019b0000-0000-7000-8000-000000000001"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    clock = HandClock()
    store = open_store(f"sqlite:///{tmp_path / 's.sqlite'}", clock, ticks=clock)
    yield Town(store, clock)
    store.close()


class Browser:
    """A visitor of a portal over the town."""

    def __init__(self, town: Town, viewer: Viewer = LOCAL) -> None:
        place = SimpleNamespace(store=town.store, catalogue=catalogue(), zone=n.ZONE, clock=town.clock)
        desk = AlertDesk(cast("Workplace", place), town.findings, cast("Any", lambda: nullcontext(None)))
        context = replace(FakeHouse().context(), alerts=alert_ports(desk, viewer), viewer=viewer)
        self.http = TestClient(
            create_app(Door(lambda _cookies, _host: Visitor(viewer, TOKEN), lambda _viewer: context)),
            follow_redirects=False,
        )

    def look(self, finding: Finding, more: str = "") -> httpx.Response:
        return self.http.get(f"/alerts/{finding.id}{more}")

    def post(self, finding: Finding, more: str = "", page: str | None = None, **fields: str) -> httpx.Response:
        """A form as its page has it; page: as somebody saw it earlier."""
        shown = page or self.look(finding, more).text
        hidden = dict(re.findall(r'<input type="hidden" name="([a-z_0-9-]+)" value="([^"]*)"', shown))
        return self.http.post(f"/alerts/{finding.id}{more}", data={**hidden, **fields}, headers=OWN)


@pytest.mark.requirement("S003-008")
def test_a_warning_goes_by_forms_from_acknowledged_to_closed_and_nothing_jumps_the_order(town: Town) -> None:
    found = town.raised(2)
    browser = Browser(town)
    for early in ("check", "close"):
        refused = browser.post(found, do=early, reason="x")
        assert (refused.status_code, "FND003" in refused.text) == (400, True)
    feedback = dict.fromkeys(PARTS, "写明")
    for act, more, state in (
        ("acknowledge", {}, "acknowledged"),
        ("analyse", {}, "analysing"),
        ("feedback", feedback, "measured"),
        ("check", {}, "checking"),
        ("close", {"reason": "已恢复", "despite": "yes"}, "closed"),
    ):
        done = browser.post(found, do=act, **more)
        assert (done.status_code, done.headers["location"]) == (303, f"/alerts/{found.id}?done={act}")
        assert town.now(found).state == state
    assert town.acts(found)[-5:] == ["acknowledge", "analyse", "feedback", "check", "close"]


def test_a_warning_left_open_is_renewed_but_what_was_refused_stays_as_it_was_written(town: Town) -> None:
    found = town.raised(2)
    browser = Browser(town)
    assert 'data-renewed="60"' in browser.look(found).text
    refused = browser.post(found, do="close", reason="x")
    assert refused.status_code == 400
    assert "data-renewed" not in refused.text


def test_a_stale_form_is_409_with_what_was_seen_wanted_and_is(town: Town) -> None:
    found = town.raised(2)
    browser = Browser(town)
    seen = browser.look(found).text
    town.findings.act(found, "acknowledge", ANN)
    stale = browser.post(found, page=seen, do="dismiss", reason="误报")
    assert stale.status_code == 409
    for word in ("已发布", "已确认", "误报"):
        assert word in stale.text
    assert town.now(found).state == "acknowledged"


def test_a_warning_is_withheld_and_released_by_forms(town: Town) -> None:
    found = town.raised(4)  # red waits for approval, so that it can be withheld still
    browser = Browser(town)
    assert browser.post(found, do="withhold", reason="核实中").status_code == 303
    assert town.now(found).state == "withheld"
    assert browser.post(found, do="release", reason="属实").status_code == 303
    assert town.now(found).state == "published"


@pytest.mark.parametrize(("role", "status"), [("leader", 403), ("administrator", 403), ("manager", 303)])
def test_only_roles_with_the_right_act(town: Town, role: RoleName, status: int) -> None:
    found = town.raised(2)
    page = Browser(town).look(found).text
    answer = Browser(town, Viewer("x", "x", role, (), ROLES[role].rights)).post(found, page=page, do="acknowledge")
    assert answer.status_code == status
    assert (town.now(found).state == "acknowledged") == (status == 303)


@pytest.mark.requirement("S003-019")
def test_sampled_records_are_coded_on_the_page_and_shares_say_of_how_many(town: Town) -> None:
    found = town.raised(2)
    rows = tuple(f"{LOAD}:{line}" for line in range(1, 31))
    town.store.samples.add(
        Sample("5" * 32, found.id, found.first_period, "seed", 400, rows, {}, town.clock.now(), 1), "warn"
    )
    browser = Browser(town)
    first = browser.look(found, "/sample").text
    assert first.count('name="record-') == 25
    noted = {f"cause-{place}": "资费" if place % 4 else "网络" for place in range(20)}
    done = browser.post(found, "/sample", page=first, **noted, **{"phenomenon-0": "扣费不符"})
    assert done.status_code == 303
    shown = browser.look(found, "/sample").text
    assert "75.0%" in shown
    assert "15/20" in shown
    late = browser.post(found, "/sample", page=first, **noted)
    assert (late.status_code, "STO005" in late.text) == (409, True)
    assert browser.look(found, "/sample?part=2").text.count('name="record-') == 5
    strange = first.replace(f"{LOAD}:1&", f"{LOAD}:99&").replace('value="1"', 'value="2"')
    wrong = browser.post(found, "/sample", page=strange.replace(f'value="{LOAD}:1"', f'value="{LOAD}:99"'), **noted)
    assert (wrong.status_code, "FND010" in wrong.text) == (400, True)
    handler = Browser(town, Viewer("x", "x", "manager", (), ROLES["manager"].rights))
    assert handler.look(found, "/sample").status_code == 403


@pytest.mark.requirement("S003-007")
def test_each_level_has_its_own_daily_report(town: Town) -> None:
    found = town.raised(2)
    browser = Browser(town)
    day = date.fromisoformat(found.last_period)
    report = browser.http.get(f"/alerts/daily/{day}")
    assert report.status_code == 200
    assert found.id in report.text
    assert found.id not in browser.http.get(f"/alerts/daily/{day}?level=centre").text
    table = browser.http.get(f"/alerts/daily/{day}.json").json()["tables"][0]["rows"]
    assert [row["id"] for row in table] == [found.id]
    ahead = browser.http.get("/alerts/daily/2099-01-01")
    assert (ahead.status_code, "FND019" in ahead.text) == (404, True)
