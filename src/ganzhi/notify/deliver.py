"""Takes notices from the outbox and hands them to their channels.

At least once: a sender that dies leaves its notice to the next one, under the same key. A notice to a target that
the settings do not name (any more) is not sent, and stays in the outbox with that as its error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ganzhi.base.failpoint import failpoint
from ganzhi.base.settings import NotifySettings
from ganzhi.notify.message import Channel, DeliveryError, Message
from ganzhi.store.leases import LeaseLostError
from ganzhi.store.outbox import Dispatch, Outbox


@dataclass(frozen=True, slots=True)
class Delivered:
    """How many notices were sent, put off after a failure, and given up."""

    sent: int
    put_off: int
    given_up: int


def deliver(outbox: Outbox, channels: Mapping[str, Channel], settings: NotifySettings, most: int = 1_000) -> Delivered:
    """Send what is due now, at most so many notices."""
    counted = {"sent": 0, "waiting": 0, "failed": 0}
    for _ in range(most):
        dispatch = outbox.claim()
        if dispatch is None:
            break
        try:
            _send(dispatch, channels, settings)
            failpoint("notify.sent")
            outbox.sent(dispatch)
            counted["sent"] += 1
        except DeliveryError as error:
            counted[outbox.failed(dispatch, str(error))] += 1
        except LeaseLostError:
            continue
    return Delivered(counted["sent"], counted["waiting"], counted["failed"])


def _send(dispatch: Dispatch, channels: Mapping[str, Channel], settings: NotifySettings) -> None:
    name = str(dispatch.payload.get("target", ""))
    target = settings.targets.get(name)
    if target is None or target.channel != dispatch.channel or dispatch.channel not in channels:
        raise DeliveryError("target is not in the settings")
    data = dispatch.payload.get("data")
    channels[dispatch.channel].send(
        Message(
            dispatch.idempotency_key,
            dispatch.repeat,
            str(dispatch.payload.get("subject", "")),
            str(dispatch.payload.get("text", "")),
            data if isinstance(data, dict) else {},
        ),
        target,
        settings,
    )
