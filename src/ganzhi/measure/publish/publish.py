"""Publishing: what is stale is computed for all units in one pass and made true by one commit a batch.

Owns the order of steps: find stale periods, ask each feed once, score the tree, write three files a
period, commit. Holds the lock `publish`; refreshes and loads go on meanwhile, and what they bring is
found stale next time. Killed at any moment it leaves whole periods: old or new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from ganzhi.base.failpoint import failpoint
from ganzhi.base.periods import Grain, Period
from ganzhi.measure.open import States
from ganzhi.measure.publish.ask import open_days
from ganzhi.measure.publish.facts import Asker, Facts, measured_codes
from ganzhi.measure.publish.scores import score_facts
from ganzhi.measure.publish.served import shelf_of
from ganzhi.measure.publish.staleness import Due, due, ground_of
from ganzhi.measure.publish.tables import EXACT, GRAINS, KEYS, KINDS, SCHEMAS, WHOLE_DAYS, Kind, table_name
from ganzhi.store.manifest import Change, ConflictError, NewFile, Snapshot
from ganzhi.warehouse.engine import Session
from ganzhi.warehouse.locks import writer_lock
from ganzhi.warehouse.workplace import Workplace

LOCK = "publish"
MOST_CELLS = 4_000_000
"""Units × indicators of a batch of periods, for memory's sake; a single period may have more."""
MOST_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class PublishStep:
    """Progress: `done` of `total` stale periods of a grain are published."""

    grain: Grain
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class PublishReport:
    """Keys of periods published and of periods whose files were retired because nothing is left of
    them; rows written to each table."""

    published: tuple[str, ...]
    retired: tuple[str, ...]
    rows: Mapping[Kind, int]
    commits: int
    took: timedelta


OnStep = Callable[[PublishStep], None]


def publish(
    workplace: Workplace,
    first: date | None = None,
    last: date | None = None,
    on_step: OnStep | None = None,
    *,
    grains: Sequence[Grain] | None = None,
    wait_s: float = 60.0,
    most_cells: int = MOST_CELLS,
) -> PublishReport:
    """Publish every stale period, or those that touch two local days or lie between them. grains: those of `grains_of`
    by default.

    Call it after a refresh: it publishes what the states say. wait_s: how long to wait for another
    publication. most_cells: units × indicators computed at once.
    Raises: InputError when the catalogue cannot be compiled or targets are not in order (MEA008);
    EngineError when the lock, the disk, the engine or the store fails; periods committed before that count.
    """
    started = workplace.clock.now()
    with writer_lock(workplace.root, LOCK, wait_s, workplace.clock, LOCK):
        run = _Run(workplace, (first, last), on_step, most_cells)
        run.finish(grains_of(workplace) if grains is None else grains)
    rows = {kind: run.rows[kind] for kind in KINDS}
    return PublishReport(tuple(run.published), tuple(run.retired), rows, run.commits, workplace.clock.now() - started)


def grains_of(workplace: Workplace) -> tuple[Grain, ...]:
    """The grains that a workspace publishes: its own week too, and weeks that were its own and are published still."""
    snapshot, own = workplace.store.manifest.snapshot(), workplace.operator_week
    weeks = (grain for grain in WHOLE_DAYS if grain.is_operator_week)
    return (*GRAINS, *(grain for grain in weeks if grain is own or snapshot.table(table_name("observed", grain))))


