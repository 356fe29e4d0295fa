"""Money and lines: balances add up, chains run in order, clocks are off as stated, losses come as stated."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from ganzhi.province.calendar import EPOCH
from ganzhi.province.chains.arrears import DUNNING_MEDIAN_S, DUNNING_SIGMA, OMITTED, collect
from ganzhi.province.chains.hops import HOPS, STEPS, UNLOGGED, load_factor, recorded
from ganzhi.province.chains.recharge import recharge
from ganzhi.province.chains.usage import books_of, charge
from ganzhi.province.levers import Pull
from ganzhi.province.population import ENTRIES
from ganzhi.province.scene import Deals, Experiences, Scene, Visits, World, blocks_of
from tests.province.stage import Kept, build_world, doubled, faults, near, pack, play

FEEDS = (
    "recharges", "payments", "recharge_notices", "balance_changes", "fund_changes", "credit_alarms",
    "suspend_resume_orders", "user_states", "provisioning_splits", "provisioning_orders", "sms_submissions",
    "sms_receipts", "suspensions",
)  # fmt: skip
PHASES = (charge, collect, recharge)
DAY = 86_400


@dataclass
class Played:
    world: World
    kept: Kept
    start: np.ndarray
    deals: list[Deals]
    visits: list[Visits]


def run(world: World) -> Played:
    books_of(world)
    start = world.population.balance_fen.copy()
    deals: list[Deals] = []
    visits: list[Visits] = []

    def listen(scene: Scene) -> None:
        deals.append(scene.notes(Deals))
        visits.append(scene.notes(Visits))

    return Played(world, play(world, PHASES, (listen,)), start, deals, visits)


@pytest.fixture(scope="module")
def week() -> Played:
    """The end of February and the first days of March, the capital's month start and mass suspension included."""
    return run(build_world(scale=0.004, days=9))


def seconds(column: Any) -> np.ndarray:
    """Moments as seconds since 1970; -1 where there is none."""
    return np.asarray(pc.fill_null(column.cast(pa.int64()), -1).to_numpy())


def whole(column: Any) -> np.ndarray:
    return np.asarray(pc.fill_null(column, -1).to_numpy())


def joined_by(left: pa.Table, key: str, right: pa.Table, right_key: str) -> pa.Table:
    return left.join(right, key, right_key, join_type="inner", right_suffix="_r")


@pytest.mark.parametrize("feed", FEEDS)
def test_every_feed_keeps_its_contract(week: Played, feed: str) -> None:
    table = week.kept.table(feed)
    assert len(table) > 0
    assert faults(feed, table) == []
    assert doubled(feed, table) == 0


@pytest.mark.requirement("S000-059")
def test_recharges_come_through_all_eight_entries(week: Played) -> None:
    table = week.kept.table("recharges")
    assert set(table["entry"].to_pylist()) == set(ENTRIES)


@pytest.mark.requirement("S000-060", "S000-062")
def test_each_log_gives_its_identities_and_what_it_knows(week: Played) -> None:
    table = week.kept.table("recharges")
    of_log: dict[str, set[str]] = {}
    for identity, entry in zip(table["payment_id"].to_pylist(), table["entry"].to_pylist(), strict=True):
        of_log.setdefault(identity[0] if identity[0].isalpha() else "", set()).add(entry)
    assert of_log == {
        "B": {"bank", "kiosk", "payment_card"}, "K": {"access_505", "access_13800138000"}, "C": {"cboss_remote"},
        "F": {"hall_cash"}, "": {"partner_cash", "cboss_remote", "payment_card"},
    }  # fmt: skip
    hall = pc.equal(table["entry"], "hall_cash")
    assert table.filter(hall)["invoice_asked"].null_count == 0
    assert table.filter(pc.invert(hall))["invoice_asked"].null_count == len(table) - pc.sum(hall).as_py()


