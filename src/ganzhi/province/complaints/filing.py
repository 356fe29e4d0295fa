"""Who complains about what: from contacts, from experiences nobody called about, and plain matters.

All chances beside `feelings.MEANING` are ours. Whether a contact becomes a complaint depends on the day's stream and
the contact's number only, so that whoever writes up the contact can know it too (`complains`).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.complaints.cases import (
    ELECTRONIC,
    HALL,
    HOTLINE,
    ORIGIN,
    PARTLY,
    REPEAT_DAYS,
    UNSOLVED,
    Cases,
    Lodged,
    number_of_contact,
)
from ganzhi.province.complaints.texts.topics_more import CODES, TOPIC_OF, TOPICS
from ganzhi.province.feelings import MEANING, Felt
from ganzhi.province.population import PRODUCTS
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import Contacts, Experiences, Scene, joined
from ganzhi.province.streams import Bools, Floats, Ints, choose, happens

CHANCE: Final = np.array([MEANING[felt].complaint for felt in Felt])
EASED: Final = 0.25
"""Share of the chance that is left when the contact settled the matter."""
SILENT: Final = 0.08
"""Share of the chance for customers who felt something and contacted nobody: they write on the web or in the app."""
MOST: Final = 0.9
NO_NUMBER, DEAD_NUMBER, AS_ENQUIRY = range(3)
LEFT_OUT: Final = np.array([0.6, 0.8])
"""Of records that were left out: up to the first the contact is coded as a complaint and names none, up to the second it
names one that nobody made, and the rest is coded as an enquiry."""
PLAIN: Final = 8.0
"""Complaints a day about matters no phase simulates, per 100,000 customers."""
PLAIN_FROM: Final = np.array([0.72, 0.10, 0.18])
"""Where plain complaints come in: hotline, halls, electronic channels."""
PLAIN_MOST: Final = 0.05
"""The most plain contacts that may become complaints."""
BROADBAND: Final = np.array(["home_broadband" in topic.products for topic in TOPICS])
BROADBAND_MORE: Final = 8.0
"""How much oftener customers with broadband choose a broadband matter; others never do."""
SHARES: Final = np.array([topic.share for topic in TOPICS])
TOPIC_OF_FELT: Final = np.array([TOPIC_OF.get(felt, CODES.index("suggestion")) for felt in Felt])
PRODUCT_OF: Final = tuple(tuple(PRODUCTS.index(product) for product in topic.products) for topic in TOPICS)
MOST_PRODUCTS: Final = max(map(len, PRODUCT_OF))
PRODUCT_TABLE: Final = np.array([list(own) + [-1] * (MOST_PRODUCTS - len(own)) for own in PRODUCT_OF])
PRODUCT_COUNT: Final = np.array([len(own) for own in PRODUCT_OF])


def plain_expected(scene: Scene) -> float:
    """How many plain complaints a day like this brings."""
    return PLAIN * int(np.count_nonzero(~scene.people.left)) / 100_000 * scene.today.factor("hotline")


def complains(scene: Scene, contacts: Contacts) -> Bools:
    """Which contacts become complaints; give all contacts the hotline (or the halls) had today. Contacts of unknown
    customers do not count, so that who knows them and who does not finds the same."""
    felt = contacts.felt >= 0
    chance = np.where(felt, CHANCE[contacts.felt] * contacts.strength * np.where(contacts.resolved, EASED, 1.0), 0.0)
    for where in (HOTLINE, HALL):
        plain = ~felt & (contacts.where == where) & (contacts.customer >= 0)
        if plain.any():
            chance[plain] = min(PLAIN_MOST, plain_expected(scene) * PLAIN_FROM[where] / plain.sum())
    key = int(scene.rng("complaint-of-contact").integers(0, 2**62))
    return _luck(key, number_of_contact(contacts.number, contacts.where)) < np.minimum(chance, MOST)


def skipped(scene: Scene, contacts: Contacts, becomes: Bools) -> tuple[Ints, Ints]:
    """How the records of complaints told to the hotline were left out, and by which incident. how: -1 for those that were
    made; `NO_NUMBER`, `DEAD_NUMBER` and `AS_ENQUIRY` by what the agent wrote instead."""
    size, cause = scene.levers.at("records.skipped", contacts.at)
    how = np.full(len(contacts.at), -1, dtype=np.int64)
    at = np.flatnonzero(becomes & (contacts.where == HOTLINE) & (size > 0))
    if not len(at):
        return how, cause
    number = number_of_contact(contacts.number, contacts.where)[at]
    keys = scene.rng("complaint-skipped").integers(0, 2**62, 2)
    left_out = _luck(int(keys[0]), number) < size[at]
    how[at] = np.where(left_out, np.searchsorted(LEFT_OUT, _luck(int(keys[1]), number), side="right"), -1)
    return how, cause


def _luck(key: int, numbers: Ints) -> Floats:
    """A number from 0 to 1 for each number, the same whenever it is asked (SplitMix64)."""
    z = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(key)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray((z ^ (z >> np.uint64(31))) >> np.uint64(11), dtype=float) / 2.0**53


def lodged_today(scene: Scene, known: Cases) -> Lodged:
    """All complaints of the day in order of receipt, those that repeat an earlier one marked."""
    contacts = scene.notes(Contacts)
    chosen = complains(scene, contacts)
    chosen &= skipped(scene, contacts, chosen)[0] < 0
    parts = [_from_contacts(scene, contacts, chosen), _silent(scene, contacts), _plain(scene, contacts)]
    whole = _continued(joined(Lodged, parts), known)
    order = np.lexsort((whole.number, whole.received))
    whole = Lodged(**{name: getattr(whole, name)[order] for name in Lodged.__slots__})
    return _with(whole, repeat=_repeats(whole, known))


def _with(lodged: Lodged, **columns: Ints) -> Lodged:
    return Lodged(**{**{name: getattr(lodged, name) for name in Lodged.__slots__}, **columns})


def _lodged(
    scene: Scene, name: str, number: Ints, customer: Ints, received: Ints, origin: Ints, felt: Ints, cause: Ints,
    contact: Contacts | None = None,
) -> Lodged:  # fmt: skip
    """Complaints with topic and product drawn, from the stream `name`."""
    n = len(number)
    blank = np.full(n, -1, dtype=np.int64)
    rng = scene.rng("complaint-topics", name)
    online = scene.people.uses(customer, "home_broadband")
    topic = np.where(
        online,
        choose(rng, SHARES * np.where(BROADBAND, BROADBAND_MORE, 1.0), n),
        choose(rng, SHARES * ~BROADBAND, n),
    )
    topic = np.where(felt >= 0, TOPIC_OF_FELT[felt], topic)
    pick = (rng.random(n) * PRODUCT_COUNT[topic]).astype(np.int64)
    return Lodged(
        number=number,
        customer=customer,
        received=np.minimum(received, scene.today.start + DAY_S - 1),
        origin=origin,
        contact=np.where(origin == HOTLINE, contact.number, -1) if contact else blank,
        post=contact.post if contact else blank,
        place=contact.place if contact else blank,
        felt=felt,
        cause=cause,
        topic=topic,
        product=PRODUCT_TABLE[topic, pick],
        eased=contact.resolved.astype(np.int64) if contact else np.zeros(n, dtype=np.int64),
        repeat=blank,
    )


def _from_contacts(scene: Scene, contacts: Contacts, chosen: Bools) -> Lodged:
    own = Contacts(**{name: getattr(contacts, name)[chosen] for name in Contacts.__slots__})
    received = own.at + scene.rng("complaint-receipt").integers(20, 240, len(own.at))
    number = number_of_contact(own.number, own.where)
    return _lodged(scene, "contacts", number, own.customer, received, own.where, own.felt, own.cause, own)


def _silent(scene: Scene, contacts: Contacts) -> Lodged:
    """Customers who felt something and contacted nobody; one complaint a day of each."""
    felt = scene.notes(Experiences)
    chance = np.minimum(CHANCE[felt.kind] * felt.strength * SILENT, MOST)
    chosen = happens(scene.rng("complaint-silent"), chance, len(felt.kind)) & ~np.isin(felt.customer, contacts.customer)
    at = np.flatnonzero(chosen)
    at = np.sort(at[np.unique(felt.customer[at], return_index=True)[1]])
    wait = scene.rng("complaint-silent-wait").exponential(2 * 3600.0, len(at)).astype(np.int64)
    number = ORIGIN * (ELECTRONIC + 1) + scene.numbers(len(at), 8)
    origin = np.full(len(at), ELECTRONIC)
    return _lodged(
        scene, "silent", number, felt.customer[at], felt.at[at] + wait, origin, felt.kind[at], felt.cause[at]
    )


def _plain(scene: Scene, contacts: Contacts) -> Lodged:
    """Plain matters beside those that plain contacts brought; all of them when there were no such contacts."""
    rng = scene.rng("complaint-plain")
    expected = plain_expected(scene)
    origins = []
    for where, share in enumerate(PLAIN_FROM):
        brought = 0.0
        if where != ELECTRONIC:
            plain = int(((contacts.felt < 0) & (contacts.where == where)).sum())
            brought = min(expected * share, PLAIN_MOST * plain)
        origins.append(np.full(rng.poisson(expected * share - brought), where))
    origin = np.concatenate(origins).astype(np.int64)
    n = len(origin)
    own = scene.own()
    customer = own[rng.integers(0, len(own), n)]
    blank = np.full(n, -1, dtype=np.int64)
    received = draw_moments(rng, scene.today, "hotline", n)
    return _lodged(scene, "plain", ORIGIN * 4 + scene.numbers(n, 9), customer, received, origin, blank, blank)


def _continued(lodged: Lodged, known: Cases) -> Lodged:
    """Who complains that a complaint is unsolved complains about the old problem again."""
    again = lodged.felt == Felt.COMPLAINT_UNSOLVED
    if not again.any() or not len(known):
        return lodged
    order = np.lexsort((known.received, known.customer))
    place = np.searchsorted(known.customer[order], lodged.customer, side="right") - 1
    latest = order[np.maximum(place, 0)]
    again &= (place >= 0) & (known.customer[latest] == lodged.customer)
    taken = {name: np.where(again, getattr(known, name)[latest], getattr(lodged, name)) for name in
             ("felt", "cause", "topic", "product")}  # fmt: skip
    return _with(lodged, **taken)


def _repeats(lodged: Lodged, known: Cases) -> Ints:
    """The number of the complaint each one repeats: the customer's last about the same topic in thirty days, when
    that one was not solved by then; -1 for none."""
    customer = np.concatenate([known.customer, lodged.customer])
    topic = np.concatenate([known.topic, lodged.topic])
    received = np.concatenate([known.received, lodged.received])
    number = np.concatenate([known.number, lodged.number])
    far = np.iinfo(np.int64).max
    unsolved = np.concatenate([np.isin(known.result, (PARTLY, UNSOLVED)), np.ones(len(lodged.number), dtype=bool)])
    closed = np.concatenate([known.closed, np.full(len(lodged.number), far)])
    order = np.lexsort((number, received, topic, customer))
    before, after = order[:-1], order[1:]
    same = (customer[before] == customer[after]) & (topic[before] == topic[after])
    same &= received[after] - received[before] <= REPEAT_DAYS * DAY_S
    same &= received[after] > received[before]
    same &= (closed[before] > received[after]) | unsolved[before]
    repeat = np.full(len(customer), -1, dtype=np.int64)
    repeat[after[same]] = number[before[same]]
    return repeat[len(known) :]
