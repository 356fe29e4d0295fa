"""Bills of the month before, and what plans were used for.

Bills are issued on the billing day to postpaid customers and to a fixed sample of prepaid ones; amounts in fen. Most
reach customers the same day, paper ones some days later; a few are disputed and corrected afterwards, and are then
delivered again. The lever `bill.wrong` puts a wrong charge on a bill: half of them no longer add up, half charge a
partner's fee nobody asked for. Shares and spreads are ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from ganzhi.province.calendar import DAY_S, Today
from ganzhi.province.columns import NEVER, identities, moments, numbers, same, words
from ganzhi.province.feelings import Felt
from ganzhi.province.population import PLANS
from ganzhi.province.scene import CHANNELS, Scene
from ganzhi.province.service.drawing import (
    ChannelChoice,
    counties,
    day_end,
    deliver_due,
    panel,
    picked,
    waiting,
)
from ganzhi.province.streams import Bools, Floats, Ints, happens, lognormal

PREPAID_BILLED: Final = 0.30
"""Share of prepaid customers who get a bill: the declared sample."""
PANEL: Final = 0.20
"""Share of customers whose plan is counted each month: the declared panel."""
DUE_DAYS: Final = 4
"""A bill is due to have arrived before the start of this day after the one of issue."""
PAPER_DAYS: Final = (1.7, 0.42)
"""Median days a paper bill takes, and spread of the logarithm."""
ALWAYS_WRONG: Final = 0.00008
"""Share of bills that do not add up without any incident."""
DISPUTED: Final = (0.0009, 0.25)
"""Share of bills disputed: right ones, wrong ones."""
UPHELD: Final = (0.12, 0.94)
"""Share of disputes upheld: of right bills, of wrong ones."""
NOTICED: Final = 0.55
"""Share of wrong bills whose customers notice."""
CORRECTED: Final = 0.0006
"""Share of bills corrected by the operator before anybody complains."""
HIGH: Final = 1.6
"""A bill of so many times the usual one surprises."""
NONE, OPEN, UPHOLD, REJECT = range(4)
STATES: Final = ("none", "open", "upheld", "rejected")
KINDS: Final = ("does_not_add_up", "unrequested_partner_fee")
"""What is wrong with a bill."""
PARTNER_PRODUCTS: Final = {"mobile_reading": 300, "mobile_video": 600, "info_12580": 300, "ring_back_tone": 500}
"""Monthly fees of partners' services, fen."""
CHANNEL: Final = ChannelChoice(
    ({"sms_push": 0.47, "web_hall": 0.17, "app": 0.15, "field": 0.15, "hall": 0.06},),
)
"""How bills reach customers; field is the post."""
ALLOWED_MINUTES: Final = np.array([100, 180, 360, 560, 850, 1_300, 2_100], dtype=np.int64)
ALLOWED_MB: Final = np.array([30, 60, 150, 300, 600, 1_200, 2_500], dtype=np.int64)
"""Allowances of the plans, in the order of `PLANS`."""
MAIN_PLANS: Final = (True, True, False, False, True, False, False)
"""Plans that marketing flags as main ones."""
MINUTE_FEN: Final = 19
MB_FEN: Final = 30
MB_CAP_FEN: Final = 4_000
"""Prices beyond the plan, and the monthly limit of data charges."""


@dataclass(frozen=True, slots=True)
class Charges:
    """What bills charge, fen; partner and the sum include what is wrong. wrong: kind or -1. extra: wrongly charged."""

    fee: Ints
    voice: Ints
    data: Ints
    message: Ints
    partner: Ints
    other: Ints
    discount: Ints
    amount: Ints
    wrong: Ints
    extra: Ints
    cause: Ints


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of bills; moments, NEVER when it does not happen. adjusted: fen, once `settled`."""

    delivered: Ints
    disputed: Ints
    settled: Ints
    upheld: Bools
    adjusted: Ints


def issue_bills(scene: Scene) -> None:
    """Issue the month's bills on the billing day; on other days deliver those that changed."""
    deliver_due(scene, "bills")
    _feel(scene)
    if not scene.today.billing:
        return
    own = scene.own()
    customers = own[~scene.people.prepaid[own] | panel(own, PREPAID_BILLED, 1)]
    n = len(customers)
    if not n:
        return
    rng = scene.rng("bills")
    issued = scene.today.start + rng.integers(2 * 3_600, 8 * 3_600, n)
    channel = CHANNEL.draw(rng, np.zeros(n, dtype=np.int64), scene.people.electronic[customers])
    charges = _charges(scene, rng, customers, issued)
    fate = _fate(rng, issued, channel, charges)
    record = scene.numbers(n)
    base = _columns(scene, rng, customers, record, issued, channel, charges)
    end = day_end(scene.today)
    scene.deliver("bills", **_state(base, fate, np.full(n, end - 1)))
    later = waiting(scene, "bills")
    for moment in (fate.delivered, fate.disputed, fate.settled):
        rows = np.flatnonzero(moment >= end)
        part = Fate(*(getattr(fate, name)[rows] for name in Fate.__slots__))
        later.put(_state(picked(base, rows), part, moment[rows]), moment[rows])
    wrong = np.flatnonzero(charges.wrong >= 0)
    scene.know(
        "bills_wrong", bill_id=identities("B", record[wrong]), customer_id=scene.people.customer_ids(customers[wrong]),
        month=same(month_before(scene.today), len(wrong)), kind=words(charges.wrong[wrong], KINDS),
        extra_fen=charges.extra[wrong], incident=charges.cause[wrong],
    )  # fmt: skip
    _remember(scene, rng, customers, record, charges, fate)
    _feel(scene)


