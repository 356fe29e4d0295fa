"""API tokens: `gz_<prefix>_<secret>`, never more than their owner may today.

A token is a part of its owner: some of the rights, some of the units, for a time. What the owner
loses, the token has lost; what the owner gains, it does not. Only a hash is kept.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final

from ganzhi.access.accounts import check_within, viewer_of
from ganzhi.access.rights import RIGHTS, Ground, Right, Viewer
from ganzhi.access.secrets import hash_of, new_secret, same
from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.accounts.accounts import DEMO, AccountRows
from ganzhi.store.accounts.acts import Act
from ganzhi.store.accounts.records import Account, Token
from ganzhi.store.accounts.tokens import TokenRows
from ganzhi.store.open import Store

LOG: Final = logging.getLogger("ganzhi.access")

MOST_DAYS: Final = 365

_FORM: Final = re.compile(r"gz_([a-z0-9]{10})_([A-Za-z0-9_-]{43})")
_LETTERS: Final = "abcdefghijkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token, and its text, which is shown here only."""

    text: str = field(repr=False)
    token: Token


@dataclass(frozen=True, slots=True)
class TokenVisit:
    """A request by token. viewer: its owner within the token's bounds."""

    viewer: Viewer
    prefix: str


class Tokens:
    """The tokens of a store."""

    def __init__(self, store: Store) -> None:
        self._clock = store.clock
        self._accounts = AccountRows(store.database)
        self._rows = TokenRows(store.database)

    def issue(
        self,
        catalogue: Catalogue,
        owner: Account,
        name: str,
        rights: Collection[Right],
        units: tuple[str, ...],
        *,
        days: int,
        by: str,
    ) -> Issued:
        """A token for 1 to 365 days. units: empty for the owner's.

        Raises: InputError with every issue: ACC014 (name), ACC040 (a right the owner lacks, or none), REQ012
        (unit out of the owner's reach), ACC041 (days), ACC042 (owner disabled, or nobody's account).
        """
        viewer, now, prefix = viewer_of(owner), self._clock.now(), "".join(secrets.choice(_LETTERS) for _ in range(10))
        issues = check_within(Ground(catalogue, viewer), units)
        if not owner.active or owner.issuer == DEMO:
            issues.append(Issue("ACC042", owner.login))
        if not 0 < len(name.strip()) <= 100 or not name.isprintable():
            issues.append(Issue("ACC014", "name"))
        if not rights or not viewer.rights.issuperset(rights):
            lacking = ", ".join(sorted(set(rights) - viewer.rights)) or "–"
            issues.append(Issue("ACC040", lacking, params={"known": ", ".join(sorted(viewer.rights))}))
        if not 1 <= days <= MOST_DAYS:
            issues.append(Issue("ACC041", str(days), params={"most": str(MOST_DAYS)}))
        if issues:
            raise InputError(issues)
        text = f"gz_{prefix}_{new_secret()}"
        token = Token(
            prefix=prefix,
            hash=hash_of(text),
            login=owner.login,
            name=name.strip(),
            rights=tuple(each for each in RIGHTS if each in rights),
            units=units,
            created_at=now,
            expires_at=now + timedelta(days=days),
            used_at=None,
            revoked_at=None,
            version=1,
        )
        detail = {"token": prefix, "rights": list(token.rights), "units": list(units), "days": days}
        self._rows.add(token, owner, Act(by, now, "token.add", owner.login, detail))
        return Issued(text, token)

    def check(self, catalogue: Catalogue, text: str) -> TokenVisit | None:
        """Who comes with this token; None when it is nobody's, over, revoked, its owner disabled or out of reach."""
        token = self._genuine(text)
        if token is None:
            return None
        now = self._clock.now()
        owner = self._accounts.get(token.login)
        if owner is None or not owner.active or token.revoked_at is not None or token.expires_at <= now:
            LOG.warning("token %s refused: over, revoked, or its owner is disabled", token.prefix)
            return None
        viewer = _narrowed(catalogue, viewer_of(owner), token)
        if viewer is None:
            LOG.warning("token %s refused: none of its units is within its owner's reach", token.prefix)
            return None
        self._rows.use(token, now)
        return TokenVisit(viewer, token.prefix)

    def list(self, login: str | None = None) -> tuple[Token, ...]:
        """Tokens of an account, or all; newest first."""
        return self._rows.list(login)

    def find(self, prefix: str) -> Token:
        """The token with this public part; InputError ACC043 when there is none."""
        found = self._rows.get(prefix)
        if found is None:
            raise InputError(Issue("ACC043", prefix[:64]))
        return found

    def revoke(self, prefix: str, *, by: str, reason: str = "") -> Token:
        """End a token for good; one that is revoked already stays as it is. InputError ACC043 when there is none."""
        found = self.find(prefix)
        act = Act(by, self._clock.now(), "token.revoke", found.login, {"token": prefix, "reason": reason})
        self._rows.revoke(prefix, act)
        return self.find(prefix)

    def burn(self, text: str, *, reason: str) -> bool:
        """Revoke a token that turned up where it does not belong (an address); whether it was one of ours."""
        token = self._genuine(text)
        if token is None:
            return False
        self.revoke(token.prefix, by=token.login, reason=reason)
        return True

    def _genuine(self, text: str) -> Token | None:
        form = _FORM.fullmatch(text)
        token = None if form is None else self._rows.get(form[1])
        return token if token is not None and same(token.hash, hash_of(text)) else None


def _narrowed(catalogue: Catalogue, owner: Viewer, token: Token) -> Viewer | None:
    """The owner within the token's bounds; None where nothing is left."""
    rights = owner.rights.intersection(token.rights)
    if not token.units:
        return replace(owner, rights=rights)
    hers, its = Ground(catalogue, owner), Ground(catalogue, replace(owner, units=token.units))
    units = [code for code in token.units if hers.within(code)]
    units += [code for code in owner.units if its.within(code) and code not in units]
    # No units would mean the whole organisation.
    return replace(owner, rights=rights, units=tuple(units)) if units else None
