"""The accounts of others: adding, changing, two edits at once, and a desk that has only some units."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.access.conftest import GOOD, OTHER
from tests.portal.accounts.house import House

NEW = {"login": "cleo", "name": "Cleo", "role": "manager", "reach": "some", "units": "1101", "locale": "en"}


def test_an_account_is_added_with_a_link_that_is_shown_once(house: House) -> None:
    ada = house.signed_in("ada")
    made = ada.send("/accounts", **NEW)
    link = re.search(r"http://portal\.test(/welcome/[\w-]{43})", made.text)
    assert link
    assert "/welcome/" not in ada.see("/accounts").text + ada.see("/accounts/cleo").text + ada.see("/audit").text
    account = house.access.accounts.find("cleo")
    assert (account.role, account.units, account.password) == ("manager", ("1101",), None)
    assert house.visitor().send(link[1], password=OTHER, again=OTHER).status_code == 303
    assert house.acts()[-4:-2] == ["account.add", "account.link"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"login": "ben"}, "ACC013"),
        ({"login": "B en"}, "ACC012"),
        ({"login": "local"}, "ACC012"),
        ({"login": "demo-leader"}, "ACC012"),
        ({"name": " "}, "ACC014"),
        ({"role": "emperor"}, "ACC015"),
        ({"role": ""}, "ACC015"),
        ({"units": "nowhere"}, "REQ012"),
        ({"units": " "}, "POR046"),
        ({"reach": "", "units": ""}, "POR046"),
    ],
)
def test_an_account_that_cannot_be_is_refused_and_nothing_typed_is_lost(
    house: House, changed: dict[str, str], code: str
) -> None:
    ada = house.signed_in("ada")
    answer = ada.send("/accounts", **{**NEW, **changed})
    assert (answer.status_code, code in answer.text) == (400, True)
    assert f'value="{(NEW | changed)["login"]}"' in answer.text
    assert {each.login for each in house.access.accounts.list()} == {"ada", "ben"}


def test_each_change_is_made_and_stands_in_the_trail(house: House) -> None:
    ada = house.signed_in("ada")
    for do, fields in (
        ("role", {"role": "leader"}),
        ("units", {"reach": "some", "units": ["12", "1101"]}),
        ("about", {"name": "Benno", "locale": "zh"}),
        ("disable", {}),
        ("enable", {}),
    ):
        assert ada.change("ben", do, **fields).headers["location"].startswith("/accounts/ben?done=saved"), do
    ben = house.access.accounts.find("ben")
    assert (ben.role, ben.units, ben.name, ben.active) == ("leader", ("12", "1101"), "Benno", True)
    assert house.acts()[-5:] == [f"account.{act}" for act in ("role", "units", "name", "disable", "enable")]
    assert {entry.actor for entry in house.store.audit.entries()[-5:]} == {"ada"}


def test_units_are_picked_level_by_level_and_by_name(house: House) -> None:
    ada = house.signed_in("ada")
    tops = ada.see("/accounts/ben").text
    assert all(f'value="{code}"' in tops for code in ("10", "12"))
    assert 'value="1201"' not in tops
    assert 'href="/accounts/ben?at=12#units"' in tops
    assert 'value="1201"' in ada.see("/accounts/ben?at=12").text
    found = ada.see("/accounts/ben?q=120").text
    assert 'value="1201"' in found
    assert 'value="1101"' not in found
    assert ada.see("/accounts/ben?at=nowhere").status_code == 200
    ada.change("ben", "units", reach="some", units=["11", "1201"])
    assert house.access.accounts.find("ben").units == ("11", "1201")
    ada.change("ben", "units", reach="whole", units=["11"])
    assert house.access.accounts.find("ben").units == ()
    assert "POR046" in ada.change("ben", "units", reach="some").text


@pytest.mark.parametrize(
    ("do", "fields", "wanted"),
    [
        ("role", {"role": "leader"}, "Leader"),
        ("units", {"reach": "some", "units": ["12"]}, "12"),
        ("about", {"name": "Benjamin", "locale": "en"}, "Benjamin"),
        ("disable", {}, "disabled"),
    ],
)
def test_of_two_edits_at_once_the_second_sees_both_states(
    house: House, do: str, fields: dict[str, str | list[str]], wanted: str
) -> None:
    house.add("eve", "administrator")
    ada, eve = house.signed_in("ada"), house.signed_in("eve")
    seen = ada.hidden("/accounts/ben")
    assert eve.change("ben", "role", role="handler").status_code == 303
    answer = ada.send("/accounts/ben", **{**seen, "do": do, **fields})
    assert answer.status_code == 409
    cells = re.sub(r"<[^>]+>", " ", answer.text)
    assert "Service analyst" in cells  # what was seen
    assert wanted in cells  # what was wanted
    assert "Complaint handler" in cells  # what is there now
    ben = house.access.accounts.find("ben")
    assert (ben.role, ben.units, ben.name, ben.active) == ("handler", ("11",), "Ben", True)
    assert ada.change("ben", do, **fields).status_code == 303  # after another look it goes through


def test_what_the_trail_says_a_change_was_made_from_does_not_come_from_the_form(house: House) -> None:
    ada = house.signed_in("ada")
    ada.change("ben", "role", role="leader", seen_role="owner", seen_units="12", seen_state="disabled")
    assert house.store.audit.entries()[-1].detail == {"from": "analyst", "to": "leader"}
    ada.change("ben", "disable", seen_state="disabled")
    assert not house.access.accounts.find("ben").active
    future = ada.change("ben", "role", role="owner", version="99", seen_role="handler")
    assert (future.status_code, house.access.accounts.find("ben").role) == (400, "leader")


def test_the_last_administrator_stays(house: House) -> None:
    ada = house.signed_in("ada")
    for do, fields in (("disable", {}), ("role", {"role": "leader"})):
        answer = ada.change("ada", do, **fields)
        assert (answer.status_code, "ACC016" in answer.text) == (400, True)
    assert ada.see("/accounts").status_code == 200


def test_sessions_and_tokens_of_others_are_listed_and_ended(house: House) -> None:
    ben, ada = house.signed_in("ben"), house.signed_in("ada")
    owner = house.access.accounts.find("ben")
    issued = house.access.tokens.issue(house.catalogue, owner, "nightly", ["macro"], (), days=9, by="ben")
    page = ada.see("/accounts/ben").text
    assert issued.token.prefix in page
    assert issued.text not in page
    session = house.access.accounts.sessions("ben")[0]
    assert ada.change("ben", "revoke", prefix=issued.token.prefix).status_code == 200
    assert house.access.tokens.check(house.catalogue, issued.text) is None
    assert ada.change("ben", "end", session=session.id).status_code == 200
    assert ben.see("/account").status_code == 303
    again = house.signed_in("ben")
    assert ada.change("ben", "end").status_code == 200  # all of them
    assert again.see("/account").status_code == 303
    assert ada.change("ben", "revoke", prefix="aaaaaaaaaa").status_code == 400


def test_a_new_link_takes_the_place_of_the_old_one(house: House) -> None:
    ada = house.signed_in("ada")
    links = [re.search(r"/welcome/[\w-]{43}", ada.change("ben", "link").text) for _ in range(2)]
    assert [house.visitor().see(link[0]).status_code for link in links if link] == [404, 200]


class TestBounded:
    """An administrator of city 11."""

    @pytest.fixture
    def bounded(self, build: Callable[..., House]) -> House:
        house = build()
        house.add("ada", "administrator")
        house.add("bob", "administrator", ("11",))
        house.add("own", "analyst", ("1101",))
        house.add("half", "analyst", ("1101", "1201"))
        house.add("other", "analyst", ("12",))
        house.add("whole", "leader")
        return house

    def test_sees_only_accounts_within_reach(self, bounded: House) -> None:
        bob = bounded.signed_in("bob")
        listed = set(re.findall(r'href="/accounts/([\w-]+)"', bob.see("/accounts").text))
        assert listed == {"bob", "own"}
        beyond, absent = [bob.see(f"/accounts/{login}") for login in ("other", "nobody")]
        assert beyond.text.replace("other", "X") == absent.text.replace("nobody", "X")
        assert {bob.see(f"/accounts/{login}").status_code for login in ("ada", "half", "other", "whole")} == {404}
        assert "other" not in bob.see("/accounts.csv").text

    @pytest.mark.parametrize("login", ["ada", "half", "other", "whole"])
    def test_changes_none_beyond(self, bounded: House, login: str) -> None:
        bob, before = bounded.signed_in("bob"), bounded.access.accounts.find(login)
        fields = {"version": str(before.version), "role": "leader", "reach": "some", "units": "11", "name": "X"}
        for do in ("about", "role", "units", "disable", "link", "end", "revoke"):
            answer = bob.send(f"/accounts/{login}", at="/accounts/own", do=do, **fields)
            assert answer.status_code == 404, do
        assert bounded.access.accounts.find(login) == before

    @pytest.mark.parametrize(
        "units", [{"reach": "whole"}, {"reach": "some", "units": ["12"]}, {"units": ["11", "1201"]}]
    )
    def test_gives_nothing_beyond(self, bounded: House, units: dict[str, str | list[str]]) -> None:
        bob = bounded.signed_in("bob")
        for login in ("own", "bob"):  # nobody, and not oneself
            before = bounded.access.accounts.find(login)
            assert bob.change(login, "units", **units).status_code == 400
            assert bounded.access.accounts.find(login) == before
        typed = {"units": " ".join(units.get("units", [])), "reach": str(units.get("reach", "some"))}
        assert bob.send("/accounts", **{**NEW, **typed}).status_code == 400

    def test_reads_no_trail_of_the_whole_organisation(self, bounded: House) -> None:
        bob = bounded.signed_in("bob")
        for path in ("/audit", "/audit.csv", "/audit?check=1"):
            answer = bob.see(path)
            assert (answer.status_code, "POR042" in answer.text) == (403, True)
        assert 'href="/audit"' not in bob.see("/account").text

    def test_works_within_reach(self, bounded: House) -> None:
        bob = bounded.signed_in("bob")
        assert bob.change("own", "units", reach="some", units=["11"]).status_code == 303
        assert "/welcome/" in bob.send("/accounts", **NEW).text
        bounded.signed_in("own", GOOD)
