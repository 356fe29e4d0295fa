"""The five goals: each has its heading, leads to what stands for it, and every number is that of the page it opens."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest

from tests.portal.asking import Portal, Read
from tests.portal.fakes import FakeHouse

HEADINGS = ("客服工作数字化", "客服管理数据化", "服务考核可量化", "服务短板分析化", "服务提升针对化")


@dataclass
class _Followed:
    """A link of the page: its number, and what it opened."""

    number: int
    text: str = field(repr=False)


def _followed(portal: Portal, lang: str) -> dict[str, _Followed]:
    page = Read(portal.ask("/goals", lang=lang).text)
    found = {}
    for link in page.all("a"):
        if re.fullmatch(r"[\d,]+", link.text) and link.attrs.get("href"):
            opened = portal.ask(link.attrs["href"], lang=lang)
            assert opened.status_code == 200, link.attrs["href"]
            found[link.attrs["href"]] = _Followed(int(link.text.replace(",", "")), opened.text)
    return found


@pytest.mark.requirement("S002-124")
def test_five_goals_stand_with_numbers_that_their_links_open_to() -> None:
    portal = Portal()
    page = Read(portal.ask("/goals").text)
    heads = [head.text for head in page.all("h2")]
    assert len(heads) == len(HEADINGS)
    for number, (head, goal) in enumerate(zip(heads, HEADINGS, strict=True), 1):
        assert head.startswith(f"{number} · {goal}")
    html = portal.ask("/goals").text
    for section in html.split('<section class="card wide"')[1:]:
        assert section.count('href="/') >= 2, "what stands for a goal can be opened"
    opened = _followed(portal, "en")
    count = {link: each.number for link, each in opened.items()}
    told = {
        "/dictionary?data=arrived": "Indicator dictionary: {} indicators",
        "/dictionary/feeds?data=arrived": "{0} feeds, {0} with data",
        "/halls": "{} halls, lowest",
        "/attention": "In alert {} indicators",
        "/alerts": "{} alerts need somebody",
        "/cases": "{} cases in use",
    }
    for link, words in told.items():
        assert words.format(count[link]) in next(Read(opened[link].text).all("h1")).text
    closings = Read(opened["/closings"].text)
    assert sum(1 for row in closings.elements if row.name == "tr") - 1 == count["/closings"] == 3
    assert f"{count['/cases']} " in opened["/cases"].text


def test_an_empty_house_says_none_and_never_an_error() -> None:
    found = {link: each.number for link, each in _followed(Portal(FakeHouse("empty")), "en").items()}
    assert found["/closings"] == 0
    assert found["/attention"] == 0
