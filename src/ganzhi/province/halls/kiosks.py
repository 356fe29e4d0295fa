"""What is done at self-service devices: the day's kiosk deals, what visitors do at terminals and printers, attempts
that fail, heart-beats, and each device's day.

A deal that chose a kiosk which is out of order or closed is done at another one of the city, after a failed
attempt where the device still took one. Times and shares are ours.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import NEVER, identities, numbers, same, truths, words
from ganzhi.province.feelings import Felt
from ganzhi.province.halls.codes import BILL, DEAL_OF, MATTERS, WANTED, DoneAt, units
from ganzhi.province.halls.devices import (
    KINDS,
    NETWORK,
    ONLINE,
    PAYMENT_KIOSK,
    POWER,
    PRINTER,
    QUEUE_MACHINE,
    SERVICE_KIOSK,
    STATES,
    Outages,
    device_ids,
    devices_of,
    open_times,
    position_ids,
    state_of,
)
from ganzhi.province.halls.visits import Visitors
from ganzhi.province.scene import CHANNELS, DEAL_PROCESSES, OUTCOMES, Deals, Scene
from ganzhi.province.streams import Bools, Ints, lognormal

DONE, FAILED, ABANDONED, UNCLEAR = range(4)
RESULTS: Final = ("done", "failed", "abandoned", "unclear")
_RESULT_OF: Final = np.array([{"failed": 1, "cancelled": 2, "unclear": 3}.get(outcome, 0) for outcome in OUTCOMES])
BUSINESSES: Final = (
    "payment", "plan", "data", "value_added", "bill", "points", "customer_data", "number", "other",
)  # fmt: skip
_BUSINESS_OF: Final = np.array(
    [
        BUSINESSES.index(
            {
                "recharge": "payment", "plan_order": "plan", "service_order": "data", "promotion_order": "plan",
                "sp_service_order": "value_added", "mobile_payment_order": "value_added", "bill_enquiry": "bill",
                "call_detail_enquiry": "bill", "balance_enquiry": "bill", "free_resource_enquiry": "data",
                "points_enquiry": "points", "real_name_registration": "customer_data",
                "password_reset": "customer_data", "sim_replacement": "number",
            }.get(process, "other")
        )
        for process in DEAL_PROCESSES
    ]
)  # fmt: skip
RECHARGE: Final = DEAL_PROCESSES.index("recharge")
PRINTED: Final = np.isin(np.arange(len(DEAL_PROCESSES)), [6, 7])
"""Bill and call-detail enquiries: where the hall has a bill printer, it prints them."""
TAKES_S: Final = np.array([110.0, 160.0, 80.0, 60.0, 200.0])
"""Median time at a device of each kind."""
TAKES_SPREAD: Final = 0.4
RETRIED: Final = 0.008
GIVEN_UP: Final = 0.012
UNCLEAR_SHARE: Final = 0.002
"""Attempts that fail, are given up, or end unclear, for each that is done."""
LOST_BEAT: Final = 0.003
TRIES: Final = 8
TICKET_S: Final = 12


@dataclass(frozen=True, slots=True)
class Uses:
    """Transactions at devices: moments, seconds, business, result (positions), amount_fen 0 for none."""

    device: Ints
    at: Ints
    takes: Ints
    business: Ints
    payment: Bools
    result: Ints
    amount_fen: Ints
    customer: Ints

    def some(self, where: Bools | Ints) -> Uses:
        """Those."""
        return Uses(*(getattr(self, each.name)[where] for each in fields(self)))


def _joined(*parts: Uses) -> Uses:
    return Uses(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Uses)))


@dataclass(frozen=True, slots=True)
class Ready:
    """When each device works today: open from, open to, out of order from, to (NEVER for not), why."""

    open_from: Ints
    open_to: Ints
    out_from: Ints
    out_to: Ints
    cause: Ints
    incident: Ints

    def out(self, device: Ints, at: Ints) -> Bools:
        """Out of order."""
        return (self.out_from[device] != NEVER) & (at >= self.out_from[device]) & (at < self.out_to[device])

    def works(self, device: Ints, at: Ints) -> Bools:
        """Open and in order."""
        return (at >= self.open_from[device]) & (at < self.open_to[device]) & ~self.out(device, at)


def ready(scene: Scene, outages: Outages) -> Ready:
    """When the devices work today; a device has at most one outage that touches a day, or a later one counts."""
    first, last = open_times(scene)
    made = [np.full(len(first), NEVER), np.full(len(first), NEVER), np.full(len(first), -1), np.full(len(first), -1)]
    for column, values in zip(made, (outages.first, outages.last, outages.cause, outages.incident), strict=True):
        column[outages.device] = values
    return Ready(first, last, *made)


def _one_of(scene: Scene, rng: np.random.Generator, kinds: tuple[int, ...], hall: Ints) -> Ints:
    """A configured device of these kinds in each hall, -1 where there is none."""
    devices = devices_of(scene)
    own = np.flatnonzero(np.isin(devices.kind, kinds) & devices.configured)
    own = own[np.argsort(devices.hall[own], kind="stable")]
    first = np.searchsorted(devices.hall[own], hall)
    count = np.searchsorted(devices.hall[own], hall, side="right") - first
    pick = first + (rng.random(len(hall)) * count).astype(np.int64)
    return np.where(count > 0, own[np.minimum(pick, len(own) - 1)] if len(own) else -1, -1)


def own_devices(scene: Scene, works: Ready, visitors: Visitors) -> Ints:
    """The device each visitor uses, -1 where the hall has none that works."""
    rng = scene.rng("halls.devices.choice")
    printing = visitors.purpose == BILL
    device = np.where(
        printing, _one_of(scene, rng, (PRINTER,), visitors.hall),
        _one_of(scene, rng, (ONLINE, ONLINE, SERVICE_KIOSK), visitors.hall),
    )  # fmt: skip
    safe = np.maximum(device, 0)
    return np.where((device >= 0) & works.works(safe, visitors.at), device, -1)


def own_uses(scene: Scene, visitors: Visitors, device: Ints) -> Uses:
    """What visitors do at terminals and printers, and the deals of it."""
    rng, n = scene.rng("halls.devices.own"), len(visitors)
    kind = devices_of(scene).kind[device]
    weights = WANTED[visitors.purpose] * (DEAL_OF >= 0)
    edges = np.cumsum(weights, axis=1)
    matter = np.minimum((edges <= (rng.random(n) * edges[:, -1])[:, None]).sum(axis=1), len(MATTERS) - 1)
    process = DEAL_OF[matter]
    takes = lognormal(rng, TAKES_S[kind], TAKES_SPREAD, n).astype(np.int64)
    failed = rng.random(n) < RETRIED
    number, none = scene.numbers(n, 6), np.full(n, -1, dtype=np.int64)
    online = kind == ONLINE
    outcome = np.where(failed, OUTCOMES.index("failed"), OUTCOMES.index("done"))
    done = visitors.at + takes
    scene.note(
        Deals(
            number=number, customer=visitors.customer, at=done,
            channel=np.where(online, CHANNELS.index("web_hall"), CHANNELS.index("kiosk")), process=process,
            product=none, outcome=outcome, completed=np.where(failed, NEVER, done + rng.integers(1, 40, n)),
            amount_fen=none * 0, hall=visitors.hall, device=none,
        )
    )  # fmt: skip
    scene.note(DoneAt(number, visitors.customer, none, visitors.hall, none, device))
    return Uses(
        device, visitors.at, takes, _BUSINESS_OF[process], np.zeros(n, dtype=bool), np.where(failed, FAILED, DONE),
        none * 0, visitors.customer,
    )  # fmt: skip


def _elsewhere(scene: Scene, rng: np.random.Generator, works: Ready, device: Ints, at: Ints, city: Ints) -> Ints:
    """Another kiosk of the city that works, for deals at one that does not; the same where none is found."""
    devices = devices_of(scene)
    kiosks = np.flatnonzero((devices.kind == PAYMENT_KIOSK) & devices.configured)
    kiosks = kiosks[np.argsort(scene.places.hall_city()[devices.hall[kiosks]], kind="stable")]
    night = kiosks[devices.all_day[kiosks]]
    chosen, open_ = device.copy(), np.full(len(device), False)
    for attempt in range(TRIES):
        pool = night if attempt % 2 else kiosks
        of_city = scene.places.hall_city()[devices.hall[pool]]
        first, last = np.searchsorted(of_city, city), np.searchsorted(of_city, city, side="right")
        pick = pool[np.minimum(first + (rng.random(len(at)) * (last - first)).astype(np.int64), len(pool) - 1)]
        good = ~open_ & works.works(pick, at) & (last > first)
        chosen[good] = pick[good]
        open_ |= good
    return chosen


def deal_uses(scene: Scene, works: Ready) -> Uses:
    """The day's kiosk deals at the devices where they were done, with the attempts that failed before."""
    rng, devices, deals = scene.rng("halls.kiosks"), devices_of(scene), scene.notes(Deals)
    rows = np.flatnonzero(deals.channel == CHANNELS.index("kiosk"))
    customer, at, process = deals.customer[rows], deals.at[rows], deals.process[rows]
    asked = deals.device[rows]
    city = scene.people.city[customer].astype(np.int64)
    hall = np.where(deals.hall[rows] >= 0, deals.hall[rows], scene.places.kiosk_hall[np.maximum(asked, 0)])
    asked = np.where(asked >= 0, asked, _one_of(scene, rng, (PAYMENT_KIOSK,), hall))
    asked = np.maximum(asked, 0)
    device = asked
    away = np.flatnonzero(~works.works(device, at))
    device = device.copy()
    device[away] = _elsewhere(scene, rng, works, device[away], at[away], city[away])
    printer = _one_of(scene, rng, (PRINTER,), devices.hall[device])
    prints = PRINTED[process] & (printer >= 0) & works.works(np.maximum(printer, 0), at)
    device = np.where(prints, printer, device)
    takes = lognormal(rng, TAKES_S[devices.kind[device]], TAKES_SPREAD, len(rows)).astype(np.int64)
    uses = Uses(
        device, at, takes, _BUSINESS_OF[process], process == RECHARGE, _RESULT_OF[deals.outcome[rows]],
        deals.amount_fen[rows], customer,
    )  # fmt: skip
    none = np.full(len(rows), -1, dtype=np.int64)
    scene.note(DoneAt(deals.number[rows], customer, none, devices.hall[device], none, device))
    return _joined(uses, _failed_at(scene, rng, works, uses, asked))


