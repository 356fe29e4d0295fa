"""Orders of customers: accepted, split, provisioned, usable, completed, told; failures and what became of them.

The lever `provisioning.failed` (place: network element) makes provisioned orders fail; `hop.late_s` at the provisioning
system and `sms.late_s`, `sms.lost` delay what follows. A customer whose order failed may order again the next day.
Moments are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import identities, moments, numbers, truths, words
from ganzhi.province.feelings import Felt
from ganzhi.province.population import PRODUCTS
from ganzhi.province.scene import CHANNELS, OUTCOMES, Deals, Scene
from ganzhi.province.service.drawing import (
    ChannelChoice,
    Times,
    counties,
    day_end,
    deal_process,
    deliver_due,
    picked,
    purpose_of,
    some,
    times,
    visit,
    waiting,
)
from ganzhi.province.service.order_kinds import CAUSE_SHARE, CAUSES, ELEMENTS, KINDS, PARTNER_SHARE
from ganzhi.province.streams import Bools, Floats, Ints, choose, happens, lognormal

PER_100K: Final = 900.0
"""Orders a day of 100,000 customers."""
AGAIN: Final = 0.45
"""Share of failed orders that are ordered again the next day."""
TWICE: Final = 0.012
"""Share of orders that went well and are ordered again, because the customer does not believe it."""
CONFIRMED: Final = 0.988
NOT_USABLE: Final = 0.004
TOLD: Final = 0.991
"""Shares of orders confirmed by the customer; done but not usable; told by a message."""
TOLD_S: Final = (11.0, 0.75)
"""Median seconds until the customer is told, and spread."""
PAPERS_OK: Final = 0.975
DONE, FAILED, CANCELLED, PENDING = range(4)
RESULTS: Final = ("done", "failed", "cancelled", "pending")
VARIANTS: Final = ("order", "change", "cancel")
_CHANNEL: Final = ChannelChoice(tuple(kind.channels for kind in KINDS))
_PRODUCTS: Final = tuple(sorted({kind.product for kind in KINDS if kind.product}))
_PROCESSES: Final = tuple(dict.fromkeys(kind.process for kind in KINDS))
_BUSINESSES: Final = tuple(dict.fromkeys(kind.business for kind in KINDS))
_MANUAL: Final = ("hall", "hotline_agent", "account_manager", "field", "outbound", "partner_shop", "terminal_store")
_LEAVING: Final = ("precancellation", "requested_cancellation")


def _of_kinds(name: str) -> Floats:
    """A numeric parameter of every kind."""
    return np.array([float(getattr(kind, name)) for kind in KINDS])


_DUE_S = _of_kinds("due_s").astype(np.int64)


_WEIGHT = _of_kinds("weight")
_PRODUCT = np.array([_PRODUCTS.index(k.product) if k.product else -1 for k in KINDS])
_ELEMENT = np.array([ELEMENTS.index(k.element) if k.element else -1 for k in KINDS])
_PROCESS = np.array([_PROCESSES.index(k.process) for k in KINDS])
_BUSINESS = np.array([_BUSINESSES.index(k.business) for k in KINDS])
_DEAL = np.array([deal_process(k.process) for k in KINDS])
_PURPOSE = np.array([purpose_of(k.purpose) for k in KINDS])
_BY_PARTNER = np.array([k.process in ("sp_service_order", "mobile_payment_order") for k in KINDS])
_LEAVES = np.array([k.process in _LEAVING for k in KINDS])


@dataclass(frozen=True, slots=True)
class Ordered:
    """Orders as customers made them. variant: position in VARIANTS. repeats: number of the order repeated, or -1."""

    number: Ints
    customer: Ints
    kind: Ints
    variant: Ints
    channel: Ints
    repeats: Ints


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of orders: moments (NEVER when it did not happen), result, cause of an error (position in CAUSES,
    -1 for none), incident behind a failure and behind a delay."""

    confirmed: Ints
    split: Ints
    provisioned: Ints
    usable: Ints
    completed: Ints
    notified: Ints
    result: Ints
    error: Ints
    incident: Ints
    delayed_by: Ints


