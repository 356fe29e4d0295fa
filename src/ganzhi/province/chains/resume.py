"""Suspending and resuming lines: steps 6 to 12, from the credit check and its alarm to the state that is set.

An order is split into one or two tasks, one for each network element; the line changes when the last receipt is
back and CRM sets the state. An element that refuses is tried once more some minutes later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from ganzhi.province.chains.hops import STEPS, Course, dealt, logged, recorded, take
from ganzhi.province.chains.usage import books_of, units
from ganzhi.province.columns import NEVER, identities, same, words
from ganzhi.province.population import LINE_STATES, NORMAL
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Ints, choose, happens, lognormal

KINDS: Final = ("resume", "half_suspend", "suspend")
RESUME, HALF_SUSPEND, SUSPEND = range(3)
CHECK_RESULTS: Final = ("resume", "half_suspend", "suspend", "no_change")
"""Results of a check; the first three as in `KINDS`."""
NO_CHANGE: Final = 3
ELEMENTS: Final = ("hlr", "in", "smsc", "packet", "vas")
SECOND_ELEMENT: Final = np.array([0.55, 0.18, 0.04, 0.17, 0.06])
"""Chance that a second task goes to each element; the first entry is that there is none. Ours."""
REFUSED: Final = 0.0045
"""Share of tasks an element refuses at first; ours."""
REFUSED_AGAIN: Final = 0.08
RETRY_MEDIAN_S: Final = 260.0
RETRY_SIGMA: Final = 0.5
RESULTS: Final = ("done", "failed", "timeout", "pending")
ERRORS: Final = ("element_refused", "element_down", "data_mismatch", "queue_full")
MISMATCH: Final = 0.001
"""Share of states set that the network element does not share."""
SUSPENSION_STATES: Final = ("active", "arrears", "requested", "arrears_requested")
_TO_SUSPENSION: Final = np.array([0, 1, 1, 2, 3, 0, 0])
"""Suspension state of each line state; half suspended counts as arrears."""
RULES: Final = ("balance_zero", "credit_limit", "bill_overdue", "manual")
PROCESSES: Final = (
    "arrears_suspension", "payment_resume", "credit_resume", "requested_resume", "suspension_reason_change",
)  # fmt: skip
ACTIONS: Final = ("suspend", "resume", "change_reason")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Lines to switch. issued: true moment the order is asked for. alarm: number of the alarm order behind it, -1
    for the customer's own request. kind: position in `KINDS`. old, new: line states. process, rule: positions in
    `PROCESSES` and `RULES` (rule -1 for none). wrong: a suspension nobody should have made."""

    customer: Ints
    issued: Ints
    alarm: Ints
    kind: Ints
    old: Ints
    new: Ints
    process: Ints
    rule: Ints
    wrong: Bools


@dataclass(frozen=True, slots=True)
class Switched:
    """What became of the lines: true moments (NEVER where it did not come) and numbers of the records (-1)."""

    course: Course
    order_at: Ints
    split_at: Ints
    executed_at: Ints
    receipt_at: Ints
    state_at: Ints
    order: Ints
    task: Ints
    provision: Ints
    state: Ints
    attempts: Ints


@dataclass(frozen=True, slots=True)
class Tasks:
    """Orders split by network element. owner: position of the order."""

    owner: Ints
    element: Ints
    number: Ints


def switch(scene: Scene, rng: np.random.Generator, wanted: Wanted, *, series: int) -> Switched:
    """Record the orders, split and execute them, set the states; deliver the records of every step."""
    n = len(wanted.customer)
    course = Course(n)
    order_at = course.follow("record_order", take(scene, rng, "record_order", wanted.issued))
    order = dealt(scene.numbers(n, series), order_at)
    split_at = course.follow("split_order", take(scene, rng, "split_order", order_at))
    tasks = _tasks(scene, rng, n, series)
    executed_at, receipt_at, attempts, provision = _execute(
        scene, rng, wanted, course, tasks, order, split_at, series=series
    )
    state_at = course.follow("set_state", take(scene, rng, "set_state", receipt_at))
    _splits(scene, rng, wanted, tasks, order, order_at, split_at)
    _orders(scene, wanted, course, order, order_at, split_at, receipt_at)
    state = _states(scene, rng, wanted, order, receipt_at, state_at, series)
    _remember(scene, wanted, state_at)
    order = np.where(order_at == NEVER, -1, order)
    task = np.where(split_at == NEVER, -1, tasks.number[:n])
    return Switched(
        course, order_at, split_at, executed_at, receipt_at, state_at, order, task, provision, state, attempts
    )


