"""Who recharges today, how much, where and when; failed attempts and what is tried again. Amounts are fen.

Customers recharge by need: the less is left after the month's accrued fee, the likelier. In the long run that
brings in what they spend, so the size of recharges sets their number: about 1.6 a month. Rates are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.chains.chain import Paid, run
from ganzhi.province.chains.entries import (
    CARD_LOG,
    CHANNEL,
    EPAY,
    FAILS,
    FAILURES,
    HALL_CASH,
    HALL_LOG,
    KIOSK,
    REMOTE_LOG,
    VALUES,
    failure_causes,
    logs_of,
    payment_ids,
)  # fmt: skip
from ganzhi.province.chains.usage import MONTH_DAYS, books_of, monthly_spend, units
from ganzhi.province.columns import NEVER, numbers, truths, words
from ganzhi.province.population import ARREARS, BOTH, ENTRIES, ENTRY_SHARE, HALF, NORMAL, REQUESTED
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import CHANNELS, DEAL_PROCESSES, PURPOSES, Deals, Scene, Visits
from ganzhi.province.streams import Bools, Floats, Ints, choose, happens, lognormal

AMOUNTS: Final = np.array([1_000, 2_000, 3_000, 5_000, 10_000, 20_000])
A_MONTH: Final = 1.72
"""Recharges a month that usual amounts are made for; those with little to spend recharge less often."""
NEED: Final = 0.132
NEED_SLOPE: Final = 1.75
"""Daily chance to recharge is NEED × exp(-NEED_SLOPE × what is left, in months of spending)."""
MOST: Final = 0.6
WARNED: Final = 0.28
"""Daily chance of those in arrears, who have been warned."""
OFF_FIRST, OFF_DECAY, OFF_LEAST = 0.42, 0.78, 0.012
"""Daily chance of suspended customers: on the first day, kept from day to day, at least."""
POSTPAID: Final = 0.15
POSTPAID_OWES: Final = 0.25
"""Postpaid customers who owe a quarter of a month pay with this daily chance."""
REQUESTED_PART: Final = 0.05
HABIT: Final = 0.82
ENOUGH: Final = 0.94
"""Share of suspended customers whose payment covers what they owe."""
AFTER_STOP_MEDIAN_S: Final = 5_400.0
RETRY: Final = (0.85, 0.70)
RETRY_MEDIAN_S: Final = 240.0
TWINS: Final = 0.010
"""Recharges followed by another of the same number within minutes."""
WRONG_NUMBER: Final = 0.0006
LOAD_FAILS: Final = 0.10
"""Failed attempts added per unit of `database.load`."""
ANSWER_MEDIAN_S, ANSWER_SIGMA = 3.0, 0.6
OPEN_S, CLOSE_S = 8 * 3_600 + 1_800, 17 * 3_600 + 1_800
HOME_COUNTY: Final = 0.8
INVOICE_ASKED, INVOICE_PRINTED = 0.35, 0.993


@dataclass(frozen=True, slots=True)
class Tries:
    """Attempts to recharge."""

    customer: Ints
    entry: Ints
    amount: Ints
    at: Ints
    failed: Bools


def recharge(scene: Scene) -> None:
    """Phase of a block, after `arrears.collect`: the day's recharges and all that follows from them."""
    rng = scene.rng("recharge")
    tries = _tries(scene, rng, _wishes(scene, rng))
    tries, wrong = _misdirect(scene, rng, tries)
    number = scene.numbers(len(tries.customer), 0)
    log = logs_of(rng, tries.entry, tries.failed)
    finished = tries.at + np.ceil(lognormal(rng, ANSWER_MEDIAN_S, ANSWER_SIGMA, len(number))).astype(np.int64)
    _deliver(scene, rng, tries, number, log, finished)
    _places(scene, rng, tries, number, finished)
    done = np.flatnonzero(~tries.failed)
    paid = Paid(
        number[done], payment_ids(log[done], number[done]), tries.customer[done], tries.entry[done],
        tries.amount[done], tries.at[done], wrong[done],
    )  # fmt: skip
    run(scene, rng, paid)


