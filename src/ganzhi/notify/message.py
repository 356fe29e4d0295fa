"""A notice as channels get it, and how a channel says that it could not deliver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ganzhi.base.settings import NotifySettings, TargetSettings


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. key: the same at every attempt, so that a receiver shows it once. repeat: how often it may have come
    before. data: the same for programs."""

    key: str
    repeat: int
    subject: str
    text: str
    data: Mapping[str, Any]

    @property
    def plain(self) -> str:
        """Subject, text and key, for channels that have one field only."""
        again = f" · ×{self.repeat + 1}" if self.repeat else ""
        return f"{self.subject}\n{self.text}\n[{self.key}{again}]"


class DeliveryError(Exception):
    """A channel did not take a notice. The reason holds no secret and nothing of what the other side answered."""


class Channel(Protocol):
    """A way to reach a target."""

    def send(self, message: Message, target: TargetSettings, settings: NotifySettings) -> None:
        """Deliver, or raise DeliveryError."""
        ...
