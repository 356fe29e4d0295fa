"""What the URLs of the journeys said, raw: None where they said nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FrameQuery:
    """view: `frame` (stage and class), `chain` or `customer`. owner: its Chinese name. search: literal text."""

    view: str | None = None
    stage: str | None = None
    commercial_process: str | None = None
    capability: str | None = None
    owner: str | None = None
    state: str | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class TouchpointsQuery:
    """by: the columns of the matrix, `step`, `content` or `channel`. cover: `open` or `covered` pairs only."""

    by: str | None = None
    process: str | None = None
    process_class: str | None = None
    step: str | None = None
    content: str | None = None
    channel: str | None = None
    ownership: str | None = None
    cover: str | None = None
    page: int = 1
