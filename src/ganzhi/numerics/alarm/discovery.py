"""How many of many surprises may be chance: the false discovery rate of Benjamini and Hochberg (1995)."""

from __future__ import annotations

from collections.abc import Sequence


def adjusted(chances: Sequence[float]) -> list[float]:
    """Each chance as the smallest false discovery rate at which it would be kept, in the order given.

    chances: probabilities of what was seen under "nothing happened". Journal of the Royal Statistical Society B 57(1).

    >>> [round(each, 4) for each in adjusted([0.01, 0.04, 0.03, 0.005])]
    [0.02, 0.04, 0.04, 0.02]
    """
    if any(not 0 <= chance <= 1 for chance in chances):
        raise ValueError("a chance is no probability")
    order = sorted(range(len(chances)), key=lambda place: chances[place], reverse=True)
    found = [1.0] * len(chances)
    least = 1.0
    for rank, place in enumerate(order):
        least = min(least, chances[place] * len(chances) / (len(chances) - rank))
        found[place] = least
    return found
