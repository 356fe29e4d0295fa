"""Who comes to a hall today, and why: customers of the day's recharges and orders, those who walk in of
themselves, and those whom an experience sends.

Shares are ours. Each visitor goes to a desk, to a device, or is helped by the guide at the door.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from ganzhi.province.feelings import MEANING, Felt
from ganzhi.province.halls.codes import (
    BILL,
    CARD,
    COMPLAINT,
    ENQUIRY,
    LAST_TICKET_S,
    OPEN_S,
    ORDER,
    OTHER,
    closing,
    found_in,
    keys_of,
)
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import CHANNELS, Deals, Experiences, Scene, Visits
from ganzhi.province.streams import Bools, Floats, Ints, choose

OWN_SHARE: Final = 0.0035
"""Share of the customers who walk into a hall of themselves on a plain Wednesday."""
OWN_PURPOSES: Final = (ORDER, CARD, ENQUIRY, BILL, COMPLAINT, OTHER)
OWN_WEIGHTS: Final = np.array([0.34, 0.16, 0.18, 0.14, 0.06, 0.12])
GUIDE_SHARE: Final = 0.12
"""Of those who walk in with an enquiry or anything else, how many the guide helps without a ticket."""
DEVICE_BASE, DEVICE_LEANING = 0.10, 0.70
"""Chance that an enquiry or order goes to a device: for a customer who leans to nothing electronic, and what a full
inclination adds."""
PRINTED_BASE: Final = 0.45
"""The same for a bill, which a printer gives out."""
DESK, DEVICE, DOOR = range(3)
"""Where a visitor goes."""


@dataclass(frozen=True, slots=True)
class Visitors:
    """Today's visitors. number: of the record the visit is for, -1 for none. goes: DESK, DEVICE or DOOR.
    kind: what was felt before, -1 for nothing. cause: incident, -1 for none."""

    customer: Ints
    hall: Ints
    at: Ints
    purpose: Ints
    number: Ints
    amount_fen: Ints
    felt: Ints
    cause: Ints
    goes: Ints

    def __len__(self) -> int:
        return len(self.customer)

    def take(self, where: Ints | Bools) -> Visitors:
        """Some of them."""
        return Visitors(*(getattr(self, each.name)[where] for each in fields(self)))


@dataclass(frozen=True, slots=True)
class Reach:
    """Halls a customer goes to: those of the county, of the city where the county has none, each as often as it
    has clerks. A county's halls are `halls[first : first + count]`."""

    halls: Ints
    first: Ints
    count: Ints

    def draw(self, rng: np.random.Generator, county: Ints) -> Ints:
        """A hall for customers of these counties."""
        return self.halls[self.first[county] + (rng.random(len(county)) * self.count[county]).astype(np.int64)]


def reach_of(scene: Scene) -> Reach:
    """The halls of each county."""

    def make() -> Reach:
        places = scene.places
        found: list[Ints] = []
        for county in range(len(places.county_codes)):
            own = np.flatnonzero(places.hall_county == county)
            own = own if len(own) else places.halls_of(int(places.county_city[county]))
            found.append(np.repeat(own, places.clerks[own]))
        count = np.array([len(each) for each in found])
        return Reach(np.concatenate(found), np.cumsum(count) - count, count)

    return scene.world.recall("halls.reach", make)


@dataclass(slots=True)
class Coming:
    """Who will come tomorrow. seen: how many of today's experiences were looked at already."""

    customer: Ints
    felt: Ints
    cause: Ints
    day: int = -1
    seen: int = 0


_EMPTY: Final = np.empty(0, dtype=np.int64)


def _coming(scene: Scene) -> Coming:
    return scene.world.recall("halls.coming", lambda: Coming(_EMPTY, _EMPTY, _EMPTY))


_VISIT: Final[Floats] = np.array([MEANING[kind].visit for kind in Felt])
_AFTER_S: Final[Floats] = np.array([MEANING[kind].after_h for kind in Felt]) * 3600 / np.log(2)
_BILLS: Final = np.isin(np.arange(len(Felt)), [Felt.BILL_WRONG, Felt.BILL_HIGH])
_PLAIN: Final = np.array([MEANING[kind].mood > -0.3 for kind in Felt])
_PURPOSE: Final = np.where(_BILLS, BILL, np.where(_PLAIN, ENQUIRY, COMPLAINT))


def _sent(scene: Scene, rng: np.random.Generator) -> tuple[Ints, Ints, Ints, Ints]:
    """Customers whom experiences not yet looked at send to a hall: who, what was felt, incident, when."""
    coming = _coming(scene)
    felt = scene.notes(Experiences)
    first = coming.seen if coming.day == scene.today.index else 0
    coming.day, coming.seen = scene.today.index, len(felt.kind)
    kind = felt.kind[first:]
    hit = np.flatnonzero(rng.random(len(kind)) < _VISIT[kind] * felt.strength[first:])
    when = felt.at[first:][hit] + (rng.exponential(1.0, len(hit)) * _AFTER_S[kind[hit]]).astype(np.int64)
    return felt.customer[first:][hit], kind[hit], felt.cause[first:][hit], when


def plan_visits(scene: Scene) -> None:
    """Last province phase of a day: who comes to a hall tomorrow because of what was felt since the halls opened."""
    customer, kind, cause, _ = _sent(scene, scene.rng("halls.tomorrow"))
    _keep(scene, customer, kind, cause)


