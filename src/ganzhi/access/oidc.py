"""Signing in by the OpenID Connect provider that `[access.oidc]` names: code flow with PKCE.

A browser leaves with a state and a nonce that are bound to a cookie of its own and serve once. Who
comes back is known by issuer and subject, never by a name or a mail address; their role and units
are what the rules of the settings make of the provider's claims, anew at each sign-in. Why somebody
is not let in stands in the log only.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Never
from urllib.parse import urlencode

from ganzhi.access.accounts import Accounts, may_be_login
from ganzhi.access.claims import (
    ClaimError,
    Claims,
    Standing,
    UnknownKeyError,
    check_logout,
    check_sign_in,
    read_token,
    session_of,
    standing_of,
)
from ganzhi.access.provider import Provider, need_extra
from ganzhi.access.refused import NotSignedInError
from ganzhi.access.secrets import hash_of, new_secret, same
from ganzhi.access.signin import SignIn, Started
from ganzhi.base.errors import EngineError, InputError, Issue
from ganzhi.base.settings import Settings
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.accounts.departures import DepartureRows, KeptDeparture
from ganzhi.store.accounts.records import Account
from ganzhi.store.open import Store

LOG: Final = logging.getLogger("ganzhi.access")

DEPARTURE_LIVES: Final = timedelta(minutes=10)
RETURN_PATH: Final = "/sign-in/oidc"

_ACTOR: Final = "provider"
_NOT_IN_LOGINS: Final = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and the secret for a short-lived cookie (10 min, HttpOnly, SameSite=Lax) that it
    returns with."""

    address: str
    secret: str = field(repr=False)


