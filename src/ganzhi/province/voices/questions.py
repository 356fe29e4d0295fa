"""The questionnaire: every question with its construct, loading, factor of its commercial process and level.

An answer is loading × latent + factor × the respondent's opinion of the process + noise + level. Levels are ours,
set so that a good operator stands about its targets. The second half are the questions about touchpoints, each
about one attribute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.feelings import MEANING, Felt
from ganzhi.province.streams import Bools, Floats
from ganzhi.province.voices.structure import (
    EXPECTATION,
    IMAGE,
    LOYALTY,
    QUALITY,
    SATISFACTION,
    VALUE,
)

COMMERCIAL: Final = (
    "network", "support", "tariffs", "billing", "hall", "hotline", "e_channels", "products", "care",
)  # fmt: skip
CORE_LOADING: Final = 0.88
OVERALL_LOADING: Final = 0.72
ELEMENT_LOADING: Final = 0.64
FACTOR: Final = 0.46
"""Weight of the respondent's opinion of a commercial process in the answers about it."""
HURT_PROCESS: Final = 0.45
HURT_POINT: Final = 1.1
"""How far a fresh bad experience lowers answers about its process, and about the very thing."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. commercial: position in COMMERCIAL, -1 for none."""

    code: str
    commercial: int
    latent: int
    loading: float
    level: float
    process: str | None = None
    touchpoint: str | None = None
    attribute: str | None = None


