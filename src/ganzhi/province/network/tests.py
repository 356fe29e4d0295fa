"""Test calls and test sessions, made round the clock in every city as a customer would use the services.

While cells of a county are out (lever `network.down`) tests there fail in proportion. Rates are ours, near the
catalogue's targets.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ganzhi.province.columns import identities, numbers, words
from ganzhi.province.network.cells import AREA_SHARE, AREAS
from ganzhi.province.network.faults import outages_of
from ganzhi.province.population import NETWORKS
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Floats, Ints, choose, happens, lognormal

KINDS: Final = ("voice", "sms", "mms", "web", "video", "wlan")
VOICE, SMS, MMS, WEB, VIDEO, WLAN = range(6)
KIND_SHARE: Final = np.array([0.38, 0.12, 0.08, 0.26, 0.08, 0.08])
PRODUCT_OF: Final = ("voice", "messaging", "messaging", "mobile_internet", "mobile_video", "wlan")
PRODUCT_KNOWN: Final = 0.92
AN_HOUR: Final = 1.6
"""Tests of a city in an hour, in a small province; up to four times as many in a whole one."""
FAILS: Final = np.array([0.011, 0.010, 0.018, 0.016, 0.022, 0.018])
SETUP_MS: Final = (np.array([4_200.0, 2_600.0, 6_000.0, 900.0, 1_800.0, 1_200.0]), 0.22)
LATENCY_MS: Final = (72.0, 0.34)
SPEED_KBPS: Final = (np.array([0.0, 0.0, 0.0, 2_600.0, 3_200.0, 5_500.0]), 0.45)
VOICE_SCORE: Final = (385, 24)


def run_tests(scene: Scene) -> None:
    """The day's tests. Runs after `faults.run_faults`."""
    rng = scene.rng("service-tests")
    cities = len(scene.places.city_codes)
    mean = AN_HOUR * min(4.0, max(1.0, (scene.world.scale / 0.01) ** 0.3))
    cell = np.repeat(np.arange(cities * 24), rng.poisson(mean, cities * 24))
    n = len(cell)
    if not n:
        return
    at = scene.today.start + cell % 24 * 3_600 + rng.integers(0, 3_600, n)
    county = _county(scene, rng, cell // 24)
    kind = choose(rng, KIND_SHARE, n)
    fixed = kind == WLAN
    network = np.where(fixed, NETWORKS.index("fixed"), happens(rng, 0.45, n))
    ok = ~happens(rng, FAILS[kind] + out_of_service(scene, county, at) * ~fixed, n)
    _deliver(scene, rng, at, county, kind, network, ok)


def _county(scene: Scene, rng: np.random.Generator, city: Ints) -> Ints:
    """A county of each city, by chance."""
    first = np.searchsorted(scene.places.county_city, city)
    size = np.searchsorted(scene.places.county_city, city, side="right") - first
    return np.asarray(first + (rng.random(len(city)) * size).astype(np.int64))


def out_of_service(scene: Scene, county: Ints, at: Ints) -> Floats:
    """Share of the county's cells out of service at each moment."""
    share = np.zeros(len(at))
    outages = outages_of(scene)
    for k in range(len(outages.county)):
        inside = (county == outages.county[k]) & (at >= outages.first[k]) & (at < outages.last[k])
        share[inside] = np.maximum(share[inside], outages.share[k])
    return share


def _deliver(
    scene: Scene, rng: np.random.Generator, at: Ints, county: Ints, kind: Ints, network: Ints, ok: Bools
) -> None:
    n = len(at)
    setup = np.rint(lognormal(rng, SETUP_MS[0][kind], SETUP_MS[1], n)).astype(np.int64)
    latency = np.rint(lognormal(rng, LATENCY_MS[0], LATENCY_MS[1], n)).astype(np.int64)
    faster = np.where(network == 0, 0.07, 1.0)
    speed = np.rint(lognormal(rng, SPEED_KBPS[0][kind] * faster, SPEED_KBPS[1], n)).astype(np.int64)
    score = np.clip(np.rint(VOICE_SCORE[0] + VOICE_SCORE[1] * rng.standard_normal(n)), 100, 450).astype(np.int64)
    loads = (kind == WEB) | (kind == VIDEO) | (kind == WLAN)
    scene.deliver(
        "service_tests", test_id=identities("ST", scene.numbers(n)), tested_at=at,
        unit=words(county, scene.places.county_codes), test_kind=words(kind, KINDS), network=words(network, NETWORKS),
        product=words(np.where(happens(rng, PRODUCT_KNOWN, n), kind, -1), PRODUCT_OF),
        area_type=words(choose(rng, AREA_SHARE, n), AREAS), ok=ok, setup_ms=numbers(setup, ok),
        latency_ms=numbers(latency, ok & loads), speed_kbps=numbers(speed, ok & loads),
        quality_score=numbers(score, ok & (kind == VOICE)),
    )  # fmt: skip
