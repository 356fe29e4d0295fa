"""Linking what changed: the chains of every stale day, day after day, each made true by one commit.

A day's rows are a function of the definition, of the records around the day, and of what the chains of the days before
it have taken; nothing else, so a second run gives the same rows to the byte. Whether a day is stale is read off the
manifest: its files name the fingerprint of all three. Late records make their day stale again, and the days after it
only when other records were taken; chains stay when the records they were linked from are dropped. Holds the lock
`trace`; loads go on meanwhile. Killed at any moment, a run leaves whole days, old or new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pyarrow as pa

from ganzhi.base.errors import EngineError, Issue
from ganzhi.base.failpoint import failpoint
from ganzhi.base.ids import digest
from ganzhi.base.periods import midnight
from ganzhi.compile.dialects import identifier
from ganzhi.compile.states import rows_schema
from ganzhi.compile.trace.chains import chain_rows_sql, chains_sql, known_sql, wide_sql
from ganzhi.compile.trace.hops import claims_sql, gaps_sql, hop_rows_sql, twice_sql
from ganzhi.compile.trace.links import links_sql
from ganzhi.compile.trace.plan import US, TracePlan, plan_trace
from ganzhi.compile.trace.records import Span, counts_sql, records_sql, relation, watermark_sql
from ganzhi.store.manifest import Change, ConflictError, FileRef, NewFile, Snapshot
from ganzhi.trace.derived import made_load
from ganzhi.trace.skew import Gap, Skew, estimate, placed
from ganzhi.warehouse.engine import Relation, Session
from ganzhi.warehouse.locks import writer_lock
from ganzhi.warehouse.workplace import Workplace

LOCK = "trace"
MOST_ATTEMPTS = 5
MARK_PARTS = 5
"""Definition, records, whether closed, what earlier days took, which feeds were there."""
FOR_EVER = 2**62
"""A time after all records: the day's window has closed."""
TAKEN_SCHEMA = pa.schema([("feed", pa.string()), ("record", pa.string())])


@dataclass(frozen=True, slots=True)
class StepTally:
    """Records of a step on a day, and how many of them no chain took."""

    records: int
    unmatched: int


@dataclass(frozen=True, slots=True)
class DayReport:
    """What a day's linking gave. states: chains by state. links: links by how they were made. skews: of the systems."""

    trace: str
    day: str
    chains: int
    states: Mapping[str, int]
    links: Mapping[str, int]
    ambiguous: int
    steps: Mapping[str, StepTally]
    skews: tuple[Skew, ...]


@dataclass(frozen=True, slots=True)
class RunReport:
    """days: linked anew. unchanged: days that needed nothing."""

    days: tuple[DayReport, ...]
    unchanged: int
    took: timedelta


OnDay = Callable[[str, str, int, int], None]
"""Told before each day: trace, day, its number, and how many there are."""


