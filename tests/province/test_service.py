"""Bills, orders, enquiries, reminders and the systems behind them: laws that hold on every seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ganzhi.province.calendar import DAY_S, EPOCH
from ganzhi.province.columns import NEVER
from ganzhi.province.feelings import Felt
from ganzhi.province.levers import Pull
from ganzhi.province.scene import Deals, Experiences, Scene, Visits, World, blocks_of
from ganzhi.province.service import BLOCK_PHASES, PROVINCE_PHASES
from ganzhi.province.service.orders import take_orders
from ganzhi.province.service.systems import SYSTEMS, run_systems
from tests.province.stage import FIRST, Kept, build_world, doubled, faults, near, pack, play

START = (FIRST - EPOCH).days * DAY_S
HOUR = 3_600
DAYS = 8


def hours(day: int, hour: float) -> int:
    """A moment: hours into a day of the stage."""
    return START + day * DAY_S + int(hour * HOUR)


LOADED = (hours(3, 0), hours(3, 14))
PULLS = (
    Pull("database.load", 0, *LOADED, 0.35),
    Pull("orders.invalid", 0, *LOADED, 0.5),
    Pull("sms.late_s", 1, hours(2, 0), hours(3, 0), 2_400.0),
    Pull("sms.lost", 2, hours(5, 0), hours(6, 0), 0.3),
    Pull("bill.wrong", 3, hours(0, 0), hours(8, 0), 0.08, frozenset({"NW"})),
    Pull("hop.late_s", 4, hours(1, 20), hours(2, 10), 300.0, frozenset({"credit_control"})),
    Pull("provisioning.failed", 5, hours(6, 6), hours(10, 0), 0.3, frozenset({"packet"})),
)
FEEDS = (
    "account_movements", "batch_runs", "bills", "business_orders", "change_requests", "changes", "enquiries",
    "inspections", "invoices", "number_activations", "plan_months", "points_movements", "reminders", "resource_tasks",
    "system_faults", "system_measurements",
)  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(days=DAYS, pulls=PULLS)


@pytest.fixture(scope="module")
def notes() -> list[tuple[Experiences, Visits, Deals]]:
    return []


@pytest.fixture(scope="module")
def kept(world: World, notes: list[tuple[Experiences, Visits, Deals]]) -> Kept:
    def keep(scene: Scene) -> None:
        notes.append(tuple(scene.notes(kind) for kind in (Experiences, Visits, Deals)))  # type: ignore[arg-type]

    return play(world, BLOCK_PHASES, (*PROVINCE_PHASES, keep))


def rows(kept: Kept, feed: str) -> pa.Table:
    """What a feed holds in the end: the last state of each record."""
    table = stamped(kept.table(feed))
    key = pack().feeds[feed].key
    numbered = table.select(list(key)).append_column("row", pa.array(np.arange(len(table))))
    last = numbered.group_by(list(key)).aggregate([("row", "max")]).column("row_max")
    return table.take(pa.array(np.sort(last.to_numpy())))


def stamped(table: pa.Table) -> pa.Table:
    """`data_as_of` as a moment, whether or not its name tells that it is one."""
    if "data_as_of" not in table.column_names or table.schema.field("data_as_of").type != pa.int64():
        return table
    column = table.column("data_as_of")
    column = pc.if_else(pc.equal(column, NEVER), pa.scalar(None, pa.int64()), column).cast(pa.timestamp("s"))
    return table.set_column(table.column_names.index("data_as_of"), "data_as_of", column)


def seconds(table: pa.Table, name: str) -> np.ndarray:
    """A column of moments as numbers; NaN where there is none."""
    column = table.column(name).cast(pa.int64()).cast(pa.float64())
    return np.asarray(column.to_numpy())


def words(table: pa.Table, name: str) -> np.ndarray:
    return np.array(table.column(name).to_pylist(), dtype=object)


def whole(table: pa.Table, name: str) -> np.ndarray:
    return np.asarray(pc.fill_null(table.column(name), 0).to_numpy())


def known(kept: Kept, table: str, key: str) -> Mapping[str, dict[str, object]]:
    return {row[key]: row for row in kept.truth(table).to_pylist()}


def test_every_feed_of_the_part_is_delivered(kept: Kept) -> None:
    assert tuple(kept.feeds) == FEEDS


@pytest.mark.parametrize("feed", FEEDS)
def test_records_keep_their_feeds_contract(kept: Kept, feed: str) -> None:
    assert faults(feed, stamped(kept.table(feed))) == []


def test_bills_add_up_except_the_wrong_ones_the_truth_names(kept: Kept) -> None:
    bills = rows(kept, "bills")
    parts = ("monthly_fee_fen", "voice_fen", "data_fen", "message_fen", "partner_fen", "other_fen")
    total = np.sum([whole(bills, part) for part in parts], axis=0) - whole(bills, "discount_fen")
    bad = set(words(bills, "bill_id")[total != whole(bills, "amount_fen")])
    truth = known(kept, "bills_wrong", "bill_id")
    assert bad == {bill for bill, row in truth.items() if row["kind"] == "does_not_add_up"}
    in_city = [unit.startswith("NW") for unit in words(bills, "unit")]
    by_incident = [row for row in truth.values() if row["incident"] == 3]
    assert near(len(by_incident) / sum(in_city), 0.08, (0.08 * 0.92 / sum(in_city)) ** 0.5)
    units = dict(zip(words(bills, "bill_id"), words(bills, "unit"), strict=True))
    assert all(units[str(row["bill_id"])].startswith("NW") for row in by_incident)


def test_a_bill_is_disputed_after_it_arrived_and_settled_after_that(kept: Kept) -> None:
    states = kept.table("bills").select(["bill_id", "delivered_at", "dispute_state", "adjusted_fen"]).to_pylist()
    order = {"none": 0, "open": 1, "upheld": 2, "rejected": 2}
    last: dict[str, int] = {}
    for row in states:
        assert order[row["dispute_state"]] >= last.get(row["bill_id"], 0)
        assert row["dispute_state"] == "none" or row["delivered_at"] is not None
        assert row["dispute_state"] not in ("open", "rejected") or not row["adjusted_fen"]
        last[row["bill_id"]] = order[row["dispute_state"]]
    assert 1 in last.values()


def test_bills_come_on_the_billing_day_for_the_month_before(kept: Kept, world: World) -> None:
    bills = rows(kept, "bills")
    assert set(words(bills, "month")) == {"2012-02"}
    assert {day.date() for day in bills.column("issued_at").to_pylist()} == {date(2012, 3, 2)}
    postpaid = int((~world.population.prepaid).sum())
    prepaid = int(world.population.prepaid.sum())
    assert near(len(bills) - postpaid, 0.3 * prepaid, (0.21 * prepaid) ** 0.5)


def test_gifts_reconcile_unless_their_pair_is_open(kept: Kept) -> None:
    moves = rows(kept, "account_movements").to_pylist()
    given = {row["pair_id"]: row for row in moves if row["movement_kind"] == "gift_given" and row["state"] == "booked"}
    received = {row["pair_id"]: row for row in moves if row["movement_kind"] == "gift_received"}
    assert given.keys() == received.keys()
    closed = [pair for pair in given if received[pair]["state"] == "booked"]
    assert sum(given[p]["booked_fen"] for p in closed) == sum(received[p]["booked_fen"] for p in closed) > 0
    for pair in closed:
        assert given[pair]["pair_booked_at"] == received[pair]["booked_at"] >= given[pair]["booked_at"]
    for pair in given.keys() - set(closed):
        assert given[pair]["pair_booked_at"] is None
        assert received[pair]["booked_fen"] is None


def test_reminder_stamps_follow_each_other(kept: Kept) -> None:
    sent = rows(kept, "reminders")
    for before, after in (("triggered_at", "generated_at"), ("generated_at", "sent_at"), ("sent_at", "delivered_at"),
                          ("delivered_at", "acted_at")):  # fmt: skip
        first, second = seconds(sent, before), seconds(sent, after)
        both = ~np.isnan(first) & ~np.isnan(second)
        assert both.any()
        assert (first[both] <= second[both]).all()
        assert not (np.isnan(first) & ~np.isnan(second)).any()


def test_late_and_lost_reminders_are_those_of_their_incidents(kept: Kept) -> None:
    sent = rows(kept, "reminders")
    triggered = seconds(sent, "triggered_at")
    plain = np.array([word != "order_reminder" for word in words(sent, "process")])
    slow = plain & (triggered >= hours(2, 0)) & (triggered < hours(3, 0))
    delay = seconds(sent, "delivered_at") - triggered
    usual = plain & (triggered < hours(2, 0))
    n = int((~np.isnan(delay[slow])).sum())
    assert near(float(np.nanmean(delay[slow]) - np.nanmean(delay[usual])), 2_400.0, 2_400.0 / n**0.5)
    lost = plain & (triggered >= hours(5, 0)) & (triggered < hours(6, 0))
    share = float(np.mean(np.isnan(delay[lost]))) - float(np.mean(np.isnan(delay[usual])))
    assert near(share, 0.3, 0.46 / int(lost.sum()) ** 0.5)
    truth = known(kept, "reminders_late", "reminder_id")
    assert {row["incident"] for row in truth.values()} == {1, 2}


def test_orders_are_split_before_they_are_provisioned_and_usable(kept: Kept) -> None:
    orders = rows(kept, "business_orders")
    stamps = ("accepted_at", "split_at", "provisioned_at", "usable_at", "completed_at", "notified_at")
    for position, before in enumerate(stamps):
        for after in stamps[position + 1 :]:
            first, second = seconds(orders, before), seconds(orders, after)
            both = ~np.isnan(first) & ~np.isnan(second)
            assert (first[both] <= second[both]).all(), (before, after)


def test_the_lever_adds_exactly_the_failures_the_truth_names() -> None:
    pull = Pull("provisioning.failed", 9, hours(0, 0), hours(1, 0), 0.4, frozenset({"packet", "in"}))
    plain = play(build_world(scale=0.02, days=1), [take_orders])
    broken = play(build_world(scale=0.02, days=1, pulls=[pull]), [take_orders])
    before = {row["order_id"]: row for row in plain.table("business_orders").to_pylist()}
    after = {row["order_id"]: row for row in broken.table("business_orders").to_pylist()}
    assert before.keys() == after.keys()
    truth = known(broken, "orders_failed", "order_id")
    hit = {order for order, row in truth.items() if row["incident"] == 9}
    changed = {order for order in after if before[order]["error_cause"] != after[order]["error_cause"]}
    assert changed <= hit
    assert all(after[order]["result"] == "failed" and after[order]["error_cause"] == "provisioning" for order in hit)
    reached = [
        row
        for row in after.values()
        if row["product"] in ("family_network", "virtual_network", "wlan", "mobile_internet")
    ]
    assert near(len(hit) / len(reached), 0.4, (0.24 / len(reached)) ** 0.5)


def test_a_repeated_order_repeats_one_of_the_day_before(kept: Kept) -> None:
    orders = rows(kept, "business_orders").to_pylist()
    by_id = {row["order_id"]: row for row in orders}
    again = [row for row in orders if row["repeat_of"] is not None]
    assert again
    for row in again:
        first = by_id[row["repeat_of"]]
        assert (row["customer_id"], row["process"]) == (first["customer_id"], first["process"])
        assert first["accepted_at"] < row["accepted_at"]


def test_customers_inclined_to_electronic_channels_use_them(kept: Kept, world: World) -> None:
    asked = rows(kept, "enquiries")
    electronic = np.isin(words(asked, "channel").astype(str), ["web_hall", "app", "sms_hall", "ivr", "kiosk"])
    customer = np.array([int(each[1:]) - 100_000_000 for each in words(asked, "customer_id")])
    lean = world.population.electronic[customer]
    low, high = electronic[lean < 0.2].mean(), electronic[lean > 0.6].mean()
    assert low < high - 0.05


def test_a_loaded_database_slows_the_enquiries_it_answers(kept: Kept) -> None:
    asked = rows(kept, "enquiries")
    started = seconds(asked, "started_at")
    took = asked.column("response_ms").cast(pa.float64()).to_numpy()
    answered = words(asked, "result") == "answered"
    loaded = (started >= LOADED[0]) & (started < LOADED[1]) & answered
    for process, slowed in (("balance_enquiry", 1 + 4 * 0.35), ("points_enquiry", 1.0)):
        mine = words(asked, "process") == process
        usual = mine & answered & ~((started >= LOADED[0]) & (started < LOADED[1]))
        ratio = float(np.exp(np.log(took[mine & loaded]).mean() - np.log(took[usual]).mean()))
        assert near(np.log(ratio), np.log(slowed), 0.8 / int((mine & loaded).sum()) ** 0.5)


def test_96_quarter_hours_of_every_system_and_metric(kept: Kept) -> None:
    measured = kept.table("system_measurements")
    pairs = measured.append_column("day", pc.floor_temporal(measured.column("measured_at"), unit="day"))
    counts = pairs.group_by(["system", "metric", "day"]).aggregate([([], "count_all")])
    assert set(counts.column("count_all").to_pylist()) == {96}
    assert len(counts) == DAYS * sum(len(system.metrics) for system in SYSTEMS)


def test_connections_are_above_the_limit_while_the_database_is_loaded(kept: Kept) -> None:
    table = kept.table("system_measurements")
    mine = table.filter((pc.field("system") == "billing") & (pc.field("metric") == "db_connections"))
    at = seconds(mine, "measured_at")
    over = mine.column("value").to_numpy() > mine.column("limit_value").to_numpy()
    loaded = (at >= LOADED[0]) & (at < LOADED[1])
    assert over[loaded].all()
    assert not over[~loaded].any()


def test_invalid_orders_surge_by_the_share_of_the_lever() -> None:
    pulls = [Pull("orders.invalid", 0, hours(0, 0), hours(1, 0), 0.5)]
    table = play(build_world(scale=0.05, days=1, pulls=pulls), (), [run_systems]).table("system_measurements")
    mine = table.filter(pc.field("system") == "billing")
    total = {
        metric: pc.sum(mine.filter(pc.field("metric") == metric).column("value")).as_py()
        for metric in ("invalid_orders", "handled_orders")
    }
    valid = total["handled_orders"] - total["invalid_orders"]
    assert near(total["invalid_orders"] / valid, 0.504, (0.504 / valid) ** 0.5)


def test_a_release_comes_before_the_fault_it_brings_about(kept: Kept) -> None:
    truth = known(kept, "system_causes", "fault_id")
    found = [row for row in kept.table("system_faults").to_pylist() if row["fault_id"] in truth]
    loaded = [row for row in found if truth[row["fault_id"]]["incident"] == 0]
    assert {row["system_fault_cause"] for row in loaded} == {"release"}
    change = {row["change_id"]: row for row in rows(kept, "changes").to_pylist()}[loaded[0]["change_id"]]
    assert (change["change_kind"], change["system"], change["faults"]) == ("release", "billing", 1)
    assert change["finished_at"] < loaded[0]["occurred_at"]
    first = next(row for row in kept.table("changes").to_pylist() if row["change_id"] == change["change_id"])
    assert first["faults"] == 0


def test_a_fault_is_delivered_open_and_again_when_it_is_restored(kept: Kept) -> None:
    truth = known(kept, "system_causes", "fault_id")
    states: dict[object, list[object]] = {}
    for row in kept.table("system_faults").to_pylist():
        if row["fault_id"] in truth:
            states.setdefault(truth[row["fault_id"]]["incident"], []).append(row["restored_at"])
            assert row["occurred_at"] < row["detected_at"]
    assert [each is None for each in states[0]] == [False]
    assert [each is None for each in states[4]] == [True, False]
    assert [each is None for each in states[5]] == [True]


def test_what_customers_feel_and_do_is_left_for_later_phases(
    kept: Kept, notes: list[tuple[Experiences, Visits, Deals]]
) -> None:
    felt = {int(kind) for day, *_ in notes for kind in np.unique(day.kind)}
    assert {int(Felt.ORDER_FAILED), int(Felt.BILL_WRONG), int(Felt.BILL_HIGH), int(Felt.ENQUIRY_FAILED)} <= felt
    assert int(Felt.NOTICE_LATE) in felt
    for number, (day, visits, deals) in enumerate(notes):
        for at in (day.at, visits.at):
            assert ((at >= hours(number, 0)) & (at < hours(number + 1, 0))).all()
        clock = visits.at - hours(number, 0)
        assert ((clock >= 8.5 * HOUR) & (clock < 17.5 * HOUR)).all()
        assert len(deals.at) > 0
        assert ((deals.completed == NEVER) | (deals.completed >= deals.at)).all()


def test_halls_are_in_the_customers_city(
    world: World, kept: Kept, notes: list[tuple[Experiences, Visits, Deals]]
) -> None:
    city_of_hall = world.organisation.hall_city()
    for _, visits, deals in notes:
        assert (city_of_hall[visits.hall] == world.population.city[visits.customer]).all()
        here = deals.hall >= 0
        assert (city_of_hall[deals.hall[here]] == world.population.city[deals.customer[here]]).all()
        kiosk = deals.device >= 0
        assert (world.organisation.kiosk_hall[deals.device[kiosk]] == deals.hall[kiosk]).all()


def test_blocks_share_no_record_and_forget_nobody() -> None:
    whole_province = build_world(days=6)
    split = replace(build_world(days=6), blocks=blocks_of(len(whole_province.population), 7_000))
    assert len(split.blocks) > 1
    kept = play(split, BLOCK_PHASES, PROVINCE_PHASES)
    bills = kept.table("bills")
    one = play(whole_province, BLOCK_PHASES, PROVINCE_PHASES)
    assert set(words(bills, "customer_id")) == set(words(one.table("bills"), "customer_id"))
    for feed in ("enquiries", "invoices", "plan_months"):
        assert doubled(feed, kept.table(feed)) == 0


def test_the_same_seed_gives_the_same_records() -> None:
    first, second = (play(build_world(days=2), BLOCK_PHASES, PROVINCE_PHASES) for _ in range(2))
    assert first.feeds == second.feeds
    for feed in first.feeds:
        assert first.table(feed).equals(second.table(feed))
