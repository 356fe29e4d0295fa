"""Extracts of the tables the sources name, in the layout of their systems: `|` between columns, moments as
yyyymmddhhmmss, codes as digits, four shards where the name has `_nnn` (S000-060 to S000-069).

The sources give table names and a few codes; the columns are ours.
"""

from __future__ import annotations

from typing import Any, Final

from ganzhi.province.delivery.family import Family, Filed

SHARDS: Final = 4
LOG_RESULTS: Final = {"done": "0", "failed": "1", "pending": "2", "reversed": "3"}
STATE_CODES: Final = {
    "normal": "0", "half_suspended": "1", "arrears": "2", "requested": "3", "arrears_and_requested": "4",
    "precancelled": "8", "cancelled": "9",
}  # fmt: skip


def _table(feed: str, name: str, columns: str, **more: Any) -> Family:
    """columns: `file_column=feed_column`, or the file column alone where it stays blank."""
    filed = []
    for each in columns.split():
        name_in_file, _, source = each.partition("=")
        filed.append(Filed(name_in_file, source or None))
    coded: dict[str, dict[str, str]] = more.pop("coded", {})
    cut: dict[str, int] = more.pop("cut", {})
    const: dict[str, str] = more.pop("const", {})
    made = tuple(Filed(f.name, f.source, coded.get(f.name), cut.get(f.name, 0), const.get(f.name)) for f in filed)
    sharded = "{shard}" in name
    return Family(
        feed=feed, name=name, columns=made, delimiter="|", encoding="gb18030", compact=True,
        shards=SHARDS if sharded else 0, shard_by=("account_id" if "acct_id" in columns else "subscriber") if sharded else None, **more,
    )  # fmt: skip


RECHARGE_LOGS: Final[tuple[Family, ...]] = (
    _table(
        "recharges", "epay_charge_record_{shard}_{yyyymmdd}.txt",
        "charge_id=payment_id acct_id=account_id charge_type=entry charge_fee=amount_fen charge_time=paid_at "
        "region_code=unit",
        coded={"charge_type": {"payment_card": "2", "partner_cash": "3", "cboss_remote": "4"}},
        only=("payment_id", "0123456789"), spoiled={"charge_type": "9"},
    ),
    _table(
        "recharges", "acc_bank_busi_rec_{yyyymmdd}.txt",
        "busi_seq=payment_id acct_id=account_id phone_no=subscriber busi_type=entry trade_fee=amount_fen "
        "trade_time=paid_at finish_time=finished_at result_code=result fail_code=failure_cause region_code=unit",
        coded={"busi_type": {"bank": "1", "payment_card": "2", "kiosk": "3"}, "result_code": LOG_RESULTS},
        cut={"busi_seq": 1}, only=("payment_id", "B"), spoiled={"result_code": "7"},
    ),
    _table(
        "recharges", "charge_card_rec_{yyyymmdd}.txt",
        "card_seq=payment_id acct_id=account_id phone_no=subscriber access_no=entry face_fee=amount_fen "
        "charge_time=paid_at finish_time=finished_at result_code=result fail_code=failure_cause region_code=unit",
        coded={"access_no": {"access_505": "505", "access_13800138000": "13800138000"}, "result_code": LOG_RESULTS},
        cut={"card_seq": 1}, only=("payment_id", "K"), spoiled={"access_no": "5050"},
    ),
    _table(
        "recharges", "orig_busi_record_{yyyymmdd}.txt",
        "orig_seq=payment_id phone_no=subscriber busi_fee=amount_fen accept_time=paid_at finish_time=finished_at "
        "result_code=result region_code=unit",
        coded={"result_code": LOG_RESULTS}, cut={"orig_seq": 1}, only=("payment_id", "C"),
    ),
    _table(
        "recharges", "cm_busi_record_{yyyymmdd}.txt",
        "busi_seq=payment_id busi_code phone_no=subscriber acct_id=account_id busi_fee=amount_fen accept_time=paid_at "
        "finish_time=finished_at busi_status=result invoice_flag=invoice_flag invoice_fee=invoice_fen region_code=unit "
        "order_kind alarm_id alarm_time send_time order_status repeat_seq",
        coded={"busi_status": LOG_RESULTS}, cut={"busi_seq": 1}, const={"busi_code": "514"},
        only=("payment_id", "F"),
    ),
)  # fmt: skip
"""Five logs of payments; the first letter of the payment's identity is the log's, of a number the channel log's."""

