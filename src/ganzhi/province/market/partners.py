"""Services of content partners: orders and cancellations, with the customer's action and second consent.

Each partner offers one product. The lever `partner.unrequested` makes a partner activate services nobody asked for:
no action of the customer, no consent; the customers who use such products notice it on their balance. Rates are
ours, near the catalogue's targets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import identities, numbers, same, words
from ganzhi.province.feelings import Felt
from ganzhi.province.market.shared import Columns, clamp, happened, later, pulled_moments, unfold, when
from ganzhi.province.population import PRODUCTS
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import CHANNELS, Scene
from ganzhi.province.service.drawing import counties, some
from ganzhi.province.streams import Bools, Floats, Ints, choose, happens

PARTNERS: Final = tuple(f"SP-{n:02d}" for n in range(1, 21))
VALUE_ADDED: Final = ("ring_back_tone", "mobile_reading", "mobile_video", "info_12580", "lbs", "messaging")
PRODUCT_OF: Final = np.array([0, 1, 0, 2, 0, 1, 0, 5, 3, 0, 5, 1, 2, 0, 4, 5, 0, 1, 3, 5])
"""Each partner's product, in `VALUE_ADDED`."""
PARTNER_SHARE: Final[Floats] = np.asarray(1.0 / (4.0 + np.arange(len(PARTNERS))), dtype=np.float64)
USED: Final = np.uint32(sum(1 << PRODUCTS.index(name) for name in VALUE_ADDED if name != "messaging"))
PER_100K: Final = 360.0
"""Requests a day of 100,000 customers."""
CANCELS: Final = 0.32
ASKED_THROUGH: Final = {
    "sms_hall": 0.46, "web_hall": 0.15, "app": 0.13, "hotline_agent": 0.08, "hall": 0.11, "ivr": 0.07,
}  # fmt: skip
GIVEN_UP: Final = 0.035
"""Share of orders to which the customer does not consent, so that nothing is activated."""
UNCONFIRMED: Final = 0.004
"""Share activated without a recorded consent though the customer asked."""
UNASKED: Final = 0.0005
CANCEL_FAILS: Final = 0.011
CANCEL_SLOW: Final = 0.022
UNTOLD: Final = 0.010
SHORT: Final = 0.010
"""Share of activations ended within three days."""
ENDS: Final = 0.12
REFUNDS: Final = 0.006
UNASKED_ENDS: Final = 0.62
UNASKED_REFUNDS: Final = 0.35
FEES_FEN: Final = np.array([200, 300, 500, 500, 800, 1_000])
STAMPS: Final = ("confirmed_at", "effective_at", "notified_at", "ended_at", "_refunded_at")
ORDER, CANCEL = range(2)
_CHANNELS: Final = tuple(ASKED_THROUGH)
assert set(_CHANNELS) <= set(CHANNELS)


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests of the day. asked: the customer did something for it. cause: incident, -1 for none."""

    customer: Ints
    at: Ints
    partner: Ints
    variant: Ints
    asked: Bools
    cause: Ints


def order_partner_services(scene: Scene) -> None:
    """The day's orders and cancellations of partner services of the block, and earlier ones that changed."""
    rng = scene.rng("sp-subscriptions")
    parts = [_asked(scene, rng), *_unasked(scene, rng)]
    made = Requests(*(np.concatenate([getattr(part, name) for part in parts]) for name in Requests.__slots__))
    new = _records(scene, rng, made) if len(made.at) else None
    unfold(scene, "sp_subscriptions", new, "requested_at", STAMPS, _state)


def _asked(scene: Scene, rng: np.random.Generator) -> Requests:
    customer = some(rng, scene, PER_100K * scene.today.factor("electronic"))
    n = len(customer)
    variant = np.where(happens(rng, CANCELS, n), CANCEL, ORDER)
    asked = (variant == CANCEL) | ~happens(rng, UNASKED, n)
    at = draw_moments(rng, scene.today, "electronic", n)
    return Requests(customer, at, choose(rng, PARTNER_SHARE, n), variant, asked, np.full(n, -1, dtype=np.int64))


