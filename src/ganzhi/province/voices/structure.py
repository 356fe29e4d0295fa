"""The satisfaction model: what makes customers satisfied and loyal, with coefficients that are known.

Six standardised latent variables in the order of the European index (image, expectation, perceived quality,
perceived value, satisfaction, loyalty). The paths have the order of magnitude published for a bank's survey
(documentation of plspm, Mode A); the effect of mood, the loadings and the noise are ours. Answers are latent
scores seen through noise and cut into points; the cuts are the shares of the overall scores that 5,433 customers
of China Mobile Beijing gave in 2022 (mean 8.68, 58 % tens).
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np

from ganzhi.province.streams import Floats, Ints

IMAGE, EXPECTATION, QUALITY, VALUE, SATISFACTION, LOYALTY = range(6)
LATENTS: Final = ("image", "expectation", "quality", "value", "satisfaction", "loyalty")
OWN: Final = (QUALITY, VALUE, SATISFACTION, LOYALTY)
"""Latents whose own part is kept by this package; that of expectation is the population's `expectation`."""


@dataclass(frozen=True, slots=True)
class Structure:
    """Path coefficients (from_to), the effect of one unit of mood, and the loading of a latent's three items."""

    image_expectation: float = 0.58
    expectation_quality: float = 0.85
    expectation_value: float = 0.11
    quality_value: float = 0.68
    image_satisfaction: float = 0.20
    expectation_satisfaction: float = 0.0
    quality_satisfaction: float = 0.12
    value_satisfaction: float = 0.59
    image_loyalty: float = 0.28
    satisfaction_loyalty: float = 0.50
    mood_quality: float = 0.30
    mood_satisfaction: float = 0.35
    loadings: tuple[float, float, float] = (0.90, 0.85, 0.80)

    def paths(self) -> Floats:
        """Effects as a matrix: row of the cause, column of the effect."""
        paths = np.zeros((6, 6))
        for name in self.__slots__:
            cause, _, effect = name.partition("_")
            if cause in LATENTS and effect in LATENTS:
                paths[LATENTS.index(cause), LATENTS.index(effect)] = getattr(self, name)
        return paths

    def correlations(self) -> Floats:
        """Correlations of the latents that the paths imply, mood apart."""
        paths = self.paths()
        found = np.eye(6)
        for effect in range(1, 6):
            with_effect = found[:effect, :effect] @ paths[:effect, effect]
            found[:effect, effect] = found[effect, :effect] = with_effect
        return found

    def disturbances(self) -> Floats:
        """Standard deviation of each latent's own part, so that every latent has variance 1."""
        paths, known = self.paths(), self.correlations()
        return np.sqrt(1 - np.einsum("ij,ij->j", paths, known @ paths))

    def latents(self, own: Floats, mood: Floats) -> Floats:
        """Scores of the six latents. own: their own parts, standard normal, one row for each customer."""
        paths, spread = self.paths(), self.disturbances()
        felt = np.zeros(6)
        felt[QUALITY], felt[SATISFACTION] = self.mood_quality, self.mood_satisfaction
        scores = np.empty(own.shape)
        for at in range(6):
            scores[:, at] = scores[:, :at] @ paths[:at, at] + spread[at] * own[:, at] + felt[at] * mood
        return scores

    def reliability(self) -> float:
        """Share of the variance of a mean of three items that is the latent's."""
        loadings = np.array(self.loadings)
        noise = float((1 - loadings**2).sum())
        return float(loadings.sum() ** 2 / (loadings.sum() ** 2 + noise))

    def items(self, rng: np.random.Generator, scores: Floats) -> Floats:
        """Three answers, not yet cut into points, to each latent: rows × latents × 3."""
        loadings = np.array(self.loadings)
        noise = rng.standard_normal((*scores.shape, 3)) * np.sqrt(1 - loadings**2)
        return scores[:, :, None] * loadings + noise


MODEL: Final = Structure()

OVERALL_COUNTS: Final = (209, 42, 71, 55, 172, 182, 214, 567, 764, 3_157)
"""Overall scores 1 to 10 of the survey of China Mobile Beijing, 2022."""
LIKELIHOOD_SHARES: Final = (0.010, 0.008, 0.010, 0.015, 0.020, 0.045, 0.062, 0.130, 0.270, 0.180, 0.250)
"""Likelihood to recommend, 0 to 10: ours, about 43 % promoters and 17 % detractors."""
RATING_SHARES: Final = (0.008, 0.012, 0.028, 0.187, 0.765)
"""Points 1 to 5 in the rating of a plain contact: ours, after the levels the source's halls report (88 to 99 %)."""
GRADE_SHARES: Final = (0.015, 0.045, 0.20, 0.46, 0.28)
"""Grades 1 to 5 of the steps of a journey: ours."""


def cuts(shares: tuple[float, ...] | tuple[int, ...]) -> Floats:
    """Where a standard normal score is cut so that the points have these shares."""
    below = np.cumsum(np.array(shares, dtype=float))[:-1] / sum(shares)
    return np.array([NormalDist().inv_cdf(share) for share in below])


OVERALL_CUTS: Final = cuts(OVERALL_COUNTS)
LIKELIHOOD_CUTS: Final = cuts(LIKELIHOOD_SHARES)
RATING_CUTS: Final = cuts(RATING_SHARES)
GRADE_CUTS: Final = cuts(GRADE_SHARES)


def points(scores: Floats, edges: Floats, lowest: int = 1) -> Ints:
    """Scores cut into points from `lowest` up."""
    return np.searchsorted(edges, scores, side="right").astype(np.int64) + lowest