_CORE = (
    Question("overall", -1, SATISFACTION, CORE_LOADING, 0.0),
    Question("expectation", -1, EXPECTATION, CORE_LOADING, 0.02),
    Question("value", -1, VALUE, CORE_LOADING, -0.38),
    Question("recommend", -1, LOYALTY, CORE_LOADING, 0.06),
    Question("stay", -1, LOYALTY, 0.84, -0.05),
    Question("image", -1, IMAGE, CORE_LOADING, -0.20),
)
_ELEMENTS: dict[str, dict[str, float]] = {
    "network": {
        "overall": -0.05, "voice_clarity": -0.05, "call_setup": 0.0, "coverage_indoor": 0.0, "coverage_outdoor": 0.02,
        "data_speed": -0.20, "data_stability": -0.20, "dropped_calls": -0.02,
    },
    "support": {
        "overall": -0.15, "order_speed": 0.0, "order_accuracy": 0.0, "activation_speed": 0.2,
        "system_stability": -0.32, "notice_clarity": 0.05,
    },
    "tariffs": {
        "overall": -0.30, "plan_clarity": -0.28, "plan_value": -0.45, "plan_choice": -0.32, "campaign_fairness": -0.05,
        "campaign_information": -0.28, "rebate_on_time": -0.1,
    },
    "billing": {
        "overall": -0.15, "bill_accuracy": 0.25, "bill_clarity": 0.0, "bill_timeliness": -0.05,
        "payment_convenience": -0.12, "resume_speed": 0.15, "arrears_notice": -0.36, "invoice": 0.12,
    },
    "hall": {
        "overall": 0.05, "waiting": 0.05, "staff_skill": 0.12, "staff_courtesy": 0.20, "environment": 0.12,
        "handling_speed": 0.02, "first_time": 0.16, "kiosk_ease": -0.55,
    },
    "hotline": {
        "overall": 0.0, "connect": 0.05, "waiting": 0.05, "ivr_ease": -0.15, "agent_skill": 0.0,
        "agent_courtesy": 0.45, "resolved": 0.05,
    },
    "e_channels": {
        "overall": 0.0, "ease": 0.02, "login": 0.12, "speed": -0.02, "function_range": -0.58, "success": 0.2,
        "security": 0.12,
    },
    "products": {
        "overall": -0.2, "quality": -0.18, "stability": 0.1, "activation_ease": -0.05, "unsubscribe_ease": -0.2,
        "charge_clarity": -0.25, "content": -0.3,
    },
    "care": {
        "overall": -0.12, "complaint_channel": 0.05, "complaint_speed": -0.1, "complaint_result": -0.1,
        "complaint_attitude": 0.32, "follow_up": 0.05, "care_service": -0.1, "points_value": -0.2,
    },
}  # fmt: skip
_PROCESS_OF: dict[str, str] = {
    "support_order_speed": "service_order", "support_order_accuracy": "service_order",
    "tariffs_plan_clarity": "plan_order", "tariffs_plan_choice": "plan_order",
    "tariffs_campaign_fairness": "promotion_order", "tariffs_campaign_information": "promotion_order",
    "billing_resume_speed": "payment_resume", "billing_arrears_notice": "arrears_suspension",
    "billing_payment_convenience": "recharge", "billing_invoice": "recharge", "billing_bill_accuracy": "bill_enquiry",
    "billing_bill_clarity": "bill_enquiry", "billing_bill_timeliness": "bill_enquiry",
    "hotline_connect": "enquiry_service", "hotline_waiting": "enquiry_service",
    "hotline_resolved": "enquiry_service", "products_activation_ease": "service_order",
    "products_unsubscribe_ease": "sp_service_order",
}  # fmt: skip
TOUCHPOINTS: Final[dict[str, dict[str, str]]] = {
    "enquiries": {
        "bill_enquiry.authenticate": "security convenience", "bill_enquiry.answer": "availability speed accuracy",
        "bill_enquiry.understand": "transparency ease_of_use", "bill_enquiry.timely_charges": "speed availability",
        "bill_enquiry.question": "knowledge speed", "call_detail_enquiry.authenticate": "security operability",
        "call_detail_enquiry.details": "availability speed", "call_detail_enquiry.readable": "transparency ease_of_use",
    },
    "orders": {
        "plan_order.compare": "usefulness transparency", "plan_order.place": "speed ease_of_use accuracy",
        "plan_order.confirm": "control transparency", "plan_order.cancel": "convenience",
        "service_order.place": "speed availability ease_of_use accuracy", "service_order.consent": "control",
        "service_order.activated": "speed availability transparency", "sp_service_order.order": "control transparency",
        "sp_service_order.content": "usefulness trust", "promotion_order.offer": "transparency trust",
        "promotion_order.promise_kept": "accuracy speed", "mobile_payment_order.apply": "security ease_of_use",
        "mobile_payment_order.close": "security convenience",
    },
    "reminders": {
        "service_validity_reminder.starts": "speed accuracy", "order_reminder.result": "speed accuracy transparency",
        "free_resource_reminder.nearly_used": "speed transparency",
        "low_balance_reminder.low": "speed availability convenience courtesy",
        "data_threshold_reminder.threshold": "speed accuracy transparency",
        "data_threshold_reminder.capped": "security transparency", "data_threshold_reminder.buy_more": "convenience",
    },
    "suspensions": {
        "arrears_suspension.early_notice": "speed availability accuracy transparency",
        "arrears_suspension.reminder_manner": "courtesy control", "arrears_suspension.suspended": "accuracy trust",
        "arrears_suspension.reason": "transparency", "credit_resume.emergency_resume": "availability transparency care",
        "requested_resume.ask": "convenience transparency", "requested_resume.works": "speed accuracy",
        "suspension_reason_change.still_suspended": "transparency accuracy",
    },
    "recharge": {
        "payment_resume.notice": "transparency", "payment_resume.resume": "speed availability",
        "payment_resume.help": "convenience", "recharge.pay": "availability accuracy speed",
        "recharge.invoice": "accuracy", "recharge.personal_data": "security",
    },
}  # fmt: skip
"""Touchpoints asked about and their attributes, by module of the questionnaire."""
_TOUCH_QUESTION: dict[str, tuple[str, dict[str, str]]] = {
    "enquiries": ("billing_bill_clarity", {"speed": "billing_bill_timeliness", "accuracy": "billing_bill_accuracy",
                                           "security": "e_channels_security", "convenience": "e_channels_login",
                                           "ease_of_use": "e_channels_ease", "availability": "billing_bill_timeliness",
                                           "operability": "e_channels_ease"}),
    "orders": ("products_quality", {"speed": "support_order_speed", "accuracy": "support_order_accuracy",
                                    "availability": "support_activation_speed",
                                    "transparency": "support_notice_clarity", "usefulness": "tariffs_plan_choice",
                                    "ease_of_use": "products_activation_ease", "security": "e_channels_security",
                                    "convenience": "products_unsubscribe_ease", "trust": "tariffs_campaign_fairness"}),
    "reminders": ("support_notice_clarity", {"courtesy": "care_care_service"}),
    "suspensions": ("billing_arrears_notice", {"accuracy": "billing_bill_accuracy", "care": "care_care_service"}),
    "recharge": ("billing_payment_convenience", {"accuracy": "billing_bill_accuracy"}),
}  # fmt: skip
"""The question in whose words each attribute is asked: the module's own, and exceptions."""
_TOUCH_COMMERCIAL: dict[str, str] = {
    "enquiries": "billing", "orders": "support", "reminders": "support", "suspensions": "billing",
    "recharge": "billing",
}  # fmt: skip
TOUCH_LEVEL: Final = 0.10


def _touchpoint_questions() -> tuple[Question, ...]:
    asked: list[Question] = []
    for module, points in TOUCHPOINTS.items():
        usual, other = _TOUCH_QUESTION[module]
        commercial = COMMERCIAL.index(_TOUCH_COMMERCIAL[module])
        for touchpoint, attributes in points.items():
            process = touchpoint.partition(".")[0]
            for attribute in attributes.split():
                code = other.get(attribute, usual)
                if touchpoint == "payment_resume.resume":
                    code = "billing_resume_speed"
                elif touchpoint == "recharge.invoice":
                    code = "billing_invoice"
                asked.append(
                    Question(code, commercial, QUALITY, ELEMENT_LOADING, TOUCH_LEVEL, process, touchpoint, attribute)
                )
    return tuple(asked)


