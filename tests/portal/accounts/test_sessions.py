"""Sessions as browsers have them: cookies, their ends, and what cannot be brought along from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import SimpleCookie

import pytest

from ganzhi.access.secrets import hash_of, new_secret
from tests.access.conftest import GOOD, OTHER
from tests.portal.accounts.house import Browsing, House


def _set(answer_headers: list[str], name: str) -> SimpleCookie:
    found = SimpleCookie()
    for each in answer_headers:
        if each.startswith(f"{name}="):
            found.load(each)
    return found


def _inside(visitor: Browsing) -> bool:
    return visitor.see("/account").status_code == 200


@pytest.mark.parametrize(("scheme", "name"), [("https", "__Host-session"), ("http", "session")])
def test_the_cookie_is_bound_to_this_host_and_hidden_from_scripts(house: House, scheme: str, name: str) -> None:
    visitor = house.visitor(scheme=scheme)
    answer = visitor.send("/sign-in", login="ada", password=GOOD)
    cookie = _set(answer.headers.get_list("set-cookie"), name)[name]
    assert (cookie["path"], cookie["samesite"], cookie["domain"]) == ("/", "lax", "")
    assert cookie["httponly"]
    assert bool(cookie["secure"]) == (scheme == "https")
    assert not cookie["max-age"]  # gone with the browser, whatever the store says
    assert _inside(visitor)


def test_over_tls_a_cookie_that_another_host_could_have_set_does_not_count(house: House) -> None:
    secret = house.signed_in("ben").client.cookies["session"]
    secure = house.visitor(scheme="https")
    assert not _inside_with(secure, "session", secret)
    assert _inside_with(secure, "__Host-session", secret)


def _inside_with(visitor: Browsing, name: str, secret: str) -> bool:
    return visitor.see("/account", Cookie=f"{name}={secret}").status_code == 200


def test_signing_in_makes_a_new_session_and_ends_the_one_before(house: House) -> None:
    visitor = house.signed_in("ben")
    first, token = visitor.client.cookies["session"], visitor.token("/account")
    visitor.send("/sign-in", at="/account", login="ada", password=GOOD)
    second = visitor.client.cookies["session"]
    assert first != second
    assert visitor.token("/account") != token
    assert not _inside_with(house.visitor(), "session", first)
    assert _inside_with(house.visitor(), "session", second)


def test_a_session_that_was_planted_is_not_taken_over(house: House) -> None:
    planted, visitor = new_secret(), house.visitor()
    visitor.client.cookies.set("session", planted)
    visitor.send("/sign-in", login="ben", password=GOOD)
    assert not _inside_with(house.visitor(), "session", planted)


def test_a_form_token_that_was_planted_does_not_survive_signing_in(house: House) -> None:
    visitor = house.visitor()
    token = visitor.token("/sign-in")
    visitor.send("/sign-in", login="ben", password=GOOD)
    answer = visitor.client.post(
        "/account", data={"csrf": token, "do": "end_others"}, headers={"sec-fetch-site": "same-origin"}
    )
    assert answer.status_code == 403
    assert "entry" not in visitor.client.cookies


def test_somebody_cannot_be_signed_in_as_another_by_a_form_from_elsewhere(house: House) -> None:
    attacker, victim = house.visitor(), house.visitor()
    answer = victim.client.post(
        "/sign-in",
        data={"csrf": attacker.token("/sign-in"), "login": "ben", "password": GOOD},
        headers={"sec-fetch-site": "same-origin"},
    )
    assert answer.status_code == 403
    assert "session" not in victim.client.cookies


@pytest.mark.parametrize("minutes", [31, 12 * 60 + 1])
def test_a_session_ends_when_it_is_idle(house: House, minutes: int) -> None:
    visitor = house.signed_in("ben")
    house.clock.pass_time(minutes=29)
    assert _inside(visitor)
    house.clock.pass_time(minutes=minutes)
    answer = visitor.see("/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Faccount")


def test_a_session_ends_when_its_time_is_up_however_busy(house: House) -> None:
    visitor = house.signed_in("ben")
    inside = []
    for _ in range(29):
        house.clock.pass_time(minutes=25)
        inside.append(_inside(visitor))
    assert inside == [True] * 28 + [False]  # 11 h 40 min, 12 h 5 min


def test_forged_cookies_open_nothing(house: House) -> None:
    real = house.signed_in("ada").client.cookies["session"]
    session = house.access.accounts.sessions("ada")[0]
    forged = ["", "x", real[:-1], real + "A", real[:-1] + ("A" if real[-1] != "A" else "B"), real.swapcase()]
    forged += [new_secret(), session.id, hash_of(real), session.csrf, "a" * 5_000, "%00", "../../etc", "' OR 1=1 --"]
    for secret in forged:
        assert not _inside_with(house.visitor(), "session", secret), secret[:50]
    assert _inside_with(house.visitor(), "session", real)


def test_signing_out_ends_the_session_and_not_only_the_cookie(house: House) -> None:
    visitor = house.signed_in("ben")
    secret = visitor.client.cookies["session"]
    assert visitor.see("/sign-out").status_code == 200
    assert _inside(visitor)  # looking does nothing
    answer = visitor.send("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "session" not in visitor.client.cookies
    assert not _inside_with(house.visitor(), "session", secret)


def test_whoever_is_disabled_is_out_with_the_next_request(house: House) -> None:
    visitor, ada = house.signed_in("ben"), house.signed_in("ada")
    assert _inside(visitor)
    assert ada.change("ben", "disable").status_code == 303
    assert not _inside(visitor)
    answer = house.visitor().send("/sign-in", login="ben", password=GOOD)
    assert answer.status_code == 401


def test_whoever_loses_a_right_has_lost_it_with_the_next_request(house: House) -> None:
    house.add("eve", "administrator")
    eve, ada = house.signed_in("eve"), house.signed_in("ada")
    assert eve.see("/accounts").status_code == 200
    ada.change("eve", "role", role="leader")
    assert eve.see("/accounts").status_code == 403


def test_a_form_of_a_session_that_is_over_says_so_and_does_nothing(house: House) -> None:
    visitor = house.signed_in("ben")
    token = visitor.token("/account")
    house.access.accounts.end_sessions("ben", by="test")
    before = house.acts()
    answer = visitor.client.post(
        "/account", data={"csrf": token, "do": "about", "name": "X"}, headers={"sec-fetch-site": "same-origin"}
    )
    assert answer.status_code == 401
    assert "has not been saved" in answer.text
    assert 'href="/sign-in"' in answer.text
    assert house.acts() == before


def test_another_password_ends_the_other_sessions_but_not_this_one(house: House) -> None:
    here, there = house.signed_in("ben"), house.signed_in("ben")
    answer = here.send("/account", do="password", old=GOOD, new=OTHER, again=OTHER)
    assert answer.status_code == 303
    assert (_inside(here), _inside(there)) == (True, False)
    assert _inside(house.signed_in("ben", OTHER))


@pytest.mark.parametrize("mode", ["demo", "local"])
def test_demonstration_and_local_user_end_with_their_time(build: Callable[..., House], mode: str) -> None:
    house = build(demo=mode == "demo")
    visitor = house.visitor(host="127.0.0.1:8350", address="127.0.0.1")
    if mode == "demo":
        assert visitor.send("/demo", role="leader").status_code == 303
        assert _inside(visitor)
        # The same store served for real: its cookie opens nothing.
        served = House(house.store, house.clock)
        served.add("ada", "administrator")
        assert not _inside_with(served.visitor(), "session", visitor.client.cookies["session"])
    else:
        assert visitor.see("/overview").status_code == 200
        house.add("ada", "administrator")
        assert visitor.see("/overview").status_code == 303