@dataclass(frozen=True, slots=True)
class Told:
    """Orders of the day that call for a message: what the reminders read. notified: NEVER when it was lost."""

    number: Ints
    customer: Ints
    completed: Ints
    notified: Ints
    product: Ints


@dataclass
class Memory:
    """What a block keeps until tomorrow: orders that will be made again."""

    again: tuple[Ints, Ints, Ints]


def take_orders(scene: Scene) -> None:
    """The day's orders of the block."""
    deliver_due(scene, "business_orders")
    rng = scene.rng("orders")
    ordered = _ordered(scene, rng)
    if not len(ordered.number):
        scene.world.memory[f"service.told.{scene.block}"] = None
        return
    made = times(rng, scene, "order", ordered.customer, ordered.channel)
    handled = _handled(scene, rng, ordered, made.at)
    _deliver(scene, rng, ordered, made, handled)
    _effects(scene, ordered, handled)
    _notes(scene, ordered, made, handled)
    _remember(scene, rng, ordered, handled)


def _ordered(scene: Scene, rng: np.random.Generator) -> Ordered:
    """Who orders what, on which channel; those who try again come first."""
    key = f"service.orders.again.{scene.block}"
    none = np.empty(0, dtype=np.int64)
    memory = scene.world.recall(key, lambda: Memory((none, none, none)))
    fresh = some(rng, scene, PER_100K * scene.today.factor("order"))
    kind = choose(rng, np.where(_LEAVES, 0.15 * _WEIGHT, _WEIGHT), len(fresh))
    gone = _gone(scene, rng)
    leaving = np.flatnonzero(_LEAVES)[rng.integers(0, int(_LEAVES.sum()), len(gone))]
    stayed = ~scene.people.left[memory.again[1]]
    repeats, again, again_kind = (column[stayed] for column in memory.again)
    customer = np.concatenate([again, fresh, gone])
    kinds = np.concatenate([again_kind, kind, leaving]).astype(np.int64)
    n = len(customer)
    channel = _CHANNEL.draw(rng, kinds, scene.people.electronic[customer])
    return Ordered(
        number=scene.numbers(n),
        customer=customer,
        kind=kinds,
        variant=_variants(scene, rng, customer, kinds),
        channel=channel,
        repeats=np.concatenate([repeats, np.full(n - len(repeats), -1, dtype=np.int64)]),
    )


def _gone(scene: Scene, rng: np.random.Generator) -> Ints:
    """Customers who have left since yesterday and had the number cancelled: six of ten."""
    span = scene.world.blocks[scene.block]
    left = scene.people.left[span]
    key = f"service.orders.left.{scene.block}"
    before = scene.world.recall(key, left.copy)
    new = np.flatnonzero(left & ~before) + span.start
    scene.world.memory[key] = left.copy()
    return new[happens(rng, 0.6, len(new))]


def _variants(scene: Scene, rng: np.random.Generator, customer: Ints, kind: Ints) -> Ints:
    """Users of a product cancel it, others order it; plans are mostly changed."""
    cancels = happens(rng, np.where(np.array([k.process == "plan_order" for k in KINDS])[kind], 0.06, 0.0), len(kind))
    for position, name in enumerate(_PRODUCTS):
        cancels |= (_PRODUCT[kind] == position) & scene.people.uses(customer, name)
    cancels |= _LEAVES[kind]
    changes = ~cancels & happens(rng, _of_kinds("changes")[kind], len(kind))
    return np.where(cancels, VARIANTS.index("cancel"), np.where(changes, VARIANTS.index("change"), 0))