def _keep(scene: Scene, customer: Ints, kind: Ints, cause: Ints) -> None:
    coming = _coming(scene)
    coming.customer = np.concatenate([coming.customer, customer])
    coming.felt = np.concatenate([coming.felt, kind])
    coming.cause = np.concatenate([coming.cause, cause])


def _walk_ins(scene: Scene, rng: np.random.Generator) -> Visitors:
    """Those who come of themselves."""
    people = scene.people
    noon = np.array([scene.today.start + 43_200])
    peaks = np.array([float(scene.levers.at("load.peak", noon, code)[0][0]) for code in scene.places.city_codes])
    most = 1 + float(peaks.max(initial=0.0))
    n = int(rng.poisson(len(people) * OWN_SHARE * scene.today.factor("hall") * most))
    customer = np.unique(rng.integers(0, len(people), n))
    kept = ~people.left[customer] & (rng.random(len(customer)) * most < 1 + peaks[people.city[customer]])
    customer = customer[kept]
    purpose = np.array(OWN_PURPOSES)[choose(rng, OWN_WEIGHTS, len(customer))]
    none = np.full(len(customer), -1, dtype=np.int64)
    at = draw_moments(rng, scene.today, "hall", len(customer))
    return Visitors(customer, none, at, purpose, none, none * 0, none, none, none * 0)


def _after_experiences(scene: Scene, rng: np.random.Generator) -> Visitors:
    """Those whom an experience sends: yesterday's who come today, and today's who come at once."""
    coming = _coming(scene)
    customer, kind, cause = coming.customer, coming.felt, coming.cause
    coming.customer = coming.felt = coming.cause = _EMPTY
    at = draw_moments(rng, scene.today, "hall", len(customer))
    new, new_kind, new_cause, when = _sent(scene, rng)
    today = when < scene.today.start + OPEN_S + 8 * 3600
    _keep(scene, new[~today], new_kind[~today], new_cause[~today])
    when = np.maximum(when, scene.today.start + OPEN_S + rng.integers(0, 7_200, len(when)))
    customer, kind = np.concatenate([customer, new[today]]), np.concatenate([kind, new_kind[today]])
    none = np.full(len(customer), -1, dtype=np.int64)
    return Visitors(
        customer, none, np.concatenate([at, when[today]]), _PURPOSE[kind], none, none * 0, kind,
        np.concatenate([cause, new_cause[today]]), none * 0,
    )  # fmt: skip


def _noted(scene: Scene) -> Visitors:
    """Visits that belong to a record of the day; those whose deal was done at a kiosk go to a device."""
    visits, deals = scene.notes(Visits), scene.notes(Deals)
    kiosk = deals.channel == CHANNELS.index("kiosk")
    match = found_in(keys_of(visits.number, visits.customer), keys_of(deals.number, deals.customer)[kiosk])
    keep = (visits.number < 0) | (match < 0)  # the others are at a kiosk, and among the kiosk deals
    goes = np.zeros(len(match), dtype=np.int64)
    whole = Visitors(
        visits.customer, visits.hall, visits.at, visits.purpose, visits.number, visits.amount_fen, visits.felt,
        visits.cause, goes,
    )  # fmt: skip
    return whole.take(keep)


def gather(scene: Scene) -> Visitors:
    """All visitors of today, each with a hall and a moment within its opening hours, in no order."""
    rng = scene.rng("halls.visits")
    parts = (_noted(scene), _walk_ins(scene, rng), _after_experiences(scene, rng))
    columns = [np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Visitors)]
    noted = len(parts[0])
    all_of = Visitors(*columns)
    hall = np.where(
        all_of.hall >= 0, all_of.hall, reach_of(scene).draw(rng, scene.people.county[all_of.customer].astype(np.int64))
    )
    return Visitors(
        all_of.customer, hall, _within_hours(scene, rng, hall, all_of.at), all_of.purpose, all_of.number,
        all_of.amount_fen, all_of.felt, all_of.cause, _where_to(scene, rng, all_of, noted),
    )  # fmt: skip


def _within_hours(scene: Scene, rng: np.random.Generator, hall: Ints, at: Ints) -> Ints:
    """Moments outside a hall's hours are drawn anew within them."""
    first = scene.today.start + OPEN_S
    last = closing(scene.places, scene.today)[hall] - LAST_TICKET_S
    fresh = first + (rng.random(len(at)) * (last - first)).astype(np.int64)
    return np.where((at < first) | (at >= last), fresh, at)


def _where_to(scene: Scene, rng: np.random.Generator, all_of: Visitors, noted: int) -> Ints:
    """Desk, device or door: those with a record behind them go to the desk."""
    own = (np.arange(len(all_of)) >= noted) & (all_of.felt < 0)
    leaning = scene.people.electronic[all_of.customer]
    capable = np.isin(all_of.purpose, (BILL, ENQUIRY, ORDER))
    draw = rng.random(len(all_of))
    base = np.where(all_of.purpose == BILL, PRINTED_BASE, DEVICE_BASE)
    device = own & capable & (draw < base + DEVICE_LEANING * leaning)
    door = own & ~device & np.isin(all_of.purpose, (ENQUIRY, OTHER)) & (rng.random(len(all_of)) < GUIDE_SHARE)
    return np.where(device, DEVICE, np.where(door, DOOR, DESK))
