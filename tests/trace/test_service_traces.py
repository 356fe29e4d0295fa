"""Suspensions, reminders, enquiries and orders of a small province, followed and compared with queries written by hand."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from tests.province.stage import Kept, pack
from tests.trace.memory import Linked, linked
from tests.trace.workshop import whole_province

FIRST, DAYS = date(2012, 2, 20), 8


@cache
def played() -> Kept:
    return whole_province(first=FIRST, days=DAYS)[0]


@cache
def followed(code: str) -> Linked:
    return linked(pack(), played(), FIRST, DAYS - 1, code)


@pytest.mark.requirement("S000-078")
def test_a_suspension_knows_how_long_before_the_customer_was_warned() -> None:
    """The warning that the credit system noted in its own record of the suspension, which the trace does not read."""
    found = followed("arrears_suspension")
    found.memory.put(pack(), "suspensions", played().table("suspensions"))
    noted = (
        "select count(*), count(*) filter (where c.warned_at >= e.notice_delivered_at),"
        " count(*) filter (where c.warned_at = e.notice_delivered_at) from rows_chains c"
        " join written w on w.chain_id = c.chain_id and w.hop = 'set_state' join rows_user_states s on s.state_id = w.record"
        " join rows_suspensions e on e.unit = s.unit and e.suspended_at = s.set_at and e.action = 'suspend'"
        " and e.acted_at = c.order_at where e.notice_delivered_at >= '2012-02-20 00:00:00+00'"
    )
    pairs, as_late, same = found.memory.ask(noted)[0]
    assert pairs > 20  # warned within the days that are there
    # Where a second warning came, the trace tells of the last one and the record of the first.
    assert as_late == pairs
    assert 0 < same < pairs
    unwarned = found.memory.one("select count(*) from rows_chains where state_at is not null and not warned")
    assert unwarned < 0.3 * found.memory.one("select count(*) from rows_chains")


@pytest.mark.requirement("S001-011", "S001-012")
def test_what_credit_rules_ask_for_is_compared_with_what_lines_became() -> None:
    found = followed("arrears_suspension")
    asked = "check_result in ('suspend', 'half_suspend')"
    until = f"timestamptz '{date(2012, 2, 27)} 00:00:00+00'"
    by_hand = f"select coalesce(credit_rule, ''), count(*) from rows_credit_alarms where {asked} and checked_at < {until} group by 1"
    shares = dict(found.memory.ask("select coalesce(credit_rule, ''), count(*) from rows_chains group by 1"))
    assert shares == dict(found.memory.ask(by_hand))
    assert len(shares) >= 2
    kept = (
        f"select count(*) from rows_credit_alarms a join rows_suspend_resume_orders o using (alarm_id)"
        f" join rows_user_states s on s.order_id = o.order_id and s.new_state = a.new_state where {asked} and a.checked_at < {until}"
    )
    assert found.memory.one("select count(*) from rows_chains where as_ruled") == found.memory.one(kept)
    wrong = found.memory.ask("select chain_id from rows_chains where not as_ruled or as_ruled is null")
    assert len(wrong) == sum(shares.values()) - found.memory.one(kept)


@pytest.mark.requirement("S000-079")
def test_reminders_that_are_lost_late_wrong_or_repeated_stand_in_lists_of_their_own() -> None:
    found = followed("reminder")
    until = f"timestamptz '{date(2012, 2, 27)} 00:00:00+00'"
    hand = {
        "lost": "delivered_at is null",
        "late": "delivered_at is not null and not coalesce(sent_at <= due_at, false)",
        "wrong": "not content_ok",
        "twice": "duplicate_of is not null",
    }
    for name, where in hand.items():
        listed = f"select chain_id from rows_chains where {found.plan.stuck[name]}"
        if not found.plan.trace.stuck[name].finished:
            listed += " and state in ('stuck', 'lost')"
        theirs = f"select reminder_id from rows_reminders where triggered_at < {until} and {where}"
        assert found.memory.ask(f"({listed}) except ({theirs})") == []
        assert found.memory.ask(f"({theirs}) except ({listed})") == []
        assert name == "wrong" or found.memory.one(f"select count(*) from ({theirs})") > 0, name


@pytest.mark.requirement("S000-080")
def test_enquiries_are_timed_and_judged_by_channel() -> None:
    found = followed("bill_enquiry")
    ours = found.memory.ask(
        "select channel, count(*), count(*) filter (where state = 'done'), count(*) filter (where not correct)"
        " from rows_chains group by 1 order by 1"
    )
    until = f"timestamptz '{date(2012, 2, 27)} 00:00:00+00'"
    theirs = found.memory.ask(
        "select channel, count(*), count(answered_at), count(*) filter (where not correct) from rows_enquiries"
        " where process in ('bill_enquiry', 'call_detail_enquiry', 'balance_enquiry') and result <> 'refused'"
        f" and started_at < {until} group by 1 order by 1"
    )
    assert ours == theirs
    assert len(ours) > 2
    times = "select sum(duration_ms) from written"
    assert found.memory.one(times) == found.memory.one(
        "select sum(date_diff('millisecond', e.started_at, e.answered_at)) from rows_enquiries e"
        " join rows_chains c on c.chain_id = e.enquiry_id"
    )


@pytest.mark.requirement("S000-081")
def test_orders_that_failed_or_are_not_usable_are_listed_by_step() -> None:
    found = followed("order_handling")
    until = f"timestamptz '{date(2012, 2, 27)} 00:00:00+00'"
    failed = found.memory.one(
        f"select count(*) from rows_business_orders where result = 'failed' and accepted_at < {until}"
    )
    assert found.memory.one("select count(*) from rows_chains where result = 'failed'") == failed > 0
    waiting = (
        "select count(*) from rows_business_orders where split_at is not null and result <> 'cancelled'"
        f" and usable_at is null and accepted_at < {until}"
    )
    stopped = found.memory.ask("select stuck_at, count(*) from rows_chains where state = 'lost' group by 1")
    assert sum(n for _, n in stopped) == found.memory.one(waiting)
    assert {step for step, _ in stopped} <= {"provision", "usable"}


@pytest.mark.requirement("S001-013")
def test_low_balance_reminders_that_failed_or_came_late_are_counted_timed_and_listed() -> None:
    """Success rate and latency of the reminder, and whom it concerned."""
    found = followed("reminder")
    mine = "process = 'low_balance_reminder'"
    theirs = f"from rows_reminders where {mine} and triggered_at < timestamptz '{date(2012, 2, 27)} 00:00:00+00'"
    rate = found.memory.ask(f"select count(*), count(*) filter (where state = 'done') from rows_chains where {mine}")[0]
    assert rate == found.memory.ask(f"select count(*), count(delivered_at) {theirs}")[0]
    assert 0 < rate[1] < rate[0]
    middle = "quantile_disc(ms, [0.5, 0.95])"
    ours = (
        "select chain_id, date_diff('millisecond', min(begun_at), max(finished_at)) as ms from written w"
        f" semi join rows_chains c on c.chain_id = w.chain_id and c.{mine} and c.state = 'done' group by 1"
    )
    hand = f"select distinct reminder_id, date_diff('millisecond', triggered_at, delivered_at) as ms {theirs} and delivered_at is not null"
    assert found.memory.one(f"select {middle} from ({ours})") == found.memory.one(f"select {middle} from ({hand})")
    listed = f"select chain_id, customer_id from rows_chains where {found.plan.stuck['low_balance']}"
    hit = (
        f"select reminder_id, customer_id {theirs} and (delivered_at is null or not coalesce(sent_at <= due_at, false))"
    )
    assert found.plan.trace.stuck["low_balance"].finished
    assert found.memory.ask(f"({listed}) except ({hit})") == found.memory.ask(f"({hit}) except ({listed})") == []
    assert found.memory.one(f"select count(*) from ({hit})") > 0


@pytest.mark.requirement("S000-068")
def test_the_dunning_platform_is_a_step_of_reminders_and_its_warnings_stand_in_suspensions() -> None:
    found = followed("reminder")
    assert found.plan.trace.steps["generate"].system == "dunning"
    took = "select count(*), sum(duration_ms) from written where hop = 'generate'"
    assert found.memory.ask(took) == found.memory.ask(
        "select count(generated_at), sum(date_diff('millisecond', triggered_at, generated_at)) from rows_reminders"
        f" where triggered_at < timestamptz '{date(2012, 2, 27)} 00:00:00+00'"
    )
    off = followed("arrears_suspension")
    noticed = off.memory.ask("select subscriber, epoch_ms(noticed_at) from rows_chains where noticed_at is not null")
    sent = off.memory.ask(
        "select subscriber, epoch_ms(submitted_at) from rows_sms_submissions where kind = 'arrears_notice'"
    )
    assert len(noticed) > 20
    assert set(noticed) <= set(sent)
