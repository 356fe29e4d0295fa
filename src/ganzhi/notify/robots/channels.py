"""The three robots: where they are, what they are posted, and how their answers say that they took it.

All three answer 200 with an error code in the body, so a status alone says nothing.
"""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import quote

from ganzhi.base.clock import Clock
from ganzhi.base.settings import NotifySettings, TargetSettings
from ganzhi.notify.http import Answer, accepted, post, secret_of
from ganzhi.notify.message import DeliveryError, Message
from ganzhi.notify.robots.signing import dingtalk_sign, feishu_sign

WECOM_BYTES: Final = 2048
OTHERS_BYTES: Final = 18_000


class WeCom:
    """The channel `wecom`."""

    def send(self, message: Message, target: TargetSettings, settings: NotifySettings) -> None:
        """Deliver, or raise DeliveryError."""
        url = (
            f"{settings.wecom_url.rstrip('/')}/cgi-bin/webhook/send?key={quote(secret_of(target.token_file), safe='')}"
        )
        body = {"msgtype": "text", "text": {"content": shortened(message, WECOM_BYTES)}}
        _taken(_post(url, body, message, settings), "errcode")


class DingTalk:
    """The channel `dingtalk`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def send(self, message: Message, target: TargetSettings, settings: NotifySettings) -> None:
        """Deliver, or raise DeliveryError."""
        token, secret = secret_of(target.token_file), secret_of(target.sign_file)
        url = f"{settings.dingtalk_url.rstrip('/')}/robot/send?access_token={quote(token, safe='')}"
        if secret:
            at_ms = int(self._clock.now().timestamp() * 1000)
            url += f"&timestamp={at_ms}&sign={quote(dingtalk_sign(secret, at_ms), safe='')}"
        body = {"msgtype": "text", "text": {"content": shortened(message, OTHERS_BYTES)}}
        _taken(_post(url, body, message, settings), "errcode")


class Feishu:
    """The channel `feishu`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def send(self, message: Message, target: TargetSettings, settings: NotifySettings) -> None:
        """Deliver, or raise DeliveryError."""
        token, secret = secret_of(target.token_file), secret_of(target.sign_file)
        url = f"{settings.feishu_url.rstrip('/')}/open-apis/bot/v2/hook/{quote(token, safe='')}"
        body: dict[str, Any] = {"msg_type": "text", "content": {"text": shortened(message, OTHERS_BYTES)}}
        if secret:
            at_s = int(self._clock.now().timestamp())
            body |= {"timestamp": str(at_s), "sign": feishu_sign(secret, at_s)}
        _taken(_post(url, body, message, settings), "code")


def shortened(message: Message, most: int) -> str:
    """The notice in at most so many bytes; its last line, with the key, stays whole."""
    whole = message.plain
    if len(whole.encode()) <= most:
        return whole
    head, _, last = whole.rpartition("\n")
    room = most - len(last.encode()) - len("…\n".encode())
    return f"{head.encode()[: max(room, 0)].decode(errors='ignore')}…\n{last}"


def _post(url: str, body: dict[str, Any], message: Message, settings: NotifySettings) -> Answer:
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": message.key}
    data = json.dumps(body, ensure_ascii=False).encode()
    return accepted(post(url, data, headers, deadline_s=settings.deadline_s, plain_http=settings.plain_http))


def _taken(answer: Answer, field: str) -> None:
    try:
        document = json.loads(answer.body)
        code = document.get(field)
    except (ValueError, AttributeError, RecursionError):
        raise DeliveryError("answer is not what a robot says") from None
    if code != 0:
        raise DeliveryError(f"{field} {code}" if isinstance(code, int) else "answer is not what a robot says")
