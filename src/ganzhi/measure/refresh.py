"""Computing what changed: states of stale days, written first, made true by one commit per batch.

Owns the order of steps: plan, find what is stale, compute (see `measure.states.computing`), write files,
commit; months after days. Holds the lock `refresh`, so that two refreshes wait for each other; loads
go on meanwhile, and what they bring is found stale next time. A commit that comes too late is given
up and planned again. Killed at any moment, a refresh leaves whole days: old or new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from ganzhi.base.failpoint import failpoint
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.plan import FeedPlan, plan_feed
from ganzhi.measure.states.computing import (
    DayWork,
    carry_days,
    fold_days,
    from_rows,
    months_from_days,
    totals_from_days,
)
from ganzhi.measure.states.live import LiveReport, mark_live_feeds
from ganzhi.measure.states.staleness import LEVELS, FeedState, feed_state, state_tables
from ganzhi.store.manifest import Change, ConflictError, FileRef, NewFile, Snapshot
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
    """What was done for a feed.

    computed: days computed from rows, all of them or (`added`) only those that had come since; of which
    `added`. rolled: days made again from states alone. retired: days whose states
    were retired because their rows are gone. months: months made or retired. unchanged: days that needed
    nothing. rows: how many were read. indicators, measures, scans: that many indicators share that many
    measures, computed by that many scans of a partition.
    """

    feed: str
    computed: tuple[str, ...]
    added: tuple[str, ...]
    rolled: tuple[str, ...]
    retired: tuple[str, ...]
    months: tuple[str, ...]
    unchanged: int
    rows: int
    indicators: int
    measures: int
    scans: int

    @property
    def touched(self) -> bool:
        """Whether anything was done."""
        return bool(self.computed or self.rolled or self.retired or self.months)


@dataclass(frozen=True, slots=True)
class RefreshReport:
    """feeds: in catalogue order. orphaned: feeds that are no longer declared, whose states were retired.
    live: what stands in the tables of feeds that live in an engine, and which of their rows are left out."""

    feeds: tuple[FeedRefresh, ...]
    orphaned: tuple[str, ...]
    commits: int
    took: timedelta
    live: tuple[LiveReport, ...] = ()

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
        live = mark_live_feeds(workplace)
        held = feeds_with_files(workplace.catalogue, workplace.store.manifest.snapshot())
        plans = [plan_feed(workplace.catalogue, feed) for feed in held]
        runs = [_Run(workplace, plan, (first, last), batch_rows, on_step) for plan in plans]
        reports = tuple(run.finish() for run in runs)
        orphaned = _retire_orphans(workplace)
    commits = sum(run.commits for run in runs) + bool(orphaned)
    return RefreshReport(reports, orphaned, commits, workplace.clock.now() - started, live)


@dataclass(slots=True)
class _Done:
    """What a run has done so far."""

    computed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    rolled: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    months: list[str] = field(default_factory=list)
    rows: int = 0
    commits: int = 0


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
        self._done = _Done()

    @property
    def commits(self) -> int:
        """Commits made."""
        return self._done.commits

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
        snapshot = self._days(state, stale, snapshot)
        self._months(snapshot)
        return report_of(self._plan, state, self._done)

    def _days(self, state: FeedState, stale: Sequence[str], snapshot: Snapshot) -> Snapshot:
        done = 0
        for batch in batches(state, stale, self._batch_rows):
            files = self._compute(state, batch)
            failpoint("refresh.computed")
            snapshot = self._commit(files, [file for work in batch for file in work.retire], snapshot)
            for work in batch:
                _note(self._done, work)
            done += len(batch)
            if self._on_step is not None:
                self._on_step(RefreshStep(self._plan.feed, done, len(stale)))
        return snapshot

    def _compute(self, state: FeedState, batch: Sequence[DayWork]) -> tuple[NewFile, ...]:
        rows = [work for work in batch if work.kind in ("all", "add")]
        totals = [work.day for work in batch if work.kind == "total"]
        carried = [work.day for work in batch if work.kind == "carry"]
        files = from_rows(self._workplace, self._plan, rows) if rows else ()
        files += totals_from_days(self._workplace, state, totals) if totals else ()
        return files + carry_days(self._workplace, state, carried)

    def _months(self, snapshot: Snapshot) -> None:
        """Months whose days are now others than those their states hold."""
        state = feed_state(self._plan, self._workplace.store.manifest.snapshot())
        for month in state.stale_months():
            wanted = month in state.past_months()
            files = months_from_days(self._workplace, state, month) if wanted else ()
            failpoint("refresh.month_computed")
            snapshot = self._commit(files, state.months.get(month, ()), snapshot)
            self._done.months.append(month)

    def _commit(self, files: Sequence[NewFile], retire: Iterable[FileRef], snapshot: Snapshot) -> Snapshot:
        # Loads are let through: what they add makes these states stale, not wrong. Only another
        # refresh of the same states may not come between.
        tables = frozenset(t for level in LEVELS for t in self._plan.tables_of(level))
        change = Change("refresh", add=tuple(files), retire=tuple(file.id for file in retire), tables=tables)
        commit = self._workplace.store.manifest.commit(change, snapshot)
        failpoint("refresh.committed")
        self._done.commits += 1
        return Snapshot(commit, snapshot.files)


def preview(workplace: Workplace, first: date | None = None, last: date | None = None) -> tuple[FeedRefresh, ...]:
    """What a refresh would do now, feed by feed; reads the manifest and nothing else. Months that only become due
    by what it computes are among `months` too."""
    snapshot = workplace.store.manifest.snapshot()
    found = []
    for feed in feeds_with_files(workplace.catalogue, snapshot):
        state = feed_state(plan_feed(workplace.catalogue, feed), snapshot)
        done = _Done()
        for day in state.stale_days(first, last):
            _note(done, DayWork.of(state, day))
        touched = {day[:7] + "-01" for day in (*done.computed, *done.rolled, *done.retired)}
        days = {*state.states, *done.computed} - {*done.retired}
        past = {month for month in touched if max(days, default="")[:7] > month[:7]}
        done.months += sorted({*past, *state.stale_months()})
        found.append(report_of(state.plan, state, done))
    return tuple(found)


def _note(done: _Done, work: DayWork) -> None:
    match work.kind:
        case "gone":
            done.retired.append(work.day)
        case "total" | "carry":
            done.rolled.append(work.day)
        case _:
            done.computed.append(work.day)
            done.rows += work.size
    if work.kind == "add":
        done.added.append(work.day)


def report_of(plan: FeedPlan, state: FeedState, done: _Done) -> FeedRefresh:
    """What a run did, or would do."""
    touched = {*done.computed, *done.retired, *done.rolled}
    indicators, measures = plan.summary
    return FeedRefresh(
        plan.feed,
        tuple(done.computed),
        tuple(done.added),
        tuple(done.rolled),
        tuple(done.retired),
        tuple(done.months),
        len({*state.rows, *state.states} - touched),
        done.rows,
        indicators,
        measures,
        len(plan.state_kinds) - ("hll" in plan.state_kinds),
    )


def batches(state: FeedState, stale: Sequence[str], most_rows: int) -> Iterator[list[DayWork]]:
    """The stale days with what each needs, drawn together up to `most_rows` rows."""
    batch: list[DayWork] = []
    rows = 0
    for day in stale:
        work = DayWork.of(state, day)
        if batch and (rows + work.size > most_rows or len(batch) == MOST_DAYS):
            yield batch
            batch, rows = [], 0
        batch.append(work)
        rows += work.size
    if batch:
        yield batch


def fold(workplace: Workplace, wait_s: float = 60.0) -> int:
    """Draw together days whose states consist of several parts; how many days there were.

    Numbers stay what they are; afterwards the rows of such a day can be compacted.
    """
    folded = 0
    with writer_lock(workplace.root, LOCK, wait_s, workplace.clock, LOCK):
        for feed in feeds_with_files(workplace.catalogue, workplace.store.manifest.snapshot()):
            plan = plan_feed(workplace.catalogue, feed)
            snapshot = workplace.store.manifest.snapshot()
            state = feed_state(plan, snapshot)
            days = [day for day in sorted(state.states) if state.parts(day) > 1 and state.work(day) == "none"]
            for start in range(0, len(days), MOST_DAYS):
                some = days[start : start + MOST_DAYS]
                files = fold_days(workplace, state, some)
                retire = tuple(f.id for day in some for f in (*state.states[day], *state.totals[day]))
                change = Change("fold", add=files, retire=retire, tables=frozenset(f.table for f in files))
                commit = workplace.store.manifest.commit(change, snapshot)
                snapshot = Snapshot(commit, snapshot.files)
                folded += len(some)
    return folded


def _retire_orphans(workplace: Workplace) -> tuple[str, ...]:
    """Retire states of feeds that no indicator is computed from any more."""
    snapshot = workplace.store.manifest.snapshot()
    kept = set(measured_feeds(workplace.catalogue))
    feeds = {t.split("/")[1] for t in snapshot.tables() if t.split("/")[0] in LEVELS} - kept
    tables = [table for feed in sorted(feeds) for table in state_tables(snapshot, feed)]
    if tables:
        retire = tuple(file.id for table in tables for file in snapshot.table(table))
        workplace.store.manifest.commit(Change("refresh", retire=retire, tables=frozenset(tables)), snapshot)
    return tuple(sorted(feeds))
