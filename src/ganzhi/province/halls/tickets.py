"""Queue tickets: who is called when and by whom, who leaves, and what customers make of it.

First come, first served in each hall, except that holders of a priority ticket are called before the others who
wait. Patience and shares are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.columns import NEVER, identities, truths, words
from ganzhi.province.feelings import Felt
from ganzhi.province.halls.codes import (
    CORPORATE,
    LATE_CLOSE_S,
    VIP,
    DoneAt,
    Served,
    closing,
    counter_ids,
    staff_ids,
    ticket_ids,
    units,
)
from ganzhi.province.halls.orders import Work
from ganzhi.province.halls.roster import Desks, Plan
from ganzhi.province.halls.visits import Visitors
from ganzhi.province.queues import serve
from ganzhi.province.scene import PURPOSES, Contacts, Scene
from ganzhi.province.streams import Bools, Ints, happens, lognormal

PATIENCE_S: Final = 2_100.0
PATIENCE_SPREAD: Final = 0.5
HASTY: Final = 0.25
"""Share of visitors who leave after a few minutes if not called."""
HASTY_S: Final = (60, 400)
COMPLETED: Final = 0.94
CALLED_IN_VAIN: Final = 0.35
"""Share of those who left whose number is called all the same."""
STAYS_S: Final = 3 * 3600
"""The last desks stay open after closing while tickets wait, at most this long."""
OVERTAKEN: Final = 12
"""A priority ticket passes at most so many others."""
DIAMOND, CORPORATE_CLASS = 3, 4
TAKES_VIP: Final = 0.75
TAKES_CORPORATE: Final = 0.4
LONG_WAIT_S: Final = 900
SHORT_WAIT_S: Final = 300
HELPED: Final = 0.08
"""Chance that a customer whose matter is settled after a short wait is glad of it."""


@dataclass(frozen=True, slots=True)
class Queue:
    """The day's tickets, in the order of halls and issue. called: NEVER for who left uncalled. session: the desk
    session that served, -1 for none. ended: finished or left. priority: 0 for most."""

    desk: Visitors
    work: Work
    number: Ints
    priority: Ints
    group: Ints
    called: Ints
    served: Ints
    ended: Ints
    session: Ints
    counter: Ints
    post: Ints
    abandoned: Bools
    completed: Bools


def padded(row: Ints, rows: int, *columns: Ints) -> tuple[Ints, tuple[Ints, ...]]:
    """Flat columns ordered by `row` as tables with one line a row, padded with NEVER; and each item's place in its
    line."""
    count = np.bincount(row, minlength=rows)
    place = np.arange(len(row)) - (np.cumsum(count) - count)[row]
    made = []
    for column in columns:
        table = np.full((rows, max(1, int(count.max(initial=0)))), NEVER, dtype=np.int64)
        table[row, place] = column
        made.append(table)
    return place, tuple(made)


def _open_times(desks: Desks, closes: Ints) -> tuple[Ints, Ints, Ints]:
    """When desks can serve: sessions without their pauses. Session, from, to, ordered by hall.

    closes: of each hall. The last desks of a hall stay until everyone who holds a ticket has been served.
    """
    latest = np.zeros(len(closes), dtype=np.int64)
    np.maximum.at(latest, desks.hall, desks.to_s)
    ends = np.where(desks.to_s == latest[desks.hall], closes[desks.hall] + STAYS_S, desks.to_s)
    pause = desks.pause_from != NEVER
    session = np.concatenate([np.arange(len(desks)), np.flatnonzero(pause)])
    first = np.concatenate([desks.from_s, desks.pause_to[pause]])
    last = np.concatenate([np.where(pause, desks.pause_from, ends), ends[pause]])
    order = np.lexsort((first, desks.hall[session]))
    return session[order], first[order], last[order]


def _priorities(scene: Scene, desk: Visitors) -> Ints:
    """2 for a VIP ticket, 1 for a corporate one, 0 else."""
    klass = scene.people.klass[desk.customer]
    draw = scene.rng("halls.priority").random(len(desk))
    vip = (klass == DIAMOND) & (draw < TAKES_VIP)
    return np.where(vip, 2, np.where((klass == CORPORATE_CLASS) & (draw < TAKES_CORPORATE), 1, 0))


def _preferred(hall: Ints, start: Ints, issued: Ints, priority: Ints) -> Ints:
    """Which ticket takes each served slot: slots stay, priority tickets move forward past others who wait.

    All in the order of hall and start. Returns: position of the ticket for each slot.
    """
    ticket = np.arange(len(hall))
    for step in range(2 * OVERTAKEN):
        first = np.arange(step % 2, len(hall) - 1, 2)
        a, b = ticket[first], ticket[first + 1]
        swap = (hall[a] == hall[b]) & (priority[a] < priority[b]) & (issued[b] <= start[first])
        ticket[first[swap]], ticket[first[swap] + 1] = b[swap], a[swap]
    return ticket


def queue(scene: Scene, desk: Visitors, work: Work, plan: Plan) -> Queue:
    """Serve the tickets; `desk` is ordered by hall and moment."""
    rng = scene.rng("halls.queue")
    halls, n = len(scene.places.hall_codes), len(desk)
    hasty = happens(rng, HASTY, n)
    patience = np.where(
        hasty, rng.integers(*HASTY_S, n), lognormal(rng, PATIENCE_S, PATIENCE_SPREAD, n).astype(np.int64)
    )
    patience = np.where(desk.number >= 0, LATE_CLOSE_S, patience)  # what they came for is on record: they stay
    place, tables = padded(desk.hall, halls, desk.at, work.total_s, patience)
    session, first, last = _open_times(plan.desks, closing(scene.places, scene.today))
    of_hall = plan.desks.hall[session]
    seat, opening = padded(of_hall, halls, first, last)
    result = serve(*tables, *opening)
    interval = np.full(opening[0].shape, -1, dtype=np.int64)
    interval[of_hall, seat] = np.arange(len(session))
    start, server = result.start[desk.hall, place], result.server[desk.hall, place]
    abandoned_at = result.abandoned_at[desk.hall, place]
    got = start != NEVER
    took = np.where(got, session[interval[desk.hall, np.where(got, server, 0)]], -1)
    priority = _priorities(scene, desk)
    total, consult = work.total_s.copy(), work.consult_s
    start, took, total = _by_priority(desk, start, took, total, priority)
    latest = closing(scene.places, scene.today)[desk.hall] + STAYS_S
    gone = np.where(abandoned_at == NEVER, latest, np.minimum(abandoned_at, latest))
    served = np.where(got, start + np.minimum(consult, total - 10), NEVER)
    ended = np.where(got, start + total, np.maximum(gone, desk.at))
    settled = happens(rng, COMPLETED, n) & got
    group = np.where(priority == 2, VIP, np.where(priority == 1, CORPORATE, work.group))
    counter = np.where(got, plan.desks.counter[took], -1)
    post = np.where(got, plan.desks.post[took], -1)
    called, counter, post = _called_in_vain(rng, desk, got, start, ended, counter, post)
    return Queue(
        desk, work, scene.numbers(n), priority, group, called, served, ended, took, counter, post, ~got, settled
    )


def _by_priority(desk: Visitors, start: Ints, took: Ints, total: Ints, priority: Ints) -> tuple[Ints, Ints, Ints]:
    """Start, session and duration of each ticket after priority tickets moved forward."""
    got = np.flatnonzero(start != NEVER)
    order = got[np.lexsort((start[got], desk.hall[got]))]
    who = order[_preferred(desk.hall[order], start[order], desk.at[order], priority[order])]
    new_start, new_took, new_total = start.copy(), took.copy(), total.copy()
    new_start[who], new_took[who], new_total[who] = start[order], took[order], total[order]
    return new_start, new_took, new_total


def _called_in_vain(
    rng: np.random.Generator, desk: Visitors, got: Bools, start: Ints, ended: Ints, counter: Ints, post: Ints
) -> tuple[Ints, Ints, Ints]:
    """Moments of call: numbers of some who left are called when the next ticket's turn has come."""
    called, counter, post = start.copy(), counter.copy(), post.copy()
    nxt = np.arange(1, len(got) + 1)
    nxt[-1:] = len(got) - 1
    vain = ~got & got[nxt] & (desk.hall[nxt] == desk.hall) & (rng.random(len(got)) < CALLED_IN_VAIN)
    vain &= start[nxt] - 30 > ended
    called[vain] = start[nxt][vain] - 30
    counter[vain], post[vain] = counter[nxt][vain], post[nxt][vain]
    return called, counter, post