def _failed_at(scene: Scene, rng: np.random.Generator, works: Ready, uses: Uses, asked: Ints) -> Uses:
    """Attempts at a device out of order that still took them, and attempts that fail by chance."""
    n = len(asked)
    out = works.out(asked, uses.at) & (uses.device != asked)
    takes_none = np.isin(state_of(np.maximum(works.cause[asked], 0)), [STATES.index("offline"), STATES.index("closed")])
    draw = rng.random(n)
    result = np.where(draw < RETRIED, FAILED, np.where(draw < RETRIED + GIVEN_UP, ABANDONED, UNCLEAR))
    chance = ~out & (draw < RETRIED + GIVEN_UP + UNCLEAR_SHARE)
    tried = (out & ~takes_none) | chance
    felt = np.flatnonzero(out)
    scene.felt(Felt.KIOSK_FAILED, uses.customer[felt], uses.at[felt], cause=works.incident[asked[felt]])
    again = np.flatnonzero(chance & (draw < RETRIED))
    scene.felt(Felt.KIOSK_FAILED, uses.customer[again], uses.at[again], strength=0.4)
    takes = rng.integers(15, 70, n)
    before = np.where(out, uses.at - rng.integers(100, 400, n), uses.at - takes - 5)
    before = np.maximum(before, scene.today.start)
    where = np.where(out, asked, uses.device)
    result = np.where(out, FAILED, result)
    return Uses(where, before, takes, uses.business, uses.payment, result, uses.amount_fen * 0, uses.customer).some(
        tried
    )


