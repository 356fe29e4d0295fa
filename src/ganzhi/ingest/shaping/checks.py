"""The checks a row passes through, as numbered conditions, and the masks that record their outcome.

Every check has a number; a row carries one bit per failed check in columns of 60 bits each, so one
pass counts every breach and still knows the first. Checks are listed in the order of the feed's
columns, then the event-time window, then the feed's rules.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ganzhi.catalogue.model.parts import OnViolation

BITS = 60


@dataclass(frozen=True, slots=True)
class Check:
    """One condition that must not be true.

    reason: issue code. field: the feed column, or the rule. params: of the reason's message.
    source: the file's column whose text is shown as the value. blanks: columns that become unknown.
    quick: a cheaper condition that holds wherever `condition` does.
    """

    reason: str
    field: str
    condition: str
    effect: OnViolation = "reject"
    params: dict[str, str] = dataclasses.field(default_factory=dict)
    source: str | None = None
    blanks: tuple[str, ...] = ()
    quick: str | None = None

    @property
    def detail(self) -> str:
        """The message's parameters as JSON."""
        return json.dumps(self.params, ensure_ascii=False)


def suspect_sql(checks: Sequence[Check]) -> str:
    """SQL: some check may fail; the masks of all other rows are 0 without looking at them."""
    quick = dict.fromkeys(check.quick or check.condition for check in checks)
    return f"coalesce({' OR '.join(f'coalesce({each}, FALSE)' for each in quick) or 'FALSE'}, FALSE)"


def mask_columns(checks: Sequence[Check], effects: Iterable[OnViolation], prefix: str, suspect: str) -> dict[str, str]:
    """Mask columns over the checks with one of these effects; bit n of mask m is check 60 m + n."""
    wanted = frozenset(effects)
    columns: dict[str, str] = {}
    for start in range(0, max(len(checks), 1), BITS):
        bits = [
            f"CASE WHEN {check.condition} THEN {1 << n} ELSE 0 END"
            for n, check in enumerate(checks[start : start + BITS])
            if check.effect in wanted
        ]
        columns[f"{prefix}{start // BITS}"] = (
            f"CASE WHEN {suspect} THEN {' | '.join(f'CAST({bit} AS BIGINT)' for bit in bits)} ELSE 0::BIGINT END"
            if bits
            else "0::BIGINT"
        )
    return columns


def failed(masks: Sequence[int]) -> list[int]:
    """Numbers of the checks whose bits are set, lowest first.

    >>> failed([5, 1])
    [0, 2, 60]
    """
    found = []
    for place, mask in enumerate(masks):
        found += [place * BITS + bit for bit in range(BITS) if mask >> bit & 1]
    return found
