"""Two days of two halls, made by hand, and SQL written by hand over the same rows.

The rows are small enough to count on paper: tickets, transactions of every channel, devices and
labour. `BY_HAND` repeats no expression of the catalogue; it reads the files as they are written here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from ganzhi.catalogue.model.data import Unit
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.whole import Catalogue

TICKETS = """
ticket_id,unit,business_group,priority,counter,staff,issued_at,called_at,served_at,finished_at,abandoned,completed
T01,H1,payment,0,C1,S1,2026-11-02 09:00:00,2026-11-02 09:04:00,2026-11-02 09:05:00,2026-11-02 09:08:00,false,true
T02,H1,order,0,C2,S2,2026-11-02 09:01:00,2026-11-02 09:12:00,2026-11-02 09:15:00,2026-11-02 09:25:00,false,true
T03,H1,payment,1,C1,S1,2026-11-02 09:02:00,2026-11-02 09:05:30,2026-11-02 09:06:00,2026-11-02 09:09:00,false,true
T04,H1,card,0,C2,S2,2026-11-02 09:10:00,2026-11-02 09:42:00,2026-11-02 09:43:00,2026-11-02 09:58:00,false,false
T05,H1,enquiry,0,,,2026-11-02 09:12:00,2026-11-02 09:45:00,,,true,
T06,H1,payment,0,,,2026-11-02 09:15:00,,,,true,
T07,H1,vip,2,C1,S1,2026-11-02 10:00:00,2026-11-02 10:02:00,2026-11-02 10:02:30,2026-11-02 10:10:00,false,true
T08,H1,bill,0,C1,S1,2026-11-03 09:00:00,2026-11-03 09:10:00,2026-11-03 09:11:00,2026-11-03 09:13:00,false,true
T09,H2,payment,0,C1,S3,2026-11-02 14:00:00,2026-11-02 14:20:00,2026-11-02 14:21:00,2026-11-02 14:24:00,false,true
T10,H2,order,0,C1,S3,2026-11-02 14:05:00,2026-11-02 14:25:00,2026-11-02 14:30:00,2026-11-02 14:45:00,false,true
T11,H2,order,0,C1,S3,2026-11-03 15:00:00,2026-11-03 15:01:00,2026-11-03 15:02:00,2026-11-03 15:20:00,false,true
T12,H2,complaint,0,,,2026-11-03 15:05:00,,,,true,
"""

TRANSACTIONS = """
transaction_id,unit,done_at,channel,process,is_payment,self_service,in_hall,amount_fen,result,failure,hall_norm_s
X01,H1,2026-11-02 09:06:00,hall,recharge,true,false,true,10000,done,,90
X02,H1,2026-11-02 09:07:00,hall,recharge,true,false,true,5000,done,,90
X03,H1,2026-11-02 09:24:00,hall,plan_order,false,false,true,,done,,420
X04,H1,2026-11-02 09:55:00,hall,sim_replacement,false,false,true,,failed,system,600
X05,H1,2026-11-02 10:08:00,hall,plan_order,false,false,true,,done,,420
X06,H1,2026-11-02 09:30:00,kiosk,recharge,true,true,true,5000,done,,90
X07,H1,2026-11-02 09:33:00,kiosk,recharge,true,true,true,3000,done,,90
X08,H1,2026-11-02 09:35:00,kiosk,recharge,true,true,true,3000,unclear,,90
X09,H1,2026-11-02 09:40:00,kiosk,invoice_printing,false,true,true,,done,,120
X10,H1,2026-11-02 11:00:00,web_hall,plan_order,false,true,true,,done,,420
X11,H1,2026-11-03 09:12:00,hall,invoice_printing,false,false,true,,done,,120
X12,H1,2026-11-03 11:00:00,app,balance_enquiry,false,true,false,,done,,60
X13,H1,2026-11-03 11:05:00,app,recharge,true,true,false,20000,done,,90
X14,H1,2026-11-03 11:10:00,app,plan_order,false,true,false,,failed,rule,420
X15,H1,2026-11-03 12:00:00,sms_hall,balance_enquiry,false,true,false,,done,,60
X16,H2,2026-11-02 14:22:00,hall,recharge,true,false,true,8000,done,,90
X17,H2,2026-11-02 14:44:00,hall,service_order,false,false,true,,done,,300
X18,H2,2026-11-03 15:19:00,hall,plan_order,false,false,true,,done,,420
X19,H2,2026-11-02 13:00:00,partner_shop,recharge,true,false,false,5000,done,,90
X20,H2,2026-11-02 13:10:00,partner_shop,recharge,true,false,false,5000,done,,90
X21,H2,2026-11-02 13:20:00,partner_shop,prepaid_activation_realtime,false,false,false,,done,,600
X22,H2,2026-11-02 20:00:00,bank,recharge,true,true,false,10000,done,,90
X23,H2,2026-11-03 20:00:00,payment_platform,recharge,true,true,false,10000,done,,90
X24,H2,2026-11-03 20:10:00,payment_platform,recharge,true,true,false,10000,failed,payment,90
X25,H2,2026-11-03 21:00:00,web_hall,recharge,true,true,false,10000,done,,90
X26,H2,2026-11-03 21:05:00,web_hall,service_order,false,true,false,,cancelled,,300
X27,H2,2026-11-03 21:30:00,ivr,balance_enquiry,false,true,false,,done,,60
X28,H2,2026-11-03 21:40:00,hotline_agent,service_order,false,false,false,,done,,300
X29,H2,2026-11-03 22:00:00,app,service_order,false,true,false,,done,,
X30,H2,2026-11-03 23:00:00,system,monthly_fee_charging,true,true,false,100,done,,
"""

DEVICES = """
position,unit,device_type,day,counted_at,planned,configured,in_service,used,transactions,open_minutes,busy_minutes,fault_minutes
P1,H1,payment_kiosk,2026-11-02,2026-11-02 23:00:00,true,true,true,true,40,600,180,0
P1,H1,payment_kiosk,2026-11-03,2026-11-03 23:00:00,true,true,true,true,30,600,120,60
P2,H1,bill_printer,2026-11-02,2026-11-02 23:00:00,true,true,true,false,0,600,0,0
P2,H1,bill_printer,2026-11-03,2026-11-03 23:00:00,true,true,true,true,5,600,30,0
P3,H1,online_terminal,2026-11-02,2026-11-02 23:00:00,true,true,false,false,0,600,,600
P3,H1,online_terminal,2026-11-03,2026-11-03 23:00:00,true,true,true,true,8,600,90,120
P4,H2,payment_kiosk,2026-11-02,2026-11-02 23:00:00,true,false,false,false,,0,,
P4,H2,payment_kiosk,2026-11-03,2026-11-03 23:00:00,true,true,true,true,12,480,60,0
P5,H2,online_terminal,2026-11-02,2026-11-02 23:00:00,true,true,true,false,0,480,0,0
P5,H2,online_terminal,2026-11-03,2026-11-03 23:00:00,true,true,true,true,3,480,20,0
P6,H2,bill_printer,2026-11-02,2026-11-02 23:00:00,true,false,false,false,,0,,
P6,H2,bill_printer,2026-11-03,2026-11-03 23:00:00,true,false,false,false,,0,,
P7,H2,service_kiosk,2026-11-03,2026-11-03 23:00:00,false,true,true,true,6,480,45,0
"""

STAFF = """
unit,staff,day,counted_at,role,worked_minutes,manager
H1,S1,2026-11-02,2026-11-02 23:00:00,clerk,480,false
H1,S2,2026-11-02,2026-11-02 23:00:00,clerk,420,false
H1,M1,2026-11-02,2026-11-02 23:00:00,hall_manager,480,true
H1,S1,2026-11-03,2026-11-03 23:00:00,clerk,450,false
H1,S2,2026-11-03,2026-11-03 23:00:00,clerk,0,false
H2,S3,2026-11-02,2026-11-02 23:00:00,clerk,480,false
H2,S3,2026-11-03,2026-11-03 23:00:00,clerk,480,false
H2,M2,2026-11-03,2026-11-03 23:00:00,hall_manager,240,true
"""

FILES = {
    "queue_tickets": TICKETS,
    "channel_transactions": TRANSACTIONS,
    "device_days": DEVICES,
    "staff_days": STAFF,
}
ELECTRONIC = "channel in ('web_hall', 'app', 'sms_hall', 'ivr', 'kiosk')"
PARTNER = "channel in ('partner_shop', 'bank', 'payment_platform')"
DESK = "channel = 'hall'"
DEVICE = "in_hall and channel <> 'hall'"


def share(table: str, part: str, whole: str, scale: float = 100) -> str:
    """SQL of the rows of a part over those of a whole."""
    return f"select {scale} * count(*) filter (where {part}) / count(*) filter (where {whole}) from {table}"


def done(part: str, whole: str, scale: float = 100) -> str:
    """`share` over the customers' transactions that succeeded."""
    return share(
        "(select * from channel_transactions where result = 'done' and channel <> 'system')", part, whole, scale
    )


