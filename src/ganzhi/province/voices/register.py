"""The customer register and the daily counts that rates are divided by.

On the first day the register lists everybody, afterwards who joined, left, or changed plan, brand, level, network,
consent, verification or state. Changes are found by comparing the day's end with the day before's.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import NEVER, identities, parts, same, words
from ganzhi.province.population import (
    ARREARS,
    BOTH,
    BRANDS,
    CANCELLED,
    CLASSES,
    HALF,
    LINE_STATES,
    NETWORKS,
    PLANS,
    PRECANCELLED,
    PRODUCTS,
    REQUESTED,
)
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Ints
from ganzhi.province.voices.loyalty import Moves

STATES: Final = ("active", "suspended", "precancelled", "cancelled")
STATE_OF: Final = np.zeros(len(LINE_STATES), dtype=np.int64)
STATE_OF[[HALF, ARREARS, REQUESTED, BOTH]] = 1
STATE_OF[[PRECANCELLED, CANCELLED]] = (2, 3)
ARPU: Final = ("low", "middle", "high", "top")
ARPU_FEN: Final = np.array([3_000, 8_000, 15_000])
REAL_NAMES: Final = ("verified", "registered", "missing")
UNREGISTERED: Final = 0.15
"""Share of those not verified who never registered; the value bands are the catalogue's. Group size is ours."""
GROUP_SIZE: Final = 40
CORPORATE: Final = CLASSES.index("corporate")
DIAMOND: Final = CLASSES.index("diamond")


def customers(scene: Scene) -> None:
    """Versions of customers: all on the first day, those that changed on others."""
    people, world = scene.people, scene.world
    first = "voices.versions" not in world.memory
    known: NDArray[np.int16] = world.recall("voices.versions", lambda: np.full(len(people), -1, dtype=np.int16))
    moved = scene.notes(Moves)
    usual = scene.today.start if first else scene.today.start + DAY_S - 1
    gone_now = np.zeros(len(people), dtype=bool)
    gone_now[moved.customer[~moved.joined]] = True
    for span in (part for block in world.blocks for part in parts(block)):
        now = _version(scene, span)
        present = ~people.left[span] | gone_now[span]
        changed = np.flatnonzero(present & (now != known[span]))
        known[span] = np.where(present, now, known[span])
        if len(changed):
            at = np.full(span.stop - span.start, usual)
            own = (moved.customer >= span.start) & (moved.customer < span.stop)
            at[moved.customer[own] - span.start] = moved.at[own]
            _versions(scene, span.start + changed, at[changed], gone_now[span][changed])


def _version(scene: Scene, span: slice) -> NDArray[np.int16]:
    """One number of all that may change."""
    people = scene.people
    code = people.plan[span].astype(np.int64)
    for values, count in (
        (people.brand[span], len(BRANDS)),
        (people.klass[span], len(CLASSES)),
        (people.network[span], len(NETWORKS)),
        (STATE_OF[people.line[span]], len(STATES)),
        (people.verified[span], 2),
        (people.consent[span], 2),
        (people.prepaid[span], 2),
    ):
        code = code * count + values
    return code.astype(np.int16)


def joined_moments(scene: Scene, who: Ints) -> Ints:
    """When they joined: a moment of office hours, or today's move."""
    day = scene.today.number - scene.today.index + scene.people.joined_day[who].astype(np.int64)
    moment = day * DAY_S + 9 * 3600 + who * 7_919 % 32_400
    moved = scene.notes(Moves)
    came, at = moved.customer[moved.joined], moved.at[moved.joined]
    if len(came):
        order = np.argsort(came)
        found = np.minimum(np.searchsorted(came[order], who), len(came) - 1)
        hit = came[order][found] == who
        moment = np.where(hit, at[order][found], moment)
    return moment


