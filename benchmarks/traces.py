"""Linking across systems: right per hop against the truth of the simulated province, how often a flag of ambiguity is
deserved, and how long a city's day takes.

`python -m benchmarks.traces right` prints the table of docs/background/traces.md: precision and recall of every hop in
quiet days and on the day of the incident, and the calibration of the flag. `python -m benchmarks.traces fast [recharges]`
multiplies a small day to 840,035 recharges (the source's figure for 1 March 2012), writes its tables as Parquet files and
measures linking and summing up against the sum of one sorted scan of each table, in processor time of one process.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from ganzhi.compile.dialects import identifier
from ganzhi.compile.trace.ask import count_stuck_sql, hops_sql
from ganzhi.compile.trace.plan import plan_trace
from ganzhi.province.incidents import placed
from ganzhi.province.levers import Pull
from ganzhi.province.organisation import build_organisation
from tests.province.stage import pack
from tests.trace.memory import HOPS, Linked, Memory, link_again, linked, province, scores, span_of

RECHARGES = 840_035
"""Recharge orders of a city on 1 March 2012 (the source, S000-074)."""
SCALE, SEED = 0.02, 5
QUIET, BAD = date(2012, 2, 24), date(2012, 3, 1)
KEYS = {
    "payments": ("payment_id", "paid_at"),
    "balance_changes": ("notice_id", "noticed_at"),
    "fund_changes": ("change_id",),
    "credit_alarms": ("split_id",),
    "suspend_resume_orders": ("alarm_id",),
    "sms_submissions": ("reference", "trigger_at"),
}
"""What systems that share no key would not write: numbers of each other and copied moments."""
IDENTITY = ("payment_id", "payment_no", "notice_id", "change_id", "split_id", "alarm_id", "order_id", "task_id",
            "provision_id", "state_id", "sms_id", "reference", "duplicate_of", "repeat_of", "subscriber", "account_id")  # fmt: skip
"""Columns that get a suffix when a day is multiplied, so that copies are other customers."""


def incident(scale: float, last: date) -> tuple[Pull, ...]:
    """What the incident of 1 March 2012 does."""
    _, levers = placed((("recharge-2012", None),), build_organisation(scale, SEED), last)
    return levers.pulls


def right(scale: float = SCALE) -> None:
    """The table of precision and recall, and the calibration."""
    catalogue = pack()
    quiet = linked(catalogue, province(scale=scale, days=7, first=QUIET, seed=SEED), QUIET, 5)
    _show("quiet days", quiet, QUIET, date(2012, 2, 28))
    last = date(2012, 3, 2)
    bad = linked(catalogue, province(scale=scale, days=9, first=QUIET, seed=SEED, pulls=incident(scale, last)), BAD, 1)
    _show("incident day", bad, BAD, BAD)
    for name, found, day, days in (("quiet days", quiet, QUIET, 5), ("incident day", bad, BAD, 1)):
        for feed, columns in KEYS.items():
            blank = ", ".join(f"{column} = null" for column in columns)
            found.memory.execute(f"update rows_{feed} set {blank}")
        again = link_again(found.memory, found.plan, day, days)
        _show(f"{name} without any key", again, day, date.fromordinal(day.toordinal() + days - 1))


def _show(name: str, found: Linked, first: date, last: date) -> None:
    print(f"\n{name}: {found.memory.one('select count(*) from rows_chains'):,} chains")
    print("| hop | truth | linked | right | precision | recall |\n|---|---|---|---|---|---|")
    for hop, (truth, made, both) in scores(found, first, last).items():
        print(f"| {hop} | {truth:,} | {made:,} | {both:,} | {both / max(made, 1):.4%} | {both / max(truth, 1):.4%} |")
    print("\n| link | ambiguous | links | wrong | share wrong |\n|---|---|---|---|---|")
    for how, ambiguous, n, wrong in calibration(found):
        print(f"| {how} | {'yes' if ambiguous else 'no'} | {n:,} | {wrong:,} | {wrong / n:.3%} |")


def calibration(found: Linked) -> list[tuple[str, bool, int, int]]:
    """Links by how they were made and whether another record fitted: how many, and how many the truth denies."""
    truth = " union all ".join(
        f"select payment_id as chain_id, '{hop}' as hop, {column} as record from truth_recharge_chains"
        for hop, column in HOPS.items()
    )
    hops = ", ".join(f"'{hop}'" for hop in HOPS)
    return found.memory.ask(
        f"select how, ambiguous, count(*), count(*) filter (where t.record is null) from written w left join ({truth}) t"
        f" using (chain_id, hop, record) where w.hop in ({hops}) and how <> 'record' group by all order by all"
    )


def fast(recharges: int = RECHARGES) -> None:
    """Linking and summing up, and one sorted scan of each table."""
    catalogue = pack()
    plan = plan_trace(catalogue, "recharge_resume")
    small = linked(catalogue, province(days=4), date(2012, 2, 24))
    times = -(-recharges // small.memory.one("select count(*) from rows_chains"))
    with tempfile.TemporaryDirectory(prefix="ganzhi-traces-") as folder:
        sizes = _multiply(small.memory, plan.feeds, times, Path(folder))
        del small
        memory = Memory(threads=2)
        memory.execute(f"set memory_limit = '3GB'; set temp_directory = '{folder}/spill'")
        for feed in dict.fromkeys((*plan.feeds, *plan.asked_feeds, *plan.known_feeds)):
            if feed in sizes:
                memory.execute(f"create view rows_{feed} as select * from read_parquet('{folder}/{feed}.parquet')")
            else:
                memory.put(catalogue, feed, None)
        memory.take()
        cpu, wall = time.process_time(), time.perf_counter()
        for feed in plan.feeds:
            key = catalogue.feed(feed).time
            memory.execute(
                f"create or replace temp table scanned as select * from rows_{feed} order by subscriber, {key}"
            )
        scans = time.process_time() - cpu, time.perf_counter() - wall
        memory.execute("drop table scanned")
        cpu, wall = time.process_time(), time.perf_counter()
        found = link_again(memory, plan, date(2012, 2, 24))
        linking = time.process_time() - cpu, time.perf_counter() - wall
        _sum_up(found)
        total = time.process_time() - cpu, time.perf_counter() - wall
        chains = memory.one("select count(*) from rows_chains")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"chains                 {chains:>12,}    records {sum(sizes.values()):,}")
    for name, (processor, elapsed) in (("sorted scans", scans), ("linking", linking), ("linking and sums", total)):
        print(f"{name:20} {processor:8.1f} s processor {elapsed:8.1f} s wall")
    print(
        f"ratio of processor times {total[0] / scans[0]:.2f}    of wall times {total[1] / scans[1]:.2f}    peak {peak:.2f} GiB"
    )


def _multiply(memory: Memory, feeds: tuple[str, ...], times: int, folder: Path) -> dict[str, int]:
    """Copies of a day as Parquet files sorted as the warehouse sorts them; rows by feed."""
    sizes = {}
    low, high = (each // 1_000_000 for each in (span_of(QUIET).start, span_of(QUIET, 2).end))
    for feed in feeds:
        names = [row[0] for row in memory.ask(f"select column_name from (describe rows_{feed})")]
        columns = [f"{identifier(n)} || '-' || i as {identifier(n)}" if n in IDENTITY else identifier(n) for n in names]
        declared = pack().feed(feed)
        memory.execute(
            f"copy (select {', '.join(columns)} from rows_{feed}, range({times}) t(i) where epoch({declared.time}) >= {low}"
            f" and epoch({declared.time}) < {high} order by {declared.unit}, {declared.time}) to '{folder}/{feed}.parquet'"
            " (format parquet, compression zstd)"
        )
        sizes[feed] = memory.one(f"select count(*) from '{folder}/{feed}.parquet'")
    return sizes


def _sum_up(found: Linked) -> None:
    """What a board shows: every hop with its distribution, and the stuck lists."""
    memory, plan = found.memory, found.plan
    memory.execute(f"create or replace view rows_{plan.trace.chains} as select * from rows_chains")
    memory.execute(f"create or replace view rows_{plan.trace.hops} as select * from written")
    memory.execute("create or replace table units as select distinct unit from rows_chains")
    memory.ask(hops_sql(plan))
    for which in plan.stuck:
        memory.ask(count_stuck_sql(plan, which))


if __name__ == "__main__":
    if sys.argv[1:2] == ["fast"]:
        fast(*(int(each) for each in sys.argv[2:3]))
    else:
        right(*(float(each) for each in sys.argv[2:3]))