def test_every_balance_is_its_start_and_all_written_changes(week: Played) -> None:
    table, people = week.kept.table("balance_changes"), week.world.population
    customer = np.array([int(text[1:]) - 100_000_000 for text in table["account_id"].to_pylist()])
    change = np.zeros(len(people), dtype=np.int64)
    np.add.at(change, customer, table["amount_fen"].to_numpy())
    assert (week.start + change - books_of(week.world).unwritten == people.balance_fen).all()
    before, after = table["before_fen"].to_numpy(), table["after_fen"].to_numpy()
    assert (before + table["amount_fen"].to_numpy() == after).all()
    last: dict[int, int] = {}
    order = np.lexsort((np.arange(len(table)), seconds(table["changed_at"])))
    broken = 0
    for row in order:
        broken += last.get(customer[row], before[row]) != before[row]
        last[customer[row]] = after[row]
    assert broken <= 0.001 * len(table)


def test_gifts_and_reversals_cancel_what_they_belong_to() -> None:
    played = run(build_world(scale=0.01, days=2))
    table = played.kept.table("balance_changes")
    gifts = table.filter(pc.is_valid(table["gift_id"]))
    sums = gifts.group_by("gift_id").aggregate([("amount_fen", "sum")])
    assert len(sums) > 0
    assert set(sums["amount_fen_sum"].to_pylist()) == {0}
    back = table.filter(pc.equal(table["kind"], "reversal")).select(["reversal_of", "amount_fen"])
    both = joined_by(back, "reversal_of", table.select(["change_id", "amount_fen"]), "change_id")
    assert len(both) == len(back) > 0
    assert (both["amount_fen"].to_numpy() == -both["amount_fen_r"].to_numpy()).all()


@pytest.mark.requirement("S000-063", "S000-064", "S000-065", "S000-066", "S000-067")
def test_the_true_moments_of_a_chain_come_in_the_order_of_its_steps(week: Played) -> None:
    chains = week.kept.truth("recharge_chains")
    names = [
        "paid_at", "booked_at", "notice_at", "balance_at", "funds_sent_at", "checked_at", "alarm_at", "order_at",
        "split_at", "executed_at", "receipt_at", "state_at",
    ]  # fmt: skip
    moments = np.stack([seconds(chains[name]) for name in names])
    assert (moments[11] >= 0).sum() > 50
    for earlier, later in pairwise(moments):
        came = later >= 0
        assert (earlier[came] >= 0).all()
        assert (later[came] > earlier[came]).all()


@pytest.mark.parametrize(
    ("feed", "key", "stamp", "true", "step"),
    [
        ("payments", "payment_no", "booked_at", "booked_at", "book"),
        ("recharge_notices", "notice_id", "created_at", "notice_at", "create_notice"),
        ("balance_changes", "change_id", "changed_at", "balance_at", "update_balance"),
        ("fund_changes", "split_id", "sent_at", "funds_sent_at", "send_funds_change"),
        ("credit_alarms", "alarm_id", "checked_at", "checked_at", "credit_check"),
        ("suspend_resume_orders", "order_id", "recorded_at", "order_at", "record_order"),
        ("provisioning_splits", "task_id", "split_at", "split_at", "split_order"),
        ("user_states", "state_id", "set_at", "state_at", "set_state"),
        ("sms_submissions", "sms_id", "submitted_at", "sms_submitted_at", "notify"),
    ],
)
def test_a_record_shows_the_true_moment_by_its_systems_clock(
    week: Played, feed: str, key: str, stamp: str, true: str, step: str
) -> None:
    chains = week.kept.truth("recharge_chains").select([key, true]).rename_columns([key, "true"])
    chains = chains.filter(pc.and_(pc.is_valid(chains[key]), pc.is_valid(chains["true"])))
    both = joined_by(chains, key, week.kept.table(feed).select([key, stamp]), key)
    assert len(both) > 0
    assert set(seconds(both[stamp]) - seconds(both["true"])) == {HOPS[step].skew_s}


