"""The source tables of annex 2, as files an operator delivers: each is read by its own mapping, no code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.ingest.load import load
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import make_workplace

T = "20261103090000"
LATER = "20261103090030"
COUNTER = (
    "busi_seq|busi_code|phone_no|acct_id|busi_fee|accept_time|finish_time|busi_status|invoice_flag|invoice_fee"
    "|order_kind|alarm_id|alarm_time|send_time|order_status|repeat_seq|region_code"
)
COUNTER_ROWS = [
    f"1|514|13800000001|甲|5000|{T}|{LATER}|0|2|5000|||||||all",
    f"2|101|13800000002|乙|0|{T}|{LATER}|0|0||||||||all",
    f"3|514|13800000003|丙|3000|{T}|{LATER}|0|1||||||||all",
    f"4|620|13800000001|甲||{LATER}|{LATER}||||resume|1|{T}|{LATER}|done||all",
]
"""The counter log holds hall cash recharges and suspend or resume orders side by side."""

FILES = {
    "epay_charge_record": (
        "epay_charge_record_001_20261103.txt",
        "charge_id|acct_id|charge_type|charge_fee|charge_time|region_code",
        [f"1|甲|2|5000|{T}|all", f"2|乙|3|3000|{T}|all", f"3|丙|4|1000|{T}|all"],
        3,
    ),
    "acc_bank_busi_rec": (
        "acc_bank_busi_rec_20261103.txt",
        "busi_seq|acct_id|phone_no|busi_type|trade_fee|trade_time|finish_time|result_code|fail_code|region_code",
        [
            f"1|甲|13800000001|1|5000|{T}|{LATER}|0||all",
            f"2|乙|13800000002|2|3000|{T}|{LATER}|0||all",
            f"3|丙|13800000003|3|3000|{T}|{LATER}|1|timeout|all",
        ],
        3,
    ),
    "charge_card_rec": (
        "charge_card_rec_20261103.txt",
        "card_seq|acct_id|phone_no|access_no|face_fee|charge_time|finish_time|result_code|fail_code|region_code",
        [
            f"1|甲|13800000001|505|5000|{T}|{LATER}|0||all",
            f"2|乙|13800000002|13800138000|5000|{T}|{LATER}|1|card_refused|all",
        ],
        2,
    ),
    "orig_busi_record": (
        "orig_busi_record_20261103.txt",
        "orig_seq|phone_no|busi_fee|accept_time|finish_time|result_code|region_code",
        [f"1|13800000001|5000|{T}|{LATER}|0|all"],
        1,
    ),
    "cm_busi_record_514": ("cm_busi_record_20261103.txt", COUNTER, COUNTER_ROWS, 2),
    "cm_busi_record_orders": ("cm_busi_record_20261103.txt", COUNTER, COUNTER_ROWS, 1),
    "am_ps_payment": (
        "am_ps_payment_20261103.txt",
        "payment_no|acct_id|phone_no|peer_seq|entry_code|payment_fee|peer_time|payment_time|status|repeat_no|region_code",
        [f"1|甲|13800000001|B1|bank|5000|{T}|{LATER}|booked||all"],
        1,
    ),
    "recharge_notice": (
        "recharge_notice_20261103.txt",
        "notice_id|acct_id|phone_no|payment_no|payment_time|fee|create_time|deal_time|status|retry_times|region_code",
        [f"1|甲|13800000001|1|{T}|5000|{LATER}|{LATER}|handled|0|all"],
        1,
    ),
    "am_balance": (
        "am_balance_002_20261103.txt",
        "change_id|acct_id|phone_no|change_type|change_fee|before_fee|after_fee|notice_id|notice_time|gift_id|cancel_id|exp_date|change_time|region_code",
        [f"1|甲|13800000001|recharge|5000|-1000|4000|1|{T}|||20270203|{LATER}|all"],
        1,
    ),
    "ps_split_his": (
        "ps_split_his_003_202611.txt",
        "split_id|acct_id|phone_no|change_id|change_fee|balance|create_time|send_time|status|repeat_id|region_code",
        [f"1|甲|13800000001|1|5000|4000|{T}|{LATER}|sent||all"],
        1,
    ),
    "owe_alarm_his": (
        "owe_alarm_his_001_20261103.txt",
        "alarm_id|acct_id|phone_no|split_id|recv_time|check_time|balance|credit_fee|rule_id|check_result|old_status|new_status|alarm_time|region_code",
        [f"1|甲|13800000001|1|{T}|{LATER}|4000|0||resume|2|0|{LATER}|all"],
        1,
    ),
    "provision_split": (
        "provision_split_20261103.txt",
        "task_id|order_id|phone_no|ne_type|record_time|split_time|status|region_code",
        [f"1|9|13800000001|hlr|{T}|{LATER}|split|all"],
        1,
    ),
    "i_provision_his": (
        "i_provision_his_20261103.txt",
        "provision_id|task_id|order_id|phone_no|ne_type|order_kind|recv_time|exec_time|result|error_code|retry_times|receipt_time|status_time|region_code",
        [f"1|1|9|13800000001|hlr|resume|{T}|{LATER}|done||0|{LATER}|{LATER}|all"],
        1,
    ),
    "ins_user_os_state": (
        "ins_user_os_state_004_20261103.txt",
        "state_id|phone_no|old_status|new_status|order_id|receipt_time|hlr_status|set_time|region_code",
        [f"1|13800000001|2|0|9|{T}|0|{LATER}|all"],
        1,
    ),
}
"""File name, header, rows, and how many of the rows belong to the feed."""


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue) -> Iterator[Workplace]:
    place = make_workplace(tmp_path_factory.mktemp("tables"), pack)
    yield place
    place.store.close()


@pytest.mark.requirement("S000-060", "S000-062")
@pytest.mark.parametrize("mapping", FILES)
def test_each_table_of_the_source_is_read_by_its_mapping(
    mapping: str, workplace: Workplace, pack: Catalogue, tmp_path: Path
) -> None:
    name, header, rows, wanted = FILES[mapping]
    path = tmp_path / name
    path.write_bytes(("\n".join([header, *rows]) + "\n").encode("gb18030"))
    report = load(workplace, pack.mappings[mapping].feed, [path])[0]
    assert report.mapping == mapping
    assert (report.tally.accepted, report.tally.rejected) == (wanted, 0)
    assert report.tally.filtered == len(rows) - wanted
    assert not report.unknown_codes


def test_the_eight_entries_come_from_five_logs(pack: Catalogue) -> None:
    entries = {entry.code for entry in pack.code_lists["recharge_entries"].entries}
    assert len(entries) == 8
    assert set(pack.dimensions["entry"].values) == entries
    logs = {code: mapping for code, mapping in pack.mappings.items() if mapping.feed == "recharges"}
    assert set(logs) == {
        "epay_charge_record",
        "acc_bank_busi_rec",
        "charge_card_rec",
        "orig_busi_record",
        "cm_busi_record_514",
    }
    reached = set()
    for mapping in logs.values():
        entry = mapping.columns["entry"]
        if entry.codes is not None:
            reached |= {each.to for each in pack.code_lists[entry.codes].entries}
        else:
            reached |= {each for each in entries if each in (entry.const or entry.expr or "")}
    assert reached == entries
