"""What the voices keep of every customer: own parts of the latents, when last asked, what still hurts and whose
fault it is. 22 bytes a customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ganzhi.province.feelings import MEANING, Felt
from ganzhi.province.scene import Scene
from ganzhi.province.streams import Bools, Floats, Ints, stream
from ganzhi.province.voices.structure import MODEL, OWN

MOOD_OF: Final = np.array([MEANING[kind].mood for kind in Felt])
"""What an experience of strength 1 adds to the mood, by kind."""
REST_DAYS: Final = 90
"""Nobody is asked for a survey again within so many days: ours, a common rule against fatigue."""
SORE: Final = -0.1
"""A mood above this no longer colours single answers."""
POOL: Final = 200_000
"""Random customers looked at when a sample is drawn."""


@dataclass(slots=True)
class Voices:
    """own: own parts of quality, value, satisfaction, loyalty. asked: day of the last survey, far back at first.
    sore: kind of the last bad experience, -1 for none. blame: incident behind the bad mood, -1 for none."""

    own: NDArray[np.float32]
    asked: NDArray[np.int16]
    sore: NDArray[np.int8]
    blame: NDArray[np.int16]


def voices(scene: Scene) -> Voices:
    """What is kept, drawn the first time."""

    def make() -> Voices:
        n = len(scene.people)
        own = stream(scene.world.seed, "voices.own").standard_normal((n, len(OWN)), dtype=np.float32)
        return Voices(own, np.full(n, -9_999, np.int16), np.full(n, -1, np.int8), np.full(n, -1, np.int16))

    return scene.world.recall("voices", make)


def latents_of(scene: Scene, customers: Ints, *, mood: Floats | None = None) -> Floats:
    """Their latent scores today: rows × six. mood: instead of their own."""
    people, kept = scene.people, voices(scene)
    own = np.column_stack([people.image[customers], people.expectation[customers], kept.own[customers]])
    felt = people.mood[customers].astype(float) if mood is None else mood
    return MODEL.latents(own.astype(float), felt)


def soreness(scene: Scene, customers: Ints) -> tuple[Ints, Floats]:
    """Kind of experience that still hurts each (-1 for none) and how much, 0 to 1."""
    mood = scene.people.mood[customers].astype(float)
    hurts = np.where(mood < SORE, np.minimum(1.0, -mood), 0.0)
    return np.where(hurts > 0, voices(scene).sore[customers], -1).astype(np.int64), hurts


def rested(scene: Scene, customers: Ints) -> Bools:
    """Which may be asked: they agreed to be contacted, are customers, and were not asked lately."""
    people = scene.people
    long_ago = scene.today.index - voices(scene).asked[customers].astype(np.int64) > REST_DAYS
    return people.consent[customers] & ~people.left[customers] & long_ago


def pool(scene: Scene, rng: np.random.Generator) -> Ints:
    """Random customers who may be asked, in random order, none twice."""
    n = len(scene.people)
    drawn = rng.permutation(n) if n <= POOL else first_of_each(rng.integers(0, n, POOL))
    return drawn[rested(scene, drawn)]


def first_of_each(values: Ints) -> Ints:
    """Each value once, in the order of its first appearance."""
    _, first = np.unique(values, return_index=True)
    return values[np.sort(first)]
