"""Self-service devices of the halls: their register, where the standard wants one, how they fail and are repaired.

The first devices are the organisation's kiosks, in its order, so that a kiosk's position is a device's. Rates are
ours.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import NEVER, identities, words
from ganzhi.province.halls.codes import OPEN_S, closing, units
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Floats, Ints, choose, lognormal, stream

KINDS: Final = ("payment_kiosk", "online_terminal", "bill_printer", "queue_machine", "service_kiosk")
PAYMENT_KIOSK, ONLINE, PRINTER, QUEUE_MACHINE, SERVICE_KIOSK = range(len(KINDS))
LETTERS: Final = "KNBQS"
HALL_SHARE: Final = (0.0, 1.0, 1.0, 1.0, 0.35)
"""Share of halls for which the standard wants a device of the kind, kiosks apart."""
CONFIGURED: Final = (0.97, 0.90, 0.94, 1.0, 0.95)
"""Share of wanted places that have their device."""
FAULTS_A_DAY: Final = np.array([0.080, 0.060, 0.070, 0.020, 0.060])
CAUSES: Final = ("hardware", "software", "network", "consumables", "cash_unit", "power", "damage")
CAUSE_SHARE: Final = np.array([0.22, 0.18, 0.18, 0.20, 0.14, 0.05, 0.03])
CONSUMABLES, NETWORK, POWER = CAUSES.index("consumables"), CAUSES.index("network"), CAUSES.index("power")
CASH_UNIT: Final = CAUSES.index("cash_unit")
FINDERS: Final = ("monitor", "staff", "customer")
FINDER_SHARE: Final = np.array([0.62, 0.24, 0.14])
REPAIR_S: Final = 3.2 * 3600
REPAIR_SPREAD: Final = 0.55
DUE_S: Final = 8 * 3600
DUE_OTHER_S: Final = 12 * 3600
"""Repair is due 8 hours after a fault of a payment kiosk is noticed, 12 hours for the others."""
SIGN_SHARE: Final = 0.82
REPEAT_DAYS: Final = 7
NIGHT_EVERY: Final = 8
"""The first kiosk of each city's first hall and of every eighth hall stands outside and works day and night."""
STATES: Final = ("idle", "busy", "out_of_paper", "cash_full", "offline", "closed")
_STATE_OF: Final = np.array([5, 5, 4, 2, 3, 4, 5])
"""State a device is in for each cause of fault."""


@dataclass(frozen=True, slots=True)
class Devices:
    """All device places, ordered: the organisation's kiosks, then the others. number: within hall and kind, from 0.
    configured: whether the device is there. joined: day (since 1970) it was installed."""

    hall: Ints
    kind: Ints
    number: Ints
    configured: Bools
    all_day: Bools
    joined: Ints
    known: list[bool]

    def __len__(self) -> int:
        return len(self.hall)


@dataclass(slots=True)
class Outages:
    """Times out of order. cause: position in CAUSES. incident: -1 for none. fault: number of the fault."""

    device: Ints
    first: Ints
    last: Ints
    cause: Ints
    incident: Ints
    fault: Ints

    def some(self, where: Bools) -> Outages:
        """Those."""
        return Outages(*(getattr(self, each.name)[where] for each in fields(self)))

    def and_more(self, more: Outages) -> Outages:
        """With others after them."""
        return Outages(*(np.concatenate([getattr(t, each.name) for t in (self, more)]) for each in fields(self)))


@dataclass(slots=True)
class Repairs:
    """What lasts: outages not yet over or over today, and each device's last fault (number and day)."""

    open: Outages
    last_fault: Ints
    last_day: Ints


