"""One's own account: what its owner can do there, and that it is nobody else's."""

from __future__ import annotations

import re

import pytest

from tests.access.conftest import GOOD, OTHER
from tests.portal.accounts.house import House

TOKEN = re.compile(r"gz_[a-z0-9]{10}_[\w-]{43}")


def test_name_and_language_are_changed_and_the_pages_follow(house: House) -> None:
    visitor = house.signed_in("ben")
    answer = visitor.send("/account", do="about", name="贲 <b>", locale="zh", **visitor.hidden("/account"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=saved")
    page = visitor.see("/account?done=saved")
    assert page.headers["content-language"] == "zh-CN"
    assert "贲 &lt;b&gt;" in page.text
    assert house.access.accounts.find("ben").locale == "zh"


def test_nothing_but_name_and_language_can_be_changed_there(house: House) -> None:
    visitor = house.signed_in("ben")
    more = {"role": "administrator", "units": "", "state": "active", "login": "ada", "seen_role": "administrator"}
    visitor.send("/account", **{**visitor.hidden("/account"), **more, "do": "about", "name": "Ben", "locale": "en"})
    for asked in ("role", "units", "disable", "enable", "link", "nonsense", ""):
        assert visitor.send("/account", do=asked, **more).status_code == 200
    ben, ada = house.access.accounts.find("ben"), house.access.accounts.find("ada")
    assert (ben.role, ben.units, ben.active, ada.name) == ("analyst", ("11",), True, "Ada")


def test_another_password_takes_the_old_one(house: House) -> None:
    visitor = house.signed_in("ben")
    for old, new, again, code in (
        ("wrong wrong wrong", OTHER, OTHER, "POR044"),
        (GOOD, OTHER, OTHER + " ", "POR047"),
        (GOOD, "short", "short", "ACC030"),
        (GOOD, "ben likes his own name", "ben likes his own name", "ACC033"),
    ):
        answer = visitor.send("/account", do="password", old=old, new=new, again=again)
        assert answer.status_code == 400
        assert code in answer.text
    house.signed_in("ben", GOOD)
    assert visitor.send("/account", do="password", old=GOOD, new=OTHER, again=OTHER).status_code == 303
    assert house.visitor().send("/sign-in", login="ben", password=GOOD).status_code == 401


def test_guessing_the_old_password_in_a_stolen_session_is_slowed_down(house: House) -> None:
    visitor = house.signed_in("ben")
    answers = [visitor.send("/account", do="password", old=f"guess {n}", new=OTHER, again=OTHER) for n in range(12)]
    assert [answer.status_code for answer in answers] == [400] * 10 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) > 0


def test_own_sessions_are_listed_and_ended_and_nobody_elses(house: House) -> None:
    here, there, other = house.signed_in("ben"), house.signed_in("ben"), house.signed_in("ada")
    sessions = {name: house.access.accounts.sessions(name) for name in ("ben", "ada")}
    page = here.see("/account").text
    assert page.count('name="do" value="end"') == 1  # this session has no button
    assert "this session" in page
    here.send("/account", do="end", session=sessions["ada"][0].id)
    assert other.see("/account").status_code == 200
    gone = next(each for each in re.findall(r'name="session" value="(\w+)"', page))
    assert here.send("/account", do="end", session=gone).status_code == 303
    assert (here.see("/account").status_code, there.see("/account").status_code) == (200, 303)
    house.signed_in("ben")
    assert "Sessions ended: 1." in here.send("/account", do="end_others").text


def test_a_token_is_shown_once_and_kept_nowhere(house: House) -> None:
    visitor = house.signed_in("ben")
    fields = {"name": "nightly <job>", "rights": ["macro", "list"], "units": "1101", "days": "30"}
    issued = visitor.send("/account", do="issue", **fields)
    text = TOKEN.search(issued.text)
    assert text
    assert issued.headers["cache-control"] == "no-store"
    visit = house.access.tokens.check(house.catalogue, text[0])
    assert visit
    assert visit.viewer.rights == {"macro", "list"}
    assert visit.viewer.units == ("1101",)
    listed = visitor.see("/account").text
    assert not TOKEN.search(listed)
    assert "nightly &lt;job&gt;" in listed
    assert visitor.send("/account", do="revoke", prefix=visit.prefix).status_code == 303
    assert house.access.tokens.check(house.catalogue, text[0]) is None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"rights": ["accounts"]}, "ACC040"),
        ({"rights": []}, "ACC040"),
        ({"units": "12"}, "REQ012"),
        ({"units": "11 nowhere"}, "REQ012"),
        ({"days": "366"}, "ACC041"),
        ({"days": "-1"}, "ACC041"),
        ({"days": "٣"}, "ACC041"),
        ({"name": "  "}, "ACC014"),
    ],
)
def test_a_token_never_reaches_beyond_its_owner(house: House, changed: dict[str, str | list[str]], code: str) -> None:
    visitor = house.signed_in("ben")
    fields: dict[str, str | list[str]] = {"name": "job", "rights": ["macro"], "units": "", "days": "30", **changed}
    answer = visitor.send("/account", do="issue", **fields)
    assert (answer.status_code, code in answer.text) == (400, True)
    assert house.access.tokens.list() == ()


def test_somebody_elses_token_is_like_nobodys(house: House) -> None:
    ada = house.access.accounts.find("ada")
    issued = house.access.tokens.issue(house.catalogue, ada, "hers", ["macro"], (), days=1, by="ada")
    visitor = house.signed_in("ben")
    answers = [visitor.send("/account", do="revoke", prefix=prefix) for prefix in (issued.token.prefix, "a" * 10)]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert all("ACC043" in answer.text for answer in answers)
    assert house.access.tokens.check(house.catalogue, issued.text) is not None


def test_two_tabs_do_not_overwrite_each_other(house: House) -> None:
    visitor = house.signed_in("ben")
    old = visitor.hidden("/account")
    visitor.send("/account", **{**old, "do": "about", "name": "First", "locale": "en"})
    answer = visitor.send("/account", **{**old, "do": "about", "name": "Second", "locale": "en"})
    assert (answer.status_code, "ACC010" in answer.text) == (409, True)
    assert house.access.accounts.find("ben").name == "First"
