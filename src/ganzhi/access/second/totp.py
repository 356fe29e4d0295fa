"""Codes that change with time (RFC 6238 over RFC 4226): SHA-1, six digits, steps of 30 seconds, as apps expect."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final
from urllib.parse import quote, urlencode

STEP_S: Final = 30
DIGITS: Final = 6
AROUND: Final = 1
"""Steps before and after the present one whose codes are taken, for clocks that differ and people who type slowly."""


def code_of(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a time step.

    >>> code_of(b"12345678901234567890", 59 // 30, digits=8)
    '94287082'
    """
    mac = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = mac[-1] & 15
    number = int.from_bytes(mac[at : at + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_at(seconds: float) -> int:
    """The time step of a moment, in seconds since 1970."""
    return int(seconds // STEP_S)


def step_of(secret: bytes, code: str, now: int) -> int | None:
    """The latest step near the present one whose code this is; all are compared, in a time that tells nothing."""
    found = None
    for step in range(now - AROUND, now + AROUND + 1):
        if hmac.compare_digest(code_of(secret, step).encode(), code.encode("utf-8", "replace")):
            found = step
    return found


def secret_text(secret: bytes) -> str:
    """A secret as apps take it."""
    return base64.b32encode(secret).decode().rstrip("=")


def address_of(secret: bytes, login: str, issuer: str) -> str:
    """The address by which an app on the same device takes a secret over."""
    query = urlencode({"secret": secret_text(secret), "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{issuer}:{login}', safe='')}?{query}"
