"""Every link of every page leads somewhere, and the count on a link is the number of rows behind it."""

from __future__ import annotations

import re
from collections import deque
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

LANGS = ("zh", "en")
EACH_KIND_AT_MOST = 4
FOLLOWED_AT_MOST = 40
"""Pages per language; breadth first from the overview, each kind of page several times over."""


START = ("/overview", "/indicators/hotline.abandoned", "/records/calls?indicator=hotline.abandoned")
LONGEST_LIST = 3_500
MOST_LINKS = 8


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open: str | None = None
        self._text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._open = dict(attrs).get("href")
            self._text = []

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open is not None:
            self.found.append((self._open, " ".join(self._text).strip()))
            self._open = None


def _links(page: str) -> list[tuple[str, str]]:
    parser = _Links()
    parser.feed(page)
    return parser.found


def _kind(path: str) -> str:
    return path.split("?", maxsplit=1)[0].strip("/").split("/")[0]


@pytest.mark.requirement("S002-115")
@pytest.mark.parametrize("lang", LANGS)
def test_every_link_leads_to_a_page_or_a_file(client: TestClient, lang: str) -> None:
    client.cookies.set("lang", lang)
    seen = set(START)
    pending = deque(START)
    kinds: dict[str, int] = {}
    followed = 0
    while pending and followed < FOLLOWED_AT_MOST:
        path = pending.popleft()
        if kinds.get(_kind(path), 0) >= EACH_KIND_AT_MOST:
            continue
        kinds[_kind(path)] = kinds.get(_kind(path), 0) + 1
        answer = client.get(path)
        followed += 1
        assert answer.status_code == 200, (path, answer.text[:300])
        if "text/html" not in answer.headers["content-type"]:
            continue
        assert "default-src" in answer.headers["content-security-policy"]
        for href, _ in _links(answer.text):
            if href.startswith("/") and not href.startswith("/static/") and "lang=" not in href and href not in seen:
                seen.add(href)
                pending.append(href)
    assert {"overview", "topics", "indicators", "records", "dictionary", "data"} <= set(kinds)


@pytest.mark.requirement("S002-115")
@pytest.mark.parametrize(("lang", "period"), [("zh", "1999-01-31"), ("en", "1999-W04"), ("zh", "1999-01")])
def test_the_count_on_a_link_to_records_is_the_number_of_records_behind_it(
    client: TestClient, lang: str, period: str
) -> None:
    client.cookies.set("lang", lang)
    checked = 0
    for code, by in (("hotline.answer_rate", "call_type"), ("hotline.abandoned", "agent")):
        page = client.get(f"/indicators/{code}?period={period}&by={by}").text
        for href, text in _links(page):
            count = re.fullmatch(r"[\d,]+", text)
            if not href.startswith("/records/") or count is None or int(text.replace(",", "")) > LONGEST_LIST:
                continue
            answer = client.get(href.replace("/records/calls?", "/records/calls.json?"))
            assert answer.status_code == 200, (href, answer.text)
            rows = next(table for table in answer.json()["tables"] if table["id"] == "records")["rows"]
            assert len(rows) == int(text.replace(",", "")), (href, text)
            checked += 1
            if checked % MOST_LINKS == 0:
                break
    assert checked >= MOST_LINKS // 2


@pytest.mark.requirement("S003-056")
@pytest.mark.parametrize("lang", LANGS)
def test_every_page_of_numbers_compares_them_and_draws_them(client: TestClient, lang: str) -> None:
    client.cookies.set("lang", lang)
    for path in ("/overview", "/topics/hotline", "/indicators/hotline.answer_rate", "/indicators/hotline.experience"):
        page = client.get(f"{path}{'&' if '?' in path else '?'}period=1999-W04").text
        assert re.search(r'<svg class="(?!i")', page), path  # a drawing, not an icon
        assert re.search("[▲▼]", page), path


@pytest.mark.requirement("S004-003")
def test_the_board_shows_its_goal_function_audience_and_definitions(client: TestClient) -> None:
    client.cookies.set("lang", "en")
    page = client.get("/topics/hotline?period=1999-01").text
    for words in ("Callers get through quickly", "Assesses the experience index", "duty managers"):
        assert words in page


@pytest.mark.requirement("S000-144")
@pytest.mark.parametrize(("lang", "words"), [("zh", "29 / 31"), ("en", "29 of 31")])
def test_a_month_with_missing_days_says_so_where_the_number_stands(client: TestClient, lang: str, words: str) -> None:
    client.cookies.set("lang", lang)
    page = client.get("/indicators/hotline.calls?period=1999-01").text
    assert "≈" in page
    assert "31,359" in page
    assert words in page or "01-11" in page or "11 Jan" in page