def number(where: str) -> str:
    """SQL that counts the customers' transactions that succeeded."""
    return f"select count(*) from channel_transactions where result = 'done' and channel <> 'system' and {where}"


def per_day(where: str, staff: str) -> str:
    """SQL of transactions of halls over person-days."""
    return f"select ({number(where)}) / (select count(*)::double from staff_days where worked_minutes > 0 and {staff})"


def used(kind: str) -> str:
    """SQL of required places with a device that was used."""
    return share(f"(select * from device_days where device_type = '{kind}')", "used and planned", "planned")


DIMENSIONS: dict[int, str] = {
    1: number("true"),
    2: done(ELECTRONIC, f"{ELECTRONIC} or {DESK}"),
    3: number(ELECTRONIC),
    4: done("is_payment", "true"),
    5: number("is_payment"),
    6: done(f"is_payment and {PARTNER}", f"is_payment and ({PARTNER} or {DESK})"),
    7: done(f"is_payment and {ELECTRONIC}", f"is_payment and ({ELECTRONIC} or {DESK})"),
    8: number(f"is_payment and {ELECTRONIC}"),
    9: share("queue_tickets", "business_group = 'payment'", "true"),
    10: done(f"is_payment and {DESK}", DESK),
    11: done(f"is_payment and {DEVICE}", "is_payment and in_hall"),
    12: done(f"not is_payment and {DEVICE}", "not is_payment and in_hall"),
    13: done(DEVICE, DESK, 1),
    14: "select count(*) from queue_tickets",
    15: "select 100.0 * sum(busy_minutes) / sum(open_minutes - fault_minutes) from device_days where in_service",
    16: used("online_terminal"),
    17: used("bill_printer"),
    18: used("payment_kiosk"),
    19: per_day("in_hall", "true"),
    20: per_day(DESK, "true"),
    21: per_day(DESK, "not manager"),
}
"""Value of each of the 21 dimensions, all halls together."""

