"""The computing of a refresh: from rows to states, from states to states, and the files that hold them.

Owns which relations a session shows, the order of its statements, and the check that every row
stands in exactly one cell of every cuboid. Decides nothing about what is stale and commits nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa

from ganzhi.base.errors import InternalError
from ganzhi.base.failpoint import failpoint
from ganzhi.compile.dialects import identifier
from ganzhi.compile.plan import FeedPlan
from ganzhi.compile.roll import Step, cut, largest, roll_sql, uncut
from ganzhi.compile.scan import scan_sql
from ganzhi.compile.states import LACKS_SCHEMA, relation_of, rows_schema, state_schema
from ganzhi.measure.calendar import months_table, slots_table
from ganzhi.measure.states.live import live_feeds, live_relation
from ganzhi.measure.states.staleness import FeedState, Work, lacks_table
from ganzhi.measure.units import ancestors_table
from ganzhi.store.manifest import FileRef, NewFile
from ganzhi.warehouse.engine import Relation, Session
from ganzhi.warehouse.workplace import Workplace


@dataclass(frozen=True, slots=True)
class DayWork:
    """What one day needs. rows: the row files that are read. retire: states that will not count any more."""

    day: str
    kind: Work
    rows: tuple[FileRef, ...] = ()
    retire: tuple[FileRef, ...] = ()

    @classmethod
    def of(cls, state: FeedState, day: str) -> DayWork:
        """The work on a day in its present state."""
        kind = state.work(day)
        computed, totals = state.states.get(day, ()), state.totals.get(day, ())
        match kind:
            case "all":
                return cls(day, kind, state.rows[day], (*computed, *totals))
            case "add":
                return cls(day, kind, state.missing(day))
            case "total":
                return cls(day, kind, (), totals)
            case "carry":
                return cls(day, kind, (), (*computed, *totals, *state.lacks.get(day, ())))
            case _:
                return cls(day, kind, (), (*computed, *totals))

    @property
    def size(self) -> int:
        """Rows that are read."""
        return sum(file.rows for file in self.rows)


def compute_states(session: Session, plan: FeedPlan) -> None:
    """Scan and roll in a session that has `rows_<feed>`, `slots` and `ancestors`; the results stand in temporary
    tables `made_<level>_<kind>` of the levels `fine`, `day` and `total`."""
    scan_states(session, plan)
    roll_states(session, plan)


def scan_states(session: Session, plan: FeedPlan) -> None:
    """`made_fine_<kind>` from `rows_<feed>` and `slots`: the one step that reads rows, wherever they lie."""
    _make(session, plan, "fine", scan_sql(plan), slot=True)


def roll_states(session: Session, plan: FeedPlan) -> None:
    """`made_day_<kind>` and `made_total_<kind>` from `made_fine_<kind>` and `ancestors`."""
    _make(session, plan, "day", roll_sql(plan, "day", made(plan, "fine")), slot=False)
    _make(session, plan, "total", roll_sql(plan, "total", made(plan, "day")), slot=False)


def made(plan: FeedPlan, level: str) -> dict[str, str]:
    """The tables of a level by kind."""
    return {kind: f"made_{level}_{kind}" for kind in plan.state_kinds}


def _make(session: Session, plan: FeedPlan, level: str, statements: Mapping[str, str], *, slot: bool) -> None:
    for kind, sql in statements.items():
        session.execute(f"create temp table made_{level}_{kind} as\n{sql}")
    if "pool" in statements:
        pool = f"made_{level}_pool"
        shape = uncut if _is_small(session, plan, pool, slot=slot) else cut
        for kind, sql in shape(plan, pool, slot=slot).items():
            session.execute(f"create temp table made_{level}_{kind} as\n{sql}")
        session.execute(f"drop table {pool}")


def _is_small(session: Session, plan: FeedPlan, pool: str, *, slot: bool) -> bool:
    """Whether every cell of a pool keeps its values: to count them costs a fraction of what cutting them does."""
    most = {m.name: m.exact_up_to for m in plan.sets}
    found = session.query(largest(plan, pool, slot=slot)).to_pylist()
    return all(not row["parts"] and row["n"] <= most[row["measure"]] for row in found)


def from_rows(workplace: Workplace, plan: FeedPlan, work: Sequence[DayWork]) -> tuple[NewFile, ...]:
    """States of days from the row files that their work names."""
    with _scanned(workplace, plan, work) as session:
        session.register("ancestors", ancestors_table(workplace.catalogue))
        roll_states(session, plan)
        if plan.feed not in live_feeds(workplace.catalogue):  # a table of somebody else's may change meanwhile
            _check(session, plan, work)
        inputs = {each.day: tuple(sorted(file.id for file in each.rows)) for each in work}
        return tuple(_written(workplace, session, plan, (*plan.levels, "total"), inputs))


@contextmanager
def _scanned(workplace: Workplace, plan: FeedPlan, work: Sequence[DayWork]) -> Iterator[Session]:
    """A session of the embedded engine with the states `made_fine_<kind>`, computed where rows are scanned."""
    days = [date.fromisoformat(each.day) for each in work]
    lives = plan.feed in live_feeds(workplace.catalogue)
    schema = rows_schema(workplace.catalogue.feed(plan.feed))
    relation = Relation([file for each in work for file in each.rows], schema)
    with workplace.scanner.session({} if lives else {relation_of(f"rows/{plan.feed}"): relation}) as far:
        far.register("slots", slots_table(days, workplace.zone))
        if lives:
            live_relation(workplace, far, plan.feed, days)
        scan_states(far, plan)
        if workplace.far is None:
            yield far
            return
        states = {name: far.query(f"select * from {name}") for name in made(plan, "fine").values()}
    with workplace.engine.session({}) as near:
        for name, table in states.items():
            near.register(name, table)
        yield near


def _check(session: Session, plan: FeedPlan, work: Iterable[DayWork]) -> None:
    """Every row stands in exactly one cell of every cuboid, in the day its partition says."""
    cells = 'select cuboid, day, cast(sum("rows") as bigint) as n from made_day_add group by cuboid, day'
    counted = {(row["cuboid"], str(row["day"])): row["n"] for row in session.query(cells).to_pylist()}
    expected = {(c, each.day): each.size for each in work if each.size for c in range(len(plan.cuboids))}
    if counted != expected:
        wrong = sorted(set(counted.items()) ^ set(expected.items()), key=str)[:3]
        raise InternalError(f"states of {plan.feed} do not hold each row once: {wrong}")


def totals_from_days(workplace: Workplace, state: FeedState, days: Sequence[str]) -> tuple[NewFile, ...]:
    """Totals of units above, from the days as they stand; after a change of the organisation."""
    plan = state.plan
    inputs = {day: _counted(state.states[day]) for day in days}
    with workplace.engine.session(_relations(state, ("day",), days)) as session:
        session.register("ancestors", ancestors_table(workplace.catalogue))
        _step(session, plan, "total", "total", {k: relation_of(f"day/{plan.feed}/{k}") for k in plan.state_kinds})
        return tuple(_written(workplace, session, plan, ("total",), inputs))


def fold_days(workplace: Workplace, state: FeedState, days: Sequence[str]) -> tuple[NewFile, ...]:
    """Days whose states consist of several parts, as one part each."""
    plan, levels = state.plan, (*state.plan.levels, "total")
    inputs = {day: _counted(state.states[day]) for day in days}
    steps: dict[str, Step] = {"fine": "fold_fine", "day": "fold_day", "total": "fold_total"}
    with workplace.engine.session(_relations(state, levels, days)) as session:
        for level in levels:
            source = {kind: relation_of(f"{level}/{plan.feed}/{kind}") for kind in plan.state_kinds}
            _step(session, plan, level, steps[level], source)
        return tuple(_written(workplace, session, plan, levels, inputs))


ALL_MEASURES = "*"
"""In a list of what states lack: everything, because combinations of dimensions have changed."""


def carry_days(workplace: Workplace, state: FeedState, days: Sequence[str]) -> tuple[NewFile, ...]:
    """States of days whose rows were dropped, carried over to a changed plan: what they hold of its measures.

    What they lack is written beside them, so that it is shown as unknown.
    """
    return tuple(file for day in days for file in _carry(workplace, state, day))


def _carry(workplace: Workplace, state: FeedState, day: str) -> Iterator[NewFile]:
    plan, levels = state.plan, state.plan.levels
    expired = replace(state, states={day: tuple(f for f in state.states[day] if not f.inputs)}, totals={})
    with workplace.engine.session(_relations(expired, levels, [day])) as session:
        lacks = _lacking(workplace, session, expired, day)
        for level in levels:
            for kind in plan.state_kinds:
                table = f"{level}/{plan.feed}/{kind}"
                columns = ", ".join(identifier(name) for name in state_schema(plan, table).names)
                where = "true" if kind == "add" else f"measure in ({_names(plan)})"
                where = "false" if ALL_MEASURES in lacks else where
                source = relation_of(table)
                session.execute(
                    f"create temp table made_{level}_{kind} as select {columns} from {source} where {where}"
                )
        session.register("ancestors", ancestors_table(workplace.catalogue))
        _step(session, plan, "total", "total", made(plan, "day"))
        yield from _written(workplace, session, plan, (*levels, "total"), {day: ()})
        session.register("lacking", lacks_rows(date.fromisoformat(day), lacks))
        yield from workplace.files.write_parts(
            session, "select * from lacking", lacks_table(plan.feed), {day: ()}, part="day", order_by=["measure"]
        )


def lacks_rows(day: date, lacks: Collection[str]) -> pa.Table:
    """What the states of a day lack, as a table of `LACKS_SCHEMA`."""
    rows = sorted(lacks)
    return pa.table([pa.array([day] * len(rows), pa.date32()), pa.array(rows, pa.string())], schema=LACKS_SCHEMA)


def _names(plan: FeedPlan) -> str:
    return ", ".join(f"'{m.name}'" for m in (*plan.histograms, *plan.sets))


def _lacking(workplace: Workplace, session: Session, state: FeedState, day: str) -> frozenset[str]:
    """Names of the plan's measures that the old states of a day do not hold."""
    plan, by_table = state.plan, {file.table: file for file in state.states[day]}
    if any(table not in by_table for table in plan.tables() if table.endswith("/add")):
        return frozenset({ALL_MEASURES})
    held = workplace.files.schema(by_table[f"day/{plan.feed}/add"]).names
    wanted = state_schema(plan, f"day/{plan.feed}/add").names
    dimensions = [name for name in wanted if name.startswith("d_")]
    if dimensions != [name for name in held if name.startswith("d_")] or not _same_cuboids(session, plan, dimensions):
        return frozenset({ALL_MEASURES})
    lacks = {m.name for m in plan.additive if m.name not in held}
    for measure in (*plan.histograms, *plan.sets):
        counted = measure.counted.name
        if counted not in held or _is_missing(session, plan, measure.name, counted):
            lacks.add(measure.name)
    return frozenset(lacks)


