"""What staff accounts do with customers' data and services: openings, activations, enquiries, changes.

Every clerk at work makes his operations in opening hours, with a tail of innocent oddities: a few accounts work after
closing, a few operations follow within seconds, a few lack a request. The lever `staff.bulk_openings` makes the first
account of a hall open accounts in one rapid run in the evening: one address, nobody identified, no request. Numbers
are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import identities, numbers, words
from ganzhi.province.market.shared import Columns, residents, unfold, when
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import Scene
from ganzhi.province.service.drawing import panel
from ganzhi.province.streams import Bools, Floats, Ints, choose, happens

ACTIONS: Final = (
    "account_opening", "service_activation", "service_cancellation", "detail_enquiry", "data_enquiry", "data_change",
    "password_reset", "refund",
)  # fmt: skip
OPENING, ACTIVATION, CANCELLATION, DETAIL, DATA, CHANGE, RESET, REFUND = range(8)
ACTION_SHARE: Final = np.array([0.07, 0.31, 0.08, 0.13, 0.21, 0.12, 0.05, 0.03])
PROCESS: Final = (
    "prepaid_activation_realtime", "service_order", "service_order", "call_detail_enquiry", "subscription_enquiry",
    "real_name_registration", "password_reset", "",
)  # fmt: skip
SOLD: Final = (
    "mobile_internet", "ring_back_tone", "home_broadband", "mobile_reading", "family_network", "mobile_payment",
    "wlan", "mobile_video", "voice",
)  # fmt: skip
SOLD_SHARE: Final = np.array([0.30, 0.16, 0.07, 0.10, 0.12, 0.06, 0.07, 0.06, 0.06])
KEY: Final = np.array([True, False, True, True, False, True, False, True, False])
"""Products watched as key services."""
LEAST: Final = 13.0
MORE: Final = 32.0
"""Operations of a clerk's working day in a small province, and what a whole one adds (with the root of the scale)."""
AT_WORK: Final = 0.80
GAP_S: Final = 25
"""Least seconds between two operations of an account, but for rapid ones."""
RAPID: Final = 0.004
EVENING_PANEL: Final = 0.02
"""Share of accounts that sometimes work after closing, two operations an evening on average."""
OPENS_S: Final = 8 * 3_600
CLOSES_S: Final = 18 * 3_600 + 1_800
UNREQUESTED: Final = 0.003
UNIDENTIFIED: Final = 0.0035
REVERSED: Final = 0.023
BULK_REVERSED: Final = 0.15
BULK_FROM_S: Final = 19 * 3_600
BULK_TO_S: Final = 22 * 3_600
STAMPS: Final = ("reversed_at",)


@dataclass(frozen=True, slots=True)
class Accounts:
    """Staff accounts in the order of halls. first: position of each hall's first account."""

    codes: tuple[str, ...]
    hall: Ints
    first: Ints


@dataclass(frozen=True, slots=True)
class Operations:
    """Operations in the order of accounts and time. cause: incident, -1 for none."""

    account: Ints
    at: Ints
    action: Ints
    cause: Ints


def work_accounts(scene: Scene) -> None:
    """The day's operations of all staff accounts, and earlier ones reversed today."""
    rng = scene.rng("operator-actions")
    accounts = scene.world.recall("market.accounts", lambda: _accounts(scene))
    made = _together([_plain(scene, rng, accounts), *_bulk(scene, rng, accounts)])
    new = _records(scene, rng, accounts, made) if len(made.at) else None
    unfold(scene, "operator_actions", new, "acted_at", STAMPS)


def _accounts(scene: Scene) -> Accounts:
    places = scene.places
    hall = np.repeat(np.arange(places.size.halls), places.clerks)
    first = np.concatenate([[0], np.cumsum(places.clerks)[:-1]])
    codes = tuple(
        places.clerk_code(own, position) for own, n in enumerate(places.clerks.tolist()) for position in range(n)
    )
    return Accounts(codes, hall, first)


def _plain(scene: Scene, rng: np.random.Generator, accounts: Accounts) -> Operations:
    n = len(accounts.codes)
    mean = (LEAST + MORE * min(1.0, scene.world.scale**0.5)) * scene.today.factor("hall")
    count = np.where(happens(rng, AT_WORK, n), rng.poisson(mean, n), 0)
    evening = np.where((count > 0) & panel(np.arange(n), EVENING_PANEL, 11), rng.poisson(2.0, n), 0)
    account = np.repeat(np.arange(n), count)
    at = draw_moments(rng, scene.today, "hall", len(account))
    order = np.lexsort((at, account))
    account, at = account[order], at[order]
    rank = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
    at = _hasty(rng, account, at + rank * GAP_S)
    at = np.minimum(at, scene.today.start + CLOSES_S - 1)
    late = np.repeat(np.arange(n), evening)
    late_at = scene.today.start + CLOSES_S + rng.integers(0, 2 * 3_600, len(late))
    account, at = np.concatenate([account, late]), np.concatenate([at, late_at])
    action = choose(rng, ACTION_SHARE, len(at))
    return Operations(account, at, action, np.full(len(at), -1, dtype=np.int64))


