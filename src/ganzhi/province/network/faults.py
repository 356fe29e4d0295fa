"""Faults of the network from start to recovery, the outages they cause, and the customers who notice.

Each county has a fault every few days; most are noticed by monitoring and restored within hours. A pull of the
lever `network.down` is one fault in each county it names, open as long as the pull lasts; its size is the share of
the county's cells that are down. Poor coverage is felt also without a fault. Numbers are ours, near the catalogue's
targets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ganzhi.province.calendar import DAY_S
from ganzhi.province.columns import identities, words
from ganzhi.province.feelings import Felt
from ganzhi.province.levers import Pull
from ganzhi.province.market.shared import Columns, county_starts, later, unfold, when
from ganzhi.province.population import NETWORKS
from ganzhi.province.profiles import draw_moments
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Floats, Ints, choose, happens, lognormal

KINDS: Final = ("radio", "transmission", "power", "access", "platform", "core")
KIND_SHARE: Final = np.array([0.40, 0.18, 0.16, 0.19, 0.05, 0.02])
RADIO, TRANSMISSION, POWER, ACCESS, PLATFORM, CORE = range(6)
LEVELS: Final = ("critical", "major", "minor")
LEVEL_SHARE: Final = np.array([0.012, 0.168, 0.82])
FOUND_BY: Final = ("monitoring", "dial_test", "signalling", "on_site", "quality_monitor", "complaint")
FOUND_SHARE: Final = np.array([0.63, 0.09, 0.10, 0.05, 0.05, 0.08])
A_COUNTY: Final = 0.22
"""Faults a day of a county in a small province; more where a county has more customers (with the root)."""
COUNTY_SIZE: Final = 4_000
REACH: Final = np.array([0.10, 0.05, 0.02])
"""Share of a county's customers affected, by level."""
TAKES_CELLS: Final = 0.3
"""Share of faults that take a cell out; the others leave redundant equipment working."""
NOTICED_S: Final = np.array([240.0, 420.0, 300.0, 600.0, 1_200.0, 1_900.0])
RESTORED_S: Final = (4_400.0, 0.70)
DUE_S: Final = np.array([4 * 3_600, 6 * 3_600, 8 * 3_600])
ANNOUNCED: Final = np.array([0.98, 0.70, 0.06])
REPEATED: Final = 0.04
MINDS: Final = 0.06
"""Share of affected customers who notice an ordinary fault."""
POOR_PER_100K: Final = 150.0
"""Customers a day of 100,000 who feel poor coverage without a fault."""
DOWN_MINDS: Final = 0.6
DOWN_STRENGTH: Final = 1.6
CRITICAL_SIZE: Final = 0.30
STAMPS: Final = ("noticed_at", "announced_at", "restored_at")


@dataclass(frozen=True, slots=True)
class Outages:
    """Cells out of service: share of a county's cells in a window. cause: incident, -1 for none."""

    county: Ints
    first: Ints
    last: Ints
    share: Floats
    cause: Ints


@dataclass(frozen=True, slots=True)
class Faults:
    """Faults that begin today. share: of the county's cells that go down, 0 for none. cause: incident or -1."""

    county: Ints
    at: Ints
    kind: Ints
    level: Ints
    found: Ints
    restored: Ints
    share: Floats
    affected: Ints
    cause: Ints


@dataclass
class Log:
    """What lasts: outages that may still go on, the number of each county's last fault."""

    outages: list[Outages] = field(default_factory=list)
    last: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))


def run_faults(scene: Scene) -> None:
    """The day's faults and those restored today; what customers notice of them. Runs before `measure_network`."""
    rng = scene.rng("network-faults")
    log = _log(scene)
    log.outages = [part for part in log.outages if (part.last > scene.today.start).any()]
    parts = [_plain(scene, rng), _pulled(scene, rng)]
    made = Faults(*(np.concatenate([getattr(part, name) for part in parts]) for name in Faults.__slots__))
    n = len(made.at)
    new = _records(scene, rng, made, log) if n else None
    unfold(scene, "network_faults", new, "occurred_at", STAMPS)
    down = made.share > 0
    log.outages.append(
        Outages(made.county[down], made.at[down], made.restored[down], made.share[down], made.cause[down])
    )
    _feel_coverage(scene, rng)
    _feel_outages(scene, rng)


def outages_of(scene: Scene) -> Outages:
    """All outages that touch today."""
    none = np.empty(0, dtype=np.int64)
    parts = _log(scene).outages or [Outages(none, none, none, np.empty(0), none)]
    return Outages(*(np.concatenate([getattr(part, name) for part in parts]) for name in Outages.__slots__))


def _log(scene: Scene) -> Log:
    return scene.world.recall("network.log", lambda: Log(last=np.full(scene.places.size.counties, -1, dtype=np.int64)))


