"""Every route of the app: who may have it, from where a form is taken, and which headers its answers carry."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from starlette.routing import Route

from ganzhi.access.rights import ROLES, Right
from ganzhi.portal.forms import BODY_LIMIT
from ganzhi.portal.headers import SECURITY_HEADERS
from ganzhi.portal.page import Page
from ganzhi.portal.pages import DOWNLOADS, PAGES
from ganzhi.portal.pages.accounts import ACCOUNT_PAGES
from tests.portal.accounts.house import House

OPEN = {
    "/healthz",
    "/readyz",
    "/static/{name}",
    "/sign-in",
    "/sign-in/oidc",
    "/sign-in/oidc/start",
    "/sign-in/oidc/logout",
    "/welcome/{secret}",
    "/demo",
}
"""All that can be had without having signed in."""

UNDER: dict[str, Right] = {"/accounts": "accounts", "/audit": "audit", "/query": "query", "/imports": "import"}
"""Beginnings of addresses below which every page takes a right."""

VALUES = {"login": "ben", "secret": "nobodys", "name": "portal.css"}

ORIGINS: tuple[tuple[str, dict[str, str]], ...] = (
    ("another site, said by the browser", {"sec-fetch-site": "cross-site"}),
    ("another host of our site", {"sec-fetch-site": "same-site", "origin": "http://other.portal.test"}),
    ("another origin, by an old browser", {"origin": "http://evil.example"}),
    ("our host by another port", {"origin": "http://portal.test:81"}),
    ("an origin that hides itself", {"origin": "null"}),
    ("nothing said at all", {}),
)


def _address(pattern: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: VALUES.get(found[1], "x"), pattern)


def _routes(house: House, method: str) -> list[str]:
    return [r.path for r in house.app.router.routes if isinstance(r, Route) and method in (r.methods or ())]


def _forms() -> list[Page]:
    return [page for page in PAGES if page.act is not None]


def test_only_these_pages_are_public() -> None:
    assert {page.path for page in PAGES if page.public} == {path for path in OPEN if path in {p.path for p in PAGES}}


def test_pages_below_an_address_that_takes_a_right_all_take_it() -> None:
    for page in PAGES:
        for beginning, right in UNDER.items():
            if page.path == beginning or page.path.startswith(f"{beginning}/"):
                assert page.needs == right, page.path


def test_every_other_route_sends_a_stranger_to_sign_in_and_back(house: House) -> None:
    stranger = house.visitor()
    closed = [path for path in _routes(house, "GET") if path not in OPEN]
    assert len(closed) > len(PAGES)
    for pattern in closed:
        path = _address(pattern)
        answer = stranger.see(path)
        if path.endswith(".json"):
            assert answer.status_code == 401, path
            assert answer.json() == {"type": "about:blank", "status": 401, "id": None, "issues": []}
        else:
            assert answer.status_code == 303, path
            assert answer.headers["location"].startswith("/sign-in"), path
            assert answer.content == b"", path
        assert stranger.see(path, X_Partial="scorecard").status_code == 401, path
        assert stranger.client.head(path).status_code == 401, path


def test_every_form_of_a_stranger_is_refused_but_of_public_pages(house: House) -> None:
    stranger = house.visitor()
    before = house.acts()
    for page in _forms():
        if not page.public:
            token = stranger.token("/sign-in")
            answer = stranger.client.post(
                _address(page.path), data={"csrf": token}, headers={"sec-fetch-site": "same-origin"}
            )
            assert answer.status_code == 401, page.path
            assert "signed out" in answer.text
    assert house.acts() == before


@pytest.mark.parametrize("role", list(ROLES))
def test_a_page_that_takes_a_right_is_refused_without_it_in_every_form(build: Callable[..., House], role: str) -> None:
    house = build()
    house.add("ada", "administrator")
    house.add("ben", "analyst", ("11",))
    house.add("role", role)  # type: ignore[arg-type]
    visitor = house.signed_in("role")
    for page in PAGES:
        if page.needs is None or page.needs in ROLES[role].rights:  # type: ignore[index]
            continue
        path = _address(page.path)
        for ending in ("", ".csv", ".xlsx", ".json") if page.book is not None else ("",):
            assert visitor.see(path + ending).status_code == 403, path + ending
        if page.act is not None:
            token = visitor.token("/account")
            answer = visitor.client.post(path, data={"csrf": token}, headers={"sec-fetch-site": "same-origin"})
            assert answer.status_code == 403, path


def test_downloads_and_forms_are_all_there(house: House) -> None:
    posts = set(_routes(house, "POST"))
    assert posts == {page.path for page in _forms()} | {"/sign-in/oidc/logout"}
    assert {given.path for given in DOWNLOADS} <= set(_routes(house, "GET"))


@pytest.mark.parametrize(("said", "headers"), ORIGINS)
def test_no_form_is_taken_from_elsewhere(house: House, said: str, headers: dict[str, str]) -> None:
    stranger, ada = house.visitor(), house.signed_in("ada")
    tokens = {True: stranger.token("/sign-in"), False: ada.token("/account")}
    before = house.acts()
    for page in _forms():
        client = (stranger if page.public else ada).client
        data = {"csrf": tokens[page.public], "login": "ada", "password": "x", "do": "disable", "role": "leader"}
        answer = client.post(_address(page.path), data=data, headers=headers)
        assert answer.status_code == 403, (said, page.path)
        assert "POR031" in answer.text
    assert house.acts() == before
    assert ada.see("/account").status_code == 200  # still signed in


def test_no_form_is_taken_without_the_token_of_its_visitor(house: House) -> None:
    stranger, ada, ben = house.visitor(), house.signed_in("ada"), house.signed_in("ben")
    before = house.acts()
    for page in _forms():
        client = (stranger if page.public else ada).client
        for data in ({"do": "disable"}, {"csrf": ""}, {"csrf": "x" * 64}, {"csrf": ben.token("/account")}):
            answer = client.post(_address(page.path), data=data, headers={"sec-fetch-site": "same-origin"})
            assert answer.status_code == 403, page.path
            reachable = page.needs is None or page.needs in ROLES["administrator"].rights
            assert ("POR032" if reachable else "ACC001") in answer.text, page.path
    assert house.acts() == before


def test_a_body_that_any_page_may_send_and_a_method_in_disguise_do_nothing(house: House) -> None:
    ada = house.signed_in("ada")
    token = ada.token("/account")
    before = house.acts()
    for page in _forms():
        path, body = _address(page.path), f"csrf={token}&do=disable"
        plain = {"sec-fetch-site": "same-origin", "content-type": "text/plain"}
        # Whoever may not act is told so before a large body is read at all.
        refused = 403 if page.needs == "act" and page.body > BODY_LIMIT else 400
        assert ada.client.post(path, content=body, headers=plain).status_code == refused, path
        disguised = {"x-http-method-override": "POST", "sec-fetch-site": "same-origin"}
        ada.client.get(f"{path}?_method=POST&csrf={token}&do=disable", headers=disguised)
        for method in ("PUT", "PATCH", "DELETE"):
            assert ada.client.request(method, path).status_code == 405, (method, path)
    assert house.acts() == before


def test_headers_stand_on_every_answer_of_these_pages(house: House) -> None:
    for visitor in (house.visitor(scheme="https"), house.signed_in("ada", scheme="https")):
        for page in ACCOUNT_PAGES:
            path = _address(page.path)
            answers = [visitor.see(path), visitor.client.post(path), visitor.see(f"{path}.csv")]
            answers.append(visitor.client.post("/sign-in/oidc/logout", data={"logout_token": "x"}))
            for answer in answers:
                assert all(answer.headers[name] == value for name, value in SECURITY_HEADERS), path
                assert answer.headers["cache-control"] == "no-store", path
                assert answer.headers["strict-transport-security"].startswith("max-age=")
                assert "etag" not in answer.headers
