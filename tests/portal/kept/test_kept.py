"""Bodies of pages are set once for all of equal rights, and never shown to anybody for whom they would differ."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field, replace

import pytest
from markupsafe import Markup
from starlette.testclient import TestClient

from ganzhi.access.rights import LOCAL, Viewer
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.messages import cause
from ganzhi.measure.views.indicator import IndicatorPage
from ganzhi.measure.views.query import IndicatorQuery, PageQuery
from ganzhi.portal.app import create_app
from ganzhi.portal.context import PortalContext, Rests
from ganzhi.portal.door import Door, Visitor
from ganzhi.portal.links import Links
from ganzhi.portal.page import Html
from ganzhi.portal.pages import PAGES
from ganzhi.portal.ports.kept import Bodies, Made
from tests.portal.asking import ADDRESSES
from tests.portal.fakes import FakeHouse

ANNA = replace(LOCAL, login="anna", name="Anna Ant")
BORIS = replace(LOCAL, login="boris", name="Boris Bee")
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
RESTING = {page.name: page for page in PAGES if page.rests is not None}
PATHS = [re.compile(re.sub(r"\{\w+\}", "[^/]+", page.path)) for page in RESTING.values()]
KEPT = tuple(each for each in ADDRESSES if any(path.fullmatch(each.partition("?")[0]) for path in PATHS))


@dataclass
class Estate:
    """A portal whose visitors and state are set by hand. built: how often each port was asked, and by whose name."""

    keeps: bool = True
    numbers: int = 1
    findings: int = 1
    built: Counter[str] = field(default_factory=Counter)
    names: set[str] = field(default_factory=set)
    now: Visitor = field(default_factory=lambda: visitor(ANNA))

    def __post_init__(self) -> None:
        self.house = FakeHouse()
        self.app = create_app(Door(lambda cookies, host: self.now, self.context))
        self.client = TestClient(self.app, follow_redirects=False)

    def stands(self, rests: Rests) -> Hashable:
        return self.numbers if rests == "numbers" else (self.numbers, self.findings)

    def context(self, viewer: Viewer) -> PortalContext:
        plain = self.house.context()
        assert plain.panorama is not None

        def start(query: PageQuery):  # type: ignore[no-untyped-def]
            self.built["start"] += 1
            self.names.add(viewer.login)
            assert plain.panorama is not None
            return plain.panorama.start(query)

        def overview(query: PageQuery):  # type: ignore[no-untyped-def]
            self.built["overview"] += 1
            if viewer.units:
                raise InputError(Issue("REQ012", query.unit or "", params={"near": "AB"}))
            return plain.overview(query)

        return replace(
            plain,
            viewer=viewer,
            overview=overview,
            panorama=replace(plain.panorama, start=start),
            stands=self.stands if self.keeps else None,
        )

    def see(self, address: str, who: Visitor | None = None, lang: str = "zh", part: str = "") -> str:
        self.now = who or self.now
        answer = self.client.get(address, headers={"accept-language": lang, "x-partial": part})
        assert answer.status_code == 200, answer.text[:300]
        return str(answer.text)


def visitor(who: Viewer) -> Visitor:
    return Visitor(who, f"token-of-{who.login}", session=f"session-of-{who.login}")


def test_the_pages_that_are_measured_are_kept() -> None:
    assert {"overview", "region", "indicator", "topic"} <= set(RESTING)
    assert len(KEPT) > 10


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_kept_page_is_the_page_that_would_be_set_anew(lang: str) -> None:
    kept, anew = Estate(), Estate(keeps=False)
    for address in KEPT:
        wanted = anew.see(address, visitor(BORIS), lang)
        kept.see(address, visitor(ANNA), lang)
        assert kept.see(address, visitor(BORIS), lang) == wanted, address


def test_a_body_is_set_once_for_everybody_of_equal_rights_and_for_nobodys_name() -> None:
    estate = Estate()
    first, second = estate.see("/overview", visitor(ANNA)), estate.see("/overview", visitor(BORIS))
    assert estate.built["start"] == 1
    assert estate.names == {""}
    assert "Boris" not in first
    assert "Anna" not in second
    assert TOKEN.findall(first) == ["token-of-anna"]
    assert TOKEN.findall(second) == ["token-of-boris"]


def test_no_kept_body_has_a_form_that_acts() -> None:
    estate = Estate()
    for address in KEPT:
        main = estate.see(address).partition("<main")[2].partition("</main>")[0]
        assert main
        assert 'method="post"' not in main, address
        assert 'name="csrf"' not in main, address


@pytest.mark.parametrize(
    "other",
    [
        replace(BORIS, rights=BORIS.rights - {"list"}),
        replace(BORIS, rights=BORIS.rights - {"import"}),
        replace(BORIS, role="leader"),
        replace(BORIS, units=("AB-2",)),
    ],
    ids=["depth", "act", "role", "units"],
)
def test_other_rights_have_a_body_of_their_own(other: Viewer) -> None:
    estate = Estate()
    estate.see("/overview", visitor(ANNA))
    estate.see("/overview", visitor(other))
    assert estate.built["start"] == 2


def test_what_is_refused_to_one_is_not_given_because_another_saw_it() -> None:
    estate = Estate()
    estate.see("/attention?region=AB-1", visitor(ANNA))
    estate.now = visitor(replace(BORIS, units=("AB-2",)))
    refused = estate.client.get("/attention?region=AB-1")
    assert refused.status_code == 400
    estate.see("/attention?region=AB-1", visitor(ANNA))
    assert estate.built["overview"] == 2  # the refusal was not kept either, and took nothing away


def test_each_language_has_a_body_of_its_own() -> None:
    estate = Estate()
    chinese, english = estate.see("/overview"), estate.see("/overview", lang="en")
    assert '<html lang="zh-CN">' in chinese
    assert '<html lang="en">' in english
    assert estate.see("/overview?lang=en") != chinese
    assert chinese.partition("<main")[2] != english.partition("<main")[2]


def test_a_new_state_of_the_numbers_shows_at_once_and_an_act_on_a_finding_where_findings_are_shown() -> None:
    estate = Estate()
    for _ in range(2):
        estate.see("/overview")
        estate.see("/attention")
    assert estate.built == {"start": 1, "overview": 1}
    estate.findings += 1
    estate.see("/overview")
    estate.see("/attention")
    assert estate.built == {"start": 2, "overview": 1}
    estate.numbers += 1
    estate.see("/overview")
    estate.see("/attention")
    assert estate.built == {"start": 3, "overview": 2}


def test_every_parameter_and_part_has_a_body_of_its_own() -> None:
    estate, plain = Estate(), Estate(keeps=False)
    addresses = ("/overview", "/overview?period=1999-01", "/overview?vs=year", "/overview?region=AB-2")
    for address in (*addresses, *reversed(addresses)):
        assert estate.see(address) == plain.see(address), address
    part = estate.see("/overview", part="scorecard")
    assert part == plain.see("/overview", part="scorecard") != estate.see("/overview")
    assert estate.see("/overview", part="nothing") == plain.see("/overview")


def test_a_browser_that_has_the_page_is_told_so_and_has_another_for_another_session() -> None:
    estate = Estate()
    tag = estate.client.get("/overview").headers["etag"]
    assert estate.client.get("/overview", headers={"if-none-match": tag}).status_code == 304
    estate.now = visitor(BORIS)
    assert estate.client.get("/overview", headers={"if-none-match": tag}).status_code == 200


def test_only_the_latest_bodies_are_kept() -> None:
    def made(text: str) -> Made:
        return Made(Html("x.html", "x", Links(), {}), Markup(text))

    bodies = Bodies(most=3, characters=100)
    for key in "abcd":
        bodies.put(key, made("x" * 10))
    assert bodies.get("a") is None
    assert bodies.get("b") is not None
    bodies.put("e", made("x" * 85))  # room for it and one more
    assert [key for key in "abcde" if bodies.get(key) is not None] == ["b", "e"]
    bodies.put("f", made("x" * 101))  # nothing is as large as that
    assert [key for key in "abcdef" if bodies.get(key) is not None] == []
    bodies.put("g", made("x" * 10))
    bodies.put("g", made("x" * 20))
    assert bodies.get("g") == made("x" * 20)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_indicator_whose_records_are_gone_says_so_and_shows_the_rest(lang: str) -> None:
    house = FakeHouse()
    plain = house.context()
    gone = Issue("MEA013", "calls", params={"days": "1999-01-05", "kept": "10"})

    def indicator(code: str, query: PageQuery, asked: IndicatorQuery) -> IndicatorPage:
        return replace(plain.indicator(code, query, asked), records=None, records_gone=gone)

    client = TestClient(create_app(Door.open_to(replace(plain, indicator=indicator))))
    answer = client.get("/indicators/hotline.answer_rate", headers={"accept-language": lang})
    assert answer.status_code == 200
    said = cause("zh" if lang == "zh" else "en", gone)
    assert "1999-01-05" in said
    assert said in answer.text
    assert 'id="trend"' in answer.text
