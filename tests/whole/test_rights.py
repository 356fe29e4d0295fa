"""Every role in both languages: all links lead on, counts are rows, and nothing out of reach is ever seen."""

from __future__ import annotations

import os
import re
import secrets
from collections import deque
from collections.abc import Iterator
from html import unescape

import pytest
from starlette.testclient import TestClient

from ganzhi.access.rights import Viewer
from ganzhi.ingest.load import load
from ganzhi.measure.refresh import refresh
from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door, Visitor
from ganzhi.portal.site import door_of
from ganzhi.wiring import Workspace, init_workspace, open_workspace
from tests.portal.asking import Read
from tests.whole.organisation import ORGANISATION, VIEWERS, forbidden, viewer

START = ("/overview?period=1999-01", "/topics/hotline?period=1999-01", "/indicators/hotline.abandoned?period=1999-01")
PAGES_AT_MOST = 36
EACH_KIND_AT_MOST = 3
LISTS_AT_MOST = 8
LONGEST_LIST = 6_000
FILE = re.compile(r"\.(csv|xlsx|json|svg|png)(\?|$)")
PICTURE = re.compile(r"\.(svg|png)(?=\?chart=)")
"""Pictures are of the same answers as the pages that link them: a few of them, so that pages are followed."""
COUNT = re.compile(r"[\d,]+")
LANGS = ("zh", "en")
WHOLE = os.environ.get("GANZHI_SWEEP") == "all"
"""Whether every role walks in both languages; `make sweep` sets it. Otherwise each walks in one, in turn."""
WALKS = [
    pytest.param(who, lang, id=f"{who.login}-{lang}")
    for place, who in enumerate(VIEWERS)
    for lang in (LANGS if WHOLE else LANGS[place % 2 :][:1])
]


@pytest.fixture(scope="module")
def organised(tmp_path_factory: pytest.TempPathFactory, sample_calls) -> Iterator[Workspace]:  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("rights") / "w"
    init_workspace(folder)
    (folder / "catalogue" / "overlay.yaml").write_text(ORGANISATION, encoding="utf-8")
    workspace = open_workspace(folder)
    load(workspace.workplace, "calls", [sample_calls], "anonymous_bank")
    refresh(workspace.workplace)
    yield workspace
    workspace.close()


@pytest.fixture(scope="module")
def door(organised: Workspace) -> Door:
    return door_of(organised)


def _as(door: Door, who: Viewer) -> TestClient:
    visitor = Visitor(who, secrets.token_urlsafe(8))
    return TestClient(create_app(Door(lambda cookies, host: visitor, door.context)), follow_redirects=False)


def _kind(path: str) -> str:
    """Pages of one address but for codes are of one kind; pictures and files are kinds of their own."""
    first, *more = path.split("?", maxsplit=1)[0].strip("/").split("/")
    ending = FILE.search(path)
    return f"/{first}{'/*' if more else ''}{ending[1] if ending else ''}"


