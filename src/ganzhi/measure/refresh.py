"""Computing what changed: states of stale days, written first, made true by one commit per batch.

Owns the order of steps: plan, find stale days, scan, roll, write files, commit. Holds the lock
`refresh`, so that two refreshes wait for each other; loads go on meanwhile, and what they bring is
found stale next time. A commit that comes too late is given up and planned again. Killed at any
moment, a refresh leaves whole days: old or new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ganzhi.base.errors import InternalError
from ganzhi.base.failpoint import failpoint
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.dialects import identifier
from ganzhi.compile.plan import FeedPlan, plan_feed
from ganzhi.compile.roll import roll_sql
from ganzhi.compile.scan import ScanQueries, scan_sql
from ganzhi.compile.states import relation_of, rows_schema, state_schema
from ganzhi.measure.calendar import slots_table
from ganzhi.measure.staleness import FeedState, feed_state, state_tables
from ganzhi.store.manifest import Change, ConflictError, NewFile, Snapshot
from ganzhi.warehouse.engine import Relation, Session
from ganzhi.warehouse.locks import writer_lock
from ganzhi.warehouse.workplace import Workplace

LOCK = "refresh"
MOST_ROWS = 2_000_000
"""Rows of a batch of days, for memory's sake; a single day may have more."""
MOST_DAYS = 93
MOST_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class RefreshStep:
    """Progress: `done` of `total` stale days of a feed are computed and count."""

    feed: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class FeedRefresh:
    """What was done for a feed: days computed, days whose states were retired because their rows
    are gone, days that needed nothing; and how many indicators share how many measures."""

    feed: str
    computed: tuple[str, ...]
    retired: tuple[str, ...]
    unchanged: int
    indicators: int
    measures: int


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """feeds: in catalogue order. orphaned: feeds that are no longer declared, whose states were retired."""

    feeds: tuple[FeedRefresh, ...]
    orphaned: tuple[str, ...]
    commits: int
    took: timedelta

    @property
    def changed(self) -> bool:
        """Whether any number may have changed."""
        return self.commits > 0


OnStep = Callable[[RefreshStep], None]


def measured_feeds(catalogue: Catalogue) -> tuple[str, ...]:
    """Feeds that an indicator is computed from, in catalogue order."""
    used = {i.feed for i in catalogue.indicators.values() if i.feed is not None and not i.retired}
    return tuple(code for code in catalogue.feeds if code in used)


def feeds_with_files(catalogue: Catalogue, snapshot: Snapshot) -> tuple[str, ...]:
    """Measured feeds of which rows or states are kept. A pack declares many more than a workspace fills,
    and compiling a feed for nothing takes time."""
    held = {table.split("/")[1] for table in snapshot.tables()}
    return tuple(feed for feed in measured_feeds(catalogue) if feed in held)


def refresh(
    workplace: Workplace,
    first: date | None = None,
    last: date | None = None,
    on_step: OnStep | None = None,
    wait_s: float = 60.0,
    batch_rows: int = MOST_ROWS,
) -> RefreshReport:
    """Compute the states of every stale day, or of those between two local days, both included.

    wait_s: how long to wait for another refresh. batch_rows: rows computed at once and committed
    together, in whole days.
    Raises: InputError when the catalogue cannot be compiled, EngineError when the lock, the disk,
    the engine or the store fails; days committed before that count.
    """
    started = workplace.clock.now()
    with writer_lock(workplace.root, LOCK, wait_s, workplace.clock, LOCK):
        held = feeds_with_files(workplace.catalogue, workplace.store.manifest.snapshot())
        plans = [plan_feed(workplace.catalogue, feed) for feed in held]
        runs = [_Run(workplace, plan, (first, last), batch_rows, on_step) for plan in plans]
        reports = tuple(run.finish() for run in runs)
        orphaned = _retire_orphans(workplace)
    commits = sum(run.commits for run in runs) + bool(orphaned)
    return RefreshReport(reports, orphaned, commits, workplace.clock.now() - started)


