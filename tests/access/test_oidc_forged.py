"""Tokens nobody should accept, and a provider that is down, lies, or signs somebody out."""

from __future__ import annotations

import base64
import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from ganzhi.access.claims import LOGOUT_EVENT, ClaimError, standing_of
from ganzhi.access.oidc import Oidc
from ganzhi.access.provider import Provider
from ganzhi.access.refused import NotSignedInError
from ganzhi.base.errors import EngineError
from ganzhi.base.settings import OidcSettings
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.open import open_store
from tests.access.conftest import Office
from tests.access.providers import (
    EC,
    FOREIGN,
    ISSUER,
    RSA,
    Desk,
    Fake,
    by_hand,
    hmac_by_public_key,
    meddled,
    office_for,
    settings_for,
    signed,
)
from tests.store.conftest import HandClock


@pytest.fixture
def desk(sqlite_template: Path, tmp_path: Path, clock: HandClock, catalogue: Catalogue) -> Iterator[Desk]:
    path = tmp_path / "store.sqlite"
    shutil.copyfile(sqlite_template, path)
    store = open_store(f"sqlite:///{path}", clock)
    settings, fake = settings_for(ISSUER), Fake()
    office = office_for(store, clock, catalogue, settings)
    client = httpx.Client(transport=httpx.MockTransport(fake))
    provider = Provider(settings.access.oidc, clock, client)
    yield Desk(office, Oidc(store, settings, office.access.accounts, office.access.signin, provider), fake)
    client.close()
    store.close()


@pytest.mark.parametrize("alg", ["RS256", "PS256", "ES256"])
def test_a_good_token_is_accepted(desk: Desk, alg: str) -> None:
    key, kid = (EC, "ec") if alg == "ES256" else (RSA, "rsa")
    desk.fake.token = lambda nonce: signed(desk.claims(nonce, aud=["portal"], sid="there-1"), key, alg, kid)
    started = desk.sign_in()
    assert (started.session.login, started.session.viewer.units) == ("wang", ("1101", "1102"))
    assert desk.office.access.accounts.sessions("wang")[0].provider_session == "there-1"


Forge = Callable[[Desk, str], str]


def _with(**more: Any) -> Forge:
    return lambda desk, nonce: signed(desk.claims(nonce, **more))


def _later(name: str, seconds: int) -> Forge:
    return lambda desk, nonce: signed(desk.claims(nonce, **{name: int(desk.office.clock.now().timestamp()) + seconds}))


