"""Reminders by message: low balance, data threshold, free resources, order done, validity ending.

Each is triggered, generated, sent and delivered; stamps are seconds. The lever `sms.late_s` adds to the wait before
sending and to the transit, half each; `sms.lost` leaves messages undelivered. Limits follow the catalogue's processes
(300 to 600 seconds, six hours for validity); the rest is ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ganzhi.province.calendar import DAY_S, Activity
from ganzhi.province.columns import NEVER, identities, moments, numbers, same, truths, words
from ganzhi.province.feelings import Felt
from ganzhi.province.population import NORMAL, PRODUCTS
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import Scene
from ganzhi.province.service.drawing import counties, day_end, deliver_due, picked, some, waiting
from ganzhi.province.service.orders import Told
from ganzhi.province.streams import Bools, Floats, Ints, choose, happens, lognormal

LOW, THRESHOLD, FREE, ORDER, VALIDITY = range(5)
PROCESSES: Final = (
    "low_balance_reminder", "data_threshold_reminder", "free_resource_reminder", "order_reminder",
    "service_validity_reminder",
)  # fmt: skip
DUE_S: Final = np.array([600, 300, 600, 300, 6 * 3_600], dtype=np.int64)
"""Limit of each, from the trigger until it is sent."""
LOW_FEN: Final = 1_000
"""A prepaid balance below this is low."""
LOW_DAYS: Final = 3.0
"""Within about so many days a low balance is used up, fees included."""
WARNED_BEFORE: Final = 0.96
"""Share of those low on the first day who have been reminded before."""
THRESHOLD_PER_100K: Final = 1_100.0
FREE_PER_100K: Final = 420.0
VALIDITY_PER_100K: Final = 160.0
"""Reminders a day of 100,000 customers: of those who use mobile internet, and of all."""
AT_ONCE: Final = 0.016
"""Share of thresholds crossed together with the end of the allowance: the reminder comes after it."""
STEPS_S: Final = (5.0, 6.0, 5.0)
"""Median seconds of generating, waiting to be sent and transit."""
STEP_SPREAD: Final = 0.85
DELIVERED, SENT, FAILED, EXPIRED, NOT_SENT = range(5)
STATES: Final = ("delivered", "sent", "failed", "expired", "not_sent")
STATE_SHARE: Final = np.array([0.9815, 0.007, 0.0045, 0.0045, 0.0025])
CONTENT_CHECKED: Final = 0.045
CONTENT_OK: Final = 0.994
TWICE: Final = 0.0028
"""Share of reminders sent a second time."""
ACTED: Final = np.array([0.46, 0.34, 0.36, 0.0, 0.0])
"""Share of customers who act on a reminder."""
ACT_S: Final = (14 * 3_600, 1.0)
"""Median seconds until they act, and spread."""
LATE_FELT_S: Final = 900
"""A delivery so many seconds after the limit is felt as late."""


@dataclass(frozen=True, slots=True)
class Triggers:
    """What calls for reminders. event: the moment warned of, NEVER for none. threshold, used: percent or -1.
    order: number of the order told about, -1 for none. told: when its message arrived, NEVER when lost."""

    kind: Ints
    customer: Ints
    at: Ints
    product: Ints
    event: Ints
    threshold: Ints
    used: Ints
    order: Ints
    told: Ints


def send_reminders(scene: Scene) -> None:
    """The day's reminders of the block; those customers act on later are delivered again."""
    deliver_due(scene, "reminders")
    rng = scene.rng("reminders")
    parts = [_low(scene, rng), _threshold(scene, rng), _free(scene, rng), _orders(scene), _validity(scene, rng)]
    triggers = Triggers(*(np.concatenate([getattr(part, name) for part in parts]) for name in Triggers.__slots__))
    if len(triggers.at):
        _deliver(scene, rng, triggers)


def _triggers(
    kind: int, customer: Ints, at: Ints, product: Ints | int, event: Ints | int, threshold: Ints | int = -1,
    used: Ints | int = -1, order: Ints | int = -1, told: Ints | int = NEVER,
) -> Triggers:  # fmt: skip
    n = len(customer)
    columns = (
        np.broadcast_to(np.asarray(c, dtype=np.int64), n) for c in (product, event, threshold, used, order, told)
    )
    return Triggers(np.full(n, kind, dtype=np.int64), customer, at, *columns)


