"""What becomes of complaints: limits, replies, closing, results, compensation, escalation, calls back.

Durations are lognormal with a long right tail, as in published incident logs (BPI Challenge 2013); medians, shares
and chances are ours, set to what a good operator reaches. The limit of eight hours for key customers, areas and
events is the source's (S000-092 to S000-095).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import NEVER, words
from ganzhi.province.complaints.cases import (
    ELECTRONIC,
    EXPLAINED,
    ORIGIN,
    PARTLY,
    SOLVED,
    UNSOLVED,
    Cases,
    Lodged,
)
from ganzhi.province.complaints.texts import texts
from ganzhi.province.complaints.texts.topics_more import TOPICS
from ganzhi.province.population import PRODUCTS
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Floats, Ints, choose, happens, lognormal

HOUR: Final = 3_600
URGENT_S, COMMON_S = 8 * HOUR, 48 * HOUR
GOLD, DIAMOND, CORPORATE = 2, 3, 4
KEY_PERSON: Final = 0.35
"""Share of corporate members who are key persons of their company."""
KEY_AREA: Final = 0.03
"""Share of complaints from key areas."""
MEDIAN_URGENT_S, SIGMA_URGENT = 2.4 * HOUR, 0.72
MEDIAN_COMMON_S, SIGMA_COMMON = 7.0 * HOUR, 1.05
MEDIAN_EASED_S: Final = 0.4 * HOUR
REPLY_S, REPLY_SIGMA = 33 * 60.0, 1.0
PROMISED: Final = 0.33
"""Share of complaints with a promised time."""
MISFILED: Final = 0.04
UNTRACED: Final = 0.06
"""Share filed without a process."""
PARTY_UNKNOWN: Final = 0.03
CAUSED_PROVIDER: Final = 0.85
"""Chance that a complaint of an incident proves our fault."""
RESULT_SHARE: Final = np.array([0.55, 0.32, 0.055, 0.05, 0.025])
HAPPY: Final = np.array([0.95, 0.87, 0.45, 0.10, 0.80])
"""Chance of being satisfied with each result."""
LATE_UNHAPPY: Final = 0.25
ESCALATED: Final = 0.012
ESCALATED_REPEAT, ESCALATED_KEY, ESCALATED_REOPENED = 5.0, 2.0, 0.10
LEVEL_SHARE: Final = np.array([0.36, 0.30, 0.09, 0.10, 0.12, 0.03])
REOPENED: Final = 0.022
CALLED: Final = 0.97
"""Share of closed complaints for which a call back is tried."""
ANSWER_SHARE: Final = np.array([0.88, 0.02, 0.015, 0.015, 0.035, 0.01, 0.02, 0.005])
"""Shares of the call results, in the order of `ANSWERS`; the first four reached the customer."""
BATCH: Final = 5
"""Complaints of one incident in one city in a day that make a batch."""
CATEGORIES: Final = tuple(sorted({topic.category for topic in TOPICS}))
CATEGORY_OF: Final = np.array([CATEGORIES.index(topic.category) for topic in TOPICS])
PROVIDER: Final = np.array([topic.provider for topic in TOPICS])
THIRD: Final = np.array([topic.third for topic in TOPICS])
FEE_WORK: Final = {"network": 1.5, "products": 1.3, "hotline": 0.7, "hall": 0.7, "e_channels": 0.8}
WORK: Final = np.array([FEE_WORK.get(topic.commercial, 1.0) for topic in TOPICS])
"""How much longer the matters of a commercial process take."""
_MISTAKEN: Final = {
    "order_record": "provisioning", "provisioning": "order_record", "feature_use": "provisioning",
    "customer_data": "other", "charge_doubt": "fee_level", "billing_run": "charge_doubt",
    "statement_data": "charge_doubt", "sms_content": "sms_late", "sms_late": "sms_content", "sms_source": "sms_content",
    "network_voice": "network_coverage", "network_data": "network_coverage", "network_coverage": "network_voice",
    "product_quality": "feature_use", "marketing": "fee_level", "fee_level": "charge_doubt",
    "service_attitude": "service_skill", "service_skill": "service_attitude", "service_waiting": "service_skill",
    "other": "service_skill",
}  # fmt: skip
MISTAKEN: Final = np.array([CATEGORIES.index(_MISTAKEN[category]) for category in CATEGORIES])
"""The category a misfiled complaint goes to."""


def handled(scene: Scene, lodged: Lodged, load: float) -> Cases:
    """The lives of today's complaints. load: how many times the usual number came in."""
    rng = scene.rng("complaint-handling")
    n = len(lodged.number)
    klass = scene.people.klass[lodged.customer]
    batch = batches(lodged, scene.people.city[lodged.customer].astype(np.int64))
    priority = _priority(scene, rng, klass, batch, n)
    limit = np.where(priority <= 1, URGENT_S, np.where(priority == 3, URGENT_S, COMMON_S))
    closed = lodged.received + _work_s(scene, rng, lodged, limit == URGENT_S, load)
    closed = _by_day(rng, closed, limit == COMMON_S)
    reply = np.minimum(lodged.received + _whole(lognormal(rng, REPLY_S, REPLY_SIGMA, n)), closed)
    due = lodged.received + limit
    promise = np.where(rng.random(n) < 0.7, limit, limit // 2)
    promised = np.where(happens(rng, PROMISED, n), lodged.received + promise, NEVER)
    result = choose(rng, RESULT_SHARE, n)
    result = np.where((lodged.eased == 1) & np.isin(result, (PARTLY, UNSOLVED)), EXPLAINED, result)
    party = _party(rng, lodged, n)
    late = (closed > due) | ((promised != NEVER) & (closed > promised))
    happy = happens(rng, np.maximum(HAPPY[result] - LATE_UNHAPPY * late, 0.02), n)
    called, connected, attempts, answer = _calls(rng, closed, n)
    satisfied = np.where(answer == 0, happy.astype(np.int64), -1)
    reopened, late_level = _reopened(rng, closed, result, happy, n)
    key = np.isin(klass, (DIAMOND, CORPORATE))
    chance = ESCALATED * np.where(lodged.repeat >= 0, ESCALATED_REPEAT, 1.0) * np.where(key, ESCALATED_KEY, 1.0)
    level = np.where(happens(rng, chance, n), choose(rng, LEVEL_SHARE, n), -1)
    return Cases(
        **{name: getattr(lodged, name) for name in Lodged.__slots__},
        filed=np.where(happens(rng, MISFILED, n), MISTAKEN[CATEGORY_OF[lodged.topic]], CATEGORY_OF[lodged.topic]),
        traced=(~happens(rng, UNTRACED, n)).astype(np.int64),
        batch=batch,
        level=level,
        late_level=late_level,
        priority=priority,
        due=due,
        promised=promised,
        reply=reply,
        closed=closed,
        reopened=reopened,
        result=result,
        party=party,
        compensation=_compensation(rng, party, result, n),
        called=called,
        connected=connected,
        attempts=attempts,
        answer=answer,
        satisfied=satisfied,
        agent=_agents(scene, rng, lodged, n),
        grumbles=np.zeros(n, dtype=np.int64),
        content=contents(scene, lodged),
    )


def batches(lodged: Lodged, city: Ints) -> Ints:
    """The batch of each complaint, made of incident and city; -1 for none."""
    key = np.where(lodged.cause >= 0, lodged.cause * 100 + city, -1)
    found, place, count = np.unique(key, return_inverse=True, return_counts=True)
    return np.where((key >= 0) & (count[place] >= BATCH), found[place], -1) if len(key) else key


def contents(scene: Scene, lodged: Lodged) -> np.ndarray:
    """What was said."""
    rng = scene.rng("complaint-texts")
    counties = [scene.places.county_names[c][0] for c in scene.people.county[lodged.customer]]
    products = words(lodged.product, PRODUCTS).to_pylist()
    said = texts(rng, lodged.topic, places=counties, products=products, again=lodged.repeat >= 0)
    content = np.empty(len(said), dtype=object)
    content[:] = said
    return content


def _whole(seconds: Floats) -> Ints:
    return np.maximum(seconds, 1).astype(np.int64)


def _priority(scene: Scene, rng: np.random.Generator, klass: np.ndarray, batch: Ints, n: int) -> Ints:
    """The layer that sets the limit, in the order of `PRIORITIES`; the first that applies."""
    person = np.isin(klass, (GOLD, DIAMOND)) | ((klass == CORPORATE) & happens(rng, KEY_PERSON, n))
    event = np.full(n, scene.today.kind in {"holiday", "festival"})
    area = happens(rng, KEY_AREA, n)
    return np.select([person, event, area, batch >= 0], [0, 1, 3, 2], 4).astype(np.int64)


def _work_s(scene: Scene, rng: np.random.Generator, lodged: Lodged, urgent: Bools, load: float) -> Ints:
    n = len(lodged.number)
    median = np.where(urgent, MEDIAN_URGENT_S, MEDIAN_COMMON_S * WORK[lodged.topic])
    median = median * np.clip(load, 1.0, 4.0) ** 0.3
    taken = lognormal(rng, median, np.where(urgent, SIGMA_URGENT, SIGMA_COMMON), n)
    eased = (lodged.eased == 1) & happens(rng, 0.75, n)
    short = lognormal(rng, MEDIAN_EASED_S, 0.6, n)
    return _whole(np.maximum(np.where(eased, short, taken), 120))


def _by_day(rng: np.random.Generator, closed: Ints, common: Bools) -> Ints:
    """Common complaints are not closed between ten at night and half past seven; the morning takes them up."""
    second = closed % DAY_S
    morning = closed - second + np.where(second >= 22 * HOUR, DAY_S, 0) + int(7.5 * HOUR)
    night = common & ((second >= 22 * HOUR) | (second < 7.5 * HOUR))
    return np.where(night, morning + rng.integers(0, 3 * HOUR, len(closed)), closed)


def _party(rng: np.random.Generator, lodged: Lodged, n: int) -> Ints:
    provider = np.where(lodged.cause >= 0, CAUSED_PROVIDER, PROVIDER[lodged.topic])
    third = np.where(lodged.cause >= 0, 0.05, THIRD[lodged.topic])
    draw = rng.random(n)
    party = np.where(draw < provider, 0, np.where(draw < provider + third, 1, 2))
    return np.where(happens(rng, PARTY_UNKNOWN, n), -1, party)


def _compensation(rng: np.random.Generator, party: Ints, result: Ints, n: int) -> Ints:
    """Fen; some of those to whom we did wrong get something back, whole yuan."""
    paid = (party == 0) & np.isin(result, (SOLVED, PARTLY)) & happens(rng, 0.45, n)
    return np.where(paid, np.maximum(1, lognormal(rng, 24.0, 0.8, n)).astype(np.int64) * 100, 0)


def _reopened(rng: np.random.Generator, closed: Ints, result: Ints, happy: Bools, n: int) -> tuple[Ints, Ints]:
    """When a closed complaint is opened again (NEVER), and the level it then goes to (-1)."""
    chance = REOPENED * np.where(happy, 0.5, 3.0) * np.where(result == UNSOLVED, 2.0, 1.0)
    again = happens(rng, chance, n)
    reopened = np.where(again, closed + _whole(lognormal(rng, 30.0 * HOUR, 0.7, n)), NEVER)
    return reopened, np.where(again & happens(rng, ESCALATED_REOPENED, n), choose(rng, LEVEL_SHARE, n), -1)


def _calls(rng: np.random.Generator, closed: Ints, n: int) -> tuple[Ints, Ints, Ints, Ints]:
    """The call back after closing: first try, moment of the talk (NEVER), tries, result (-1 without any try)."""
    first = closed + _whole(lognormal(rng, 4.0 * HOUR, 0.9, n))
    second = first % DAY_S
    morning = first - second + np.where(second >= 20.5 * HOUR, DAY_S, 0) + 9 * HOUR + rng.integers(0, 2 * HOUR, n)
    first = np.where((second < 9 * HOUR) | (second >= 20.5 * HOUR), morning, first)
    tried = happens(rng, CALLED, n)
    answer = np.where(tried, choose(rng, ANSWER_SHARE, n), -1)
    reached = tried & (answer <= 3)
    attempts = np.where(reached, np.minimum(rng.geometric(0.75, n), 4), rng.integers(2, 5, n))
    wait = (attempts - 1) * rng.integers(2 * HOUR, 5 * HOUR, n) + rng.integers(8, 30, n)
    return np.where(tried, first, NEVER), np.where(reached, first + wait, NEVER), attempts, answer


def _agents(scene: Scene, rng: np.random.Generator, lodged: Lodged, n: int) -> Ints:
    """The hotline agent who keeps the case: who took it, or one trained for complaints; -1 in halls."""
    skilled = scene.places.agents_of(4)
    drawn = skilled[rng.integers(0, len(skilled), n)]
    taken = (lodged.contact >= 0) & (lodged.post >= 0) & (lodged.post < scene.places.size.agents)
    hall = (lodged.origin == 1) & (lodged.post >= 0)
    return np.where(hall, -1, np.where(taken, lodged.post, drawn))


def electronic(number: Ints, origin: Ints) -> Ints:
    """Which electronic channel: 0 the web hall, 1 the app; settled by the number."""
    return np.where(origin == ELECTRONIC, number % ORIGIN % 3 % 2, -1)
