"""Identifiers: catalogue codes, row ids, and names made from content."""

from __future__ import annotations

import hashlib
import os
import re
import time
import uuid

CODE_PATTERN = r"[a-z][a-z0-9_]*(\.[a-z0-9][a-z0-9_]*)*"
"""A catalogue code: lower-case words joined by `_`, levels joined by `.`, at most 64 characters."""

UNIT_PATTERN = r"[0-9A-Za-z][0-9A-Za-z.-]{0,63}"
"""A unit code as operators write them; no character that means something to SQL or a path."""

_CODE = re.compile(CODE_PATTERN)


def is_code(text: str) -> bool:
    """Whether `text` is a well-formed catalogue code.

    >>> is_code("hotline.wait.mean_s"), is_code("Hotline"), is_code("a..b")
    (True, False, False)
    """
    return len(text) <= 64 and _CODE.fullmatch(text) is not None


def new_id() -> str:
    """A UUIDv7 (RFC 9562): random, but ordered by the millisecond it was made in."""
    millis = time.time_ns() // 1_000_000
    raw = bytearray(millis.to_bytes(6, "big") + os.urandom(10))
    raw[6] = (raw[6] & 0x0F) | 0x70
    raw[8] = (raw[8] & 0x3F) | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


def digest(*parts: str) -> str:
    """SHA-256 over length-prefixed parts, hexadecimal; equal parts give equal digests."""
    hasher = hashlib.sha256()
    for part in parts:
        data = part.encode()
        hasher.update(len(data).to_bytes(8, "big"))
        hasher.update(data)
    return hasher.hexdigest()
