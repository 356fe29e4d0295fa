"""What the departments look at themselves: audits of marketing, competitors' offers, products before launch.

Audits, observations and checks are made on working days. While the lever `competitor.offer` is pulled in a city, a
competitor is seen there more often, cheaper and better. Numbers are ours, near the catalogue's targets.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import identities, numbers, same, words
from ganzhi.province.market.campaigns import plans_of
from ganzhi.province.market.shared import Columns, unfold, when
from ganzhi.province.population import PLAN_FEE_FEN
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Floats, Ints, choose, happens, stream

AUDIT_ITEMS: Final = (
    "price_shown", "terms_shown", "way_out_shown", "consent_recorded", "no_forced_bundle", "no_false_claim",
    "real_name", "opt_out_respected", "personal_data",
)  # fmt: skip
AUDITED: Final = ("hall", "partner_shop", "web_hall", "outbound", "app")
AUDITED_SHARE: Final = np.array([0.42, 0.28, 0.10, 0.12, 0.08])
AUDITS_LEAST: Final = 4
AUDITS: Final = 60
"""Audits of a working day: at least so many, in a whole province so many."""
ITEMS_EACH: Final = 5
BREACH: Final = 0.034
SERIOUS: Final = 0.2
"""Share of the breaches that are serious."""
CORRECT_DAYS: Final = 7
UNCORRECTED: Final = 0.035
STAMPS: Final = ("corrected_at", "_checked_at")
COMPETITORS: Final = ("unicom", "telecom", "broadnet", "virtual")
COMPETITOR_SHARE: Final = np.array([0.45, 0.45, 0.07, 0.03])
METHODS: Final = ("shop_visit", "hotline_dial", "media_watch", "trial_use")
METHOD_SHARE: Final = np.array([0.38, 0.22, 0.26, 0.14])
ASPECTS: Final = ("tariffs", "network", "hall", "hotline", "e_channels", "products", "billing", "care")
ASPECT_SHARE: Final = np.array([0.34, 0.10, 0.16, 0.13, 0.10, 0.09, 0.04, 0.04])
SUBJECTS: Final = ("套餐月费", "上网速率", "营业厅等候", "热线接通", "网上办理", "宽带装机", "账单查询", "投诉答复")
PER_CITY: Final = 0.8
"""Observations of a working day in a city."""
OFFER_EXTRA: Final = 2.0
OFFER_CHEAPER: Final = 0.80
OFFER_BETTER: Final = 1.4
SCORES: Final = (7.1, 7.6, 1.1)
"""Mean score of competitors, ours, and the spread."""
OWN_PRICE: Final = (1.01, 0.07)
"""Our price divided by a competitor's: mean and spread."""
CHECKS: Final = (
    "design_rules", "design_process", "design_standard", "design_campaign", "resource_access", "resource_content",
    "resource_maintenance", "resource_systems", "channel_hall", "channel_web", "channel_app", "channel_sms",
    "channel_hotline",
)  # fmt: skip
CHECK_FROM: Final = np.array([2, 3, 4, 6, 7, 8, 8, 9, 11, 12, 13, 14, 15])
"""Days after a launch project begins on which each item is checked first."""
LAUNCHED: Final = (
    "mobile_reading",
    "mobile_video",
    "mobile_payment",
    "wlan",
    "lbs",
    "mobile_internet",
    "home_broadband",
)
PROJECT_EVERY: Final = 3
"""A launch project begins every so many days."""
LAUNCH_DAY: Final = 24
FAILS: Final = 0.03
RECHECK_DAYS: Final = 4
UNSIGNED: Final = 0.012
LATE_RECHECK: Final = 0.12
"""Share of second checks made only after the launch."""


def audit_marketing(scene: Scene) -> None:
    """The day's audits and the breaches corrected today."""
    rng = scene.rng("market-audits")
    audits = max(AUDITS_LEAST, round(AUDITS * scene.world.scale**0.5)) if scene.today.works else 0
    unfold(scene, "market_audits", _audits(scene, rng, audits) if audits else None, "audited_at", STAMPS)


def _audits(scene: Scene, rng: np.random.Generator, audits: int) -> Columns:
    n = audits * ITEMS_EACH
    audit = np.repeat(np.arange(audits), ITEMS_EACH)
    item = np.argsort(rng.random((audits, len(AUDIT_ITEMS))), axis=1)[:, :ITEMS_EACH].ravel()
    at = (scene.today.start + rng.integers(9 * 3_600, 17 * 3_600, audits))[audit]
    channel = choose(rng, AUDITED_SHARE, audits)[audit]
    hall = rng.integers(0, scene.places.size.halls, audits)[audit]
    breach = happens(rng, BREACH, n)
    due = at // DAY_S * DAY_S + CORRECT_DAYS * DAY_S + 18 * 3_600
    late = happens(rng, UNCORRECTED, n)
    corrected = np.where(late, due + rng.integers(7_200, 6 * DAY_S, n), at + rng.integers(3_600, 6 * DAY_S, n))
    plans = plans_of(scene.world)
    running = plans.running(scene.today.start, scene.today.start + DAY_S)
    subject = rng.integers(0, max(1, len(running)), audits)[audit]
    known = happens(rng, 0.6, audits)[audit] & (len(running) > 0)
    campaign = np.where(known, running[subject] if len(running) else -1, -1)
    in_hall = channel == AUDITED.index("hall")
    place = np.where(in_hall, len(scene.places.county_codes) + hall, scene.places.hall_county[hall])
    return {
        "audit_id": identities("MA", scene.numbers(audits)[audit]), "audit_item": words(item, AUDIT_ITEMS),
        "audited_at": at, "unit": words(place, (*scene.places.county_codes, *scene.places.hall_codes)),
        "channel": words(channel, AUDITED), "campaign": words(campaign, plans.codes), "ok": ~breach,
        "serious": breach & happens(rng, SERIOUS, n), "correct_by": when(breach, due),
        "corrected_at": when(breach, corrected), "_checked_at": when(breach & late, due + 3_600),
    }  # fmt: skip


