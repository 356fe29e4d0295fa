"""Signing in by an OpenID Connect provider. (Interface; the bodies follow.)"""

from __future__ import annotations

from dataclasses import dataclass, field

from ganzhi.access.signin import SignIn, Started
from ganzhi.base.settings import Settings
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.open import Store


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and the secret for a short-lived cookie (10 min, HttpOnly, SameSite=Lax) it returns with."""

    address: str
    secret: str = field(repr=False)


class Oidc:
    """The provider that `[access.oidc]` names."""

    def __init__(self, store: Store, settings: Settings, signin: SignIn) -> None:
        raise NotImplementedError

    @property
    def offered(self) -> bool:
        """Whether the settings name a provider."""
        raise NotImplementedError

    def depart(self, *, back_to: str) -> Departure:
        """Begin; back_to: path within the portal to go to afterwards. EngineError ACC050 when the provider is not there."""
        raise NotImplementedError

    def arrive(self, catalogue: Catalogue, query: dict[str, str], secret: str, *, agent: str) -> tuple[Started, str]:
        """Finish with the query the provider sent the browser back with and the cookie's secret: the session and `back_to`.

        Raises: NotSignedInError ACC023, the same for every reason.
        """
        raise NotImplementedError

    def leave(self, logout_token: str) -> int:
        """Back-channel logout: end the sessions it names; how many. NotSignedInError ACC023 for a token that does not hold."""
        raise NotImplementedError