_SERVED = "(select *, epoch(called_at) - epoch(issued_at) as waited from queue_tickets where not abandoned)"
OTHERS: dict[str, str] = {
    "halls.wait.mean_s": f"select avg(waited) from {_SERVED}",
    "halls.wait.within_10min": share(_SERVED, "waited <= 600", "true"),
    "halls.wait.over_30min_rate": share(_SERVED, "waited > 1800", "true"),
    "halls.wait.max_s": f"select max(waited) from {_SERVED}",
    "halls.wait.priority_within_5min": share(_SERVED, "waited <= 300 and priority > 0", "priority > 0"),
    "halls.abandon_rate": share("queue_tickets", "abandoned", "true"),
    "halls.abandon_called_rate": share("queue_tickets", "abandoned and called_at is not null", "abandoned"),
    "halls.consult.mean_s": "select avg(epoch(served_at) - epoch(called_at)) from queue_tickets where not abandoned",
    "halls.handling.mean_s": "select avg(epoch(finished_at) - epoch(served_at)) from queue_tickets where not abandoned",
    "halls.payment.manual_share_of_hall": done(f"is_payment and {DESK}", "is_payment and in_hall"),
    "halls.payment.manual_share_of_all": done(f"is_payment and {DESK}", "is_payment"),
    "halls.device.availability": "select 100.0 * sum(open_minutes - fault_minutes) / sum(open_minutes) "
    "from device_days where configured",
    "halls.device.configured.payment_kiosk": share(
        "(select * from device_days where device_type = 'payment_kiosk')", "planned and configured", "planned"
    ),
    "halls.device.utilisation.bill_printer": share(
        "(select * from device_days where device_type = 'bill_printer')", "used", "in_service"
    ),
    "halls.productivity_1": f"select 60.0 * ({number(DESK)}) / (select sum(worked_minutes) from staff_days "
    "where not manager)",
    "halls.productivity_2": f"select 60.0 * ({number(DESK)}) / (select sum(worked_minutes) from staff_days)",
    "channels.contribution.electronic.all": done(ELECTRONIC, "true"),
    "channels.contribution.electronic.business": done(f"not is_payment and {ELECTRONIC}", "not is_payment"),
    "channels.contribution.electronic.payment": done(f"is_payment and {ELECTRONIC}", "is_payment"),
    "channels.contribution.partner.all": done(PARTNER, "true"),
    "channels.contribution.partner.business": done(f"not is_payment and {PARTNER}", "not is_payment"),
    "channels.contribution.partner.payment": done(f"is_payment and {PARTNER}", "is_payment"),
    "channels.transaction.success_rate": share(
        "channel_transactions", f"result = 'done' and {ELECTRONIC}", f"result <> 'cancelled' and {ELECTRONIC}"
    ),
    "channels.payment.unclear_rate": share(
        "channel_transactions", f"result = 'unclear' and {ELECTRONIC}", f"is_payment and {ELECTRONIC}", 10_000
    ),
    "channels.diversion.desk_hours": "select sum(hall_norm_s) from channel_transactions "
    f"where result = 'done' and {ELECTRONIC}",
    "channels.diversion.workload_share": f"select 100.0 * sum(hall_norm_s) filter (where {ELECTRONIC}) "
    f"/ sum(hall_norm_s) filter (where {ELECTRONIC} or {DESK}) from channel_transactions where result = 'done'",
}
"""Further indicators, by code."""