def deliver_tickets(scene: Scene, made: Queue, plan: Plan) -> None:
    """Tickets, desk sessions, contacts, what was felt, and who came why."""
    rng, places, desk = scene.rng("halls.tickets"), scene.places, made.desk
    got = ~made.abandoned
    ids = ticket_ids(made.number)
    known = np.where((desk.number >= 0) | (rng.random(len(desk)) < 0.9), desk.customer, -1)
    scene.deliver(
        "queue_tickets",
        ticket_id=ids,
        unit=units(places, desk.hall),
        business_group=words(made.group, PURPOSES),
        priority=made.priority,
        customer_id=scene.people.customer_ids(known),
        counter=counter_ids(places, desk.hall, made.counter),
        staff=staff_ids(places, desk.hall, made.post),
        issued_at=desk.at,
        called_at=made.called,
        served_at=made.served,
        finished_at=np.where(got, made.ended, NEVER),
        abandoned=made.abandoned,
        completed=truths(made.completed, got),
    )
    _deliver_sessions(scene, made, plan)
    post = np.where(got, made.post, -1)
    scene.note(Served(made.number, desk.customer, desk.hall, post, made.ended, desk.number, got))
    own = np.flatnonzero(got & (desk.number >= 0))
    scene.note(
        DoneAt(
            desk.number[own], desk.customer[own], made.number[own], desk.hall[own], post[own],
            np.full(len(own), -1, dtype=np.int64),
        )
    )  # fmt: skip
    _feel(scene, rng, made, plan)


