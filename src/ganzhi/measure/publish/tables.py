"""The shape of what is published: one file per table and period, in three tables per grain.

`observed/<grain>`: code × unit. numerator, denominator: exact to 9 places, NULL where they mean
nothing; value: NULL when unknown; completeness: of the period's days, above 0; estimated: of
distinct values beyond the declared size. A unit that has nothing of an indicator has no row; the
root unit has one wherever anything is known, and where its row has a value, a numerator and no
denominator, a unit without a row counted 0.
`scored/<grain>`: code × unit × use, where there is a score or too little of it (`low_coverage`).
level: `blue` to `red`, NULL on target; coverage: of roll-ups; n, small: of the indicator's own value.
`shared/<grain>`: parent × child × unit × use of those scores. share: weight over the weight
present; points: what the child gives, of a risk what it takes off; at_risk: NULL for a child that
is no risk. Assumes grains from a day up. `period` is the first local day, and the partition.
"""

from __future__ import annotations

from typing import Final, Literal

import pyarrow as pa

from ganzhi.base.periods import Grain

GRAINS: Final = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)
"""Grains that are published everywhere; a workspace with weeks of its own has those besides."""

WHOLE_DAYS: Final = tuple(grain for grain in Grain if grain.minutes is None)
"""Grains that can be published."""

Kind = Literal["observed", "scored", "shared"]
KINDS: Final[tuple[Kind, ...]] = ("observed", "scored", "shared")

EXACT: Final = pa.decimal128(38, 9)
"""Type of numerators and denominators."""

SCHEMAS: Final[dict[Kind, pa.Schema]] = {
    "observed": pa.schema(
        [
            ("period", pa.date32()),
            ("code", pa.string()),
            ("unit", pa.string()),
            ("numerator", EXACT),
            ("denominator", EXACT),
            ("n", pa.int64()),
            ("value", pa.float64()),
            ("completeness", pa.float64()),
            ("estimated", pa.bool_()),
        ]
    ),
    "scored": pa.schema(
        [
            ("period", pa.date32()),
            ("code", pa.string()),
            ("unit", pa.string()),
            ("use", pa.string()),
            ("points", pa.float64()),
            ("unclipped", pa.float64()),
            ("level", pa.string()),
            ("reason", pa.string()),
            ("coverage", pa.float64()),
            ("n", pa.int64()),
            ("small", pa.bool_()),
        ]
    ),
    "shared": pa.schema(
        [
            ("period", pa.date32()),
            ("parent", pa.string()),
            ("child", pa.string()),
            ("unit", pa.string()),
            ("use", pa.string()),
            ("weight", pa.float64()),
            ("share", pa.float64()),
            ("points", pa.float64()),
            ("at_risk", pa.float64()),
        ]
    ),
}

KEYS: Final[dict[Kind, tuple[str, ...]]] = {
    "observed": ("code", "unit"),
    "scored": ("use", "code", "unit"),
    "shared": ("use", "parent", "child", "unit"),
}
"""What the rows of a file are sorted by, and unique in."""


def table_name(kind: Kind, grain: Grain) -> str:
    """Manifest table of what is published.

    >>> table_name("scored", Grain.MONTH)
    'scored/month'
    """
    return f"{kind}/{grain.value.replace('-', '_')}"
