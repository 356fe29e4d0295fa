"""Trouble reports: what customers report as broken, its cause and its repair.

They come from experiences (no network, broadband down, line not resumed) and from trouble no phase simulates. Rates,
causes and durations are ours, set to what a good operator reaches; a report of an incident is repaired when the
incident ends or later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import NEVER, identities, truths, words
from ganzhi.province.feelings import Felt
from ganzhi.province.population import PRODUCTS
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import Contacts, Experiences, Scene
from ganzhi.province.streams import Bools, Ints, choose, happens, lognormal

CAUSES: Final = (
    "terminal", "line", "access_node", "radio", "core", "platform", "provisioning", "billing", "power", "third_party",
    "unknown",
)  # fmt: skip
CHANNELS_HERE: Final = ("hotline_agent", "hall", "web_hall", "app")
DEPARTMENTS: Final = ("网络部", "装维中心", "数据业务部", "电子渠道中心", "业务支撑中心", "计费账务中心")
HOUR: Final = 3_600
PLAIN: Final = 15.0
"""Reports a day about trouble no phase simulates, per 100,000 customers."""
REPEATED: Final = 0.35
"""Chance that trouble that was not fixed at the first attempt is reported again within days."""
FIXED_FIRST: Final = 0.87
CONFIRMED: Final = 0.92
KEPT_DAYS: Final = 30
REPORTED: Final = {Felt.NETWORK_POOR: 0.05, Felt.BROADBAND_DOWN: 0.35, Felt.NOT_RESUMED: 0.20}
"""Chance that an experience of strength 1 is reported as trouble."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A kind of trouble. share: of the plain reports. median_h, limit_h: repair, hours. visit: share that needs
    somebody on the spot. causes: weights in the order of `CAUSES`."""

    product: str
    commercial: str
    process: str
    department: int
    share: float
    median_h: float
    limit_h: int
    visit: float
    causes: tuple[float, ...]


MATTERS: Final = (
    Matter("voice", "network", "realtime_charging", 0, 3.0, 6.0, 48, 0.25, (2, 0, 0, 5, 1, 0, 0, 0, 1, 0.5, 0.4)),
    Matter("home_broadband", "products", "service_order", 1, 4.5, 5.0, 24, 0.55, (2, 4, 3, 0, 0, 0.3, 0.5, 0, 0.8, 1, 0.4)),
    Matter("mobile_internet", "network", "realtime_charging", 0, 2.4, 5.0, 48, 0.15, (3, 0, 0, 3, 1, 1, 1, 0, 0.4, 0, 0.4)),
    Matter("wlan", "products", "service_order", 2, 0.6, 6.0, 48, 0.30, (2, 1, 3, 0, 0, 1, 0.5, 0, 0.5, 0.5, 0.3)),
    Matter("messaging", "support", "service_order", 4, 1.0, 3.0, 24, 0.03, (2, 0, 0, 0.5, 0.6, 3, 1, 0, 0, 0.6, 0.3)),
    Matter("ring_back_tone", "products", "service_order", 2, 0.6, 4.0, 48, 0.01, (0.5, 0, 0, 0, 0.2, 3, 2, 0, 0, 1, 0.3)),
    Matter("mobile_payment", "e_channels", "mobile_payment_order", 3, 0.5, 4.0, 24, 0.03, (2, 0, 0, 0, 0, 3, 1, 0.5, 0, 1.5, 0.2)),
    Matter("mobile_internet", "e_channels", "subscription_enquiry", 3, 0.9, 3.0, 24, 0.01, (1.5, 0, 0, 0, 0, 4, 0.5, 0, 0, 0.4, 0.2)),
    Matter("voice", "support", "service_order", 4, 1.0, 3.0, 24, 0.02, (1, 0, 0, 0, 0.5, 0.5, 4, 0.3, 0, 0, 0.2)),
    Matter("voice", "billing", "payment_resume", 5, 0.5, 2.0, 24, 0.01, (0.2, 0, 0, 0, 0.3, 1, 4, 2, 0, 0, 0.2)),
)  # fmt: skip
NETWORK, BROADBAND, RESUME = 0, 1, 9
MATTER_OF: Final = {Felt.NETWORK_POOR: NETWORK, Felt.BROADBAND_DOWN: BROADBAND, Felt.NOT_RESUMED: RESUME}
SHARES: Final = np.array([matter.share for matter in MATTERS])
MEDIAN_H: Final = np.array([matter.median_h for matter in MATTERS])
LIMIT_S: Final = np.array([matter.limit_h * HOUR for matter in MATTERS])
VISIT: Final = np.array([matter.visit for matter in MATTERS])
PRODUCT_OF: Final = np.array([PRODUCTS.index(matter.product) for matter in MATTERS])
DEPARTMENT_OF: Final = np.array([matter.department for matter in MATTERS])
CAUSE_EDGES: Final = np.cumsum([np.array(matter.causes) / sum(matter.causes) for matter in MATTERS], axis=1)


@dataclass(frozen=True, slots=True)
class Troubles:
    """Reports and their repair; moments may be later than the day."""

    number: Ints
    customer: Ints
    reported: Ints
    matter: Ints
    incident: Ints
    channel: Ints
    repeat: Ints
    cause: Ints
    repaired: Ints
    confirmed: Ints
    fixed: Ints
    visit: Ints
    reproducible: Ints

    def where(self, chosen: Bools | Ints) -> Troubles:
        """Some of the reports."""
        return Troubles(**{name: getattr(self, name)[chosen] for name in Troubles.__slots__})


def _none() -> Troubles:
    return Troubles(**{name: np.empty(0, dtype=np.int64) for name in Troubles.__slots__})


def trouble_reports(scene: Scene) -> None:
    """Take today's reports; deliver them and those confirmed, repaired or given a cause today."""
    memory: dict[str, Troubles] = scene.world.recall("troubles", dict)
    known = memory.get("all", _none())
    fresh = _mended(scene, _reported(scene, known))
    whole = Troubles(
        **{name: np.concatenate([getattr(known, name), getattr(fresh, name)]) for name in Troubles.__slots__}
    )
    start, end = scene.today.start, scene.today.start + DAY_S
    changed = np.zeros(len(whole.number), dtype=bool)
    for moment in (whole.reported, whole.repaired, whole.confirmed):
        changed |= (moment >= start) & (moment < end)
    if changed.any():
        scene.deliver("trouble_reports", **_columns(scene, whole.where(changed)))
    kept = (whole.reported >= start - KEPT_DAYS * DAY_S) | (np.maximum(whole.repaired, whole.confirmed) >= start)
    memory["all"] = whole.where(kept)


