"""The case library over HTTP on a real store: drafts, a second person, two edits at once, uses, rights, files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from starlette.testclient import TestClient

from ganzhi.access.rights import Viewer
from ganzhi.complaints.cases.exchange import Shared, write
from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door, Visitor
from ganzhi.portal.ports.cases import case_ports
from tests.complaints.cases.shelf import ANN, BOB, Shelf, content, shelf, store_template, viewer
from tests.portal.asking import Read
from tests.portal.fakes import FakeHouse

__all__ = ["shelf", "store_template"]

OWN = {"Sec-Fetch-Site": "same-origin"}
TOKEN = "0123456789abcdef"
FIELDS = {
    "title": "停机未恢复", "symptom": "缴费之后仍然停机", "cause": "指令没有送达", "fix": "重发", "wording": "正在恢复",
    "category": "charges", "owner": "ann", "valid_from": "2026-01-01", "review_on": "2027-01-01", "version": "0",
}  # fmt: skip


class Browser:
    """Somebody who looks at a library."""

    def __init__(self, shelf: Shelf, who: Viewer) -> None:
        context = replace(FakeHouse().context(), cases=case_ports(shelf.desk, who), viewer=who)
        self.http = TestClient(
            create_app(Door(lambda _cookies, _host: Visitor(who, TOKEN), lambda _viewer: context)),
            follow_redirects=False,
        )

    def look(self, address: str, lang: str = "en") -> httpx.Response:
        answer: httpx.Response = self.http.get(address, headers={"Accept-Language": lang})
        return answer

    def post(self, address: str, files: Any = None, token: str = TOKEN, **fields: str) -> httpx.Response:
        sent = {"csrf": token, **fields}
        answer: httpx.Response = self.http.post(
            address, data=sent, files=files, headers={**OWN, "Accept-Language": "en"}
        )
        return answer


@pytest.mark.requirement("S003-032", "S003-033")
def test_from_a_complaint_to_a_case_that_everybody_reads(shelf: Shelf) -> None:
    ann, bob, leader = Browser(shelf, ANN), Browser(shelf, BOB), Browser(shelf, viewer("leader"))
    begun = Read(ann.look("/cases/new?ticket=C0001&category=charges").text)
    assert {field.attrs["name"]: field.attrs.get("value") for field in begun.all("input")}["reference"] == "C0001"
    made = ann.post("/cases/new", **FIELDS, origin="complaint", reference="C0001")
    assert (made.status_code, made.headers["location"]) == (303, "/cases/1?done=saved")
    assert leader.look("/cases/1").status_code == 404
    own = ann.post("/cases/1", do="approve", version="1")
    assert (own.status_code, "CAS007" in own.text) == (400, True)
    assert 'value="approve"' not in ann.look("/cases/1").text
    assert 'value="approve"' in bob.look("/cases/1").text
    assert bob.post("/cases/1", do="approve", version="1", note="fine").status_code == 303
    read = leader.look("/cases/1").text
    assert "正在恢复" in read
    assert "C0001" not in read, "who sees no lists sees no complaint"
    assert "C0001" in bob.look("/cases/1").text


def test_of_two_edits_at_once_the_second_gets_409_and_keeps_what_was_typed(shelf: Shelf) -> None:
    shelf.put()
    ann, bob = Browser(shelf, ANN), Browser(shelf, BOB)
    assert ann.post("/cases/1/edit", **{**FIELDS, "version": "2", "fix": "hers"}).status_code == 303
    late = bob.post("/cases/1/edit", **{**FIELDS, "version": "2", "fix": "his own words"})
    assert (late.status_code, "CAS003" in late.text, "his own words" in late.text) == (409, True, True)
    assert shelf.library.cases()[0].latest.fix == "hers"
    again = {field.attrs["name"]: field.attrs.get("value") for field in Read(late.text).all("input")}
    assert (
        bob.post("/cases/1/edit", **{**FIELDS, "version": again["version"] or "", "fix": "his own words"}).status_code
        == 303
    )
    stale = bob.post("/cases/1", do="retire", version="2", note="x")
    assert (stale.status_code, "CAS003" in stale.text) == (409, True)


def test_what_is_wrong_is_said_in_the_words_of_the_form_and_nothing_is_lost(shelf: Shelf) -> None:
    wrong = {**FIELDS, "symptom": "客户13812345678", "cause": "", "valid_from": "soon"}
    answer = Browser(shelf, ANN).post("/cases/new", **wrong)
    assert answer.status_code == 400
    assert "REQ003" in answer.text
    answer = Browser(shelf, ANN).post("/cases/new", **{**wrong, "valid_from": "2026-01-01"})
    assert "Symptom holds what looks like" in answer.text
    assert "Cause is not filled in" in answer.text
    assert "停机未恢复" in answer.text
    assert shelf.library.cases() == ()


@pytest.mark.requirement("S003-035")
def test_searching_opening_and_judging_are_counted(shelf: Shelf) -> None:
    shelf.put()
    shelf.put(title="<script>alert(1)</script>", symptom="<b>停机</b>")
    ann = Browser(shelf, ANN)
    found = ann.look("/cases?q=停机 13812345678").text
    assert "<script>alert" not in found
    assert "<mark>停机</mark>" in found
    assert [each.text for each in shelf.store.case_uses.searches()] == ["停机 138****5678"]
    ann.look("/cases/1?ticket=TS1")
    assert ann.post("/cases/1?ticket=TS1", do="helped").headers["location"] == "/cases/1?ticket=TS1&done=helped"
    assert 'aria-pressed="true"' in ann.look("/cases/1?ticket=TS1").text
    counts = shelf.store.case_uses.counts()[shelf.library.cases()[0].entry.id]
    assert (counts.shown, counts.opened, counts.used, counts.helped) == (1, 1, 1, 1)
    by_id = ann.look(f"/cases/{shelf.library.cases()[0].entry.id}")
    assert (by_id.status_code, "停机未恢复" in by_id.text) == (200, True)


@pytest.mark.requirement("S003-031")
def test_a_manual_is_written_step_by_step_and_shown_beside_its_cases(shelf: Shelf) -> None:
    shelf.put()
    ann, bob = Browser(shelf, ANN), Browser(shelf, BOB)
    days = {"valid_from": "2026-01-01", "review_on": "2027-01-01", "owner": "ann"}
    steps = [("step", "查详单"), ("say", "我查一下"), ("step", ""), ("say", ""), ("step", "转账务"), ("say", "")]
    body = urlencode([*steps, *days.items(), ("csrf", TOKEN), ("version", "0")])
    headers = {**OWN, "Content-Type": "application/x-www-form-urlencoded"}
    sent = ann.http.post("/cases/manual/charges/edit", content=body, headers=headers)
    assert sent.headers["location"] == "/cases/manual/charges?done=saved"
    assert bob.post("/cases/manual/charges", do="approve", version="1").status_code == 303
    page = Read(Browser(shelf, viewer("leader")).look("/cases/manual/charges").text)
    said = " ".join(next(element for element in page.all("ol") if element.attrs.get("class") == "steps").text.split())
    assert said == "查详单Say: 我查一下转账务"
    assert "/cases/1" in page.links()
    assert "/cases/manual/charges" in Read(bob.look("/cases/1").text).links()
    assert bob.look("/cases/manual/never").status_code == 404


@pytest.mark.requirement("S003-034")
def test_a_file_is_taken_in_whole_or_not(shelf: Shelf) -> None:
    ann = Browser(shelf, ANN)
    data = write([Shared("p/1", content(shared=True, owner=""))], "xlsx")
    assert "CAS101" in ann.post("/cases/exchange", files={"file": ("x.json", b"{}")}).text
    taken = ann.post("/cases/exchange", files={"file": ("x.xlsx", data)})
    assert (taken.status_code, "new draft" in taken.text) == (200, True)
    given = ann.look("/cases/shared-cases.json")
    assert (given.status_code, given.json()["cases"]) == (200, [])


@pytest.mark.requirement("S003-036")
def test_a_training_is_planned_held_and_tested(shelf: Shelf) -> None:
    ann = Browser(shelf, ANN)
    wrong = ann.post("/cases/learning", do="training", title="短信", due="2026-11-30")
    assert (wrong.status_code, "CAS020" in wrong.text) == (400, True)
    assert ann.post("/cases/learning", do="training", title="短信", topics="cases", due="2026-11-30").status_code == 303
    results = "\n".join(f"A{place} 60 {70 + place}" for place in range(7))
    held = {"title": "短信", "topics": "cases", "due": "2026-11-30", "held_on": "2026-11-21", "state": "held"}
    assert ann.post("/cases/learning/training/1", **held, version="9", results=results).status_code == 409
    assert ann.post("/cases/learning/training/1", **held, version="1", results=results).status_code == 303
    assert "a typical gain of +13.0 points" in ann.look("/cases/learning").text
    assert ann.look("/cases/learning/training/2").status_code == 404


def test_who_may_only_read_changes_nothing(shelf: Shelf) -> None:
    shelf.put()
    leader = Browser(shelf, viewer("leader"))
    for address in (
        "/cases/new",
        "/cases/1/edit",
        "/cases/tidy",
        "/cases/exchange",
        "/cases/manual/charges/edit",
        "/cases/shared-cases.json",
    ):
        assert leader.look(address).status_code == 403, address
    assert leader.post("/cases/1", do="retire", version="2", note="x").status_code == 403
    assert leader.post("/cases/learning", do="request", title="x", text="y", stage="analysis").status_code == 403
    assert Browser(shelf, ANN).post("/cases/1", token="wrong", do="retire", version="2", note="x").status_code == 403
    assert 'value="retire"' not in leader.look("/cases/1").text
    assert shelf.library.cases()[0].entry.version == 2
