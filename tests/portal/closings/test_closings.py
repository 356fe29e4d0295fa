"""Closing a period at its page on a real store: who may, what would be kept, once per look, and what is left behind."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.testclient import TestClient

from ganzhi.access.rights import LOCAL, ROLES, RoleName, Viewer
from ganzhi.base.periods import Grain
from ganzhi.base.wording import period_name
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.publish.publish import publish
from ganzhi.measure.reported.close import Rule, close
from ganzhi.measure.reported.desk import ClosingDesk
from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door, Visitor
from ganzhi.portal.ports.closings import closing_ports
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import put_rows
from tests.measure.published.test_closed import JANUARY, small
from tests.measure.published.test_publish import some_calls
from tests.portal.fakes import FakeHouse

OWN = {"Sec-Fetch-Site": "same-origin"}
NAME = period_name("en", JANUARY)
LOOK = "/closings?close=1999-01"
Ask = Callable[..., TestClient]


@pytest.fixture(scope="module")
def pack() -> Catalogue:
    return load_catalogue("telecom", None)


@pytest.fixture
def place(tmp_path: Path, pack: Catalogue) -> Workplace:
    return small(tmp_path, pack)


def browser(place: Workplace, viewer: Viewer = LOCAL) -> TestClient:
    desk = ClosingDesk(place, (Rule(Grain.MONTH, 5),))
    context = replace(FakeHouse().context(), closings=closing_ports(desk, viewer), viewer=viewer)
    door = Door(lambda _cookies, _host: Visitor(viewer, "0123456789abcdef"), lambda _viewer: context)
    return TestClient(create_app(door), follow_redirects=False, headers={"Accept-Language": "en"})


def who(role: RoleName, *units: str) -> Viewer:
    return Viewer(role, role, role, units, ROLES[role].rights)


def post(http: TestClient, shown: str, **fields: str) -> httpx.Response:
    hidden = dict(re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)"', shown))
    return http.post("/closings", data={**hidden, **fields}, headers=OWN)


def test_a_period_is_closed_after_a_look_at_what_would_be_kept(place: Workplace) -> None:
    http = browser(place, who("analyst"))
    publish(place, JANUARY.first_day, JANUARY.last_day, grains=[Grain.MONTH])
    rows = {f.table: f.rows for f in place.store.manifest.snapshot().files}
    shown = http.get(LOOK).text
    for table in ("observed/month", "scored/month", "shared/month"):
        assert f"<dd>{rows[table]:,}</dd>" in shown
    assert "2 of 31 days" in shown
    assert "edition 1" in shown
    assert place.store.closings.all() == ()
    done = post(http, shown, note="October report")
    assert (done.status_code, done.headers["location"]) == (303, "/closings?done=1999-01")
    (made,) = place.store.closings.all()
    assert (made.grain, made.first_day, made.edition, made.actor, made.note) == (
        "month", JANUARY.first_day, 1, "analyst", "October report",
    )  # fmt: skip
    trail = place.store.audit.entries()[-1]
    assert (trail.actor, trail.act) == ("analyst", "manifest.close")
    assert (trail.detail["period"], trail.detail["edition"]) == ("month 1999-01-01", 1)
    listed = http.get("/closings?done=1999-01").text
    assert f"{NAME} is closed as edition 1." in listed
    assert "October report" in listed
    kept = {f.table: f.rows for f in place.store.manifest.snapshot().files}
    assert kept["reported_observed/month"] == rows["observed/month"]


def test_who_was_quicker_is_said_and_the_earlier_edition_stays(place: Workplace) -> None:
    http = browser(place)
    shown = http.get(LOOK).text
    close(place, JANUARY, actor="lin")
    late = post(http, shown, note="mine")
    assert late.status_code == 409
    for word in ("MEA032", "lin", "edition 2", "mine"):
        assert word in late.text
    assert post(http, late.text).status_code == 303
    assert [(each.edition, each.actor) for each in place.store.closings.all()] == [(1, "lin"), (2, "local")]
    book = http.get("/closings.csv").content.decode("utf-8-sig")
    assert [row.split(",")[2] for row in book.splitlines() if ",1999-01," in row] == ["2", "1"]


def test_what_is_not_over_not_known_or_not_computed_is_not_closed(place: Workplace) -> None:
    http = browser(place)
    for period, code in (
        ("2999", "MEA021"),
        ("1998-01", "MEA023"),
        ("1999-01-04T09", "MEA020"),
        ("nonsense", "REQ001"),
    ):
        assert code in http.get("/closings", params={"close": period}).text, period
        assert code in post(http, http.get(LOOK).text, period=period).text, period
    put_rows(place, "calls", some_calls()[:1])
    waiting = http.get(LOOK).text
    assert "not computed" in waiting
    assert '<button class="btn main"' not in waiting
    for wrong in ({"edition": "x"}, {"edition": "-1"}, {"note": "n" * 301}):
        answer = (
            post(http, http.get(LOOK).text, period="1999-01", edition="1", **wrong)
            if "note" in wrong
            else post(http, "", csrf="0123456789abcdef", period="1999-01", **wrong)
        )
        assert answer.status_code in (400, 403)
    assert place.store.closings.all() == ()


def test_analysts_and_administrators_of_the_whole_organisation_close(place: Workplace) -> None:
    refused = (who("leader"), who("handler"), who("owner"), who("manager", "e1"), who("analyst", "east"))
    for edition, viewer in ((1, each) for each in refused):
        http = browser(place, viewer)
        page = http.get(LOOK)
        assert page.status_code == 200
        assert f"Close {NAME}" not in page.text
        sent = {"csrf": "0123456789abcdef", "period": "1999-01", "edition": str(edition)}
        assert http.post("/closings", data=sent, headers=OWN).status_code == 403
    assert place.store.closings.all() == ()
    for edition, role in enumerate(("analyst", "administrator"), 1):
        http = browser(place, who(role))  # type: ignore[arg-type]
        page = http.get(LOOK)
        assert f"Close {NAME} as edition {edition}" in page.text
        assert post(http, page.text).status_code == 303
    assert [each.actor for each in place.store.closings.all()] == ["analyst", "administrator"]
