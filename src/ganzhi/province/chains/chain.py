"""From a payment to the credited account and the resumed line: steps 2 to 7 and 13, and the truth of the whole chain.

Returned prepayments take steps 3 to 5 too, without a payment. What billing lost is put right by hand the day after,
as an adjustment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ganzhi.province.chains.hops import STEPS, Course, dealt, logged, recorded, take
from ganzhi.province.chains.messages import RECHARGE_NOTICE, RESUME_NOTICE, Sent, send
from ganzhi.province.chains.resume import (
    NO_CHANGE,
    PROCESSES,
    RESUME,
    Checks,
    Switched,
    Wanted,
    credit_of,
    deliver_checks,
    record_changes,
    stopped_at,
    switch,
)  # fmt: skip
from ganzhi.province.chains.usage import (
    ADJUSTMENT,
    GIVEN,
    REBATE,
    RECEIVED,
    RECHARGE,
    REVERSAL,
    Postings,
    in_turn,
    nothing,
    post,
    rebates_of,
    units,
)  # fmt: skip
from ganzhi.province.columns import NEVER, identities, numbers, words
from ganzhi.province.feelings import Felt
from ganzhi.province.population import ARREARS, BOTH, ENTRIES, HALF, NORMAL, REQUESTED
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Ints, happens

WITH_PEER_KEY: Final = (ENTRIES.index("bank"), ENTRIES.index("hall_cash"))
"""Entries whose bookings carry the channel's payment id."""
DUPLICATES: Final = 0.00006
"""Bookings that repeat another and are put aside."""
RETRIED: Final = 0.003
INVALID: Final = 0.006
"""Invalid notices per valid one in quiet times."""
INVALID_FUNDS: Final = 0.6
"""Share of the invalid notices that also leave an invalid or repeated funds change."""
WITH_CHANGE_ID: Final = 0.5
WITH_SPLIT_ID: Final = 0.4
WITH_REFERENCE: Final = 0.25
GIFTS: Final = 0.003
GIFT_FEN: Final = 1_000
TAKEN_BACK: Final = 0.7
"""Share of recharges of a wrong number that are reversed the same day."""
CREDIT_LATE_S: Final = 600
RESUME_LATE_S: Final = 1_800
"""The source's limit: over half an hour is a fault (S000-073)."""


@dataclass(frozen=True, slots=True)
class Paid:
    """Successful recharges. number: of the payment, identity: as its log writes it. customer: whose account it goes
    to. wrong: it was meant for somebody else."""

    number: Ints
    identity: pa.Array
    customer: Ints
    entry: Ints
    amount: Ints
    at: Ints
    wrong: Bools


@dataclass(slots=True)
class Money:
    """Steps 2 to 5: true moments, and numbers of the records. The first `n` are recharges, the others returned
    prepayments; `before` and `after` are balances, where credited."""

    n: int
    customer: Ints
    amount: Ints
    booked_at: Ints
    notice_at: Ints
    balance_at: Ints
    sent_at: Ints
    payment: Ints
    notice: Ints
    change: Ints
    split: Ints
    after: Ints


def run(scene: Scene, rng: np.random.Generator, paid: Paid) -> None:
    """Take the day's recharges of the block, and its returned prepayments, through all systems."""
    n, course = len(paid.customer), Course(len(paid.customer))
    money = _bill(scene, rng, paid, course)
    _post(scene, rng, paid, money)
    _payments(scene, rng, paid, money)
    _notices(scene, rng, money)
    _fund_changes(scene, rng, money)
    line = scene.people.line[paid.customer].astype(np.int64)
    off, both = (line == ARREARS) | (line == HALF), line == BOTH
    received = np.where(money.sent_at[:n] == NEVER, NEVER, money.sent_at[:n] + 1)
    checked = course.follow("credit_check", take(scene, rng, "credit_check", received))
    enough = (checked != NEVER) & (money.after[:n] >= 0) & (off | both)
    earlier = _earlier(paid.customer, money.balance_at[:n], enough)
    jumps = enough & ~earlier
    due = jumps & off
    old = np.where(earlier & (off | both), np.where(both, REQUESTED, NORMAL), line)
    new = np.where(jumps, np.where(both, REQUESTED, NORMAL), old)
    alarm = dealt(scene.numbers(n, 1), checked)
    where = np.flatnonzero(jumps)
    issued = np.full(n, NEVER)
    issued[where] = course.follow("issue_alarm", take(scene, rng, "issue_alarm", checked[where]), where)
    alarm = _checks(scene, rng, paid, money, received, checked, issued, old, new, jumps, alarm)
    done = _resume(scene, rng, paid, money, course, where, issued, alarm, old, new)
    state_at = np.full(n, NEVER)
    state_at[where] = done.state_at
    sent = _tell(scene, rng, paid, money, course, state_at)
    due_here, was = due, (off | both) & ~earlier
    _feel(scene, paid, money, course, due_here, state_at)
    _know(scene, paid, money, course, checked, issued, alarm, where, done, sent, was, due_here)


