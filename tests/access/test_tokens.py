"""API tokens: a part of their owner, for a time, never more than the owner may today."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa

from ganzhi.access.accounts import viewer_of
from ganzhi.access.rights import ROLES, Ground, Right
from ganzhi.access.tokens import Issued, TokenVisit
from ganzhi.base.settings import Settings
from ganzhi.store.accounts.records import AccountChangedError
from ganzhi.store.models import TokenRow
from tests.access.conftest import CHEAP, Office, codes

READ: tuple[Right, ...] = ("macro", "dynamic")


def issue(
    office: Office, login: str, rights: tuple[Right, ...] = READ, units: tuple[str, ...] = (), days: int = 30
) -> Issued:
    owner = office.access.accounts.find(login)
    return office.access.tokens.issue(office.catalogue, owner, "night job", rights, units, days=days, by=login)


def visit(office: Office, text: str) -> TokenVisit | None:
    return office.access.tokens.check(office.catalogue, text)


def test_a_token_is_its_owner_within_its_bounds(office: Office) -> None:
    office.add("ann", "analyst", ("11",))
    made = issue(office, "ann", ("query", "macro"), ("1101",))
    found = visit(office, made.text)
    assert found is not None
    assert (found.viewer.login, found.viewer.units, found.viewer.rights) == ("ann", ("1101",), {"macro", "query"})
    assert found.prefix == made.token.prefix == made.text.split("_")[1]
    assert office.access.tokens.list("ann")[0].used_at == office.clock.now()
    entry = office.store.audit.entries()[-1]
    assert (entry.act, entry.subject) == ("token.add", "ann")
    assert entry.detail["rights"] == ["macro", "query"]
    assert made.text not in str(office.store.audit.entries())


@pytest.mark.parametrize(
    ("login", "rights", "units", "days", "found"),
    [
        ("ann", ("audit",), (), 30, ["ACC040"]),
        ("ann", ("macro", "accounts"), (), 30, ["ACC040"]),
        ("ann", (), (), 30, ["ACC040"]),
        ("ann", READ, ("12",), 30, ["REQ012"]),
        ("ann", READ, ("10",), 30, ["REQ012"]),
        ("ann", READ, ("99",), 30, ["REQ012"]),
        ("ann", READ, ("1101", "1201"), 30, ["REQ012"]),
        ("ann", READ, (), 0, ["ACC041"]),
        ("ann", READ, (), 366, ["ACC041"]),
        ("gone", READ, (), 30, ["ACC042"]),
        ("ann", ("audit",), ("12",), -1, ["REQ012", "ACC040", "ACC041"]),
    ],
)
def test_a_token_for_more_than_its_owner_has_is_not_issued(
    office: Office, login: str, rights: tuple[Right, ...], units: tuple[str, ...], days: int, found: list[str]
) -> None:
    office.add("ann", "analyst", ("11",))
    office.access.accounts.disable(office.add("gone"), by="x")
    assert codes(lambda: issue(office, login, rights, units, days)) == found
    assert office.access.tokens.list() == ()


UNITS = ("10", "11", "12", "1101", "1102", "1201")
CHOICES = [(), *((u,) for u in UNITS), ("11", "1201"), ("1101", "1102"), ("1102", "12")]


def test_whatever_becomes_of_the_owner_the_token_sees_no_more_than_either(office: Office) -> None:
    """For each choice of units at issue, and each of the owner's afterwards, unit by unit."""
    office.add("ann", "analyst")
    made = {units: issue(office, "ann", ("macro", "query"), units).text for units in CHOICES}
    every = set(office.catalogue.units)
    accounts = office.access.accounts
    for role in ("analyst", "leader"):
        accounts.set_role(accounts.find("ann"), role, by="x")  # type: ignore[arg-type]
        for now in CHOICES:
            owner = accounts.set_units(office.catalogue, accounts.find("ann"), now, by="x")
            hers = {code for code in every if Ground(office.catalogue, viewer_of(owner)).within(code)}
            for units, text in made.items():
                bound = Ground(office.catalogue, replace(viewer_of(owner), units=units))
                wanted = {code for code in hers if bound.within(code)}
                found = visit(office, text)
                seen = (
                    set() if found is None else {c for c in every if Ground(office.catalogue, found.viewer).within(c)}
                )
                assert seen == wanted, (now, units)
                if found is not None:
                    assert found.viewer.rights == {"macro", "query"} & ROLES[role].rights  # type: ignore[index]