def test_chains_stop_and_records_are_missing_as_often_as_stated(week: Played) -> None:
    chains = week.kept.truth("recharge_chains")
    n = len(chains)
    stuck = pc.is_in(
        chains["stuck_at"], value_set=pa.array(["book", "create_notice", "update_balance", "send_funds_change"])
    )
    stated = sum(HOPS[step].lost for step in STEPS[:4])
    assert near(pc.sum(stuck).as_py() / n, stated, np.sqrt(stated / n))
    happened = pc.is_valid(chains["booked_at"])
    missing = pc.sum(pc.and_(happened, pc.is_null(chains["payment_no"]))).as_py()
    assert near(missing / n, UNLOGGED, np.sqrt(UNLOGGED / n))
    assert set(pc.unique(chains.filter(pc.is_valid(chains["stuck_at"]))["cause"]).to_pylist()) <= {-1}


def test_only_bookings_with_a_peer_number_carry_the_channels_key(week: Played) -> None:
    table = week.kept.table("payments")
    keyed = pc.is_in(table["entry"], value_set=pa.array(["bank", "hall_cash"]))
    assert pc.equal(pc.is_valid(table["payment_id"]), keyed).to_pylist() == [True] * len(table)
    for feed, column, share in (("fund_changes", "change_id", 0.5), ("credit_alarms", "split_id", 0.4)):
        found = week.kept.table(feed)
        if feed == "credit_alarms":
            found = found.filter(pc.is_valid(found["received_at"]))
        given = 1 - found[column].null_count / len(found)
        assert near(given, share, np.sqrt(share * (1 - share) / len(found)) + 0.003)


def test_a_resumed_line_was_suspended_before_and_the_suspended_were_mostly_warned(week: Played) -> None:
    table = week.kept.table("suspensions")
    resumed = table.filter(pc.equal(table["action"], "resume"))
    assert len(resumed) > 50
    assert resumed["suspended_at"].null_count == 0
    stopped = {
        (customer, int(at)): state
        for customer, at, state in zip(
            table["customer_id"].to_pylist(), seconds(table["suspended_at"]), table["action"].to_pylist(), strict=True
        )
        if state == "suspend"
    }
    start = (week.world.first - EPOCH).days * DAY
    for customer, at in zip(resumed["customer_id"].to_pylist(), seconds(resumed["suspended_at"]), strict=True):
        assert at < start or (customer, int(at)) in stopped
    stops = table.filter(
        pc.and_(pc.equal(table["action"], "suspend"), pc.equal(table["process"], "arrears_suspension"))
    )
    warned = (seconds(stops["notice_delivered_at"]) >= 0) & (
        seconds(stops["notice_delivered_at"]) < seconds(stops["suspended_at"])
    )
    assert 0.94 < warned.mean() < 0.995
    messages = week.kept.table("sms_submissions")
    messages = messages.filter(pc.equal(messages["kind"], "arrears_notice"))
    sent = set(zip(messages["subscriber"].to_pylist(), seconds(messages["submitted_at"]), strict=True))
    who = np.array([int(text[1:]) - 100_000_000 for text in stops["customer_id"].to_pylist()])
    noticed, phones = seconds(stops["first_notice_at"]), week.world.population.phones(who).to_pylist()
    by_us = [(phone, at) for phone, at in zip(phones, noticed, strict=True) if at >= start + DAY]
    assert len(by_us) > 50
    assert set(by_us) <= sent
    hours = (seconds(stops["acted_at"]) % DAY) // 3_600
    assert hours.min() >= 9
    assert (hours < 20).all()


def test_suspension_states_change_only_as_the_state_machine_allows(week: Played) -> None:
    table = week.kept.table("suspensions")
    legal = {
        ("active", "arrears"), ("active", "requested"), ("arrears", "active"), ("arrears", "arrears_requested"),
        ("requested", "active"), ("requested", "arrears_requested"), ("arrears_requested", "requested"),
    }  # fmt: skip
    assert set(zip(table["state_before"].to_pylist(), table["state_after"].to_pylist(), strict=True)) <= legal