def _errors(scene: Scene, rng: np.random.Generator, ordered: Ordered, at: Ints) -> tuple[Ints, Ints]:
    """The cause of each order's error (-1 for none) and the incident behind it."""
    n = len(at)
    kind = ordered.kind
    fails = happens(rng, _of_kinds("fails")[kind], n)
    plain = choose(rng, np.array(CAUSE_SHARE), n)
    unprovisioned = (plain == CAUSES.index("provisioning")) & (_ELEMENT[kind] < 0)
    plain = np.where(unprovisioned, CAUSES.index("system"), plain)
    partner = _BY_PARTNER[kind] & happens(rng, PARTNER_SHARE, n)
    error = np.where(fails, np.where(partner, CAUSES.index("partner"), plain), -1)
    incident = np.full(n, -1, dtype=np.int64)
    draw = rng.random(n)
    for position, element in enumerate(ELEMENTS):
        rows = np.flatnonzero(_ELEMENT[kind] == position)
        size, cause = scene.levers.at("provisioning.failed", at[rows], element)
        hit = rows[draw[rows] < size]
        error[hit] = CAUSES.index("provisioning")
        incident[hit] = cause[draw[rows] < size]
    return error, incident


def _handled(scene: Scene, rng: np.random.Generator, ordered: Ordered, at: Ints) -> Handled:
    """Work the orders off."""
    n, kind = len(at), ordered.kind
    error, incident = _errors(scene, rng, ordered, at)
    withdrawn = (error < 0) & happens(rng, _of_kinds("cancelled")[kind], n)
    withdrawn &= ~(_LEAVES[kind] & scene.people.left[ordered.customer])
    result = np.where(error >= 0, FAILED, np.where(withdrawn, CANCELLED, DONE))
    product_order = _of_kinds("product_order")[kind].astype(bool)
    asked = product_order & ~withdrawn & happens(rng, CONFIRMED, n)
    confirm_s = np.where(product_order, lognormal(rng, 7, 0.7, n), 0.0)
    provisioned_kind = _ELEMENT[kind] >= 0
    refused = np.isin(error, [CAUSES.index(name) for name in ("staff", "rule", "data", "resource")])
    splits = provisioned_kind & ~withdrawn & ~refused
    split = at + (confirm_s + lognormal(rng, 9, 0.8, n)).astype(np.int64)
    spread = _of_kinds("spread")[kind]
    late_s, late_cause = scene.levers.at("hop.late_s", at, "provisioning")
    late_s = np.where(splits, late_s, 0.0)
    added = (rng.exponential(1.0, n) * late_s).astype(np.int64)
    provision_s = lognormal(rng, np.maximum(_of_kinds("provision_s")[kind], 1.0), spread, n)
    provisioned = split + provision_s.astype(np.int64) + added
    start = np.where(splits, provisioned, at + confirm_s.astype(np.int64))
    completed = (
        start + 1 + lognormal(rng, _of_kinds("complete_s")[kind], np.where(splits, 0.6, spread), n).astype(np.int64)
    )
    done = result == DONE
    works = splits & (done | (error == CAUSES.index("other")))
    usable = np.where(splits, (provisioned + completed) // 2, completed)
    has_use = done & (product_order | splits) & ~happens(rng, NOT_USABLE, n)
    notified = _told(scene, rng, completed, done)
    return Handled(
        confirmed=moments(at + confirm_s.astype(np.int64), asked),
        split=moments(split, splits),
        provisioned=moments(provisioned, works),
        usable=moments(usable, has_use),
        completed=completed,
        notified=notified,
        result=result,
        error=error,
        incident=incident,
        delayed_by=np.where(late_s > 0, late_cause, -1),
    )


def _told(scene: Scene, rng: np.random.Generator, completed: Ints, done: Bools) -> Ints:
    """When the customer got the message about a done order; NEVER when it was lost."""
    n = len(completed)
    late_s, _ = scene.levers.at("sms.late_s", completed)
    lost, _ = scene.levers.at("sms.lost", completed)
    takes = lognormal(rng, TOLD_S[0], TOLD_S[1], n) + rng.exponential(1.0, n) * late_s
    return moments(completed + 3 + takes.astype(np.int64), done & happens(rng, TOLD * (1 - lost), n))


def _staff(scene: Scene, rng: np.random.Generator, made: Times, channel: Ints) -> pa.Array:
    """The account of the clerk or agent who took the order; blank on other channels."""
    places = scene.places
    codes = scene.world.recall(
        "service.staff",
        lambda: (
            [places.clerk_code(h, p) for h in range(len(places.clerks)) for p in range(int(places.clerks[h]))]
            + list(places.agent_codes)
        ),
    )
    first = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(places.clerks)])
    draw = rng.random(len(channel))
    hall = np.maximum(made.hall, 0)
    clerk = first[hall] + (draw * places.clerks[hall]).astype(np.int64)
    agent = first[-1] + (draw * places.size.agents).astype(np.int64)
    by_agent = channel == CHANNELS.index("hotline_agent")
    return words(np.where(channel == CHANNELS.index("hall"), clerk, np.where(by_agent, agent, -1)), codes)


