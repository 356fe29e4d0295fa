"""Signing in by an identity provider, as browsers go through it, and its word that somebody signed out there."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from ganzhi.access.counted.limits import Rate
from ganzhi.portal.gate.limits import RATES, Limits
from tests.access.providers import ISSUER, Fake, settings_for, signed
from tests.portal.accounts.house import Browsing, House

FAILED = "/sign-in?failed=provider"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
def ruled(build: Callable[..., House]) -> House:
    """Nobody has an account; who comes from the provider gets one."""
    return build(settings=settings_for(ISSUER, name="Staff card"), fake=Fake())


def _claims(house: House, **more: Any) -> dict[str, Any]:
    assert house.fake
    now = int(house.clock.now().timestamp())
    usual = {"iss": ISSUER, "aud": "portal", "sub": "s", "iat": now, "exp": now + 300, "nonce": house.fake.nonce}
    return {**usual, "groups": ["kf-halls"], "units": ["halls"], "preferred_username": "wang", "sid": "there", **more}


def _depart(house: House, visitor: Browsing, onward: str = "") -> dict[str, str]:
    """Leave for the provider; what it was asked."""
    answer = visitor.client.get("/sign-in/oidc/start", params={"next": onward})
    assert answer.status_code == 303
    address = urlsplit(answer.headers["location"])
    assert f"{address.scheme}://{address.netloc}" == ISSUER
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert house.fake
    house.fake.nonce = asked["nonce"]
    house.fake.token = lambda nonce: signed(_claims(house))
    return asked


def _return(visitor: Browsing, asked: dict[str, str]) -> Any:
    query = {"code": "c", "state": asked["state"]}
    return visitor.client.get("/sign-in/oidc", params=query, headers={"sec-fetch-site": "cross-site"})


def test_there_and_back_goes_on_to_where_one_wanted_to_go(ruled: House) -> None:
    visitor = ruled.visitor(scheme="https")
    page = visitor.see("/sign-in?next=%2Fdictionary").text
    assert "Sign in with Staff card" in page
    assert 'href="/sign-in/oidc/start?next=%2Fdictionary"' in page
    asked = _depart(ruled, visitor, "/dictionary")
    assert "__Host-departure" in visitor.client.cookies
    answer = _return(visitor, asked)
    assert (answer.status_code, answer.headers["location"]) == (303, "/dictionary")
    assert "__Host-departure" not in visitor.client.cookies
    assert visitor.see("/account").status_code == 200
    assert ruled.access.accounts.find("wang").units == ("1101", "1102")
    assert _return(visitor, asked).headers["location"] == FAILED  # it serves once


@pytest.mark.parametrize("onward", ["//evil.example", "https://evil.example/", "/\\evil.example", ""])
def test_back_from_there_leads_nowhere_else(ruled: House, onward: str) -> None:
    visitor = ruled.visitor()
    assert _return(visitor, _depart(ruled, visitor, onward)).headers["location"] == "/overview"


def test_the_way_back_belongs_to_the_browser_that_left(ruled: House) -> None:
    left, other = ruled.visitor(), ruled.visitor()
    asked = _depart(ruled, left)
    for visitor in (other, ruled.visitor()):
        answer = _return(visitor, asked)
        assert (answer.status_code, answer.headers["location"]) == (303, FAILED)
        assert "session" not in visitor.client.cookies
        page = visitor.see(FAILED).text  # why, stands in the log only
        assert "You are not signed in" in page
        assert not re.search("state=|another browser|too late", page)
    assert _return(left, asked).status_code == 303


def test_another_site_cannot_send_somebody_there(ruled: House) -> None:
    visitor = ruled.visitor()
    answer = visitor.see("/sign-in/oidc/start?next=%2Fdata", Sec_Fetch_Site="cross-site")
    assert answer.headers["location"] == "/sign-in?next=%2Fdata"
    assert "departure" not in visitor.client.cookies


def test_departures_are_counted_and_a_provider_that_is_down_is_said_to_be(build: Callable[..., House]) -> None:
    limits = Limits({**RATES, "departure": Rate(2, 60)})
    house = build(settings=settings_for(ISSUER), fake=Fake(broken="/.well-known/openid-configuration"), limits=limits)
    visitor = house.visitor()
    answers = [visitor.see("/sign-in/oidc/start") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 429]
    assert "ACC050" in answers[0].text


def test_without_a_provider_there_is_no_such_way(house: House) -> None:
    visitor = house.visitor()
    assert "/sign-in/oidc" not in visitor.see("/sign-in").text
    assert visitor.see("/sign-in/oidc/start").headers["location"] == "/sign-in"
    assert visitor.see("/sign-in/oidc?code=c&state=s").headers["location"] == FAILED
    assert "You are not signed in" not in visitor.see(FAILED).text
    assert visitor.client.post("/sign-in/oidc/logout", data={"logout_token": "x"}).status_code == 400


def test_who_signs_out_there_is_out_here(ruled: House) -> None:
    visitor, stays = ruled.visitor(), ruled.visitor()
    _return(visitor, _depart(ruled, visitor))
    ruled.add("ada", "administrator")
    stays.send("/sign-in", login="ada", password="梧桐树下两只松鼠在吵架呢")
    genuine = _claims(ruled, jti="1", events={LOGOUT: {}}, nonce=None)
    genuine = {name: value for name, value in genuine.items() if value is not None}
    server = ruled.visitor().client  # the provider's own, without cookies
    for forged in ("", "x", signed({**genuine, "aud": "another"}), signed({**genuine, "events": {}})):
        answer = server.post("/sign-in/oidc/logout", data={"logout_token": forged})
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert visitor.see("/account").status_code == 200
    assert server.post("/sign-in/oidc/logout", content="logout_token=x").status_code == 400  # another kind of body
    answer = server.post("/sign-in/oidc/logout", data={"logout_token": signed(genuine)})
    assert (answer.status_code, answer.content) == (200, b"")
    assert (visitor.see("/account").status_code, stays.see("/account").status_code) == (303, 200)
