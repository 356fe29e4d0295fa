"""A long past from two simulated days, so that a store of many observations takes minutes and not days.

The two days take the product's whole path. Before them come

- days whose states are copies of theirs with another date, written and committed by the product's own
  writer, as days whose rows were dropped when their time was up; their observations and scores are
  computed by the product's publication;
- and days of which only arrivals and what is published stand in the store: copies of published days
  and weeks, with the mark that a publication would give them; their rows are said to be dropped, by
  states without a row.

So a page reads what is published of all of them as ever, and what it asks of states it gets for the
days that have some.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pyarrow.parquet as pq

from ganzhi.base.ids import digest
from ganzhi.base.periods import Grain, Period, period_of_day
from ganzhi.measure.publish.staleness import ground_of
from ganzhi.measure.publish.tables import KEYS, KINDS, Kind, table_name
from ganzhi.store.ledger import Arrival, LoadRecord
from ganzhi.store.manifest import Change, FileRef, NewFile, Snapshot
from ganzhi.warehouse.engine import Relation
from ganzhi.warehouse.workplace import Workplace

LEVELS = "fine", "day", "total"


@dataclass(frozen=True, slots=True)
class Past:
    """Days that are copied, and how many days there are in all; with_states: how many of them have states."""

    days: Sequence[date]
    count: int
    with_states: int

    def back(self, count: int) -> range:
        """How many days back each copy goes so that there are `count` days in all."""
        return range(len(self.days), count, len(self.days))


def spread_states(workplace: Workplace, past: Past) -> None:
    """Copy the states of the days to earlier ones, and say that data arrived for all days there are to be."""
    snapshot = workplace.store.manifest.snapshot()
    held = {day.isoformat() for day in past.days}
    done = {load.feed for load in workplace.store.ledger.loads(limit=10**6) if load.file.endswith(".shifted")}
    for feed in sorted({a.feed for a in workplace.store.ledger.arrivals()} - done):
        files: list[NewFile] = []
        for table in snapshot.tables():
            level, of, *_ = table.split("/")
            if of == feed and level in LEVELS:
                files += _copies(workplace, table, snapshot.table(table, held), past.back(past.with_states))
        load, arrivals = _load(workplace, feed, past)
        workplace.store.manifest.commit(Change("load", add=tuple(files), load=load, arrivals=arrivals))


def spread_dropped(workplace: Workplace, past: Past) -> None:
    """Say of the days without states that their rows were dropped: one file without a row for each feed and day, of a
    level on which what is published does not rest."""
    snapshot = workplace.store.manifest.snapshot()
    gone = [past.days[-1] - timedelta(days=back) for back in range(past.with_states, past.count)]
    parts: dict[str, tuple[int, ...]] = {day.isoformat(): () for day in gone}
    held = {day.isoformat() for day in past.days}
    for feed in sorted(fine_feeds(snapshot)):
        table = next(t for t in snapshot.tables() if t.startswith(f"fine/{feed}/"))
        files = snapshot.table(table, held)
        if not files or set(snapshot.partitions(table)) & set(parts):
            continue
        schema = workplace.files.schema(files[0])
        with workplace.engine.session({"states": Relation((files[0],), schema)}) as session:
            sql = "select * from states where false"
            made = workplace.files.write_parts(
                session, sql, table, parts, part="day", order_by=("day",), plan=files[0].plan
            )
            workplace.store.manifest.commit(Change("refresh", add=tuple(made)))


def fine_feeds(snapshot: Snapshot) -> frozenset[str]:
    """Feeds that have states below a day."""
    return frozenset(table.split("/")[1] for table in snapshot.tables() if table.startswith("fine/"))


def _copies(workplace: Workplace, table: str, files: Sequence[FileRef], backs: Sequence[int]) -> Iterator[NewFile]:
    if not files or not backs:
        return
    schema = workplace.files.schema(files[0])
    days = [date.fromisoformat(file.partition) for file in files]
    parts: dict[str, tuple[int, ...]] = {(day - timedelta(days=back)).isoformat(): () for back in backs for day in days}
    numbers = ", ".join(f"({back})" for back in backs)
    sql = f"select s.* replace (cast(s.day - b.back as date) as day) from states s, (values {numbers}) b(back)"
    keys = [name for name in schema.names if name in ("cuboid", "unit", "slot")]
    with workplace.engine.session({"states": Relation(tuple(files), schema)}) as session:
        yield from workplace.files.write_parts(
            session, sql, table, parts, part="day", order_by=keys, plan=files[0].plan
        )


def _load(workplace: Workplace, feed: str, past: Past) -> tuple[LoadRecord, tuple[Arrival, ...]]:
    """The load that is said to have brought the earlier days."""
    number = digest("shifted", feed)[:32]
    known = [a for a in workplace.store.ledger.arrivals(feed) if a.day in past.days]
    arrivals = {
        (a.mapping, day, a.shard): Arrival(feed, a.mapping, day, a.shard, number, a.rows)
        for a in known
        for back in past.back(past.count)
        for day in [a.day - timedelta(days=back)]
    }
    rows = sum(a.rows for a in arrivals.values())
    days, now = sorted(day for _, day, _ in arrivals), workplace.clock.now()
    load = LoadRecord(
        id=number,
        feed=feed,
        mapping=known[0].mapping if known else feed,
        file=f"{feed}.shifted",
        content_sha256=digest("content", feed),
        state="accepted",
        read=rows,
        accepted=rows,
        duplicate=0,
        replaced=0,
        rejected=0,
        filtered=0,
        blanked=0,
        noted=0,
        first_day=days[0] if days else None,
        last_day=days[-1] if days else None,
        started_at=now,
        finished_at=now,
        catalogue_version=workplace.catalogue.version,
    )
    return load, tuple(arrivals.values())


def spread_published(workplace: Workplace, past: Past, grain: Grain, step: int) -> int:
    """Copy what is published of a day or week to all earlier ones without states; how many periods that made.

    step: how many periods back the one that is copied lies, again and again."""
    manifest, zone = workplace.store.manifest, workplace.zone
    snapshot = manifest.snapshot()
    ground = ground_of(workplace, snapshot)
    first = past.days[-1] - timedelta(days=past.count - 1)
    limit = past.days[-1] - timedelta(days=past.with_states - 1)
    periods = {
        p.first_day: p for day in ground.days() if first <= day < limit for p in [period_of_day(grain, day, zone)]
    }
    made: list[NewFile] = []
    retired: list[int] = []
    for period in sorted((p for p in periods.values() if p.last_day < limit), key=lambda p: p.start):
        source = period
        while source.last_day < limit:
            for _ in range(step):
                source = period_of_day(grain, source.last_day + timedelta(days=1), zone)
        mark = str(ground.mark(period))
        for kind in KINDS:
            table = table_name(kind, grain)
            retired += [file.id for file in snapshot.table(table, [period.first_day.isoformat()])]
            (file,) = snapshot.table(table, [source.first_day.isoformat()])
            made.append(replace(_published(workplace, kind, file, table, period), plan=mark))
    manifest.commit(Change("publish", add=tuple(made), retire=tuple(retired)))
    return len(made) // len(KINDS)


def _published(workplace: Workplace, kind: Kind, file: FileRef, table: str, period: Period) -> NewFile:
    schema = pq.read_schema(workplace.files.path(file))
    first = period.first_day.isoformat()
    sql = f"select * replace (date '{first}' as period) from published"
    with workplace.engine.session({"published": Relation((file,), schema)}) as session:
        (made,) = workplace.files.write_parts(session, sql, table, {first: ()}, part="period", order_by=KEYS[kind])
    return made