def in_turn(uses: Uses) -> Uses:
    """Ordered by device and time, each beginning when the one before it has ended."""
    order = np.lexsort((uses.at, uses.device))
    ordered = uses.some(order)
    if not len(order):
        return ordered
    base, span = int(ordered.at.min()), 10_000_000
    before = np.cumsum(ordered.takes) - ordered.takes
    shift = ordered.device * span * 10
    start = np.maximum.accumulate(ordered.at - base - before + shift + ordered.device * before.max(initial=0)) + before
    begins = start - shift - ordered.device * before.max(initial=0) + base
    return Uses(
        ordered.device, begins, ordered.takes, ordered.business, ordered.payment, ordered.result, ordered.amount_fen,
        ordered.customer,
    )  # fmt: skip


def _beats(scene: Scene, rng: np.random.Generator, works: Ready) -> tuple[Ints, Ints, Ints, Ints]:
    """Hourly heart-beats that arrive: device, moment, state, how many were missed before."""
    devices = devices_of(scene)
    device = np.flatnonzero(devices.configured)
    at = scene.today.start + np.arange(24)[None, :] * 3600 + (device % 60 * 60)[:, None]
    due = (at >= works.open_from[device][:, None]) & (at < works.open_to[device][:, None])
    wide = np.broadcast_to(device[:, None], at.shape)
    out = works.out(wide, at)
    mute = out & np.isin(works.cause[wide], (NETWORK, POWER)) | (rng.random(at.shape) < LOST_BEAT)
    sent, lost = due & ~mute, np.cumsum(due & mute, axis=1)
    known = np.maximum.accumulate(np.where(sent, lost, 0), axis=1)
    before = np.concatenate([np.zeros((len(device), 1), dtype=np.int64), known[:, :-1]], axis=1)
    state = np.where(out, state_of(np.maximum(works.cause[wide], 0)), 0)
    return wide[sent], at[sent], state[sent], (lost - before)[sent]


