"""The customers: one array per property, ordered by city and county, so that a city is a slice.

Every record of the province belongs to one of them. What does not change is drawn once; what does (balance,
line state, mood) is written by the day's work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ganzhi.province.columns import identities, pieces, piecewise, words
from ganzhi.province.organisation import CITIES, Organisation
from ganzhi.province.streams import Floats, Ints, choose, stream

BRANDS: Final = ("gotone", "mzone", "easyown")
CLASSES: Final = ("ordinary", "silver", "gold", "diamond", "corporate")
NETWORKS: Final = ("2g", "3g", "fixed")
PLANS: Final = ("ZX-18", "ZX-28", "ZX-58", "ZX-88", "ZX-128", "ZX-188", "ZX-288")
PLAN_FEE_FEN: Final = np.array([1_800, 2_800, 5_800, 8_800, 12_800, 18_800, 28_800], dtype=np.int64)
ENTRIES: Final = (
    "bank", "access_505", "access_13800138000", "kiosk", "partner_cash", "cboss_remote", "hall_cash", "payment_card",
)  # fmt: skip
ENTRY_SHARE: Final = np.array([0.24, 0.07, 0.11, 0.10, 0.30, 0.03, 0.11, 0.04])
"""Where people recharge; shares are ours."""
PRODUCTS: Final = (
    "messaging", "mobile_reading", "mobile_video", "mobile_payment", "info_12580", "lbs", "wlan", "mobile_internet",
    "home_broadband", "voice", "family_network", "virtual_network", "ring_back_tone", "international_roaming",
)  # fmt: skip
PRODUCT_SHARE: Final = (0.92, 0.16, 0.07, 0.05, 0.06, 0.03, 0.09, 0.55, 0.11, 1.0, 0.14, 0.12, 0.34, 0.03)
NORMAL, HALF, ARREARS, REQUESTED, BOTH, PRECANCELLED, CANCELLED = range(7)
"""Line states, in the order of `LINE_STATES`."""
LINE_STATES: Final = (
    "normal", "half_suspended", "arrears", "requested", "arrears_and_requested", "precancelled", "cancelled",
)  # fmt: skip

Small = NDArray[np.int8]
Short = NDArray[np.int16]
Whole = NDArray[np.int32]
Real = NDArray[np.float32]


@dataclass(slots=True)
class Population:
    """All customers. A customer is a position; `starts[c]` is the first of city `c`, `starts[c + 1]` ends it.

    fee_fen: monthly plan fee. daily_fen: mean usage charged a day beside the fee. balance_fen, credit_fen:
    account balance and credit limit. line: state of the line. due_day: day (index) on which arrears lead to
    suspension, -1 for none. activity: 1 is the mean. electronic: 0 to 1, inclination to electronic channels.
    habit: usual entry for recharging. returned_fen: prepayment returned each first of a month.
    products: bit set over PRODUCTS. joined_day: index of the joining day, negative before the simulation.
    image, expectation: latent traits of the satisfaction model, standardised. mood: what recent experiences
    left behind, 0 when none, decays from day to day. left: has gone, or has not come yet (joined_day ahead).
    """

    starts: Ints
    city: Small
    county: Short
    brand: Small
    klass: Small
    network: Small
    plan: Small
    prepaid: NDArray[np.bool_]
    fee_fen: Whole
    daily_fen: Whole
    balance_fen: NDArray[np.int64]
    credit_fen: Whole
    line: Small
    due_day: Short
    activity: Real
    electronic: Real
    habit: Small
    returned_fen: Whole
    products: NDArray[np.uint32]
    joined_day: Whole
    image: Real
    expectation: Real
    mood: Real
    consent: NDArray[np.bool_]
    verified: NDArray[np.bool_]
    left: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.city)

    def of_city(self, city: int) -> slice:
        """The city's customers."""
        return slice(int(self.starts[city]), int(self.starts[city + 1]))

    def uses(self, customers: Ints, product: str) -> NDArray[np.bool_]:
        """Which of these customers use a product."""
        return (self.products[customers] >> np.uint32(PRODUCTS.index(product)) & np.uint32(1)).astype(bool)

    @staticmethod
    def customer_ids(customers: Ints) -> pa.Array:
        """Their customer identities; a position below 0 is blank."""
        return identities("C", np.where(customers < 0, -1, 100_000_000 + customers))

    @staticmethod
    def account_ids(customers: Ints) -> pa.Array:
        """Their accounts."""
        return identities("A", np.where(customers < 0, -1, 100_000_000 + customers))

    @staticmethod
    def phones(customers: Ints) -> pa.Array:
        """Their subscriber numbers."""
        return identities("", np.where(customers < 0, -1, 13_500_000_000 + np.asarray(customers) * 37))

    def brands(self, customers: Ints) -> pa.Array:
        """Their brands; a position below 0 is blank."""
        return words(np.where(customers < 0, -1, self.brand[customers]), BRANDS)

    def classes(self, customers: Ints) -> pa.Array:
        """Their levels; a position below 0 is blank."""
        return words(np.where(customers < 0, -1, self.klass[customers]), CLASSES)

    def networks(self, customers: Ints) -> pa.Array:
        """Their networks; a position below 0 is blank."""
        return words(np.where(customers < 0, -1, self.network[customers]), NETWORKS)


def _places(organisation: Organisation, rng: np.random.Generator) -> tuple[Ints, Short]:
    """City starts, and the county of each customer in order."""
    shares = np.array([share for *_, share in CITIES])
    edges = np.round(np.cumsum(shares) / shares.sum() * organisation.size.customers).astype(np.int64)
    starts = np.concatenate([np.zeros(1, dtype=np.int64), edges])
    county = np.empty(organisation.size.customers, dtype=np.int16)
    for city in range(len(CITIES)):
        own = organisation.counties_of(city)
        weights = rng.uniform(0.6, 1.4, len(own))
        here = int(starts[city + 1] - starts[city])
        county[starts[city] : starts[city + 1]] = own[np.sort(_chosen(rng, weights, here))]
    return starts, county


