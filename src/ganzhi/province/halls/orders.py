"""What is done at the desks: one or two businesses a ticket, how long they take, errors, recommendations.

Shares and spreads are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.columns import NEVER, identities, truths, words
from ganzhi.province.halls.codes import (
    DEAL_OF,
    ENQUIRY,
    MATTER_OF_DEAL,
    MATTERS,
    NORM_S,
    ORDER,
    PAYMENT,
    WANTED,
    DoneAt,
    counter_ids,
    found_in,
    keys_of,
    staff_ids,
    ticket_ids,
    units,
)
from ganzhi.province.halls.visits import Visitors
from ganzhi.province.scene import CHANNELS, OUTCOMES, Deals, Scene
from ganzhi.province.streams import Bools, Floats, Ints, happens, lognormal

SECOND: Final = 0.45
"""Chance of a second business on a ticket."""
PAYER_SECOND: Final = 0.25
"""Chance that who comes to pay wants something else as well."""
HANDLING_TO_NORM: Final = 0.78
HANDLING_SPREAD: Final = 0.22
CONSULT_S: Final = 75.0
CONSULT_SPREAD: Final = 0.5
LONGEST_S: Final = 1_500
"""No ticket takes longer than this; it is shorter than any pause of a desk."""
ERROR_CHANCE: Final = 0.0022
ERROR_KINDS: Final = ("wrong_data", "wrong_product", "wrong_amount", "missing_document", "not_confirmed", "other")
ERROR_FINDERS: Final = ("clerk", "audit", "audit", "audit", "clerk", "customer")
ONE_KEY: Final = 0.58
OFFERED: Final = 0.38
ACCEPTED: Final = 0.17
FAILED: Final = 0.012
"""Share of businesses at the desk that do not succeed."""


@dataclass(frozen=True, slots=True)
class Work:
    """Businesses wanted at the desks. ticket: position of the ticket. rank: 0 or 1 within it. handling_s: time each
    takes. consult_s, total_s: of each ticket; total is consulting and handling. group: business group of each
    ticket (a purpose)."""

    ticket: Ints
    matter: Ints
    rank: Ints
    handling_s: Ints
    consult_s: Ints
    total_s: Ints
    group: Ints
    drift_cause: Ints


def _matter_for(rng: np.random.Generator, purpose: Ints) -> Ints:
    edges = np.cumsum(WANTED[purpose], axis=1)
    hit = rng.random(len(purpose)) * edges[:, -1]
    return np.minimum((edges <= hit[:, None]).sum(axis=1), len(MATTERS) - 1)


def _recorded(scene: Scene, desk: Visitors, drawn: Ints) -> Ints:
    """What a visit's own record says was done, where halls list its process and nothing fitting was drawn."""
    deals = scene.notes(Deals)
    match = found_in(keys_of(desk.number, desk.customer), keys_of(deals.number, deals.customer))
    if not len(deals.number):
        return drawn
    process = np.where((match >= 0) & (desk.number >= 0), deals.process[np.maximum(match, 0)], -1)
    matter = np.where(process >= 0, MATTER_OF_DEAL[np.maximum(process, 0)], -1)
    return np.where((matter >= 0) & (DEAL_OF[drawn] != process), matter, drawn)


def draw_work(scene: Scene, desk: Visitors) -> Work:
    """The businesses of the day's tickets and the time they will take."""
    rng = scene.rng("halls.work")
    n = len(desk)
    payer = desk.purpose == PAYMENT
    also = np.where(rng.random(n) < 0.6, ORDER, ENQUIRY)
    second = np.flatnonzero(happens(rng, np.where(payer, PAYER_SECOND, SECOND), n))
    purpose = np.concatenate([desk.purpose, np.where(payer, also, desk.purpose)[second]])
    ticket = np.concatenate([np.arange(n), second])
    rank = np.concatenate([np.zeros(n, dtype=np.int64), np.ones(len(second), dtype=np.int64)])
    matter = _matter_for(rng, purpose)
    matter[:n] = _recorded(scene, desk, matter[:n])
    drift, drift_cause = scene.levers.at("wait.drift", desk.at, "hall")
    slower: Floats = 1 + drift[ticket]
    handling = lognormal(rng, NORM_S[matter] * HANDLING_TO_NORM * slower, HANDLING_SPREAD, len(ticket))
    consult = lognormal(rng, CONSULT_S * (1 + drift), CONSULT_SPREAD, n)
    longest = np.bincount(ticket, weights=handling, minlength=n) + consult
    shrink = np.minimum(1.0, LONGEST_S / np.maximum(longest, 1))
    handling_s = np.maximum(15, handling * shrink[ticket]).astype(np.int64)
    consult_s = np.maximum(5, consult * shrink).astype(np.int64)
    total = consult_s + np.bincount(ticket, weights=handling_s, minlength=n).astype(np.int64)
    group = desk.purpose.copy()
    group[second] = np.where(payer, also, desk.purpose)[second]
    return Work(ticket, matter, rank, handling_s, consult_s, total, group, drift_cause)


