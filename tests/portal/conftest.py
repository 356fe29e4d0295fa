"""A served portal and a real browser; tests that need them skip where no Chromium is installed."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, Response, sync_playwright

from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door
from tests.portal.fakes import FakeHouse

CHROMIUM = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)


@dataclass
class Served:
    """A portal on a port of this machine."""

    base: str
    house: FakeHouse


def _serve(house: FakeHouse) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(Door.open_to(house.context())), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield Served(f"http://127.0.0.1:{port}", house)
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    yield from _serve(FakeHouse())


@pytest.fixture(scope="session")
def served_hostile() -> Iterator[Served]:
    yield from _serve(FakeHouse("hostile"))


@pytest.fixture(scope="session")
def served_many() -> Iterator[Served]:
    yield from _serve(FakeHouse("many"))


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    # Not for the session: while it runs, its event loop is the thread's, and other tests need theirs.
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    found = next((path for path in CHROMIUM if Path(path).exists()), None)
    if found is None and not Path(playwright.chromium.executable_path).exists():
        pytest.skip("no Chromium on this machine")
    launched = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
    yield launched
    launched.close()


@dataclass
class Watched:
    """A page with everything that went over the wire and everything the console said.

    bytes: compressed size of answers, by address.
    """

    page: Page
    base: str
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    bytes: dict[str, int] = field(default_factory=dict)

    def open(self, address: str) -> Page:
        """Load an address and wait until nothing moves."""
        self.page.goto(self.base + address, wait_until="load")
        return self.page


def _watch(context: BrowserContext, base: str) -> Watched:
    watched = Watched(context.new_page(), base)

    def sized(answer: Response) -> None:
        watched.bytes[answer.url] = int(answer.request.sizes()["responseBodySize"])

    def asked(request: Request) -> None:
        watched.requests.append(request.url)

    watched.page.on(
        "console", lambda said: watched.console.append(said.text) if said.type in ("error", "warning") else None
    )
    watched.page.on("pageerror", lambda error: watched.console.append(str(error)))
    watched.page.on("request", asked)
    watched.page.on("requestfinished", lambda request: sized(answer) if (answer := request.response()) else None)
    return watched


@dataclass
class Looking:
    """Opens watched pages at a width and in a language."""

    browser: Browser
    base: str
    contexts: list[BrowserContext] = field(default_factory=list)

    def at(self, width: int, lang: str = "zh", *, script: bool = True, base: str | None = None) -> Watched:
        """A fresh visitor; height is that of a desktop or of a phone."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 900 if width > 500 else 844},
            locale="zh-CN" if lang == "zh" else "en-GB",
            java_script_enabled=script,
            has_touch=width < 500,
        )
        self.contexts.append(context)
        return _watch(context, base or self.base)


@pytest.fixture
def looking(browser: Browser, served: Served) -> Iterator[Looking]:
    made = Looking(browser, served.base)
    yield made
    for context in made.contexts:
        context.close()
