"""The real hotline file read by plain Python, apart from everything the package does: the other
side of every comparison."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Asia/Shanghai")
KNOWN_TYPES = ("PS", "PE", "IN", "NE", "NW", "TT")


@dataclass(frozen=True)
class Call:
    """One line of the file. ivr_s: None where the file has a negative time."""

    call_id: str
    customer_id: str | None
    priority: int
    call_type: str
    outcome: str
    agent: str | None
    arrived_at: datetime
    queued: bool
    answered_at: datetime | None
    ivr_s: int | None
    wait_s: int
    talk_s: int

    @property
    def real(self) -> bool:
        return self.outcome != "PHANTOM"

    @property
    def answered(self) -> bool:
        return self.outcome == "AGENT"

    @property
    def abandoned(self) -> bool:
        return self.outcome == "HANG" and self.queued

    @property
    def requested(self) -> bool:
        return self.answered or self.abandoned

    def row(self, unit: str) -> dict[str, object]:
        """As a row of feed `calls`."""
        return {
            "call_id": self.call_id,
            "unit": unit,
            "customer_id": self.customer_id,
            "priority": self.priority,
            "call_type": self.call_type,
            "outcome": self.outcome,
            "agent": self.agent,
            "arrived_at": self.arrived_at,
            "ivr_s": self.ivr_s,
            "queue_at": self.arrived_at if self.queued else None,
            "answered_at": self.answered_at,
            "wait_s": self.wait_s,
            "talk_s": self.talk_s,
        }


@cache
def calls(path: Path) -> tuple[Call, ...]:
    """All lines of the file but its header."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        lines = file.read().splitlines()[1:]
    return tuple(_call(line.split("\t")) for line in lines if line.strip())


def _call(parts: list[str]) -> Call:
    line, number, customer, priority, kind, day, entry = (p.strip() for p in parts[:7])
    start = datetime.strptime(day, "%y%m%d").replace(tzinfo=ZONE)
    arrived = start + _clock(entry)
    served = None if parts[13].strip() == parts[14].strip() == "0:00:00" else start + _clock(parts[13])
    if served is not None and served < arrived - timedelta(hours=12):
        served += timedelta(days=1)  # the call passed midnight
    return Call(
        call_id=f"{line}-{number}",
        customer_id=None if customer == "0" else customer,
        priority=int(priority),
        call_type=kind if kind in KNOWN_TYPES else "other",
        outcome=parts[12].strip(),
        agent=None if (who := parts[16].strip()) == "NO_SERVER" else who,
        arrived_at=arrived,
        queued=not (parts[9].strip() == "0:00:00" and parts[10].strip() == "0:00:00"),
        answered_at=served,
        ivr_s=None if int(parts[8]) < 0 else int(parts[8]),
        wait_s=int(parts[11]),
        talk_s=int(parts[15]),
    )


def _clock(text: str) -> timedelta:
    hours, minutes, seconds = map(int, text.strip().split(":"))
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)