def _versions(scene: Scene, who: Ints, at: Ints, gone: NDArray[np.bool_]) -> None:
    people = scene.people
    klass = people.klass[who].astype(np.int64)
    spent = people.fee_fen[who].astype(np.int64) + 30 * people.daily_fen[who]
    real_name = np.where(people.verified[who], 0, np.where(who * 2_654_435_761 % 1_000 < 1_000 * UNREGISTERED, 2, 1))
    county = people.county[who].astype(np.int64)
    managed = (klass == CORPORATE) | (klass == DIAMOND)
    joined = joined_moments(scene, who)
    scene.deliver(
        "customers",
        customer_id=people.customer_ids(who),
        phone=people.phones(who),
        account_id=people.account_ids(who),
        unit=words(county, scene.places.county_codes),
        changed_at=at,
        brand=people.brands(who),
        customer_class=people.classes(who),
        network=people.networks(who),
        plan=words(people.plan[who].astype(np.int64), PLANS),
        payment_mode=words(np.where(people.prepaid[who], 0, 1), ("prepaid", "postpaid")),
        arpu_class=words(np.searchsorted(ARPU_FEN, spent, side="right"), ARPU),
        state=words(STATE_OF[people.line[who]], STATES),
        real_name_state=words(real_name, REAL_NAMES),
        joined_at=joined,
        left_at=np.where(gone, np.maximum(at, joined), NEVER),
        group_id=identities("G", np.where(klass == CORPORATE, 10_000 + who // GROUP_SIZE, -1)),
        account_manager=identities("AM", np.where(managed, county * 10 + who % 10, -1), width=4),
        contact_consent=people.consent[who],
    )


def counts(scene: Scene) -> None:
    """Customers at the end of the day by county, brand, network and level, and users of products by city."""
    people, places = scene.people, scene.places
    shape = (len(places.county_codes), len(BRANDS), len(NETWORKS), len(CLASSES))
    moved = scene.notes(Moves)
    new = _cells(scene, moved.customer[moved.joined], shape)
    lost = _cells(scene, moved.customer[~moved.joined], shape)
    total = np.zeros(len(new), dtype=np.int64)
    users = np.zeros((len(places.city_codes), len(PRODUCTS)), dtype=np.int64)
    for span in scene.world.blocks:
        there = span.start + np.flatnonzero(~people.left[span])
        total += _cells(scene, there, shape)
        city = people.city[there].astype(np.int64)
        for bit in range(len(PRODUCTS)):
            uses = people.products[there] >> np.uint32(bit) & np.uint32(1)
            users[:, bit] += np.bincount(city[uses.astype(bool)], minlength=len(users))
    shown = np.flatnonzero((total > 0) | (new > 0) | (lost > 0))
    county, brand, network, klass = np.unravel_index(shown, shape)
    scene.deliver(
        "subscriber_counts",
        unit=words(county, places.county_codes),
        day=same(f"{scene.today.day:%Y-%m-%d}", len(shown)),
        counted_at=np.full(len(shown), scene.today.start + DAY_S - 1),
        brand=words(brand, BRANDS),
        network=words(network, NETWORKS),
        customer_class=words(klass, CLASSES),
        subscribers=total[shown],
        new_subscribers=new[shown],
        lost_subscribers=lost[shown],
    )
    city, product = np.divmod(np.arange(users.size), len(PRODUCTS))
    scene.deliver(
        "product_user_counts",
        unit=words(city, places.city_codes),
        day=same(f"{scene.today.day:%Y-%m-%d}", users.size),
        counted_at=np.full(users.size, scene.today.start + DAY_S - 1),
        product=words(product, PRODUCTS),
        users=users.ravel(),
    )


def _cells(scene: Scene, who: Ints, shape: tuple[int, int, int, int]) -> Ints:
    """How many of these customers are in each cell."""
    people = scene.people
    at = np.ravel_multi_index(
        (
            people.county[who].astype(np.int64),
            people.brand[who].astype(np.int64),
            people.network[who].astype(np.int64),
            people.klass[who].astype(np.int64),
        ),
        shape,
    )
    return np.bincount(at, minlength=int(np.prod(shape)))
