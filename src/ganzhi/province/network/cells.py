"""Hourly measurements of the network: cells of each county, branches, the province's exit, probes at the user end.

Every point reports every hour. A cell carries a sector's usual traffic, whatever the scale; only the number of cells
follows it. Outages (of `faults`, also those the lever `network.down` causes) take cells out for their time; their
neighbours carry more and drop more. Rates are ours, near the catalogue's targets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.columns import numbers, words
from ganzhi.province.network.faults import Outages, outages_of
from ganzhi.province.population import NETWORKS
from ganzhi.province.profiles import quarter_weights
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Floats, Ints, choose, lognormal, stream

HOURS: Final = 24
HOUR_S: Final = 3_600
CELLS_PER_10K: Final = 6.0
CELLS_LEAST: Final = 3
EXIT, BRANCH, USER, CELL = range(4)
POINTS: Final = ("province_exit", "branch", "user", "cell")
AREAS: Final = ("urban", "suburban", "rural", "campus", "indoor", "transport")
AREA_SHARE: Final = np.array([0.36, 0.20, 0.24, 0.05, 0.11, 0.04])
CALLS_A_DAY: Final = (14_000.0, 0.35)
"""Call attempts of a sector: median and spread."""
FAILED_SETUP: Final = 0.0085
DROPPED: Final = 0.0047
POOR_ALWAYS: Final = 0.010
POOR_HOUR: Final = 0.016
"""Share of cells that are poor all the time, and of cell hours that are poor by chance."""
POOR_DROPPED: Final = 0.05
POOR_FAILED: Final = 0.03
HANDOVERS: Final = 1.8
HANDOVER_FAILED: Final = 0.021
CALL_S: Final = 62
DATA_KB_PER_CALL: Final = 260
NEIGHBOUR_DROPPED: Final = 0.03
NEIGHBOUR_FAILED: Final = 0.05
"""Added where a large share of a county's cells is down, in proportion to that share."""
SPEED_KBPS: Final = (5_400_000.0, 1_050_000.0)
"""Mean speed of exit and branches."""
USER_KBPS: Final = {"2g": 170.0, "3g": 4_200.0, "fixed": 15_000.0}
COMMITTED_KBPS: Final = {"2g": 100, "3g": 2_000, "fixed": 10_000}
USER_SPREAD: Final = 0.25
BUSY_SLOWER: Final = 0.16
SPEED_DOWN: Final = 0.25


@dataclass(frozen=True, slots=True)
class Points:
    """Measuring points. place: county of cells and probes, city of branches, 0 of the exit. position: of a cell among
    the county's. calls: attempts a day, 0 where none are counted."""

    codes: tuple[str, ...]
    kind: Ints
    place: Ints
    unit: Ints
    network: Ints
    area: Ints
    position: Ints
    size: Ints
    calls: Floats
    poor: Bools