class _Run:
    """One publication."""

    def __init__(
        self, workplace: Workplace, bounds: tuple[date | None, date | None], on_step: OnStep | None, most_cells: int
    ) -> None:
        self._workplace, self._bounds, self._on_step, self._most_cells = workplace, bounds, on_step, most_cells
        self.published: list[str] = []
        self.retired: list[str] = []
        self.rows: dict[Kind, int] = dict.fromkeys(KINDS, 0)
        self.commits = 0
        self._shelf = shelf_of(workplace.files)

    def finish(self, grains: Sequence[Grain]) -> None:
        """Work until nothing found stale at the start of an attempt is left."""
        for _ in range(MOST_ATTEMPTS - 1):
            try:
                return self._attempt(grains)
            except ConflictError:
                continue
        return self._attempt(grains)

    def _attempt(self, grains: Sequence[Grain]) -> None:
        snapshot = self._workplace.store.manifest.snapshot()
        ground = ground_of(self._workplace, snapshot)
        stale = {grain: due(self._workplace, ground, snapshot, grain, *self._bounds) for grain in grains}
        if not any(stale.values()):
            return
        with open_days(self._workplace, snapshot, ground.known) as reading:
            asker = Asker(self._workplace, reading, ground.known)
            for grain, of_grain in stale.items():
                self._work(reading, asker, grain, of_grain)
        live = self._workplace.store.manifest.snapshot()
        self._shelf.sweep([file for grain in WHOLE_DAYS for file in live.table(table_name("observed", grain))])

    def _work(self, reading: States, asker: Asker, grain: Grain, stale: Sequence[Due]) -> None:
        codes, catalogue = measured_codes(self._workplace.catalogue, grain), self._workplace.catalogue
        live = [code for code in codes if catalogue.indicator(code).feed in asker.known]
        size = max(len(live) * len(asker.units), 1)
        snapshot, done = reading.snapshot, 0
        for batch in _batches(stale, max(self._most_cells // size, 1)):
            files = tuple(self._compute(reading, asker, live, grain, [each for each in batch if not each.gone]))
            failpoint("publish.computed")
            snapshot = self._commit(grain, batch, files, snapshot)
            done += len(batch)
            if self._on_step is not None:
                self._on_step(PublishStep(grain, done, len(stale)))

    def _commit(self, grain: Grain, batch: Sequence[Due], files: tuple[NewFile, ...], snapshot: Snapshot) -> Snapshot:
        tables = frozenset(table_name(kind, grain) for kind in KINDS)
        retire = tuple(number for each in batch for number in each.retire)
        # Refreshes are let through: what they change makes these periods stale, not wrong.
        commit = self._workplace.store.manifest.commit(
            Change("publish", add=files, retire=retire, tables=tables), snapshot
        )
        failpoint("publish.committed")
        for file in files:
            if file.table == table_name("observed", grain):
                self._shelf.make(file)  # a page that finds no copy makes it, and somebody waits
        self.commits += 1
        self.published += [each.period.key for each in batch if not each.gone]
        self.retired += [each.period.key for each in batch if each.gone]
        for file in files:
            kind = next(kind for kind in KINDS if file.table == table_name(kind, grain))
            self.rows[kind] += file.rows
        return Snapshot(commit, snapshot.files)

    def _compute(
        self, reading: States, asker: Asker, codes: Sequence[str], grain: Grain, batch: Sequence[Due]
    ) -> Iterator[NewFile]:
        if not batch:
            return
        periods = [each.period for each in batch]
        facts = asker.facts(codes, grain, periods)
        scores = score_facts(self._workplace.catalogue, grain, facts, asker.units, periods)
        observed = _observed(facts, asker.units, periods)
        marks = {each.period.first_day.isoformat(): str(each.mark) for each in batch}
        del facts
        tables: dict[Kind, pa.Table] = {"observed": observed, "scored": scores.scored, "shared": scores.shared}
        for kind, rows in tables.items():
            yield from self._write(reading.session, kind, grain, rows, marks)

    def _write(
        self, session: Session, kind: Kind, grain: Grain, rows: pa.Table, marks: Mapping[str, str]
    ) -> Iterator[NewFile]:
        """One file a period, sorted, each with its mark."""
        session.register("publishing", rows)
        files = self._workplace.files
        written = files.write_parts(
            session,
            "select * from publishing",
            table_name(kind, grain),
            dict.fromkeys(marks, ()),
            part="period",
            order_by=KEYS[kind],
        )
        for file in written:
            yield _marked(file, marks[file.partition])
            failpoint("publish.file_written")
        session.execute("drop table publishing")


def _batches(stale: Sequence[Due], most: int) -> Iterator[Sequence[Due]]:
    for start in range(0, len(stale), most):
        yield stale[start : start + most]


def _observed(facts: Mapping[str, Facts], units: Sequence[str], periods: Sequence[Period]) -> pa.Table:
    """Rows of `observed`."""
    names = pa.array(units, pa.string())
    days = pa.array([period.first_day for period in periods], pa.date32())
    tables = [SCHEMAS["observed"].empty_table()]
    for code, each in facts.items():
        size = len(each.cells)
        columns = [
            days.take(pa.array(each.cells // len(units))),
            pa.repeat(pa.scalar(code, pa.string()), size),
            names.take(pa.array(each.cells % len(units))),
            _exact(each.numerator),
            _exact(each.denominator),
            pa.array(each.n, pa.int64()),
            pa.array(each.value, pa.float64(), from_pandas=True),
            pa.array(each.completeness, pa.float64()),
            pa.array(each.estimated, pa.bool_()),
        ]
        tables.append(pa.table(columns, schema=SCHEMAS["observed"]))
    return pa.concat_tables(tables)


def _exact(values: pa.Array) -> pa.Array:
    """Numerators and denominators as they are kept; what has more than 9 places is rounded to them."""
    if pa.types.is_decimal(values.type) and values.type.scale > EXACT.scale:
        values = pc.round(values, EXACT.scale, round_mode="half_to_even")
    return values.cast(EXACT)


def _marked(file: NewFile, mark: str) -> NewFile:
    return replace(file, plan=mark)