def chance(scene: Scene, own: Ints) -> Floats:
    """Each customer's chance to recharge today."""
    people, today = scene.people, scene.today
    line, balance = people.line[own], people.balance_fen[own]
    factor = today.factor("recharge") * (1.0 + _peak(scene)[people.city[own]])
    accrued = people.fee_fen[own] * np.float32((today.day.day - 1) / MONTH_DAYS)
    spend = monthly_spend(people, own)
    left = (balance - accrued) / spend
    need = np.minimum(MOST, factor * NEED * np.exp(-NEED_SLOPE * np.maximum(left, -1.0)))
    postpaid = ~people.prepaid[own]
    need = np.where(postpaid, np.where(balance < -POSTPAID_OWES * spend, factor * POSTPAID, 0.001), need)
    need = np.where((people.due_day[own] >= 0) & (line == NORMAL), np.maximum(need, WARNED), need)
    need = np.where(line == REQUESTED, need * REQUESTED_PART, need)
    off = np.flatnonzero((line == ARREARS) | (line == HALF) | (line == BOTH))
    days = np.maximum(0, today.number - books_of(scene.world).stopped[own[off]] // DAY_S)
    need[off] = np.maximum(OFF_LEAST, OFF_FIRST * OFF_DECAY**days) * np.where(line[off] == BOTH, REQUESTED_PART, 1.0)
    return need


def _peak(scene: Scene) -> Floats:
    """What a lever adds to the demand of each city, at noon."""
    cities = scene.places.city_codes
    return scene.levers.at("load.peak", np.full(len(cities), scene.today.start + DAY_S // 2), cities)[0]


def _wishes(scene: Scene, rng: np.random.Generator) -> Tries:
    """Recharges customers set out to make."""
    own, people, today = scene.own(), scene.people, scene.today
    who = own[happens(rng, chance(scene, own), len(own))]
    n = len(who)
    entry = np.where(happens(rng, HABIT, n), people.habit[who].astype(np.int64), choose(rng, ENTRY_SHARE, n))
    at = draw_moments(rng, today, "recharge", n)
    staffed = (entry == HALL_CASH) | (entry == KIOSK)
    shut = staffed & ((at - today.start < OPEN_S) | (at - today.start >= CLOSE_S))
    at = np.where(shut, today.start + OPEN_S + (rng.beta(1.6, 1.9, n) * (CLOSE_S - OPEN_S)).astype(np.int64), at)
    stopped = books_of(scene.world).stopped[who].astype(np.int64)
    fresh = (people.line[who] != NORMAL) & (stopped >= today.start)
    at = np.where(fresh, stopped + np.ceil(lognormal(rng, AFTER_STOP_MEDIAN_S, 0.9, n)).astype(np.int64), at)
    fits = at < today.start + np.where(staffed, CLOSE_S, DAY_S)
    who, entry, at = who[fits], entry[fits], at[fits]
    amount = _amounts(scene, rng, who)
    twin = np.flatnonzero(happens(rng, TWINS, len(who)))
    again_at = np.minimum(at[twin] + rng.integers(60, 900, len(twin)), today.start + DAY_S - 1)
    again = AMOUNTS[rng.integers(0, 4, len(twin))]
    pick = np.r_[np.arange(len(who)), twin]
    return Tries(who[pick], entry[pick], np.r_[amount, again], np.r_[at, again_at], np.zeros(len(pick), dtype=bool))


def _amounts(scene: Scene, rng: np.random.Generator, who: Ints) -> Ints:
    """Notes of 10 to 200 yuan, by chance the one below or above, so that the mean fits the customer's spending;
    those who owe pay at least that, mostly; postpaid customers pay what they owe."""
    people, n = scene.people, len(who)
    mean = np.clip(monthly_spend(people, who) / A_MONTH, AMOUNTS[0], AMOUNTS[-1])
    upper = np.clip(np.searchsorted(AMOUNTS, mean), 1, len(AMOUNTS) - 1)
    low, high = AMOUNTS[upper - 1], AMOUNTS[upper]
    amount = np.where(rng.random(n) * (high - low) < mean - low, high, low)
    debt = np.maximum(0, -people.balance_fen[who])
    covering = AMOUNTS[np.minimum(np.searchsorted(AMOUNTS, debt), len(AMOUNTS) - 1)]
    rounded = -(-debt // 1_000) * 1_000
    covering = np.where((debt > AMOUNTS[-1]) | ~people.prepaid[who], rounded, covering)
    owes = (debt > 0) & happens(rng, ENOUGH, n)
    return np.asarray(np.where(owes, np.maximum(amount, covering), amount))


def _tries(scene: Scene, rng: np.random.Generator, wishes: Tries) -> Tries:
    """Some attempts fail; most of those are tried again within minutes, up to twice."""
    n, end = len(wishes.customer), scene.today.start + DAY_S - 1
    load, _ = scene.levers.at("database.load", wishes.at)
    odds = FAILS[wishes.entry] * (1.0 + LOAD_FAILS / 0.02 * load)
    first = happens(rng, odds, n)
    second = first & happens(rng, RETRY[0], n)
    again = second & happens(rng, odds * 2, n)
    third = again & happens(rng, RETRY[1], n)
    gap = np.ceil(lognormal(rng, RETRY_MEDIAN_S, 0.8, 2 * n)).astype(np.int64).reshape(2, n)
    at2 = np.minimum(wishes.at + gap[0], end)
    at3 = np.minimum(at2 + gap[1], end)
    parts = ((~first, wishes.at, False), (first, wishes.at, True), (second & ~again, at2, False), (again, at2, True),
             (third, at3, False))  # fmt: skip
    rows = [np.flatnonzero(which) for which, _, _ in parts]
    pick = np.concatenate(rows)
    at = np.concatenate([moment[row] for (_, moment, _), row in zip(parts, rows, strict=True)])
    failed = np.repeat(np.array([bad for _, _, bad in parts]), [len(row) for row in rows])
    order = np.argsort(at, kind="stable")
    pick = pick[order]
    return Tries(wishes.customer[pick], wishes.entry[pick], wishes.amount[pick], at[order], failed[order])


def _misdirect(scene: Scene, rng: np.random.Generator, tries: Tries) -> tuple[Tries, Bools]:
    """A few payers mistype a digit: the money goes to somebody else."""
    n = len(tries.customer)
    wrong = ~tries.failed & (tries.entry != HALL_CASH) & happens(rng, WRONG_NUMBER, n)
    span = scene.world.blocks[scene.block]
    other = np.where(wrong, rng.integers(span.start, span.stop, n), tries.customer)
    return Tries(other, tries.entry, tries.amount, tries.at, tries.failed), wrong


def _deliver(scene: Scene, rng: np.random.Generator, tries: Tries, number: Ints, log: Ints, finished: Ints) -> None:
    """Rows of `recharges`, with what the log of each knows and no more."""
    n, hall = len(number), log == HALL_LOG
    known = log != EPAY
    caused = tries.failed & known & (log != REMOTE_LOG) & ~hall
    asked = happens(rng, INVOICE_ASKED, n)
    printed = asked & ~tries.failed & happens(rng, INVOICE_PRINTED, n)
    account, phone = np.where(log == REMOTE_LOG, -1, tries.customer), np.where(known, tries.customer, -1)
    scene.deliver(
        "recharges",
        payment_id=payment_ids(log, number),
        paid_at=tries.at,
        unit=units(scene, tries.customer),
        account_id=scene.people.account_ids(account),
        subscriber=scene.people.phones(phone),
        channel=words(np.where(log == CARD_LOG, ENTRIES.index("access_505"), tries.entry), VALUES),
        entry=words(tries.entry, ENTRIES),
        amount_fen=tries.amount,
        result=words(tries.failed.astype(np.int64), ("done", "failed")),
        failure_cause=words(np.where(caused, failure_causes(rng, tries.entry), -1), FAILURES),
        finished_at=np.where(known, finished, NEVER),
        invoice_asked=truths(asked, hall),
        invoice_printed=truths(printed, hall),
        invoice_fen=numbers(tries.amount, hall & printed),
    )


def _slice_starts(keys: Ints, n: int) -> tuple[Ints, Ints]:
    """First position and count of each key in a sorted array."""
    count = np.bincount(keys, minlength=n)
    return np.cumsum(count) - count, count


def _places(scene: Scene, rng: np.random.Generator, tries: Tries, number: Ints, finished: Ints) -> None:
    """Notes for halls and channels: visits of those who pay at a counter or kiosk, deals of all."""
    places, people, n = scene.places, scene.people, len(number)
    county, city = people.county[tries.customer].astype(np.int64), people.city[tries.customer].astype(np.int64)
    at_home = happens(rng, HOME_COUNTY, n)
    luck = rng.random(n)
    halls, sites = places.hall_county, places.hall_county[places.kiosk_hall]
    chosen = []
    for here in (halls, sites):
        first, count = _slice_starts(here, places.size.counties)
        wide, many = _slice_starts(places.county_city[here], len(places.city_codes))
        near = at_home & (count[county] > 0)
        chosen.append(
            np.where(near, first[county] + luck * count[county], wide[city] + luck * many[city]).astype(np.int64)
        )
    is_kiosk, is_hall = tries.entry == KIOSK, tries.entry == HALL_CASH
    device = np.where(is_kiosk, chosen[1], -1)
    hall = np.where(is_kiosk, places.kiosk_hall[chosen[1]], np.where(is_hall, chosen[0], -1))
    scene.note(Deals(
        number, tries.customer, tries.at, CHANNEL[tries.entry], np.full(n, DEAL_PROCESSES.index("recharge")),
        np.full(n, -1), tries.failed.astype(np.int64), np.where(tries.failed, NEVER, finished),
        np.where(tries.failed, 0, tries.amount), hall, device,
    ))  # fmt: skip
    rows = np.flatnonzero(hall >= 0)
    k = len(rows)
    scene.note(Visits(
        tries.customer[rows], hall[rows], np.maximum(tries.at[rows] - rng.integers(30, 600, k), scene.today.start + OPEN_S - 600),
        np.full(k, PURPOSES.index("payment")), number[rows], tries.amount[rows], np.full(k, -1), np.full(k, -1),
    ))  # fmt: skip


assert CHANNELS[CHANNEL[HALL_CASH]] == "hall"
