"""`ganzhi user` and `ganzhi audit`, as an administrator at the console uses them."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from ganzhi.access.open import Access, open_access
from ganzhi.base.clock import SystemClock
from ganzhi.base.settings import read_settings
from ganzhi.store.open import open_store
from tests.cli.conftest import Program

GOOD = "梧桐树下两只松鼠在吵架呢"


class Typed(io.StringIO):
    """Standard input that is no terminal."""

    def isatty(self) -> bool:
        return False


@pytest.fixture
def access(workspace: Path) -> Access:
    store = open_store(f"sqlite:///{workspace / 'store.sqlite'}", SystemClock())
    return open_access(store, read_settings(workspace))


@pytest.fixture
def boss(ganzhi: Program, workspace: Path) -> str:
    """The path of the first administrator's link."""
    said = ganzhi("user", "add", "boss", "--name", "王", "--role", "administrator", "--whole", "-w", workspace)
    assert said.status == 0, said.err
    return said.out.strip()


def test_the_first_account_begins_with_a_link_and_nothing_else(
    ganzhi: Program, workspace: Path, access: Access, boss: str
) -> None:
    assert re.fullmatch(r"/welcome/[A-Za-z0-9_-]{43}", boss)
    access.accounts.redeem_link(boss.removeprefix("/welcome/"), GOOD)
    assert access.signin.password("boss", GOOD, address="a", agent="b")
    (found,) = ganzhi("user", "list", "--format", "json", "-w", workspace).json
    assert (found["login"], found["role"], found["units"], found["state"]) == ("boss", "administrator", [], "active")
    assert "$argon2" not in json.dumps(found)


