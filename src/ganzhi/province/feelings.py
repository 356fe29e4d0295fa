"""What customers experience, and what they do about it: the one behaviour model of the province.

A phase reports experiences; the hotline, the halls, the complaints, ratings, surveys and churn read them. So a
delayed resume really raises the chance of a call, a call the chance of a complaint, a long wait lowers the
rating. The numbers are ours and are part of the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Felt(IntEnum):
    """Kinds of experience."""

    CREDIT_LATE = 0
    RESUME_LATE = 1
    NOT_CREDITED = 2
    NOT_RESUMED = 3
    SUSPENDED = 4
    SUSPENDED_UNWARNED = 5
    NOTICE_LATE = 6
    BILL_WRONG = 7
    BILL_HIGH = 8
    ORDER_FAILED = 9
    ORDER_LATE = 10
    CHARGED_UNASKED = 11
    OFFER_CONFUSED = 12
    WAITED_IN_HALL = 13
    LEFT_HALL_UNSERVED = 14
    KIOSK_FAILED = 15
    WAITED_ON_LINE = 16
    GAVE_UP_CALLING = 17
    LOST_IN_MENU = 18
    TREATED_RUDELY = 19
    NETWORK_POOR = 20
    BROADBAND_DOWN = 21
    SPAMMED = 22
    ENQUIRY_FAILED = 23
    COMPLAINT_UNSOLVED = 24
    HELPED_WELL = 25
    PLEASED = 26


@dataclass(frozen=True, slots=True)
class Consequence:
    """What an experience of strength 1 leads to.

    call, visit: chance of calling the hotline, of visiting a hall, within a day. complaint: chance that a contact
    about it becomes a complaint when it is not resolved (a quarter of that when it is). after_h: hours until half
    of those who call have called. mood: added to the customer's mood (negative is worse). reason: call reason, a
    hotline business. category, process, commercial_process, product: what a complaint about it is filed under.
    """

    call: float
    visit: float
    complaint: float
    after_h: float
    mood: float
    reason: str
    category: str
    process: str
    commercial_process: str
    product: str | None = None


MEANING: Final[dict[Felt, Consequence]] = {
    Felt.CREDIT_LATE: Consequence(0.16, 0.02, 0.22, 1.0, -0.35, "payment", "charge_doubt", "recharge", "billing"),
    Felt.RESUME_LATE: Consequence(0.34, 0.05, 0.30, 0.7, -0.60, "payment", "provisioning", "payment_resume", "billing"),
    Felt.NOT_CREDITED: Consequence(0.55, 0.10, 0.45, 2.0, -1.00, "payment", "charge_doubt", "recharge", "billing"),
    Felt.NOT_RESUMED: Consequence(0.70, 0.12, 0.50, 1.0, -1.20, "payment", "provisioning", "payment_resume", "billing"),
    Felt.SUSPENDED: Consequence(0.06, 0.02, 0.06, 2.0, -0.15, "bill", "billing_run", "arrears_suspension", "billing"),
    Felt.SUSPENDED_UNWARNED: Consequence(
        0.22, 0.04, 0.28, 1.5, -0.55, "bill", "sms_late", "arrears_suspension", "billing"
    ),
    Felt.NOTICE_LATE: Consequence(0.05, 0.00, 0.25, 3.0, -0.20, "bill", "sms_late", "low_balance_reminder", "billing"),
    Felt.BILL_WRONG: Consequence(0.24, 0.05, 0.45, 12.0, -0.70, "bill", "charge_doubt", "bill_enquiry", "billing"),
    Felt.BILL_HIGH: Consequence(0.09, 0.01, 0.12, 12.0, -0.25, "bill", "fee_level", "bill_enquiry", "billing"),
    Felt.ORDER_FAILED: Consequence(0.20, 0.06, 0.28, 6.0, -0.45, "plan", "provisioning", "service_order", "support"),
    Felt.ORDER_LATE: Consequence(0.10, 0.03, 0.18, 8.0, -0.25, "plan", "order_record", "service_order", "support"),
    Felt.CHARGED_UNASKED: Consequence(
        0.30, 0.03, 0.55, 20.0, -0.90, "value_added", "order_record", "sp_service_order", "products"
    ),
    Felt.OFFER_CONFUSED: Consequence(0.17, 0.06, 0.26, 10.0, -0.40, "plan", "marketing", "plan_order", "tariffs"),
    Felt.WAITED_IN_HALL: Consequence(
        0.01, 0.00, 0.06, 3.0, -0.30, "other", "service_waiting", "enquiry_service", "hall"
    ),
    Felt.LEFT_HALL_UNSERVED: Consequence(
        0.04, 0.15, 0.10, 3.0, -0.45, "other", "service_waiting", "enquiry_service", "hall"
    ),
    Felt.KIOSK_FAILED: Consequence(0.08, 0.10, 0.15, 1.0, -0.30, "payment", "other", "recharge", "hall"),
    Felt.WAITED_ON_LINE: Consequence(
        0.00, 0.01, 0.05, 5.0, -0.20, "other", "service_waiting", "enquiry_service", "hotline"
    ),
    Felt.GAVE_UP_CALLING: Consequence(
        0.25, 0.02, 0.06, 1.0, -0.30, "other", "service_waiting", "enquiry_service", "hotline"
    ),
    Felt.LOST_IN_MENU: Consequence(
        0.12, 0.01, 0.08, 1.0, -0.25, "other", "service_waiting", "enquiry_service", "hotline"
    ),
    Felt.TREATED_RUDELY: Consequence(
        0.04, 0.00, 0.35, 4.0, -0.70, "other", "service_attitude", "enquiry_service", "hotline"
    ),
    Felt.NETWORK_POOR: Consequence(
        0.03, 0.00, 0.30, 10.0, -0.30, "fault", "network_coverage", "realtime_charging", "network", "voice"
    ),
    Felt.BROADBAND_DOWN: Consequence(
        0.30, 0.01, 0.25, 2.0, -0.60, "fault", "product_quality", "service_order", "products", "home_broadband"
    ),
    Felt.SPAMMED: Consequence(
        0.02, 0.00, 0.30, 6.0, -0.20, "other", "sms_source", "service_order", "products", "messaging"
    ),
    Felt.ENQUIRY_FAILED: Consequence(
        0.07, 0.01, 0.12, 2.0, -0.20, "bill", "statement_data", "bill_enquiry", "e_channels"
    ),
    Felt.COMPLAINT_UNSOLVED: Consequence(
        0.30, 0.05, 0.60, 24.0, -0.60, "other", "service_skill", "enquiry_service", "care"
    ),
    Felt.HELPED_WELL: Consequence(0.00, 0.00, 0.00, 1.0, 0.25, "other", "other", "enquiry_service", "care"),
    Felt.PLEASED: Consequence(0.00, 0.00, 0.00, 1.0, 0.15, "other", "other", "enquiry_service", "care"),
}
"""Every kind's consequences."""

MOOD_KEPT: Final = 0.93
"""Share of the mood that is left the day after."""
