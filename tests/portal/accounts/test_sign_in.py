"""Ways in: what a refusal tells, where a visit may go on to, one-time links, the local user, demonstrations."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from ganzhi.access.rights import ROLES
from ganzhi.portal.pages.accounts.demo import BEGINS
from ganzhi.portal.pages.accounts.shared import own_path
from tests.access.conftest import GOOD, OTHER
from tests.portal.accounts.house import HERE, House

ELSEWHERE = (
    "",
    "overview",
    "https://evil.example/",
    "HTTPS://evil.example",
    "http:evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example/%2e%2e",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\x00/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/overview\r\nSet-Cookie: session=x",
    "/\u2028/evil.example",
    "@evil.example",
    ".evil.example",
    "//evil.example\\@portal.test",
    "//[::1",
    "/sign-in?next=//evil.example",
    "/sign-out",
    "/" + "x" * 3_000,
)


@pytest.mark.parametrize("onward", ELSEWHERE)
def test_a_visit_never_goes_on_to_another_place(house: House, onward: str) -> None:
    visitor = house.visitor()
    answer = visitor.send("/sign-in", login="ben", password=GOOD, next=onward)
    if "\x00" in onward:  # no field of a form may hold that
        assert answer.status_code == 400
        assert own_path(onward) is None
        return
    assert (answer.status_code, answer.headers["location"]) == (303, "/overview")
    again = visitor.client.get("/sign-in", params={"next": onward})
    assert (again.status_code, again.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    "onward", ["/overview", "/indicators/a.b?region=11&period=2026-W46", "/regions/%2F%2Fx", "/a:b"]
)
def test_a_visit_goes_on_to_where_it_wanted_to_go(house: House, onward: str) -> None:
    visitor = house.visitor()
    form = visitor.client.get("/sign-in", params={"next": onward})
    assert 'name="next"' in form.text
    answer = visitor.send("/sign-in", login="ben", password=GOOD, next=onward)
    assert answer.headers["location"] == onward
    assert own_path(onward) == onward


@pytest.mark.parametrize("role", list(ROLES))
def test_each_role_begins_where_its_work_does(build: Callable[..., House], role: str) -> None:
    house = build()
    house.add("someone", role)  # type: ignore[arg-type]
    visitor = house.visitor()
    answer = visitor.send("/sign-in", login="Someone ", password=GOOD)
    assert answer.headers["location"] == ROLES[role].landing  # type: ignore[index]
    assert visitor.see("/").headers["location"] == ROLES[role].landing  # type: ignore[index]


def _without_tokens(text: str) -> str:
    return re.sub(r'(name="csrf" value)="[^"]+"', r"\1", text)


def test_whether_a_login_exists_shows_nowhere(house: House) -> None:
    house.add("dora", "leader", password="")
    disabled = house.add("dan", "leader")
    house.access.accounts.disable(disabled, by="test")
    answers = []
    for login, password in (("ben", "wrong wrong wrong"), ("nobody.here", GOOD), ("dora", GOOD), ("dan", GOOD)):
        answer = house.visitor().send("/sign-in", login=login, password=password)
        answers.append((answer.status_code, _without_tokens(answer.text).replace(login, "LOGIN")))
        assert "session" not in answer.cookies
    assert answers[0][0] == 401
    assert len(set(answers)) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_after_five_failures_it_says_how_long_to_wait(house: House, lang: str) -> None:
    visitor = house.visitor()
    visitor.client.headers["accept-language"] = lang
    for _ in range(5):
        assert visitor.send("/sign-in", login="ben", password="wrong wrong wrong").status_code == 401
    answer = visitor.send("/sign-in", login="ben", password=GOOD)
    wait_s = int(answer.headers["retry-after"])
    assert (answer.status_code, 50 <= wait_s <= 60) == (429, True)
    assert str(wait_s) in answer.text
    house.clock.pass_time(seconds=wait_s)
    assert visitor.send("/sign-in", login="ben", password=GOOD).status_code == 303


@pytest.mark.parametrize("login", ["<b>x</b>", '"><script>', "\u202eben", "x" * 5_000, "ben\x01", "🐼", "' OR '1'='1"])
def test_hostile_logins_are_text(house: House, login: str) -> None:
    answer = house.visitor().send("/sign-in", login=login, password="x" * 10_000)
    assert answer.status_code == 401
    assert "<script>" not in answer.text.replace('<script type="module"', "")
    assert "<b>x</b>" not in answer.text


def test_the_language_of_an_account_is_taken_where_none_was_chosen(house: House) -> None:
    ben = house.access.accounts.find("ben")
    house.access.accounts.set_name(ben, "Ben", by="ben", locale="zh")
    visitor = house.visitor()  # an English browser
    visitor.send("/sign-in", login="ben", password=GOOD)
    assert visitor.see("/account").headers["content-language"] == "zh-CN"
    chosen = house.visitor()
    chosen.see("/sign-in?lang=en")
    chosen.send("/sign-in", login="ben", password=GOOD)
    assert chosen.see("/account").headers["content-language"] == "en"


class TestOneTimeLinks:
    def test_a_link_sets_a_password_once(self, house: House) -> None:
        cleo = house.add("cleo", "leader", password="")
        path = house.access.accounts.issue_link(cleo, by="ada").path
        visitor = house.visitor()
        for _ in range(3):  # looking does not spend it
            assert "cleo" in visitor.see(path).text
        assert visitor.send(path, password="short", again="short").status_code == 400
        assert visitor.send(path, password=OTHER, again=OTHER + "x").status_code == 400
        answer = visitor.send(path, password=OTHER, again=OTHER)
        assert (answer.status_code, answer.headers["location"]) == (303, "/overview")
        assert visitor.see("/account").status_code == 200
        spent = house.visitor().see(path)
        assert spent.status_code == 404
        assert "This link is over" in spent.text
        house.signed_in("cleo", OTHER)

    def test_a_link_is_over_after_a_day(self, house: House) -> None:
        path = house.access.accounts.issue_link(house.add("cleo", password=""), by="ada").path
        house.clock.pass_time(hours=24, seconds=1)
        assert house.visitor().see(path).status_code == 404

    def test_the_secret_of_a_link_stays_out_of_the_log(
        self, house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*args: object) -> None:
            raise RuntimeError("broken")

        monkeypatch.setattr(house.access.accounts, "link_owner", broken)
        assert house.visitor().see("/welcome/sesame").status_code == 500
        record = next(each for each in caplog.records if each.message == "request failed")
        assert record.path == "/welcome/…"  # type: ignore[attr-defined]

    def test_guessing_links_is_slowed_down(self, house: House) -> None:
        visitor = house.visitor()
        answers = [visitor.see(f"/welcome/guess{n}").status_code for n in range(40)]
        assert answers.count(404) == 30
        assert set(answers[30:]) == {429}


class TestWithoutAccounts:
    @pytest.mark.parametrize("host", ["127.0.0.1:8350", "localhost", "localhost:8350", "[::1]:8350", "127.0.0.2"])
    def test_whoever_is_at_the_machine_is_the_local_user(self, build: Callable[..., House], host: str) -> None:
        visitor = build().visitor(host=host, address="127.0.0.1")
        assert visitor.see("/").headers["location"] == "/overview"
        assert visitor.see("/overview").status_code == 200

    @pytest.mark.parametrize(
        ("host", "address", "headers"),
        [
            ("evil.example", "127.0.0.1", {}),
            ("127.0.0.1.evil.example", "127.0.0.1", {}),
            ("localhost.evil.example:8350", "127.0.0.1", {}),
            ("portal.corp", "127.0.0.1", {}),
            (HERE, "10.0.0.7", {}),
            (HERE, "127.0.0.1", {"X_Forwarded_For": "10.0.0.7"}),
            (HERE, "127.0.0.1", {"Forwarded": "for=10.0.0.7"}),
            (HERE, "127.0.0.1", {"Via": "1.1 proxy"}),
            (HERE, "127.0.0.1", {"X_Real_IP": "10.0.0.7"}),
        ],
    )
    def test_by_another_name_or_through_a_proxy_nobody_is(
        self, build: Callable[..., House], host: str, address: str, headers: dict[str, str]
    ) -> None:
        visitor = build().visitor(host=host, address=address)
        answer = visitor.see("/overview", **headers)
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Foverview")
        assert "ganzhi user add" in visitor.see("/sign-in", **headers).text

    def test_a_page_of_another_site_may_link_here_but_send_nothing(self, build: Callable[..., House]) -> None:
        visitor = build().visitor(host=HERE, address="127.0.0.1")
        assert visitor.see("/overview", Sec_Fetch_Site="cross-site").status_code == 200
        sent = {"login": "root1", "name": "Root", "role": "administrator", "reach": "whole"}
        answer = visitor.send("/accounts", headers={"sec-fetch-site": "cross-site"}, **sent)
        assert answer.status_code == 403

    def test_the_first_account_is_an_administrators_and_ends_the_local_user(self, build: Callable[..., House]) -> None:
        house = build()
        visitor = house.visitor(host=HERE, address="127.0.0.1")
        for wrong in ({"role": "leader", "reach": "whole"}, {"role": "administrator", "reach": "some", "units": "11"}):
            answer = visitor.send("/accounts", login="root1", name="Root", **wrong)
            assert answer.status_code == 400
            assert "POR045" in answer.text
        made = visitor.send("/accounts", login="root1", name="Root", role="administrator", reach="whole")
        link = re.search(r"http://127.0.0.1:8350(/welcome/[\w-]{43})", made.text)
        assert link
        assert visitor.see("/accounts").status_code == 303
        assert visitor.send(link[1], password=OTHER, again=OTHER).headers["location"] == "/accounts"
        assert visitor.see("/accounts").status_code == 200


class TestDemonstration:
    def test_a_demonstration_is_nowhere_else(self, house: House) -> None:
        for visitor in (house.visitor(), house.signed_in("ada"), house.visitor(host=HERE, address="127.0.0.1")):
            assert visitor.see("/demo").status_code == 404
            answer = visitor.send("/demo", at="/sign-in" if not visitor.client.cookies.get("session") else "/account")
            assert answer.status_code == 404

    def test_each_role_comes_in_by_one_click_and_sees_its_own(self, build: Callable[..., House]) -> None:
        house = build(demo=True)
        visitor = house.visitor(host=HERE, address="127.0.0.1")
        assert visitor.see("/").headers["location"] == "/demo"
        assert visitor.see("/overview").headers["location"] == "/demo?next=%2Foverview"
        roles = re.findall(r'name="role" value="(\w+)"', visitor.see("/demo").text)
        assert len(roles) == 9
        assert {each.landing for each in ROLES.values()} == set(BEGINS)
        for role in roles:
            answer = visitor.send("/demo", role=role)
            account = house.access.accounts.find(f"demo-{role}")
            assert answer.headers["location"] == ROLES[account.role].landing  # type: ignore[index]
            assert visitor.see("/accounts").status_code == (200 if account.role == "administrator" else 403)
        units = {role: house.access.accounts.find(f"demo-{role}").units for role in roles}
        # There is no county here, so its analyst has everything; the hall lies in the city.
        assert (units["city"], units["county"], units["hall"], units["leader"]) == (("11",), (), ("1101",), ())

    def test_two_who_choose_at_once_and_one_who_chooses_nothing(self, build: Callable[..., House]) -> None:
        house = build(demo=True)
        visitor = house.visitor(host=HERE, address="127.0.0.1")
        assert visitor.send("/demo", role="nonsense").status_code == 200
        assert visitor.see("/overview").status_code == 303
        one, two = house.visitor(), house.visitor()
        assert [each.send("/demo", role="leader").status_code for each in (one, two)] == [303, 303]
        assert len(house.access.accounts.sessions("demo-leader")) == 2

    def test_nobody_gets_into_its_accounts_by_the_form(self, build: Callable[..., House]) -> None:
        house = build(demo=True)
        house.visitor().send("/demo", role="leader")
        assert house.visitor().send("/sign-in", login="demo-leader", password="").status_code == 401