def _plain(scene: Scene, rng: np.random.Generator) -> Faults:
    size = np.diff(county_starts(scene))
    mean = A_COUNTY * np.maximum(1.0, (size / COUNTY_SIZE) ** 0.5)
    county = np.repeat(np.arange(len(size)), rng.poisson(mean))
    n = len(county)
    at = draw_moments(rng, scene.today, "network", n)
    kind, level = choose(rng, KIND_SHARE, n), choose(rng, LEVEL_SHARE, n)
    restored = later(rng, at, *RESTORED_S)
    takes = happens(rng, TAKES_CELLS, n) & ((kind == RADIO) | (kind == POWER) | (kind == TRANSMISSION))
    affected = np.maximum(1, size[county] * REACH[level] * lognormal(rng, 0.9, 0.4, n)).astype(np.int64)
    share = np.where(takes, np.array([0.3, 0.12, 0.04])[level], 0.0)
    found = choose(rng, FOUND_SHARE, n)
    return Faults(county, at, kind, level, found, restored, share, affected, np.full(n, -1, dtype=np.int64))


def _pulled(scene: Scene, rng: np.random.Generator) -> Faults:
    """One fault for each county a pull names, on the day the pull begins (or on the first day simulated)."""
    start = scene.today.start
    rows = [
        (county, pull)
        for pull in scene.levers.pulled("network.down", start, start + DAY_S)
        if pull.first >= start or scene.today.index == 0
        for county in _counties(scene, pull)
    ]
    county = np.array([county for county, _ in rows], dtype=np.int64)
    share = np.array([min(1.0, pull.size) for _, pull in rows])
    size = np.diff(county_starts(scene))
    n = len(rows)
    return Faults(
        county, np.array([pull.first for _, pull in rows], dtype=np.int64),
        np.where(happens(rng, 0.6, n), POWER, TRANSMISSION), np.where(share >= CRITICAL_SIZE, 0, 1),
        np.zeros(n, dtype=np.int64), np.array([pull.last for _, pull in rows], dtype=np.int64), share,
        np.rint(size[county] * share).astype(np.int64) if n else county,
        np.array([pull.incident for _, pull in rows], dtype=np.int64),
    )  # fmt: skip


def _counties(scene: Scene, pull: Pull) -> list[int]:
    return [k for k, code in enumerate(scene.places.county_codes) if pull.places is None or code in pull.places]


def _records(scene: Scene, rng: np.random.Generator, made: Faults, log: Log) -> Columns:
    n = len(made.at)
    number = scene.numbers(n)
    repeats = happens(rng, REPEATED, n) & (log.last[made.county] >= 0) & (made.cause < 0)
    before = np.where(repeats, log.last[made.county], -1)
    log.last[made.county] = number
    noticed = np.minimum(later(rng, made.at, NOTICED_S[made.found], 0.6), made.restored)
    announced = noticed + rng.integers(300, 1_800, n)
    caused = made.cause >= 0
    if caused.any():
        scene.know("network", fault_id=identities("NF", number[caused]), incident=made.cause[caused])
    fixed = (made.kind == ACCESS) | happens(rng, 0.1, n)
    network = np.where(fixed, NETWORKS.index("fixed"), rng.integers(0, 2, n))
    return {
        "fault_id": identities("NF", number), "occurred_at": made.at,
        "unit": words(made.county, scene.places.county_codes),
        "network": words(np.where(made.kind == CORE, -1, network), NETWORKS), "fault_kind": words(made.kind, KINDS),
        "fault_level": words(made.level, LEVELS), "found_by": words(made.found, FOUND_BY), "noticed_at": noticed,
        "due_at": made.at + DUE_S[made.level], "restored_at": made.restored, "affected_customers": made.affected,
        "repeat_of": identities("NF", before),
        "announced_at": when(caused | happens(rng, ANNOUNCED[made.level], n), np.minimum(announced, made.restored)),
    }  # fmt: skip


def _feel_coverage(scene: Scene, rng: np.random.Generator) -> None:
    """Customers who feel poor coverage anywhere."""
    size = len(scene.people)
    drawn = np.unique(rng.integers(0, size, int(rng.poisson(POOR_PER_100K * size / 100_000))))
    customer = drawn[~scene.people.left[drawn]]
    scene.felt(Felt.NETWORK_POOR, customer, draw_moments(rng, scene.today, "network", len(customer)))


def _feel_outages(scene: Scene, rng: np.random.Generator) -> None:
    """Customers of counties with cells out: of a great outage many, of an ordinary fault a few, once a day each."""
    outages = outages_of(scene)
    start, end = scene.today.start, scene.today.start + DAY_S
    starts = county_starts(scene)
    for k in range(len(outages.county)):
        county, cause = int(outages.county[k]), int(outages.cause[k])
        first, last = max(int(outages.first[k]), start), min(int(outages.last[k]), end)
        if first >= last:
            continue
        people = np.arange(starts[county], starts[county + 1])
        people = people[~scene.people.left[people]]
        hit = people[happens(rng, float(outages.share[k]), len(people))]
        waking = happens(rng, min(1.0, (last - first) / (2 * 3_600)), len(hit))
        minds = waking & happens(rng, DOWN_MINDS if cause >= 0 else MINDS, len(hit))
        lines = scene.people.uses(hit, "home_broadband") & (scene.people.network[hit] == NETWORKS.index("fixed"))
        for kind, who, strength in (
            (Felt.NETWORK_POOR, hit[minds & ~lines], DOWN_STRENGTH if cause >= 0 else 1.0),
            (Felt.BROADBAND_DOWN, hit[lines], 1.0),
        ):
            scene.felt(kind, who, rng.integers(first, last, len(who)), strength=strength, cause=cause)