def test_the_first_days_of_a_month_bring_a_mass_of_suspensions(week: Played) -> None:
    table = week.kept.table("suspensions")
    stops = table.filter(pc.equal(table["process"], "arrears_suspension"))
    day = seconds(stops["acted_at"]) // DAY - (week.world.first - EPOCH).days
    counts = np.bincount(day, minlength=9)
    assert counts[5:8].mean() > 3 * counts[1:4].mean()


def test_most_lines_are_back_within_half_an_hour(week: Played) -> None:
    chains = week.kept.truth("recharge_chains")
    due = chains.filter(chains["resume_due"])
    took = seconds(due["state_at"]) - seconds(due["paid_at"])
    within = (seconds(due["state_at"]) >= 0) & (took <= 1_800)
    assert near(within.mean(), 0.975, np.sqrt(0.025 * 0.975 / len(took)) + 0.005)
    credit = seconds(chains["balance_at"]) - seconds(chains["paid_at"])
    assert np.median(credit[seconds(chains["balance_at"]) >= 0]) < 60


def test_every_recharge_is_a_deal_and_halls_and_kiosks_are_visited(week: Played) -> None:
    deals = sum(len(each.number) for each in week.deals)
    assert deals == len(week.kept.table("recharges"))
    places = week.world.organisation
    visits, people = week.visits[0], week.world.population
    assert len(visits.hall) > 0
    assert (places.hall_city()[visits.hall] == people.city[visits.customer]).all()
    kiosk = week.deals[0].device >= 0
    assert (places.kiosk_hall[week.deals[0].device[kiosk]] == week.deals[0].hall[kiosk]).all()
    hour = visits.at % DAY / 3_600
    assert hour.min() >= 8.3
    assert hour.max() <= 18


SPRING = date(2012, 2, 20)


@pytest.fixture(scope="module")
def spring() -> Played:
    """Two month starts: 20 February to 7 April."""
    world = build_world(scale=0.002, days=48, first=SPRING)
    return Played(world, play(world, PHASES), np.empty(0), [], [])


def daily(played: Played, table: pa.Table, column: str) -> np.ndarray:
    """Rows of each day, by a moment."""
    day = seconds(table[column]) // DAY - (played.world.first - EPOCH).days
    return np.bincount(day[day >= 0], minlength=played.world.days)[: played.world.days]


def arrears_stops(played: Played) -> pa.Table:
    """Suspensions for arrears."""
    table = played.kept.table("suspensions")
    return table.filter(pc.and_(pc.equal(table["action"], "suspend"), pc.equal(table["process"], "arrears_suspension")))


def test_a_month_brings_about_one_and_a_half_recharges_and_two_to_three_suspensions_in_a_hundred(
    spring: Played,
) -> None:
    days, people = 28, spring.world.population
    recharges = spring.kept.table("recharges")
    tried = int(daily(spring, recharges, "paid_at")[:days].sum())
    assert 1.4 < tried / len(people) * 30.4 / days < 1.85
    stops = spring.kept.table("suspensions")
    stops = stops.filter(pc.and_(pc.equal(stops["action"], "suspend"), pc.equal(stops["credit_rule"], "balance_zero")))
    assert 0.02 < daily(spring, stops, "acted_at")[:days].sum() / int(people.prepaid.sum()) < 0.034
    failed = pc.sum(pc.equal(recharges["result"], "failed")).as_py()
    assert 0.010 < failed / len(recharges) < 0.035


