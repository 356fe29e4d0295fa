"""Whether a request comes from this machine, and not through something that speaks for others.

A workspace without accounts answers to its own machine only. A page of another site can make a
browser on this machine ask a name that it has pointed at 127.0.0.1, so the name asked for must be
a loopback name too; and a proxy on this machine speaks for others, so its marks end the trust.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final

NAMES: Final = frozenset({"localhost"})

_MARKS: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
_SITES: Final = ("same-origin", "none")


def is_loopback(host: str) -> bool:
    """Whether a host, with or without a port, is this machine and nothing else.

    >>> [is_loopback(h) for h in ("127.0.0.1:8350", "localhost", "[::1]:80", "127.0.0.1.a.cn", "::1", "a.cn", "")]
    [True, True, True, False, True, False, False]
    """
    name = host.strip().lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    if name in NAMES:
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def is_from_here(address: str, headers: Mapping[str, str]) -> bool:
    """Whether a request with this sender and these headers (names in small letters) comes from this machine itself.

    >>> is_from_here("127.0.0.1", {"host": "localhost:8350"}), is_from_here("127.0.0.1", {"host": "evil.example"})
    (True, False)
    >>> is_from_here("127.0.0.1", {"host": "localhost", "x-forwarded-for": "10.0.0.9"}), is_from_here("10.0.0.9", {})
    (False, False)
    """
    if not is_loopback(address) or not is_loopback(headers.get("host", "")):
        return False
    return not any(mark in headers for mark in _MARKS) and headers.get("sec-fetch-site", "none") in _SITES
