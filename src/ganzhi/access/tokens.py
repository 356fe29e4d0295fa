"""API tokens: `gz_<prefix>_<secret>`, never more than their owner may today. (Interface; the bodies follow.)"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from ganzhi.access.rights import Right, Viewer
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.accounts.records import Account, Token
from ganzhi.store.open import Store


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
        raise NotImplementedError

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
        (unit out of the owner's reach), ACC041 (days), ACC042 (owner disabled).
        """
        raise NotImplementedError

    def check(self, catalogue: Catalogue, text: str) -> TokenVisit | None:
        """Who comes with this token; None when it is nobody's, over, revoked, its owner disabled or out of reach."""
        raise NotImplementedError

    def list(self, login: str | None = None) -> tuple[Token, ...]:
        """Tokens of an account, or all; newest first."""
        raise NotImplementedError

    def find(self, prefix: str) -> Token:
        """The token with this public part; InputError ACC043 when there is none."""
        raise NotImplementedError

    def revoke(self, prefix: str, *, by: str, reason: str = "") -> Token:
        """End a token for good; one that is revoked already stays as it is."""
        raise NotImplementedError

    def burn(self, text: str, *, reason: str) -> bool:
        """Revoke a token that turned up where it does not belong (an address); whether it was one of ours."""
        raise NotImplementedError
