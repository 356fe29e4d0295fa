"""The whole of access for a store: what pages, API and commands ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from ganzhi.access.accounts import Accounts
from ganzhi.access.oidc import Oidc
from ganzhi.access.passwords import Passwords
from ganzhi.access.signin import SignIn
from ganzhi.access.tokens import Tokens
from ganzhi.access.trail import Trail
from ganzhi.base.settings import Settings
from ganzhi.store.open import Store


@dataclass(frozen=True, slots=True)
class Access:
    """Accounts, sign-in, tokens, the provider, and the audit trail."""

    accounts: Accounts
    signin: SignIn
    tokens: Tokens
    oidc: Oidc
    trail: Trail


def open_access(store: Store, settings: Settings, passwords: Passwords | None = None) -> Access:
    """Access over an open store. passwords: by default as costly as they should be."""
    shared = passwords or Passwords()
    accounts = Accounts(store, shared, timedelta(minutes=settings.access.idle_minutes))
    signin = SignIn(store, settings, accounts, shared)
    return Access(accounts, signin, Tokens(store), Oidc(store, settings, accounts, signin), Trail(store))
