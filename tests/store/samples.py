"""Small records to commit."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from ganzhi.base.ids import digest, new_id
from ganzhi.store.ledger import Arrival, LoadRecord
from ganzhi.store.manifest import NewFile

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def a_file(table: str, name: str, *, rows: int = 1, partition: str = "1999-01-01", **more: Any) -> NewFile:
    return NewFile(table, partition, f"data/{table}/{name}.parquet", digest(name), rows, 100, **more)


def a_load(content: str, **more: Any) -> LoadRecord:
    values: dict[str, Any] = {
        "id": new_id(), "feed": "calls", "mapping": "bank", "file": f"{content}.csv",
        "content_sha256": digest(content), "state": "accepted", "read": 3, "accepted": 1, "duplicate": 1,
        "replaced": 0, "rejected": 1, "filtered": 0, "blanked": 0, "noted": 0, "first_day": date(1999, 1, 1),
        "last_day": date(1999, 1, 31), "started_at": AT, "finished_at": AT, "catalogue_version": "telecom 1+0",
        "report": {"ING012": 1, "unknown": ["甲"]},
    }  # fmt: skip
    return LoadRecord(**(values | more))


def an_arrival(load: LoadRecord, day: date, rows: int = 1, shard: str = "") -> Arrival:
    return Arrival(load.feed, load.mapping, day, shard, load.id, rows)