def _tasks(scene: Scene, rng: np.random.Generator, n: int, series: int) -> Tasks:
    """The first `n` tasks are the orders' own at the HLR, the others second ones."""
    second = choose(rng, SECOND_ELEMENT, n)
    more = np.flatnonzero(second > 0)
    owner = np.r_[np.arange(n), more]
    return Tasks(owner, np.r_[np.zeros(n, dtype=np.int64), second[more]], scene.numbers(len(owner), series))


def _refusal(scene: Scene, at: Ints, element: Ints) -> tuple[np.ndarray, Ints]:
    size, cause = np.zeros(len(at)), np.full(len(at), -1, dtype=np.int64)
    for code, name in enumerate(ELEMENTS):
        mine = np.flatnonzero(element == code)
        size[mine], cause[mine] = scene.levers.at("provisioning.failed", at[mine], name)
    return size, cause


def _execute(
    scene: Scene, rng: np.random.Generator, wanted: Wanted, course: Course, tasks: Tasks, order: Ints, split_at: Ints,
    *, series: int,
) -> tuple[Ints, Ints, Ints, Ints]:  # fmt: skip
    """Both steps of provisioning: tasks are executed, some again; an order is executed when its last task is."""
    m, owner = len(tasks.owner), tasks.owner
    split = split_at[owner]
    started = np.where(split == NEVER, NEVER, split + rng.integers(1, 4, m))
    run = take(scene, rng, "execute_order", started)
    size, cause = _refusal(scene, np.where(run.at == NEVER, 0, run.at), tasks.element)
    refused: Bools = (run.at != NEVER) & happens(rng, REFUSED + size, m)
    again = np.where(refused, run.at + np.ceil(lognormal(rng, RETRY_MEDIAN_S, RETRY_SIGMA, m)).astype(np.int64), NEVER)
    rerun = take(scene, rng, "execute_order", again)
    failed: Bools = refused & ((rerun.at == NEVER) | happens(rng, np.maximum(size, REFUSED_AGAIN), m))
    final = np.where(refused, np.where(failed, NEVER, rerun.at), run.at)
    receipt = take(scene, rng, "return_receipt", final)
    waited = np.where(refused & ~failed, (rerun.at - run.at).astype(float), 0.0)
    blame = np.where(refused, cause, run.cause)
    for part in (slice(0, len(order)), slice(len(order), m)):
        where = owner[part]
        course.note("execute_order", (run.lost | failed)[part], blame[part], (run.added_s + waited)[part], where)
    for part in (slice(0, len(order)), slice(len(order), m)):
        course.note("return_receipt", receipt.lost[part], receipt.cause[part], receipt.added_s[part], owner[part])
    first = Rows(owner, tasks, started, run.at, np.where(refused, NEVER, receipt.at), refused, np.zeros(m, dtype=bool))
    provision = _provisions(scene, rng, wanted, order, first, again, rerun.at, receipt.at, refused, failed, series)
    attempts = np.ones(len(order), dtype=np.int64)
    np.maximum.at(attempts, owner[refused], 2)
    return _last(owner, final, len(order)), _last(owner, receipt.at, len(order)), attempts, provision[: len(order)]


def _last(owner: Ints, at: Ints, n: int) -> Ints:
    """The last moment of each order's tasks, NEVER when one of them did not come."""
    last = np.full(n, NEVER)
    np.maximum.at(last, owner, at)
    last[owner[at == NEVER]] = NEVER
    return last


