"""Work that nobody sees until it fails: batch runs, numbers, cards and resources, inspections, change requests.

Province phases. Volumes follow the number of customers; times and error shares are ours, on the level of the
catalogue's targets. `database.load` lengthens the runs on the billing database; `bill.wrong` shows up in charging
tests of its cities.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import NEVER, identities, moments, numbers, same, truths, words
from ganzhi.province.population import BRANDS
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import Scene
from ganzhi.province.service.drawing import counties, day_end, deliver_due, picked, waiting
from ganzhi.province.streams import Ints, choose, happens, lognormal


@dataclass(frozen=True, slots=True)
class Run:
    """A batch run. when: daily, first (of the month) or bills (the billing day). hour: planned. minutes: median.
    limit_h: allowed from the planned time. per_customer: records. errors: per 10,000 records. yuan: per record, 0 when
    it moves no money. late: share of records that came late."""

    process: str
    when: str
    hour: float
    minutes: float
    limit_h: float
    per_customer: float
    errors: float
    yuan: float = 0.0
    late: float = 0.0


RUNS: Final[tuple[Run, ...]] = (
    Run("realtime_charging", "daily", 0.2, 90, 6, 9.0, 3.0, 0.12, 0.003),
    Run("service_charging", "daily", 0.5, 40, 4, 0.4, 4.0, 1.5),
    Run("long_call_processing", "daily", 1.0, 12, 2, 0.02, 8.0, 2.4),
    Run("daily_billing", "daily", 1.5, 88, 4, 1.0, 3.0, 2.0),
    Run("batch_debit", "daily", 9.0, 75, 8, 0.0011, 6.0, 78.0),
    Run("suspended_cancellation", "daily", 3.0, 15, 3, 0.0004, 10.0),
    Run("promotion_rebate", "daily", 4.0, 25, 4, 0.0007, 5.0, 20.0),
    Run("monthly_fee_charging", "first", 0.1, 260, 10, 1.0, 4.0, 41.0),
    Run("month_start_brand_change", "first", 0.3, 55, 6, 0.004, 35.0),
    Run("monthly_billing", "bills", 0.5, 620, 20, 1.0, 4.0, 58.0),
)  # fmt: skip
"""Every run."""
RUN_FAILS: Final = 0.004
RERUN: Final = 0.05
UNEQUAL: Final = 0.003
LENGTHENED: Final = 2.0
"""What a fully loaded database adds to a run's time, times its length."""


def run_batches(scene: Scene) -> None:
    """The day's batch runs."""
    today = scene.today
    due = {"daily": True, "first": today.plan_effective, "bills": today.billing}
    runs = [run for run in RUNS if due[run.when]]
    n, rng = len(runs), scene.rng("batch-runs")
    planned = today.start + np.array([int(run.hour * 3_600) for run in runs], dtype=np.int64)
    load, _ = scene.levers.at("database.load", planned)
    started = planned + lognormal(rng, 45, 0.9, n).astype(np.int64)
    minutes = np.array([run.minutes for run in runs]) * (1 + LENGTHENED * load)
    finished = started + (lognormal(rng, minutes, 0.22, n) * 60).astype(np.int64)
    records = rng.poisson(np.array([run.per_customer for run in runs]) * len(scene.people)).astype(np.int64)
    errors = np.minimum(rng.poisson(records * np.array([run.errors for run in runs]) / 10_000), records)
    failed = happens(rng, RUN_FAILS, n)
    money = np.array([run.yuan for run in runs])
    amount = (records * money * 100 * lognormal(rng, 1.0, 0.03, n)).astype(np.int64)
    control = amount + np.where(happens(rng, UNEQUAL, n), rng.integers(100, 90_000, n), 0)
    late = rng.poisson(records * np.array([run.late for run in runs]))
    scene.deliver(
        "batch_runs", run_id=identities("BR", scene.numbers(n)), planned_at=planned, unit=same("all", n),
        process=words(np.arange(n), [run.process for run in runs]),
        due_at=planned + np.array([int(run.limit_h * 3_600) for run in runs], dtype=np.int64), started_at=started,
        finished_at=finished, state=words(failed.astype(np.int64), ("ok", "failed")), records=records, errors=errors,
        late_records=late, reruns=happens(rng, RERUN, n).astype(np.int64) + failed, amount_fen=numbers(amount,
            money > 0),
        control_fen=numbers(control, money > 0),
    )  # fmt: skip