def _reported(scene: Scene, known: Troubles) -> Troubles:
    """Who reports what today: felt trouble, plain trouble, and trouble that was not really fixed."""
    rng = scene.rng("troubles")
    felt = scene.notes(Experiences)
    chance = np.zeros(max(Felt) + 1)
    matter_of = np.full(max(Felt) + 1, -1)
    for kind, share in REPORTED.items():
        chance[kind], matter_of[kind] = share, MATTER_OF[kind]
    told = np.flatnonzero(happens(rng, np.minimum(chance[felt.kind] * felt.strength, 0.9), len(felt.kind)))
    told = told[np.unique(felt.customer[told], return_index=True)[1]]
    own = scene.own()
    plain = int(rng.poisson(PLAIN * len(own) / 100_000 * scene.today.factor("network")))
    matter = choose(rng, SHARES, plain)
    customer = own[rng.integers(0, len(own), plain)]
    online = scene.people.uses(customer, "home_broadband")
    everybody = scene.world.recall("troubles-broadband", lambda: _broadband(scene))
    users = everybody[~scene.people.left[everybody]]
    if len(users):
        swapped = (matter == BROADBAND) & ~online
        customer = np.where(swapped, users[rng.integers(0, len(users), plain)], customer)
    again = _again(scene, rng, known)
    n = len(told) + plain + len(again)
    blank = np.full(n - len(told), -1, dtype=np.int64)
    zero = np.zeros(n, dtype=np.int64)
    customers = np.concatenate([felt.customer[told], customer, known.customer[again]])
    called = np.isin(customers, scene.notes(Contacts).customer)
    at = np.minimum(felt.at[told] + rng.integers(60, 4 * HOUR, len(told)), scene.today.start + DAY_S - 1)
    return Troubles(
        number=scene.numbers(n),
        customer=customers,
        reported=np.concatenate([at, draw_moments(rng, scene.today, "network", n - len(told))]),
        matter=np.concatenate([matter_of[felt.kind[told]], matter, known.matter[again]]),
        incident=np.concatenate([felt.cause[told], blank]),
        channel=np.where(called, 0, choose(rng, np.array([0.74, 0.06, 0.09, 0.11]), n)),
        repeat=np.concatenate([np.full(len(told) + plain, -1), known.number[again]]).astype(np.int64),
        cause=zero, repaired=zero, confirmed=zero, fixed=zero, visit=zero, reproducible=zero,
    )  # fmt: skip