def run(
    workplace: Workplace,
    codes: Sequence[str] = (),
    first: date | None = None,
    last: date | None = None,
    on_day: OnDay | None = None,
    wait_s: float = 60.0,
) -> RunReport:
    """Link the stale days of some traces (all by default), or those between two days, both included.

    Raises: InputError TRC001 for an unknown trace, EngineError TRC003 when a definition takes a record twice, and
    what the lock, the disk, the engine or the store raise; days committed before that count.
    """
    started = workplace.clock.now()
    plans = [plan_trace(workplace.catalogue, code) for code in (codes or workplace.catalogue.traces)]
    reports: list[DayReport] = []
    unchanged = 0
    with writer_lock(workplace.root, LOCK, wait_s, workplace.clock, LOCK):
        for plan in plans:
            done = _Run(workplace, plan, first, last, on_day).finish()
            reports += done.reports
            unchanged += done.unchanged
    return RunReport(tuple(reports), unchanged, workplace.clock.now() - started)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a day's chains depend on. files: by feed. closed: no record that is still to come can belong to them.
    before: what chains of earlier days took; taken: the files that say so. present: bits of the feeds that have records
    on the day itself."""

    day: date
    files: Mapping[str, tuple[FileRef, ...]]
    closed: bool
    before: str
    taken: tuple[FileRef, ...]
    present: int

    def mark(self, plan: TracePlan) -> str:
        """The fingerprint of all of it."""
        names = [f"{feed}:{file.sha256}" for feed, files in self.files.items() for file in files]
        return f"{plan.fingerprint}.{digest(*names)[:16]}.{int(self.closed)}.{self.before}.{self.present:x}"

    def is_left_alone(self, old: Sequence[FileRef]) -> bool:
        """Whether the day was linked from records that are dropped by now: its chains stay as they are."""
        marks = [(file.plan or "").partition("/")[0].split(".") for file in old]
        return any(len(mark) == MARK_PARTS and int(mark[-1], 16) & ~self.present for mark in marks)


@dataclass(slots=True)
class _Done:
    reports: list[DayReport] = field(default_factory=list)
    unchanged: int = 0


class _Run:
    """One trace's linking."""

    def __init__(
        self, workplace: Workplace, plan: TracePlan, first: date | None, last: date | None, on_day: OnDay | None
    ) -> None:
        self._workplace, self._plan = workplace, plan
        self._first, self._last, self._on_day = first, last, on_day

    def finish(self) -> _Done:
        done = _Done()
        snapshot = self._workplace.store.manifest.snapshot()
        days = [day for day in days_of(self._plan, snapshot) if self._asked(day)]
        for number, day in enumerate(days, 1):
            if self._on_day is not None:
                self._on_day(self._plan.code, day, number, len(days))
            snapshot = self._day(day, snapshot, done)
        return done

    def _asked(self, day: str) -> bool:
        asked = date.fromisoformat(day)
        return (self._first is None or asked >= self._first) and (self._last is None or asked <= self._last)

    def _day(self, day: str, snapshot: Snapshot, done: _Done) -> Snapshot:
        for attempt in range(MOST_ATTEMPTS):
            try:
                return self._attempt(day, snapshot, done)
            except ConflictError:
                if attempt == MOST_ATTEMPTS - 1:
                    raise
                snapshot = self._workplace.store.manifest.snapshot()
        return snapshot

    def _attempt(self, day: str, snapshot: Snapshot, done: _Done) -> Snapshot:
        plan = self._plan
        old = written_files(plan, snapshot, day)
        inputs = inputs_of(plan, snapshot, date.fromisoformat(day))
        if not is_stale(plan, inputs, old):
            done.unchanged += 1
            return snapshot
        began = self._workplace.clock.now()
        report, files = link_day(self._workplace, plan, inputs, inputs.mark(plan))
        failpoint("trace.linked")
        load, arrivals = made_load(self._workplace, f"trace.{plan.code}", plan.code, files, old, began)
        tables = frozenset((_rows(plan.trace.chains), _rows(plan.trace.hops)))
        gone = tuple(file.id for file in old)
        change = Change("trace", add=files, retire=gone, tables=tables, load=load, arrivals=arrivals)
        self._workplace.store.manifest.commit(change, snapshot)
        done.reports.append(report)
        return self._workplace.store.manifest.snapshot()


def _rows(feed: str) -> str:
    return f"rows/{feed}"


def days_of(plan: TracePlan, snapshot: Snapshot) -> list[str]:
    """Days on which chains start, or of which chains are written, in order."""
    tables = (_rows(plan.source(plan.first).feed), _rows(plan.trace.chains))
    return sorted({day for table in tables for day in snapshot.partitions(table)})


def written_files(plan: TracePlan, snapshot: Snapshot, day: str) -> tuple[FileRef, ...]:
    """The live files of a day's chains and hops."""
    return tuple(f for feed in (plan.trace.chains, plan.trace.hops) for f in snapshot.table(_rows(feed), [day]))


def stale_days(plan: TracePlan, snapshot: Snapshot) -> list[str]:
    """Days that a run would link, as far as the manifest shows it now."""
    found = []
    for day in days_of(plan, snapshot):
        old = written_files(plan, snapshot, day)
        if is_stale(plan, inputs_of(plan, snapshot, date.fromisoformat(day)), old):
            found.append(day)
    return found


def is_stale(plan: TracePlan, inputs: Inputs, old: Sequence[FileRef]) -> bool:
    """Whether a day's chains have to be linked: they are not written, or depend on something else by now."""
    if old and inputs.is_left_alone(old):
        return False
    mark = inputs.mark(plan)
    return len(old) != 2 or any((file.plan or "").partition("/")[0] != mark for file in old)


