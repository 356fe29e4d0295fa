"""Service halls, their devices, and all channels' business: laws that any day keeps."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from ganzhi.province.calendar import DAY_S
from ganzhi.province.channels import serve_channels
from ganzhi.province.columns import NEVER
from ganzhi.province.feelings import Felt
from ganzhi.province.halls import plan_visits, serve_halls, ticket_ids
from ganzhi.province.halls.codes import keys_of
from ganzhi.province.halls.kiosks import Uses, in_turn
from ganzhi.province.halls.tickets import _preferred
from ganzhi.province.levers import Pull
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import CHANNELS, Contacts, Deals, Experiences, Scene, Visits, World
from tests.province.stage import FIRST, Kept, build_world, doubled, faults, play

FEEDS = (
    "queue_tickets", "counter_sessions", "shifts", "hall_orders", "staff_days", "footfall", "hall_inspections",
    "kiosk_events", "device_days", "device_faults", "devices", "channel_transactions", "channel_sessions",
    "electronic_promotions",
)  # fmt: skip
START = (FIRST.toordinal() - 719_163) * DAY_S
PAYERS = 700
"""Customers a day who pay at a desk, and as many at a kiosk: enough for queues to form."""


def payers(scene: Scene) -> None:
    """What a recharge part leaves: visits and deals of hall and kiosk payments, and electronic business."""
    rng, n, places = scene.rng("test.payers"), PAYERS, scene.places
    own = scene.own()
    zero = np.zeros(n, dtype=np.int64)
    for series, channel in enumerate(("hall", "kiosk")):
        customer, at = rng.choice(own, n, replace=False), draw_moments(rng, scene.today, "hall", n)
        number, amount = scene.numbers(n, series), rng.integers(3, 30, n) * 1_000
        device = rng.integers(0, len(places.kiosk_hall), n) if channel == "kiosk" else zero - 1
        hall = places.kiosk_hall[device] if channel == "kiosk" else rng.integers(0, len(places.hall_codes), n)
        scene.note(Visits(customer, hall, at, zero, number, amount, zero - 1, zero - 1))
        code = zero + CHANNELS.index(channel)
        scene.note(Deals(number, customer, at, code, zero, zero - 1, zero, at + 9, amount, hall, device))
    m = 4 * n
    channel, at = rng.choice([1, 2, 3, 5, 12, 13, 15], m), draw_moments(rng, scene.today, "electronic", m)
    one = np.zeros(m, dtype=np.int64)
    outcome = np.where(rng.random(m) < 0.03, 1, 0)
    process = rng.integers(1, 10, m)
    scene.note(
        Deals(
            scene.numbers(m, 2), rng.choice(own, m), at, channel, process, one - 1, outcome,
            np.where(outcome == 0, at + 5, NEVER), one, one - 1, one - 1,
        )
    )  # fmt: skip


def played(world: World) -> Kept:
    return play(world, [payers], [serve_halls, serve_channels, plan_visits])


def sql(kept: Kept, query: str, **truth: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as base:
        for feed in kept.feeds:
            base.register(feed, kept.table(feed))
        for name, table in truth.items():
            base.register(name, kept.truth(table))
        return base.execute(query).fetchall()


@pytest.fixture(scope="module")
def kept() -> Kept:
    return played(build_world(scale=0.002, days=5))


@pytest.mark.parametrize("feed", FEEDS)
def test_every_feed_has_rows_and_keeps_its_contract(kept: Kept, feed: str) -> None:
    table = kept.table(feed)
    assert len(table) > 0
    assert faults(feed, table) == []
    if feed != "electronic_promotions":  # a first use comes as a later state of the same promotion
        assert doubled(feed, table) == 0


def test_every_ticket_is_served_or_abandoned(kept: Kept) -> None:
    ((wrong, served, left),) = sql(
        kept,
        """select count(*) filter ((served_at is null) <> abandoned or (finished_at is null) <> abandoned),
        count(*) filter (not abandoned), count(*) filter (abandoned) from queue_tickets""",
    )
    assert wrong == 0
    assert served > 20 * left > 0


def test_no_desk_serves_two_at_once(kept: Kept) -> None:
    ((both,),) = sql(
        kept,
        """select count(*) from (select called_at, lag(finished_at) over (partition by counter order by called_at) ended
        from queue_tickets where not abandoned) where called_at < ended""",
    )
    assert both == 0


def test_no_ticket_is_served_outside_an_open_desk_session_of_its_clerk(kept: Kept) -> None:
    ((outside,),) = sql(
        kept,
        """select count(*) from queue_tickets t where not abandoned and not exists (select 1 from counter_sessions s
        where s.counter = t.counter and s.staff = t.staff and t.called_at >= s.opened_at and t.finished_at <= s.closed_at)""",
    )
    assert outside == 0


def test_no_clerk_keeps_two_desks_at_once_and_all_are_on_shift(kept: Kept) -> None:
    ((both, absent),) = sql(
        kept,
        """with s as (select *, lag(closed_at) over (partition by staff order by opened_at) before from counter_sessions)
        select count(*) filter (opened_at < before), count(*) filter (not exists (select 1 from shifts f
        where f.staff = s.staff and f.worked_from <= s.opened_at and f.worked_to >= s.closed_at)) from s""",
    )
    assert (both, absent) == (0, 0)


def test_desks_pause_no_longer_than_they_are_open(kept: Kept) -> None:
    ((wrong, served, open_s),) = sql(
        kept,
        """select count(*) filter (paused_s > date_diff('second', opened_at, closed_at)), (select
        sum(date_diff('second', called_at, finished_at)) from queue_tickets where not abandoned),
        sum(date_diff('second', opened_at, closed_at) - paused_s) from counter_sessions""",
    )
    assert wrong == 0
    assert 0 < served < open_s


def test_footfall_counts_all_who_entered_and_all_leave(kept: Kept) -> None:
    ((differ, entered, left, negative),) = sql(
        kept,
        """select (select count(*) from (select unit, sum(entered) n from footfall group by 1) full join
        (select hall unit, count(*) k from visits group by 1) using (unit) where n is distinct from coalesce(k, 0)),
        sum(entered), sum(left_hall), count(*) filter (inside < 0) from footfall""",
        visits="visits",
    )
    assert differ == negative == 0
    assert entered == left
    assert sql(kept, "select count(*) from queue_tickets")[0][0] <= entered


def test_the_truth_names_every_ticket_once(kept: Kept) -> None:
    ((differ,),) = sql(
        kept,
        """select count(*) from (select ticket_id from visits where ticket_id is not null) v full join queue_tickets t
        using (ticket_id) where v.ticket_id is null or t.unit is null""",
        visits="visits",
    )
    assert differ == 0


def test_kiosk_amounts_equal_the_kiosk_payments(kept: Kept) -> None:
    ((at_kiosks, as_deals, payments),) = sql(
        kept,
        """select (select sum(amount_fen) from kiosk_events where result = 'done' and is_payment),
        sum(amount_fen), count(*) from channel_transactions where channel = 'kiosk' and is_payment""",
    )
    assert at_kiosks == as_deals
    assert payments == 5 * PAYERS


def test_device_days_agree_with_kiosk_events(kept: Kept) -> None:
    ((differ, idle),) = sql(
        kept,
        """with e as (select device_id, strftime(happened_at, '%Y-%m-%d') as "day", count(*) filter (result = 'done') n,
        count(*) filter (result = 'done' and is_payment) p from kiosk_events where kind = 'transaction' group by 1, 2)
        select count(*) filter (transactions <> coalesce(n, 0) or payments <> coalesce(p, 0)),
        count(*) filter (used <> (n is not null) and device_type <> 'queue_machine')
        from device_days d left join e using (device_id, "day") where configured""",
    )
    assert (differ, idle) == (0, 0)


def test_a_payment_at_a_desk_is_a_hall_order_of_a_served_ticket(kept: Kept) -> None:
    ((payments, loose, abandoned),) = sql(
        kept,
        """select count(*) filter (is_payment), count(*) filter (t.ticket_id is null), count(*) filter (t.abandoned)
        from hall_orders o left join queue_tickets t using (ticket_id)""",
    )
    assert payments == 5 * PAYERS
    assert (loose, abandoned) == (0, 0)


def test_business_at_desks_and_devices_is_among_all_channels_business(kept: Kept) -> None:
    ((deals, unknown_ticket, unknown_device, unasked),) = sql(
        kept,
        """select count(*) filter (in_hall), count(*) filter (ticket_id not in (select ticket_id from queue_tickets)),
        count(*) filter (device_id not in (select device_id from devices)),
        count(*) filter (channel in ('system', 'sms_push')) from channel_transactions""",
    )
    assert deals > 10 * PAYERS
    assert unknown_ticket == unknown_device == unasked == 0


def test_a_promotion_is_first_used_on_the_day_it_is_delivered_again(kept: Kept) -> None:
    ((later, ahead),) = sql(
        kept,
        """select count(*) filter (first_used_at::date > promoted_at::date), count(*) filter (first_used_at >=
        (select max(promoted_at)::date + 1 from electronic_promotions)) from electronic_promotions""",
    )
    assert later > 0
    assert ahead == 0


def test_most_visitors_are_called_within_ten_minutes(kept: Kept) -> None:
    ((share,),) = sql(
        kept,
        "select avg((date_diff('second', issued_at, called_at) <= 600)::int) from queue_tickets where not abandoned",
    )
    assert 0.75 < share < 0.99


def _hall_zero_wait(world: World) -> tuple[float, int]:
    kept = played(world)
    code = world.organisation.hall_codes[0]
    ((wait, left),) = sql(
        kept,
        f"""select avg(date_diff('second', issued_at, called_at)) filter (not abandoned), count(*) filter (abandoned)
        from queue_tickets where unit = '{code}'""",
    )
    return float(wait), int(left)


def test_waits_rise_when_clerks_are_missing_and_the_truth_says_why() -> None:
    calm = build_world(scale=0.02, days=2)
    code = calm.organisation.hall_codes[0]
    pull = Pull("hall.absent", 3, START, START + 2 * DAY_S, 0.5, frozenset({code}))
    short = build_world(scale=0.02, days=2, pulls=[pull])
    before, after = _hall_zero_wait(calm), _hall_zero_wait(short)
    assert after[0] > 2 * before[0]
    kept = played(short)
    days = kept.truth("hall_days").to_pylist()
    assert {row["hall"] for row in days if row["cause"] == 3} == {code}
    assert all(row["present"] < row["planned"] for row in days if row["cause"] == 3)


def test_handling_grows_under_the_drift() -> None:
    pull = Pull("wait.drift", 1, START, START + DAY_S, 0.4, frozenset({"hall"}))
    mean = [
        sql(played(build_world(days=1, pulls=pulls)), "select sum(handling_s) / sum(norm_s) from hall_orders")[0][0]
        for pulls in ([], [pull])
    ]
    assert 1.3 < mean[1] / mean[0] < 1.45


def test_kiosks_without_paper_fail_their_customers() -> None:
    world = build_world(days=1)
    codes = frozenset(world.organisation.hall_codes[::3])
    pull = Pull("kiosk.no_paper", 2, START, START + DAY_S, 0.9, codes)
    notes: list[Experiences] = []
    kept = play(
        build_world(days=1, pulls=[pull]), [payers],
        [serve_halls, serve_channels, lambda scene: notes.append(scene.notes(Experiences))],
    )  # fmt: skip
    rows = kept.table("kiosk_events").to_pylist()
    empty = {row["unit"] for row in rows if row["state"] == "out_of_paper" and row["kind"] == "state"}
    failed = [row for row in rows if row["kind"] == "transaction" and row["result"] == "failed"]
    assert codes <= empty
    assert sum(row["unit"] in codes for row in failed) > len(failed) / 2
    felt = notes[0]
    assert ((felt.kind == Felt.KIOSK_FAILED) & (felt.cause == 2)).sum() > 20


def test_an_experience_brings_its_visitors_with_its_cause() -> None:
    def angry(scene: Scene) -> None:
        own = scene.own()[:4_000]
        scene.felt(Felt.NOT_CREDITED, own, np.full(len(own), scene.today.start + 36_000), cause=5)

    kept = play(build_world(days=2), [angry], [serve_halls, plan_visits])
    ((sent,),) = sql(kept, "select count(*) from visits where cause = 5", visits="visits")
    assert 500 < sent < 900  # two mornings of 4,000, one in ten; some of the second come on a third day


def test_contacts_name_the_tickets_they_are_about() -> None:
    seen: list[Contacts] = []
    kept = play(build_world(days=1), [payers], [serve_halls, lambda scene: seen.append(scene.notes(Contacts))])
    table = kept.table("queue_tickets")
    served = {row["ticket_id"]: row for row in table.to_pylist() if not row["abandoned"]}
    contacts = seen[0]
    assert set(ticket_ids(contacts.number).to_pylist()) == set(served)
    assert (contacts.where == 1).all()
    assert (contacts.wait_s >= 0).all()


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    tables = [played(build_world(days=1, seed=seed)).table("queue_tickets") for seed in (7, 7, 8)]
    assert tables[0].equals(tables[1])
    assert not tables[0].equals(tables[2])


def test_a_device_serves_one_after_the_other_without_losing_time() -> None:
    rng = np.random.default_rng(3)
    n = 400
    flat = np.zeros(n, dtype=np.int64)
    uses = Uses(
        rng.integers(0, 5, n),
        rng.integers(0, 20_000, n) + START,
        rng.integers(20, 200, n),
        flat,
        flat > 0,
        flat,
        flat,
        flat,
    )
    turned = in_turn(uses)
    for device in range(5):
        own, asked = turned.some(turned.device == device), uses.some(uses.device == device)
        asked = asked.some(np.argsort(asked.at, kind="stable"))
        begin = 0
        for at, takes, found in zip(asked.at, asked.takes, own.at, strict=True):
            begin = max(int(at), begin)
            assert found == begin
            begin += int(takes)


def test_priority_tickets_are_called_before_others_who_wait_and_never_before_they_come() -> None:
    hall = np.zeros(6, dtype=np.int64)
    start = np.array([0, 100, 200, 300, 400, 500])
    issued = np.array([0, 10, 20, 30, 250, 40])
    priority = np.array([0, 0, 0, 0, 2, 0])
    ticket = _preferred(hall, start, issued, priority)
    assert ticket.tolist() == [0, 1, 2, 4, 3, 5]
    assert (issued[ticket] <= start).all()


def test_keys_tell_records_and_customers_apart() -> None:
    number, customer = np.meshgrid(np.arange(15_390, 15_490) * 10**10, np.arange(200))
    assert len(np.unique(keys_of(number.ravel(), customer.ravel()))) == number.size


def test_blank_numbers_have_no_ticket() -> None:
    assert ticket_ids(np.array([5, -1])).equals(pa.array(["T5", None]))
