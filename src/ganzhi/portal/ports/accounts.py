"""Ports of sign-in, of one's own account, and of the administration of accounts.

`Entry` is for everybody. `Own` acts only on the account of its viewer. `Desk` asks for the right
`accounts` at each call, and a desk with units of its own sees and gives only what lies within them: an
account beyond them is answered like one that nobody has.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from ganzhi.access.accounts import Link
from ganzhi.access.oidc import Departure
from ganzhi.access.open import Access
from ganzhi.access.rights import AccessError, Ground, Right, RoleName, Viewer
from ganzhi.access.second.factor import SecondFactor
from ganzhi.access.signin import Started
from ganzhi.access.tokens import Issued
from ganzhi.access.trail import TrailPage
from ganzhi.base.errors import InputError, Issue
from ganzhi.base.messages import Lang
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.portal.gate.demo import DemoRole, demo_account, demo_roles
from ganzhi.portal.gate.limits import Limits
from ganzhi.store.accounts.records import Account, KeptSession, Token

Mode = Literal["local", "guarded", "demo"]
"""local: nobody has an account, and whoever sits at the machine may do everything. demo: visitors choose a role."""

FIRST_ROLE: RoleName = "administrator"
"""What the first account of a workspace must be, because whoever made it is a stranger from then on."""


class Entry:
    """Ways in, for everybody. guarded: whether visits begin with signing in."""

    def __init__(self, access: Access, catalogue: Catalogue, guarded: Callable[[], bool], *, demo: bool) -> None:
        self._access = access
        self._catalogue = catalogue
        self._guarded = guarded
        self._demo = demo

    @property
    def mode(self) -> Mode:
        """How visits begin."""
        return "demo" if self._demo else "guarded" if self._guarded() else "local"

    @property
    def provider(self) -> str | None:
        """What the identity provider is called, None without one."""
        return self._access.oidc.name if self._access.oidc.offered else None

    def by_password(self, login: str, password: str, address: str, agent: str, code: str = "") -> Started:
        """Sign in; NotSignedInError, or TooManyAttemptsError. code: of the second factor."""
        return self._access.signin.password(login, password, address=address, agent=agent, code=code)

    def depart(self, back_to: str) -> Departure:
        """Where to send a browser that signs in at the provider; EngineError when it is not there."""
        return self._access.oidc.depart(back_to=back_to)

    def arrive(self, query: Mapping[str, str], secret: str, agent: str) -> tuple[Started, str]:
        """A browser back from the provider: its session and where it wanted to go; NotSignedInError."""
        return self._access.oidc.arrive(self._catalogue, query, secret, agent=agent)

    def invited(self, secret: str) -> Account | None:
        """Whose one-time link it is; None when it is spent, over, or nobody's."""
        return self._access.accounts.link_owner(secret)

    def set_first_password(self, secret: str, password: str, agent: str) -> Started | None:
        """Spend a one-time link on a password, and sign in; None for somebody with a second factor, who signs in with
        it then. InputError with what is against the password."""
        account = self._access.accounts.redeem_link(secret, password)
        if self._access.signin.second.of(account.login) is not None:
            return None
        return self._access.signin.start(account, "link", agent)

    def leave_by_provider(self, logout_token: str) -> None:
        """End the sessions that the provider says are over; NotSignedInError for a token that does not hold."""
        self._access.oidc.leave(logout_token)

    def end(self, login: str, session: str) -> None:
        """End the session with this id."""
        self._access.accounts.end_sessions(login, by=login, session=session)

    @property
    def demo_roles(self) -> tuple[DemoRole, ...]:
        """Roles that a visitor may choose, none outside a demonstration."""
        return demo_roles(self._catalogue) if self._demo else ()

    @property
    def unit_names(self) -> Mapping[str, Text]:
        """Names of the units of `demo_roles`."""
        return {unit: self._catalogue.units[unit].name for role in self.demo_roles for unit in role.units}

    def as_demo(self, role: DemoRole, agent: str, lang: Lang) -> Started:
        """Come in as one of `demo_roles`."""
        account = demo_account(self._access.accounts, self._catalogue, role, lang)
        return self._access.signin.start(account, "demo", agent)