PLAN_OF_BRAND: Final = np.array([3.2, 1.4, 0.8])
"""Mean position in PLANS, by brand."""
PREPAID_OF_BRAND: Final = np.array([0.45, 0.88, 0.97])
CREDIT_OF_CLASS: Final = np.array([5_000, 10_000, 20_000, 50_000, 30_000])
JOINING_MONTHLY: Final = 0.019
"""Share of the customers who join in a month: ours."""
FUTURE_MOST: Final = 0.25


def build_population(organisation: Organisation, seed: int, days: int = 60) -> Population:
    """The customers on the eve of the first day: prepaid accounts somewhere between two recharges, a few
    already suspended. Those who join within `days` are there as having left, with their joining day ahead."""
    rng = stream(seed, "population")
    starts, county = _places(organisation, rng)
    n = organisation.size.customers
    brand = _chosen(rng, np.array([0.16, 0.26, 0.58]), n)
    plan = piecewise(
        n, np.int8, lambda s: np.clip(np.round(PLAN_OF_BRAND[brand[s]] + _normal(rng, s)), 0, len(PLANS) - 1)
    )
    prepaid = piecewise(n, bool, lambda s: _uniform(rng, s) < PREPAID_OF_BRAND[brand[s]])
    klass = piecewise(n, np.int8, lambda s: _classes(rng, brand[s], plan[s]))
    fee = PLAN_FEE_FEN.astype(np.int32)[plan]
    activity = piecewise(n, np.float32, lambda s: np.exp(0.7 * _normal(rng, s) - 0.245))
    daily = piecewise(n, np.int32, lambda s: fee[s] * np.float32(0.021) * activity[s] + 8)
    credit = piecewise(n, np.int32, lambda s: np.where(prepaid[s], 0, CREDIT_OF_CLASS[klass[s]]))
    balance = piecewise(n, np.int64, lambda s: rng.gamma(2.0, 1.0, _len(s)) * (0.45 * fee[s] + 6 * daily[s]))
    returned = piecewise(n, np.int32, lambda s: np.where(_uniform(rng, s) < 0.2015, np.maximum(1_000, fee[s] // 3), 0))
    population = Population(
        starts=starts,
        city=np.repeat(np.arange(len(CITIES), dtype=np.int8), np.diff(starts)),
        county=county,
        brand=brand,
        klass=klass,
        network=_chosen(rng, np.array([0.66, 0.30, 0.04]), n),
        plan=plan,
        prepaid=prepaid,
        fee_fen=fee,
        daily_fen=daily,
        balance_fen=balance,
        credit_fen=credit,
        line=np.zeros(n, dtype=np.int8),
        due_day=np.full(n, -1, dtype=np.int16),
        activity=activity,
        electronic=piecewise(n, np.float32, lambda s: rng.beta(1.6, 2.4, _len(s))),
        habit=_chosen(rng, ENTRY_SHARE, n),
        returned_fen=returned,
        products=_products(rng, n),
        joined_day=-rng.integers(30, 2_600, n, dtype=np.int32),
        image=rng.standard_normal(n, dtype=np.float32),
        expectation=rng.standard_normal(n, dtype=np.float32),
        mood=np.zeros(n, dtype=np.float32),
        consent=piecewise(n, bool, lambda s: _uniform(rng, s) < 0.86),
        verified=piecewise(n, bool, lambda s: _uniform(rng, s) < 0.74),
        left=np.zeros(n, dtype=bool),
    )
    _joining(population, stream(seed, "population", "joining"), days)
    return population


def _joining(population: Population, rng: np.random.Generator, days: int) -> None:
    """Make the last customers of each county those who join on one of the coming days."""
    share = min(FUTURE_MOST, JOINING_MONTHLY * days / 30.4)
    sizes = np.bincount(population.county)
    ends = np.cumsum(sizes)
    late = np.minimum(np.round(sizes * share).astype(np.int64), sizes)
    later = np.concatenate([np.arange(end - n, end) for end, n in zip(ends, late, strict=True)])
    population.left[later] = True
    population.joined_day[later] = rng.integers(0, max(1, days), len(later))


def _len(span: slice) -> int:
    return int(span.stop - span.start)


def _normal(rng: np.random.Generator, span: slice) -> Real:
    return rng.standard_normal(_len(span), dtype=np.float32)


def _uniform(rng: np.random.Generator, span: slice) -> Real:
    return rng.random(_len(span), dtype=np.float32)


def _chosen(rng: np.random.Generator, weights: Floats, n: int) -> Small:
    return piecewise(n, np.int8, lambda s: choose(rng, weights, _len(s)))


def _classes(rng: np.random.Generator, brand: Small, plan: Small) -> Small:
    draw = rng.random(len(brand), dtype=np.float32)
    klass = np.where(plan >= 5, 3, np.where(plan >= 4, 2, np.where((plan >= 3) & (draw < 0.5), 1, 0)))
    return np.where((brand == 0) & (draw > 0.82), 4, klass).astype(np.int8)


def _products(rng: np.random.Generator, n: int) -> NDArray[np.uint32]:
    used = np.zeros(n, dtype=np.uint32)
    for bit, share in enumerate(PRODUCT_SHARE):
        for span in pieces(n):
            used[span] |= (_uniform(rng, span) < share).astype(np.uint32) << np.uint32(bit)
    return used