def _low(scene: Scene, rng: np.random.Generator) -> Triggers:
    """Prepaid customers whose balance has become low: each is told once, until the balance has risen again."""
    span = scene.world.blocks[scene.block]
    people = scene.people
    balance = people.balance_fen[span]
    low = people.prepaid[span] & (balance < LOW_FEN) & (people.line[span] == NORMAL) & ~people.left[span]
    key = f"service.warned.{scene.block}"
    warned: Bools = scene.world.recall(key, lambda: low & happens(rng, WARNED_BEFORE, len(low)))
    customer = np.flatnonzero(low & ~warned) + span.start
    scene.world.memory[key] = low
    at = draw_moments(rng, scene.today, "usage", len(customer))
    left_days = np.maximum(people.balance_fen[customer], 0) / np.maximum(people.daily_fen[customer], 1)
    event = (
        at + 1_800 + (np.minimum(left_days, LOW_DAYS) * rng.uniform(0.5, 1.5, len(customer)) * DAY_S).astype(np.int64)
    )
    return _triggers(LOW, customer, at, -1, event)


def _drawn(scene: Scene, rng: np.random.Generator, activity: Activity, per_100k: float) -> tuple[Ints, Ints]:
    customer = some(rng, scene, per_100k)
    return customer, draw_moments(rng, scene.today, activity, len(customer))


def _threshold(scene: Scene, rng: np.random.Generator) -> Triggers:
    """Users of mobile internet who have used a share of their data."""
    customer, at = _drawn(scene, rng, "usage", THRESHOLD_PER_100K * scene.today.factor("usage"))
    online = scene.people.uses(customer, "mobile_internet")
    customer, at = customer[online], at[online]
    n = len(customer)
    threshold = np.where(happens(rng, 0.7, n), 80, 100)
    used = threshold + np.minimum(rng.geometric(0.55, n) - 1, 15)
    wait = lognormal(rng, np.where(threshold == 80, 2.5 * DAY_S, 6 * 3_600), 0.8, n)
    event = at + np.where(happens(rng, AT_ONCE, n), 1.0, wait).astype(np.int64)
    return _triggers(THRESHOLD, customer, at, PRODUCTS.index("mobile_internet"), event, threshold, used)


def _free(scene: Scene, rng: np.random.Generator) -> Triggers:
    """Customers whose free minutes or messages run out."""
    customer, at = _drawn(scene, rng, "usage", FREE_PER_100K * scene.today.factor("usage"))
    event = at + lognormal(rng, 1.6 * DAY_S, 0.9, len(customer)).astype(np.int64)
    product = np.where(happens(rng, 0.7, len(customer)), PRODUCTS.index("voice"), PRODUCTS.index("messaging"))
    return _triggers(FREE, customer, at, product, event, 90, 90 + rng.integers(0, 5, len(customer)))


def _orders(scene: Scene) -> Triggers:
    """Done orders that the customer is told of."""
    told: Told | None = scene.world.memory.get(f"service.told.{scene.block}")
    none = np.empty(0, dtype=np.int64)
    if told is None:
        return _triggers(ORDER, none, none, -1, NEVER)
    return _triggers(ORDER, told.customer, told.completed, told.product, NEVER, order=told.number, told=told.notified)


def _validity(scene: Scene, rng: np.random.Generator) -> Triggers:
    """Customers one of whose services ends or begins in some days."""
    customer, at = _drawn(scene, rng, "order", VALIDITY_PER_100K)
    n = len(customer)
    days = np.where(happens(rng, 0.96, n), rng.uniform(3.4, 7.0, n), rng.uniform(0.5, 2.9, n))
    return _triggers(VALIDITY, customer, at, rng.integers(0, len(PRODUCTS), n), at + (days * DAY_S).astype(np.int64))


