"""The systems behind the processes: what is measured every quarter hour, faults, and the calendar of changes.

The lever `database.load` takes connections of the billing database and slows it, `orders.invalid` writes invalid
orders, `hop.late_s` makes the hop's queue grow. A lever pulled hard is a system fault: found some time after it
began, restored when it ends. A pull of `database.load` follows a release on the billing system some hours before, as
in the source's incident of 1 March 2012. Units: connections and cpu in percent, responses in milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa

from ganzhi.province.calendar import DAY_S, Activity
from ganzhi.province.columns import NEVER, identities, moments, same, words
from ganzhi.province.levers import Pull
from ganzhi.province.profiles import QUARTERS, quarter_weights
from ganzhi.province.scene import DEAL_PROCESSES, Deals, Scene
from ganzhi.province.service.drawing import Later, day_end, deliver_due, picked, waiting
from ganzhi.province.streams import Floats, Ints, choose, lognormal, stream

QUARTER_S: Final = 900


@dataclass(frozen=True, slots=True)
class System:
    """One system. metrics: what is measured. cpu, response_ms: usual values by day. activity: what loads it.
    orders: handled a day per customer. process, commercial_process: what a fault of it breaks."""

    code: str
    metrics: tuple[str, ...]
    cpu: float
    response_ms: float
    activity: Activity
    orders: float
    process: str
    commercial_process: str


_FULL: Final = (
    "cpu",
    "db_connections",
    "queue_length",
    "response_ms",
    "availability",
    "invalid_orders",
    "handled_orders",
)
_CORE: Final = ("cpu", "queue_length", "response_ms", "availability", "handled_orders")
_EDGE: Final = ("response_ms", "availability", "handled_orders")
SYSTEMS: Final[tuple[System, ...]] = (
    System("billing", _FULL, 52, 240, "recharge", 0.022, "recharge", "billing"),
    System("credit_control", (*_CORE, "invalid_orders"), 45, 160, "recharge", 0.030, "payment_resume", "billing"),
    System("crm", ("cpu", "db_connections", "response_ms", "availability", "handled_orders"), 48, 420, "order", 0.012,
           "plan_order", "support"),
    System("provisioning", _CORE, 40, 520, "order", 0.008, "service_order", "products"),
    System("hlr", ("cpu", "response_ms", "availability"), 38, 90, "usage", 0.0, "payment_resume", "network"),
    System("sms_gateway", _CORE, 50, 130, "usage", 0.080, "order_reminder", "support"),
    System("dunning", _CORE, 30, 260, "usage", 0.010, "low_balance_reminder", "billing"),
    System("rating", ("cpu", "db_connections", "queue_length", "response_ms", "availability"), 58, 180, "usage", 0.0,
           "realtime_charging", "billing"),
    System("bank_gateway", _EDGE, 30, 480, "recharge", 0.006, "recharge", "billing"),
    System("card_platform", _EDGE, 30, 300, "recharge", 0.005, "recharge", "billing"),
    System("partner_channel", _EDGE, 30, 380, "recharge", 0.007, "recharge", "billing"),
    System("kiosk_platform", _EDGE, 30, 430, "hall", 0.003, "recharge", "hall"),
    System("cboss", _EDGE, 30, 620, "recharge", 0.001, "recharge", "billing"),
    System("web_hall", _EDGE, 30, 560, "electronic", 0.012, "bill_enquiry", "e_channels"),
    System("app", _EDGE, 30, 440, "electronic", 0.012, "balance_enquiry", "e_channels"),
    System("sms_hall", _EDGE, 30, 350, "electronic", 0.009, "balance_enquiry", "e_channels"),
    System("ivr", ("cpu", "response_ms", "availability"), 34, 210, "hotline", 0.0, "enquiry_service", "hotline"),
)  # fmt: skip
"""The systems that own the steps from recharge to resume, and the channels' own; levels are ours."""
CODES: Final = tuple(system.code for system in SYSTEMS)
LIMITS: Final = {"cpu": 85.0, "db_connections": 80.0, "queue_length": 500.0, "response_ms": 3_000.0}
"""Limits above which a value is an alarm."""
CONNECTIONS: Final = {"billing": 55.0, "crm": 46.0, "rating": 50.0}
CONNECTIONS_SWING: Final = 18.0
"""Usual share of database connections taken at night, and what the busiest quarter hour adds."""
INVALID: Final = 0.004
"""Usual share of invalid orders."""
SLOWED: Final = 4.0
"""A fully loaded database multiplies responses by 1 + 4."""
HARD: Final = {"hop.late_s": 120.0, "database.load": 0.2, "provisioning.failed": 0.05}
"""From this size on a lever's pull is a system fault."""
SEVERE: Final = {"hop.late_s": 600.0, "database.load": 0.3, "provisioning.failed": 0.25}
"""From this size on the fault is a critical one."""
RELEASE_BEFORE_S: Final = 6 * 3_600
"""A release starts so long before the pull of `database.load` that it brings about."""
DETECTION: Final = (1_500.0, 0.5)
"""Median seconds until a fault is found, and spread."""
SEVERITIES: Final = ("critical", "major", "minor")
RESTORE_S: Final = np.array([2 * 3_600, 4 * 3_600, 8 * 3_600], dtype=np.int64)
"""Time allowed to restore, by severity."""
CAUSES: Final = ("release", "capacity", "data", "software", "hardware", "external", "operation", "unknown")
CAUSE_SHARE: Final = np.array([0.12, 0.14, 0.12, 0.24, 0.14, 0.1, 0.08, 0.06])
FINDERS: Final = ("monitor", "staff", "customer")
FAULTS_A_DAY: Final = 0.55
CHANGES_A_DAY: Final = 1.3
CHANGE_KINDS: Final = ("release", "config", "tariff", "data", "patch", "hardware")
CHANGE_SHARE: Final = np.array([0.26, 0.24, 0.14, 0.14, 0.16, 0.06])
CHANGE_RESULTS: Final = ("success", "rolled_back", "failed", "cancelled")
CHANGE_RESULT_SHARE: Final = np.array([0.945, 0.016, 0.009, 0.03])


