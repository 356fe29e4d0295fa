"""Business support and billing: the matrix rows, the key processes, and figures that SQL by hand confirms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from ganzhi.base.periods import Grain
from ganzhi.catalogue.checks.service.twins import normal_form
from ganzhi.catalogue.model.indicators import LAYERS, Indicator
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.ingest.load import load
from ganzhi.ingest.report import LoadReport
from ganzhi.measure.observe import ObserveRequest, observe
from ganzhi.measure.open import States, open_states
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.catalogue.pack.operation_days import BY_HAND, FILES, hand_tables, write_files
from tests.measure.place import make_workplace

ROWS = ("support", "billing")
TREES = {"suspend": "arrears_suspension", "remind": "reminders", "enquiry": "bill_enquiries", "order": "order_handling"}
KEY_PROCESSES = {
    "suspend": ("arrears_suspension", "suspension_reason_change"),
    "remind": ("data_threshold_reminder", "low_balance_reminder", "order_reminder", "service_validity_reminder"),
    "enquiry": ("bill_enquiry", "call_detail_enquiry"),
    "order": ("service_order", "plan_order", "sp_service_order", "promotion_order", "mobile_payment_order"),
}


def in_row(pack: Catalogue, row: str) -> dict[str, Indicator]:
    """The KQI of one row of the matrix."""
    return {c: i for c, i in pack.indicators.items() if i.layer == "KQI" and i.commercial_process == row}


def of_tree(pack: Catalogue, name: str) -> dict[str, Indicator]:
    return {c: i for c, i in pack.indicators.items() if c.startswith(f"{name}.")}


def columns(pack: Catalogue, feed: str) -> set[str]:
    return set(pack.feeds[feed].columns)


# The matrix


@pytest.mark.requirement("S001-004")
@pytest.mark.requirement("S001-005")
@pytest.mark.parametrize("row", ROWS)
def test_each_cell_of_the_row_holds_at_least_five_computable_indicators(pack: Catalogue, row: str) -> None:
    found = in_row(pack, row)
    per_cell = Counter(i.dimension for i in found.values())
    assert len(found) >= 17
    assert all(per_cell[cell] >= 5 for cell in ("perception", "complaint", "operation")), per_cell
    for code, indicator in found.items():
        assert indicator.measure is not None, code
        assert indicator.feed in pack.feeds, code
        assert indicator.targets.management is not None, code


@pytest.mark.requirement("S001-004")
def test_no_indicator_of_the_rows_repeats_the_measure_of_another(pack: Catalogue) -> None:
    forms = {code: normal_form(pack, code) for row in ROWS for code in in_row(pack, row)}
    assert None not in forms.values()
    assert len(set(forms.values())) == len(forms)


@pytest.mark.requirement("S001-010")
@pytest.mark.parametrize("row", ROWS)
def test_perception_complaints_and_operations_come_from_their_own_records(pack: Catalogue, row: str) -> None:
    feeds = {"perception": {"survey_answers", "sms_ratings"}, "complaint": {"complaints", "trouble_reports", "bills"}}
    for code, indicator in in_row(pack, row).items():
        if indicator.dimension in feeds:
            assert indicator.feed in feeds[indicator.dimension], code
        else:
            assert indicator.feed not in feeds["perception"] | {"complaints", "trouble_reports"}, code


@pytest.mark.requirement("S001-007")
@pytest.mark.requirement("S001-009")
@pytest.mark.parametrize("row", ROWS)
def test_perception_is_half_of_the_index_and_risks_take_points(pack: Catalogue, row: str) -> None:
    index, found = f"index.{row}", in_row(pack, row)
    shares: Counter[str] = Counter()
    for code, weight in pack.children(index).items():
        shares[found[code].dimension] += round(weight * 1000)
    assert shares == {"perception": 500, "complaint": 200, "operation": 300}
    risks = pack.risks(index)
    assert 1 <= len(risks) <= 2
    assert all(5 <= points <= 10 for points in risks.values())
    assert set(pack.children(index)) | set(risks) == set(found)


@pytest.mark.requirement("S000-032")
def test_support_and_charge_satisfaction_are_separate_assessed_items(pack: Catalogue) -> None:
    for row in ROWS:
        item = pack.indicators[f"{row}.satisfaction"]
        assert item.mean is not None
        assert item.mean.where == f"question = '{row}_overall'"


@pytest.mark.requirement("S001-020")
def test_rates_per_customer_divide_by_mean_subscribers(pack: Catalogue) -> None:
    base = pack.indicators["customers.subscribers"].ratio
    assert base is not None
    assert base.numerator.sum is not None
    assert base.denominator.distinct is not None
    assert (base.numerator.sum.of, base.denominator.distinct.of) == ("subscribers", "day")
    for code in ("support.complaints_per_10k", "billing.complaints_per_10k", "support.trouble_per_10k"):
        rate = pack.indicators[code].rate
        assert rate is not None
        assert rate.per == "customers.subscribers"
        assert pack.indicators[code].unit == "per_10k"
    arpu = pack.indicators["customers.arpu_yuan"]
    assert arpu.rate is not None
    assert (arpu.unit, arpu.rate.per) == ("yuan", "customers.subscribers")


# The standard library


@pytest.mark.requirement("S000-053")
def test_handling_time_business_errors_and_compliance_are_in_the_library(pack: Catalogue) -> None:
    handling = pack.indicators["process.handling_time"]
    assert handling.mean is not None
    assert (handling.mean.of, handling.unit, handling.direction) == ("handling_s", "s", "lower")
    for code, kind, top in (
        ("process.business_errors", "business_audit", "faulty"),
        ("process.rule_compliance", "service_rules", "passed"),
    ):
        ratio = pack.indicators[code].ratio
        assert ratio is not None
        assert ratio.numerator.sum is not None
        assert ratio.denominator.sum is not None
        assert (ratio.numerator.sum.of, ratio.denominator.sum.of) == (top, "items")
        assert ratio.numerator.sum.where == ratio.denominator.sum.where == f"audit_kind = '{kind}'"
    for code in ("process.handling_time", "process.business_errors", "process.rule_compliance"):
        assert pack.indicators[code].origin.reference == "S000-053"


@pytest.mark.requirement("S000-054")
def test_plan_concentration_unit_price_and_plan_usage_have_the_stated_form(pack: Catalogue) -> None:
    concentration = pack.indicators["tariff.plan_concentration"].ratio
    price = pack.indicators["tariff.unit_price"].ratio
    usage = pack.indicators["tariff.data_usage"].ratio
    assert concentration is not None
    assert price is not None
    assert usage is not None
    assert concentration.numerator.count is not None
    assert concentration.numerator.count.where == "main_plan"
    assert concentration.denominator.count is not None
    assert concentration.denominator.count.where is None
    assert price.numerator.sum is not None
    assert price.denominator.sum is not None
    assert (price.numerator.sum.of, price.denominator.sum.of) == ("revenue_fen * 0.01", "voice_used_min")
    assert usage.denominator.sum is not None
    assert usage.denominator.sum.of == "data_allowance_mb"
    assert "main_plan" in pack.indicators["tariff.plan_concentration"].definition.en


@pytest.mark.requirement("S001-065")
def test_the_activation_time_of_products_is_measured_while_they_are_sold(pack: Catalogue) -> None:
    activation = pack.indicators["order.activation_p90_s"]
    assert activation.phase == "during"
    assert activation.percentile is not None
    assert activation.percentile.of == "activation_s"
    assert "product" in pack.feeds["business_orders"].dimensions


# Processes


@pytest.mark.requirement("S000-031")
def test_every_process_has_an_indicator_of_the_operations(pack: Catalogue) -> None:
    own = {f for s in ("boss", "service_operations") for f in pack.sources[s].feeds}
    placed = {p for i in pack.indicators.values() if i.feed in own and i.state == "live" for p in i.processes}
    assert len(pack.processes) == 75
    assert set(pack.processes) - placed == set()


@pytest.mark.requirement("S000-009")
def test_product_orders_have_success_rates_of_ordering_and_of_cancelling(pack: Catalogue) -> None:
    entries = pack.code_lists["order_variants"].entries
    assert {e.code for e in entries} == {"order", "change", "cancel"}
    assert "variant" in pack.indicators["support.order_success"].by
    cancel = pack.indicators["process.cancel_variant_success"]
    assert set(KEY_PROCESSES["order"]) <= set(cancel.processes)
    assert cancel.ratio is not None
    assert cancel.ratio.numerator.count is not None
    assert "variant = 'cancel'" in str(cancel.ratio.numerator.count.where)


@pytest.mark.requirement("S000-015")
def test_enquiries_are_measured_by_availability_time_and_correctness_per_channel(pack: Catalogue) -> None:
    enquiries = {c for c, p in pack.processes.items() if p.process_class == "enquiries"}
    assert len(enquiries) == 9
    for code in ("enquiry.success", "enquiry.within_3s", "enquiry.wrong_per_10k"):
        assert set(pack.indicators[code].processes) == enquiries
        assert {"process", "channel"} <= set(pack.indicators[code].by)


@pytest.mark.requirement("S000-016")
def test_each_reminder_has_a_trigger_a_sending_and_a_receipt(pack: Catalogue) -> None:
    reminders = {c for c, p in pack.processes.items() if p.process_class == "reminders"}
    assert len(reminders) == 5
    feed = pack.feeds["reminders"]
    assert feed.time == "triggered_at"
    assert {"triggered_at", "due_at", "sent_at", "delivered_at", "event_at", "content_ok"} <= set(feed.columns)
    assert {"sent_after_triggered", "delivered_after_sent"} <= set(feed.rules)
    for code in ("remind.triggered", "remind.sent_rate", "remind.delivery_rate", "remind.sent_late"):
        assert set(pack.indicators[code].processes) == reminders


@pytest.mark.requirement("S000-013")
def test_both_sides_of_a_gift_recharge_are_reconciled(pack: Catalogue) -> None:
    assert {"pair_id", "pair_fen", "pair_booked_at", "booked_fen"} <= columns(pack, "account_movements")
    for code in ("billing.gift_unreconciled", "billing.gift_received_rate"):
        assert set(pack.indicators[code].processes) == {"gift_recharge", "gift_recharge_received"}


@pytest.mark.requirement("S000-012")
def test_changes_of_the_suspension_state_are_judged_by_the_state_machine(pack: Catalogue) -> None:
    machine = pack.state_machines["suspension"]
    states = {e.code for e in pack.code_lists["suspension_states"].entries}
    assert states == set(machine.states)
    legal = {f"{t.source} {t.target}" for t in machine.transitions}
    text = pack.feeds["suspensions"].derived["legal"].expr
    assert {quoted for quoted in text.split("'")[1::2] if quoted.strip()} == legal
    assert "suspend.reasons_clear" in pack.children("index.billing")


@pytest.mark.requirement("S000-007")
@pytest.mark.requirement("S000-010")
@pytest.mark.requirement("S000-014")
def test_deadlines_runs_and_the_month_start_batch_are_watched(pack: Catalogue) -> None:
    overdue = pack.indicators["numbers.overdue_share"]
    assert overdue.processes == ("activation_deadline_cancel",)
    runs = set(pack.indicators["billing.runs_in_time"].processes)
    assert {"daily_billing", "monthly_billing", "month_start_brand_change"} <= runs
    assert {"planned_at", "due_at", "started_at", "finished_at", "errors"} <= columns(pack, "batch_runs")


@pytest.mark.requirement("S000-023")
def test_faults_and_requirements_are_counted_by_process(pack: Catalogue) -> None:
    for code in ("support.faults", "support.requirements"):
        assert pack.indicators[code].measure == "count"
        assert "process" in pack.indicators[code].by
        assert pack.feeds[str(pack.indicators[code].feed)].columns["process"].allowed == "processes"


# The four key processes


@pytest.mark.requirement("S000-025")
@pytest.mark.requirement("S000-046")
@pytest.mark.parametrize("name", TREES)
def test_each_key_process_has_a_tree_of_four_layers(pack: Catalogue, name: str) -> None:
    tree = of_tree(pack, name)
    layers = Counter(i.layer for i in tree.values())
    assert set(layers) == set(LAYERS)
    assert layers["KEI"] == 1
    assert 3 <= layers["KQI"] <= 5
    for code, indicator in tree.items():
        parents = [s.parent for s in indicator.supports]
        assert parents or indicator.layer == "KEI" or indicator.commercial_process, code
        assert indicator.processes, code
        if pack.children(code):
            assert sum(pack.children(code).values()) == pytest.approx(1, abs=0.005), code
    assert set(KEY_PROCESSES[name]) <= {p for i in tree.values() for p in i.processes}


@pytest.mark.requirement("S000-042")
@pytest.mark.parametrize("name", TREES)
def test_every_pair_of_the_key_touchpoints_is_answered_by_an_indicator(pack: Catalogue, name: str) -> None:
    answered = {(t, i.attribute) for i in pack.indicators.values() for t in i.touchpoints}
    own = {c: t for c, t in pack.touchpoints.items() if t.process in KEY_PROCESSES[name]}
    assert own
    assert {(c, a) for c, t in own.items() for a in t.attributes} - answered == set()


@pytest.mark.requirement("S004-003")
@pytest.mark.parametrize(("name", "board"), TREES.items())
def test_each_key_process_has_a_board(pack: Catalogue, name: str, board: str) -> None:
    topic = pack.topics[board]
    assert topic.headline == f"{name}.experience"
    assert set(of_tree(pack, name)) <= set(topic.indicators)
    assert topic.intervals
    assert 30 <= topic.order <= 60


@pytest.mark.requirement("S000-078")
def test_suspension_for_arrears_is_followed_from_threshold_to_notice_to_suspension(pack: Catalogue) -> None:
    steps = {"threshold_at", "first_notice_at", "notice_delivered_at", "suspended_at"}
    assert steps <= columns(pack, "suspensions")
    lead = pack.indicators["suspend.lead_within_day"]
    assert lead.share_within is not None
    assert (lead.share_within.of, lead.share_within.limit) == ("lead_s", Decimal(86_400))
    secured = pack.indicators["suspend.noticed"].secures
    assert secured is not None
    assert secured.indicator == "billing.arrears_notice_net"


@pytest.mark.requirement("S000-050")
def test_measured_kpi_of_the_key_processes_have_targets_of_both_uses(pack: Catalogue) -> None:
    for name in TREES:
        for code, indicator in of_tree(pack, name).items():
            if indicator.layer == "KPI":
                assert indicator.targets.management is not None, code
                assert indicator.targets.operations is not None, code
                assert indicator.targets.management != indicator.targets.operations, code


@pytest.mark.requirement("S000-029")
def test_what_cannot_be_collected_says_who_has_to_act_and_is_not_live(pack: Catalogue) -> None:
    blocked = [i for i in pack.indicators.values() if i.feed == "reminders" and i.feasibility.blocked_by is not None]
    assert blocked
    assert all(i.state == "designed" and i.feasibility.collectable is False for i in blocked)


# From files to figures


@dataclass(frozen=True)
class Loaded:
    """The workspace, its open states, what came of each file, and the same files as plain tables."""

    workplace: Workplace
    reading: States
    reports: dict[str, LoadReport]
    hand: duckdb.DuckDBPyConnection


@pytest.fixture(scope="module")
def loaded(pack: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    workplace = make_workplace(tmp_path_factory.mktemp("operations"), pack)
    files = write_files(workplace.root, {f: pack.mappings[f"{f}_csv"].columns_expected for f in FILES})
    reports = {feed: load(workplace, feed, [path])[0] for feed, path in files.items()}
    refresh(workplace)
    hand = hand_tables(files)
    with open_states(workplace, list(FILES)) as reading:
        yield Loaded(workplace, reading, reports, hand)
    hand.close()
    workplace.store.close()


def test_all_rows_of_the_files_arrive(loaded: Loaded) -> None:
    for feed, report in loaded.reports.items():
        rows = len(FILES[feed][1].strip().splitlines()) - 1
        assert (report.tally.accepted, report.tally.rejected) == (rows, 0), feed


@pytest.mark.requirement("S000-016")
@pytest.mark.requirement("S000-053")
@pytest.mark.requirement("S000-079")
@pytest.mark.requirement("S000-081")
@pytest.mark.parametrize("code", BY_HAND)
def test_figures_of_orders_and_reminders_are_what_sql_by_hand_gives(loaded: Loaded, code: str) -> None:
    request = ObserveRequest((code,), "all", Grain.MONTH, date(2026, 11, 1), date(2026, 11, 30))
    found = observe(loaded.workplace, loaded.reading, request)[0]
    expected = loaded.hand.execute(BY_HAND[code]).fetchall()[0][0]
    assert expected is not None
    assert found.value == pytest.approx(float(expected), rel=1e-12)
