"""Signing in and staying so: passwords, sessions, demonstration visits.

A session's secret is 256 random bits in a cookie (`__Host-`, HttpOnly, Secure, SameSite=Lax: the page's matter);
the store keeps its hash. It ends when it is idle, when its time is up, when it is ended, and with its
user. Whether a login exists shows neither in words nor in time. Reasons for a refusal go to the log.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Never

from ganzhi.access.accounts import Accounts, normal_login, viewer_of
from ganzhi.access.passwords import Passwords
from ganzhi.access.refused import NotSignedInError, TooManyAttemptsError
from ganzhi.access.rights import ROLES, RoleName, Viewer
from ganzhi.access.second.factor import SecondFactor
from ganzhi.access.secrets import hash_of, new_secret
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.ids import digest
from ganzhi.base.messages import Lang
from ganzhi.base.settings import Settings
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.accounts.accounts import DEMO, AccountRows
from ganzhi.store.accounts.acts import Act
from ganzhi.store.accounts.attempts import AttemptRows, Limit
from ganzhi.store.accounts.records import Account, AccountChangedError, KeptSession
from ganzhi.store.accounts.sessions import SessionRows
from ganzhi.store.open import Store

LOG: Final = logging.getLogger("ganzhi.access")

OF_BOTH: Final = Limit(5, timedelta(minutes=1), timedelta(minutes=15), timedelta(minutes=10))
"""Failures of one account from one address: five in a minute, then ever longer waits, never a lock."""

OF_ADDRESS: Final = Limit(30, timedelta(seconds=10), timedelta(minutes=1), timedelta(seconds=20))
"""Failures from one address over all accounts; loose, because a whole hall may share an address."""

AGENT_LENGTH: Final = 120

CODE_LENGTH: Final = 40
"""Characters of a code that are looked at."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who is there. csrf: the token that forms and htmx send back. id: names the session in lists; not a secret. owes:
    they must set up a second factor first, and can do nothing else."""

    login: str
    viewer: Viewer
    csrf: str = field(repr=False)
    id: str
    locale: Lang
    started_at: datetime
    ends_at: datetime
    owes: bool = False


@dataclass(frozen=True, slots=True)
class Started:
    """A session that begins, and the secret for the cookie, which is shown here only."""

    secret: str = field(repr=False)
    session: Session


class SignIn:
    """Passwords, sessions and demonstration visits of a store."""

    def __init__(
        self, store: Store, settings: Settings, accounts: Accounts, passwords: Passwords | None = None
    ) -> None:
        self._clock = store.clock
        self._store_id = store.id
        self._settings = settings.access
        self._accounts = accounts
        self._passwords = passwords or Passwords()
        self._rows = AccountRows(store.database)
        self.second = SecondFactor(store, settings.access)
        self._attempts = AttemptRows(store.database)
        self._sessions = SessionRows(store.database, timedelta(minutes=settings.access.idle_minutes))

    @property
    def needed(self) -> bool:
        """Whether a visit begins with signing in: somebody has an account, or settings name a provider or a
        demonstration."""
        return self._settings.demo or bool(self._settings.oidc.issuer) or self._accounts.any()

    def password(self, login: str, password: str, *, address: str, agent: str, code: str = "") -> Started:
        """Sign in by password; the old session, if any, is the caller's to `end`.

        address: of the browser, as the service trusts it. agent: what the browser says it is. code: of the second factor.
        Raises: NotSignedInError ACC020, the same for every reason but one: ACC025 for a right password without a code
        that fits, which counts as a failure like others; TooManyAttemptsError.
        """
        login = normal_login(login).encode("utf-8", "backslashreplace").decode()
        both, alone = digest(self._store_id, "both", login, address), digest(self._store_id, "address", address)
        reserved = self._attempts.reserve({both: OF_BOTH, alone: OF_ADDRESS}, self._clock.now())
        if reserved.wait > timedelta():
            LOG.warning("sign-in has to wait, after %d failures", reserved.failures - 1)
            raise TooManyAttemptsError(math.ceil(reserved.wait.total_seconds()))
        found = self._rows.get(login) if len(login) <= 64 and login.isprintable() else None
        fits = self._passwords.fits(None if found is None else found.password, password)
        if found is None or not fits or not found.active:
            self._refuse(found, fits, reserved.failures)
        factor = self.second.of(found.login)
        if factor is not None and not self.second.takes(factor, code[:CODE_LENGTH]):
            LOG.warning("sign-in refused: no code that fits, failure %d of %s", reserved.failures, found.login)
            raise NotSignedInError(Issue("ACC025"))
        self._attempts.forgive(reserved, forget=both, take_back=alone)
        try:
            return self._start(self._accounts.rehash(found, password), "password", agent)
        except AccountChangedError:
            self._refuse(found, fits, reserved.failures)

    def demo(self, catalogue: Catalogue, role: RoleName, units: tuple[str, ...], *, agent: str) -> Started:
        """Sign in as a role over some units (empty: all), without a password, in an account that is nobody's.

        Raises: NotSignedInError ACC024 unless the settings say `access.demo`; InputError as `Accounts.add`.
        """
        if not self._settings.demo or role not in ROLES:
            LOG.warning("sign-in for a demonstration, which the settings do not allow")
            raise NotSignedInError(Issue("ACC024"))
        found = self._accounts.of_identity(DEMO, role)
        if found is None:
            try:
                found = self._accounts.add(catalogue, f"demo-{role}", role, role, units, by=DEMO, identity=(DEMO, role))
            except InputError as error:
                found = self._accounts.of_identity(DEMO, role)  # another visitor was quicker
                if found is None:
                    raise error from None
        if found.units != units:
            found = self._accounts.set_units(catalogue, found, units, by=DEMO)
        return self._start(found, "demo", agent)

    def start(self, account: Account, how: str, agent: str, provider_session: str | None = None) -> Started:
        """Start a session for somebody who has proved who they are in another way; NotSignedInError ACC020 when they
        may not come in."""
        try:
            return self._start(account, how, agent, provider_session)
        except AccountChangedError:
            self._refuse(account, True, 0)

    def session(self, secret: str) -> Session | None:
        """The session behind a cookie; None when it is over (idle, or its time is up), ended, or its user disabled."""
        now = self._clock.now()
        found = self._sessions.get(hash_of(secret), now)
        if found is None or (found[1].issuer == DEMO and not self._settings.demo):
            return None
        self._sessions.see(found[0], now)
        return _session(*found, owes=self.second.owed(found[1]))

    def end(self, secret: str) -> None:
        """Sign out; nothing happens for a session that is over."""
        found = self._sessions.get(hash_of(secret), self._clock.now())
        if found is not None:
            act = Act(found[1].login, self._clock.now(), "session.end", found[1].login, {"how": "sign-out"})
            self._sessions.end_one(act, found[0].id)

    def end_at_provider(self, issuer: str, *, subject: str | None, session: str | None) -> int:
        """End the sessions that somebody's provider says are over; how many."""
        act = Act("provider", self._clock.now(), "session.end", subject or "session", {"how": "provider"})
        return self._sessions.end_at_provider(act, issuer, subject=subject, session=session)

    def _start(self, account: Account, how: str, agent: str, provider_session: str | None = None) -> Started:
        now, secret = self._clock.now(), new_secret()
        kept = KeptSession(
            id=hash_of(secret),
            login=account.login,
            csrf=new_secret(),
            started_at=now,
            seen_at=now,
            ends_at=now + timedelta(hours=self._settings.hours),
            agent=_short(agent),
            provider_session=provider_session,
        )
        self._sessions.start(kept, account, Act(account.login, now, "session.start", account.login, {"how": how}))
        return Started(secret, _session(kept, account, owes=self.second.owed(account)))

    @staticmethod
    def _refuse(found: Account | None, fits: bool, failures: int) -> Never:
        known = "unknown" if found is None else "disabled" if not found.active else "changed" if fits else "wrong"
        LOG.warning("sign-in refused: %s, failure %d of %s", known, failures, "-" if found is None else found.login)
        raise NotSignedInError(Issue("ACC020"))


def _session(kept: KeptSession, owner: Account, *, owes: bool) -> Session:
    return Session(
        login=owner.login,
        viewer=viewer_of(owner),
        csrf=kept.csrf,
        id=kept.id,
        locale=owner.locale,
        started_at=kept.started_at,
        ends_at=kept.ends_at,
        owes=owes,
    )


def _short(agent: str) -> str:
    """What a browser says it is, as far as a list of sessions needs it."""
    return "".join(each if each.isprintable() else " " for each in agent[:AGENT_LENGTH])