def test_a_month_start_is_like_the_one_before_and_like_no_plain_day(spring: Played) -> None:
    """The input of the calendar-aware baseline and the alarm of mass suspensions (S000-077), which are not province's:
    orders of the first of a month and suspensions of the days after it are those of the same days of the month before,
    within chance, and many times those of the days before."""
    orders = daily(spring, spring.kept.table("recharge_notices"), "created_at")
    stops = daily(spring, arrears_stops(spring), "acted_at")
    march, april = ((day - SPRING).days for day in (date(2012, 3, 1), date(2012, 4, 1)))
    plain = np.median(orders)
    for start in (march, april):
        assert orders[start] > 5 * plain
        assert stops[start + 2 : start + 6].sum() > 20 * stops[start - 4 : start].sum()
    assert near(orders[april], orders[march], np.sqrt(2 * orders[march]) * 1.5)
    for after in range(2, 6):
        assert near(stops[april + after], stops[march + after], np.sqrt(stops[april + after] + stops[march + after]))


def test_dunning_is_a_step_of_its_own_between_the_threshold_and_the_message(spring: Played) -> None:
    """The input of the dunning platform as an external system of the suspension trace (S000-068); it has no log of its
    own. Credit control tells the threshold, the gateway when dunning triggered the message: between them lies the
    platform's time, and whom it leaves out was never warned."""
    steps = pack().processes["arrears_suspension"].steps
    assert [steps[step].system for step in list(steps)[:3]] == ["credit_control", "dunning", "sms_gateway"]
    stops, messages = arrears_stops(spring), spring.kept.table("sms_submissions")
    messages = messages.filter(pc.equal(messages["kind"], "arrears_notice"))
    triggered: dict[tuple[str, int], int] = {}
    for phone, at, trigger in zip(
        messages["subscriber"].to_pylist(),
        seconds(messages["submitted_at"]),
        seconds(messages["trigger_at"]),
        strict=True,
    ):
        triggered[phone, int(at)] = int(trigger)
    who = np.array([int(text[1:]) - 100_000_000 for text in stops["customer_id"].to_pylist()])
    phones, reached = spring.world.population.phones(who).to_pylist(), seconds(stops["threshold_at"])
    noticed = seconds(stops["first_notice_at"])
    own = (reached >= (SPRING - EPOCH).days * DAY) & ~stops["wrong"].to_numpy(zero_copy_only=False)
    took = [
        triggered[phone, int(at)] - int(begun)
        for phone, at, begun, ours in zip(phones, noticed, reached, own, strict=True)
        if ours and (phone, int(at)) in triggered and at < begun + 7_200
    ]
    assert len(took) > 400
    assert min(took) > 0
    assert abs(np.log(np.median(took) / DUNNING_MEDIAN_S)) < 4.5 * DUNNING_SIGMA * 1.2533 / np.sqrt(len(took))
    left_out = (noticed[own] < 0).mean()
    assert near(left_out, OMITTED, np.sqrt(OMITTED * (1 - OMITTED) / own.sum()))


def test_several_blocks_keep_their_keys_apart_and_their_money_together() -> None:
    world = build_world(scale=0.001, days=3)
    played = run(replace(world, blocks=blocks_of(len(world.population), 3_000)))
    for feed in FEEDS:
        assert doubled(feed, played.kept.table(feed)) == 0, feed
    total = pc.sum(played.kept.table("balance_changes")["amount_fen"]).as_py()
    unwritten = books_of(played.world).unwritten.sum()
    assert played.start.sum() + total - unwritten == world.population.balance_fen.sum()


def test_the_same_seed_gives_the_same_records() -> None:
    first, second = (play(build_world(scale=0.001, days=2), PHASES) for _ in range(2))
    for feed in FEEDS:
        assert first.table(feed).equals(second.table(feed)), feed


def _capital(kept: Kept) -> int:
    return int(pc.sum(pc.starts_with(kept.table("recharge_notices")["unit"], "LJ-")).as_py())


