"""What a stream reads from: something that gives messages, or files, and may be away for a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ganzhi.base.errors import EngineError, Issue
from ganzhi.ingest.stream.messages import Message


class SourceAwayError(EngineError):
    """What the stream reads from cannot be reached now; try again later."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue, retryable=True)


@dataclass(frozen=True, slots=True)
class Polled:
    """What one look at a source gave.

    messages, files: one of them is used. before: of each part the offset its messages were read from, None where
    nothing of it was counted yet. lag: how many more are there. caught_up: when the look began, if it left nothing
    behind. latest: of a source that lags, up to when it was read.
    """

    messages: tuple[Message, ...] = ()
    files: tuple[Path, ...] = ()
    before: Mapping[str, int | None] = field(default_factory=dict)
    lag: int = 0
    caught_up: datetime | None = None
    latest: datetime | None = None


class Source(Protocol):
    """Where a stream reads from."""

    def poll(self, wait_s: float, most: int) -> Polled:
        """What is there, waiting at most so long for it, at most so many. Raises: SourceAwayError."""

    def counted(self, polled: Polled) -> None:
        """What was polled counts now."""

    def rewind(self) -> None:
        """Read on from what counts, whatever was polled since."""

    def close(self) -> None:
        """Leave the source; a second call does nothing."""
