"""No page breaks a rule of WCAG that a machine can check, in either language, at a desk or on a phone."""

from __future__ import annotations

import os

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.portal.asking import ADDRESSES, ONE_OF_EACH_KIND
from tests.portal.conftest import Looking

pytestmark = [pytest.mark.slow, pytest.mark.scattered]

WIDTHS = (1440, 1024, 390)
ALL = os.environ.get("GANZHI_AXE") == "all"
"""Whether every address is looked at at every width in both languages; `make axe` sets it. Otherwise one address of each
kind of page is looked at once, in one language and at one width, in turn: what differs between languages is words, between
widths layout, between addresses of a kind mostly how many rows there are."""
LOOKED_AT = ADDRESSES if ALL else ONE_OF_EACH_KIND
PARTS = 3


def widths_of(place: int, lang: str) -> tuple[int, ...]:
    """The widths at which a page is looked at in a language. place: its number among the addresses."""
    if ALL:
        return WIDTHS
    return (WIDTHS[place // 2 % len(WIDTHS)],) if (place % 2 == 0) == (lang == "zh") else ()


RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "rules": {"meta-refresh": {"enabled": False}},  # the wall turns by itself: it is read by nobody who acts on it
    "resultTypes": ["violations"],
}
FOUND = """rules => axe.run(rules).then(all => all.violations.map(
  rule => [rule.id, rule.help, rule.nodes.slice(0, 3).map(node => node.html.slice(0, 160))]))"""


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_on_any_page_at_any_width(looking: Looking, lang: str, part: int) -> None:
    script = Axe().axe_script
    watched = looking.at(WIDTHS[0], lang)
    found = []
    for place, address in enumerate(LOOKED_AT):
        if place % PARTS != part or not widths_of(place, lang):
            continue
        page = watched.open(address)
        page.evaluate(script)
        for width in widths_of(place, lang):
            page.set_viewport_size({"width": width, "height": 900})
            found += [(address, width, *rule) for rule in page.evaluate(FOUND, RULES)]
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
    assert not found, "\n".join(map(str, found))
    assert watched.console == []
