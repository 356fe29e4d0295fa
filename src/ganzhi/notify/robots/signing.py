"""How DingTalk and Feishu want requests signed. Pure; the time is an argument.

Sources: DingTalk open platform, "Custom robot security settings"; Feishu open platform, "Custom bot usage guide".
"""

from __future__ import annotations

import base64
import hashlib
import hmac


def dingtalk_sign(secret: str, at_ms: int) -> str:
    r"""Base64 of HMAC-SHA256 over `<ms>\n<secret>` with the secret as key.

    >>> dingtalk_sign("SEC", 1700000000000)[-1]
    '='
    """
    signed = hmac.new(secret.encode(), f"{at_ms}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(signed.digest()).decode()


def feishu_sign(secret: str, at_s: int) -> str:
    r"""Base64 of HMAC-SHA256 over nothing with `<s>\n<secret>` as key.

    >>> feishu_sign("SEC", 1700000000) == feishu_sign("SEC", 1700000001)
    False
    """
    signed = hmac.new(f"{at_s}\n{secret}".encode(), b"", hashlib.sha256)
    return base64.b64encode(signed.digest()).decode()
