"""Bills, orders, enquiries, reminders, and the systems and preparations behind them.

`BLOCK_PHASES` run for each block of customers, in this order (reminders tell of the orders before them);
`PROVINCE_PHASES` run once a day, the systems after all phases that leave deals.
"""

from __future__ import annotations

from typing import Final

from ganzhi.province.scene import Phase
from ganzhi.province.service.accounts import move_money, move_points, print_invoices
from ganzhi.province.service.bills import count_plan_months, issue_bills
from ganzhi.province.service.enquiries import take_enquiries
from ganzhi.province.service.orders import take_orders
from ganzhi.province.service.preparation import activate_numbers, inspect, make_resources, run_batches, take_requests
from ganzhi.province.service.reminders import send_reminders
from ganzhi.province.service.systems import run_systems

BLOCK_PHASES: Final[tuple[Phase, ...]] = (
    issue_bills, count_plan_months, move_money, move_points, print_invoices, take_orders, take_enquiries,
    send_reminders,
)  # fmt: skip
PROVINCE_PHASES: Final[tuple[Phase, ...]] = (
    run_batches, activate_numbers, make_resources, inspect, take_requests, run_systems,
)  # fmt: skip
