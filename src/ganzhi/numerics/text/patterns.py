"""Which texts say their matter in like words, so that a model can be tried on wordings that it has not seen.

Openings, courtesies and side remarks stand in texts of every class; what is left without them is the matter. Texts
whose matters are alike (MinHash over character pairs, near.py) are one pattern.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from ganzhi.numerics.text.grams import Ints, Laid, codes_of
from ganzhi.numerics.text.near import clusters

LENGTH: Final = 3
SPREAD: Final = 0.2
"""Share of the classes from which on three characters in their texts are nobody's matter."""
LEAST: Final = 3
"""Of few classes at least this many."""
LIMITS: Final = (0.3, 0.4, 0.5)
"""Likeness of matters, the least first; the next is taken while one pattern holds more than MOST of all texts: chains of
likeness join everything there."""
MOST: Final = 0.1


def frame(texts: Sequence[str], labels: Sequence[str]) -> Ints:
    """Codes, ascending, of three characters that stand in texts of many classes."""
    laid = Laid.of(texts)
    text, code = codes_of(laid, LENGTH)
    names, own = np.unique(np.array(labels, dtype=str), return_inverse=True)
    grams, which = np.unique(code, return_inverse=True)
    pairs = np.unique(which.astype(np.int64) * len(names) + own[text])
    spread = np.bincount(pairs // max(len(names), 1), minlength=len(grams))
    return grams[spread >= max(LEAST, SPREAD * len(names))]


def matters(texts: Sequence[str], common: Ints) -> list[str]:
    """The texts without what `frame` found.

    >>> matters(["客户来电说宽带断了"], frame(["客户来电说宽带断了", "客户来电说没信号", "客户来电说扣费"], ["a", "b", "c"]))
    ['宽带断了']
    """
    laid = Laid.of(texts)
    _, code = codes_of(laid, LENGTH)
    begins = np.flatnonzero(laid.within(LENGTH))
    at = np.minimum(np.searchsorted(common, code), max(len(common) - 1, 0))
    found = begins[common[at] == code] if len(common) else begins[:0]
    kept: npt.NDArray[np.bool_] = laid.points != 0
    for step in range(LENGTH):
        kept[found + step] = False
    parts: list[list[str]] = [[] for _ in texts]
    for place in np.flatnonzero(kept).tolist():
        parts[laid.text[place]].append(chr(int(laid.points[place])))
    return ["".join(each) for each in parts]


def patterns(texts: Sequence[str], labels: Sequence[str]) -> list[int]:
    """A number for each text, equal for texts of one pattern; a text without a matter of its own is by itself."""
    said = matters(texts, frame(texts, labels))
    first: dict[str, int] = {}
    alike = [first.setdefault(each, at) if each else at for at, each in enumerate(said)]
    distinct = [each for each in first if each]
    numbers = alike
    for limit in LIMITS:
        joined = clusters(distinct, limit) if distinct else []
        group = list(range(len(distinct)))
        for members in joined:
            for each in members:
                group[each] = members[0]
        of = {first[each]: first[distinct[group[at]]] for at, each in enumerate(distinct)}
        numbers = [of.get(at, at) for at in alike]
        if not joined or np.unique(numbers, return_counts=True)[1].max() <= MOST * len(texts):
            break
    return numbers