def test_a_password_comes_from_standard_input_never_from_an_argument(
    ganzhi: Program, workspace: Path, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = ("user", "add", "ann", "--name", "Ann", "--role", "analyst", "--whole", "-w", workspace)
    monkeypatch.setattr("sys.stdin", Typed("password2026\n"))
    said = ganzhi(*add, "--password")
    assert (said.status, "ACC035" in said.err) == (2, True)
    assert access.accounts.list() == ()
    monkeypatch.setattr("sys.stdin", Typed(f"{GOOD}\n"))
    assert ganzhi(*add, "--password").out == ""
    assert access.signin.password("ann", GOOD, address="a", agent="b")
    monkeypatch.setattr("sys.stdin", Typed("\n"))
    assert "ACC045" in ganzhi("user", "password", "ann", "-w", workspace).err
    assert ganzhi("user", "password", "ann", GOOD, "-w", workspace).status == 2
    monkeypatch.setattr("sys.stdin", Typed("seven kettles hum over Ningwan"))
    assert ganzhi("user", "password", "ann", "-w", workspace).status == 0
    assert access.accounts.sessions("ann") == ()


REFUSED = [
    (("add", "x y", "--name", "N", "--role", "leader", "--whole"), "ACC012"),
    (("add", "ann", "--name", "N", "--role", "leader"), "ACC044"),
    (("add", "ann", "--name", "N", "--role", "leader", "--whole", "--unit", "10"), "ACC044"),
    (("add", "ann", "--name", "N", "--role", "leader", "--unit", "nowhere"), "REQ012"),
    (("add", "boss", "--name", "N", "--role", "leader", "--whole"), "ACC013"),
    (("show", "nobody"), "ACC011"),
    (("role", "boss", "leader"), "ACC016"),
    (("disable", "boss"), "ACC016"),
    (("token", "add", "boss", "--name", "n", "--right", "query"), "ACC040"),
    (("token", "revoke", "nothing"), "ACC043"),
]


def test_what_cannot_be_is_refused_as_wrong_use(ganzhi: Program, workspace: Path, boss: str) -> None:
    for arguments, code in REFUSED:
        said = ganzhi("user", *arguments, "-w", workspace)
        assert (said.status, said.out) == (2, ""), arguments
        assert re.findall(r"^([A-Z]{3}\d{3})", said.err, re.MULTILINE) == [code]


def test_a_role_and_units_change_and_somebody_is_shut_out(
    ganzhi: Program, workspace: Path, access: Access, boss: str
) -> None:
    unit = next(iter(_units(workspace)))
    assert ganzhi("user", "add", "ann", "--name", "A", "--role", "analyst", "--unit", unit, "-w", workspace).status == 0
    assert ganzhi("user", "role", "ann", "handler", "-w", workspace).status == 0
    assert ganzhi("user", "units", "ann", "--whole", "-w", workspace).status == 0
    assert (access.accounts.find("ann").role, access.accounts.find("ann").units) == ("handler", ())
    first = access.signin.start(access.accounts.find("ann"), "test", "Firefox")
    access.signin.start(access.accounts.find("ann"), "test", "curl")
    listed = ganzhi("user", "sessions", "ann", "--format", "json", "-w", workspace).json
    assert sorted(each["agent"] for each in listed) == ["Firefox", "curl"]
    assert ganzhi("user", "sign-out", "ann", "--session", first.session.id[:12], "-w", workspace).status == 0
    assert [each.agent for each in access.accounts.sessions("ann")] == ["curl"]
    assert ganzhi("user", "disable", "ann", "-w", workspace).status == 0
    assert access.accounts.sessions("ann") == ()
    assert "ACC017" in ganzhi("user", "link", "ann", "-w", workspace).err
    assert ganzhi("user", "enable", "ann", "-w", workspace).status == 0
    assert ganzhi("user", "link", "ann", "-w", workspace).out.startswith("/welcome/")


def _units(workspace: Path) -> list[str]:
    from ganzhi.wiring import opened

    with opened(workspace) as open_one:
        return list(open_one.workplace.catalogue.units)


def test_a_token_is_shown_once_and_revoked(ganzhi: Program, workspace: Path, access: Access, boss: str) -> None:
    issue = ("user", "token", "add", "boss", "--name", "night job", "--right", "macro", "--days", "7", "-w", workspace)
    text = ganzhi(*issue).out.strip()
    prefix = text.split("_")[1]
    listed = ganzhi("user", "token", "list", "--format", "json", "-w", workspace)
    assert [(each["prefix"], each["rights"], each["units"]) for each in listed.json] == [(prefix, ["macro"], None)]
    assert text not in listed.out
    assert ganzhi("user", "token", "revoke", prefix, "--reason", "left", "-w", workspace).status == 0
    assert access.tokens.find(prefix).revoked_at is not None


def test_the_trail_is_listed_and_verified(ganzhi: Program, workspace: Path, access: Access, boss: str) -> None:
    ganzhi("user", "disable", "boss", "-w", workspace)
    listed = ganzhi("audit", "list", "--act", "account", "--format", "json", "-w", workspace).json
    assert [(each["act"], each["subject"]) for each in listed] == [("account.link", "boss"), ("account.add", "boss")]
    assert all(each["actor"].startswith("console:") for each in listed)
    head = f"{listed[0]['number']}:{listed[0]['hash']}"
    assert ganzhi("audit", "verify", "--anchor", head, "-w", workspace).status == 0
    assert ganzhi("audit", "verify", "--anchor", f"2:{'0' * 64}", "-w", workspace).status == 1
    assert ganzhi("audit", "verify", "--anchor", "x", "-w", workspace).status == 2
    with access.accounts._rows._database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET actor = 'nobody' WHERE number = 1")
    said = ganzhi("audit", "verify", "-w", workspace)
    assert (said.status, "STO009" in said.err) == (1, True)


def test_without_accounts_it_says_so(ganzhi: Program, workspace: Path) -> None:
    said = ganzhi("user", "list", "-w", workspace)
    assert (said.status, said.out) == (0, "")
    assert "no accounts" in said.err
