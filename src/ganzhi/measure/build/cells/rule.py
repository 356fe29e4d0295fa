"""Which parts of a known total are withheld, so that none of them can be had back from what is shown.

A part of fewer than `SMALLEST_CELL` events is withheld. Whoever knows the total and the parts that are
shown knows the sum of those withheld; so parts that all have one value, a single one above all, would
be told by that sum. Then the parts with the next greater value are withheld, too, all that have it.

Why that is enough: what is withheld depends on the values alone and not on where they stand. So any
exchange of values among the parts withheld gives the same page, and as two of them differ, none can be
told, even by a reader who knows this rule.
"""

from __future__ import annotations

from collections.abc import Sequence

from ganzhi.access.rights import SMALLEST_CELL


def withheld_parts(parts: Sequence[int | None]) -> frozenset[int] | None:
    """Places of the parts to withhold; None when no part may be shown at all, because what is withheld
    could be told whatever else is withheld (there is but one part, or all are alike).

    parts: events of each part, None where they are not known.
    >>> sorted(withheld_parts([40, 3, 12, 0]))
    [1, 2]
    >>> sorted(withheld_parts([40, 3, 12, 2])), withheld_parts([3]), withheld_parts([7, 9])
    ([1, 3], None, frozenset())
    """
    known = {place: n for place, n in enumerate(parts) if n is not None}
    chosen = {place for place, n in known.items() if 0 < n < SMALLEST_CELL}
    if not chosen:
        return frozenset()
    if len({known[place] for place in chosen}) > 1:
        return frozenset(chosen)
    others = {n for place, n in known.items() if place not in chosen}
    # The greater ones first; parts without any event only where nothing else is left.
    following = min((n for n in others if n > 0), default=0 if 0 in others else None)
    if following is None:
        return None
    return frozenset(chosen | {place for place, n in known.items() if n == following})