def deliver_events(scene: Scene, works: Ready, outages: Outages, uses: Uses) -> None:
    """All kiosk events of the day: heart-beats, faults and states, recoveries, transactions."""
    rng, today = scene.rng("halls.events"), scene.today
    beat_device, beat_at, beat_state, missed = _beats(scene, rng, works)
    new = (outages.first >= today.start) & (outages.first < today.start + DAY_S)
    over = (outages.last >= today.start) & (outages.last < today.start + DAY_S)
    broken = state_of(outages.cause)
    groups = (
        ("heartbeat", beat_device, beat_at, beat_state),
        ("fault", outages.device[new], outages.first[new], broken[new]),
        ("state", outages.device[new], outages.first[new] + 1, broken[new]),
        ("recovered", outages.device[over], outages.last[over], broken[over] * 0),
        ("transaction", uses.device, uses.at, uses.device * 0 - 1),
    )
    device = np.concatenate([each[1] for each in groups])
    at = np.concatenate([each[2] for each in groups])
    kind = np.concatenate([np.full(len(each[1]), k) for k, each in enumerate(groups)])
    n, used, devices = len(device), kind == 4, devices_of(scene)

    def of_uses(values: Ints) -> Ints:
        whole = np.zeros(n, dtype=np.int64)
        whole[used] = values
        return whole

    counted = np.zeros(n, dtype=np.int64)
    counted[kind == 0] = missed
    paid = of_uses(uses.amount_fen)
    scene.deliver(
        "kiosk_events",
        event_id=identities("E", scene.numbers(n, 5)),
        device_id=device_ids(scene, device),
        unit=units(scene.places, devices.hall[device]),
        device_type=words(devices.kind[device], KINDS),
        happened_at=at,
        received_at=at + rng.integers(1, 20, n),
        kind=words(kind, [each[0] for each in groups]),
        state=words(np.concatenate([each[3] for each in groups]), STATES),
        business=words(np.where(used, of_uses(uses.business), -1), BUSINESSES),
        is_payment=truths(of_uses(uses.payment.astype(np.int64)) > 0, used),
        duration_s=numbers(of_uses(uses.takes), used),
        result=words(np.where(used, of_uses(uses.result), -1), RESULTS),
        amount_fen=numbers(paid, used & (paid > 0)),
        missed=numbers(counted, kind == 0),
    )


def deliver_days(scene: Scene, works: Ready, uses: Uses, tickets: Ints) -> None:
    """Each device place's day. tickets: of each hall, printed by its queue machine."""
    devices, n = devices_of(scene), len(works.open_from)
    all_places = np.arange(n)
    done = uses.result == DONE
    count = np.bincount(uses.device[done], minlength=n)
    payments = np.bincount(uses.device[done & uses.payment], minlength=n)
    busy = np.bincount(uses.device, weights=uses.takes, minlength=n)
    queue_machine = devices.kind == QUEUE_MACHINE
    printed = np.where(queue_machine, tickets[devices.hall], 0)
    open_min = (works.open_to - works.open_from) // 60
    out = np.minimum(works.out_to, works.open_to) - np.maximum(works.out_from, works.open_from)
    out_min = np.where(works.out_from == NEVER, 0, np.clip(out, 0, None) // 60)
    out_min = np.minimum(out_min, open_min)
    there = devices.configured
    used = np.bincount(uses.device, minlength=n) + printed > 0
    scene.deliver(
        "device_days",
        position=position_ids(scene, all_places),
        device_id=device_ids(scene, all_places),
        unit=units(scene.places, devices.hall),
        device_type=words(devices.kind, KINDS),
        day=same(scene.today.day.isoformat(), n),
        counted_at=np.full(n, scene.today.start + DAY_S - 60),
        planned=(devices.number < 2) | (all_places % 3 > 0),
        configured=there,
        in_service=there & ((out_min < open_min) | used),
        used=used & there,
        transactions=numbers(count, there & ~queue_machine),
        payments=numbers(payments, there & ~queue_machine),
        open_minutes=numbers(open_min, there),
        busy_minutes=numbers(np.minimum((busy + printed * TICKET_S) // 60, open_min).astype(np.int64), there),
        fault_minutes=numbers(out_min, there),
    )