NUMBERS_PER_100K: Final = np.array([52.0, 34.0, 28.0, 9.0, 0.12])
"""Preopened numbers a day: activated by call, by recharge, otherwise; cancelled unused, cancelled too late."""
NUMBER_PROCESSES: Final = (
    "activation_by_call", "activation_by_recharge", "preopened_activation", "activation_deadline_cancel",
    "activation_deadline_cancel",
)  # fmt: skip
EVENTS: Final = ("activated", "activated", "activated", "cancelled", "overdue")
WAYS: Final = ("call", "recharge", "hall", "first_use")
FIRST_NUMBER: Final = 15_800_000_000


def activate_numbers(scene: Scene) -> None:
    """Preopened numbers that come to life, and those cancelled after their deadline."""
    rng, people = scene.rng("numbers"), scene.people
    n = int(rng.poisson(NUMBERS_PER_100K.sum() * len(people) / 100_000))
    if not n:
        return
    kind = choose(rng, NUMBERS_PER_100K, n)
    active = kind < 3
    at = np.where(
        active, draw_moments(rng, scene.today, "order", n), scene.today.start + 5 * 3_600 + rng.integers(0, 3_600, n)
    )
    way = np.where(kind < 2, kind, np.where(kind == 2, rng.integers(2, 4, n), -1))
    overdue = np.where(kind == 4, rng.integers(1, 20, n) * DAY_S, 0)
    opened = np.where(active, at - rng.integers(3, 80, n) * DAY_S, scene.today.start - 90 * DAY_S - overdue)
    takes = 2 + lognormal(rng, 38, 0.75, n).astype(np.int64)
    warned = ~active & happens(rng, 0.975, n)
    scene.deliver(
        "number_activations", event_id=identities("NA", scene.numbers(n)), recorded_at=at,
        unit=counties(scene, rng.integers(0, len(people), n)), process=words(kind, NUMBER_PROCESSES),
        number=identities("", FIRST_NUMBER + rng.integers(0, 90_000_000, n)), event=words(kind, EVENTS),
        activation_way=words(way, WAYS), brand=words(choose(rng, np.array([0.05, 0.25, 0.7]), n), BRANDS),
        preopened_at=opened, deadline_at=opened + 90 * DAY_S, requested_at=moments(at - takes, active),
        warned_at=moments(at - rng.integers(5, 15, n) * DAY_S, warned),
        attempts=numbers(rng.geometric(0.9, n), active), in_use=truths(happens(rng, 0.001, n), ~active),
    )  # fmt: skip


TASKS: Final = ("pin_generation", "card_making", "number_loading", "bulk_preopening", "prepaid_bulk_preopening")
TASK_HOURS: Final = np.array([20.0, 80.0, 8.0, 20.0, 16.0])
TASK_DUE_H: Final = np.array([48, 168, 24, 48, 48])
TASK_SIZE: Final = np.array([0.006, 0.004, 0.004, 0.003, 0.005])
"""Things to be made by one task, per customer."""
TASKS_A_DAY: Final = 3.5
TASK_DEFECTS: Final = np.array([0.0, 0.0006, 0.0004, 0.002, 0.002])


