"""Accounts: who may sign in, as what, over which units.

Every act takes `by`, the login of who does it, and stands in the audit trail in the transaction that
does it. A change takes the account as it was seen; if somebody changed it meanwhile it is refused with
both states (`AccountChangedError`). Accounts are never deleted: their name stands in the trail.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from ganzhi.access.passwords import Passwords
from ganzhi.access.rights import ROLES, Ground, RoleName, Viewer
from ganzhi.access.secrets import hash_of, new_secret
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.messages import Lang
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.accounts.accounts import DEMO, AccountRows
from ganzhi.store.accounts.acts import Act
from ganzhi.store.accounts.records import Account, KeptSession
from ganzhi.store.accounts.sessions import SessionRows
from ganzhi.store.open import Store

LINK_LIVES: Final = timedelta(hours=24)
WELCOME: Final = "/welcome/"

LOGIN_PATTERN: Final = r"[a-z0-9][a-z0-9._@-]{1,63}"
"""Logins: small letters, digits, `.`, `_`, `@`, `-`; 2 to 64 characters."""

RESERVED: Final = frozenset({"local", "demo", "console", "system", "schedule", "provider", "nobody"})
"""Names that the audit trail uses for others than people with an account."""

_LOGIN: Final = re.compile(LOGIN_PATTERN)
_DEMO_LOGIN: Final = "demo-"


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link to set a password. path: `/welcome/<secret>`, shown once and kept nowhere."""

    path: str
    ends_at: datetime


def viewer_of(account: Account) -> Viewer:
    """What an account may see and do now; nothing for a role that this program does not know."""
    role = next((each for each in ROLES if each == account.role), None)
    if role is None:
        return Viewer(account.login, account.name, "leader", account.units, frozenset())
    return Viewer(account.login, account.name, role, account.units, ROLES[role].rights)


def normal_login(given: str) -> str:
    """A login as it is kept, whatever way it was typed."""
    return unicodedata.normalize("NFC", given).strip().casefold()