def measure_network(scene: Scene) -> None:
    """All points, all hours of the day."""
    points = points_of(scene)
    rng = scene.rng("network-measurements")
    load = _load(scene)
    lost, near = _lost(scene, points)
    cells = np.repeat(points.kind == CELL, HOURS)
    place = np.repeat(np.arange(len(points.kind)), HOURS)
    hour = np.tile(np.arange(HOURS), len(points.kind))
    available = HOUR_S - lost.ravel()
    voice = _voice(rng, points, place, load[hour], available, near.ravel())
    data = _data(rng, points, place, load[hour], voice["call_setups"], near.ravel())
    units = (*scene.places.county_codes, *scene.places.city_codes, "all")
    scene.deliver(
        "network_measurements", point_id=words(place, points.codes), measured_at=scene.today.start + hour * HOUR_S,
        unit=words(points.unit[place], units), measuring_point=words(points.kind[place], POINTS),
        network=words(points.network[place], NETWORKS), area_type=words(points.area[place], AREAS),
        interval_s=np.full(len(place), HOUR_S, dtype=np.int64), available_s=numbers(available, cells),
        **{name: numbers(values, cells) for name, values in voice.items()},
        **data,
        speed_kbps=numbers((data["data_kb"] * 8) // np.maximum(1, data["transfer_s"]), ~cells),
        committed_kbps=numbers(_committed(points)[place], (points.kind == USER)[place]),
        utilisation=numbers(_utilisation(rng, load[hour], points.poor[place]), available > 0),
    )  # fmt: skip


def points_of(scene: Scene) -> Points:
    """The measuring points of this simulation."""
    return scene.world.recall("network.points", lambda: _points(scene))


def _points(scene: Scene) -> Points:
    rng = stream(scene.world.seed, "points")
    places = scene.places
    customers = np.bincount(scene.people.county, minlength=places.size.counties)
    count = np.maximum(CELLS_LEAST, np.rint(customers * CELLS_PER_10K / 10_000)).astype(np.int64)
    county = np.repeat(np.arange(places.size.counties), count)
    position = np.arange(len(county)) - np.repeat(np.cumsum(count) - count, count)
    cities = len(places.city_codes)
    first = np.array([places.counties_of(city)[0] for city in range(cities)])
    probe = np.repeat(first, 3)
    kind = np.repeat([CELL, BRANCH, EXIT, USER], [len(county), cities, 1, len(probe)])
    place = np.concatenate([county, np.arange(cities), [0], probe])
    cell = kind == CELL
    n = len(kind)
    fixed, mobile = NETWORKS.index("fixed"), np.where(position % 5 < 3, 0, 1)
    codes = (
        *(f"{places.county_codes[c]}-C{p + 1:03d}" for c, p in zip(county.tolist(), position.tolist(), strict=True)),
        *(f"{code}-BR" for code in places.city_codes), "PX-01",
        *(f"{places.county_codes[c]}-U{k % 3 + 1}" for k, c in enumerate(probe.tolist())),
    )  # fmt: skip
    offset = np.select([kind == BRANCH, kind == EXIT], [places.size.counties, places.size.counties + cities], 0)
    pad = np.zeros(n - len(county), dtype=np.int64)
    return Points(
        codes, kind, place, place + offset,
        np.concatenate([mobile, np.full(cities + 1, fixed), np.tile([1, fixed, fixed], cities)]),
        np.where(cell | (kind == USER), choose(rng, AREA_SHARE, n), -1), np.concatenate([position, pad]),
        np.concatenate([count[county], pad]), np.where(cell, lognormal(rng, *CALLS_A_DAY, n), 0.0),
        cell & (rng.random(n) < POOR_ALWAYS),
    )  # fmt: skip


def _load(scene: Scene) -> Floats:
    """Traffic of each hour as a share of the day's, busy days above 1 in sum."""
    weights = quarter_weights("network", scene.today.kind).reshape(HOURS, -1).sum(axis=1)
    return np.asarray(weights * scene.today.factor("network"))


def _lost(scene: Scene, points: Points) -> tuple[Ints, Floats]:
    """Seconds each point is out of service in each hour, and the share of its county's cells that are."""
    lost = np.zeros((len(points.kind), HOURS), dtype=np.int64)
    near = np.zeros((len(points.kind), HOURS))
    outages: Outages = outages_of(scene)
    from_s = scene.today.start + np.arange(HOURS) * HOUR_S
    for county, first, last, share in zip(
        outages.county.tolist(), outages.first.tolist(), outages.last.tolist(), outages.share.tolist(), strict=True
    ):
        overlap = np.clip(np.minimum(last, from_s + HOUR_S) - np.maximum(first, from_s), 0, HOUR_S)
        here = (points.place == county) & ((points.kind == CELL) | (points.kind == USER))
        turn = (points.position + first) % np.maximum(points.size, 1)
        down = here & (points.kind == CELL) & (turn < np.maximum(1, np.rint(share * points.size)))
        lost[down] = np.maximum(lost[down], overlap)
        near[here] = np.maximum(near[here], share * overlap / HOUR_S)
    return lost, near


def _voice(
    rng: np.random.Generator, points: Points, place: Ints, load: Floats, available: Ints, near: Floats
) -> dict[str, Ints]:
    """Call and handover counters; all 0 at points that are no cells."""
    poor = points.poor[place] | (rng.random(len(place)) < POOR_HOUR)
    attempts = rng.poisson(points.calls[place] * load * available / HOUR_S * (1 + 0.4 * near))
    failed = np.where(poor, POOR_FAILED, FAILED_SETUP) + NEIGHBOUR_FAILED * near
    setups = rng.binomial(attempts, 1 - failed)
    drops = rng.binomial(setups, np.where(poor, POOR_DROPPED, DROPPED) + NEIGHBOUR_DROPPED * near)
    handover_attempts = rng.poisson(setups * HANDOVERS)
    return {
        "call_attempts": attempts, "call_setups": setups, "drops": drops, "handover_attempts": handover_attempts,
        "handovers": rng.binomial(handover_attempts, 1 - np.where(poor, 2.5, 1.0) * HANDOVER_FAILED),
        "traffic_s": setups * CALL_S,
    }  # fmt: skip


def _data(
    rng: np.random.Generator, points: Points, place: Ints, load: Floats, setups: Ints, near: Floats
) -> dict[str, Ints]:
    """Volumes, latency and packets; the speed follows from volume and time."""
    n = len(place)
    kind = points.kind[place]
    base = np.array([8.0, 14.0, 42.0, 55.0])[kind]
    latency = np.rint(lognormal(rng, base * (1 + 0.3 * load * HOURS / 2), 0.12, n)).astype(np.int64)
    packets = rng.integers(900, 1_100, n)
    lost = rng.binomial(packets, np.minimum(0.5, 0.0035 * lognormal(rng, 1.0, 0.5, n) + 0.05 * near))
    seconds = np.array([3_600, 3_600, 300, 0])[kind]
    speed = np.where(kind == EXIT, SPEED_KBPS[0], np.where(kind == BRANCH, SPEED_KBPS[1], _wanted(points)[place]))
    slower = 1 - BUSY_SLOWER * np.minimum(1.0, load * HOURS / 1.6)
    drawn = speed * slower * lognormal(rng, 1.0, np.where(kind == USER, USER_SPREAD, 0.08), n)
    drawn *= np.where(near > 0, 1 - (1 - SPEED_DOWN) * np.minimum(1.0, 2 * near), 1.0)
    volume = np.where(kind == CELL, setups * DATA_KB_PER_CALL, drawn * seconds / 8).astype(np.int64)
    transfer = np.where(kind == CELL, np.minimum(3_600, setups * 6), seconds)
    return {
        "data_kb": volume, "transfer_s": transfer, "latency_ms": latency, "packets": packets, "packets_lost": lost,
    }  # fmt: skip


def _wanted(points: Points) -> Floats:
    return np.array([USER_KBPS[name] for name in NETWORKS])[points.network]


def _committed(points: Points) -> Ints:
    return np.array([COMMITTED_KBPS[name] for name in NETWORKS], dtype=np.int64)[points.network]


def _utilisation(rng: np.random.Generator, load: Floats, poor: Bools) -> Ints:
    """Share of the resources used, in percent: about 60 in the busiest hours."""
    used = 12 + 50 * load * HOURS / 1.6 * lognormal(rng, 1.0, 0.22, len(load)) + 12 * poor
    return np.clip(np.rint(used), 0, 100).astype(np.int64)