@dataclass(frozen=True, slots=True)
class Rows:
    """Tries to execute tasks. owner: order. failed: refused by the element. retry: not the first try."""

    owner: Ints
    tasks: Tasks
    started: Ints
    executed: Ints
    receipt: Ints
    failed: Bools
    retry: Bools


def _provisions(
    scene: Scene, rng: np.random.Generator, wanted: Wanted, order: Ints, first: Rows, again: Ints, rerun: Ints,
    receipt: Ints, refused: Bools, failed: Bools, series: int,
) -> Ints:  # fmt: skip
    """Rows of `provisioning_orders`: one for each try. Returns the number of each task's last row, -1 for none."""
    second = np.flatnonzero(refused)
    m = len(first.owner)
    pick = np.r_[np.arange(m), second]
    started = np.r_[first.started, again[second]]
    executed = np.r_[first.executed, rerun[second]]
    received = np.where(np.r_[refused, failed[second]], NEVER, np.r_[receipt, receipt[second]])
    bad = np.r_[refused, failed[second]]
    result = np.where(executed == NEVER, 3, np.where(bad, 1 + (rng.random(len(pick)) < 0.3), 0))
    number = dealt(scene.numbers(len(pick), series), started)
    rows = logged(rng, started)
    owner, customers = first.owner[pick][rows], wanted.customer[first.owner[pick][rows]]
    receipt_at = recorded("return_receipt", received[rows])
    error = np.where(bad, choose(rng, np.array([0.5, 0.2, 0.15, 0.15]), len(pick)), -1)
    scene.deliver(
        "provisioning_orders",
        provision_id=identities("X", number[rows]),
        started_at=recorded("split_order", started[rows]),
        unit=units(scene, customers),
        subscriber=scene.people.phones(customers),
        order_id=identities("R", order[owner]),
        task_id=identities("T", first.tasks.number[pick][rows]),
        network_element=words(first.tasks.element[pick][rows], ELEMENTS),
        kind=words(wanted.kind[owner], KINDS),
        executed_at=recorded("execute_order", executed[rows]),
        result=words(result[rows], RESULTS),
        error_cause=words(error[rows], ERRORS),
        retries=(rows >= m).astype(np.int64),
        receipt_at=receipt_at,
        status_updated_at=np.where(receipt_at == NEVER, NEVER, receipt_at + 1),
    )
    written = np.full(len(pick), -1, dtype=np.int64)
    written[rows] = number[rows]
    last = written[:m].copy()
    last[second] = written[m:]
    return last


def _splits(
    scene: Scene, rng: np.random.Generator, wanted: Wanted, tasks: Tasks, order: Ints, order_at: Ints, split_at: Ints
) -> None:
    rows = logged(rng, split_at[tasks.owner])
    owner = tasks.owner[rows]
    customers = wanted.customer[owner]
    scene.deliver(
        "provisioning_splits",
        task_id=identities("T", tasks.number[rows]),
        split_at=recorded("split_order", split_at[owner]),
        unit=units(scene, customers),
        subscriber=scene.people.phones(customers),
        order_id=identities("R", order[owner]),
        recorded_at=recorded("record_order", order_at[owner]),
        network_element=words(tasks.element[rows], ELEMENTS),
        state=same("split", len(rows)),
    )


