"""SMS ratings: after contacts with the hotline and halls, use of electronic channels and business done there.

About 55 % of contacts are followed by an invitation, 27 % of these are answered. The points come from the
customer's satisfaction, the wait, whether the matter was settled, what it was about, and whether the team was rude.
A hall contact's moment is its end, a call's its beginning.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ganzhi.province.columns import NEVER, identities, moments, numbers, pieces, words
from ganzhi.province.feelings import MEANING, Felt
from ganzhi.province.halls.codes import ticket_ids
from ganzhi.province.population import PRODUCTS
from ganzhi.province.scene import (
    CHANNELS,
    DEAL_PROCESSES,
    OUTCOMES,
    PURPOSES,
    Contacts,
    Deals,
    Scene,
    Visits,
    contact_ids,
)
from ganzhi.province.streams import Bools, Floats, Ints, choose, lognormal
from ganzhi.province.voices.respondents import MOOD_OF, latents_of
from ganzhi.province.voices.structure import RATING_CUTS, SATISFACTION, points

HOTLINE, HALL, ELECTRONIC, BUSINESS = range(4)


@dataclass(frozen=True, slots=True)
class RatingHabits:
    """How customers rate; numbers are ours. asked: share of contacts followed by an invitation, by source.
    patience_s: wait that begins to annoy, by source. wait, unresolved, felt: what e-folds of the wait, an open
    matter and a unit of bad mood about the matter take off the standardised score. called_h: median hours until a
    dissatisfied customer is called back."""

    asked: tuple[float, float, float, float] = (0.55, 0.55, 0.55, 0.15)
    replies: float = 0.27
    invalid: float = 0.02
    loading: float = 0.62
    patience_s: tuple[float, float, float, float] = (40.0, 600.0, 60.0, 60.0)
    wait: float = 0.45
    usual_wait: float = 0.2
    unresolved: float = 1.1
    felt: float = 0.35
    reason_known: float = 0.86
    comments: float = 0.16
    called_back: float = 0.91
    called_h: float = 2.5


HABITS: Final = RatingHabits()
REASONS: Final = (
    "waiting", "attitude", "skill", "unsolved", "slow", "unclear", "fee", "network", "device", "other",
)  # fmt: skip
REASON_SHARE: Final = np.array([0.10, 0.10, 0.14, 0.18, 0.14, 0.14, 0.10, 0.04, 0.02, 0.04])
_REASON_OF: Final = {
    "charge_doubt": "fee", "fee_level": "fee", "network_coverage": "network", "product_quality": "network",
    "service_waiting": "waiting", "service_attitude": "attitude", "service_skill": "skill", "provisioning": "slow",
    "marketing": "unclear", "order_record": "unclear",
}  # fmt: skip
REASON_OF_FELT: Final = np.array(
    [REASONS.index(_REASON_OF.get(MEANING[kind].category, "unsolved")) for kind in Felt] + [-1]
)
COMMENTS: Final = (
    ("等太久了", "排队一个多小时", "半天没人接"), ("态度不好", "语气很生硬", "说话不耐烦"), ("业务不熟，问了好几个人", "答非所问"),
    ("问题还是没解决", "说了等于没说", "来了两次都没办成"), ("办得太慢", "到现在还没生效"), ("讲得不清楚", "越听越糊涂"),
    ("乱扣费", "话费不明不白"), ("信号太差", "上网老是断"), ("机器坏了", "系统老是卡"), ("不满意", "希望改进"),
    ("很好", "服务热情", "谢谢，问题解决了", "很满意", "耐心细致", "办理很快"),
)  # fmt: skip
"""What is written, by reason; the last are of satisfied customers."""
_COMMENT_WORDS: Final = tuple(word for group in COMMENTS for word in group)
_COMMENT_FIRST: Final = np.concatenate([[0], np.cumsum([len(group) for group in COMMENTS])[:-1]])
_COMMENT_COUNT: Final = np.array([len(group) for group in COMMENTS])
PROCESSES: Final = (*dict.fromkeys((*DEAL_PROCESSES, *(MEANING[kind].process for kind in Felt), "enquiry_service")),)
PROCESS_OF_FELT: Final = np.array(
    [PROCESSES.index(MEANING[kind].process) for kind in Felt] + [PROCESSES.index("enquiry_service")]
)
PROCESS_OF_PURPOSE: Final = np.array(
    [
        PROCESSES.index(
            {"payment": "recharge", "order": "service_order", "card": "sim_replacement", "bill": "bill_enquiry"}.get(
                purpose, "enquiry_service"
            )
        )
        for purpose in PURPOSES
    ]
)
PRODUCT_OF_FELT: Final = np.array(
    [PRODUCTS.index(product) if (product := MEANING[kind].product) else -1 for kind in Felt] + [-1]
)
BUSINESSES: Final = (*dict.fromkeys((*PURPOSES, *(MEANING[kind].reason for kind in Felt))),)
BUSINESS_OF_FELT: Final = np.array(
    [BUSINESSES.index(MEANING[kind].reason) for kind in Felt] + [BUSINESSES.index("other")]
)
ELECTRONIC_CHANNELS: Final = np.array([CHANNELS.index(name) for name in ("web_hall", "app", "sms_hall")])
ELECTRONIC_SHARE: Final = np.array([0.45, 0.33, 0.22])
RATED_CHANNELS: Final = np.array([CHANNELS.index(name) for name in ("web_hall", "app", "sms_hall", "kiosk")])


@dataclass(frozen=True, slots=True)
class CallBacks:
    """Dissatisfied customers who are called back: the moment their matter ended and the moment of the call."""

    customer: Ints
    ended: Ints
    called: Ints


@dataclass(frozen=True, slots=True)
class Rated:
    """What is rated, ordered by source. channel: position in CHANNELS. business, process: in BUSINESSES, PROCESSES."""

    source: Ints
    number: Ints
    customer: Ints
    at: Ints
    channel: Ints
    wait_s: Ints
    resolved: Bools
    felt: Ints
    strength: Floats
    cause: Ints
    post: Ints
    place: Ints
    business: Ints
    process: Ints


def ratings(scene: Scene) -> None:
    """Invite, take answers, call back; notes of the call-backs for the surveys."""
    rng = scene.rng("ratings")
    every = _rated(scene, rng)
    number = scene.numbers(len(every.customer))
    for span in pieces(len(number)):
        rated = Rated(*(getattr(every, name)[span] for name in Rated.__slots__))
        _rate(scene, rng, rated, number[span])


def _rate(scene: Scene, rng: np.random.Generator, rated: Rated, number: Ints) -> None:
    n = len(number)
    score, cause = scores(scene, rng, rated)
    service = np.where(rated.source == HOTLINE, rated.wait_s + lognormal(rng, 180.0, 0.6, n).astype(np.int64), 0)
    sent = rated.at + service + rng.integers(20, 240, n)
    draw = rng.random(n)
    state = np.where(draw < HABITS.replies, 0, np.where(draw < HABITS.replies + HABITS.invalid, 2, 1))
    replied = state == 0
    replied_at = moments(sent + np.minimum(lognormal(rng, 240.0, 1.1, n), 72_000).astype(np.int64), state != 1)
    unhappy = replied & (score <= 2)
    reason = _reasons(rng, rated, cause, unhappy)
    back = unhappy & (rng.random(n) < HABITS.called_back)
    delay = np.minimum(lognormal(rng, HABITS.called_h * 3600, 0.9, n), 40 * 3600).astype(np.int64) + 60
    back_at = moments(np.where(back, replied_at, 0) + delay, back)
    scene.deliver(
        "sms_ratings",
        rating_id=identities("R", number),
        **_contact_columns(scene, rated),
        sent_at=sent,
        replied_at=replied_at,
        score=numbers(score, replied),
        reply_state=words(state, ("replied", "no_reply", "invalid")),
        dissatisfaction_reason=words(reason, REASONS),
        comment=_comments(rng, score, reason, replied),
        called_back_at=back_at,
    )
    scene.know("ratings", rating_id=identities("R", number[replied]), cause=cause[replied])
    scene.note(CallBacks(rated.customer[back], rated.at[back], back_at[back]))


def scores(scene: Scene, rng: np.random.Generator, rated: Rated) -> tuple[Ints, Ints]:
    """Points from 1 to 5, and the incident behind each (-1 for none)."""
    n = len(rated.customer)
    latent = latents_of(scene, rated.customer)[:, SATISFACTION]
    felt = np.where(rated.felt >= 0, MOOD_OF[rated.felt], 0.0) * rated.strength
    waited = np.log1p(rated.wait_s / np.array(HABITS.patience_s)[rated.source])
    level = (
        HABITS.loading * latent
        + np.sqrt(1 - HABITS.loading**2) * rng.standard_normal(n)
        + HABITS.usual_wait
        - HABITS.wait * waited
        - np.where(rated.resolved, 0.0, HABITS.unresolved)
        + HABITS.felt * felt
    )
    score = points(level, RATING_CUTS)
    off, rude = rudeness(scene, rated)
    whole = np.floor(off).astype(np.int64) + (rng.random(n) < off % 1)
    return np.maximum(1, score - whole), np.where(rude >= 0, rude, rated.cause)


def rudeness(scene: Scene, rated: Rated) -> tuple[Floats, Ints]:
    """Points that rude teams cost, and the incident; nothing outside the hotline."""
    off = np.zeros(len(rated.customer))
    cause = np.full(len(off), -1, dtype=np.int64)
    start = scene.today.start
    called = np.flatnonzero((rated.source == HOTLINE) & (rated.place >= 0))
    if len(called) and scene.levers.pulled("team.rude", start, start + 172_800):
        teams = np.array(scene.places.team_codes)[rated.place[called]].tolist()
        off[called], cause[called] = scene.levers.at("team.rude", rated.at[called], teams)
    return np.maximum(0.0, off), cause


def _rated(scene: Scene, rng: np.random.Generator) -> Rated:
    """Contacts and finished business after which an invitation is sent, ordered by source."""
    contacts, deals = scene.notes(Contacts), scene.notes(Deals)
    taken = np.flatnonzero(rng.random(len(contacts.customer)) < np.array(HABITS.asked)[contacts.where])
    taken = taken[np.argsort(contacts.where[taken], kind="stable")]
    finished = np.isin(deals.outcome, [OUTCOMES.index("done"), OUTCOMES.index("failed")])
    finished &= np.isin(deals.channel, RATED_CHANNELS)
    done = np.flatnonzero(finished & (rng.random(len(finished)) < HABITS.asked[BUSINESS]))
    where, felt = contacts.where[taken], contacts.felt[taken]
    purpose = _purposes(scene, contacts, taken)
    channel = np.select(
        [where == HOTLINE, where == HALL],
        [CHANNELS.index("hotline"), CHANNELS.index("hall")],
        ELECTRONIC_CHANNELS[choose(rng, ELECTRONIC_SHARE, len(taken))],
    )
    m, none = len(done), np.full(len(done), -1, dtype=np.int64)

    def both(of_contacts: Any, of_deals: Any) -> Any:
        return np.concatenate([of_contacts, of_deals])

    known = DEAL_PROCESS[deals.process[done]]
    return Rated(
        source=both(where, np.full(m, BUSINESS)),
        number=both(contacts.number[taken], deals.number[done]),
        customer=both(contacts.customer[taken], deals.customer[done]),
        at=both(contacts.at[taken], np.where(deals.completed[done] == NEVER, deals.at[done], deals.completed[done])),
        channel=both(channel, deals.channel[done]),
        wait_s=both(contacts.wait_s[taken], np.zeros(m, dtype=np.int64)),
        resolved=both(contacts.resolved[taken], deals.outcome[done] == OUTCOMES.index("done")),
        felt=both(felt, none),
        strength=both(contacts.strength[taken], np.zeros(m)),
        cause=both(contacts.cause[taken], none),
        post=both(contacts.post[taken], none),
        place=both(contacts.place[taken], none),
        business=both(np.where(purpose >= 0, purpose, BUSINESS_OF_FELT[felt]), none),
        process=both(np.where((felt < 0) & (purpose >= 0), PROCESS_OF_PURPOSE[purpose], PROCESS_OF_FELT[felt]), known),
    )


DEAL_PROCESS: Final = np.array([PROCESSES.index(process) for process in DEAL_PROCESSES])


def _purposes(scene: Scene, contacts: Contacts, taken: Ints) -> Ints:
    """What the visitors among these contacts came for; -1 for others."""
    visits = scene.notes(Visits)
    found = np.full(len(taken), -1, dtype=np.int64)
    if len(visits.customer) == 0:
        return found
    order = np.argsort(visits.customer, kind="stable")
    known = visits.customer[order]
    at = np.minimum(np.searchsorted(known, contacts.customer[taken]), len(known) - 1)
    match = (contacts.where[taken] == HALL) & (known[at] == contacts.customer[taken])
    found[match] = visits.purpose[order][at[match]]
    return found


def _reasons(rng: np.random.Generator, rated: Rated, cause: Ints, unhappy: Bools) -> Ints:
    """Why the dissatisfied are: what was long, open, rude or felt before what comes by chance; -1 for unknown."""
    n = len(unhappy)
    by_chance = choose(rng, REASON_SHARE, n)
    long = rated.wait_s > 4 * np.array(HABITS.patience_s)[rated.source]
    draw = rng.random(n)
    told = np.select(
        [
            (cause >= 0) & (cause != rated.cause),
            long & (draw < 0.8),
            (rated.felt >= 0) & (draw < 0.75),
            ~rated.resolved & (draw < 0.6),
        ],
        [REASONS.index("attitude"), REASONS.index("waiting"), REASON_OF_FELT[rated.felt], REASONS.index("unsolved")],
        by_chance,
    )
    return np.where(unhappy & (rng.random(n) < HABITS.reason_known), told, -1)


def _comments(rng: np.random.Generator, score: Ints, reason: Ints, replied: Bools) -> pa.Array:
    """Short words of some who reply: about the reason when there is one, thanks from the satisfied."""
    n = len(score)
    group = np.where(reason >= 0, reason, np.where(score >= 4, len(COMMENTS) - 1, REASONS.index("other")))
    word = _COMMENT_FIRST[group] + (rng.random(n) * _COMMENT_COUNT[group]).astype(np.int64)
    writes = replied & (rng.random(n) < np.where(score <= 2, 0.45, HABITS.comments))
    return words(np.where(writes, word, -1), _COMMENT_WORDS)


def _contact_columns(scene: Scene, rated: Rated) -> dict[str, Any]:
    people, places = scene.people, scene.places
    hotline, hall = rated.source == HOTLINE, rated.source == HALL
    cities, counties = len(places.city_codes), len(places.county_codes)
    unit = np.select(
        [hotline, hall],
        [people.city[rated.customer], cities + counties + rated.place],
        cities + people.county[rated.customer].astype(np.int64),
    )
    agent = words(np.where(hotline, rated.post, -1), places.agent_codes)
    if hall.any():
        clerk = pc.binary_join_element_wise(
            words(np.where(hall, rated.place, -1), places.hall_codes), identities("S", rated.post + 1, width=2), "-"
        )
        agent = pc.if_else(pa.array(hall & (rated.post >= 0)), clerk, agent)
    return {
        "channel": words(rated.channel, CHANNELS),
        "line": words(np.where(hotline, 0, -1), ("10086",)),
        "contact_id": _contact_ids(rated),
        "unit": words(unit, (*places.city_codes, *places.county_codes, *places.hall_codes)),
        "customer_id": people.customer_ids(rated.customer),
        "team": words(np.where(hotline, rated.place, -1), places.team_codes),
        "agent": agent,
        "process": words(rated.process, PROCESSES),
        "business": words(rated.business, BUSINESSES),
        "product": words(PRODUCT_OF_FELT[rated.felt], PRODUCTS),
    }


def _contact_ids(rated: Rated) -> pa.Array:
    """Identities of what is rated, as its owner writes them. Business on electronic channels: the record's number."""
    parts: list[pa.Array] = []
    for source in (HOTLINE, HALL, ELECTRONIC, BUSINESS):
        number = rated.number[rated.source == source]
        if len(number) == 0:
            continue
        if source == HOTLINE:
            parts.append(contact_ids(number))
        elif source == HALL:
            parts.append(ticket_ids(number))
        else:
            parts.append(identities("E", number))
    return pa.concat_arrays([part.combine_chunks() if isinstance(part, pa.ChunkedArray) else part for part in parts])
