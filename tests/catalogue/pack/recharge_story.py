"""Rows of one morning written by hand, from recharge to resume: every feed of the reference instance.

Names of columns, a line of dashes, then the rows. Cells are separated by blanks; `.` is unknown, `t` and
`f` are true and false, times are seconds after nine o'clock. Nothing here is computed from anything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ganzhi.catalogue.model.data import Feed

NINE = datetime(2026, 11, 3, 1, tzinfo=UTC)
"""Nine o'clock in Shanghai."""

STORY: Mapping[str, str] = {
    "recharge_chains": """
chain_id entry amount_fen attempts was_suspended resume_due paid_at booked_at notice_at balance_at funds_sent_at
checked_at alarm_at order_at split_at executed_at receipt_at state_at sms_at resumed credited notified credited_fen
bookings balance_fen told_fen invoice_asked invoice_fen wrong_number called_within_24h complained_within_7d stuck_at
ambiguous
--
c01 bank              5000 1 t t 0 2 4 20 25 30 35 40 45 60 65 70 90           t t t 5000  1 4000 4000 f .    f f f . f
c02 bank             10000 1 t t 0 2 5 40 50 60 65 70 80 100 110 120 200       t t t 10000 1 9000 9000 f .    f f f . f
c03 access_505        3000 2 t t 0 9 12 60 65 70 80 95 99 400 420 450 500      t t t 3000  1 2000 1000 f .    f t f . f
c04 access_13800138000 5000 3 f f 0 3 5 30 35 40 . . . . . . 360               f t t 5000  1 7000 7000 . .    f f f . f
c05 kiosk             2000 1 f f 0 1 2 15 18 20 . . . . . . 60                 f t t 2000  1 3000 3000 t 2000 f f f . f
c06 kiosk             5000 1 t t 0 1 3 12 18 25 30 35 40 50 55 58 80           t t t 5000  1 4500 4500 t 5000 f f f . f
c07 partner_cash      5000 1 t t 0 20 25 280 290 300 310 320 330 900 950 1000 400 t t t 5000 1 100 100  f .    f f f . f
c08 partner_cash      3000 1 t t 0 30 40 301 310 320 330 340 350 1700 1750 1801 700 t t t 3000 1 100 100 f .   f t f . f
c09 cboss_remote      5000 1 t t 0 60 80 120 150 . . . . . . . .               f t f 5000  1 900 .    f .    f t t credit_check f
c10 cboss_remote     10000 2 t t 0 5 8 20 30 40 . . . . . . 300                f t t 10000 1 8000 8000 f .    f t f issue_alarm f
c11 hall_cash         5000 1 t t 0 2 4 10 15 20 25 . . . . . 100               f t t 5000  1 4000 4000 t 5000 f f f record_order f
c12 hall_cash        20000 1 f f 0 2 4 10 15 20 . . . . . . 50                 f t t 20000 1 26000 26000 t 2000 f f f . f
c13 hall_cash         5000 1 f f 0 2 3 9 12 15 . . . . . . 40                  f t t 10000 2 14000 14000 t . f t t . f
c14 payment_card      5000 1 t t 0 4 6 14 20 25 30 35 . . . . .                f t f 5000  1 4000 .    f .    f f f split_order f
c15 payment_card      3000 4 t t 0 4 6 15 20 25 30 35 40 . . . 90              f t t 3000  1 2000 2000 f .    f t f execute_order f
c16 bank              5000 1 t t 0 2 4 10 14 18 22 28 33 45 . . 99             f t t 5000  1 4000 4000 f .    f f f return_receipt f
c17 bank              5000 1 t t 0 2 4 10 14 18 22 28 33 45 50 . 99            f t t 5000  1 4000 4000 f .    f f f set_state f
c18 bank              1000 1 f f 0 . . . . . . . . . . . .                     f f f .     0 . .       f .    f t t book f
c19 access_505        3000 . f f 0 6 . . . . . . . . . . .                     f f f .     1 . .       f .    f f f create_notice f
c20 access_505        3000 1 f f 0 6 9 . . . . . . . . . .                     f f f .     1 . .       f .    f f f update_balance f
c21 bank              5000 1 f f 0 2 4 11 . . . . . . . . 30                   f t t 5000  1 6000 6000 f .    t f t send_funds_change f
c22 bank              5000 1 t f 0 2 4 12 16 20 . . . . . . 45                 f t t 4900  1 -900 -900 f .    f f f . t
c23 kiosk             5000 1 f f 0 1 2 8 12 16 . . . . . . .                   f t f 5000  1 6000 .    f .    f f f notify f
c24 bank              5000 1 t t 0 2 4 10 14 18 22 28 33 45 48 52 75           t t t 5000  1 4000 4000 f .    f f f . f
""",
    "recharges": """
payment_id paid_at channel entry amount_fen result failure_cause finished_at number_confirmed data_masked
invoice_asked invoice_printed invoice_fen
--
p01 0   bank         bank               5000 done    .            2    t t f f .
p02 1   bank         bank               5000 failed  timeout      31   t t f f .
p03 2   recharge_card access_505        3000 failed  card_refused 5    . t f f .
p04 3   recharge_card access_505        3000 done    .            7    f t f f .
p05 10  hall         hall_cash          5000 done    .            15   t f t t 5000
p06 20  hall         hall_cash         20000 done    .            26   t t t f .
p07 30  kiosk        kiosk              2000 done    .            33   f t t t 2000
p08 40  payment_card payment_card       3000 pending .            .    t . f f .
p09 50  cash         partner_cash       4000 done    .            58   t t . . .
p10 60  remote       cboss_remote       9000 failed  system_error 120  t t t f .
p11 3700 bank        bank               7000 done    .            3701 t t f f .
""",
    "payments": """
payment_no booked_at entry amount_fen paid_at state duplicate_of
--
b01 2   bank         5000 0  booked   .
b02 13  access_505   3000 3  booked   .
b03 14  hall_cash    5000 10 booked   .
b04 15  hall_cash    5000 10 booked   b03
b05 31  hall_cash   20000 20 booked   .
b06 35  kiosk        2055 30 suspense .
b07 90  partner_cash 4000 50 suspense .
b08 95  .            1000 .  reversed .
""",
    "recharge_notices": """
notice_id created_at booked_at state retries
--
n01 4  2  handled 0
n02 20 13 handled 2
n03 60 14 failed  5
n04 33 31 waiting .
""",
    "balance_changes": """
change_id changed_at kind amount_fen before_fen after_fen noticed_at
--
a01 20  recharge      5000 -1000  4000 4
a02 79  recharge      3000     0  3000 20
a03 81  recharge      5000  2000  7100 20
a04 95  recharge     20000  6000 26000 33
a05 100 gift_given   -5000 26000 21000 .
a06 101 gift_received 4000     0  4000 .
a07 102 gift_given   -1000  4000  3000 .
a08 103 fee           -500     .     . .
""",
    "fund_changes": """
split_id created_at sent_at state repeat_of
--
f01 20 25 sent .
f02 79 90 sent .
f03 81 .  invalid .
f04 82 .  invalid f03
f05 95 215 sent f02
f06 96 .  waiting .
""",
    "credit_alarms": """
alarm_id checked_at received_at balance_fen credit_limit_fen check_result old_state new_state issued_at
--
k01 30  26  4000    0 resume    arrears        normal         35
k02 100 91  3000    0 resume    half_suspended normal         131
k03 110 92  -100  200 no_change arrears        arrears        .
k04 120 93  -900    0 no_change arrears        arrears        .
k05 130 94  -500    0 suspend   normal         arrears        150
k06 140 96  8000    0 no_change arrears_and_requested requested .
k07 400 97    10    0 resume    arrears        normal         .
""",
    "suspend_resume_orders": """
order_id recorded_at kind issued_at state
--
o01 40  resume  35  done
o02 190 resume  131 failed
o03 160 suspend 150 done
o04 170 resume  160 recorded
o05 180 resume  175 done
""",
    "provisioning_splits": """
task_id split_at order_id recorded_at network_element state
--
t01 45  o01 40  hlr split
t02 46  o01 40  in  split
t03 220 o02 190 hlr failed
t04 165 o03 160 hlr split
""",
    "provisioning_orders": """
provision_id started_at order_id network_element kind executed_at result error_cause retries receipt_at
--
v01 47  o01 hlr resume  60  done    .            0 65
v02 47  o01 in  resume  350 done    .            3 500
v03 200 o05 hlr resume  .   timeout element_down 5 .
v04 167 o03 hlr suspend 171 done    .            0 180
v05 210 o06 hlr resume  .   pending .            . .
""",
    "user_states": """
state_id set_at old_state new_state receipt_at element_state
--
s01 70  arrears        normal  65  normal
s02 560 half_suspended normal  500 half_suspended
s03 185 normal         arrears 180 arrears
s04 190 arrears_and_requested requested 188 .
s05 200 requested      normal  199 normal
""",
    "sms_submissions": """
sms_id submitted_at process kind trigger_at result
--
m01 21  recharge            recharge_notice 20  accepted
m02 300 recharge            recharge_notice 79  accepted
m03 71  payment_resume      resume_notice   70  accepted
m04 600 payment_resume      resume_notice   560 rejected
m05 10  low_balance_reminder low_balance    1   accepted
""",
    "sms_receipts": """
sms_id submitted_at process kind trigger_at delivered_at result
--
m01 21  recharge            recharge_notice 20  25  delivered
m02 300 recharge            recharge_notice 79  .   expired
m03 71  payment_resume      resume_notice   70  90  delivered
m05 10  low_balance_reminder low_balance    1   12  delivered
""",
    "survey_answers": """
answer_id response_id survey question touchpoint attribute score answered_at mode
--
q1 r1 nov billing_resume_speed payment_resume.resume speed        9 100 sms
q2 r2 nov billing_resume_speed payment_resume.resume speed        8 101 sms
q3 r3 nov billing_resume_speed payment_resume.resume speed        5 102 sms
q4 r1 nov billing_invoice      recharge.invoice      accuracy     3 103 sms
q5 r1 nov billing_invoice      payment_resume.resume availability 2 104 sms
""",
}


def rows_of(feed: Feed, text: str) -> list[dict[str, object]]:
    """The rows of a table above, typed as the feed declares."""
    head, _, body = text.partition("\n--\n")
    found = []
    for line in body.splitlines():
        cells = dict(zip(head.split(), line.split(), strict=True))
        found.append({"unit": "all", **{name: _value(feed.columns[name].type, cell) for name, cell in cells.items()}})
    return found


def _value(kind: str, cell: str) -> object:
    if cell == ".":
        return None
    if kind == "timestamp":
        return NINE + timedelta(seconds=int(cell))
    if kind == "bool":
        return {"t": True, "f": False}[cell]
    return int(cell) if kind == "int" else cell
