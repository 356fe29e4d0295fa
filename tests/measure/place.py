"""A workspace without files of its own: a catalogue in memory, a store, a warehouse folder, and a
loader that puts rows where `ingest` would put them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from ganzhi.base.clock import FixedClock
from ganzhi.base.ids import digest, new_id
from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.indicators import Indicator
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.states import rows_schema
from ganzhi.store.ledger import Arrival, LoadRecord
from ganzhi.store.manifest import Change
from ganzhi.store.open import open_store
from ganzhi.warehouse.duckdb.engine import DuckDBEngine
from ganzhi.warehouse.files import Files
from ganzhi.warehouse.workplace import Workplace

NOW = datetime(2026, 11, 21, tzinfo=UTC)
Row = Mapping[str, object]


def text(words: str) -> Text:
    """The same words in both languages."""
    return Text(zh=words, en=words)


def indicator(code: str, **fields: object) -> Indicator:
    """An indicator of feed `calls` with the fields a test does not care about filled in."""
    values: dict[str, object] = {
        "name": {"zh": code, "en": code},
        "definition": {"zh": code, "en": code},
        "layer": "PI",
        "type": "system_performance",
        "unit": "count",
        "feed": "calls",
        **fields,
    }
    return Indicator.model_validate(values)


def units(*pairs: tuple[str, str | None]) -> dict[str, Unit]:
    """Units as (code, parent) pairs."""
    return {
        code: Unit(name=text(code), level="province" if parent is None else "team", parent=parent)
        for code, parent in pairs
    }


def catalogue_with(
    base: Catalogue, indicators: Mapping[str, Indicator], of: Mapping[str, Unit] | None = None
) -> Catalogue:
    """A catalogue with these indicators in place of its own, and these units where given."""
    return replace(base, indicators=dict(indicators), units=base.units if of is None else dict(of), topics={})


def make_workplace(
    folder: Path, catalogue: Catalogue, zone: str = "Asia/Shanghai", *, threads: int = 2, memory_mb: int = 512
) -> Workplace:
    """A workplace in an empty or a used folder."""
    root, clock = folder / "warehouse", FixedClock(NOW)
    root.mkdir(parents=True, exist_ok=True)
    return Workplace(
        root=folder,
        catalogue=catalogue,
        store=open_store(f"sqlite:///{folder / 'store.sqlite'}", clock),
        files=Files(root),
        engine=DuckDBEngine(root, ZoneInfo(zone), memory_mb=memory_mb, threads=threads, deadline_s=None),
        zone=ZoneInfo(zone),
        clock=clock,
    )


def put_rows(workplace: Workplace, feed: str, rows: Sequence[Row], *, empty_days: Iterable[date] = ()) -> str:
    """Add rows as one load; days without rows can be said to have arrived too."""
    load = new_id()
    return _commit(workplace, feed, load, _numbered(rows, load), (), empty_days)


def set_rows(workplace: Workplace, feed: str, rows: Sequence[Row]) -> str:
    """Replace everything the feed holds by these rows, as a correction of all days would."""
    load = new_id()
    live = workplace.store.manifest.snapshot().table(f"rows/{feed}")
    return _commit(workplace, feed, load, _numbered(rows, load), tuple(file.id for file in live), ())


def _numbered(rows: Sequence[Row], load: str) -> list[Row]:
    return [{"_load": load, "_line": number + 2, **row} for number, row in enumerate(rows)]


def _commit(
    workplace: Workplace, feed: str, load: str, rows: Sequence[Row], retire: tuple[int, ...], empty_days: Iterable[date]
) -> str:
    time = workplace.catalogue.feed(feed).time
    by_day: dict[date, list[Row]] = {}
    for row in rows:
        at = row[time]
        assert isinstance(at, datetime)
        by_day.setdefault(at.astimezone(workplace.zone).date(), []).append(row)
    schema = rows_schema(workplace.catalogue.feed(feed))
    added = []
    with workplace.engine.loading_session() as session:
        for day, of_day in sorted(by_day.items()):
            session.register("arriving", pa.Table.from_pylist(of_day, schema=schema))
            added.append(
                workplace.files.write(session, "SELECT * FROM arriving", f"rows/{feed}", day.isoformat(), order_by=None)
            )
    days = {**dict.fromkeys(empty_days, 0), **{day: len(of_day) for day, of_day in by_day.items()}}
    arrivals = tuple(Arrival(feed, "test", day, "", load, n) for day, n in sorted(days.items()))
    record = LoadRecord(
        id=load,
        feed=feed,
        mapping="test",
        file=f"{load}.csv",
        content_sha256=digest(load),
        state="accepted",
        read=len(rows),
        accepted=len(rows),
        duplicate=0,
        replaced=0,
        rejected=0,
        filtered=0,
        blanked=0,
        noted=0,
        first_day=min(by_day, default=None),
        last_day=max(by_day, default=None),
        started_at=NOW,
        finished_at=NOW,
        catalogue_version=workplace.catalogue.version,
    )
    workplace.store.manifest.commit(Change("load", add=tuple(added), retire=retire, load=record, arrivals=arrivals))
    return load
