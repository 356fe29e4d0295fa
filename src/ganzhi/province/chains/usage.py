"""Charges and the books: what customers use is taken from their balances, and every written change adds up.

Amounts are fen. Usage is charged daily but written in one `fee` row just before the account's next other row, and on
the first of a month together with the plan fee. So, for every account: its written changes sum to the change of its
balance since the books were opened, but for what is still unwritten.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import identities, numbers, pieces, piecewise, words
from ganzhi.province.population import ARREARS, HALF, NORMAL, Population
from ganzhi.province.scene import Scene, World, joined
from ganzhi.province.streams import Bools, Floats, Ints, happens, stream

BALANCE_KINDS: Final = (
    "recharge", "gift_given", "gift_received", "rebate", "fee", "refund", "adjustment", "reversal",
)  # fmt: skip
RECHARGE, GIVEN, RECEIVED, REBATE, FEE, REFUND, ADJUSTMENT, REVERSAL = range(8)
MONTH_DAYS: Final = 30.4
FUNDS_VALID_DAYS: Final = 365
"""How long paid or returned money may be used; ours."""
NEW_YEAR_RETURN: Final = 0.122
"""Share of the customers without a monthly return who get a yearly one on 1 January; fitted to the source's 756,430
notices of 1 January 2012 in the capital (S000-074)."""
LIMIT_MONTHS: Final = 2.0
"""A postpaid credit limit covers at least so many months of spending."""
OWING_AT_START: Final = 0.009
SUSPENDED_AT_START: Final = 0.004
"""Shares of customers in arrears and suspended when the simulation starts; ours."""


@dataclass(slots=True)
class Books:
    """What is kept of every account beside its balance. unwritten: fen charged and not yet written. Seconds since
    1970, 0 for none: threshold (arrears began), noticed (first notice sent), warned (a notice delivered), stopped
    (suspended by CRM's clock), changed (last written change). notices: how many were sent. rule: position in
    `resume.RULES`. blamed: incident behind a notice lost or late, -1 for none."""

    unwritten: NDArray[np.int32]
    threshold: NDArray[np.int32]
    noticed: NDArray[np.int32]
    warned: NDArray[np.int32]
    stopped: NDArray[np.int32]
    changed: NDArray[np.int32]
    notices: NDArray[np.int8]
    rule: NDArray[np.int8]
    blamed: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Postings:
    """Changes of balances to write. number: of the change. notice: number of the notice behind it, gift: of the
    pair, reverses: of the change taken back; -1 for none. noticed_at: when the notice was created, or NEVER."""

    customer: Ints
    at: Ints
    kind: Ints
    amount: Ints
    number: Ints
    notice: Ints
    noticed_at: Ints
    gift: Ints
    reverses: Ints


@dataclass(frozen=True, slots=True)
class Rebates:
    """Prepayments returned today: who, when the notice is created, how much."""

    customer: Ints
    at: Ints
    amount: Ints


def books_of(world: World) -> Books:
    """The books, opened the first time with what an ordinary day of the month finds."""
    return world.recall("books", lambda: _open(world))


def _open(world: World) -> Books:
    people, n = world.population, len(world.population)
    whole, small = [np.zeros(n, dtype=np.int32) for _ in range(6)], [np.zeros(n, dtype=np.int8) for _ in range(2)]
    books = Books(
        whole[0], whole[1], whole[2], whole[3], whole[4], whole[5], small[0], small[1], np.full(n, -1, dtype=np.int16)
    )
    rng = stream(world.seed, "open-books")
    start = (world.first.toordinal() - 719_163) * DAY_S
    _settle(people, world.first.day, rng)
    luck = rng.random(n)
    luck[~people.prepaid] = 1.0
    short = np.flatnonzero(luck < OWING_AT_START + SUSPENDED_AT_START)
    stopped = luck[short] < SUSPENDED_AT_START
    people.balance_fen[short] = -(people.daily_fen[short] * rng.uniform(1, 6, len(short))).astype(np.int64) - 50
    days = rng.integers(3, 12, len(short))
    books.threshold[short] = start - days * DAY_S * np.where(stopped, 2, 1) // 3 + 36_000
    books.noticed[short] = books.threshold[short] + rng.integers(60, 700, len(short))
    books.warned[short] = books.noticed[short] + rng.integers(5, 60, len(short))
    books.notices[short] = 1
    people.due_day[short[~stopped]] = rng.integers(0, 5, int((~stopped).sum()))
    people.line[short[stopped]] = ARREARS
    books.stopped[short[stopped]] = start - rng.integers(1, 3, int(stopped.sum())) * DAY_S + 36_900
    return books


def _settle(people: Population, day: int, rng: np.random.Generator) -> None:
    """Balances as the behaviour of `recharge` leaves them on the eve of this day of the month: prepaid customers keep
    the fee that has accrued and, beside it, about 0.7 of a month's spending; postpaid ones owe a part of the month,
    and their limits cover what they spend."""
    n, fees = len(people), (day - 1) / MONTH_DAYS if day > 1 else 1.0
    most = piecewise(n, bool, lambda s: rng.random(s.stop - s.start) < 0.93)
    for s in pieces(n):
        spend, prepaid = monthly_spend(people, s), people.prepaid[s]
        drawn = people.balance_fen[s] / (0.45 * people.fee_fen[s] + 6 * people.daily_fen[s])
        kept = (0.78 * np.sqrt(drawn) - 0.30) * spend + people.fee_fen[s] * fees
        owed = -spend * np.where(most[s], rng.uniform(0.0, 0.3, len(spend)), 0.8)
        people.balance_fen[s] = np.where(prepaid, kept, owed)
        people.credit_fen[s] = np.where(prepaid, 0, np.maximum(people.credit_fen[s], LIMIT_MONTHS * spend))


def units(scene: Scene, customers: Ints) -> pa.Array:
    """The county of each customer: the unit of its records."""
    return words(scene.people.county[customers].astype(np.int64), scene.places.county_codes)


def monthly_spend(people: Population, customers: Ints | slice) -> Floats:
    """What these customers have to pay in a usual month, returned prepayments taken off."""
    spend = people.fee_fen[customers] + MONTH_DAYS * people.daily_fen[customers] - people.returned_fen[customers]
    return np.maximum(600.0, spend)


def charge(scene: Scene) -> None:
    """Phase of a block: the day's usage, and on the first the plan fee and the month's `fee` rows; returned
    prepayments wait for the recharge phase, which sends them through billing."""
    people, books, own = scene.people, books_of(scene.world), scene.own()
    rng = scene.rng("usage")
    line = people.line[own]
    if scene.today.plan_effective:
        fee = np.where((line == NORMAL) | (line == HALF), people.fee_fen[own], 0)
        people.balance_fen[own] -= fee
        books.unwritten[own] += fee
        _write_month(scene, own[books.unwritten[own] > 0])
    _keep(scene, "rebates", _returned(scene, own))
    used = people.daily_fen[own] * (scene.today.factor("usage") * rng.uniform(0.4, 1.6, len(own)))
    spent = np.where(line == NORMAL, used, 0.0).astype(np.int32)
    people.balance_fen[own] -= spent
    books.unwritten[own] += spent


def _returned(scene: Scene, own: Ints) -> Rebates:
    """Prepayments returned on the first of a month, in waves from 7 to 21 o'clock; on 1 January also yearly ones."""
    if not scene.today.plan_effective:
        return Rebates(*(np.empty(0, dtype=np.int64) for _ in range(3)))
    people, rng = scene.people, scene.rng("rebates")
    amount = people.returned_fen[own].astype(np.int64)
    if scene.today.day.month == 1:
        yearly = (amount == 0) & happens(rng, NEW_YEAR_RETURN, len(own))
        amount = np.where(yearly, np.maximum(1_000, people.fee_fen[own] // 2), amount)
    some = np.flatnonzero(amount > 0)
    at = scene.today.start + 7 * 3_600 + (rng.random(len(some)) * 14 * 3_600).astype(np.int64)
    return Rebates(own[some], at, amount[some])


def _keep(scene: Scene, name: str, value: Rebates) -> None:
    scene.world.memory[f"{name}-{scene.block}"] = value


def rebates_of(scene: Scene) -> Rebates:
    """The block's returned prepayments of today."""
    found = scene.world.memory.get(f"rebates-{scene.block}")
    return found if found is not None else Rebates(*(np.empty(0, dtype=np.int64) for _ in range(3)))


def nothing(n: int) -> Ints:
    """`n` numbers that stand for no record."""
    return np.full(n, -1, dtype=np.int64)


def _write_month(scene: Scene, customers: Ints) -> None:
    """The month's `fee` rows, written in the first minutes after midnight."""
    rng, n = scene.rng("month-fees"), len(customers)
    at = in_turn(scene.world, customers, scene.today.start + rng.integers(0, 600, n))
    _deliver(scene, _fee_rows(scene, customers, at, scene.numbers(n, 0)), *_fee_balances(scene, customers))
    books_of(scene.world).unwritten[customers] = 0
    books_of(scene.world).changed[customers] = at


def in_turn(world: World, customers: Ints, at: Ints) -> Ints:
    """These moments, none before the account's last written change, and two seconds after it (a `fee` row may come
    between): changes of an account are written in the order of their moments."""
    return np.maximum(at, books_of(world).changed[customers].astype(np.int64) + 2)


def _fee_balances(scene: Scene, customers: Ints) -> tuple[Ints, Ints]:
    after = scene.people.balance_fen[customers]
    return after + books_of(scene.world).unwritten[customers], after.copy()


def _fee_rows(scene: Scene, customers: Ints, at: Ints, number: Ints) -> Postings:
    n = len(customers)
    amount = -books_of(scene.world).unwritten[customers].astype(np.int64)
    never = np.full(n, np.iinfo(np.int64).min)
    return Postings(customers, at, np.full(n, FEE), amount, number, nothing(n), never, nothing(n), nothing(n))


def post(scene: Scene, postings: Postings, *, fee_series: int) -> tuple[Ints, Ints]:
    """Write changes in the order of their moments (see `in_turn`), each account's unwritten charges first; balances
    follow.

    Returns: the balance before and after each change."""
    people, books = scene.people, books_of(scene.world)
    order = np.lexsort((postings.number, postings.at, postings.customer))
    customer, amount = postings.customer[order], postings.amount[order]
    first = np.r_[True, customer[1:] != customer[:-1]] if len(order) else np.empty(0, dtype=bool)
    group = np.cumsum(first) - 1
    total = np.cumsum(amount)
    base = (total - amount)[first]
    opening = people.balance_fen[customer]
    after = opening + total - base[group] if len(order) else opening
    owing = first & (books.unwritten[customer] > 0)
    who = customer[owing]
    fees = _fee_rows(scene, who, postings.at[order][owing] - 1, scene.numbers(len(who), fee_series))
    fee_before, fee_after = _fee_balances(scene, who)
    books.unwritten[who] = 0
    last = np.r_[first[1:], True] if len(order) else first
    people.balance_fen[customer[last]] = after[last]
    books.changed[customer[last]] = postings.at[order][last]
    before_out, after_out = np.empty_like(after), np.empty_like(after)
    before_out[order], after_out[order] = after - amount, after
    rows = joined(Postings, [fees, postings])
    _deliver(scene, rows, np.r_[fee_before, before_out], np.r_[fee_after, after_out])
    return before_out, after_out


def _deliver(scene: Scene, rows: Postings, before: Ints, after: Ints) -> None:
    customers = rows.customer
    paid: Bools = (rows.kind == RECHARGE) | (rows.kind == REBATE)
    scene.deliver(
        "balance_changes",
        change_id=identities("BC", rows.number),
        changed_at=rows.at,
        unit=units(scene, customers),
        account_id=scene.people.account_ids(customers),
        subscriber=scene.people.phones(customers),
        kind=words(rows.kind, BALANCE_KINDS),
        amount_fen=rows.amount,
        before_fen=before,
        after_fen=after,
        notice_id=identities("N", rows.notice),
        noticed_at=rows.noticed_at,
        gift_id=identities("G", rows.gift),
        reversal_of=identities("BC", rows.reverses),
        valid_until=numbers(rows.at // DAY_S + FUNDS_VALID_DAYS, paid),
    )


def picked(rows: Postings, which: Bools | Ints) -> Postings:
    """Some of the postings."""
    return Postings(**{each.name: getattr(rows, each.name)[which] for each in fields(Postings)})
