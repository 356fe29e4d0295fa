"""Accounts: every act in the trail, two edits at once, the last administrator, links that serve once."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from ganzhi.access.accounts import viewer_of
from ganzhi.access.rights import RIGHTS, ROLES
from ganzhi.base.errors import InputError
from ganzhi.cli.user import change
from ganzhi.cli.user.token import RIGHTS as OFFERED
from ganzhi.store.accounts.records import AccountChangedError
from tests.access.conftest import GOOD, OTHER, Office, codes


def test_there_is_no_default_account(office: Office) -> None:
    assert not office.access.accounts.any()
    assert office.access.accounts.list() == ()
    assert not office.access.signin.needed
    office.add("boss", "administrator")
    assert office.access.accounts.any()
    assert office.access.signin.needed


def test_a_new_account_is_what_it_was_given_and_cannot_sign_in_yet(office: Office) -> None:
    made = office.access.accounts.add(office.catalogue, " Wang.Min ", "王敏", "manager", ("1101",), by="boss")
    assert office.access.accounts.find("WANG.MIN") == made
    assert (made.login, made.name, made.password, made.version) == ("wang.min", "王敏", None, 1)
    viewer = viewer_of(made)
    assert (viewer.role, viewer.units, viewer.rights) == ("manager", ("1101",), ROLES["manager"].rights)
    (entry,) = office.store.audit.entries()
    assert (entry.actor, entry.act, entry.subject) == ("boss", "account.add", "wang.min")
    assert entry.detail == {"role": "manager", "units": "1101"}


@pytest.mark.parametrize(
    ("login", "name", "role", "units", "found"),
    [
        ("", "N", "leader", (), ["ACC012"]),
        ("a", "N", "leader", (), ["ACC012"]),
        ("a b", "N", "leader", (), ["ACC012"]),
        ("王敏", "N", "leader", (), ["ACC012"]),
        ("x" * 65, "N", "leader", (), ["ACC012"]),
        ("-a", "N", "leader", (), ["ACC012"]),
        ("ann\n", "N", "nobody", ("99",), ["ACC015", "REQ012"]),
        ("local", "N", "leader", (), ["ACC012"]),
        ("console:root", "N", "leader", (), ["ACC012"]),
        ("demo-leader", "N", "leader", (), ["ACC012"]),
        ("ann", " ", "boss", ("99", "10", "98"), ["ACC014", "ACC015", "REQ012", "REQ012"]),
        ("ann", "a\nb", "leader", (), ["ACC014"]),
        ("ann", "n" * 101, "leader", (), ["ACC014"]),
    ],
)
def test_an_account_that_is_not_right_is_refused_with_every_reason(
    office: Office, login: str, name: str, role: str, units: tuple[str, ...], found: list[str]
) -> None:
    add = office.access.accounts.add
    assert codes(lambda: add(office.catalogue, login, name, role, units, by="boss")) == found  # type: ignore[arg-type]
    assert office.access.accounts.list() == ()
    assert office.acts() == []


def test_a_login_is_taken_for_good(office: Office) -> None:
    office.access.accounts.disable(office.add("ann"), by="test")
    assert codes(lambda: office.add("ANN")) == ["ACC013"]


def test_every_change_stands_in_the_trail_without_names_or_secrets(office: Office) -> None:
    accounts = office.access.accounts
    seen = office.add("ann")
    seen = accounts.set_role(seen, "owner", by="boss")
    seen = accounts.set_units(office.catalogue, seen, ("12", "1101"), by="boss")
    seen = accounts.set_name(seen, "Ann Li", by="boss", locale="en")
    accounts.issue_link(seen, by="boss")
    seen = accounts.disable(seen, by="boss")
    seen = accounts.enable(seen, by="boss")
    assert accounts.find("ann") == seen
    assert (seen.role, seen.units, seen.name, seen.locale, seen.version) == ("owner", ("12", "1101"), "Ann Li", "en", 7)
    assert office.acts() == [
        f"account.{act}" for act in ("add", "password", "role", "units", "name", "link", "disable", "enable")
    ]
    trail = str(office.store.audit.entries())
    assert seen.password is not None
    assert not [word for word in ("Ann Li", GOOD, seen.password, "$argon2") if word in trail]
    assert office.store.audit.verify() == []


def test_a_change_that_changes_nothing_is_none(office: Office) -> None:
    seen = office.add("ann")
    before = office.acts()
    assert office.access.accounts.set_role(seen, "analyst", by="boss") is seen
    assert office.access.accounts.enable(seen, by="boss") is seen
    assert office.acts() == before


CHANGES: dict[str, Callable[[Office, object], object]] = {
    "role": lambda o, a: o.access.accounts.set_role(a, "owner", by="b"),  # type: ignore[arg-type]
    "units": lambda o, a: o.access.accounts.set_units(o.catalogue, a, ("12",), by="b"),  # type: ignore[arg-type]
    "name": lambda o, a: o.access.accounts.set_name(a, "B", by="b"),  # type: ignore[arg-type]
    "disable": lambda o, a: o.access.accounts.disable(a, by="b"),  # type: ignore[arg-type]
    "password": lambda o, a: o.access.accounts.set_password(a, OTHER, by="b"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("how", CHANGES)
def test_a_stale_change_is_refused_with_both_states(office: Office, how: str) -> None:
    seen = office.add("ann")
    now = office.access.accounts.set_role(seen, "handler", by="first")
    before = office.acts()
    with pytest.raises(AccountChangedError) as caught:
        CHANGES[how](office, seen)
    assert (caught.value.seen, caught.value.now) == (seen, now)
    assert [issue.code for issue in caught.value.issues] == ["ACC010"]
    assert office.access.accounts.find("ann") == now
    assert office.acts() == before


def test_of_many_changes_at_once_one_holds(office: Office) -> None:
    seen = office.add("ann")
    outcomes: list[object] = []

    def change_it(name: str) -> None:
        try:
            outcomes.append(office.access.accounts.set_name(seen, name, by="x"))
        except AccountChangedError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=change_it, args=(f"Ann {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    held = [each for each in outcomes if not isinstance(each, Exception)]
    assert len(held) == 1
    assert len(outcomes) == 6
    assert office.access.accounts.find("ann") == held[0]
    assert office.acts().count("account.name") == 1


def test_the_last_active_administrator_stays(office: Office) -> None:
    accounts = office.access.accounts
    boss = office.add("boss", "administrator")
    out = accounts.disable(office.add("former", "administrator"), by="x")
    assert codes(lambda: accounts.disable(boss, by="x")) == ["ACC016"]
    assert codes(lambda: accounts.set_role(boss, "leader", by="x")) == ["ACC016"]
    assert accounts.find("boss") == boss
    accounts.enable(out, by="x")
    accounts.set_role(boss, "leader", by="x")
    assert accounts.find("boss").role == "leader"


def test_two_administrators_who_shut_out_each_other_at_once_do_not_both_succeed(office: Office) -> None:
    pair = [office.add(name, "administrator") for name in ("ann", "bob")]
    refused: list[str] = []
    start = threading.Barrier(2)

    def shut_out(n: int) -> None:
        start.wait()
        try:
            office.access.accounts.disable(pair[n], by=pair[1 - n].login)
        except InputError as error:
            refused.extend(issue.code for issue in error.issues)

    threads = [threading.Thread(target=shut_out, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["ACC016"]
    assert sum(each.active for each in office.access.accounts.list()) == 1


def test_who_acts_must_be_said(office: Office) -> None:
    seen = office.add("ann")
    assert codes(lambda: office.access.accounts.disable(seen, by=" ")) == ["REQ027"]
    assert office.access.accounts.find("ann") == seen


def test_a_link_sets_one_password_and_is_spent(office: Office) -> None:
    accounts = office.access.accounts
    seen = office.add("ann", password="")
    link = accounts.issue_link(seen, by="boss")
    secret = link.path.removeprefix("/welcome/")
    assert len(secret) == 43
    assert accounts.link_owner(secret) == seen
    assert codes(lambda: accounts.redeem_link(secret, "password2026")) == ["ACC035"]
    assert accounts.link_owner(secret) == seen

    accounts.redeem_link(secret, GOOD)

    assert office.sign_in("ann")
    assert accounts.link_owner(secret) is None
    assert codes(lambda: accounts.redeem_link(secret, OTHER)) == ["ACC022"]
    assert office.sign_in("ann")
    last = office.store.audit.entries()[2]
    assert (last.act, last.actor, last.detail) == ("account.password", "ann", {"by": "link"})
    assert secret not in str(office.store.audit.entries())


LINK_ENDS: dict[str, Callable[[Office], object]] = {
    "24 hours": lambda o: o.clock.pass_time(hours=24),
    "a newer link": lambda o: o.access.accounts.issue_link(o.access.accounts.find("ann"), by="x"),
    "a password set otherwise": lambda o: o.access.accounts.set_password(o.access.accounts.find("ann"), OTHER, by="x"),
    "the account disabled": lambda o: o.access.accounts.disable(o.access.accounts.find("ann"), by="x"),
}


@pytest.mark.parametrize("how", LINK_ENDS)
def test_a_link_ends(office: Office, how: str) -> None:
    accounts = office.access.accounts
    secret = accounts.issue_link(office.add("ann"), by="boss").path.removeprefix("/welcome/")
    office.clock.pass_time(hours=23, minutes=59)
    assert accounts.link_owner(secret) is not None
    office.clock.pass_time(minutes=-30)
    LINK_ENDS[how](office)
    assert accounts.link_owner(secret) is None
    assert codes(lambda: accounts.redeem_link(secret, GOOD)) == ["ACC022"]


def test_of_two_who_follow_one_link_at_once_one_sets_the_password(office: Office) -> None:
    secret = office.access.accounts.issue_link(office.add("ann", password=""), by="b").path.removeprefix("/welcome/")
    outcomes: list[str] = []

    def follow(password: str) -> None:
        try:
            office.access.accounts.redeem_link(secret, password)
            outcomes.append(password)
        except InputError as error:
            outcomes.append(error.issues[0].code)

    threads = [threading.Thread(target=follow, args=(each,)) for each in (GOOD, OTHER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = {GOOD, OTHER} & set(outcomes)
    assert set(outcomes) - {winner} <= {"ACC022", "ACC010"}
    assert office.sign_in("ann", winner)


def test_no_link_for_somebody_who_is_shut_out(office: Office) -> None:
    seen = office.access.accounts.disable(office.add("ann"), by="x")
    assert codes(lambda: office.access.accounts.issue_link(seen, by="x")) == ["ACC017"]


def test_the_command_line_knows_the_same_roles_and_rights() -> None:
    assert tuple(ROLES) == change.ROLES
    assert RIGHTS == OFFERED


def test_a_role_that_this_program_does_not_know_gives_nothing(office: Office) -> None:
    from dataclasses import replace

    assert viewer_of(replace(office.add("ann"), role="emperor")).rights == frozenset()
