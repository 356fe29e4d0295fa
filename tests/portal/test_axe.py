"""No page breaks a rule of WCAG that a machine can check, in either language, at a desk or on a phone."""

from __future__ import annotations

import os

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.portal.asking import ADDRESSES
from tests.portal.conftest import Looking

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("axe")]

WIDTHS = (1440, 1024, 390)
LOOKED = (
    dict.fromkeys(("zh", "en"), WIDTHS) if os.environ.get("GANZHI_AXE") == "all" else {"zh": (1440, 390), "en": (1440,)}
)
"""Widths by language. What differs between languages is words, what differs between widths is layout; `make axe` looks at
all widths in both."""
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "rules": {"meta-refresh": {"enabled": False}},  # the wall turns by itself: it is read by nobody who acts on it
    "resultTypes": ["violations"],
}
FOUND = """rules => axe.run(rules).then(all => all.violations.map(
  rule => [rule.id, rule.help, rule.nodes.slice(0, 3).map(node => node.html.slice(0, 160))]))"""


@pytest.mark.parametrize("lang", LOOKED)
def test_axe_finds_nothing_on_any_page_at_any_width(looking: Looking, lang: str) -> None:
    script = Axe().axe_script
    watched = looking.at(LOOKED[lang][0], lang)
    found = []
    for address in ADDRESSES:
        page = watched.open(address)
        page.evaluate(script)
        for width in LOOKED[lang]:
            page.set_viewport_size({"width": width, "height": 900})
            found += [(address, width, *rule) for rule in page.evaluate(FOUND, RULES)]
        page.set_viewport_size({"width": LOOKED[lang][0], "height": 900})
    assert not found, "\n".join(map(str, found))
