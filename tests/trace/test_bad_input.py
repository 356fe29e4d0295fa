"""Records as they really come: without a customer, in the future, twice, by another zone's clock, of an unknown unit, not at
all, and by a clock that jumped back. Nothing breaks, nothing is linked that does not belong, and what is odd shows."""

from __future__ import annotations

from datetime import date, timedelta

import pyarrow as pa
import pytest

from ganzhi.catalogue.model.framework import StateMachine, StateRecord
from ganzhi.compile.trace.ask import gaps_between_sql, too_soon_sql
from ganzhi.compile.trace.hops import LEAST
from ganzhi.compile.trace.plan import plan_trace
from ganzhi.compile.trace.records import counts_sql
from ganzhi.compile.trace.states import illegal_sql, transitions_sql
from ganzhi.trace.look import episodes, jumped
from ganzhi.trace.skew import Gap, estimate, placed
from tests.province.stage import pack
from tests.trace.memory import Linked, Memory, link_again, province, remember, span_of

pytestmark = pytest.mark.xdist_group("trace_bad_input")

DAY = date(2012, 2, 24)


@pytest.fixture(scope="module")
def clean() -> Linked:
    catalogue = pack()
    plan = plan_trace(catalogue, "recharge_resume")
    return link_again(remember(catalogue, plan, province(days=3)), plan, DAY)


def keep(memory: Memory) -> dict[str, tuple[str, str]]:
    """Chain to state and last step, before the records are spoiled."""
    return {c: (s, step) for c, s, step in memory.ask("select chain_id, state, last_step from rows_chains")}


def test_what_cannot_belong_is_left_out_and_counted(clean: Linked) -> None:
    memory, plan = clean.memory, clean.plan
    before = keep(memory)
    unmatched = {step: int(n) for step, _, n in memory.ask(counts_sql(plan, span_of(DAY)))}
    columns = "* replace (payment_no || '-x' as payment_no, payment_no as duplicate_of, {})"
    noon = f"timestamptz '{DAY} 12:00:00+00'"
    memory.execute("create or replace table spare as select * from rows_payments")
    some = f"select * from spare where booked_at >= {noon} order by payment_no limit 20"
    for change in (
        "null as subscriber, null as account_id, null as payment_id",  # nobody's
        "booked_at + interval 20 day as booked_at",  # in the future
        "booked_at - interval 8 hour as booked_at",  # by another zone's clock: before anybody paid
    ):
        memory.execute(f"insert into rows_payments select {columns.format(change)} from ({some})")
    again = link_again(memory, plan, DAY)
    assert keep(memory) == before
    now = {step: int(n) for step, _, n in memory.ask(counts_sql(plan, span_of(DAY)))}
    assert now["book"] == unmatched["book"] + 40  # those in the future are not of that day
    assert memory.one("select count(*) from written where record like '%-x'") == 0
    assert again.skews == clean.skews


def test_a_record_that_comes_twice_is_taken_once(clean: Linked) -> None:
    memory, plan = clean.memory, clean.plan
    memory.execute("create or replace table rows_payments as select * from spare")
    memory.execute(
        "insert into rows_payments select * replace (payment_no || '-twice' as payment_no) from spare"
        " where payment_id is null order by payment_no limit 30"
    )
    link_again(memory, plan, DAY)
    twice = "select chain_id, max(ambiguous) as doubt, count(*) as n from written where hop = 'book' group by 1"
    assert memory.one(f"select max(n) from ({twice})") == 1
    doubles = "select distinct subscriber, paid_at from rows_payments where payment_no like '%-twice'"
    flagged = memory.ask(
        f"select count(*), count(*) filter (where w.ambiguous) from written w join rows_chains c using (chain_id)"
        f" join ({doubles}) d on d.subscriber = c.subscriber and d.paid_at = c.paid_at where w.hop = 'book'"
    )[0]
    assert flagged[0] == flagged[1] > 10
    memory.execute("create or replace table rows_payments as select * from spare")


