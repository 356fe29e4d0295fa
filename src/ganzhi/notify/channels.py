"""All channels, as one literal table. Adding one is a folder and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from ganzhi.base.clock import Clock
from ganzhi.notify.mail.channel import Mail
from ganzhi.notify.message import Channel
from ganzhi.notify.robots.channels import DingTalk, Feishu, WeCom
from ganzhi.notify.sms.channel import Sms
from ganzhi.notify.webhook.channel import Webhook


def channels(clock: Clock) -> Mapping[str, Channel]:
    """Every channel by its kind. What is shown in the portal needs none."""
    return {
        "mail": Mail(clock),
        "sms": Sms(),
        "webhook": Webhook(),
        "wecom": WeCom(),
        "dingtalk": DingTalk(clock),
        "feishu": Feishu(clock),
    }
