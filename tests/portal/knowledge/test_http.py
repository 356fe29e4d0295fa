"""Notes on a real store: written, read, found, exported and withdrawn in the browser, within everybody's rights."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from urllib.parse import quote

import httpx
import pytest
from starlette.testclient import TestClient

from ganzhi.access.rights import Viewer
from ganzhi.complaints.knowledge.desk import MOST_BYTES, KnowledgeDesk
from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door, Visitor
from ganzhi.portal.ports.cases import knowledge_ports
from tests.complaints.cases.shelf import ANN, Shelf, named, shelf, store_template, viewer
from tests.portal.fakes import FakeHouse

__all__ = ["shelf", "store_template"]

TOKEN = "0123456789abcdef"
PDF = b"%PDF-1.4\x00\xff minutes"


class Browser:
    """Somebody with notes of a shelf in a house of fakes."""

    def __init__(self, shelf: Shelf, who: Viewer) -> None:
        place = shelf.library.place
        place.catalogue.__dict__.update(
            indicators={"pay.quick": SimpleNamespace(name=named("及时充值率"))},
            processes={"pay": SimpleNamespace(name=named("缴费"))},
        )
        context = replace(FakeHouse().context(), knowledge=knowledge_ports(KnowledgeDesk(shelf.desk), who), viewer=who)
        self.http = TestClient(
            create_app(Door(lambda _cookies, _host: Visitor(who, TOKEN), lambda _viewer: context)),
            follow_redirects=False,
        )

    def look(self, address: str) -> str:
        return self.answer(address).text

    def answer(self, address: str) -> httpx.Response:
        answer: httpx.Response = self.http.get(address, headers={"Accept-Language": "en"})
        return answer

    def send(self, file: tuple[str, bytes] | None = None, **fields: str) -> httpx.Response:
        answer: httpx.Response = self.http.post(
            "/knowledge",
            data={"csrf": TOKEN, "do": "add", "kind": "reason", "text": "x", **fields},
            files=None if file is None else {"file": file},
            headers={"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"},
        )
        return answer


@pytest.mark.requirement("S000-106")
def test_reasons_decisions_and_documents_stand_where_they_belong(shelf: Shelf) -> None:
    ann, leader = Browser(shelf, ANN), Browser(shelf, viewer("leader"))
    shelf.put()
    wanted = (
        ("indicator", "pay.quick", "decision", "Target raised to 95", "/dictionary/pay.quick"),
        ("process", "pay", "reason", "Why two clocks", "/journeys/pay"),
        ("case", "1", "document", "Minutes of May", "/cases/1"),
    )
    for about, subject, kind, title, page in wanted:
        assert title not in leader.look(page)
        sent = ann.send(
            ("纪要 5月.pdf", PDF),
            about=about,
            subject=subject,
            kind=kind,
            title=title,
            links="Rules https://example.test/r",
        )
        assert (sent.status_code, sent.headers["location"]) == (
            303, f"/knowledge?about={about}&subject={subject}&done=added"
        )  # fmt: skip
        shown = leader.look(page)
        for text in (title, "ann", "纪要 5月.pdf", "https://example.test/r"):
            assert text in shown, (page, text)
    got = leader.answer("/knowledge/files/3")
    assert (got.content, got.headers["content-type"]) == (PDF, "application/octet-stream")
    assert got.headers["content-disposition"].endswith(f"filename*=UTF-8''{quote('纪要 5月.pdf')}")

    found = leader.look("/knowledge?q=clocks+缴费")
    assert "Why two clocks" in found
    assert "Minutes of May" not in found
    taken = leader.answer("/knowledge.json").json()
    assert [row["title"] for row in taken["tables"][0]["rows"]] == [title for _, _, _, title, _ in wanted][::-1]


def test_only_who_may_act_writes_and_what_is_withdrawn_stays_readable(shelf: Shelf) -> None:
    ann, leader = Browser(shelf, ANN), Browser(shelf, viewer("leader"))
    assert leader.send(about="process", subject="pay", title="x").status_code == 403
    assert ann.send(about="process", subject="pay", title="Old rule").status_code == 303
    gone = {"do": "withdraw", "about": "process", "subject": "pay", "number": "1"}
    assert ann.send(**gone, why=" ").status_code == 400
    assert ann.send(**gone, why="Superseded").status_code == 303
    assert ann.send(**gone, why="Superseded").status_code == 409
    assert "Old rule" not in leader.look("/journeys/pay")
    shown = leader.look("/knowledge?about=process&subject=pay")
    assert "Old rule" in shown
    assert "Superseded" in shown


def test_what_may_not_be_kept_is_refused_whole(shelf: Shelf) -> None:
    ann = Browser(shelf, ANN)
    for wrong, code in (
        ({"title": "客户13812345521来电"}, "KNW005"),
        ({"title": "t", "text": " "}, "KNW001"),
        ({"title": "t", "links": "run javascript:alert(1)"}, "KNW006"),
        ({"title": "t", "kind": "rumour"}, "KNW009"),
        ({"title": "t", "kind": "document"}, "KNW001"),
        ({"title": "t" * 121}, "KNW004"),
    ):
        sent = ann.send(about="process", subject="pay", **wrong)  # type: ignore[arg-type]
        assert (sent.status_code, code in sent.text) == (400, True), wrong
    large = ann.send(("a.bin", bytes(MOST_BYTES + 1)), about="process", subject="pay", title="t")
    assert (large.status_code, "KNW007" in large.text) == (400, True)
    for about, subject in (("process", "nobody"), ("case", "7"), ("person", "1")):
        assert ann.send(about=about, subject=subject, title="t").status_code in (400, 404)
    assert shelf.store.notes.all() == ()


def test_notes_on_a_case_that_a_viewer_cannot_read_do_not_exist_for_them(shelf: Shelf) -> None:
    ann, leader = Browser(shelf, ANN), Browser(shelf, viewer("leader"))
    shelf.put()
    shelf.store.cases.retire(shelf.store.cases.numbered("case", 1).entry, by="bob", note="x")
    drafted = shelf.store.cases.add("case", shelf.store.cases.numbered("case", 1).latest.content, by="ann", reason="")
    number = str(drafted.entry.number)
    assert ann.send(("a.pdf", PDF), about="case", subject=number, title="Draft thoughts").status_code == 303
    assert "Draft thoughts" in ann.look("/knowledge")
    assert "Draft thoughts" not in leader.look("/knowledge")
    assert (
        leader.answer("/knowledge/files/1").status_code == 400 or leader.answer("/knowledge/files/1").status_code == 404
    )
    assert leader.answer(f"/knowledge?about=case&subject={number}").status_code in (400, 404)
    assert "Draft thoughts" not in leader.answer("/knowledge.csv").text