@dataclass
class Known:
    """What has been delivered of incidents, and outages of today. faults, releases: seen (incident, system).
    changes: number of the release of each."""

    faults: set[tuple[int, str]] = field(default_factory=set)
    releases: dict[tuple[int, str], dict[str, Any]] = field(default_factory=dict)
    outages: list[tuple[str, int, int]] = field(default_factory=list)


def run_systems(scene: Scene) -> None:
    """Changes, faults and measurements of the day, in this order: each may follow from the one before."""
    known = scene.world.recall("service.systems", Known)
    _changes(scene, known)
    _faults(scene, known)
    deliver_due(scene, "changes")
    _measure(scene, known)


def _load_pulls(scene: Scene, until: int) -> list[Pull]:
    return [
        pull
        for pull in scene.levers.pulled("database.load", scene.today.start, until)
        if abs(pull.size) >= HARD["database.load"]
    ]


def _changes(scene: Scene, known: Known) -> None:
    """The change calendar: routine changes are planned some days ahead and carried out at night."""
    end = day_end(scene.today)
    _releases(scene, known, end)
    rng = scene.rng("changes")
    first = scene.today.index == 0
    n = int(rng.poisson(CHANGES_A_DAY)) + (4 if first else 0)
    if n:
        ahead = np.where(np.arange(n) < (2 if first else 0), 0, rng.integers(1, 8, n))
        night = np.array([22 * 3_600, 23 * 3_600, 3_600, 2 * 3_600])[rng.integers(0, 4, n)]
        planned = scene.today.start + ahead * DAY_S + night
        system = rng.integers(0, len(CODES), n)
        result = choose(rng, CHANGE_RESULT_SHARE, n)
        started = planned + rng.integers(0, 600, n)
        window = planned + 4 * 3_600
        takes = np.where(
            rng.random(n) < 0.04, rng.integers(4 * 3_600 + 900, 6 * 3_600, n), lognormal(rng, 4_800, 0.4, n)
        )
        finished = started + np.minimum(takes, 6 * 3_600).astype(np.int64)
        carried = result != CHANGE_RESULTS.index("cancelled")
        announced = np.minimum(scene.today.start + rng.integers(9 * 3_600, 17 * 3_600, n), planned - 3_600)
        columns = _change_columns(
            scene.numbers(n), planned, words(system, CODES), words(choose(rng, CHANGE_SHARE, n), CHANGE_KINDS),
            announced, window,
        ) | {
            "result": words(result, CHANGE_RESULTS), "emergency": (ahead == 0) & (rng.random(n) < 0.5),
            "started_at": moments(started, carried), "finished_at": moments(finished, carried),
            "faults": np.where(carried, rng.poisson(0.05, n), 0),
        }  # fmt: skip
        waiting(scene, "changes").put(columns, finished)
        ahead_rows = finished >= end
        if ahead_rows.any():
            scene.deliver("changes", **_planned(picked(columns, ahead_rows)))