def _unasked(scene: Scene, rng: np.random.Generator) -> list[Requests]:
    """What the lever adds, partner by partner."""
    if not scene.levers.pulled("partner.unrequested", scene.today.start, scene.today.start + DAY_S):
        return []
    own = scene.own()
    users = own[(scene.people.products[own] & USED) != 0]
    found: list[Requests] = []
    for partner, code in enumerate(PARTNERS):
        at, cause = pulled_moments(rng, scene, "partner.unrequested", code, len(own) / 1_000)
        n = len(at) if len(users) else 0
        if n:
            customer = users[rng.integers(0, len(users), n)]
            order, nobody = np.full(n, ORDER), np.zeros(n, dtype=bool)
            found.append(Requests(customer, at, np.full(n, partner), order, nobody, cause))
    return found


def _records(scene: Scene, rng: np.random.Generator, made: Requests) -> Columns:
    n = len(made.at)
    number = scene.numbers(n)
    order = made.variant == ORDER
    unasked = order & ~made.asked
    who = np.flatnonzero(unasked)
    noticed = clamp(scene, later(rng, made.at[who], 2 * 3_600, 0.8))
    scene.felt(Felt.CHARGED_UNASKED, made.customer[who], noticed, cause=made.cause[who], ref=number[who])
    if len(who):
        scene.know("unrequested", subscription_id=identities("SS", number[who]), incident=made.cause[who])
    consents = made.asked & order & ~happens(rng, GIVEN_UP, n)
    confirmed = when(consents & ~happens(rng, UNCONFIRMED, n), later(rng, made.at, 45.0, 0.5))
    works = np.where(order, consents | unasked, ~happens(rng, CANCEL_FAILS, n))
    slow = ~order & happens(rng, CANCEL_SLOW, n)
    effective = later(rng, np.maximum(made.at, confirmed), np.where(slow, 8 * 3_600.0, 90.0), 0.6)
    channel = choose(rng, np.array(list(ASKED_THROUGH.values())), n)
    columns: Columns = {
        "subscription_id": identities("SS", number), "requested_at": made.at,
        "unit": counties(scene, made.customer), "content_partner": words(made.partner, PARTNERS),
        "product": words(PRODUCT_OF[made.partner], VALUE_ADDED), "process": same("sp_service_order", n),
        "variant": words(made.variant, ("order", "cancel")), "channel": words(channel, _CHANNELS),
        "customer_id": scene.people.customer_ids(made.customer),
        "customer_action_at": when(made.asked, made.at - rng.integers(1, 12, n)),
        "confirmed_at": confirmed, "effective_at": when(works, effective),
    }  # fmt: skip
    return columns | _aftermath(rng, effective, works & order, unasked, works)


def _aftermath(rng: np.random.Generator, effective: Ints, activated: Bools, unasked: Bools, works: Bools) -> Columns:
    """Notice, end and refund of what was activated."""
    n = len(effective)
    slow = happens(rng, UNTOLD, n)
    notified = later(rng, effective, np.where(slow, 6 * 3_600.0, 50.0), 0.4)
    draw = rng.random(n)
    short = activated & np.where(unasked, draw < UNASKED_ENDS, draw < SHORT)
    ends = activated & ~short & happens(rng, ENDS, n)
    ended = effective + np.where(short, rng.integers(3_600, 3 * DAY_S, n), rng.integers(4 * DAY_S, 90 * DAY_S, n))
    fee = np.where(activated, FEES_FEN[rng.integers(0, len(FEES_FEN), n)], 0)
    refunded = activated & happens(rng, np.where(unasked, UNASKED_REFUNDS, REFUNDS), n)
    told = works & ~(unasked & happens(rng, 0.6, n))
    return {
        "notified_at": when(told, notified),
        "ended_at": when(short | ends, ended),
        "_refunded_at": when(refunded, later(rng, effective, 60 * 3_600, 0.5)),
        "_fee": fee,
    }


def _state(shown: Columns, _: int) -> Columns:
    charged = happened(shown["effective_at"]) & (np.asarray(shown["_fee"]) > 0)
    fee = np.asarray(shown["_fee"])
    return {
        "fee_fen": numbers(fee, charged),
        "refunded_fen": numbers(np.where(happened(shown["_refunded_at"]), fee, 0), charged),
    }