class Oidc:
    """The provider that `[access.oidc]` names. provider: how it is reached, by default as the settings say."""

    def __init__(
        self, store: Store, settings: Settings, accounts: Accounts, signin: SignIn, provider: Provider | None = None
    ) -> None:
        self._clock = store.clock
        self._settings = settings.access.oidc
        self._accounts = accounts
        self._signin = signin
        self._departures = DepartureRows(store.database)
        self._provider = provider

    @property
    def offered(self) -> bool:
        """Whether the settings name a provider."""
        return bool(self._settings.issuer)

    @property
    def name(self) -> str:
        """What the provider is called on the button."""
        return self._settings.name or self._settings.issuer

    def depart(self, *, back_to: str) -> Departure:
        """Begin. back_to: path within the portal to go to afterwards; anything else becomes `/`.

        Raises: EngineError ACC050 when the provider is not there, ACC051 without the extra `oidc`.
        """
        provider = self._reached()
        try:
            described = provider.description()
        except ClaimError as error:
            LOG.error("the identity provider cannot be used: %s", error)
            raise EngineError(Issue("ACC050", self._settings.issuer), retryable=True) from None
        secret, state, nonce, verifier = (new_secret() for _ in range(4))
        now = self._clock.now()
        inside = back_to if _is_path(back_to) else "/"
        kept = KeptDeparture(hash_of(secret), hash_of(state), nonce, verifier, inside, now + DEPARTURE_LIVES)
        self._departures.add(kept, now)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._redirect,
            "scope": self._settings.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in described.authorize else "?"
        return Departure(described.authorize + joint + urlencode(query), secret)

    def arrive(self, catalogue: Catalogue, query: Mapping[str, str], secret: str, *, agent: str) -> tuple[Started, str]:
        """Finish, with the query the browser was sent back with and its cookie's secret: the session and `back_to`.

        Raises: NotSignedInError ACC023, the same for every reason; EngineError ACC051.
        """
        provider = self._reached()
        try:
            departure = self._returned(query, secret)
            claims, subject = self._identify(provider, query.get("code", ""), departure)
            standing = standing_of(claims, self._settings)
            account = self._account(catalogue, subject, standing, claims)
        except ClaimError as error:
            self._refuse(str(error))
        except InputError as error:
            # A unit of the rules that is not there, or the last administrator, whom the rules would demote.
            self._refuse(str(error))
        return self._signin.start(account, "provider", agent, session_of(claims)), departure.back_to

    def leave(self, logout_token: str) -> int:
        """Back-channel logout: end the sessions it names; how many. NotSignedInError ACC023 for one that does not hold."""
        provider = self._reached()
        try:
            subject, session = check_logout(self._claims(provider, logout_token))
        except ClaimError as error:
            self._refuse(f"logout: {error}")
        return self._signin.end_at_provider(self._settings.issuer, subject=subject, session=session)

    @property
    def _redirect(self) -> str:
        return self._settings.portal_url.rstrip("/") + RETURN_PATH

    def _reached(self) -> Provider:
        if not self.offered:
            self._refuse("the settings name no provider")
        if self._provider is None:
            need_extra()
            self._provider = Provider(self._settings, self._clock)
        return self._provider

    def _returned(self, query: Mapping[str, str], secret: str) -> KeptDeparture:
        """The departure that this browser comes back from; it serves once, whatever comes of it."""
        found = self._departures.take(hash_of(secret), self._clock.now())
        if found is None:
            raise ClaimError("no such departure: too late, a second time, or another browser")
        if not same(found.state, hash_of(query.get("state", ""))):
            raise ClaimError("state of another browser")
        if "error" in query:
            raise ClaimError(f"the provider says {query['error'][:40]!r}")
        return found

    def _identify(self, provider: Provider, code: str, departure: KeptDeparture) -> tuple[Claims, str]:
        """The claims about whoever signed in there, and their subject."""
        if not code:
            raise ClaimError("without a code")
        tokens = provider.exchange(code, departure.verifier, self._redirect)
        claims = self._claims(provider, tokens.get("id_token"))
        subject = check_sign_in(claims, departure.nonce)
        access = tokens.get("access_token")
        wanted = [name.partition(".")[0] for name in (self._settings.role_claim, self._settings.unit_claim) if name]
        if all(name in claims for name in wanted) or not isinstance(access, str):
            return claims, subject
        more = provider.userinfo(access)
        if more and more.get("sub") != subject:
            raise ClaimError("userinfo of somebody else")
        return {**more, **claims}, subject

    def _claims(self, provider: Provider, token: object) -> Claims:
        with suppress(UnknownKeyError):
            return read_token(token, provider.keys(), self._settings, self._clock.now())
        return read_token(token, provider.keys(fresh=True), self._settings, self._clock.now())

    def _account(self, catalogue: Catalogue, subject: str, standing: Standing, claims: Claims) -> Account:
        """The account of this subject, new or brought in line with what the provider says now."""
        issuer = self._settings.issuer
        found = self._accounts.of_identity(issuer, subject)
        if found is None:
            login, name = self._new_login(subject, claims), _text(claims, "name") or _text(claims, "preferred_username")
            return self._accounts.add(
                catalogue, login, name or login, standing.role, standing.units, by=_ACTOR, identity=(issuer, subject)
            )
        if not found.active:
            raise ClaimError("a disabled account")
        return self._accounts.set_standing(catalogue, found, standing.role, standing.units, by=_ACTOR)

    def _new_login(self, subject: str, claims: Claims) -> str:
        """A login nobody has: what they are called there, if that is free and fit to be one; never one that is taken."""
        called = _NOT_IN_LOGINS.sub("-", _text(claims, "preferred_username").casefold()).strip("-._")[:40]
        taken = {account.login for account in self._accounts.list()}
        if may_be_login(called) and called not in taken:
            return called
        ending = hash_of(f"{self._settings.issuer} {subject}")[:12]
        return f"{called}-{ending}" if may_be_login(called) else f"user-{ending}"

    @staticmethod
    def _refuse(reason: str) -> Never:
        LOG.warning("sign-in by the identity provider refused: %s", reason)
        raise NotSignedInError(Issue("ACC023")) from None


def _is_path(given: str) -> bool:
    """Whether it is a path of this portal, and not an address of another in disguise."""
    return given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable() and "\\" not in given


def _text(claims: Claims, name: str) -> str:
    found = claims.get(name)
    return found.strip()[:100] if isinstance(found, str) and found.isprintable() else ""
