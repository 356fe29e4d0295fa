"""A sample of the sessions in which customers use data products.

Who uses what follows from the customer's products; how a session goes from his network. While cells of his county
are out (lever `network.down`) sessions are refused or break. Rates are ours, near the catalogue's targets.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import identities, numbers, words
from ganzhi.province.feelings import Felt
from ganzhi.province.population import NETWORKS, PRODUCTS
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import Scene
from ganzhi.province.service.drawing import counties, some
from ganzhi.province.streams import Bools, Floats, Ints, choose, happens, lognormal

USED: Final = ("mobile_internet", "home_broadband", "wlan", "mobile_reading", "mobile_video", "messaging")
USED_SHARE: Final = np.array([0.46, 0.22, 0.12, 0.08, 0.07, 0.05])
HOME: Final = (1, 2)
"""Products used over the fixed network."""
CONSIDERED_PER_100K: Final = 11_500.0
"""Customers a day of 100,000 drawn; about four in ten use the product drawn for them."""
REFUSED: Final = 0.013
BROKEN: Final = 0.011
DOWN_REFUSED: Final = 0.7
DOWN_BROKEN: Final = 0.2
SLOW: Final = 0.016
RESPONSE_MS: Final = (np.array([1_150.0, 850.0, 480.0]), 0.5)
"""Median by network, and spread."""
SLOW_MS: Final = (6_500.0, 0.25)
SPEED_KBPS: Final = (np.array([190.0, 3_000.0, 6_500.0]), 0.6)
LENGTH_S: Final = (260.0, 0.8)
FEE_FEN_PER_MB: Final = 30
CHARGED: Final = 0.07
"""Share of sessions charged by volume; the others are part of a plan."""
MINDS: Final = 0.15
ENDS: Final = ("normal", "broken", "refused")
NORMAL, BROKE, TURNED_AWAY = range(3)


def run_sessions(scene: Scene) -> None:
    """The day's sampled sessions of the block."""
    rng = scene.rng("data-sessions")
    customer = some(rng, scene, CONSIDERED_PER_100K * scene.today.factor("usage"))
    product = choose(rng, USED_SHARE, len(customer))
    bit = np.array([PRODUCTS.index(name) for name in USED], dtype=np.uint32)[product]
    uses = (scene.people.products[customer] >> bit & np.uint32(1)).astype(bool)
    customer, product = customer[uses], product[uses]
    n = len(customer)
    if not n:
        return
    at = draw_moments(rng, scene.today, "usage", n)
    home = np.isin(product, HOME)
    network = np.where(home, NETWORKS.index("fixed"), scene.people.network[customer].astype(np.int64))
    down, cause = _down(scene, customer, at, home)
    refused = happens(rng, REFUSED + DOWN_REFUSED * down, n)
    broken = ~refused & happens(rng, BROKEN + DOWN_BROKEN * down, n)
    end = np.where(refused, TURNED_AWAY, np.where(broken, BROKE, NORMAL))
    _deliver(scene, rng, customer, product, network, at, end)
    minds = (end != NORMAL) & happens(rng, MINDS, n)
    scene.felt(Felt.NETWORK_POOR, customer[minds], at[minds], cause=cause[minds])


def _down(scene: Scene, customer: Ints, at: Ints, home: Bools) -> tuple[Floats, Ints]:
    """Share of the cells around each customer that are out, and the incident behind it."""
    share = np.zeros(len(at))
    cause = np.full(len(at), -1, dtype=np.int64)
    county = scene.people.county[customer]
    named = {
        position
        for pull in scene.levers.pulled("network.down", scene.today.start, scene.today.start + DAY_S)
        for position, code in enumerate(scene.places.county_codes)
        if pull.places is None or code in pull.places
    }
    for position in sorted(named):
        here = np.flatnonzero((county == position) & ~home)
        share[here], cause[here] = scene.levers.at("network.down", at[here], scene.places.county_codes[position])
    return np.minimum(share, 1.0), cause


def _deliver(
    scene: Scene, rng: np.random.Generator, customer: Ints, product: Ints, network: Ints, at: Ints, end: Ints
) -> None:
    n = len(at)
    started = end != TURNED_AWAY
    slow = happens(rng, SLOW, n)
    response = np.where(
        slow, lognormal(rng, *SLOW_MS, n), lognormal(rng, RESPONSE_MS[0][network], RESPONSE_MS[1], n)
    ).astype(np.int64)
    length = np.clip(lognormal(rng, *LENGTH_S, n) * np.where(end == BROKE, 0.4, 1.0), 2, DAY_S).astype(np.int64)
    speed = lognormal(rng, SPEED_KBPS[0][network], SPEED_KBPS[1], n)
    volume = (speed * length / 8 * np.where(product == USED.index("messaging"), 0.02, 1.0)).astype(np.int64)
    charged = started & happens(rng, CHARGED, n) & (network != NETWORKS.index("fixed"))
    fee = np.where(charged, np.minimum(volume // 1_024, 100) * FEE_FEN_PER_MB, 0)
    scene.deliver(
        "data_sessions", session_id=identities("DS", scene.numbers(n)), started_at=at, unit=counties(scene, customer),
        product=words(product, USED), network=words(network, NETWORKS),
        customer_id=scene.people.customer_ids(customer), session_end=words(end, ENDS),
        first_response_ms=numbers(response, started), duration_s=numbers(length, started),
        data_kb=numbers(volume, started), fee_fen=numbers(fee, started),
    )  # fmt: skip