def observe_competitors(scene: Scene) -> None:
    """The day's looks at competitors' services and prices, city by city."""
    rng = scene.rng("competitors")
    start, cities = scene.today.start, len(scene.places.city_codes)
    offers = np.zeros(cities, dtype=bool)
    for position, code in enumerate(scene.places.city_codes):
        offers[position] = scene.levers.at("competitor.offer", np.array([start + 12 * 3_600]), code)[0][0] > 0
    mean = (PER_CITY + OFFER_EXTRA * offers) * (1.0 if scene.today.works else 0.3)
    city = np.repeat(np.arange(cities), rng.poisson(mean))
    if not len(city):
        return
    n = len(city)
    at = start + rng.integers(9 * 3_600, 18 * 3_600, n)
    competitor = choose(rng, COMPETITOR_SHARE, n)
    offered = offers[city] & happens(rng, 0.8, n)
    competitor = np.where(offered, city % 2, competitor)
    aspect = np.where(offered, 0, choose(rng, ASPECT_SHARE, n))
    _deliver_looks(scene, rng, city, at, competitor, aspect, offered)


def _scores(rng: np.random.Generator, mean: Floats) -> Ints:
    return np.clip(np.rint(mean + SCORES[2] * rng.standard_normal(len(mean))), 0, 10).astype(np.int64)


def _deliver_looks(
    scene: Scene, rng: np.random.Generator, city: Ints, at: Ints, competitor: Ints, aspect: Ints, offered: Bools
) -> None:
    n = len(city)
    own_price = PLAN_FEE_FEN[rng.integers(0, len(PLAN_FEE_FEN), n)]
    ratio = np.maximum(0.5, OWN_PRICE[0] + OWN_PRICE[1] * rng.standard_normal(n))
    price = np.rint(own_price / ratio / 100 * np.where(offered, OFFER_CHEAPER, 1.0)).astype(np.int64) * 100
    priced = (aspect == 0) | (ASPECTS.index("products") == aspect)
    scene.deliver(
        "competitor_observations", observation_id=identities("CO", scene.numbers(n)), observed_at=at,
        unit=words(city, scene.places.city_codes), competitor=words(competitor, COMPETITORS),
        observation_method=words(choose(rng, METHOD_SHARE, n), METHODS),
        commercial_process=words(aspect, ASPECTS), subject=words(aspect, SUBJECTS),
        score=_scores(rng, SCORES[0] + OFFER_BETTER * offered.astype(float)), own_score=numbers(
            _scores(rng, np.full(n, SCORES[1])), happens(rng, 0.97, n)),
        price_fen=numbers(price, priced), own_price_fen=numbers(own_price, priced),
        remark=words(np.where(offered, 0, -1), ("限时优惠，门店主推",)),
    )  # fmt: skip


def check_products(scene: Scene) -> None:
    """The day's checks of products that are being prepared for launch: first ones, and second ones of failures."""
    born = np.array([d for d in range(scene.today.number - 40, scene.today.number + 1) if d % PROJECT_EVERY == 0])
    project = np.repeat(born, len(CHECKS))
    item = np.tile(np.arange(len(CHECKS)), len(born))
    fate = [stream(scene.world.seed, "launch", int(day)) for day in born]
    draw = np.concatenate([rng.random((len(CHECKS), 4)) for rng in fate])
    first = _workday(project + CHECK_FROM[item])
    failed = draw[:, 0] < FAILS
    wait = np.where(draw[:, 1] < LATE_RECHECK, LAUNCH_DAY + 1 - CHECK_FROM[item], RECHECK_DAYS)
    second = np.where(failed, _workday(project + CHECK_FROM[item] + wait), -1)
    today = scene.today.number
    once, again = first == today, second == today
    which = np.concatenate([np.flatnonzero(once), np.flatnonzero(again)])
    round_ = np.concatenate([np.ones(int(once.sum()), dtype=np.int64), np.full(int(again.sum()), 2)])
    if len(which):
        still = (round_ == 2) & (draw[which, 2] < FAILS)
        passed = np.where(round_ == 1, ~failed[which], ~still)
        _deliver_checks(scene, project[which], item[which], round_, passed, draw[which, 3])


def _workday(day: Ints) -> Ints:
    """The same day, or the Monday after a weekend; 1 January 1970 was a Thursday."""
    weekday = (day + 3) % 7
    return day + np.where(weekday == 5, 2, np.where(weekday == 6, 1, 0))


def _deliver_checks(scene: Scene, project: Ints, item: Ints, round_: Ints, passed: Bools, draw: Floats) -> None:
    rng = scene.rng("product-checks")
    n = len(item)
    at = scene.today.start + rng.integers(9 * 3_600, 17 * 3_600, n)
    launch = _workday(project + LAUNCH_DAY) * DAY_S
    due = np.minimum((_workday(project + CHECK_FROM[item]) + 3) * DAY_S, launch)
    signed = passed & (draw > UNSIGNED)
    scene.deliver(
        "product_checks", product=words((project // PROJECT_EVERY) % len(LAUNCHED), LAUNCHED),
        launch=identities("L", project), check_item=words(item, CHECKS), round=round_, checked_at=at,
        unit=same("all", n), passed=passed, due_at=due, signed_at=when(signed, at + rng.integers(600, 30_000, n)),
        signed_by=identities("QM", np.where(signed, rng.integers(1, 20, n), -1), width=3),
        launched_at=launch + 10 * 3_600,
    )  # fmt: skip