class _Run:
    """One feed's refresh."""

    def __init__(
        self,
        workplace: Workplace,
        plan: FeedPlan,
        bounds: tuple[date | None, date | None],
        batch_rows: int,
        on_step: OnStep | None,
    ) -> None:
        self._workplace, self._plan = workplace, plan
        self._bounds, self._batch_rows, self._on_step = bounds, batch_rows, on_step
        self._computed: list[str] = []
        self._retired: list[str] = []
        self.commits = 0

    def finish(self) -> FeedRefresh:
        """Work until nothing found stale at the start of an attempt is left."""
        for _ in range(MOST_ATTEMPTS - 1):
            try:
                return self._attempt()
            except ConflictError:
                continue
        return self._attempt()

    def _attempt(self) -> FeedRefresh:
        snapshot = self._workplace.store.manifest.snapshot()
        state = feed_state(self._plan, snapshot)
        stale = state.stale_days(*self._bounds)
        self._work(state, stale, snapshot)
        unchanged = len({*state.rows, *state.states} - {*self._computed, *self._retired})
        indicators, measures = self._plan.summary
        return FeedRefresh(
            self._plan.feed, tuple(self._computed), tuple(self._retired), unchanged, indicators, measures
        )

    def _work(self, state: FeedState, stale: Sequence[str], snapshot: Snapshot) -> None:
        done = 0
        for batch in _batches(state, stale, self._batch_rows):
            files = self._compute(state, batch)
            failpoint("refresh.computed")
            retire = tuple(file.id for day in batch for file in state.states.get(day, ()))
            # Loads are let through: what they add makes these states stale, not wrong. Only another
            # refresh of the same states may not come between.
            change = Change("refresh", add=files, retire=retire, tables=frozenset(self._plan.tables()))
            commit = self._workplace.store.manifest.commit(change, snapshot)
            failpoint("refresh.committed")
            snapshot = Snapshot(commit, snapshot.files)
            self.commits += 1
            self._computed += [day for day in batch if day in state.rows]
            self._retired += [day for day in batch if day not in state.rows]
            done += len(batch)
            if self._on_step is not None:
                self._on_step(RefreshStep(self._plan.feed, done, len(stale)))

    def _compute(self, state: FeedState, batch: Sequence[str]) -> tuple[NewFile, ...]:
        days = [day for day in batch if day in state.rows]
        if not days:
            return ()
        feed = self._workplace.catalogue.feed(self._plan.feed)
        files = [file for day in days for file in state.rows[day]]
        relation = Relation(files, rows_schema(feed))
        with self._workplace.engine.session({relation_of(f"rows/{self._plan.feed}"): relation}) as session:
            session.register("slots", slots_table([date.fromisoformat(d) for d in days], self._workplace.zone))
            compute_states(session, self._plan)
            self._check(session, state, days)
            return tuple(self._write(session, state, days))

    def _check(self, session: Session, state: FeedState, days: Sequence[str]) -> None:
        """Every row stands in exactly one cell of every cuboid, in the day its partition says."""
        cells = 'select cuboid, day, cast(sum("rows") as bigint) as n from made_day_add group by cuboid, day'
        found = session.query(cells)
        counted = {(row["cuboid"], str(row["day"])): row["n"] for row in found.to_pylist()}
        expected = {
            (cuboid, day): rows
            for day in days
            if (rows := sum(file.rows for file in state.rows[day]))
            for cuboid in range(len(self._plan.cuboids))
        }
        if counted != expected:
            wrong = sorted(set(counted.items()) ^ set(expected.items()), key=str)[:3]
            raise InternalError(f"states of {self._plan.feed} do not hold each row once: {wrong}")

    def _write(self, session: Session, state: FeedState, days: Sequence[str]) -> Iterator[NewFile]:
        inputs = {day: tuple(sorted(file.id for file in state.rows[day])) for day in days}
        for table in self._plan.tables():
            level, _, kind = table.split("/")
            names = state_schema(self._plan, table).names
            columns = ", ".join(identifier(name) for name in names)
            keys = [name for name in names if name not in ("day", "rows", "n") and not name.startswith("m_")]
            select = f"select {columns} from made_{level}_{kind}"
            files = self._workplace.files
            for file in files.write_parts(
                session, select, table, inputs, part="day", order_by=keys, plan=self._plan.fingerprint
            ):
                yield file
                failpoint("refresh.file_written")


def compute_states(session: Session, plan: FeedPlan) -> None:
    """Scan and roll in a session that has `rows_<feed>` and `slots`; the results stand in temporary
    tables `made_fine_<kind>` and `made_day_<kind>`."""
    scans = scan_sql(plan).by_kind()
    for kind, sql in scans.items():
        session.execute(f"create temp table made_fine_{kind} as\n{sql}")
    source = {kind: f"made_fine_{kind}" for kind in scans}
    rolls = roll_sql(plan, ScanQueries(source["add"], source.get("hist"), source.get("set")))
    for kind, sql in rolls.by_kind().items():
        session.execute(f"create temp table made_day_{kind} as\n{sql}")


def _batches(state: FeedState, stale: Sequence[str], most_rows: int) -> Iterator[list[str]]:
    batch: list[str] = []
    rows = 0
    for day in stale:
        of_day = sum(file.rows for file in state.rows.get(day, ()))
        if batch and (rows + of_day > most_rows or len(batch) == MOST_DAYS):
            yield batch
            batch, rows = [], 0
        batch.append(day)
        rows += of_day
    if batch:
        yield batch


def _retire_orphans(workplace: Workplace) -> tuple[str, ...]:
    """Retire states of feeds that no indicator is computed from any more."""
    snapshot = workplace.store.manifest.snapshot()
    kept = set(measured_feeds(workplace.catalogue))
    feeds = {t.split("/")[1] for t in snapshot.tables() if t.split("/")[0] in ("fine", "day")} - kept
    tables = [table for feed in sorted(feeds) for table in state_tables(snapshot, feed)]
    if tables:
        retire = tuple(file.id for table in tables for file in snapshot.table(table))
        workplace.store.manifest.commit(Change("refresh", retire=retire, tables=frozenset(tables)), snapshot)
    return tuple(sorted(feeds))
