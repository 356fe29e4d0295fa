"""Fills the template of the settings and posts it.

A value goes in quoted for the kind of body, so that no text can end its field and begin another. What is filled in is
never looked at for placeholders again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote_plus

from ganzhi.base.addresses import is_phone_number
from ganzhi.base.settings import NotifySettings, TargetSettings
from ganzhi.notify.http import accepted, post, secret_of
from ganzhi.notify.message import DeliveryError, Message

MOST_CHARACTERS: Final = 300
_PLACE: Final = re.compile(r"\{(phone|text|key|token)\}")


class Sms:
    """The channel `sms`."""

    def send(self, message: Message, target: TargetSettings, settings: NotifySettings) -> None:
        """Deliver, or raise DeliveryError."""
        gateway = settings.sms
        if not gateway.url:
            raise DeliveryError("no gateway in the settings")
        if not is_phone_number(target.address):
            raise DeliveryError("address refused")
        token = secret_of(gateway.token_file)
        text = message.plain.replace("\n", " ")
        values = {"phone": target.address, "text": text[:MOST_CHARACTERS], "key": message.key, "token": token}
        headers = {"Content-Type": f"{gateway.content_type}; charset=utf-8", "Idempotency-Key": message.key}
        body = filled(gateway.body, values, as_json=gateway.content_type == "application/json").encode()
        answer = accepted(
            post(gateway.url, body, headers, deadline_s=settings.deadline_s, plain_http=settings.plain_http)
        )  # fmt: skip
        if gateway.accepted and gateway.accepted.encode() not in answer.body:
            raise DeliveryError("answer does not hold what `accepted` says")


def filled(template: str, values: Mapping[str, str], *, as_json: bool) -> str:
    r"""The template with its values, each quoted as JSON text or as a form's value.

    >>> filled('{"t": "{text}"}', {"text": 'a"}\n{key}'}, as_json=True)
    '{"t": "a\\"}\\n{key}"}'
    """

    def value(found: re.Match[str]) -> str:
        text = values[found.group(1)]
        return json.dumps(text, ensure_ascii=False)[1:-1] if as_json else quote_plus(text)

    return _PLACE.sub(value, template)