def _planned(columns: dict[str, Any]) -> dict[str, Any]:
    n = len(columns["planned_at"])
    never = np.full(n, NEVER)
    return {
        **columns, "result": same("planned", n), "started_at": never, "finished_at": never,
        "faults": np.zeros(n, dtype=np.int64),
    }  # fmt: skip


def _change_columns(
    number: Ints, planned: Ints, system: Any, kind: Any, announced: Ints, window: Ints
) -> dict[str, Any]:
    n = len(number)
    return {
        "change_id": identities("CH", number), "planned_at": planned, "unit": same("all", n), "system": system,
        "change_kind": kind, "announced_at": announced, "window_end_at": window,
    }  # fmt: skip


def _releases(scene: Scene, known: Known, end: int) -> None:
    """The releases that bring about the pulls of `database.load`: carried out in the hours before."""
    pulls = _load_pulls(scene, end + RELEASE_BEFORE_S)
    for pull, number in zip(pulls, scene.numbers(len(pulls), 1), strict=True):
        planned = pull.first - RELEASE_BEFORE_S
        key = (pull.incident, "billing")
        if key in known.releases or planned >= end:
            continue
        at = np.array([planned], dtype=np.int64)
        columns = _change_columns(
            np.array([number], dtype=np.int64), at, same("billing", 1), same("release", 1), at - 2 * DAY_S, at + 4 * 3_600
        ) | {
            "result": same("success", 1), "emergency": np.zeros(1, dtype=bool), "started_at": at + 300,
            "finished_at": at + 7_500, "faults": np.zeros(1, dtype=np.int64),
        }  # fmt: skip
        known.releases[key] = columns
        if planned + 7_500 >= end:
            scene.deliver("changes", **_planned(columns))
        waiting(scene, "changes").put(columns, at + 7_500)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault that an incident brings about: on one system, over a time."""

    incident: int
    system: str
    lever: str
    first: int
    last: int
    severe: bool


def _troubles(scene: Scene) -> list[Trouble]:
    """The incidents' faults that go on today, one for each incident and system."""
    found: dict[tuple[int, str], Trouble] = {}
    for lever, least in HARD.items():
        for pull in scene.levers.pulled(lever, scene.today.start, day_end(scene.today)):
            if abs(pull.size) < least:
                continue
            places = sorted(pull.places or ())
            named = [place for place in places if place in CODES] if lever == "hop.late_s" else []
            for system in named or ["provisioning" if lever == "provisioning.failed" else "billing"]:
                severe = abs(pull.size) >= SEVERE[lever]
                before = found.get((pull.incident, system))
                found[pull.incident, system] = Trouble(
                    pull.incident, system, before.lever if before else lever,
                    min(pull.first, before.first) if before else pull.first,
                    max(pull.last, before.last) if before else pull.last, severe or bool(before and before.severe),
                )  # fmt: skip
    return list(found.values())


def _faults(scene: Scene, known: Known) -> None:
    """Faults of the day: those of incidents when they are found, and when restored, and ordinary ones."""
    later = waiting(scene, "system_faults")
    known.outages = [outage for outage in known.outages if outage[2] > scene.today.start]
    new = [trouble for trouble in _troubles(scene) if (trouble.incident, trouble.system) not in known.faults]
    for trouble, number in zip(new, scene.numbers(len(new), 1), strict=True):
        known.faults.add((trouble.incident, trouble.system))
        _incident_fault(scene, known, later, trouble, np.array([number], dtype=np.int64))
    _plain_faults(scene, known, later)
    deliver_due(scene, "system_faults")


