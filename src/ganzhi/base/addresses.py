"""What may stand where notices go: one mail address, one phone number, one web address, and nothing else.

Anything that a mail header, a message template or a URL parser could read as more than one target is
refused, in the settings already.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

_LOCAL: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_MAIL: Final = re.compile(rf"{_LOCAL}@{_LABEL}(\.{_LABEL})*")
_PHONE: Final = re.compile(r"\+?[0-9]{5,15}")
_HOST: Final = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")
HERE: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def is_mail_address(text: str) -> bool:
    r"""Whether it is exactly one plain mail address.

    >>> [is_mail_address(a) for a in ("a@b.cn", "a@b.cn,c@d.cn", "a@b.cn\nBcc: c@d.cn", "<a@b.cn>", "a b@c.cn")]
    [True, False, False, False, False]
    """
    local, _, domain = text.rpartition("@")
    return _MAIL.fullmatch(text) is not None and len(local) <= 64 and len(domain) <= 253


def is_phone_number(text: str) -> bool:
    r"""Whether it is exactly one number that can be dialled.

    >>> [is_phone_number(n) for n in ("13800000000", "+8613800000000", "13800000000,13900000000", "１３８00000000", "138\n")]
    [True, True, False, False, False]
    """
    return _PHONE.fullmatch(text) is not None


def web_address(text: str, *, plain_http: bool = False) -> SplitResult | None:
    """The parts of a web address that may be written to; None for any other.

    plain_http: whether `http` is allowed beyond this machine. Refused are user names and passwords, fragments,
    blanks and control characters, hosts that are not plain ASCII, and numbers in other notations than a.b.c.d.

    >>> [web_address(a) is not None for a in ("https://a.cn/x", "http://127.0.0.1:9/", "http://a.cn/", "https://u@a.cn/")]
    [True, True, False, False]
    """
    if not text.isascii() or not text.isprintable() or any(each in text for each in ' \\"<>^`{|}'):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    plain = parts.scheme == "http" and (plain_http or host in HERE)
    wrong = parts.username is not None or parts.password is not None or parts.fragment or "#" in text or port == 0
    if not host or wrong or not (parts.scheme == "https" or plain) or not _is_host(host):
        return None
    return parts


def _is_host(host: str) -> bool:
    if ":" in host:
        return re.fullmatch(r"[0-9a-f:.]+", host) is not None
    last = host.rstrip(".").rpartition(".")[2]
    if last.isdigit() or last.startswith("0x"):
        parts = host.split(".")
        return len(parts) == 4 and all(p.isdigit() and str(int(p)) == p and int(p) < 256 for p in parts)
    return _HOST.fullmatch(host) is not None and len(host) <= 253
