"""Sample analysis: a reproducible random draw of records, and the shares of causes found in it (S003-017, S003-019).

The order of the draw is that of a hash of seed and record, so the same seed and records give the same sample
whatever order the records come in, on every machine; a larger sample holds the smaller one.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ganzhi.base.ids import digest
from ganzhi.base.periods import Grain, parse_period, period_of_day
from ganzhi.measure.open import States
from ganzhi.measure.records import MOST_PER_PAGE, RecordsRequest, records
from ganzhi.numerics.intervals import wilson
from ganzhi.store.findings.records import Finding, Sample
from ganzhi.warehouse.workplace import Workplace

SIZE: Final = 100
"""Records of a sample: shares are then known to ±10 points at worst (95 %)."""


@dataclass(frozen=True, slots=True)
class Share:
    """A cause's share of the records that were looked at, with its 95 % interval (Wilson)."""

    cause: str
    count: int
    of: int
    share: float
    low: float
    high: float


def seed_of(finding: str, period: str) -> str:
    """The seed of a finding's sample of a period."""
    return digest("sample", finding, period)


def draw(seed: str, rows: Iterable[str], size: int = SIZE) -> tuple[str, ...]:
    """`size` of the records, or all when there are fewer, in the order they were drawn.

    >>> draw("s", ["c", "a", "b"], 2) == draw("s", ["a", "b", "c"], 3)[:2]
    True
    """
    return tuple(heapq.nsmallest(size, set(rows), key=lambda row: (digest(seed, row), row)))


def shares(sample: Sample, found_in: Mapping[str, str] | None = None) -> tuple[Share, ...]:
    """The causes found so far, the most frequent first; of all records of the sample that were looked at.

    found_in: what was noted of records instead, e.g. `sample.phenomena`.
    """
    counted = Counter((sample.causes if found_in is None else found_in).values())
    of = counted.total()
    found = []
    for cause, count in sorted(counted.items(), key=lambda each: (-each[1], each[0])):
        interval = wilson(count, of)
        found.append(Share(cause, count, of, count / of, interval.low, interval.high))
    return tuple(found)


def sample_of(workplace: Workplace, reading: States, finding: Finding, size: int = SIZE) -> Sample:
    """A sample of the records behind a finding's first value; the same at every call as long as the records are.

    Raises: as `measure.records.records`.
    """
    rows = _references(workplace, reading, finding)
    seed = seed_of(finding.id, finding.first_period)
    return Sample(
        id=digest("sample-id", seed)[:32],
        finding=finding.id,
        period=finding.first_period,
        seed=seed,
        population=len(rows),
        rows=draw(seed, rows, size),
        causes={},
        drawn_at=workplace.clock.now(),
        version=1,
    )


def _references(workplace: Workplace, reading: States, finding: Finding) -> list[str]:
    """All records of the number as `load:line`; of a number of minutes those of its day, for states know no minutes."""
    period = parse_period(finding.first_period, workplace.zone)
    if period.grain.rank < Grain.QUARTER_HOUR.rank:
        period = period_of_day(Grain.DAY, period.first_day, workplace.zone)
    found: list[str] = []
    total = 1
    while len(found) < total:
        asked = RecordsRequest(
            finding.indicator,
            finding.unit,
            period,
            where=json.loads(finding.slice),
            limit=MOST_PER_PAGE,
            offset=len(found),
            stale="show",
        )
        page = records(workplace, reading, asked)
        if not page.records:
            break
        found.extend(f"{each.load}:{each.line}" for each in page.records)
        total = page.total
    return found