def two_halls(pack: Catalogue) -> Catalogue:
    """The pack with an organisation of two halls, and the indicators that stand on the rows made here."""
    name = Text(zh="厅", en="hall")
    places = {
        "all": Unit(name=name, level="province"),
        "H1": Unit(name=name, level="hall", parent="all"),
        "H2": Unit(name=name, level="hall", parent="all"),
    }
    measured = {c: i for c, i in pack.indicators.items() if i.feed in FILES or c.startswith("queue21.")}
    return replace(pack, units=places, indicators=measured, topics={})


def write_files(folder: Path, columns: dict[str, Sequence[str]]) -> dict[str, Path]:
    """One file per feed, with the feed's further columns left blank."""
    written = {}
    for feed, text in FILES.items():
        header, *lines = text.strip().splitlines()
        more = [name for name in columns[feed] if name not in header.split(",")]
        full = [",".join([header, *more]), *(line + "," * len(more) for line in lines)]
        written[feed] = folder / f"{feed}_20261103.csv"
        written[feed].write_text("\n".join(full) + "\n", encoding="utf-8")
    return written


def hand_tables(files: dict[str, Path]) -> duckdb.DuckDBPyConnection:
    """The files as tables of a plain database."""
    connection = duckdb.connect()
    for feed, file in files.items():
        connection.execute(f"create table {feed} as select * from read_csv('{file}', header = true, sample_size = -1)")
    return connection
