"""Identity providers for tests: settings that name one, and a fake that says what the test wants, true or forged."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from ganzhi.access.oidc import Oidc
from ganzhi.access.open import open_access
from ganzhi.base.settings import Settings
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.open import Store
from tests.access.conftest import CHEAP, Office
from tests.store.conftest import HandClock

PORTAL = "https://ganzhi.example"


def settings_for(issuer: str, **more: Any) -> Settings:
    given = {
        "issuer": issuer,
        "client_id": "portal",
        "portal_url": PORTAL,
        "role_claim": "groups",
        "roles": {"kf-admins": "administrator", "kf-analysts": "analyst", "kf-halls": "manager", "odd": "emperor"},
        "unit_claim": "units",
        "units": {"all": "*", "city-11": "11", "halls": "1101 1102", "gone": "99"},
    }
    return Settings.model_validate({"access": {"oidc": given | more}})


def office_for(store: Store, clock: HandClock, catalogue: Catalogue, settings: Settings) -> Office:
    return Office(open_access(store, settings, CHEAP), store, clock, catalogue)


ISSUER = "https://id.example"
RSA, FOREIGN, EC = (
    RSAKey.generate_key(2048, {"kid": "rsa"}),
    RSAKey.generate_key(2048, {"kid": "rsa"}),
    ECKey.generate_key("P-256", {"kid": "ec"}),
)


@dataclass
class Fake:
    """Answers as a provider; `token` makes the ID token from the nonce that was asked for."""

    token: Callable[[str], str] = lambda nonce: ""
    keys: list[Any] = field(default_factory=lambda: [RSA, EC])
    userinfo: dict[str, Any] = field(default_factory=dict)
    broken: str = ""
    nonce: str = ""
    asked: list[str] = field(default_factory=list)
    description: dict[str, Any] = field(default_factory=dict)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(path)
        if path == self.broken:
            raise httpx.ConnectError("down")
        if path == "/.well-known/openid-configuration":
            places = {
                "authorization_endpoint": "/a",
                "token_endpoint": "/t",
                "jwks_uri": "/k",
                "userinfo_endpoint": "/u",
            }
            said = {"issuer": ISSUER, **{name: ISSUER + place for name, place in places.items()}}
            return httpx.Response(200, json=said | self.description)
        if path == "/k":
            return httpx.Response(200, json=KeySet(self.keys).as_dict(private=False))
        if path == "/u":
            return httpx.Response(200, json=self.userinfo)
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        assert form["redirect_uri"] == PORTAL + "/sign-in/oidc"
        assert len(form["code_verifier"]) == 43
        return httpx.Response(
            200, json={"id_token": self.token(self.nonce), "access_token": "a", "token_type": "Bearer"}
        )


@dataclass
class Desk:
    """Access with the fake provider behind it."""

    office: Office
    oidc: Oidc
    fake: Fake

    def claims(self, nonce: str, /, **more: Any) -> dict[str, Any]:
        now = int(self.office.clock.now().timestamp())
        good = {
            "iss": ISSUER, "aud": "portal", "sub": "s", "iat": now, "exp": now + 300, "nonce": nonce,
            "groups": ["kf-halls"], "units": ["halls"], "preferred_username": "wang",
        }  # fmt: skip
        return {name: value for name, value in (good | more).items() if value is not None}

    def sign_in(self) -> Any:
        left = self.oidc.depart(back_to="/")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(left.address).query).items()}
        self.fake.nonce = asked["nonce"]
        query = {"code": "c", "state": asked["state"]}
        return self.oidc.arrive(self.office.catalogue, query, left.secret, agent="x")[0]


def signed(claims: Mapping[str, Any], key: Any = RSA, alg: str = "RS256", kid: str | None = "rsa") -> str:
    header = {"alg": alg} | ({} if kid is None else {"kid": kid})
    return jwt.encode(header, dict(claims), key, algorithms=[alg])


def by_hand(header: Mapping[str, Any], claims: Mapping[str, Any], signature: str = "") -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in (header, claims))
    return ".".join([*parts, signature])


def hmac_by_public_key(claims: Mapping[str, Any]) -> str:
    """The classic: the provider's public key, which everybody has, as a shared secret."""
    unsigned = by_hand({"alg": "HS256", "kid": "rsa"}, claims).removesuffix(".")
    made = hmac.digest(RSA.as_pem(private=False), unsigned.encode(), "sha256")
    return f"{unsigned}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def meddled(token: str, **more: Any) -> str:
    """A genuine token with other claims under its old signature."""
    header, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    return by_hand(json.loads(base64.urlsafe_b64decode(header + "==")), claims | more, signature)