def devices_of(scene: Scene) -> Devices:
    """The devices of the halls, the same for a seed."""

    def make() -> Devices:
        places, rng = scene.places, stream(scene.world.seed, "halls.devices")
        halls = len(places.hall_codes)
        hall = [places.kiosk_hall]
        kind = [np.zeros(len(places.kiosk_hall), dtype=np.int64)]
        empty = rng.random(halls) < 1 - CONFIGURED[PAYMENT_KIOSK]
        empty[rng.integers(0, halls)] = True
        for each in range(1, len(KINDS)):
            own = np.flatnonzero(rng.random(halls) < HALL_SHARE[each])
            hall.append(own)
            kind.append(np.full(len(own), each))
        present = [rng.random(len(own)) < CONFIGURED[k] for k, own in enumerate(hall)]
        present[0][:] = True  # the organisation's kiosks are there; places without one follow
        hall.append(np.flatnonzero(empty))
        kind.append(np.zeros(int(empty.sum()), dtype=np.int64))
        present.append(np.zeros(int(empty.sum()), dtype=bool))
        halls_, kinds = np.concatenate(hall).astype(np.int64), np.concatenate(kind)
        order = np.lexsort((np.arange(len(halls_)), halls_ * len(KINDS) + kinds))
        group = (halls_ * len(KINDS) + kinds)[order]
        first = np.r_[True, group[1:] != group[:-1]]
        run = np.arange(len(group)) - np.maximum.accumulate(np.where(first, np.arange(len(group)), 0))
        number = np.empty(len(group), dtype=np.int64)
        number[order] = run
        first_of_city = np.unique(places.hall_city(), return_index=True)[1]
        night = (
            (kinds == PAYMENT_KIOSK) & (number == 0) & (np.isin(halls_, first_of_city) | (halls_ % NIGHT_EVERY == 0))
        )
        joined = scene.today.number - rng.integers(60, 1_500, len(group))
        return Devices(halls_, kinds, number, np.concatenate(present), night, joined, [])

    return scene.world.recall("halls.devices", make)


def position_ids(scene: Scene, device: Ints) -> pa.Array:
    """Device places, such as `LJ-01-H01-K01`; a device below 0 is blank."""
    devices = devices_of(scene)
    kind = pc.binary_join_element_wise(
        words(np.where(device < 0, -1, devices.hall[device]), scene.places.hall_codes),
        words(devices.kind[device], list(LETTERS)),
        "-",
    )
    return pc.binary_join_element_wise(kind, identities("", devices.number[device] + 1, width=2), "")


def device_ids(scene: Scene, device: Ints) -> pa.Array:
    """Device identities; blank where a place has no device or the device is below 0."""
    devices, device = devices_of(scene), np.asarray(device)
    there = (device >= 0) & devices.configured[device]
    return pc.if_else(
        pa.array(there), pc.binary_join_element_wise(pa.scalar("ZD", pa.string()), position_ids(scene, device), "-"),
        pa.scalar(None, pa.string()),
    )  # fmt: skip


def open_times(scene: Scene) -> tuple[Ints, Ints]:
    """When each device should work today: the whole day or the hall's hours."""
    devices, start = devices_of(scene), scene.today.start
    first = np.where(devices.all_day, start, start + OPEN_S)
    last = np.where(devices.all_day, start + DAY_S, closing(scene.places, scene.today)[devices.hall])
    return first, last


def register(scene: Scene) -> None:
    """The whole register on the first day; no device changes later."""
    devices = devices_of(scene)
    if devices.known:
        return
    devices.known.append(True)
    there = np.flatnonzero(devices.configured)
    kind, joined = devices.kind[there], devices.joined[there] * DAY_S + 36_000
    scene.deliver(
        "devices",
        device_id=device_ids(scene, there),
        unit=units(scene.places, devices.hall[there]),
        device_type=words(kind, KINDS),
        changed_at=np.full(len(there), scene.today.start),
        model=words(kind, [f"{letter}-{200 + 10 * n}" for n, letter in enumerate(LETTERS)]),
        supplier=words(there % 3, ["瑞通设备", "华信终端", "东海电子"]),
        installed_at=joined,
        state=words(there * 0, ["active"]),
        all_day=devices.all_day[there],
    )