def _orders(
    scene: Scene, wanted: Wanted, course: Course, order: Ints, order_at: Ints, split_at: Ints, receipt_at: Ints
) -> None:
    rows = np.flatnonzero(order_at != NEVER)
    customers = wanted.customer[rows]
    failed = course.stuck[rows] == STEPS.index("execute_order")
    state = np.where(receipt_at[rows] != NEVER, 2, np.where(failed, 3, np.where(split_at[rows] != NEVER, 1, 0)))
    by_alarm = wanted.alarm[rows] >= 0
    sent = np.where(split_at[rows] == NEVER, NEVER, order_at[rows] + 1)
    finished = np.where(receipt_at[rows] == NEVER, NEVER, receipt_at[rows] + 1)
    scene.deliver(
        "suspend_resume_orders",
        order_id=identities("R", order[rows]),
        recorded_at=recorded("record_order", order_at[rows]),
        unit=units(scene, customers),
        account_id=scene.people.account_ids(customers),
        subscriber=scene.people.phones(customers),
        kind=words(wanted.kind[rows], KINDS),
        alarm_id=identities("L", wanted.alarm[rows]),
        issued_at=np.where(by_alarm, recorded("issue_alarm", wanted.issued[rows]), NEVER),
        state=words(state, ("recorded", "sent", "done", "failed")),
        sent_at=recorded("record_order", sent),
        finished_at=recorded("record_order", finished),
        duplicate_of=same(None, len(rows)),
    )


def _states(
    scene: Scene, rng: np.random.Generator, wanted: Wanted, order: Ints, receipt_at: Ints, state_at: Ints, series: int
) -> Ints:
    """Rows of `user_states`; returns their numbers, -1 where none was written."""
    n = len(order)
    number = dealt(scene.numbers(n, series), state_at)
    rows = np.flatnonzero(state_at != NEVER)
    rows = rows[(wanted.kind[rows] != RESUME) | np.isin(rows, logged(rng, state_at))]
    element = np.where(rng.random(n) < MISMATCH, wanted.old, wanted.new)
    element = np.where(rng.random(n) < 0.1, -1, element)
    deliver_states(
        scene, number[rows], wanted.customer[rows], recorded("set_state", state_at[rows]), wanted.old[rows],
        wanted.new[rows], identities("R", order[rows]), recorded("set_state", receipt_at[rows]), element[rows],
    )  # fmt: skip
    written = np.full(n, -1, dtype=np.int64)
    written[rows] = number[rows]
    return written


def deliver_states(
    scene: Scene, number: Ints, customers: Ints, set_at: Ints, old: Ints, new: Ints, order: pa.Array, receipt: Ints,
    element: Ints,
) -> None:  # fmt: skip
    """Rows of `user_states`; moments as recorded."""
    scene.deliver(
        "user_states",
        state_id=identities("S", number),
        set_at=set_at,
        unit=units(scene, customers),
        subscriber=scene.people.phones(customers),
        old_state=words(old, LINE_STATES),
        new_state=words(new, LINE_STATES),
        order_id=order,
        receipt_at=receipt,
        element_state=words(element, LINE_STATES),
    )


def _remember(scene: Scene, wanted: Wanted, state_at: Ints) -> None:
    """The lines are in their new states."""
    done = state_at != NEVER
    who = wanted.customer[done]
    scene.people.line[who] = wanted.new[done]
    scene.people.due_day[wanted.customer[wanted.new == NORMAL]] = -1
    books = books_of(scene.world)
    begins = done & (_TO_SUSPENSION[wanted.old] == 0)
    books.stopped[wanted.customer[begins]] = recorded("set_state", state_at[begins]).astype(np.int32)


def stopped_at(scene: Scene, customers: Ints) -> Ints:
    """When these lines were suspended, by CRM's clock; NEVER where they are not."""
    stopped = books_of(scene.world).stopped[customers].astype(np.int64)
    return np.where(stopped > 0, stopped, NEVER)


