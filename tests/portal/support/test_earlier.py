"""Earlier reports in the browser: handed in one by one and as an archive, opened, refused and withdrawn."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

import httpx
import pytest
from starlette.testclient import TestClient

from ganzhi.access.rights import Viewer
from ganzhi.complaints.archive.desk import ArchiveDesk
from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door, Visitor
from ganzhi.portal.ports.reports import archive_ports
from tests.complaints.archive.test_reports import desk as desk  # noqa: PLC0414 - a fixture
from tests.complaints.archive.test_reports import docx, packed
from tests.complaints.cases.shelf import ANN, shelf, store_template, viewer
from tests.portal.fakes import FakeHouse

__all__ = ["shelf", "store_template"]

TOKEN = "0123456789abcdef"
WORD = docx("充值投诉上升", "客户13812345521反映短信迟到")


class Browser:
    """Somebody with the reports of a store in a house of fakes."""

    def __init__(self, desk: ArchiveDesk, who: Viewer) -> None:
        context = replace(FakeHouse().context(), archive=archive_ports(desk, who), viewer=who)
        door = Door(lambda _cookies, _host: Visitor(who, TOKEN), lambda _viewer: context)
        self.http = TestClient(create_app(door), follow_redirects=False, headers={"Accept-Language": "en"})

    def send(self, file: tuple[str, bytes] | None = None, **fields: str) -> httpx.Response:
        answer: httpx.Response = self.http.post(
            "/reports/earlier", data={"csrf": TOKEN, "do": "add"} | fields, files=None if file is None else {"file": file},
            headers={"Sec-Fetch-Site": "same-origin"},
        )  # fmt: skip
        return answer


@pytest.mark.requirement("S000-102")
def test_reports_go_in_one_by_one_and_as_an_archive(desk: ArchiveDesk) -> None:
    ann, leader = Browser(desk, ANN), Browser(desk, viewer("leader"))
    one = {"kind": "monthly", "unit": "north", "period": "2009-03", "title": "三月分析"}
    checked = ann.send(("三月.docx", WORD), **{**one, "do": "check"})
    assert checked.headers["location"].endswith("done=checked&new=1&already=0")
    assert "三月分析" not in ann.http.get("/reports/earlier").text
    assert ann.send(("三月.docx", WORD), **one).headers["location"].endswith("done=brought&new=1&already=0")
    many = packed({"manifest.csv": "file,kind,unit,period,title\na.txt,special,all,2009,年度\n".encode(), "a.txt": "短信".encode()})  # fmt: skip
    assert ann.send(("alt.zip", many)).headers["location"].endswith("new=1&already=0")

    shown = ann.http.get("/reports/earlier?q=短信").text
    assert all(text in shown for text in ("三月分析", "年度", "138****5521"))
    assert "13812345521" not in shown
    got = ann.http.get("/reports/earlier/files/1")
    assert (got.content, quote("三月.docx") in got.headers["content-disposition"]) == (WORD, True)
    seen = leader.http.get("/reports/earlier?q=短信").text
    assert "三月分析" in seen
    assert "138****5521" not in seen
    assert leader.http.get("/reports/earlier/files/1").status_code == 403
    assert leader.send(("三月.docx", WORD), **one).status_code == 403
    assert "三月分析" in ann.http.get("/search?q=短信").text


def test_what_is_wrong_is_said_by_field_and_nothing_is_kept(desk: ArchiveDesk) -> None:
    ann = Browser(desk, ANN)
    sent = ann.send(("x.exe", b"MZ"), kind="", unit="nowhere", period="March", title="13812345521")
    assert sent.status_code == 400
    assert all(code in sent.text for code in ("HIS003", "HIS004", "HIS007", "HIS011", "KNW005"))
    assert ann.send(kind="monthly", unit="all", period="2009-03", title="x").status_code == 400
    assert ann.send(("a.zip", b"no archive")).status_code == 400
    assert "No earlier report" in ann.http.get("/reports/earlier").text
    assert ann.send(("a.md", b"# x"), kind="special", unit="all", period="2009", title="x").status_code == 303
    assert [ann.send(do="withdraw", number="1", why=why).status_code for why in (" ", "wrong file", "again")] == [
        400,
        303,
        409,
    ]
    assert "wrong file" in ann.http.get("/reports/earlier").text