def _element(commercial: int, name: str, element: str, level: float) -> Question:
    code = f"{name}_{element}"
    loading = OVERALL_LOADING if element == "overall" else ELEMENT_LOADING
    return Question(code, commercial, QUALITY, loading, level, _PROCESS_OF.get(code))


QUESTIONS: Final[tuple[Question, ...]] = (
    *_CORE,
    *(
        _element(number, name, element, level)
        for number, name in enumerate(COMMERCIAL)
        for element, level in _ELEMENTS[name].items()
    ),
    *_touchpoint_questions(),
)
"""All questions; the first six are asked in every survey of satisfaction."""

COMMERCIAL_OF: Final = np.array([q.commercial for q in QUESTIONS])
LATENT_OF: Final = np.array([q.latent for q in QUESTIONS])
LOADING_OF: Final = np.array([q.loading for q in QUESTIONS])
FACTOR_OF: Final = np.where(COMMERCIAL_OF >= 0, FACTOR, 0.0)
LEVEL_OF: Final = np.array([q.level for q in QUESTIONS])
NOISE_OF: Final = np.sqrt(1 - LOADING_OF**2 - FACTOR_OF**2)
IS_TOUCHPOINT: Final = np.array([q.touchpoint is not None for q in QUESTIONS])
IS_OVERALL: Final = np.array([q.code.endswith("_overall") for q in QUESTIONS])
IS_CORE: Final = COMMERCIAL_OF < 0
MODULES: Final = tuple(TOUCHPOINTS)
MODULE_OF: Final = np.array(
    [next((m for m, name in enumerate(MODULES) if q.touchpoint in TOUCHPOINTS[name]), -1) for q in QUESTIONS]
)

_POINT: dict[Felt, tuple[str, ...]] = {
    Felt.CREDIT_LATE: ("billing_bill_timeliness", "payment_resume.notice"),
    Felt.RESUME_LATE: ("billing_resume_speed", "payment_resume.resume"),
    Felt.NOT_CREDITED: ("billing_bill_accuracy", "recharge.pay"),
    Felt.NOT_RESUMED: ("billing_resume_speed", "payment_resume.resume"),
    Felt.SUSPENDED_UNWARNED: ("billing_arrears_notice", "arrears_suspension.early_notice"),
    Felt.NOTICE_LATE: ("billing_arrears_notice", "low_balance_reminder.low"),
    Felt.BILL_WRONG: ("billing_bill_accuracy", "bill_enquiry.answer"),
    Felt.BILL_HIGH: ("tariffs_plan_value",),
    Felt.ORDER_FAILED: ("support_order_accuracy", "service_order.place"),
    Felt.ORDER_LATE: ("support_activation_speed", "service_order.activated"),
    Felt.CHARGED_UNASKED: ("products_charge_clarity", "sp_service_order.order"),
    Felt.OFFER_CONFUSED: ("tariffs_campaign_information", "promotion_order.offer"),
    Felt.WAITED_IN_HALL: ("hall_waiting",),
    Felt.LEFT_HALL_UNSERVED: ("hall_waiting", "hall_first_time"),
    Felt.KIOSK_FAILED: ("hall_kiosk_ease",),
    Felt.WAITED_ON_LINE: ("hotline_waiting",),
    Felt.GAVE_UP_CALLING: ("hotline_connect", "hotline_waiting"),
    Felt.LOST_IN_MENU: ("hotline_ivr_ease",),
    Felt.TREATED_RUDELY: ("hotline_agent_courtesy", "hall_staff_courtesy"),
    Felt.NETWORK_POOR: ("network_overall", "network_coverage_indoor", "network_call_setup"),
    Felt.BROADBAND_DOWN: ("products_stability", "network_data_stability"),
    Felt.ENQUIRY_FAILED: ("e_channels_success", "bill_enquiry.answer"),
    Felt.COMPLAINT_UNSOLVED: ("care_complaint_result", "care_complaint_speed"),
}


def _hurts() -> Floats:
    """How far each kind of experience lowers the answer to each question; the last row is of no experience."""
    table = np.zeros((len(Felt) + 1, len(QUESTIONS)))
    for kind in Felt:
        if MEANING[kind].mood >= 0:
            continue
        commercial = COMMERCIAL.index(MEANING[kind].commercial_process)
        table[kind, commercial == COMMERCIAL_OF] -= HURT_PROCESS
        for number, question in enumerate(QUESTIONS):
            if question.code in _POINT.get(kind, ()) or question.touchpoint in _POINT.get(kind, ()):
                table[kind, number] -= HURT_POINT
    return table


HURTS: Final = _hurts()


def of_codes(*codes: str) -> Bools:
    """Which questions have one of these codes, touchpoint questions apart."""
    return np.array([q.code in codes and q.touchpoint is None for q in QUESTIONS])


def of_commercial(name: str) -> Bools:
    """Which questions are about a commercial process, touchpoint questions apart."""
    return (COMMERCIAL.index(name) == COMMERCIAL_OF) & ~IS_TOUCHPOINT
