"""Signing in by a provider that runs as a process of its own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from ganzhi.access.oidc import Departure, Oidc
from ganzhi.access.refused import NotSignedInError
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.open import open_store
from tests.access.conftest import Office
from tests.access.providers import (
    PORTAL,
    office_for,
    settings_for,
)
from tests.store.conftest import HandClock

BROWSER = httpx.Client()


@pytest.fixture
def real_time(clock: HandClock) -> HandClock:
    clock.at = datetime.now(UTC)
    return clock


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a provider that runs as a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("provider") / "log"
    address = f"http://127.0.0.1:{port}"
    with log.open("w") as out:
        command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "-n", "true"]
        process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            for _ in range(150):
                try:
                    BROWSER.get(address + "/jwks")
                    break
                except httpx.HTTPError:
                    time.sleep(0.2)
            else:
                pytest.fail(log.read_text())
            yield address
        finally:
            BROWSER.close()
            process.terminate()
            process.wait()


def log_in_there(departure: Departure, subject: str, **form: str) -> dict[str, str]:
    """What somebody does at the provider, and the query the browser is sent back with."""
    answer = BROWSER.post(departure.address, data={"sub": subject, **form})
    assert answer.status_code == 302, answer.text
    where = urlsplit(answer.headers["location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == PORTAL + "/sign-in/oidc"
    return {name: values[0] for name, values in parse_qs(where.query).items()}


def claims_there(provider: str, subject: str, **claims: Any) -> None:
    BROWSER.put(f"{provider}/users/{subject}", json=claims).raise_for_status()


@contextmanager
def _reaching(provider: str, url: str, clock: HandClock, catalogue: Catalogue, folder: Path) -> Iterator[Office]:
    secret = folder / "secret"
    secret.write_text("a secret: with/signs+ in it\n")
    store = open_store(url, clock)
    yield office_for(store, clock, catalogue, settings_for(provider, client_secret_file=str(secret)))
    store.close()


@pytest.fixture
def at_provider(
    sqlite_template: Path, real_time: HandClock, catalogue: Catalogue, provider: str, tmp_path: Path
) -> Iterator[Office]:
    path = tmp_path / "store.sqlite"
    shutil.copyfile(sqlite_template, path)
    with _reaching(provider, f"sqlite:///{path}", real_time, catalogue, tmp_path) as office:
        yield office


@pytest.fixture
def on_either(url: str, real_time: HandClock, catalogue: Catalogue, provider: str, tmp_path: Path) -> Iterator[Office]:
    """The same, on each database in turn."""
    with _reaching(provider, url, real_time, catalogue, tmp_path) as office:
        yield office


def test_somebody_with_a_role_there_signs_in_and_has_it_here(on_either: Office, provider: str) -> None:
    oidc, signin = on_either.access.oidc, on_either.access.signin
    assert oidc.offered
    assert signin.needed
    claims_there(
        provider,
        "s-1",
        groups=["staff", "kf-analysts"],
        units=["city-11", "halls"],
        preferred_username="Wang.Min",
        name="王敏",
    )
    left = oidc.depart(back_to="/topics?x=1")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(left.address).query).items()}
    assert (asked["response_type"], asked["code_challenge_method"], asked["client_id"]) == ("code", "S256", "portal")
    assert left.secret not in left.address

    query = log_in_there(left, "s-1")
    started, back_to = oidc.arrive(on_either.catalogue, query, left.secret, agent="x")

    assert back_to == "/topics?x=1"
    assert (started.session.login, started.session.viewer.role) == ("wang.min", "analyst")
    assert started.session.viewer.units == ("11", "1101", "1102")
    assert signin.session(started.secret) == started.session
    account = on_either.access.accounts.find("wang.min")
    assert (account.name, account.issuer, account.subject, account.password) == ("王敏", provider, "s-1", None)
    assert on_either.acts() == ["account.add", "session.start"]


def test_what_changed_there_has_changed_here_at_the_next_sign_in(at_provider: Office, provider: str) -> None:
    oidc = at_provider.access.oidc

    def sign_in() -> Any:
        left = oidc.depart(back_to="/")
        return oidc.arrive(at_provider.catalogue, log_in_there(left, "s-2"), left.secret, agent="x")[0].session

    claims_there(provider, "s-2", groups="kf-halls", units="halls", preferred_username="li")
    assert (sign_in().viewer.role, sign_in().viewer.units) == ("manager", ("1101", "1102"))
    claims_there(provider, "s-2", groups=["kf-analysts"], units=["all"], preferred_username="another name")
    now = sign_in()
    assert (now.login, now.viewer.role, now.viewer.units) == ("li", "analyst", ())
    assert at_provider.acts().count("account.standing") == 1
    claims_there(provider, "s-2", groups=["visitors"], units=["all"])
    with pytest.raises(NotSignedInError):
        sign_in()
    claims_there(provider, "s-2", groups=["kf-analysts"], units=["all"])
    at_provider.access.accounts.disable(at_provider.access.accounts.find("li"), by="boss")
    with pytest.raises(NotSignedInError):
        sign_in()


def test_somebody_there_never_takes_over_an_account_here_by_its_name(at_provider: Office, provider: str) -> None:
    at_provider.add("boss", "administrator")
    for subject, called in (("s-3", "boss"), ("s-4", "demo-leader"), ("s-5", "../é"), ("s-6", "local")):
        claims_there(provider, subject, groups=["kf-halls"], units=["halls"], preferred_username=called, email="boss")
        left = at_provider.access.oidc.depart(back_to="//evil.example")
        query = log_in_there(left, subject)
        started, back_to = at_provider.access.oidc.arrive(at_provider.catalogue, query, left.secret, agent="x")
        assert back_to == "/"
        assert started.session.login not in {"boss", "local", "demo-leader"}
        assert started.session.viewer.role == "manager"
    assert at_provider.access.accounts.find("boss").role == "administrator"


def test_the_last_administrator_is_not_demoted_by_claims_but_does_not_come_in(
    at_provider: Office, provider: str
) -> None:
    oidc = at_provider.access.oidc
    claims_there(provider, "s-7", groups=["kf-admins"], units=["all"], preferred_username="zhao")
    left = oidc.depart(back_to="/")
    oidc.arrive(at_provider.catalogue, log_in_there(left, "s-7"), left.secret, agent="x")
    claims_there(provider, "s-7", groups=["kf-halls"], units=["halls"])
    left = oidc.depart(back_to="/")
    with pytest.raises(NotSignedInError):
        oidc.arrive(at_provider.catalogue, log_in_there(left, "s-7"), left.secret, agent="x")
    assert at_provider.access.accounts.find("zhao").role == "administrator"


HIJACKS: dict[str, Callable[[Oidc, dict[str, str], Departure], tuple[dict[str, str], str]]] = {
    "another browser's cookie": lambda o, q, d: (q, o.depart(back_to="/").secret),
    "no cookie": lambda o, q, d: (q, ""),
    "an invented cookie": lambda o, q, d: (q, "\ud800" + "x" * 50),
    "another browser's state": lambda o, q, d: ({**q, "state": "x"}, d.secret),
    "no state": lambda o, q, d: ({"code": q["code"]}, d.secret),
    "no code": lambda o, q, d: ({"state": q["state"]}, d.secret),
    "an invented code": lambda o, q, d: ({**q, "code": "x"}, d.secret),
    "an error beside the code": lambda o, q, d: ({**q, "error": "access_denied"}, d.secret),
}


@pytest.mark.parametrize("how", HIJACKS)
def test_a_browser_that_comes_back_otherwise_is_refused_and_what_it_left_is_spent(
    at_provider: Office, provider: str, how: str
) -> None:
    oidc = at_provider.access.oidc
    claims_there(provider, "s-8", groups=["kf-halls"], units=["halls"])
    left = oidc.depart(back_to="/")
    query = log_in_there(left, "s-8")
    given, secret = HIJACKS[how](oidc, query, left)
    with pytest.raises(NotSignedInError) as caught:
        oidc.arrive(at_provider.catalogue, given, secret, agent="x")
    assert (caught.value.issue.code, caught.value.issue.subject) == ("ACC023", "")
    assert at_provider.access.accounts.list() == ()
    if secret == left.secret:
        with pytest.raises(NotSignedInError):
            oidc.arrive(at_provider.catalogue, query, secret, agent="x")


def test_coming_back_serves_once_and_within_ten_minutes(on_either: Office, provider: str) -> None:
    oidc = on_either.access.oidc
    claims_there(provider, "s-9", groups=["kf-halls"], units=["halls"])
    left = oidc.depart(back_to="/")
    query = log_in_there(left, "s-9")
    assert oidc.arrive(on_either.catalogue, query, left.secret, agent="x")
    with pytest.raises(NotSignedInError):
        oidc.arrive(on_either.catalogue, query, left.secret, agent="x")
    late = oidc.depart(back_to="/")
    query = log_in_there(late, "s-9")
    on_either.clock.pass_time(minutes=10)
    with pytest.raises(NotSignedInError):
        oidc.arrive(on_either.catalogue, query, late.secret, agent="x")
