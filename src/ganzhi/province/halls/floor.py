"""The hall as a room: who enters and leaves by the quarter hour, how full it is, and inspections of its rules.

Rates are ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.province.columns import identities, truths, words
from ganzhi.province.halls.codes import OPEN_S, staff_ids, units
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Floats, Ints, stream

FIRST_S: Final = 8 * 3600
INTERVALS: Final = 54
"""Quarter hours from 8:00 to 21:30, when the last customers of late halls have gone."""
INTERVAL_S: Final = 900
VISIT_S: Final = 900
"""Time a visitor spends in a hall, for sizing the room."""
ROOM_TO_NEED: Final = 2.2
SMALLEST_ROOM: Final = 5
ITEMS: Final = (
    "greeting", "guidance", "wording", "one_time_notice", "confirmation", "privacy", "appearance", "environment",
    "information", "device_sign",
)  # fmt: skip
PERSONAL: Final = np.array([1, 0, 1, 1, 1, 1, 1, 0, 0, 0], dtype=bool)
"""Rules that one person keeps or breaks."""
KEPT: Final = np.array([0.96, 0.955, 0.95, 0.945, 0.96, 0.97, 0.975, 0.965, 0.965, 0.94])
KINDS: Final = ("self", "superior", "video")
INSPECTED: Final = np.array([0.30, 0.04, 0.10])
"""Chance a day that a hall is inspected, by kind; never twice a day."""
LOOKED_AT: Final = np.array([0.8, 1.0, 0.45])
"""Share of the rules each kind looks at."""
HALL_SPREAD: Final = 0.5
"""Spread of the halls' quality, in logarithms of the odds."""


@dataclass(frozen=True, slots=True)
class Present:
    """People in halls. from_s, to_s: when they came in and went out."""

    hall: Ints
    from_s: Ints
    to_s: Ints


def deliver_footfall(scene: Scene, people: Present, expected: Floats) -> None:
    """One sensor a hall, every quarter hour from 8:00 to 21:30. expected: tickets of a day, which size the room."""
    halls = len(scene.places.hall_codes)
    base = scene.today.start + FIRST_S

    def counted(at: Ints) -> Ints:
        slot = np.clip((at - base) // INTERVAL_S, 0, INTERVALS - 1)
        return np.bincount(people.hall * INTERVALS + slot, minlength=halls * INTERVALS)

    entered, gone = counted(people.from_s), counted(people.to_s)
    inside = (entered - gone).reshape(halls, INTERVALS).cumsum(axis=1).reshape(-1)
    need = expected * 1.5 * VISIT_S / 32_400
    room = scene.world.recall(
        "halls.room", lambda: np.maximum(SMALLEST_ROOM, np.ceil(ROOM_TO_NEED * need + 1)).astype(np.int64)
    )
    hall = np.repeat(np.arange(halls), INTERVALS)
    scene.deliver(
        "footfall",
        sensor=identities("FS", hall + 1, width=4),
        unit=units(scene.places, hall),
        counted_at=base + np.tile(np.arange(INTERVALS), halls) * INTERVAL_S,
        entered=entered,
        left_hall=gone,
        inside=inside,
        capacity=room[hall],
    )


def deliver_inspections(scene: Scene, open_desks: Ints) -> None:
    """Findings of today's inspections. open_desks: desks open in each hall today, whose clerks are looked at."""
    places, halls = scene.places, len(scene.places.hall_codes)
    rng = scene.rng("halls.inspections")
    failed_before: Bools = scene.world.recall("halls.failed", lambda: np.zeros((halls, len(ITEMS)), dtype=bool))
    quality = scene.world.recall(
        "halls.quality", lambda: stream(scene.world.seed, "halls.quality").standard_normal(halls) * HALL_SPREAD
    )
    draw = rng.random(halls)
    hall = np.flatnonzero(draw < INSPECTED.sum())
    kind = np.searchsorted(np.cumsum(INSPECTED), draw[hall], side="right")
    at = scene.today.start + OPEN_S + rng.integers(1_800, 30_000, len(hall))
    looked = rng.random((len(hall), len(ITEMS))) < LOOKED_AT[kind][:, None]
    looked[:, 3] = True
    inspection, item = np.nonzero(looked)
    number = scene.numbers(len(hall), 7)
    where = hall[inspection]
    odds = np.log(KEPT / (1 - KEPT))[item] + quality[where]
    passed = rng.random(len(item)) < 1 / (1 + np.exp(-odds))
    again = failed_before[where, item] & ~passed & (rng.random(len(item)) < 0.9)
    failed_before[where, item] = ~passed
    post = (rng.random(len(item)) * np.maximum(1, open_desks[where])).astype(np.int64)
    scene.deliver(
        "hall_inspections",
        finding_id=identities("HF", scene.numbers(len(item), 8)),
        inspection_id=identities("HI", number[inspection]),
        unit=units(places, where),
        inspected_at=at[inspection] + item * 90,
        kind=words(kind[inspection], KINDS),
        item=words(item, ITEMS),
        passed=passed,
        staff=staff_ids(places, where, np.where(PERSONAL[item], post, -1)),
        repeated=truths(again, ~passed),
    )
