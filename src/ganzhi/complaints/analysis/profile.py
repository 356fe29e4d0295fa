"""Who complains: the share of each group among complainants against its share among all users (S003-029). Pure.

Both are counted in customers. A group is told from the others by two proportions, complainants against everybody
else, with the pooled variance; chances are adjusted for all groups looked at (Benjamini & Hochberg 1995).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from ganzhi.numerics.alarm.discovery import adjusted
from ganzhi.numerics.intervals import wilson

FEATURES: Final = ("brand", "arpu", "data_arpu", "voice", "value_added")
"""The five features of the source: brand, ARPU, data ARPU, duration of calls, value-added subscriptions."""
DISCOVERY: Final = 0.05
LEAST_EXPECTED: Final = 5.0
"""Complainants to be expected in a group, and outside it, below which it is not judged."""
Verdict = Literal["more", "fewer", "alike", "not_judged"]


@dataclass(frozen=True, slots=True)
class Group:
    """Customers of one value of a feature. value: empty for those of whom it is not known."""

    feature: str
    value: str
    complainants: int
    users: int


@dataclass(frozen=True, slots=True)
class Judged:
    """share: among complainants, with 95 % interval; user_share: among all users. adjusted: None where not judged."""

    group: Group
    share: float
    low: float
    high: float
    user_share: float
    adjusted: float | None
    verdict: Verdict

    @property
    def times(self) -> float | None:
        """How many times its share of users."""
        return self.share / self.user_share if self.user_share else None


def profile(groups: Sequence[Group]) -> tuple[Judged, ...]:
    """Groups of any number of features, in their order; shares are of those whose feature is known."""
    totals: dict[str, tuple[int, int]] = {}
    for each in groups:
        if each.value:
            complainants, users = totals.get(each.feature, (0, 0))
            totals[each.feature] = (complainants + each.complainants, users + each.users)
    known = [each for each in groups if each.value and all(totals[each.feature])]
    chances = [_chance(each, *totals[each.feature]) for each in known]
    looked = [chance for chance in chances if chance is not None]
    corrected = iter(adjusted(looked))
    found = []
    for each, chance in zip(known, chances, strict=True):
        complainants, users = totals[each.feature]
        interval = wilson(each.complainants, complainants)
        share, user_share = each.complainants / complainants, each.users / users
        level = None if chance is None else next(corrected)
        found.append(
            Judged(each, share, interval.low, interval.high, user_share, level, _verdict(share, user_share, level))
        )
    return tuple(found)


def _verdict(share: float, user_share: float, level: float | None) -> Verdict:
    if level is None:
        return "not_judged"
    if level > DISCOVERY:
        return "alike"
    return "more" if share > user_share else "fewer"


def _chance(group: Group, complainants: int, users: int) -> float | None:
    """Two-sided chance of so great a difference between complainants and the others; None where too few are expected."""
    others, here = users - complainants, group.users - group.complainants
    pooled = group.users / users
    if others <= 0 or here < 0 or min(complainants * pooled, complainants * (1 - pooled)) < LEAST_EXPECTED:
        return None
    spread = math.sqrt(pooled * (1 - pooled) * (1 / complainants + 1 / others))
    z = abs(group.complainants / complainants - here / others) / spread
    return math.erfc(z / math.sqrt(2))


BANDS: Final[Mapping[str, tuple[int, ...]]] = {
    "arpu": (3_000, 6_000, 10_000),
    "data_arpu": (1, 500, 2_000),
    "voice": (1, 100, 300),
    "value_added": (1, 2, 3),
}
"""Lower ends of all bands but the first: fen a month, fen a month, minutes a month, services subscribed to."""


def band(feature: str, value: int | None) -> str:
    """The band of a value by its lower end; empty where the value is not known.

    >>> band("arpu", 5_999), band("value_added", 7), band("voice", 0), band("voice", None)
    ('3000', '3', '0', '')
    """
    if value is None:
        return ""
    return str(max((end for end in BANDS[feature] if end <= value), default=0))
