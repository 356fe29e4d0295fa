"""Posts a notice as JSON. Signed when there is a secret: `X-Ganzhi-Signature: sha256=<HMAC-SHA256 of the body>`."""

from __future__ import annotations

import hashlib
import hmac
import json

from ganzhi.base.settings import NotifySettings, TargetSettings
from ganzhi.notify.http import accepted, post, secret_of
from ganzhi.notify.message import Message


class Webhook:
    """The channel `webhook`."""

    def send(self, message: Message, target: TargetSettings, settings: NotifySettings) -> None:
        """Deliver, or raise DeliveryError."""
        document = {
            "key": message.key, "repeat": message.repeat, "subject": message.subject, "text": message.text, **message.data
        }  # fmt: skip
        body = json.dumps(document, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": message.key}
        token, secret = secret_of(target.token_file), secret_of(target.sign_file)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if secret:
            headers["X-Ganzhi-Signature"] = f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"
        accepted(
            post(target.url, body, headers, deadline_s=settings.deadline_s, plain_http=settings.plain_http)
        )  # fmt: skip