def make_resources(scene: Scene) -> None:
    """Tasks ordered on working days: cards, numbers, preopened accounts; delivered again when they are finished."""
    deliver_due(scene, "resource_tasks")
    rng = scene.rng("resource-tasks")
    n = int(rng.poisson(TASKS_A_DAY)) if scene.today.works else 0
    if not n:
        return
    kind = rng.integers(0, len(TASKS), n)
    ordered = scene.today.start + rng.integers(9 * 3_600, 16 * 3_600, n)
    started = ordered + lognormal(rng, 1_800, 0.6, n).astype(np.int64)
    finished = started + (lognormal(rng, TASK_HOURS[kind], 0.35, n) * 3_600).astype(np.int64)
    quantity = np.maximum(50, (len(scene.people) * TASK_SIZE[kind] * rng.uniform(0.5, 1.5, n)).astype(np.int64))
    partial = happens(rng, 0.03, n)
    delivered = np.where(partial, (quantity * rng.uniform(0.9, 0.99, n)).astype(np.int64), quantity)
    everything = np.ones(n, dtype=bool)
    columns: dict[str, Any] = {
        "task_id": identities("RT", scene.numbers(n)), "ordered_at": ordered, "unit": same("all", n),
        "process": words(kind, TASKS), "due_at": ordered + TASK_DUE_H[kind] * 3_600, "started_at": started,
        "finished_at": finished, "quantity": quantity, "delivered": numbers(delivered, everything),
        "defective": numbers(rng.binomial(delivered, TASK_DEFECTS[kind]), everything),
        "result": words(partial.astype(np.int64), ("done", "partial")),
        "supplier": words(np.where(kind == 1, rng.integers(0, 2, n), -1), ("CARD-A", "CARD-B")),
    }  # fmt: skip
    later = finished >= day_end(scene.today)
    waiting(scene, "resource_tasks").put(picked(columns, later), finished[later])
    none = numbers(quantity, ~everything)
    opened = {
        **columns, "started_at": moments(started, started < day_end(scene.today)), "finished_at": np.full(n, NEVER),
        "delivered": none, "defective": none, "result": same("open", n),
    }  # fmt: skip
    for table, rows in ((columns, ~later), (opened, later)):
        if rows.any():
            scene.deliver("resource_tasks", **picked(table, rows))


AUDITS: Final = ("charging", "business_audit", "service_rules", "customer_data", "rule_execution")
AUDIT_CHANCE: Final = np.array([0.9, 0.35, 0.3, 0.3, 0.2])
"""Chance of a day that a city is inspected; on days off only charging is."""
AUDIT_ITEMS: Final = np.array([300, 400, 60, 150, 200])
AUDIT_PASSED: Final = np.array([0.9981, 0.9979, 0.967, 0.985, 0.993])
AUDIT_PROCESSES: Final = (
    ("realtime_charging", "service_charging"), ("plan_order", "service_order", "sp_service_order",
        "postpaid_activation"),
    ("enquiry_service", "service_order", "agent_return"), ("real_name_registration", "shenzhouxing_registration"),
    ("arrears_suspension", "monthly_fee_charging", "plan_order"),
)  # fmt: skip


def inspect(scene: Scene) -> None:
    """Inspections in the cities; findings are corrected in the days after, and then delivered again."""
    deliver_due(scene, "inspections")
    rng, codes = scene.rng("inspections"), scene.places.city_codes
    chance = AUDIT_CHANCE if scene.today.works else AUDIT_CHANCE * (np.arange(len(AUDITS)) == 0)
    city, kind = np.nonzero(rng.random((len(codes), len(AUDITS))) < chance)
    n = len(city)
    if not n:
        return
    at = scene.today.start + rng.integers(9 * 3_600, 17 * 3_600, n)
    wrong, _ = scene.levers.at("bill.wrong", at, [codes[c] for c in city])
    items = rng.poisson(AUDIT_ITEMS[kind]).astype(np.int64)
    passes = AUDIT_PASSED[kind] - np.where(kind == 0, np.clip(wrong, 0, 0.9), 0.0)
    passed = rng.binomial(items, passes).astype(np.int64)
    faulty = items > passed
    names = [name for group in AUDIT_PROCESSES for name in group]
    first = np.cumsum([0, *(len(group) for group in AUDIT_PROCESSES)])[:-1]
    sizes = np.array([len(group) for group in AUDIT_PROCESSES])
    process = first[kind] + (rng.random(n) * sizes[kind]).astype(np.int64)
    corrected = at + lognormal(rng, 2.2 * DAY_S, 0.5, n).astype(np.int64)
    columns: dict[str, Any] = {
        "inspection_id": identities("IN", scene.numbers(n)), "inspected_at": at, "unit": words(city, codes),
        "audit_kind": words(kind, AUDITS), "process": words(process, names),
        "channel": words(np.where(kind == 2, rng.integers(0, 2, n), -1), ("hall", "partner_shop")), "items": items,
        "passed": passed, "serious": rng.binomial(items - passed, 0.03), "due_at": moments(at + 5 * DAY_S, faulty),
        "corrected_at": moments(corrected, faulty),
    }  # fmt: skip
    later = faulty & (corrected >= day_end(scene.today))
    waiting(scene, "inspections").put(picked(columns, later), corrected[later])
    scene.deliver("inspections", **{**columns, "corrected_at": moments(corrected, faulty & ~later)})


