"""An import from the form to its result by keyboard alone, with scripts switched off."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.portal.conftest import Looking


def _to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"{selector} is not reached by keyboard")


@pytest.mark.requirement("S002-117")
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [1440, 390])
def test_a_file_is_handed_in_looked_at_and_loaded_by_keyboard(looking: Looking, width: int, lang: str) -> None:
    seen = looking.at(width, lang, script=False)
    page = seen.open("/imports?feed=payments")
    _to(page, "#file")
    page.set_input_files("#file", {"name": "缴费.csv", "mimeType": "text/csv", "buffer": b"paid_at\r\n"})
    _to(page, ".btn.main")
    page.keyboard.press("Enter")
    page.wait_for_url("**/imports/uploads/*")
    _to(page, "button[value=commit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/imports/loads/*")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1
    assert seen.console == []
