"""A small workspace for the tests of this room: one feed, loads and refreshes of a few lines.

Each load brings rows whose `amount` is 1, so the sum of a day's state must be its number of rows.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from ganzhi.base.clock import Clock, SystemClock
from ganzhi.base.ids import new_id
from ganzhi.catalogue.model.data import Column, Feed
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.store.ledger import Arrival, LoadRecord
from ganzhi.store.manifest import Change, FileRef, NewFile, Snapshot
from ganzhi.store.open import open_store
from ganzhi.warehouse.duckdb.engine import DuckDBEngine
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.files import Files
from ganzhi.warehouse.workplace import Workplace

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = ("2026-01-01", "2026-01-02", "2026-01-03")
STATE_SCHEMA = pa.schema([("unit", pa.string()), ("day", pa.date32()), ("rows", pa.int64())])


def _text(text: str) -> Text:
    return Text.model_validate({"zh": text, "en": text})


def catalogue() -> Catalogue:
    feed = Feed(
        name=_text("calls"),
        record=_text("call"),
        key=("id",),
        time="at",
        unit="unit",
        columns={
            "id": Column(name=_text("id"), type="text", required=True),
            "at": Column(name=_text("at"), type="timestamp", required=True),
            "unit": Column(name=_text("unit"), type="text", required=True),
            "amount": Column(name=_text("amount"), type="int"),
        },
    )
    return Catalogue.of("test 1+000000000000", {"feeds": {"calls": feed}})


def open_place(root: Path, clock: Clock | None = None, store_url: str = "", **engine: object) -> Workplace:
    ticking = clock or SystemClock()
    warehouse = root / "warehouse"
    warehouse.mkdir(mode=0o750, parents=True, exist_ok=True)
    return Workplace(
        root=root,
        catalogue=catalogue(),
        store=open_store(store_url or f"sqlite:///{root / 'store.sqlite'}", ticking),
        files=Files(warehouse),
        engine=DuckDBEngine(warehouse, ZONE, **{"memory_mb": 512, "threads": 1, **engine}),  # type: ignore[arg-type]
        zone=ZONE,
        clock=ticking,
    )


def write_rows(place: Workplace, day: str, count: int, tag: str) -> NewFile:
    """A file of `count` rows of a day; equal tags give equal rows."""
    with place.engine.loading_session() as session:
        return place.files.write(
            session,
            f"SELECT '{tag}-' || i AS id, TIMESTAMPTZ '{day} 12:00:00+08' + INTERVAL (i) SECOND AS \"at\", 'u' || (i % 7) AS unit, "
            f"1::BIGINT AS amount, '{tag}' AS _load, i AS _line FROM range({count}) t(i)",
            "rows/calls",
            day,
            order_by='unit, "at"',
            key="unit",
        )


def load(place: Workplace, day: str, count: int, tag: str) -> int:
    """One load of one day, committed with its ledger row; the commit's number."""
    file = write_rows(place, day, count, tag)
    now = place.clock.now()
    record = LoadRecord(
        id=new_id(), feed="calls", mapping="m", file=f"{tag}.csv", content_sha256=(tag.encode().hex() + "0" * 64)[:64],
        state="accepted", read=count, accepted=count, duplicate=0, replaced=0, rejected=0, filtered=0, blanked=0,
        noted=0, first_day=date.fromisoformat(day), last_day=date.fromisoformat(day), started_at=now,
        finished_at=now, catalogue_version="test",
    )  # fmt: skip
    arrival = Arrival("calls", "m", date.fromisoformat(day), "", record.id, count)
    return place.store.manifest.commit(Change(kind="load", add=(file,), load=record, arrivals=(arrival,)))


def refresh(place: Workplace, day: str) -> None:
    """The day's state, computed from its live row files, in the place of the older one."""
    snapshot = place.store.manifest.snapshot()
    rows = snapshot.table("rows/calls", {day})
    with place.engine.session({"rows_calls": Relation(rows, pa.schema([]))}) as session:
        state = place.files.write(
            session,
            f"SELECT unit, DATE '{day}' AS day, sum(amount)::BIGINT AS rows FROM rows_calls GROUP BY unit",
            "day/calls/add",
            day,
            order_by="unit, day",
            plan="p1",
            inputs=tuple(file.id for file in rows),
        )
    old = tuple(file.id for file in snapshot.table("day/calls/add", {day}))
    place.store.manifest.commit(Change(kind="refresh", add=(state,), retire=old))


def read_rows(place: Workplace, files: tuple[FileRef, ...]) -> list[tuple[object, ...]]:
    """All rows of row files, sorted, for comparing content."""
    if not files:
        return []
    with place.engine.session({"part": Relation(files, pa.schema([]))}) as session:
        found = session.query('SELECT id, epoch_us("at") AS moment, unit, amount, _load, _line FROM part ORDER BY ALL')
    return [tuple(row.values()) for row in found.to_pylist()]


def counts(place: Workplace, snapshot: Snapshot) -> dict[str, tuple[int, int]]:
    """Per day: what the state says, and how many rows stand behind it in its inputs."""
    found: dict[str, tuple[int, int]] = {}
    for state in snapshot.table("day/calls/add"):
        inputs = place.store.manifest.files(state.inputs)
        relations = {"state": Relation((state,), STATE_SCHEMA), "part": Relation(inputs, pa.schema([]))}
        with place.engine.session(relations) as session:
            said = session.query("SELECT coalesce(sum(rows), 0)::BIGINT AS n FROM state")["n"][0].as_py()
            behind = session.query("SELECT count(*) AS n FROM part")["n"][0].as_py()
        found[state.partition] = (said, behind)
    return found


def is_stale(snapshot: Snapshot, day: str) -> bool:
    rows = {file.id for file in snapshot.table("rows/calls", {day})}
    return any(set(state.inputs) != rows for state in snapshot.table("day/calls/add", {day}))


def data_files(place: Workplace) -> set[str]:
    root = place.files.root
    return {str(path.relative_to(root)) for path in (root / "data").rglob("*") if path.is_file()}


def staging_folders(place: Workplace) -> list[Path]:
    return list((place.files.root / "tmp").glob("*"))
