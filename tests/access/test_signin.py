"""Signing in and staying so: the same answer for every reason, waits that grow, sessions that end."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import Parameters
from argon2.low_level import Type

import ganzhi
from ganzhi.access.open import open_access
from ganzhi.access.passwords import Passwords
from ganzhi.access.refused import NotSignedInError, TooManyAttemptsError
from ganzhi.access.rights import AccessError
from ganzhi.access.secrets import hash_of
from ganzhi.base.settings import Settings
from ganzhi.portal.forms import check_token
from ganzhi.store.models import AccountRow, SessionRow
from tests.access.conftest import CHEAP, GOOD, OTHER, Office, codes

ROOT = Path(__file__).resolve().parents[2]


def refused(work: Callable[[], object]) -> NotSignedInError:
    with pytest.raises(NotSignedInError) as caught:
        work()
    return caught.value


def wait_of(work: Callable[[], object]) -> int:
    found = refused(work)
    return found.wait_s if isinstance(found, TooManyAttemptsError) else 0


def test_whoever_knows_the_password_is_let_in_as_what_they_are(office: Office) -> None:
    office.add("wang", "manager", ("1101",))
    started = office.access.signin.password(" WANG ", GOOD, address="10.0.0.1", agent="Firefox\n" + "x" * 500)
    found = office.access.signin.session(started.secret)
    assert found == started.session
    assert (found.login, found.viewer.role, found.viewer.units) == ("wang", "manager", ("1101",))
    (kept,) = office.access.accounts.sessions("wang")
    assert kept.agent == "Firefox " + "x" * 112
    assert kept.id == found.id == hash_of(started.secret)
    assert len(started.secret) == 43  # 256 bits
    assert office.acts()[-1] == "session.start"


def _nobody(office: Office) -> str:
    return "nobody"


def _disabled(office: Office) -> str:
    office.access.accounts.disable(office.add("gone"), by="x")
    return "gone"


def _without(office: Office) -> str:
    return office.add("new", password="").login


def _wrong(office: Office) -> str:
    return office.add("ann", password=OTHER).login


@pytest.mark.parametrize("who", [_nobody, _disabled, _without, _wrong])
def test_every_refusal_reads_the_same_and_takes_one_comparison(
    office: Office, who: Callable[[Office], str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    login = who(office)
    compared: list[bool] = []
    verify = CHEAP._hasher.verify

    class Counting:
        def __getattr__(self, name: str) -> object:
            return getattr(PLAIN, name)

        def verify(self, *given: str) -> bool:
            compared.append(True)
            return verify(*given)

    PLAIN = CHEAP._hasher  # noqa: N806
    monkeypatch.setattr(CHEAP, "_hasher", Counting())
    with caplog.at_level(logging.WARNING, "ganzhi.access"):
        found = refused(lambda: office.sign_in(login))
    assert type(found) is NotSignedInError
    assert (found.issue.code, found.issue.subject, dict(found.issue.params)) == ("ACC020", "", {})
    assert compared == [True]
    assert "sign-in refused" in caplog.text
    assert GOOD not in caplog.text
    assert "nobody" not in caplog.text  # what nobody is called may be a password in the wrong field


@pytest.mark.parametrize("login", ["", "a\x00b", "\ud800", "x" * 100_000, "a'; DROP TABLE accounts; --", "%"])
@pytest.mark.parametrize("password", ["", "\x00", "\ud800", "x" * 100_000])
def test_whatever_is_typed_is_refused_and_no_more(office: Office, login: str, password: str) -> None:
    assert refused(lambda: office.sign_in(login, password)).issue.code == "ACC020"


@pytest.mark.parametrize("login", ["ann", "nobody"])
def test_five_in_a_minute_then_waits_that_double_up_to_a_quarter_of_an_hour(office: Office, login: str) -> None:
    office.add("ann")
    waits: list[int] = []
    for _ in range(5):
        assert wait_of(lambda: office.sign_in(login, OTHER)) == 0
    for _ in range(6):
        wait = wait_of(lambda: office.sign_in(login, GOOD))
        waits.append(wait)
        office.clock.pass_time(seconds=wait - 1)
        assert wait_of(lambda: office.sign_in(login, GOOD)) == 1
        office.clock.pass_time(seconds=1)
        assert wait_of(lambda: office.sign_in(login, OTHER)) == 0
    assert waits[:3] == [60, 120, 240]
    assert waits == sorted(waits)
    assert waits[-1] == 900
    office.clock.pass_time(seconds=900)
    if login == "ann":
        assert office.sign_in("ann")
        assert wait_of(lambda: office.sign_in("ann", OTHER)) == 0  # a good sign-in wipes the slate


def test_somebody_else_at_another_address_does_not_have_to_wait(office: Office) -> None:
    office.add("ann")
    office.add("bob")
    for _ in range(6):
        refused(lambda: office.sign_in("ann", OTHER, "10.0.0.66"))
    assert wait_of(lambda: office.sign_in("ann", GOOD, "10.0.0.66")) > 0
    assert office.sign_in("ann", GOOD, "10.0.0.1")
    assert office.sign_in("bob", GOOD, "10.0.0.66")


def test_one_address_that_tries_many_logins_has_to_wait(office: Office) -> None:
    office.add("ann")
    waits = [wait_of(lambda n=n: office.sign_in(f"user{n}", OTHER)) for n in range(40)]  # type: ignore[misc]
    assert waits[:30] == [0] * 30
    assert all(0 < wait <= 60 for wait in waits[30:])
    assert office.sign_in("ann", GOOD, "10.0.0.2")
    # Somebody with an account of their own does not get more attempts by signing in between.
    office.clock.pass_time(seconds=10)
    assert office.sign_in("ann", GOOD)
    assert wait_of(lambda: office.sign_in("user99", OTHER)) == 0
    assert wait_of(lambda: office.sign_in("user98", OTHER)) > 0


def test_a_clock_that_is_set_back_makes_nobody_wait_longer_than_the_longest_wait(office: Office) -> None:
    office.add("ann")
    for _ in range(5):
        refused(lambda: office.sign_in("ann", OTHER))
    office.clock.jump(days=-2)
    assert 0 < wait_of(lambda: office.sign_in("ann", GOOD)) <= 900


def test_a_burst_over_two_processes_gets_no_more_looks_than_one(office: Office, url: str) -> None:
    office.add("ann")
    path = os.pathsep.join([str(Path(ganzhi.__file__).parents[1]), str(ROOT)])
    command = [sys.executable, "-m", "tests.access.burst", url, "ann", "15"]
    crew = [
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": path},
        )
        for _ in range(2)
    ]
    found = []
    for process in crew:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in crew:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in crew:
        out, _ = process.communicate(timeout=60)
        assert process.returncode == 0
        found.append(json.loads(out))
    assert sum(each["looked"] for each in found) == 5
    assert sum(each["waited"] for each in found) == 25


def test_a_session_ends_when_it_is_idle(office: Office) -> None:
    office.add("ann")
    secret = office.sign_in("ann")
    for _ in range(5):
        office.clock.pass_time(minutes=29)
        assert office.access.signin.session(secret) is not None
    office.clock.pass_time(minutes=30)
    assert office.access.signin.session(secret) is None
    office.clock.jump(minutes=-10)
    assert office.access.accounts.sessions("ann") != ()  # nothing but time has ended it


def test_a_session_ends_after_twelve_hours_however_busy_it_is(office: Office) -> None:
    office.add("ann")
    secret = office.sign_in("ann")
    for _ in range(12 * 4 - 1):
        office.clock.pass_time(minutes=15)
        assert office.access.signin.session(secret) is not None
    office.clock.pass_time(minutes=15)
    assert office.access.signin.session(secret) is None
    assert office.access.accounts.sessions("ann") == ()


def test_reading_pages_writes_at_most_once_a_minute(office: Office) -> None:
    office.add("ann")
    secret = office.sign_in("ann")
    writes: list[str] = []

    @sa.event.listens_for(office.store.database.engine, "before_cursor_execute")
    def note(_c: object, _cur: object, statement: str, *_: object) -> None:
        if statement.lstrip().upper().startswith(("UPDATE", "INSERT", "DELETE")):
            writes.append(statement)

    for _ in range(120):
        office.clock.pass_time(seconds=1)
        assert office.access.signin.session(secret) is not None
    assert len(writes) == 2


ENDS: dict[str, Callable[[Office, str], object]] = {
    "sign-out": lambda o, s: o.access.signin.end(s),
    "ended by somebody": lambda o, s: o.access.accounts.end_sessions("ann", by="boss"),
    "this one ended": lambda o, s: o.access.accounts.end_sessions("ann", by="boss", session=hash_of(s)),
    "disabled": lambda o, s: o.access.accounts.disable(o.access.accounts.find("ann"), by="boss"),
    "another password": lambda o, s: o.access.accounts.set_password(o.access.accounts.find("ann"), OTHER, by="boss"),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_session_that_was_ended_is_out_at_once_and_the_trail_says_so(office: Office, how: str) -> None:
    office.add("ann")
    office.add("bob")
    secret, other = office.sign_in("ann"), office.sign_in("bob")
    before = len(office.acts())
    ENDS[how](office, secret)
    assert office.access.signin.session(secret) is None
    assert office.access.signin.session(other) is not None
    assert len(office.acts()) == before + 1
    office.access.signin.end(secret)
    assert len(office.acts()) == before + 1


def test_a_session_of_a_disabled_account_opens_nothing_even_where_it_is_still_kept(office: Office) -> None:
    office.add("ann")
    secret = office.sign_in("ann")
    with office.store.database.write() as connection:
        connection.execute(sa.update(AccountRow).values(state="disabled"))
    assert len(office.access.accounts.sessions("ann")) == 1
    assert office.access.signin.session(secret) is None


def test_enabled_again_the_old_session_stays_over(office: Office) -> None:
    office.add("ann")
    secret = office.sign_in("ann")
    accounts = office.access.accounts
    accounts.enable(accounts.disable(accounts.find("ann"), by="x"), by="x")
    assert office.access.signin.session(secret) is None
    assert office.sign_in("ann")


def test_a_changed_role_or_unit_counts_from_the_next_request(office: Office) -> None:
    office.add("ann", "analyst", ("11",))
    secret, accounts = office.sign_in("ann"), office.access.accounts
    accounts.set_units(office.catalogue, accounts.set_role(accounts.find("ann"), "leader", by="x"), ("12",), by="x")
    found = office.access.signin.session(secret)
    assert found is not None
    assert (found.viewer.role, found.viewer.units, found.viewer.may("list")) == ("leader", ("12",), False)


def test_changing_ones_password_may_keep_the_session_at_hand(office: Office) -> None:
    office.add("ann")
    here, there = office.sign_in("ann"), office.sign_in("ann")
    found = office.access.signin.session(here)
    assert found is not None
    assert office.access.accounts.fits(office.access.accounts.find("ann"), GOOD)
    office.access.accounts.set_password(office.access.accounts.find("ann"), OTHER, by="ann", keep=found.id)
    assert office.access.signin.session(here) is not None
    assert office.access.signin.session(there) is None


def test_all_sessions_but_one_are_ended(office: Office) -> None:
    office.add("ann")
    secrets = [office.sign_in("ann") for _ in range(3)]
    assert len({*secrets}) == 3
    assert office.access.accounts.end_sessions("ann", by="ann", keep=hash_of(secrets[0])) == 2
    assert [office.access.signin.session(each) is not None for each in secrets] == [True, False, False]
    assert office.access.accounts.end_sessions("ann", by="ann", keep=hash_of(secrets[0])) == 0


def test_what_a_copy_of_the_store_shows_opens_nothing(office: Office) -> None:
    office.add("ann")
    office.sign_in("ann")
    with office.store.database.read() as connection:
        kept = [str(value) for row in connection.execute(sa.select(SessionRow.__table__)) for value in row]
    assert len(kept) == 8
    assert [office.access.signin.session(each) for each in kept] == [None] * 8
    assert office.access.signin.session("") is None
    assert office.access.signin.session("\ud800\x00") is None


def test_the_token_of_a_form_is_the_sessions_own(office: Office) -> None:
    office.add("ann")
    one, other = (office.access.signin.session(office.sign_in("ann")) for _ in range(2))
    assert one is not None
    assert other is not None
    assert one.csrf != other.csrf
    check_token(one.csrf, one.csrf)
    for wrong in (other.csrf, "", one.csrf[:-1], one.id, "\ud800"):
        with pytest.raises(AccessError):
            check_token(wrong, one.csrf)


def test_a_password_hashed_by_older_parameters_is_hashed_again(office: Office) -> None:
    office.add("ann")
    stronger = Passwords(Parameters(Type.ID, 19, 16, 32, time_cost=2, memory_cost=16, parallelism=1))
    access = open_access(office.store, Settings(), stronger)
    before = access.accounts.find("ann").password
    assert access.signin.password("ann", GOOD, address="a", agent="b")
    after = access.accounts.find("ann").password
    assert before is not None
    assert after is not None
    assert stronger.outdated(before)
    assert not stronger.outdated(after)
    assert access.signin.password("ann", GOOD, address="a", agent="b")
    assert office.acts().count("account.rehash") == 1


def test_a_demonstration_is_offered_only_where_the_settings_say_so(office: Office) -> None:
    signin = office.access.signin
    assert refused(lambda: signin.demo(office.catalogue, "leader", (), agent="x")).issue.code == "ACC024"
    shown = Settings.model_validate({"access": {"demo": True}})
    access = open_access(office.store, shown, CHEAP)
    assert access.signin.needed
    started = access.signin.demo(office.catalogue, "manager", ("1101",), agent="x")
    assert (started.session.viewer.role, started.session.viewer.units) == ("manager", ("1101",))
    again = access.signin.demo(office.catalogue, "manager", ("1101",), agent="x")
    assert again.session.login == started.session.login == "demo-manager"
    assert signin.session(started.secret) is None  # by settings without a demonstration
    assert not access.accounts.any()
    assert refused(lambda: office.sign_in("demo-manager", "")).issue.code == "ACC020"


def test_an_account_for_demonstrations_is_no_administrator_who_counts(office: Office) -> None:
    boss = office.add("boss", "administrator")
    access = open_access(office.store, Settings.model_validate({"access": {"demo": True}}), CHEAP)
    access.signin.demo(office.catalogue, "administrator", (), agent="x")
    assert codes(lambda: office.access.accounts.disable(boss, by="x")) == ["ACC016"]


def test_an_account_that_changed_while_its_password_was_compared_is_not_let_in(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = office.add("ann")
    fits = Passwords.fits

    def slowly(self: Passwords, kept: str | None, given: str) -> bool:
        if office.access.accounts.find("ann").active:
            office.access.accounts.disable(office.access.accounts.find("ann"), by="boss")
        return fits(self, kept, given)

    monkeypatch.setattr(Passwords, "fits", slowly)
    assert refused(lambda: office.sign_in("ann")).issue.code == "ACC020"
    assert office.access.accounts.sessions("ann") == ()
    assert replace(seen, state="disabled", version=3) == office.access.accounts.find("ann")
