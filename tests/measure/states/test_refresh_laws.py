"""P9: incremental equals rebuild, bit by bit. P10: the same numbers with other threads, memory and order."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.plan import FeedPlan, plan_feed
from ganzhi.compile.states import relation_of, rows_schema, state_schema
from ganzhi.measure.calendar import days_from_to, slots_table
from ganzhi.measure.observe import ObserveRequest, observe
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import fold, refresh
from ganzhi.measure.states.computing import compute_states
from ganzhi.measure.units import ancestors_table
from ganzhi.store.manifest import Change
from ganzhi.warehouse.duckdb.engine import DuckDBEngine
from ganzhi.warehouse.engine import Session
from ganzhi.warehouse.workplace import Workplace
from tests.measure.bank import calls
from tests.measure.conftest import team_of
from tests.measure.place import Row, catalogue_with, indicator, make_workplace, put_rows, units

ZONE = ZoneInfo("Asia/Shanghai")
DAYS = tuple(date(1999, 1, day) for day in (4, 5, 6))
UNITS = ("a", "b")
SOME = {
    "n": indicator("n", count={"where": "requested"}),
    "talk": indicator("talk", unit="s", mean={"of": "talk_s", "where": "outcome = 'AGENT'"}),
    "minutes": indicator("minutes", unit="min", sum={"of": "talk_s * 0.016667"}),
    "p90": indicator("p90", unit="s", percentile={"of": "wait_s", "p": "0.9"}, by=["agent"]),
    "longest": indicator("longest", unit="s", max={"of": "wait_s"}),
    "who": indicator("who", distinct={"of": "customer_id"}),
    "many": indicator("many", distinct={"of": "call_id", "exact_up_to": 2}),
}
STOCK = {"stock": indicator("stock", snapshot={"of": "wait_s"})}
LONG = (date(1998, 12, 31), date(1999, 1, 31), date(1999, 2, 1), date(1999, 2, 28), date(1999, 3, 1))


@dataclass(frozen=True)
class Step:
    """What happens to the row of a key: it comes (late or corrected) with these values, or it goes."""

    key: int
    gone: bool
    day: date
    unit: str
    minute: int
    wait_s: int


steps = st.builds(
    Step,
    key=st.integers(0, 7),
    gone=st.booleans(),
    day=st.sampled_from(DAYS),
    unit=st.sampled_from(UNITS),
    minute=st.integers(0, 1439),
    wait_s=st.integers(0, 500),
)


def row_of(step: Step) -> Row:
    return {
        "call_id": str(step.key),
        "unit": step.unit,
        "customer_id": str(step.key % 3),
        "priority": step.wait_s % 3,
        "call_type": "PS",
        "outcome": "AGENT" if step.wait_s % 2 else "HANG",
        "agent": f"A{step.key % 2}",
        "arrived_at": datetime(step.day.year, step.day.month, step.day.day, tzinfo=ZONE)
        + timedelta(minutes=step.minute),
        "wait_s": step.wait_s,
        "talk_s": step.minute,
    }


def contents(session: Session, plan: FeedPlan, tables: Iterable[tuple[str, str]]) -> dict[str, pa.Table]:
    """Whole tables in one order."""
    found = {}
    for table, relation in tables:
        names = state_schema(plan, table).names
        listed = ", ".join(f'"{name}"' for name in names)
        found[table] = session.query(f'select {listed} from "{relation}" order by all')
    return found


def states_of(workplace: Workplace) -> dict[str, pa.Table]:
    plan = plan_feed(workplace.catalogue, "calls")
    with open_states(workplace, ["calls"]) as reading:
        tables = (*plan.tables(), *plan.tables_of("total"))
        return contents(reading.session, plan, [(table, relation_of(table)) for table in tables])


def computed_from(
    engine: DuckDBEngine, catalogue: Catalogue, rows: Sequence[Row], days: Sequence[date]
) -> dict[str, pa.Table]:
    """States made in one go from rows in the order given, by an engine of its own."""
    plan = plan_feed(catalogue, "calls")
    full = [{"_load": "x", "_line": 1, **row} for row in rows]
    with engine.loading_session() as session:
        session.register("rows_calls", pa.Table.from_pylist(full, schema=rows_schema(catalogue.feed("calls"))))
        session.register("slots", slots_table(days, ZONE))
        session.register("ancestors", ancestors_table(catalogue))
        compute_states(session, plan)
        tables = (*plan.tables(), *plan.tables_of("total"))
        made = [(table, f"made_{table.split('/')[0]}_{table.split('/')[2]}") for table in tables]
        return contents(session, plan, made)


def write_days(workplace: Workplace, rows: dict[int, Step], days: Iterable[date]) -> None:
    """Put the present rows of these days in place of whatever is there, as a correction does."""
    snapshot = workplace.store.manifest.snapshot()
    names = {day.isoformat() for day in days}
    retire = tuple(file.id for file in snapshot.table("rows/calls", names))
    workplace.store.manifest.commit(Change("load", retire=retire))
    present = [row_of(step) for step in rows.values() if step.day.isoformat() in names]
    if present:
        put_rows(workplace, "calls", present)


def play(workplace: Workplace, rows: dict[int, Step], step: Step) -> set[date]:
    """Apply a step; the days it touches."""
    before = rows.get(step.key)
    if step.gone:
        if before is None:
            return set()
        del rows[step.key]
        write_days(workplace, rows, {before.day})
        return {before.day}
    rows[step.key] = step
    if before is None:
        put_rows(workplace, "calls", [row_of(step)])
        return {step.day}
    write_days(workplace, rows, {before.day, step.day})
    return {before.day, step.day}


@given(st.lists(st.lists(steps, min_size=1, max_size=4), min_size=1, max_size=4))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_history_the_states_are_those_of_a_rebuild(pack: Catalogue, history: list[list[Step]]) -> None:
    catalogue = catalogue_with(pack, SOME, units(("all", None), ("a", "all"), ("b", "all")))
    with tempfile.TemporaryDirectory() as folder:
        workplace = make_workplace(Path(folder), catalogue)
        rows: dict[int, Step] = {}
        for load in history:
            touched: set[date] = set()
            for step in load:
                touched |= play(workplace, rows, step)
            done = {day for feed in refresh(workplace).feeds for day in (*feed.computed, *feed.retired)}
            assert {date.fromisoformat(day) for day in done} <= touched
        rebuilt = computed_from(
            DuckDBEngine(Path(folder) / "b", ZONE), catalogue, [row_of(s) for s in rows.values()], DAYS
        )
        fold(workplace)
        assert states_of(workplace) == rebuilt
        workplace.store.close()


def answers_of(workplace: Workplace) -> list[tuple[object, ...]]:
    """Every indicator of every unit in every period of every grain, whole, to date and cut."""
    found = []
    codes = tuple(workplace.catalogue.indicators)
    with open_states(workplace, ["calls"]) as reading:
        for unit in ("all", "a"):
            for grain in (Grain.HOUR, Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR):
                for basis, by in (("period", ()), ("todate", ()), ("period", ("agent",))):
                    asked = tuple(code for code in codes if not by or code in ("n", "talk", "minutes", "p90", "stock"))
                    request = ObserveRequest(asked, unit, grain, LONG[0], LONG[-1], by, basis)  # type: ignore[arg-type]
                    if grain is Grain.HOUR:
                        request = replace(request, first=LONG[1], last=LONG[1])
                    found += [
                        (
                            o.code,
                            unit,
                            o.period.key,
                            basis,
                            tuple(o.slice.items()),
                            o.numerator,
                            o.denominator,
                            o.value,
                            o.n,
                        )
                        for o in observe(workplace, reading, request)
                    ]
    return found


@given(
    st.lists(
        st.lists(st.builds(replace, steps, day=st.sampled_from(LONG)), min_size=1, max_size=6), min_size=1, max_size=4
    ),
    st.booleans(),
)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_after_any_history_every_answer_is_that_of_a_rebuild(
    pack: Catalogue, history: list[list[Step]], stock: bool
) -> None:
    indicators = {**SOME, **(STOCK if stock else {})}
    catalogue = catalogue_with(pack, indicators, units(("all", None), ("a", "all"), ("b", "all")))
    with tempfile.TemporaryDirectory() as folder:
        workplace = make_workplace(Path(folder) / "grown", catalogue)
        rows: dict[int, Step] = {}
        for load in history:
            for step in load:
                play(workplace, rows, step)
            refresh(workplace)
        rebuilt = make_workplace(Path(folder) / "rebuilt", catalogue)
        if rows:
            put_rows(rebuilt, "calls", [row_of(step) for step in rows.values()])
        refresh(rebuilt)
        made = answers_of(rebuilt)
        assert {row[-1] for row in made} > {0} or not rows
        held = {(r[0], r[1], r[2], r[3], r[4]): r for r in answers_of(workplace)}
        for each in made:
            if each[-1]:
                assert held[each[:5]] == each
        workplace.store.close()
        rebuilt.store.close()


@pytest.mark.parametrize(("threads", "memory_mb", "seed"), [(1, 1024, 1), (4, 256, 2), (8, 1024, 3)])
def test_threads_memory_and_order_of_rows_change_no_bit(
    bank: Workplace, sample_calls: Path, tmp_path: Path, threads: int, memory_mb: int, seed: int
) -> None:
    rows = [call.row(team_of(call)) for call in calls(sample_calls)]
    random.Random(seed).shuffle(rows)
    engine = DuckDBEngine(tmp_path, ZONE, threads=threads, memory_mb=memory_mb)
    days = days_from_to(date(1999, 1, 1), date(1999, 2, 1))
    assert computed_from(engine, bank.catalogue, rows, days) == states_of(bank)
