"""Talking to an OpenID Connect provider: its description, its keys, and the exchange of a code.

Only addresses of the provider that the settings name are asked, over https (http only on this
machine), without redirects, with limits on time and size. Needs the extra `oidc`.
"""

from __future__ import annotations

import importlib.util
import json
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote_plus

from ganzhi.access.claims import ClaimError
from ganzhi.base.clock import Clock
from ganzhi.base.errors import EngineError, Issue
from ganzhi.base.settings import OidcSettings, is_safe_address

if TYPE_CHECKING:
    import httpx
    from joserfc.jwk import KeySet

TIMEOUT_S: Final = 10
LARGEST: Final = 262_144
KEEP: Final = timedelta(hours=1)
"""How long description and keys are used before they are asked for again."""

AGAIN: Final = timedelta(minutes=1)
"""For a key that is not known the keys are asked for again, at most this often."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a provider says about itself."""

    authorize: str
    token: str
    keys: str
    userinfo: str
    names_itself: bool
    posts_secret: bool


class Provider:
    """One provider. client: how it is reached, for tests only another than the default."""

    def __init__(self, settings: OidcSettings, clock: Clock, client: httpx.Client | None = None) -> None:
        self._settings = settings
        self._clock = clock
        self._client = client
        self._lock = threading.Lock()
        self._described: tuple[Description, datetime] | None = None
        self._keys: tuple[KeySet, datetime] | None = None

    def description(self) -> Description:
        """What the provider says about itself; ClaimError when it is not there, or says it is another."""
        with self._lock:
            now = self._clock.now()
            if self._described is None or now - self._described[1] > KEEP:
                address = self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
                self._described = self._read(self._get(address)), now
            return self._described[0]

    def keys(self, *, fresh: bool = False) -> KeySet:
        """The provider's public keys. fresh: ask for them again, unless that was done within the last minute."""
        from joserfc.errors import JoseError  # noqa: PLC0415 - an extra
        from joserfc.jwk import KeySet  # noqa: PLC0415 - an extra

        address = self.description().keys
        with self._lock:
            now = self._clock.now()
            limit = AGAIN if fresh else KEEP
            if self._keys is None or now - self._keys[1] > limit:
                given = self._get(address)
                try:
                    public = [each for each in given["keys"] if each.get("kty") in ("RSA", "EC")]
                    self._keys = KeySet.import_key_set({"keys": public}), now
                except (JoseError, KeyError, TypeError, AttributeError, ValueError) as error:
                    raise ClaimError(f"keys that cannot be read: {error}") from None
            return self._keys[0]

    def exchange(self, code: str, verifier: str, redirect: str) -> Mapping[str, Any]:
        """The provider's tokens for a code."""
        described, settings = self.description(), self._settings
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
        secret = _secret(settings)
        basic: tuple[str, str] | None = None
        if secret and not described.posts_secret:
            basic = (_encoded(settings.client_id), _encoded(secret))
        else:
            form |= {"client_id": settings.client_id} | ({"client_secret": secret} if secret else {})
        return self._ask("POST", described.token, data=form, auth=basic)

    def userinfo(self, access_token: str) -> Mapping[str, Any]:
        """What the provider tells about whoever the token is for; nothing when it has no place for that."""
        address = self.description().userinfo
        return self._get(address, {"Authorization": f"Bearer {access_token}"}) if address else {}

    def _get(self, address: str, headers: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        return self._ask("GET", address, headers=headers)

    def _ask(self, method: str, address: str, **content: Any) -> Mapping[str, Any]:
        import httpx  # noqa: PLC0415 - an extra

        if not is_safe_address(address):
            raise ClaimError(f"an address without https: {address[:80]}")
        given = {name: value for name, value in content.items() if value is not None}
        try:
            with self._http() as client, client.stream(method, address, **given) as answer:
                body = b""
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > LARGEST:
                        raise ClaimError("an answer that is too long")
        except httpx.HTTPError as error:
            raise ClaimError(f"{address[:80]} does not answer: {type(error).__name__}") from None
        except OSError as error:
            raise ClaimError(f"access.oidc.ca_file: {type(error).__name__}") from None
        if answer.status_code != httpx.codes.OK:
            raise ClaimError(f"{address[:80]} answers {answer.status_code}")
        return _json(body)

    @contextmanager
    def _http(self) -> Iterator[httpx.Client]:
        """A client for one request; sign-ins are too rare to keep connections."""
        import httpx  # noqa: PLC0415 - an extra

        if self._client is not None:
            yield self._client
            return
        with httpx.Client(verify=self._trusted, timeout=TIMEOUT_S, follow_redirects=False) as client:
            yield client

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._settings.ca_file or None)

    def _read(self, given: Mapping[str, Any]) -> Description:
        if given.get("issuer") != self._settings.issuer:
            raise ClaimError("the provider says it is another")
        methods = given.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        found = [
            given.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
        ]
        authorize, token, keys = (each if isinstance(each, str) else "" for each in found[:3])
        if not (authorize and token and keys):
            raise ClaimError("the provider's description lacks an address")
        return Description(
            authorize=authorize,
            token=token,
            keys=keys,
            userinfo=found[3] if isinstance(found[3], str) else "",
            names_itself=given.get("authorization_response_iss_parameter_supported") is True,
            posts_secret="client_secret_basic" not in methods and "client_secret_post" in methods,
        )


def need_extra() -> None:
    """EngineError ACC051 where the libraries of the extra `oidc` are not installed."""
    missing = [each for each in ("httpx", "joserfc") if importlib.util.find_spec(each) is None]
    if missing:
        raise EngineError(Issue("ACC051", ", ".join(missing)))


def _secret(settings: OidcSettings) -> str:
    if not settings.client_secret_file:
        return ""
    try:
        return Path(settings.client_secret_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ClaimError(f"access.oidc.client_secret_file: {type(error).__name__}") from None


def _encoded(part: str) -> str:
    """A part of HTTP basic authentication as OAuth wants it (RFC 6749, 2.3.1)."""
    return quote_plus(part)


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise ClaimError("an answer that is not JSON") from None
    if not isinstance(found, dict):
        raise ClaimError("an answer that is not an object")
    return found
