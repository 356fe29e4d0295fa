"""Money movements beside recharges, points, invoices.

Gifts are pairs: what one customer gives another receives, under one pair number; a few pairs stay open for some days.
Amounts in fen. These movements are records of the funds processes; balances themselves are kept where recharges are.
Frequencies and times are ours, on the level of the catalogue's targets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import NEVER, identities, moments, numbers, same, truths, words
from ganzhi.province.scene import CHANNELS, Scene
from ganzhi.province.service.drawing import (
    ChannelChoice,
    Times,
    counties,
    day_end,
    deliver_due,
    picked,
    purpose_of,
    some,
    times,
    visit,
    waiting,
)
from ganzhi.province.streams import Bools, Ints, choose, happens, lognormal


@dataclass(frozen=True, slots=True)
class MovementKind:
    """One process of funds. per_100k: movements a day of 100,000 customers. takes_s, spread: median seconds until
    booked, deviation of the logarithm. fails: share that is not booked. yuan: usual amounts. first: how many times
    as many on the first of a month. slow: may take days; delivered open, and again when booked."""

    process: str
    kind: str
    per_100k: float
    channels: Mapping[str, float] = field(hash=False)
    takes_s: float
    due_s: int
    yuan: tuple[int, ...]
    spread: float = 0.7
    fails: float = 0.003
    first: float = 1.0
    slow: bool = False


_SYSTEM: Final = {"system": 1.0}
KINDS: Final[tuple[MovementKind, ...]] = (
    MovementKind("prepayment", "prepayment", 110, {"hall": 0.5, "web_hall": 0.2, "app": 0.1, "partner_shop": 0.2}, 14,
        120,
                 (100, 200, 300, 500)),
    MovementKind("deposit", "deposit", 9, {"hall": 1.0}, 18, 300, (200, 500, 1_000)),
    MovementKind("mobile_payment_recharge", "recharge", 80, {"payment_platform": 0.5, "sms_hall": 0.2, "app": 0.3}, 40,
        300,
                 (30, 50, 100)),
    MovementKind("refund", "refund", 14, {"hall": 0.7, "hotline_agent": 0.3}, 1.3 * DAY_S, 5 * DAY_S, (3, 8, 15, 30,
        60),
                 spread=0.65, fails=0.01, slow=True),
    MovementKind("batch_debit", "debit", 110, {"bank": 1.0}, 4_200, 4 * 3_600, (38, 58, 88, 128), spread=0.45,
        fails=0.035),
    MovementKind("promotion_rebate", "rebate", 55, _SYSTEM, 4 * 3_600, DAY_S, (10, 20, 30), spread=0.5, first=6.0),
    MovementKind("single_double_rebate", "rebate", 18, _SYSTEM, 5 * 3_600, DAY_S, (5, 10), spread=0.5, first=6.0),
    MovementKind("account_adjustment", "adjustment", 12, {"hotline_agent": 0.7, "hall": 0.3}, 2_400, 2 * 3_600, (2, 5,
        10, 20),
                 spread=0.5),
    MovementKind("gift_recharge", "gift_given", 55, {"hall": 0.3, "web_hall": 0.3, "app": 0.4}, 15, 120, (30, 50, 100)),
)  # fmt: skip
"""Every kind; the last one makes pairs."""
GIFT: Final = len(KINDS) - 1
RECEIVED: Final = ("gift_recharge_received", "gift_received")
GIFT_OPEN: Final = 0.0025
"""Share of gifts that the other account does not get at once, and median seconds until it does."""
GIFT_OPEN_S: Final = 1.6 * DAY_S
REVERSED: Final = 0.0025
EXACT: Final = 0.9975
"""Share of rebates booked in full."""
APPROVED: Final = 0.997
TWICE: Final = 0.0006
"""Share of prepayments and debits booked twice."""
BOOKED, OPEN, FAILED, TURNED_BACK = range(4)
STATES: Final = ("booked", "open", "failed", "reversed")
_CHANNEL: Final = ChannelChoice(tuple(kind.channels for kind in KINDS))
_PROCESSES: Final = tuple(kind.process for kind in KINDS)
_NAMES: Final = tuple(kind.kind for kind in KINDS)
_AMOUNTS: Final = np.array([(kind.yuan * 12)[:12] for kind in KINDS], dtype=np.int64) * 100


def _of_kinds(name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([float(getattr(kind, name)) for kind in KINDS])


_DUE_S: Final = _of_kinds("due_s").astype(np.int64)


def move_money(scene: Scene) -> None:
    """The day's money movements of the block."""
    deliver_due(scene, "account_movements")
    rng = scene.rng("account-movements")
    first = _of_kinds("first") if scene.today.plan_effective else np.ones(len(KINDS))
    rates = _of_kinds("per_100k") * first
    customer = some(rng, scene, float(rates.sum()))
    n = len(customer)
    if not n:
        return
    kind = choose(rng, rates, n)
    channel = _CHANNEL.draw(rng, kind, scene.people.electronic[customer])
    at = times(rng, scene, "recharge", customer, channel).at
    amount = _AMOUNTS[kind, rng.integers(0, _AMOUNTS.shape[1], n)]
    state = np.where(happens(rng, _of_kinds("fails")[kind], n), FAILED, BOOKED)
    state = np.where((state == BOOKED) & happens(rng, REVERSED, n) & (kind != GIFT), TURNED_BACK, state)
    takes = lognormal(rng, _of_kinds("takes_s")[kind], _of_kinds("spread")[kind], n)
    booked_at = at + 1 + takes.astype(np.int64)
    rebate = np.isin(kind, [k for k, each in enumerate(KINDS) if each.kind == "rebate"])
    short = rebate & ~happens(rng, EXACT, n)
    booked = np.where(short, amount - 100 * rng.integers(1, 5, n), amount)
    adjusts = np.array([each.kind == "adjustment" for each in KINDS])[kind]
    refunds = np.array([each.kind == "refund" for each in KINDS])[kind]
    number = scene.numbers(n)
    columns = {"movement_id": identities("AM", number)} | _columns(scene, customer, at, _PROCESSES, _NAMES, kind) | {
        "state": words(state, STATES), "channel": words(channel, CHANNELS),
        "due_at": at + _DUE_S[kind], "booked_at": moments(booked_at, state != FAILED), "amount_fen": amount,
        "booked_fen": numbers(booked, state != FAILED), "pair_id": identities("", np.full(n, -1)),
        "pair_fen": numbers(amount, np.zeros(n, dtype=bool)), "pair_booked_at": np.full(n, NEVER),
        "approved": truths(happens(rng, APPROVED, n), adjusts | refunds), "repeat_of": identities("AM", np.full(n, -1)),
    }  # fmt: skip
    plain = kind != GIFT
    slow = plain & _of_kinds("slow")[kind].astype(bool) & (booked_at >= day_end(scene.today))
    _deliver(scene, columns, plain, slow, booked_at)
    _twice(scene, rng, columns, number, np.flatnonzero((kind == 0) | (kind == _NAMES.index("debit"))))
    _gifts(scene, rng, picked(columns, ~plain), customer[~plain], booked_at[~plain], amount[~plain])


