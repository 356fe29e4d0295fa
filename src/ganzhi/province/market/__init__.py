"""The market: campaigns and whom they reach, partner services, conduct of staff and senders, audits, competitors.

`BLOCK_PHASES` run for each block of customers, `PROVINCE_PHASES` once a day; their order does not matter, but all
come before the hotline and the complaints, which read what customers felt.
"""

from __future__ import annotations

from typing import Final

from ganzhi.province.market.campaigns import run_campaigns
from ganzhi.province.market.conduct import work_accounts
from ganzhi.province.market.contacts import contact_customers
from ganzhi.province.market.messages import send_group_messages, watch_person_messages
from ganzhi.province.market.partners import order_partner_services
from ganzhi.province.market.proactive import offer_services
from ganzhi.province.market.watch import audit_marketing, check_products, observe_competitors
from ganzhi.province.scene import Phase

BLOCK_PHASES: Final[tuple[Phase, ...]] = (contact_customers, order_partner_services, offer_services)
PROVINCE_PHASES: Final[tuple[Phase, ...]] = (
    run_campaigns, work_accounts, send_group_messages, watch_person_messages, audit_marketing, observe_competitors,
    check_products,
)  # fmt: skip