def _hasty(rng: np.random.Generator, account: Ints, at: Ints) -> Ints:
    """Some operations follow within seconds: moved up to the one before, never two in a row."""
    hasty = happens(rng, RAPID, len(at))
    hasty[1:] &= (account[1:] == account[:-1]) & ~hasty[:-1]
    hasty[:1] = False
    before = np.roll(at, 1)
    return np.where(hasty, before + rng.integers(2, 10, len(at)), at)


def _bulk(scene: Scene, rng: np.random.Generator, accounts: Accounts) -> list[Operations]:
    """The runs of openings the lever causes: one for each hall named."""
    start, found = scene.today.start, []
    for pull in scene.levers.pulled("staff.bulk_openings", start, start + DAY_S):
        halls = [k for k, code in enumerate(scene.places.hall_codes) if pull.places is None or code in pull.places]
        first, last = max(pull.first, start), min(pull.last, start + DAY_S)
        low, high = max(first, start + BULK_FROM_S), min(last, start + BULK_TO_S)
        low, high = (low, high) if low < high else (first, last)
        for hall in halls:
            n = int(rng.poisson(pull.size * (last - first) / DAY_S))
            at = int(rng.integers(low, high)) + np.cumsum(rng.integers(3, 9, n))
            at = at[at < last]
            size, cause = scene.levers.at("staff.bulk_openings", at, scene.places.hall_codes[hall])
            at, cause = at[size > 0], cause[size > 0]
            account = np.full(len(at), accounts.first[hall])
            found.append(Operations(account, at, np.full(len(at), OPENING), cause))
    return found


def _together(parts: list[Operations]) -> Operations:
    whole = {name: np.concatenate([getattr(part, name) for part in parts]) for name in Operations.__slots__}
    order = np.lexsort((whole["at"], whole["account"]))
    return Operations(**{name: column[order] for name, column in whole.items()})


def _records(scene: Scene, rng: np.random.Generator, accounts: Accounts, made: Operations) -> Columns:
    n = len(made.at)
    number = scene.numbers(n)
    bulk = made.cause >= 0
    hall = accounts.hall[made.account]
    county = scene.places.hall_county[hall]
    product = choose(rng, SOLD_SHARE, n)
    sells = (made.action == ACTIVATION) | (made.action == CANCELLATION)
    opening = made.action == OPENING
    follows = np.concatenate([[False], made.account[1:] == made.account[:-1]])
    since = np.diff(made.at, prepend=made.at[:1])
    second = (made.at - scene.today.start) % DAY_S
    asked = ~happens(rng, UNREQUESTED, n) & (made.action != DATA) & ~bulk
    if bulk.any():
        scene.know(
            "conduct", staff_account=words(made.account[bulk], accounts.codes),
            action_id=identities("OA", number[bulk]), incident=made.cause[bulk],
        )  # fmt: skip
    return {
        "action_id": identities("OA", number), "acted_at": made.at, "unit": words(hall, scene.places.hall_codes),
        "staff_account": words(made.account, accounts.codes), "staff_action": words(made.action, ACTIONS),
        "process": words(np.where(made.action == REFUND, -1, made.action), PROCESS),
        "product": words(np.where(sells, product, -1), SOLD),
        "channel": words(np.zeros(n, dtype=np.int64), ("hall",)), "key_service": sells & KEY[product],
        "customer_id": scene.people.customer_ids(residents(rng, scene, county)),
        "address_code": _addresses(scene, rng, county, opening, bulk, made.account),
        "identified": ~bulk & ~happens(rng, UNIDENTIFIED, n),
        "request_id": identities("RQ", np.where(asked, number, -1)),
        "off_hours": (second < OPENS_S) | (second >= CLOSES_S), "since_previous_s": numbers(since, follows),
        "reversed_at": _reversals(rng, made, bulk),
    }  # fmt: skip


def _reversals(rng: np.random.Generator, made: Operations, bulk: Bools) -> Ints:
    n = len(made.at)
    opens = (made.action == OPENING) | (made.action == ACTIVATION)
    chance: Floats = np.where(bulk, BULK_REVERSED, np.where(opens, REVERSED, 0.0))
    return when(happens(rng, chance, n), made.at + rng.integers(1_800, 7 * DAY_S - 60, n))


def _addresses(
    scene: Scene, rng: np.random.Generator, county: Ints, opening: Bools, bulk: Bools, account: Ints
) -> object:
    """Codes of the addresses given at openings: a house of the county, in a bulk run always the same."""
    house = np.where(bulk, 5_000 + account % 1_000, rng.integers(0, 5_000, len(county)))
    return identities("AD", np.where(opening, county * 10_000 + house, -1), width=7)