def record_changes(
    scene: Scene, wanted: Wanted, done: Switched, *, series: int, stopped: Ints, balance: Ints, credit: Ints,
    threshold: Ints, notices: Ints, noticed: Ints, delivered: Ints,
) -> Ints:  # fmt: skip
    """Rows of `suspensions` and of the truth of the same name, for changes of the reason of suspension.

    stopped: when resumed lines had been suspended. Returns the events' numbers, -1 for no row."""
    before, after = _TO_SUSPENSION[wanted.old], _TO_SUSPENSION[wanted.new]
    rows = np.flatnonzero((done.order_at != NEVER) & (before != after))
    customers = wanted.customer[rows]
    number = scene.numbers(len(rows), series)
    set_at = recorded("set_state", done.state_at[rows])
    action = np.where(after[rows] == 0, 1, np.where(before[rows] == 0, 0, 2))
    stop = (action == 0) & (after[rows] != SUSPENSION_STATES.index("requested"))
    seen: Ints = np.where(stop, 1, 0)
    scene.deliver(
        "suspensions",
        event_id=identities("E", number),
        acted_at=recorded("record_order", done.order_at[rows]),
        unit=units(scene, customers),
        process=words(wanted.process[rows], PROCESSES),
        action=words(action, ACTIONS),
        state_before=words(before[rows], SUSPENSION_STATES),
        state_after=words(after[rows], SUSPENSION_STATES),
        credit_rule=words(np.where(action == 0, wanted.rule[rows], -1), RULES),
        customer_id=scene.people.customer_ids(customers),
        brand=scene.people.brands(customers),
        customer_class=scene.people.classes(customers),
        threshold_at=np.where(stop, threshold[rows], NEVER),
        notices=pa.array(notices[rows].astype(np.int64), mask=seen == 0),
        first_notice_at=np.where(stop, noticed[rows], NEVER),
        notice_delivered_at=np.where(stop, delivered[rows], NEVER),
        suspended_at=np.where(action == 0, set_at, stopped[rows]),
        resumed_at=np.where(action == 1, set_at, NEVER),
        balance_fen=balance[rows],
        credit_limit_fen=credit[rows],
        wrong=pa.array(wanted.wrong[rows], mask=action != 0),
        failed=pa.array(done.executed_at[rows] == NEVER),
        attempts=done.attempts[rows],
    )
    scene.know(
        "suspensions",
        event_id=identities("E", number),
        customer_id=scene.people.customer_ids(customers),
        action=words(action, ACTIONS),
        order_id=identities("R", done.order[rows]),
        acted_at=done.order_at[rows],
        set_at=done.state_at[rows],
        warned=pa.array(delivered[rows] != NEVER, mask=seen == 0),
        wrong=pa.array(wanted.wrong[rows]),
        stuck_at=words(done.course.stuck[rows], STEPS),
        cause=done.course.cause[rows],
    )
    written = np.full(len(wanted.customer), -1, dtype=np.int64)
    written[rows] = number
    return written


@dataclass(frozen=True, slots=True)
class Checks:
    """Credit checks. received, checked, issued: true moments (received NEVER in a batch check, issued NEVER without
    an alarm order). split: number of the funds change that is passed on, -1 for none. result: in `CHECK_RESULTS`."""

    customer: Ints
    number: Ints
    split: Ints
    received: Ints
    checked: Ints
    issued: Ints
    balance: Ints
    credit: Ints
    rule: Ints
    result: Ints
    old: Ints
    new: Ints


def credit_of(scene: Scene, customers: Ints) -> Ints:
    """The credit limit these accounts have now, in fen: none once suspended."""
    people = scene.people
    return np.where(people.line[customers] == NORMAL, people.credit_fen[customers], 0).astype(np.int64)


def deliver_checks(scene: Scene, rows: Checks) -> None:
    """Rows of `credit_alarms`."""
    customers = rows.customer
    scene.deliver(
        "credit_alarms",
        alarm_id=identities("L", rows.number),
        checked_at=recorded("credit_check", rows.checked),
        unit=units(scene, customers),
        account_id=scene.people.account_ids(customers),
        subscriber=scene.people.phones(customers),
        split_id=identities("F", rows.split),
        received_at=recorded("credit_check", rows.received),
        balance_fen=rows.balance,
        credit_limit_fen=rows.credit,
        credit_rule=words(rows.rule, RULES),
        check_result=words(rows.result, CHECK_RESULTS),
        old_state=words(rows.old, LINE_STATES),
        new_state=words(rows.new, LINE_STATES),
        issued_at=recorded("issue_alarm", rows.issued),
    )