def _columns(
    scene: Scene, customer: Ints, at: Ints, processes: tuple[str, ...], names: tuple[str, ...], kind: Ints
) -> dict[str, Any]:
    people = scene.people
    return {
        "requested_at": at, "unit": counties(scene, customer), "process": words(kind, processes),
        "movement_kind": words(kind, names), "customer_id": people.customer_ids(customer),
        "brand": people.brands(customer),
    }  # fmt: skip


def _deliver(scene: Scene, columns: Mapping[str, Any], plain: Bools, slow: Bools, booked_at: Ints) -> None:
    """Deliver movements that are no gifts; the slow ones open first, and again when they are booked."""
    done = picked(columns, plain & ~slow)
    scene.deliver("account_movements", **done)
    if slow.any():
        scene.deliver("account_movements", **_unbooked(picked(columns, slow)))
        waiting(scene, "account_movements").put(picked(columns, slow), booked_at[slow])


def _unbooked(columns: dict[str, Any]) -> dict[str, Any]:
    n = len(columns["requested_at"])
    never, none = np.full(n, NEVER), numbers(np.zeros(n, dtype=np.int64), np.zeros(n, dtype=bool))
    return {**columns, "state": same("open", n), "booked_at": never, "booked_fen": none}


def _twice(scene: Scene, rng: np.random.Generator, columns: Mapping[str, Any], number: Ints, rows: Ints) -> None:
    """A few movements are booked twice."""
    rows = rows[happens(rng, TWICE, len(rows))]
    if not len(rows):
        return
    again = picked(columns, rows)
    shift = rng.integers(5, 300, len(rows))
    for name in ("requested_at", "due_at", "booked_at"):
        again[name] = np.where(again[name] == NEVER, NEVER, again[name] + shift)
    again["movement_id"] = identities("AM", scene.numbers(len(rows), 1))
    again["repeat_of"] = identities("AM", number[rows])
    scene.deliver("account_movements", **again)


