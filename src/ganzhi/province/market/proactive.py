"""Services offered before customers ask: extracted by rule, offered, accepted, used.

Customers who do not want offers are suppressed. Reminders are universal, some services belong to a brand, some are
ordered to measure. Shares are ours, near the catalogue's targets.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import identities, words
from ganzhi.province.market.shared import Columns, later, unfold, when
from ganzhi.province.population import BRANDS
from ganzhi.province.scene import Scene
from ganzhi.province.service.drawing import counties, some
from ganzhi.province.streams import choose, happens

SERVICES: Final = (
    "credit_received", "credit_expiry", "prepayment_end", "payment_received", "plan_change", "service_change",
    "over_quota", "before_suspension", "under_use", "call_list", "green_bill", "charge_enquiry", "saving_tips",
    "list_shredding", "abnormal_charge", "airport_lounge", "club", "lectures", "points_gifts", "no_night_suspension",
    "deferred_suspension", "mzone_points", "points_notice", "brand_store",
)  # fmt: skip
UNIVERSAL, EXCLUSIVE, CUSTOMISED = range(3)
CLASS_OF: Final = np.array([UNIVERSAL] * 8 + [CUSTOMISED] * 7 + [EXCLUSIVE] * 9)
CLASSES: Final = ("universal", "brand_exclusive", "customised")
BRAND_OF: Final = {
    "airport_lounge": "gotone", "club": "gotone", "lectures": "gotone", "no_night_suspension": "gotone",
    "deferred_suspension": "gotone", "mzone_points": "mzone", "brand_store": "mzone",
}  # fmt: skip
WEIGHT: Final = np.array([9, 6, 5, 10, 5, 8, 8, 7, 5, 4, 6, 5, 4, 1, 4, 2, 2, 1, 4, 2, 2, 3, 5, 1], dtype=float)
PROCESS_OF: Final = {"before_suspension": "low_balance_reminder", "over_quota": "data_threshold_reminder",
                     "service_change": "order_reminder", "credit_expiry": "service_validity_reminder"}  # fmt: skip
MARKETS: Final = ("personal", "family", "group", "g3")
MARKET_SHARE: Final = np.array([0.70, 0.12, 0.06, 0.12])
OFFERED_BY: Final = {"sms_push": 0.62, "app": 0.12, "outbound": 0.12, "hall": 0.08, "account_manager": 0.06}
PER_100K: Final = 420.0
"""Customers a day of 100,000 extracted for a service."""
SUPPRESSED: Final = 0.4
"""Share suppressed of those who do not want offers; the rest of them are extracted by no rule."""
OFFERED: Final = 0.84
ACCEPTED: Final = 0.34
USED: Final = 0.73
STAMPS: Final = ("offered_at", "accepted_at", "first_used_at")
_BRAND: Final = np.array([BRANDS.index(BRAND_OF[name]) if name in BRAND_OF else -1 for name in SERVICES])
_PROCESSES: Final = tuple(PROCESS_OF.values())
_PROCESS: Final = np.array([list(PROCESS_OF).index(name) if name in PROCESS_OF else -1 for name in SERVICES])


def offer_services(scene: Scene) -> None:
    """The day's extractions of the block, and earlier ones that moved on."""
    rng = scene.rng("service-promotions")
    customer = some(rng, scene, PER_100K)
    service = choose(rng, WEIGHT, len(customer))
    fits = (_BRAND[service] < 0) | (_BRAND[service] == scene.people.brand[customer])
    willing = scene.people.consent[customer]
    kept = fits & (willing | happens(rng, SUPPRESSED, len(customer)))
    customer, service, willing = customer[kept], service[kept], willing[kept]
    n = len(customer)
    at = scene.today.start + rng.integers(2 * 3_600, 7 * 3_600, n)
    offered = willing & happens(rng, OFFERED, n)
    accepted = offered & happens(rng, ACCEPTED, n)
    offered_at = np.maximum(at + 60, scene.today.start + 9 * 3_600) + rng.integers(0, 9 * 3_600, n)
    offered_at += np.where(happens(rng, 0.1, n), DAY_S, 0)
    accepted_at = later(rng, offered_at, 1_800.0, 1.2)
    new: Columns = {
        "promotion_id": identities("SP", scene.numbers(n)), "extracted_at": at, "unit": counties(scene, customer),
        "proactive_service": words(service, SERVICES), "service_class": words(CLASS_OF[service], CLASSES),
        "market": words(choose(rng, MARKET_SHARE, n), MARKETS),
        "channel": words(np.where(willing, choose(rng, np.array(list(OFFERED_BY.values())), n), -1), tuple(OFFERED_BY)),
        "process": words(_PROCESS[service], _PROCESSES), "brand": scene.people.brands(customer),
        "customer_id": scene.people.customer_ids(customer), "suppressed": ~willing,
        "offered_at": when(offered, offered_at), "accepted_at": when(accepted, accepted_at),
        "first_used_at": when(accepted & happens(rng, USED, n), later(rng, accepted_at, 1.5 * DAY_S, 1.0)),
    }  # fmt: skip
    unfold(scene, "service_promotions", new, "extracted_at", STAMPS)