def test_an_unknown_unit_stays_what_it_is(clean: Linked) -> None:
    memory, plan = clean.memory, clean.plan
    memory.execute("create or replace table paid as select * from rows_recharges")
    memory.execute(
        "update rows_recharges set unit = 'XX-99' where payment_id in (select chain_id from rows_chains limit 5)"
    )
    link_again(memory, plan, DAY)
    assert memory.one("select count(*) from rows_chains where unit = 'XX-99'") == 5
    memory.execute("create or replace table rows_recharges as select * from paid")


def test_a_missing_day_of_one_system_takes_nothing_from_the_others(clean: Linked) -> None:
    memory, plan = clean.memory, clean.plan
    link_again(memory, plan, DAY)
    credited = memory.one("select count(*) from rows_chains where credited")
    resumed = memory.one("select count(*) from rows_chains where state_at is not null")
    memory.execute("create or replace table alarms as select * from rows_credit_alarms")
    memory.execute("delete from rows_credit_alarms")
    link_again(memory, plan, DAY)
    assert memory.one("select count(*) from rows_chains where credited") == credited
    found = memory.one("select count(*) from rows_chains where state_at is not null")
    assert 0.95 * resumed <= found <= 1.05 * resumed  # by customer, in the order of time
    assert memory.one("select count(*) from written where hop = 'record_order' and how <> 'order'") == 0
    memory.execute("create or replace table rows_credit_alarms as select * from alarms")


def test_a_clock_that_jumped_back_makes_chains_contradictory_and_shows(clean: Linked) -> None:
    """Credit control's clock goes back five minutes at eight in the evening."""
    memory, plan = clean.memory, clean.plan
    hours = "rows_recharge_hops as select * from written"
    memory.execute("create or replace table alarms as select * from rows_credit_alarms")
    memory.execute("create or replace table units as select distinct unit from rows_recharges")
    link_again(memory, plan, DAY)
    memory.execute(f"create or replace view {hours}")
    assert memory.one("select count(*) from rows_chains where state = 'impossible'") == 0
    assert jumped(memory.query(gaps_between_sql(plan, LEAST)).to_pylist(), plan.clocks) == []
    evening = f"timestamptz '{DAY} 20:00:00+00'"
    turned = ", ".join(
        f"case when checked_at >= {evening} then {c} - interval 5 minute else {c} end as {c}"
        for c in ("checked_at", "received_at", "issued_at")
    )
    memory.execute(f"create or replace table rows_credit_alarms as select * replace ({turned}) from alarms")
    link_again(memory, plan, DAY)
    keyed = memory.one(
        f"select count(*) from written join alarms on record = alarm_id where how = 'exact' and checked_at >= {evening}"
    )
    impossible = memory.one("select count(*) from rows_chains where state = 'impossible'")
    assert impossible >= keyed > 20
    found = jumped(memory.query(gaps_between_sql(plan, LEAST)).to_pylist(), plan.clocks)
    first = int(memory.one(f"select epoch({evening})")) // 3_600
    assert {(origin, target) for origin, target, *_ in found} == {("billing", "credit_control")}
    assert min(hour for _, _, hour, _, _ in found) in {first - 1, first}
    assert all(-310_000_000 < by < -290_000_000 for *_, by in found)
    hours = memory.query(gaps_between_sql(plan, LEAST)).to_pylist()
    (episode,) = episodes(found, hours)
    below = episode.middle - plan.clocks
    told = memory.query(too_soon_sql(plan, "billing", "credit_control", episode.hours, below)).to_pylist()[0]
    gap = "epoch_us(finished_at) - epoch_us(started_at)"
    begin, end = episode.hours[0] * 3_600, (episode.hours[1] + 1) * 3_600
    sooner = (
        f"from written where hop = 'credit_check' and how <> 'order' and {gap} < {below}"
        f" and epoch(finished_at) >= {begin} and epoch(finished_at) < {end}"
    )
    assert told["n"] == memory.one(f"select count(*) {sooner}") > 20
    since = memory.one(f"select epoch(min(finished_at)) - epoch({evening}) {sooner}")
    assert -300 <= since < 600  # the first record of the wrong clock, not the hour it lies in
    assert told["first"].timestamp() - float(memory.one(f"select epoch({evening})")) == since
    memory.execute("create or replace table rows_credit_alarms as select * from alarms")