TABLES: Final[tuple[Family, ...]] = (
    *RECHARGE_LOGS,
    _table(
        "suspend_resume_orders", "cm_busi_record_{yyyymmdd}.txt",
        "busi_seq=order_id busi_code phone_no=subscriber acct_id=account_id busi_fee accept_time=recorded_at "
        "finish_time=finished_at busi_status invoice_flag invoice_fee region_code=unit order_kind=kind "
        "alarm_id=alarm_id alarm_time=issued_at send_time=sent_at order_status=state repeat_seq=duplicate_of",
        const={"busi_code": "601"},
    ),
    _table(
        "payments", "am_ps_payment_{yyyymmdd}.txt",
        "payment_no=payment_no acct_id=account_id phone_no=subscriber peer_seq=payment_id entry_code=entry "
        "payment_fee=amount_fen peer_time=paid_at payment_time=booked_at status=state repeat_no=duplicate_of "
        "region_code=unit",
        spoiled={"status": "unknown_9"},
    ),
    _table(
        "recharge_notices", "recharge_notice_{yyyymmdd}.txt",
        "notice_id=notice_id acct_id=account_id phone_no=subscriber payment_no=payment_no payment_time=booked_at "
        "fee=amount_fen create_time=created_at deal_time=handled_at status=state retry_times=retries region_code=unit",
    ),
    _table(
        "balance_changes", "am_balance_{shard}_{yyyymmdd}.txt",
        "change_id=change_id acct_id=account_id phone_no=subscriber change_type=kind change_fee=amount_fen "
        "before_fee=before_fen after_fee=after_fen notice_id=notice_id notice_time=noticed_at gift_id=gift_id "
        "cancel_id=reversal_of exp_date=valid_until change_time=changed_at region_code=unit",
    ),
    _table(
        "fund_changes", "ps_split_his_{shard}_{yyyymm}.txt",
        "split_id=split_id acct_id=account_id phone_no=subscriber change_id=change_id change_fee=amount_fen "
        "balance=balance_fen create_time=created_at send_time=sent_at status=state repeat_id=repeat_of "
        "region_code=unit",
    ),
    _table(
        "credit_alarms", "owe_alarm_his_{shard}_{yyyymmdd}.txt",
        "alarm_id=alarm_id acct_id=account_id phone_no=subscriber split_id=split_id recv_time=received_at "
        "check_time=checked_at balance=balance_fen credit_fee=credit_limit_fen rule_id=credit_rule "
        "check_result=check_result old_status=old_state new_status=new_state alarm_time=issued_at region_code=unit",
        coded={"old_status": STATE_CODES, "new_status": STATE_CODES}, spoiled={"new_status": "7"},
    ),
    _table(
        "user_states", "ins_user_os_state_{shard}_{yyyymmdd}.txt",
        "state_id=state_id phone_no=subscriber old_status=old_state new_status=new_state order_id=order_id "
        "receipt_time=receipt_at hlr_status=element_state set_time=set_at region_code=unit",
        coded={"old_status": STATE_CODES, "new_status": STATE_CODES, "hlr_status": STATE_CODES},
    ),
    _table(
        "provisioning_splits", "provision_split_{yyyymmdd}.txt",
        "task_id=task_id order_id=order_id phone_no=subscriber ne_type=network_element record_time=recorded_at "
        "split_time=split_at status=state region_code=unit",
    ),
    _table(
        "provisioning_orders", "i_provision_his_{yyyymmdd}.txt",
        "provision_id=provision_id task_id=task_id order_id=order_id phone_no=subscriber ne_type=network_element "
        "order_kind=kind recv_time=started_at exec_time=executed_at result=result error_code=error_cause "
        "retry_times=retries receipt_time=receipt_at status_time=status_updated_at region_code=unit",
        spoiled={"error_code": "E999"},
    ),
)  # fmt: skip
"""Every table of the sources that the province writes."""