def _same_cuboids(session: Session, plan: FeedPlan, dimensions: Sequence[str]) -> bool:
    given = "".join(
        f", max(case when {identifier(d)} is null then 0 else 1 end) as {identifier(d)}" for d in dimensions
    )
    rows = session.query(f"select cuboid{given} from day_{plan.feed}_add group by cuboid").to_pylist()
    found = {row["cuboid"]: tuple(d for d in dimensions if row[d]) for row in rows}
    wanted = {n: tuple(f"d_{d}" for d in plan.dimensions if d in cuboid) for n, cuboid in enumerate(plan.cuboids)}
    return not found or found == wanted


def _is_missing(session: Session, plan: FeedPlan, measure: str, counted: str) -> bool:
    """Whether rows were counted whose values stand in no histogram or set."""
    kinds = [kind for kind in plan.state_kinds if kind != "add"]
    entries = " union all ".join(f"select measure from day_{plan.feed}_{kind}" for kind in kinds)
    sql = (
        f"select (select sum({counted}) from day_{plan.feed}_add where cuboid = 0) as rows,"
        f" (select count(*) from ({entries}) where measure = '{measure}') as entries"
    )
    found = session.query(sql).to_pylist()[0]
    return bool(found["rows"]) and not found["entries"]


def months_from_days(workplace: Workplace, state: FeedState, month: str) -> tuple[NewFile, ...]:
    """States of a month of all units, from its usable days."""
    plan, days = state.plan, state.days_of(month)
    with workplace.engine.session(_relations(state, ("day", "total"), days)) as session:
        session.register("ancestors", ancestors_table(workplace.catalogue))
        session.register("months", months_table([date.fromisoformat(day) for day in days]))
        sources = {}
        for kind in plan.state_kinds:
            columns = ", ".join(identifier(n) for n in state_schema(plan, f"day/{plan.feed}/{kind}").names)
            day, total = (relation_of(f"{level}/{plan.feed}/{kind}") for level in ("day", "total"))
            sources[kind] = (
                f"(\n  select {columns} from {total}\n  union all\n  select {columns} from {day}"
                " where unit not in (select ancestor from ancestors)\n)"
            )
        _step(session, plan, "month", "month", sources)
        return tuple(_written(workplace, session, plan, ("month",), {month: ()}, state.month_mark(month)))