def _deliver_sessions(scene: Scene, made: Queue, plan: Plan) -> None:
    """Desk sessions: open until the last customer has gone; a pause begins when the customer before it has."""
    desks, places = plan.desks, scene.places
    got = made.session >= 0
    session, ended, called = made.session[got], made.ended[got], made.called[got]
    closed = desks.to_s.copy()
    np.maximum.at(closed, session, ended)
    pause = desks.pause_from != NEVER
    pause_from = desks.pause_from.copy()
    before = called < desks.pause_to[session]
    np.maximum.at(pause_from, session[before], ended[before])
    paused = np.where(pause, np.maximum(0, desks.pause_to - pause_from), 0)
    scene.deliver(
        "counter_sessions",
        session_id=identities("D", scene.numbers(len(desks), 3)),
        unit=units(places, desks.hall),
        counter=counter_ids(places, desks.hall, desks.counter),
        staff=staff_ids(places, desks.hall, desks.post),
        dynamic=desks.dynamic,
        opened_at=desks.from_s,
        closed_at=closed,
        paused_s=paused,
        pauses=(paused > 0).astype(np.int64),
    )


def _feel(scene: Scene, rng: np.random.Generator, made: Queue, plan: Plan) -> None:
    """Contacts with clerks, and experiences. A wait is due to missing clerks, slow handling or a peak, in this
    order, where a lever is pulled."""
    desk, got = made.desk, np.flatnonzero(~made.abandoned)
    wait = np.where(made.called == NEVER, made.ended, made.called) - desk.at
    cities = scene.places.hall_city()[desk.hall]
    codes = np.array(scene.places.city_codes)[cities]
    peak = scene.levers.at("load.peak", desk.at, codes.tolist())[1]
    cause = np.where(made.work.drift_cause >= 0, made.work.drift_cause, peak)
    cause = np.where(plan.short[desk.hall], plan.cause[desk.hall], cause)
    scene.note(
        Contacts(
            number=made.number[got], customer=desk.customer[got], at=made.ended[got],
            where=np.ones(len(got), dtype=np.int64), felt=desk.felt[got], cause=desk.cause[got],
            strength=np.ones(len(got)), resolved=made.completed[got], wait_s=wait[got], post=made.post[got],
            place=desk.hall[got],
        )
    )  # fmt: skip
    long = got[wait[got] > LONG_WAIT_S]
    scene.felt(
        Felt.WAITED_IN_HALL, desk.customer[long], made.called[long], strength=np.minimum(3.0, wait[long] / LONG_WAIT_S),
        cause=cause[long], ref=made.number[long],
    )  # fmt: skip
    left = np.flatnonzero(made.abandoned)
    scene.felt(Felt.LEFT_HALL_UNSERVED, desk.customer[left], made.ended[left], cause=cause[left], ref=made.number[left])
    glad = got[(wait[got] <= SHORT_WAIT_S) & made.completed[got] & (rng.random(len(got)) < HELPED)]
    scene.felt(Felt.HELPED_WELL, desk.customer[glad], made.ended[glad], ref=made.number[glad])
