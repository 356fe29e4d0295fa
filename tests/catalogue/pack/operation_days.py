"""Two days of orders, reminders and subscriber counts, made by hand, and SQL written by hand over the same files.

Small enough to count on paper. `BY_HAND` repeats no expression of the catalogue; it reads the files
as they are written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

COUNTS = """
unit,day,counted_at,brand,network,customer_class,subscribers
all,2026-11-02,2026-11-02 23:50:00,gotone,4g,ordinary,4000
all,2026-11-02,2026-11-02 23:50:00,mzone,4g,ordinary,5000
all,2026-11-02,2026-11-02 23:50:00,easyown,3g,ordinary,11000
all,2026-11-03,2026-11-03 23:50:00,gotone,4g,ordinary,4010
all,2026-11-03,2026-11-03 23:50:00,mzone,4g,ordinary,5030
all,2026-11-03,2026-11-03 23:50:00,easyown,3g,ordinary,11060
"""

_D, _E = "2026-11-02 ", "2026-11-03 "
ORDERS = f"""
order_id,accepted_at,unit,process,variant,channel,product,split_at,provisioned_at,usable_at,completed_at,result,error_cause,handling_s,due_at,confirmed_at,notified_at,repeat_of
O01,{_D}09:00:00,all,service_order,order,hall,family_network,{_D}09:01:00,{_D}09:03:00,{_D}09:04:00,{_D}09:04:00,done,,200,{_D}10:00:00,{_D}09:00:30,{_D}09:04:20,
O02,{_D}09:10:00,all,service_order,order,app,family_network,{_D}09:11:00,,,{_D}09:20:00,failed,provisioning,90,{_D}10:10:00,{_D}09:10:20,,
O03,{_D}09:30:00,all,service_order,order,app,family_network,{_D}09:31:00,{_D}09:40:00,{_D}09:41:00,{_D}09:41:00,done,,80,{_D}10:30:00,{_D}09:30:20,{_D}09:41:30,O02
O04,{_D}09:40:00,all,service_order,order,account_manager,virtual_network,{_D}09:50:00,{_D}10:20:00,{_D}10:30:00,{_D}10:30:00,done,,600,{_D}10:20:00,,{_D}10:35:00,
O05,{_D}10:00:00,all,service_order,order,account_manager,virtual_network,{_D}10:10:00,{_D}11:30:00,{_D}11:45:00,{_D}11:45:00,done,,900,{_D}12:00:00,{_D}10:01:00,{_D}11:46:00,
O06,{_D}10:30:00,all,service_order,order,web_hall,wlan,{_D}10:31:00,{_D}10:32:00,,{_D}10:33:00,done,,60,{_D}11:30:00,{_D}10:30:10,{_D}10:33:30,
O07,{_D}11:00:00,all,service_order,order,web_hall,wlan,{_D}11:02:00,{_D}11:20:00,{_D}12:00:00,{_D}12:00:00,done,,70,{_D}11:30:00,{_D}11:00:10,,
O08,{_D}11:10:00,all,plan_order,change,hall,,{_D}11:11:00,{_D}11:12:00,{_D}11:13:00,{_D}11:13:00,done,,300,{_D}12:10:00,{_D}11:10:30,{_D}11:13:10,
O09,{_D}11:20:00,all,plan_order,change,app,,,,,{_D}11:20:05,failed,rule,20,{_D}12:20:00,,{_D}11:20:10,
O10,{_D}11:25:00,all,plan_order,order,hall,,,,,{_D}11:40:00,failed,staff,700,{_D}12:20:00,,,
O11,{_D}11:45:00,all,plan_order,cancel,hall,,{_D}11:46:00,{_D}11:47:00,{_D}11:48:00,{_D}11:48:00,done,,240,{_D}12:40:00,{_D}11:45:30,{_D}11:48:59,
O12,{_D}12:00:00,all,sp_service_order,order,sms_hall,,{_D}12:00:10,{_D}12:00:20,{_D}12:00:30,{_D}12:00:30,done,,10,{_D}12:30:00,,{_D}12:00:40,
O13,{_D}12:05:00,all,sp_service_order,cancel,sms_hall,,,,,{_D}12:06:00,failed,partner,10,{_D}12:30:00,,,
O14,{_D}12:10:00,all,promotion_order,order,app,,,,,,cancelled,,40,{_D}13:10:00,,,
O15,{_D}12:30:00,all,mobile_payment_order,order,app,mobile_payment,{_D}12:31:00,,,,pending,,50,{_D}12:45:00,,,
O16,{_E}09:00:00,all,sim_replacement,order,hall,,,,{_E}09:08:00,{_E}09:07:00,done,,420,{_E}09:30:00,,,
O17,{_E}09:05:00,all,sim_replacement,order,hall,,,,{_E}10:05:00,{_E}09:40:00,done,,510,{_E}09:30:00,,,
O18,{_E}09:20:00,all,requested_resume,order,hotline_agent,,,,,{_E}09:30:00,done,,100,{_E}09:50:00,,,
O19,{_E}09:50:00,all,requested_resume,order,hotline_agent,,,,,{_E}10:40:00,done,,110,{_E}10:20:00,,,
O20,{_E}10:00:00,all,postpaid_activation,order,hall,,,,{_E}10:20:00,{_E}10:20:00,done,,900,{_E}11:00:00,,,
O21,{_E}10:10:00,all,postpaid_activation,order,hall,,,,,{_E}10:30:00,failed,data,800,{_E}11:10:00,,,
O22,{_E}10:40:00,all,number_selection,order,web_hall,,,,,,cancelled,,,,,,
"""

REMINDERS = f"""
reminder_id,triggered_at,unit,process,channel,customer_id,due_at,generated_at,sent_at,delivered_at,send_state,event_at,content_ok,duplicate_of,threshold_pct,used_pct
R01,{_D}08:00:00,all,data_threshold_reminder,sms_push,c1,{_D}08:05:00,{_D}08:00:05,{_D}08:00:20,{_D}08:00:30,delivered,{_D}18:00:00,true,,80,81
R02,{_D}08:10:00,all,data_threshold_reminder,sms_push,c2,{_D}08:15:00,{_D}08:10:10,{_D}08:13:00,{_D}08:20:00,delivered,{_D}08:18:00,false,,80,92
R03,{_D}08:20:00,all,data_threshold_reminder,sms_push,c3,{_D}08:25:00,{_D}08:20:10,{_D}08:40:00,{_D}08:41:00,delivered,{_D}20:00:00,,,100,100
R04,{_D}08:30:00,all,data_threshold_reminder,sms_push,c1,{_D}08:35:00,{_D}08:30:05,{_D}08:30:30,{_D}08:30:40,delivered,{_D}18:00:00,true,R01,80,83
R05,{_D}09:00:00,all,low_balance_reminder,sms_push,c4,{_D}09:10:00,{_D}09:00:30,{_D}09:02:00,{_D}09:02:10,delivered,{_E}09:02:10,true,,,
R06,{_D}09:05:00,all,low_balance_reminder,sms_push,c5,{_D}09:15:00,,,,not_sent,{_D}12:00:00,,,,
R07,{_D}09:10:00,all,low_balance_reminder,sms_push,c5,{_D}09:20:00,{_D}09:10:30,{_D}09:11:00,,failed,{_D}12:00:00,,,,
R08,{_D}09:20:00,all,low_balance_reminder,sms_push,c6,{_D}09:30:00,{_D}09:20:10,{_D}09:21:00,,sent,{_D}13:00:00,,,,
R09,{_D}11:13:00,all,order_reminder,sms_push,c7,{_D}11:14:00,{_D}11:13:02,{_D}11:13:10,{_D}11:13:20,delivered,,true,,,
R10,{_D}11:48:00,all,order_reminder,sms_push,c8,{_D}11:49:00,{_D}11:48:02,{_D}11:48:59,{_D}11:50:00,delivered,,false,,,
R11,{_E}08:00:00,all,service_validity_reminder,sms_push,c9,{_E}12:00:00,{_E}08:01:00,{_E}09:00:00,{_E}09:01:00,delivered,2026-11-10 00:00:00,,,,
R12,{_E}08:00:00,all,service_validity_reminder,sms_push,c10,{_E}12:00:00,{_E}08:01:00,{_E}09:00:00,{_E}09:01:00,delivered,2026-11-04 00:00:00,,,,
"""

FILES = {
    "subscriber_counts": ("subscriber_counts_20261103.csv", COUNTS),
    "business_orders": ("business_orders_20261103.csv", ORDERS),
    "reminders": ("reminders_20261103.csv", REMINDERS),
}


def _share(table: str, top: str, bottom: str, times: int = 100) -> str:
    return f"select {times}.0 * count(*) filter (where {top}) / count(*) filter (where {bottom}) from {table}"


_PRODUCT = "process in ('plan_order', 'service_order', 'sp_service_order', 'promotion_order', 'mobile_payment_order')"
_ENDED = "result in ('done', 'failed')"
BY_HAND: Mapping[str, str] = {
    "customers.subscribers": "select sum(subscribers) / count(distinct day) from subscriber_counts",
    "process.orders": "select count(*) from business_orders",
    "support.order_success": _share("business_orders", "result = 'done'", _ENDED),
    "support.order_in_time": _share(
        "business_orders",
        "completed_at <= due_at and result <> 'cancelled'",
        "due_at > accepted_at and result <> 'cancelled'",
    ),
    "process.handling_time": "select avg(handling_s) from business_orders",
    "process.rule_refusals": _share("business_orders", "error_cause = 'rule'", "true"),
    "process.requested_resume_30min": _share(
        "business_orders",
        "process = 'requested_resume' and epoch(completed_at) - epoch(accepted_at) <= 1800",
        "process = 'requested_resume'",
    ),
    "order.first_time": _share(
        "business_orders",
        f"{_PRODUCT} and repeat_of is null and result = 'done'",
        f"{_PRODUCT} and repeat_of is null and {_ENDED}",
    ),
    "order.not_usable": _share(
        "business_orders", f"{_PRODUCT} and result = 'done' and usable_at is null", f"{_PRODUCT} and result = 'done'"
    ),
    "order.errors_per_10k": _share(
        "business_orders", f"{_PRODUCT} and error_cause in ('staff', 'data', 'provisioning')", _PRODUCT, 10_000
    ),
    "order.confirmed_and_told": _share(
        "business_orders",
        f"{_PRODUCT} and result = 'done' and confirmed_at > accepted_at and notified_at > accepted_at",
        f"{_PRODUCT} and result = 'done'",
    ),
    "order.family_network_success": _share(
        "business_orders", "product = 'family_network' and result = 'done'", f"product = 'family_network' and {_ENDED}"
    ),
    "order.virtual_network_1h": _share(
        "business_orders",
        "product = 'virtual_network' and usable_at - accepted_at <= interval 1 hour",
        "product = 'virtual_network' and usable_at is not null",
    ),
    "order.wlan_unusable_hours": "select avg(epoch(usable_at) - epoch(accepted_at)) / 3600 from business_orders "
    "where product = 'wlan'",
    "remind.triggered": "select count(*) from reminders",
    "remind.reached_in_time": _share("reminders", "sent_at <= due_at and delivered_at is not null", "true"),
    "remind.sent_rate": _share("reminders", "sent_at is not null", "true"),
    "remind.delivery_rate": _share("reminders", "delivered_at is not null", "sent_at is not null"),
    "remind.sent_late": _share("reminders", "sent_at > due_at", "sent_at is not null"),
    "remind.after_event": _share(
        "reminders", "delivered_at >= event_at", "delivered_at is not null and event_at is not null"
    ),
    "remind.content_correct": _share("reminders", "content_ok", "content_ok is not null"),
    "remind.duplicates_per_10k": _share("reminders", "duplicate_of is not null", "sent_at is not null", 10_000),
    "remind.data_threshold_5min": _share(
        "(select * from reminders where process = 'data_threshold_reminder')",
        "delivered_at - triggered_at <= interval 5 minute",
        "delivered_at is not null",
    ),
    "remind.transit_mean_s": "select avg(epoch(delivered_at) - epoch(sent_at)) from reminders",
    "remind.per_customer": "select count(*) / count(distinct customer_id) from reminders where sent_at is not null",
    "remind.unwarned_customers": "select count(distinct customer_id) from reminders "
    "where process = 'low_balance_reminder' and delivered_at is null",
}
"""Value of each indicator, written without its definition's expressions."""


def write_files(folder: Path, expected: Mapping[str, Iterable[str]]) -> dict[str, Path]:
    """The files as a source delivers them: every expected column, blank where a row has none."""
    written = {}
    for feed, (name, text) in FILES.items():
        head, *rows = text.strip().splitlines()
        given = head.split(",")
        missing = [column for column in expected[feed] if column not in given]
        lines = [",".join([*given, *missing]), *(row + "," * len(missing) for row in rows)]
        written[feed] = folder / name
        written[feed].write_text("\n".join(lines) + "\n", encoding="utf-8")
    return written


def hand_tables(files: Mapping[str, Path]) -> duckdb.DuckDBPyConnection:
    """The same files as plain tables."""
    connection = duckdb.connect()
    for feed, path in files.items():
        connection.execute(f"create table {feed} as select * from read_csv('{path}', header = true, sample_size = -1)")
    return connection
