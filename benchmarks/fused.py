"""Fused computation of all indicators of a feed against hand-written SQL, the bare scan, and a query per indicator.

Three feeds: channel transactions, from which most indicators of a large feed are computed; events of the voice menu, of
which an ordinary provincial day has most rows; and hotline calls, which have most percentiles and distinct counts. A
generated day each. The sides, each a fresh process:

- *fused*: what `refresh` computes, with the memory of an untouched workspace: states of the finest grain, of days and of
  units above. *fused, finest grain*: its scan alone.
- *by hand*: one DuckDB query for the same measures and grains (`benchmarks/ground/subjects.py`), with DuckDB's own
  percentile and distinct count, and as much memory as it likes; and the same for the finest grain alone.
- *bare scan*: a sum or count over the same columns and nothing else.
- *one at a time*: 50 indicators of channel transactions, each planned and computed alone, against the same 50 fused.

First every measure is compared in every cell of every level: counts, sums and distinct counts must be equal, percentiles
within 1 %.

Run: python -m benchmarks.fused [--rows N] [--rounds N] [--quick] [--feed FEED] [--temp FOLDER]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import duckdb

from benchmarks.ground.day import add_file, catalogue_of, place_at
from benchmarks.ground.ratios import ratio_indicators
from benchmarks.ground.runs import (
    Cost,
    Goal,
    Median,
    arguments,
    conclude,
    given,
    head,
    interleave,
    measured,
    ratios,
    report,
    run,
    show,
)
from benchmarks.ground.subjects import SUBJECTS, TRANSACTIONS, Subject
from benchmarks.ground.transactions import DAY, PROVINCE, ZONE
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.plan import FeedPlan, plan_feed
from ganzhi.compile.states import relation_of, rows_schema
from ganzhi.measure.calendar import slots_table
from ganzhi.measure.states.computing import compute_states, made, scan_states
from ganzhi.measure.units import ancestors_table
from ganzhi.numerics.histogram import GAMMA
from ganzhi.warehouse.engine import Relation, Session
from ganzhi.warehouse.workplace import Workplace

ROWS, QUICK_ROWS = 10_000_000, 100_000
COMPARED_ROWS = 200_000
FIFTY = 50
GOAL_HAND, GOAL_BARE, GOAL_SINGLE = 1.3, 3.0, 10.0
MOST_OFF = 0.01
LEVELS = ("fine", "day", "total")


# --- the sides -----------------------------------------------------------------------------------


def _fifty() -> Catalogue:
    """The pack, whose indicators of channel transactions are made up to fifty."""
    pack = load_catalogue("telecom", None).indicators
    own = sum(each.feed == TRANSACTIONS.feed and not each.retired for each in pack.values())
    return catalogue_of(PROVINCE, {**pack, **ratio_indicators(max(0, FIFTY - own))})


def _session(workplace: Workplace, feed: str) -> Session:
    table = f"rows/{feed}"
    files = workplace.store.manifest.snapshot().table(table)
    relation = Relation(files, rows_schema(workplace.catalogue.feed(feed)))
    session = workplace.engine.session({relation_of(table): relation})
    session.register("slots", slots_table([DAY], workplace.zone))
    session.register("ancestors", ancestors_table(workplace.catalogue))
    return session


def _fused(workplace: Workplace, subject: Subject) -> Cost:
    plan = plan_feed(workplace.catalogue, subject.feed)
    with _session(workplace, subject.feed) as session, measured() as cost:
        compute_states(session, plan)
    return cost


def _fused_finest(workplace: Workplace, subject: Subject) -> Cost:
    plan = plan_feed(workplace.catalogue, subject.feed)
    with _session(workplace, subject.feed) as session, measured() as cost:
        scan_states(session, plan)
    return cost


def _alone(catalogue: Catalogue, code: str, feed: str) -> FeedPlan:
    """The plan of one indicator: all others of the feed are retired, so that what it refers to is still known."""
    others = {
        name: each.model_copy(update={"retired": True}) if each.feed == feed and name != code else each
        for name, each in catalogue.indicators.items()
    }
    return plan_feed(catalogue_of(PROVINCE, others), feed)


def _one_at_a_time(workplace: Workplace, subject: Subject) -> Cost:
    codes = plan_feed(workplace.catalogue, subject.feed).formulas
    plans = [_alone(workplace.catalogue, code, subject.feed) for code in codes]
    with _session(workplace, subject.feed) as session, measured() as cost:
        for plan in plans:
            compute_states(session, plan)
            for level in LEVELS:
                for table in made(plan, level).values():
                    session.execute(f"drop table {table}")
    cost.note = len(plans)
    return cost


def by_hand(workplace: Workplace, feed: str) -> duckdb.DuckDBPyConnection:
    """A DuckDB with all the memory it likes, `rows` and `ancestors`."""
    files = workplace.store.manifest.snapshot().table(f"rows/{feed}")
    listed = ", ".join(f"'{workplace.files.path(file)}'" for file in files)
    connection = duckdb.connect(
        ":memory:", config={"memory_limit": "16GiB", "temp_directory": f"{workplace.root}/spill"}
    )
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"SET TimeZone = '{ZONE.key}'")
    connection.execute(f"CREATE VIEW rows AS SELECT * FROM read_parquet([{listed}])")
    connection.register("arriving", ancestors_table(workplace.catalogue))
    connection.execute("CREATE TABLE ancestors AS SELECT * FROM arriving")
    return connection


def _hand(workplace: Workplace, subject: Subject, *, rolled: bool) -> Cost:
    with by_hand(workplace, subject.feed) as connection, measured() as cost:
        connection.execute(f"CREATE TEMP TABLE by_hand AS {subject.query(rolled=rolled)}")
    return cost


def _bare(workplace: Workplace, subject: Subject) -> Cost:
    """Something of every column that no statistics of the file could answer."""
    forms = {"VARCHAR": "sum(strlen({}))", "BOOLEAN": "count_if({})", "BIGINT": "sum({})"}
    with by_hand(workplace, subject.feed) as connection:
        types = {row[0]: row[1] for row in connection.execute("DESCRIBE rows").fetchall()}
        columns = plan_feed(workplace.catalogue, subject.feed).stored
        items = ", ".join(forms.get(types[name], "sum(epoch_us({}))").format(f'"{name}"') for name in columns)
        with measured() as cost:
            connection.execute(f"SELECT {items} FROM rows").fetchall()
    return cost


SIDES: Mapping[str, Callable[[Workplace, Subject], Cost]] = {
    "fused": _fused,
    "by hand": partial(_hand, rolled=True),
    "fused, finest grain": _fused_finest,
    "by hand, finest grain": partial(_hand, rolled=False),
    "bare scan": _bare,
    "50 fused": _fused,
    "50 one at a time": _one_at_a_time,
}


# --- the comparison ------------------------------------------------------------------------------


def compare(workplace: Workplace, subject: Subject) -> int:
    """Cells in which every number agrees; AssertionError where one does not, or where a measure has no counterpart."""
    plan, cells = plan_feed(workplace.catalogue, subject.feed), 0
    texts = {m.text for m in plan.additive} ^ set(subject.aggregates)
    texts |= {m.text for m in (*plan.histograms, *plan.sets)} ^ set(subject.specials)
    if texts:
        raise AssertionError(
            f"{subject.feed}: the pack has measures that the hand-written query has not, or not any more: {texts}"
        )
    with _session(workplace, subject.feed) as session, by_hand(workplace, subject.feed) as connection:
        compute_states(session, plan)
        connection.execute(f"CREATE TABLE by_hand AS {subject.query(rolled=True)}")
        for level in LEVELS:
            for kind, table in made(plan, level).items():
                connection.register("arriving", session.query(f"select * from {table}"))
                connection.execute(f"CREATE OR REPLACE TABLE {kind} AS SELECT * FROM arriving")
            cells += _same_sums(connection, plan, subject, level)
            for number, measure in enumerate(subject.specials):
                name = next(m.name for m in plan.measures if m.text == measure)
                cells += _same_special(connection, name, subject, level, number)
    return cells


def _on(subject: Subject, level: str) -> str:
    keys = ["unit", "slot" if level == "fine" else "day"]
    dims = [f"o.d_{d} IS NOT DISTINCT FROM h.{d}" for d in subject.dimensions]
    return " AND ".join([*(f"o.{key} = h.{key}" for key in keys), *dims])


def _same_sums(connection: duckdb.DuckDBPyConnection, plan: FeedPlan, subject: Subject, level: str) -> int:
    number = {text: n for n, text in enumerate(subject.aggregates)}
    differs = [f"o.{m.name} IS DISTINCT FROM h.a{number[m.text]}" for m in plan.additive]
    cells, wrong = connection.execute(
        f"SELECT count(*), count_if(o.unit IS NULL OR h.unit IS NULL OR o.rows <> h.n OR {' OR '.join(differs)})"
        f" FROM add o FULL JOIN (FROM by_hand WHERE level = '{level}' AND kind = 'add') h ON {_on(subject, level)}"
    ).fetchall()[0]
    if wrong:
        raise AssertionError(f"{subject.feed}, {level}: {wrong:,} of {cells:,} cells differ")
    return int(cells)


def _same_special(connection: duckdb.DuckDBPyConnection, name: str, subject: Subject, level: str, number: int) -> int:
    """A distinct count (of sets that are exact) or a percentile (of a histogram)."""
    special = list(subject.specials.values())[number]
    keys = ", ".join(["unit", "slot" if level == "fine" else "day", *(f"d_{d}" for d in subject.dimensions)])
    theirs, estimated = f"h.s{number}", "0"
    if special.p is None:
        ours = f"SELECT {keys}, count(*) AS v FROM \"set\" WHERE measure = '{name}' GROUP BY cuboid, {keys}"
        off = f"o.v IS DISTINCT FROM nullif({theirs}, 0)"
        estimated = f"(SELECT count(*) FROM hll WHERE measure = '{name}')"
    else:
        reached = f"sum(n) OVER (PARTITION BY cuboid, {keys} ORDER BY bucket)"
        total = f"sum(n) OVER (PARTITION BY cuboid, {keys})"
        ours = (
            f"SELECT {keys}, CASE WHEN min(bucket) < 0 THEN 0 ELSE 2 * pow({GAMMA!r}, min(bucket)) / ({GAMMA!r} + 1) END AS v"
            f" FROM (SELECT *, {reached} AS r, {total} AS t FROM hist WHERE measure = '{name}')"
            f" WHERE r >= {special.p} * t GROUP BY cuboid, {keys}"
        )
        off = f"({theirs} IS NULL) <> (o.v IS NULL) OR ({theirs} >= 1 AND abs(o.v / {theirs} - 1) > {MOST_OFF} + 1e-9)"
    by_hand = f"FROM by_hand WHERE level = '{level}' AND kind = 'special'"
    kept = [
        [f"{d} IS {'NOT ' if d in subject.cuboids[i] else ''}NULL" for d in subject.dimensions] for i in special.kept
    ]
    by_hand += " AND (" + " OR ".join("(" + " AND ".join(each) + ")" for each in kept) + f") AND s{number} IS NOT NULL"
    cells, wrong, registers = connection.execute(
        f"SELECT count(*), count_if({off}), {estimated} FROM ({ours}) o FULL JOIN ({by_hand}) h ON {_on(subject, level)}"
    ).fetchall()[0]
    if wrong or registers or not cells:
        raise AssertionError(
            f"{subject.feed}, {level}, {name}: {wrong:,} of {cells:,} cells differ, {registers:,} registers"
        )
    return int(cells)


# --- measuring -----------------------------------------------------------------------------------


def _place(folder: Path, subject: Subject, rows: int) -> Path:
    workplace = place_at(folder, catalogue_of(PROVINCE))
    arriving = folder / "arriving.parquet"
    subject.write(arriving, rows)
    add_file(workplace, arriving, DAY, subject.feed)
    workplace.store.close()
    return folder


def _child(asked: argparse.Namespace) -> int:
    subject = next(each for each in SUBJECTS if each.feed == asked.feed)
    catalogue = _fifty() if asked.side.startswith("50") else catalogue_of(PROVINCE)
    workplace = place_at(asked.place, catalogue)
    cost = SIDES[asked.side](workplace, subject)
    workplace.store.close()
    return report(cost)


def _goals(found: Mapping[str, Median], feed: str) -> list[Goal]:
    pairs = [("fused", "by hand", GOAL_HAND), ("fused, finest grain", "by hand, finest grain", GOAL_HAND)]
    pairs += [("fused", "bare scan", GOAL_BARE)]
    goals = []
    for ours, theirs, goal in pairs:
        cpu, wall = ratios(found[ours], found[theirs])
        goals += [Goal(f"{feed}: {ours} in {theirs}, CPU", cpu, ceiling=goal, unit="×")]
        goals += [Goal("  wall", wall, ceiling=goal, unit="×")]
    if "50 fused" in found:
        cpu, wall = ratios(found["50 one at a time"], found["50 fused"])
        goals += [Goal(f"{feed}: 50 indicators one at a time in all at once, CPU", cpu, floor=GOAL_SINGLE, unit="×")]
        goals += [Goal("  wall", wall, floor=GOAL_SINGLE, unit="×")]
    return goals


def main() -> int:
    """Compare, then measure; 1 when a goal is missed."""
    parser = arguments(__doc__, rows=ROWS, quick=QUICK_ROWS)
    parser.add_argument("--feed", choices=[each.feed for each in SUBJECTS], help="one of the feeds; all by default")
    asked = given(parser)
    if asked.side:
        return _child(asked)
    head(f"fused computation of a day of {asked.rows:,} rows", asked.rounds)
    goals = []
    with tempfile.TemporaryDirectory(dir=asked.temp) as temporary:
        for subject in [each for each in SUBJECTS if asked.feed in (None, each.feed)]:
            small = place_at(
                _place(Path(temporary) / f"{subject.feed}_small", subject, min(COMPARED_ROWS, asked.rows)),
                catalogue_of(PROVINCE),
            )
            print(f"{subject.feed}: equal in {compare(small, subject):,} cells")
            small.store.close()
            place = _place(Path(temporary) / subject.feed, subject, asked.rows)
            names = [name for name in SIDES if subject is TRANSACTIONS or not name.startswith("50")]
            options = {"place": place, "feed": subject.feed}
            found = interleave(asked.rounds, {name: partial(run, "benchmarks.fused", name, options) for name in names})
            show(found, dict.fromkeys(names, asked.rows))
            goals += _goals(found, subject.feed)
    return conclude(goals)


if __name__ == "__main__":
    sys.exit(main())