def _deliver(scene: Scene, rng: np.random.Generator, ordered: Ordered, made: Times, handled: Handled) -> None:
    """Deliver the orders; those that take days are delivered pending, and again when they are settled."""
    n, kind = len(made.at), ordered.kind
    people = scene.people
    manual = np.isin(ordered.channel, [CHANNELS.index(name) for name in _MANUAL])
    papers = _of_kinds("papers")[kind].astype(bool)
    due_s = _DUE_S[kind]
    columns = {
        "order_id": identities("BO", ordered.number), "accepted_at": made.at, "unit": counties(scene, ordered.customer),
        "process": words(_PROCESS[kind], _PROCESSES), "variant": words(ordered.variant, VARIANTS),
        "channel": words(ordered.channel, CHANNELS), "product": words(_PRODUCT[kind], _PRODUCTS),
        "business": words(_BUSINESS[kind], _BUSINESSES), "brand": people.brands(ordered.customer),
        "staff": _staff(scene, rng, made, ordered.channel), "customer_id": people.customer_ids(ordered.customer),
        "split_at": handled.split, "provisioned_at": handled.provisioned, "usable_at": handled.usable,
        "completed_at": handled.completed, "result": words(handled.result, RESULTS),
        "error_cause": words(handled.error, CAUSES),
        "handling_s": numbers(lognormal(rng, 215, 0.55, n).astype(np.int64), manual), "due_at": made.at + due_s,
        "confirmed_at": handled.confirmed, "notified_at": handled.notified,
        "repeat_of": identities("BO", ordered.repeats),
        "documents_ok": truths((handled.error != CAUSES.index("data")) & happens(rng, PAPERS_OK, n), papers),
    }  # fmt: skip
    end = day_end(scene.today)
    slow = _of_kinds("slow")[kind].astype(bool) & (handled.completed >= end)
    waiting(scene, "business_orders").put(picked(columns, slow), handled.completed[slow])
    now = {
        name: moments(columns[name], ~slow)
        for name in ("split_at", "provisioned_at", "usable_at", "completed_at", "notified_at")
    }
    now["result"] = words(np.where(slow, PENDING, handled.result), RESULTS)
    now["error_cause"] = words(np.where(slow, -1, handled.error), CAUSES)
    scene.deliver("business_orders", **{**columns, **now})
    _know(scene, columns["order_id"], ordered, handled, made.at + due_s)


def _know(scene: Scene, identity: pa.Array, ordered: Ordered, handled: Handled, due: Ints) -> None:
    failed = np.flatnonzero(handled.result == FAILED)
    scene.know(
        "orders_failed", order_id=identity.take(pa.array(failed)),
        process=words(_PROCESS[ordered.kind[failed]], _PROCESSES),
        element=words(_ELEMENT[ordered.kind[failed]], ELEMENTS), error_cause=words(handled.error[failed], CAUSES),
        incident=handled.incident[failed],
    )  # fmt: skip
    late = np.flatnonzero((handled.completed > due) & (handled.delayed_by >= 0))
    scene.know(
        "orders_late", order_id=identity.take(pa.array(late)), late_s=(handled.completed - due)[late],
        incident=handled.delayed_by[late],
    )  # fmt: skip