class Own:
    """What somebody does about their own account."""

    def __init__(self, access: Access, catalogue: Catalogue, viewer: Viewer) -> None:
        self._access = access
        self._catalogue = catalogue
        self._viewer = viewer

    @property
    def account(self) -> Account:
        """The account as it is now; InputError ACC011 for a viewer without one."""
        return self._access.accounts.find(self._viewer.login)

    @property
    def second(self) -> SecondFactor:
        """Second factors; what is done to one takes the account of this viewer."""
        return self._access.signin.second

    @property
    def ground(self) -> Ground:
        """The units within reach."""
        return Ground(self._catalogue, self._viewer)

    def rename(self, seen: Account, name: str, locale: Lang) -> None:
        """Change name and language."""
        self._access.accounts.set_name(seen, name, by=self._viewer.login, locale=locale)

    def fits(self, password: str) -> bool:
        """Whether it is the password."""
        return self._access.accounts.fits(self.account, password)

    def change_password(self, seen: Account, old: str, new: str, session: str) -> None:
        """Set another password; InputError POR044 when the old one does not fit. Other sessions end."""
        if not self._access.accounts.fits(seen, old):
            raise InputError(Issue("POR044", "old"))
        self._access.accounts.set_password(seen, new, by=self._viewer.login, keep=session)

    @property
    def sessions(self) -> tuple[KeptSession, ...]:
        """Open sessions, newest first."""
        return self._access.accounts.sessions(self._viewer.login)

    def end_session(self, session: str) -> None:
        """End one session; nothing happens to somebody else's."""
        self._access.accounts.end_sessions(self._viewer.login, by=self._viewer.login, session=session)

    def end_others(self, keep: str) -> int:
        """End all sessions but one; how many."""
        return self._access.accounts.end_sessions(self._viewer.login, by=self._viewer.login, keep=keep)

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Tokens, newest first."""
        return self._access.tokens.list(self._viewer.login)

    def issue(self, name: str, rights: Collection[Right], units: tuple[str, ...], days: int) -> Issued:
        """A new token, whose text is shown once; InputError with every reason against it."""
        by = self._viewer.login
        return self._access.tokens.issue(self._catalogue, self.account, name, rights, units, days=days, by=by)

    def revoke(self, prefix: str) -> None:
        """End a token; InputError ACC043 for somebody else's as for nobody's."""
        if self._access.tokens.find(prefix).login != self._viewer.login:
            raise InputError(Issue("ACC043", prefix[:64]))
        self._access.tokens.revoke(prefix, by=self._viewer.login)


class Desk:
    """The accounts of others, for viewers with the right `accounts`."""

    def __init__(self, access: Access, catalogue: Catalogue, entry: Entry, viewer: Viewer) -> None:
        self._entry = entry
        self._accounts = access.accounts
        self._tokens = access.tokens
        self._catalogue = catalogue
        self._viewer = viewer

    @property
    def ground(self) -> Ground:
        """The units that the desk may give."""
        return Ground(self._catalogue, self._viewer)

    @property
    def bounded(self) -> bool:
        """Whether the desk may not give the whole organisation."""
        return bool(self._viewer.units)

    @property
    def empty(self) -> bool:
        """Whether there is no account yet, so that whoever is at the machine is the local user."""
        return self._entry.mode == "local"

    def list(self) -> tuple[Account, ...]:
        """Accounts within reach, active ones first."""
        self._viewer.require("accounts")
        ground = self.ground
        return tuple(account for account in self._accounts.list() if self._reaches(ground, account))

    def find(self, login: str) -> Account:
        """An account; InputError ACC011 when there is none within reach."""
        self._viewer.require("accounts")
        found = self._accounts.find(login)
        if not self._reaches(self.ground, found):
            raise InputError(Issue("ACC011", login[:64]))
        return found

    def add(self, login: str, name: str, role: RoleName, units: tuple[str, ...], locale: Lang) -> tuple[Account, Link]:
        """A new account and its one-time link; InputError with every issue."""
        self._viewer.require("accounts")
        if self.empty and (role != FIRST_ROLE or units):
            raise InputError(Issue("POR045", role))
        self._check(units)
        by = self._viewer.login
        made = self._accounts.add(self._catalogue, login, name, role, units, by=by, locale=locale)
        return made, self._accounts.issue_link(made, by=by)

    def rename(self, seen: Account, name: str, locale: Lang) -> Account:
        """Change name and language."""
        return self._accounts.set_name(self._seen(seen), name, by=self._viewer.login, locale=locale)

    def set_role(self, seen: Account, role: RoleName) -> Account:
        """Give another role."""
        return self._accounts.set_role(self._seen(seen), role, by=self._viewer.login)

    def set_units(self, seen: Account, units: tuple[str, ...]) -> Account:
        """Give other units."""
        self._check(units)
        return self._accounts.set_units(self._catalogue, self._seen(seen), units, by=self._viewer.login)

    def set_state(self, seen: Account, *, active: bool) -> Account:
        """Shut out at once, or let in again."""
        change = self._accounts.enable if active else self._accounts.disable
        return change(self._seen(seen), by=self._viewer.login)

    def link(self, seen: Account) -> Link:
        """A one-time link in place of earlier ones."""
        return self._accounts.issue_link(self._seen(seen), by=self._viewer.login)

    def sessions(self, account: Account) -> tuple[KeptSession, ...]:
        """Open sessions of an account."""
        return self._accounts.sessions(self.find(account.login).login)

    def end_sessions(self, account: Account, session: str) -> int:
        """End one session of an account, or all of them; how many."""
        return self._accounts.end_sessions(self.find(account.login).login, by=self._viewer.login, session=session)

    def tokens(self, account: Account) -> tuple[Token, ...]:
        """Tokens of an account."""
        return self._tokens.list(self.find(account.login).login)

    def revoke(self, account: Account, prefix: str) -> None:
        """End a token of an account; InputError ACC043 when it is not one of its own."""
        if self._tokens.find(prefix).login != self.find(account.login).login:
            raise InputError(Issue("ACC043", prefix[:64]))
        self._tokens.revoke(prefix, by=self._viewer.login)

    def _reaches(self, ground: Ground, account: Account) -> bool:
        if not self._viewer.units:
            return True
        return bool(account.units) and all(ground.within(unit) for unit in account.units)

    def _seen(self, seen: Account) -> Account:
        """The account as it was seen, of somebody who is still within reach."""
        self.find(seen.login)
        return seen

    def _check(self, units: tuple[str, ...]) -> None:
        """Refuse units beyond reach, and the whole organisation from a desk that does not have it."""
        if self.bounded and not units:
            raise InputError(Issue("POR046", "units"))
        ground = self.ground
        issues: list[Issue] = []
        for unit in units:
            try:
                ground.unit(unit)
            except InputError as error:
                issues.extend(error.issues)
        if issues:
            raise InputError(issues)


class TrailDesk:
    """The audit trail, for viewers with the right `audit` over the whole organisation. Reading only."""

    def __init__(self, access: Access, viewer: Viewer) -> None:
        self._trail = access.trail
        self._viewer = viewer

    def require(self) -> Viewer:
        """The viewer; AccessError for one who may not read it: entries are not parted by units."""
        self._viewer.require("audit")
        if self._viewer.units:
            raise AccessError(Issue("POR042", "audit"))
        return self._viewer

    def page(self, sought: Mapping[str, object], before: int | None, limit: int) -> TrailPage:
        """A page of the trail, newest first. sought: `actor`, `act`, `since`, `until` as `Trail.page` takes them."""
        return self._trail.page(self.require(), before=before, limit=limit, **sought)  # type: ignore[arg-type]

    @property
    def acts(self) -> tuple[str, ...]:
        """The acts that occur."""
        return self._trail.acts(self.require())

    def verify(self) -> list[Issue]:
        """What is wrong with the chain of entries."""
        return self._trail.verify(self.require())


@dataclass(frozen=True, slots=True)
class AccountPorts:
    """Ports of accounts, for one viewer."""

    entry: Entry
    own: Own
    desk: Desk
    trail: TrailDesk
    limits: Limits


def account_ports(access: Access, catalogue: Catalogue, entry: Entry, limits: Limits, viewer: Viewer) -> AccountPorts:
    """The ports of a viewer."""
    return AccountPorts(
        entry, Own(access, catalogue, viewer), Desk(access, catalogue, entry, viewer), TrailDesk(access, viewer), limits
    )
