"""Six weeks of complaints, and what stands beside them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

FIRST, LAST = date(2026, 9, 1), date(2026, 10, 11)
"""A month and a part of the next, up to a Sunday."""
CITIES = ("C1", "C2", "C3")
USUAL = {"charge_doubt": 3, "network_data": 2, "service_attitude": 2, "sms_late": 0.2, "marketing": 1}
CUSTOMERS = 300
USERS = {"C1": 4_000, "C2": 2_000, "C3": 3_000}
Any_ = dict[str, Any]


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def complaint(
    number: int, day: date, city: str, category: str, product: str, customer: str, said: str = "请处理"
) -> Any_:
    return {
        "complaint_id": f"c{number}", "received_at": at(day, 2, number % 60), "unit": city, "channel": "hotline_agent", "kind": "ordinary",
        "commercial_process": "billing", "process": "realtime_charging", "category": category, "product": product, "content": said,
        "customer_id": customer, "department": "计费账务中心", "brand": "gotone", "repeat_of": "c0" if number % 17 == 1 else None,
    }  # fmt: skip


def made() -> list[Any_]:
    """Six weeks; in the last, in C2, 30 complaints about late messages; customer u1 complains five times of one problem."""
    rng = np.random.default_rng(5)
    rows: list[Any_] = []
    for n in range((LAST - FIRST).days + 1):
        for city in CITIES:
            for category, mean in USUAL.items():
                for _ in range(int(rng.poisson(mean))):
                    product = ("voice", "messaging")[int(rng.integers(2))]
                    customer = f"u{int(rng.integers(10, CUSTOMERS))}"
                    rows.append(complaint(len(rows), FIRST + timedelta(days=n), city, category, product, customer))
    for k in range(30):
        said = f"我的号码13812345{k:03d}，验证码短信收不到"
        rows.append(
            complaint(
                len(rows),
                LAST - timedelta(days=0 if k < 18 else k % 3 + 1),
                "C2",
                "sms_late",
                "messaging",
                f"u{k + 10}",
                said,
            )
        )
    rows += [complaint(len(rows) + k, LAST - timedelta(days=k), "C1", "network_data", "voice", "u1") for k in range(5)]
    return rows


def beside() -> dict[str, list[Any_]]:
    """A register, a trouble report of a customer of the hot spot, a change of a system and one of another, a campaign."""
    day = LAST - timedelta(days=5)
    brands = ("gotone", "easyown", "mzone")
    customers = [
        {"customer_id": f"u{n}", "unit": CITIES[n % 3], "changed_at": at(FIRST, 1), "brand": brands[n % 3], "state": "active", "real_name_state": "verified"}
        for n in range(CUSTOMERS)
    ]  # fmt: skip
    trouble = {
        "report_id": "t1", "unit": "C2", "customer_id": "u10", "product": "messaging", "commercial_process": "network",
        "channel": "hotline_agent", "reported_at": at(LAST, 4), "reproducible": True,
    }  # fmt: skip
    changes = [
        {"change_id": code, "planned_at": at(when, 3), "unit": "P", "system": system, "change_kind": "release", "result": "success",
         "emergency": False}
        for code, when, system in (("ch1", day, "rating"), ("ch2", day, "kiosk_platform"), ("ch3", LAST + timedelta(days=2), "rating"))
    ]  # fmt: skip
    campaign = {
        "campaign": "cp1", "title": "彩信包", "unit": "P", "campaign_kind": "data_pack", "product": "messaging", "stage": "running",
        "submitted_at": at(day, 1), "updated_at": at(day, 2), "approved_at": at(day, 2), "starts_at": at(day, 3), "ends_at": at(LAST + timedelta(days=9), 3),
    }  # fmt: skip
    users = [
        {"unit": city, "day": each.isoformat(), "counted_at": at(each, 15), "brand": "gotone", "network": "3g", "customer_class": "ordinary",
         "subscribers": number}
        for city, number in USERS.items()
        for each in (FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1))
    ]  # fmt: skip
    answers = [
        {"answer_id": f"a{score}", "response_id": f"r{score}", "survey": "billing", "question": "billing_overall", "score": score,
         "answered_at": at(LAST, 6), "unit": "C2", "mode": "phone"}
        for score in (6, 8)
    ]  # fmt: skip
    tested = {
        "inspection_id": "i1",
        "inspected_at": at(LAST, 3),
        "unit": "C2",
        "audit_kind": "charging",
        "items": 50,
        "passed": 49,
    }
    return {
        "customers": customers, "trouble_reports": [trouble], "changes": changes, "campaigns": [campaign],
        "subscriber_counts": users, "survey_answers": answers, "inspections": [tested],
    }  # fmt: skip