def _new_outages(scene: Scene, rng: np.random.Generator) -> tuple[Outages, Bools]:
    """Outages that begin today, and which of them a lever brings about."""
    devices, start = devices_of(scene), scene.today.start
    first, last = open_times(scene)
    hit = np.flatnonzero(devices.configured & (rng.random(len(devices)) < FAULTS_A_DAY[devices.kind]))
    begins = first[hit] + (rng.random(len(hit)) * (last - first)[hit]).astype(np.int64)
    lasts = np.clip(lognormal(rng, REPAIR_S, REPAIR_SPREAD, len(hit)), 900, 30 * 3600).astype(np.int64)
    cause = choose(rng, CAUSE_SHARE, len(hit))
    cash = (cause == CASH_UNIT) & ~np.isin(devices.kind[hit], (PAYMENT_KIOSK, SERVICE_KIOSK))
    cause = np.where(cash, 0, cause)
    kiosks = np.flatnonzero((devices.kind == PAYMENT_KIOSK) & devices.configured)
    codes = [scene.places.hall_codes[hall] for hall in devices.hall[kiosks]]
    evening = np.full(len(kiosks), start + 15 * 3600)
    size, incident = scene.levers.at("kiosk.no_paper", evening, codes)
    empty = np.flatnonzero(size > 0)
    out = np.clip(size[empty], 0, 1) * 12 * 3600
    since = start + 8 * 3600 + (rng.random(len(empty)) * np.maximum(0, 12 * 3600 - out)).astype(np.int64)
    kept = ~np.isin(hit, kiosks[empty])
    hit, begins, lasts, cause = hit[kept], begins[kept], lasts[kept], cause[kept]
    none = np.full(len(hit), -1, dtype=np.int64)
    device = np.concatenate([hit, kiosks[empty]])
    made = Outages(
        device, np.concatenate([begins, since]), np.concatenate([begins + lasts, since + out.astype(np.int64)]),
        np.concatenate([cause, np.full(len(empty), CONSUMABLES)]), np.concatenate([none, incident[empty]]),
        scene.numbers(len(device), 4),
    )  # fmt: skip
    return made, np.arange(len(device)) >= len(hit)


def outages(scene: Scene) -> Outages:
    """All outages that touch today; the new ones are delivered as faults with their whole course."""
    devices, rng = devices_of(scene), scene.rng("halls.outages")
    none = np.empty(0, dtype=np.int64)
    repairs = scene.world.recall(
        "halls.repairs",
        lambda: Repairs(
            Outages(none, none, none, none, none, none), np.full(len(devices), -1), np.full(len(devices), -(10**6))
        ),
    )
    made, pulled = _new_outages(scene, rng)
    still = repairs.open.some(repairs.open.last > scene.today.start)
    fresh = ~np.isin(made.device, still.device)
    made, pulled = made.some(fresh), pulled[fresh]
    _deliver_faults(scene, rng, made, pulled, repairs)
    repairs.open = still.and_more(made)
    return repairs.open


def _deliver_faults(scene: Scene, rng: np.random.Generator, made: Outages, pulled: Bools, repairs: Repairs) -> None:
    """Faults: noticed some minutes after they began; without paper, mostly by customers."""
    devices, n = devices_of(scene), len(made.device)
    finder = np.where(pulled & (rng.random(n) < 0.7), 2, choose(rng, FINDER_SHARE, n))
    whole: Floats = (made.last - made.first).astype(float)
    seen = made.first + np.minimum(rng.integers(30, 900, n), 0.2 * whole).astype(np.int64)
    acted = seen + np.minimum(lognormal(rng, np.where(pulled, 1_500.0, 400.0), 0.6, n), 0.3 * whole).astype(np.int64)
    ordered = acted + np.minimum(rng.integers(60, 1_500, n), 0.2 * whole).astype(np.int64)
    again = scene.today.number - repairs.last_day[made.device] <= REPEAT_DAYS
    kind = devices.kind[made.device]
    scene.deliver(
        "device_faults",
        fault_id=identities("F", made.fault),
        device_id=device_ids(scene, made.device),
        unit=units(scene.places, devices.hall[made.device]),
        device_type=words(kind, KINDS),
        reported_at=seen,
        noticed_by=words(finder, FINDERS),
        alarm_sent_at=np.where(finder == 0, seen + rng.integers(1, 20, n), NEVER),
        acted_at=acted,
        dispatched_at=ordered,
        sign_at=np.where(rng.random(n) < SIGN_SHARE, acted + rng.integers(30, 400, n), NEVER),
        repaired_at=made.last,
        due_at=seen + np.where(kind == PAYMENT_KIOSK, DUE_S, DUE_OTHER_S),
        cause=words(made.cause, CAUSES),
        repeat_of=identities("F", np.where(again, repairs.last_fault[made.device], -1)),
    )
    repairs.last_fault[made.device] = made.fault
    repairs.last_day[made.device] = scene.today.number


def state_of(cause: Ints) -> Ints:
    """The state (position in STATES) that a cause of fault puts a device into."""
    return _STATE_OF[cause]
