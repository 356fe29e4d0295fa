"""How well a classifier does on texts that it was not fitted on: per class, and whether its probabilities are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class OfClass:
    """How well one class is known: texts that have it, texts that were given it, and those that are both."""

    name: str
    support: int
    given: int
    right: int

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.right / (self.given + self.support) if self.given + self.support else 0.0


@dataclass(frozen=True, slots=True)
class Bin:
    """Texts whose highest probability lies in [low, high): how many, and how many were right."""

    low: float
    high: float
    n: int
    right: int
    mean: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What a model does on texts that it was not fitted on, each text once.

    given: class per text; probability: class × text's; macro F1 over classes with support.
    """

    classes: tuple[OfClass, ...]
    bins: tuple[Bin, ...]
    n: int
    right: int
    given: tuple[str, ...]
    probability: Floats

    @property
    def accuracy(self) -> float:
        """Share of texts that got their class."""
        return self.right / self.n

    @property
    def macro_f1(self) -> float:
        """Mean of the classes' F1."""
        known = [each.f1 for each in self.classes if each.support]
        return sum(known) / len(known)

    @property
    def calibration_error(self) -> float:
        """Mean distance between probability and share right, weighted by texts (expected calibration error)."""
        return sum(abs(each.mean * each.n - each.right) for each in self.bins) / self.n

    def sure_from(self, precision: float, truth: Sequence[str]) -> tuple[float, float]:
        """The least highest-probability from which on at least this share is right, and the share of texts above it.

        (1.0, 0.0) when no such probability is.
        """
        top = self.probability.max(axis=1)
        order = np.argsort(-top, kind="stable")
        right = np.array([a == b for a, b in zip(self.given, truth, strict=True)])[order]
        shares = np.cumsum(right) / np.arange(1, len(right) + 1)
        enough = np.flatnonzero(shares >= precision)
        if not len(enough):
            return 1.0, 0.0
        last = int(enough[-1])
        return float(top[order[last]]), (last + 1) / len(right)


def trial_of(classes: tuple[str, ...], truth: npt.NDArray[np.str_], chances: Floats) -> Trial:
    """From probabilities (text × class) and the truth."""
    given = np.array(classes, dtype=str)[chances.argmax(axis=1)]
    top, right = chances.max(axis=1), given == truth
    of = tuple(
        OfClass(name, int((truth == name).sum()), int((given == name).sum()), int(((truth == name) & right).sum()))
        for name in classes
    )
    bins = []
    for low in np.arange(0, 1, 0.1):
        inside = (top >= low) & ((top < low + 0.1) | (low > 0.85))
        if inside.any():
            counts = int(inside.sum()), int(right[inside].sum())
            bins.append(Bin(round(float(low), 1), round(float(low + 0.1), 1), *counts, float(top[inside].mean())))
    return Trial(of, tuple(bins), len(truth), int(right.sum()), tuple(map(str, given)), chances)
