"""When a request without an account may come from the local user: to a name of this machine, and through no proxy.

As long as nobody has an account, a workspace is for whoever sits at its machine (`rights.LOCAL`). A page of
another site that has its own name point to this machine (DNS rebinding) still says its own name, so names are
checked; a proxy in front would make everybody look local, so what came through one is not.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

FORWARDED: Final = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""Headers that a proxy adds."""


def is_loopback(name: str) -> bool:
    """Whether a name or an address is this machine's own and can be reached from nowhere else.

    >>> [is_loopback(name) for name in ("localhost", "127.0.0.1", "127.9.9.9", "::1", "0.0.0.0", "localhost.a.cn", "")]
    [True, True, True, True, False, False, False]
    """
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def names_this_machine(host: str) -> bool:
    """Whether a `Host` header, with or without a port, names this machine.

    >>> [names_this_machine(h) for h in ("localhost:8350", "[::1]:8350", "127.0.0.1", "a.cn", "a@localhost", "localhost:x")]
    [True, True, True, False, False, False]
    """
    if not host or any(sign in host for sign in "@/\\?# ,"):
        return False
    try:
        parts = urlsplit(f"//{host}")
        return parts.port != 0 and is_loopback(parts.hostname or "")
    except ValueError:
        return False


def is_local(headers: Mapping[str, str]) -> bool:
    """Whether a request with these headers (by small names) asks this machine by its own name, through no proxy."""
    return names_this_machine(headers.get("host", "")) and not any(name in headers for name in FORWARDED)