def reach_days(plan: TracePlan) -> int:
    """Days after the start of a chain in which its records may lie."""
    return -(-plan.closing // (86_400 * US))


def inputs_of(plan: TracePlan, snapshot: Snapshot, day: date) -> Inputs:
    """What the chains of a day depend on."""
    reach = reach_days(plan)
    files: dict[str, tuple[FileRef, ...]] = {}

    def add(feed: str, before: int, after: int) -> None:
        days = [(day + timedelta(days=n)).isoformat() for n in range(-before, after + 1)]
        both = {file.id: file for file in (*files.get(feed, ()), *snapshot.table(_rows(feed), days))}
        files[feed] = tuple(sorted(both.values(), key=lambda file: (file.partition, file.id)))

    for feed in plan.feeds:
        add(feed, 0 if feed == plan.source(plan.first).feed else 1, reach)
    for feed, (before, after) in plan.asked_feeds.items():
        add(feed, -(-before // 86_400), -(-after // 86_400))
    for feed in plan.known_feeds:
        files[feed] = tuple(f for f in snapshot.table(_rows(feed)) if f.partition <= day.isoformat())
    last = (day + timedelta(days=reach)).isoformat()
    closed = any(part > last for feed in plan.feeds for part in snapshot.partitions(_rows(feed))[-1:])
    earlier = [(day - timedelta(days=n)).isoformat() for n in range(1, reach + 1)]
    taken = snapshot.table(_rows(plan.trace.hops), earlier)
    claims = digest(*(f"{file.partition}/{(file.plan or '').partition('/')[2]}" for file in taken))[:16]
    here = [any(file.partition == day.isoformat() for file in files[feed]) for feed in plan.feeds]
    present = sum(1 << place for place, there in enumerate(here) if there)
    return Inputs(day, files, closed, claims if taken else "", taken, present)


def link_day(workplace: Workplace, plan: TracePlan, inputs: Inputs, mark: str) -> tuple[DayReport, tuple[NewFile, ...]]:
    """Link one day and write its rows; the files do not count yet."""
    zone = workplace.zone
    start = int(midnight(inputs.day, zone).timestamp()) * US
    span = Span(start, int(midnight(inputs.day + timedelta(days=1), zone).timestamp()) * US)
    relations = {
        relation(feed): Relation(files, rows_schema(workplace.catalogue.feed(feed)))
        for feed, files in inputs.files.items()
    }
    relations["taken_hops"] = Relation(inputs.taken, rows_schema(plan.hops))
    with workplace.engine.session(relations) as session:
        session.execute("create temp table taken as select distinct feed, record from taken_hops where how <> 'record'")
        skews = link(session, plan, span, closed=inputs.closed)
        claims = session.query(claims_sql(plan, span.end)).to_pylist()[0]
        taken = f"{claims['n']:x}-{claims['h'] & (2**64 - 1):x}"
        files = tuple(_write(workplace, session, plan, inputs.day, f"{mark}/{taken}"))
        return _report(session, plan, span, inputs.day, skews), files


def link(session: Session, plan: TracePlan, span: Span, *, closed: bool) -> tuple[Skew, ...]:
    """Run the statements in a session with the relations and `taken`; leaves `chains` and `written` (the hops)."""
    for statement in (*records_sql(plan, span), *links_sql(plan)):
        session.execute(statement)
    session.execute(wide_sql(plan, span))
    for statement in known_sql(plan):
        session.execute(statement)
    gaps = [Gap(**row) for row in session.query(gaps_sql(plan)).to_pylist()]
    systems = tuple(dict.fromkeys(step.system for step in plan.steps))
    skews = estimate(systems, gaps)
    until = FOR_EVER if closed else (session.query(watermark_sql(plan)).column("w")[0].as_py() or 0)
    session.execute(chains_sql(plan, until, placed(skews)))
    session.execute(f"create or replace temp table written as {hop_rows_sql(plan, placed(skews))}")
    check = twice_sql(plan)
    twice = session.query(check).to_pylist() if check is not None else []
    if twice:
        raise EngineError(Issue("TRC003", plan.code, params={"feed": twice[0]["feed"], "record": twice[0]["record"]}))
    return skews


def _write(workplace: Workplace, session: Session, plan: TracePlan, day: date, mark: str) -> Iterator[NewFile]:
    for feed, code, select, key in (
        (plan.chains, plan.trace.chains, chain_rows_sql(plan), "chain_id"),
        (plan.hops, plan.trace.hops, "select * from written", "hop_id"),
    ):
        order = f"{identifier(feed.unit)}, {identifier(feed.time)}, {key}"
        yield workplace.files.write(session, select, _rows(code), day.isoformat(), order_by=order, plan=mark)
        failpoint("trace.file_written")


def _report(session: Session, plan: TracePlan, span: Span, day: date, skews: tuple[Skew, ...]) -> DayReport:
    states = session.query("select state, count(*) as n from chains group by 1 order by 1").to_pylist()
    links = session.query(
        "select how, count(*) as n, coalesce(count_if(ambiguous), 0) as amb from written group by 1 order by 1"
    ).to_pylist()
    steps = session.query(counts_sql(plan, span)).to_pylist()
    return DayReport(
        plan.code,
        day.isoformat(),
        sum(row["n"] for row in states),
        {row["state"]: row["n"] for row in states},
        {row["how"]: row["n"] for row in links},
        sum(row["amb"] for row in links if row["how"] != "record"),
        {row["step"]: StepTally(row["n"], row["unmatched"]) for row in steps},
        skews,
    )