REQUESTS_A_DAY: Final = 2.2
REQUESTED: Final = (
    ("plan_order", "tariffs"), ("service_order", "products"), ("promotion_order", "tariffs"), ("recharge", "billing"),
    ("monthly_billing", "billing"), ("payment_resume", "billing"), ("bill_enquiry", "e_channels"),
    ("real_name_registration", "hall"), ("enquiry_service", "hotline"),
)  # fmt: skip
"""What changes of systems are asked for: process and commercial process."""
SOURCES: Final = ("customer", "branch", "department", "group")
REQUEST_DAYS: Final = (16.0, 0.38)
REQUEST_DUE_DAYS: Final = (24, 34)
BACKLOG_DAYS: Final = 40
"""Requests received so many days before the first day are still being worked on."""


def take_requests(scene: Scene) -> None:
    """Requests for changes of systems; the date due is agreed when one is scheduled, and told when it is settled."""
    deliver_due(scene, "change_requests")
    rng = scene.rng("change-requests")
    if scene.today.index == 0:
        n = int(rng.poisson(REQUESTS_A_DAY * BACKLOG_DAYS * 5 / 7))
        received = scene.today.start - rng.integers(1, BACKLOG_DAYS, n) * DAY_S + rng.integers(9 * 3_600, 17 * 3_600, n)
        _requests(scene, rng, received, 1)
    if scene.today.works:
        n = int(rng.poisson(REQUESTS_A_DAY))
        _requests(scene, rng, scene.today.start + rng.integers(9 * 3_600, 17 * 3_600, n), 0)


def _requests(scene: Scene, rng: np.random.Generator, received: Ints, series: int) -> None:
    n = len(received)
    if not n:
        return
    what = rng.integers(0, len(REQUESTED), n)
    replied = received + lognormal(rng, 1.1 * DAY_S, 0.6, n).astype(np.int64)
    settled = replied + (lognormal(rng, REQUEST_DAYS[0], REQUEST_DAYS[1], n) * DAY_S).astype(np.int64)
    state = choose(rng, np.array([0.9, 0.07, 0.03]), n)
    delivered = state == 0
    accepted = happens(rng, 0.91, n)
    columns: dict[str, Any] = {
        "request_id": identities("CR", scene.numbers(n, series)), "received_at": received, "unit": same("all", n),
        "process": words(what, [process for process, _ in REQUESTED]),
        "commercial_process": words(what, [commercial for _, commercial in REQUESTED]),
        "request_source": words(choose(rng, np.array([0.15, 0.35, 0.4, 0.1]), n), SOURCES),
        "state": words(state, ("delivered", "rejected", "withdrawn")),
        "due_at": moments(received + rng.integers(*REQUEST_DUE_DAYS, n) * DAY_S, delivered), "first_reply_at": replied,
        "delivered_at": moments(settled, delivered), "accepted": truths(accepted, delivered),
        "reworked": numbers(np.where(accepted, 0, rng.integers(1, 3, n)), delivered),
    }  # fmt: skip
    end = day_end(scene.today)
    none = np.zeros(n, dtype=bool)
    opened = {
        **columns, "state": same("open", n), "due_at": np.full(n, NEVER), "delivered_at": np.full(n, NEVER),
        "accepted": truths(none, none), "reworked": numbers(np.zeros(n, dtype=np.int64), none),
    }  # fmt: skip
    later = waiting(scene, "change_requests")
    going = np.flatnonzero(settled >= end)
    unanswered = going[replied[going] >= end]
    later.put(picked(opened, unanswered), replied[unanswered])
    later.put(picked(columns, going), settled[going])
    rows = picked(opened, going)
    rows["first_reply_at"] = moments(rows["first_reply_at"], rows["first_reply_at"] < end)
    if len(going):
        scene.deliver("change_requests", **rows)
