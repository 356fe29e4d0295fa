"""Phrases that are said more often now than before: log-odds with an informative prior.

Monroe, Colaresi & Quinn 2008, over phrases of two to six characters counted once per text (methods 3.4).
The prior is the pooled share of a phrase times the prior's weight in texts; z is the log-odds ratio over its standard
error. Of phrases that hold one another and are said about as often, the longest stands for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ganzhi.numerics.text.grams import Laid, phrases, written

PRIOR: Final = 500.0
PART: Final = 0.1
"""The prior weighs so many texts as a tenth of all, at most PRIOR: of few texts a heavier one would hide everything."""
LENGTHS: Final = (2, 3, 4, 5, 6)


@dataclass(frozen=True, slots=True)
class Emerging:
    """A phrase: in how many texts now, how many would be expected from before, z, and the texts' positions."""

    phrase: str
    count: int
    before: int
    expected: float
    z: float
    texts: tuple[int, ...]


def emerging(
    now: Sequence[str], before: Sequence[str], *, least: int = 4, z: float = 3.0, most: int = 50
) -> tuple[Emerging, ...]:
    """Phrases in at least `least` texts of now whose z reaches the limit, highest first.

    Nothing when there is nothing to compare with.
    """
    if not now or not before:
        return ()
    laid, n1, n0 = Laid.of([*now, *before]), len(now), len(before)
    weight = min(PRIOR, PART * (n1 + n0))
    found: list[Emerging] = []
    for n in LENGTHS:
        each = phrases(laid, n)
        names, which = np.unique(each.phrase, return_inverse=True)
        recent = each.text < n1
        y1 = np.bincount(which[recent], minlength=len(names))
        y0 = np.bincount(which[~recent], minlength=len(names))
        prior = weight * (y1 + y0) / (n1 + n0)
        odds1 = np.log((y1 + prior) / np.maximum(n1 + weight - y1 - prior, 0.5))
        odds0 = np.log((y0 + prior) / np.maximum(n0 + weight - y0 - prior, 0.5))
        score = (odds1 - odds0) / np.sqrt(1 / (y1 + prior) + 1 / (y0 + prior))
        chosen = np.flatnonzero((y1 >= least) & (score >= z))
        if not len(chosen):
            continue
        keep = recent & np.isin(which, chosen)
        texts, at = each.text[keep], each.at[keep]
        of = which[keep]
        for term in chosen:
            mine = np.flatnonzero(of == term)
            phrase = written(laid, int(at[mine[0]]), n)
            if _words(phrase):
                counts = int(y1[term]), int(y0[term]), float(y0[term] * n1 / n0)
                found.append(Emerging(phrase, *counts, float(score[term]), tuple(sorted(texts[mine].tolist()))))
    found.sort(key=lambda e: (-e.z, -len(e.phrase), e.phrase))
    return _merged(found)[:most]


def _words(phrase: str) -> bool:
    """Whether it is all letters, digits or ideographs, and neither a number nor part of a date or time."""
    if not all(c.isalnum() for c in phrase) or phrase.isdigit():
        return False
    return not (any(c.isdigit() for c in phrase) and any(c in "年月日号点时分" for c in phrase))


def _merged(found: Sequence[Emerging]) -> tuple[Emerging, ...]:
    """Of phrases in mostly the same texts that hold or overlap one another, the longest; first come first."""
    kept: list[Emerging] = []
    for each in sorted(found, key=lambda e: (-len(e.phrase), -e.z, e.phrase)):
        mine = set(each.texts)
        if not any(_near(each, mine, other) for other in kept):
            kept.append(each)
    return tuple(sorted(kept, key=lambda e: (-e.z, -e.count, e.phrase)))


def _near(each: Emerging, mine: set[int], other: Emerging) -> bool:
    shared = len(mine.intersection(other.texts))
    if each.phrase in other.phrase:
        return shared >= 0.7 * len(mine)
    overlap = any(
        each.phrase[-k:] == other.phrase[:k] or other.phrase[-k:] == each.phrase[:k]
        for k in range(1, min(len(each.phrase), len(other.phrase)))
    )
    return overlap and shared >= 0.8 * len(mine)
