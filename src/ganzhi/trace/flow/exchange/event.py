"""One event of a log on its way in or out, and what reading a log has found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

UNPACKED_LIMIT = 2_000_000_000
"""Bytes that a packed log may unpack to."""


@dataclass(frozen=True, slots=True)
class LogEvent:
    """An event with what travels with it. at: an aware instant."""

    case: str
    activity: str
    at: datetime
    transition: str | None = None
    resource: str | None = None
    group: str | None = None


@dataclass(slots=True)
class LogTally:
    """What was read. left_out: events without case, activity or a time that can be read, by reason; without_zone:
    events whose time named no zone and was taken as UTC."""

    cases: int = 0
    events: int = 0
    without_zone: int = 0
    no_case: int = 0
    no_activity: int = 0
    no_time: int = 0

    @property
    def left_out(self) -> int:
        """Events that could not be taken."""
        return self.no_case + self.no_activity + self.no_time

    def instant(self, text: str | None) -> datetime | None:
        """A time as ISO 8601; without a zone it is UTC, and counted. None for none or what is no time, counted too."""
        try:
            found = datetime.fromisoformat((text or "").strip())
        except ValueError:
            self.no_time += 1
            return None
        if found.tzinfo is None:
            self.without_zone += 1
            return found.replace(tzinfo=UTC)
        return found
