"""A portal with real accounts over a store of its own, and browsers without a screen that keep their cookies."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any

import httpx
from starlette.testclient import TestClient

from ganzhi.access.oidc import Oidc
from ganzhi.access.open import Access, open_access
from ganzhi.access.provider import Provider
from ganzhi.access.rights import RoleName, Viewer
from ganzhi.base.settings import Settings
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.portal.app import create_app
from ganzhi.portal.context import ExportNote, PortalContext
from ganzhi.portal.door import SIGN_IN, Door
from ganzhi.portal.gate.demo import DEMO_PAGE
from ganzhi.portal.gate.limits import RATES, Limits
from ganzhi.portal.gate.visitors import Gate
from ganzhi.portal.ports.accounts import Entry, account_ports
from ganzhi.store.accounts.records import Account
from ganzhi.store.open import Store
from tests.access.conftest import CHEAP, GOOD, organisation
from tests.access.providers import Fake
from tests.portal.fakes import FakeHouse
from tests.store.conftest import HandClock

HOST = "portal.test"
HERE = "127.0.0.1:8350"
ROLES: tuple[RoleName, ...] = (
    "leader",
    "analyst",
    "manager",
    "handler",
    "owner",
    "support",
    "operations",
    "administrator",
)
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass
class House:
    """The portal of one store. demo: a demonstration. limits: of what costs much. fake: the identity provider."""

    store: Store
    clock: HandClock
    demo: bool = False
    settings: Settings = field(default_factory=Settings)
    limits: Limits = field(default_factory=lambda: Limits(RATES))
    catalogue: Catalogue = field(default_factory=organisation)
    fake: Fake | None = None

    def __post_init__(self) -> None:
        chosen = self.settings.access.model_copy(update={"demo": self.demo})
        self.access: Access = open_access(self.store, self.settings.model_copy(update={"access": chosen}), CHEAP)
        if self.fake is not None:
            client = httpx.Client(transport=httpx.MockTransport(self.fake))
            provider = Provider(self.settings.access.oidc, self.clock, client)
            oidc = Oidc(self.store, self.settings, self.access.accounts, self.access.signin, provider)
            self.access = replace(self.access, oidc=oidc)
        self.gate = Gate(self.access)
        entry = Entry(self.access, self.catalogue, self.gate.guarded, demo=self.demo)
        plain = FakeHouse().context()

        def exported(note: ExportNote) -> None:
            detail = {"query": note.query, "form": note.form, "rows": note.rows}
            self.store.audit.append(note.user, "export", note.feed, detail)

        def context(viewer: Viewer) -> PortalContext:
            ports = account_ports(self.access, self.catalogue, entry, self.limits, viewer)
            return replace(plain, viewer=viewer, clock=self.clock, accounts=ports, exported=exported)

        self.door = Door(self.gate.visitor, context, DEMO_PAGE if self.demo else SIGN_IN, self.limits)
        self.app = create_app(self.door)

    def add(self, login: str, role: RoleName = "analyst", units: tuple[str, ...] = (), password: str = GOOD) -> Account:
        """An account with a password."""
        made = self.access.accounts.add(self.catalogue, login, login.title(), role, units, by="test", locale="en")
        return self.access.accounts.set_password(made, password, by="test") if password else made

    def visitor(self, host: str = HOST, address: str = "10.0.0.9", scheme: str = "http") -> Browsing:
        """A fresh browser."""
        return Browsing(self, host, address, scheme)

    def signed_in(self, login: str, password: str = GOOD, **more: str) -> Browsing:
        """A browser in which somebody has signed in by the form."""
        visitor = self.visitor(**more)
        answer = visitor.send("/sign-in", login=login, password=password)
        assert answer.status_code == 303, answer.text[:600]
        return visitor

    def acts(self) -> list[str]:
        """What the trail says was done."""
        return [entry.act for entry in self.store.audit.entries()]


class Browsing:
    """A browser: keeps cookies, sends forms with the token of their page, does not follow redirects."""

    def __init__(self, house: House, host: str, address: str, scheme: str) -> None:
        self.client = TestClient(
            house.app,
            base_url=f"{scheme}://{host}",
            client=(address, 50_000),
            follow_redirects=False,
            raise_server_exceptions=False,
            headers={"accept-language": "en"},
        )

    def see(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a page."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        answer: httpx.Response = self.client.get(path, headers=sent)
        return answer

    def token(self, path: str) -> str:
        """The token in the forms of a page."""
        found = TOKEN.search(self.see(path).text)
        assert found, path
        return unescape(found[1])

    def send(self, path: str, at: Any = None, headers: Any = None, **fields: Any) -> httpx.Response:
        """Send a form of the page at `at` (by default of the same address) as a browser does."""
        filled = {"csrf": self.token(at or path), **fields}
        sent = {"sec-fetch-site": "same-origin", **(headers or {})}
        answer: httpx.Response = self.client.post(path, data=filled, headers=sent)
        return answer

    def change(self, login: str, do: str, **fields: Any) -> httpx.Response:
        """Send a form of an account's page with all that the page put into it."""
        path = f"/accounts/{login}"
        return self.send(path, **{**self.hidden(path), "do": do, **fields})

    def hidden(self, path: str) -> dict[str, str]:
        """The hidden fields that the forms of an account's page carry."""
        pairs = re.findall(r'<input type="hidden" name="(version|seen_\w+)" value="([^"]*)"', self.see(path).text)
        return {name: unescape(value) for name, value in pairs}
