"""The reference instance computes: every figure against plain SQL over rows written by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

import duckdb
import pyarrow as pa
import pytest

from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.compile.states import rows_schema
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import Observation, observe
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.measure.score import Scored, ScoreRequest, score_all
from ganzhi.warehouse.workplace import Workplace
from tests.catalogue.pack.recharge_story import STORY, rows_of
from tests.measure.place import make_workplace, put_rows

DAY = date(2026, 11, 3)
DUE = "was_suspended and resume_due"

BY_HAND: Mapping[str, str] = {
    # what the customer meets
    "paid_first_try": "select 100.0 * sum(if(attempts = 1, 1, 0)) / count(attempts) from recharge_chains",
    "credited_within_5min": "select 100.0 * count(*) filter (epoch(balance_at - paid_at) <= 300) / count(*) from recharge_chains",
    "resumed_rate": f"select 100.0 * avg(resumed::int) from recharge_chains where {DUE}",
    "resumed_within_30min": f"select 100.0 * avg(coalesce(epoch(state_at - paid_at) <= 1800, false)::int) from recharge_chains where {DUE}",
    "resume_p90_s": f"select quantile_disc(epoch(state_at - paid_at), 0.9) from recharge_chains where {DUE} and resumed",
    "speed_satisfied": "select 100.0 * avg((score >= 8)::int) from survey_answers where touchpoint like '%resume' and attribute = 'speed'",
    "credited_exactly": "select 100.0 * avg((credited_fen = amount_fen and bookings = 1)::int) from recharge_chains where credited",
    "paid_not_credited": "select 10000.0 * count(*) filter (balance_at is null) / count(*) from recharge_chains",
    "invoice_right": "select 100.0 * avg(coalesce(invoice_fen = amount_fen, false)::int) from recharge_chains where invoice_asked",
    "invoice_satisfied": "select 100.0 * avg((score >= 8)::int) from survey_answers where touchpoint = 'recharge.invoice'",
    "told_in_time": "select 100.0 * avg(coalesce(epoch(sms_at - balance_at) <= 300, false)::int) from recharge_chains where credited",
    "told_right": "select 100.0 * avg((told_fen = balance_fen)::int) from recharge_chains where told_fen is not null",
    "wrong_number": "select 10000.0 * count(*) filter (wrong_number) / count(*) from recharge_chains",
    "asked_within_24h": "select 100.0 * count(*) filter (called_within_24h) / count(*) from recharge_chains",
    "complained_within_7d": "select 10000.0 * count(*) filter (complained_within_7d) / count(*) from recharge_chains",
    # how one step performs
    "pay.success_rate": "select 100.0 * count(*) filter (result = 'done') / count(*) from recharges where result <> 'pending'",
    "pay.answer_p95_s": "select quantile_disc(epoch(finished_at - paid_at), 0.95) from recharges",
    "pay.number_confirmed_rate": "select 100.0 * sum(number_confirmed::int) / count(number_confirmed) from recharges",
    "pay.data_masked_rate": "select 100.0 * sum(data_masked::int) / count(data_masked) from recharges",
    "pay.invoice_issued_rate": "select 100.0 * avg(invoice_printed::int) from recharges where result = 'done' and invoice_asked",
    "book.lost_rate": "select 10000.0 * count(*) filter (stuck_at = 'book') / count(paid_at) from recharge_chains",
    "book.within_10s_rate": "select 100.0 * avg((epoch(booked_at - paid_at) <= 10)::int) from payments where paid_at is not null",
    "book.duplicate_rate": "select 10000.0 * count(duplicate_of) / count(*) from payments",
    "notice.lost_rate": "select 10000.0 * count(*) filter (stuck_at = 'create_notice') / count(booked_at) from recharge_chains",
    "notice.create_p95_s": "select quantile_disc(epoch(created_at - booked_at), 0.95) from recharge_notices",
    "balance.lost_rate": "select 10000.0 * count(*) filter (stuck_at = 'update_balance') / count(notice_at) from recharge_chains",
    "balance.within_60s_rate": "select 100.0 * avg((epoch(changed_at - noticed_at) <= 60)::int) from balance_changes where kind = 'recharge'",
    "balance.error_rate": "select 10000.0 * count(*) filter (after_fen - before_fen <> amount_fen) / count(before_fen) from balance_changes",
    "balance.gift_matched_rate": (
        "select 100.0 * sum(if(amount_fen > 0, amount_fen, 0)) / -sum(if(amount_fen < 0, amount_fen, 0))"
        " from balance_changes where kind like 'gift%'"
    ),
    "funds.lost_rate": "select 10000.0 * count(*) filter (stuck_at = 'send_funds_change') / count(balance_at) from recharge_chains",
    "funds.send_p95_s": "select quantile_disc(epoch(sent_at - created_at), 0.95) from fund_changes",
    "funds.invalid_rate": "select 100.0 * avg((state = 'invalid' or repeat_of is not null)::int) from fund_changes",
    "check.lost_rate": "select 10000.0 * count(*) filter (stuck_at = 'credit_check') / count(funds_sent_at) from recharge_chains",
    "check.p95_s": "select quantile_disc(epoch(checked_at - received_at), 0.95) from credit_alarms",
    "check.missed_rate": (
        "select 10000.0 * avg((check_result <> 'resume')::int)"
        " from credit_alarms where old_state in ('arrears', 'half_suspended') and balance_fen >= -credit_limit_fen"
    ),
    "alarm.lost_rate": f"select 10000.0 * count(*) filter (stuck_at = 'issue_alarm') / count(checked_at) from recharge_chains where {DUE}",
    "alarm.within_30s_rate": (
        "select 100.0 * avg((epoch(issued_at - checked_at) <= 30)::int)"
        " from credit_alarms where old_state <> new_state and issued_at is not null"
    ),
    "order.lost_rate": "select 10000.0 * count(*) filter (stuck_at = 'record_order') / count(alarm_at) from recharge_chains",
    "order.record_p95_s": "select quantile_disc(epoch(recorded_at - issued_at), 0.95) from suspend_resume_orders where kind = 'resume'",
    "order.error_rate": "select 100.0 * avg((state = 'failed')::int) from suspend_resume_orders where kind = 'resume' and state <> 'recorded'",
    "split.lost_rate": "select 10000.0 * count(*) filter (stuck_at = 'split_order') / count(order_at) from recharge_chains",
    "split.p95_s": "select quantile_disc(epoch(split_at - recorded_at), 0.95) from provisioning_splits where state = 'split'",
    "execute.lost_rate": "select 10000.0 * count(*) filter (stuck_at = 'execute_order') / count(split_at) from recharge_chains",
    "execute.p95_s": "select quantile_disc(epoch(executed_at - started_at), 0.95) from provisioning_orders where kind = 'resume'",
    "execute.success_rate": "select 100.0 * avg((result = 'done')::int) from provisioning_orders where kind = 'resume' and result <> 'pending'",
    "receipt.lost_rate": "select 10000.0 * count(*) filter (stuck_at = 'return_receipt') / count(executed_at) from recharge_chains",
    "receipt.within_60s_rate": (
        "select 100.0 * avg((epoch(receipt_at - executed_at) <= 60)::int)"
        " from provisioning_orders where receipt_at is not null"
    ),
    "state.lost_rate": "select 10000.0 * count(*) filter (stuck_at = 'set_state') / count(receipt_at) from recharge_chains",
    "state.set_p95_s": (
        "select quantile_disc(epoch(set_at - receipt_at), 0.95)"
        " from user_states where new_state = 'normal' and old_state <> 'requested'"
    ),
    "state.consistent_rate": "select 100.0 * avg((new_state = element_state)::int) from user_states where element_state is not null",
    "notify.within_60s_rate": (
        "select 100.0 * avg((epoch(submitted_at - trigger_at) <= 60)::int)"
        " from sms_submissions where process <> 'low_balance_reminder'"
    ),
    "notify.delivered_rate": "select 100.0 * avg((result = 'delivered')::int) from sms_receipts where process <> 'low_balance_reminder'",
    # facts of one step
    "pay.done": "select count(*) from recharges where result = 'done'",
    "pay.failed": "select count(failure_cause) from recharges",
    "pay.unconfirmed": "select count(*) from recharges where number_confirmed = false",
    "pay.unmasked": "select count(*) from recharges where data_masked = false",
    "pay.invoices_missing": "select count(*) from recharges where result = 'done' and invoice_asked and invoice_fen is null",
    "book.payments": "select count(*) from payments where state = 'booked'",
    "book.suspense_yuan": "select sum(amount_fen) / 100 from payments where state = 'suspense'",
    "notice.created": "select count(*) from recharge_notices",
    "notice.retries": "select sum(retries) from recharge_notices",
    "balance.credits": "select count(*) from balance_changes where kind = 'recharge'",
    "balance.gift_difference_yuan": "select sum(amount_fen) / 100 from balance_changes where kind like 'gift%'",
    "funds.sent": "select count(sent_at) from fund_changes",
    "funds.invalid": "select count(*) from fund_changes where state = 'invalid'",
    "check.checks": "select count(*) from credit_alarms",
    "check.longest_s": "select max(epoch(checked_at - received_at)) from credit_alarms",
    "alarm.issued": "select count(issued_at) from credit_alarms",
    "order.resumes": "select count(*) from suspend_resume_orders where kind = 'resume'",
    "order.failed": "select count(*) from suspend_resume_orders where state = 'failed'",
    "split.orders": "select count(distinct order_id) from provisioning_splits where state = 'split'",
    "execute.done": "select count(executed_at) from provisioning_orders where kind = 'resume'",
    "execute.retries": "select sum(retries) from provisioning_orders",
    "receipt.returned": "select count(receipt_at) from provisioning_orders",
    "state.restored": "select count(*) from user_states where new_state = 'normal' and old_state <> 'requested'",
    "state.mismatches": "select count(*) from user_states where new_state <> element_state",
    "notify.submitted": "select count(*) from sms_submissions where result = 'accepted' and process <> 'low_balance_reminder'",
}

PLAIN = {
    "resumed_rate": 50.0,
    "resumed_within_30min": 100 * 6 / 14,
    "paid_not_credited": 1250.0,
    "pay.done": 7,
    "balance.gift_difference_yuan": -20.0,
    "check.longest_s": 303,
    "split.orders": 2,
}
"""Known by counting the rows by eye."""


@pytest.fixture(scope="module")
def instance(pack: Catalogue) -> Catalogue:
    """The pack with no other indicators than those of the instance."""
    own = {code: each for code, each in pack.indicators.items() if code.startswith("resume.")}
    return replace(pack, indicators=own, topics={})


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory, instance: Catalogue) -> Workplace:
    place = make_workplace(tmp_path_factory.mktemp("resume"), instance)
    for feed, text in STORY.items():
        put_rows(place, feed, rows_of(instance.feed(feed), text))
    refresh(place)
    return place


@pytest.fixture(scope="module")
def found(workplace: Workplace, instance: Catalogue) -> Mapping[str, Observation]:
    codes = tuple(code for code, each in instance.indicators.items() if each.measure is not None)
    with open_states(workplace) as states:
        answers = observe(workplace, states, ObserveRequest(codes, "all", Grain.DAY, DAY, DAY))
    return {answer.code.removeprefix("resume."): answer for answer in answers}


@pytest.fixture(scope="module")
def tables(instance: Catalogue) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    for feed, text in STORY.items():
        rows = [{"_load": "", "_line": 0, **row} for row in rows_of(instance.feed(feed), text)]
        connection.register(feed, pa.Table.from_pylist(rows, schema=rows_schema(instance.feed(feed))))
    yield connection
    connection.close()


@pytest.mark.requirement("S000-046", "S000-047")
@pytest.mark.parametrize("code", BY_HAND)
def test_the_figure_is_what_plain_sql_says(
    code: str, found: Mapping[str, Observation], tables: duckdb.DuckDBPyConnection
) -> None:
    expected = tables.execute(BY_HAND[code]).fetchall()[0][0]
    estimated = "_p9" in code or ".p95" in code
    assert found[code].value == pytest.approx(float(expected), rel=0.0100001 if estimated else 1e-12)


def test_hand_written_sql_covers_all_but_the_two_that_have_no_answers(found: Mapping[str, Observation]) -> None:
    assert set(found) - set(BY_HAND) == {"notice_satisfied", "security_satisfied"}
    assert {found[code].value for code in ("notice_satisfied", "security_satisfied")} == {None}


@pytest.mark.requirement("S000-047")
def test_figures_that_can_be_counted_by_eye(found: Mapping[str, Observation]) -> None:
    assert {code: found[code].value for code in PLAIN} == pytest.approx(PLAIN)


def points(value: float, floor: float, target: float, challenge: float) -> float:
    """60 at the floor, 100 at the target, 120 at the challenge, straight between, 0 to 120."""
    beyond = (value - target) * (challenge - target) > 0
    raw = 100 + (20 * (value - target) / (challenge - target) if beyond else 40 * (value - target) / (target - floor))
    return min(120.0, max(0.0, raw))


WHAT_CUSTOMERS_SAY = {
    "correct": {
        "credited_exactly": (0.35, 99, 99.9, 99.99),
        "paid_not_credited": (0.25, 20, 5, 1),
        "invoice_right": (0.2, 97, 99.5, 99.9),
        "invoice_satisfied": (0.2, 75, 88, 95),
    },
    "fast": {
        "paid_first_try": (0.2, 90, 96, 99),
        "credited_within_5min": (0.15, 95, 99, 99.9),
        "resumed_rate": (0.2, 97, 99.5, 99.9),
        "resumed_within_30min": (0.2, 90, 97, 99.5),
        "resume_p90_s": (0.1, 3600, 1200, 300),
        "speed_satisfied": (0.15, 70, 85, 93),
    },
}
"""Weight, floor, target and challenge, written down once more."""


@pytest.mark.requirement("S000-046")
@pytest.mark.parametrize("which", WHAT_CUSTOMERS_SAY)
def test_what_the_customer_would_say_is_the_weighted_score_of_what_he_meets(
    which: str, workplace: Workplace, found: Mapping[str, Observation]
) -> None:
    with open_states(workplace) as states:
        request = ScoreRequest((f"resume.experience.{which}",), "all", Grain.DAY, DAY, DAY)
        scored: Scored = score_all(workplace, states, request)[0]
    expected = 0.0
    for code, (weight, floor, target, challenge) in WHAT_CUSTOMERS_SAY[which].items():
        value = found[code].value
        assert value is not None
        expected += weight * points(value, floor, target, challenge)
    assert scored.score is not None
    assert scored.score.points == pytest.approx(expected)
    assert scored.coverage == pytest.approx(1)
