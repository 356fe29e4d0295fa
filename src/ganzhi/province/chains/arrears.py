"""Arrears and suspension: who falls below the limit is warned, and suspended some days later if nothing was paid.

Suspensions run in two batches by day, never at night. After month-start fees many fall due together, so the first
days of a month bring a mass of suspensions. The morning's sweep resumes lines that credit control forgot. Shares
and times are ours.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ganzhi.province.chains.hops import Course, recorded, take
from ganzhi.province.chains.messages import ARREARS_NOTICE, SUSPEND_NOTICE, send
from ganzhi.province.chains.resume import (
    HALF_SUSPEND,
    PROCESSES,
    RESUME,
    RULES,
    SUSPEND,
    Checks,
    Switched,
    Wanted,
    deliver_checks,
    record_changes,
    stopped_at,
    switch,
)  # fmt: skip
from ganzhi.province.chains.usage import Books, books_of
from ganzhi.province.columns import NEVER
from ganzhi.province.feelings import Felt
from ganzhi.province.population import ARREARS, BOTH, HALF, NORMAL, REQUESTED, Small
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import Scene, joined
from ganzhi.province.streams import Bools, Ints, happens, lognormal

BALANCE_ZERO, CREDIT_LIMIT, BILL_OVERDUE, MANUAL = range(len(RULES))
GRACE_DAYS: Final = (2, 6)
"""Days from the threshold to suspension: from the first, below the second."""
OVERDUE_DAY: Final = 20
SINCE_BILL: Final = 18
BATCH_HOURS: Final = (10, 15)
BATCH_S: Final = 1_800
OMITTED: Final = 0.022
"""Share of those in arrears whom the dunning platform leaves out."""
SECOND_NOTICE: Final = 0.92
DUNNING_MEDIAN_S: Final = 110.0
DUNNING_SIGMA: Final = 0.8
HALF_FIRST: Final = 0.6
"""Share of gold, diamond and corporate customers who are barred from calling first and suspended three days later."""
HALF_DAYS: Final = 3
WRONG: Final = 0.0006
"""Suspensions of customers who owe nothing, per rightful one."""
SWEEP_HOUR: Final = 6.5
EMERGENCY: Final = (0.004, 0.06)
"""Daily chance that a suspended customer is resumed on credit: ordinary and silver, better ones."""
EMERGENCY_DAYS: Final = 3
ASKS_STOP: Final = 0.00003
ASKS_RESUME: Final = 0.06
ARREARS_ASKS: Final = 0.004
REQUESTED_OWES: Final = 0.02
LATE_WARNING_S: Final = 12 * 3_600
"""A warning that comes less than half a day before is as good as none."""


def collect(scene: Scene) -> None:
    """Phase of a block, after the day's charges: new arrears and notices, suspensions due, the morning's sweep,
    emergency resumes and what customers ask for themselves."""
    own, books = scene.own(), books_of(scene.world)
    rng = scene.rng("arrears")
    _warn(scene, rng, own, books)
    parts = [
        _due(scene, rng, own, books),
        _sweep(scene, rng, own),
        _emergencies(scene, rng, own),
        *_asked(scene, rng, own),
    ]
    _carry_out(scene, rng, joined(Wanted, parts), books)


def _funds(scene: Scene, own: Ints) -> Ints:
    """Balances, with what will be returned in the course of a first of the month."""
    coming = scene.people.returned_fen[own] if scene.today.plan_effective else 0
    return np.asarray(scene.people.balance_fen[own] + coming)


def _warn(scene: Scene, rng: np.random.Generator, own: Ints, books: Books) -> None:
    """Open and close arrears; send first notices and those of the day before suspension."""
    people, today = scene.people, scene.today
    funds, normal, due = _funds(scene, own), people.line[own] == NORMAL, people.due_day[own]
    credit = people.credit_fen[own]
    paid = normal & (due >= 0) & ((funds >= 0) | (due < today.index))
    people.due_day[own[paid]] = -1
    short = funds + credit < 0
    overdue: Bools = np.zeros(len(own), dtype=bool)
    if today.day.day == OVERDUE_DAY:
        overdue = ~people.prepaid[own] & (funds + SINCE_BILL * people.daily_fen[own] < -500)
    opened = np.flatnonzero(normal & (due < 0) & (short | overdue))
    who = own[opened]
    rule = np.where(people.prepaid[who], BALANCE_ZERO, np.where(short[opened], CREDIT_LIMIT, BILL_OVERDUE))
    at = np.maximum(
        draw_moments(rng, today, "usage", len(who)), today.start + 8 * 3_600 + rng.integers(0, 5_400, len(who))
    )
    at = np.minimum(at, today.start + 22 * 3_600 - rng.integers(0, 7_200, len(who)))
    people.due_day[who] = today.index + rng.integers(*GRACE_DAYS, len(who))
    books.rule[who], books.threshold[who] = rule, at
    books.noticed[who] = books.warned[who] = books.notices[who] = 0
    books.blamed[who] = -1
    told = rng.random(len(who)) >= OMITTED
    again = own[normal & ~paid & (due == today.index + 1) & (books.notices[own] == 1)]
    again = again[happens(rng, SECOND_NOTICE, len(again))]
    first_at = at[told] + np.ceil(lognormal(rng, DUNNING_MEDIAN_S, DUNNING_SIGMA, int(told.sum()))).astype(np.int64)
    second_at = today.start + rng.integers(9 * 3_600, 18 * 3_600, len(again))
    _notify(scene, rng, books, np.r_[who[told], again], np.r_[first_at, second_at])


def _notify(scene: Scene, rng: np.random.Generator, books: Books, customers: Ints, at: Ints) -> None:
    sent = send(scene, rng, customers, at, np.full(len(at), ARREARS_NOTICE), series=0)
    went = sent.submitted != NEVER
    books.notices[customers[went]] += 1
    fresh = went & (books.noticed[customers] == 0)
    books.noticed[customers[fresh]] = sent.submitted[fresh].astype(np.int32)
    came = (sent.delivered != NEVER) & (books.warned[customers] == 0)
    books.warned[customers[came]] = sent.delivered[came].astype(np.int32)
    books.blamed[customers[sent.cause >= 0]] = sent.cause[sent.cause >= 0].astype(np.int16)


def _batch(scene: Scene, rng: np.random.Generator, n: int) -> Ints:
    hour = np.array(BATCH_HOURS)[rng.integers(0, len(BATCH_HOURS), n)]
    return np.asarray(scene.today.start + hour * 3_600 + rng.integers(0, BATCH_S, n))


def _wanted(
    customer: Ints, at: Ints, kind: Ints | int, old: Small, new: Ints | int, process: str, rule: Ints | int = -1, *,
    alarm: bool = True, wrong: Bools | bool = False,
) -> Wanted:  # fmt: skip
    """Lines to switch; `issued` holds the moment of the check, and `alarm` 0 where one is to be raised."""
    n = len(customer)

    def full(value: Ints | int) -> Ints:
        return np.broadcast_to(np.asarray(value, dtype=np.int64), n)

    return Wanted(
        customer, at, full(0 if alarm else -1), full(kind), old.astype(np.int64), full(new),
        full(PROCESSES.index(process)), full(rule), np.broadcast_to(np.asarray(wrong), n),
    )  # fmt: skip


def _due(scene: Scene, rng: np.random.Generator, own: Ints, books: Books) -> Wanted:
    """Suspensions due today of those who still owe, and the rare one of somebody who does not."""
    people, today = scene.people, scene.today
    line, funds = people.line[own], _funds(scene, own)
    overdue = books.rule[own] == BILL_OVERDUE
    short = np.where(overdue | (line == HALF), funds < 0, funds + people.credit_fen[own] < 0)
    right = own[(people.due_day[own] == today.index) & ((line == NORMAL) | (line == HALF)) & short]
    normal = own[(line == NORMAL) & (funds > 0)]
    wrong = rng.choice(normal, min(rng.binomial(len(right), WRONG), len(normal)), replace=False)
    books.rule[wrong], books.threshold[wrong] = MANUAL, 0
    books.noticed[wrong] = books.warned[wrong] = books.notices[wrong] = 0
    who = np.r_[right, wrong]
    valued = (people.klass[who] >= 2) & (people.line[who] == NORMAL) & happens(rng, HALF_FIRST, len(who))
    kind = np.where(valued, HALF_SUSPEND, SUSPEND)
    people.due_day[who] = np.where(valued, today.index + HALF_DAYS, -1)
    return _wanted(
        who, _batch(scene, rng, len(who)), kind, people.line[who], np.where(valued, HALF, ARREARS),
        "arrears_suspension", books.rule[who].astype(np.int64), wrong=np.arange(len(who)) >= len(right),
    )  # fmt: skip


def _sweep(scene: Scene, rng: np.random.Generator, own: Ints) -> Wanted:
    """Lines that are off although nothing is owed: their resume got stuck, or they were suspended by mistake."""
    people = scene.people
    off = (people.line[own] == ARREARS) | (people.line[own] == HALF)
    who = own[off & (people.balance_fen[own] >= 0)]
    at = scene.today.start + int(SWEEP_HOUR * 3_600) + rng.integers(0, 1_800, len(who))
    return _wanted(who, at, RESUME, people.line[who], NORMAL, "payment_resume")


def _emergencies(scene: Scene, rng: np.random.Generator, own: Ints) -> Wanted:
    """Resumes on credit, for some days."""
    people = scene.people
    chance = np.where(people.klass[own] >= 2, EMERGENCY[1], EMERGENCY[0])
    off = (people.line[own] == ARREARS) & (people.balance_fen[own] < 0)
    who = own[off & happens(rng, chance, len(own))]
    at = scene.today.start + rng.integers(8 * 3_600, 21 * 3_600, len(who))
    return _wanted(who, at, RESUME, people.line[who], NORMAL, "credit_resume", MANUAL)


def _asked(scene: Scene, rng: np.random.Generator, own: Ints) -> list[Wanted]:
    """What customers ask for: stop a line, start it again, keep it stopped after arrears; requested lines that owe."""
    people, luck = scene.people, rng.random(len(own))
    line, short = people.line[own], people.balance_fen[own] < 0
    cases = (
        ((line == NORMAL) & (people.due_day[own] < 0) & (luck < ASKS_STOP), SUSPEND, REQUESTED, "suspension_reason_change"),
        ((line == REQUESTED) & (luck < ASKS_RESUME), RESUME, NORMAL, "requested_resume"),
        ((line == ARREARS) & short & (luck > 1 - ARREARS_ASKS) & (luck > EMERGENCY[1]), SUSPEND, BOTH,
         "suspension_reason_change"),
        ((line == REQUESTED) & short & (luck > 1 - REQUESTED_OWES), SUSPEND, BOTH, "suspension_reason_change"),
    )  # fmt: skip
    found = []
    for which, kind, new, process in cases:
        who = own[which]
        at = scene.today.start + rng.integers(8 * 3_600, 21 * 3_600, len(who))
        found.append(_wanted(who, at, kind, people.line[who], new, process, alarm=False))
    return found


def _once(wanted: Wanted) -> Wanted:
    """A line is switched once a day: the first wish counts."""
    _, first = np.unique(wanted.customer, return_index=True)
    keep = np.sort(first)
    return Wanted(*(getattr(wanted, name)[keep] for name in Wanted.__dataclass_fields__))


def _carry_out(scene: Scene, rng: np.random.Generator, asked: Wanted, books: Books) -> None:
    """Checks, alarm orders and orders for all of them; then who was suspended is told, and feels it."""
    people, asked = scene.people, _once(asked)
    who, n = asked.customer, len(asked.customer)
    by_alarm = asked.alarm == 0
    course = Course(n)
    issue = course.follow("issue_alarm", take(scene, rng, "issue_alarm", np.where(by_alarm, asked.issued, NEVER)))
    number = scene.numbers(n, 0)
    emergency = asked.process == PROCESSES.index("credit_resume")
    credit = np.where(emergency, -people.balance_fen[who], np.where(asked.wrong, people.credit_fen[who], 0))
    balance = people.balance_fen[who]
    rows = np.flatnonzero(by_alarm)
    nothing = np.full(len(rows), -1)
    deliver_checks(scene, Checks(
        who[rows], number[rows], nothing, np.full(len(rows), NEVER), asked.issued[rows], issue[rows], balance[rows],
        credit[rows], asked.rule[rows], asked.kind[rows], asked.old[rows], asked.new[rows],
    ))  # fmt: skip
    wanted = Wanted(
        who, np.where(by_alarm, issue, asked.issued), np.where(by_alarm, number, -1), asked.kind, asked.old, asked.new,
        asked.process, asked.rule, asked.wrong,
    )  # fmt: skip
    stopped = stopped_at(scene, who)
    done = switch(scene, rng, wanted, series=0)
    reached = done.state_at != NEVER
    people.due_day[who[emergency & reached]] = scene.today.index + EMERGENCY_DAYS
    people.due_day[who[~reached & (asked.kind != RESUME) & by_alarm & ~asked.wrong]] = scene.today.index + 1
    threshold, noticed, warned = (_moment(column[who]) for column in (books.threshold, books.noticed, books.warned))
    event = record_changes(
        scene, wanted, done, series=0, stopped=stopped, balance=balance, credit=credit, threshold=threshold,
        notices=books.notices[who].astype(np.int64), noticed=noticed, delivered=warned,
    )  # fmt: skip
    _tell(scene, rng, wanted, done, event, warned, books)


def _moment(seconds: np.ndarray) -> Ints:
    return np.where(seconds > 0, seconds.astype(np.int64), NEVER)


def _tell(
    scene: Scene, rng: np.random.Generator, wanted: Wanted, done: Switched, event: Ints, warned: Ints, books: Books
) -> None:
    stop = (wanted.alarm >= 0) & (wanted.kind != RESUME) & (done.state_at != NEVER)
    rows = np.flatnonzero(stop)
    who, at = wanted.customer[rows], done.state_at[rows]
    send(scene, rng, who, recorded("set_state", at), np.full(len(rows), SUSPEND_NOTICE), series=1)
    begun = wanted.old[rows] == NORMAL
    known = (warned[rows] != NEVER) & (warned[rows] < at - LATE_WARNING_S)
    for kind, which in ((Felt.SUSPENDED, begun & known), (Felt.SUSPENDED_UNWARNED, begun & ~known)):
        cause = books.blamed[who[which]].astype(np.int64) if kind == Felt.SUSPENDED_UNWARNED else -1
        scene.felt(kind, who[which], at[which], cause=cause, ref=event[rows][which])