def month_before(today: Today) -> str:
    """The month before today's, as YYYY-MM."""
    return f"{today.day.replace(day=1) - timedelta(days=1):%Y-%m}"


def _days_before(today: Today) -> int:
    last = today.day.replace(day=1) - timedelta(days=1)
    return (last - date(last.year, last.month, 1)).days + 1


def _charges(scene: Scene, rng: np.random.Generator, customers: Ints, issued: Ints) -> Charges:
    """What the bills charge: the plan's fee, usage by kind, partners' services, and what is wrong."""
    people, n = scene.people, len(customers)
    fee = people.fee_fen[customers].astype(np.int64)
    usage = people.daily_fen[customers] * _days_before(scene.today) * lognormal(rng, 0.95, 0.3, n)
    voice = (usage * 0.56).astype(np.int64)
    data = np.where(people.uses(customers, "mobile_internet"), usage * 0.24, 0).astype(np.int64)
    message = (usage * 0.13).astype(np.int64)
    partner = np.zeros(n, dtype=np.int64)
    for product, price in PARTNER_PRODUCTS.items():
        partner += people.uses(customers, product) * price
    other = np.where(happens(rng, 0.04, n), rng.integers(1, 11, n) * 100, 0)
    discount = np.where(happens(rng, 0.35, n), fee // 10, 0)
    wrong, cause = _wrong(scene, rng, customers, issued)
    extra = np.where(wrong >= 0, rng.integers(3, 31, n) * 100, 0)
    partner += np.where(wrong == KINDS.index("unrequested_partner_fee"), extra, 0)
    amount = fee + voice + data + message + partner + other - discount
    amount += np.where(wrong == KINDS.index("does_not_add_up"), extra, 0)
    return Charges(fee, voice, data, message, partner, other, discount, amount, wrong, extra, cause)


def _wrong(scene: Scene, rng: np.random.Generator, customers: Ints, issued: Ints) -> tuple[Ints, Ints]:
    """Which bills are wrong (kind, -1 for right) and the incidents behind it."""
    codes = scene.places.city_codes
    noon = np.full(len(codes), int(issued.min()), dtype=np.int64)
    size, cause = scene.levers.at("bill.wrong", noon, codes)
    city = scene.people.city[customers]
    draw = rng.random(len(customers))
    by_incident = draw < size[city]
    by_itself = ~by_incident & happens(rng, ALWAYS_WRONG, len(customers))
    kind = np.where(by_incident, np.where(draw < size[city] / 2, 0, 1), np.where(by_itself, 0, -1))
    return kind, np.where(by_incident, cause[city], -1)


def _fate(rng: np.random.Generator, issued: Ints, channel: Ints, charges: Charges) -> Fate:
    """Delivery, disputes and corrections."""
    n = len(issued)
    paper = np.isin(channel, [CHANNELS.index("field"), CHANNELS.index("hall")])
    takes = np.where(paper, lognormal(rng, PAPER_DAYS[0] * DAY_S, PAPER_DAYS[1], n), lognormal(rng, 2_400, 0.8, n))
    delivered = issued + takes.astype(np.int64)
    wrong = charges.wrong >= 0
    disputes = happens(rng, np.where(wrong, DISPUTED[1], DISPUTED[0]), n)
    disputed = delivered + DAY_S + (rng.exponential(4 * DAY_S, n)).astype(np.int64)
    settled = disputed + DAY_S + lognormal(rng, 1.5 * DAY_S, 0.6, n).astype(np.int64)
    upheld = disputes & happens(rng, np.where(wrong, UPHELD[1], UPHELD[0]), n)
    cut = np.where(wrong, charges.extra, (charges.amount * rng.uniform(0.05, 0.3, n)).astype(np.int64))
    corrected = ~disputes & happens(rng, CORRECTED, n)
    return Fate(
        delivered=delivered,
        disputed=moments(disputed, disputes),
        settled=moments(settled, disputes | corrected),
        upheld=upheld,
        adjusted=np.where(upheld | corrected, -cut, 0),
    )


def _columns(
    scene: Scene, rng: np.random.Generator, customers: Ints, record: Ints, issued: Ints, channel: Ints, charges: Charges
) -> dict[str, Any]:
    """What a bill says from its first day on."""
    people, n = scene.people, len(customers)
    paid = people.prepaid[customers] | (people.balance_fen[customers] >= charges.amount)
    minutes = charges.voice // MINUTE_FEN + (ALLOWED_MINUTES[people.plan[customers]] * rng.uniform(0.3, 1.0, n)).astype(
        np.int64
    )
    return {
        "bill_id": identities("B", record), "month": same(month_before(scene.today), n), "issued_at": issued,
        "unit": counties(scene, customers), "customer_id": people.customer_ids(customers),
        "brand": people.brands(customers), "customer_class": people.classes(customers), "amount_fen": charges.amount,
        "monthly_fee_fen": charges.fee, "voice_fen": charges.voice, "data_fen": charges.data,
        "message_fen": charges.message, "partner_fen": charges.partner, "other_fen": charges.other,
        "discount_fen": charges.discount, "voice_minutes": minutes, "channel": words(channel, CHANNELS),
        "due_at": np.full(n, scene.today.start + DUE_DAYS * DAY_S - 1), "paid_at": moments(issued, paid),
    }  # fmt: skip


