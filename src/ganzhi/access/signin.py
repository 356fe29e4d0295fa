"""Signing in and staying so. (Interface; the bodies follow.)

The cookie (`__Host-`, HttpOnly, Secure, SameSite=Lax) holds `Started.secret` and is the page's matter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ganzhi.access.accounts import Accounts
from ganzhi.access.rights import RoleName, Viewer
from ganzhi.base.messages import Lang
from ganzhi.base.settings import Settings
from ganzhi.store.open import Store


@dataclass(frozen=True, slots=True)
class Session:
    """Who is there. csrf: the token that forms and htmx send back. id: names the session in lists; not a secret."""

    login: str
    viewer: Viewer
    csrf: str = field(repr=False)
    id: str
    locale: Lang
    started_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Started:
    """A session that begins, and the secret for the cookie, which is shown here only."""

    secret: str = field(repr=False)
    session: Session


class SignIn:
    """Passwords, sessions and demonstration visits of a store."""

    def __init__(self, store: Store, settings: Settings, accounts: Accounts) -> None:
        raise NotImplementedError

    @property
    def needed(self) -> bool:
        """Whether a visit begins with signing in: some account is there, or settings name a provider or a demonstration."""
        raise NotImplementedError

    def password(self, login: str, password: str, *, address: str, agent: str) -> Started:
        """Sign in by password; the old session, if any, is the caller's to `end`.

        Raises: NotSignedInError ACC020, the same for every reason; TooManyAttemptsError.
        """
        raise NotImplementedError

    def demo(self, role: RoleName, units: tuple[str, ...], *, agent: str) -> Started:
        """Sign in as a role, without a password; NotSignedInError ACC024 unless the settings say `access.demo`."""
        raise NotImplementedError

    def session(self, secret: str) -> Session | None:
        """The session behind a cookie; None when it is over (30 min idle, 12 h in all), ended, its user disabled."""
        raise NotImplementedError

    def end(self, secret: str) -> None:
        """Sign out; nothing happens for a session that is over."""
        raise NotImplementedError

    def csrf_holds(self, session: Session, given: str) -> bool:
        """Whether a form or a request of htmx brings the session's token."""
        raise NotImplementedError
