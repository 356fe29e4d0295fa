"""With many topics, indicators, places and sources the pages stay short, and nothing is lost."""

from __future__ import annotations

import re

import pytest

from ganzhi.base.messages import LANGS
from ganzhi.measure.views.query import PageQuery
from ganzhi.portal.pages.overview import SOURCES_LISTED, WEAK_LISTED
from tests.portal import fake_many
from tests.portal.asking import Portal, Read
from tests.portal.fakes import FakeHouse


@pytest.fixture(scope="module")
def portal() -> Portal:
    return Portal(FakeHouse("many"))


def _links(portal: Portal, address: str, lang: str = "zh") -> list[str]:
    answer = portal.ask(address, lang=lang)
    assert answer.status_code == 200, address
    assert Read(answer.text).faults == []
    return Read(answer.text).links()


def _indicators(links: list[str]) -> set[str]:
    return {found.group(1) for link in links if (found := re.match(r"/indicators/([^?/]+)", link))}


@pytest.mark.parametrize("lang", LANGS)
def test_the_scorecard_has_a_row_per_topic_and_its_worst_indicator_under_each(portal: Portal, lang: str) -> None:
    text = portal.ask("/overview", lang=lang).text
    card = text[text.index('id="scorecard"') : text.index('aria-labelledby="h-places"')]
    shown = fake_many.TOPICS - 1
    assert card.count('class="topic"') == shown
    assert len(re.findall(r"<tr\b", card)) == 1 + 2 * shown
    links = Read(card.replace('id="scorecard"', "")).links()
    assert [f"/topics/topic{t}" in links for t in range(fake_many.TOPICS)] == [True] * fake_many.TOPICS


def test_a_topic_of_which_nothing_is_known_is_named_in_one_line_at_the_end(portal: Portal) -> None:
    text = portal.ask("/overview").text
    silent = fake_many.TOPICS - 1
    assert text.count(f'href="/topics/topic{silent}"') == 1
    assert text.index(f'href="/topics/topic{silent}"') > text.index(f'href="/topics/topic{silent - 1}"')


@pytest.mark.parametrize("lang", LANGS)
def test_the_lists_beside_are_capped_and_say_how_many_there_are(portal: Portal, lang: str) -> None:
    text = portal.ask("/overview", lang=lang).text
    attention = text[text.index('aria-labelledby="h-weak"') : text.index('aria-labelledby="h-brief"')]
    assert attention.count("<li>") == WEAK_LISTED
    total = len(fake_many.weak(portal.house.overview(PageQuery()).scope))
    assert 'href="/attention">' in attention
    assert str(total) in attention
    data = text[text.index('aria-labelledby="h-data"') :]
    assert len(re.findall(r'href="/data#s\d+"', data)) == SOURCES_LISTED
    assert str(fake_many.SOURCES - SOURCES_LISTED) in data


def test_every_indicator_is_two_clicks_away(portal: Portal) -> None:
    overview = _links(portal, "/overview")
    reached: set[str] = set()
    for topic in {link for link in overview if link.startswith("/topics/")}:
        reached |= _indicators(_links(portal, topic))
    assert {code for t in range(fake_many.TOPICS) for code in fake_many.codes(t)} <= reached


def test_every_indicator_in_alert_stands_on_the_pages_of_the_list(portal: Portal) -> None:
    expected = [item.subject.code for item in fake_many.weak(portal.house.overview(PageQuery()).scope)]
    found: list[str] = []
    address: str | None = "/attention"
    while address:
        text = portal.ask(address).text
        rows = text[text.index('<ul class="al">') : text.index("</ul>", text.index('<ul class="al">'))]
        assert rows.count("<li>") <= 50
        found += re.findall(r"/indicators/([^\"?]+)", rows)
        after = re.search(r'href="([^"]+)" rel="next"', text)
        address = after.group(1).replace("&amp;", "&") if after else None
    assert found == expected
    assert portal.ask("/attention?page=99").status_code == 400


def test_a_topic_shows_its_worst_groups_open_and_the_others_behind_a_click(portal: Portal) -> None:
    text = portal.ask("/topics/topic0").text
    outside = re.sub(r"<details.*?</details>", "", text, flags=re.DOTALL)
    assert len(re.findall('class="multiple"', outside)) <= 20
    assert len(re.findall('class="multiple"', text)) == fake_many.ROWS


def test_the_file_of_the_overview_holds_every_indicator(portal: Portal) -> None:
    tables = {table["id"]: table["rows"] for table in portal.ask("/overview.json").json()["tables"]}
    assert len(tables["scorecard"]) == fake_many.TOPICS * fake_many.ROWS
    assert len(tables["places"]) == fake_many.PLACES
