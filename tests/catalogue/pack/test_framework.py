"""The frame of the pack: 75 processes, the steps behind them, the customer's view, selection and agreements."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from ganzhi.catalogue.model.framework import StateMachine
from ganzhi.catalogue.model.whole import Catalogue

COUNTS = {
    "enquiry_provision": 1,
    "resource_preparation": 5,
    "prepaid_acceptance": 8,
    "postpaid_acceptance": 4,
    "order_management": 5,
    "rating_billing": 6,
    "credit_control": 5,
    "funds": 11,
    "customer_information": 9,
    "enquiries": 9,
    "reminders": 5,
    "loyalty": 2,
    "invoicing": 2,
    "termination": 3,
}
"""Processes by class as the source lists them, S000-006 to S000-019."""

STAGES = {"preparation": 6, "acceptance": 17, "service": 49, "leaving": 3}

CHAIN = (
    ("recharge", "pay", ("acc_bank_busi_rec", "charge_card_rec", "epay_charge_record_nnn", "orig_busi_record")),
    ("recharge", "book", ("aicbs.am_ps_payment",)),
    ("recharge", "create_notice", ("充值通知工单表",)),
    ("recharge", "update_balance", ("Am_balance_nnn",)),
    ("recharge", "send_funds_change", ("kt.ps_split_his_nnn_yyyymm",)),
    ("payment_resume", "credit_check", ()),
    ("payment_resume", "issue_alarm", ("owe_alarm_his_nnn_yyyymmdd",)),
    ("payment_resume", "record_order", ("cm_busi_recrod",)),
    ("payment_resume", "split_order", ("开通工单拆分表",)),
    ("payment_resume", "execute_order", ("i_provision_his",)),
    ("payment_resume", "return_receipt", ()),
    ("payment_resume", "set_state", ("Ins_user_os_state_nnn",)),
    ("payment_resume", "notify", ()),
)
"""The 13 steps from recharge to resume with the tables as the source writes them."""

KEY = {
    "recharge",
    "payment_resume",
    "data_threshold_reminder",
    "arrears_suspension",
    "bill_enquiry",
    "call_detail_enquiry",
    "service_order",
}


def class_of(pack: Catalogue, process: str) -> str:
    return pack.processes[process].process_class


@pytest.mark.requirement("S000-001")
@pytest.mark.requirement("S000-004")
def test_has_75_processes_in_the_order_of_the_source(pack: Catalogue) -> None:
    assert len(pack.processes) == 75
    assert sorted(p.order for p in pack.processes.values()) == list(range(1, 76))


@pytest.mark.requirement("S000-002")
def test_four_stages_hold_all_processes_and_a_fifth_holds_what_customers_do_not_see(pack: Catalogue) -> None:
    found = Counter(pack.process_classes[p.process_class].stage for p in pack.processes.values())
    assert found == STAGES
    operator = {code: s.order for code, s in pack.stages.items() if s.frame == "operator"}
    assert sorted(operator, key=lambda code: operator[code]) == [*STAGES, "other"]


@pytest.mark.requirement("S000-003")
@pytest.mark.requirement("S000-006")
@pytest.mark.requirement("S000-007")
@pytest.mark.requirement("S000-008")
@pytest.mark.requirement("S000-010")
@pytest.mark.requirement("S000-011")
@pytest.mark.requirement("S000-013")
@pytest.mark.requirement("S000-014")
@pytest.mark.requirement("S000-015")
@pytest.mark.requirement("S000-016")
@pytest.mark.requirement("S000-017")
@pytest.mark.requirement("S000-018")
@pytest.mark.requirement("S000-019")
def test_every_class_holds_as_many_processes_as_the_source_names(pack: Catalogue) -> None:
    assert Counter(p.process_class for p in pack.processes.values()) == COUNTS


@pytest.mark.requirement("S000-020")
def test_three_classes_wait_for_processes_that_customers_do_not_see(pack: Catalogue) -> None:
    empty = {code: c.stage for code, c in pack.process_classes.items() if code not in COUNTS}
    assert empty == dict.fromkeys(("base_management", "resource_management", "product_management"), "other")


@pytest.mark.requirement("S000-004")
def test_every_process_says_who_owns_it_where_it_is_met_and_what_runs_it(pack: Catalogue) -> None:
    for code, process in pack.processes.items():
        assert all((process.description, process.capability, process.channels, process.systems)), code
        assert process.commercial_process in pack.commercial_processes, code
        assert {s.system for s in process.steps.values()} <= set(process.systems), code


@pytest.mark.requirement("S000-005")
def test_the_customer_chain_has_four_links_with_the_eight_steps_of_the_source(pack: Catalogue) -> None:
    links = {code: link for code, link in pack.chain_links.items() if link.parent is None}
    assert [link.name.zh for link in links.values()] == ["业务了解", "接触互动", "受理", "使用需求支持"]
    steps = {link.name.zh: link.parent for link in pack.chain_links.values() if link.parent is not None}
    assert set(steps) == {"宣传调查", "咨询", "受理", "停机/复机", "鉴权", "问题解决", "付费", "缴费"}
    assert set(steps.values()) == set(links)
    used = {each for process in pack.processes.values() for each in process.chain}
    assert used == {code for code in pack.chain_links if code not in links}


@pytest.mark.requirement("S000-007")
@pytest.mark.requirement("S000-010")
@pytest.mark.requirement("S000-014")
def test_what_runs_by_the_calendar_says_when(pack: Catalogue) -> None:
    timed = {"daily_billing", "monthly_billing", "activation_deadline_cancel", "month_start_brand_change"}
    for code in timed:
        assert pack.processes[code].rhythm is not None, code


@pytest.mark.requirement("S000-009")
def test_order_management_counts_order_and_cancellation_apart(pack: Catalogue) -> None:
    managed = {code: p for code, p in pack.processes.items() if p.process_class == "order_management"}
    assert len(managed) == 5
    assert all({"order", "cancel"} <= set(p.variants) for p in managed.values())
    assert set(managed["plan_order"].variants) == {"order", "change", "cancel"}


@pytest.mark.requirement("S000-021")
def test_every_process_carries_external_codes(pack: Catalogue) -> None:
    for code, process in pack.processes.items():
        assert process.codes["group_spec"] == pack.process_classes[process.process_class].name.zh, code
        assert process.codes["etom"], code


@pytest.mark.requirement("S000-022")
def test_four_capabilities_group_all_processes(pack: Catalogue) -> None:
    assert [c.name.zh for c in pack.capabilities.values()] == ["客户管理", "业务受理", "服务计费", "服务保障"]
    assert {p.capability for p in pack.processes.values()} == set(pack.capabilities)


@pytest.mark.requirement("S001-006")
def test_nine_commercial_processes_group_the_75_and_only_the_network_has_none(pack: Catalogue) -> None:
    """The 75 are processes of business support; the network is a row of the matrix, measured by itself."""
    assert len(pack.commercial_processes) == 9
    used = {p.commercial_process for p in pack.processes.values()}
    assert set(pack.commercial_processes) - used == {"network"}


@pytest.mark.requirement("S000-030")
def test_processes_that_are_not_live_say_why(pack: Catalogue) -> None:
    for code, process in pack.processes.items():
        if process.state != "live":
            assert [h for h in process.history if h.note is not None], code


# --- system steps ---


@pytest.mark.requirement("S000-028")
def test_every_process_is_taken_apart_into_steps_with_function_input_output_and_system(pack: Catalogue) -> None:
    for code, process in pack.processes.items():
        assert len(process.steps) >= 2, code
        assert "back" in {s.side for s in process.steps.values()}, code
        for name, step in process.steps.items():
            assert min(len(step.inputs), len(step.outputs)) >= 1, (code, name)


@pytest.mark.requirement("S000-028")
def test_recharge_to_resume_has_the_13_steps_of_the_source_in_order(pack: Catalogue) -> None:
    found = [(c, name) for c in ("recharge", "payment_resume") for name in pack.processes[c].steps]
    assert found == [(process, step) for process, step, _ in CHAIN]


def test_the_steps_name_the_tables_as_the_source_writes_them(pack: Catalogue) -> None:
    for process, step, tables in CHAIN:
        named = pack.processes[process].steps[step].tables
        assert set(tables) <= set(named), (process, step)
        assert bool(tables) == bool(named), (process, step)
    assert "cm_busi_record" in pack.processes["recharge"].steps["pay"].tables


def test_each_step_from_recharge_to_resume_has_a_record_and_together_they_keep_half_an_hour(pack: Catalogue) -> None:
    steps = [pack.processes[process].steps[step] for process, step, _ in CHAIN]
    assert all(step.feed in pack.feeds for step in steps)
    assert sum(step.limit_s or 1801 for step in steps) <= 1800


@pytest.mark.requirement("S000-025")
def test_key_processes_are_worked_out_step_by_step(pack: Catalogue) -> None:
    assert {code for code, p in pack.processes.items() if p.key} == KEY
    for code in KEY:
        steps = pack.processes[code].steps.values()
        assert len(steps) >= 5, code
        assert all(step.limit_s is not None for step in steps), code
        assert sum(step.feed is not None for step in steps) * 3 >= 2 * len(steps), code


@pytest.mark.requirement("S000-025")
def test_order_handling_is_worked_out_for_the_three_named_services(pack: Catalogue) -> None:
    assert {"family_network", "virtual_network", "wlan"} <= set(pack.products)
    description = pack.processes["service_order"].description
    assert description is not None
    assert all(name in description.zh for name in ("亲情网", "虚拟网", "WLAN"))


def test_suspension_for_arrears_reminds_before_it_suspends(pack: Catalogue) -> None:
    steps = list(pack.processes["arrears_suspension"].steps)
    assert steps.index("threshold_reached") < steps.index("send_reminder") < steps.index("execute")
    assert "dunning" in pack.processes["arrears_suspension"].systems


@pytest.mark.requirement("S000-013")
def test_a_gift_has_a_giver_and_a_receiver_that_are_reconciled(pack: Catalogue) -> None:
    assert "debit" in pack.processes["gift_recharge"].steps
    received = list(pack.processes["gift_recharge_received"].steps)
    assert received.index("credit") < received.index("reconcile")


@pytest.mark.requirement("S000-016")
def test_every_reminder_is_triggered_recorded_and_sent_with_a_receipt(pack: Catalogue) -> None:
    for code, process in pack.processes.items():
        if process.process_class == "reminders":
            steps = list(process.steps.values())
            feeds = [s.feed for s in steps]
            assert steps[0].side == "back", code
            assert feeds.index("reminders") < feeds.index("sms_submissions"), code


@pytest.mark.requirement("S000-015")
def test_every_enquiry_is_recorded_when_it_is_asked(pack: Catalogue) -> None:
    for code, process in pack.processes.items():
        if process.process_class == "enquiries":
            assert next(iter(process.steps.values())).feed == "enquiries", code


# --- touchpoints ---


@pytest.mark.requirement("S000-033")
def test_every_process_is_met_by_the_customer_somewhere(pack: Catalogue) -> None:
    met = Counter(t.process for t in pack.touchpoints.values())
    assert set(pack.processes) == set(met)
    for code in KEY - {"recharge", "payment_resume"}:
        assert met[code] >= 4, code
    for code, touchpoint in pack.touchpoints.items():
        assert code.startswith(f"{touchpoint.process}."), code
        assert touchpoint.attributes, code


@pytest.mark.requirement("S000-035")
@pytest.mark.requirement("S000-036")
@pytest.mark.requirement("S000-037")
def test_touchpoints_use_every_contact_step_most_contents_and_nearly_all_channels(pack: Catalogue) -> None:
    touchpoints = pack.touchpoints.values()
    assert {t.step for t in touchpoints} == set(pack.contact_steps)
    groups = {pack.contact_contents[t.content].parent or t.content for t in touchpoints}
    assert {"physical", "document", "personal_data", "money", "product_plan"} <= groups
    channels = {c for t in touchpoints for c in t.channels}
    assert set(pack.channels) - channels <= {"hotline"}  # met through its two sub-channels


def test_touchpoints_stand_in_own_and_in_third_party_channels(pack: Catalogue) -> None:
    owners = {pack.channels[c].ownership for t in pack.touchpoints.values() for c in t.channels}
    assert owners == {"own", "partner"}


@pytest.mark.requirement("S000-041")
def test_every_service_attribute_is_marked_often_and_every_process_for_one(pack: Catalogue) -> None:
    marked = Counter(a for t in pack.touchpoints.values() for a in t.attributes)
    for code in ("speed", "availability", "accuracy", "transparency", "security", "convenience"):
        assert marked[code] >= 10, code
    assert {pack.attributes[a].family for a in marked} == {"service", "product", "experience"}


@pytest.mark.requirement("S000-039")
def test_touchpoints_of_the_key_processes_rest_on_their_steps(pack: Catalogue) -> None:
    for process in KEY:
        resting = {s for t in pack.touchpoints.values() if t.process == process for s in t.supported_by}
        assert resting <= set(pack.processes[process].steps)
        assert len(resting) * 3 >= 2 * len(pack.processes[process].steps), process


def test_every_marked_pair_of_the_key_processes_has_an_indicator(pack: Catalogue) -> None:
    marked = {(code, a) for code, t in pack.touchpoints.items() if t.process in KEY for a in t.attributes}
    answered = {(t, i.attribute) for i in pack.indicators.values() for t in i.touchpoints}
    assert marked <= answered


@pytest.mark.requirement("S001-003")
def test_most_touchpoints_name_what_the_customer_sees(pack: Catalogue) -> None:
    seen = [t for t in pack.touchpoints.values() if t.evidence]
    assert len(seen) * 2 >= len(pack.touchpoints)


# --- the customer's view ---


@pytest.mark.requirement("S001-093")
def test_the_customer_life_cycle_has_four_stages_with_15_activities(pack: Catalogue) -> None:
    stages = [s.name.zh for s in pack.stages.values() if s.frame == "customer"]
    assert stages == ["售前", "开通", "使用", "挽留"]
    assert list(Counter(a.stage for a in pack.activities.values()).values()) == [4, 4, 5, 2]
    for before, after in pairwise(pack.activities.values()):
        assert after.order == (before.order + 1 if after.stage == before.stage else 1)


@pytest.mark.requirement("S001-093")
def test_both_life_cycles_are_mapped_to_each_other_without_a_gap(pack: Catalogue) -> None:
    mapped = {p for a in pack.activities.values() for p in a.processes}
    assert mapped == set(pack.processes)
    assert all(a.processes for a in pack.activities.values())


@pytest.mark.requirement("S001-094")
def test_five_needs_are_each_met_by_an_activity(pack: Catalogue) -> None:
    assert [n.name.zh for n in pack.needs.values()] == ["可用性", "易用性", "功能性", "性能", "内容"]
    assert {n for a in pack.activities.values() for n in a.needs} == set(pack.needs)


@pytest.mark.requirement("S001-095")
def test_weights_of_activities_sum_to_one_within_segment_and_product(pack: Catalogue) -> None:
    sums: dict[tuple[str | None, str | None], Decimal] = {}
    for activity in pack.activities.values():
        for weight in activity.weights:
            key = (weight.segment, weight.product)
            sums[key] = sums.get(key, Decimal(0)) + weight.weight
            assert weight.origin == "expert"
    assert set(sums.values()) == {Decimal(1)}
    assert {(None, None)} < set(sums)


@pytest.mark.requirement("S001-100")
def test_twelve_key_products_serve_persons_families_and_corporate_customers(pack: Catalogue) -> None:
    key = {code: p for code, p in pack.products.items() if p.key_for}
    assert len(key) == 12
    assert {kind for p in key.values() for kind in p.key_for} == {"personal", "family", "corporate"}


# --- priorities, selection, shortfalls ---


@pytest.mark.requirement("S000-027")
def test_priorities_weigh_processes_for_a_time(pack: Catalogue) -> None:
    names = " ".join(p.name.zh for p in pack.priorities.values())
    listed = "流量经营 WLAN 宽带 客户流失 新业务的大进大出 新业务 新话务 新流量 新宽带 新用户"
    assert all(word in names for word in listed.split())
    weights = [w for p in pack.priorities.values() for w in p.weights]
    assert all(w.valid_from is not None for w in weights)
    on = [w for w in pack.priorities["data_traffic"].weights if w.process == "data_threshold_reminder"]
    assert [w.weight for w in on if (w.valid_from or date.min) <= date(2026, 11, 1) <= (w.valid_to or date.max)] == [5]


def test_selection_weighs_complaints_faults_and_requirements_by_process(pack: Catalogue) -> None:
    selection = pack.selections["key_processes"]
    weights = {p.indicator: p.weight for p in selection.pressures}
    assert weights == {
        "complaint.count": Decimal("0.5"),
        "support.faults": Decimal("0.3"),
        "support.requirements": Decimal("0.2"),
    }
    assert {p.dimension for p in selection.pressures} == {"process"}
    assert set(selection.priorities) == set(pack.priorities)


@pytest.mark.requirement("S000-024")
@pytest.mark.requirement("S000-025")
def test_five_chosen_processes_have_reasons_and_cover_the_contact_types(pack: Catalogue) -> None:
    selection = pack.selections["key_processes"]
    assert [c.name.zh[:4] for c in selection.chosen] == ["充值复机", "提醒服务", "欠费停机", "账单服务", "业务办理"]
    assert {p for c in selection.chosen for p in c.processes} == KEY
    for chosen in selection.chosen:
        assert "perception_shortfall" in chosen.reasons
        assert chosen.initiative is not None
        offered = {t.step for t in pack.touchpoints.values() if t.process in chosen.processes}
        assert set(chosen.contact_steps) <= offered, chosen.process
    assert set(selection.contact_steps) <= {s for c in selection.chosen for s in c.contact_steps}


@pytest.mark.requirement("S000-024")
def test_every_reason_of_the_source_is_offered_and_used_or_given_by_data(pack: Catalogue) -> None:
    selection = pack.selections["key_processes"]
    by_data = {p.reason for p in selection.pressures} | {selection.importance_reason, selection.shortfall_reason}
    used = {reason for chosen in selection.chosen for reason in chosen.reasons}
    assert set(selection.reasons) == {r for r in by_data | used if r is not None}


@pytest.mark.requirement("S000-026")
def test_four_shortfalls_point_at_their_process_and_indicators(pack: Catalogue) -> None:
    assert len(pack.shortfalls) == 4
    chosen = {p for c in pack.selections["key_processes"].chosen for p in c.processes}
    for code, shortfall in pack.shortfalls.items():
        assert shortfall.process in chosen, code
        assert shortfall.owner == pack.processes[shortfall.process].owner, code
        assert any(pack.indicators[i].dimension == "perception" for i in shortfall.indicators), code


# --- suspension ---


def reasons(state: str) -> frozenset[str]:
    return frozenset() if state == "active" else frozenset(state.split("_"))


def suspension(pack: Catalogue) -> StateMachine:
    return pack.state_machines["suspension"]


@pytest.mark.requirement("S000-012")
def test_states_are_all_combinations_of_the_reasons(pack: Catalogue) -> None:
    machine = suspension(pack)
    single = {r for state in machine.states for r in reasons(state)}
    assert single == {"requested", "arrears", "imposed"}
    assert len({reasons(s) for s in machine.states}) == len(machine.states) == 2 ** len(single)
    assert machine.resting == "active"
    assert machine.process == "suspension_reason_change"


@pytest.mark.requirement("S000-012")
def test_reasons_come_and_go_one_at_a_time(pack: Catalogue) -> None:
    moves = {(t.source, t.target) for t in suspension(pack).transitions}
    assert all(len(reasons(source) ^ reasons(target)) == 1 for source, target in moves)
    assert {("requested", "arrears_requested"), ("arrears_requested", "requested")} <= moves
    assert ("arrears_requested", "active") not in moves
    for state in suspension(pack).states:
        if len(reasons(state)) > 1:
            left = {t for s, t in moves if s == state and reasons(t) < reasons(state)}
            assert len(left) == len(reasons(state)), state


@pytest.mark.requirement("S000-012")
def test_every_state_can_be_reached_and_left_for_service(pack: Catalogue) -> None:
    machine = suspension(pack)
    for forward in (True, False):
        reached = {machine.resting}
        while True:
            more = {
                (t.target if forward else t.source)
                for t in machine.transitions
                if (t.source if forward else t.target) in reached
            }
            if more <= reached:
                break
            reached |= more
        assert reached == set(machine.states)


# --- agreements and interfaces ---


@pytest.mark.requirement("S000-129")
def test_agreements_set_stricter_targets_for_a_slice(pack: Catalogue) -> None:
    assert len(pack.slas) >= 5
    for code, sla in pack.slas.items():
        indicator = pack.indicators[sla.indicator]
        own = getattr(indicator.targets, sla.use)
        sign = 1 if indicator.direction == "higher" else -1
        assert sla.scope, code
        assert (sla.limits.target - own.target) * sign > 0, code


@pytest.mark.requirement("S000-131")
def test_interfaces_say_what_flows_in_and_out_per_neighbour(pack: Catalogue) -> None:
    by: dict[str, set[str]] = {}
    for interface in pack.interfaces.values():
        by.setdefault(pack.systems[interface.system].domain, set()).add(interface.direction)
    assert all(by[domain] == {"in", "out"} for domain in ("BSS", "OSS", "MSS"))
    named = {"sla_management", "service_planning", "resource_planning", "work_dispatch", "engineering_management"}
    assert named <= {i.system for i in pack.interfaces.values()}


@pytest.mark.requirement("S000-122")
def test_each_chapter_of_the_oss_volume_has_something_to_show(pack: Catalogue) -> None:
    """Concepts, processes, functions, integration, deployment, indicator system."""
    assert all((pack.attributes, pack.contact_steps))  # concepts
    assert all((pack.processes, pack.state_machines))  # business processes
    assert all((pack.selections, pack.shortfalls, pack.slas))  # functions
    assert {i.direction for i in pack.interfaces.values()} == {"in", "out"}  # integration
    assert {s.domain for s in pack.systems.values()} == {"BSS", "OSS", "MSS", "channel", "partner"}  # deployment
    assert {i.layer for i in pack.indicators.values()} == {"KEI", "KQI", "KPI", "PI"}  # indicator system
