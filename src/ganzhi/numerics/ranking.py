"""Places in order, best first, and how far each is behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal


def ranks(values: Sequence[float | None], direction: Literal["higher", "lower"]) -> tuple[int | None, ...]:
    """Rank of each value, 1 for the best; equal values share the better rank, unknown ones have none.

    >>> ranks([10.0, None, 30.0, 30.0], "higher")
    (3, None, 1, 1)
    """
    sign = 1 if direction == "higher" else -1
    known = [sign * value for value in values if value is not None]
    return tuple(None if v is None else 1 + sum(other > sign * v for other in known) for v in values)


def behind(value: float, mark: float, direction: Literal["higher", "lower"]) -> float:
    """How far a value is on the bad side of a mark, in its own unit; below 0 when it is beyond the mark.

    >>> behind(80.0, 90.0, "higher"), behind(80.0, 90.0, "lower")
    (10.0, -10.0)
    """
    return mark - value if direction == "higher" else value - mark