def _gifts(
    scene: Scene, rng: np.random.Generator, given: dict[str, Any], giver: Ints, booked_at: Ints, amount: Ints
) -> None:
    """Deliver both sides of the gifts; gifts that failed have no other side."""
    kept = given["state"].to_numpy(zero_copy_only=False) == STATES[BOOKED]
    scene.deliver("account_movements", **picked(given, ~kept))
    n = int(kept.sum())
    if not n:
        return
    given, giver, booked_at, amount = picked(given, kept), giver[kept], booked_at[kept], amount[kept]
    own = scene.own()
    receiver = own[rng.integers(0, len(own), n)]
    received_at = booked_at + 1 + lognormal(rng, 9, 0.7, n).astype(np.int64)
    late = happens(rng, GIFT_OPEN, n)
    received_at = np.where(late, booked_at + lognormal(rng, GIFT_OPEN_S, 0.4, n).astype(np.int64), received_at)
    pair = scene.numbers(n, 2)
    given["pair_id"] = identities("GP", pair)
    none = np.zeros(n, dtype=np.int64)
    received = {
        **given, **_columns(scene, receiver, booked_at, RECEIVED[:1], RECEIVED[1:], none),
        "movement_id": identities("AR", pair), "channel": same("system", n), "due_at": booked_at + 120,
    }  # fmt: skip
    open_now = received_at >= day_end(scene.today) + 3_600
    later = waiting(scene, "account_movements")
    for closed in (True, False):
        rows = np.flatnonzero(~open_now if closed else open_now)
        sides = _sides(picked(given, rows), picked(received, rows), booked_at[rows], received_at[rows], amount[rows])
        if not closed:
            for side in sides:
                later.put(side, received_at[rows])
            sides = _open(*sides)
        for side in sides:
            scene.deliver("account_movements", **side)