def _put(later: Later, columns: dict[str, Any], found: Ints, restored: Ints) -> None:
    """Found, and restored: one record when both happen on one day."""
    open_first = found // DAY_S < restored // DAY_S
    never = np.full(len(found), NEVER)
    for row in np.flatnonzero(open_first).tolist():
        later.put({**_row(columns, row), "restored_at": never[:1]}, found[row : row + 1])
    for row in range(len(found)):
        later.put({**_row(columns, row), "restored_at": restored[row : row + 1]}, restored[row : row + 1])


def _row(columns: dict[str, Any], row: int) -> dict[str, Any]:
    return {name: column[row : row + 1] for name, column in columns.items()}


def _incident_fault(scene: Scene, known: Known, later: Later, trouble: Trouble, number: Ints) -> None:
    """The fault behind an incident; a release that brought it about is named, and counts a fault from then on."""
    rng = stream(scene.world.seed, "incident-fault", trouble.incident + 1, CODES.index(trouble.system))
    delay = int(np.clip(lognormal(rng, DETECTION[0], DETECTION[1], 1)[0], 300, (trouble.last - trouble.first) // 2))
    found = np.array([trouble.first + delay], dtype=np.int64)
    release = known.releases.get((trouble.incident, trouble.system))
    severity = SEVERITIES.index("critical" if trouble.severe else "major")
    identity = identities("SF", number)
    system = SYSTEMS[CODES.index(trouble.system)]
    columns = {
        "fault_id": identity, "occurred_at": np.array([trouble.first], dtype=np.int64), "unit": same("all", 1),
        "system": same(trouble.system, 1), "process": same(system.process, 1),
        "commercial_process": same(system.commercial_process, 1), "severity": same(SEVERITIES[severity], 1),
        "system_fault_cause": same("release" if release else "capacity", 1),
        "found_by": words(choose(rng, np.array([0.3, 0.2, 0.5]), 1), FINDERS), "detected_at": found,
        "due_at": found + RESTORE_S[severity],
        "affected_customers": np.array([round(len(scene.people) * 0.004 * (1 + 2 * trouble.severe))], dtype=np.int64),
        "change_id": release["change_id"] if release else same(None, 1), "repeat_of": same(None, 1),
    }  # fmt: skip
    _put(later, columns, found, np.array([trouble.last], dtype=np.int64))
    if release:
        waiting(scene, "changes").put({**release, "faults": np.ones(1, dtype=np.int64)}, found)
    scene.know(
        "system_causes", fault_id=identity, system=same(trouble.system, 1), lever=same(trouble.lever, 1),
        change_id=columns["change_id"], incident=np.array([trouble.incident], dtype=np.int64),
    )  # fmt: skip


def _plain_faults(scene: Scene, known: Known, later: Later) -> None:
    """Faults that no incident explains; a critical one makes its system unavailable."""
    rng = scene.rng("system-faults")
    n = int(rng.poisson(FAULTS_A_DAY))
    if not n:
        return
    system = rng.integers(0, len(CODES), n)
    severity = choose(rng, np.array([0.03, 0.25, 0.72]), n)
    occurred = scene.today.start + rng.integers(0, DAY_S - 1, n)
    outage = np.maximum(lognormal(rng, 1_700, 0.7, n), 240).astype(np.int64)
    detect = np.minimum(lognormal(rng, 300, 0.7, n), outage // 2).astype(np.int64)
    reach = len(scene.people) * np.array([0.0006, 0.0002, 0.00005])[severity] * rng.uniform(0.5, 2.0, n)
    restored = occurred + outage
    columns = {
        "fault_id": identities("SF", scene.numbers(n)), "occurred_at": occurred, "unit": same("all", n),
        "system": words(system, CODES), "process": words(system, [each.process for each in SYSTEMS]),
        "commercial_process": words(system, [each.commercial_process for each in SYSTEMS]),
        "severity": words(severity, SEVERITIES), "system_fault_cause": words(choose(rng, CAUSE_SHARE, n), CAUSES),
        "found_by": words(choose(rng, np.array([0.76, 0.15, 0.09]), n), FINDERS), "detected_at": occurred + detect,
        "due_at": occurred + detect + RESTORE_S[severity], "affected_customers": reach.astype(np.int64),
        "change_id": same(None, n), "repeat_of": same(None, n),
    }  # fmt: skip
    _put(later, columns, occurred + detect, restored)
    for row in np.flatnonzero(severity == SEVERITIES.index("critical")):
        known.outages.append((CODES[system[row]], int(occurred[row]), int(restored[row])))


def _measure(scene: Scene, known: Known) -> None:
    """Every system's metrics, 96 quarter hours each."""
    rng = scene.rng("systems")
    at = scene.today.start + np.arange(QUARTERS, dtype=np.int64) * QUARTER_S
    load, _ = scene.levers.at("database.load", at)
    invalid, _ = scene.levers.at("orders.invalid", at)
    handled = {system.code: _handled(scene, rng, system, at) for system in SYSTEMS}
    names: list[str] = []
    metrics: list[str] = []
    values: list[Floats] = []
    for system in SYSTEMS:
        late_s, _ = scene.levers.at("hop.late_s", at, system.code)
        up = np.ones(QUARTERS)
        for code, first, last in known.outages:
            up[(at + QUARTER_S > first) & (at < last) & (code == system.code)] = 0.0
        its_load = load if system.code == "billing" else np.zeros(QUARTERS)
        its_invalid = (INVALID + invalid * (system.code in ("billing", "credit_control"))) * handled[system.code]
        measured = _values(scene, rng, system, handled[system.code], its_load, its_invalid, late_s)
        measured["availability"] = up
        for metric in system.metrics:
            names.append(system.code)
            metrics.append(metric)
            values.append(measured[metric])
    limit = np.repeat([LIMITS.get(metric, np.nan) for metric in metrics], QUARTERS)
    which = np.repeat(np.arange(len(names)), QUARTERS)
    scene.deliver(
        "system_measurements", system=words(which, names), metric=words(which, metrics),
        measured_at=np.tile(at, len(names)), unit=same("all", len(which)),
        value=np.round(np.concatenate(values), 2), limit_value=_blank_nan(limit),
    )  # fmt: skip


def _blank_nan(values: Floats) -> Any:
    return pa.array(values, mask=np.isnan(values))


def _shape(scene: Scene, activity: Activity) -> Floats:
    """How busy each quarter hour is; the busiest one of a plain day is 1."""
    weights = quarter_weights(activity, scene.today.kind)
    return weights / weights.max() * min(scene.today.factor(activity), 1.15)


def _handled(scene: Scene, rng: np.random.Generator, system: System, at: Ints) -> Floats:
    """Valid orders handled in each quarter hour; the billing system's are the day's recharges when these are told."""
    if system.code == "billing":
        deals = scene.notes(Deals)
        mine = deals.at[deals.process == DEAL_PROCESSES.index("recharge")]
        if len(mine):
            place = np.clip((mine - at[0]) // QUARTER_S, 0, QUARTERS - 1)
            return np.bincount(place, minlength=QUARTERS).astype(float)
    mean = len(scene.people) * system.orders * scene.today.factor(system.activity)
    return rng.poisson(mean * quarter_weights(system.activity, scene.today.kind)).astype(float)


def _values(
    scene: Scene, rng: np.random.Generator, system: System, handled: Floats, load: Floats, invalid: Floats,
    late_s: Floats
) -> dict[str, Floats]:  # fmt: skip
    """The metrics of one system. load: share of connections taken beyond the usual; invalid: invalid orders."""
    busy = _shape(scene, system.activity)
    noise = rng.standard_normal((3, QUARTERS))
    invalid = rng.poisson(np.maximum(invalid, 0)).astype(float)
    slow = 1 + SLOWED * load + np.minimum(late_s / 600, 3.0)
    connections = CONNECTIONS.get(system.code, 0.0) + CONNECTIONS_SWING * busy + 100 * load + 1.1 * noise[0]
    work = (handled + invalid) / np.maximum(handled, 1)
    queue = handled * 0.05 * slow + handled * late_s / QUARTER_S + invalid * 0.3
    return {
        "cpu": np.clip(system.cpu * (0.35 + 0.8 * busy) * (1 + 0.3 * load) + np.minimum(work - 1,
            3) * 6 + 1.5 * noise[1], 2, 99),
        "db_connections": np.clip(connections, 1, 100),
        "queue_length": np.round(np.maximum(queue, 0)),
        "response_ms": np.round(system.response_ms * (0.8 + 0.35 * busy) * slow * np.exp(0.12 * noise[2])),
        "invalid_orders": invalid,
        "handled_orders": handled + invalid,
    }  # fmt: skip
