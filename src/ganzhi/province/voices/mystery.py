"""Mystery shopping: a third party visits halls and partner shops and calls the hotline, and scores twelve items.

About one visit a month for every hall on working days, at least two a day; levels and points are ours. Missing
clerks, rude teams and confused campaigns show in the items they touch.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ganzhi.province.columns import identities, words
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Floats, Ints, stream

ITEMS: Final = (
    "greeting", "appearance", "environment", "waiting", "knowledge", "solution", "tariff_explained", "terms_explained",
    "leaflet_matches", "recommendation", "handling", "farewell",
)  # fmt: skip
MOST: Final = np.array([5, 5, 10, 10, 10, 15, 10, 10, 5, 5, 10, 5])
"""Full points; a visit has 100."""
FULL: Final = np.array([0.80, 0.88, 0.82, 0.70, 0.72, 0.74, 0.70, 0.62, 0.78, 0.66, 0.80, 0.60])
"""Chance of full points."""
ON_THE_PHONE: Final = np.array([True, False, False, True, True, True, True, True, False, True, True, True])
HALL, SHOP, HOTLINE = range(3)
CHANNEL_NAMES: Final = ("hall", "partner_shop", "hotline")
REMARKS: Final = (
    "未主动问候", "着装不规范", "标识不清", "无人引导", "业务解答有误", "需求未能解决", "资费未讲清", "未说明退出方式", "单张与口径不一致",
    "推荐不合适", "未按规定核对", "未邀请评价",
)  # fmt: skip


def mystery(scene: Scene) -> None:
    """The day's visits; none on days off."""
    if not scene.today.works:
        return
    rng = scene.rng("mystery")
    places, start = scene.places, scene.today.start
    halls = max(2, round(len(places.hall_codes) / 21))
    shops, calls = max(1, halls // 4), max(1, halls // 5)
    kind = np.repeat([HALL, SHOP, HOTLINE], [halls, shops, calls])
    at = start + rng.integers(9 * 3600 + 1_800, 17 * 3600 + 1_800, len(kind))
    hall = rng.integers(0, len(places.hall_codes), len(kind))
    county = np.where(
        kind == HALL, places.hall_county[hall], places.shop_county[rng.integers(0, len(places.shop_county), len(kind))]
    )
    team = rng.integers(0, len(places.team_codes), len(kind))
    chance = _chances(scene, kind, at, hall, county, team)
    score, full = _scores(rng, chance)
    scored = np.where((kind == HOTLINE)[:, None], ON_THE_PHONE, True)
    row, item = np.nonzero(scored)
    halls_n, counties_n = len(places.hall_codes), len(places.county_codes)
    unit = np.select([kind == HALL, kind == SHOP], [hall, halls_n + county], halls_n + counties_n + team)
    remark = np.where(full[row, item] | (rng.random(len(row)) > 0.7), -1, item)
    scene.deliver(
        "mystery_visits",
        visit_id=identities("MV", scene.numbers(len(kind))[row]),
        mystery_item=words(item, ITEMS),
        visited_at=at[row],
        unit=words(unit[row], (*places.hall_codes, *places.county_codes, *places.team_codes)),
        channel=words(kind[row], CHANNEL_NAMES),
        score=score[row, item],
        max_score=MOST[item],
        remark=words(remark, REMARKS),
    )


def _chances(scene: Scene, kind: Ints, at: Ints, hall: Ints, county: Ints, team: Ints) -> Floats:
    """Chance of full points: visits × items."""
    places = scene.places
    trait = stream(scene.world.seed, "mystery.halls").standard_normal(len(places.hall_codes)) * 0.25
    logit = np.log(FULL / (1 - FULL)) + np.where(kind == HALL, trait[hall], np.where(kind == SHOP, -0.3, 0.1))[:, None]
    absent, _ = scene.levers.at("hall.absent", at, [places.hall_codes[k] for k in hall])
    rude, _ = scene.levers.at("team.rude", at, [places.team_codes[k] for k in team])
    cities = [places.city_codes[k] for k in places.county_city[county]]
    confused, _ = scene.levers.at("campaign.confused", at, cities)
    touched = np.isin(ITEMS, ["greeting", "waiting", "farewell"])
    logit -= np.outer(np.where(kind == HALL, 4 * absent, 0.0), touched)
    logit -= np.outer(np.where(kind == HOTLINE, 1.2 * rude, 0.0), np.isin(ITEMS, ["greeting", "farewell", "solution"]))
    told = np.isin(ITEMS, ["terms_explained", "leaflet_matches", "tariff_explained"])
    logit -= np.outer(np.where(kind == HOTLINE, 0.0, 4 * confused), told)
    return 1 / (1 + np.exp(-logit))


def _scores(rng: np.random.Generator, chance: Floats) -> tuple[Ints, np.ndarray]:
    """Points, and which are full; what is not full gets 20 to 95 %."""
    full = rng.random(chance.shape) < chance
    part = np.floor(MOST * rng.uniform(0.35, 0.95, chance.shape)).astype(np.int64)
    return np.where(full, MOST, np.minimum(part, MOST - 1)), full