def _state(base: Mapping[str, Any], fate: Fate, at: Ints) -> dict[str, Any]:
    """Bills as they stand at a moment."""
    disputed = (fate.disputed != NEVER) & (fate.disputed <= at)
    settled = (fate.settled != NEVER) & (fate.settled <= at)
    state = np.where(disputed, np.where(settled, np.where(fate.upheld, UPHOLD, REJECT), OPEN), NONE)
    return {
        **base, "delivered_at": moments(fate.delivered, fate.delivered <= at), "dispute_state": words(state, STATES),
        "adjusted_fen": numbers(fate.adjusted, settled),
    }  # fmt: skip


def _remember(
    scene: Scene, rng: np.random.Generator, customers: Ints, record: Ints, charges: Charges, fate: Fate
) -> None:
    """Keep what customers will feel when the bill reaches them."""
    people = scene.people
    usual = people.fee_fen[customers] + people.daily_fen[customers].astype(np.int64) * _days_before(scene.today)
    ratio: Floats = charges.amount / np.maximum(usual, 1)
    wrong = (charges.wrong >= 0) & happens(rng, NOTICED, len(customers))
    felt = np.flatnonzero(wrong | (ratio > HIGH))
    kind = np.where(wrong, int(Felt.BILL_WRONG), int(Felt.BILL_HIGH))[felt]
    strength = np.where(wrong, np.clip(charges.extra / 1_500, 0.5, 2.0), np.clip((ratio - 1) / (HIGH - 1), 0.5, 3.0))[
        felt
    ]
    waiting(scene, "bills-felt").put(
        {
            "kind": kind, "customer": customers[felt], "at": fate.delivered[felt], "strength": strength,
            "cause": np.where(wrong, charges.cause, -1)[felt], "ref": record[felt],
        },
        fate.delivered[felt],
    )  # fmt: skip


def _feel(scene: Scene) -> None:
    """Report what customers feel about the bills that reached them today."""
    due = waiting(scene, "bills-felt").due(day_end(scene.today))
    if due is None:
        return
    for felt in (Felt.BILL_WRONG, Felt.BILL_HIGH):
        rows = np.flatnonzero(due["kind"] == int(felt))
        scene.felt(
            felt, due["customer"][rows], due["at"][rows], strength=due["strength"][rows], cause=due["cause"][rows],
            ref=due["ref"][rows],
        )  # fmt: skip


def count_plan_months(scene: Scene) -> None:
    """Count, on the first of a month, what a panel of customers used of their plans in the month before."""
    if not scene.today.plan_effective:
        return
    own, people = scene.own(), scene.people
    customers = own[panel(own, PANEL, 2)]
    n = len(customers)
    if not n:
        return
    rng = scene.rng("plan-months")
    plan = people.plan[customers].astype(np.int64)
    active = people.activity[customers].astype(float) ** 0.6
    minutes = (ALLOWED_MINUTES[plan] * 0.66 * active * lognormal(rng, 1.0, 0.55, n)).astype(np.int64)
    megabytes = (ALLOWED_MB[plan] * 0.72 * active * lognormal(rng, 1.0, 0.7, n)).astype(np.int64)
    megabytes = np.where(people.uses(customers, "mobile_internet"), megabytes, 0)
    over = np.maximum(minutes - ALLOWED_MINUTES[plan], 0) * MINUTE_FEN
    over += np.minimum(np.maximum(megabytes - ALLOWED_MB[plan], 0) * MB_FEN, MB_CAP_FEN)
    known = ~happens(rng, 0.004, n)
    fee = people.fee_fen[customers].astype(np.int64)
    has_data = known & people.uses(customers, "mobile_internet")
    scene.deliver(
        "plan_months", customer_id=people.customer_ids(customers), month=same(month_before(scene.today), n),
        counted_at=np.full(n, scene.today.start + 5 * 3_600), unit=counties(scene, customers),
        brand=people.brands(customers), customer_class=people.classes(customers), plan=words(plan, PLANS),
        main_plan=np.array(MAIN_PLANS)[plan], plan_fee_fen=fee, revenue_fen=fee + over, overage_fen=over,
        voice_allowance_min=ALLOWED_MINUTES[plan], voice_used_min=numbers(minutes, known),
        data_allowance_mb=ALLOWED_MB[plan], data_used_mb=numbers(megabytes, has_data),
    )  # fmt: skip