def _bill(scene: Scene, rng: np.random.Generator, paid: Paid, course: Course) -> Money:
    """Book, create the notice, update the balance, send the change of funds."""
    n, rebates = len(paid.customer), rebates_of(scene)
    booked = course.follow("book", take(scene, rng, "book", paid.at))
    noticed = course.follow("create_notice", take(scene, rng, "create_notice", booked))
    notice_at = np.r_[noticed, rebates.at]
    update = take(scene, rng, "update_balance", notice_at)
    course.note("update_balance", update.lost[:n], update.cause[:n], update.added_s[:n])
    customer = np.r_[paid.customer, rebates.customer]
    updated = np.where(update.at == NEVER, NEVER, in_turn(scene.world, customer, update.at))
    created = np.where(updated == NEVER, NEVER, updated + 1)
    funds = take(scene, rng, "send_funds_change", created)
    course.note("send_funds_change", funds.lost[:n], funds.cause[:n], funds.added_s[:n])
    total = len(notice_at)
    return Money(
        n, customer, np.r_[paid.amount, rebates.amount], booked, notice_at, updated, funds.at,
        dealt(scene.numbers(n, 0), booked), dealt(scene.numbers(total, 0), notice_at), nothing(total),
        dealt(scene.numbers(total, 0), created), np.full(total, np.iinfo(np.int64).min // 2),
    )  # fmt: skip


def _post(scene: Scene, rng: np.random.Generator, paid: Paid, money: Money) -> None:
    """Write all changes of balances: credits, reversals, gifts, and yesterday's losses put right."""
    n = money.n
    rows = np.flatnonzero(money.balance_at != NEVER)
    back = rows[rows < n]
    back = back[paid.wrong[back] & happens(rng, TAKEN_BACK, len(back))]
    gifts = rows[(rows < n) & (money.amount[rows] >= 5 * GIFT_FEN)]
    gifts = gifts[happens(rng, GIFTS, len(gifts))]
    span = scene.world.blocks[scene.block]
    friends = rng.integers(span.start, span.stop, len(gifts))
    lost = np.flatnonzero(money.balance_at == NEVER)
    name, today = f"uncredited-{scene.block}", scene.today
    repair: tuple[Ints, Ints] = scene.world.memory.get(name, (nothing(0), nothing(0)))
    scene.world.memory[name] = (money.customer[lost], money.amount[lost])
    gift_at = money.balance_at[gifts] + rng.integers(120, 1_800, len(gifts))
    gift = scene.numbers(len(gifts), 0)
    at = np.r_[
        money.balance_at[rows], money.balance_at[back] + rng.integers(1_800, 14_400, len(back)), gift_at, gift_at,
        today.start + rng.integers(9 * 3_600, 17 * 3_600, len(repair[0])),
    ]  # fmt: skip
    number = dealt(scene.numbers(len(at), 1), at)
    money.change[rows] = number[: len(rows)]
    counts = (len(rows), len(back), len(gifts), len(gifts), len(repair[0]))
    kinds = np.repeat(np.array([RECHARGE, REVERSAL, GIVEN, RECEIVED, ADJUSTMENT]), counts)
    kinds[: len(rows)][rows >= n] = REBATE
    rest = sum(counts[1:])
    customer = np.r_[money.customer[rows], money.customer[back], money.customer[gifts], friends, repair[0]]
    postings = Postings(
        customer, in_turn(scene.world, customer, at), kinds,
        np.r_[money.amount[rows], -money.amount[back], np.full(len(gifts), -GIFT_FEN), np.full(len(gifts), GIFT_FEN), repair[1]],
        number, np.r_[money.notice[rows], nothing(rest)],
        np.r_[money.notice_at[rows], np.full(rest, NEVER)],
        np.r_[nothing(len(rows) + len(back)), gift, gift, nothing(len(repair[0]))],
        np.r_[nothing(len(rows)), money.change[back], nothing(2 * len(gifts) + len(repair[0]))],
    )  # fmt: skip
    _, after = post(scene, postings, fee_series=2)
    money.after[rows] = after[: len(rows)]


def _payments(scene: Scene, rng: np.random.Generator, paid: Paid, money: Money) -> None:
    rows = logged(rng, money.booked_at)
    twice = rows[happens(rng, DUPLICATES, len(rows))]
    pick = np.r_[rows, twice]
    repeat = np.arange(len(pick)) >= len(rows)
    number = np.r_[money.payment[rows], scene.numbers(len(twice), 1)]
    customers, entry = paid.customer[pick], paid.entry[pick]
    keyed = pa.array(np.isin(entry, WITH_PEER_KEY))
    identity = pc.if_else(keyed, pc.take(paid.identity, pa.array(pick)), pa.scalar(None, pa.string()))
    money.payment[~np.isin(np.arange(money.n), rows)] = -1
    scene.deliver(
        "payments",
        payment_no=identities("P", number),
        booked_at=money.booked_at[pick] + np.where(repeat, 2, 0),
        unit=units(scene, customers),
        account_id=scene.people.account_ids(customers),
        subscriber=scene.people.phones(customers),
        payment_id=identity,
        entry=words(entry, ENTRIES),
        amount_fen=paid.amount[pick],
        paid_at=paid.at[pick],
        state=words(np.where(repeat, 1, 0), ("booked", "suspense")),
        duplicate_of=identities("P", np.where(repeat, money.payment[pick], -1)),
    )


def _notices(scene: Scene, rng: np.random.Generator, money: Money) -> None:
    """Valid notices, and the invalid ones the lever adds: written again and again, handled in vain."""
    n = money.n
    rows = logged(rng, money.notice_at)
    at = np.where(money.notice_at == NEVER, 0, money.notice_at)[rows]
    size, _ = scene.levers.at("orders.invalid", at)
    times = np.floor(INVALID + size + rng.random(len(rows))).astype(np.int64)
    bad = np.repeat(rows, times)
    pick, m = np.r_[rows, bad], len(rows)
    invalid = np.arange(len(pick)) >= m
    created = money.notice_at[pick] + np.where(invalid, rng.integers(5, 900, len(pick)), 0)
    waits = invalid & (rng.random(len(pick)) < 0.3)
    open_ = ~invalid & (money.balance_at[pick] == NEVER)
    handled = np.where(
        invalid, np.where(waits, NEVER, created + rng.integers(30, 600, len(pick))), money.balance_at[pick]
    )
    retries = np.where(invalid, rng.integers(1, 6, len(pick)), happens(rng, RETRIED, len(pick)))
    customers, of_payment = money.customer[pick], pick < n
    number = np.r_[money.notice[rows], scene.numbers(len(bad), 1)]
    at_payment = np.minimum(pick, max(n - 1, 0))
    scene.deliver(
        "recharge_notices",
        notice_id=identities("N", number),
        created_at=created,
        unit=units(scene, customers),
        account_id=scene.people.account_ids(customers),
        subscriber=scene.people.phones(customers),
        payment_no=identities("P", np.where(of_payment, money.payment[at_payment], -1) if n else nothing(len(pick))),
        booked_at=np.where(of_payment, money.booked_at[at_payment], NEVER) if n else np.full(len(pick), NEVER),
        amount_fen=money.amount[pick],
        state=words(np.where(waits | open_, 0, np.where(invalid, 2, 1)), ("waiting", "handled", "failed")),
        handled_at=handled,
        retries=retries.astype(np.int64),
    )
    scene.world.memory[f"invalid-{scene.block}"] = bad[happens(rng, INVALID_FUNDS, len(bad))]
    money.notice[~np.isin(np.arange(len(money.customer)), rows)] = -1


def _fund_changes(scene: Scene, rng: np.random.Generator, money: Money) -> None:
    rows = logged(rng, money.balance_at)
    bad: Ints = scene.world.memory.pop(f"invalid-{scene.block}")
    bad = bad[np.isin(bad, rows)]
    pick, m = np.r_[rows, bad], len(rows)
    invalid = np.arange(len(pick)) >= m
    repeats = invalid & (rng.random(len(pick)) < 0.5)
    created = money.balance_at[pick] + 1 + np.where(invalid, rng.integers(1, 600, len(pick)), 0)
    sent = money.sent_at[pick]
    sent = np.where(repeats, created + rng.integers(2, 60, len(pick)), np.where(invalid, NEVER, sent))
    known = happens(rng, WITH_CHANGE_ID, len(pick))
    customers = money.customer[pick]
    state = np.where(invalid & ~repeats, 2, np.where(sent == NEVER, 0, 1))
    scene.deliver(
        "fund_changes",
        split_id=identities("F", np.r_[money.split[rows], scene.numbers(len(bad), 1)]),
        created_at=created,
        unit=units(scene, customers),
        account_id=scene.people.account_ids(customers),
        subscriber=scene.people.phones(customers),
        change_id=identities("BC", np.where(known, money.change[pick], -1)),
        amount_fen=money.amount[pick],
        balance_fen=money.after[pick],
        sent_at=sent,
        state=words(state, ("waiting", "sent", "invalid")),
        repeat_of=identities("F", np.where(repeats, money.split[pick], -1)),
    )
    money.split[~np.isin(np.arange(len(money.customer)), rows)] = -1


def _earlier(customer: Ints, at: Ints, enough: Bools) -> Bools:
    """Which recharges come after one of the same account that already sufficed today."""
    order = np.lexsort((at, customer))
    mine, sorted_ = enough[order].astype(np.int64), customer[order]
    before = np.cumsum(mine) - mine
    first = np.r_[True, sorted_[1:] != sorted_[:-1]] if len(order) else np.empty(0, dtype=bool)
    base = before[first][np.cumsum(first) - 1] if len(order) else before
    earlier = np.empty(len(order), dtype=bool)
    earlier[order] = before > base
    return earlier


def _checks(
    scene: Scene, rng: np.random.Generator, paid: Paid, money: Money, received: Ints, checked: Ints, issued: Ints,
    old: Ints, new: Ints, jumps: Bools, alarm: Ints,
) -> Ints:  # fmt: skip
    """Rows of the checks; returns their numbers, -1 where none was written."""
    rows = logged(rng, checked)
    passed = np.where(happens(rng, WITH_SPLIT_ID, len(rows)), money.split[rows], -1)
    customers = paid.customer[rows]
    deliver_checks(scene, Checks(
        customers, alarm[rows], passed, received[rows], checked[rows], issued[rows], money.after[rows],
        credit_of(scene, customers), nothing(len(rows)), np.where(jumps[rows], RESUME, NO_CHANGE), old[rows], new[rows],
    ))  # fmt: skip
    written = nothing(len(alarm))
    written[rows] = alarm[rows]
    return np.where(issued != NEVER, alarm, written)


def _resume(
    scene: Scene, rng: np.random.Generator, paid: Paid, money: Money, course: Course, where: Ints, issued: Ints,
    alarm: Ints, old: Ints, new: Ints,
) -> Switched:  # fmt: skip
    """Orders to resume the lines at `where`, and their events."""
    customers, k = paid.customer[where], len(where)
    both = new[where] == REQUESTED
    process = np.where(both, PROCESSES.index("suspension_reason_change"), PROCESSES.index("payment_resume"))
    wanted = Wanted(
        customers, issued[where], alarm[where], np.full(k, RESUME), old[where], new[where], process, nothing(k),
        np.zeros(k, dtype=bool),
    )  # fmt: skip
    stopped = stopped_at(scene, customers)
    done = switch(scene, rng, wanted, series=1)
    never = np.full(k, NEVER)
    record_changes(
        scene, wanted, done, series=1, stopped=stopped, balance=money.after[where], credit=np.zeros(k, dtype=np.int64),
        threshold=never, notices=np.zeros(k, dtype=np.int64), noticed=never, delivered=never,
    )  # fmt: skip
    mine = course.stuck[where]
    course.cause[where] = np.where(done.course.cause >= 0, done.course.cause, course.cause[where])
    course.stuck[where] = np.where(mine >= 0, mine, done.course.stuck)
    return done


def _yuan(fen: Ints) -> pa.Array:
    whole, rest = np.divmod(np.abs(fen), 100)
    sign = words((fen < 0).astype(np.int64), ("", "-"))
    return pc.binary_join_element_wise(
        sign, identities("", whole), pa.scalar(".", pa.string()), identities("", rest, width=2), ""
    )


def _tell(
    scene: Scene, rng: np.random.Generator, paid: Paid, money: Money, course: Course, state_at: Ints
) -> tuple[Sent, Ints]:
    """Messages of the credit and of the resume. Returns those of the credit, and the recharges they are for."""
    rows = np.flatnonzero(money.balance_at[: money.n] != NEVER)
    back = np.flatnonzero(state_at != NEVER)
    back = back[scene.people.line[paid.customer[back]] == NORMAL]
    content = pc.binary_join_element_wise(
        pa.scalar("充值", pa.string()),
        _yuan(paid.amount[rows]),
        pa.scalar("元已到账，余额", pa.string()),
        _yuan(money.after[rows]),
        pa.scalar("元。", pa.string()),
        "",
    )
    referred = np.where(happens(rng, WITH_REFERENCE, len(rows)), money.payment[rows], -1)
    who = np.r_[rows, back]
    sent = send(
        scene, rng, paid.customer[who], np.r_[money.balance_at[rows], recorded("set_state", state_at[back])],
        np.repeat(np.array([RECHARGE_NOTICE, RESUME_NOTICE]), (len(rows), len(back))), series=2,
        reference=pa.concat_arrays([identities("P", referred), pa.nulls(len(back), pa.string())]),
        content=pa.concat_arrays([content, pa.nulls(len(back), pa.string())]),
    )  # fmt: skip
    m = len(rows)
    lost = sent.submitted[:m] == NEVER
    course.note("notify", lost, sent.cause[:m], np.zeros(m), rows)
    return Sent(sent.submitted[:m], sent.delivered[:m], sent.cause[:m], sent.number[:m]), rows


def _feel(scene: Scene, paid: Paid, money: Money, course: Course, due: Bools, state_at: Ints) -> None:
    """Money or service that comes late or not at all."""
    credited = money.balance_at[: money.n] != NEVER
    credit_s = np.where(credited, money.balance_at[: money.n] - paid.at, 0)
    resumed = due & (state_at != NEVER)
    resume_s = np.where(resumed, state_at - paid.at, 0)
    for kind, which, after_s, took in (
        (Felt.CREDIT_LATE, credit_s > CREDIT_LATE_S, CREDIT_LATE_S, credit_s),
        (Felt.RESUME_LATE, resume_s > RESUME_LATE_S, RESUME_LATE_S, resume_s),
        (Felt.NOT_CREDITED, ~credited, RESUME_LATE_S, None),
        (Felt.NOT_RESUMED, due & ~resumed, RESUME_LATE_S, None),
    ):
        rows = np.flatnonzero(which)
        strength = 1.0 if took is None else np.clip(0.7 + 0.35 * np.log2(took[rows] / after_s), 0.7, 2.5)
        scene.felt(
            kind, paid.customer[rows], paid.at[rows] + after_s, strength=strength, cause=course.cause[rows],
            ref=paid.number[rows],
        )  # fmt: skip


def _spread(n: int, where: Ints, values: Ints, blank: int) -> Ints:
    full = np.full(n, blank, dtype=np.int64)
    full[where] = values
    return full


def _know(
    scene: Scene, paid: Paid, money: Money, course: Course, checked: Ints, issued: Ints, alarm: Ints, where: Ints,
    done: Switched, sent: tuple[Sent, Ints], was: Bools, due: Bools,
) -> None:  # fmt: skip
    """The truth: every step's moment and record, one row for each recharge. Blank identity: not written down."""
    n, (messages, told) = money.n, sent
    moments: dict[str, Any] = {
        "order_at": done.order_at, "split_at": done.split_at, "executed_at": done.executed_at,
        "receipt_at": done.receipt_at, "state_at": done.state_at,
    }  # fmt: skip
    moments = {name: _spread(n, where, values, NEVER) for name, values in moments.items()}
    ids = {
        "order_id": ("R", done.order), "task_id": ("T", done.task), "provision_id": ("X", done.provision),
        "state_id": ("S", done.state),
    }  # fmt: skip
    scene.know(
        "recharge_chains",
        payment_id=paid.identity,
        number=paid.number,
        customer_id=scene.people.customer_ids(paid.customer),
        unit=units(scene, paid.customer),
        entry=words(paid.entry, ENTRIES),
        amount_fen=paid.amount,
        paid_at=paid.at,
        booked_at=money.booked_at,
        notice_at=money.notice_at[:n],
        balance_at=money.balance_at[:n],
        funds_sent_at=money.sent_at[:n],
        checked_at=checked,
        alarm_at=issued,
        **moments,
        sms_submitted_at=_spread(n, told, messages.submitted, NEVER),
        sms_at=_spread(n, told, messages.delivered, NEVER),
        payment_no=identities("P", money.payment),
        notice_id=identities("N", money.notice[:n]),
        change_id=identities("BC", money.change[:n]),
        split_id=identities("F", money.split[:n]),
        alarm_id=identities("L", alarm),
        **{name: identities(prefix, _spread(n, where, values, -1)) for name, (prefix, values) in ids.items()},
        sms_id=identities("M", _spread(n, told, messages.number, -1)),
        balance_fen=numbers(money.after[:n], money.balance_at[:n] != NEVER),
        wrong_number=pa.array(paid.wrong),
        was_suspended=pa.array(was),
        resume_due=pa.array(due),
        resumed=pa.array(due & (moments["state_at"] != NEVER)),
        stuck_at=words(course.stuck, STEPS),
        cause=course.cause,
    )
