"""A small province whose complaints arrive as messages, with a rule of the service centre on them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ganzhi.base.periods import Grain
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.data import Mapping, Unit
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import Publication, PublicationStep, WarningRule
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.ingest.stream.messages import Message
from ganzhi.store.open import open_store
from ganzhi.warehouse.duckdb.engine import DuckDBEngine
from ganzhi.warehouse.files import Files
from ganzhi.warehouse.workplace import Workplace

NAME = Text(zh="试验", en="Trial")
FEED, MAPPING, STREAM = "complaints", "complaint_messages", "complaints"
START = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
COLUMNS = (
    "complaint_id", "received_at", "unit", "customer_id", "channel", "kind", "commercial_process", "product", "category",
)  # fmt: skip
FILLED = {
    "channel": "hall", "kind": "ordinary", "commercial_process": "network", "product": "messaging",
    "category": "order_record", "customer_id": "u1",
}  # fmt: skip


def _unit(level: Any, parent: str | None) -> Unit:
    return Unit(name=NAME, level=level, parent=parent)


UNITS = {
    "P": _unit("province", None),
    "C1": _unit("city", "P"),
    "C2": _unit("city", "P"),
    "H1": _unit("hall", "C1"),
    "H2": _unit("hall", "C2"),
}


def rule(**fields: Any) -> WarningRule:
    """A rule on the number of complaints, judged as they come."""
    values: dict[str, Any] = {
        "name": NAME, "level": "centre", "indicator": "complaint.count", "by": "product", "at": ("province", "city"),
        "grain": Grain.FIVE_MINUTES, "owner": NAME, "hold": 0, "publication": "trial",
    }  # fmt: skip
    return WarningRule(**{**values, **fields})


@cache
def pack() -> Catalogue:
    return load_catalogue("telecom", None)


def catalogue(rules: dict[str, WarningRule] | None = None) -> Catalogue:
    """The pack with a province of two cities, a mapping of messages and the rules."""
    columns = {c: {"source": c} | ({"zone": "offset"} if c == "received_at" else {}) for c in COLUMNS}
    mapping = Mapping.model_validate(
        {"name": NAME.model_dump(), "feed": FEED, "format": {"kind": "jsonl"}, "columns": columns}
    )
    step = PublicationStep(roles=("owner",), channels=("webhook",), acknowledge_min=60, feedback_min=120)
    publication = Publication(name=NAME, blue=step, yellow=step, orange=step, red=step)
    return replace(
        pack(),
        units=dict(UNITS),
        mappings={MAPPING: mapping},
        topics={},
        warning_rules={"trial.volume": rule()} if rules is None else rules,
        publications={"trial": publication},
    )


@dataclass
class Clock:
    """A clock that a test sets."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def place_in(folder: Path, rules: dict[str, WarningRule] | None = None, now: datetime = START) -> Workplace:
    """A workspace at a moment; `time_of` is its clock."""
    root, clock, zone = folder / "warehouse", Clock(now), ZoneInfo("Asia/Shanghai")
    root.mkdir(parents=True, exist_ok=True)
    return Workplace(
        root=folder,
        catalogue=catalogue(rules),
        store=open_store(f"sqlite:///{folder / 'store.sqlite'}", clock),
        files=Files(root),
        engine=DuckDBEngine(root, zone, memory_mb=512, threads=1, deadline_s=None),
        zone=zone,
        clock=clock,
    )


def time_of(place: Workplace) -> Clock:
    """The clock of a workspace, to be set."""
    assert isinstance(place.clock, Clock)
    return place.clock


def complaint(number: int, when: datetime, unit: str = "H1", **fields: object) -> dict[str, object]:
    """One complaint, with what a test does not care about filled in."""
    return {"complaint_id": f"c{number:06d}", "received_at": when.isoformat(), "unit": unit, **FILLED, **fields}


def messages(records: Iterable[dict[str, object] | bytes], part: str = "t[0]", first: int = 0) -> tuple[Message, ...]:
    """Records as messages of one partition."""
    values = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in records]
    return tuple(Message(part, first + n, value) for n, value in enumerate(values))


def many(count: int, when: datetime, first: int = 0, unit: str = "H1", **fields: object) -> Sequence[dict[str, object]]:
    """So many complaints within a minute."""
    return [complaint(first + n, when + timedelta(milliseconds=50 * n), unit, **fields) for n in range(count)]
