"""Thresholds by forms: proposed, taken in, decided upon; what is wrong is said on the page, a decision twice is 409."""

from __future__ import annotations

import re

import pytest
from starlette.testclient import TestClient

from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door
from tests.portal.alerts.fake_watch import HOLDING, WAITING
from tests.portal.fakes import FakeHouse

LIST = "/alerts/thresholds"
OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def client() -> TestClient:
    return TestClient(create_app(Door.open_to(FakeHouse().context())), follow_redirects=False)


def token(client: TestClient, address: str = LIST) -> str:
    found = re.search(r'name="csrf" value="([^"]*)"', client.get(address).text)
    return found.group(1) if found else ""


@pytest.mark.requirement("S003-013")
def test_a_version_is_proposed_and_approved_and_a_decision_made_meanwhile_is_told(client: TestClient) -> None:
    csrf = {"csrf": token(client)}
    asked = {"do": "propose", "rule": "complaints.volume", "month": "1999-02", "grade": "yellow"}
    made = client.post(LIST, data=csrf | asked, headers=OWN)
    assert (made.status_code, made.headers["location"]) == (303, f"{LIST}/{WAITING}?done=proposed")
    for wrong, code in (
        ({"grade": "pink"}, "POR001"),
        ({"month": "soon"}, "REQ003"),
        ({"rule": "hall.wait"}, "WRN037"),
    ):
        said = client.post(LIST, data=csrf | asked | wrong, headers=OWN)
        assert (said.status_code, code in said.text) == (400, True)
    page = f"{LIST}/{WAITING}"
    done = client.post(page, data=csrf | {"do": "approve", "version": "1"}, headers=OWN)
    assert (done.status_code, done.headers["location"]) == (303, f"{page}?done=approve")
    late = client.post(page, data=csrf | {"do": "approve", "version": "0"}, headers=OWN)
    assert (late.status_code, "FND015" in late.text) == (409, True)
    assert client.post(page, data={"do": "approve", "version": "1"}, headers=OWN).status_code == 403
    assert 'value="approve"' not in client.get(f"{LIST}/{HOLDING}").text


@pytest.mark.requirement("S003-014")
def test_files_are_taken_in_and_what_is_in_force_is_given_away(client: TestClient) -> None:
    csrf = {"csrf": token(client)}
    files = {"file": ("limits.csv", b"rule,from,unit", "text/csv")}
    taken = client.post(LIST, data=csrf | {"do": "import"}, files=files, headers=OWN)
    assert (taken.status_code, taken.headers["location"]) == (303, f"{LIST}/{WAITING}?done=imported")
    refused = client.post(
        LIST, data=csrf | {"do": "import"}, files={"file": ("x.csv", b"a,b", "text/csv")}, headers=OWN
    )
    assert (refused.status_code, "WRN038" in refused.text) == (400, True)
    given = client.get("/alerts/limits-in-force.csv")
    assert (given.status_code, given.content[:5]) == (200, b"rule,")


@pytest.mark.requirement("S000-111")
def test_every_indicator_leads_to_what_moved_before_it_with_how_sure_that_is(client: TestClient) -> None:
    page = client.get("/indicators/hotline.answer_rate?lang=en").text
    assert "/indicators/hotline.answer_rate/moves" in page
    shown = client.get("/indicators/hotline.answer_rate/moves?lang=en").text
    held, rest = shown.split('id="h-leads"')[1].split("<details")[:2]
    for said in ("4 days", "+0.42", "0.004", "+0.31", "7.0%", "(221)"):
        assert said in held
    assert "9 days" in rest.split("</details>")[0]
    assert "9 days" not in held
    assert "Moving first is not causing" in shown
    release = client.get("/calendar/release.billing?lang=en").text
    assert "near is not because" in release
    assert "92.5%" in release
