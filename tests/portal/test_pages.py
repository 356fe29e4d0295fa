"""Every page in both languages, full, empty and under attack: well-formed, complete, linked, harmless."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from urllib.parse import quote

import pytest

from ganzhi.access.rights import ROLES
from ganzhi.base.messages import LANGS
from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door
from ganzhi.portal.page import NAVIGATION
from ganzhi.portal.pages import PAGES
from ganzhi.portal.pages.accounts import ACCOUNT_PAGES
from tests.portal.asking import ADDRESSES, LEADING_ON, Portal, Read
from tests.portal.complaints.fake_desk import PROBLEM
from tests.portal.fakes import ATTACK, LONG, FakeHouse

VARIANTS = ("full", "empty", "hostile")


@pytest.fixture(scope="module", params=VARIANTS)
def portal(request: pytest.FixtureRequest) -> Portal:
    return Portal(FakeHouse(request.param))


def expected(portal: Portal, address: str) -> int:
    return 404 if portal.house.variant == "empty" and address.startswith("/topics/") else 200


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_page_is_well_formed_names_what_can_be_used_and_holds_nothing_foreign(
    portal: Portal, address: str, lang: str
) -> None:
    answer = portal.ask(address, lang=lang)
    assert answer.status_code == expected(portal, address)
    page = Read(answer.text)
    _is_well_formed(page, "zh-CN" if lang == "zh" else "en")
    _names_everything_that_can_be_used(page)
    _holds_no_inline_style_script_or_foreign_address(page, script=not address.startswith("/wall/"))


def _is_well_formed(page: Read, lang: str) -> None:
    """One heading, landmarks, its language, steps of headings, names of places used once."""
    assert page.faults == []
    assert len(list(page.all("h1"))) == 1
    assert [len(list(page.all(name))) for name in ("main", "header")] == [1, 1]
    assert next(page.all("html")).attrs["lang"] == lang
    levels = [int(element.name[1]) for element in page.all("h1", "h2", "h3", "h4")]
    assert all(b - a <= 1 for a, b in pairwise(levels)), levels
    ids = [element.attrs["id"] for element in page.elements if "id" in element.attrs]
    assert len(ids) == len(set(ids))


def _names_everything_that_can_be_used(page: Read) -> None:
    for element in page.all("a", "button", "summary"):
        assert element.text.strip() or element.attrs.get("aria-label"), element
    for field in page.all("input"):
        hidden = field.attrs.get("type") in ("hidden", "checkbox")
        assert hidden or field.attrs.get("aria-label") or field.attrs.get("placeholder"), field
    for head in page.all("th"):
        assert head.attrs.get("scope"), head
    for image in page.all("svg"):
        assert image.attrs.get("aria-hidden") == "true" or image.attrs.get("aria-label") or "overflow" in image.attrs, (
            image.attrs
        )
    known = {element.attrs.get("id") for element in page.elements}
    assert all(e.attrs["aria-labelledby"] in known for e in page.elements if "aria-labelledby" in e.attrs)


def _holds_no_inline_style_script_or_foreign_address(page: Read, *, script: bool) -> None:
    for element in page.elements:
        assert "style" not in element.attrs
        assert not [name for name in element.attrs if name.startswith("on")]
        for name in ("src", "href", "action"):
            target = element.attrs.get(name, "/")
            assert target.startswith(("/", "#")), target
            assert not target.startswith("//"), target
    assert [each.attrs.get("type") for each in page.all("script")] == (["module"] if script else [])
    assert not list(page.all("style", "iframe", "object", "embed", "base"))


def shape(address: str) -> str:
    """What kind of link it is: the codes in its path and the values of its parameters do not matter."""
    path, _, query = address.partition("?")
    names = sorted({re.sub(r"^d\..*", "d", pair.partition("=")[0]) for pair in query.split("&") if pair})
    return re.sub(
        r"^/(indicators|dictionary|regions|topics)/[^/]*?(?=(\.csv|\.xlsx|\.json|\.svg|\.png)?$)", r"/\1/*", path
    ) + str(names)


@pytest.mark.parametrize(("variant", "lang"), [("full", "en"), ("empty", "zh")])
def test_every_kind_of_link_on_every_page_leads_somewhere(variant: str, lang: str) -> None:
    portal = Portal(FakeHouse(variant, records_total=60))
    links = {shape(link): link for address in ADDRESSES for link in Read(portal.ask(address, lang=lang).text).links()}
    followed = [link.partition("#")[0] for link in links.values() if not link.startswith("#")]
    allowed = {200, 303} if variant == "full" else {200, 303, 404}
    wrong = {
        link: answer.status_code
        for link in followed
        if (answer := portal.ask(link, lang=lang)).status_code not in allowed
    }
    assert not wrong
    assert len(followed) > (60 if variant == "full" else 20)


@pytest.mark.parametrize("lang", LANGS)
def test_main_navigation_has_eight_entries_and_no_dead_link(lang: str) -> None:
    portal = Portal()
    assert len(NAVIGATION) == 8
    page = Read(portal.ask("/overview", lang=lang).text)
    for name, path in NAVIGATION:
        assert path in page.links(), name
        answer = portal.ask(path, lang=lang)
        assert answer.status_code == 200
        current = [
            a for a in Read(answer.text).all("a") if a.attrs.get("aria-current") == "page" and a.attrs["href"] == path
        ]
        assert current, name


@pytest.mark.parametrize("name", ["assessment"])
def test_a_feature_without_data_says_what_will_stand_there_and_what_it_needs(name: str) -> None:
    texts = [element.text for element in Read(Portal().ask(f"/{name}", lang="en").text).all("h2")]
    assert texts == ["What will stand here", "What it needs"]


def test_attacks_in_names_stay_text() -> None:
    portal = Portal(FakeHouse("hostile"))
    for address in ADDRESSES:
        answer = portal.ask(address)
        page = Read(answer.text)
        assert not [image for image in page.all("img") if image.attrs.get("src") == "x"]
        assert "<script>alert" not in answer.text
    assert ATTACK in next(Read(portal.ask("/overview").text).all("h1")).text


@pytest.mark.parametrize(
    "asked", ["%", "_", "'", '"><script>alert(1)</script>', "(.*)+$", "x" * 10_000, "\u2028", "  "]
)
def test_search_takes_everything_literally(asked: str) -> None:
    answer = Portal().ask(f"/search?q={quote(asked)}")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert len(answer.text) < 60_000


def test_search_finds_by_either_language_and_code() -> None:
    portal = Portal()
    for asked in ("接通率", "Answer rate", "hotline.answer_rate"):
        assert "/indicators/hotline.answer_rate" in Read(portal.ask(f"/search?q={asked}").text).links()


@pytest.mark.parametrize(
    ("asked", "link"),
    [
        ("TS1", "/complaints/tickets/TS1"),
        ("机场没有信号", f"/complaints/problems/{PROBLEM}"),
        (PROBLEM, f"/complaints/problems/{PROBLEM}"),
        ("验证码", "/cases/1"),
    ],
)
def test_search_finds_tickets_problems_and_cases_within_the_rights_of_who_asks(asked: str, link: str) -> None:
    portal = Portal()
    found = portal.ask(f"/search?q={quote(asked)}")
    assert link in Read(found.text).links()
    assert found.headers["cache-control"] == "no-store"
    plain = portal.house.context()
    reduced = replace(plain.viewer, role="leader", rights=ROLES["leader"].rights)
    assert not reduced.may("list")
    portal.app = create_app(Door.open_to(replace(plain, viewer=reduced)))
    links = Read(portal.ask(f"/search?q={quote(asked)}").text).links()
    assert (link in links) == link.startswith("/cases/")
    assert not any(each.startswith(("/complaints/tickets/", "/complaints/problems/0")) for each in links)


def test_search_does_not_tell_what_it_covers() -> None:
    portal = Portal()
    assert f"/complaints/problems/{PROBLEM}" in Read(portal.ask("/search?q=138****5521").text).links()
    assert not [link for link in Read(portal.ask("/search?q=13812345521").text).links() if "/problems/" in link]


def test_names_of_two_hundred_characters_do_not_break_a_page() -> None:
    class Verbose(FakeHouse):
        def _named(self, named):  # type: ignore[no-untyped-def]
            return named.model_copy(update={"zh": LONG})

    assert Portal(Verbose()).ask("/overview").status_code == 200


def test_unknown_values_are_a_dash_with_a_reason_and_never_zero() -> None:
    page = Read(Portal().ask("/topics/hotline", lang="en").text)
    dashes = [b for b in page.all("b") if b.text == "–"]
    assert [dash.attrs["title"] for dash in dashes] == ["no data arrived for this period"]


def test_an_empty_house_says_why_it_is_empty_and_what_to_do() -> None:
    portal = Portal(FakeHouse("empty"))
    for address in ("/overview", "/data", "/indicators/hotline.answer_rate"):
        text = portal.ask(address, lang="en").text
        assert "ganzhi ingest" in text, address
        assert ">0<" not in text


def test_short_data_is_said_where_the_number_is() -> None:
    text = Portal().ask("/overview?period=1999-01", lang="en").text
    assert "2 days missing: 11 Jan, 12 Jan" in text


def test_headline_says_score_change_cause_and_place_in_both_languages() -> None:
    portal = Portal()
    said = {lang: next(Read(portal.ask("/overview", lang=lang).text).all("h1")).text for lang in LANGS}
    assert said["zh"] == "匿名银行客服中心热线服务感知得分 78.6，较上周 ▼ 4.6：主要来自等待感知（−2.8），二组最低"
    assert (
        said["en"]
        == "Anonymous Bank centre: Hotline experience score 78.6, ▼ 4.6 on last week, mainly from Waiting (−2.8); lowest in Team two"
    )


@pytest.mark.requirement("S004-004")
def test_topic_shows_requests_and_connection_by_interval() -> None:
    page = Read(Portal().ask("/topics/hotline", lang="en").text)
    heads = [head.text for head in page.all("th")]
    assert {"Agent requests", "Answer rate"} <= set(heads)
    assert {f"{hour:02d}" for hour in range(24)} <= set(heads)


@pytest.mark.requirement("S004-020")
def test_dictionary_page_shows_the_dimensions_all_reports_share() -> None:
    text = Portal().ask("/dictionary").text
    assert "维度字典" in text
    assert "来电类型" in text
    assert "回电留言" in text


def test_every_page_of_the_tuple_is_asked_by_these_tests() -> None:
    # The pages of accounts are asked in tests/portal/accounts, where there are accounts.
    there = [page for page in PAGES if page not in ACCOUNT_PAGES]
    patterns = [re.compile(re.sub(r"\{\w+\}", "[^/?]+", page.path)) for page in there]
    for pattern in patterns:
        assert any(pattern.fullmatch(address.partition("?")[0]) for address in (*ADDRESSES, *LEADING_ON)), pattern


def test_counts_on_links_are_the_counts_of_the_lists_they_open() -> None:
    portal = Portal()
    page = Read(portal.ask("/indicators/hotline.answer_rate", lang="en").text)
    target = "/records/calls?indicator=hotline.answer_rate"
    whole = next(a for a in page.all("a") if a.attrs.get("href") == target and "," in a.text)
    opened = Read(portal.ask(whole.attrs["href"], lang="en").text)
    assert next(opened.all("h1")).text == f"Answer rate: {whole.text} records"
    found = Read(portal.ask("/analyses/calls_by_place", lang="en").text)
    cell = next(a for a in found.all("a") if a.attrs.get("href", "").startswith("/records/"))
    assert cell.attrs["href"] == "/records/calls?indicator=hotline.answer_rate&region=AB-2&d.call_type=PS"
    assert next(Read(portal.ask(cell.attrs["href"], lang="en").text).all("h1")).text.endswith(
        f" {cell.text.removesuffix('.0')} records"
    )


def test_defaults_are_left_out_of_links_and_scope_is_kept() -> None:
    portal = Portal()
    plain = Read(portal.ask("/overview?region=AB&period=1999-W03&vs=prev&basis=period").text).links()
    assert "/indicators/hotline.wait.mean_s" in plain
    assert not [link for link in plain if "vs=prev" in link and "lang" not in link]
    kept = Read(portal.ask("/overview?region=AB-2&period=1999-01&vs=year").text).links()
    assert "/indicators/hotline.wait.mean_s?region=AB-2&period=1999-01&vs=year" in kept