def test_a_right_that_the_owner_gains_is_not_the_tokens(office: Office) -> None:
    office.add("ann", "leader")
    text = issue(office, "ann", ("macro",)).text
    accounts = office.access.accounts
    accounts.set_role(accounts.find("ann"), "administrator", by="x")
    found = visit(office, text)
    assert found is not None
    assert found.viewer.rights == {"macro"}


ENDS: dict[str, Callable[[Office, Issued], object]] = {
    "its time": lambda o, t: o.clock.pass_time(days=30),
    "revoked": lambda o, t: o.access.tokens.revoke(t.token.prefix, by="boss", reason="left"),
    "found in an address": lambda o, t: o.access.tokens.burn(t.text, reason="address"),
    "its owner disabled": lambda o, t: o.access.accounts.disable(o.access.accounts.find("ann"), by="boss"),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_token_ends(office: Office, how: str) -> None:
    office.add("ann")
    made, other = issue(office, "ann"), issue(office, "ann", days=300)
    office.clock.pass_time(days=29, hours=23)
    assert visit(office, made.text) is not None
    office.clock.pass_time(hours=-1)
    ENDS[how](office, made)
    assert visit(office, made.text) is None
    assert (visit(office, other.text) is None) is (how == "its owner disabled")


def test_revoking_is_for_good_and_told_once(office: Office) -> None:
    office.add("ann")
    made = issue(office, "ann")
    first = office.access.tokens.revoke(made.token.prefix, by="boss", reason="left")
    office.clock.pass_time(hours=1)
    assert office.access.tokens.revoke(made.token.prefix, by="boss") == first
    assert office.acts().count("token.revoke") == 1
    assert office.store.audit.entries()[-1].detail == {"token": made.token.prefix, "reason": "left"}
    assert codes(lambda: office.access.tokens.revoke("nothing", by="boss")) == ["ACC043"]
    assert not office.access.tokens.burn("gz_nothing", reason="x")


def test_what_is_not_a_token_opens_nothing(office: Office) -> None:
    office.add("ann")
    made, other = issue(office, "ann"), issue(office, "ann")
    prefix, secret = made.token.prefix, made.text.removeprefix(f"gz_{made.token.prefix}_")
    forged = [
        "", "gz_", "gz__", f"gz_{prefix}", f"gz_{prefix}_", secret, made.text + "\n", made.text[:-1], made.text.upper(),
        f"gz_{other.token.prefix}_{secret}", f"gz_{prefix}_{'A' * 43}", made.token.hash, f"gz_{prefix}_{made.token.hash}",
        f"gz_{prefix[:-1]}%_{secret}", "gz_" + "x" * 100_000, "\ud800", f"gz_{prefix}\x00_{secret}",
    ]  # fmt: skip
    assert [visit(office, each) for each in forged] == [None] * len(forged)
    assert visit(office, made.text) is not None


def test_a_copy_of_the_store_does_not_show_tokens(office: Office) -> None:
    office.add("ann")
    made = issue(office, "ann")
    with office.store.database.read() as connection:
        kept = [str(value) for row in connection.execute(sa.select(TokenRow.__table__)) for value in row]
    assert made.text not in kept
    assert [visit(office, each) for each in kept] == [None] * len(kept)
    assert "hash" not in repr(made.token)
    assert made.text not in repr(made)


def test_use_is_noted_at_most_once_a_minute(office: Office) -> None:
    office.add("ann")
    made, began = issue(office, "ann"), office.clock.now()
    for seconds in (0, 30, 29):
        office.clock.pass_time(seconds=seconds)
        assert visit(office, made.text)
    assert office.access.tokens.find(made.token.prefix).used_at == began
    office.clock.pass_time(seconds=1)
    assert visit(office, made.text)
    assert office.access.tokens.find(made.token.prefix).used_at == office.clock.now()


def test_no_token_for_an_account_that_changed_meanwhile_or_is_for_demonstrations(office: Office) -> None:
    from ganzhi.access.open import open_access

    seen = office.add("ann")
    office.access.accounts.set_role(seen, "leader", by="x")
    with pytest.raises(AccountChangedError):
        office.access.tokens.issue(office.catalogue, seen, "n", ("query",), (), days=1, by="ann")
    shown = open_access(office.store, Settings.model_validate({"access": {"demo": True}}), CHEAP)
    shown.signin.demo(office.catalogue, "analyst", (), agent="x")
    assert codes(lambda: issue(office, "demo-analyst")) == ["ACC042"]
