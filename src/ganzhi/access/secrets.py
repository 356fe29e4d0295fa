"""Secrets that a machine makes: 256 random bits, of which only a SHA-256 is kept.

Nobody can guess them, so a fast hash is enough; what a copy of the store shows opens nothing.
"""

from __future__ import annotations

import hashlib
import secrets

BYTES = 32


def new_secret() -> str:
    """A new secret as text for addresses and cookies."""
    return secrets.token_urlsafe(BYTES)


def hash_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def same(one: str, other: str) -> bool:
    """Whether two texts are equal, found out in a time that tells nothing."""
    return secrets.compare_digest(hash_of(one), hash_of(other))