BROKEN: dict[str, Forge] = {
    "alg none": lambda d, n: by_hand({"alg": "none"}, d.claims(n)),
    "alg None": lambda d, n: by_hand({"alg": "None", "kid": "rsa"}, d.claims(n)),
    "HS256 by the public key": lambda d, n: hmac_by_public_key(d.claims(n)),
    "HS256 by the client's name": lambda d, n: signed(d.claims(n), OctKey.import_key(b"portal" * 8), "HS256"),
    "an algorithm not allowed": lambda d, n: signed(d.claims(n), RSA, "RS512"),
    "a foreign key of the same name": lambda d, n: signed(d.claims(n), FOREIGN),
    "a key nobody knows": lambda d, n: signed(d.claims(n), FOREIGN, kid="foreign"),
    "a key brought along": lambda d, n: jwt.encode(
        {"alg": "RS256", "jwk": FOREIGN.as_dict(private=False)}, d.claims(n), FOREIGN, algorithms=["RS256"]
    ),
    "an EC name for an RSA signature": lambda d, n: signed(d.claims(n), RSA, "RS256", "ec"),
    "no signature": lambda d, n: signed(d.claims(n)).rsplit(".", 1)[0] + ".",
    "claims under another's signature": lambda d, n: meddled(signed(d.claims(n)), sub="boss"),
    "another issuer": _with(iss="https://evil.example"),
    "almost the issuer": _with(iss=ISSUER + "/"),
    "no issuer": _with(iss=None),
    "another audience": _with(aud="another"),
    "several audiences without a presenter": _with(aud=["portal", "another"]),
    "another presenter": _with(aud=["portal", "another"], azp="another"),
    "no audience": _with(aud=None),
    "expired": _later("exp", -60),
    "no expiry": _with(exp=None),
    "an expiry that is no time": _with(exp="tomorrow"),
    "issued in the future": _later("iat", 61),
    "issued an hour ago": _later("iat", -3600),
    "not valid yet": _later("nbf", 120),
    "the nonce of another sign-in": _with(nonce="x" * 43),
    "no nonce": _with(nonce=None),
    "no subject": _with(sub=None),
    "an empty subject": _with(sub=""),
    "a subject that is no text": _with(sub=7),
    "a logout token": _with(events={LOGOUT_EVENT: {}}),
    "a user without a role": _with(groups=["staff"]),
    "a user without groups": _with(groups=None),
    "a role this program does not know": _with(groups=["odd"]),
    "a user without units": _with(units=[]),
    "units no rule knows": _with(units=["everything", "*"]),
    "a unit that is gone": _with(units=["gone"]),
    "not a token": lambda d, n: "x.y.z",
    "nothing": lambda d, n: "",
    "a huge token": _with(padding="x" * 70_000),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_token_that_does_not_hold_is_refused_with_the_reason_in_the_log_only(
    desk: Desk, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    desk.fake.token = lambda nonce: BROKEN[how](desk, nonce)
    with caplog.at_level(logging.WARNING, "ganzhi.access"), pytest.raises(NotSignedInError) as caught:
        desk.sign_in()
    assert (caught.value.issue.code, caught.value.issue.subject, caught.value.issue.params) == ("ACC023", "", {})
    assert caught.value.__cause__ is None
    assert caplog.text.count("sign-in by the identity provider refused: ") == 1
    assert desk.office.access.accounts.list() == ()
    assert desk.office.acts() == []


def test_the_nonce_of_an_earlier_sign_in_does_not_serve_again(desk: Desk) -> None:
    first: list[str] = []

    def once(nonce: str) -> str:
        first.append(signed(desk.claims(nonce)))
        return first[0]

    desk.fake.token = once
    assert desk.sign_in()
    with pytest.raises(NotSignedInError):
        desk.sign_in()


@pytest.mark.parametrize("where", ["/t", "/k"])
def test_a_provider_that_is_down_on_the_way_back_refuses(desk: Desk, where: str) -> None:
    desk.fake.token = lambda nonce: signed(desk.claims(nonce))
    desk.fake.broken = where
    with pytest.raises(NotSignedInError):
        desk.sign_in()
    desk.fake.broken = ""
    assert desk.sign_in()


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://evil.example"},
    "no token endpoint": {"token_endpoint": None},
}


@pytest.mark.parametrize("how", ["down", *LIES])
def test_a_provider_that_cannot_be_used_is_said_before_anybody_leaves(desk: Desk, how: str) -> None:
    if how == "down":
        desk.fake.broken = "/.well-known/openid-configuration"
    desk.fake.description = LIES.get(how, {})
    with pytest.raises(EngineError) as caught:
        desk.oidc.depart(back_to="/")
    assert (caught.value.issue.code, caught.value.retryable) == ("ACC050", True)


def test_an_address_without_https_is_not_asked(desk: Desk) -> None:
    desk.fake.token = lambda nonce: signed(desk.claims(nonce))
    desk.fake.description = {"jwks_uri": "http://id.example/k"}
    with pytest.raises(NotSignedInError):
        desk.sign_in()
    assert "/k" not in desk.fake.asked


def test_keys_are_kept_and_asked_for_again_when_a_new_one_signs(desk: Desk) -> None:
    desk.fake.token = lambda nonce: signed(desk.claims(nonce))
    for _ in range(3):
        assert desk.sign_in()
    assert desk.fake.asked.count("/k") == 1
    newer = RSAKey.generate_key(2048, {"kid": "newer"})
    desk.fake.token = lambda nonce: signed(desk.claims(nonce), newer, kid="newer")
    desk.office.clock.pass_time(minutes=2)
    with pytest.raises(NotSignedInError):
        desk.sign_in()
    assert desk.fake.asked.count("/k") == 2
    desk.fake.keys = [newer]
    with pytest.raises(NotSignedInError):  # forged names do not make us ask again and again
        desk.sign_in()
    assert desk.fake.asked.count("/k") == 2
    desk.office.clock.pass_time(minutes=2)
    assert desk.sign_in()


def test_claims_that_only_userinfo_has_count_when_they_are_of_the_same_person(desk: Desk) -> None:
    desk.fake.token = lambda nonce: signed(desk.claims(nonce, groups=None))
    desk.fake.userinfo = {"sub": "s", "groups": ["kf-analysts"], "units": ["all"]}
    viewer = desk.sign_in().session.viewer
    assert (viewer.role, viewer.units) == ("analyst", ("1101", "1102"))  # what is signed wins
    desk.fake.userinfo["sub"] = "somebody else"
    with pytest.raises(NotSignedInError):
        desk.sign_in()


def logout_claims(desk: Desk, **more: Any) -> dict[str, Any]:
    base = desk.claims("", nonce=None, exp=None, events={LOGOUT_EVENT: {}}, jti="j", sid="there-1")
    return {name: value for name, value in (base | more).items() if value is not None}


@pytest.mark.parametrize(("by", "ended"), [({"sid": None}, 2), ({"sub": None}, 1), ({}, 1), ({"sub": "another"}, 0)])
def test_signing_out_at_the_provider_ends_sessions_here(desk: Desk, by: dict[str, Any], ended: int) -> None:
    secrets = []
    for there in ("there-1", "there-2"):
        desk.fake.token = lambda nonce, there=there: signed(desk.claims(nonce, sid=there))  # type: ignore[misc]
        secrets.append(desk.sign_in().secret)
    local = desk.office.add("ann")
    kept = desk.office.sign_in(local.login)
    assert desk.oidc.leave(signed(logout_claims(desk, **by))) == ended
    signin = desk.office.access.signin
    assert [signin.session(each) is None for each in secrets] == [ended >= 1, ended == 2]
    assert signin.session(kept) is not None


NO_LOGOUT: dict[str, dict[str, Any]] = {
    "no event": {"events": None},
    "another event": {"events": {"http://schemas.openid.net/event/other": {}}},
    "an event that is no object": {"events": {LOGOUT_EVENT: "x"}},
    "a nonce": {"nonce": "n"},
    "no id": {"jti": None},
    "nobody": {"sub": None, "sid": None},
    "another issuer": {"iss": "https://evil.example"},
    "another audience": {"aud": "another"},
    "no time": {"iat": None},
}


@pytest.mark.parametrize("how", [*NO_LOGOUT, "a foreign key", "old"])
def test_a_logout_token_that_does_not_hold_ends_nothing(desk: Desk, how: str) -> None:
    desk.fake.token = lambda nonce: signed(desk.claims(nonce, sid="there-1"))
    secret = desk.sign_in().secret
    token = signed(logout_claims(desk, **NO_LOGOUT.get(how, {})), FOREIGN if how == "a foreign key" else RSA)
    if how == "old":
        desk.office.clock.pass_time(minutes=12)
    with pytest.raises(NotSignedInError):
        desk.oidc.leave(token)
    assert desk.office.access.signin.session(secret) is not None


def test_without_a_provider_in_the_settings_nothing_is_offered(office: Office) -> None:
    oidc = office.access.oidc
    assert not oidc.offered
    for work in (
        lambda: oidc.depart(back_to="/"),
        lambda: oidc.arrive(office.catalogue, {}, "", agent=""),
        lambda: oidc.leave("x"),
    ):
        with pytest.raises(NotSignedInError):
            work()


def rules(**more: Any) -> OidcSettings:
    return settings_for(ISSUER, **more).access.oidc


def test_rules_give_role_and_units() -> None:
    both = {"groups": ["kf-analysts", "kf-admins"], "units": ["halls"]}
    assert standing_of(both, rules()).role == "administrator"  # the first rule that fits
    nested = {"realm_access": {"roles": ["kf-halls"]}, "units": "all"}
    assert standing_of(nested, rules(role_claim="realm_access.roles")).units == ()
    fixed = rules(unit_claim="", default_units="1201")
    assert standing_of(both, fixed).units == ("1201",)
    with pytest.raises(ClaimError):
        standing_of(both, rules(unit_claim=""))  # no units would be the whole organisation


@pytest.mark.parametrize("path", ["//evil", "/\\evil", "https://evil", "evil", "", "/a\nb", "/a\\b"])
def test_a_way_back_that_leads_elsewhere_is_home(desk: Desk, path: str) -> None:
    desk.fake.token = lambda nonce: signed(desk.claims(nonce))
    left = desk.oidc.depart(back_to=path)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(left.address).query).items()}
    desk.fake.nonce = asked["nonce"]
    query = {"code": "c", "state": asked["state"]}
    assert desk.oidc.arrive(desk.office.catalogue, query, left.secret, agent="x")[1] == "/"


def test_the_challenge_fits_the_verifier_that_is_sent_later(desk: Desk) -> None:
    sent: list[str] = []
    fake = desk.fake.__call__

    def note(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/t":
            sent.append(parse_qs(request.content.decode())["code_verifier"][0])
        return fake(request)

    desk.fake.token = lambda nonce: signed(desk.claims(nonce))
    desk.oidc._provider._client = httpx.Client(transport=httpx.MockTransport(note))  # type: ignore[union-attr]
    left = desk.oidc.depart(back_to="/")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(left.address).query).items()}
    desk.fake.nonce = asked["nonce"]
    desk.oidc.arrive(desk.office.catalogue, {"code": "c", "state": asked["state"]}, left.secret, agent="x")
    challenge = base64.urlsafe_b64encode(hashlib.sha256(sent[0].encode()).digest()).rstrip(b"=").decode()
    assert asked["code_challenge"] == challenge