class Accounts:
    """The accounts of a store. passwords: by default as costly as they should be."""

    def __init__(
        self, store: Store, passwords: Passwords | None = None, idle: timedelta = timedelta(minutes=30)
    ) -> None:
        self._clock = store.clock
        self._rows = AccountRows(store.database)
        self._sessions = SessionRows(store.database, idle)
        self._passwords = passwords or Passwords()

    def any(self) -> bool:
        """Whether somebody has an account; as long as nobody has, the workspace has one local user (`rights.LOCAL`)."""
        return self._rows.any()

    def list(self) -> tuple[Account, ...]:
        """All accounts, active ones first, by login."""
        return self._rows.list()

    def find(self, login: str) -> Account:
        """The account; InputError ACC011 when there is none."""
        found = self._rows.get(normal_login(login))
        if found is None:
            raise InputError(Issue("ACC011", login[:64]))
        return found

    def add(
        self,
        catalogue: Catalogue,
        login: str,
        name: str,
        role: RoleName,
        units: tuple[str, ...],
        *,
        by: str,
        locale: Lang = "zh",
        identity: tuple[str, str] | None = None,
    ) -> Account:
        """A new account without a password. units: empty for the whole organisation. identity: issuer and subject
        of somebody whom an identity provider knows.

        Raises: InputError with every issue: ACC012 (login), ACC013 (taken), ACC014 (name), ACC015 (role),
        REQ012 (unit).
        """
        login = normal_login(login)
        issues = _check_login(login, identity) + _check_name(name) + _check_role(role) + check_units(catalogue, units)
        if issues:
            raise InputError(issues)
        issuer, subject = identity or (None, None)
        made = Account(
            login=login,
            name=name.strip(),
            role=role,
            units=units,
            locale=locale,
            state="active",
            password=None,
            issuer=issuer,
            subject=subject,
            created_at=self._clock.now(),
            version=1,
        )
        self._rows.add(made, self._act(by, "account.add", login, {"role": role, "units": _told(units)}))
        return made

    def set_role(self, seen: Account, role: RoleName, *, by: str) -> Account:
        """Give another role; InputError ACC016 for the last active administrator, ACC015 for a role there is not."""
        if issues := _check_role(role):
            raise InputError(issues)
        return self._change(seen, by, "account.role", {"from": seen.role, "to": role}, role=role)

    def set_units(self, catalogue: Catalogue, seen: Account, units: tuple[str, ...], *, by: str) -> Account:
        """Give other units; empty for the whole organisation. InputError REQ012 for each that is not there."""
        if issues := check_units(catalogue, units):
            raise InputError(issues)
        return self._change(seen, by, "account.units", {"from": _told(seen.units), "to": _told(units)}, units=units)

    def set_standing(
        self, catalogue: Catalogue, seen: Account, role: RoleName, units: tuple[str, ...], *, by: str
    ) -> Account:
        """Give another role and other units in one act, so that nobody has the one with the old other; errors as of both."""
        if issues := _check_role(role) + check_units(catalogue, units):
            raise InputError(issues)
        detail = {
            "from": {"role": seen.role, "units": _told(seen.units)},
            "to": {"role": role, "units": _told(units)},
        }
        return self._change(seen, by, "account.standing", detail, role=role, units=units)

    def set_name(self, seen: Account, name: str, *, by: str, locale: Lang | None = None) -> Account:
        """Change what they are called, and the language of their pages."""
        if issues := _check_name(name):
            raise InputError(issues)
        return self._change(seen, by, "account.name", {}, name=name.strip(), locale=locale or seen.locale)

    def disable(self, seen: Account, *, by: str) -> Account:
        """Shut out at once: sessions end, tokens and links stop; InputError ACC016 for the last active administrator."""
        ends = {"end_sessions": True, "end_links": True}
        return self._change(seen, by, "account.disable", {}, ends, state="disabled")

    def enable(self, seen: Account, *, by: str) -> Account:
        """Let in again."""
        return self._change(seen, by, "account.enable", {}, state="active")

    def set_password(self, seen: Account, password: str, *, by: str, keep: str = "") -> Account:
        """Set a password; InputError with every reason against it (ACC030–ACC035). All their sessions end, but `keep`
        (a session's id), and open links too."""
        hashed = self._passwords.hashed(password, seen.login)
        ends = {"end_sessions": True, "keep": keep, "end_links": True}
        return self._change(seen, by, "account.password", {}, ends, password=hashed)

    def fits(self, seen: Account, password: str) -> bool:
        """Whether it is the account's password, for pages that ask for it once more."""
        return self._passwords.fits(seen.password, password)

    def issue_link(self, seen: Account, *, by: str) -> Link:
        """A link for 24 hours, in place of earlier ones; InputError ACC017 for an account that is not active."""
        secret = new_secret()
        act = self._act(by, "account.link", seen.login)
        ends_at = act.at + LINK_LIVES
        self._rows.add_link(hash_of(secret), seen, ends_at, act)
        return Link(WELCOME + secret, ends_at)

    def link_owner(self, secret: str) -> Account | None:
        """Whose link it is, for the page behind it; None when it is spent, over, or nobody's. Does not spend it."""
        return self._rows.link_owner(hash_of(secret), self._clock.now())

    def redeem_link(self, secret: str, password: str) -> Account:
        """Set the first or a new password by a link, which is spent then; a password that is refused does not spend it.

        Raises: InputError ACC022 when the link is spent, over, or nobody's, otherwise as `set_password`.
        """
        owner = self.link_owner(secret)
        if owner is None:
            raise InputError(Issue("ACC022"))
        hashed = self._passwords.hashed(password, owner.login)
        ends = {"end_sessions": True, "end_links": True, "spend": hash_of(secret)}
        return self._change(owner, owner.login, "account.password", {"by": "link"}, ends, password=hashed)

    def rehash(self, seen: Account, password: str) -> Account:
        """Hash a password that fitted just now by today's parameters, if it was hashed by others."""
        if seen.password is None or not self._passwords.outdated(seen.password):
            return seen
        hashed = self._passwords.rehashed(password)
        return self._change(seen, seen.login, "account.rehash", {}, password=hashed)

    def sessions(self, login: str) -> tuple[KeptSession, ...]:
        """Sessions that are open now, newest first."""
        return self._sessions.of(login, self._clock.now())

    def end_sessions(self, login: str, *, by: str, session: str = "", keep: str = "") -> int:
        """End all their sessions, or the one with this id, or all but `keep`; how many."""
        act = self._act(by, "session.end", login, {"how": "one" if session else "others" if keep else "all"})
        return self._sessions.end_of(act, login, only=session, keep=keep)

    def of_identity(self, issuer: str, subject: str) -> Account | None:
        """The account of somebody whom an identity provider knows."""
        return self._rows.of_subject(issuer, subject)

    def _act(self, by: str, name: str, login: str, detail: Mapping[str, object] | None = None) -> Act:
        return Act(by, self._clock.now(), name, login, detail or {})

    def _change(
        self,
        seen: Account,
        by: str,
        did: str,
        detail: Mapping[str, object],
        ends: Mapping[str, Any] | None = None,
        **values: Any,
    ) -> Account:
        if not ends and all(getattr(seen, key) == value for key, value in values.items()):
            return seen
        return self._rows.change(seen, self._act(by, did, seen.login, detail), **(ends or {}), **values)


def _told(units: tuple[str, ...]) -> str:
    return " ".join(units) or "*"


def check_units(catalogue: Catalogue, units: tuple[str, ...]) -> list[Issue]:
    """REQ012 for each unit that nobody has."""
    return check_within(Ground(catalogue, Viewer("", "", "leader", (), frozenset())), units)


def check_within(ground: Ground, units: tuple[str, ...]) -> list[Issue]:
    """REQ012 for each unit out of reach, as if nobody had it."""
    issues: list[Issue] = []
    for code in units:
        try:
            ground.unit(code)
        except InputError as error:
            issues.extend(error.issues)
    return issues


def may_be_login(login: str) -> bool:
    """Whether somebody may be called so: well-formed, and no name that the trail uses for others than people."""
    return _LOGIN.fullmatch(login) is not None and login not in RESERVED and not login.startswith(_DEMO_LOGIN)


def _check_login(login: str, identity: tuple[str, str] | None) -> list[Issue]:
    ours = identity is not None and identity[0] == DEMO and login.startswith(_DEMO_LOGIN)
    return [] if ours or may_be_login(login) else [Issue("ACC012", login[:64])]


def _check_name(name: str) -> list[Issue]:
    text = name.strip()
    wrong = any(unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") for each in text)
    return [] if 0 < len(text) <= 100 and not wrong else [Issue("ACC014", "name")]


def _check_role(role: str) -> list[Issue]:
    return [] if role in ROLES else [Issue("ACC015", role[:64], params={"known": ", ".join(ROLES)})]
