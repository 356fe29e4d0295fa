"""The records of the tables around accounts, and the conflict that two edits at once end in.

Secrets are never kept: passwords as argon2id hashes, everything else as SHA-256 of 256 random bits.
Times are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ganzhi.base.errors import InputError, Issue
from ganzhi.base.messages import Lang

AccountState = Literal["active", "disabled"]


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in.

    units: codes they see with all below them; empty means the whole organisation. password: its hash,
    None where none is set. issuer, subject: who they are at an identity provider. version: counts changes.
    """

    login: str
    name: str
    role: str
    units: tuple[str, ...]
    locale: Lang
    state: AccountState
    password: str | None = field(repr=False)
    issuer: str | None
    subject: str | None
    created_at: datetime
    version: int

    @property
    def active(self) -> bool:
        """Whether they may sign in."""
        return self.state == "active"


@dataclass(frozen=True, slots=True)
class KeptSession:
    """A session. id: the hash of its secret, which opens nothing. ends_at: at the latest. agent: what the browser says
    it is. provider_session: its id at the identity provider that it came from."""

    id: str
    login: str
    csrf: str = field(repr=False)
    started_at: datetime
    seen_at: datetime
    ends_at: datetime
    agent: str
    provider_session: str | None


@dataclass(frozen=True, slots=True)
class Token:
    """An API key of an account. prefix: its public part. hash: of the whole text. rights, units: what it may at most;
    units empty means its owner's."""

    prefix: str
    hash: str = field(repr=False)
    login: str
    name: str
    rights: tuple[str, ...]
    units: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    version: int


class AccountChangedError(InputError):
    """An account was changed by somebody else meanwhile; answered with 409. seen: what the change was
    made from. now: what stands there."""

    def __init__(self, seen: Account, now: Account) -> None:
        self.seen = seen
        self.now = now
        params = {"role": now.role, "units": ", ".join(now.units) or "*", "state": now.state, "name": now.name}
        super().__init__(Issue("ACC010", now.login, params=params))