def _step(session: Session, plan: FeedPlan, level: str, step: Step, source: Mapping[str, str]) -> None:
    _make(session, plan, level, roll_sql(plan, step, source), slot=step == "fold_fine")


def _relations(state: FeedState, levels: Sequence[str], days: Sequence[str]) -> dict[str, Relation]:
    """The states of some days at some levels."""
    plan, wanted = state.plan, set(days)
    tables = {table for level in levels for table in plan.tables_of(level)}
    files = [f for day in wanted for f in (*state.states.get(day, ()), *state.totals.get(day, ())) if f.table in tables]
    return {
        relation_of(table): Relation([f for f in files if f.table == table], state_schema(plan, table))
        for table in sorted(tables)
    }


def _counted(files: Iterable[FileRef]) -> tuple[int, ...]:
    """The row files that states were computed from."""
    return tuple(sorted({number for file in files for number in file.inputs}))


def _written(
    workplace: Workplace,
    session: Session,
    plan: FeedPlan,
    levels: Sequence[str],
    inputs: Mapping[str, tuple[int, ...]],
    mark: str | None = None,
) -> Iterator[NewFile]:
    """One file per level, kind and partition. mark: what they carry as plan, if not that of the level."""
    for level in levels:
        for table in plan.tables_of(level):
            kind = table.rpartition("/")[2]
            names = state_schema(plan, table).names
            columns = ", ".join(identifier(name) for name in names)
            keys = [n for n in names if n not in ("day", "rows", "n", "rank") and not n.startswith("m_")]
            select = f"select {columns} from made_{level}_{kind}"
            for file in workplace.files.write_parts(
                session, select, table, inputs, part="day", order_by=keys, plan=mark or plan.mark(level)
            ):
                yield file
                failpoint("refresh.file_written")