def _steps(scene: Scene, rng: np.random.Generator, triggers: Triggers) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Generated, sent, arrived, state and incident of each reminder."""
    n = len(triggers.at)
    late_s, late_cause = scene.levers.at("sms.late_s", triggers.at)
    lost, lost_cause = scene.levers.at("sms.lost", triggers.at)
    gone = happens(rng, lost, n)
    state = choose(rng, STATE_SHARE, n)
    state = np.where(gone & (state == DELIVERED), np.where(happens(rng, 0.5, n), FAILED, EXPIRED), state)
    steps = [lognormal(rng, median, STEP_SPREAD, n) for median in STEPS_S]
    added = rng.exponential(1.0, n) * late_s / 2
    generated = triggers.at + 1 + steps[0].astype(np.int64)
    sent = generated + (steps[1] + added).astype(np.int64)
    arrived = sent + 1 + (steps[2] + added).astype(np.int64)
    order = triggers.kind == ORDER
    known = order & (triggers.told != NEVER)
    share: Floats = rng.uniform(0.1, 0.4, n)
    span = np.where(known, triggers.told - triggers.at, 0)
    generated = np.where(known, triggers.at + (span * share).astype(np.int64), generated)
    sent = np.where(known, triggers.at + (span * (share + 0.2)).astype(np.int64), sent)
    arrived = np.where(known, triggers.told, arrived)
    state = np.where(known, DELIVERED, np.where(order & (state == DELIVERED), EXPIRED, state))
    cause = np.where(gone | (order & ~known & (lost > 0)), lost_cause, np.where(late_s > 0, late_cause, -1))
    return generated, sent, arrived, state, cause


def _deliver(scene: Scene, rng: np.random.Generator, triggers: Triggers) -> None:
    n = len(triggers.at)
    generated, sent, arrived, state, cause = _steps(scene, rng, triggers)
    delivered = state == DELIVERED
    was_sent = state != NOT_SENT
    due = triggers.at + DUE_S[triggers.kind]
    acts = delivered & happens(rng, ACTED[triggers.kind], n)
    acted = moments(arrived + lognormal(rng, ACT_S[0], ACT_S[1], n).astype(np.int64), acts)
    number = scene.numbers(n)
    people = scene.people
    columns: dict[str, Any] = {
        "reminder_id": identities("RM", number), "triggered_at": triggers.at, "unit": counties(scene,
            triggers.customer),
        "process": words(triggers.kind, PROCESSES), "channel": same("sms_push", n),
        "customer_id": people.customer_ids(triggers.customer), "brand": people.brands(triggers.customer),
        "product": words(triggers.product, PRODUCTS), "due_at": due, "generated_at": moments(generated, was_sent),
        "sent_at": moments(sent, was_sent), "delivered_at": moments(arrived, delivered),
        "send_state": words(state, STATES), "event_at": triggers.event,
        "content_ok": truths(happens(rng, CONTENT_OK, n), was_sent & happens(rng, CONTENT_CHECKED, n)),
        "duplicate_of": identities("RM", np.full(n, -1)), "threshold_pct": numbers(triggers.threshold,
            triggers.threshold >= 0),
        "used_pct": numbers(triggers.used, triggers.used >= 0), "acted_at": acted,
    }  # fmt: skip
    end = day_end(scene.today)
    later = np.flatnonzero(acted >= end)
    waiting(scene, "reminders").put(picked(columns, later), acted[later])
    scene.deliver("reminders", **{**columns, "acted_at": moments(acted, acted < end)})
    _twice(scene, rng, columns, number, np.flatnonzero(delivered & happens(rng, TWICE, n)))
    _late(scene, triggers, number, (arrived, due, cause), delivered)


def _twice(scene: Scene, rng: np.random.Generator, columns: dict[str, Any], number: Ints, rows: Ints) -> None:
    """Some reminders are sent a second time."""
    if not len(rows):
        return
    again = picked(columns, rows)
    shift = rng.integers(60, 600, len(rows))
    for name in ("generated_at", "sent_at", "delivered_at"):
        again[name] = again[name] + shift
    again["reminder_id"] = identities("RM", scene.numbers(len(rows), 1))
    again["duplicate_of"] = identities("RM", number[rows])
    again["acted_at"] = np.full(len(rows), NEVER)
    scene.deliver("reminders", **again)


def _late(scene: Scene, triggers: Triggers, number: Ints, stamps: tuple[Ints, Ints, Ints], delivered: Bools) -> None:
    """Report and remember reminders that came late or not at all. stamps: arrived, due, incident."""
    arrived, due, cause = stamps
    over = np.where(delivered, arrived - due, 0)
    late = (over > LATE_FELT_S) | (~delivered & (cause >= 0))
    after = delivered & (triggers.event != NEVER) & (arrived >= triggers.event)
    rows = np.flatnonzero((late | after) & (triggers.kind != ORDER))
    end = day_end(scene.today)
    at = np.minimum(np.where(delivered, arrived, due), end - 1)[rows]
    strength = np.clip(0.5 + over[rows] / 7_200 + 0.5 * after[rows], 0.5, 3.0)
    scene.felt(Felt.NOTICE_LATE, triggers.customer[rows], at, strength=strength, cause=cause[rows], ref=number[rows])
    known = np.flatnonzero((cause >= 0) & (~delivered | (over > 0)))
    scene.know(
        "reminders_late", reminder_id=identities("RM", number[known]), late_s=np.maximum(over, 0)[known],
        lost=~delivered[known], incident=cause[known],
    )  # fmt: skip
