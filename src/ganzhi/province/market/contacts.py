"""Whom campaigns reach: offers to customers, answers, promised benefits, cancellations.

Customers who opted out are left out, but for a slip; those contacted in the last thirty days mostly too. The lever
`campaign.confused` is the share of those reached who misunderstand the offer; some of them cancel what they
accepted, some complain. Rates are ours, near the catalogue's targets.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import NEVER, identities, same, truths, words
from ganzhi.province.feelings import Felt
from ganzhi.province.market.campaigns import plans_of
from ganzhi.province.market.shared import Columns, clamp, happened, later, unfold, when
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import CHANNELS, Scene
from ganzhi.province.service.drawing import counties, some
from ganzhi.province.streams import Bools, Ints, choose, happens, stream

PER_100K: Final = 1_800.0
"""Customers a day of 100,000 considered in a small province; a larger one considers fewer (see `_rate`)."""
SMALL: Final = 0.01
LAST_S: Final = 30 * DAY_S
SPARED: Final = 0.70
"""Share of customers contacted in the last thirty days who are left out."""
SLIP: Final = 0.0022
"""Share of customers who opted out and are contacted all the same."""
OFFERING: Final = {
    "outbound": 0.34, "sms_push": 0.28, "hall": 0.14, "app": 0.10, "partner_shop": 0.08, "account_manager": 0.06,
}  # fmt: skip
REACHED: Final = np.array([0.62, 0.66, 0.95, 0.72, 0.92, 0.90])
ACCEPTED: Final = np.array([0.12, 0.09, 0.22, 0.13, 0.20, 0.24])
"""By channel, in the order of `OFFERING`."""
ELIGIBLE: Final = 0.965
TOLD: Final = 0.962
BENEFIT_DAYS: Final = (2, 8)
BENEFIT_LATE: Final = 0.006
BENEFIT_NEVER: Final = 0.001
REGRET: Final = 0.022
CANCELS_LATER: Final = 0.03
COMPLAINS: Final = 0.0007
CONFUSED: Final = 0.003
"""Share of those reached who misunderstand even a plain offer."""
CONFUSED_REGRET: Final = 0.35
CONFUSED_COMPLAINS: Final = 0.03
RESPONSES: Final = ("accepted", "declined", "no_answer")
STAMPS: Final = ("benefit_given_at", "cancelled_at", "_complained_at", "_checked_at")
_CHANNELS: Final = tuple(OFFERING)
assert set(_CHANNELS) <= set(CHANNELS)


def contact_customers(scene: Scene) -> None:
    """The day's offers of the block, and earlier ones that changed."""
    rng = scene.rng("campaign-contacts")
    customer = _targets(scene, rng)
    at = draw_moments(rng, scene.today, "order", len(customer))
    campaign = _campaigns(scene, rng, customer)
    kept = campaign >= 0
    new = _offers(scene, rng, customer[kept], at[kept], campaign[kept]) if kept.any() else None
    unfold(scene, "campaign_contacts", new, "contacted_at", STAMPS, _state)


def _rate(scale: float) -> float:
    """Customers considered a day of 100,000: fewer with the fourth root of the scale."""
    return PER_100K * min(1.0, (SMALL / scale) ** 0.25)


_NOT_YET: Final = int(np.iinfo(np.int32).min)


def _last(scene: Scene) -> NDArray[np.int32]:
    """When each customer of the block was contacted last, `_NOT_YET` for never; before the simulation by chance."""
    span = scene.world.blocks[scene.block]

    def make() -> NDArray[np.int32]:
        rng = stream(scene.world.seed, "last-contact", scene.block + 1)
        n = span.stop - span.start
        known = happens(rng, 0.4, n)
        return np.where(known, scene.today.start - rng.integers(1, 75 * DAY_S, n), _NOT_YET).astype(np.int32)

    return scene.world.recall(f"market.last_contact.{scene.block}", make)


def _targets(scene: Scene, rng: np.random.Generator) -> Ints:
    drawn = some(rng, scene, _rate(scene.world.scale))
    lately = _last(scene)[drawn - scene.world.blocks[scene.block].start] > scene.today.start - LAST_S
    spared = lately & happens(rng, SPARED, len(drawn))
    willing = scene.people.consent[drawn] | happens(rng, SLIP, len(drawn))
    return drawn[~spared & willing]


