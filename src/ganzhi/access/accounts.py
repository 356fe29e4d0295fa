"""Accounts: who may sign in, as what, over which units. (Interface; the bodies follow.)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ganzhi.access.rights import RoleName, Viewer
from ganzhi.base.messages import Lang
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.accounts.records import Account, KeptSession
from ganzhi.store.open import Store


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link to set a password. path: `/welcome/<secret>`, shown once and kept nowhere."""

    path: str
    ends_at: datetime


def viewer_of(account: Account) -> Viewer:
    """What an account may see and do now."""
    raise NotImplementedError


class Accounts:
    """The accounts of a store. Every act takes `by`, the login of who does it, and stands in the audit trail.

    Changes take the account as it was seen: AccountChangedError when somebody changed it meanwhile.
    """

    def __init__(self, store: Store) -> None:
        raise NotImplementedError

    def any(self) -> bool:
        """Whether there is an account at all; without any, the workspace has one local user (`rights.LOCAL`)."""
        raise NotImplementedError

    def list(self) -> tuple[Account, ...]:
        """All accounts, active ones first, by login."""
        raise NotImplementedError

    def find(self, login: str) -> Account:
        """The account; InputError ACC011 when there is none."""
        raise NotImplementedError

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
    ) -> Account:
        """A new account without a password. units: empty for the whole organisation.

        Raises: InputError with every issue: ACC012 (login), ACC013 (taken), ACC014 (name), ACC015 (role), REQ012 (unit).
        """
        raise NotImplementedError

    def set_role(self, seen: Account, role: RoleName, *, by: str) -> Account:
        """Give another role; InputError ACC016 for the last active administrator."""
        raise NotImplementedError

    def set_units(self, catalogue: Catalogue, seen: Account, units: tuple[str, ...], *, by: str) -> Account:
        """Give other units; empty for the whole organisation."""
        raise NotImplementedError

    def set_name(self, seen: Account, name: str, *, by: str, locale: Lang | None = None) -> Account:
        """Change what they are called, and the language of their pages."""
        raise NotImplementedError

    def disable(self, seen: Account, *, by: str) -> Account:
        """Shut out at once: sessions end, tokens and links stop; InputError ACC016 for the last active administrator."""
        raise NotImplementedError

    def enable(self, seen: Account, *, by: str) -> Account:
        """Let in again."""
        raise NotImplementedError

    def set_password(self, seen: Account, password: str, *, by: str, keep: str = "") -> Account:
        """Set a password; InputError with every reason against it (ACC030–ACC035). All their sessions end, but `keep`
        (a session's id), and open links too."""
        raise NotImplementedError

    def issue_link(self, seen: Account, *, by: str) -> Link:
        """A link for 24 hours; earlier ones stop."""
        raise NotImplementedError

    def link_owner(self, secret: str) -> Account | None:
        """Whose link it is, for the page behind it; None when it is spent, over, or nobody's. Does not spend it."""
        raise NotImplementedError

    def redeem_link(self, secret: str, password: str) -> Account:
        """Set the first or a new password by a link, which is spent then; a password that is refused does not spend it.

        Raises: NotSignedInError ACC022 when the link is spent, over, or nobody's; InputError as `set_password`.
        """
        raise NotImplementedError

    def sessions(self, login: str) -> tuple[KeptSession, ...]:
        """Sessions that are open now, newest first."""
        raise NotImplementedError

    def end_sessions(self, login: str, *, by: str, session: str = "", keep: str = "") -> int:
        """End all their sessions, or the one with this id, or all but `keep`; how many."""
        raise NotImplementedError