def _effects(scene: Scene, ordered: Ordered, handled: Handled) -> None:
    """Done orders change what customers have: products, a verified name."""
    done = handled.result == DONE
    products = scene.people.products
    for position, name in enumerate(_PRODUCTS):
        bit = np.uint32(1) << np.uint32(PRODUCTS.index(name))
        mine = done & (_PRODUCT[ordered.kind] == position)
        cancelled = ordered.variant == VARIANTS.index("cancel")
        on = np.unique(ordered.customer[mine & ~cancelled])
        off = np.unique(ordered.customer[mine & cancelled])
        products[on] |= bit
        products[off] &= ~bit
    named = np.array([kind.process == "real_name_registration" for kind in KINDS])[ordered.kind]
    scene.people.verified[ordered.customer[done & named]] = True


def _notes(scene: Scene, ordered: Ordered, made: Times, handled: Handled) -> None:
    """What customers felt, the visits to halls, the business done, and the messages to send."""
    end = day_end(scene.today)
    felt_at = np.clip(handled.completed, made.at, end - 1)
    failed = np.flatnonzero((handled.result == FAILED) & (felt_at >= made.at))
    mild = np.where(handled.error[failed] == CAUSES.index("rule"), 0.6, 1.0)
    scene.felt(
        Felt.ORDER_FAILED, ordered.customer[failed], felt_at[failed], strength=mild, cause=handled.incident[failed],
        ref=ordered.number[failed],
    )  # fmt: skip
    due = made.at + _DUE_S[ordered.kind]
    late = np.flatnonzero((handled.result == DONE) & (handled.completed > due) & (due < end))
    over = (handled.completed - due)[late] / np.maximum(_DUE_S[ordered.kind[late]], 1_800)
    scene.felt(
        Felt.ORDER_LATE, ordered.customer[late], felt_at[late], strength=np.clip(0.4 + over, 0.4, 3.0),
        cause=handled.delayed_by[late], ref=ordered.number[late],
    )  # fmt: skip
    visit(scene, made, ordered.customer, _PURPOSE[ordered.kind], ordered.number)
    dealt = np.flatnonzero(_DEAL[ordered.kind] >= 0)
    outcome = np.array([OUTCOMES.index(RESULTS[k]) for k in range(len(RESULTS))])[handled.result]
    effect = moments(handled.completed, handled.result == DONE)
    product = np.array([PRODUCTS.index(name) for name in _PRODUCTS])[np.maximum(_PRODUCT, 0)]
    product = np.where(_PRODUCT >= 0, product, -1)
    scene.note(
        Deals(
            ordered.number[dealt], ordered.customer[dealt], made.at[dealt], ordered.channel[dealt],
            _DEAL[ordered.kind[dealt]], product[ordered.kind[dealt]], outcome[dealt], effect[dealt],
            np.zeros(len(dealt), dtype=np.int64), made.hall[dealt], made.kiosk[dealt],
        )
    )  # fmt: skip
    told = np.flatnonzero((handled.result == DONE) & (handled.completed < end + DAY_S // 4))
    scene.world.memory[f"service.told.{scene.block}"] = Told(
        ordered.number[told], ordered.customer[told], handled.completed[told], handled.notified[told],
        product[ordered.kind[told]],
    )  # fmt: skip


def _remember(scene: Scene, rng: np.random.Generator, ordered: Ordered, handled: Handled) -> None:
    """Choose the orders that will be made again tomorrow: failed ones, and some that the customer doubts."""
    chance = np.where(handled.result == FAILED, AGAIN, np.where(handled.result == DONE, TWICE, 0.0))
    can = np.array([not kind.slow for kind in KINDS])[ordered.kind] & (ordered.repeats < 0)
    rows = np.flatnonzero(can & happens(rng, chance, len(chance)))
    scene.world.memory[f"service.orders.again.{scene.block}"] = Memory(
        (ordered.number[rows], ordered.customer[rows], ordered.kind[rows])
    )