def _sides(
    given: dict[str, Any], received: dict[str, Any], booked_at: Ints, received_at: Ints, amount: Ints
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both sides of gifts that have arrived: each tells the other's money."""
    money = numbers(amount, np.ones(len(amount), dtype=bool))
    return (
        {**given, "pair_fen": money, "pair_booked_at": received_at},
        {**received, "booked_at": received_at, "booked_fen": money, "pair_fen": money, "pair_booked_at": booked_at},
    )


def _open(given: dict[str, Any], received: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Both sides of gifts that have not arrived yet."""
    n = len(given["requested_at"])
    none = numbers(np.zeros(n, dtype=np.int64), np.zeros(n, dtype=bool))
    return {**given, "pair_fen": none, "pair_booked_at": np.full(n, NEVER)}, _unbooked(received)


REWARD, EARNED, EXPIRED, CORRECTED = range(4)
POINTS_KINDS: Final = ("redeemed", "earned", "expired", "corrected")
POINTS_PROCESSES: Final = ("points_reward", "points_processing", "points_processing", "points_processing")
POINTS_PER_100K: Final = np.array([28.0, 140.0, 6.0, 3.0])
_POINTS_CHANNEL: Final = ChannelChoice(
    ({"web_hall": 0.34, "app": 0.26, "hall": 0.2, "sms_hall": 0.1, "hotline_agent": 0.1}, _SYSTEM, _SYSTEM, _SYSTEM)
)


def move_points(scene: Scene) -> None:
    """The day's points: earned with daily billing, redeemed, expired, corrected; rewards arrive some days later."""
    deliver_due(scene, "points_movements")
    rng = scene.rng("points")
    customer = some(rng, scene, float(POINTS_PER_100K.sum()))
    n = len(customer)
    if not n:
        return
    people = scene.people
    kind = choose(rng, POINTS_PER_100K, n)
    reward = kind == REWARD
    channel = _POINTS_CHANNEL.draw(rng, kind, people.electronic[customer])
    at = np.where(reward, times(rng, scene, "electronic", customer, channel).at, scene.today.start + 3_600 * 4)
    takes = np.where(reward, lognormal(rng, 20, 0.6, n), lognormal(rng, 1_500, 0.5, n))
    failed = happens(rng, np.where(reward, 0.012, 0.002), n)
    done_at = at + 1 + takes.astype(np.int64)
    sign = np.where(np.isin(kind, (REWARD, EXPIRED)), -1, 1)
    points = sign * np.where(
        reward, rng.integers(3, 60, n) * 100, people.fee_fen[customer] // 100 * rng.integers(1, 4, n)
    )
    expected = np.where(happens(rng, 0.997, n), points, points - sign * rng.integers(1, 50, n))
    told = np.where(kind == EXPIRED, at - rng.integers(5, 30, n) * DAY_S, done_at + 20)
    arrives = done_at + lognormal(rng, 1.6 * DAY_S, 0.5, n).astype(np.int64)
    columns = {
        "movement_id": identities("PM", scene.numbers(n)), "requested_at": at, "unit": counties(scene, customer),
        "process": words(kind, POINTS_PROCESSES), "points_kind": words(kind, POINTS_KINDS),
        "state": words(failed.astype(np.int64), ("done", "failed")), "channel": words(channel, CHANNELS),
        "customer_id": people.customer_ids(customer), "brand": people.brands(customer),
        "due_at": at + np.where(reward, 60, 6 * 3_600), "done_at": moments(done_at, ~failed), "points": points,
        "expected_points": expected, "notified_at": moments(told, ~failed & happens(rng, 0.97, n)),
        "reward_delivered_at": moments(arrives, reward & ~failed),
    }  # fmt: skip
    end = day_end(scene.today)
    later = reward & ~failed & (arrives >= end)
    waiting(scene, "points_movements").put(picked(columns, later), arrives[later])
    arrived = moments(arrives, reward & ~failed & ~later)
    scene.deliver("points_movements", **{**columns, "reward_delivered_at": arrived})


INVOICES_PER_100K: Final = np.array([130.0, 9.0])
REPRINTED: Final = 0.008
"""Share of invoices that are printed once more."""
INVOICE_PROCESSES: Final = ("invoice_printing", "cleared_invoice_printing")
_INVOICE_CHANNEL: Final = ChannelChoice(
    ({"hall": 0.6, "kiosk": 0.12, "web_hall": 0.16, "app": 0.12}, {"hall": 0.8, "account_manager": 0.2})
)


def print_invoices(scene: Scene) -> None:
    """The day's invoices; those printed in halls bring customers there."""
    rng = scene.rng("invoices")
    customer = some(rng, scene, float(INVOICES_PER_100K.sum()) * scene.today.factor("hall"))
    n = len(customer)
    if not n:
        return
    people = scene.people
    kind = choose(rng, INVOICES_PER_100K, n)
    channel = _INVOICE_CHANNEL.draw(rng, kind, people.electronic[customer])
    made = times(rng, scene, "electronic", customer, channel)
    again = happens(rng, REPRINTED, n)
    again[0] = False
    again[1:] &= ~again[:-1]
    of = np.arange(n) - again
    customer, kind, channel = customer[of], kind[of], channel[of]
    made = Times(
        made.at[of] + again * rng.integers(120, 1_200, n),
        made.came[of],
        np.where(again, -1, made.hall[of]),
        made.kiosk[of],
    )
    electronic = np.isin(channel, [CHANNELS.index("web_hall"), CHANNELS.index("app")])
    result = choose(rng, np.array([0.991, 0.006, 0.003]), n)
    printed = (
        made.at
        + 2
        + lognormal(rng, np.where(electronic, 4.0, np.where(kind == 1, 60.0, 18.0)), 0.6, n).astype(np.int64)
    )
    amount = (people.fee_fen[customer] * rng.uniform(0.8, 2.2, n)).astype(np.int64)
    number = scene.numbers(n)
    scene.deliver(
        "invoices", invoice_id=identities("IV", number), requested_at=made.at, unit=counties(scene, customer),
        process=words(kind, INVOICE_PROCESSES), channel=words(channel, CHANNELS),
        customer_id=people.customer_ids(customer), result=words(result, ("printed", "failed", "void")),
        printed_at=moments(printed, result != 1), amount_fen=amount,
        booked_fen=np.where(happens(rng, 0.9985, n), amount, amount + 100),
        reprint_of=identities("IV", np.where(again, number[of], -1)), electronic=electronic,
    )  # fmt: skip
    visit(scene, made, customer, np.full(n, purpose_of("bill")), number)
