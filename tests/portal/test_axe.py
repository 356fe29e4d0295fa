"""No page breaks a rule of WCAG that a machine can check, in either language, at a desk or on a phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.portal.asking import ADDRESSES
from tests.portal.conftest import Looking

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("axe")]

WIDTHS = (1440, 1024, 390)
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_on_any_page_at_any_width(looking: Looking, lang: str) -> None:
    axe = Axe()
    watched = looking.at(WIDTHS[0], lang)
    found = []
    for address in ADDRESSES:
        page = watched.open(address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for violation in axe.run(page, options=RULES).response["violations"]:
                nodes = [node["html"][:160] for node in violation["nodes"][:3]]
                found.append((address, width, violation["id"], violation["help"], nodes))
    assert found == []
