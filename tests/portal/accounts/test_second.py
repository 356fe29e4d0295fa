"""The second factor through the pages: set up, asked for, spent once, bound to roles, reset."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from ganzhi.access.second.totp import code_of, step_at
from ganzhi.base.settings import Settings
from tests.access.conftest import GOOD
from tests.portal.accounts.house import Browsing, House
from tests.portal.accounts.qr_reader import read

PAGE = "/account/second"


def code_now(house: House, secret: bytes, ahead: int = 0) -> str:
    return code_of(secret, step_at(house.clock.now().timestamp()) + ahead)


def set_up(house: House, visitor: Browsing) -> tuple[bytes, list[str]]:
    """The secret and the recovery codes."""
    begun = visitor.send(PAGE, do="begin", password=GOOD)
    assert begun.status_code == 200, begun.text[:400]
    shown = re.search(r"secret=([A-Z2-7]+)", unescape(begun.text))
    assert shown
    secret = base64.b32decode(shown[1] + "=" * (-len(shown[1]) % 8))
    done = visitor.send(PAGE, do="confirm", code=code_now(house, secret))
    codes = re.findall(r'<code class="secret">([a-z2-7-]+)</code>', done.text)
    assert len(codes) == 10
    return secret, codes


def enter(house: House, login: str, code: str, password: str = GOOD) -> int:
    return house.visitor().send("/sign-in", login=login, password=password, code=code).status_code


def modules_drawn(svg: str) -> list[list[bool]]:
    """The modules of a code, from its boxes; without the quiet zone, which must be light."""
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])  # type: ignore[index]
    rows = [[False] * size for _ in range(size)]
    for x, y, wide in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", svg):
        rows[int(y)][int(x) : int(x) + int(wide)] = [True] * int(wide)
    edge = [*rows[:4], *rows[-4:], *(row[:4] + row[-4:] for row in rows)]
    assert not any(map(any, edge)), "the quiet zone is not quiet"
    return [row[4:-4] for row in rows[4:-4]]


@pytest.mark.parametrize("login", ["ben", "li.wei-bureau-east-of-the-province-17"])
def test_a_phone_reads_from_the_screen_what_the_page_says(house: House, login: str) -> None:
    if login != "ben":
        house.add(login, "analyst")
    begun = house.signed_in(login).send(PAGE, do="begin", password=GOOD)
    drawn = re.findall(r'<svg class="qr".*?</svg>', begun.text)
    address = re.search(r'href="(otpauth:[^"]+)"', begun.text)
    assert address
    assert len(drawn) == 1
    assert read(modules_drawn(drawn[0])) == unescape(address[1])
    assert f"{login} to an app" in unescape(drawn[0])
    assert "otpauth" not in drawn[0]
    assert "style=" not in drawn[0]


def test_a_password_alone_opens_nothing_any_more_and_a_code_opens_once(house: House) -> None:
    elsewhere = house.signed_in("ben")
    visitor = house.signed_in("ben")
    secret, _ = set_up(house, visitor)
    assert elsewhere.see("/account").status_code == 303  # other sessions have ended
    assert visitor.see("/account").status_code == 200
    house.clock.pass_time(minutes=20)
    refused = house.visitor().send("/sign-in", login="ben", password=GOOD)
    assert refused.status_code == 401
    assert "second factor" in refused.text
    code = code_now(house, secret)
    assert enter(house, "ben", code) == 303
    assert enter(house, "ben", code) == 401  # taken once
    assert enter(house, "ben", code_now(house, secret, ahead=-1)) == 401  # nor an earlier one after it
    house.clock.pass_time(seconds=60)
    assert enter(house, "ben", code_now(house, secret)) == 303
    assert enter(house, "ada", "") == 303  # nobody else is asked


def test_a_wrong_password_says_the_same_with_and_without_a_factor(house: House) -> None:
    set_up(house, house.signed_in("ben"))
    said = [
        house.visitor().send("/sign-in", login=login, password="wrong", code="123456")
        for login in ("ben", "ada", "nobody")
    ]
    texts = {re.sub(r'value="[^"]*"', "", each.text) for each in said}
    assert len(texts) == 1
    assert {each.status_code for each in said} == {401}


def test_codes_cannot_be_tried_out(house: House) -> None:
    set_up(house, house.signed_in("ben"))
    house.clock.pass_time(minutes=20)
    visitor = house.visitor()
    answers = [visitor.send("/sign-in", login="ben", password=GOOD, code=f"{n:06d}").status_code for n in range(8)]
    assert answers[-1] == 429


def test_recovery_codes_open_once_each_and_can_be_renewed(house: House) -> None:
    visitor = house.signed_in("ben")
    secret, codes = set_up(house, visitor)
    house.clock.pass_time(minutes=2)
    assert enter(house, "ben", codes[0].upper().replace("-", " ")) == 303
    assert enter(house, "ben", codes[0]) == 401
    renewed = visitor.send(PAGE, do="renew", code=code_now(house, secret))
    fresh = re.findall(r'<code class="secret">([a-z2-7-]+)</code>', renewed.text)
    assert len(fresh) == 10
    assert not set(fresh) & set(codes)
    assert enter(house, "ben", codes[1]) == 401
    assert enter(house, "ben", fresh[1]) == 303
    acts = house.acts()
    assert [act for act in acts if act.startswith("factor.")] == [
        "factor.begin",
        "factor.confirm",
        "factor.recovery",
        "factor.codes",
        "factor.recovery",
    ]
    assert not any(
        code.replace("-", "") in str(entry.detail) for entry in house.store.audit.entries() for code in codes
    )


def test_a_role_that_must_have_one_sees_nothing_before(build: Callable[..., House]) -> None:
    settings = Settings.model_validate({"access": {"second_factor_roles": ["administrator"]}})
    house = build(settings=settings)
    house.add("ada", "administrator")
    house.add("ben")
    visitor = house.signed_in("ada")
    for path in ("/overview", "/accounts", "/account", "/dictionary", "/data"):
        answer = visitor.see(path)
        assert (answer.status_code, answer.headers.get("location")) == (303, PAGE), path
    for path in ("/accounts.csv", "/dictionary.xlsx"):
        assert visitor.see(path).status_code == 303
    assert visitor.see("/accounts.json").status_code == 403
    assert visitor.see(PAGE).status_code == 200
    assert house.signed_in("ben").see("/dictionary").status_code == 200
    secret, _ = set_up(house, visitor)
    assert visitor.see("/accounts").status_code == 200
    kept = visitor.send(PAGE, do="give_up", code=code_now(house, secret, ahead=1))
    assert kept.status_code == 400
    assert house.access.signin.second.of("ada") is not None


def test_an_administrator_resets_it_and_a_link_does_not_go_around_it(house: House) -> None:
    visitor = house.signed_in("ben")
    set_up(house, visitor)
    account = house.access.accounts.find("ben")
    link = house.access.accounts.issue_link(account, by="ada").path
    stranger = house.visitor()
    gone = stranger.send(link, password="correct horse again 7", again="correct horse again 7")
    assert (gone.status_code, gone.headers["location"]) == (303, "/sign-in")
    assert "session" not in stranger.client.cookies
    assert house.access.signin.second.reset("ben", by="ada")
    assert not house.access.signin.second.reset("ben", by="ada")
    assert visitor.see("/account").status_code == 303
    assert enter(house, "ben", "", "correct horse again 7") == 303


def test_secrets_stand_in_no_store_and_another_key_file_opens_nothing(
    build: Callable[..., House], tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text("k" * 32, encoding="utf-8")
    house = build(settings=Settings.model_validate({"access": {"second_factor_key_file": str(key)}}))
    house.add("ben")
    secret, _ = set_up(house, house.signed_in("ben"))
    raw = b"".join(each.read_bytes() for each in tmp_path.glob("store0.sqlite*"))
    assert len(raw) > 10_000
    for written in (base64.b32encode(secret), secret, secret.hex().encode()):
        assert written not in raw
    house.clock.pass_time(minutes=2)
    assert enter(house, "ben", code_now(house, secret)) == 303
    key.write_text("j" * 32, encoding="utf-8")
    house.clock.pass_time(minutes=2)
    assert enter(house, "ben", code_now(house, secret)) == 401
    key.write_text("short", encoding="utf-8")
    assert enter(house, "ben", code_now(house, secret)) == 503


@pytest.mark.parametrize("do", ["confirm", "renew", "give_up"])
def test_nothing_is_done_for_a_wrong_code_or_without_a_factor(house: House, do: str) -> None:
    visitor = house.signed_in("ben")
    assert visitor.send(PAGE, do=do, code="123456").status_code == 400
    assert visitor.send(PAGE, do="begin", password="wrong").status_code == 400
    assert house.access.signin.second.of("ben") is None