def _broadband(scene: Scene) -> Ints:
    everybody = np.arange(len(scene.people))
    return everybody[scene.people.uses(everybody, "home_broadband")]


def _again(scene: Scene, rng: np.random.Generator, known: Troubles) -> Ints:
    """Positions of yesterday's repairs that turn out not to hold; each report is repeated once at most."""
    start = scene.today.start
    bad = (known.fixed == 0) & (known.repaired >= start - 2 * DAY_S) & (known.repaired < start - DAY_S)
    bad &= ~np.isin(known.number, known.repeat) & ~scene.people.left[known.customer]
    return np.flatnonzero(bad & happens(rng, REPEATED, len(bad)))


def _mended(scene: Scene, told: Troubles) -> Troubles:
    """The same reports with cause, repair and confirmation."""
    rng = scene.rng("troubles-repair")
    n = len(told.number)
    cause = (rng.random(n)[:, None] > CAUSE_EDGES[told.matter]).sum(axis=1)
    cause = np.where((told.incident >= 0) & (told.matter == NETWORK), CAUSES.index("power"), cause)
    cause = np.where((told.incident >= 0) & (told.matter == RESUME), CAUSES.index("platform"), cause)
    visit = happens(rng, VISIT[told.matter], n)
    median = MEDIAN_H[told.matter] * HOUR * np.where(visit, 1.3, 0.9)
    repaired = told.reported + np.maximum(lognormal(rng, median, 0.95, n), 300).astype(np.int64)
    over = _ends(scene, told.incident)
    repaired = np.maximum(repaired, np.minimum(over, told.reported + 5 * DAY_S) + rng.integers(60, HOUR, n))
    confirmed = repaired + np.maximum(lognormal(rng, 3.0 * HOUR, 0.9, n), 120).astype(np.int64)
    return Troubles(
        number=told.number, customer=told.customer, reported=told.reported, matter=told.matter,
        incident=told.incident, channel=told.channel, repeat=told.repeat, cause=cause.astype(np.int64),
        repaired=repaired, confirmed=np.where(happens(rng, CONFIRMED, n), confirmed, NEVER),
        fixed=happens(rng, FIXED_FIRST, n).astype(np.int64), visit=visit.astype(np.int64),
        reproducible=happens(rng, 0.62, n).astype(np.int64),
    )  # fmt: skip


def _ends(scene: Scene, incident: Ints) -> Ints:
    """When each incident ends; long ago for none."""
    ends = np.zeros(len(incident), dtype=np.int64)
    for number in np.unique(incident[incident >= 0]).tolist():
        last = max((pull.last for pull in scene.levers.pulls if pull.incident == number), default=0)
        ends[incident == number] = last
    return ends


def _columns(scene: Scene, told: Troubles) -> dict[str, Any]:
    """The reports as they stand at the end of the day."""
    people, places = scene.people, scene.places
    end = scene.today.start + DAY_S
    done = told.repaired < end
    city = people.city[told.customer].astype(np.int64)
    teams = tuple(f"{code}-WX{k}" for code in places.city_codes for k in (1, 2, 3))
    return {
        "report_id": identities("GZ", told.number),
        "reported_at": told.reported,
        "unit": words(people.county[told.customer].astype(np.int64), places.county_codes),
        "customer_id": people.customer_ids(told.customer),
        "product": words(PRODUCT_OF[told.matter], PRODUCTS),
        "process": words(told.matter, tuple(matter.process for matter in MATTERS)),
        "commercial_process": words(told.matter, tuple(matter.commercial for matter in MATTERS)),
        "channel": words(told.channel, CHANNELS_HERE),
        "cause": words(np.where(done, told.cause, -1), CAUSES),
        "due_at": told.reported + LIMIT_S[told.matter],
        "repaired_at": np.where(done, told.repaired, NEVER),
        "repeat_of": identities("GZ", told.repeat),
        "confirmed_at": np.where(told.confirmed < end, told.confirmed, NEVER),
        "fixed_first": truths(told.fixed == 1, done),
        "visit_needed": truths(told.visit == 1, done),
        "reproducible": truths(told.reproducible == 1, done),
        "department": words(DEPARTMENT_OF[told.matter], DEPARTMENTS),
        "team": words(city * 3 + told.number % 3, teams),
    }