def test_a_day_of_which_most_is_slow_does_not_make_its_quiet_hours_a_jump() -> None:
    """Sixteen hours of a fault, eight as ever: known from the weeks before, and not from the day alone."""
    quiet = [{"origin": "a", "target": "b", "hour": hour, "n": 90, "least": 3_000_000} for hour in range(24 * 28 + 8)]
    slow = [{**quiet[0], "hour": quiet[-1]["hour"] + 1 + hour, "least": 63_000_000} for hour in range(16)]
    assert jumped([*quiet, *slow], 30_000_000) == []
    assert len(jumped([*quiet[-8:], *slow], 30_000_000)) == 8


def test_skew_is_bounded_from_both_sides_or_left_alone() -> None:
    systems = ("a", "b", "c")
    gaps = [Gap("a", "b", 9, 9_000_000, 0), Gap("b", "a", 9, -7_000_000, 0), Gap("b", "c", 9, -2_000_000, 0)]
    found = estimate(systems, gaps)
    assert (found[1].estimate, found[1].low, found[1].high) == (8_000_000, 7_000_000, 9_000_000)
    assert found[2].low is None
    assert placed(found)["c"] <= 7_000_000  # b's nine at most, less two
    assert estimate(("a",), [])[0].estimate == 0


@pytest.mark.requirement("S000-012")
def test_a_line_resumes_only_when_its_last_reason_is_cleared() -> None:
    """Changes written by hand: two that are right, one that clears two reasons at once, one the machine does not have, and
    one that does not begin where the last one ended."""
    catalogue = pack()
    machine, feed = catalogue.state_machines["suspension"], catalogue.feed("suspensions")
    assert isinstance(machine, StateMachine)
    assert isinstance(machine.record, StateRecord)
    memory = Memory()
    told = [
        ("1", "one", "active", "arrears"),
        ("2", "one", "arrears", "arrears_requested"),
        ("3", "one", "arrears_requested", "active"),  # both reasons at once
        ("4", "two", "active", "arrears_requested"),  # two reasons in one step
        ("5", "three", "active", "arrears"),
        ("6", "three", "requested", "active"),  # was not requested
    ]
    start = pa.scalar(0).as_py()
    memory.put(
        catalogue,
        "suspensions",
        pa.table(
            {
                "event_id": [t[0] for t in told],
                "customer_id": [t[1] for t in told],
                "state_before": [t[2] for t in told],
                "state_after": [t[3] for t in told],
                "unit": ["u"] * len(told),
                "acted_at": pa.array(
                    [1_330_000_000 + start + int(timedelta(hours=n).total_seconds()) for n in range(len(told))]
                ).cast(pa.timestamp("s")),
            }
        ),
    )
    memory.execute("create table units as select 'u' as unit")
    wrong = {
        row["record"]: row["wrong"] for row in memory.query(illegal_sql(machine, machine.record, feed, 99)).to_pylist()
    }
    assert wrong == {"3": "several", "4": "forbidden", "6": "broken"}
    counts = memory.query(transitions_sql(machine, machine.record, feed)).to_pylist()
    assert sum(row["n"] for row in counts) == len(told)
    assert {(r["was"], r["became"]) for r in counts if r["wrong"] is None} == {
        ("active", "arrears"), ("arrears", "arrears_requested"), ("requested", "active"),
    }  # fmt: skip
