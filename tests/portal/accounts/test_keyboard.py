"""Signing in by keyboard in a real browser, in both languages, at a desk and on a phone; with scripts off too."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from ganzhi.access.rights import ROLES
from tests.access.conftest import GOOD, OTHER
from tests.portal.accounts.house import House
from tests.portal.conftest import Looking, browser, looking, playwright, served
from tests.portal.test_axe import RULES

__all__ = ["browser", "looking", "playwright", "served"]

pytestmark = pytest.mark.xdist_group("browser")


def _serve(house: House) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(house.app, port=port, log_level="error", proxy_headers=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def base(house: House) -> Iterator[str]:
    yield from _serve(house)


def _sideways(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(40):
        if page.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by keyboard")


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(("lang", "wrong"), [("zh", "没有登录成功"), ("en", "You are not signed in")])
def test_in_and_out_by_keyboard(looking: Looking, base: str, lang: str, width: int, wrong: str) -> None:
    watched = looking.at(width, lang, base=base)
    page = watched.open("/dictionary")
    assert page.url == f"{base}/sign-in?next=%2Fdictionary"
    assert page.evaluate("document.activeElement.id") == "login"  # one can begin to type
    page.keyboard.type("ben")
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=alert]")
    assert wrong in page.inner_text("[role=alert]")
    assert page.input_value("#login") == "ben"
    assert page.evaluate("document.activeElement.id") == "password"
    assert _sideways(page) == 0
    page.keyboard.type(GOOD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/dictionary*")
    assert watched.console in (
        [],
        ["Failed to load resource: the server responded with a status of 401 (Unauthorized)"],
    )
    _tab_to(page, ".who > summary")
    page.keyboard.press("Enter")
    _tab_to(page, ".who .menu a")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/account")
    assert _sideways(page) == 0
    _tab_to(page, ".who > summary")
    page.keyboard.press("Enter")
    _tab_to(page, ".who .menu button")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{base}/sign-in*")
    assert not [cookie for cookie in page.context.cookies() if cookie["name"] == "session"]


def test_without_scripts_one_can_sign_in_add_an_account_and_sign_out(looking: Looking, base: str) -> None:
    page = looking.at(1024, "en", script=False, base=base).open("/sign-in")
    page.fill("#login", "ada")
    page.fill("#password", GOOD)
    page.click("main button")
    page.wait_for_url(f"{base}/accounts")
    page.fill("#login", "cleo")
    page.fill("#name", "Cleo")
    page.check("input[value=leader]")
    page.check("input[value=whole]")
    page.click("button.main")
    link = page.inner_text("code.secret")
    page.click(".who > summary")
    page.click(".who .menu button")
    page.goto(link)
    page.fill("#password", OTHER)
    page.fill("#again", OTHER)
    page.click("main button")
    page.wait_for_url(f"{base}{ROLES['leader'].landing}*")


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_on_the_pages_of_accounts(looking: Looking, build: Callable[..., House], lang: str) -> None:
    house = build(demo=True)
    ada, ben = house.add("ada", "administrator"), house.add("ben", "analyst", ("11",))
    house.access.tokens.issue(house.catalogue, ada, "nightly", ["macro"], (), days=9, by="ada")
    house.access.tokens.issue(house.catalogue, ben, "nightly", ["macro"], (), days=9, by="ben")
    house.signed_in("ben")
    link = house.access.accounts.issue_link(house.add("new", password=""), by="ada").path
    for base in _serve(house):
        watched = looking.at(1440, lang, base=base)
        page, axe = watched.page, Axe()
        found: list[object] = []

        def check(address: str, page: Page = page, axe: Axe = axe, found: list[object] = found) -> None:
            page.goto(address, wait_until="load")
            for width in (1440, 390):
                page.set_viewport_size({"width": width, "height": 900})
                assert _sideways(page) == 0, (address, width)
                violations = axe.run(page, options=RULES).response["violations"]
                found.extend((address, width, v["id"], [node["html"][:160] for node in v["nodes"]]) for v in violations)

        for path in ("/demo", "/sign-in", link, "/welcome/nothing"):
            check(f"{base}{path}")
        page.goto(f"{base}/sign-in")
        page.fill("#login", "ada")
        page.fill("#password", GOOD)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{base}/accounts")
        for path in ("/account", "/accounts", "/accounts/ben?at=11", "/audit", "/sign-out"):
            check(f"{base}{path}")
        assert found == [], found