@pytest.mark.parametrize(("day", "notices"), [(date(2012, 1, 1), 756_430), (date(2012, 2, 1), 595_734)])
def test_the_capital_has_the_sources_notices_on_quiet_month_starts(day: date, notices: int) -> None:
    world = build_world(scale=0.01, days=1, first=day)
    assert abs(_capital(play(world, PHASES)) / (notices * 0.01) - 1) < 0.05


def _incident(first: int, *, size: float = 0.42) -> tuple[Pull, ...]:
    start, last = first + 7 * 3_600, first + DAY
    return (
        Pull("orders.invalid", 3, start, last, size),
        Pull("database.load", 3, start + 3_600, last, 0.42),
        Pull("hop.late_s", 3, start + 7_200, last, 2_600.0, frozenset({"billing"})),
    )


@pytest.fixture(scope="module")
def incident() -> Played:
    start = (date(2012, 3, 1) - EPOCH).days * DAY
    return run(build_world(scale=0.01, days=1, first=date(2012, 3, 1), pulls=_incident(start)))


@pytest.mark.requirement("S000-074")
def test_invalid_orders_bring_the_sources_notices_of_the_first_of_march(incident: Played) -> None:
    assert abs(_capital(incident.kept) / 8_400.35 - 1) < 0.05
    table = incident.kept.table("recharge_notices")
    invalid = pc.and_(pc.not_equal(table["state"], "handled"), pc.greater(table["retries"], 0))
    assert 0.2 < pc.sum(invalid).as_py() / len(table) < 0.35
    assert pc.sum(pc.equal(incident.kept.table("fund_changes")["state"], "invalid")).as_py() > 0
    for feed in FEEDS:
        assert faults(feed, incident.kept.table(feed)) == []


def test_late_credits_name_the_incident_that_caused_them(incident: Played) -> None:
    chains = incident.kept.truth("recharge_chains")
    paid, credited = seconds(chains["paid_at"]), seconds(chains["balance_at"])
    late = (credited - paid > 1_800) & (paid % DAY > 10 * 3_600)
    assert late.mean() > 0.3
    assert (chains["cause"].to_numpy()[late] == 3).mean() > 0.97
    assert load_factor(np.array([0.0]))[0] == 1.0
    assert (np.diff(load_factor(np.linspace(0, 0.42, 9))) > 0).all()


def test_customers_feel_what_was_late_or_lost() -> None:
    start = (date(2012, 3, 3) - EPOCH).days * DAY
    pulls = (
        Pull("hop.lost", 5, start, start + DAY, 0.2, frozenset({"billing"})),
        Pull("provisioning.failed", 6, start, start + DAY, 0.9, frozenset({"hlr"})),
        Pull("sms.lost", 7, start, start + DAY, 0.5),
    )
    heard: list[Experiences] = []
    world = build_world(scale=0.004, days=1, first=date(2012, 3, 3), pulls=pulls)
    kept = play(world, PHASES, (lambda scene: heard.append(scene.notes(Experiences)),))
    chains = kept.truth("recharge_chains")
    uncredited = chains.filter(pc.is_null(chains["balance_at"]))
    assert near(len(uncredited) / len(chains), 0.15, np.sqrt(0.15 * 0.85 / len(chains)))
    felt = heard[0]
    assert (felt.kind == 2).sum() == len(uncredited)
    assert set(felt.cause[felt.kind == 2]) <= {5, -1}
    assert set(felt.ref[felt.kind == 2]) == set(uncredited["number"].to_pylist())
    lost_resumes = felt.cause[felt.kind == 3]
    assert (lost_resumes == 6).sum() > 0
    receipts = kept.table("sms_receipts")
    missed = 1 - pc.sum(pc.equal(receipts["result"], "delivered")).as_py() / len(receipts)
    assert 0.45 < missed < 0.56


def test_recorded_moments_are_true_ones_and_the_clocks_skew() -> None:
    never = np.iinfo(np.int64).min
    for step in STEPS:
        assert recorded(step, np.array([100, never])).tolist() == [100 + HOPS[step].skew_s, never]
