"""Exports that carry a feed's own columns: one comma-separated file a day (or a month) of each.

The columns stand in the order of the exporting system; what the simulated system does not know stays blank.
"""

from __future__ import annotations

from typing import Final

from ganzhi.province.delivery.family import Encoding, Family, Filed, Per


def _plain(
    feed: str,
    columns: str,
    *,
    stem: str | None = None,
    period: Per = "day",
    encoding: Encoding = "utf-8",
    free_text: bool = False,
) -> Family:
    date = "{yyyymm}" if period == "month" else "{yyyymmdd}"
    return Family(
        feed=feed,
        name=f"{stem or feed}_{date}.csv",
        columns=tuple(Filed(name, name) for name in columns.split()),
        encoding=encoding,
        free_text=free_text,
    )


EXPORTS: Final[tuple[Family, ...]] = (
    _plain(
        "channel_transactions",
        "transaction_id unit done_at channel process product is_payment self_service in_hall amount_fen "
        "result completed_at failure hall_norm_s device_id ticket_id staff customer_id",
    ),
    _plain(
        "channel_sessions",
        "session_id unit channel started_at ended_at customer_id process login_tried login_tries login_ok "
        "login_failure pages response_ms slowest_ms errors finished left_at turned_to",
    ),
    _plain(
        "electronic_promotions",
        "promotion_id unit promoted_at channel staff customer_id ticket_id accepted activated_at first_used_at",
    ),
    _plain(
        "complaints",
        "complaint_id received_at unit customer_id channel kind commercial_process process product brand "
        "customer_class network category content batch_id repeat_of due_at promised_at first_reply_at "
        "closed_at called_back_at reopened_at result responsibility operator_fault compensation_fen "
        "satisfied escalated_to priority_layer department team agent contact_id",
        encoding="gb18030",
        free_text=True,
    ),
    _plain(
        "trouble_reports",
        "report_id reported_at unit customer_id product process commercial_process channel cause due_at "
        "repaired_at repeat_of confirmed_at fixed_first visit_needed reproducible department team",
        stem="troubles",
        encoding="gb18030",
    ),
    _plain(
        "complaint_steps",
        "step_id complaint_id flow_step unit commercial_process business department team handler "
        "assigned_at accepted_at finished_at due_at step_result transfers",
        encoding="gb18030",
    ),
    _plain(
        "customers",
        "customer_id phone account_id unit changed_at brand customer_class network plan payment_mode "
        "arpu_class state real_name_state joined_at left_at group_id account_manager contact_consent",
    ),
    _plain(
        "subscriber_counts",
        "unit day counted_at brand network customer_class subscribers new_subscribers lost_subscribers",
    ),
    _plain(
        "product_user_counts",
        "unit day counted_at product users",
    ),
    _plain(
        "devices",
        "device_id unit device_type changed_at model supplier installed_at retired_at state all_day",
    ),
    _plain(
        "device_days",
        "position device_id unit device_type day counted_at planned configured in_service used "
        "transactions payments open_minutes busy_minutes fault_minutes",
    ),
    _plain(
        "kiosk_events",
        "event_id device_id unit device_type happened_at received_at kind state business is_payment "
        "duration_s result amount_fen missed",
    ),
    _plain(
        "device_faults",
        "fault_id device_id unit device_type reported_at noticed_by alarm_sent_at acted_at dispatched_at "
        "sign_at repaired_at due_at cause repeat_of",
    ),
    _plain(
        "queue_tickets",
        "ticket_id unit business_group priority customer_id counter staff issued_at called_at served_at "
        "finished_at abandoned completed",
    ),
    _plain(
        "counter_sessions",
        "session_id unit counter staff dynamic opened_at closed_at paused_s pauses",
    ),
    _plain(
        "shifts",
        "shift_id unit staff role planned_from planned_to worked_from worked_to changed_late",
    ),
    _plain(
        "hall_orders",
        "order_id unit ticket_id accepted_at business process counter staff is_payment manual one_key "
        "handling_s norm_s errors error_kind error_found_by offered accepted",
    ),
    _plain(
        "staff_days",
        "unit staff day counted_at role worked_minutes manager",
    ),
    _plain(
        "footfall",
        "sensor unit counted_at entered left_hall inside capacity",
    ),
    _plain(
        "hall_inspections",
        "finding_id inspection_id unit inspected_at kind item passed staff repeated",
    ),
    _plain(
        "sms_ratings",
        "rating_id channel line contact_id unit customer_id team agent process business product sent_at "
        "replied_at score reply_state dissatisfaction_reason comment called_back_at",
        encoding="gb18030",
        free_text=True,
    ),
    _plain(
        "wrap_ups",
        "contact_id at unit customer_id channel brand customer_class agent team skill contact_code "
        "wrap_code commercial_process process business product competitor competitor_offer resolved_first "
        "repeat_of complaint_id knowledge_used handling_s",
        encoding="gb18030",
        free_text=True,
    ),
    _plain(
        "hotline_transactions",
        "transaction_id contact_id requested_at completed_at unit customer_id channel agent team business "
        "product process variant result failure_cause identity_checked notified_at",
    ),
    _plain(
        "agent_transfers",
        "transfer_id contact_id requested_at connected_at unit agent team skill transfer_target medium "
        "ivr_function business transfer_reason result",
    ),
    _plain(
        "outbound_calls",
        "call_id purpose unit customer_id complaint_id contact_id campaign business team agent first_at "
        "attempts connected_at ended_at due_at result satisfied",
        encoding="gb18030",
    ),
    _plain(
        "calls",
        "call_id unit customer_id priority call_type outcome agent arrived_at ivr_exit_at ivr_s queue_at "
        "queue_exit_at wait_s answered_at released_at talk_s",
        stem="hotline_calls",
    ),
    _plain(
        "ivr_events",
        "event_id session_id at unit customer_id brand menu_version node menu_level menu_key position "
        "ivr_function event prompt_s",
    ),
    _plain(
        "agent_states",
        "state_id agent team skill unit state from_at to_at",
    ),
    _plain(
        "call_intervals",
        "interval_at line unit offered abandoned answered_0_10 answered_10_15 answered_15_20 "
        "answered_20_40 answered_40_60 answered_60_120 answered_over_120",
        stem="hotline_intervals",
    ),
    _plain(
        "campaigns",
        "campaign title unit campaign_kind product stage submitted_at updated_at needs_checked "
        "impact_assessed compliance_passed interface_passed risk_tested emergency_plan approved_at "
        "starts_at ends_at stopped_at evaluated_at",
        free_text=True,
    ),
    _plain(
        "campaign_contacts",
        "contact_id campaign contacted_at updated_at unit channel process customer_id brand "
        "customer_class response eligible opted_out terms_told previous_contact_at benefit_due_at "
        "benefit_given_at cancelled_at complained",
    ),
    _plain(
        "market_audits",
        "audit_id audit_item audited_at updated_at unit channel campaign ok serious correct_by corrected_at",
    ),
    _plain(
        "competitor_observations",
        "observation_id observed_at unit competitor observation_method commercial_process subject score "
        "own_score price_fen own_price_fen remark",
        free_text=True,
    ),
    _plain(
        "sp_subscriptions",
        "subscription_id requested_at updated_at unit content_partner product process variant channel "
        "customer_id customer_action_at confirmed_at effective_at ended_at notified_at fee_fen "
        "refunded_fen",
    ),
    _plain(
        "group_messages",
        "batch_id sent_at unit port recipients delivered opted_out content_code repeats usual_recipients "
        "intercepted reported",
    ),
    _plain(
        "person_messages",
        "sender hour_at unit brand messages recipients same_content answered reported blocked_at",
    ),
    _plain(
        "operator_actions",
        "action_id acted_at updated_at unit staff_account staff_action process product channel "
        "key_service customer_id address_code identified request_id off_hours since_previous_s "
        "reversed_at",
    ),
    _plain(
        "product_checks",
        "product launch check_item round checked_at unit passed due_at signed_at signed_by launched_at",
    ),
    _plain(
        "installations",
        "order_id accepted_at updated_at unit product process channel customer_id work_partner "
        "resource_ok promised_at installed_at activated_at first_used_at install_result cancel_cause",
    ),
    _plain(
        "field_visits",
        "visit_id booked_at appointment_from appointment_to updated_at unit visit_kind product "
        "work_partner staff customer_id customer_class arrived_at finished_at visit_result rating "
        "revisit_of",
    ),
    _plain(
        "service_promotions",
        "promotion_id extracted_at updated_at unit proactive_service service_class market channel process "
        "brand customer_id suppressed offered_at accepted_at first_used_at",
    ),
    _plain(
        "network_measurements",
        "point_id measured_at unit measuring_point network area_type interval_s available_s call_attempts "
        "call_setups drops handover_attempts handovers traffic_s data_kb transfer_s speed_kbps "
        "committed_kbps latency_ms packets packets_lost utilisation",
    ),
    _plain(
        "network_faults",
        "fault_id occurred_at updated_at unit network fault_kind fault_level found_by noticed_at due_at "
        "restored_at affected_customers repeat_of announced_at",
    ),
    _plain(
        "service_tests",
        "test_id tested_at unit test_kind network product area_type ok setup_ms latency_ms speed_kbps quality_score",
    ),
    _plain(
        "data_sessions",
        "session_id started_at unit product network customer_id session_end first_response_ms duration_s "
        "data_kb fee_fen",
    ),
    _plain(
        "bills",
        "bill_id month issued_at unit customer_id brand customer_class amount_fen monthly_fee_fen "
        "voice_fen data_fen message_fen partner_fen other_fen discount_fen voice_minutes channel due_at "
        "delivered_at dispute_state adjusted_fen paid_at",
    ),
    _plain(
        "plan_months",
        "customer_id month counted_at unit brand customer_class plan main_plan plan_fee_fen revenue_fen "
        "overage_fen voice_allowance_min voice_used_min data_allowance_mb data_used_mb",
        period="month",
    ),
    _plain(
        "account_movements",
        "movement_id requested_at unit process movement_kind state channel customer_id brand due_at "
        "booked_at amount_fen booked_fen pair_id pair_fen pair_booked_at approved repeat_of",
    ),
    _plain(
        "points_movements",
        "movement_id requested_at unit process points_kind state channel customer_id brand due_at done_at "
        "points expected_points notified_at reward_delivered_at",
    ),
    _plain(
        "invoices",
        "invoice_id requested_at unit process channel customer_id result printed_at amount_fen booked_fen "
        "reprint_of electronic",
    ),
    _plain(
        "business_orders",
        "order_id accepted_at unit process variant channel product business brand staff customer_id "
        "split_at provisioned_at usable_at completed_at result error_cause handling_s due_at confirmed_at "
        "notified_at repeat_of documents_ok",
    ),
    _plain(
        "enquiries",
        "enquiry_id started_at unit process channel customer_id brand business result response_ms "
        "answered_at data_as_of checked correct to_agent repeat_of",
    ),
    _plain(
        "reminders",
        "reminder_id triggered_at unit process channel customer_id brand product due_at generated_at "
        "sent_at delivered_at send_state event_at content_ok duplicate_of threshold_pct used_pct acted_at",
    ),
    _plain(
        "suspensions",
        "event_id acted_at unit process action state_before state_after credit_rule customer_id brand "
        "customer_class threshold_at notices first_notice_at notice_delivered_at suspended_at resumed_at "
        "balance_fen credit_limit_fen wrong failed attempts",
    ),
    _plain(
        "batch_runs",
        "run_id planned_at unit process due_at started_at finished_at state records errors late_records "
        "reruns amount_fen control_fen",
    ),
    _plain(
        "resource_tasks",
        "task_id ordered_at unit process due_at started_at finished_at quantity delivered defective result supplier",
    ),
    _plain(
        "number_activations",
        "event_id recorded_at unit process number event activation_way brand preopened_at deadline_at "
        "requested_at warned_at attempts in_use",
    ),
    _plain(
        "inspections",
        "inspection_id inspected_at unit audit_kind process channel staff items passed serious due_at corrected_at",
    ),
    _plain(
        "system_measurements",
        "system metric measured_at unit value limit_value",
    ),
    _plain(
        "system_faults",
        "fault_id occurred_at unit system process commercial_process severity system_fault_cause found_by "
        "detected_at due_at restored_at affected_customers change_id repeat_of",
    ),
    _plain(
        "change_requests",
        "request_id received_at unit process commercial_process request_source state due_at "
        "first_reply_at delivered_at accepted reworked",
    ),
    _plain(
        "changes",
        "change_id planned_at unit system process change_kind result emergency announced_at started_at "
        "finished_at window_end_at faults",
    ),
    _plain(
        "sms_submissions",
        "sms_id submitted_at unit subscriber channel process kind reference trigger_at due_at result "
        "repeat_of content_right content",
        free_text=True,
    ),
    _plain(
        "sms_receipts",
        "sms_id submitted_at unit subscriber channel process kind reference trigger_at delivered_at result",
    ),
    _plain(
        "survey_answers",
        "answer_id response_id survey question commercial_process process touchpoint attribute product "
        "score answered_at unit customer_id brand network mode customer_class",
    ),
    _plain(
        "survey_frames",
        "frame_id survey survey_purpose drawn_at updated_at unit customer_id product usage_mode brand "
        "network mode reserve last_used_at event_at contacted_at interview_s outcome",
    ),
    _plain(
        "mystery_visits",
        "visit_id mystery_item visited_at unit channel score max_score remark",
        free_text=True,
    ),
    _plain(
        "peak_end_moments",
        "journey_id position last_step process commercial_process touchpoint grade felt_at unit customer_id",
    ),
)
"""Every such export, by feed in the catalogue's order."""