def _campaigns(scene: Scene, rng: np.random.Generator, customer: Ints) -> Ints:
    """A running campaign of each customer's city or of the province, -1 when there is none."""
    plans = plans_of(scene.world)
    running = plans.running(scene.today.start, scene.today.start + DAY_S)
    found = np.full(len(customer), -1, dtype=np.int64)
    city = scene.people.city[customer]
    for own in range(len(scene.places.city_codes)):
        here = np.flatnonzero(city == own)
        open_here = running[(plans.city[running] == own) | (plans.city[running] < 0)]
        if len(here) and len(open_here):
            found[here] = open_here[rng.integers(0, len(open_here), len(here))]
    return found


def _confused(scene: Scene, rng: np.random.Generator, customer: Ints, at: Ints, reached: Bools) -> tuple[Bools, Ints]:
    """Who misunderstands the offer, and through which incident."""
    share = np.zeros(len(at))
    cause = np.full(len(at), -1, dtype=np.int64)
    for city, code in enumerate(scene.places.city_codes):
        here = np.flatnonzero(scene.people.city[customer] == city)
        share[here], cause[here] = scene.levers.at("campaign.confused", at[here], code)
    draw = rng.random(len(at))
    lever = reached & (draw < share)
    return lever | (reached & (draw >= 1 - CONFUSED)), np.where(lever, cause, -1)


def _offers(scene: Scene, rng: np.random.Generator, customer: Ints, at: Ints, campaign: Ints) -> Columns:
    n = len(customer)
    number = scene.numbers(n)
    channel = choose(rng, np.array(list(OFFERING.values())), n)
    reached = happens(rng, REACHED[channel], n)
    accepted = reached & happens(rng, ACCEPTED[channel], n)
    confused, cause = _confused(scene, rng, customer, at, reached)
    who = np.flatnonzero(confused)
    felt_at = clamp(scene, later(rng, at[who], 1_500.0, 0.8))
    scene.felt(Felt.OFFER_CONFUSED, customer[who], felt_at, cause=cause[who], ref=number[who])
    if len(who):
        scene.know("confused", contact_id=identities("CC", number[who]), incident=cause[who])
    memory = _last(scene)
    own = customer - scene.world.blocks[scene.block].start
    previous = np.where(memory[own] == _NOT_YET, NEVER, memory[own].astype(np.int64))
    memory[own] = at
    columns: Columns = {
        "contact_id": identities("CC", number), "campaign": words(campaign, plans_of(scene.world).codes),
        "contacted_at": at, "unit": counties(scene, customer), "channel": words(channel, _CHANNELS),
        "process": same("promotion_order", n), "customer_id": scene.people.customer_ids(customer),
        "brand": scene.people.brands(customer), "customer_class": scene.people.classes(customer),
        "response": words(np.where(accepted, 0, np.where(reached, 1, 2)), RESPONSES),
        "eligible": truths(happens(rng, ELIGIBLE, n), happens(rng, 0.99, n)),
        "opted_out": ~scene.people.consent[customer],
        "terms_told": truths(happens(rng, TOLD, n) & ~(confused & happens(rng, 0.5, n)), reached),
        "previous_contact_at": np.where(previous < at, previous, NEVER),
    }  # fmt: skip
    return columns | _aftermath(rng, at, accepted, reached, confused)


def _aftermath(rng: np.random.Generator, at: Ints, accepted: Bools, reached: Bools, confused: Bools) -> Columns:
    """What comes of an offer: the benefit, a cancellation, a complaint."""
    n = len(at)
    due = at // DAY_S * DAY_S + rng.integers(*BENEFIT_DAYS, n) * DAY_S
    draw = rng.random(n)
    late = draw < BENEFIT_LATE + BENEFIT_NEVER
    given = np.minimum(later(rng, at, 30 * 3_600, 0.7), due - 60)
    given = np.where(late, due + rng.integers(3_600, 6 * DAY_S, n), given)
    regret = accepted & happens(rng, np.where(confused, CONFUSED_REGRET, REGRET), n)
    much_later = accepted & ~regret & happens(rng, CANCELS_LATER, n)
    cancelled = np.where(
        regret, at + rng.integers(1_800, 7 * DAY_S - 60, n), at + rng.integers(8 * DAY_S, 60 * DAY_S, n)
    )
    complains = reached & happens(rng, np.where(confused, CONFUSED_COMPLAINS, COMPLAINS), n)
    return {
        "benefit_due_at": when(accepted, due),
        "benefit_given_at": when(accepted & (draw >= BENEFIT_NEVER), given),
        "cancelled_at": when(regret | much_later, cancelled),
        "_complained_at": when(complains, later(rng, at, 20 * 3_600, 1.0)),
        "_checked_at": when(accepted & late, due + 3_600),
    }


def _state(shown: Columns, _: int) -> Columns:
    return {"complained": happened(shown["_complained_at"])}