def _leaks(who: Viewer, text: str) -> list[str]:
    shown = unescape(text)
    return [word for word in forbidden(who) if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", shown)]


@pytest.mark.requirement("S002-112", "S002-113")
@pytest.mark.parametrize(("who", "lang"), WALKS)
def test_every_link_a_role_sees_leads_on_and_shows_nothing_out_of_reach(door: Door, who: Viewer, lang: str) -> None:
    client = _as(door, who)
    client.cookies.set("lang", lang)
    seen, pending = set(START), deque(START)
    kinds: dict[str, int] = {}
    while pending and sum(kinds.values()) < PAGES_AT_MOST:
        path = next((each for each in pending if _kind(each) not in kinds), pending[0])
        pending.remove(path)
        kind = _kind(path)
        if kinds.get(kind, 0) >= EACH_KIND_AT_MOST:
            continue
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = client.get(path)
        assert answer.status_code in (200, 303, 307), (path, answer.text[:400])
        if re.search("text|json|svg", answer.headers.get("content-type", "")):
            assert _leaks(who, answer.text) == [], path
        if "text/html" not in answer.headers.get("content-type", ""):
            continue
        for href in Read(answer.text).links():
            if href.startswith("/") and "lang=" not in href and href not in seen:
                seen.add(href)
                pending.append(href)
    assert len(kinds) >= 8
    assert any(kind.startswith("/records") for kind in kinds) == who.may("list")


@pytest.mark.requirement("S002-115", "S002-113")
@pytest.mark.parametrize("who", [each for each in VIEWERS if each.may("list")], ids=lambda who: who.login)
def test_the_count_on_a_link_is_the_number_of_records_behind_it_for_each_role(door: Door, who: Viewer) -> None:
    client = _as(door, who)
    checked = 0
    for page in ("/indicators/hotline.answer_rate?period=1999-01-31&by=call_type", START[2]):
        for element in Read(client.get(page).text).all("a"):
            href, text = element.attrs.get("href", ""), element.text.strip()
            if not href.startswith("/records/") or not COUNT.fullmatch(text) or FILE.search(href):
                continue
            count = int(text.replace(",", ""))
            if count > LONGEST_LIST or checked >= LISTS_AT_MOST:
                continue
            answer = client.get(href.replace("/records/calls?", "/records/calls.json?"))
            assert answer.status_code == 200, (href, answer.text[:300])
            rows = next(table for table in answer.json()["tables"] if table["id"] == "records")["rows"]
            assert len(rows) == count, href
            units = {row["unit"] for row in rows}
            assert all(any(u == top or u.startswith(f"{top}-") for top in who.units) for u in units), units
            checked += 1
    assert checked >= 4


ASKED_FOR_A_UNIT = (
    "/overview?region={}",
    "/overview.csv?region={}",
    "/regions/{}",
    "/regions/{}.json",
    "/topics/hotline?region={}",
    "/indicators/hotline.abandoned?region={}",
    "/indicators/hotline.abandoned.xlsx?region={}",
    "/explain/hotline.abandoned?region={}",
    "/records/calls?indicator=hotline.abandoned&region={}",
    "/records/calls.csv?indicator=hotline.abandoned&region={}",
    "/attention?region={}",
    "/overview.svg?region={}",
    "/regions/{}.svg",
    "/topics/hotline.png?region={}",
    "/indicators/hotline.abandoned.svg?region={}",
    "/explain/hotline.abandoned.svg?region={}",
)


@pytest.mark.requirement("S002-112")
@pytest.mark.parametrize("address", ASKED_FOR_A_UNIT)
def test_a_unit_out_of_reach_is_answered_like_one_that_nobody_has(door: Door, address: str) -> None:
    who = viewer("analyst", "QAA-K1")
    client = _as(door, who)
    told = []
    for code in ("QBB-K2", "QBZ-K9"):
        answer = client.get(address.format(code))
        assert answer.status_code in (400, 404), answer.status_code
        told.append(answer.text.replace(code, "THE-UNIT"))
        assert _leaks(who, told[-1]) == []
    assert told[0] == told[1]


@pytest.mark.requirement("S002-112")
def test_the_province_itself_is_out_of_reach_of_a_county(door: Door) -> None:
    client = _as(door, viewer("analyst", "QAA-K1"))
    assert client.get("/overview?region=all").status_code == 400
    assert client.get("/overview").status_code == 200


@pytest.mark.requirement("S002-113")
@pytest.mark.parametrize("role", ["leader", "manager", "owner", "administrator"])
@pytest.mark.parametrize("form", ["", ".csv", ".json", ".xlsx"])
def test_list_depth_is_refused_to_those_who_do_not_analyse_and_the_page_says_why(
    door: Door, role: str, form: str
) -> None:
    client = _as(door, viewer(role))  # type: ignore[arg-type]
    answer = client.get(f"/records/calls{form}?indicator=hotline.abandoned&lang=en")
    assert answer.status_code == 403
    assert "ACC001" in answer.text or "Your role does not include this" in answer.text


@pytest.mark.requirement("S002-112")
def test_numbers_of_the_parts_within_reach_are_those_a_province_viewer_sees_of_them(door: Door) -> None:
    """Rights choose what is seen, never what it is."""
    mine, every = _as(door, viewer("analyst", "QAA")), _as(door, viewer("analyst"))
    for unit in ("QAA", "QAA-K1", "QAA-K2"):
        address = f"/indicators/hotline.abandoned.json?period=1999-01&region={unit}"
        here, there = mine.get(address).json()["tables"], every.get(address).json()["tables"]
        assert here == there
        assert here
