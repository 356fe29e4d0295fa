"""What can be ordered: how often, where, how long it takes and how it fails. Shares and times are ours; the limits
follow those of the catalogue's processes (order due times, provisioning 300 s, passwords 120 s).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

HOUR: Final = 3_600
DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class OrderKind:
    """One process that customers order.

    weight: share among orders, in thousandths. channels: shares. business: what it is filed under. product: what is
    ordered, None for nothing in particular. element: network element that provisions it, None when none does.
    provision_s, complete_s: median seconds of provisioning and of completing (after provisioning when there is one),
    spread: standard deviation of their logarithm. due_s: promised. fails: share that fails without any incident.
    product_order: a customer is asked to confirm it and has it usable in the end. changes: share of changes among
    orders (the rest orders). papers: documents are checked. slow: may take days; delivered while pending, and again.
    purpose: what a hall visitor comes for. cancelled: share the customer withdraws.
    """

    process: str
    weight: float
    channels: Mapping[str, float] = field(hash=False)
    business: str
    product: str | None = None
    element: str | None = None
    provision_s: float = 0.0
    complete_s: float = 30.0
    spread: float = 0.8
    due_s: int = 600
    fails: float = 0.011
    product_order: bool = False
    changes: float = 0.0
    papers: bool = False
    slow: bool = False
    purpose: str = "order"
    cancelled: float = 0.004


WIDE: Final = {
    "hall": 0.30, "web_hall": 0.17, "app": 0.15, "sms_hall": 0.20, "ivr": 0.03, "hotline_agent": 0.10, "kiosk": 0.03,
    "account_manager": 0.02,
}  # fmt: skip
CONTENT: Final = {"sms_hall": 0.48, "web_hall": 0.18, "app": 0.22, "hotline_agent": 0.12}
OFFERS: Final = {
    "hall": 0.34, "web_hall": 0.16, "app": 0.12, "outbound": 0.14, "hotline_agent": 0.08, "partner_shop": 0.12,
    "terminal_store": 0.04,
}  # fmt: skip
PAYMENT: Final = {"hall": 0.35, "web_hall": 0.25, "app": 0.22, "sms_hall": 0.18}
HALL: Final = {"hall": 1.0}


def _service(
    product: str, weight: float, element: str, provision_s: float, business: str, spread: float = 0.9
) -> OrderKind:
    return OrderKind(
        "service_order", weight, WIDE, business, product, element, provision_s, 12.0, spread, HOUR, product_order=True
    )


KINDS: Final[tuple[OrderKind, ...]] = (
    OrderKind("plan_order", 190, WIDE, "plan", complete_s=45, due_s=600, product_order=True, changes=0.62),
    _service("family_network", 62, "in", 45, "group"),
    _service("virtual_network", 40, "in", 480, "group", 1.1),
    _service("wlan", 30, "packet", 600, "data"),
    _service("mobile_internet", 90, "packet", 40, "data"),
    _service("international_roaming", 14, "hlr", 60, "roaming"),
    _service("ring_back_tone", 50, "vas", 35, "value_added"),
    OrderKind("sp_service_order", 34, CONTENT, "value_added", "mobile_reading", complete_s=40, due_s=900,
        product_order=True),
    OrderKind("sp_service_order", 16, CONTENT, "value_added", "mobile_video", complete_s=40, due_s=900,
        product_order=True),
    OrderKind("sp_service_order", 14, CONTENT, "value_added", "info_12580", complete_s=40, due_s=900,
        product_order=True),
    OrderKind("promotion_order", 110, OFFERS, "plan", complete_s=120, spread=1.0, due_s=DAY, product_order=True),
    OrderKind("mobile_payment_order", 20, PAYMENT, "payment", "mobile_payment", complete_s=60, due_s=900,
        product_order=True),
    OrderKind("sim_replacement", 60, {"hall": 0.9, "web_hall": 0.04, "account_manager": 0.04, "field": 0.02}, "number",
              element="hlr", provision_s=70, complete_s=40, spread=0.6, due_s=1_800, papers=True, purpose="card"),
    OrderKind("real_name_registration", 40, {"hall": 0.72, "web_hall": 0.13, "app": 0.15}, "customer_data",
              complete_s=60, due_s=1_800, papers=True),
    OrderKind("shenzhouxing_registration", 14, {"hall": 0.5, "partner_shop": 0.3, "web_hall": 0.1, "app": 0.1},
              "customer_data", complete_s=4 * HOUR, due_s=DAY, papers=True),
    OrderKind("password_reset", 60, {"hotline_agent": 0.3, "hall": 0.2, "web_hall": 0.18, "app": 0.2, "ivr": 0.12},
              "customer_data", complete_s=22, spread=0.7, due_s=300),
    OrderKind("password_change", 24, {"web_hall": 0.36, "app": 0.3, "ivr": 0.12, "sms_hall": 0.18, "kiosk": 0.04},
              "customer_data", complete_s=10, spread=0.7, due_s=120),
    OrderKind("prepaid_activation_realtime", 50, {"hall": 0.4, "partner_shop": 0.42, "terminal_store": 0.12,
        "web_hall": 0.06},
              "join", element="hlr", provision_s=60, complete_s=15, spread=0.6, due_s=HOUR, fails=0.007, papers=True,
              purpose="card"),
    OrderKind("postpaid_activation", 14, {"hall": 0.82, "web_hall": 0.08, "account_manager": 0.1}, "join",
              element="hlr", provision_s=90, complete_s=20, spread=0.6, due_s=HOUR, fails=0.009, papers=True,
              purpose="card"),
    OrderKind("number_reactivation", 4, HALL, "join", element="hlr", provision_s=80, complete_s=20, spread=0.6,
              due_s=HOUR, papers=True, purpose="card"),
    OrderKind("cancelled_number_reactivation", 2, HALL, "join", element="hlr", provision_s=80, complete_s=20,
        spread=0.6,
              due_s=HOUR, papers=True, purpose="card"),
    OrderKind("precancelled_number_reactivation", 3, {"hall": 0.8, "hotline_agent": 0.2}, "join", element="hlr",
              provision_s=80, complete_s=20, spread=0.6, due_s=HOUR, purpose="card"),
    OrderKind("number_selection", 18, {"hall": 0.45, "web_hall": 0.3, "app": 0.15, "partner_shop": 0.1}, "number",
              complete_s=6, due_s=120, cancelled=0.16, purpose="card"),
    OrderKind("agent_card_issue", 4, {"partner_shop": 1.0}, "number", complete_s=5 * HOUR, spread=0.5, due_s=2 * DAY),
    OrderKind("agent_return", 8, {"partner_shop": 1.0}, "number", complete_s=6 * HOUR, spread=0.5, due_s=2 * DAY,
        papers=True),
    OrderKind("requested_resume", 12, {"hall": 0.4, "hotline_agent": 0.26, "web_hall": 0.14, "app": 0.14, "ivr": 0.06},
              "number", element="hlr", provision_s=60, complete_s=15, spread=0.7, due_s=1_800),
    OrderKind("transfer_of_ownership", 8, HALL, "customer_data", complete_s=200, spread=0.5, due_s=HOUR, papers=True),
    OrderKind("account_split", 3, {"hall": 0.8, "account_manager": 0.2}, "customer_data", complete_s=900, spread=0.6,
              due_s=2 * HOUR, papers=True),
    OrderKind("brand_change", 6, {"hall": 0.5, "web_hall": 0.2, "app": 0.2, "hotline_agent": 0.1}, "plan",
              complete_s=2 * HOUR, due_s=DAY, changes=1.0, slow=True),
    OrderKind("precancellation", 3, {"hall": 0.7, "hotline_agent": 0.3}, "number", complete_s=26 * HOUR, spread=0.4,
              due_s=3 * DAY, slow=True, cancelled=0.18),
    OrderKind("requested_cancellation", 5, HALL, "number", complete_s=22 * HOUR, spread=0.4, due_s=3 * DAY, slow=True,
              cancelled=0.12),
)  # fmt: skip
"""Every kind."""
ELEMENTS: Final = ("hlr", "in", "smsc", "packet", "vas")
"""Network elements, as the lever `provisioning.failed` names them."""
CAUSES: Final = ("staff", "rule", "data", "resource", "system", "provisioning", "partner", "other")
CAUSE_SHARE: Final = (0.08, 0.36, 0.13, 0.06, 0.19, 0.13, 0.0, 0.05)
PARTNER_SHARE: Final = 0.35
"""Share of partners among the failures of partners' services, taken from the others evenly."""