def deliver_orders(
    scene: Scene, desk: Visitors, work: Work, number: Ints, served: Ints, counter: Ints, post: Ints
) -> None:
    """The order log, and the deals of those who came without a record of their own.

    number, served, counter, post: of the tickets; served is NEVER for who was not served.
    """
    rng = scene.rng("halls.orders")
    rows = np.flatnonzero(served[work.ticket] != NEVER)
    ticket, matter, rank = work.ticket[rows], work.matter[rows], work.rank[rows]
    n = len(rows)
    first_s = np.zeros(len(desk), dtype=np.int64)
    first_s[work.ticket[work.rank == 0]] = work.handling_s[work.rank == 0]
    accepted_at = served[ticket] + np.where(rank == 1, first_s[ticket], 0)
    wrong: Bools = happens(rng, ERROR_CHANCE, n)
    kind = rng.integers(0, len(ERROR_KINDS), n)
    finder = np.where(rng.random(n) < 0.9, rng.integers(0, len(ERROR_FINDERS), n), -1)
    payment = matter == 0
    offered = happens(rng, np.where(payment, 0.25, OFFERED), n)
    taken = offered & happens(rng, ACCEPTED, n)
    places, hall = scene.places, desk.hall[ticket]
    scene.deliver(
        "hall_orders",
        order_id=identities("B", scene.numbers(n, 1)),
        unit=units(places, hall),
        ticket_id=ticket_ids(number[ticket]),
        accepted_at=accepted_at,
        business=words(matter, [each.business for each in MATTERS]),
        process=words(matter, [each.process or "" for each in MATTERS]),
        counter=counter_ids(places, hall, counter[ticket]),
        staff=staff_ids(places, hall, post[ticket]),
        is_payment=payment,
        manual=np.ones(n, dtype=bool),
        one_key=truths(happens(rng, ONE_KEY, n), rng.random(n) < 0.98),
        handling_s=work.handling_s[rows],
        norm_s=NORM_S[matter],
        errors=wrong.astype(np.int64),
        error_kind=words(np.where(wrong, kind, -1), ERROR_KINDS),
        error_found_by=words(np.where(wrong, finder, -1), ERROR_FINDERS),
        offered=offered,
        accepted=truths(taken, offered),
    )
    own = np.flatnonzero((DEAL_OF[matter] >= 0) & ~payment & ((desk.number[ticket] < 0) | (rank == 1)))
    done, who = accepted_at[own] + work.handling_s[rows][own], ticket[own]
    _own_deals(scene, rng, desk.take(who), DEAL_OF[matter[own]], done, number[who], post[who])


def _own_deals(
    scene: Scene, rng: np.random.Generator, desk: Visitors, process: Ints, done: Ints, ticket: Ints, post: Ints
) -> None:
    """Deals of businesses no other part knows of, done at a desk; they take effect within a minute or two."""
    n = len(done)
    failed = happens(rng, FAILED, n)
    none = np.full(n, -1, dtype=np.int64)
    number = scene.numbers(n, 2)
    scene.note(
        Deals(
            number=number, customer=desk.customer, at=done, channel=none * 0 + CHANNELS.index("hall"),
            process=process, product=none, outcome=np.where(failed, OUTCOMES.index("failed"), OUTCOMES.index("done")),
            completed=np.where(failed, NEVER, done + rng.integers(2, 90, n)), amount_fen=none * 0, hall=desk.hall,
            device=none,
        )
    )  # fmt: skip
    scene.note(DoneAt(number, desk.customer, ticket, desk.hall, post, none))
